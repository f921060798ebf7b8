/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A host: its address, its ports, its streams and datagram sockets. Packets,
 * calls of users and the time go in; packets and changes of readiness come
 * out. No clock, no system call but what malloc() makes, no global state.
 *
 * One thread at a time may be in a stack. After each call into it or into one
 * of its endpoints, stack_settle() until it returns false.
 */
#ifndef STACK_STACK_H
#define STACK_STACK_H

#include "../tcp/config.h"
#include "../tcp/port.h"
#include "../wire/icmp.h"
#include "blocked.h"
#include "cookies.h"
#include "fragments.h"
#include "ids.h"
#include "interface.h"
#include "memory.h"
#include "orphans.h"
#include "paths.h"
#include "plain.h"
#include "table.h"
#include "timers.h"

/* On its way to the link. */
struct stack_packet {
	const u8 *bytes;	/* from its IP header on */
	size_t size;
	const u8 *text;		/* what follows, in memory that was lent; NULL: nothing */
	size_t text_bytes;
	/* TCP's text in each of the segments that the link is to make of it; 0: it is one */
	u32 segment_bytes;
};

/* What the stack's owner does. Neither function may call into the stack. */
struct stack_ops {
	/*
	 * Where the next packet is to be built: room for the largest; NULL: the link has
	 * none. Without this function, it is memory of the stack's.
	 */
	u8 *(*reserve)(void *context);
	/*
	 * Where reserve() has none: has the link no room now, so that who can wait does until
	 * stack_resume()? NULL: never.
	 */
	bool (*is_full)(void *context);
	/* A packet leaves by the link. What the link has no room for is lost. */
	void (*transmit)(void *context, const struct stack_packet *packet);
	/*
	 * Memory for what a stream sends: the link gathers text there. NULL: the link has none,
	 * or no more. Without these functions, never.
	 */
	u8 *(*lend)(void *context, size_t size);
	void (*take_back)(void *context, u8 *memory);
	/* An endpoint that has an owner may be ready for something else now. */
	void (*changed)(void *context, struct endpoint *e);
	/* A connection may have moved; NULL: nobody wants to know. */
	void (*moved)(void *context, const struct endpoint *e, u64 now_us);
};

struct stack_counters {
	u64 rx_packets;
	u64 rx_malformed;	/* headers or checksums */
	u64 rx_not_for_us;	/* another destination, or a source that cannot be */
	u64 rx_fragments;	/* each of them; what they were together is counted as it is */
	u64 rx_no_protocol;
	u64 rx_no_port;		/* answered by a reset or an ICMP error */
	u64 rx_full;		/* a queue of datagrams had no room, nor had the loop */
	u64 tx_packets;
};

struct stack_config {
	struct interface interface;
	struct tcp_secret secret;	/* random */
	u16 port_first, port_last;	/* ephemeral ports */
	u16 only_port;			/* of ours that the link carries; 0: all */
	u8 only_protocol;		/* 0: all */
	bool checksums_verified;	/* all of them, by the link: the fields may lie */
	bool datagrams_cut;		/* by the link, where UDP's length ends */
	/* ... and completed, when sent: then verified as well, as what is from us to us has none */
	bool checksums_completed;
	bool headers_completed;		/* IPv4's checksum, too */
	bool packets_cut;		/* of IPv4, by what is below: longer ones may go there */
	u32 segments_max;		/* that the link makes of one packet; 0: none */
	u32 endpoints_max;
	u64 memory_max_bytes;		/* of connections' buffers; 0: no limit */
	const struct stack_ops *ops;
	void *context;			/* of ops */
};

/* ICMP errors that we send: RFC 1812, 4.3.2.8, RFC 4443, 2.4 (f). */
#define STACK_ICMP_PER_S	1000

/* What a new stream begins with; its user may change it. */
struct stream_defaults {
	struct tcp_config config;	/* but for its secret and MSS, which are the stack's */
	u32 tx_bytes, rx_bytes;
};

struct loop_packet;

struct stack {
	struct stack_config config;
	struct table table;
	struct timers timers;
	struct memory_list memory;
	struct orphan_list orphans[ORPHAN_KINDS];
	bool batch;
	struct stream *waiting;		/* those to which packets of the batch came */
	struct blocked_list blocked;
	struct tcp_ports tcp_ports, udp_ports;
	struct stack_counters counters;
	struct stream_defaults streams;
	struct cookies cookies;		/* of servers: RFC 7413 */
	struct fragments fragments;
	struct paths paths;
	struct plain plain;
	u32 endpoint_count;
	u32 icmp_sent;			/* in this second */
	u64 icmp_since_us;
	struct ids ids;
	struct loop_packet *loop_first, **loop_last;	/* from us to us */
	u32 loop_bytes;
	struct datagram_message *spares;	/* of short datagrams that were read */
	u32 spare_count;
	u8 *packet;			/* where one is built for which the link has no room */
	u8 *building;			/* what is being built, there or in the link */
};

/* -EINVAL for an interface, ports or checksums that cannot be, -ENOMEM. */
int stack_create(struct stack *s, const struct stack_config *config);

/* No endpoint may have an owner any more. Connections end by a reset. */
void stack_destroy(struct stack *s, u64 now_us);

/*
 * Takes a packet from the link. segment_bytes: it stands for datagrams of UDP with so many
 * bytes each, the last may be shorter; 0: it is one. (Segments of TCP need no such number.)
 */
void stack_input(struct stack *s, const u8 *bytes, size_t size, u32 segment_bytes, u64 now_us);

/*
 * Between these two, what packets cause waits: a batch of them is answered once, as it is
 * where a device joins them. No call of a user in between.
 */
void stack_batch_begin(struct stack *s);
void stack_batch_end(struct stack *s, u64 now_us);

/* When stack_tick() has something to do; UINT64_MAX: never. */
u64 stack_deadline(const struct stack *s);
void stack_tick(struct stack *s, u64 now_us);

/* Takes one packet from us to us; false if there is none. */
bool stack_settle(struct stack *s, u64 now_us);

/*
 * The link carries nothing any more: each connection is over, for that reason, and whoever
 * listens has changed. The peers are not told.
 */
void stack_end(struct stack *s, int error, u64 now_us);

/* The link has room again: what has waited goes, as far as there is. */
void stack_resume(struct stack *s, u64 now_us);

/* Does anything wait for that? */
static inline bool stack_is_blocked(const struct stack *s)
{
	return s->blocked.first;
}

static inline bool stack_has_own(const struct stack *s)
{
	return s->loop_first;
}

/* What follows is for the stack's own files. */

/* Where the text of the next packet of ours is to be written: room for 64 KiB. */
u8 *stack_payload(struct stack *s, u8 ip_version);

/*
 * The same of one to there, for who can wait: NULL, if the link has no room for it, or others
 * wait for some already.
 */
u8 *stack_payload_or_wait(struct stack *s, const struct tcp_flow *flow);

/* TCP's checksum, as much of it as the link wants. */
void stack_seal(const struct stack *s, u8 *bytes, size_t size, const struct tcp_flow *flow);

/* How a packet of an endpoint's goes. */
struct stack_sending {
	bool dont_fragment;
	u8 tos, ttl;
	/* one of several: stack_fragment_payload() is where it is written */
	bool fragment, more_fragments;
	u16 fragment_offset;
	u32 id;
	/* as of transmit() */
	u32 segment_bytes;
	const u8 *text;
	size_t text_bytes;
};

/* The same for a fragment; and what all of a packet's have in common. */
u8 *stack_fragment_payload(struct stack *s, u8 ip_version);
u32 stack_fragment_id(struct stack *s, const struct tcp_flow *flow);

/*
 * The largest packet that may go to remote, as far as is known. by_path: by what routers have
 * said, too. To us, any.
 */
u32 stack_mtu(const struct stack *s, const struct tcp_flow *flow, bool by_path);

/* Sends payload_bytes, all but its text at stack_payload(), from flow->local. */
void stack_send(struct stack *s, const struct endpoint *e, const struct tcp_flow *flow,
		const struct stack_sending *how, size_t payload_bytes);

/* Where all places are taken, a connection whose user has gone ends: by a reset, if it must. */
void stack_make_room(struct stack *s, u64 now_us);

/* Its fields, and its place in the stack. -ENOBUFS: too many, -ENOMEM. */
int stack_add(struct stack *s, struct endpoint *e, u8 protocol, u8 ip_version, void *owner);
void stack_remove(struct endpoint *e);

/*
 * As bind(): port 0 chooses one. -EADDRNOTAVAIL: not an address of ours,
 * -EADDRINUSE: by another, or (config.only_port) the link does not carry it; -EINVAL: it
 * is bound.
 */
int stack_bind(struct endpoint *e, const struct tcp_endpoint *local);

/*
 * Makes flow->local complete for flow->remote, a port included, if it has none.
 * -ENETUNREACH: no address to send from, -EADDRNOTAVAIL: the flow is taken, or
 * no port is free. Whose port was chosen before (by bind(), by the link) may get the flow of a
 * connection in TIME-WAIT that gives way (tcp_connection_gives_way()), and is to end that.
 */
int stack_route(struct endpoint *e, struct tcp_flow *flow);

static inline void stack_changed(struct endpoint *e)
{
	if (e->owner)
		e->stack->config.ops->changed(e->stack->config.context, e);
}

#endif
