/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's memory type range registers (SDM volume 3, 12.11). They are kept
 * for it and change nothing: its memory is the host's, which is write-back.
 */
#ifndef KVM_X86_MTRR_H
#define KVM_X86_MTRR_H

#include "../pure.h"

#define KVM_MTRR_FIXED		11
#define KVM_MTRR_VARIABLE	8	/* pairs of base and mask */

struct kvm_mtrr {
	u64 def_type;
	u64 fixed[KVM_MTRR_FIXED];
	u64 variable[2 * KVM_MTRR_VARIABLE];
};

/* IA32_MTRRCAP: how many, the fixed ones, write combining. */
#define KVM_MTRR_CAP		(0x500 | KVM_MTRR_VARIABLE)

/* Where an MSR is kept; NULL: it is none of these. Plain logic. */
u64 *kvm_mtrr_of(struct kvm_mtrr *mtrr, u32 index);
/* May the MSR, one of these, hold that? */
bool kvm_mtrr_valid(u32 index, u64 value, u8 phys_bits);

#endif
