/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whom a packet is for: the endpoints by flow, and by local port. */
#ifndef STACK_TABLE_H
#define STACK_TABLE_H

#include "../tcp/isn.h"
#include "endpoint.h"

struct table {
	struct endpoint **flows;	/* by keyed hash */
	struct endpoint **ports;	/* by the port itself */
	u32 size;			/* of flows, a power of two */
	u32 flow_count;
	struct endpoint *last;		/* that was found by its flow: packets come in rows */
	/* What was hashed last: who is not found is often added next. protocol 0: nothing. */
	struct {
		struct tcp_flow flow;
		u64 hash;
		u8 protocol;
	} hashed;
};

#define TABLE_PORTS	4096		/* buckets */

int table_create(struct table *t);
void table_destroy(struct table *t);

/* Its flow, or its local port, is known from now on. */
void table_add_flow(struct table *t, const struct tcp_secret *secret, struct endpoint *e);
void table_add_port(struct table *t, struct endpoint *e);

/* No more; nothing happens if it was not. */
void table_remove_flow(struct table *t, const struct tcp_secret *secret, struct endpoint *e);
void table_remove_port(struct table *t, struct endpoint *e);

struct endpoint *table_find_flow(struct table *t, const struct tcp_secret *secret,
				 u8 protocol, const struct tcp_flow *flow);

/*
 * Who takes what comes to flow->local without a connection: of TCP, a listener.
 * One that is bound to the address goes before one of all addresses.
 */
struct endpoint *table_find_port(const struct table *t, u8 protocol,
				 const struct tcp_flow *flow);

/*
 * Would binding e to flow->local collide with another that is bound, or with a connection
 * that is not, such as one in TIME-WAIT? As bind() of Linux. The second looks at all flows.
 */
bool table_port_taken(const struct table *t, const struct endpoint *e,
		      const struct tcp_flow *flow);
bool table_port_has_flows(const struct table *t, const struct endpoint *e,
			  const struct tcp_flow *flow);

#endif
