// SPDX-License-Identifier: GPL-2.0
/*
 * AMD SVM with nested paging, behind struct kvm_backend. References are to
 * the AMD64 Architecture Programmer's Manual, volume 2.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <asm/debugreg.h>
#include <asm/mce.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>
#include <asm/spec-ctrl.h>
#include <asm/trapnr.h>
#include <trace/events/ipi.h>

#include "svm/svm.h"
#include "guest_state.h"
#include "svm/check.h"
#include "trace.h"

int svm_enter(struct kvm_cpu_regs *regs, unsigned long guest_pa,
	      unsigned long host_pa);

/*
 * #DB and #AC: an exception whose delivery raises itself again would never
 * leave the guest, so we see each one first. #MC is the host's.
 */
#define EXCEPTION_EXITS	(1u << X86_TRAP_DB | 1u << X86_TRAP_AC | 1u << X86_TRAP_MC)

/*
 * CR0: see svm_set_cr_exits(). CR4: see svm_set_cr(). CR8: a priority that falls is user
 * space's business (and QEMU's TCG, 7.2 and 10.0, dies of the write while a virtual
 * interrupt waits).
 */
#define CR_READ_EXITS	(1u << 4)
#define CR_WRITE_EXITS	(1u << 4 | 1u << 8)

/*
 * A guest must not turn off a cache that it shares, so CD and NW are not in the VMCB:
 * what changes them exits (SVM_MISC1_CR0_SEL_WRITE), and what would read them.
 */
void svm_set_cr_exits(struct svm_vcpu *svm)
{
	struct vmcb *vmcb = svm->vmcb;

	vmcb->intercept_cr_write = CR_WRITE_EXITS | svm->extra_cr_write;
	vmcb->intercept_cr_read = CR_READ_EXITS | svm->extra_cr_read |
				  (svm->cr0_cache ? 1 << 0 : 0);
	vmcb_changed(vmcb, SVM_CLEAN_INTERCEPTS);
}

/* One that is undefined exits, too. */
static void set_rdtscp_exit(struct kvm_vcpu *vcpu)
{
	struct svm_vcpu *svm = vcpu->hw;
	struct vmcb *vmcb = svm->vmcb;

	if (svm->extra_rdtsc || !vcpu->rdtscp_on)
		vmcb->intercept_misc2 |= SVM_MISC2_RDTSCP;
	else
		vmcb->intercept_misc2 &= ~SVM_MISC2_RDTSCP;
	vmcb_changed(vmcb, SVM_CLEAN_INTERCEPTS);
}

static void svm_set_rdtscp(struct kvm_vcpu *vcpu, bool on)
{
	set_rdtscp_exit(vcpu);
}

static bool svm_rdtscp_possible(void)
{
	return boot_cpu_has(X86_FEATURE_RDTSCP);
}

static void svm_set_extra_exits(struct kvm_vcpu *vcpu,
				const struct kvm_extra_exits *extra)
{
	struct svm_vcpu *svm = vcpu->hw;
	struct vmcb *vmcb = svm->vmcb;

	svm->extra_cr_write = extra->cr_write;
	svm->extra_cr_read = extra->cr_read;
	svm_set_cr_exits(svm);
	vmcb->intercept_exceptions = EXCEPTION_EXITS | extra->exceptions;
	svm->extra_rdtsc = extra->rdtsc;
	set_rdtscp_exit(vcpu);
	vmcb->intercept_misc1 &= ~(SVM_MISC1_RDTSC | SVM_MISC1_INVLPG);
	if (extra->rdtsc)
		vmcb->intercept_misc1 |= SVM_MISC1_RDTSC;
	if (extra->invlpg)
		vmcb->intercept_misc1 |= SVM_MISC1_INVLPG;
	vmcb->msrpm_pa = __pa(extra->msrs ? svm_caps.msrpm_none : svm_caps.msrpm);
	vmcb_changed(vmcb, SVM_CLEAN_INTERCEPTS | SVM_CLEAN_IOPM);
}

/* A read of CR0 may be SMSW, which is none to a policy. */
static struct kvm_extra_exits svm_possible_exits(void)
{
	return (struct kvm_extra_exits) {
		.exceptions = KVM_GUEST_EXCEPTIONS,
		.cr_read = 1 << 3 | 1 << 4 | 1 << 8,
		.cr_write = 1 << 0 | 1 << 3 | 1 << 4 | 1 << 8,
		.rdtsc = true,
		.invlpg = true,
		.msrs = true,
	};
}

static void set_controls(struct vmcb *vmcb)
{
	vmcb->intercept_dr_read = 0xffff;
	vmcb->intercept_dr_write = 0xffff;
	vmcb->intercept_exceptions = EXCEPTION_EXITS;
	vmcb->intercept_misc1 = SVM_MISC1_INTR | SVM_MISC1_NMI | SVM_MISC1_SMI |
		SVM_MISC1_INIT | SVM_MISC1_CR0_SEL_WRITE | SVM_MISC1_RDPMC |
		SVM_MISC1_CPUID | SVM_MISC1_RSM | SVM_MISC1_INVD |
		SVM_MISC1_HLT | SVM_MISC1_INVLPGA | SVM_MISC1_IOIO |
		SVM_MISC1_MSR | SVM_MISC1_FERR | SVM_MISC1_SHUTDOWN;
	vmcb->intercept_misc2 = SVM_MISC2_VMRUN | SVM_MISC2_VMMCALL |
		SVM_MISC2_VMLOAD | SVM_MISC2_VMSAVE | SVM_MISC2_STGI |
		SVM_MISC2_CLGI | SVM_MISC2_SKINIT | SVM_MISC2_RDTSCP |
		SVM_MISC2_WBINVD | SVM_MISC2_MONITOR | SVM_MISC2_MWAIT |
		SVM_MISC2_XSETBV | SVM_MISC2_RDPRU;
	vmcb->intercept_misc3 = SVM_MISC3_INVLPGB | SVM_MISC3_INVPCID |
		SVM_MISC3_MCOMMIT | SVM_MISC3_TLBSYNC;
	vmcb->iopm_pa = __pa(svm_caps.iopm);
	vmcb->msrpm_pa = __pa(svm_caps.msrpm);
	vmcb->nested_control = SVM_NESTED_PAGING;
	/* The host's IF, not the guest's, masks the host's interrupts. */
	vmcb->vintr = SVM_VINTR_MASKING;
}

static int svm_vcpu_create(struct kvm_vcpu *vcpu)
{
	struct svm_vcpu *svm;

	svm = kzalloc(sizeof(*svm), GFP_KERNEL_ACCOUNT);
	if (!svm)
		return -ENOMEM;
	svm->vmcb = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!svm->vmcb) {
		kfree(svm);
		return -ENOMEM;
	}
	svm->vmcb_pa = __pa(svm->vmcb);
	set_controls(svm->vmcb);
	svm_state_reset(svm);
	vcpu->hw = svm;
	return 0;
}

static void svm_vcpu_free(struct kvm_vcpu *vcpu)
{
	struct svm_vcpu *svm = vcpu->hw;
	int cpu;

	/* Another VMCB at this address is another guest. */
	for_each_possible_cpu(cpu)
		cmpxchg(&per_cpu_ptr(&svm_cpus, cpu)->last_vmcb, svm->vmcb, NULL);
	free_page((unsigned long)svm->vmcb);
	kfree(svm);
	vcpu->hw = NULL;
}

/* #UD when SVM was turned off under us: run() will say so. */
static void save_host(struct svm_cpu *sc)
{
	asm volatile("1: vmsave %0\n2:\n" _ASM_EXTABLE(1b, 2b)
		     : : "a" (__pa(sc->host_page)) : "memory");
}

static void svm_load(struct kvm_vcpu *vcpu)
{
	struct svm_cpu *sc = this_cpu_ptr(&svm_cpus);
	struct svm_vcpu *svm = vcpu->hw;

	if (vcpu->cpu != smp_processor_id()) {
		svm->generation = 0;
		svm->vmcb->clean = 0;
	}
	if (sc->last_vmcb != svm->vmcb) {
		WRITE_ONCE(sc->last_vmcb, svm->vmcb);
		indirect_branch_prediction_barrier();
	}
	/* This thread's FS and GS bases, while it is the one that runs here. */
	save_host(sc);
}

/* Every exit has restored the host's state already. */
static void svm_put(struct kvm_vcpu *vcpu)
{
}

static void new_asid(struct svm_cpu *sc, struct svm_vcpu *svm)
{
	struct vmcb *vmcb = svm->vmcb;

	if (sc->next_asid > svm_caps.asid_max) {
		sc->generation++;
		sc->next_asid = 1;
		vmcb->tlb_control = SVM_TLB_FLUSH_ALL;
	}
	svm->generation = sc->generation;
	vmcb->asid = sc->next_asid++;
	vmcb_changed(vmcb, SVM_CLEAN_ASID);
}

void svm_flush_tlb(struct kvm_vcpu *vcpu)
{
	struct svm_vcpu *svm = vcpu->hw;

	if (svm_caps.has_flush_asid)
		svm->vmcb->tlb_control = SVM_TLB_FLUSH_ASID;
	else
		svm->generation = 0;	/* a fresh ASID has no translations */
}

static void svm_load_tdp(struct kvm_vcpu *vcpu, u64 root, bool log)
{
	struct vmcb *vmcb = vmcb_of(vcpu);

	vmcb->nested_cr3 = root;
	vmcb_changed(vmcb, SVM_CLEAN_NP);
	svm_flush_tlb(vcpu);
}

/* A machine check of the host came while the guest ran. */
static void host_machine_check(void)
{
	struct pt_regs regs = {
		.cs = 3,	/* fake: it came from user mode */
		.flags = X86_EFLAGS_IF,
	};

	do_machine_check(&regs);
}

/*
 * VMRUN loads DR6 and nothing brings the host's back: what is in it then, the next
 * breakpoint of the host would find beside its own. So a guest begins with no bits,
 * and of what it has met when it exits none stays.
 */
static void begin_dr6(struct vmcb *vmcb)
{
	if (likely(vmcb->dr6 == DR6_RESERVED))
		return;
	vmcb->dr6 = DR6_RESERVED;
	vmcb_changed(vmcb, SVM_CLEAN_DR);
}

static void end_dr6(const struct vmcb *vmcb)
{
	if (unlikely(vmcb->dr6 != DR6_RESERVED))
		set_debugreg(DR6_RESERVED, 6);
}

/*
 * Another thread of the process may have changed the LDT since load(), and the kernel has
 * freed the old one: an exit must not load that. A new one always shows here, since an LDT
 * never goes while it is used.
 */
static void follow_ldt(struct svm_cpu *sc)
{
	u16 ldt;

	asm volatile("sldt %0" : "=rm" (ldt));
	if (unlikely(ldt))
		save_host(sc);
}

static void load_regs(struct kvm_vcpu *vcpu, struct svm_vcpu *svm)
{
	const struct kvm_cpu_regs *regs = &vcpu->regs;
	struct vmcb *vmcb = svm->vmcb;

	vmcb->rax = regs->gpr[GPR_RAX];
	vmcb->rsp = regs->gpr[GPR_RSP];
	vmcb->rip = regs->rip;
	vmcb->rflags = regs->rflags;
	if (unlikely(svm->step_to_nmi))
		vmcb->rflags |= X86_EFLAGS_TF;
}

static void store_regs(struct kvm_vcpu *vcpu, const struct vmcb *vmcb)
{
	struct kvm_cpu_regs *regs = &vcpu->regs;

	regs->gpr[GPR_RAX] = vmcb->rax;
	regs->gpr[GPR_RSP] = vmcb->rsp;
	regs->rip = vmcb->rip;
	regs->rflags = vmcb->rflags;
}

/* The entry itself, with what of the host no VMCB has put by around it. */
static int enter(struct kvm_vcpu *vcpu, struct svm_cpu *sc, struct svm_vcpu *svm)
{
	/* What rdmsrl() does, without its call. */
	u64 debugctl = __rdmsr(MSR_IA32_DEBUGCTLMSR);
	int ret;

	/* The host's would trap at a guest's branches in place of its instructions. */
	if (unlikely(debugctl))
		update_debugctlmsr(0);
	/* XSAVES cannot be intercepted for a guest that has XSAVE. */
	if (unlikely(svm_caps.host_xss))
		wrmsrl(MSR_IA32_XSS, 0);
	/* What the host has divided, a guest could find out (DIV0). */
	amd_clear_divider();
	guest_state_enter();
	ret = svm_enter(&vcpu->regs, svm->vmcb_pa, __pa(sc->host_page));
	guest_state_exit();
	if (unlikely(svm_caps.host_xss))
		wrmsrl(MSR_IA32_XSS, svm_caps.host_xss);
	if (unlikely(debugctl))
		update_debugctlmsr(debugctl);
	return ret;
}

/* What became of the event that went in, or of another in whose delivery it exited. */
static void settle_event(struct kvm_vcpu *vcpu, struct svm_vcpu *svm)
{
	const struct vmcb *vmcb = svm->vmcb;

	if (unlikely(svm->in_iret || svm->step_to_nmi))
		svm_nmi_step_done(vcpu);
	if (unlikely((u32)vmcb->exit_code == SVM_EXIT_INVALID))
		svm_event_refused(vcpu);
	else if (vmcb->exit_int_info & SVM_EVENT_VALID)
		svm_take_back_event(vcpu);
	else
		vcpu->event.type = EVENT_NONE;
}

static int svm_run(struct kvm_vcpu *vcpu)
{
	struct svm_cpu *sc = this_cpu_ptr(&svm_cpus);
	struct svm_vcpu *svm = vcpu->hw;
	struct vmcb *vmcb = svm->vmcb;
	int ret;

	if (svm->generation != sc->generation)
		new_asid(sc, svm);
	follow_ldt(sc);
	load_regs(vcpu, svm);
	svm->soft_injected = false;
	if (vcpu->event.type != EVENT_NONE)
		svm_inject_event(vcpu);
	begin_dr6(vmcb);
	/* An interrupt of the host's that waits ends the run when the event is delivered. */
	if (unlikely(svm->exit_to_nmi))
		smp_send_reschedule(smp_processor_id());

	ret = enter(vcpu, sc, svm);
	if (ret)
		return ret;

	end_dr6(vmcb);
	vmcb->clean = SVM_CLEAN_ALL;
	vmcb->tlb_control = SVM_TLB_KEEP;
	vmcb->event_inject = 0;
	store_regs(vcpu, vmcb);
	settle_event(vcpu, svm);
	if (vmcb->exit_code == SVM_EXIT_EXCEPTION + X86_TRAP_MC)
		host_machine_check();
	return 0;
}

static void svm_set_tsc_offset(struct kvm_vcpu *vcpu, u64 offset)
{
	struct vmcb *vmcb = vmcb_of(vcpu);

	vmcb->tsc_offset = offset;
	vmcb_changed(vmcb, SVM_CLEAN_INTERCEPTS);
}

static void svm_exit_details(struct kvm_vcpu *vcpu, struct kvm_exit_details *details)
{
	const struct vmcb *vmcb = vmcb_of(vcpu);

	*details = (struct kvm_exit_details) {
		.info1 = vmcb->exit_info1,
		.info2 = vmcb->exit_info2,
		.event = vmcb->exit_int_info,
		.event_error = vmcb->exit_int_info >> 32,
	};
}

static u32 svm_refused_field(struct kvm_vcpu *vcpu)
{
	const struct svm_check_limits limits = {
		.cr4_allowed = svm_cr4_allowed(),
		.efer_allowed = svm_efer_allowed(),
		.phys_bits = boot_cpu_data.x86_phys_bits,
	};

	return svm_check(vmcb_of(vcpu), &limits);
}

const struct kvm_backend svm_backend = {
	.name = "svm",
	.trace_isa = KVM_TRACE_ISA_SVM,
	.present = svm_present,
	.in_use = svm_in_use,
	.setup = svm_setup,
	.teardown = svm_teardown,
	.tdp_format = svm_tdp_format,
	.efer_allowed = svm_efer_allowed,
	.cr4_allowed = svm_cr4_allowed,
	.rdtscp_possible = svm_rdtscp_possible,
	.cpu_on = svm_cpu_on,
	.cpu_off = svm_cpu_off,
	.cpu_emergency_off = svm_cpu_emergency_off,
	.vcpu_create = svm_vcpu_create,
	.vcpu_free = svm_vcpu_free,
	.load = svm_load,
	.put = svm_put,
	.run = svm_run,
	.decode = svm_decode,
	.exit_details = svm_exit_details,
	.set_extra_exits = svm_set_extra_exits,
	.possible_exits = svm_possible_exits,
	.flush_tlb = svm_flush_tlb,
	.load_tdp = svm_load_tdp,
	.get_segment = svm_get_segment,
	.set_segment = svm_set_segment,
	.get_table = svm_get_table,
	.set_table = svm_set_table,
	.get_cr = svm_get_cr,
	.set_cr = svm_set_cr,
	.get_efer = svm_get_efer,
	.set_efer = svm_set_efer,
	.get_dr6 = svm_get_dr6,
	.set_dr6 = svm_set_dr6,
	.set_dr7 = svm_set_dr7,
	.get_msr = svm_get_msr,
	.set_msr = svm_set_msr,
	.get_cpl = svm_get_cpl,
	.set_tsc_offset = svm_set_tsc_offset,
	.set_rdtscp = svm_set_rdtscp,
	.irq_allowed = svm_irq_allowed,
	.set_irq_window = svm_set_irq_window,
	.clear_shadow = svm_clear_shadow,
	.get_shadow = svm_get_shadow,
	.set_shadow = svm_set_shadow,
	.nmi_masked = svm_nmi_masked,
	.set_nmi_masked = svm_set_nmi_masked,
	.nmi_allowed = svm_nmi_allowed,
	.set_nmi_window = svm_set_nmi_window,
	.refused_field = svm_refused_field,
};
