/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A task switch by hardware: SDM volume 3, "Task Switching" in "Task Management". VMX
 * leaves it to the hypervisor, after it has checked the new task's descriptor. Plain
 * logic over plain data; memory through callbacks.
 */
#ifndef KVM_X86_TASK_H
#define KVM_X86_TASK_H

#include "access.h"
#include "devkvm.h"
#include "regs.h"

/* As VMX numbers them (SDM volume 3, "Exit Qualification for Task Switches"). */
enum kvm_task_source {
	TASK_BY_CALL, TASK_BY_IRET, TASK_BY_JMP,
	TASK_BY_GATE,		/* in the IDT */
};

struct kvm_task_switch {
	enum kvm_task_source source;
	u16 selector;		/* of the new task's TSS */
	bool external;		/* no instruction began it: so its faults say (EXT) */
	bool has_error;		/* the new task gets an exception's error code */
	u32 error;
};

/*
 * What a switch reads and changes of a virtual CPU. At the start regs.rip is where the
 * old task will go on.
 */
struct kvm_task_cpu {
	struct kvm_cpu_regs regs;
	struct kvm_segment segments[SEG_COUNT];
	struct kvm_dtable gdt;
	bool paging;
	u32 cr3;
};

/* Each returns 0; -EILSEQ: *fault says what the guest gets; or what ends all. */
struct kvm_task_ops {
	/* Of linear memory, as CPL 3 (user) or as the processor itself. */
	int (*read)(void *context, u32 linear, void *data, int size, struct kvm_fault *fault);
	int (*write)(void *context, u32 linear, const void *data, int size, bool user,
		     struct kvm_fault *fault);
	/* Whether that would be a page fault; nothing is changed. */
	int (*probe)(void *context, u32 linear, int size, bool write, struct kvm_fault *fault);
	/* For the new task's descriptors; -EINVAL: no processor takes it. */
	int (*set_cr3)(void *context, u32 cr3);
};

/*
 * Returns 0 or an errno as above. *switched: the CPU is the new task's, CR0.TS is to be
 * set and DR7's local breakpoints are to be cleared, also if the new task begins with a
 * fault. Without it nothing of the CPU has changed; in memory the old TSS may have been
 * written already, if what was there when it was looked at is gone when it is read.
 */
int kvm_task_switch(struct kvm_task_cpu *cpu, const struct kvm_task_switch *to,
		    const struct kvm_task_ops *ops, void *context, struct kvm_fault *fault,
		    bool *switched);

#endif
