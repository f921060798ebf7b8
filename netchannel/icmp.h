/* SPDX-License-Identifier: GPL-2.0 */
/* What the network says of packets that channels have sent. */
#ifndef NETCHANNEL_ICMP_H
#define NETCHANNEL_ICMP_H

struct netchannel_demux;
struct sk_buff;

/*
 * Tells the channel that an ICMP message is about, if it is an error and there
 * is such a channel. The message stays the kernel's, which learns MTUs and
 * redirects from it. skb's data begins at its IP header; under rcu_read_lock().
 */
void netchannel_icmp_receive(struct netchannel_demux *demux, struct sk_buff *skb);

#endif
