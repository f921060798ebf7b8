/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A UDP socket without a system: addresses and a queue. */
#ifndef STACK_DATAGRAM_H
#define STACK_DATAGRAM_H

#include "../wire/icmp.h"
#include "../wire/udp.h"
#include "endpoint.h"
#include "plan.h"

struct datagram_message {
	struct datagram_message *next;
	struct tcp_flow flow;		/* local: to whom; remote: from whom */
	u8 tos, ttl;
	u32 segment_bytes;		/* of each of the datagrams joined in it; 0: it is one */
	size_t size;
	u8 bytes[];
};

/* What the network says of one that was sent: Linux's IP_RECVERR. */
struct datagram_report {
	struct datagram_report *next;
	struct tcp_flow flow;		/* of what was sent */
	int error;			/* a negative errno */
	u8 type, code;			/* of ICMP */
	u32 info;			/* as of struct icmp_error */
	u8 tos, ttl;			/* of the message itself, ... */
	struct tcp_endpoint sender;	/* ... and who sent it; no port */
	size_t size;
	u8 bytes[];			/* as much of the payload as it quotes */
};

/* How one goes, where the socket's options do not say it. */
struct datagram_sending {
	const u8 *source;		/* an address of ours; NULL: as bound, or as routed */
	u8 tos, ttl;
	bool more;			/* another part of it follows */
	bool dont_cut;			/* IPV6_DONTFRAG */
	u32 segment_bytes;		/* it goes as datagrams of so many bytes; 0: it is one */
};

/* A datagram whose parts come by several calls: Linux's MSG_MORE, UDP_CORK. */
struct datagram_held {
	bool begun;
	bool whole;			/* no part follows: it goes when the link has room */
	struct tcp_flow flow;		/* where its first part was sent to, ... */
	struct datagram_sending how;	/* ... and how */
	u8 *bytes;			/* as large as it may become, once there is a part */
	size_t size;
};

struct datagram {
	struct endpoint endpoint;
	struct datagram_message *first, **last;
	size_t queued_bytes;		/* with what each message costs beside its bytes */
	size_t rx_bytes;		/* so many at most: SO_RCVBUF, ... */
	bool rx_is_set;			/* ... which has been set */
	bool rx_shutdown, tx_shutdown;
	bool is_predicted;		/* it is connected, and prediction_may_come() */
	bool joins;			/* what the link has joined is one message: UDP_GRO */
	u16 segment_bytes;		/* of what is sent: UDP_SEGMENT; 0: it is one */
	struct plan plan;
	bool cork;			/* UDP_CORK: each call is a part, until datagram_push() */
	struct datagram_held held;
	u32 receives;			/* the user's: control messages that he wants */
	bool dont_cut;			/* IPV6_DONTFRAG */
	bool wants_reports;		/* IP_RECVERR: of all errors, connected or not */
	struct datagram_report *first_report, **last_report;	/* in queued_bytes, too */
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
 * datagram_send() - send one datagram, or a part of one
 * @remote: NULL: to whom it is connected. It is not looked at where a part is held.
 *
 * Return: 0, or -EDESTADDRREQ, -EMSGSIZE (larger than a datagram can be, or than the MTU
 * where it may not be cut), -EPIPE, an error that waited, -ENOMEM, or as stack_route(). What
 * was held is lost then.
 */
int datagram_send(struct datagram *d, const struct tcp_endpoint *remote, const u8 *bytes,
		  size_t size);

struct datagram_sending datagram_defaults(const struct datagram *d);

/*
 * The same. Besides, -EINVAL: source is not ours, or the segments are more than
 * DATAGRAM_SEGMENTS_MAX. -EMSGSIZE if a segment with its headers is larger than the MTU: none
 * of these is cut.
 */
int datagram_send_as(struct datagram *d, const struct tcp_endpoint *remote,
		     const struct datagram_sending *how, const u8 *bytes, size_t size);

#define DATAGRAM_SEGMENTS_MAX	64	/* Linux's UDP_MAX_SEGMENTS */

/*
 * As datagram_send() to whom it is connected, in few instructions, where nothing is special.
 * false: something is, or the link has no room, and nothing was done.
 */
bool datagram_send_plain(struct datagram *d, const u8 *bytes, size_t size);

/* What is held goes as it is, or never, if there is any. */
void datagram_push(struct datagram *d);
void datagram_forget_held(struct datagram *d);

/*
 * Would datagram_send_as() refuse it? As there, but that a later part, too, is told of an
 * error that waits and of the end: it is asked by who waits.
 */
int datagram_check(struct datagram *d, const struct tcp_endpoint *remote,
		   const struct datagram_sending *how, size_t size);

/* As how many packets would it go? */
u32 datagram_packets(const struct datagram *d, const struct tcp_endpoint *remote,
		     const struct datagram_sending *how, size_t size);

/* Is it for the stack itself, and no link's concern? */
bool datagram_stays(const struct datagram *d, const struct tcp_endpoint *remote);

/*
 * The first message, which stays with peek and is the caller's to free()
 * without. NULL: none is there.
 */
struct datagram_message *datagram_recv(struct datagram *d, bool peek);

/*
 * The payload of a packet that the link has, for who reads it at once, in place of stack_input()
 * and datagram_recv(): they would come to the same. NULL: they may not, and nothing was done.
 */
const u8 *datagram_take(struct datagram *d, const u8 *bytes, size_t size, size_t *payload_bytes);

/* In place of free(): what is short is kept for the next. */
void datagram_message_done(struct datagram *d, struct datagram_message *m);

/*
 * The first report, which is the caller's to free(); NULL: none is there. The error that waits
 * is that of the next one then, or none.
 */
struct datagram_report *datagram_recv_report(struct datagram *d);
void datagram_want_reports(struct datagram *d, bool wanted);

/* For ever. -ENOTCONN, but done as well, as Linux has it for UDP. */
int datagram_shutdown(struct datagram *d, bool rx, bool tx);

/* enum endpoint_event */
unsigned int datagram_events(const struct datagram *d);

/* The path's MTU, where it is connected: IP_MTU. */
u32 datagram_path_mtu(const struct datagram *d);

/* What follows is for stack.c. */

/* Of messages that are done. */
void datagram_free_spares(struct stack *s);

/* May routers say what the path's MTU is? */
bool datagram_believes_routers(const struct datagram *d);

void datagram_input(struct datagram *d, const struct ip_packet *packet,
		    const struct tcp_flow *flow, const struct udp_datagram *datagram,
		    u32 segment_bytes);
void datagram_icmp(struct datagram *d, const struct ip_packet *packet,
		   const struct icmp_error *error);

#endif
