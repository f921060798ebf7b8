// SPDX-License-Identifier: GPL-2.0
#include "exit.h"

#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "backend.h"
#include "device_access.h"
#include "devkvm.h"
#include "mmu/tdp.h"
#include "vcpu.h"
#include "vm.h"
#include "x86/cpuid.h"
#include "x86/cr.h"
#include "x86/fetch.h"
#include "x86/msr.h"

/* What a hypercall answers that nobody knows, as in-tree KVM. */
#define HYPERCALL_UNKNOWN	(-1000)

static int stop(struct kvm_vcpu *vcpu, u32 reason)
{
	vcpu->stop.reason = reason;
	return 0;
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

static int handle_io(struct kvm_vcpu *vcpu)
{
	/* Strings touch memory: the 2006 protocol leaves that to its user. */
	if (vcpu->exit.io.string && !vcpu->vm->legacy)
		return kvm_device_string_io(vcpu);
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

static int handle_msr(struct kvm_vcpu *vcpu)
{
	u64 *gpr = vcpu->regs.gpr;
	u32 index = gpr[GPR_RCX];
	u8 len = kvm_exit_insn_len(vcpu);
	u64 value;

	if (!len)
		return 1;
	if (vcpu->exit.msr.write) {
		value = (u32)gpr[GPR_RAX] | gpr[GPR_RDX] << 32;
		if (kvm_msr_set(vcpu, index, value, true))
			return inject_gp(vcpu);
	} else {
		if (kvm_msr_get(vcpu, index, &value))
			return inject_gp(vcpu);
		gpr[GPR_RAX] = (u32)value;
		gpr[GPR_RDX] = value >> 32;
	}
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
	u8 len = kvm_exit_insn_len(vcpu);

	if (!len)
		return 1;
	vcpu->regs.gpr[GPR_RAX] = (u64)HYPERCALL_UNKNOWN;
	advance(vcpu, len);
	return 1;
}

/* A general register of an exit: the hardware's word, or the instruction's. */
static bool operand(struct kvm_vcpu *vcpu, u8 *gpr)
{
	struct kvm_insn insn;

	if (*gpr < GPR_COUNT)
		return true;
	if (kvm_fetch_insn(vcpu, &insn) || !kvm_insn_exits(&insn))
		return false;
	vcpu->exit.insn_len = insn.len;
	*gpr = insn.rm;
	return true;
}

static int handle_cr(struct kvm_vcpu *vcpu)
{
	u8 gpr = vcpu->exit.cr.gpr;
	u8 number = vcpu->exit.cr.number;
	u64 *value;

	if (!operand(vcpu, &gpr) || !kvm_exit_insn_len(vcpu))
		return 1;
	value = &vcpu->regs.gpr[gpr];
	if (!vcpu->exit.cr.write)
		*value = kvm_backend->get_cr(vcpu, number);
	else if (kvm_cr_write(vcpu, number, kvm_code_bits(vcpu) == 64 ? *value : (u32)*value))
		return inject_gp(vcpu);
	kvm_skip_insn(vcpu);
	return 1;
}

static int handle_clts(struct kvm_vcpu *vcpu)
{
	kvm_backend->set_cr(vcpu, 0, kvm_backend->get_cr(vcpu, 0) & ~X86_CR0_TS);
	kvm_skip_insn(vcpu);
	return 1;
}

/* LMSW writes PE, MP, EM and TS, and cannot clear PE (SDM volume 2). */
static int handle_lmsw(struct kvm_vcpu *vcpu)
{
	u64 cr0 = kvm_backend->get_cr(vcpu, 0);
	u64 low = vcpu->exit.lmsw.value & 0xf;

	if (kvm_cr_write(vcpu, 0, (cr0 & ~0xeull) | low))
		return inject_gp(vcpu);
	kvm_skip_insn(vcpu);
	return 1;
}

static int handle_dr(struct kvm_vcpu *vcpu)
{
	u8 gpr = vcpu->exit.dr.gpr;
	int ret;

	if (!operand(vcpu, &gpr) || !kvm_exit_insn_len(vcpu))
		return 1;
	ret = kvm_dr_access(vcpu, vcpu->exit.dr.number, vcpu->exit.dr.write,
			    &vcpu->regs.gpr[gpr]);
	if (ret == -ENOENT)
		return inject_ud(vcpu);
	if (ret == -EBUSY)
		return 1;	/* the guest has its #DB */
	if (ret)
		return inject_gp(vcpu);
	kvm_skip_insn(vcpu);
	return 1;
}

static int handle_xsetbv(struct kvm_vcpu *vcpu)
{
	const u64 *gpr = vcpu->regs.gpr;
	u64 value = (u32)gpr[GPR_RAX] | gpr[GPR_RDX] << 32;

	if (kvm_backend->get_cpl(vcpu) || (u32)gpr[GPR_RCX] ||
	    !kvm_xcr0_valid(value, kvm_xcr0_allowed()))
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
	/* We looked only so that it cannot recur without end. */
	if (exit->exception.vector == X86_TRAP_DB)
		kvm_debug_raise(vcpu, exit->exception.dr6);
	else
		kvm_inject_exception(vcpu, exit->exception.vector,
				     exit->exception.has_error, exit->exception.error);
	return 1;
}

static int handle_tdp_fault(struct kvm_vcpu *vcpu)
{
	int ret = kvm_tdp_fault(vcpu, vcpu->exit.tdp.gpa, vcpu->exit.tdp.write);

	if (!ret)
		return 1;
	return ret == -ENOENT ? kvm_device_memory(vcpu) : ret;
}

int kvm_exit_shutdown(struct kvm_vcpu *vcpu)
{
	vcpu->event.type = EVENT_NONE;
	vcpu->nmi_pending = 0;
	kvm_backend->set_nmi_masked(vcpu, false);
	kvm_debug_reset(vcpu);
	return stop(vcpu, KVM_EXIT_SHUTDOWN);
}

int kvm_exit_handle(struct kvm_vcpu *vcpu)
{
	switch (vcpu->exit.kind) {
	case EXIT_HOST:
	case EXIT_IRQ_WINDOW:
	case EXIT_NMI_WINDOW:
		return 1;	/* the loop looks at what waits */
	case EXIT_IO:
		return handle_io(vcpu);
	case EXIT_CPUID:
		return handle_cpuid(vcpu);
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
	case EXIT_DR:
		return handle_dr(vcpu);
	case EXIT_XSETBV:
		return handle_xsetbv(vcpu);
	case EXIT_INVD:
	case EXIT_PAUSE:
		return skip(vcpu);
	case EXIT_INVLPG:
		kvm_vcpu_request(vcpu, REQUEST_TLB_FLUSH);
		return skip(vcpu);
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
	case EXIT_SHUTDOWN:
		return kvm_exit_shutdown(vcpu);
	case EXIT_INVALID:
		return stop(vcpu, KVM_EXIT_FAIL_ENTRY);
	case EXIT_UNKNOWN:
		break;
	}
	return stop(vcpu, KVM_EXIT_UNKNOWN);
}
