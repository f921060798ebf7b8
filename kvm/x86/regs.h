/* SPDX-License-Identifier: GPL-2.0 */
/* x86's numbers of its registers, and the general ones of a virtual CPU. */
#ifndef KVM_X86_REGS_H
#define KVM_X86_REGS_H

#include "../pure.h"

/* x86's numbers of the general registers: index into kvm_cpu_regs.gpr. */
enum kvm_gpr {
	GPR_RAX, GPR_RCX, GPR_RDX, GPR_RBX, GPR_RSP, GPR_RBP, GPR_RSI, GPR_RDI,
	GPR_R8, GPR_R9, GPR_R10, GPR_R11, GPR_R12, GPR_R13, GPR_R14, GPR_R15,
	GPR_COUNT
};

/* Offsets are known to both entry.S (asserted in vcpu.c). */
struct kvm_cpu_regs {
	u64 gpr[GPR_COUNT];
	u64 rip;
	u64 rflags;
};

/* x86's numbers of the segment registers, then the two system ones. */
enum kvm_seg {
	SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_LDTR, SEG_TR,
	SEG_COUNT
};

/* Of a PAE guest's top table. */
#define PDPTE_COUNT	4

#endif
