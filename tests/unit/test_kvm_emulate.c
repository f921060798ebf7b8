// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/x86/emulate.c kvm/x86/access.c kvm/x86/alu.c */
/*
 * The emulator beside the real processor: random instructions run natively in
 * a sandbox of a few pages and in the emulator, and registers, flags, memory
 * and faults are compared; in 64-, 32- and 16-bit code. COUNT= instructions of
 * each (default 60000), SEED= repeats a run. Then what the processor cannot
 * show: segments, restarts, batches.
 *
 * To run one natively: a signal's handler replaces its own context by the
 * wanted registers; INT3 behind the instruction, or its fault, brings the next
 * signal, whose handler notes what came out and puts the first context back.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "kvm/x86/alu.h"
#include "kvm/x86/emulate.h"

#define PAGE		4096u
/* Below 4 GiB, for 32-bit code; with unmapped pages around. */
#define CODE		0x20000000ull
#define DATA		0x20010000ull
#define DATA_BYTES	(2 * PAGE)	/* then one page that is read-only */
#define ALL_BYTES	(3 * PAGE)

#define FAULT_NONE	3		/* INT3: it went through */
#define FAULT_GP	13
#define FAULT_PF	14
#define LDT_CODE	0x07ll		/* selectors */
#define LDT_DATA	0x0fll
#define MODE_FLAGS	(FLAGS_STATUS | FLAG_DF)

static u64 seed;

/* xorshift64* */
static u64 rnd(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 2685821657736338717ull;
}

/* make hands empty ones to every test. */
static const char *setting(const char *name)
{
	const char *text = getenv(name);

	return text && *text ? text : NULL;
}

static void start(void)
{
	const char *given = setting("SEED");

	seed = given ? strtoull(given, NULL, 0) : (u64)time(NULL) * 2654435761u + 1;
	if (!seed)
		seed = 1;
	printf("kvm emulate: SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
}

/* ---- what either has: registers and memory ---- */

struct state {
	struct kvm_cpu_regs regs;
	u64 xmm[16][2];
	u8 vector;		/* FAULT_NONE, or what ended it */
	u32 error;
	u64 address;
};

static u8 *const code = (u8 *)CODE, *const data = (u8 *)DATA;
static u8 model[ALL_BYTES];	/* what the emulator takes for data */
static int bits;

/* ---- native ---- */

static struct state *native;
static ucontext_t back;
static volatile sig_atomic_t inside;

/* kvm_gpr's order in a signal's context. */
static const int greg_of[GPR_COUNT] = {
	REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static void enter(ucontext_t *uc)
{
	greg_t *gregs = uc->uc_mcontext.gregs;
	int i;

	memcpy(back.uc_mcontext.gregs, gregs, sizeof(back.uc_mcontext.gregs));
	for (i = 0; i < GPR_COUNT; i++)
		gregs[greg_of[i]] = native->regs.gpr[i];
	gregs[REG_RIP] = native->regs.rip;
	gregs[REG_EFL] = (gregs[REG_EFL] & ~MODE_FLAGS) | (native->regs.rflags & MODE_FLAGS);
	if (bits == 32)		/* the kernel's segment for 32-bit programs */
		gregs[REG_CSGSFS] = (gregs[REG_CSGSFS] & ~0xffffll) | 0x23;
	if (bits == 16)
		gregs[REG_CSGSFS] = LDT_CODE | LDT_DATA << 48;
	memcpy(uc->uc_mcontext.fpregs->_xmm, native->xmm, sizeof(native->xmm));
}

static void leave(ucontext_t *uc)
{
	greg_t *gregs = uc->uc_mcontext.gregs;
	int i;

	for (i = 0; i < GPR_COUNT; i++)
		native->regs.gpr[i] = gregs[greg_of[i]];
	if (bits == 16)
		native->regs.gpr[GPR_RSP] &= 0xffff;	/* see usable() */
	native->regs.rip = gregs[REG_RIP];
	native->regs.rflags = gregs[REG_EFL];
	native->vector = gregs[REG_TRAPNO];
	native->error = gregs[REG_ERR];
	native->address = gregs[REG_CR2];
	memcpy(native->xmm, uc->uc_mcontext.fpregs->_xmm, sizeof(native->xmm));
	memcpy(gregs, back.uc_mcontext.gregs, sizeof(back.uc_mcontext.gregs));
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)info;
	if (sig == SIGUSR1) {
		inside = 1;
		enter(context);
	} else if (inside) {
		inside = 0;
		leave(context);
	} else {
		abort();	/* the test's own fault */
	}
}

static void run_native(struct state *s)
{
	native = s;
	raise(SIGUSR1);
}

static void map(u64 at, size_t size, int protection)
{
	ck_assert_ptr_eq(mmap((void *)at, size, protection, MAP_PRIVATE | MAP_ANONYMOUS |
			      MAP_FIXED_NOREPLACE, -1, 0), (void *)at);
}

/* 16-bit segments: the code's page, and data with a limit. */
static void make_ldt(void)
{
	struct user_desc desc = {
		.entry_number = 0, .base_addr = CODE, .limit = 0xffff,
		.contents = MODIFY_LDT_CONTENTS_CODE,
	};

	ck_assert_int_eq(syscall(SYS_modify_ldt, 0x11, &desc, sizeof(desc)), 0);
	desc = (struct user_desc) {
		.entry_number = 1, .base_addr = DATA, .limit = ALL_BYTES - 1,
	};
	ck_assert_int_eq(syscall(SYS_modify_ldt, 0x11, &desc, sizeof(desc)), 0);
}

static void set_up(void)
{
	static u8 stack[65536];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = {
		.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK,
	};
	const int signals[] = { SIGUSR1, SIGTRAP, SIGSEGV, SIGBUS, SIGILL, SIGFPE };
	size_t i;

	map(CODE - PAGE, 3 * PAGE, PROT_NONE);
	mprotect(code, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	map(DATA - 8 * PAGE, 19 * PAGE, PROT_NONE);
	mprotect(data, ALL_BYTES, PROT_READ | PROT_WRITE);
	for (i = 0; i < ALL_BYTES; i++)
		data[i] = model[i] = rnd();
	mprotect(data + DATA_BYTES, PAGE, PROT_READ);
	sigaltstack(&alternate, NULL);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	if (bits == 16)
		make_ldt();
	/* 16- and 32-bit code needs data segments, which 64-bit code ignores. */
	asm volatile("mov %0, %%ds\n\tmov %0, %%es" : :
		     "r" (bits == 16 ? (int)LDT_DATA : 0x2b));
}

/* ---- the emulator's world ---- */

static u64 fs_base;
static bool device[2];		/* which of the two pages is one */
static struct state *emulated;

static int translate(void *context, u64 linear, bool write, u64 *gpa,
		     struct kvm_fault *fault)
{
	bool present = linear >= DATA && linear < DATA + ALL_BYTES;

	(void)context;
	*gpa = linear;
	if (present && !(write && linear >= DATA + DATA_BYTES))
		return 0;
	*fault = (struct kvm_fault) {
		.vector = FAULT_PF,
		.has_error = true,
		.error = 4 | (write ? 2 : 0) | present,
		.address = linear,
	};
	return -EILSEQ;
}

static bool is_memory(void *context, u64 gpa)
{
	(void)context;
	return gpa >= DATA + DATA_BYTES || !device[(gpa - DATA) / PAGE];
}

static int read_model(void *context, u64 gpa, void *to, int size)
{
	(void)context;
	memcpy(to, model + (gpa - DATA), size);
	return 0;
}

static int write_model(void *context, u64 gpa, const void *from, int size)
{
	(void)context;
	memcpy(model + (gpa - DATA), from, size);
	return 0;
}

static const struct kvm_access_ops access_ops = {
	.translate = translate,
	.read = read_model,
	.write = write_model,
	.is_memory = is_memory,
};

static struct kvm_segment segments[SEG_COUNT];

static void get_segment(void *context, enum kvm_seg seg, struct kvm_segment *segment)
{
	(void)context;
	*segment = segments[seg];
}

static void get_xmm(void *context, int number, u64 value[2])
{
	(void)context;
	memcpy(value, emulated->xmm[number], 16);
}

static void set_xmm(void *context, int number, const u64 value[2])
{
	(void)context;
	memcpy(emulated->xmm[number], value, 16);
}

static const struct kvm_emulate_ops emulate_ops = {
	.get_segment = get_segment,
	.get_xmm = get_xmm,
	.set_xmm = set_xmm,
};

static void flat_segments(void)
{
	static const u16 selectors[] = { 0x2b, 0x23, 0x2b, 0x2b };
	int i;

	memset(segments, 0, sizeof(segments));
	for (i = 0; i < SEG_LDTR; i++) {
		segments[i] = (struct kvm_segment) {
			.limit = 0xffffffff, .present = 1, .s = 1, .db = 1, .g = 1,
			.type = i == SEG_CS ? 11 : 3,
			.selector = i < 4 ? selectors[i] : 0,
			.base = i == SEG_FS && bits == 64 ? fs_base : 0,
			/* null selectors are in FS and GS */
			.unusable = i >= SEG_FS,
		};
	}
	if (bits == 64)
		segments[SEG_CS].selector = 0x33;
}

/* As make_ldt() made them. */
static void ldt_segments(void)
{
	int i;

	for (i = 0; i <= SEG_DS; i++) {
		segments[i] = (struct kvm_segment) {
			.base = i == SEG_CS ? CODE : DATA,
			.limit = i == SEG_CS ? 0xffff : ALL_BYTES - 1,
			.present = 1, .s = 1, .type = i == SEG_CS ? 11 : 3,
			.selector = i == SEG_CS ? LDT_CODE : LDT_DATA,
		};
	}
}

/* User space: answers reads, takes stores. */
static int emulate_once(struct kvm_emulator *e)
{
	const struct kvm_piece *piece;
	u8 answer[8];
	int ret;

	kvm_access_begin(&e->access);
	while ((ret = kvm_emulate(e)) == -EAGAIN) {
		piece = &e->access.reads[e->access.known];
		ck_assert(e->access.waiting && piece->size <= 8);
		read_model(NULL, piece->gpa, answer, piece->size);
		kvm_access_answer(&e->access, answer);
	}
	if (ret)
		return ret;
	while ((piece = kvm_access_next_store(&e->access)))
		write_model(NULL, piece->gpa, piece->data, piece->size);
	return 0;
}

static int run_emulated(struct state *s, const struct kvm_insn *insn)
{
	struct kvm_emulator e = {
		.ops = &emulate_ops,
		.regs = &s->regs,
		.access.ops = &access_ops,
		.insn = *insn,
		.protected_mode = true,
		.xmm_usable = true,
		.linear_bits = 48,
	};
	u64 rip = s->regs.rip;
	int ret;

	emulated = s;
	do
		ret = emulate_once(&e);
	while (!ret && s->regs.rip == rip && insn->op != OP_JMP && insn->op != OP_CALL);
	if (ret == -ESTALE) {
		device[0] = device[1] = true;
		return run_emulated(s, insn);
	}
	s->vector = FAULT_NONE;
	if (ret == -EILSEQ) {
		s->vector = e.access.fault.vector;
		s->error = e.access.fault.error;
		s->address = e.access.fault.address;
		ret = 0;
	}
	return ret;
}

/* ---- random instructions ---- */

static u64 mask_of(const struct kvm_insn *insn)
{
	return kvm_mask(insn->address_bytes);
}

/* By the manual, once more. */
static u64 address_of(const struct kvm_insn *insn, const struct kvm_cpu_regs *regs)
{
	u64 address = insn->disp;

	if (insn->base != INSN_NO_REG)
		address += regs->gpr[insn->base];
	if (insn->index != INSN_NO_REG)
		address += regs->gpr[insn->index] * (1ull << insn->scale);
	if (insn->rip_relative)
		address += CODE + insn->len;
	if (insn->op >= OP_BT && insn->op <= OP_BTC && !(insn->flags & INSN_IMM)) {
		s64 bit = (s64)regs->gpr[insn->reg];

		if (insn->operand_bytes == 2)
			address += ((int16_t)bit >> 4) * 2;
		else if (insn->operand_bytes == 4)
			address += ((int32_t)bit >> 5) * 4ll;
		else
			address += (bit >> 6) * 8;
	}
	address &= mask_of(insn);
	if (bits != 64 || insn->segment >= SEG_FS)
		address += segments[insn->segment].base;
	return bits == 64 ? address : (u32)address;
}

/* Mostly in the two pages, often across; sometimes where it faults. */
static u64 target(void)
{
	switch (rnd() % 16) {
	case 0:
		return DATA + DATA_BYTES + (rnd() % 48) - 24;
	case 1:
		return DATA + (rnd() % 48) - 24;
	case 2 ... 4:
		return DATA + PAGE + (rnd() % 40) - 20;
	case 5 ... 9:
		return DATA + (rnd() % (DATA_BYTES - 64)) / 16 * 16;
	default:
		return DATA + 32 + rnd() % (DATA_BYTES - 64);
	}
}

static u64 random_value(void)
{
	static const u64 edges[] = {
		0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
		0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, ~0ull, 0x0f, 0x10,
	};

	return rnd() % 3 ? rnd() : edges[rnd() % 16];
}

static bool is_string(const struct kvm_insn *insn)
{
	return insn->op >= OP_MOVS && insn->op <= OP_SCAS;
}

/* The displacement in the code itself, where no register is in the address. */
static bool patch_displacement(struct kvm_insn *insn, u64 want)
{
	int32_t old = insn->disp, new = want - (insn->rip_relative ? CODE + insn->len : 0);
	int at;

	if (insn->flags & INSN_MOFFS)
		return false;
	for (at = insn->len - 4; at > 0; at--) {
		if (memcmp(code + at, &old, 4))
			continue;
		memcpy(code + at, &new, 4);
		return !kvm_insn_decode(insn, code, KVM_INSN_MAX, bits);
	}
	return false;
}

/* Makes the operand lie where it may; false: it cannot be arranged. */
static bool aim(struct kvm_insn *insn, struct kvm_cpu_regs *regs)
{
	u64 want = target(), got;

	if (insn->base != INSN_NO_REG)
		regs->gpr[insn->base] += want - address_of(insn, regs);
	else if (insn->index != INSN_NO_REG && !insn->scale)
		regs->gpr[insn->index] += want - address_of(insn, regs);
	else if (insn->index == INSN_NO_REG && !patch_displacement(insn, want))
		return false;
	got = address_of(insn, regs);
	/*
	 * What is not canonical or beyond a limit faults for certain; FS holds
	 * the program's own data. #SS for that or #GP for misalignment: either
	 * may come first.
	 */
	if (bits == 16)
		return !(insn->flags & INSN_ALIGNED && got & 15);
	if (bits == 64 && insn->segment < SEG_FS && got + 0x800000000000ull >= 1ull << 48)
		return !(insn->flags & INSN_ALIGNED && got & 15);
	return got >= DATA - 2 * PAGE && got < DATA + ALL_BYTES + 2 * PAGE;
}

static void prepare_string(const struct kvm_insn *insn, struct kvm_cpu_regs *regs)
{
	u64 junk = rnd() & ~mask_of(insn), base = bits == 16 ? DATA : 0;

	regs->gpr[GPR_RSI] = target() - (insn->segment == SEG_FS ? fs_base : base);
	regs->gpr[GPR_RSI] &= mask_of(insn);
	regs->gpr[GPR_RSI] |= junk;
	regs->gpr[GPR_RDI] = (target() - base) & mask_of(insn);
	if (!(rnd() % 4) && insn->segment != SEG_FS)
		regs->gpr[GPR_RDI] = regs->gpr[GPR_RSI] & mask_of(insn);
	/* Which of two faults CMPS reports, the manual does not say. */
	if (insn->op == OP_CMPS)
		regs->gpr[GPR_RDI] = DATA - base + 64 + rnd() % (DATA_BYTES - 128);
	regs->gpr[GPR_RDI] |= junk;
	regs->gpr[GPR_RCX] = rnd() % 8 | junk;
}

/* CALL and JMP must arrive somewhere; false: they might not. */
static bool set_branch_target(const struct kvm_insn *insn, struct kvm_cpu_regs *regs)
{
	u64 rsp = regs->gpr[GPR_RSP], to = CODE + 64 + rnd() % 64, at;

	if (bits == 16)
		to -= CODE;
	/* Whether the target or the stack faults first, the vendors differ. */
	if (bits == 64 && !(rnd() % 8) && rsp >= DATA + 8 && rsp <= DATA + DATA_BYTES)
		to = 1ull << 60;
	if (!insn->memory) {
		regs->gpr[insn->rm] = to;
		return insn->rm != GPR_RSP;
	}
	at = address_of(insn, regs);
	if (at + 8 <= DATA || at >= DATA + ALL_BYTES)
		return true;	/* it faults first */
	if (at < DATA || at + 8 > DATA + DATA_BYTES)
		return false;
	memcpy(data + (at - DATA), &to, 8);
	memcpy(model + (at - DATA), &to, 8);
	return true;
}

static bool is_branch(const struct kvm_insn *insn)
{
	return insn->op == OP_CALL || insn->op == OP_JMP;
}

static bool usable(const struct kvm_insn *insn)
{
	if (kvm_insn_exits(insn))
		return false;
	/* IRET to a 16-bit stack leaves something in the upper half of ESP. */
	if (bits == 16 && (insn->base == GPR_RSP || insn->operand_bytes == 4) &&
	    (insn->base == GPR_RSP || insn->reg == GPR_RSP || insn->rm == GPR_RSP))
		return false;
	/* 16- and 32-bit code: null FS and GS. */
	if (bits != 64 && insn->segment >= SEG_FS)
		return false;
	/* A read of the code itself is not in the model. */
	if (bits != 64 && insn->segment == SEG_CS)
		return false;
	/* 16-bit addresses and branch targets are below the flat sandbox. */
	if (bits == 32 && (insn->address_bytes == 2 ||
			   (is_branch(insn) && insn->operand_bytes == 2)))
		return false;
	return insn->op != OP_XMM || insn->memory || insn->flags & INSN_GPR_RM;
}

static bool random_insn(struct kvm_insn *insn, struct kvm_cpu_regs *regs)
{
	static const u8 likely[] = {
		0x66, 0xf2, 0xf3, 0x48, 0x4c, 0x41, 0x40, 0x67, 0x65, 0xf0, 0x49, 0x0f,
	};
	int i, at = 0;

	memset(code, 0xcc, 256);
	while (rnd() % 2 && at < 3)
		code[at++] = likely[rnd() % sizeof(likely)];
	for (i = at; i < KVM_INSN_MAX; i++)
		code[i] = rnd();
	if (!(rnd() % 128)) {
		code[at] = 0x0f;
		code[at + 1] = 0x38;
		code[at + 2] = rnd() % 3 ? 0xf0 + rnd() % 2 : 0x2a;
	}
	if (kvm_insn_decode(insn, code, KVM_INSN_MAX, bits) || !usable(insn))
		return false;
	for (i = 0; i < GPR_COUNT; i++)
		regs->gpr[i] = random_value();
	regs->gpr[GPR_RSP] = rnd() % 8 ? DATA + PAGE + (rnd() % 512) * 4 : target();
	if (bits == 16)
		regs->gpr[GPR_RSP] = (u16)(regs->gpr[GPR_RSP] - DATA);
	if (is_string(insn))
		prepare_string(insn, regs);
	else if (insn->memory && !aim(insn, regs))
		return false;
	/* The stack must stay in the sandbox, whatever aim() made of RSP. */
	if (bits != 16 && insn->op >= OP_PUSH && insn->op <= OP_JMP &&
	    (regs->gpr[GPR_RSP] < DATA - PAGE || regs->gpr[GPR_RSP] > DATA + ALL_BYTES + PAGE))
		return false;
	if (bits != 64)
		for (i = 0; i < GPR_COUNT; i++)
			regs->gpr[i] = i < 8 ? (u32)regs->gpr[i] : 0;
	if (is_branch(insn) && !set_branch_target(insn, regs))
		return false;
	memset(code + insn->len, 0xcc, KVM_INSN_MAX - insn->len);
	return true;
}

/* Compare-and-exchange meets its value half of the time. */
static void make_equal(const struct kvm_insn *insn, struct kvm_cpu_regs *regs)
{
	u64 at = address_of(insn, regs);

	if (!insn->memory || rnd() % 2 || at < DATA || at + 16 > DATA + DATA_BYTES ||
	    insn->base == GPR_RAX || insn->index == GPR_RAX || insn->base == GPR_RDX ||
	    insn->index == GPR_RDX)
		return;
	memcpy(&regs->gpr[GPR_RAX], model + (at - DATA), 8);
	if (insn->op == OP_CMPXCHG8B)
		memcpy(&regs->gpr[GPR_RDX], model + (at - DATA) + insn->operand_bytes, 8);
	if (bits != 64) {
		regs->gpr[GPR_RAX] = (u32)regs->gpr[GPR_RAX];
		regs->gpr[GPR_RDX] = (u32)regs->gpr[GPR_RDX];
	}
}

/* ---- comparing ---- */

static u64 shift_count(const struct kvm_insn *insn, const struct kvm_cpu_regs *regs)
{
	u64 count = insn->flags & INSN_CL ? regs->gpr[GPR_RCX] : insn->imm;

	return count & (insn->operand_bytes == 8 ? 63 : 31);
}

/* Flags that the manual leaves undefined. */
static u64 undefined_flags(const struct kvm_insn *insn, const struct kvm_cpu_regs *regs)
{
	u64 count, flags = 0;

	switch (insn->op) {
	case OP_AND:
	case OP_OR:
	case OP_XOR:
	case OP_TEST:
		return FLAG_AF;
	case OP_BT ... OP_BTC:
		return FLAG_OF | FLAG_SF | FLAG_AF | FLAG_PF;
	case OP_ROL ... OP_SAR:
		count = shift_count(insn, regs);
		if (count != 1)
			flags |= FLAG_OF;
		if (insn->op >= OP_SHL && count)
			flags |= FLAG_AF;
		if (insn->op >= OP_SHL && insn->op != OP_SAR &&
		    count >= 8u * insn->operand_bytes)
			flags |= FLAG_CF;
		return count ? flags : 0;
	default:
		return 0;
	}
}

static void show(const char *who, const struct state *s)
{
	int i;

	printf("%-8s vector %u error %x address %llx rip %llx flags %llx\n", who, s->vector,
	       s->error, (unsigned long long)s->address, (unsigned long long)s->regs.rip,
	       (unsigned long long)(s->regs.rflags & MODE_FLAGS));
	for (i = 0; i < GPR_COUNT; i++)
		printf("%016llx%c", (unsigned long long)s->regs.gpr[i], i % 4 == 3 ? '\n' : ' ');
}

static bool same_fault(const struct state *a, const struct state *b)
{
	if (a->vector != b->vector)
		return false;
	if (a->vector == FAULT_NONE)
		return true;
	if (a->error != b->error)
		return false;
	return a->vector != FAULT_PF || a->address == b->address;
}

static bool same(const struct state *real, const struct state *ours, u64 ignored)
{
	u64 rip = ours->regs.rip + (ours->vector == FAULT_NONE);	/* behind INT3 */

	return same_fault(real, ours) && real->regs.rip == rip &&
	       !memcmp(real->regs.gpr, ours->regs.gpr, sizeof(real->regs.gpr)) &&
	       !((real->regs.rflags ^ ours->regs.rflags) & MODE_FLAGS & ~ignored) &&
	       !memcmp(real->xmm, ours->xmm, sizeof(real->xmm)) &&
	       !memcmp(data, model, ALL_BYTES);
}

static unsigned long run_of[OP_NONE], faults;

static void compare(const struct kvm_insn *insn, const struct state *before)
{
	struct state real = *before, ours = *before;
	u64 ignored = undefined_flags(insn, &before->regs);
	int i, ret;

	ret = run_emulated(&ours, insn);
	run_native(&real);
	/* A fault that comes with the first element leaves no flags undefined. */
	if (!ret && same(&real, &ours, ignored)) {
		run_of[insn->op]++;
		faults += real.vector != FAULT_NONE;
		return;
	}
	for (i = 0; i < insn->len; i++)
		printf("%02x ", code[i]);
	printf("(op %u, %d bits) ret %d, memory %s, ignored flags %llx\n", insn->op, bits, ret,
	       memcmp(data, model, ALL_BYTES) ? "differs" : "same",
	       (unsigned long long)ignored);
	show("before", before);
	show("real", &real);
	show("emulated", &ours);
	fflush(stdout);
	ck_abort_msg("the processor does it otherwise");
}

static void beside_processor(int code_bits)
{
	const char *given = setting("COUNT");
	unsigned long count = given ? strtoul(given, NULL, 0) : 60000;
	struct state before;
	struct kvm_insn insn;
	int i;

	bits = code_bits;
	start();
	syscall(SYS_arch_prctl, ARCH_GET_FS, &fs_base);
	set_up();
	flat_segments();
	if (bits == 16)
		ldt_segments();
	while (count) {
		memset(&before, 0, sizeof(before));
		if (!random_insn(&insn, &before.regs))
			continue;
		if (insn.op == OP_CMPXCHG || insn.op == OP_CMPXCHG8B)
			make_equal(&insn, &before.regs);
		before.regs.rip = bits == 16 ? 0 : CODE;
		before.regs.rflags = rnd() & MODE_FLAGS;
		for (i = 0; i < (bits == 64 ? 16 : 8); i++)
			before.xmm[i][0] = rnd(), before.xmm[i][1] = rnd();
		device[0] = rnd() & 1;
		device[1] = rnd() & 1;
		compare(&insn, &before);
		count--;
	}
	for (i = 0; i < OP_NONE; i++)
		if (i != OP_INS && i != OP_OUTS && i != OP_EXIT)
			ck_assert_msg(run_of[i], "operation %d was never run", i);
	ck_assert_uint_gt(faults, 0);
	printf("kvm emulate: %d bits, %lu faults\n", bits, faults);
}

START_TEST(processor_64)
{
	beside_processor(64);
}
END_TEST

START_TEST(processor_16)
{
	beside_processor(16);
}
END_TEST

START_TEST(processor_32)
{
	beside_processor(32);
}
END_TEST

/* ---- what the processor cannot show here ---- */

/* Both pages are a device's, unless a test says otherwise. */
static struct state world;
static struct kvm_emulator machine;

static void reset_world(int code_bits)
{
	unsigned int i;

	bits = code_bits;
	flat_segments();
	memset(&world, 0, sizeof(world));
	emulated = &world;
	for (i = 0; i < ALL_BYTES; i++)
		model[i] = i;
	device[0] = device[1] = true;
	machine = (struct kvm_emulator) {
		.ops = &emulate_ops,
		.regs = &world.regs,
		.access.ops = &access_ops,
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
	ck_assert_int_eq(kvm_insn_decode(&machine.insn, (const u8 *)bytes, count, bits), 0);
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
	world.regs.gpr[GPR_RBX] = DATA + PAGE - 3;
	world.regs.gpr[GPR_RAX] = before;
	ck_assert_int_eq(kvm_emulate(&machine), -EAGAIN);
	ck_assert_uint_eq(asked()->gpa, DATA + PAGE - 3);
	ck_assert_uint_eq(asked()->size, 3);
	ck_assert_uint_eq(world.regs.gpr[GPR_RAX], before);
	ck_assert_uint_eq(world.regs.rip, 0);
	kvm_access_answer(&machine.access, "\x01\x02\x03");
	ck_assert_int_eq(kvm_emulate(&machine), -EAGAIN);
	ck_assert_uint_eq(asked()->gpa, DATA + PAGE);
	ck_assert_uint_eq(asked()->size, 5);
	kvm_access_answer(&machine.access, "\x04\x05\x06\x07\x08");
	ck_assert_int_eq(kvm_emulate(&machine), 0);
	ck_assert_uint_eq(world.regs.gpr[GPR_RAX], before + 0x0807060504030201);
	ck_assert_uint_eq(world.regs.rip, 3);
	ck_assert_ptr_null(kvm_access_next_store(&machine.access));
}
END_TEST

/* The register was changed while it waited: the old answer is not for it. */
START_TEST(stale_answer)
{
	DECODE("\x8b\x03");				/* mov (%rbx), %eax */
	world.regs.gpr[GPR_RBX] = DATA;
	ck_assert_int_eq(kvm_emulate(&machine), -EAGAIN);
	kvm_access_answer(&machine.access, "\x01\x02\x03\x04");
	world.regs.gpr[GPR_RBX] = DATA + 8;
	ck_assert_int_eq(kvm_emulate(&machine), -EAGAIN);
	ck_assert_uint_eq(asked()->gpa, DATA + 8);
	kvm_access_answer(&machine.access, "\x05\x06\x07\x08");
	ck_assert_int_eq(kvm_emulate(&machine), 0);
	ck_assert_uint_eq(world.regs.gpr[GPR_RAX], 0x08070605);
}
END_TEST

/* 16 bytes from memory into the device: pieces of 8 at most. */
START_TEST(store_in_pieces)
{
	const struct kvm_piece *piece;

	DECODE("\x0f\x11\x03");			/* movups %xmm0, (%rbx) */
	memcpy(world.xmm[0], "abcdefghijklmnop", 16);
	device[0] = false;
	world.regs.gpr[GPR_RBX] = DATA + PAGE - 5;
	ck_assert_int_eq(kvm_emulate(&machine), 0);
	ck_assert_int_eq(memcmp(model + PAGE - 5, "abcde", 5), 0);
	ck_assert_uint_eq(model[PAGE], 0);
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
	device[0] = device[1] = false;
	world.regs.gpr[GPR_RBX] = DATA + DATA_BYTES - 4;
	world.regs.gpr[GPR_RAX] = ~0ull;
	ck_assert_int_eq(kvm_emulate(&machine), -EILSEQ);
	ck_assert_uint_eq(machine.access.fault.vector, FAULT_PF);
	ck_assert_uint_eq(machine.access.fault.error, 7);
	ck_assert_uint_eq(machine.access.fault.address, DATA + DATA_BYTES);
	ck_assert_uint_eq(model[DATA_BYTES - 4], (DATA_BYTES - 4) & 0xff);
	ck_assert_uint_eq(world.regs.rip, 0);
}
END_TEST

/* What is all memory the processor does itself, atomically. */
START_TEST(left_to_processor)
{
	device[0] = device[1] = false;
	world.regs.gpr[GPR_RBX] = DATA;
	DECODE("\xf0\x01\x03");			/* lock add %eax, (%rbx) */
	ck_assert_int_eq(kvm_emulate(&machine), -ESTALE);
	DECODE("\x87\x03");				/* xchg %eax, (%rbx) */
	ck_assert_int_eq(kvm_emulate(&machine), -ESTALE);
	machine.xmm_usable = false;
	DECODE("\x0f\x10\x03");			/* movups (%rbx), %xmm0 */
	ck_assert_int_eq(kvm_emulate(&machine), -ESTALE);
	DECODE("\x6e");				/* outsb: it has its own way */
	ck_assert_int_eq(kvm_emulate(&machine), -EOPNOTSUPP);
	ck_assert_uint_eq(world.regs.rip, 0);
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
	struct kvm_segment *s = &segments[seg];
	int ret;

	reset_world(32);
	machine.protected_mode = !checks[_i].real_mode;
	s->type = checks[_i].type;
	s->db = checks[_i].db;
	s->unusable = checks[_i].unusable;
	s->limit = checks[_i].limit;
	s->base = DATA;
	world.regs.gpr[GPR_RBX] = world.regs.gpr[GPR_RBP] = checks[_i].offset;
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
	world.regs.gpr[GPR_RBX] = DATA + 2;
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
	segments[SEG_ES].base = DATA - 0xffff;
	segments[SEG_ES].limit = 0xffff;
	world.regs.gpr[GPR_RDI] = 0xabcdffff;
	world.regs.gpr[GPR_RCX] = 0x12340002;
	DECODE("\xf3\xaa");				/* rep stosb */
	ck_assert_int_eq(kvm_emulate(&machine), 0);
	ck_assert_uint_eq(kvm_access_next_store(&machine.access)->gpa, DATA);
	ck_assert_uint_eq(world.regs.gpr[GPR_RDI], 0xabcd0000);
	ck_assert_uint_eq(world.regs.gpr[GPR_RCX], 0x12340001);
	ck_assert_uint_eq(world.regs.rip, 0);
	ck_assert(world.regs.rflags & FLAG_RF);
}
END_TEST

/* ---- INS and OUTS ---- */

START_TEST(outs_batches)
{
	u8 sent[64];

	device[0] = false;
	world.regs.gpr[GPR_RSI] = DATA + PAGE - 10;
	world.regs.gpr[GPR_RCX] = 8;
	DECODE("\xf3\x6f");				/* rep outsl */
	/* two in the page, one across it, then the device's, one by one */
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, sizeof(sent), 100), 2);
	ck_assert_int_eq(memcmp(sent, model + PAGE - 10, 8), 0);
	ck_assert_uint_eq(world.regs.gpr[GPR_RCX], 6);
	ck_assert_uint_eq(world.regs.rip, 0);
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, sizeof(sent), 100), -EAGAIN);
	ck_assert_uint_eq(asked()->gpa, DATA + PAGE);
	ck_assert_uint_eq(asked()->size, 2);
	kvm_access_answer(&machine.access, "\x77\x88");
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, sizeof(sent), 100), 1);
	ck_assert_int_eq(memcmp(sent, "\xfe\xff\x77\x88", 4), 0);
	ck_assert_uint_eq(world.regs.gpr[GPR_RCX], 5);
	device[1] = false;
	kvm_access_begin(&machine.access);
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, 8, 100), 2);
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, sizeof(sent), 1), 1);
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, sizeof(sent), 100), 2);
	ck_assert_uint_eq(world.regs.rip, 2);
	ck_assert(!(world.regs.rflags & FLAG_RF));
	ck_assert_int_eq(kvm_emulate_outs(&machine, sent, sizeof(sent), 100), 0);
	ck_assert_uint_eq(world.regs.rip, 4);
}
END_TEST

START_TEST(ins_batches)
{
	device[0] = false;
	world.regs.gpr[GPR_RDI] = DATA + PAGE - 5;
	world.regs.gpr[GPR_RCX] = 4;
	DECODE("\xf3\x66\x6d");			/* rep insw */
	ck_assert_int_eq(kvm_emulate_ins_begin(&machine, 4096, 100), 2);
	ck_assert_uint_eq(world.regs.gpr[GPR_RCX], 4);
	ck_assert_int_eq(kvm_emulate_ins_end(&machine, "abcd", 2), 0);
	ck_assert_int_eq(memcmp(model + PAGE - 5, "abcd", 4), 0);
	ck_assert_uint_eq(world.regs.gpr[GPR_RCX], 2);
	/* across: one byte to memory, one to the device */
	ck_assert_int_eq(kvm_emulate_ins_begin(&machine, 4096, 100), 1);
	ck_assert_int_eq(kvm_emulate_ins_end(&machine, "ef", 1), 0);
	ck_assert_uint_eq(model[PAGE - 1], 'e');
	ck_assert_uint_eq(kvm_access_next_store(&machine.access)->data[0], 'f');
	ck_assert_int_eq(kvm_emulate_ins_begin(&machine, 4096, 100), 1);
	ck_assert_int_eq(kvm_emulate_ins_end(&machine, "gh", 1), 0);
	ck_assert_uint_eq(world.regs.rip, 3);
	/* where nothing may be stored, nothing is asked */
	world.regs.gpr[GPR_RDI] = DATA + DATA_BYTES;
	world.regs.gpr[GPR_RCX] = 1;
	ck_assert_int_eq(kvm_emulate_ins_begin(&machine, 4096, 100), -EILSEQ);
	ck_assert_uint_eq(machine.access.fault.error, 7);
	ck_assert_uint_eq(world.regs.gpr[GPR_RCX], 1);
}
END_TEST

/* Backwards, up to the page's beginning. */
START_TEST(ins_down)
{
	device[0] = device[1] = false;
	world.regs.gpr[GPR_RDI] = DATA + PAGE + 2;
	world.regs.gpr[GPR_RCX] = 5;
	world.regs.rflags = FLAG_DF;
	DECODE("\xf3\x6c");				/* rep insb */
	ck_assert_int_eq(kvm_emulate_ins_begin(&machine, 4096, 100), 3);
	ck_assert_int_eq(kvm_emulate_ins_end(&machine, "xyz", 3), 0);
	ck_assert_int_eq(memcmp(model + PAGE, "zyx", 3), 0);
	ck_assert_uint_eq(world.regs.gpr[GPR_RDI], DATA + PAGE - 1);
	ck_assert_uint_eq(world.regs.gpr[GPR_RCX], 2);
}
END_TEST

Suite *kvm_emulate_suite(void);
Suite *kvm_emulate_suite(void)
{
	Suite *suite = suite_create("kvm emulate");
	TCase *tc = tcase_create("emulate");

	tcase_set_timeout(tc, setting("COUNT") ? 0 : 60);
	tcase_add_test(tc, processor_64);
	tcase_add_test(tc, processor_32);
	tcase_add_test(tc, processor_16);
	suite_add_tcase(suite, tc);
	tc = tcase_create("rules");
	tcase_add_checked_fixture(tc, in_64, NULL);
	tcase_add_test(tc, read_waits);
	tcase_add_test(tc, stale_answer);
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
