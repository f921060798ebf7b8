// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/x86/emulate.c kvm/x86/access.c kvm/x86/alu.c */
/* unit: tests/unit/emulated.c tests/unit/random.c */
/*
 * The emulator beside the real processor: random instructions run natively in
 * a sandbox of a few pages and in the emulator, and registers, flags, memory
 * and faults are compared; in 64-, 32- and 16-bit code. COUNT= instructions of
 * each, SEED= repeats a run.
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
#include <ucontext.h>
#include <unistd.h>

#include "emulated.h"
#include "kvm/x86/alu.h"
#include "random.h"
#include "tests/count.h"

/* Below 4 GiB, for 32-bit code; with unmapped pages around. */
#define CODE		0x20000000ull
#define LDT_CODE	0x07ll		/* selectors */
#define LDT_DATA	0x0fll
#define MODE_FLAGS	(FLAGS_STATUS | FLAG_DF)

static u8 *const code = (u8 *)CODE, *const data = (u8 *)DATA;

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
	if (emulated.bits == 32)		/* the kernel's segment for 32-bit programs */
		gregs[REG_CSGSFS] = (gregs[REG_CSGSFS] & ~0xffffll) | 0x23;
	if (emulated.bits == 16)
		gregs[REG_CSGSFS] = LDT_CODE | LDT_DATA << 48;
	memcpy(uc->uc_mcontext.fpregs->_xmm, native->xmm, sizeof(native->xmm));
}

static void leave(ucontext_t *uc)
{
	greg_t *gregs = uc->uc_mcontext.gregs;
	int i;

	for (i = 0; i < GPR_COUNT; i++)
		native->regs.gpr[i] = gregs[greg_of[i]];
	if (emulated.bits == 16)
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
		data[i] = emulated.memory[i] = random_u64();
	mprotect(data + DATA_BYTES, PAGE, PROT_READ);
	sigaltstack(&alternate, NULL);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	if (emulated.bits == 16)
		make_ldt();
	/* 16- and 32-bit code needs data segments, which 64-bit code ignores. */
	asm volatile("mov %0, %%ds\n\tmov %0, %%es" : :
		     "r" (emulated.bits == 16 ? (int)LDT_DATA : 0x2b));
}

/* As make_ldt() made them. */
static void ldt_segments(void)
{
	int i;

	for (i = 0; i <= SEG_DS; i++) {
		emulated.segments[i] = (struct kvm_segment) {
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
		emulated_access_ops.read(NULL, piece->gpa, answer, piece->size);
		kvm_access_answer(&e->access, answer);
	}
	if (ret)
		return ret;
	while ((piece = kvm_access_next_store(&e->access)))
		emulated_access_ops.write(NULL, piece->gpa, piece->data, piece->size);
	return 0;
}

static int run_emulated(struct state *s, const struct kvm_insn *insn)
{
	struct kvm_emulator e = {
		.ops = &emulated_ops,
		.regs = &s->regs,
		.access.ops = &emulated_access_ops,
		.insn = *insn,
		.protected_mode = true,
		.xmm_usable = true,
		.linear_bits = 48,
	};
	u64 rip = s->regs.rip;
	int ret;

	emulated.state = s;
	do
		ret = emulate_once(&e);
	while (!ret && s->regs.rip == rip && insn->op != OP_JMP && insn->op != OP_CALL);
	if (ret == -ESTALE) {
		emulated.device[0] = emulated.device[1] = true;
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
	if (emulated.bits != 64 || insn->segment >= SEG_FS)
		address += emulated.segments[insn->segment].base;
	return emulated.bits == 64 ? address : (u32)address;
}

/* Mostly in the two pages, often across; sometimes where it faults. */
static u64 target(void)
{
	switch (random_u64() % 16) {
	case 0:
		return DATA + DATA_BYTES + (random_u64() % 48) - 24;
	case 1:
		return DATA + (random_u64() % 48) - 24;
	case 2 ... 4:
		return DATA + PAGE + (random_u64() % 40) - 20;
	case 5 ... 9:
		return DATA + (random_u64() % (DATA_BYTES - 64)) / 16 * 16;
	default:
		return DATA + 32 + random_u64() % (DATA_BYTES - 64);
	}
}

static u64 random_value(void)
{
	static const u64 edges[] = {
		0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
		0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, ~0ull, 0x0f, 0x10,
	};

	return random_u64() % 3 ? random_u64() : edges[random_u64() % 16];
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
		return !kvm_insn_decode(insn, code, KVM_INSN_MAX, emulated.bits);
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
	if (emulated.bits == 16)
		return !(insn->flags & INSN_ALIGNED && got & 15);
	if (emulated.bits == 64 && insn->segment < SEG_FS && got + 0x800000000000ull >= 1ull << 48)
		return !(insn->flags & INSN_ALIGNED && got & 15);
	return got >= DATA - 2 * PAGE && got < DATA + ALL_BYTES + 2 * PAGE;
}

static void prepare_string(const struct kvm_insn *insn, struct kvm_cpu_regs *regs)
{
	u64 junk = random_u64() & ~mask_of(insn), base = emulated.bits == 16 ? DATA : 0;

	regs->gpr[GPR_RSI] = target() - (insn->segment == SEG_FS ? emulated.fs_base : base);
	regs->gpr[GPR_RSI] &= mask_of(insn);
	regs->gpr[GPR_RSI] |= junk;
	regs->gpr[GPR_RDI] = (target() - base) & mask_of(insn);
	if (!(random_u64() % 4) && insn->segment != SEG_FS)
		regs->gpr[GPR_RDI] = regs->gpr[GPR_RSI] & mask_of(insn);
	/* Which of two faults CMPS reports, the manual does not say. */
	if (insn->op == OP_CMPS)
		regs->gpr[GPR_RDI] = DATA - base + 64 + random_u64() % (DATA_BYTES - 128);
	regs->gpr[GPR_RDI] |= junk;
	regs->gpr[GPR_RCX] = random_u64() % 8 | junk;
}

/* CALL and JMP must arrive somewhere; false: they might not. */
static bool set_branch_target(const struct kvm_insn *insn, struct kvm_cpu_regs *regs)
{
	u64 rsp = regs->gpr[GPR_RSP], to = CODE + 64 + random_u64() % 64, at;

	if (emulated.bits == 16)
		to -= CODE;
	/* Whether the target or the stack faults first, the vendors differ. */
	if (emulated.bits == 64 && !(random_u64() % 8) &&
	    rsp >= DATA + 8 && rsp <= DATA + DATA_BYTES)
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
	memcpy(emulated.memory + (at - DATA), &to, 8);
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
	if (emulated.bits == 16 && (insn->base == GPR_RSP || insn->operand_bytes == 4) &&
	    (insn->base == GPR_RSP || insn->reg == GPR_RSP || insn->rm == GPR_RSP))
		return false;
	/* 16- and 32-bit code: null FS and GS. */
	if (emulated.bits != 64 && insn->segment >= SEG_FS)
		return false;
	/* A read of the code itself is not in the model. */
	if (emulated.bits != 64 && insn->segment == SEG_CS)
		return false;
	/* 16-bit addresses and branch targets are below the flat sandbox. */
	if (emulated.bits == 32 && (insn->address_bytes == 2 ||
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
	while (random_u64() % 2 && at < 3)
		code[at++] = likely[random_u64() % sizeof(likely)];
	for (i = at; i < KVM_INSN_MAX; i++)
		code[i] = random_u64();
	if (!(random_u64() % 128)) {
		code[at] = 0x0f;
		code[at + 1] = 0x38;
		code[at + 2] = random_u64() % 3 ? 0xf0 + random_u64() % 2 : 0x2a;
	}
	if (kvm_insn_decode(insn, code, KVM_INSN_MAX, emulated.bits) || !usable(insn))
		return false;
	for (i = 0; i < GPR_COUNT; i++)
		regs->gpr[i] = random_value();
	regs->gpr[GPR_RSP] = random_u64() % 8 ? DATA + PAGE + (random_u64() % 512) * 4 : target();
	if (emulated.bits == 16)
		regs->gpr[GPR_RSP] = (u16)(regs->gpr[GPR_RSP] - DATA);
	if (is_string(insn))
		prepare_string(insn, regs);
	else if (insn->memory && !aim(insn, regs))
		return false;
	/* The stack must stay in the sandbox, whatever aim() made of RSP. */
	if (emulated.bits != 16 && insn->op >= OP_PUSH && insn->op <= OP_JMP &&
	    (regs->gpr[GPR_RSP] < DATA - PAGE || regs->gpr[GPR_RSP] > DATA + ALL_BYTES + PAGE))
		return false;
	if (emulated.bits != 64)
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

	if (!insn->memory || random_u64() % 2 || at < DATA || at + 16 > DATA + DATA_BYTES ||
	    insn->base == GPR_RAX || insn->index == GPR_RAX || insn->base == GPR_RDX ||
	    insn->index == GPR_RDX)
		return;
	memcpy(&regs->gpr[GPR_RAX], emulated.memory + (at - DATA), 8);
	if (insn->op == OP_CMPXCHG8B)
		memcpy(&regs->gpr[GPR_RDX], emulated.memory + (at - DATA) + insn->operand_bytes, 8);
	if (emulated.bits != 64) {
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

/*
 * A fault after some elements of a repeated CMPS or SCAS: the SDM (REP) has the
 * flags as they were before the instruction, older processors and the emulator,
 * which is entered for each element, as the last element has left them.
 */
static u64 flags_at_fault(const struct kvm_insn *insn, const struct state *before,
			  const struct state *real)
{
	bool compares = insn->op == OP_CMPS || insn->op == OP_SCAS;

	return compares && insn->rep && real->vector != FAULT_NONE &&
	       real->regs.gpr[GPR_RCX] != before->regs.gpr[GPR_RCX] ? FLAGS_STATUS : 0;
}

/*
 * 64-bit code that repeats by ECX: where that is 0, or the first element faults,
 * some processors have cleared the upper halves of the counter and the pointers.
 */
static void forget_upper_halves(const struct kvm_insn *insn, struct state *s)
{
	if (emulated.bits != 64 || !insn->rep || insn->address_bytes != 4)
		return;
	s->regs.gpr[GPR_RCX] = (u32)s->regs.gpr[GPR_RCX];
	s->regs.gpr[GPR_RSI] = (u32)s->regs.gpr[GPR_RSI];
	s->regs.gpr[GPR_RDI] = (u32)s->regs.gpr[GPR_RDI];
}

/*
 * A CALL to where there can be no code: some processors have written the return
 * address by then, below the stack pointer, which does not move.
 */
static void forget_return_address(const struct kvm_insn *insn, const struct state *real)
{
	u64 at = real->regs.gpr[GPR_RSP] - insn->operand_bytes - DATA;

	if (insn->op == OP_CALL && real->vector == FAULT_GP && at < DATA_BYTES)
		memcpy(emulated.memory + at, data + at, insn->operand_bytes);
}

static bool same(const struct state *real, const struct state *ours, u64 ignored)
{
	u64 rip = ours->regs.rip + (ours->vector == FAULT_NONE);	/* behind INT3 */

	return same_fault(real, ours) && real->regs.rip == rip &&
	       !memcmp(real->regs.gpr, ours->regs.gpr, sizeof(real->regs.gpr)) &&
	       !((real->regs.rflags ^ ours->regs.rflags) & MODE_FLAGS & ~ignored) &&
	       !memcmp(real->xmm, ours->xmm, sizeof(real->xmm)) &&
	       !memcmp(data, emulated.memory, ALL_BYTES);
}

static unsigned long run_of[OP_NONE], faults;

static void compare(const struct kvm_insn *insn, const struct state *before)
{
	struct state real = *before, ours = *before;
	u64 ignored = undefined_flags(insn, &before->regs);
	int i, ret;

	ret = run_emulated(&ours, insn);
	run_native(&real);
	ignored |= flags_at_fault(insn, before, &real);
	forget_return_address(insn, &real);
	if (!(u32)before->regs.gpr[GPR_RCX] || real.vector != FAULT_NONE) {
		forget_upper_halves(insn, &real);
		forget_upper_halves(insn, &ours);
	}
	/* A fault that comes with the first element leaves no flags undefined. */
	if (!ret && same(&real, &ours, ignored)) {
		run_of[insn->op]++;
		faults += real.vector != FAULT_NONE;
		return;
	}
	for (i = 0; i < insn->len; i++)
		printf("%02x ", code[i]);
	printf("(op %u, %d bits) ret %d, memory %s, ignored flags %llx\n", insn->op, emulated.bits, ret,
	       memcmp(data, emulated.memory, ALL_BYTES) ? "differs" : "same",
	       (unsigned long long)ignored);
	show("before", before);
	show("real", &real);
	show("emulated", &ours);
	fflush(stdout);
	ck_abort_msg("the processor does it otherwise");
}

static void beside_processor(int code_bits)
{
	unsigned long count = count_of(60000, 3000000);
	struct state before;
	struct kvm_insn insn;
	int i;

	emulated.bits = code_bits;
	random_start("kvm processor");
	syscall(SYS_arch_prctl, ARCH_GET_FS, &emulated.fs_base);
	set_up();
	emulated_flat_segments();
	if (emulated.bits == 16)
		ldt_segments();
	while (count) {
		memset(&before, 0, sizeof(before));
		if (!random_insn(&insn, &before.regs))
			continue;
		if (insn.op == OP_CMPXCHG || insn.op == OP_CMPXCHG8B)
			make_equal(&insn, &before.regs);
		before.regs.rip = emulated.bits == 16 ? 0 : CODE;
		before.regs.rflags = random_u64() & MODE_FLAGS;
		for (i = 0; i < (emulated.bits == 64 ? 16 : 8); i++)
			before.xmm[i][0] = random_u64(), before.xmm[i][1] = random_u64();
		emulated.device[0] = random_u64() & 1;
		emulated.device[1] = random_u64() & 1;
		compare(&insn, &before);
		count--;
	}
	for (i = 0; i < OP_NONE; i++)
		if (i != OP_INS && i != OP_OUTS && i != OP_EXIT)
			ck_assert_msg(run_of[i], "operation %d was never run", i);
	ck_assert_uint_gt(faults, 0);
	printf("kvm processor: %d bits, %lu faults\n", emulated.bits, faults);
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

Suite *kvm_processor_suite(void);
Suite *kvm_processor_suite(void)
{
	Suite *suite = suite_create("kvm processor");
	TCase *tc = tcase_create("processor");

	tcase_add_test(tc, processor_64);
	tcase_add_test(tc, processor_32);
	tcase_add_test(tc, processor_16);
	suite_add_tcase(suite, tc);
	return suite;
}
