/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A UDP socket without a system: addresses and a queue. */
#ifndef STACK_DATAGRAM_H
#define STACK_DATAGRAM_H

#include "../wire/icmp.h"
#include "../wire/udp.h"
#include "endpoint.h"

struct datagram_message {
	struct datagram_message *next;
	struct tcp_flow flow;		/* local: to whom; remote: from whom */
	u8 tos, ttl;
	size_t size;
	u8 bytes[];
};

struct datagram {
	struct endpoint endpoint;
	struct datagram_message *first, **last;
	size_t queued_bytes;		/* with what each message costs beside its bytes */
	size_t rx_bytes;		/* so many at most: SO_RCVBUF */
	bool rx_shutdown, tx_shutdown;
};

static inline struct datagram *datagram_of(struct endpoint *e)
{
	return (struct datagram *)e;	/* its first member */
}

/* -ENOBUFS: the stack has as many endpoints as it may; -ENOMEM. */
int datagram_create(struct datagram **d, struct stack *s, u8 ip_version, void *owner);
void datagram_destroy(struct datagram *d);

/* A remote port of 0 ends the connection. As stack_route(). */
int datagram_connect(struct datagram *d, const struct tcp_endpoint *remote);

/**
 * datagram_send() - send one datagram
 * @remote: NULL: to whom it is connected
 *
 * Return: 0, or -EDESTADDRREQ, -EMSGSIZE (larger than the interface's MTU:
 * nothing is fragmented), -EPIPE, an error that waited, or as stack_route().
 */
int datagram_send(struct datagram *d, const struct tcp_endpoint *remote, const u8 *bytes,
		  size_t size);

/*
 * The first message, which stays with peek and is the caller's to free()
 * without. NULL: none is there.
 */
struct datagram_message *datagram_recv(struct datagram *d, bool peek);

/* For ever. -ENOTCONN, but done as well, as Linux has it for UDP. */
int datagram_shutdown(struct datagram *d, bool rx, bool tx);

/* enum endpoint_event */
unsigned int datagram_events(const struct datagram *d);

/* What follows is for stack.c. */
void datagram_input(struct datagram *d, const struct ip_packet *packet,
		    const struct tcp_flow *flow, const struct udp_datagram *datagram);
void datagram_icmp(struct datagram *d, const struct icmp_error *error);

#endif
