// SPDX-License-Identifier: GPL-2.0
#include "copy.h"

#include <linux/kconfig.h>
#include <linux/minmax.h>
#include <linux/skbuff.h>

#ifdef CONFIG_X86_64
#include <asm/cpufeature.h>
#endif

/*
 * Since 6.4, memcpy() of processors that start a string instruction slowly (without FSRM)
 * is a loop of moves, however long the copy is. KASAN sees only what the compiler makes.
 */
void netchannel_copy_long(u8 *to, const u8 *from, size_t bytes)
{
#if defined(CONFIG_X86_64) && !defined(CONFIG_KASAN)
	if (static_cpu_has(X86_FEATURE_REP_GOOD) && !static_cpu_has(X86_FEATURE_FSRM)) {
		size_t words = bytes / sizeof(u64);

		asm volatile("rep movsq" : "+c" (words), "+D" (to), "+S" (from) : : "memory");
		bytes %= sizeof(u64);
	}
#endif
	memcpy(to, from, bytes);
}

/* Can it be read without help? */
static bool is_simple(const struct sk_buff *skb)
{
	return !IS_ENABLED(CONFIG_HIGHMEM) && !skb_has_frag_list(skb) && skb_frags_readable(skb);
}

int netchannel_copy_from_skb(const struct sk_buff *skb, u8 *to)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int i;

	if (!is_simple(skb))
		return skb_copy_bits(skb, 0, to, skb->len);
	netchannel_copy(to, skb->data, skb_headlen(skb));
	to += skb_headlen(skb);
	for (i = 0; i < info->nr_frags; i++) {
		const skb_frag_t *frag = &info->frags[i];

		netchannel_copy(to, skb_frag_address(frag), skb_frag_size(frag));
		to += skb_frag_size(frag);
	}
	return 0;
}

void netchannel_copy_to_skb(struct sk_buff *skb, u32 offset, const u8 *from, size_t bytes)
{
	size_t part = min_t(size_t, bytes, skb_headlen(skb) - offset);
	skb_frag_t *frag = skb_shinfo(skb)->frags;

	netchannel_copy(skb->data + offset, from, part);
	for (from += part; bytes -= part; from += part, frag++) {
		part = min_t(size_t, bytes, skb_frag_size(frag));
		netchannel_copy(skb_frag_address(frag), from, part);
	}
}
