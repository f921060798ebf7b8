/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which field of the VMCS makes an entry fail: the checks of a guest's state by
 * the processor (SDM volume 3, "Checks on the Guest State Area"), for a guest that
 * is unrestricted and has EPT. Plain logic over plain data.
 */
#ifndef KVM_VMX_CHECK_H
#define KVM_VMX_CHECK_H

#include "../x86/regs.h"

struct vmx_check_segment {
	u16 selector;
	u32 limit, rights;
	u64 base;
};

/* The fields, and what the processor compares them with. */
struct vmx_check_state {
	u64 cr0, cr3, cr4, dr7, efer, pat;
	u64 sysenter_esp, sysenter_eip;
	u64 pdptes[PDPTE_COUNT];
	u64 rip, rflags;
	struct vmx_check_segment segments[SEG_COUNT];
	u64 gdt_base, idt_base;
	u32 gdt_limit, idt_limit;
	u32 interruptibility, activity;
	u64 pending_debug;
	u64 link_pointer;
	u32 event;		/* what goes in with the entry */
	bool long_mode;		/* of the controls of the entry */

	u64 cr0_fixed_on, cr4_fixed_on, cr4_allowed;
	u8 phys_bits, linear_bits;
};

/* Its encoding; 0: none of the fields above is why. */
u32 vmx_check(const struct vmx_check_state *state);

#endif
