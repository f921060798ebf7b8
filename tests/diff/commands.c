// SPDX-License-Identifier: GPL-2.0
/* What goes into each command, and what comes out of it, in words. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "record.h"

#define MSR_TSC		0x10

#define MEMBER(s, name)	word(#name, (s)->name)

/* ---- registers ---- */

static void write_regs(const void *arg)
{
	const struct kvm_regs *r = arg;

	MEMBER(r, rax), MEMBER(r, rbx), MEMBER(r, rcx), MEMBER(r, rdx);
	MEMBER(r, rsi), MEMBER(r, rdi), MEMBER(r, rsp), MEMBER(r, rbp);
	MEMBER(r, r8), MEMBER(r, r9), MEMBER(r, r10), MEMBER(r, r11);
	MEMBER(r, r12), MEMBER(r, r13), MEMBER(r, r14), MEMBER(r, r15);
	MEMBER(r, rip), MEMBER(r, rflags);
}

/*
 * As a descriptor has them; bit 16: the register holds no segment. What a VMCS has of how long
 * and how large such a one is, is undefined (SDM volume 3, 28.3.2): on Bochs what was there
 * before, if an interrupt of the host's comes just then.
 */
static uint32_t attributes(const struct kvm_segment *s)
{
	uint32_t size = s->unusable ? 0 : s->l << 9 | s->db << 10 | s->g << 11;

	return s->type | s->s << 4 | s->dpl << 5 | s->present << 7 | s->avl << 8 | size |
	       s->unusable << 16;
}

static void write_segment(const char *name, const struct kvm_segment *s)
{
	word_of(name, "sel", s->selector);
	word_of(name, "base", s->base);
	word_of(name, "limit", s->limit);
	word_of(name, "attr", attributes(s));
}

static void write_sregs(const void *arg)
{
	const struct kvm_sregs *s = arg;

	write_segment("cs", &s->cs), write_segment("ds", &s->ds);
	write_segment("es", &s->es), write_segment("fs", &s->fs);
	write_segment("gs", &s->gs), write_segment("ss", &s->ss);
	write_segment("tr", &s->tr), write_segment("ldt", &s->ldt);
	word_of("gdt", "base", s->gdt.base), word_of("gdt", "limit", s->gdt.limit);
	word_of("idt", "base", s->idt.base), word_of("idt", "limit", s->idt.limit);
	MEMBER(s, cr0), MEMBER(s, cr2), MEMBER(s, cr3), MEMBER(s, cr4), MEMBER(s, cr8);
	MEMBER(s, efer), MEMBER(s, apic_base);
	for (int i = 0; i < 4; i++)
		word_at("irq", i, s->interrupt_bitmap[i]);
}

static void write_fpu(const void *arg)
{
	const struct kvm_fpu *f = arg;

	MEMBER(f, fcw), MEMBER(f, fsw), MEMBER(f, ftwx), MEMBER(f, last_opcode);
	MEMBER(f, last_ip), MEMBER(f, last_dp), MEMBER(f, mxcsr);
	for (int i = 0; i < 8; i++) {
		word_bytes((const char *[]) { "st0", "st1", "st2", "st3", "st4", "st5", "st6",
					      "st7" }[i], f->fpr[i], 16);
	}
	word_bytes("xmm", f->xmm, sizeof(f->xmm));
}

/* The areas of XSAVE's standard form: SDM volume 1, 13.4. */
static void write_xsave(const void *arg)
{
	const uint8_t *x = arg;

	word_bytes("x87", x, 24);
	word_bytes("mxcsr", x + 24, 4);
	word_bytes("mxcsr_mask", x + 28, 4);
	word_bytes("st", x + 32, 128);
	word_bytes("xmm", x + 160, 256);
	word_bytes("sw", x + 416, 96);
	word_bytes("xstate_bv", x + 512, 8);
	word_bytes("xcomp_bv", x + 520, 8);
	word_bytes("reserved", x + 528, 48);
	word_bytes("rest", x + 576, 4096 - 576);
}

static void write_xcrs(const void *arg)
{
	const struct kvm_xcrs *x = arg;

	MEMBER(x, nr_xcrs), MEMBER(x, flags);
	for (unsigned int i = 0; i < x->nr_xcrs && i < KVM_MAX_XCRS; i++)
		word_at("xcr", x->xcrs[i].xcr, x->xcrs[i].value);
}

static void write_debugregs(const void *arg)
{
	const struct kvm_debugregs *d = arg;

	for (int i = 0; i < 4; i++)
		word_at("db", i, d->db[i]);
	MEMBER(d, dr6), MEMBER(d, dr7), MEMBER(d, flags);
	word_bytes("reserved", d->reserved, sizeof(d->reserved));
}

static void write_mp_state(const void *arg)
{
	word("mp_state", ((const struct kvm_mp_state *)arg)->mp_state);
}

static void write_events(const void *arg)
{
	const struct kvm_vcpu_events *e = arg;

	MEMBER(e, exception.injected), MEMBER(e, exception.pending);
	/* What is not there has no number. */
	if (e->exception.injected || e->exception.pending) {
		MEMBER(e, exception.nr), MEMBER(e, exception.has_error_code);
		MEMBER(e, exception.error_code);
	}
	MEMBER(e, interrupt.injected), MEMBER(e, interrupt.soft), MEMBER(e, interrupt.shadow);
	if (e->interrupt.injected)
		MEMBER(e, interrupt.nr);
	MEMBER(e, nmi.injected), MEMBER(e, nmi.pending), MEMBER(e, nmi.masked);
	MEMBER(e, sipi_vector), MEMBER(e, flags);
	MEMBER(e, smi.smm), MEMBER(e, smi.pending), MEMBER(e, smi.smm_inside_nmi);
	MEMBER(e, smi.latched_init);
	word_bytes("reserved", e->reserved, sizeof(e->reserved));
	MEMBER(e, exception_has_payload), MEMBER(e, exception_payload);
}

static void write_translation_in(const void *arg)
{
	word("linear", ((const struct kvm_translation *)arg)->linear_address);
}

static void write_translation(const void *arg)
{
	const struct kvm_translation *t = arg;

	MEMBER(t, physical_address), MEMBER(t, valid), MEMBER(t, writeable), MEMBER(t, usermode);
}

static void write_interrupt(const void *arg)
{
	word("irq", ((const struct kvm_interrupt *)arg)->irq);
}

static void write_debug(const void *arg)
{
	const struct kvm_guest_debug *d = arg;

	MEMBER(d, control);
	for (int i = 0; i < 8; i++)
		word_at("dr", i, d->arch.debugreg[i]);
}

static void write_u64(const void *arg)
{
	word("value", *(const uint64_t *)arg);
}

static void write_mce(const void *arg)
{
	const struct kvm_x86_mce *m = arg;

	MEMBER(m, status), MEMBER(m, addr), MEMBER(m, misc), MEMBER(m, mcg_status);
	MEMBER(m, bank);
}

static void write_signal_mask(const void *arg)
{
	word("len", ((const struct kvm_signal_mask *)arg)->len);
}

/* ---- lists ---- */

/* The TSC goes on; that it is there is all that can be the same. */
static void write_msr(const struct kvm_msr_entry *e)
{
	word_at("msr", e->index, e->index == MSR_TSC ? 1 : e->data);
}

static void write_msrs_in(const void *arg)
{
	const struct kvm_msrs *m = arg;

	word("nmsrs", m->nmsrs);
	for (unsigned int i = 0; i < m->nmsrs && i < 4; i++)
		write_msr(&m->entries[i]);
}

/* Which are asked for is seen in what comes. */
static void write_msrs_asked(const void *arg)
{
	const struct kvm_msrs *m = arg;

	word("nmsrs", m->nmsrs);
	if (m->nmsrs == 1)
		word("index", m->entries[0].index);
}

static void write_msrs_out(const void *arg, int ret)
{
	const struct kvm_msrs *m = arg;

	for (int i = 0; i < ret; i++)
		write_msr(&m->entries[i]);
}

static void write_msr_list_in(const void *arg)
{
	word("nmsrs", ((const struct kvm_msr_list *)arg)->nmsrs);
}

static void write_msr_list_out(const void *arg, int ret)
{
	const struct kvm_msr_list *list = arg;

	/* How many there are is the sum of which there are. */
	for (unsigned int i = 0; !ret && i < list->nmsrs; i++)
		word_at("has", list->indices[i], 1);
}

static void write_cpuid_in(const void *arg)
{
	const struct kvm_cpuid2 *c = arg;

	word("nent", c->nent);
	if (c->nent && c->nent <= KVM_CPUID_MAX_ENTRIES)
		word_bytes("entries", c->entries, c->nent * sizeof(c->entries[0]));
}

static void write_cpuid_asked(const void *arg)
{
	word("nent", ((const struct kvm_cpuid2 *)arg)->nent);
}

static void write_leaf(const struct kvm_cpuid_entry2 *e)
{
	char name[32];

	snprintf(name, sizeof(name), "%x.%x", e->function, e->index);
	word_of(name, "eax", e->eax);
	word_of(name, "ebx", e->ebx);
	word_of(name, "ecx", e->ecx);
	word_of(name, "edx", e->edx);
	word_of(name, "flags", e->flags);
}

static void write_cpuid_out(const void *arg, int ret)
{
	const struct kvm_cpuid2 *c = arg;

	for (unsigned int i = 0; !ret && i < c->nent; i++)
		write_leaf(&c->entries[i]);
}

static void write_cpuid_count(const void *arg, int ret)
{
	word("nent", ((const struct kvm_cpuid2 *)arg)->nent);
	write_cpuid_out(arg, ret);
}

/* ---- memory ---- */

static void write_region(const void *arg)
{
	const struct kvm_userspace_memory_region *r = arg;

	MEMBER(r, slot), MEMBER(r, flags), MEMBER(r, guest_phys_addr), MEMBER(r, memory_size);
	word_pointer("userspace_addr", r->userspace_addr);
}

static void write_log_in(const void *arg)
{
	word("slot", ((const struct kvm_dirty_log *)arg)->slot);
}

/* Clients give at least one word of bits. */
static void write_log_out(const void *arg, int ret)
{
	const struct kvm_dirty_log *log = arg;

	if (!ret)
		word("bits", *(const uint64_t *)log->dirty_bitmap);
}

/* Of the time itself nothing is the same, nor need be what the host's clock lets be told. */
static void write_clock(const void *arg)
{
	const struct kvm_clock_data *c = arg;

	word("unknown", c->flags & ~(uint32_t)(KVM_CLOCK_TSC_STABLE | KVM_CLOCK_REALTIME |
					       KVM_CLOCK_HOST_TSC));
	MEMBER(c, pad0);
	word_bytes("pad", c->pad, sizeof(c->pad));
}

static void write_clear(const void *arg)
{
	const struct kvm_clear_dirty_log *log = arg;

	MEMBER(log, slot), MEMBER(log, first_page), MEMBER(log, num_pages);
	if (log->dirty_bitmap)
		word("bits", *(const uint64_t *)log->dirty_bitmap);
}

/* A descriptor's number is nobody's business. */
static void write_ioeventfd(const void *arg)
{
	const struct kvm_ioeventfd *e = arg;

	MEMBER(e, addr), MEMBER(e, len), MEMBER(e, datamatch), MEMBER(e, flags);
	word("no_fd", e->fd < 0);
}

static void write_cap(const void *arg)
{
	const struct kvm_enable_cap *c = arg;

	MEMBER(c, cap), MEMBER(c, flags), word("args", c->args[0]);
}

static void write_pre_fault(const void *arg)
{
	const struct kvm_pre_fault_memory *p = arg;

	MEMBER(p, gpa), MEMBER(p, size), MEMBER(p, flags);
}

/* ---- KVM_RUN ---- */

static const char *const exit_names[] = {
	[KVM_EXIT_UNKNOWN] = "UNKNOWN", [KVM_EXIT_EXCEPTION] = "EXCEPTION",
	[KVM_EXIT_IO] = "IO", [KVM_EXIT_DEBUG] = "DEBUG", [KVM_EXIT_HLT] = "HLT",
	[KVM_EXIT_MMIO] = "MMIO", [KVM_EXIT_IRQ_WINDOW_OPEN] = "IRQ_WINDOW_OPEN",
	[KVM_EXIT_SHUTDOWN] = "SHUTDOWN", [KVM_EXIT_FAIL_ENTRY] = "FAIL_ENTRY",
	[KVM_EXIT_INTR] = "INTR", [KVM_EXIT_SET_TPR] = "SET_TPR", [KVM_EXIT_INTERNAL_ERROR] = "INTERNAL_ERROR",
};

static void write_io_data(const struct kvm_run *run)
{
	word_bytes("data", (const char *)run + run->io.data_offset,
		   (size_t)run->io.size * run->io.count);
}

/* What user space answers, beside the fields that KVM_RUN reads. */
void write_run_in(const struct kvm_run *run, bool answered)
{
	MEMBER(run, request_interrupt_window), MEMBER(run, immediate_exit), MEMBER(run, cr8);
	MEMBER(run, kvm_valid_regs), MEMBER(run, kvm_dirty_regs);
	if (!answered)
		return;
	if (run->exit_reason == KVM_EXIT_IO && run->io.direction == KVM_EXIT_IO_IN)
		write_io_data(run);
	if (run->exit_reason == KVM_EXIT_MMIO && !run->mmio.is_write)
		word_bytes("data", run->mmio.data, run->mmio.len);
}

/*
 * DR6 may tell of points that DR7 does not enable (SDM 18.2.3): it does if what another
 * program has left in DR0 to DR3 of the host is met by chance.
 */
static uint64_t points_not_enabled(uint64_t dr7)
{
	uint64_t points = 0;

	for (unsigned int i = 0; i < 4; i++)
		if (!(dr7 >> 2 * i & 3))
			points |= 1u << i;
	return points;
}

static void write_exit(const struct kvm_run *run)
{
	switch (run->exit_reason) {
	case KVM_EXIT_UNKNOWN:
		word("hw", run->hw.hardware_exit_reason);
		break;
	case KVM_EXIT_IO:
		word("out", run->io.direction);
		MEMBER(run, io.size), MEMBER(run, io.port), MEMBER(run, io.count);
		if (run->io.direction == KVM_EXIT_IO_OUT)
			write_io_data(run);
		break;
	case KVM_EXIT_MMIO:
		MEMBER(run, mmio.phys_addr), MEMBER(run, mmio.len), MEMBER(run, mmio.is_write);
		if (run->mmio.is_write)
			word_bytes("data", run->mmio.data, run->mmio.len);
		break;
	case KVM_EXIT_DEBUG:
		word("exception", run->debug.arch.exception);
		word("pc", run->debug.arch.pc);
		word("dr6", run->debug.arch.dr6 & ~points_not_enabled(run->debug.arch.dr7));
		word("dr7", run->debug.arch.dr7);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		word("hw", run->fail_entry.hardware_entry_failure_reason);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		MEMBER(run, internal.suberror), MEMBER(run, internal.ndata);
		break;
	}
}

void write_run_out(const struct kvm_run *run)
{
	unsigned int reason = run->exit_reason;
	bool named = reason < sizeof(exit_names) / sizeof(exit_names[0]) && exit_names[reason];

	if (named)
		word_text("exit", exit_names[reason]);
	else
		word("exit", reason);
	write_exit(run);
	word("ready", run->ready_for_interrupt_injection);
	word("if", run->if_flag);
	MEMBER(run, flags), MEMBER(run, cr8), MEMBER(run, apic_base);
}

/* Only a signal need say so: exit_reason counts when KVM_RUN returns 0. */
void write_run_interrupted(const struct kvm_run *run)
{
	word_text("exit", run->exit_reason == KVM_EXIT_INTR ? "INTR" : "stale");
}

/* ---- the table ---- */

#define READS(what) \
	static void out_##what(const void *arg, int ret) \
	{ \
		if (ret >= 0) \
			write_##what(arg); \
	}

READS(regs)
READS(sregs)
READS(fpu)
READS(xsave)
READS(xcrs)
READS(debugregs)
READS(mp_state)
READS(events)
READS(translation)
READS(u64)
READS(clock)

static void out_pre_fault(const void *arg, int ret)
{
	(void)ret;	/* what is left is written in any case */
	write_pre_fault(arg);
}

#define COMMAND(command) .number = command, .name = #command

static const struct command commands[] = {
	{ COMMAND(KVM_GET_API_VERSION), .by_value = true },
	{ COMMAND(KVM_CREATE_VM), .by_value = true },
	{ COMMAND(KVM_CHECK_EXTENSION), .by_value = true },
	{ COMMAND(KVM_GET_VCPU_MMAP_SIZE), .by_value = true },
	{ COMMAND(KVM_CREATE_VCPU), .by_value = true },
	{ COMMAND(KVM_SET_TSS_ADDR), .by_value = true },
	{ COMMAND(KVM_RUN), .by_value = true },
	{ COMMAND(KVM_NMI), .by_value = true },
	{ COMMAND(KVM_GET_MSR_INDEX_LIST), write_msr_list_in, write_msr_list_out },
	{ COMMAND(KVM_GET_MSR_FEATURE_INDEX_LIST), write_msr_list_in, write_msr_list_out },
	{ COMMAND(KVM_GET_SUPPORTED_CPUID), write_cpuid_asked, write_cpuid_out },
	{ COMMAND(KVM_X86_GET_MCE_CAP_SUPPORTED), NULL, out_u64 },
	{ COMMAND(KVM_SET_USER_MEMORY_REGION), write_region },
	{ COMMAND(KVM_GET_DIRTY_LOG), write_log_in, write_log_out },
	{ COMMAND(KVM_CLEAR_DIRTY_LOG), write_clear },
	{ COMMAND(KVM_ENABLE_CAP), write_cap },
	{ COMMAND(KVM_IOEVENTFD), write_ioeventfd },
	{ COMMAND(KVM_SET_GSI_ROUTING) },
	{ COMMAND(KVM_GET_CLOCK), NULL, out_clock },
	{ COMMAND(KVM_SET_CLOCK), write_clock },
	{ COMMAND(KVM_GET_REGS), NULL, out_regs },
	{ COMMAND(KVM_SET_REGS), write_regs },
	{ COMMAND(KVM_GET_SREGS), NULL, out_sregs },
	{ COMMAND(KVM_SET_SREGS), write_sregs },
	{ COMMAND(KVM_TRANSLATE), write_translation_in, out_translation },
	{ COMMAND(KVM_INTERRUPT), write_interrupt },
	{ COMMAND(KVM_GET_MSRS), write_msrs_asked, write_msrs_out },
	{ COMMAND(KVM_SET_MSRS), write_msrs_in },
	{ COMMAND(KVM_SET_SIGNAL_MASK), write_signal_mask },
	{ COMMAND(KVM_GET_FPU), NULL, out_fpu },
	{ COMMAND(KVM_SET_FPU), write_fpu },
	{ COMMAND(KVM_SET_CPUID2), write_cpuid_in },
	{ COMMAND(KVM_GET_CPUID2), write_cpuid_asked, write_cpuid_count },
	{ COMMAND(KVM_GET_MP_STATE), NULL, out_mp_state },
	{ COMMAND(KVM_SET_MP_STATE), write_mp_state },
	{ COMMAND(KVM_SET_GUEST_DEBUG), write_debug },
	{ COMMAND(KVM_X86_SETUP_MCE), write_u64 },
	{ COMMAND(KVM_X86_SET_MCE), write_mce },
	{ COMMAND(KVM_GET_VCPU_EVENTS), NULL, out_events },
	{ COMMAND(KVM_SET_VCPU_EVENTS), write_events },
	{ COMMAND(KVM_GET_DEBUGREGS), NULL, out_debugregs },
	{ COMMAND(KVM_SET_DEBUGREGS), write_debugregs },
	{ COMMAND(KVM_GET_XSAVE), NULL, out_xsave },
	{ COMMAND(KVM_GET_XSAVE2), NULL, out_xsave },
	{ COMMAND(KVM_SET_XSAVE), write_xsave },
	{ COMMAND(KVM_GET_XCRS), NULL, out_xcrs },
	{ COMMAND(KVM_SET_XCRS), write_xcrs },
	{ COMMAND(KVM_PRE_FAULT_MEMORY), write_pre_fault, out_pre_fault },
};

const struct command *command_of(unsigned int number)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].number == number)
			return &commands[i];
	}
	return NULL;
}
