/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VMCS: where it is loaded, and its fields. References are to the Intel
 * SDM, volume 3C, chapters "Virtual Machine Control Structures" and "VMX
 * Instruction Reference".
 *
 * A VMCS may be active on one CPU at a time. Each CPU lists those that are
 * active on it, so that it can clear them all when VMX goes off there; the
 * list and vmcs->cpu are changed only on that CPU with interrupts off.
 */
#ifndef KVM_VMX_VMCS_H
#define KVM_VMX_VMCS_H

#include <linux/list.h>
#include <linux/types.h>
#include <asm/asm.h>
#include <asm/vmx.h>

struct vmcs {
	void *region;		/* one page; never changes */
	u64 pa;			/* of region */
	struct list_head link;	/* in the list of `cpu` */
	int cpu;		/* where it is active; -1: nowhere */
	bool launched;		/* since it was last cleared */
};

/* The regions that VMXON takes, one for each possible CPU. */
int vmcs_setup(u32 revision);
void vmcs_teardown(void);

/* Interrupts off. -EBUSY: VMX is in use here; -EIO: it cannot be entered. */
int vmcs_cpu_on(void);
void vmcs_cpu_off(void);
/* The same in NMI context, after a crash. */
void vmcs_cpu_emergency_off(void);

int vmcs_create(struct vmcs *vmcs);
void vmcs_destroy(struct vmcs *vmcs);

/*
 * Preemption off, interrupts on: makes it the current VMCS of this CPU. True:
 * it was active on another CPU or on none, so what belongs to a CPU must be
 * written, and old translations be flushed.
 */
bool vmcs_load(struct vmcs *vmcs);
/* Writes it back to memory, wherever it is active. */
void vmcs_clear(struct vmcs *vmcs);

void vmcs_write_failed(enum vmcs_field field, u64 value);

/*
 * The current VMCS of this CPU. All instructions of VMX may fault (#UD) when
 * an emergency has turned VMX off; what they do no longer matters then, since
 * the entry to the guest will say so.
 */
static __always_inline u64 vmcs_read(enum vmcs_field field)
{
	u64 value = 0;

	asm volatile("1:	vmread %1, %0\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : "+r" (value) : "r" ((u64)field) : "cc");
	return value;
}

static __always_inline void vmcs_write(enum vmcs_field field, u64 value)
{
	asm goto("1:	vmwrite %1, %0\n"
		 "	jbe %l[failed]\n"
		 _ASM_EXTABLE(1b, %l[off])
		 : : "r" ((u64)field), "rm" (value) : "cc" : failed, off);
off:
	return;
failed:
	vmcs_write_failed(field, value);
}

#endif
