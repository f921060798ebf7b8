// SPDX-License-Identifier: GPL-2.0
/* Saving and restoring what a guest takes the place of. */
#include "vmx/host.h"

#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/user-return-notifier.h>
#include <asm/cpu_entry_area.h>
#include <asm/cpufeature.h>
#include <asm/desc.h>
#include <asm/mmu_context.h>
#include <asm/msr.h>
#include <asm/perf_event.h>
#include <asm/processor.h>
#include <asm/segment.h>
#include <asm/special_insns.h>
#include <asm/tlbflush.h>

#include "vmx/perf.h"
#include "vmx/vmx.h"

static const u32 syscall_msrs[VMX_SYSCALL_MSRS] = {
	MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SYSCALL_MASK,
};

/* Set once by vmx_host_setup(). */
static struct {
	u64 efer, pat, sysenter_cs, sysenter_eip;
} host;

/* Only on that CPU with interrupts off. */
struct host_cpu {
	struct user_return_notifier notifier;
	bool registered;
	u64 host[VMX_SYSCALL_MSRS];	/* the kernel's values */
	u64 now[VMX_SYSCALL_MSRS];	/* what the MSRs hold */
};

static DEFINE_PER_CPU(struct host_cpu, host_cpus);

/* Where an exit lands (entry.S). */
void vmx_landing(void);

/* ---- the MSRs of SYSCALL ---- */

static void restore_syscall_msrs(struct host_cpu *hc)
{
	int i;

	for (i = 0; i < VMX_SYSCALL_MSRS; i++) {
		if (hc->now[i] == hc->host[i])
			continue;
		wrmsrl(syscall_msrs[i], hc->host[i]);
		hc->now[i] = hc->host[i];
	}
	user_return_notifier_unregister(&hc->notifier);
	hc->registered = false;
}

/* This CPU returns to user space, of whatever thread. */
static void on_user_return(struct user_return_notifier *notifier)
{
	struct host_cpu *hc = container_of(notifier, struct host_cpu, notifier);
	unsigned long flags;

	/* vmx_host_cpu_off() may come by IPI. */
	local_irq_save(flags);
	if (hc->registered)
		restore_syscall_msrs(hc);
	local_irq_restore(flags);
}

static void load_syscall_msrs(struct vmx_vcpu *hw)
{
	struct host_cpu *hc = this_cpu_ptr(&host_cpus);
	int i;

	for (i = 0; i < VMX_SYSCALL_MSRS; i++) {
		if (hc->now[i] == hw->syscall_msrs[i])
			continue;
		wrmsrl(syscall_msrs[i], hw->syscall_msrs[i]);
		hc->now[i] = hw->syscall_msrs[i];
	}
	if (!hc->registered) {
		hc->notifier.on_user_return = on_user_return;
		user_return_notifier_register(&hc->notifier);
		hc->registered = true;
	}
	hw->host.syscall_loaded = true;
}

void vmx_host_cpu_on(void)
{
	struct host_cpu *hc = this_cpu_ptr(&host_cpus);
	int i;

	for (i = 0; i < VMX_SYSCALL_MSRS; i++) {
		rdmsrl(syscall_msrs[i], hc->host[i]);
		hc->now[i] = hc->host[i];
	}
}

void vmx_host_cpu_off(void)
{
	struct host_cpu *hc = this_cpu_ptr(&host_cpus);

	if (hc->registered)
		restore_syscall_msrs(hc);
}

/* ---- a VMCS ---- */

void vmx_host_setup(void)
{
	rdmsrl(MSR_EFER, host.efer);
	rdmsrl(MSR_IA32_CR_PAT, host.pat);
	rdmsrl(MSR_IA32_SYSENTER_CS, host.sysenter_cs);
	rdmsrl(MSR_IA32_SYSENTER_EIP, host.sysenter_eip);
}

void vmx_host_init(struct vmx_vcpu *hw)
{
	struct desc_ptr idt;

	store_idt(&idt);
	vmcs_write(HOST_IDTR_BASE, idt.address);
	vmcs_write(HOST_CR0, read_cr0() & ~X86_CR0_TS);
	vmcs_write(HOST_CS_SELECTOR, __KERNEL_CS);
	vmcs_write(HOST_SS_SELECTOR, __KERNEL_DS);
	vmcs_write(HOST_DS_SELECTOR, 0);
	vmcs_write(HOST_ES_SELECTOR, 0);
	vmcs_write(HOST_FS_SELECTOR, 0);
	vmcs_write(HOST_GS_SELECTOR, 0);
	vmcs_write(HOST_FS_BASE, 0);
	vmcs_write(HOST_TR_SELECTOR, GDT_ENTRY_TSS * 8);
	vmcs_write(HOST_RIP, (unsigned long)vmx_landing);
	vmcs_write(HOST_IA32_EFER, host.efer);
	vmcs_write(HOST_IA32_PAT, host.pat);
	vmcs_write(HOST_IA32_SYSENTER_CS, host.sysenter_cs);
	vmcs_write(HOST_IA32_SYSENTER_EIP, host.sysenter_eip);
	vmcs_write(VM_ENTRY_MSR_LOAD_ADDR, __pa(hw->perf_guest));
	vmcs_write(VM_EXIT_MSR_LOAD_ADDR, __pa(hw->perf_host));
	vmcs_write(VM_ENTRY_MSR_LOAD_COUNT, 0);
	vmcs_write(VM_EXIT_MSR_LOAD_COUNT, 0);
	vmcs_write(VM_EXIT_MSR_STORE_COUNT, 0);
}

void vmx_host_moved(struct vmx_vcpu *hw)
{
	int cpu = smp_processor_id();
	u64 value;

	vmcs_write(HOST_TR_BASE,
		   (unsigned long)&get_cpu_entry_area(cpu)->tss.x86_tss);
	vmcs_write(HOST_GDTR_BASE, (unsigned long)get_current_gdt_ro());
	rdmsrl(MSR_GS_BASE, value);
	vmcs_write(HOST_GS_BASE, value);
	rdmsrl(MSR_IA32_SYSENTER_ESP, value);
	vmcs_write(HOST_IA32_SYSENTER_ESP, value);
}

/* ---- a thread ---- */

/* The VMCS takes no selector of a user's: 0, and it is loaded afterwards. */
static u16 for_vmcs(u16 selector)
{
	return selector & 7 ? 0 : selector;
}

static void write_fs_gs(struct vmx_host *h)
{
	if (h->vmcs_fs != for_vmcs(h->fs)) {
		h->vmcs_fs = for_vmcs(h->fs);
		vmcs_write(HOST_FS_SELECTOR, h->vmcs_fs);
	}
	if (h->vmcs_gs != for_vmcs(h->gs)) {
		h->vmcs_gs = for_vmcs(h->gs);
		vmcs_write(HOST_GS_SELECTOR, h->vmcs_gs);
	}
	if (h->vmcs_fs_base != h->fs_base) {
		h->vmcs_fs_base = h->fs_base;
		vmcs_write(HOST_FS_BASE, h->fs_base);
	}
}

void vmx_host_leave(struct vmx_vcpu *hw)
{
	struct vmx_host *h = &hw->host;

	savesegment(ds, h->ds);
	savesegment(es, h->es);
	current_save_fsgs();
	h->fs = current->thread.fsindex;
	h->gs = current->thread.gsindex;
	h->fs_base = current->thread.fsbase;
	h->user_gs_base = current->thread.gsbase;
	/* There the kernel keeps no base for a selector that brings it: 0. */
	if (!static_cpu_has(X86_FEATURE_FSGSBASE)) {
		rdmsrl(MSR_FS_BASE, h->fs_base);
		rdmsrl(MSR_KERNEL_GS_BASE, h->user_gs_base);
	}
	h->ldt = 0;
	write_fs_gs(h);
	wrmsrl(MSR_KERNEL_GS_BASE, hw->kernel_gs_base);
	h->away = true;
}

void vmx_host_return(struct vmx_vcpu *hw)
{
	struct vmx_host *h = &hw->host;

	if (!h->away)
		return;
	h->away = false;
	h->syscall_loaded = false;
	rdmsrl(MSR_KERNEL_GS_BASE, hw->kernel_gs_base);
	/* First: the selectors below may be of it. */
	if (unlikely(h->ldt))
		asm volatile("lldt %0" : : "rm" (h->ldt));
	if (unlikely(h->ds | h->es)) {
		loadsegment(ds, h->ds);
		loadsegment(es, h->es);
	}
	if (unlikely(h->fs & 7)) {
		loadsegment(fs, h->fs);
		wrmsrl(MSR_FS_BASE, h->fs_base);
	}
	if (unlikely(h->gs & 7))
		load_gs_index(h->gs);
	wrmsrl(MSR_KERNEL_GS_BASE, h->user_gs_base);
	/* An exit makes the limit of GDT 64 KiB and that of TSS 103 bytes. */
	load_fixmap_gdt(smp_processor_id());
	invalidate_tss_limit();
}

/* ---- an entry ---- */

/*
 * The host's performance events that leave guests out are off in the guest.
 * The processor swaps the MSRs, save PEBS: it needs some time to stop writing
 * records to the host's buffer, by addresses that mean another page then.
 */
static noinline void exchange_perf(struct vmx_vcpu *hw,
				   const struct perf_guest_switch_msr *msrs, int count)
{
	u32 n = 0;
	int i;

	for (i = 0; msrs && i < count && n < VMX_PERF_MSRS_MAX; i++) {
		if (msrs[i].host == msrs[i].guest)
			continue;
		if (msrs[i].msr == MSR_IA32_PEBS_ENABLE)
			wrmsrl(MSR_IA32_PEBS_ENABLE, 0);
		hw->perf_guest[n].index = msrs[i].msr;
		hw->perf_guest[n].value = msrs[i].guest;
		hw->perf_host[n].index = msrs[i].msr;
		hw->perf_host[n].value = msrs[i].host;
		n++;
	}
	if (n == hw->perf_count)
		return;
	hw->perf_count = n;
	vmcs_write(VM_ENTRY_MSR_LOAD_COUNT, n);
	vmcs_write(VM_EXIT_MSR_LOAD_COUNT, n);
}

static void prepare_perf(struct vmx_vcpu *hw)
{
	/* The address of a local would cost each entry a canary on the stack. */
	const struct perf_guest_switch_msr *msrs = vmx_perf_msrs(&hw->perf_offered);

	if (unlikely((msrs && hw->perf_offered) || hw->perf_count))
		exchange_perf(hw, msrs, hw->perf_offered);
}

void vmx_host_prepare(struct vmx_vcpu *hw)
{
	struct vmx_host *h = &hw->host;
	u64 cr3 = __get_current_cr3_fast(), cr4 = cr4_read_shadow();
	u16 ldt;

	if (unlikely(cr3 != h->vmcs_cr3)) {
		vmcs_write(HOST_CR3, cr3);
		h->vmcs_cr3 = cr3;
	}
	if (unlikely(cr4 != h->vmcs_cr4)) {
		vmcs_write(HOST_CR4, cr4);
		h->vmcs_cr4 = cr4;
	}
	/* An exit unloads it; another thread of the process may have set it. */
	asm volatile("sldt %0" : "=rm" (ldt));
	if (unlikely(ldt))
		h->ldt = ldt;
	if (unlikely(hw->syscall_enabled && !h->syscall_loaded))
		load_syscall_msrs(hw);
	prepare_perf(hw);
}
