// SPDX-License-Identifier: GPL-2.0
/* VMX on a CPU, and which VMCS is active where. */
#include "vmx/vmcs.h"

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/topology.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>
#include <asm/perf_event.h>
#include <asm/tlbflush.h>

struct vmcs_cpu {
	void *vmxon_region;	/* allocated when the module loads */
	/* Only on this CPU, interrupts off; read in NMI context as well. */
	struct list_head active;
	struct vmcs *current_vmcs;
	bool on;
};

static DEFINE_PER_CPU(struct vmcs_cpu, vmcs_cpus);
static u32 revision_id;

/* ---- instructions ---- */

static int vmxon(u64 pa)
{
	asm goto("1:	vmxon %0\n"
		 "	jbe %l[failed]\n"
		 _ASM_EXTABLE(1b, %l[failed])
		 : : "m" (pa) : "cc", "memory" : failed);
	return 0;
failed:
	return -EIO;
}

static void vmxoff(void)
{
	asm volatile("1:	vmxoff\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : : : "cc", "memory");
}

static void vmclear(u64 pa)
{
	asm volatile("1:	vmclear %0\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : : "m" (pa) : "cc", "memory");
}

static void vmptrld(u64 pa)
{
	asm volatile("1:	vmptrld %0\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : : "m" (pa) : "cc", "memory");
}

void vmcs_write_failed(enum vmcs_field field, u64 value)
{
	pr_warn_ratelimited("devkvm: vmwrite of %llx to field %x failed, error %llu\n",
			    value, field, vmcs_read(VM_INSTRUCTION_ERROR));
}

/* ---- VMX on a CPU ---- */

static void *alloc_region(int cpu, gfp_t gfp)
{
	struct page *page;

	page = alloc_pages_node(cpu < 0 ? NUMA_NO_NODE : cpu_to_node(cpu),
				gfp | __GFP_ZERO, 0);
	if (!page)
		return NULL;
	*(u32 *)page_address(page) = revision_id;
	return page_address(page);
}

int vmcs_setup(u32 revision)
{
	int cpu;

	revision_id = revision;
	for_each_possible_cpu(cpu) {
		struct vmcs_cpu *vc = per_cpu_ptr(&vmcs_cpus, cpu);

		INIT_LIST_HEAD(&vc->active);
		vc->vmxon_region = alloc_region(cpu, GFP_KERNEL);
		if (!vc->vmxon_region) {
			vmcs_teardown();
			return -ENOMEM;
		}
	}
	return 0;
}

void vmcs_teardown(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct vmcs_cpu *vc = per_cpu_ptr(&vmcs_cpus, cpu);

		free_page((unsigned long)vc->vmxon_region);
		vc->vmxon_region = NULL;
	}
}

int vmcs_cpu_on(void)
{
	struct vmcs_cpu *vc = this_cpu_ptr(&vmcs_cpus);

	if (cr4_read_shadow() & X86_CR4_VMXE)
		return -EBUSY;
	/* Some processors cannot trace (PT) in VMX operation. */
	intel_pt_handle_vmx(1);
	cr4_set_bits_irqsoff(X86_CR4_VMXE);
	if (vmxon(__pa(vc->vmxon_region))) {
		cr4_clear_bits_irqsoff(X86_CR4_VMXE);
		intel_pt_handle_vmx(0);
		return -EIO;
	}
	vc->on = true;
	return 0;
}

/* Here, interrupts off. */
static void clear_active(struct vmcs_cpu *vc, struct vmcs *vmcs)
{
	vmclear(vmcs->pa);
	if (vc->current_vmcs == vmcs)
		vc->current_vmcs = NULL;
	list_del(&vmcs->link);
	vmcs->launched = false;
	/* Pairs with vmcs_load() on another CPU, which may reuse the link. */
	smp_store_release(&vmcs->cpu, -1);
}

void vmcs_cpu_off(void)
{
	struct vmcs_cpu *vc = this_cpu_ptr(&vmcs_cpus);
	struct vmcs *vmcs, *next;

	list_for_each_entry_safe(vmcs, next, &vc->active, link)
		clear_active(vc, vmcs);
	if (!vc->on)
		return;
	vc->on = false;
	vmxoff();
	cr4_clear_bits_irqsoff(X86_CR4_VMXE);
	intel_pt_handle_vmx(0);
}

/*
 * The machine is crashing, and a kernel that is started next must find the
 * memory of every VMCS at rest and INIT not blocked. The list may be in the
 * middle of a change on this CPU; forward it is whole at every step.
 */
void vmcs_cpu_emergency_off(void)
{
	struct vmcs_cpu *vc = this_cpu_ptr(&vmcs_cpus);
	struct vmcs *vmcs;

	if (!(__read_cr4() & X86_CR4_VMXE))
		return;
	list_for_each_entry(vmcs, &vc->active, link)
		vmclear(vmcs->pa);
	vmxoff();
	cr4_clear_bits(X86_CR4_VMXE);
}

/* ---- a VMCS ---- */

int vmcs_create(struct vmcs *vmcs)
{
	vmcs->region = alloc_region(-1, GFP_KERNEL_ACCOUNT);
	if (!vmcs->region)
		return -ENOMEM;
	vmcs->pa = __pa(vmcs->region);
	vmcs->cpu = -1;
	vmcs->launched = false;
	return 0;
}

void vmcs_destroy(struct vmcs *vmcs)
{
	vmcs_clear(vmcs);
	free_page((unsigned long)vmcs->region);
	vmcs->region = NULL;
}

static void clear_here(void *data)
{
	struct vmcs *vmcs = data;

	if (vmcs->cpu == smp_processor_id())
		clear_active(this_cpu_ptr(&vmcs_cpus), vmcs);
}

void vmcs_clear(struct vmcs *vmcs)
{
	/* pairs with clear_active(): its CPU is done with it */
	int cpu = smp_load_acquire(&vmcs->cpu);

	/* A CPU that went offline has cleared it on its way. */
	if (cpu >= 0)
		smp_call_function_single(cpu, clear_here, vmcs, 1);
}

bool vmcs_load(struct vmcs *vmcs)
{
	struct vmcs_cpu *vc = this_cpu_ptr(&vmcs_cpus);
	/* pairs with clear_active() */
	bool moved = smp_load_acquire(&vmcs->cpu) != smp_processor_id();
	unsigned long flags;

	if (moved) {
		vmcs_clear(vmcs);
		/* A region that was never active must be cleared first. */
		vmclear(vmcs->pa);
		local_irq_save(flags);
		list_add(&vmcs->link, &vc->active);
		vmcs->cpu = smp_processor_id();
		local_irq_restore(flags);
	}
	if (vc->current_vmcs != vmcs) {
		vc->current_vmcs = vmcs;
		vmptrld(vmcs->pa);
		/* Another guest trained the branch predictor. */
		indirect_branch_prediction_barrier();
	}
	return moved;
}
