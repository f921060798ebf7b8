/* SPDX-License-Identifier: GPL-2.0 */
/* IA32_PAT: SDM volume 3, "Page Attribute Table (PAT)". */
#ifndef KVM_X86_PAT_H
#define KVM_X86_PAT_H

#include "../pure.h"

/* Each byte a memory type: 0 UC, 1 WC, 4 WT, 5 WP, 6 WB, 7 UC-. */
static inline bool kvm_pat_valid(u64 pat)
{
	int i;

	for (i = 0; i < 8; i++, pat >>= 8) {
		u8 type = pat;

		if (type > 7 || type == 2 || type == 3)
			return false;
	}
	return true;
}

#endif
