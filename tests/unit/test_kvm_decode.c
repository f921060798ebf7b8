// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/x86/decode.c tests/unit/random.c */
/*
 * Cases by hand, and Zydis as the second opinion: what we decode it decodes
 * to the same length and operands, and what it knows of our instructions we
 * know. COUNT= random strings, SEED= repeats a run.
 */
#include <check.h>
#include <stdio.h>
#include <Zydis/Zydis.h>

#include "kvm/x86/decode.h"
#include "random.h"
#include "tests/count.h"

static const struct {
	int bits, count;
	u8 bytes[KVM_INSN_MAX];
	int len;		/* 0: refused */
	u16 opcode;
	u8 rm;
	u8 segment;
} cases[] = {
	{ 16, 2, { 0x0f, 0xa2 }, 2, OPCODE_CPUID, 0, SEG_DS },
	{ 64, 3, { 0x48, 0x0f, 0xa2 }, 3, OPCODE_CPUID, 0, SEG_DS },
	{ 32, 2, { 0x48, 0x0f }, 0, 0, 0, 0 },			/* dec %eax */
	{ 16, 4, { 0x66, 0xf3, 0x0f, 0xa2 }, 4, OPCODE_CPUID, 0, SEG_DS },
	{ 64, 1, { 0xf4 }, 1, OPCODE_HLT, 0, SEG_DS },
	{ 64, 3, { 0x0f, 0x20, 0xe3 }, 3, OPCODE_MOV_FROM_CR, 3, SEG_DS },
	{ 64, 4, { 0x41, 0x0f, 0x22, 0xe3 }, 4, OPCODE_MOV_TO_CR, 11, SEG_DS },
	{ 64, 5, { 0x41, 0x66, 0x0f, 0x22, 0xe3 }, 5, OPCODE_MOV_TO_CR, 3, SEG_DS },
	{ 16, 3, { 0x0f, 0x23, 0xc7 }, 3, OPCODE_MOV_TO_DR, 7, SEG_DS },
	{ 16, 3, { 0x0f, 0x01, 0xd9 }, 3, OPCODE_GROUP7, 1, SEG_DS },
	{ 16, 3, { 0x0f, 0x01, 0x10 }, 0, 0, 0, 0 },		/* lgdt */
	{ 64, 2, { 0x0f, 0x31 }, 2, OPCODE_RDTSC, 0, SEG_DS },
	{ 64, 3, { 0x0f, 0x01, 0x3b }, 3, OPCODE_GROUP7, 3, SEG_DS },	/* invlpg (%rbx) */
	{ 64, 5, { 0x65, 0x0f, 0x01, 0x7d, 0x10 }, 5, OPCODE_GROUP7, 5, SEG_GS },
	{ 16, 3, { 0x0f, 0x01, 0xf2 }, 3, OPCODE_GROUP7, 2, SEG_DS },	/* lmsw %dx */
	{ 32, 7, { 0x0f, 0x01, 0x35, 0, 0x10, 0, 0 }, 7, OPCODE_GROUP7, 5, SEG_DS },
	{ 32, 3, { 0x0f, 0x01, 0xe1 }, 3, OPCODE_GROUP7, 1, SEG_DS },	/* smsw %ecx */
	{ 16, 5, { 0x0f, 0x01, 0x26, 0, 0x50 }, 5, OPCODE_GROUP7, 6, SEG_DS },
	{ 16, 3, { 0x26, 0xf3, 0x6e }, 3, OPCODE_OUTS_BYTE, 0, 0 },
	{ 16, 3, { 0x64, 0x67, 0x6f }, 3, OPCODE_OUTS, 0, 4 },
	{ 16, 1, { 0x0f }, 0, 0, 0, 0 },
	{ 16, 2, { 0x0f, 0x22 }, 0, 0, 0, 0 },
	{ 16, 0, { 0 }, 0, 0, 0, 0 },
	{ 16, 1, { 0x90 }, 0, 0, 0, 0 },
	{ 16, 15, { 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		    0x66, 0x66, 0x66, 0x66, 0x66 }, 0, 0, 0, 0 },
	{ 16, 15, { 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		    0x66, 0x66, 0x66, 0x0f, 0xa2 }, 15, OPCODE_CPUID, 0, SEG_DS },
};

START_TEST(decodes)
{
	struct kvm_insn insn;
	int ret = kvm_insn_decode(&insn, cases[_i].bytes, cases[_i].count, cases[_i].bits);

	if (!cases[_i].len) {
		ck_assert_int_lt(ret, 0);
		return;
	}
	ck_assert_int_eq(ret, 0);
	ck_assert_int_eq(insn.len, cases[_i].len);
	ck_assert_int_eq(insn.opcode, cases[_i].opcode);
	ck_assert_int_eq(insn.rm, cases[_i].rm);
	ck_assert_int_eq(insn.segment, cases[_i].segment);
	ck_assert(kvm_insn_exits(&insn));
}
END_TEST

/* What is refused, and why. */
static const struct {
	int bits, count;
	u8 bytes[KVM_INSN_MAX];
	int ret;
} refusals[] = {
	{ 64, 3, { 0xf0, 0x89, 0x00 }, -EILSEQ },		/* lock mov */
	{ 64, 3, { 0xf0, 0x01, 0xc0 }, -EILSEQ },		/* lock add to a register */
	{ 64, 3, { 0xf0, 0x03, 0x00 }, -EILSEQ },		/* lock add from memory */
	{ 64, 4, { 0xf0, 0x0f, 0xa3, 0x00 }, -EILSEQ },		/* lock bt */
	{ 64, 2, { 0xf0, 0xa4 }, -EILSEQ },			/* lock movsb */
	{ 64, 3, { 0xf0, 0x01, 0x00 }, 0 },
	{ 64, 3, { 0xf0, 0x87, 0x00 }, 0 },
	{ 32, 5, { 0xa1, 0, 0, 0, 0 }, 0 },
	{ 32, 4, { 0xa1, 0, 0, 0 }, -ENODATA },
	{ 64, 15, { 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		    0x66, 0x66, 0x66, 0x89, 0x00 }, 0 },
	{ 64, 15, { 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		    0x66, 0x66, 0x66, 0x66, 0x89 }, -E2BIG },
	{ 64, 15, { 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		    0x66, 0x66, 0x66, 0x66, 0x66 }, -E2BIG },
	{ 64, 2, { 0x82, 0x00 }, -EINVAL },
	{ 64, 3, { 0x66, 0xff, 0x10 }, -EINVAL },		/* callw: vendors differ */
	{ 64, 2, { 0xc5, 0xf8 }, -EINVAL },			/* VEX */
};

START_TEST(refuses)
{
	struct kvm_insn insn;

	ck_assert_int_eq(kvm_insn_decode(&insn, refusals[_i].bytes, refusals[_i].count,
					 refusals[_i].bits), refusals[_i].ret);
}
END_TEST

/* ---- beside Zydis ---- */

static const struct {
	int bits;
	ZydisMachineMode mode;
	ZydisStackWidth stack;
} modes[] = {
	{ 16, ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16 },
	{ 32, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32 },
	{ 64, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64 },
};

static ZydisDecoder decoders[3];

static struct {
	unsigned long strings, ours, memory;
} seen;

#define agree(what) do { \
	if (!(what)) \
		disagree(bytes, bits, #what); \
} while (0)

static void disagree(const u8 *bytes, int bits, const char *what)
{
	char text[3 * KVM_INSN_MAX + 1];
	int i;

	for (i = 0; i < KVM_INSN_MAX; i++)
		sprintf(text + 3 * i, "%02x ", bytes[i]);
	ck_abort_msg("%d bits, %s: not %s", bits, text, what);
}

/* The number of a general register; INSN_NO_REG for none. */
static int number(ZydisRegister reg)
{
	int id = ZydisRegisterGetId(reg);

	if (reg == ZYDIS_REGISTER_NONE || ZydisRegisterGetClass(reg) == ZYDIS_REGCLASS_IP)
		return INSN_NO_REG;
	/* AH to BH are beside SPL to DIL there. */
	if (ZydisRegisterGetClass(reg) == ZYDIS_REGCLASS_GPR8)
		return id >= 8 ? id - 4 : id;
	return id;
}

static const ZydisDecodedOperand *find(const ZydisDecodedInstruction *z,
				       const ZydisDecodedOperand *ops,
				       ZydisOperandType type, int nth)
{
	int i;

	for (i = 0; i < z->operand_count; i++)
		if (ops[i].type == type && !nth--)
			return &ops[i];
	return NULL;
}

static bool is_string(const struct kvm_insn *insn)
{
	return insn->op >= OP_MOVS && insn->op <= OP_OUTS;
}

static int shift_of(int scale)
{
	return scale == 8 ? 3 : scale / 2;
}

/*
 * Zydis 4.0 with 32-bit addresses takes a SIB base of 5 for R13D where mod is 0
 * and REX.B is set, and for no displacement. There is no base (SDM volume 2, table 2-5: "don't care").
 */
static bool zydis_errs(const ZydisDecodedInstruction *z)
{
	return z->address_width == 32 && z->raw.modrm.rm == 4 && !z->raw.modrm.mod &&
	       z->raw.sib.base == 5 && z->raw.rex.B;
}

static void same_memory(const u8 *bytes, int bits, const struct kvm_insn *insn,
			const ZydisDecodedInstruction *z, const ZydisDecodedOperand *op)
{
	const ZydisDecodedOperandMem *mem = &op->mem;
	int base = number(mem->base), index = number(mem->index);
	u64 disp = mem->disp.has_displacement ? (u64)mem->disp.value : 0;
	u64 mask = insn->address_bytes == 8 ? ~0ull : (1ull << 8 * insn->address_bytes) - 1;

	agree(op->size == 8 * insn->memory_bytes);
	/* 0x3e before a near branch is CET's, but names DS all the same. */
	if (!(z->attributes & ZYDIS_ATTRIB_HAS_NOTRACK))
		agree(insn->segment == ZydisRegisterGetId(mem->segment));
	seen.memory++;
	if (zydis_errs(z))
		return;
	agree(insn->base == base && insn->index == index);
	agree(insn->index == INSN_NO_REG || insn->scale == shift_of(mem->scale) || !mem->scale);
	agree((insn->disp & mask) == (disp & mask));
	agree(insn->rip_relative == (ZydisRegisterGetClass(mem->base) == ZYDIS_REGCLASS_IP));
}

static void same_string(const u8 *bytes, int bits, const struct kvm_insn *insn,
			const ZydisDecodedInstruction *z, const ZydisDecodedOperand *ops)
{
	const ZydisDecodedOperand *mem;
	int i;

	agree(z->address_width == 8 * insn->address_bytes);
	for (i = 0; (mem = find(z, ops, ZYDIS_OPERAND_TYPE_MEMORY, i)); i++) {
		agree(mem->size == 8 * insn->operand_bytes);
		if (number(mem->mem.base) == GPR_RSI)
			agree(insn->segment == ZydisRegisterGetId(mem->mem.segment));
	}
	agree(i > 0);
}

static void same_operands(const u8 *bytes, int bits, const struct kvm_insn *insn,
			  const ZydisDecodedInstruction *z, const ZydisDecodedOperand *ops)
{
	const ZydisDecodedOperand *mem = find(z, ops, ZYDIS_OPERAND_TYPE_MEMORY, 0);
	int i;

	if (is_string(insn)) {
		same_string(bytes, bits, insn, z, ops);
		return;
	}
	agree(insn->memory == (mem && mem->visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT));
	if (insn->memory)
		same_memory(bytes, bits, insn, z, mem);
	if (insn->op == OP_CMPXCHG8B)
		return;
	for (i = 0; i < z->operand_count_visible; i++) {
		if (ops[i].encoding == ZYDIS_OPERAND_ENCODING_MODRM_REG &&
		    insn->op != OP_MOV_SEG)
			agree(number(ops[i].reg.value) == insn->reg);
		if (ops[i].encoding == ZYDIS_OPERAND_ENCODING_MODRM_RM && !insn->memory)
			agree(number(ops[i].reg.value) == insn->rm);
		if (ops[i].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && insn->flags & INSN_IMM &&
		    ops[i].encoding != ZYDIS_OPERAND_ENCODING_NONE)
			agree((u8)ops[i].imm.value.u == (u8)insn->imm);
		if (i == 0 && insn->op != OP_XMM && ops[i].type != ZYDIS_OPERAND_TYPE_IMMEDIATE)
			agree(ops[i].size == 8 * (insn->memory &&
			      ops[i].type == ZYDIS_OPERAND_TYPE_MEMORY ?
			      insn->memory_bytes : insn->operand_bytes));
	}
}

/* Those of which we must know every form with memory. */
static bool is_ours(ZydisMnemonic mnemonic)
{
	static const ZydisMnemonic list[] = {
#define M(name) ZYDIS_MNEMONIC_##name
		M(ADD), M(OR), M(ADC), M(SBB), M(AND), M(SUB), M(XOR), M(CMP),
		M(ROL), M(ROR), M(RCL), M(RCR), M(SHL), M(SHR), M(SAR),
		M(BT), M(BTS), M(BTR), M(BTC), M(TEST), M(NOT), M(NEG), M(INC), M(DEC),
		M(MOV), M(MOVZX), M(MOVSX), M(MOVSXD), M(MOVNTI), M(MOVBE),
		M(XCHG), M(XADD), M(CMPXCHG), M(CMPXCHG8B), M(CMPXCHG16B),
		M(MOVSB), M(MOVSW), M(MOVSQ), M(CMPSB), M(CMPSW), M(CMPSQ),
		M(STOSB), M(STOSW), M(STOSD), M(STOSQ), M(LODSB), M(LODSW), M(LODSD),
		M(LODSQ), M(SCASB), M(SCASW), M(SCASD), M(SCASQ),
		M(INSB), M(INSW), M(INSD), M(OUTSB), M(OUTSW), M(OUTSD),
		M(MOVUPS), M(MOVUPD), M(MOVAPS), M(MOVAPD), M(MOVDQA), M(MOVDQU),
		M(MOVSS), M(MOVSD), M(MOVD), M(MOVQ), M(MOVNTPS), M(MOVNTPD),
		M(MOVNTDQ), M(MOVNTDQA), M(PUSH), M(POP),
		M(SETO), M(SETNO), M(SETB), M(SETNB), M(SETZ), M(SETNZ), M(SETBE), M(SETNBE),
		M(SETS), M(SETNS), M(SETP), M(SETNP), M(SETL), M(SETNL), M(SETLE), M(SETNLE),
		M(CMOVO), M(CMOVNO), M(CMOVB), M(CMOVNB), M(CMOVZ), M(CMOVNZ), M(CMOVBE),
		M(CMOVNBE), M(CMOVS), M(CMOVNS), M(CMOVP), M(CMOVNP), M(CMOVL), M(CMOVNL),
		M(CMOVLE), M(CMOVNLE),
#undef M
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i] == mnemonic)
			return true;
	return false;
}

static bool must_know(const ZydisDecodedInstruction *z, const ZydisDecodedOperand *ops)
{
	const ZydisDecodedOperand *mem = find(z, ops, ZYDIS_OPERAND_TYPE_MEMORY, 0);
	int i;

	if (z->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY || !is_ours(z->mnemonic) || !mem)
		return false;
	for (i = 0; i < z->operand_count; i++) {
		if (ops[i].type != ZYDIS_OPERAND_TYPE_REGISTER)
			continue;
		switch (ZydisRegisterGetClass(ops[i].reg.value)) {
		case ZYDIS_REGCLASS_MMX:
			return false;
		case ZYDIS_REGCLASS_SEGMENT:	/* a load of one is another matter */
			if (ops[i].actions & ZYDIS_OPERAND_ACTION_WRITE)
				return false;
			break;
		default:
			break;
		}
	}
	/* The stack is no operand of its own. */
	return mem->visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT ||
	       z->meta.category == ZYDIS_CATEGORY_STRINGOP ||
	       z->meta.category == ZYDIS_CATEGORY_IOSTRINGOP;
}

static void compare(const u8 *bytes, int mode)
{
	ZydisDecodedInstruction z;
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	int bits = modes[mode].bits;
	struct kvm_insn insn;
	bool ours = !kvm_insn_decode(&insn, bytes, KVM_INSN_MAX, bits);
	bool theirs = ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoders[mode], bytes, KVM_INSN_MAX,
							  &z, ops));

	seen.strings++;
	if (ours && insn.op == OP_EXIT) {
		agree(!theirs || z.length == insn.len);
	} else if (ours) {
		seen.ours++;
		agree(theirs);
		agree(z.length == insn.len);
		same_operands(bytes, bits, &insn, &z, ops);
	} else if (theirs) {
		agree(!must_know(&z, ops));
	}
}

static void compare_all(const u8 *bytes)
{
	int mode;

	for (mode = 0; mode < 3; mode++)
		compare(bytes, mode);
}

static void fill(u8 *bytes)
{
	u64 values[2] = { random_u64(), random_u64() };

	memcpy(bytes, values, KVM_INSN_MAX);
}

/* Prefixes are rare in random bytes: some come before the rest. */
static void random_prefixes(u8 *bytes)
{
	static const u8 likely[] = {
		0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x64, 0x40, 0x48, 0x4f, 0x0f,
	};
	u64 dice = random_u64();
	int i;

	for (i = 0; i < 4 && dice % 3; i++, dice /= 37)
		bytes[i] = likely[dice / 3 % sizeof(likely)];
}

static void open_zydis(void)
{
	int i;

	for (i = 0; i < 3; i++)
		ck_assert(ZYAN_SUCCESS(ZydisDecoderInit(&decoders[i], modes[i].mode,
							modes[i].stack)));
	random_start("kvm decode");
}

START_TEST(random_strings)
{
	unsigned long count = count_of(150000, 20000000);
	u8 bytes[16];

	open_zydis();
	while (count--) {
		fill(bytes);
		random_prefixes(bytes);
		compare_all(bytes);
	}
	printf("kvm decode: %lu strings, %lu ours, %lu memory operands\n",
	       seen.strings, seen.ours, seen.memory);
	ck_assert_uint_gt(seen.memory, seen.strings / 20);
}
END_TEST

/* Each pair of first bytes behind each prefix and escape, the rest random. */
START_TEST(short_strings)
{
	static const u8 before[][2] = {
		{ 0 }, { 0x66 }, { 0x67 }, { 0xf0 }, { 0xf2 }, { 0xf3 }, { 0x48 }, { 0x4f },
		{ 0x0f }, { 0x66, 0x0f }, { 0xf2, 0x0f }, { 0xf3, 0x0f }, { 0xf0, 0x0f },
		{ 0x0f, 0x38 },
	};
	unsigned int i, pair;
	u8 bytes[16];
	int len;

	open_zydis();
	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		len = !!before[i][0] + !!before[i][1];
		for (pair = 0; pair < 0x10000; pair++) {
			fill(bytes);
			memcpy(bytes, before[i], len);
			memcpy(bytes + len, &pair, 2);
			compare(bytes, random_u64() % 3);
		}
	}
}
END_TEST

Suite *kvm_decode_suite(void);
Suite *kvm_decode_suite(void)
{
	Suite *suite = suite_create("kvm decode");
	TCase *tc = tcase_create("decode");

	tcase_add_loop_test(tc, decodes, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(tc, refuses, 0, sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tc, random_strings);
	tcase_add_test(tc, short_strings);
	suite_add_tcase(suite, tc);
	return suite;
}
