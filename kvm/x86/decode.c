// SPDX-License-Identifier: GPL-2.0
#include "decode.h"

#define REX_B		0x01
#define REX_X		0x02
#define REX_R		0x04
#define REX_W		0x08

/* What beside INSN_* a row of the tables may say. */
#define WIDE		(1u << 15)	/* operands of 4 bytes, or 8 with REX.W */
#define MODRM		(1u << 16)
#define BYTE		(1u << 17)	/* operands of one byte */
#define IMM8		(1u << 18)
#define IMMZ		(1u << 19)	/* as long as the operands, at most 4 */
#define DEFAULT_64	(1u << 20)	/* in 64-bit code no prefix is needed */
#define LOCKABLE	(1u << 21)	/* where r/m is memory */
#define MEMORY		(1u << 22)	/* r/m is never a register */
#define REGISTER	(1u << 23)	/* r/m is never memory */
#define NOT_64		(1u << 24)
#define ONLY_64		(1u << 25)
#define ONE		(1u << 26)	/* the source is 1 */
#define BYTE_RM		(1u << 27)	/* r/m has one byte */
#define WORD_RM		(1u << 28)	/* r/m in memory has two bytes */
#define DWORD_RM	(1u << 29)	/* r/m has four bytes */
#define PLAIN		(1u << 30)	/* 0xf2 and 0xf3 make another instruction */
#define PLAIN_66	(1u << 31)	/* so does 0x66 */

struct row {
	u8 op;			/* OP_NONE: not known; of a group: its number */
	bool group;		/* modrm.reg is part of the opcode */
	bool known;
	u32 flags;
};

#define ROW(op_, flags_)	{ .op = (op_), .flags = (flags_), .known = true }
#define GROUP(n, flags_)	{ .op = (n), .flags = (flags_), .known = true, .group = true }

#define ALU(opcode, op)								\
	[opcode] = ROW(op, MODRM | BYTE | LOCKABLE),				\
	[(opcode) + 1] = ROW(op, MODRM | LOCKABLE),				\
	[(opcode) + 2] = ROW(op, MODRM | BYTE | INSN_TO_REG),			\
	[(opcode) + 3] = ROW(op, MODRM | INSN_TO_REG)

/* For a pair of opcodes, the first for bytes. */
#define PAIR(opcode, op, flags)							\
	[opcode] = ROW(op, BYTE | (flags)), [(opcode) + 1] = ROW(op, flags)

enum {
	GROUP_ALU, GROUP_POP, GROUP_SHIFT, GROUP_MOV, GROUP_3_BYTE, GROUP_3,
	GROUP_4, GROUP_5, GROUP_BIT, GROUP_CMPXCHG, GROUP_7
};

static const struct row one_byte[256] = {
	ALU(0x00, OP_ADD), ALU(0x08, OP_OR), ALU(0x10, OP_ADC), ALU(0x18, OP_SBB),
	ALU(0x20, OP_AND), ALU(0x28, OP_SUB), ALU(0x30, OP_XOR),
	PAIR(0x38, OP_CMP, MODRM), PAIR(0x3a, OP_CMP, MODRM | INSN_TO_REG),
	[0x63] = ROW(OP_MOVSX, MODRM | INSN_TO_REG | DWORD_RM | ONLY_64),
	[0x68] = ROW(OP_PUSH, IMMZ | DEFAULT_64),
	[0x6a] = ROW(OP_PUSH, IMM8 | DEFAULT_64),
	PAIR(0x6c, OP_INS, 0), PAIR(0x6e, OP_OUTS, 0),
	[0x80] = GROUP(GROUP_ALU, BYTE | IMM8),
	[0x81] = GROUP(GROUP_ALU, IMMZ),
	[0x82] = GROUP(GROUP_ALU, BYTE | IMM8 | NOT_64),
	[0x83] = GROUP(GROUP_ALU, IMM8),
	PAIR(0x84, OP_TEST, MODRM), PAIR(0x86, OP_XCHG, MODRM | LOCKABLE),
	PAIR(0x88, OP_MOV, MODRM), PAIR(0x8a, OP_MOV, MODRM | INSN_TO_REG),
	[0x8c] = ROW(OP_MOV_SEG, MODRM | WORD_RM),
	[0x8f] = GROUP(GROUP_POP, DEFAULT_64),
	PAIR(0xa0, OP_MOV, INSN_MOFFS | INSN_TO_REG), PAIR(0xa2, OP_MOV, INSN_MOFFS),
	PAIR(0xa4, OP_MOVS, 0), PAIR(0xa6, OP_CMPS, 0), PAIR(0xaa, OP_STOS, 0),
	PAIR(0xac, OP_LODS, 0), PAIR(0xae, OP_SCAS, 0),
	[0xc0] = GROUP(GROUP_SHIFT, BYTE | IMM8),
	[0xc1] = GROUP(GROUP_SHIFT, IMM8),
	[0xc6] = GROUP(GROUP_MOV, BYTE | IMM8),
	[0xc7] = GROUP(GROUP_MOV, IMMZ),
	[0xd0] = GROUP(GROUP_SHIFT, BYTE | ONE),
	[0xd1] = GROUP(GROUP_SHIFT, ONE),
	[0xd2] = GROUP(GROUP_SHIFT, BYTE | INSN_CL),
	[0xd3] = GROUP(GROUP_SHIFT, INSN_CL),
	[0xf4] = ROW(OP_EXIT, 0),
	[0xf6] = GROUP(GROUP_3_BYTE, BYTE),
	[0xf7] = GROUP(GROUP_3, 0),
	[0xfe] = GROUP(GROUP_4, BYTE),
	[0xff] = GROUP(GROUP_5, 0),
};

static const struct row two_bytes[256] = {
	[0x01] = GROUP(GROUP_7, 0),
	[0x06] = ROW(OP_EXIT, 0),
	[0x08 ... 0x09] = ROW(OP_EXIT, 0),
	/* MOV CR and DR take every modrm as of a register. */
	[0x20 ... 0x23] = ROW(OP_EXIT, MODRM),
	[0x30 ... 0x33] = ROW(OP_EXIT, 0),
	[0x40 ... 0x4f] = ROW(OP_CMOV, MODRM | INSN_TO_REG),
	[0x90 ... 0x9f] = ROW(OP_SET, MODRM | BYTE),
	[0xa2] = ROW(OP_EXIT, 0),
	[0xa3] = ROW(OP_BT, MODRM),
	[0xab] = ROW(OP_BTS, MODRM | LOCKABLE),
	[0xb3] = ROW(OP_BTR, MODRM | LOCKABLE),
	[0xbb] = ROW(OP_BTC, MODRM | LOCKABLE),
	PAIR(0xb0, OP_CMPXCHG, MODRM | LOCKABLE),
	[0xb6] = ROW(OP_MOVZX, MODRM | INSN_TO_REG | BYTE_RM),
	[0xb7] = ROW(OP_MOVZX, MODRM | INSN_TO_REG | WORD_RM),
	[0xba] = GROUP(GROUP_BIT, IMM8),
	[0xbe] = ROW(OP_MOVSX, MODRM | INSN_TO_REG | BYTE_RM),
	[0xbf] = ROW(OP_MOVSX, MODRM | INSN_TO_REG | WORD_RM),
	PAIR(0xc0, OP_XADD, MODRM | LOCKABLE),
	[0xc3] = ROW(OP_MOV, MODRM | MEMORY | WIDE | PLAIN | PLAIN_66), /* MOVNTI */
	[0xc7] = GROUP(GROUP_CMPXCHG, 0),
};

static const struct row after_0f38[256] = {
	[0xf0] = ROW(OP_MOVBE, MODRM | INSN_TO_REG | MEMORY | PLAIN),
	[0xf1] = ROW(OP_MOVBE, MODRM | MEMORY | PLAIN),
};

/* Their rows are added to that of the opcode. */
static const struct row groups[][8] = {
	[GROUP_ALU] = {
		ROW(OP_ADD, LOCKABLE), ROW(OP_OR, LOCKABLE), ROW(OP_ADC, LOCKABLE),
		ROW(OP_SBB, LOCKABLE), ROW(OP_AND, LOCKABLE), ROW(OP_SUB, LOCKABLE),
		ROW(OP_XOR, LOCKABLE), ROW(OP_CMP, 0),
	},
	[GROUP_POP] = { ROW(OP_POP, 0) },
	[GROUP_SHIFT] = {
		ROW(OP_ROL, 0), ROW(OP_ROR, 0), ROW(OP_RCL, 0), ROW(OP_RCR, 0),
		ROW(OP_SHL, 0), ROW(OP_SHR, 0), ROW(OP_SAL, 0), ROW(OP_SAR, 0),
	},
	[GROUP_MOV] = { ROW(OP_MOV, 0) },
	[GROUP_3_BYTE] = {
		ROW(OP_TEST, IMM8), ROW(OP_TEST, IMM8),
		ROW(OP_NOT, LOCKABLE), ROW(OP_NEG, LOCKABLE),
	},
	[GROUP_3] = {
		ROW(OP_TEST, IMMZ), ROW(OP_TEST, IMMZ),
		ROW(OP_NOT, LOCKABLE), ROW(OP_NEG, LOCKABLE),
	},
	[GROUP_4] = { ROW(OP_INC, LOCKABLE), ROW(OP_DEC, LOCKABLE) },
	[GROUP_5] = {
		ROW(OP_INC, LOCKABLE), ROW(OP_DEC, LOCKABLE),
		ROW(OP_CALL, DEFAULT_64), { 0 }, ROW(OP_JMP, DEFAULT_64), { 0 },
		ROW(OP_PUSH, DEFAULT_64),
	},
	[GROUP_BIT] = {
		{ 0 }, { 0 }, { 0 }, { 0 }, ROW(OP_BT, 0), ROW(OP_BTS, LOCKABLE),
		ROW(OP_BTR, LOCKABLE), ROW(OP_BTC, LOCKABLE),
	},
	[GROUP_CMPXCHG] = { { 0 }, ROW(OP_CMPXCHG8B, LOCKABLE | MEMORY | WIDE) },
	/* With a register VMCALL, MONITOR, XSETBV and the like; SMSW, LMSW; INVLPG. */
	[GROUP_7] = {
		ROW(OP_EXIT, REGISTER), ROW(OP_EXIT, REGISTER), ROW(OP_EXIT, REGISTER),
		ROW(OP_EXIT, REGISTER), ROW(OP_EXIT, WORD_RM), ROW(OP_EXIT, REGISTER),
		ROW(OP_EXIT, WORD_RM), ROW(OP_EXIT, 0),
	},
};

/* Moves of XMM registers: the prefix is part of the opcode. */
static const struct {
	u16 opcode;
	u8 prefix;		/* 0, 0x66, 0xf2, 0xf3 */
	u8 memory_bytes;	/* 0: 4, or 8 with REX.W */
	u32 flags;
} xmm_moves[] = {
	{ 0x0f10, 0x00, 16, INSN_TO_REG },			/* MOVUPS */
	{ 0x0f11, 0x00, 16, 0 },
	{ 0x0f10, 0x66, 16, INSN_TO_REG },			/* MOVUPD */
	{ 0x0f11, 0x66, 16, 0 },
	{ 0x0f10, 0xf3, 4, INSN_TO_REG | INSN_MERGE },		/* MOVSS */
	{ 0x0f11, 0xf3, 4, INSN_MERGE },
	{ 0x0f10, 0xf2, 8, INSN_TO_REG | INSN_MERGE },		/* MOVSD */
	{ 0x0f11, 0xf2, 8, INSN_MERGE },
	{ 0x0f28, 0x00, 16, INSN_TO_REG | INSN_ALIGNED },	/* MOVAPS */
	{ 0x0f29, 0x00, 16, INSN_ALIGNED },
	{ 0x0f28, 0x66, 16, INSN_TO_REG | INSN_ALIGNED },	/* MOVAPD */
	{ 0x0f29, 0x66, 16, INSN_ALIGNED },
	{ 0x0f2b, 0x00, 16, INSN_ALIGNED | MEMORY },		/* MOVNTPS */
	{ 0x0f2b, 0x66, 16, INSN_ALIGNED | MEMORY },		/* MOVNTPD */
	{ 0x0f6e, 0x66, 0, INSN_TO_REG | INSN_GPR_RM },		/* MOVD, MOVQ */
	{ 0x0f7e, 0x66, 0, INSN_GPR_RM },
	{ 0x0f6f, 0x66, 16, INSN_TO_REG | INSN_ALIGNED },	/* MOVDQA */
	{ 0x0f7f, 0x66, 16, INSN_ALIGNED },
	{ 0x0f6f, 0xf3, 16, INSN_TO_REG },			/* MOVDQU */
	{ 0x0f7f, 0xf3, 16, 0 },
	{ 0x0f7e, 0xf3, 8, INSN_TO_REG },			/* MOVQ */
	{ 0x0fd6, 0x66, 8, 0 },
	{ 0x0fe7, 0x66, 16, INSN_ALIGNED | MEMORY },		/* MOVNTDQ */
	{ 0x382a, 0x66, 16, INSN_TO_REG | INSN_ALIGNED | MEMORY }, /* MOVNTDQA */
};

/* ---- the bytes, one after the other ---- */

struct cursor {
	const u8 *bytes;
	int at, count;
	int error;		/* set when there are too few; 0 is read then */
	bool operand_prefix, address_prefix;
	u8 rex;
	u8 override;		/* a segment, or INSN_NO_REG */
	u8 modrm;
};

/* The next n bytes, little-endian, sign-extended. */
static u64 take(struct cursor *c, int n)
{
	u64 value = 0;
	int i;

	if (c->error)
		return 0;
	if (n > KVM_INSN_MAX - c->at) {
		c->error = -E2BIG;
		return 0;
	}
	if (n > c->count - c->at) {
		c->error = -ENODATA;
		return 0;
	}
	for (i = 0; i < n; i++)
		value |= (u64)c->bytes[c->at + i] << (8 * i);
	c->at += n;
	return n == 8 ? value : (u64)((s64)(value << (64 - 8 * n)) >> (64 - 8 * n));
}

static u8 take_byte(struct cursor *c)
{
	return take(c, 1);
}

/* Takes one legacy prefix; false: it is none. */
static bool legacy_prefix(struct kvm_insn *insn, struct cursor *c, u8 byte)
{
	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
		/* Ignored in 64-bit code. */
		if (insn->bits != 64)
			c->override = byte >> 3 & 3;	/* ES, CS, SS, DS */
		return true;
	case 0x64:
	case 0x65:
		c->override = byte - 0x60;		/* FS, GS */
		return true;
	case 0x66:
		c->operand_prefix = true;
		return true;
	case 0x67:
		c->address_prefix = true;
		return true;
	case 0xf0:
		insn->lock = true;
		return true;
	case 0xf2:
	case 0xf3:
		insn->rep = byte;
		return true;
	default:
		return false;
	}
}

/* All prefixes; returns the byte that follows them. */
static u8 take_prefixes(struct kvm_insn *insn, struct cursor *c)
{
	for (;;) {
		u8 byte = take_byte(c);

		if (c->error)
			return 0;
		if (insn->bits == 64 && (byte & 0xf0) == 0x40)
			c->rex = byte;	/* counts only right before the opcode */
		else if (legacy_prefix(insn, c, byte))
			c->rex = 0;
		else
			return byte;
	}
}

static const struct row *take_opcode(struct kvm_insn *insn, struct cursor *c)
{
	u8 byte = take_prefixes(insn, c);

	insn->opcode = byte;
	if (byte != 0x0f)
		return &one_byte[byte];
	byte = take_byte(c);
	insn->opcode = 0x0f00 | byte;
	if (byte != 0x38)
		return &two_bytes[byte];
	byte = take_byte(c);
	insn->opcode = 0x3800 | byte;
	return &after_0f38[byte];
}

/* The prefix that counts as part of an XMM opcode. */
static u8 mandatory_prefix(const struct kvm_insn *insn, const struct cursor *c)
{
	if (insn->rep)
		return insn->rep;
	return c->operand_prefix ? 0x66 : 0;
}

static bool is_xmm_move(struct kvm_insn *insn, const struct cursor *c,
			struct row *row)
{
	size_t i;

	for (i = 0; i < sizeof(xmm_moves) / sizeof(xmm_moves[0]); i++) {
		if (xmm_moves[i].opcode != insn->opcode ||
		    xmm_moves[i].prefix != mandatory_prefix(insn, c))
			continue;
		*row = (struct row)ROW(OP_XMM, MODRM | xmm_moves[i].flags);
		insn->memory_bytes = xmm_moves[i].memory_bytes;
		if (!insn->memory_bytes)
			insn->memory_bytes = c->rex & REX_W ? 8 : 4;
		return true;
	}
	return false;
}

/* ---- sizes ---- */

static void set_sizes(struct kvm_insn *insn, const struct cursor *c, u32 flags)
{
	int normal = insn->bits == 16 ? 2 : 4, other = 6 - normal;

	insn->rex = c->rex;
	insn->operand_bytes = c->operand_prefix ? other : normal;
	if (flags & WIDE)
		insn->operand_bytes = 4;
	if (c->rex & REX_W)
		insn->operand_bytes = 8;
	else if (insn->bits == 64 && (flags & DEFAULT_64) && !c->operand_prefix)
		insn->operand_bytes = 8;
	if (flags & BYTE)
		insn->operand_bytes = 1;
	if ((insn->op == OP_INS || insn->op == OP_OUTS) && insn->operand_bytes == 8)
		insn->operand_bytes = 4;
	if (insn->bits == 64)
		insn->address_bytes = c->address_prefix ? 4 : 8;
	else
		insn->address_bytes = c->address_prefix ? other : normal;

	if (insn->op == OP_XMM)
		return;
	insn->memory_bytes = insn->operand_bytes;
	if (insn->op == OP_CMPXCHG8B)
		insn->memory_bytes = insn->operand_bytes == 8 ? 16 : 8;
	if (flags & BYTE_RM)
		insn->memory_bytes = 1;
	if (flags & WORD_RM)
		insn->memory_bytes = 2;
	if (flags & DWORD_RM)
		insn->memory_bytes = 4;
}

/* ---- the operand in memory ---- */

static void address_16(struct kvm_insn *insn, struct cursor *c)
{
	static const struct { u8 base, index; } forms[8] = {
		{ GPR_RBX, GPR_RSI }, { GPR_RBX, GPR_RDI },
		{ GPR_RBP, GPR_RSI }, { GPR_RBP, GPR_RDI },
		{ GPR_RSI, INSN_NO_REG }, { GPR_RDI, INSN_NO_REG },
		{ GPR_RBP, INSN_NO_REG }, { GPR_RBX, INSN_NO_REG },
	};
	int mod = c->modrm >> 6, rm = c->modrm & 7;

	if (mod == 0 && rm == 6) {
		insn->disp = take(c, 2);
		return;
	}
	insn->base = forms[rm].base;
	insn->index = forms[rm].index;
	if (mod)
		insn->disp = take(c, mod == 1 ? 1 : 2);
}

/* "32-Bit Addressing Forms with the SIB Byte" */
static void take_sib(struct kvm_insn *insn, struct cursor *c)
{
	u8 sib = take_byte(c);
	u8 index = (sib >> 3 & 7) | (c->rex & REX_X ? 8 : 0);

	insn->scale = sib >> 6;
	if (index != GPR_RSP)
		insn->index = index;
	if ((sib & 7) == 5 && c->modrm < 0x40)
		insn->disp = take(c, 4);
	else
		insn->base = (sib & 7) | (c->rex & REX_B ? 8 : 0);
}

static void address_32(struct kvm_insn *insn, struct cursor *c)
{
	int mod = c->modrm >> 6, rm = c->modrm & 7;

	if (rm == 4) {
		take_sib(insn, c);
	} else if (mod == 0 && rm == 5) {
		insn->rip_relative = insn->bits == 64;
		insn->disp = take(c, 4);
	} else {
		insn->base = insn->rm;
	}
	if (mod)
		insn->disp = take(c, mod == 1 ? 1 : 4);
}

static void take_modrm(struct kvm_insn *insn, struct cursor *c)
{
	c->modrm = take_byte(c);
	insn->reg = (c->modrm >> 3 & 7) | (c->rex & REX_R ? 8 : 0);
	insn->rm = (c->modrm & 7) | (c->rex & REX_B ? 8 : 0);
}

static void take_address(struct kvm_insn *insn, struct cursor *c)
{
	insn->memory = true;
	if (insn->address_bytes == 2)
		address_16(insn, c);
	else
		address_32(insn, c);
	if (insn->base == GPR_RSP || insn->base == GPR_RBP)
		insn->segment = SEG_SS;
}

/* ---- the whole ---- */

/* Adds the group's row, now that modrm is known. */
static bool resolve_group(struct row *row, u8 modrm)
{
	const struct row *member = &groups[row->op][modrm >> 3 & 7];

	if (!member->known)
		return false;
	row->op = member->op;
	row->flags |= member->flags;
	return true;
}

/* Forms that share an opcode with something else, or with nothing. */
static int check_form(const struct kvm_insn *insn, const struct cursor *c, u32 flags)
{
	bool is_memory = c->modrm < 0xc0;
	bool cr_move = insn->opcode == OPCODE_MOV_FROM_CR ||
		       insn->opcode == OPCODE_MOV_TO_CR;

	if ((flags & NOT_64 && insn->bits == 64) || (flags & ONLY_64 && insn->bits != 64))
		return -EINVAL;
	if ((flags & PLAIN && insn->rep) || (flags & PLAIN_66 && c->operand_prefix))
		return -EINVAL;
	if ((flags & MEMORY && !is_memory) || (flags & REGISTER && is_memory))
		return -EINVAL;
	if (insn->op == OP_MOV_SEG && (insn->reg & 7) > SEG_GS)
		return -EINVAL;
	/* The two vendors do not agree on a near branch with 0x66. */
	if ((insn->op == OP_CALL || insn->op == OP_JMP) && insn->bits == 64 &&
	    c->operand_prefix)
		return -EINVAL;
	/* AMD's other name of CR8 is LOCK MOV CR0. */
	if (insn->lock && !cr_move &&
	    !(flags & LOCKABLE && is_memory && !(flags & INSN_TO_REG)))
		return -EILSEQ;
	return 0;
}

static void take_immediate(struct kvm_insn *insn, struct cursor *c, u32 flags)
{
	if (flags & IMM8)
		insn->imm = take(c, 1);
	else if (flags & IMMZ)
		insn->imm = take(c, insn->operand_bytes == 2 ? 2 : 4);
	else if (flags & ONE)
		insn->imm = 1;
	if (flags & (IMM8 | IMMZ | ONE))
		insn->flags |= INSN_IMM;
	if (flags & INSN_MOFFS) {
		insn->memory = true;
		insn->disp = take(c, insn->address_bytes);
	}
}

static int decode_at(struct kvm_insn *insn, struct cursor *c)
{
	struct row row = *take_opcode(insn, c);
	int ret;

	if (c->error)
		return c->error;
	/* No opcode of the tables is an XMM move with some prefix. */
	if (!row.known && !is_xmm_move(insn, c, &row))
		return -EINVAL;
	if (row.group || row.flags & MODRM)
		take_modrm(insn, c);
	if (c->error)
		return c->error;
	if (row.group && !resolve_group(&row, c->modrm))
		return -EINVAL;
	insn->op = row.op;
	insn->flags = row.flags & INSN_FLAGS;
	ret = check_form(insn, c, row.flags);
	if (ret)
		return ret;
	insn->len = c->at;
	if (insn->op == OP_EXIT && !row.group)
		return 0;
	set_sizes(insn, c, row.flags);
	if ((row.group || row.flags & MODRM) && c->modrm < 0xc0)
		take_address(insn, c);
	take_immediate(insn, c, row.flags);
	if (c->override != INSN_NO_REG)
		insn->segment = c->override;
	insn->len = c->at;
	return c->error;
}

/*
 * 0x0f and a byte, as CPUID and RDMSR: all that a processor needs decoded again
 * and again which tells no length of what exited.
 */
static bool decode_short_exit(struct kvm_insn *insn, const u8 *bytes, int count)
{
	const struct row *row;

	if (count < 2 || bytes[0] != 0x0f)
		return false;
	row = &two_bytes[bytes[1]];
	if (row->op != OP_EXIT || row->flags)
		return false;
	insn->op = OP_EXIT;
	insn->opcode = 0x0f00 | bytes[1];
	insn->len = 2;
	return true;
}

static noinline int decode(struct kvm_insn *insn, const u8 *bytes, int count)
{
	struct cursor c = {
		.bytes = bytes,
		.count = count,
		.override = INSN_NO_REG,
		.modrm = 0xc0,
	};

	return decode_at(insn, &c);
}

int kvm_insn_decode(struct kvm_insn *insn, const u8 *bytes, int count, int bits)
{
	memset(insn, 0, sizeof(*insn));
	insn->bits = bits;
	insn->segment = SEG_DS;
	insn->base = insn->index = INSN_NO_REG;
	return decode_short_exit(insn, bytes, count) ? 0 : decode(insn, bytes, count);
}

u64 kvm_insn_address(const struct kvm_insn *insn, const u64 gpr[GPR_COUNT], u64 rip)
{
	u64 address = insn->disp;

	if (insn->rip_relative)
		address += rip + insn->len;
	if (insn->base != INSN_NO_REG)
		address += gpr[insn->base];
	if (insn->index != INSN_NO_REG)
		address += gpr[insn->index] << insn->scale;
	return insn->address_bytes == 8 ? address :
	       address & ((1ull << 8 * insn->address_bytes) - 1);
}
