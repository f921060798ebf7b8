// SPDX-License-Identifier: GPL-2.0
#include "kick.h"
#include "channel.h"
#include "chunks.h"
#include "copy.h"
#include "deadline.h"
#include "flight.h"
#include "output.h"
#include "packet.h"
#include "port.h"
#include "ring.h"
#include "route.h"
#include "send.h"
#include "uninitialized.h"

#include <linux/bottom_half.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <linux/nospec.h>
#include <linux/numa.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/dst.h>
#include <net/route.h>
#include <net/sock.h>

/*
 * So many packets and bytes go out with softirqs off, which then run once for
 * all: fewer would cost more, more would make others wait.
 */
#define BATCH_PACKETS	64
#define BATCH_BYTES	(256 * 1024)

/* What kernels of both versions can split. */
#define SEGMENTS_MAX	64

/* What one page holds together with headers below ours, so that the packet is linear. */
#define TEMPLATE_PAYLOAD_MAX	2048
#define TEMPLATE_RESERVE_MAX	1024
#define TEMPLATE_HEADERS	(NETCHANNEL_IPV4_BYTES + NETCHANNEL_UDP_BYTES)

/* Of a packet whose text is in chunks: room for IPv6's header, and TCP's with its options. */
#define CHUNKED_LINEAR_BYTES	(NETCHANNEL_IPV6_BYTES + 60)

/*
 * What is sent may lie in a queue for as long as its owner likes: its data are none of the
 * reserves, which are for short use (its head is of the processor's cache, which the kernel fills
 * from them, too, where it must). Nor can memory be waited for, as softirqs are off.
 */
#define PACKET_GFP	(GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC)

/*
 * An offset that is checked: nor does a processor that guesses begin to read elsewhere meanwhile.
 * The length it may guess, and then reads on, first where no memory is: vmap()'s guard page.
 */
static u32 in_arena(const struct netchannel_ring *ring, u32 offset)
{
	return array_index_nospec(offset, ring->layout.arena_bytes + 1);
}

/* What one descriptor asks for, in copies that its owner cannot change. */
struct request {
	struct netchannel_descriptor descriptor;
	u8 headers[NETCHANNEL_HEADER_BYTES_MAX];	/* format PACKET */
	const u8 *options, *text;	/* in the arena: anything, at any time */
	u32 payload_bytes;		/* of both */
	u32 option_bytes;		/* TCP's; each segment has them */
};

/* The way of a packet or, to the channel's remote, of a batch. */
struct way {
	struct dst_entry *dst;
	u32 mtu;
	/* for the headers and trailers of whoever comes after us */
	u32 head_bytes, tail_bytes;
	struct netchannel_hop hop;
	bool has_template;		/* the ring's is for most of a batch's packets: */
	u32 template_payload_max;	/* so long at most */
	u8 alike[TEMPLATE_HEADERS];	/* format PACKET: whose own headers say the same */
};

static u32 slot_to_take(const struct netchannel_ring *ring)
{
	return netchannel_ring_place(ring->tx_taken, ring->layout.tx_slots);
}

static u32 text_bytes(const struct request *r)
{
	return r->payload_bytes - r->option_bytes;
}

static u32 text_offset(const struct netchannel_ring *ring, const struct request *r)
{
	return r->text - ring->arena;
}

static bool has_segments(const struct request *r)
{
	return r->descriptor.segment_bytes && text_bytes(r) > r->descriptor.segment_bytes;
}

/* What drivers take from TCP sockets; from those of UDP they take one byte. */
static u32 segment_bytes_min(int protocol)
{
	return protocol == IPPROTO_TCP ? NETCHANNEL_TCP_SEGMENT_BYTES_MIN : 1;
}

static int check_segments(const struct request *r, int protocol)
{
	u32 segment = r->descriptor.segment_bytes;

	if (!segment)
		return 0;
	if (segment < segment_bytes_min(protocol) ||
	    DIV_ROUND_UP(text_bytes(r), segment) > SEGMENTS_MAX)
		return -EINVAL;
	return 0;
}

/* Of UDP, datagrams of format PAYLOAD alone go many at a time. */
static int read_headers(struct netchannel *ch, struct request *r,
			struct netchannel_header *h)
{
	const struct netchannel_descriptor *d = &r->descriptor;
	u32 bytes = netchannel_header_bytes(h->family, h->protocol);
	const u8 *from = ch->ring->arena + d->offset;
	int ret;

	if (d->segment_bytes && h->protocol != IPPROTO_TCP)
		return -EOPNOTSUPP;
	if (d->len < bytes)
		return -EINVAL;
	memcpy(r->headers, from, bytes);
	barrier_data(r->headers);	/* what is checked is the copy */
	ret = netchannel_packet_parse(h, r->headers, d->len, h->family, h->protocol);
	if (ret)
		return ret;
	r->options = from + bytes;
	r->option_bytes = netchannel_option_bytes(h);
	if (d->data_len && d->len != bytes + r->option_bytes)
		return -EINVAL;
	r->text = d->data_len ? ch->ring->arena + d->data_offset : r->options + r->option_bytes;
	r->payload_bytes = d->len - bytes + d->data_len;
	return 0;
}

static int read_payload(struct netchannel *ch, struct request *r)
{
	const struct netchannel_descriptor *d = &r->descriptor;

	if (d->data_len)
		return -EINVAL;
	r->options = r->text = ch->ring->arena + d->offset;
	r->payload_bytes = d->len;
	r->option_bytes = 0;
	return 0;
}

/* As SEND has it. */
static int check_remote(struct netchannel *ch, const struct netchannel_addr *remote)
{
	if (netchannel_addr_is_zero(remote))
		return 0;
	if (ch->format == NETCHANNEL_FORMAT_PACKET)
		return -EINVAL;
	if (netchannel_has_remote(ch))
		return -EISCONN;
	return netchannel_addr_check_remote(remote, netchannel_channel_family(ch));
}

/* *h: format PAYLOAD leaves it as it is but for family and protocol. */
static int read_request(struct netchannel *ch, struct request *r,
			struct netchannel_header *h)
{
	struct netchannel_ring *ring = ch->ring;
	int ret;

	r->payload_bytes = 0;		/* of one that is refused */
	memcpy(&r->descriptor, &ring->tx[slot_to_take(ring)], sizeof(r->descriptor));
	barrier_data(&r->descriptor);
	ret = netchannel_check_descriptor(&r->descriptor, &ring->layout);
	if (ret) {
		ring->nr_bad_descriptors++;
		return ret;
	}
	r->descriptor.offset = in_arena(ring, r->descriptor.offset);
	r->descriptor.data_offset = in_arena(ring, r->descriptor.data_offset);
	ret = check_remote(ch, &r->descriptor.remote);
	if (ret)
		return ret;
	h->family = netchannel_channel_family(ch);
	h->protocol = ch->flow.protocol;
	ret = ch->format == NETCHANNEL_FORMAT_PACKET ? read_headers(ch, r, h) :
						       read_payload(ch, r);
	if (!ret && r->descriptor.txtime_ns && netchannel_is_fast(ch))
		ret = -EOPNOTSUPP;
	if (!ret)
		ret = check_segments(r, h->protocol);
	if (ret)
		return ret;
	if (r->payload_bytes > netchannel_payload_max(h->family, h->protocol))
		return -EMSGSIZE;
	return 0;
}

/* Of a super-frame, each of its datagrams or segments has to. */
static int check_size(struct netchannel *ch, const struct way *way,
		      const struct request *r, struct netchannel_header *h, u32 headers)
{
	if (!has_segments(r))
		return netchannel_send_fits(ch, way->dst, way->mtu, h,
					    headers + r->payload_bytes);
	headers += r->option_bytes;
	if (dst_xfrm(way->dst))
		return -EOPNOTSUPP;	/* whatever its MTU is */
	if (headers + r->descriptor.segment_bytes > way->mtu)
		return -EMSGSIZE;
	return netchannel_send_fits(ch, way->dst, way->mtu, h,
				    headers + r->descriptor.segment_bytes);
}

/* As skb_set_owner_w(), of a packet that is new and a socket that is a whole one. */
static __always_inline void charge(struct sk_buff *skb, struct sock *sk)
{
	skb->sk = sk;
	skb->destructor = sock_wfree;
	skb_set_hash_from_sk(skb, sk);
	refcount_add(skb->truesize, &sk->sk_wmem_alloc);
}

/*
 * Not as sock_alloc_send_pskb(), which sleeps. Softirqs are off: skbs that this
 * processor's softirqs have just freed come from its own cache.
 */
static __always_inline struct sk_buff *alloc_linear(struct netchannel_ring *ring,
						    const struct way *way, u32 bytes)
{
	u32 all = way->head_bytes + bytes + way->tail_bytes;
	struct sk_buff *skb = netchannel_buffers_alloc(ring->buffers, all);

	if (unlikely(!skb))
		skb = __alloc_skb(all, PACKET_GFP, SKB_ALLOC_NAPI, NUMA_NO_NODE);
	if (!skb)
		return NULL;
	skb_reserve(skb, way->head_bytes);
	__skb_put(skb, bytes);
	return skb;
}

/* Its headers, with all options, and the rest in chunks. */
static struct sk_buff *alloc_in_chunks(struct netchannel_ring *ring, const struct way *way,
				       u32 bytes)
{
	struct sk_buff *skb = alloc_linear(ring, way, CHUNKED_LINEAR_BYTES);

	if (!skb || netchannel_chunks_add(&ring->chunks, skb, bytes - CHUNKED_LINEAR_BYTES))
		return skb;
	kfree_skb(skb);
	return NULL;
}

/* As much as one page holds is linear. */
static struct sk_buff *alloc_in_pages(const struct way *way, u32 linear, u32 bytes)
{
	struct sk_buff *skb;
	int ret;

	skb = alloc_skb_with_frags(way->head_bytes + linear + way->tail_bytes, bytes - linear,
				   PAGE_ALLOC_COSTLY_ORDER, &ret, PACKET_GFP);
	if (!skb)
		return NULL;
	skb_reserve(skb, way->head_bytes);
	skb_put(skb, linear);
	skb->data_len = bytes - linear;
	skb->len = bytes;
	return skb;
}

/* Chunks at least half of which it fills, or other pages. */
static struct sk_buff *alloc_long(struct netchannel_ring *ring, const struct way *way,
				  u32 linear, u32 bytes)
{
	struct sk_buff *skb = NULL;

	if (bytes > CHUNKED_LINEAR_BYTES + NETCHANNEL_CHUNK_BYTES)
		skb = alloc_in_chunks(ring, way, bytes);
	return skb ?: alloc_in_pages(way, linear, bytes);
}

static struct sk_buff *alloc_packet(struct netchannel *ch, const struct way *way, u32 bytes)
{
	u32 linear = min_t(u32, bytes, SKB_MAX_ORDER(way->head_bytes + way->tail_bytes, 0));
	struct sk_buff *skb;

	/* all headers, whatever a device wants before them */
	linear = max_t(u32, linear, min_t(u32, bytes, CHUNKED_LINEAR_BYTES));
	skb = likely(linear == bytes) ? alloc_linear(ch->ring, way, bytes) :
					alloc_long(ch->ring, way, linear, bytes);
	if (skb)
		charge(skb, ch->port->sk);
	return skb;
}

/* A packet goes out of the arena's pages if that is cheaper than to copy it. */
static bool is_lent(const struct netchannel_ring *ring, const struct request *r)
{
	return ring->flights && text_bytes(r) > NETCHANNEL_COPIED_BYTES_MAX &&
	       netchannel_ring_can_lend(ring, text_offset(ring, r), text_bytes(r));
}

/* Headers, and options of TCP, are copied: whoever comes after us trusts and changes them. */
static struct sk_buff *lend_packet(struct netchannel *ch, const struct way *way,
				   const struct request *r, u32 headers)
{
	struct netchannel_ring *ring = ch->ring;
	struct sk_buff *skb;

	skb = __alloc_skb(way->head_bytes + headers + r->option_bytes + way->tail_bytes,
			  PACKET_GFP, SKB_ALLOC_NAPI, NUMA_NO_NODE);
	if (!skb)
		return NULL;
	skb_reserve(skb, way->head_bytes);
	__skb_put(skb, headers + r->option_bytes);
	memcpy(skb->data + headers, r->options, r->option_bytes);
	netchannel_ring_lend(ring, skb, text_offset(ring, r), text_bytes(r));
	charge(skb, ch->port->sk);
	skb_zcopy_set(skb, netchannel_flight_begin(ring->flights, slot_to_take(ring),
						   text_bytes(r)), NULL);
	return skb;
}

/* NULL: no memory. */
static struct sk_buff *copy_packet(struct netchannel *ch, const struct way *way,
				   const struct request *r, u32 headers)
{
	struct sk_buff *skb = alloc_packet(ch, way, headers + r->payload_bytes);

	if (!skb)
		return NULL;
	/* what is linear has room for these */
	memcpy(skb->data + headers, r->options, r->option_bytes);
	headers += r->option_bytes;
	if (likely(!skb_is_nonlinear(skb)))
		netchannel_copy(skb->data + headers, r->text, text_bytes(r));
	else
		netchannel_copy_to_skb(skb, headers, r->text, text_bytes(r));
	return skb;
}

/* Each of its segments, or the packet itself, if it goes without IP's help, is short enough. */
static __always_inline int hand_over(struct netchannel *ch, const struct way *way,
				     struct sk_buff *skb, bool has_segments,
				     u32 payload_bytes)
{
	struct sock *sk = ch->port->sk;
	int ret;

	skb_dst_set_noref(skb, way->dst);
	if (way->hop.is_direct && (has_segments || skb->len <= way->mtu))
		ret = netchannel_output_fast(sk, skb, &way->hop);
	else
		ret = netchannel_output(sk, skb);
	if (ret) {
		atomic64_inc(&ch->tx_errors);
		return ret;
	}
	atomic64_inc(&ch->tx_packets);
	atomic64_add(payload_bytes, &ch->tx_bytes);
	return 0;
}

/* What of a descriptor must be zero, beside flags, if the packet is one of the many. */
static_assert(offsetof(struct netchannel_descriptor, remote) == 2 * sizeof(u64) &&
	      sizeof(struct netchannel_descriptor) == 8 * sizeof(u64));

static u64 read_rest(const struct netchannel_descriptor *d)
{
	const u64 *words = (const u64 *)d;

	return READ_ONCE(d->flags) | READ_ONCE(words[2]) | READ_ONCE(words[3]) |
	       READ_ONCE(words[4]) | READ_ONCE(words[5]) | READ_ONCE(words[6]) |
	       READ_ONCE(words[7]);
}

/*
 * Most descriptors are alike: of a short packet that is in the arena, with nothing else
 * said. Each word is read once. Others, wrong ones too, are for read_request().
 */
static __always_inline bool read_plain(const struct netchannel_ring *ring, const struct way *way,
				       u32 headers, struct request *r)
{
	const struct netchannel_descriptor *d = &ring->tx[slot_to_take(ring)];
	u32 offset = READ_ONCE(d->offset), len = READ_ONCE(d->len);

	if (!way->has_template || read_rest(d) || offset > ring->layout.arena_bytes ||
	    len > ring->layout.arena_bytes - offset || len < headers ||
	    len - headers > way->template_payload_max)
		return false;
	r->text = ring->arena + in_arena(ring, offset) + headers;
	r->payload_bytes = len - headers;
	return true;
}

/* The same of format PACKET: what its headers say is what the template has. */
static bool read_alike(const struct netchannel_ring *ring, const struct way *way,
		       struct request *r)
{
	u8 headers[TEMPLATE_HEADERS] NETCHANNEL_UNINITIALIZED;

	if (!read_plain(ring, way, sizeof(headers), r))
		return false;
	memcpy(headers, r->text - sizeof(headers), sizeof(headers));
	barrier_data(headers);	/* what is compared is the copy */
	return netchannel_packet_is_alike(way->alike, headers);
}

static int output_by_template(struct netchannel *ch, const struct way *way, const struct request *r)
{
	struct sock *sk = ch->port->sk;
	struct sk_buff *skb = alloc_linear(ch->ring, way, TEMPLATE_HEADERS + r->payload_bytes);

	if (!skb)
		return -ENOBUFS;
	charge(skb, sk);
	netchannel_copy(skb->data + TEMPLATE_HEADERS, r->text, r->payload_bytes);
	netchannel_output_by_template(sk, skb, &ch->ring->template, r->payload_bytes);
	return hand_over(ch, way, skb, false, r->payload_bytes);
}

static int output(struct netchannel *ch, const struct way *way, const struct request *r,
		  struct netchannel_header *h)
{
	u32 headers = netchannel_header_bytes(h->family, h->protocol);
	struct sk_buff *skb;
	int ret;

	ret = check_size(ch, way, r, h, headers);
	if (ret)
		return ret;
	skb = is_lent(ch->ring, r) ? lend_packet(ch, way, r, headers) :
				     copy_packet(ch, way, r, headers);
	if (!skb)
		return -ENOBUFS;
	netchannel_output_headers(ch->port->sk, skb, way->dst, h, r->payload_bytes,
				  r->descriptor.segment_bytes);
	if (r->descriptor.txtime_ns)
		skb_set_delivery_type_by_clockid(skb, r->descriptor.txtime_ns,
						 CLOCK_MONOTONIC);
	return hand_over(ch, way, skb, has_segments(r),
			 r->payload_bytes - netchannel_option_bytes(h));
}

static void finish_slot(struct netchannel_ring *ring, int result)
{
	u32 slot = slot_to_take(ring);

	if (ring->flights)
		netchannel_flight_end(ring->flights, slot, result);
	else
		netchannel_ring_tell_result(ring, slot, result);
	ring->tx_taken++;
}

static void publish(struct netchannel_ring *ring)
{
	if (ring->flights)
		netchannel_flights_publish(ring->flights, ring->tx_taken);
	else
		netchannel_ring_tell_done(ring, ring->tx_taken);
}

/* Under RCU, with softirqs off. */
static __always_inline void find_hop(struct netchannel *ch, struct way *way,
		     const struct netchannel_header *h)
{
	way->mtu = dst_mtu(way->dst);
	way->head_bytes = LL_RESERVED_SPACE(way->dst->dev) + way->dst->header_len;
	way->tail_bytes = way->dst->trailer_len;
	way->hop = netchannel_is_fast(ch) ? netchannel_output_hop(way->dst, h) :
					    (struct netchannel_hop){ };
}

/* Of packets to there that are not longer than the MTU: in format PACKET, *to says it. */
static bool dont_fragment(const struct netchannel *ch, const struct way *way,
			  const struct netchannel_header *to)
{
	return ch->format == NETCHANNEL_FORMAT_PACKET ? to->dont_fragment :
							ip_dont_fragment(ch->port->sk, way->dst);
}

static noinline void fill_template(struct netchannel *ch, struct way *way,
				   const struct netchannel_header *to, u8 ttl, u32 nr)
{
	struct netchannel_header h = *to;

	h.ttl = ttl;
	h.dont_fragment = dont_fragment(ch, way, to);
	netchannel_output_template(&ch->ring->template, &h, nr);
}

/* What all of nr packets to there that are short enough have in common. */
static __always_inline void make_template(struct netchannel *ch, struct way *way,
					  const struct netchannel_header *to, u32 nr)
{
	struct netchannel_template *t = &ch->ring->template;
	u8 ttl;

	way->has_template = to->family == AF_INET && to->protocol == IPPROTO_UDP &&
			    way->head_bytes + way->tail_bytes <= TEMPLATE_RESERVE_MAX;
	if (!way->has_template)
		return;
	way->template_payload_max = min_t(u32, ch->ring->flights ? NETCHANNEL_COPIED_BYTES_MAX :
								   TEMPLATE_PAYLOAD_MAX,
					  max(way->mtu, (u32)TEMPLATE_HEADERS) - TEMPLATE_HEADERS);
	ttl = to->ttl ?: ip4_dst_hoplimit(way->dst);
	/* what goes to the channel's remote says the same each time, but for these two */
	if (netchannel_has_remote(ch) &&
	    netchannel_template_says(t, ttl, dont_fragment(ch, way, to)))
		netchannel_template_begin(t, nr);
	else
		fill_template(ch, way, to, ttl, nr);
}

/* Of a run: only format PACKET says the same in each. Worth it for more than one. */
static void make_template_alike(struct netchannel *ch, struct way *way,
				const struct request *r, const struct netchannel_header *to,
				u32 nr)
{
	way->has_template = false;
	if (nr < 2 || ch->format != NETCHANNEL_FORMAT_PACKET)
		return;
	memcpy(way->alike, r->headers, sizeof(way->alike));
	make_template(ch, way, to, nr);
}

/* To whom the descriptor says. Its choice may sleep. */
static int find_way(struct netchannel *ch, const struct request *r,
		    struct netchannel_header *h, struct way *way)
{
	int ret;

	/* where nobody is asked, whom the last one could go to is whom this one can */
	way->dst = ch->format == NETCHANNEL_FORMAT_PACKET && !netchannel_send_asks(ch) ?
		netchannel_route_again(&ch->ring->last_route, h) : NULL;
	if (way->dst) {
		h->source_port = ch->flow.local_port;
		return 0;
	}
	ret = netchannel_send_address(ch, &r->descriptor.remote, h);
	if (ret)
		return ret;
	way->dst = netchannel_route_find_again(ch, &ch->ring->last_route, h);
	return PTR_ERR_OR_ZERO(way->dst);
}

/*
 * Does it go where the first of the run went, which is *to? Then *h has its source, and
 * nobody need be asked again.
 */
static bool goes_on(const struct netchannel *ch, const struct request *r,
		    const struct netchannel_header *to, struct netchannel_header *h)
{
	if (ch->format == NETCHANNEL_FORMAT_PAYLOAD) {
		*h = *to;
		h->destination = netchannel_addr_get(&r->descriptor.remote);
		h->destination_port = r->descriptor.remote.port;
	}
	h->source = to->source;
	h->source_port = to->source_port;
	return h->destination_port == to->destination_port &&
	       ipv6_addr_equal(&h->destination, &to->destination);
}

/* As send_batch(), from a descriptor that is read and has its way. */
static u32 send_run(struct netchannel *ch, struct way *way, struct request *r,
		    const struct netchannel_header *to, u32 pending)
{
	struct netchannel_header h = *to;
	u32 taken = 0, bytes = 0;
	bool alike = false;
	int ret = 0;

	do {
		if (!ret)
			ret = alike ? output_by_template(ch, way, r) : output(ch, way, r, &h);
		finish_slot(ch->ring, ret);
		bytes += r->payload_bytes;
		if (++taken >= pending || bytes >= BATCH_BYTES ||
		    !netchannel_may_send(ch->port->sk))
			break;
		alike = read_alike(ch->ring, way, r);
		ret = alike ? 0 : read_request(ch, r, &h);
	} while (alike || ret || goes_on(ch, r, to, &h));
	return taken;
}

/*
 * Of TCP most packets go alone, to where the last one went, and are one short segment over IPv4,
 * of which the descriptor says nothing else.
 */
struct segment {
	u8 headers[NETCHANNEL_SEGMENT_BYTES];	/* a copy, which was checked */
	const u8 *rest;				/* in the arena: options and text */
	u32 rest_bytes;
};

static u32 segment_rest_max(const struct netchannel_ring *ring)
{
	return ring->flights ? NETCHANNEL_COPIED_BYTES_MAX : TEMPLATE_PAYLOAD_MAX;
}

static bool read_segment(const struct netchannel_ring *ring, struct segment *s)
{
	const struct netchannel_descriptor *d = &ring->tx[slot_to_take(ring)];
	u32 offset = READ_ONCE(d->offset), len = READ_ONCE(d->len);

	if (read_rest(d) || offset > ring->layout.arena_bytes ||
	    len > ring->layout.arena_bytes - offset || len < sizeof(s->headers) ||
	    len - sizeof(s->headers) > segment_rest_max(ring))
		return false;
	offset = in_arena(ring, offset);
	memcpy(s->headers, ring->arena + offset, sizeof(s->headers));
	barrier_data(s->headers);	/* what is checked is the copy */
	s->rest = ring->arena + offset + sizeof(s->headers);
	s->rest_bytes = len - sizeof(s->headers);
	return netchannel_packet_is_segment(s->headers, len, &ring->last_route.destination,
					    ring->last_route.destination_port);
}

static int output_segment(struct netchannel *ch, const struct way *way, const struct segment *s)
{
	struct netchannel_last_route *last = &ch->ring->last_route;
	struct sock *sk = ch->port->sk;
	struct sk_buff *skb = alloc_linear(ch->ring, way, sizeof(s->headers) + s->rest_bytes);

	if (!skb)
		return -ENOBUFS;
	charge(skb, sk);
	netchannel_copy(skb->data + sizeof(s->headers), s->rest, s->rest_bytes);
	netchannel_output_segment(sk, skb, way->dst, s->headers, netchannel_ipv4(&last->source),
				  ch->flow.local_port);
	return hand_over(ch, way, skb, false,
			 s->rest_bytes - netchannel_segment_option_bytes(s->headers));
}

/* As send_to_any(); false: it is none of these, and nothing was done. The ring keeps the route. */
static bool send_segment(struct netchannel *ch)
{
	struct netchannel_ring *ring = ch->ring;
	struct netchannel_header to = { .family = AF_INET, .protocol = IPPROTO_TCP };
	struct segment s NETCHANNEL_UNINITIALIZED;
	struct way way NETCHANNEL_UNINITIALIZED;
	bool fits;

	if (ch->flow.protocol != IPPROTO_TCP || netchannel_channel_family(ch) != AF_INET ||
	    netchannel_send_asks(ch) || !netchannel_route_holds(&ring->last_route) ||
	    !read_segment(ring, &s))
		return false;
	local_bh_disable();
	rcu_read_lock();
	to.destination = ring->last_route.destination;
	way.dst = ring->last_route.dst;
	find_hop(ch, &way, &to);
	fits = sizeof(s.headers) + s.rest_bytes <= way.mtu &&
	       way.head_bytes + way.tail_bytes <= TEMPLATE_RESERVE_MAX;
	if (fits) {
		finish_slot(ring, output_segment(ch, &way, &s));
		publish(ring);
	}
	rcu_read_unlock();
	local_bh_enable();
	return fits;
}

/*
 * Without a remote: those that go where the first one goes, up to the next that does not.
 * What a cgroup's program may send elsewhere goes alone, and so does what is for a group.
 */
static u32 send_to_any(struct netchannel *ch, u32 pending)
{
	struct netchannel_header to = { };
	struct request r NETCHANNEL_UNINITIALIZED;
	struct way way NETCHANNEL_UNINITIALIZED;
	u32 taken;
	int ret;

	if (pending == 1 && send_segment(ch))
		return 1;
	ret = read_request(ch, &r, &to) ?: find_way(ch, &r, &to, &way);
	if (ret) {
		finish_slot(ch->ring, ret);
		publish(ch->ring);
		return 1;
	}
	if (netchannel_send_asks(ch) || netchannel_is_multicast(&to.destination))
		pending = 1;
	local_bh_disable();
	rcu_read_lock();
	find_hop(ch, &way, &to);
	pending = min_t(u32, pending, BATCH_PACKETS);
	make_template_alike(ch, &way, &r, &to, pending);
	taken = send_run(ch, &way, &r, &to, pending);
	publish(ch->ring);
	rcu_read_unlock();
	local_bh_enable();
	dst_release(way.dst);
	return taken;
}

/* Apart from the common case, which needs no header. */
static noinline int send_with_header(struct netchannel *ch, const struct way *way,
				     struct request *r, const struct netchannel_header *to)
{
	struct netchannel_header h;
	int ret = read_request(ch, r, &h);

	if (ret)
		return ret;
	if (ch->format == NETCHANNEL_FORMAT_PAYLOAD) {
		h = *to;
	} else {
		h.source = to->source;
		h.source_port = to->source_port;
		h.destination = to->destination;
		h.destination_port = to->destination_port;
		h.ttl = h.ttl ?: to->ttl;	/* of groups */
	}
	return output(ch, way, r, &h);
}

/* With a remote: *to is it. */
static int send_to_remote(struct netchannel *ch, const struct way *way,
			  struct request *r, const struct netchannel_header *to)
{
	if (read_plain(ch->ring, way, 0, r))
		return output_by_template(ch, way, r);
	return send_with_header(ch, way, r, to);
}

/* It may sleep: outside of RCU, and with softirqs on, meanwhile. With a reference. */
static noinline struct dst_entry *find_route(struct netchannel *ch, struct netchannel_header *to)
	__must_hold(RCU)
{
	struct dst_entry *dst;

	rcu_read_unlock();
	local_bh_enable();
	dst = netchannel_route_find(ch, to);
	local_bh_disable();
	rcu_read_lock();
	return dst;
}

/*
 * Returns how many it took, at least one: the caller has looked for room in the send buffer, which
 * others of the port may have filled since. Softirqs, which may well receive what was sent, run at
 * the end.
 */
static u32 send_batch(struct netchannel *ch, u32 pending)
{
	struct netchannel_header to = {
		.family = netchannel_channel_family(ch),
		.protocol = ch->flow.protocol,
	};
	struct dst_entry *held = NULL;
	u32 taken = 0, bytes = 0;
	struct request r NETCHANNEL_UNINITIALIZED;
	struct way way NETCHANNEL_UNINITIALIZED;
	int ret;

	ret = netchannel_send_address(ch, NULL, &to);
	local_bh_disable();
	rcu_read_lock();
	way.dst = ret ? ERR_PTR(ret) : netchannel_route_known(ch);
	if (unlikely(!way.dst))
		way.dst = held = find_route(ch, &to);
	if (IS_ERR(way.dst)) {
		rcu_read_unlock();
		local_bh_enable();
		finish_slot(ch->ring, PTR_ERR(way.dst));
		publish(ch->ring);
		return 1;
	}
	find_hop(ch, &way, &to);
	pending = min_t(u32, pending, BATCH_PACKETS);
	way.has_template = false;
	if (ch->format == NETCHANNEL_FORMAT_PAYLOAD)
		make_template(ch, &way, &to, pending);
	do {
		finish_slot(ch->ring, send_to_remote(ch, &way, &r, &to));
		bytes += r.payload_bytes;
	} while (++taken < pending && bytes < BATCH_BYTES && netchannel_may_send(ch->port->sk));
	publish(ch->ring);
	rcu_read_unlock();
	local_bh_enable();
	dst_release(held);
	return taken;
}

/* How much of it is not taken; false: that cannot be, as what flies is still the kernel's. */
static bool has_produced(const struct netchannel_ring *ring, u32 producer, u32 *pending)
{
	u32 slots = ring->layout.tx_slots, used;

	return netchannel_ring_used(producer, ring->tx_taken, slots, pending) &&
	       (!ring->flights ||
		netchannel_ring_used(producer, netchannel_flights_done(ring->flights), slots,
				     &used));
}

/*
 * All that the owner has produced until now, while there is room. The position
 * is read once; the acquire keeps the descriptors' reading after it.
 */
static int send_pending(struct netchannel *ch, bool *blocked)
{
	struct netchannel_ring *ring = ch->ring;
	/* pairs with the owner's store-release behind its descriptors */
	u32 producer = smp_load_acquire(&ring->header->tx_producer);
	u32 pending, taken = 0;

	*blocked = false;
	if (!has_produced(ring, producer, &pending)) {
		ring->nr_bad_tx++;
		return -EINVAL;
	}
	while (taken < pending && !fatal_signal_pending(current)) {
		if (!netchannel_may_send(ch->port->sk)) {
			*blocked = true;
			break;
		}
		taken += netchannel_has_remote(ch) ? send_batch(ch, pending - taken) :
						     send_to_any(ch, pending - taken);
		if (taken < pending)
			cond_resched();
	}
	return taken;
}

static int send_all(struct netchannel *ch, const struct netchannel_deadline *deadline)
{
	int taken = 0, ret;
	bool blocked;

	for (;;) {
		if (mutex_lock_interruptible(&ch->ring->tx_lock))
			return taken ?: netchannel_deadline_signal(deadline);
		ret = send_pending(ch, &blocked);
		mutex_unlock(&ch->ring->tx_lock);
		if (ret < 0)
			return taken ?: ret;
		taken += ret;
		/* others may go on producing */
		if (!blocked || taken >= ch->ring->layout.tx_slots)
			return taken;
		ret = netchannel_wait_for_room(ch, deadline);
		if (ret)
			return taken ?: ret;
	}
}

/* Until there is something, or a reason to stop. */
static void spin_for_record(struct netchannel *ch, u32 spin_ns)
{
	ktime_t limit = ktime_add_ns(ktime_get(), spin_ns);

	while (netchannel_ring_is_empty(ch->ring) && !READ_ONCE(ch->rx.error) &&
	       !need_resched() && !signal_pending(current) && ktime_before(ktime_get(), limit))
		cpu_relax();
}

/* 0: there is something, now or after a while. Who waits is woken for each. */
static int wait_for_record(struct netchannel *ch, u32 spin_ns,
			   const struct netchannel_deadline *deadline)
{
	struct netchannel_queue *q = &ch->rx;
	struct wait_queue_entry wait NETCHANNEL_UNINITIALIZED;
	bool timed_out = false;
	int ret, signal;

	if (!netchannel_ring_is_empty(ch->ring))
		return 0;
	if (deadline->dont_wait)
		return -EAGAIN;
	/* who was woken by what was sent may have the answer by then: to sleep costs more */
	if (cond_resched() && !netchannel_ring_is_empty(ch->ring))
		return 0;
	if (spin_ns)
		spin_for_record(ch, spin_ns);
	netchannel_queue_init_wait(&wait, 0);
	for (;;) {
		signal = prepare_to_wait_event(&q->wait, &wait, TASK_INTERRUPTIBLE);
		ret = 0;
		if (!netchannel_ring_is_empty(ch->ring))
			break;
		ret = netchannel_queue_take_error(q);
		if (ret)
			break;
		ret = netchannel_deadline_signal(deadline);
		if (signal)
			break;
		ret = -ETIMEDOUT;
		if (timed_out)
			break;
		timed_out = netchannel_deadline_sleep(deadline);
		/* most often it is this: who was woken is not on the queue any more */
		ret = 0;
		if (!netchannel_ring_is_empty(ch->ring))
			break;
	}
	finish_wait(&q->wait, &wait);
	return ret;
}

int netchannel_kick(struct netchannel *ch, bool wait, u32 spin_ns,
		    const struct netchannel_deadline *deadline)
{
	int ret = netchannel_queue_take_error(&ch->rx);
	int taken;

	if (ret)
		return ret;
	taken = send_all(ch, deadline);
	if (taken < 0 || !wait)
		return taken;
	ret = wait_for_record(ch, spin_ns, deadline);
	if (ret == -EAGAIN && taken)
		return taken;
	return ret ?: taken;
}
