// SPDX-License-Identifier: GPL-2.0
/* FPU, XSAVE, XCRs, signal masks: state that is more than registers. */
#include <signal.h>

#include "client.h"

static void fpu(struct machine *m)
{
	struct kvm_fpu fpu;

	machine_set_cpuid(m);
	machine_load(m, fpu);
	machine_start_real(m);
	machine_run(m);
	record_step("of the guest");
	call(m->vcpu, KVM_GET_FPU, &fpu);
	record_step("set");
	fpu.fcw = 0x27f;
	fpu.xmm[3][5] = 0xa5;
	memset(fpu.fpr[2], 0x3c, 10);
	call(m->vcpu, KVM_SET_FPU, &fpu);
	call(m->vcpu, KVM_GET_FPU, &fpu);
	record_step("reserved mxcsr");
	fpu.mxcsr = 0xffffffff;
	call(m->vcpu, KVM_SET_FPU, &fpu);
	call(m->vcpu, KVM_GET_FPU, &fpu);
}

/* Where XSAVE's standard form has what (SDM volume 1, 13.4), in 4 bytes. */
#define WORD_MXCSR	6
#define WORD_XMM0	40
#define WORD_XSTATE_BV	128
#define WORD_XCOMP_BV	130
#define WORD_RESERVED	132
#define WORD_YMM0	144

static void xsave(struct machine *m)
{
	static const struct {
		const char *what;
		int word;
		uint32_t value;
	} cases[] = {
		{ "xmm0", WORD_XMM0, 0x12345678 },
		{ "ymm0", WORD_YMM0, 0x87654321 },
		{ "no component", WORD_XSTATE_BV, 0 },
		{ "x87 only", WORD_XSTATE_BV, 1 },
		{ "sse only", WORD_XSTATE_BV, 2 },
		{ "x87 sse avx", WORD_XSTATE_BV, 7 },
		{ "avx without sse", WORD_XSTATE_BV, 5 },
		{ "a component of none", WORD_XSTATE_BV + 1, 1 << 30 },
		{ "a supervisor's", WORD_XSTATE_BV, 1 << 8 },
		{ "compacted", WORD_XCOMP_BV + 1, 1u << 31 },
		{ "xcomp low", WORD_XCOMP_BV, 1 },
		{ "reserved header", WORD_RESERVED, 1 },
		{ "mxcsr", WORD_MXCSR, 0x1fa0 },
		{ "mxcsr reserved", WORD_MXCSR, 0x80000000 },
	};
	static struct kvm_xsave start, area;

	machine_set_cpuid(m);
	machine_load(m, fpu);
	machine_start_real(m);
	machine_run(m);
	call(m->vcpu, KVM_GET_XSAVE, &start);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		record_step("%s", cases[i].what);
		area = start;
		area.region[WORD_XSTATE_BV] |= 3;
		area.region[cases[i].word] = cases[i].value;
		call(m->vcpu, KVM_SET_XSAVE, &area);
		call(m->vcpu, KVM_GET_XSAVE, &area);
	}
	record_step("start again");
	call(m->vcpu, KVM_SET_XSAVE, &start);
	machine_run_to_end(m);
	call(m->vcpu, KVM_GET_XSAVE2, &area);
}

static void xcrs(struct machine *m)
{
	static const struct {
		const char *what;
		struct kvm_xcrs xcrs;
	} cases[] = {
		{ "x87", { .nr_xcrs = 1, .xcrs = { { 0, 0, 1 } } } },
		{ "x87 sse", { .nr_xcrs = 1, .xcrs = { { 0, 0, 3 } } } },
		{ "x87 sse avx", { .nr_xcrs = 1, .xcrs = { { 0, 0, 7 } } } },
		{ "nothing", { .nr_xcrs = 1, .xcrs = { { 0, 0, 0 } } } },
		{ "sse only", { .nr_xcrs = 1, .xcrs = { { 0, 0, 2 } } } },
		{ "avx without sse", { .nr_xcrs = 1, .xcrs = { { 0, 0, 5 } } } },
		{ "half of avx512", { .nr_xcrs = 1, .xcrs = { { 0, 0, 0x27 } } } },
		{ "half of mpx", { .nr_xcrs = 1, .xcrs = { { 0, 0, 0xf } } } },
		{ "bit 63", { .nr_xcrs = 1, .xcrs = { { 0, 0, 1ull << 63 | 1 } } } },
		{ "another register", { .nr_xcrs = 1, .xcrs = { { 1, 0, 5 } } } },
		{ "none", { .nr_xcrs = 0 } },
		{ "too many", { .nr_xcrs = 17 } },
		{ "flags", { .nr_xcrs = 1, .flags = 1, .xcrs = { { 0, 0, 1 } } } },
		{ "the second", { .nr_xcrs = 2, .xcrs = { { 1, 0, 5 }, { 0, 0, 3 } } } },
	};

	machine_set_cpuid(m);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kvm_xcrs xcrs = cases[i].xcrs;

		record_step("%s", cases[i].what);
		call(m->vcpu, KVM_SET_XCRS, &xcrs);
		call(m->vcpu, KVM_GET_XCRS, &xcrs);
	}
}

static void signal_masks(struct machine *m)
{
	struct {
		struct kvm_signal_mask head;
		uint8_t set[8];
	} mask = { .head.len = 8 };
	static const uint32_t lengths[] = { 0, 4, 7, 8, 9, 16, ~0u };

	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		record_step("length %x", lengths[i]);
		mask.head.len = lengths[i];
		call(m->vcpu, KVM_SET_SIGNAL_MASK, &mask);
	}
	record_step("none");
	call(m->vcpu, KVM_SET_SIGNAL_MASK, 0);
}

static void on_signal(int number)
{
	(void)number;
}

/* A signal that waits, blocked outside KVM_RUN and not in it, ends it. */
static void signal_waits(struct machine *m)
{
	struct {
		struct kvm_signal_mask head;
		uint8_t set[8];
	} mask = { .head.len = 8 };
	sigset_t blocked;

	signal(SIGUSR1, on_signal);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	machine_load(m, out);
	machine_start_real(m);
	call(m->vcpu, KVM_SET_SIGNAL_MASK, &mask);
	raise(SIGUSR1);
	record_step("it waits");
	machine_run(m);
	record_step("still");
	machine_run(m);
	record_step("taken");
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	machine_run(m);
	machine_run(m);
}

static void immediate(struct machine *m)
{
	machine_load(m, in);
	machine_start_real(m);
	record_step("before anything");
	m->run->immediate_exit = 1;
	machine_run(m);
	m->run->immediate_exit = 0;
	record_step("until IN");
	machine_run(m);
	record_step("finishes it");
	m->run->immediate_exit = 1;
	machine_run(m);
	machine_run(m);
	m->run->immediate_exit = 0;
	record_step("goes on");
	machine_run_to_end(m);
}

/* Fields of the page that KVM_RUN reads. */
static void run_refused(struct machine *m)
{
	machine_load(m, out);
	machine_start_real(m);
	record_step("argument");
	call(m->vcpu, KVM_RUN, 1);
	record_step("valid regs");
	m->run->kvm_valid_regs = ~0ull;
	machine_run(m);
	m->run->kvm_valid_regs = 0;
	record_step("dirty regs");
	m->run->kvm_dirty_regs = ~0ull;
	machine_run(m);
	m->run->kvm_dirty_regs = 0;
	record_step("cr8");
	m->run->cr8 = 16;
	machine_run(m);
	m->run->cr8 = 9;
	machine_run(m);
	record_step("runs");
	machine_run_to_end(m);
}

const struct client state_clients[] = {
	{ "fpu", fpu },
	{ "xsave", xsave },
	{ "xcrs", xcrs },
	{ "signal-masks", signal_masks },
	{ "signal-waits", signal_waits },
	{ "immediate-exit", immediate },
	{ "run-refused", run_refused },
	{ }
};
