/* SPDX-License-Identifier: GPL-2.0 */
/* The program by which a channel of type RAW chooses its packets. */
#ifndef NETCHANNEL_FILTER_H
#define NETCHANNEL_FILTER_H

#include <linux/types.h>

struct bpf_prog;
struct netchannel_create;
struct sk_buff;

/* NULL: the request has none. An ERR_PTR as NETCHANNEL_CREATE says. */
struct bpf_prog *netchannel_filter_create(const struct netchannel_create *r);
/* NULL is fine. Nobody runs it any more. */
void netchannel_filter_destroy(struct bpf_prog *filter);

/*
 * Of a packet whose data begins at its IP header; under RCU. In softirq, or, when the verdict of
 * a program has brought it (nfqueue), in the process of that.
 */
bool netchannel_filter_wants(const struct bpf_prog *filter, struct sk_buff *skb);

#endif
