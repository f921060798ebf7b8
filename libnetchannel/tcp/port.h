/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Local ports that a stranger cannot guess: RFC 6056. */
#ifndef TCP_PORT_H
#define TCP_PORT_H

#include "isn.h"

#define TCP_PORT_COUNTERS	16	/* a power of two: RFC 6056, 3.3.4 has 10 */

struct tcp_ports {
	u16 first;		/* ephemeral ports: first to last */
	u16 last;
	u32 counters[TCP_PORT_COUNTERS];
};

/* The range that ports come of; -EINVAL if it is empty or has port 0. */
int tcp_ports_start(struct tcp_ports *ports, const struct tcp_secret *secret, u16 first, u16 last);

/**
 * tcp_port_choose() - a local port for a new connection
 * @flow: its addresses and its remote port; the local port is written
 * @in_use: is this flow, or its local port, taken?
 *
 * Double-hash port selection (RFC 6056, 3.3.4): ports to one peer follow each
 * other and so come again as late as they can, from a place that only the
 * secret tells; what one peer sees tells nothing of the others.
 *
 * Return: 0, or -EADDRNOTAVAIL if all ports are in use.
 */
int tcp_port_choose(struct tcp_ports *ports, const struct tcp_secret *secret,
		    struct tcp_flow *flow,
		    bool (*in_use)(void *context, const struct tcp_flow *flow), void *context);

#endif
