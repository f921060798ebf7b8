// SPDX-License-Identifier: GPL-2.0
#include "exit.h"

#include <linux/minmax.h>
#include <linux/string.h>
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/processor-flags.h>
#include <asm/trap_pf.h>
#include <asm/trapnr.h>

#include "backend.h"
#include "device_access.h"
#include "devkvm.h"
#include "devkvm_2006.h"
#include "dirty_log.h"
#include "ioeventfd.h"
#include "memslot.h"
#include "mmu/guest.h"
#include "mmu/tdp.h"
#include "trace.h"
#include "vcpu.h"
#include "vm.h"
#include "x86/cpuid.h"
#include "x86/cr.h"
#include "x86/events.h"
#include "x86/fetch.h"
#include "x86/msr.h"
#include "x86/sregs.h"
#include "x86/task_switch.h"
#include "x86/tsc.h"

/* What a hypercall answers, as in-tree KVM: that nobody knows it, not to CPL 3. */
#define HYPERCALL_UNKNOWN	(-1000)
#define HYPERCALL_DENIED	(-EPERM)

static int stop(struct kvm_vcpu *vcpu, u32 reason)
{
	vcpu->stop.reason = reason;
	return 0;
}

/*
 * A fault is delivered with RF in the flags that it saves, so that the instruction
 * meets its breakpoint once (SDM volume 3, 18.3.1.1). Traps and aborts are not.
 */
static bool is_fault(u8 vector)
{
	const u32 others = 1u << X86_TRAP_DB | 1u << X86_TRAP_NMI | 1u << X86_TRAP_BP |
			   1u << X86_TRAP_OF | 1u << X86_TRAP_DF | 1u << X86_TRAP_MC;

	return vector < 32 && !(others >> vector & 1);
}

/* One that waits already goes first; the instruction faults again after it. */
void kvm_inject_exception(struct kvm_vcpu *vcpu, u8 vector, bool has_error,
			  u32 error)
{
	if (vcpu->event.type != EVENT_NONE)
		return;
	vcpu->event = (struct kvm_event) {
		.type = EVENT_EXCEPTION,
		.vector = vector,
		.has_error = has_error,
		.error = error,
	};
	trace_kvm_inj_exception(vector, has_error, error);
	if (is_fault(vector))
		vcpu->regs.rflags |= X86_EFLAGS_RF;
}

static int inject_gp(struct kvm_vcpu *vcpu)
{
	kvm_inject_exception(vcpu, X86_TRAP_GP, true, 0);
	return 1;
}

static int inject_ud(struct kvm_vcpu *vcpu)
{
	kvm_inject_exception(vcpu, X86_TRAP_UD, false, 0);
	return 1;
}

/* Apart, for the stack that it needs is cleared at each call. */
static noinline u8 fetch_insn_len(struct kvm_vcpu *vcpu)
{
	struct kvm_insn insn;

	if (kvm_fetch_insn(vcpu, &insn) || !kvm_insn_exits(&insn))
		return 0;
	vcpu->exit.insn_len = insn.len;
	return insn.len;
}

u8 kvm_exit_insn_len(struct kvm_vcpu *vcpu)
{
	return vcpu->exit.insn_len ?: fetch_insn_len(vcpu);
}

void kvm_insn_done(struct kvm_vcpu *vcpu)
{
	kvm_backend->clear_shadow(vcpu);
	if (unlikely(vcpu->regs.rflags & X86_EFLAGS_TF || vcpu->debug.control))
		kvm_debug_insn_done(vcpu);
}

static void advance(struct kvm_vcpu *vcpu, u8 len)
{
	u64 rip = vcpu->regs.rip + len;

	/* Below 4 GiB it can only wrap where code has 32 bits or fewer. */
	if ((rip ^ vcpu->regs.rip) & BIT_ULL(32) && kvm_code_bits(vcpu) != 64)
		rip = (u32)rip;
	vcpu->regs.rip = rip;
	vcpu->regs.rflags &= ~X86_EFLAGS_RF;
	kvm_insn_done(vcpu);
}

void kvm_skip_insn(struct kvm_vcpu *vcpu)
{
	advance(vcpu, kvm_exit_insn_len(vcpu));
}

/* ---- each kind ---- */

/* An OUT that is an event. (Those of OUTS go to user space.) */
static bool tells_port(struct kvm_vcpu *vcpu)
{
	const struct kvm_exit *exit = &vcpu->exit;
	u64 value = vcpu->regs.gpr[GPR_RAX] & GENMASK(exit->io.size * 8 - 1, 0);

	if (!kvm_ioeventfd_write(vcpu->vm, true, exit->io.port, exit->io.size, value))
		return false;
	trace_kvm_pio(true, exit->io.port, exit->io.size, 1, value);
	return true;
}

static int handle_io(struct kvm_vcpu *vcpu)
{
	/* Strings touch memory: the 2006 protocol leaves that to its user. */
	if (vcpu->exit.io.string && !vcpu->vm->legacy)
		return kvm_device_string_io(vcpu);
	if (!vcpu->exit.io.in && tells_port(vcpu)) {
		kvm_skip_insn(vcpu);
		return 1;
	}
	return stop(vcpu, KVM_EXIT_IO);
}

static int handle_cpuid(struct kvm_vcpu *vcpu)
{
	u8 len;

	if (vcpu->vm->legacy)
		return stop(vcpu, KVM_2006_EXIT_CPUID);
	len = kvm_exit_insn_len(vcpu);
	if (!len)
		return 1;
	kvm_cpuid_execute(vcpu);
	advance(vcpu, len);
	return 1;
}

/* RDX:RAX of RDMSR, WRMSR and RDTSC. */
static u64 get_edx_eax(struct kvm_vcpu *vcpu)
{
	const u64 *gpr = vcpu->regs.gpr;

	return (u32)gpr[GPR_RAX] | gpr[GPR_RDX] << 32;
}

static void set_edx_eax(struct kvm_vcpu *vcpu, u64 value)
{
	vcpu->regs.gpr[GPR_RAX] = (u32)value;
	vcpu->regs.gpr[GPR_RDX] = value >> 32;
}

static int handle_msr(struct kvm_vcpu *vcpu)
{
	u32 index = vcpu->regs.gpr[GPR_RCX];
	u8 len = kvm_exit_insn_len(vcpu);
	bool write = vcpu->exit.msr.write;
	u64 value = write ? get_edx_eax(vcpu) : 0;
	int ret;

	if (!len)
		return 1;
	ret = write ? kvm_msr_set(vcpu, index, value, true) :
		      kvm_msr_get(vcpu, index, &value, true);
	trace_kvm_msr(write, index, value, ret);
	if (ret)
		return inject_gp(vcpu);
	if (!write)
		set_edx_eax(vcpu, value);
	advance(vcpu, len);
	return 1;
}

static void set_tsc_aux(struct kvm_vcpu *vcpu)
{
	if (vcpu->exit.rdtsc.aux)
		vcpu->regs.gpr[GPR_RCX] = vcpu->tsc_aux;
}

static int handle_rdtsc(struct kvm_vcpu *vcpu)
{
	u8 len = kvm_exit_insn_len(vcpu);

	if (!len)
		return 1;
	set_edx_eax(vcpu, kvm_tsc_read(vcpu));
	set_tsc_aux(vcpu);
	advance(vcpu, len);
	return 1;
}

static int handle_hlt(struct kvm_vcpu *vcpu)
{
	kvm_skip_insn(vcpu);
	return stop(vcpu, KVM_EXIT_HLT);
}

static int handle_hypercall(struct kvm_vcpu *vcpu)
{
	s64 answer = kvm_backend->get_cpl(vcpu) ? HYPERCALL_DENIED : HYPERCALL_UNKNOWN;
	u8 len = kvm_exit_insn_len(vcpu);

	if (!len)
		return 1;
	vcpu->regs.gpr[GPR_RAX] = kvm_code_bits(vcpu) == 64 ? (u64)answer : (u32)answer;
	advance(vcpu, len);
	return 1;
}

/* ---- operands that the hardware may not tell ---- */

static bool fetch_exiting(struct kvm_vcpu *vcpu, struct kvm_insn *insn)
{
	if (kvm_fetch_insn(vcpu, insn) || !kvm_insn_exits(insn))
		return false;
	vcpu->exit.insn_len = insn->len;
	return true;
}

/*
 * LMSW's source, which the processor has read already. Four bits of it count; a second byte
 * may be where no slot is.
 */
static bool resolve_lmsw(struct kvm_vcpu *vcpu, const struct kvm_insn *insn)
{
	u8 value = vcpu->regs.gpr[insn->rm];
	u64 gpa;

	if (insn->memory &&
	    (kvm_guest_translate(vcpu, kvm_insn_linear(vcpu, insn), &gpa) ||
	     kvm_read_guest(vcpu->vm, gpa, &value, sizeof(value))))
		return false;
	vcpu->exit.kind = EXIT_LMSW;
	vcpu->exit.lmsw.value = value;
	return true;
}

/* An exit of SVM for CR0 may be any of three instructions that write or two that read. */
static noinline bool resolve_cr(struct kvm_vcpu *vcpu)
{
	struct kvm_insn insn;

	if (!fetch_exiting(vcpu, &insn))
		return false;
	switch (insn.opcode) {
	case OPCODE_CLTS:
		vcpu->exit.kind = EXIT_CLTS;
		return true;
	case OPCODE_GROUP7:
		if (!kvm_insn_is_smsw(&insn))
			return resolve_lmsw(vcpu, &insn);
		vcpu->exit.kind = EXIT_SMSW;
		return true;
	default:
		vcpu->exit.cr.gpr = insn.rm;
		return true;
	}
}

static noinline bool resolve_dr(struct kvm_vcpu *vcpu)
{
	struct kvm_insn insn;

	if (!fetch_exiting(vcpu, &insn))
		return false;
	vcpu->exit.dr.gpr = insn.rm;
	return true;
}

static noinline bool resolve_invlpg(struct kvm_vcpu *vcpu)
{
	struct kvm_insn insn;

	if (!fetch_exiting(vcpu, &insn) || !insn.memory)
		return false;
	vcpu->exit.invlpg.address = kvm_insn_linear(vcpu, &insn);
	vcpu->exit.invlpg.known = true;
	return true;
}

bool kvm_exit_resolve(struct kvm_vcpu *vcpu)
{
	const struct kvm_exit *exit = &vcpu->exit;

	switch (exit->kind) {
	case EXIT_CR:
		return exit->cr.gpr < GPR_COUNT || resolve_cr(vcpu);
	case EXIT_DR:
		return exit->dr.gpr < GPR_COUNT || resolve_dr(vcpu);
	case EXIT_INVLPG:
		return exit->invlpg.known || resolve_invlpg(vcpu);
	default:
		return true;
	}
}

/* ---- control and debug registers ---- */

/* What the instruction writes from a general register. */
static u64 written(struct kvm_vcpu *vcpu, u8 gpr)
{
	u64 value = vcpu->regs.gpr[gpr];

	return kvm_code_bits(vcpu) == 64 ? value : (u32)value;
}

/* And what it reads into one. */
static void read_into(struct kvm_vcpu *vcpu, u8 gpr, u64 value)
{
	vcpu->regs.gpr[gpr] = kvm_code_bits(vcpu) == 64 ? value : (u32)value;
}

static u64 cleared_ts(struct kvm_vcpu *vcpu)
{
	return kvm_backend->get_cr(vcpu, 0) & ~X86_CR0_TS;
}

/* LMSW writes PE, MP, EM and TS, and cannot clear PE (SDM volume 2). */
static u64 lmsw_result(struct kvm_vcpu *vcpu)
{
	u64 cr0 = kvm_backend->get_cr(vcpu, 0);

	return (cr0 & ~0xeull) | (vcpu->exit.lmsw.value & 0xf);
}

/*
 * A priority that falls may let in what waits in an interrupt controller of user
 * space, which must be told. (The protocol of 2006 has no way to.)
 */
static int write_cr(struct kvm_vcpu *vcpu, u8 number, u64 value)
{
	u64 priority = number == 8 ? kvm_backend->get_cr(vcpu, 8) : 0;

	trace_kvm_cr(true, number, value);
	if (kvm_cr_write(vcpu, number, value))
		return inject_gp(vcpu);
	kvm_skip_insn(vcpu);
	if (number == 8 && value < priority && !vcpu->vm->legacy)
		return stop(vcpu, KVM_EXIT_SET_TPR);
	return 1;
}

static int handle_cr(struct kvm_vcpu *vcpu)
{
	const struct kvm_exit *exit = &vcpu->exit;
	u8 number = exit->cr.number;

	if (!kvm_exit_resolve(vcpu) || !kvm_exit_insn_len(vcpu))
		return 1;
	if (unlikely(exit->kind != EXIT_CR))
		return kvm_exit_handle(vcpu);
	if (exit->cr.write)
		return write_cr(vcpu, number, written(vcpu, exit->cr.gpr));
	read_into(vcpu, exit->cr.gpr, kvm_backend->get_cr(vcpu, number));
	trace_kvm_cr(false, number, vcpu->regs.gpr[exit->cr.gpr]);
	kvm_skip_insn(vcpu);
	return 1;
}

static int handle_clts(struct kvm_vcpu *vcpu)
{
	u64 value = cleared_ts(vcpu);

	trace_kvm_cr(true, 0, value);
	kvm_backend->set_cr(vcpu, 0, value);
	kvm_skip_insn(vcpu);
	return 1;
}

static int handle_lmsw(struct kvm_vcpu *vcpu)
{
	return write_cr(vcpu, 0, lmsw_result(vcpu));
}

static int handle_dr(struct kvm_vcpu *vcpu)
{
	const struct kvm_exit *exit = &vcpu->exit;
	u64 value;
	int ret;

	if (!kvm_exit_resolve(vcpu) || !kvm_exit_insn_len(vcpu))
		return 1;
	value = written(vcpu, exit->dr.gpr);
	ret = kvm_dr_access(vcpu, exit->dr.number, exit->dr.write, &value);
	if (ret == -ENOENT)
		return inject_ud(vcpu);
	if (ret == -EBUSY)
		return 1;	/* the guest has its #DB */
	if (ret)
		return inject_gp(vcpu);
	if (!exit->dr.write)
		read_into(vcpu, exit->dr.gpr, value);
	kvm_skip_insn(vcpu);
	return 1;
}

static int handle_xsetbv(struct kvm_vcpu *vcpu)
{
	u64 value = get_edx_eax(vcpu);

	if (kvm_backend->get_cpl(vcpu) || (u32)vcpu->regs.gpr[GPR_RCX] ||
	    !kvm_xcr0_valid(value, vcpu->limits.xcr0))
		return inject_gp(vcpu);
	if (!kvm_exit_insn_len(vcpu))
		return 1;
	vcpu->xcr0 = value;
	kvm_skip_insn(vcpu);
	return 1;
}

static int skip(struct kvm_vcpu *vcpu)
{
	kvm_skip_insn(vcpu);
	return 1;
}

/*
 * A host that watches for split locks has #AC raised for one in a guest too,
 * whatever the guest asked for. What its owner may then do is the host's
 * policy (split_lock_detect=): true: a warning was all, run on.
 */
static bool is_host_split_lock(struct kvm_vcpu *vcpu)
{
	if (!boot_cpu_has(X86_FEATURE_SPLIT_LOCK_DETECT))
		return false;
	return kvm_backend->get_cpl(vcpu) != 3 ||
	       !(kvm_backend->get_cr(vcpu, 0) & X86_CR0_AM) ||
	       !(vcpu->regs.rflags & X86_EFLAGS_AC);
}

static int handle_exception(struct kvm_vcpu *vcpu)
{
	const struct kvm_exit *exit = &vcpu->exit;

	if (exit->exception.vector == X86_TRAP_AC && is_host_split_lock(vcpu))
		return handle_guest_split_lock(vcpu->regs.rip) ? 1 :
			stop(vcpu, KVM_EXIT_EXCEPTION);
	if (kvm_debug_wants(vcpu, exit->exception.vector))
		return stop(vcpu, KVM_EXIT_DEBUG);
	/* We looked only so that it cannot recur without end, or for the owner. */
	if (exit->exception.icebp) {
		vcpu->regs.rip += exit->insn_len;
		kvm_backend->clear_shadow(vcpu);
	}
	if (exit->exception.vector == X86_TRAP_DB)
		kvm_debug_raise(vcpu, exit->exception.dr6);
	else
		kvm_event_raise(vcpu, exit);
	return 1;
}

/* A page fault's error code, which is what SVM gives and VMX does not. */
static u64 tdp_error(const struct kvm_exit *exit)
{
	return (exit->tdp.present ? X86_PF_PROT : 0) | (exit->tdp.write ? X86_PF_WRITE : 0) |
	       (exit->tdp.fetch ? X86_PF_INSTR : 0);
}

/*
 * Where the processor logs writes, each of its walks is one, also of tables that may only
 * be read. Then it must not log. What is no memory at all, or not now, is no reason.
 * 1: the guest goes on; 0: the error stands; or what a read of the table fails with.
 */
static noinline int walk_failed(struct kvm_vcpu *vcpu, int error)
{
	int ret;

	if (!kvm_tdp_processor_logs() || (error != -ENOENT && error != -EFAULT))
		return 0;
	ret = kvm_tdp_fault(vcpu, vcpu->exit.tdp.gpa, false);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	return kvm_dirty_log_by_faults(vcpu);
}

static int handle_tdp_fault(struct kvm_vcpu *vcpu)
{
	const struct kvm_exit *exit = &vcpu->exit;
	int ret;

	trace_kvm_page_fault(vcpu, exit->tdp.gpa, tdp_error(exit));
	ret = kvm_tdp_fault(vcpu, exit->tdp.gpa, exit->tdp.write);
	if (!ret) {
		vcpu->stats.pf_fixed++;
		return 1;
	}
	if (unlikely(exit->tdp.walk)) {
		int again = walk_failed(vcpu, ret);

		if (again)
			return again;
	}
	return ret == -ENOENT ? kvm_device_memory(vcpu) : ret;
}

/* The back end has reset what it keeps, CR4 too: so is what is kept here. */
static void reset_lost(struct kvm_vcpu *vcpu)
{
	vcpu->event.type = EVENT_NONE;
	vcpu->nmi_pending = 0;
	kvm_backend->set_nmi_masked(vcpu, false);
	kvm_debug_reset(vcpu);
	kvm_set_cr4(vcpu, kvm_backend->get_cr(vcpu, 4));
}

int kvm_exit_shutdown(struct kvm_vcpu *vcpu)
{
	return stop(vcpu, KVM_EXIT_SHUTDOWN);
}

static int handle_shutdown(struct kvm_vcpu *vcpu)
{
	if (vcpu->exit.shutdown.lost)
		reset_lost(vcpu);
	return kvm_exit_shutdown(vcpu);
}

int kvm_exit_handle(struct kvm_vcpu *vcpu)
{
	/* A switch is a tree of comparisons here; what comes often goes first. */
	if (vcpu->exit.kind == EXIT_IO)
		return handle_io(vcpu);
	if (vcpu->exit.kind == EXIT_CPUID)
		return handle_cpuid(vcpu);
	switch (vcpu->exit.kind) {
	case EXIT_HOST:
	case EXIT_IRQ_WINDOW:
	case EXIT_NMI_WINDOW:
		return 1;	/* the loop looks at what waits */
	case EXIT_HLT:
		return handle_hlt(vcpu);
	case EXIT_MSR:
		return handle_msr(vcpu);
	case EXIT_CR:
		return handle_cr(vcpu);
	case EXIT_CLTS:
		return handle_clts(vcpu);
	case EXIT_LMSW:
		return handle_lmsw(vcpu);
	case EXIT_SMSW:
		return kvm_device_smsw(vcpu);
	case EXIT_DR:
		return handle_dr(vcpu);
	case EXIT_XSETBV:
		return handle_xsetbv(vcpu);
	case EXIT_INVD:
		return skip(vcpu);
	case EXIT_INVLPG:
		kvm_vcpu_request(vcpu, REQUEST_TLB_FLUSH);
		return skip(vcpu);
	case EXIT_RDTSC:
		return handle_rdtsc(vcpu);
	case EXIT_RDPMC:
		return inject_gp(vcpu);
	case EXIT_HYPERCALL:
		return handle_hypercall(vcpu);
	case EXIT_UNDEFINED:
		return inject_ud(vcpu);
	case EXIT_EXCEPTION:
		return handle_exception(vcpu);
	case EXIT_TDP_FAULT:
		return handle_tdp_fault(vcpu);
	case EXIT_TASK_SWITCH:
		return kvm_task_switch_handle(vcpu);
	case EXIT_SHUTDOWN:
		return handle_shutdown(vcpu);
	case EXIT_INVALID:
		return stop(vcpu, KVM_EXIT_FAIL_ENTRY);
	default:
		break;
	}
	return stop(vcpu, KVM_EXIT_UNKNOWN);
}

/* ---- for who watches the guest ---- */

/* A debugger and the host's split locks come first. */
static bool describe_exception(struct kvm_vcpu *vcpu, struct kvm_operation *op)
{
	const struct kvm_exit *exit = &vcpu->exit;

	if (kvm_debug_wants(vcpu, exit->exception.vector) ||
	    (exit->exception.vector == X86_TRAP_AC && is_host_split_lock(vcpu)))
		return false;
	op->event = DEVKVM_EVENT_EXCEPTION;
	op->number = exit->exception.vector;
	op->value = exit->exception.has_error ? exit->exception.error : 0;
	op->address = exit->exception.vector == X86_TRAP_PF ? exit->exception.address : 0;
	return true;
}

static void describe_io(struct kvm_vcpu *vcpu, struct kvm_operation *op)
{
	const struct kvm_exit *exit = &vcpu->exit;

	op->event = DEVKVM_EVENT_PORT;
	op->number = exit->io.port;
	op->write = !exit->io.in;
	op->size = exit->io.size;
	op->string = exit->io.string;
	if (op->write && !op->string)
		memcpy(&op->value, &vcpu->regs.gpr[GPR_RAX], min_t(u8, op->size, 4));
}

static void describe_register(struct kvm_operation *op, u32 event, u8 number, bool write)
{
	op->event = event;
	op->number = number;
	op->write = write;
}

static void describe_cr0(struct kvm_operation *op, u64 value)
{
	describe_register(op, DEVKVM_EVENT_CR, 0, true);
	op->value = value;
}

bool kvm_exit_describe(struct kvm_vcpu *vcpu, struct kvm_operation *op)
{
	const struct kvm_exit *exit = &vcpu->exit;

	*op = (struct kvm_operation) {
		.cpl = kvm_backend->get_cpl(vcpu),
		.cr3 = kvm_backend->get_cr(vcpu, 3),
	};
	switch (exit->kind) {
	case EXIT_CR:
		describe_register(op, DEVKVM_EVENT_CR, exit->cr.number, exit->cr.write);
		op->value = op->write ? written(vcpu, exit->cr.gpr) : 0;
		return true;
	case EXIT_CLTS:
		describe_cr0(op, cleared_ts(vcpu));
		return true;
	case EXIT_LMSW:
		describe_cr0(op, lmsw_result(vcpu));
		return true;
	case EXIT_DR:
		describe_register(op, DEVKVM_EVENT_DR, exit->dr.number, exit->dr.write);
		op->value = op->write ? written(vcpu, exit->dr.gpr) : 0;
		return true;
	case EXIT_MSR:
		op->event = DEVKVM_EVENT_MSR;
		op->number = vcpu->regs.gpr[GPR_RCX];
		op->write = exit->msr.write;
		op->value = op->write ? get_edx_eax(vcpu) : 0;
		return true;
	case EXIT_IO:
		describe_io(vcpu, op);
		return true;
	case EXIT_CPUID:
		op->event = DEVKVM_EVENT_CPUID;
		op->number = vcpu->regs.gpr[GPR_RAX];
		op->value = (u32)vcpu->regs.gpr[GPR_RCX];
		return true;
	case EXIT_HLT:
		op->event = DEVKVM_EVENT_HLT;
		return true;
	case EXIT_RDTSC:
		op->event = DEVKVM_EVENT_RDTSC;
		return true;
	case EXIT_INVLPG:
		op->event = DEVKVM_EVENT_INVLPG;
		op->value = exit->invlpg.address;
		return true;
	case EXIT_EXCEPTION:
		return describe_exception(vcpu, op);
	default:
		return false;
	}
}

static void set_io_result(struct kvm_vcpu *vcpu, u64 value)
{
	u64 *rax = &vcpu->regs.gpr[GPR_RAX];

	if (vcpu->exit.io.size == 4)
		*rax = (u32)value;
	else
		memcpy(rax, &value, min_t(u8, vcpu->exit.io.size, 2));
}

static void set_cpuid_result(struct kvm_vcpu *vcpu, const u64 result[4])
{
	static const enum kvm_gpr registers[4] = { GPR_RAX, GPR_RBX, GPR_RCX, GPR_RDX };
	int i;

	for (i = 0; i < ARRAY_SIZE(registers); i++)
		vcpu->regs.gpr[registers[i]] = (u32)result[i];
}

/* The result of what reads; what writes and what is neither is left out. */
static void set_result(struct kvm_vcpu *vcpu, const u64 result[4])
{
	const struct kvm_exit *exit = &vcpu->exit;
	bool narrow = kvm_code_bits(vcpu) != 64;

	switch (exit->kind) {
	case EXIT_CR:
		if (!exit->cr.write)
			vcpu->regs.gpr[exit->cr.gpr] = narrow ? (u32)result[0] : result[0];
		break;
	case EXIT_DR:
		if (!exit->dr.write)
			vcpu->regs.gpr[exit->dr.gpr] = narrow ? (u32)result[0] : result[0];
		break;
	case EXIT_MSR:
		if (!exit->msr.write)
			set_edx_eax(vcpu, result[0]);
		break;
	case EXIT_IO:
		if (exit->io.in)
			set_io_result(vcpu, result[0]);
		break;
	case EXIT_CPUID:
		set_cpuid_result(vcpu, result);
		break;
	case EXIT_RDTSC:
		set_edx_eax(vcpu, result[0]);
		set_tsc_aux(vcpu);
		break;
	default:
		break;
	}
}

int kvm_exit_answer(struct kvm_vcpu *vcpu, const u64 result[4])
{
	const struct kvm_exit *exit = &vcpu->exit;

	if (exit->kind == EXIT_IO && exit->io.string)
		return -EINVAL;
	/* It did not happen; what is at RIP runs again. */
	if (exit->kind == EXIT_EXCEPTION)
		return 1;
	if (!kvm_exit_insn_len(vcpu))
		return 1;
	set_result(vcpu, result);
	kvm_skip_insn(vcpu);
	return 1;
}

int kvm_exit_deny(struct kvm_vcpu *vcpu)
{
	static const struct kvm_exit gp = {
		.kind = EXIT_EXCEPTION,
		.exception = { .vector = X86_TRAP_GP, .has_error = true },
	};

	kvm_event_raise(vcpu, &gp);
	return 1;
}
