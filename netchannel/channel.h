/* SPDX-License-Identifier: GPL-2.0 */
/* A channel: one flow, claimed for the owner of a file descriptor. */
#ifndef NETCHANNEL_CHANNEL_H
#define NETCHANNEL_CHANNEL_H

#include "demux.h"
#include "queue.h"

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/wait.h>

#include <netchannel.h>

struct bpf_prog;
struct file;
struct dst_entry;
struct netchannel_fast;
struct netchannel_net;
struct netchannel_port;
struct netchannel_quota;
struct netchannel_ring;

enum netchannel_state {
	NETCHANNEL_NEW,		/* opened; all but lock, state, rx and readiness is unset */
	NETCHANNEL_BOUND,	/* created; what is marked fixed never changes again */
};

/* Of 504 bytes, but where locks are debugged: more than 512 would cost as much as 1,024. */
struct netchannel {
	struct rhash_head node;		/* in the demux, when there is a remote */
	struct netchannel_flow flow;	/* fixed */
	struct netchannel_port *port;	/* fixed; one of its users */
	struct netchannel_net *nn;	/* fixed; the port holds the namespace */
	u32 type;			/* fixed: NETCHANNEL_TYPE_* */
	u32 format;			/* fixed: NETCHANNEL_FORMAT_* */
	u32 flags;			/* fixed: those of CREATE */
	int ifindex;			/* fixed: of the only device to use; 0: any */
	u64 id;				/* fixed */

	struct mutex lock;		/* NEW to BOUND happens once */
	enum netchannel_state state;	/* read by netchannel_is_bound() */
	int ingress_ifindex;		/* fixed: FAST: where it takes packets; 0: nowhere */

	struct netchannel_quota *quota;	/* fixed: the owner's, in which it counts */
	struct bpf_prog *filter;	/* fixed: of type RAW; NULL: all is wanted */

	struct netchannel_queue rx;
	struct netchannel_ring *ring;	/* fixed: type RING, else NULL */
	/* Fixed: type GROUP, else NULL. Whose ring it fills, held by its file. */
	struct netchannel *group;
	struct file *group_file;
	u64 cookie;			/* fixed: by which the owner knows it there */

	/* The route to the remote, with IPv6's mark of its age. RCU to read. */
	struct dst_entry __rcu *route;
	u32 route_cookie;		/* written after route, read before it */
	spinlock_t route_lock;		/* of those who write the two */
	atomic64_t tx_packets, tx_bytes, tx_errors;

	/* Of what is sent to groups; read and written without a lock. 0: 1, the route's. */
	u8 multicast_ttl;
	int multicast_ifindex;

	struct netchannel_fast *fast;	/* guarded by nn->lock; FAST, else NULL */
	/* FAST without a remote: the routing tables' generation and the last good source */
	u64 judged_source;
	struct list_head list;		/* nn->channels; guarded by nn->lock */
	struct list_head readiness;	/* that its descriptor made; readiness.c guards it */
	/* on the port's queue of senders, whose lock guards it, while a poller waits for room */
	struct wait_queue_entry room;
	struct rcu_head rcu;
};

/* A descriptor's channel, NEW; NULL when out of memory. */
struct netchannel *netchannel_alloc(void);

/*
 * NEW to BOUND as *r says. Fills in r->local and r->id, and calls tell()
 * before anything is final: what it returns is the whole's result if not 0.
 */
int netchannel_create(struct netchannel *ch, struct netchannel_create *r,
		      int (*tell)(const struct netchannel_create *r,
				  void __user *to),
		      void __user *to);

struct netchannel_deadline;

/*
 * NEW to BOUND as a child of the listener, for the flow of the oldest packet that
 * waits there, which moves with all of its flow. Otherwise as netchannel_create().
 */
int netchannel_accept(struct netchannel *ch, struct netchannel *listener,
		      struct netchannel_accept *r,
		      const struct netchannel_deadline *deadline,
		      int (*tell)(const struct netchannel_accept *r, void __user *to),
		      void __user *to);

/* The descriptor is closed: nobody else is inside but the hook. */
void netchannel_destroy(struct netchannel *ch);

/* After true, what is fixed may be read without a lock. */
static inline bool netchannel_is_bound(const struct netchannel *ch)
{
	/* pairs with publish() */
	return smp_load_acquire(&ch->state) == NETCHANNEL_BOUND;
}

static inline bool netchannel_has_remote(const struct netchannel *ch)
{
	return netchannel_flow_has_remote(&ch->flow);
}

static inline int netchannel_channel_family(const struct netchannel *ch)
{
	return netchannel_flow_family(&ch->flow);
}

static inline bool netchannel_is_fast(const struct netchannel *ch)
{
	return ch->flags & NETCHANNEL_FAST;
}

/* Does it fill a ring, its own or another one's? */
static inline bool netchannel_has_ring(const struct netchannel *ch)
{
	return ch->ring || ch->group;
}

/* Do packets wait in rx until they are read? */
static inline bool netchannel_has_queue(const struct netchannel *ch)
{
	return ch->type == NETCHANNEL_TYPE_COPY || ch->type == NETCHANNEL_TYPE_RAW;
}

/* Does it want packets that came as one frame whole, and not one by one? */
static inline bool netchannel_takes_frames(const struct netchannel *ch)
{
	return netchannel_has_ring(ch) || ch->type == NETCHANNEL_TYPE_DISCARD;
}

/* The bounds of netchannel_create.rx_bytes for the caller, and its default. */
u32 netchannel_rx_bytes_max(void);
u32 netchannel_rx_bytes_default(void);
#define NETCHANNEL_RX_BYTES_MIN	4096

void netchannel_read_stats(struct netchannel *ch, struct netchannel_stats *s);
void netchannel_read_info(struct netchannel *ch, struct netchannel_info *info);

#endif
