/* SPDX-License-Identifier: GPL-2.0 */
/* Arithmetic of x86 with its flags (SDM volume 1, appendix A). Plain logic. */
#ifndef KVM_X86_ALU_H
#define KVM_X86_ALU_H

#include "decode.h"

#define FLAG_CF		(1ull << 0)
#define FLAG_PF		(1ull << 2)
#define FLAG_AF		(1ull << 4)
#define FLAG_ZF		(1ull << 6)
#define FLAG_SF		(1ull << 7)
#define FLAG_TF		(1ull << 8)
#define FLAG_DF		(1ull << 10)
#define FLAG_OF		(1ull << 11)
#define FLAG_RF		(1ull << 16)
#define FLAG_VM		(1ull << 17)
#define FLAG_AC		(1ull << 18)
#define FLAGS_STATUS	(FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

/* All bits of a value of 1, 2, 4 or 8 bytes. */
static inline u64 kvm_mask(int bytes)
{
	return ~0ull >> (64 - 8 * bytes);
}

/*
 * The result of `op`, OP_ADD to OP_DEC, on operands of 1, 2, 4 or 8 bytes.
 * Flags that the manual leaves undefined are kept, or as last computed.
 */
u64 kvm_alu(enum kvm_op op, int bytes, u64 dst, u64 src, u64 *rflags);

/* Of SETcc, CMOVcc: the low four bits of the opcode. */
bool kvm_condition(u8 cc, u64 rflags);

#endif
