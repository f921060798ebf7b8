// SPDX-License-Identifier: GPL-2.0
#include "filter.h"

#include <linux/err.h>
#include <linux/filter.h>
#include <linux/kernel.h>
#include <linux/skbuff.h>

#include <netchannel.h>

struct bpf_prog *netchannel_filter_create(const struct netchannel_create *r)
{
	struct sock_fprog program = {
		.len = r->filter_len,
		.filter = u64_to_user_ptr(r->filter),
	};
	struct bpf_prog *filter;
	int ret;

	BUILD_BUG_ON(NETCHANNEL_FILTER_MAX != BPF_MAXINSNS);
	if (!r->filter_len)
		return NULL;
	ret = bpf_prog_create_from_user(&filter, &program, NULL, false);
	return ret ? ERR_PTR(ret) : filter;
}

void netchannel_filter_destroy(struct bpf_prog *filter)
{
	if (filter)
		bpf_prog_destroy(filter);
}

/* A classic program does not touch skb->cb, which is IP's here. */
bool netchannel_filter_wants(const struct bpf_prog *filter, struct sk_buff *skb)
{
	return bpf_prog_run_clear_cb(filter, skb);
}
