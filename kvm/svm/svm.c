// SPDX-License-Identifier: GPL-2.0
/*
 * AMD SVM with nested paging, behind struct kvm_backend. References are to
 * the AMD64 Architecture Programmer's Manual, volume 2.
 */
#include <linux/cc_platform.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/mce.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>
#include <asm/processor-flags.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/spec-ctrl.h>
#include <asm/tlbflush.h>
#include <asm/trapnr.h>

#include "svm/vmcb.h"
#include "backend.h"
#include "guest_state.h"
#include "vcpu.h"

#define CPUID_SVM		0x8000000a
#define CPUID_SVM_NPT		(1u << 0)	/* in EDX */
#define CPUID_SVM_NRIPS		(1u << 3)
#define CPUID_SVM_FLUSH_ASID	(1u << 6)

#define VM_CR_SVM_DISABLE	(1ull << 4)	/* MSR_VM_CR, 15.30.1 */

#define IOPM_ORDER	2	/* 12 KiB, and bits for a port across the end */
#define MSRPM_ORDER	1	/* 8 KiB */

/* One for each CPU, allocated when the module loads. */
struct svm_cpu {
	unsigned long save_page;	/* VM_HSAVE_PA: what VMRUN itself saves */
	unsigned long host_page;	/* what VMSAVE saves of the host */
	/*
	 * TLB tags (ASIDs) are dealt out in order; when none is left a new
	 * generation starts, with the whole TLB flushed. Only this CPU, with
	 * interrupts off.
	 */
	u64 generation;
	u32 next_asid;
	struct vmcb *last_vmcb;		/* whose branches the predictor saw */
	/* We turned SVM on here. Only this CPU, interrupts off. */
	bool on;
};

struct svm_vcpu {
	struct vmcb *vmcb;
	unsigned long vmcb_pa;
	u64 generation;			/* of svm_cpu, when the ASID was given */
	u64 cr4, efer;			/* as the guest sees them, save LMA */
};

static DEFINE_PER_CPU(struct svm_cpu, svm_cpus);
static unsigned long iopm, msrpm;	/* shared by all: every port, no harmful MSR */
static u64 host_xss;	/* set once by svm_setup() */
static u32 asid_max;
static bool has_nrips, has_flush_asid;
static struct kvm_tdp_format tdp_format;

int svm_enter(struct kvm_cpu_regs *regs, unsigned long guest_pa,
	      unsigned long host_pa);

static struct vmcb *vmcb_of(struct kvm_vcpu *vcpu)
{
	return ((struct svm_vcpu *)vcpu->hw)->vmcb;
}

static void changed(struct vmcb *vmcb, u32 group)
{
	vmcb->clean &= ~group;
}

/* ---- the module and its CPUs ---- */

static bool svm_present(void)
{
	u64 vm_cr;

	if (!boot_cpu_has(X86_FEATURE_SVM))
		return false;
	if (!rdmsrl_safe(MSR_VM_CR, &vm_cr) && (vm_cr & VM_CR_SVM_DISABLE)) {
		pr_info("devkvm: the firmware has turned SVM off\n");
		return false;
	}
	return true;
}

static bool svm_in_use(void)
{
	u64 efer;

	return !rdmsrl_safe(MSR_EFER, &efer) && (efer & EFER_SVME);
}

static void free_cpus(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct svm_cpu *sc = per_cpu_ptr(&svm_cpus, cpu);

		free_page(sc->save_page);
		free_page(sc->host_page);
		memset(sc, 0, sizeof(*sc));
	}
}

static int alloc_cpus(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct svm_cpu *sc = per_cpu_ptr(&svm_cpus, cpu);

		sc->save_page = get_zeroed_page(GFP_KERNEL);
		sc->host_page = get_zeroed_page(GFP_KERNEL);
		if (!sc->save_page || !sc->host_page) {
			free_cpus();
			return -ENOMEM;
		}
	}
	return 0;
}

/* MSRs that the VMCB holds: the guest's own reads and writes pass (15.11). */
static const u32 passed_msrs[] = {
	MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SYSCALL_MASK,
	MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE,
	MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP,
};

static void pass_msr(u8 *map, u32 index)
{
	u32 bit;

	/* two bits an MSR; 2 KiB for each of three ranges of 8192 MSRs */
	if (index < 0x2000)
		bit = index * 2;
	else
		bit = 0x800 * 8 + (index - 0xc0000000) * 2;
	map[bit / 8] &= ~(3 << (bit % 8));
}

static int alloc_maps(void)
{
	int i;

	iopm = __get_free_pages(GFP_KERNEL, IOPM_ORDER);
	msrpm = __get_free_pages(GFP_KERNEL, MSRPM_ORDER);
	if (!iopm || !msrpm) {
		free_pages(iopm, IOPM_ORDER);
		free_pages(msrpm, MSRPM_ORDER);
		return -ENOMEM;
	}
	memset((void *)iopm, 0xff, PAGE_SIZE << IOPM_ORDER);
	memset((void *)msrpm, 0xff, PAGE_SIZE << MSRPM_ORDER);
	for (i = 0; i < ARRAY_SIZE(passed_msrs); i++)
		pass_msr((u8 *)msrpm, passed_msrs[i]);
	return 0;
}

/* A nested table is an x86 page table, as deep as the host's own (15.25.3). */
static void set_tdp_format(void)
{
	tdp_format = (struct kvm_tdp_format) {
		.levels = boot_cpu_has(X86_FEATURE_LA57) &&
			  (__read_cr4() & X86_CR4_LA57) ? 5 : 4,
		.table = _PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED,
		.leaf = _PAGE_PRESENT | _PAGE_USER,
		.writable = _PAGE_RW,
		.accessed = _PAGE_ACCESSED,
		.dirty = _PAGE_DIRTY,
		.large = _PAGE_PSE,
		.address = GENMASK_ULL(51, PAGE_SHIFT),
	};
}

static int svm_setup(void)
{
	u32 eax, ebx, ecx, edx;
	int ret;

	cpuid(CPUID_SVM, &eax, &ebx, &ecx, &edx);
	if (!(edx & CPUID_SVM_NPT)) {
		pr_err("devkvm: no nested paging on this processor\n");
		return -EOPNOTSUPP;
	}
	if (cc_platform_has(CC_ATTR_HOST_MEM_ENCRYPT)) {
		pr_err("devkvm: not supported with encrypted memory (mem_encrypt=on)\n");
		return -EOPNOTSUPP;
	}
	asid_max = ebx - 1;
	has_nrips = edx & CPUID_SVM_NRIPS;
	has_flush_asid = edx & CPUID_SVM_FLUSH_ASID;
	if (boot_cpu_has(X86_FEATURE_XSAVES))
		rdmsrl(MSR_IA32_XSS, host_xss);
	set_tdp_format();
	ret = alloc_maps();
	if (ret)
		return ret;
	ret = alloc_cpus();
	if (ret) {
		free_pages(iopm, IOPM_ORDER);
		free_pages(msrpm, MSRPM_ORDER);
	}
	return ret;
}

static void svm_teardown(void)
{
	free_cpus();
	free_pages(iopm, IOPM_ORDER);
	free_pages(msrpm, MSRPM_ORDER);
}

static const struct kvm_tdp_format *svm_tdp_format(void)
{
	return &tdp_format;
}

static u64 svm_efer_allowed(void)
{
	u64 bits = EFER_SCE | EFER_LME | EFER_LMA;

	if (boot_cpu_has(X86_FEATURE_NX))
		bits |= EFER_NX;
	if (boot_cpu_has(X86_FEATURE_FXSR_OPT))
		bits |= EFER_FFXSR;
	return bits;
}

static u64 svm_cr4_allowed(void)
{
	u64 bits = X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE |
		   X86_CR4_PSE | X86_CR4_PAE | X86_CR4_MCE | X86_CR4_PGE |
		   X86_CR4_PCE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT;

	if (boot_cpu_has(X86_FEATURE_XSAVE))
		bits |= X86_CR4_OSXSAVE;
	if (boot_cpu_has(X86_FEATURE_SMEP))
		bits |= X86_CR4_SMEP;
	if (boot_cpu_has(X86_FEATURE_SMAP))
		bits |= X86_CR4_SMAP;
	if (boot_cpu_has(X86_FEATURE_FSGSBASE))
		bits |= X86_CR4_FSGSBASE;
	if (boot_cpu_has(X86_FEATURE_UMIP))
		bits |= X86_CR4_UMIP;
	if (boot_cpu_has(X86_FEATURE_PCID))
		bits |= X86_CR4_PCIDE;
	if (boot_cpu_has(X86_FEATURE_LA57))
		bits |= X86_CR4_LA57;
	return bits;
}

static int svm_cpu_on(void)
{
	struct svm_cpu *sc = this_cpu_ptr(&svm_cpus);
	u64 efer;

	rdmsrl(MSR_EFER, efer);
	if (efer & EFER_SVME)
		return -EBUSY;
	wrmsrl(MSR_EFER, efer | EFER_SVME);
	wrmsrl(MSR_VM_HSAVE_PA, __pa(sc->save_page));
	sc->generation++;
	sc->next_asid = asid_max + 1;	/* the first vCPU flushes */
	sc->last_vmcb = NULL;
	srso_guests_begin();
	sc->on = true;
	return 0;
}

static void svm_cpu_off(void)
{
	struct svm_cpu *sc = this_cpu_ptr(&svm_cpus);
	u64 efer;

	if (!sc->on)
		return;
	sc->on = false;
	rdmsrl(MSR_EFER, efer);
	srso_guests_end();
	wrmsrl(MSR_VM_HSAVE_PA, 0);
	wrmsrl(MSR_EFER, efer & ~EFER_SVME);
}

static void svm_cpu_emergency_off(void)
{
	u64 efer;

	if (rdmsrl_safe(MSR_EFER, &efer) || !(efer & EFER_SVME))
		return;
	/* An NMI that came with GIF clear would be the last (15.17). */
	asm volatile("stgi");
	wrmsrl(MSR_EFER, efer & ~EFER_SVME);
}

/* ---- a virtual CPU ---- */

/* The host takes its machine checks in the guest too, so CR4.MCE stays. */
static u64 host_cr4(void)
{
	return cr4_read_shadow() & X86_CR4_MCE;
}

static void set_seg(struct svm_segment *seg, u16 selector, u64 base,
		    u16 attributes)
{
	seg->selector = selector;
	seg->base = base;
	seg->limit = 0xffff;
	seg->attributes = attributes;
}

/*
 * LME has no meaning without PAE, and QEMU's TCG (7.2) cannot leave a guest
 * that has it so: it restores the host's CR0 while EFER is still the guest's,
 * refuses to begin long mode without PAE, and the host goes on unpaged. We
 * see every change of either, so LME stays out of the VMCB meanwhile.
 */
static void update_efer(struct svm_vcpu *svm)
{
	u64 efer = svm->efer | EFER_SVME;	/* VMRUN demands it (15.5.1) */

	if (!(svm->cr4 & X86_CR4_PAE))
		efer &= ~EFER_LME;
	svm->vmcb->efer = efer;
	changed(svm->vmcb, SVM_CLEAN_CR);
}

/* The state after RESET (volume 2, 14.1.3), what the VMCB holds of it. */
static void reset_state(struct svm_vcpu *svm)
{
	struct vmcb *vmcb = svm->vmcb;
	const u16 data = SVM_SEG_P | SVM_SEG_S | 3;

	set_seg(&vmcb->cs, 0xf000, 0xffff0000, data | 8);
	set_seg(&vmcb->ds, 0, 0, data);
	set_seg(&vmcb->es, 0, 0, data);
	set_seg(&vmcb->ss, 0, 0, data);
	set_seg(&vmcb->fs, 0, 0, data);
	set_seg(&vmcb->gs, 0, 0, data);
	set_seg(&vmcb->gdtr, 0, 0, 0);
	set_seg(&vmcb->idtr, 0, 0, 0);
	set_seg(&vmcb->ldtr, 0, 0, SVM_SEG_P | 2);
	set_seg(&vmcb->tr, 0, 0, SVM_SEG_P | 11);
	vmcb->cpl = 0;
	vmcb->cr0 = X86_CR0_CD | X86_CR0_NW | X86_CR0_ET;
	vmcb->cr3 = 0;
	svm->cr4 = 0;
	svm->efer = 0;
	update_efer(svm);
	vmcb->cr4 = host_cr4();
	vmcb->cr2 = 0;
	vmcb->dr6 = DR6_RESERVED;
	vmcb->dr7 = 0x400;
	vmcb->g_pat = 0x0007040600070406ull;
	vmcb->dbgctl = 0;
	vmcb->interrupt_shadow = 0;
	vmcb->clean = 0;
}

/*
 * #DB and #AC: an exception whose delivery raises itself again would never
 * leave the guest, so we see each one first. #MC is the host's.
 */
static void set_controls(struct vmcb *vmcb)
{
	vmcb->intercept_cr_read = 1 << 4;
	vmcb->intercept_cr_write = 1 << 4;
	vmcb->intercept_dr_read = 0xffff;
	vmcb->intercept_dr_write = 0xffff;
	vmcb->intercept_exceptions = 1u << X86_TRAP_DB | 1u << X86_TRAP_AC |
				     1u << X86_TRAP_MC;
	vmcb->intercept_misc1 = SVM_MISC1_INTR | SVM_MISC1_NMI | SVM_MISC1_SMI |
		SVM_MISC1_INIT | SVM_MISC1_RDPMC | SVM_MISC1_CPUID |
		SVM_MISC1_RSM | SVM_MISC1_INVD | SVM_MISC1_HLT |
		SVM_MISC1_INVLPGA | SVM_MISC1_IOIO | SVM_MISC1_MSR |
		SVM_MISC1_FERR | SVM_MISC1_SHUTDOWN;
	vmcb->intercept_misc2 = SVM_MISC2_VMRUN | SVM_MISC2_VMMCALL |
		SVM_MISC2_VMLOAD | SVM_MISC2_VMSAVE | SVM_MISC2_STGI |
		SVM_MISC2_CLGI | SVM_MISC2_SKINIT | SVM_MISC2_RDTSCP |
		SVM_MISC2_WBINVD | SVM_MISC2_MONITOR | SVM_MISC2_MWAIT |
		SVM_MISC2_XSETBV | SVM_MISC2_RDPRU;
	vmcb->intercept_misc3 = SVM_MISC3_INVLPGB | SVM_MISC3_INVPCID |
		SVM_MISC3_MCOMMIT | SVM_MISC3_TLBSYNC;
	vmcb->iopm_pa = __pa(iopm);
	vmcb->msrpm_pa = __pa(msrpm);
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
	reset_state(svm);
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

/* ---- running ---- */

static void new_asid(struct svm_cpu *sc, struct svm_vcpu *svm)
{
	struct vmcb *vmcb = svm->vmcb;

	if (sc->next_asid > asid_max) {
		sc->generation++;
		sc->next_asid = 1;
		vmcb->tlb_control = SVM_TLB_FLUSH_ALL;
	}
	svm->generation = sc->generation;
	vmcb->asid = sc->next_asid++;
	changed(vmcb, SVM_CLEAN_ASID);
}

static void svm_flush_tlb(struct kvm_vcpu *vcpu)
{
	struct svm_vcpu *svm = vcpu->hw;

	if (has_flush_asid)
		svm->vmcb->tlb_control = SVM_TLB_FLUSH_ASID;
	else
		svm->generation = 0;	/* a fresh ASID has no translations */
}

static void svm_load_tdp(struct kvm_vcpu *vcpu, u64 root)
{
	struct vmcb *vmcb = vmcb_of(vcpu);

	vmcb->nested_cr3 = root;
	changed(vmcb, SVM_CLEAN_NP);
	svm_flush_tlb(vcpu);
}

/* Event types of the VMCB (15.20), by enum kvm_event_type. */
static const u8 hw_event_types[] = {
	[EVENT_IRQ] = SVM_EVENT_IRQ,
	[EVENT_NMI] = SVM_EVENT_NMI,
	[EVENT_EXCEPTION] = SVM_EVENT_EXCEPTION,
	[EVENT_SOFT] = SVM_EVENT_SOFT,
};

static void inject_event(struct vmcb *vmcb, struct kvm_event *event)
{
	u64 inject = SVM_EVENT_VALID | event->vector |
		     (u64)hw_event_types[event->type] << SVM_EVENT_TYPE_SHIFT;

	if (event->has_error)
		inject |= SVM_EVENT_HAS_ERROR | (u64)event->error << 32;
	vmcb->event_inject = inject;
	event->type = EVENT_NONE;
}

/* The event that the exit cut short, if any. */
static void take_back_event(struct vmcb *vmcb, struct kvm_event *event)
{
	u64 info = vmcb->exit_int_info;

	event->vector = info & SVM_EVENT_VECTOR;
	event->has_error = info & SVM_EVENT_HAS_ERROR;
	event->error = info >> 32;
	event->insn_len = 0;
	switch ((info & SVM_EVENT_TYPE) >> SVM_EVENT_TYPE_SHIFT) {
	case SVM_EVENT_IRQ:
		event->type = EVENT_IRQ;
		break;
	case SVM_EVENT_NMI:
		event->type = EVENT_NMI;
		break;
	case SVM_EVENT_EXCEPTION:
		event->type = EVENT_EXCEPTION;
		/* #BP and #OF come from instructions that run again. */
		if (event->vector == X86_TRAP_BP || event->vector == X86_TRAP_OF)
			event->type = EVENT_NONE;
		break;
	default:
		/* INT n: RIP is still at it, so it runs again (15.20). */
		event->type = EVENT_NONE;
		break;
	}
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

static int svm_run(struct kvm_vcpu *vcpu)
{
	struct svm_cpu *sc = this_cpu_ptr(&svm_cpus);
	struct svm_vcpu *svm = vcpu->hw;
	struct vmcb *vmcb = svm->vmcb;
	struct kvm_cpu_regs *regs = &vcpu->regs;
	u16 ldt;
	int ret;

	if (svm->generation != sc->generation)
		new_asid(sc, svm);
	/*
	 * Another thread of the process may have changed the LDT since load(),
	 * and the kernel has freed the old one: an exit must not load that. A
	 * new one always shows here, since an LDT never goes while it is used.
	 */
	asm volatile("sldt %0" : "=rm" (ldt));
	if (unlikely(ldt))
		save_host(sc);
	vmcb->rax = regs->gpr[GPR_RAX];
	vmcb->rsp = regs->gpr[GPR_RSP];
	vmcb->rip = regs->rip;
	vmcb->rflags = regs->rflags;
	if (vcpu->event.type != EVENT_NONE)
		inject_event(vmcb, &vcpu->event);

	/* XSAVES cannot be intercepted for a guest that has XSAVE. */
	if (unlikely(host_xss))
		wrmsrl(MSR_IA32_XSS, 0);
	/* What the host has divided, a guest could find out (DIV0). */
	amd_clear_divider();
	guest_state_enter();
	ret = svm_enter(regs, svm->vmcb_pa, __pa(sc->host_page));
	guest_state_exit();
	if (unlikely(host_xss))
		wrmsrl(MSR_IA32_XSS, host_xss);
	if (ret)
		return ret;

	vmcb->clean = SVM_CLEAN_ALL;
	vmcb->tlb_control = SVM_TLB_KEEP;
	vmcb->event_inject = 0;
	regs->gpr[GPR_RAX] = vmcb->rax;
	regs->gpr[GPR_RSP] = vmcb->rsp;
	regs->rip = vmcb->rip;
	regs->rflags = vmcb->rflags;
	if (vmcb->exit_int_info & SVM_EVENT_VALID)
		take_back_event(vmcb, &vcpu->event);
	if (vmcb->exit_code == SVM_EXIT_EXCEPTION + X86_TRAP_MC)
		host_machine_check();
	return 0;
}

static void decode_io(struct vmcb *vmcb, struct kvm_exit *exit)
{
	u64 info = vmcb->exit_info1;

	exit->kind = EXIT_IO;
	exit->insn_len = vmcb->exit_info2 - vmcb->rip;	/* 15.10.2 */
	exit->io.port = info >> SVM_IO_PORT_SHIFT;
	exit->io.size = (info >> SVM_IO_SIZE_SHIFT) & 7;
	exit->io.in = info & SVM_IO_IN;
	exit->io.string = info & SVM_IO_STRING;
	exit->io.rep = info & SVM_IO_REP;
}

static void decode_exception(struct vmcb *vmcb, struct kvm_exit *exit)
{
	u8 vector = vmcb->exit_code - SVM_EXIT_EXCEPTION;

	if (vector == X86_TRAP_MC) {
		exit->kind = EXIT_HOST;
		return;
	}
	exit->kind = EXIT_EXCEPTION;
	exit->exception.vector = vector;
	exit->exception.has_error = vector == X86_TRAP_AC;
	exit->exception.error = 0;
	exit->exception.dr6 = vmcb->dr6;
}

static void decode_npf(struct vmcb *vmcb, struct kvm_exit *exit)
{
	exit->kind = EXIT_TDP_FAULT;
	exit->tdp.gpa = vmcb->exit_info2;
	exit->tdp.write = vmcb->exit_info1 & SVM_NPF_WRITE;
	exit->tdp.fetch = vmcb->exit_info1 & SVM_NPF_FETCH;
	exit->tdp.present = vmcb->exit_info1 & SVM_NPF_PRESENT;
}

static void decode_register(u64 code, struct kvm_exit *exit)
{
	if (code < SVM_EXIT_DR_READ) {
		exit->kind = EXIT_CR;
		exit->cr.number = code & 15;
		exit->cr.write = code >= SVM_EXIT_CR_WRITE;
		exit->cr.gpr = GPR_COUNT;
	} else {
		exit->kind = EXIT_DR;
		exit->dr.number = code & 15;
		exit->dr.write = code >= SVM_EXIT_DR_WRITE;
		exit->dr.gpr = GPR_COUNT;
	}
}

static enum kvm_exit_kind simple_kind(u64 code)
{
	switch (code) {
	case SVM_EXIT_INTR:
	case SVM_EXIT_NMI:
	case SVM_EXIT_SMI:
	case SVM_EXIT_INIT:
	case SVM_EXIT_FERR:
		return EXIT_HOST;
	case SVM_EXIT_VINTR:
		return EXIT_IRQ_WINDOW;
	case SVM_EXIT_CPUID:
		return EXIT_CPUID;
	case SVM_EXIT_HLT:
		return EXIT_HLT;
	case SVM_EXIT_INVD:
	case SVM_EXIT_WBINVD:
		return EXIT_INVD;
	case SVM_EXIT_RDPMC:
		return EXIT_RDPMC;
	case SVM_EXIT_VMMCALL:
		return EXIT_HYPERCALL;
	case SVM_EXIT_XSETBV:
		return EXIT_XSETBV;
	case SVM_EXIT_SHUTDOWN:
		return EXIT_SHUTDOWN;
	case SVM_EXIT_INVALID:
		return EXIT_INVALID;
	case SVM_EXIT_RSM:
	case SVM_EXIT_INVLPGA:
	case SVM_EXIT_VMRUN:
	case SVM_EXIT_VMLOAD:
	case SVM_EXIT_VMSAVE:
	case SVM_EXIT_STGI:
	case SVM_EXIT_CLGI:
	case SVM_EXIT_SKINIT:
	case SVM_EXIT_RDTSCP:
	case SVM_EXIT_MONITOR:
	case SVM_EXIT_MWAIT:
	case SVM_EXIT_RDPRU:
	case SVM_EXIT_INVLPGB:
	case SVM_EXIT_INVPCID:
	case SVM_EXIT_MCOMMIT:
	case SVM_EXIT_TLBSYNC:
		return EXIT_UNDEFINED;
	default:
		return EXIT_UNKNOWN;
	}
}

static void svm_decode(struct kvm_vcpu *vcpu, struct kvm_exit *exit)
{
	struct vmcb *vmcb = vmcb_of(vcpu);
	u64 code = vmcb->exit_code;

	exit->hw_reason = code;
	exit->insn_len = 0;
	if (code == SVM_EXIT_IOIO) {
		decode_io(vmcb, exit);
	} else if (code == SVM_EXIT_NPF) {
		decode_npf(vmcb, exit);
	} else if (code == SVM_EXIT_MSR) {
		exit->kind = EXIT_MSR;
		exit->msr.write = vmcb->exit_info1;
	} else if (code < SVM_EXIT_EXCEPTION) {
		decode_register(code, exit);
	} else if (code < SVM_EXIT_INTR) {
		decode_exception(vmcb, exit);
	} else {
		exit->kind = simple_kind(code);
	}
	if (!exit->insn_len && has_nrips && vmcb->next_rip > vmcb->rip)
		exit->insn_len = min_t(u64, vmcb->next_rip - vmcb->rip, 15);
	/* The VMCB after a shutdown holds nothing that can be relied on. */
	if (exit->kind == EXIT_SHUTDOWN)
		reset_state(vcpu->hw);
}

/* ---- state ---- */

static struct svm_segment *segment_of(struct vmcb *vmcb, enum kvm_seg seg)
{
	switch (seg) {
	case SEG_ES: return &vmcb->es;
	case SEG_CS: return &vmcb->cs;
	case SEG_SS: return &vmcb->ss;
	case SEG_DS: return &vmcb->ds;
	case SEG_FS: return &vmcb->fs;
	case SEG_GS: return &vmcb->gs;
	case SEG_LDTR: return &vmcb->ldtr;
	default: return &vmcb->tr;
	}
}

static void svm_get_segment(struct kvm_vcpu *vcpu, enum kvm_seg seg,
			    struct kvm_segment *value)
{
	const struct svm_segment *s = segment_of(vmcb_of(vcpu), seg);
	u16 bits = s->attributes;

	*value = (struct kvm_segment) {
		.base = s->base,
		.limit = s->limit,
		.selector = s->selector,
		.type = bits & SVM_SEG_TYPE,
		.s = !!(bits & SVM_SEG_S),
		.dpl = bits >> SVM_SEG_DPL_SHIFT & 3,
		.present = !!(bits & SVM_SEG_P),
		.avl = !!(bits & SVM_SEG_AVL),
		.l = !!(bits & SVM_SEG_L),
		.db = !!(bits & SVM_SEG_DB),
		.g = !!(bits & SVM_SEG_G),
		.unusable = !(bits & SVM_SEG_P),
	};
	if (seg == SEG_SS)
		value->dpl = vmcb_of(vcpu)->cpl;
}

static void svm_set_segment(struct kvm_vcpu *vcpu, enum kvm_seg seg,
			    const struct kvm_segment *value)
{
	struct vmcb *vmcb = vmcb_of(vcpu);
	struct svm_segment *s = segment_of(vmcb, seg);

	s->base = value->base;
	s->limit = value->limit;
	s->selector = value->selector;
	s->attributes = (value->type & SVM_SEG_TYPE) |
			(value->s & 1 ? SVM_SEG_S : 0) |
			(value->dpl & 3) << SVM_SEG_DPL_SHIFT |
			(value->present & 1 && !value->unusable ? SVM_SEG_P : 0) |
			(value->avl & 1 ? SVM_SEG_AVL : 0) |
			(value->l & 1 ? SVM_SEG_L : 0) |
			(value->db & 1 ? SVM_SEG_DB : 0) |
			(value->g & 1 ? SVM_SEG_G : 0);
	if (seg == SEG_SS)
		vmcb->cpl = value->dpl & 3;
	changed(vmcb, SVM_CLEAN_SEG);
}

static void svm_get_table(struct kvm_vcpu *vcpu, enum kvm_table table,
			  struct kvm_dtable *value)
{
	struct vmcb *vmcb = vmcb_of(vcpu);
	const struct svm_segment *s = table == TABLE_GDT ? &vmcb->gdtr : &vmcb->idtr;

	*value = (struct kvm_dtable) { .base = s->base, .limit = s->limit };
}

static void svm_set_table(struct kvm_vcpu *vcpu, enum kvm_table table,
			  const struct kvm_dtable *value)
{
	struct vmcb *vmcb = vmcb_of(vcpu);
	struct svm_segment *s = table == TABLE_GDT ? &vmcb->gdtr : &vmcb->idtr;

	s->base = value->base;
	s->limit = value->limit;
	changed(vmcb, SVM_CLEAN_DT);
}

/* LMA comes and goes with the guest's CR0.PG, which we do not see. */
static u64 svm_get_efer(struct kvm_vcpu *vcpu)
{
	struct svm_vcpu *svm = vcpu->hw;

	return (svm->efer & ~EFER_LMA) | (svm->vmcb->efer & EFER_LMA);
}

static u64 svm_get_cr(struct kvm_vcpu *vcpu, int number)
{
	struct svm_vcpu *svm = vcpu->hw;
	struct vmcb *vmcb = svm->vmcb;

	switch (number) {
	case 0: return vmcb->cr0;
	case 2: return vmcb->cr2;
	case 3: return vmcb->cr3;
	case 4: return svm->cr4;
	default: return vmcb->vintr & 15;
	}
}

static void svm_set_cr(struct kvm_vcpu *vcpu, int number, u64 value)
{
	struct svm_vcpu *svm = vcpu->hw;
	struct vmcb *vmcb = svm->vmcb;

	switch (number) {
	case 0:
		vmcb->cr0 = value;
		changed(vmcb, SVM_CLEAN_CR);
		svm_flush_tlb(vcpu);
		break;
	case 2:
		vmcb->cr2 = value;
		changed(vmcb, SVM_CLEAN_CR2);
		break;
	case 3:
		vmcb->cr3 = value;
		changed(vmcb, SVM_CLEAN_CR);
		svm_flush_tlb(vcpu);
		break;
	case 4:
		svm->efer = svm_get_efer(vcpu);
		svm->cr4 = value;
		vmcb->cr4 = value | host_cr4();
		update_efer(svm);
		svm_flush_tlb(vcpu);
		break;
	default:
		vmcb->vintr = (vmcb->vintr & ~SVM_VINTR_TPR) | (value & 15);
		changed(vmcb, SVM_CLEAN_TPR);
		break;
	}
}

static void svm_set_efer(struct kvm_vcpu *vcpu, u64 value)
{
	struct svm_vcpu *svm = vcpu->hw;

	svm->efer = value;
	update_efer(svm);
}

static u64 svm_get_dr(struct kvm_vcpu *vcpu, int number)
{
	return number == 6 ? vmcb_of(vcpu)->dr6 : vmcb_of(vcpu)->dr7;
}

static void svm_set_dr(struct kvm_vcpu *vcpu, int number, u64 value)
{
	struct vmcb *vmcb = vmcb_of(vcpu);

	if (number == 6)
		vmcb->dr6 = value;
	else
		vmcb->dr7 = value;
	changed(vmcb, SVM_CLEAN_DR);
}

/* Where the VMCB holds an MSR; NULL for one that it does not. */
static u64 *msr_of(struct vmcb *vmcb, u32 index)
{
	switch (index) {
	case MSR_STAR: return &vmcb->star;
	case MSR_LSTAR: return &vmcb->lstar;
	case MSR_CSTAR: return &vmcb->cstar;
	case MSR_SYSCALL_MASK: return &vmcb->sfmask;
	case MSR_FS_BASE: return &vmcb->fs.base;
	case MSR_GS_BASE: return &vmcb->gs.base;
	case MSR_KERNEL_GS_BASE: return &vmcb->kernel_gs_base;
	case MSR_IA32_SYSENTER_CS: return &vmcb->sysenter_cs;
	case MSR_IA32_SYSENTER_ESP: return &vmcb->sysenter_esp;
	case MSR_IA32_SYSENTER_EIP: return &vmcb->sysenter_eip;
	case MSR_IA32_CR_PAT: return &vmcb->g_pat;
	default: return NULL;
	}
}

/* DEBUGCTL is without LBR virtualisation the host's: the guest's stays 0. */
static u64 svm_get_msr(struct kvm_vcpu *vcpu, u32 index)
{
	u64 *msr = msr_of(vmcb_of(vcpu), index);

	return msr ? *msr : 0;
}

static void svm_set_msr(struct kvm_vcpu *vcpu, u32 index, u64 value)
{
	u64 *msr = msr_of(vmcb_of(vcpu), index);

	if (msr)
		*msr = value;
	changed(vmcb_of(vcpu), SVM_CLEAN_NP | SVM_CLEAN_SEG);
}

static u8 svm_get_cpl(struct kvm_vcpu *vcpu)
{
	return vmcb_of(vcpu)->cpl;
}

static void svm_set_tsc_offset(struct kvm_vcpu *vcpu, u64 offset)
{
	struct vmcb *vmcb = vmcb_of(vcpu);

	vmcb->tsc_offset = offset;
	changed(vmcb, SVM_CLEAN_INTERCEPTS);
}

/* ---- interrupts ---- */

static bool svm_irq_allowed(struct kvm_vcpu *vcpu)
{
	return (vcpu->regs.rflags & X86_EFLAGS_IF) &&
	       !(vmcb_of(vcpu)->interrupt_shadow & SVM_SHADOW_STI);
}

/*
 * A virtual interrupt that is intercepted before it is taken. While it is
 * pending, QEMU's TCG (7.2, 10.0) dies of a guest's MOV to CR8, so that exits.
 */
static void svm_set_irq_window(struct kvm_vcpu *vcpu, bool on)
{
	struct vmcb *vmcb = vmcb_of(vcpu);

	if (on) {
		vmcb->vintr |= SVM_VINTR_IRQ | SVM_VINTR_IGN_TPR | SVM_VINTR_PRIO;
		vmcb->intercept_misc1 |= SVM_MISC1_VINTR;
		vmcb->intercept_cr_write |= 1 << 8;
	} else {
		vmcb->vintr &= ~(SVM_VINTR_IRQ | SVM_VINTR_IGN_TPR | SVM_VINTR_PRIO);
		vmcb->intercept_misc1 &= ~SVM_MISC1_VINTR;
		vmcb->intercept_cr_write &= ~(1 << 8);
	}
	changed(vmcb, SVM_CLEAN_TPR | SVM_CLEAN_INTERCEPTS);
}

static void svm_clear_shadow(struct kvm_vcpu *vcpu)
{
	vmcb_of(vcpu)->interrupt_shadow &= ~SVM_SHADOW_STI;
}

static void svm_dump(struct kvm_vcpu *vcpu)
{
	const struct vmcb *vmcb = vmcb_of(vcpu);

	pr_info("devkvm: exit %llx info %llx %llx int %llx, efer %llx cr0 %llx cr3 %llx cr4 %llx\n",
		vmcb->exit_code, vmcb->exit_info1, vmcb->exit_info2,
		vmcb->exit_int_info, vmcb->efer, vmcb->cr0, vmcb->cr3, vmcb->cr4);
	pr_info("devkvm: cs:rip %x:%llx attributes %x, ncr3 %llx asid %u\n",
		vmcb->cs.selector, vmcb->rip, vmcb->cs.attributes,
		vmcb->nested_cr3, vmcb->asid);
}

const struct kvm_backend svm_backend = {
	.name = "svm",
	.present = svm_present,
	.in_use = svm_in_use,
	.setup = svm_setup,
	.teardown = svm_teardown,
	.tdp_format = svm_tdp_format,
	.efer_allowed = svm_efer_allowed,
	.cr4_allowed = svm_cr4_allowed,
	.cpu_on = svm_cpu_on,
	.cpu_off = svm_cpu_off,
	.cpu_emergency_off = svm_cpu_emergency_off,
	.vcpu_create = svm_vcpu_create,
	.vcpu_free = svm_vcpu_free,
	.load = svm_load,
	.put = svm_put,
	.run = svm_run,
	.decode = svm_decode,
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
	.get_dr = svm_get_dr,
	.set_dr = svm_set_dr,
	.get_msr = svm_get_msr,
	.set_msr = svm_set_msr,
	.get_cpl = svm_get_cpl,
	.set_tsc_offset = svm_set_tsc_offset,
	.irq_allowed = svm_irq_allowed,
	.set_irq_window = svm_set_irq_window,
	.clear_shadow = svm_clear_shadow,
	.dump = svm_dump,
};
