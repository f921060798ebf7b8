// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/x86/emulate.c kvm/x86/access.c kvm/x86/alu.c tests/unit/emulated.c */
/* The emulator where test_kvm_processor.c cannot go: devices, segments, batches. */
#include <check.h>
#include <string.h>

#include "emulated.h"
#include "kvm/x86/alu.h"

/* Both pages are a device's, unless a test says otherwise. */
static struct state cpu;
static struct kvm_emulator machine;

static void reset_world(int code_bits)
{
	unsigned int i;

	emulated.bits = code_bits;
	emulated_flat_segments();
	memset(&cpu, 0, sizeof(cpu));
	emulated.state = &cpu;
	for (i = 0; i < ALL_BYTES; i++)
		emulated.memory[i] = i;
	emulated.device[0] = emulated.device[1] = true;
	machine = (struct kvm_emulator) {
		.ops = &emulated_ops,
		.regs = &cpu.regs,
		.access.ops = &emulated_access_ops,
		.protected_mode = true,
		.xmm_usable = true,
		.linear_bits = 48,
	};
}

static void in_64(void)
{
	reset_world(64);
}

static void decode(const char *bytes, int count)
{
	ck_assert_int_eq(kvm_insn_decode(&machine.insn, (const u8 *)bytes, count,
					 emulated.bits), 0);
	kvm_access_begin(&machine.access);
}

#define DECODE(bytes) decode(bytes, sizeof(bytes) - 1)

static const struct kvm_piece *asked(void)
{
	ck_assert(machine.access.waiting);
	return &machine.access.reads[machine.access.known];
}

/* A read over the edge of two devices' pages: two questions, in order. */
START_TEST(read_waits)
{
	u64 before = 0x1111111111111111;

	DECODE("\x48\x03\x03");			/* add (%rbx), %rax */
	cpu.regs.gpr[GPR_RBX] = DATA + PAGE - 3;
	cpu.regs.gpr[GPR_RAX] = before;
	ck_assert_int_eq(kvm_emulate(&machine), -EAGAIN);
	ck_assert_uint_eq(asked()->gpa, DATA + PAGE - 3);
	ck_assert_uint_eq(asked()->size, 3);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RAX], before);
	ck_assert_uint_eq(cpu.regs.rip, 0);
	kvm_access_answer(&machine.access, "\x01\x02\x03");
	ck_assert_int_eq(kvm_emulate(&machine), -EAGAIN);
	ck_assert_uint_eq(asked()->gpa, DATA + PAGE);
	ck_assert_uint_eq(asked()->size, 5);
	kvm_access_answer(&machine.access, "\x04\x05\x06\x07\x08");
	ck_assert_int_eq(kvm_emulate(&machine), 0);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RAX], before + 0x0807060504030201);
	ck_assert_uint_eq(cpu.regs.rip, 3);
	ck_assert_ptr_null(kvm_access_next_store(&machine.access));
}
END_TEST

/* The register was changed while it waited: the old answer is not for it. */
START_TEST(stale_answer)
{
	DECODE("\x8b\x03");				/* mov (%rbx), %eax */
	cpu.regs.gpr[GPR_RBX] = DATA;
	ck_assert_int_eq(kvm_emulate(&machine), -EAGAIN);
	kvm_access_answer(&machine.access, "\x01\x02\x03\x04");
	cpu.regs.gpr[GPR_RBX] = DATA + 8;
	ck_assert_int_eq(kvm_emulate(&machine), -EAGAIN);
	ck_assert_uint_eq(asked()->gpa, DATA + 8);
	kvm_access_answer(&machine.access, "\x05\x06\x07\x08");
	ck_assert_int_eq(kvm_emulate(&machine), 0);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RAX], 0x08070605);
}
END_TEST

/* What was read is read, also if there is memory by now. */
START_TEST(answer_stays)
{
	DECODE("\x8b\x03");				/* mov (%rbx), %eax */
	cpu.regs.gpr[GPR_RBX] = DATA;
	ck_assert_int_eq(kvm_emulate(&machine), -EAGAIN);
	kvm_access_answer(&machine.access, "\x51\x52\x53\x54");
	emulated.device[0] = false;
	ck_assert_int_eq(kvm_emulate(&machine), 0);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RAX], 0x54535251);
}
END_TEST

/* 16 bytes from memory into the device: pieces of 8 at most. */
START_TEST(store_in_pieces)
{
	const struct kvm_piece *piece;

	DECODE("\x0f\x11\x03");			/* movups %xmm0, (%rbx) */
	memcpy(cpu.xmm[0], "abcdefghijklmnop", 16);
	emulated.device[0] = false;
	cpu.regs.gpr[GPR_RBX] = DATA + PAGE - 5;
	ck_assert_int_eq(kvm_emulate(&machine), 0);
	ck_assert_int_eq(memcmp(emulated.memory + PAGE - 5, "abcde", 5), 0);
	ck_assert_uint_eq(emulated.memory[PAGE], 0);
	piece = kvm_access_next_store(&machine.access);
	ck_assert_uint_eq(piece->gpa, DATA + PAGE);
	ck_assert_uint_eq(piece->size, 8);
	ck_assert_int_eq(memcmp(piece->data, "fghijklm", 8), 0);
	piece = kvm_access_next_store(&machine.access);
	ck_assert_uint_eq(piece->gpa, DATA + PAGE + 8);
	ck_assert_uint_eq(piece->size, 3);
	ck_assert_ptr_null(kvm_access_next_store(&machine.access));
}
END_TEST

/* The second page faults: nothing is stored in the first. */
START_TEST(no_part_of_a_store)
{
	DECODE("\x48\x89\x03");			/* mov %rax, (%rbx) */
	emulated.device[0] = emulated.device[1] = false;
	cpu.regs.gpr[GPR_RBX] = DATA + DATA_BYTES - 4;
	cpu.regs.gpr[GPR_RAX] = ~0ull;
	ck_assert_int_eq(kvm_emulate(&machine), -EILSEQ);
	ck_assert_uint_eq(machine.access.fault.vector, FAULT_PF);
	ck_assert_uint_eq(machine.access.fault.error, 7);
	ck_assert_uint_eq(machine.access.fault.address, DATA + DATA_BYTES);
	ck_assert_uint_eq(emulated.memory[DATA_BYTES - 4], (DATA_BYTES - 4) & 0xff);
	ck_assert_uint_eq(cpu.regs.rip, 0);
}
END_TEST

/* What is all memory the processor does itself, atomically. */
START_TEST(left_to_processor)
{
	emulated.device[0] = emulated.device[1] = false;
	cpu.regs.gpr[GPR_RBX] = DATA;
	DECODE("\xf0\x01\x03");			/* lock add %eax, (%rbx) */
	ck_assert_int_eq(kvm_emulate(&machine), -ESTALE);
	DECODE("\x87\x03");				/* xchg %eax, (%rbx) */
	ck_assert_int_eq(kvm_emulate(&machine), -ESTALE);
	machine.xmm_usable = false;
	DECODE("\x0f\x10\x03");			/* movups (%rbx), %xmm0 */
	ck_assert_int_eq(kvm_emulate(&machine), -ESTALE);
	DECODE("\x6e");				/* outsb: it has its own way */
	ck_assert_int_eq(kvm_emulate(&machine), -EOPNOTSUPP);
	ck_assert_uint_eq(cpu.regs.rip, 0);
}
END_TEST

/* Segments: what, in which of them, at which offset; the vector, 0 for none. */
static const struct {
	const char *name;
	u8 type, db, unusable;
	u32 limit;
	u32 offset;
	bool stack, write, real_mode;
	u8 vector;
} checks[] = {
	{ "the last bytes", 3, 1, 0, 0xfff, 0xffc, 0, 0, 0, 0 },
	{ "past the limit", 3, 1, 0, 0xfff, 0xffd, 0, 0, 0, FAULT_GP },
	{ "past the limit, stack", 3, 1, 0, 0xfff, 0xffd, 1, 0, 0, 12 },
	{ "all of 4 GiB and on", 3, 1, 0, 0xffffffff, 0xfffffffe, 0, 0, 0, FAULT_GP },
	{ "read-only", 1, 1, 0, 0xfff, 0, 0, 1, 0, FAULT_GP },
	{ "read-only, read", 1, 1, 0, 0xfff, 0, 0, 0, 0, 0 },
	{ "code, written", 11, 1, 0, 0xfff, 0, 0, 1, 0, FAULT_GP },
	{ "code, readable", 11, 1, 0, 0xfff, 0, 0, 0, 0, 0 },
	{ "code, execute-only", 9, 1, 0, 0xfff, 0, 0, 0, 0, FAULT_GP },
	{ "real mode has no types", 9, 0, 0, 0xffff, 0, 0, 1, 1, 0 },
	{ "real mode has a limit", 3, 0, 0, 0xffff, 0xfffd, 0, 0, 1, FAULT_GP },
	{ "null", 3, 1, 1, 0xffffffff, 0, 0, 0, 0, FAULT_GP },
	{ "null, stack", 3, 1, 1, 0xffffffff, 0, 1, 0, 0, 12 },
	{ "expand-down, below", 7, 1, 0, 0xfff, 0xfff, 0, 0, 0, FAULT_GP },
	{ "expand-down, above", 7, 1, 0, 0xfff, 0x1000, 0, 0, 0, 0 },
	{ "expand-down, 64 KiB", 7, 0, 0, 0xfff, 0xfffd, 0, 0, 0, FAULT_GP },
};

START_TEST(segment_checks)
{
	enum kvm_seg seg = checks[_i].stack ? SEG_SS : SEG_DS;
	struct kvm_segment *s = &emulated.segments[seg];
	int ret;

	reset_world(32);
	machine.protected_mode = !checks[_i].real_mode;
	s->type = checks[_i].type;
	s->db = checks[_i].db;
	s->unusable = checks[_i].unusable;
	s->limit = checks[_i].limit;
	s->base = DATA;
	cpu.regs.gpr[GPR_RBX] = cpu.regs.gpr[GPR_RBP] = checks[_i].offset;
	if (checks[_i].write)
		DECODE("\x89\x03");			/* mov %eax, (%ebx) */
	else if (checks[_i].stack)
		DECODE("\x8b\x45\x00");		/* mov (%ebp), %eax */
	else
		DECODE("\x8b\x03");			/* mov (%ebx), %eax */
	ret = kvm_emulate(&machine);
	if (!checks[_i].vector) {
		ck_assert_msg(ret == 0 || ret == -EAGAIN, "%s: %d", checks[_i].name, ret);
		return;
	}
	ck_assert_msg(ret == -EILSEQ && machine.access.fault.vector == checks[_i].vector,
		      "%s: %d, vector %u", checks[_i].name, ret, machine.access.fault.vector);
}
END_TEST

START_TEST(alignment)
{
	machine.check_alignment = true;
	cpu.regs.gpr[GPR_RBX] = DATA + 2;
	DECODE("\x8b\x03");				/* mov (%rbx), %eax */
	ck_assert_int_eq(kvm_emulate(&machine), -EILSEQ);
	ck_assert_uint_eq(machine.access.fault.vector, 17);
	DECODE("\x66\x8b\x03");			/* mov (%rbx), %ax */
	ck_assert_int_eq(kvm_emulate(&machine), -EAGAIN);
}
END_TEST

/* In 16-bit code pointers wrap within 64 KiB, and the upper halves stay. */
START_TEST(wraps_at_64_kib)
{
	reset_world(16);
	emulated.segments[SEG_ES].base = DATA - 0xffff;
	emulated.segments[SEG_ES].limit = 0xffff;
	cpu.regs.gpr[GPR_RDI] = 0xabcdffff;
	cpu.regs.gpr[GPR_RCX] = 0x12340002;
	DECODE("\xf3\xaa");				/* rep stosb */
	ck_assert_int_eq(kvm_emulate(&machine), 0);
	ck_assert_uint_eq(kvm_access_next_store(&machine.access)->gpa, DATA);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RDI], 0xabcd0000);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RCX], 0x12340001);
	ck_assert_uint_eq(cpu.regs.rip, 0);
	ck_assert(cpu.regs.rflags & FLAG_RF);
}
END_TEST

/* ---- INS and OUTS ---- */

START_TEST(outs_batches)
{
	u8 sent[64];

	emulated.device[0] = false;
	cpu.regs.gpr[GPR_RSI] = DATA + PAGE - 10;
	cpu.regs.gpr[GPR_RCX] = 8;
	DECODE("\xf3\x6f");				/* rep outsl */
	/* two in the page, one across it, then the device's, one by one */
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, sizeof(sent), 100), 2);
	ck_assert_int_eq(memcmp(sent, emulated.memory + PAGE - 10, 8), 0);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RCX], 6);
	ck_assert_uint_eq(cpu.regs.rip, 0);
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, sizeof(sent), 100), -EAGAIN);
	ck_assert_uint_eq(asked()->gpa, DATA + PAGE);
	ck_assert_uint_eq(asked()->size, 2);
	kvm_access_answer(&machine.access, "\x77\x88");
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, sizeof(sent), 100), 1);
	ck_assert_int_eq(memcmp(sent, "\xfe\xff\x77\x88", 4), 0);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RCX], 5);
	emulated.device[1] = false;
	kvm_access_begin(&machine.access);
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, 8, 100), 2);
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, sizeof(sent), 1), 1);
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, sizeof(sent), 100), 2);
	ck_assert_uint_eq(cpu.regs.rip, 2);
	ck_assert(!(cpu.regs.rflags & FLAG_RF));
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, sizeof(sent), 100), 0);
	ck_assert_uint_eq(cpu.regs.rip, 4);
}
END_TEST

START_TEST(ins_batches)
{
	emulated.device[0] = false;
	cpu.regs.gpr[GPR_RDI] = DATA + PAGE - 5;
	cpu.regs.gpr[GPR_RCX] = 4;
	DECODE("\xf3\x66\x6d");			/* rep insw */
	ck_assert_int_eq(kvm_emulate_ins_begin(&machine, 4096, 100), 2);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RCX], 4);
	ck_assert_int_eq(kvm_emulate_ins_end(&machine, "abcd", 2), 0);
	ck_assert_int_eq(memcmp(emulated.memory + PAGE - 5, "abcd", 4), 0);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RCX], 2);
	/* across: one byte to memory, one to the device */
	ck_assert_int_eq(kvm_emulate_ins_begin(&machine, 4096, 100), 1);
	ck_assert_int_eq(kvm_emulate_ins_end(&machine, "ef", 1), 0);
	ck_assert_uint_eq(emulated.memory[PAGE - 1], 'e');
	ck_assert_uint_eq(kvm_access_next_store(&machine.access)->data[0], 'f');
	ck_assert_int_eq(kvm_emulate_ins_begin(&machine, 4096, 100), 1);
	ck_assert_int_eq(kvm_emulate_ins_end(&machine, "gh", 1), 0);
	ck_assert_uint_eq(cpu.regs.rip, 3);
	/* where nothing may be stored, nothing is asked */
	cpu.regs.gpr[GPR_RDI] = DATA + DATA_BYTES;
	cpu.regs.gpr[GPR_RCX] = 1;
	ck_assert_int_eq(kvm_emulate_ins_begin(&machine, 4096, 100), -EILSEQ);
	ck_assert_uint_eq(machine.access.fault.error, 7);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RCX], 1);
}
END_TEST

/* Backwards, up to the page's beginning. */
START_TEST(ins_down)
{
	emulated.device[0] = emulated.device[1] = false;
	cpu.regs.gpr[GPR_RDI] = DATA + PAGE + 2;
	cpu.regs.gpr[GPR_RCX] = 5;
	cpu.regs.rflags = FLAG_DF;
	DECODE("\xf3\x6c");				/* rep insb */
	ck_assert_int_eq(kvm_emulate_ins_begin(&machine, 4096, 100), 3);
	ck_assert_int_eq(kvm_emulate_ins_end(&machine, "xyz", 3), 0);
	ck_assert_int_eq(memcmp(emulated.memory + PAGE, "zyx", 3), 0);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RDI], DATA + PAGE - 1);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RCX], 2);
}
END_TEST

Suite *kvm_emulate_suite(void);
Suite *kvm_emulate_suite(void)
{
	Suite *suite = suite_create("kvm emulate");
	TCase *tc = tcase_create("rules");

	tcase_add_checked_fixture(tc, in_64, NULL);
	tcase_add_test(tc, read_waits);
	tcase_add_test(tc, stale_answer);
	tcase_add_test(tc, answer_stays);
	tcase_add_test(tc, store_in_pieces);
	tcase_add_test(tc, no_part_of_a_store);
	tcase_add_test(tc, left_to_processor);
	tcase_add_loop_test(tc, segment_checks, 0, sizeof(checks) / sizeof(checks[0]));
	tcase_add_test(tc, alignment);
	tcase_add_test(tc, wraps_at_64_kib);
	tcase_add_test(tc, outs_batches);
	tcase_add_test(tc, ins_batches);
	tcase_add_test(tc, ins_down);
	suite_add_tcase(suite, tc);
	return suite;
}
