// SPDX-License-Identifier: GPL-2.0
#include "x86/task_switch.h"

#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <asm/processor-flags.h>

#include "backend.h"
#include "exit.h"
#include "memslot.h"
#include "mmu/guest.h"
#include "vcpu.h"
#include "vm.h"
#include "x86/cr.h"
#include "x86/debug.h"
#include "x86/events.h"
#include "x86/task.h"

/* How often another vCPU may change the tables that an access goes through. */
#define RETRIES		16

/* ---- the guest's memory ---- */

static int translate(struct kvm_vcpu *vcpu, u32 linear, bool write, bool user, u64 *gpa,
		     struct kvm_fault *fault)
{
	int i, ret;

	for (i = 0; i < RETRIES; i++) {
		ret = kvm_guest_access_as(vcpu, linear, write, user, gpa, fault);
		if (ret != -ESTALE)
			break;
	}
	if (ret)
		return ret == -ESTALE ? -EOPNOTSUPP : ret;
	return kvm_gpa_is_memory(vcpu->vm, *gpa, write) ? 0 : -EOPNOTSUPP;
}

/* To the end of the page that linear memory has there. */
static int part_of(u32 linear, int size)
{
	return min_t(int, size, PAGE_SIZE - offset_in_page(linear));
}

static int read_linear(void *context, u32 linear, void *data, int size,
		       struct kvm_fault *fault)
{
	struct kvm_vcpu *vcpu = context;
	int part, ret = 0;
	u64 gpa;

	for (; size && !ret; size -= part, linear += part, data += part) {
		part = part_of(linear, size);
		ret = translate(vcpu, linear, false, false, &gpa, fault) ?:
		      kvm_read_guest(vcpu->vm, gpa, data, part);
	}
	return ret;
}

static int write_linear(void *context, u32 linear, const void *data, int size, bool user,
			struct kvm_fault *fault)
{
	struct kvm_vcpu *vcpu = context;
	int part, ret = 0;
	u64 gpa;

	for (; size && !ret; size -= part, linear += part, data += part) {
		part = part_of(linear, size);
		ret = translate(vcpu, linear, true, user, &gpa, fault) ?:
		      kvm_write_guest(vcpu->vm, gpa, data, part);
	}
	return ret;
}

static int probe_linear(void *context, u32 linear, int size, bool write,
			struct kvm_fault *fault)
{
	int part, ret = 0;
	u64 gpa;

	for (; size && !ret; size -= part, linear += part) {
		part = part_of(linear, size);
		ret = translate(context, linear, write, false, &gpa, fault);
	}
	return ret;
}

static int set_cr3(void *context, u32 cr3)
{
	return kvm_cr_write(context, 3, cr3);
}

static const struct kvm_task_ops task_ops = {
	.read = read_linear,
	.write = write_linear,
	.probe = probe_linear,
	.set_cr3 = set_cr3,
};

/* ---- the virtual CPU ---- */

static void load_cpu(struct kvm_vcpu *vcpu, struct kvm_task_cpu *cpu)
{
	int i;

	cpu->regs = vcpu->regs;
	for (i = 0; i < SEG_COUNT; i++)
		kvm_backend->get_segment(vcpu, i, &cpu->segments[i]);
	kvm_backend->get_table(vcpu, TABLE_GDT, &cpu->gdt);
	cpu->paging = kvm_backend->get_cr(vcpu, 0) & X86_CR0_PG;
	cpu->cr3 = kvm_backend->get_cr(vcpu, 3);
}

/* CR3 is there already. (A debugger sees no step that ends here.) */
static void store_cpu(struct kvm_vcpu *vcpu, const struct kvm_task_cpu *cpu)
{
	int i;

	vcpu->regs = cpu->regs;
	for (i = 0; i < SEG_COUNT; i++)
		kvm_backend->set_segment(vcpu, i, &cpu->segments[i]);
	kvm_backend->set_cr(vcpu, 0, kvm_backend->get_cr(vcpu, 0) | X86_CR0_TS);
	kvm_backend->clear_shadow(vcpu);
	kvm_debug_task_switched(vcpu);
}

/* By an instruction: CALL, JMP, IRET, or what has a gate in the IDT. */
static bool is_insn(const struct kvm_vcpu *vcpu)
{
	return vcpu->exit.task.source != TASK_BY_GATE || vcpu->event.type == EVENT_SOFT;
}

static struct kvm_task_switch wanted(const struct kvm_vcpu *vcpu)
{
	bool external = !is_insn(vcpu);

	return (struct kvm_task_switch) {
		.source = vcpu->exit.task.source,
		.selector = vcpu->exit.task.selector,
		.external = external,
		.has_error = external && vcpu->event.has_error,
		.error = vcpu->event.error,
	};
}

/* What was to be delivered has been; NMIs are as after its delivery, or after IRET. */
static void end_event(struct kvm_vcpu *vcpu)
{
	if (vcpu->exit.task.source == TASK_BY_IRET)
		kvm_backend->set_nmi_masked(vcpu, false);
	if (vcpu->exit.task.source != TASK_BY_GATE)
		return;
	if (vcpu->event.type == EVENT_NMI)
		kvm_backend->set_nmi_masked(vcpu, true);
	vcpu->event.type = EVENT_NONE;
}

static int raise(struct kvm_vcpu *vcpu, const struct kvm_fault *fault)
{
	const struct kvm_exit exception = {
		.kind = EXIT_EXCEPTION,
		.exception = {
			.vector = fault->vector, .has_error = fault->has_error,
			.error = fault->error, .address = fault->address,
		},
	};

	kvm_event_raise(vcpu, &exception);
	return 1;
}

static int stop_internal(struct kvm_vcpu *vcpu)
{
	vcpu->stats.insn_emulation_fail++;
	vcpu->stop.reason = KVM_EXIT_INTERNAL_ERROR;
	vcpu->stop.suberror = KVM_INTERNAL_ERROR_EMULATION;
	return 0;
}

int kvm_task_switch_handle(struct kvm_vcpu *vcpu)
{
	const struct kvm_task_switch to = wanted(vcpu);
	struct kvm_fault fault = { };
	struct kvm_task_cpu cpu;
	bool switched;
	int ret;

	load_cpu(vcpu, &cpu);
	if (is_insn(vcpu))
		cpu.regs.rip = (u32)(cpu.regs.rip + vcpu->exit.insn_len);
	ret = kvm_task_switch(&cpu, &to, &task_ops, vcpu, &fault, &switched);
	if (switched) {
		store_cpu(vcpu, &cpu);
		end_event(vcpu);
	}
	switch (ret) {
	case 0:
		return 1;
	case -EILSEQ:
		return raise(vcpu, &fault);
	case -EOPNOTSUPP:
		return stop_internal(vcpu);
	default:
		return ret;
	}
}
