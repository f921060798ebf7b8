// SPDX-License-Identifier: GPL-2.0
#include "layers.h"

#include <stdbool.h>
#include <string.h>

#include "../common/output.h"
#include "dbtext.h"
#include "regdom.h"
#include "why.h"

/* By enum regdom_limit: the words of regdom.db(5), where it has one. */
static const char *const limits[__REGDOM_LIMITS] = {
	[REGDOM_LIMIT_START] = "start",
	[REGDOM_LIMIT_END] = "end",
	[REGDOM_LIMIT_MAX_BW] = "width",
	[REGDOM_LIMIT_EIRP] = "power",
	[REGDOM_LIMIT_EIRP_PTP] = "ptp",
	[REGDOM_LIMIT_CONDUCTED] = "conducted",
	[REGDOM_LIMIT_GAIN] = "gain",
	[REGDOM_LIMIT_PSD] = "psd",
	[REGDOM_LIMIT_CAC] = "cac",
	[REGDOM_LIMIT_NOP] = "nop",
	[REGDOM_LIMIT_DUTY] = "duty",
	[REGDOM_LIMIT_CLASS] = "class",
	[REGDOM_LIMIT_WMM] = "wmmrule",
};

/* The nth mask of an array; 0 if it is not there. */
static __u16 mask_of(const struct nlattr *attr, unsigned int n)
{
	__u16 mask = 0;

	if (attr && (n + 1) * sizeof(mask) <= (size_t)nla_len(attr))
		memcpy(&mask, (const char *)nla_data(attr) + n * sizeof(mask), sizeof(mask));
	return mask;
}

static void print_mask(const char *what, __u16 mask, bool *any)
{
	const char *before = " ";
	__u8 layer;

	if (!mask)
		return;
	out_text("%s%s:", *any ? "; " : "      ", what);
	out_open_array(what);
	for (layer = 0; layer < 16; layer++) {
		if (!(mask & 1u << layer))
			continue;
		out_text("%s%s", before, why_layer_words(layer));
		out_string(NULL, NULL, why_layer_word(layer));
		before = ", ";
	}
	out_close_array();
	*any = true;
}

static unsigned int bit_of(__u32 flag)
{
	unsigned int bit = 0;

	while (flag >>= 1)
		bit++;
	return bit;
}

void layers_print(struct nlattr **attrs, __u32 flags)
{
	const struct dbtext_word *w;
	bool any = false;
	unsigned int i;

	if (!attrs[REGDOM_ATTR_RULE_LIMIT_LAYERS])
		return;
	out_open_object("layers");
	for (i = 0; i < __REGDOM_LIMITS; i++)
		/* without a limit of its own such a link has the ordinary one */
		if (i != REGDOM_LIMIT_EIRP_PTP || attrs[REGDOM_ATTR_RULE_PTP_EIRP_MBM])
			print_mask(limits[i], mask_of(attrs[REGDOM_ATTR_RULE_LIMIT_LAYERS], i),
				   &any);
	for (w = dbtext_flags; w->word; w++)
		if (flags & w->value)
			print_mask(w->word, mask_of(attrs[REGDOM_ATTR_RULE_FLAG_LAYERS],
						    bit_of(w->value)), &any);
	out_close_object();
	out_text("\n");
}
