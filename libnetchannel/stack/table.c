// SPDX-License-Identifier: LGPL-2.1-or-later
#include "table.h"

#include <errno.h>
#include <stdlib.h>

#include "interface.h"

#define FLOWS_MIN	64

int table_create(struct table *t)
{
	*t = (struct table){
		.flows = calloc(FLOWS_MIN, sizeof(*t->flows)),
		.ports = calloc(TABLE_PORTS, sizeof(*t->ports)),
		.size = FLOWS_MIN,
	};
	if (t->flows && t->ports)
		return 0;
	table_destroy(t);
	return -ENOMEM;
}

void table_destroy(struct table *t)
{
	free(t->flows);
	free(t->ports);
	*t = (struct table){ 0 };
}

static struct endpoint **port_bucket(const struct table *t, u16 port)
{
	return &t->ports[port % TABLE_PORTS];
}

static bool same_address(u8 version, const struct tcp_endpoint *a, const struct tcp_endpoint *b)
{
	return ip_same_address(version, a->address, b->address);
}

static bool same_flow(const struct tcp_flow *a, const struct tcp_flow *b)
{
	return a->ip_version == b->ip_version && a->local.port == b->local.port &&
		a->remote.port == b->remote.port &&
		same_address(a->ip_version, &a->local, &b->local) &&
		same_address(a->ip_version, &a->remote, &b->remote);
}

static u64 flow_hash(const struct tcp_secret *secret, u8 protocol, const struct tcp_flow *flow)
{
	return tcp_flow_hash(secret, TCP_HASH_TABLE, flow, protocol, 0);
}

static struct endpoint **flow_bucket(struct table *t, const struct tcp_secret *secret,
				     u8 protocol, const struct tcp_flow *flow)
{
	if (t->hashed.protocol != protocol || !same_flow(&t->hashed.flow, flow)) {
		t->hashed.flow = *flow;
		t->hashed.hash = flow_hash(secret, protocol, flow);
		t->hashed.protocol = protocol;
	}
	return &t->flows[t->hashed.hash & (t->size - 1)];
}

/* Twice as many buckets. Without memory for them, chains are longer, no more. */
static void grow(struct table *t, const struct tcp_secret *secret)
{
	u32 size = 2 * t->size;
	struct endpoint **flows = calloc(size, sizeof(*flows));

	if (!flows)
		return;
	for (u32 i = 0; i < t->size; i++) {
		struct endpoint *e, *next;

		for (e = t->flows[i]; e; e = next) {
			struct endpoint **b = &flows[flow_hash(secret, e->protocol, &e->flow) &
						     (size - 1)];

			next = e->next_flow;
			e->next_flow = *b;
			*b = e;
		}
	}
	free(t->flows);
	t->flows = flows;
	t->size = size;
}

void table_add_flow(struct table *t, const struct tcp_secret *secret, struct endpoint *e)
{
	struct endpoint **b;

	if (++t->flow_count > t->size)
		grow(t, secret);
	b = flow_bucket(t, secret, e->protocol, &e->flow);
	e->next_flow = *b;
	*b = e;
	e->connected = true;
	t->last = NULL;		/* of UDP, several may have one flow: the newest hears it */
}

void table_remove_flow(struct table *t, const struct tcp_secret *secret, struct endpoint *e)
{
	struct endpoint **b;

	if (!e->connected)
		return;
	b = flow_bucket(t, secret, e->protocol, &e->flow);
	while (*b != e)
		b = &(*b)->next_flow;
	*b = e->next_flow;
	e->connected = false;
	t->flow_count--;
	if (t->last == e)
		t->last = NULL;
}

void table_add_port(struct table *t, struct endpoint *e)
{
	struct endpoint **b = port_bucket(t, e->flow.local.port);

	e->next_port = *b;
	*b = e;
	e->bound = true;
}

void table_remove_port(struct table *t, struct endpoint *e)
{
	struct endpoint **b;

	if (!e->bound)
		return;
	b = port_bucket(t, e->flow.local.port);
	while (*b != e)
		b = &(*b)->next_port;
	*b = e->next_port;
	e->bound = false;
}

static bool is_of(const struct endpoint *e, u8 protocol, const struct tcp_flow *flow)
{
	return e->protocol == protocol && same_flow(&e->flow, flow);
}

struct endpoint *table_find_flow(struct table *t, const struct tcp_secret *secret,
				 u8 protocol, const struct tcp_flow *flow)
{
	struct endpoint *e = t->last;

	if (e && is_of(e, protocol, flow))
		return e;
	e = *flow_bucket(t, secret, protocol, flow);
	while (e && !is_of(e, protocol, flow))
		e = e->next_flow;
	if (e)
		t->last = e;
	return e;
}

struct endpoint *table_find_port(const struct table *t, u8 protocol,
				 const struct tcp_flow *flow)
{
	struct endpoint *e, *any = NULL;

	for (e = *port_bucket(t, flow->local.port); e; e = e->next_port) {
		if (e->protocol != protocol || e->connected ||
		    e->flow.ip_version != flow->ip_version ||
		    e->flow.local.port != flow->local.port)
			continue;
		if (protocol == IP_PROTOCOL_TCP && !e->listening)
			continue;
		if (same_address(flow->ip_version, &e->flow.local, &flow->local))
			return e;
		if (!any && interface_is_any(flow->ip_version, e->flow.local.address))
			any = e;
	}
	return any;
}

/* Of e and another one at the same port: do their addresses meet, and do not both allow it? */
static bool collide(const struct endpoint *e, const struct endpoint *other,
		    const struct tcp_flow *flow)
{
	if (other == e || other->protocol != e->protocol ||
	    other->flow.ip_version != flow->ip_version ||
	    other->flow.local.port != flow->local.port)
		return false;
	if (!same_address(flow->ip_version, &other->flow.local, &flow->local) &&
	    !interface_is_any(flow->ip_version, other->flow.local.address) &&
	    !interface_is_any(flow->ip_version, flow->local.address))
		return false;
	return !e->reuse_address || !other->reuse_address || other->listening;
}

bool table_port_taken(const struct table *t, const struct endpoint *e,
		      const struct tcp_flow *flow)
{
	struct endpoint *other;

	for (other = *port_bucket(t, flow->local.port); other; other = other->next_port) {
		if (collide(e, other, flow))
			return true;
	}
	return false;
}

bool table_port_has_flows(const struct table *t, const struct endpoint *e,
			  const struct tcp_flow *flow)
{
	struct endpoint *other;

	if (e->protocol != IP_PROTOCOL_TCP)
		return false;
	for (u32 i = 0; i < t->size; i++) {
		for (other = t->flows[i]; other; other = other->next_flow) {
			if (collide(e, other, flow))
				return true;
		}
	}
	return false;
}
