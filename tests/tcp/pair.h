/* SPDX-License-Identifier: GPL-2.0 */
/* Two stacks and a wire between them, in virtual time. */
#ifndef TESTS_TCP_PAIR_H
#define TESTS_TCP_PAIR_H

#include "libnetchannel/stack/datagram.h"
#include "libnetchannel/stack/stack.h"
#include "libnetchannel/stack/stream.h"

#define PAIR_DELAY_US	1000

struct pair_packet;

struct pair_host {
	struct pair *pair;
	struct stack stack;
	u64 changes;			/* calls of changed() */
	u32 lose;			/* so many of the packets that it sends next are lost, */
	u32 loss_ppm;			/* and these of all */
	bool dont_fragment;		/* was in what it has sent last, over IPv4, */
	u16 id;				/* and this */
	bool full;			/* its link has no room, ... */
	u64 overflows;			/* ... which these did not wait for: they are lost */
	bool takes_any;			/* its link does, whatever the MTU is */
	bool wrong_checksums;		/* of its TCP, over IPv4 */
	/* a bottleneck for what it sends, whose queue is full when it would take longer */
	u64 rate_bytes_per_s, queue_us;	/* 0: none */
	u64 free_us;			/* when it has sent what is in it */
	u64 dropped;
	struct pair_packet *first, **last;	/* on their way to the other host */
};

struct pair {
	struct pair_host hosts[2];
	u64 now_us;
	u64 delay_us;			/* of the wire, one way: PAIR_DELAY_US at first */
	u64 random;
};

/* Host 0 is 192.0.2.1 and fd00::1, host 1 is 192.0.2.2 and fd00::2. */
void pair_create(struct pair *p, u32 mtu_bytes);
void pair_destroy(struct pair *p);

/* A packet, or a timer; false: nothing happens until then. */
bool pair_step(struct pair *p, u64 until_us);
void pair_run(struct pair *p, u64 duration_us);

/* What a host has sent last, and is on its way, is lost. */
void pair_drop_last(struct pair *p, int host);

/* The address of a host, and a port. */
struct tcp_endpoint pair_endpoint(u8 ip_version, int host, u16 port);

/* stack_bind() to these. */
int pair_bind(struct endpoint *e, int host, u16 port);

#endif
