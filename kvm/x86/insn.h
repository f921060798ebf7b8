/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few instructions whose length and operands the hardware may not tell:
 * those that exit to us by themselves. Plain logic over bytes.
 */
#ifndef KVM_X86_INSN_H
#define KVM_X86_INSN_H

#include "../pure.h"

#define KVM_INSN_MAX	15

/* Opcodes as kvm_insn.opcode has them: 0x0f00 is added for two bytes. */
enum kvm_opcode {
	OPCODE_INS_BYTE = 0x6c,
	OPCODE_INS = 0x6d,
	OPCODE_OUTS_BYTE = 0x6e,
	OPCODE_OUTS = 0x6f,
	OPCODE_HLT = 0xf4,
	OPCODE_GROUP7 = 0x0f01,		/* VMCALL, VMMCALL, XSETBV, ... */
	OPCODE_CLTS = 0x0f06,
	OPCODE_INVD = 0x0f08,
	OPCODE_WBINVD = 0x0f09,
	OPCODE_MOV_FROM_CR = 0x0f20,
	OPCODE_MOV_FROM_DR = 0x0f21,
	OPCODE_MOV_TO_CR = 0x0f22,
	OPCODE_MOV_TO_DR = 0x0f23,
	OPCODE_WRMSR = 0x0f30,
	OPCODE_RDMSR = 0x0f32,
	OPCODE_RDPMC = 0x0f33,
	OPCODE_CPUID = 0x0fa2,
};

struct kvm_insn {
	u8 len;			/* bytes, prefixes and all */
	u16 opcode;		/* enum kvm_opcode */
	u8 modrm;		/* where the opcode has one */
	u8 gpr;			/* MOV CR/DR: number of the general register */
	u8 segment;		/* prefix: enum kvm_seg's number; 0xff: none */
	bool rep;
	bool address_size;	/* prefix 0x67 */
};

/*
 * bits: 16, 32 or 64, the code segment's. -EINVAL: not one of the above, or
 * more bytes than there are.
 */
int kvm_insn_decode(struct kvm_insn *insn, const u8 *bytes, int count, int bits);

#endif
