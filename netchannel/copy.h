/* SPDX-License-Identifier: GPL-2.0 */
/* Long copies, by the processor's own instruction where memcpy() has none for them. */
#ifndef NETCHANNEL_COPY_H
#define NETCHANNEL_COPY_H

#include <linux/compiler.h>
#include <linux/string.h>
#include <linux/types.h>

struct sk_buff;

#define NETCHANNEL_COPY_LONG_BYTES	1024

void netchannel_copy_long(u8 *to, const u8 *from, size_t bytes);

static __always_inline void netchannel_copy(u8 *to, const u8 *from, size_t bytes)
{
	if (likely(bytes < NETCHANNEL_COPY_LONG_BYTES))
		memcpy(to, from, bytes);
	else
		netchannel_copy_long(to, from, bytes);
}

/* All of a packet whose data are in several places; a negative errno: they cannot be read. */
int netchannel_copy_from_skb(const struct sk_buff *skb, u8 *to);

/* Into a packet of ours, from offset in its linear part on: there is room for it. */
void netchannel_copy_to_skb(struct sk_buff *skb, u32 offset, const u8 *from, size_t bytes);

#endif
