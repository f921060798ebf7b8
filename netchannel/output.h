/* SPDX-License-Identifier: GPL-2.0 */
/* The last steps of a packet of ours: its headers, and to whom it is given. */
#ifndef NETCHANNEL_OUTPUT_H
#define NETCHANNEL_OUTPUT_H

#include "packet.h"

#include <linux/ip.h>
#include <linux/types.h>
#include <linux/udp.h>
#include <net/ip.h>

struct dst_entry;
struct hh_cache;
struct sk_buff;
struct sock;

/*
 * Before payload bytes that follow the room for the headers; segment_bytes as of
 * a descriptor.
 */
void netchannel_output_headers(struct sock *sk, struct sk_buff *skb,
			       struct dst_entry *dst, struct netchannel_header *h,
			       size_t payload, u32 segment_bytes);

/*
 * The headers of UDP datagrams over IPv4 that differ in their lengths only: as they are of the
 * last length, since most have the same, but for the ID and with it IP's checksum.
 */
struct netchannel_template {
	struct iphdr ip;
	struct udphdr udp;
	size_t payload;			/* the last length; SIZE_MAX: none yet */
	__wsum ip_sum;			/* of IP's header then, without ID */
	/* of the pseudo-header, and of IP's without ID: both but for the length */
	__wsum pseudo_sum, base_sum;
	u32 nr;				/* of datagrams that may come */
	u32 nr_ids;			/* which are taken for these, from id on */
	u16 id;
};

/* It is for nr more at most, but more than that are no fault. */
static inline void netchannel_template_begin(struct netchannel_template *t, u32 nr)
{
	t->nr = nr;
	t->nr_ids = 0;
}

/* False also of one that was never made: nobody sends with a ttl of 0. */
static inline bool netchannel_template_says(const struct netchannel_template *t, u8 ttl,
					    bool dont_fragment)
{
	return t->ip.ttl == ttl && !(t->ip.frag_off & htons(IP_DF)) == !dont_fragment;
}

/*
 * *h as for netchannel_output_headers(), with its ttl, of a datagram that is not longer than
 * the MTU; nr as above.
 */
void netchannel_output_template(struct netchannel_template *t,
				const struct netchannel_header *h, u32 nr);
/* In place of netchannel_output_headers(). */
void netchannel_output_by_template(struct sock *sk, struct sk_buff *skb,
				   struct netchannel_template *t, size_t payload);

/*
 * In place of netchannel_output_headers(), of a segment of TCP over IPv4 that is not longer than
 * the MTU, and whose headers the sender has written: a copy of their first
 * NETCHANNEL_SEGMENT_BYTES. What is not his to say is written over.
 */
void netchannel_output_segment(struct sock *sk, struct sk_buff *skb,
			       const struct dst_entry *dst, const u8 *headers,
			       __be32 source, __be16 source_port);

/* Through IP, by all the rules. Consumes skb, which has its route. */
int netchannel_output(struct sock *sk, struct sk_buff *skb);

/* How packets reach the next hop without IP's help. */
struct netchannel_hop {
	bool is_direct;			/* false: they cannot, now */
	bool is_plain;			/* the driver takes each that is linear as it is */
	const struct hh_cache *hh;	/* the link's header; NULL: it has none */
};

/* Valid while rcu_read_lock() is held, with softirqs off. */
struct netchannel_hop netchannel_output_hop(const struct dst_entry *dst,
					    const struct netchannel_header *h);

/* To the device at once if *hop allows, else as netchannel_output(). Softirqs are off. */
int netchannel_output_fast(struct sock *sk, struct sk_buff *skb,
			   const struct netchannel_hop *hop);

#endif
