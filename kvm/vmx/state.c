// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's registers that the VMCS holds (SDM volume 3C, "Guest-State
 * Area"), and those beside it. The VMCS is current; the vCPU's thread may be
 * preempted between two accesses, but not in a way that shows.
 */
#include "vmx/vmx.h"

#include <linux/kernel.h>
#include <linux/preempt.h>
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/tlbflush.h>

#include "vmx/check.h"
#include "vmx/ept.h"
#include "x86/cpuid.h"

#define AR_UNUSABLE	VMX_AR_UNUSABLE_MASK

#define PAT_AFTER_RESET	0x0007040600070406ull
#define DR7_AFTER_RESET	0x400

/*
 * Bits that the guest changes without an exit. Of CR0: not CD and NW, since
 * a guest must not turn off a cache that it shares. Of CR4: those that no
 * CPUID leaf of ours depends on.
 */
#define CR0_GUEST_OWNS	(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | \
			 X86_CR0_WP | X86_CR0_AM | X86_CR0_PG)
#define CR4_GUEST_OWNS	(X86_CR4_TSD | X86_CR4_DE | X86_CR4_PCE | \
			 X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT)

u64 vmx_efer_allowed(void)
{
	u64 bits = EFER_SCE | EFER_LME | EFER_LMA;

	if (boot_cpu_has(X86_FEATURE_NX))
		bits |= EFER_NX;
	return bits;
}

u64 vmx_cr4_allowed(void)
{
	u64 bits = X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE |
		   X86_CR4_PSE | X86_CR4_PAE | X86_CR4_MCE | X86_CR4_PGE |
		   X86_CR4_PCE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT |
		   X86_CR4_OSXSAVE | X86_CR4_SMEP | X86_CR4_SMAP |
		   X86_CR4_FSGSBASE | X86_CR4_UMIP | X86_CR4_LA57;

	if (!boot_cpu_has(X86_FEATURE_XSAVE))
		bits &= ~X86_CR4_OSXSAVE;
	if (!boot_cpu_has(X86_FEATURE_UMIP))
		bits &= ~X86_CR4_UMIP;
	if (boot_cpu_has(X86_FEATURE_OSPKE))
		bits |= X86_CR4_PKE;
	return bits & vmx_caps.cr4_allowed;
}

/* ---- segments and tables: fields in the order of x86's numbers ---- */

static enum vmcs_field selector_field(enum kvm_seg seg)
{
	return GUEST_ES_SELECTOR + 2 * seg;
}

static enum vmcs_field base_field(enum kvm_seg seg)
{
	return GUEST_ES_BASE + 2 * seg;
}

static enum vmcs_field limit_field(enum kvm_seg seg)
{
	return GUEST_ES_LIMIT + 2 * seg;
}

static enum vmcs_field rights_field(enum kvm_seg seg)
{
	return GUEST_ES_AR_BYTES + 2 * seg;
}

void vmx_get_segment(struct kvm_vcpu *vcpu, enum kvm_seg seg,
		     struct kvm_segment *value)
{
	u32 ar = vmcs_read(rights_field(seg));

	*value = (struct kvm_segment) {
		.base = vmcs_read(base_field(seg)),
		.limit = vmcs_read(limit_field(seg)),
		.selector = vmcs_read(selector_field(seg)),
		.type = ar & VMX_AR_TYPE_MASK,
		.s = !!(ar & VMX_AR_S_MASK),
		.dpl = VMX_AR_DPL(ar),
		.present = !(ar & AR_UNUSABLE),
		.avl = ar >> 12 & 1,
		.l = !!(ar & VMX_AR_L_MASK),
		.db = !!(ar & VMX_AR_DB_MASK),
		.g = !!(ar & VMX_AR_G_MASK),
		.unusable = !!(ar & AR_UNUSABLE),
	};
}

/*
 * A segment that is not present cannot be in a register save as an unusable
 * one. A loaded one has the accessed bit, which some callers forget.
 */
static u32 access_rights(enum kvm_seg seg, const struct kvm_segment *value)
{
	u32 ar = (value->type & VMX_AR_TYPE_MASK) |
		 (value->s & 1 ? VMX_AR_S_MASK : 0) |
		 (value->dpl & 3) << VMX_AR_DPL_SHIFT |
		 (value->present & 1 ? VMX_AR_P_MASK : 0) |
		 (value->avl & 1) << 12 |
		 (value->l & 1 ? VMX_AR_L_MASK : 0) |
		 (value->db & 1 ? VMX_AR_DB_MASK : 0) |
		 (value->g & 1 ? VMX_AR_G_MASK : 0);

	if (value->unusable || !(value->present & 1))
		ar |= AR_UNUSABLE;
	if (seg != SEG_LDTR)
		ar |= VMX_AR_TYPE_ACCESSES_MASK;
	return ar;
}

void vmx_set_segment(struct kvm_vcpu *vcpu, enum kvm_seg seg,
		     const struct kvm_segment *value)
{
	vmcs_write(selector_field(seg), value->selector);
	vmcs_write(base_field(seg), value->base);
	vmcs_write(limit_field(seg), value->limit);
	vmcs_write(rights_field(seg), access_rights(seg, value));
}

void vmx_get_table(struct kvm_vcpu *vcpu, enum kvm_table table,
		   struct kvm_dtable *value)
{
	bool gdt = table == TABLE_GDT;

	*value = (struct kvm_dtable) {
		.base = vmcs_read(gdt ? GUEST_GDTR_BASE : GUEST_IDTR_BASE),
		.limit = vmcs_read(gdt ? GUEST_GDTR_LIMIT : GUEST_IDTR_LIMIT),
	};
}

void vmx_set_table(struct kvm_vcpu *vcpu, enum kvm_table table,
		   const struct kvm_dtable *value)
{
	bool gdt = table == TABLE_GDT;

	vmcs_write(gdt ? GUEST_GDTR_BASE : GUEST_IDTR_BASE, value->base);
	vmcs_write(gdt ? GUEST_GDTR_LIMIT : GUEST_IDTR_LIMIT, value->limit);
}

u8 vmx_get_cpl(struct kvm_vcpu *vcpu)
{
	return VMX_AR_DPL((u32)vmcs_read(GUEST_SS_AR_BYTES));
}

/* ---- control registers ---- */

static u64 get_cr0(struct vmx_vcpu *hw)
{
	return (vmcs_read(GUEST_CR0) & CR0_GUEST_OWNS) |
	       (hw->cr0_shadow & ~CR0_GUEST_OWNS);
}

static void set_cr0(struct vmx_vcpu *hw, u64 value)
{
	hw->cr0_shadow = value;
	vmcs_write(CR0_READ_SHADOW, value);
	vmcs_write(GUEST_CR0, (value & ~(X86_CR0_CD | X86_CR0_NW)) |
			      vmx_caps.cr0_fixed_on);
}

static u64 get_cr4(struct vmx_vcpu *hw)
{
	return (vmcs_read(GUEST_CR4) & CR4_GUEST_OWNS) |
	       (hw->cr4_shadow & ~(u64)CR4_GUEST_OWNS);
}

/* The host takes its machine checks in the guest too, so CR4.MCE stays. */
static void set_cr4(struct vmx_vcpu *hw, u64 value)
{
	hw->cr4_shadow = value;
	vmcs_write(CR4_READ_SHADOW, value);
	vmcs_write(GUEST_CR4, value | vmx_caps.cr4_fixed_on |
			      (cr4_read_shadow() & X86_CR4_MCE));
}

/* What the guest no longer owns, it reads from the shadow. */
void vmx_watch_cr_writes(struct vmx_vcpu *hw, u16 registers)
{
	set_cr0(hw, get_cr0(hw));
	set_cr4(hw, get_cr4(hw));
	vmcs_write(CR0_GUEST_HOST_MASK,
		   registers & 1 << 0 ? ~0ull : ~(u64)CR0_GUEST_OWNS);
	vmcs_write(CR4_GUEST_HOST_MASK,
		   registers & 1 << 4 ? ~0ull : ~(u64)CR4_GUEST_OWNS);
}

void vmx_set_pdptes(struct kvm_vcpu *vcpu, const u64 pdptes[PDPTE_COUNT])
{
	vmcs_write(GUEST_PDPTR0, pdptes[0]);
	vmcs_write(GUEST_PDPTR1, pdptes[1]);
	vmcs_write(GUEST_PDPTR2, pdptes[2]);
	vmcs_write(GUEST_PDPTR3, pdptes[3]);
}

u64 vmx_get_cr(struct kvm_vcpu *vcpu, int number)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);

	switch (number) {
	case 0: return get_cr0(hw);
	case 2: return hw->cr2;
	case 3: return vmcs_read(GUEST_CR3);
	case 4: return get_cr4(hw);
	default: return hw->cr8;
	}
}

void vmx_set_cr(struct kvm_vcpu *vcpu, int number, u64 value)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);

	switch (number) {
	case 0:
		set_cr0(hw, value);
		break;
	case 2:
		hw->cr2 = value;
		return;
	case 3:
		vmcs_write(GUEST_CR3, value);
		break;
	case 4:
		set_cr4(hw, value);
		break;
	default:
		hw->cr8 = value & 15;
		return;
	}
	/* If another CPU gets it between, that one flushes at load(). */
	ept_flush_vpid(hw->vpid);
}

u64 vmx_get_efer(struct kvm_vcpu *vcpu)
{
	return vmcs_read(GUEST_IA32_EFER);
}

void vmx_set_efer(struct kvm_vcpu *vcpu, u64 value)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);
	u32 entry = vmcs_read(VM_ENTRY_CONTROLS) & ~VM_ENTRY_IA32E_MODE;

	/* The processor changes both when the guest turns paging on or off. */
	if (value & EFER_LMA)
		entry |= VM_ENTRY_IA32E_MODE;
	vmcs_write(VM_ENTRY_CONTROLS, entry);
	vmcs_write(GUEST_IA32_EFER, value);
	hw->syscall_enabled = value & EFER_SCE;
	ept_flush_vpid(hw->vpid);
}

/* ---- debug registers and MSRs ---- */

u64 vmx_get_dr6(struct kvm_vcpu *vcpu)
{
	return vmx_of(vcpu)->dr6;
}

void vmx_set_dr6(struct kvm_vcpu *vcpu, u64 value)
{
	vmx_of(vcpu)->dr6 = value;
}

void vmx_set_dr7(struct kvm_vcpu *vcpu, u64 value)
{
	vmcs_write(GUEST_DR7, value);
}

/* -1: not one of SYSCALL's. */
static int syscall_msr(u32 index)
{
	switch (index) {
	case MSR_STAR: return 0;
	case MSR_LSTAR: return 1;
	case MSR_CSTAR: return 2;
	case MSR_SYSCALL_MASK: return 3;
	default: return -1;
	}
}

/* The field that holds an MSR; 0: none. */
static enum vmcs_field msr_field(u32 index)
{
	switch (index) {
	case MSR_FS_BASE: return GUEST_FS_BASE;
	case MSR_GS_BASE: return GUEST_GS_BASE;
	case MSR_IA32_SYSENTER_CS: return GUEST_SYSENTER_CS;
	case MSR_IA32_SYSENTER_ESP: return GUEST_SYSENTER_ESP;
	case MSR_IA32_SYSENTER_EIP: return GUEST_SYSENTER_EIP;
	case MSR_IA32_CR_PAT: return GUEST_IA32_PAT;
	default: return 0;
	}
}

/* Whether the processor or hw has it changes when the thread is preempted. */
static u64 get_kernel_gs_base(struct vmx_vcpu *hw)
{
	u64 value;

	preempt_disable();
	if (hw->host.away)
		rdmsrl(MSR_KERNEL_GS_BASE, value);
	else
		value = hw->kernel_gs_base;
	preempt_enable();
	return value;
}

static void set_kernel_gs_base(struct vmx_vcpu *hw, u64 value)
{
	preempt_disable();
	hw->kernel_gs_base = value;
	if (hw->host.away)
		wrmsrl(MSR_KERNEL_GS_BASE, value);
	preempt_enable();
}

u64 vmx_get_msr(struct kvm_vcpu *vcpu, u32 index)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);
	int i = syscall_msr(index);

	if (i >= 0)
		return hw->syscall_msrs[i];
	if (index == MSR_KERNEL_GS_BASE)
		return get_kernel_gs_base(hw);
	return msr_field(index) ? vmcs_read(msr_field(index)) : 0;
}

void vmx_set_msr(struct kvm_vcpu *vcpu, u32 index, u64 value)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);
	int i = syscall_msr(index);

	if (i >= 0) {
		/* IA32_FMASK has 32 bits; the host's WRMSR must not fault. */
		hw->syscall_msrs[i] = index == MSR_SYSCALL_MASK ? (u32)value : value;
		hw->host.syscall_loaded = false;
	} else if (index == MSR_KERNEL_GS_BASE) {
		set_kernel_gs_base(hw, value);
	} else if (msr_field(index)) {
		vmcs_write(msr_field(index), value);
	}
}

/* ---- a state that was refused ---- */

static void read_segments(struct vmx_check_segment segments[SEG_COUNT])
{
	int i;

	for (i = 0; i < SEG_COUNT; i++)
		segments[i] = (struct vmx_check_segment) {
			.selector = vmcs_read(selector_field(i)),
			.limit = vmcs_read(limit_field(i)),
			.rights = vmcs_read(rights_field(i)),
			.base = vmcs_read(base_field(i)),
		};
}

static struct vmx_check_state read_state(const struct vmx_vcpu *hw)
{
	struct vmx_check_state state = {
		.cr0 = vmcs_read(GUEST_CR0),
		.cr3 = vmcs_read(GUEST_CR3),
		.cr4 = vmcs_read(GUEST_CR4),
		.dr7 = vmcs_read(GUEST_DR7),
		.efer = vmcs_read(GUEST_IA32_EFER),
		.pat = vmcs_read(GUEST_IA32_PAT),
		.sysenter_esp = vmcs_read(GUEST_SYSENTER_ESP),
		.sysenter_eip = vmcs_read(GUEST_SYSENTER_EIP),
		.pdptes = { vmcs_read(GUEST_PDPTR0), vmcs_read(GUEST_PDPTR1),
			    vmcs_read(GUEST_PDPTR2), vmcs_read(GUEST_PDPTR3) },
		.rip = vmcs_read(GUEST_RIP),
		.rflags = vmcs_read(GUEST_RFLAGS),
		.gdt_base = vmcs_read(GUEST_GDTR_BASE),
		.idt_base = vmcs_read(GUEST_IDTR_BASE),
		.gdt_limit = vmcs_read(GUEST_GDTR_LIMIT),
		.idt_limit = vmcs_read(GUEST_IDTR_LIMIT),
		.interruptibility = vmcs_read(GUEST_INTERRUPTIBILITY_INFO),
		.activity = vmcs_read(GUEST_ACTIVITY_STATE),
		.pending_debug = vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS),
		.link_pointer = vmcs_read(VMCS_LINK_POINTER),
		.event = hw->refused_event,
		.long_mode = vmcs_read(VM_ENTRY_CONTROLS) & VM_ENTRY_IA32E_MODE,
		.cr0_fixed_on = vmx_caps.cr0_fixed_on,
		.cr4_fixed_on = vmx_caps.cr4_fixed_on,
		.cr4_allowed = vmx_caps.cr4_allowed,
		.phys_bits = boot_cpu_data.x86_phys_bits,
		.linear_bits = kvm_cpuid_has_la57() ? 57 : 48,
	};

	read_segments(state.segments);
	return state;
}

/* Of the guest's state: not where controls, an MSR or a machine check were why. */
u32 vmx_refused_field(struct kvm_vcpu *vcpu)
{
	const struct vmx_vcpu *hw = vmx_of(vcpu);
	struct vmx_check_state state;

	if ((u16)hw->exit_reason != EXIT_REASON_INVALID_STATE)
		return 0;
	state = read_state(hw);
	return vmx_check(&state);
}

/* ---- after RESET: SDM volume 3A, table 10-1 ---- */

static void reset_segment(enum kvm_seg seg, u16 selector, u64 base, u32 ar)
{
	vmcs_write(selector_field(seg), selector);
	vmcs_write(base_field(seg), base);
	vmcs_write(limit_field(seg), 0xffff);
	vmcs_write(rights_field(seg), ar);
}

static void reset_segments(void)
{
	const u32 data = VMX_AR_P_MASK | VMX_AR_S_MASK | 3;

	reset_segment(SEG_CS, 0xf000, 0xffff0000, data | VMX_AR_TYPE_CODE_MASK);
	reset_segment(SEG_DS, 0, 0, data);
	reset_segment(SEG_ES, 0, 0, data);
	reset_segment(SEG_SS, 0, 0, data);
	reset_segment(SEG_FS, 0, 0, data);
	reset_segment(SEG_GS, 0, 0, data);
	reset_segment(SEG_LDTR, 0, 0, VMX_AR_P_MASK | VMX_AR_TYPE_LDT);
	reset_segment(SEG_TR, 0, 0, VMX_AR_P_MASK | VMX_AR_TYPE_BUSY_32_TSS);
	vmcs_write(GUEST_GDTR_BASE, 0);
	vmcs_write(GUEST_GDTR_LIMIT, 0xffff);
	vmcs_write(GUEST_IDTR_BASE, 0);
	vmcs_write(GUEST_IDTR_LIMIT, 0xffff);
}

void vmx_state_reset(struct vmx_vcpu *hw)
{
	reset_segments();
	vmcs_write(CR0_GUEST_HOST_MASK, ~(u64)CR0_GUEST_OWNS);
	vmcs_write(CR4_GUEST_HOST_MASK, ~(u64)CR4_GUEST_OWNS);
	set_cr0(hw, X86_CR0_CD | X86_CR0_NW | X86_CR0_ET);
	set_cr4(hw, 0);
	vmcs_write(GUEST_CR3, 0);
	vmcs_write(GUEST_IA32_EFER, 0);
	vmcs_write(GUEST_IA32_PAT, PAT_AFTER_RESET);
	vmcs_write(GUEST_IA32_DEBUGCTL, 0);
	vmcs_write(GUEST_SYSENTER_CS, 0);
	vmcs_write(GUEST_SYSENTER_ESP, 0);
	vmcs_write(GUEST_SYSENTER_EIP, 0);
	vmcs_write(GUEST_DR7, DR7_AFTER_RESET);
	vmcs_write(GUEST_INTERRUPTIBILITY_INFO, 0);
	vmcs_write(GUEST_ACTIVITY_STATE, GUEST_ACTIVITY_ACTIVE);
	vmcs_write(GUEST_PENDING_DBG_EXCEPTIONS, 0);
	vmcs_write(VMCS_LINK_POINTER, ~0ull);
	hw->dr6 = DR6_RESERVED;
}
