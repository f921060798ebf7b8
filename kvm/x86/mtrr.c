// SPDX-License-Identifier: GPL-2.0
#include "mtrr.h"

#define VARIABLE_FIRST	0x200
#define VARIABLE_LAST	(VARIABLE_FIRST + 2 * KVM_MTRR_VARIABLE - 1)
#define FIX_64K		0x250
#define FIX_16K_FIRST	0x258
#define FIX_16K_LAST	0x259
#define FIX_4K_FIRST	0x268
#define FIX_4K_LAST	0x26f
#define DEF_TYPE	0x2ff

#define DEF_TYPE_BITS	0xcffull	/* E, FE and the type */
#define BASE_BITS	0xffull		/* below the address: the type */
#define MASK_BITS	0x800ull	/* below the address: valid */

u64 *kvm_mtrr_of(struct kvm_mtrr *mtrr, u32 index)
{
	if (index >= VARIABLE_FIRST && index <= VARIABLE_LAST)
		return &mtrr->variable[index - VARIABLE_FIRST];
	if (index == FIX_64K)
		return &mtrr->fixed[0];
	if (index == FIX_16K_FIRST || index == FIX_16K_LAST)
		return &mtrr->fixed[1 + index - FIX_16K_FIRST];
	if (index >= FIX_4K_FIRST && index <= FIX_4K_LAST)
		return &mtrr->fixed[3 + index - FIX_4K_FIRST];
	return index == DEF_TYPE ? &mtrr->def_type : NULL;
}

/* 0 UC, 1 WC, 4 WT, 5 WP, 6 WB */
static bool type_valid(u8 type)
{
	return type < 7 && type != 2 && type != 3;
}

static bool fixed_valid(u64 value)
{
	int i;

	for (i = 0; i < 8; i++, value >>= 8) {
		if (!type_valid(value))
			return false;
	}
	return true;
}

static bool variable_valid(bool is_mask, u64 value, u8 phys_bits)
{
	u64 address = ((1ull << phys_bits) - 1) & ~0xfffull;

	if (is_mask)
		return !(value & ~(address | MASK_BITS));
	return !(value & ~(address | BASE_BITS)) && type_valid(value);
}

bool kvm_mtrr_valid(u32 index, u64 value, u8 phys_bits)
{
	if (index == DEF_TYPE)
		return !(value & ~DEF_TYPE_BITS) && type_valid(value);
	if (index <= VARIABLE_LAST)
		return variable_valid(index & 1, value, phys_bits);
	return fixed_valid(value);
}
