/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Before 6.10 a ubuf_info had its one operation as a member, without a table; and the time
 * at which a packet is to leave was either CLOCK_MONOTONIC's or another's. Before 6.12 there were
 * no packets whose data only a device can read.
 */
#ifndef COMPAT_LINUX_SKBUFF_H
#define COMPAT_LINUX_SKBUFF_H

#include_next <linux/skbuff.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
struct ubuf_info_ops {
	void (*complete)(struct sk_buff *skb, struct ubuf_info *ubuf, bool success);
};

static inline void ubuf_info_set_ops(struct ubuf_info *ubuf, const struct ubuf_info_ops *ops)
{
	ubuf->callback = ops->complete;
}

static inline void skb_set_delivery_type_by_clockid(struct sk_buff *skb, ktime_t time,
						    clockid_t clock)
{
	skb_set_delivery_time(skb, time, clock == CLOCK_MONOTONIC);
}
#else
static inline void ubuf_info_set_ops(struct ubuf_info *ubuf, const struct ubuf_info_ops *ops)
{
	ubuf->ops = ops;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
static inline bool skb_frags_readable(const struct sk_buff *skb)
{
	return true;
}
#endif

#endif
