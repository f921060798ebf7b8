/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instructions: those that compilers and firmware use on memory, since that
 * may be a device's, and those that exit by themselves and whose length and
 * operands the hardware may not tell. References are to the instruction
 * format of the SDM, volume 2, chapter 2. Plain logic over bytes.
 */
#ifndef KVM_X86_DECODE_H
#define KVM_X86_DECODE_H

#include "regs.h"

#define KVM_INSN_MAX	15
#define INSN_NO_REG	0xff

/*
 * Opcodes as kvm_insn.opcode has them: 0x0f00 is added for two bytes, 0x3800
 * for three (0F 38). Only those that others ask for have names.
 */
enum kvm_opcode {
	OPCODE_INS_BYTE = 0x6c,
	OPCODE_INS = 0x6d,
	OPCODE_OUTS_BYTE = 0x6e,
	OPCODE_OUTS = 0x6f,
	OPCODE_HLT = 0xf4,
	OPCODE_GROUP7 = 0x0f01,		/* VMCALL, VMMCALL, XSETBV, SMSW, LMSW, INVLPG... */
	OPCODE_CLTS = 0x0f06,
	OPCODE_INVD = 0x0f08,
	OPCODE_WBINVD = 0x0f09,
	OPCODE_MOV_FROM_CR = 0x0f20,
	OPCODE_MOV_FROM_DR = 0x0f21,
	OPCODE_MOV_TO_CR = 0x0f22,
	OPCODE_MOV_TO_DR = 0x0f23,
	OPCODE_WRMSR = 0x0f30,
	OPCODE_RDTSC = 0x0f31,
	OPCODE_RDMSR = 0x0f32,
	OPCODE_RDPMC = 0x0f33,
	OPCODE_CPUID = 0x0fa2,
};

/* What an instruction does. The first two rows are in the order of opcodes. */
enum kvm_op {
	OP_ADD, OP_OR, OP_ADC, OP_SBB, OP_AND, OP_SUB, OP_XOR, OP_CMP,
	OP_ROL, OP_ROR, OP_RCL, OP_RCR, OP_SHL, OP_SHR, OP_SAL, OP_SAR,
	OP_BT, OP_BTS, OP_BTR, OP_BTC,
	OP_TEST, OP_NOT, OP_NEG, OP_INC, OP_DEC,
	OP_MOV, OP_MOVZX, OP_MOVSX, OP_MOVBE, OP_MOV_SEG, OP_CMOV, OP_SET,
	OP_XCHG, OP_XADD, OP_CMPXCHG, OP_CMPXCHG8B,
	OP_PUSH, OP_POP, OP_CALL, OP_JMP,
	OP_MOVS, OP_CMPS, OP_STOS, OP_LODS, OP_SCAS, OP_INS, OP_OUTS,
	OP_XMM,			/* moves between an XMM register and r/m */
	OP_EXIT,		/* never emulated: length and rm are all */
	OP_NONE
};

/* kvm_insn.flags: where the operands are. */
#define INSN_TO_REG	(1u << 0)	/* destination is reg; else r/m */
#define INSN_IMM	(1u << 1)	/* the source is imm */
#define INSN_CL		(1u << 2)	/* the source is CL */
#define INSN_MOFFS	(1u << 3)	/* reg is RAX, the address is disp */
#define INSN_ALIGNED	(1u << 4)	/* XMM: #GP unless 16-byte aligned */
#define INSN_GPR_RM	(1u << 5)	/* XMM: r/m as a register is a general one */
#define INSN_MERGE	(1u << 6)	/* XMM to XMM keeps the upper part */
#define INSN_FLAGS	0x7f

struct kvm_insn {
	u8 len;			/* bytes, prefixes and all */
	u8 bits;		/* 16, 32, 64: of the code */
	u8 op;			/* enum kvm_op */
	u16 opcode;		/* enum kvm_opcode */
	u32 flags;		/* INSN_* */
	u8 rep;			/* the last of 0xf2 and 0xf3; 0: none */
	bool lock;
	bool rex;		/* byte registers 4 to 7 are SPL to DIL */
	u8 operand_bytes;	/* of registers and of the operation */
	u8 memory_bytes;	/* of r/m, where that is memory */
	u8 address_bytes;
	u8 segment;		/* enum kvm_seg of the memory operand (strings: the source) */
	bool memory;		/* r/m is memory */
	u8 reg, rm;		/* numbers, REX included */
	u8 base, index;		/* enum kvm_gpr or INSN_NO_REG */
	u8 scale;		/* index is shifted left by this */
	bool rip_relative;
	u64 disp;		/* sign-extended */
	u64 imm;		/* sign-extended */
};

/*
 * bits: 16, 32 or 64, the code segment's. -EINVAL: not one of the above;
 * -ENODATA: more bytes than there are; -E2BIG: longer than 15 bytes, which is
 * #GP; -EILSEQ: a LOCK that is not allowed, or a form that is #UD.
 */
int kvm_insn_decode(struct kvm_insn *insn, const u8 *bytes, int count, int bits);

/* Where its memory operand is in the segment. rip: of the instruction. */
u64 kvm_insn_address(const struct kvm_insn *insn, const u64 gpr[GPR_COUNT], u64 rip);

/* Of group 7; r/m has two bytes where it is memory. */
static inline bool kvm_insn_is_smsw(const struct kvm_insn *insn)
{
	return insn->opcode == OPCODE_GROUP7 && (insn->reg & 7) == 4;
}

/* One that makes a guest exit whatever its operands are. */
static inline bool kvm_insn_exits(const struct kvm_insn *insn)
{
	return insn->op == OP_EXIT || insn->op == OP_INS || insn->op == OP_OUTS;
}

#endif
