/* SPDX-License-Identifier: GPL-2.0 */
/* Which writes to control registers and EFER are #GP: plain logic. */
#ifndef KVM_X86_CR_CHECK_H
#define KVM_X86_CR_CHECK_H

#include "../pure.h"

/* What a virtual CPU is in when it writes. */
struct kvm_cr_state {
	u64 cr0, cr4, efer;
	bool code_64;		/* CS.L */
};

/*
 * 0, or -EINVAL: #GP(0). The top of PAE's tables, in memory, is not looked at. allowed:
 * the bits that this host and this guest have.
 */
int kvm_cr0_check(const struct kvm_cr_state *old, u64 value);
int kvm_cr3_check(const struct kvm_cr_state *old, u64 value, u8 phys_bits);
int kvm_cr4_check(const struct kvm_cr_state *old, u64 value, u64 allowed);
int kvm_efer_check(const struct kvm_cr_state *old, u64 value, u64 allowed);

/* The rules for CR0 that hold whatever else there is. */
bool kvm_cr0_valid(u64 cr0);

#endif
