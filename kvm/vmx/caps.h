/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this processor's VMX can do, and the controls chosen from it. SDM
 * volume 3D, appendix A.
 */
#ifndef KVM_VMX_CAPS_H
#define KVM_VMX_CAPS_H

#include <linux/types.h>

struct vmx_caps {
	u32 revision;		/* of a VMCS region */
	/* the controls of a new VMCS */
	u32 pin, cpu, cpu2, exit, entry;
	u32 cpu_may;		/* what `cpu` could have */
	u64 cr0_fixed_on;	/* CR0 bits that must be 1 in a guest */
	u64 cr4_fixed_on, cr4_allowed;
	bool invept_single;
	bool vpid;		/* control and INVVPID are there */
	bool invvpid_single;
	bool rdtscp;		/* the control is there */
	bool pml;		/* and EPT's accessed and dirty bits */
};

/*
 * Reads this CPU's. -EOPNOTSUPP: something that we need is missing; log says
 * which.
 */
int vmx_caps_read(struct vmx_caps *caps);

#endif
