/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The short way of what a connection says: a segment of tcp/plain.c, written where the link wants
 * it behind a header that is the last one's but for its length.
 */
#ifndef STACK_PLAIN_H
#define STACK_PLAIN_H

#include "../wire/ip.h"

struct endpoint;
struct stream;

/* One of a stack: of the connection that has sent last. */
struct plain {
	const struct endpoint *of;	/* NULL: of none */
	u8 tos, ttl;			/* of the endpoint, when it was made */
	u16 pseudo_sum;			/* of TCP's checksum, without the length */
	u8 header[IPV6_HEADER_BYTES];
};

/* It goes, or has another flow from now on. */
static inline void plain_forget(struct plain *p, const struct endpoint *e)
{
	if (p->of == e)
		p->of = NULL;
}

/*
 * Sends what there is to be sent, as stack_send() would what tcp_output() makes. false: they have
 * to, and nothing was done.
 */
bool plain_send(struct stream *s, u64 now_us);

#endif
