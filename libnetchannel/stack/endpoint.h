/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What streams and datagram sockets have in common: addresses, errors, a timer. */
#ifndef STACK_ENDPOINT_H
#define STACK_ENDPOINT_H

#include "../tcp/flow.h"
#include "../wire/ip.h"

struct stack;

/* What poll() would say. */
enum endpoint_event {
	ENDPOINT_IN = 1 << 0,
	ENDPOINT_OUT = 1 << 1,
	ENDPOINT_RDHUP = 1 << 2,
	ENDPOINT_HUP = 1 << 3,
	ENDPOINT_ERR = 1 << 4,
	ENDPOINT_PRI = 1 << 5,		/* urgent data */
};

/* How the path's MTU is looked for: Linux's IP_MTU_DISCOVER, and its numbers. */
enum mtu_discovery {
	MTU_DISCOVERY_DONT,		/* what is too long is cut, anywhere */
	MTU_DISCOVERY_WANT,		/* ... by us, where the path's MTU is known */
	MTU_DISCOVERY_DO,		/* it is refused */
	MTU_DISCOVERY_PROBE,		/* the same, by the interface's MTU */
	MTU_DISCOVERY_INTERFACE,	/* the same, and routers may cut */
	MTU_DISCOVERY_OMIT,		/* it is cut by the interface's MTU, and by routers */
};

#define ENDPOINT_NO_TIMER	UINT32_MAX

/* What the stack only keeps for users; a connection has its listener's. */
struct endpoint_options {
	bool linger;			/* SO_LINGER */
	bool broadcast, dont_route;	/* SO_BROADCAST, SO_DONTROUTE */
	bool no_port;			/* IP_BIND_ADDRESS_NO_PORT: connect() chooses it */
	bool has_address;		/* bound so: to an address, and to no port */
	bool tells_unread;		/* TCP_INQ */
	bool zerocopy;			/* SO_ZEROCOPY */
	int linger_s;
	u64 rx_timeout_us, tx_timeout_us;	/* 0: none */
};

struct endpoint {
	struct stack *stack;
	void *owner;			/* told of changes; NULL: the user has gone */
	u8 protocol;			/* enum ip_protocol */
	u8 tos;				/* of packets that are sent; of TCP, without ECN */
	u8 ttl;
	u8 mtu_discovery;		/* enum mtu_discovery */
	bool reuse_address;		/* SO_REUSEADDR */
	bool bound;			/* in the table of ports */
	bool connected;			/* in the table of flows */
	bool listening;
	int error;			/* SO_ERROR: a negative errno, told once */
	/* local.port 0: not bound; remote.port 0: not connected */
	struct tcp_flow flow;
	struct endpoint *next_port;	/* of the same port's hash */
	struct endpoint *next_flow;	/* of the same flow's hash */
	struct endpoint_options options;
	u64 deadline_us;
	u32 timer_index;		/* in the heap of timers */
};

/* The error that waits, once: a negative errno, or 0. */
static inline int endpoint_take_error(struct endpoint *e)
{
	int error = e->error;

	e->error = 0;
	return error;
}

#endif
