// SPDX-License-Identifier: GPL-2.0
/*
 * Intel VMX with EPT, behind struct kvm_backend: the life of a virtual CPU and
 * its entries. References are to the Intel SDM, volume 3C.
 */
#include "vmx/vmx.h"

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/mce.h>
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>
#include <asm/tlbflush.h>
#include <asm/trapnr.h>

#include "trace.h"
#include "vmx/ept.h"
#include "vmx/host.h"
#include "vmx/l1d.h"
#include "vmx/pml.h"

#define CR4_FRED	(1ull << 32)

struct vmx_caps vmx_caps;

static struct kvm_tdp_format tdp_format;
static struct kmem_cache *vcpu_cache;
/* Shared by all: no harmful MSR passes; none does. */
static unsigned long msr_bitmap, msr_bitmap_none;

/* ---- the module and its CPUs ---- */

/* The kernel clears the flag where the firmware has locked VMX out. */
static bool vmx_present(void)
{
	u64 control;

	if (!boot_cpu_has(X86_FEATURE_VMX))
		return false;
	if (rdmsrl_safe(MSR_IA32_FEAT_CTL, &control) ||
	    !(control & FEAT_CTL_LOCKED) ||
	    !(control & FEAT_CTL_VMX_ENABLED_OUTSIDE_SMX)) {
		pr_info("devkvm: the firmware has turned VMX off\n");
		return false;
	}
	return true;
}

static bool vmx_in_use(void)
{
	return __read_cr4() & X86_CR4_VMXE;
}

static void pass_msr(u8 *map, u32 index)
{
	u32 bit = index & 0x1fff;

	/* 1 KiB each: reads of low, of high, writes of low, of high MSRs */
	if (index >= 0xc0000000)
		map += 0x400;
	map[bit / 8] &= ~(1 << (bit % 8));
	map += 0x800;
	map[bit / 8] &= ~(1 << (bit % 8));
}

/* MSRs that are the guest's own while it runs. */
static const u32 passed_msrs[] = {
	MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE,
	MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP,
};

static void free_msr_bitmaps(void)
{
	free_page(msr_bitmap);
	free_page(msr_bitmap_none);
}

static int alloc_msr_bitmaps(void)
{
	int i;

	msr_bitmap = __get_free_page(GFP_KERNEL);
	msr_bitmap_none = __get_free_page(GFP_KERNEL);
	if (!msr_bitmap || !msr_bitmap_none) {
		free_msr_bitmaps();
		return -ENOMEM;
	}
	memset((void *)msr_bitmap, 0xff, PAGE_SIZE);
	memset((void *)msr_bitmap_none, 0xff, PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(passed_msrs); i++)
		pass_msr((u8 *)msr_bitmap, passed_msrs[i]);
	return 0;
}

static int vmx_setup(void)
{
	int ret;

	if (__read_cr4() & CR4_FRED) {
		pr_err("devkvm: not supported with FRED (boot with fred=off)\n");
		return -EOPNOTSUPP;
	}
	ret = vmx_caps_read(&vmx_caps);
	if (ret)
		return ret;
	vmx_host_setup();
	ept_setup(&vmx_caps, &tdp_format);
	vcpu_cache = KMEM_CACHE(vmx_vcpu, SLAB_ACCOUNT);
	if (!vcpu_cache)
		return -ENOMEM;
	ret = alloc_msr_bitmaps();
	if (ret)
		goto destroy_cache;
	ret = l1d_setup();
	if (ret)
		goto free_bitmaps;
	ret = vmcs_setup(vmx_caps.revision);
	if (ret)
		goto teardown_l1d;
	return 0;

teardown_l1d:
	l1d_teardown();
free_bitmaps:
	free_msr_bitmaps();
destroy_cache:
	kmem_cache_destroy(vcpu_cache);
	return ret;
}

static void vmx_teardown(void)
{
	vmcs_teardown();
	l1d_teardown();
	free_msr_bitmaps();
	kmem_cache_destroy(vcpu_cache);
}

static const struct kvm_tdp_format *vmx_tdp_format(void)
{
	return &tdp_format;
}

/* A CPU that came later may be of another kind. */
static int check_caps(void)
{
	struct vmx_caps caps;

	if (vmx_caps_read(&caps))
		return -EIO;
	return memcmp(&caps, &vmx_caps, sizeof(caps)) ? -EIO : 0;
}

static int vmx_cpu_on(void)
{
	int ret = check_caps();

	if (!ret)
		ret = vmcs_cpu_on();
	if (ret)
		return ret;
	vmx_host_cpu_on();
	/* Whoever used VMX before left translations with our tags. */
	ept_flush_all();
	return 0;
}

static void vmx_cpu_off(void)
{
	vmx_host_cpu_off();
	vmcs_cpu_off();
}

/* ---- a virtual CPU ---- */

/*
 * #DB and #AC: an exception whose delivery raises itself again would never
 * leave the guest, so we see each one first. #MC is the host's. Of the others
 * none is ours; page faults neither, since mask and match of 0 with the bit
 * clear let all pass.
 */
#define EXCEPTION_EXITS	(1u << X86_TRAP_DB | 1u << X86_TRAP_AC | 1u << X86_TRAP_MC)

/* Exits that a control of the processor turns on. */
static u32 extra_controls(const struct kvm_extra_exits *extra)
{
	return (extra->cr_write & 1 << 3 ? CPU_BASED_CR3_LOAD_EXITING : 0) |
	       (extra->cr_read & 1 << 3 ? CPU_BASED_CR3_STORE_EXITING : 0) |
	       (extra->rdtsc ? CPU_BASED_RDTSC_EXITING : 0) |
	       (extra->invlpg ? CPU_BASED_INVLPG_EXITING : 0);
}

#define EXTRA_CONTROLS	(CPU_BASED_CR3_LOAD_EXITING | CPU_BASED_CR3_STORE_EXITING | \
			 CPU_BASED_RDTSC_EXITING | CPU_BASED_INVLPG_EXITING)

static void vmx_set_extra_exits(struct kvm_vcpu *vcpu,
				const struct kvm_extra_exits *extra)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);

	hw->cpu_controls = (hw->cpu_controls & ~EXTRA_CONTROLS) | extra_controls(extra);
	vmcs_write(CPU_BASED_VM_EXEC_CONTROL, hw->cpu_controls);
	vmcs_write(EXCEPTION_BITMAP, EXCEPTION_EXITS | extra->exceptions);
	vmcs_write(MSR_BITMAP, __pa(extra->msrs ? msr_bitmap_none : msr_bitmap));
	vmx_watch_cr_writes(hw, extra->cr_write);
}

/* CR0 and CR4 are read without an exit, whatever we say. */
static struct kvm_extra_exits vmx_possible_exits(void)
{
	u32 may = vmx_caps.cpu_may;

	return (struct kvm_extra_exits) {
		.exceptions = KVM_GUEST_EXCEPTIONS,
		.cr_read = (may & CPU_BASED_CR3_STORE_EXITING ? 1 << 3 : 0) | 1 << 8,
		.cr_write = (may & CPU_BASED_CR3_LOAD_EXITING ? 1 << 3 : 0) |
			    1 << 0 | 1 << 4 | 1 << 8,
		.rdtsc = may & CPU_BASED_RDTSC_EXITING,
		.invlpg = may & CPU_BASED_INVLPG_EXITING,
		.msrs = true,
	};
}

static bool vmx_rdtscp_possible(void)
{
	return vmx_caps.rdtscp && boot_cpu_has(X86_FEATURE_RDTSCP);
}

void vmx_set_secondary(struct vmx_vcpu *hw, u32 bits, bool on)
{
	hw->cpu2_controls = on ? hw->cpu2_controls | bits : hw->cpu2_controls & ~bits;
	vmcs_write(SECONDARY_VM_EXEC_CONTROL, hw->cpu2_controls);
}

/* RDPID, too. */
static void vmx_set_rdtscp(struct kvm_vcpu *vcpu, bool on)
{
	vmx_set_secondary(vmx_of(vcpu), SECONDARY_EXEC_ENABLE_RDTSCP, on);
}

static void set_controls(struct vmx_vcpu *hw)
{
	hw->cpu_controls = vmx_caps.cpu;
	hw->cpu2_controls = vmx_caps.cpu2;
	vmcs_write(PIN_BASED_VM_EXEC_CONTROL, vmx_caps.pin);
	vmcs_write(CPU_BASED_VM_EXEC_CONTROL, vmx_caps.cpu);
	vmx_set_secondary(hw, SECONDARY_EXEC_ENABLE_VPID, hw->vpid);
	vmcs_write(VM_EXIT_CONTROLS, vmx_caps.exit);
	vmcs_write(VM_ENTRY_CONTROLS, vmx_caps.entry);
	vmcs_write(EXCEPTION_BITMAP, EXCEPTION_EXITS);
	vmcs_write(PAGE_FAULT_ERROR_CODE_MASK, 0);
	vmcs_write(PAGE_FAULT_ERROR_CODE_MATCH, 0);
	vmcs_write(CR3_TARGET_COUNT, 0);
	vmcs_write(VM_ENTRY_INTR_INFO_FIELD, 0);
	vmcs_write(MSR_BITMAP, __pa(msr_bitmap));
	vmcs_write(TSC_OFFSET, 0);
	if (hw->cpu2_controls & SECONDARY_EXEC_ENCLS_EXITING)
		vmcs_write(ENCLS_EXITING_BITMAP, ~0ull);
	if (hw->vpid)
		vmcs_write(VIRTUAL_PROCESSOR_ID, hw->vpid);
}

static int vmx_vcpu_create(struct kvm_vcpu *vcpu)
{
	struct vmx_vcpu *hw;
	int ret;

	hw = kmem_cache_zalloc(vcpu_cache, GFP_KERNEL_ACCOUNT);
	if (!hw)
		return -ENOMEM;
	ret = vmcs_create(&hw->vmcs);
	if (ret)
		goto free_hw;
	ret = pml_create(hw);
	if (ret)
		goto destroy_vmcs;
	hw->vpid = ept_get_vpid();

	preempt_disable();
	vmcs_load(&hw->vmcs);
	set_controls(hw);
	vmx_host_init(hw);
	vmx_state_reset(hw);
	vmcs_clear(&hw->vmcs);
	preempt_enable();
	/* What the VMCS has must differ from what any guest starts with. */
	hw->rip = hw->rsp = hw->rflags = ~0ull;
	vcpu->hw = hw;
	return 0;

destroy_vmcs:
	vmcs_destroy(&hw->vmcs);
free_hw:
	kmem_cache_free(vcpu_cache, hw);
	return ret;
}

static void vmx_vcpu_free(struct kvm_vcpu *vcpu)
{
	struct vmx_vcpu *hw = vcpu->hw;

	vmcs_destroy(&hw->vmcs);
	pml_destroy(hw);
	ept_put_vpid(hw->vpid);
	kmem_cache_free(vcpu_cache, hw);
	vcpu->hw = NULL;
}

static void vmx_load(struct kvm_vcpu *vcpu)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);

	if (vmcs_load(&hw->vmcs)) {
		vmx_host_moved(hw);
		/* Of an earlier stay here, or of an earlier owner of the root. */
		if (hw->eptp)
			ept_flush(hw->eptp);
	}
	vcpu->touched_memory = true;
}

static void vmx_put(struct kvm_vcpu *vcpu)
{
	vmx_host_return(vmx_of(vcpu));
}

static void vmx_flush_tlb(struct kvm_vcpu *vcpu)
{
	ept_flush(vmx_of(vcpu)->eptp);
}

static void vmx_load_tdp(struct kvm_vcpu *vcpu, u64 root, bool log)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);

	hw->eptp = ept_pointer(root, log);
	vmcs_write(EPT_POINTER, hw->eptp);
	if (vmx_caps.pml)
		pml_switch(hw, log);
	preempt_disable();
	ept_flush(hw->eptp);
	preempt_enable();
}

static void vmx_set_tsc_offset(struct kvm_vcpu *vcpu, u64 offset)
{
	vmcs_write(TSC_OFFSET, offset);
}

/* ---- running ---- */

/* A machine check of the host came while the guest ran. */
static void host_machine_check(void)
{
	struct pt_regs regs = {
		.cs = 3,	/* as if it came from user mode */
		.flags = X86_EFLAGS_IF,
	};

	do_machine_check(&regs);
}

static void load_regs(struct kvm_vcpu *vcpu, struct vmx_vcpu *hw)
{
	const struct kvm_cpu_regs *regs = &vcpu->regs;

	if (regs->rip != hw->rip) {
		vmcs_write(GUEST_RIP, regs->rip);
		hw->rip = regs->rip;
	}
	if (unlikely(regs->gpr[GPR_RSP] != hw->rsp)) {
		vmcs_write(GUEST_RSP, regs->gpr[GPR_RSP]);
		hw->rsp = regs->gpr[GPR_RSP];
	}
	if (unlikely(regs->rflags != hw->rflags)) {
		vmcs_write(GUEST_RFLAGS, regs->rflags);
		if ((regs->rflags ^ hw->rflags) & X86_EFLAGS_TF)
			vmx_single_step_changed(vcpu);
		hw->rflags = regs->rflags;
	}
}

static void store_regs(struct kvm_vcpu *vcpu, struct vmx_vcpu *hw)
{
	struct kvm_cpu_regs *regs = &vcpu->regs;

	regs->rip = hw->rip = vmcs_read(GUEST_RIP);
	regs->gpr[GPR_RSP] = hw->rsp = vmcs_read(GUEST_RSP);
	regs->rflags = hw->rflags = vmcs_read(GUEST_RFLAGS);
}

/*
 * The entry was refused: by an error of the instruction, or by checks of the
 * guest's state, when the exit reason says so. The event was not delivered.
 */
static void refused(struct vmx_vcpu *hw)
{
	hw->refused_event = vmcs_read(VM_ENTRY_INTR_INFO_FIELD);
	vmcs_write(VM_ENTRY_INTR_INFO_FIELD, 0);
	if ((u16)hw->exit_reason == EXIT_REASON_MCE_DURING_VMENTRY)
		host_machine_check();
}

static int vmx_run(struct kvm_vcpu *vcpu)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);
	u64 debugctl;
	int ret;

	if (!hw->host.away)
		vmx_host_leave(hw);
	vmx_host_prepare(hw);
	/* A pending trap would come before the instruction that is to be stepped. */
	if (unlikely(vcpu->debug.control & KVM_GUESTDBG_SINGLESTEP))
		vmx_clear_shadow(vcpu);
	load_regs(vcpu, hw);
	if (unlikely(vcpu->event.type != EVENT_NONE))
		vmx_inject_event(vcpu);
	debugctl = get_debugctlmsr();

	ret = vmx_enter_guest(vcpu);

	/* An exit leaves it 0. (DR7 is the caller's.) */
	if (unlikely(debugctl))
		update_debugctlmsr(debugctl);
	if (unlikely(ret < 0))
		return ret;
	hw->entry_error = 0;
	if (unlikely(ret)) {
		hw->entry_error = vmcs_read(VM_INSTRUCTION_ERROR) ?: U32_MAX;
		hw->exit_reason = 0;
		refused(hw);
		return 0;
	}
	if (unlikely(hw->exit_reason & VMX_EXIT_REASONS_FAILED_VMENTRY)) {
		refused(hw);
		return 0;
	}
	hw->vmcs.launched = true;
	store_regs(vcpu, hw);
	if (unlikely(pml_is_on(hw)))
		pml_drain(vcpu);
	vcpu->event.type = EVENT_NONE;
	if (vmx_exit_may_cut_delivery(hw->exit_reason)) {
		vmx_take_back_event(vcpu);
		if (hw->exit_reason == EXIT_REASON_EXCEPTION_NMI &&
		    (hw->exit_intr_info & INTR_INFO_VECTOR_MASK) == X86_TRAP_MC)
			host_machine_check();
	}
	return 0;
}

static void vmx_exit_details(struct kvm_vcpu *vcpu, struct kvm_exit_details *details)
{
	*details = (struct kvm_exit_details) {
		.info1 = vmcs_read(EXIT_QUALIFICATION),
		.info2 = vmcs_read(IDT_VECTORING_INFO_FIELD),
		.event = vmcs_read(VM_EXIT_INTR_INFO),
		.event_error = vmcs_read(VM_EXIT_INTR_ERROR_CODE),
	};
}

const struct kvm_backend vmx_backend = {
	.name = "vmx",
	.sysenter_64 = true,
	.trace_isa = KVM_TRACE_ISA_VMX,
	.present = vmx_present,
	.in_use = vmx_in_use,
	.setup = vmx_setup,
	.teardown = vmx_teardown,
	.tdp_format = vmx_tdp_format,
	.efer_allowed = vmx_efer_allowed,
	.cr4_allowed = vmx_cr4_allowed,
	.rdtscp_possible = vmx_rdtscp_possible,
	.cpu_on = vmx_cpu_on,
	.cpu_off = vmx_cpu_off,
	.cpu_emergency_off = vmcs_cpu_emergency_off,
	.vcpu_create = vmx_vcpu_create,
	.vcpu_free = vmx_vcpu_free,
	.load = vmx_load,
	.put = vmx_put,
	.run = vmx_run,
	.decode = vmx_decode,
	.exit_details = vmx_exit_details,
	.set_extra_exits = vmx_set_extra_exits,
	.possible_exits = vmx_possible_exits,
	.flush_tlb = vmx_flush_tlb,
	.load_tdp = vmx_load_tdp,
	.get_segment = vmx_get_segment,
	.set_segment = vmx_set_segment,
	.get_table = vmx_get_table,
	.set_table = vmx_set_table,
	.get_cr = vmx_get_cr,
	.set_cr = vmx_set_cr,
	.set_pdptes = vmx_set_pdptes,
	.get_efer = vmx_get_efer,
	.set_efer = vmx_set_efer,
	.get_dr6 = vmx_get_dr6,
	.set_dr6 = vmx_set_dr6,
	.set_dr7 = vmx_set_dr7,
	.get_msr = vmx_get_msr,
	.set_msr = vmx_set_msr,
	.get_cpl = vmx_get_cpl,
	.set_tsc_offset = vmx_set_tsc_offset,
	.set_rdtscp = vmx_set_rdtscp,
	.irq_allowed = vmx_irq_allowed,
	.set_irq_window = vmx_set_irq_window,
	.clear_shadow = vmx_clear_shadow,
	.get_shadow = vmx_get_shadow,
	.set_shadow = vmx_set_shadow,
	.nmi_masked = vmx_nmi_masked,
	.set_nmi_masked = vmx_set_nmi_masked,
	.nmi_allowed = vmx_nmi_allowed,
	.set_nmi_window = vmx_set_nmi_window,
	.refused_field = vmx_refused_field,
};
