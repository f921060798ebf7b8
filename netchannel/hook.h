/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where packets of channels leave the kernel's path: the end of LOCAL_IN,
 * after routing, reassembly, conntrack and the firewall's INPUT rules, before
 * the transport protocol would see them (and answer).
 */
#ifndef NETCHANNEL_HOOK_H
#define NETCHANNEL_HOOK_H

struct net;
struct sk_buff;
struct sock;

int netchannel_hook_register(struct net *net);
/* The hook may still run until a grace period has passed. */
void netchannel_hook_unregister(struct net *net);

/*
 * For packets of IPv6 with extension headers or in fragments, which at LOCAL_IN
 * are not yet what they will be, and for those to many: UDP calls it for the shadow sk (encap_rcv).
 * Consumes skb, whose data begins at the UDP header; returns 0.
 */
int netchannel_hook_udp(struct sock *sk, struct sk_buff *skb);

#endif
