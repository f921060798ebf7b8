// SPDX-License-Identifier: GPL-2.0
/* The guest under a debugger. */
#include "client.h"

static int debug(struct machine *m, uint32_t control, uint64_t dr0, uint64_t dr7)
{
	struct kvm_guest_debug d = {
		.control = control,
		.arch.debugreg = { dr0, [7] = dr7 },
	};

	return call(m->vcpu, KVM_SET_GUEST_DEBUG, &d);
}

static void step(struct machine *m, int times)
{
	struct kvm_regs regs;

	for (int i = 0; i < times; i++) {
		machine_run(m);
		call(m->vcpu, KVM_GET_REGS, &regs);
	}
}

/* One instruction at a time, over all kinds that exit and go on. */
static void single_step(struct machine *m)
{
	machine_set_cpuid(m);
	machine_load(m, steps);
	machine_start_long(m);
	debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, 0, 0);
	step(m, 8);
	record_step("off");
	debug(m, 0, 0, 0);
	machine_run_to_end(m);
}

/* Over what delays interrupts, and traps, by one instruction. */
static void step_shadow(struct machine *m)
{
	static const uint8_t shadows[] = {
		0xfb, 0x90,		/* sti; nop */
		0x8e, 0xd0, 0x90,	/* mov %eax, %ss; nop */
		0x8e, 0xd0, 0xfb,	/* mov %eax, %ss; sti */
		0x90, 0xf4,		/* nop; hlt */
	};
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2, .rsp = STACK_AT, .rax = SEL_DATA };

	memcpy(m->memory + CODE_AT, shadows, sizeof(shadows));
	machine_start_long(m);
	call(m->vcpu, KVM_SET_REGS, &regs);
	debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, 0, 0);
	step(m, 4);
	record_step("off");
	debug(m, 0, 0, 0);
	machine_run_to_end(m);
}

/* A store to a device, which both sides do without the processor, and HLT. */
static void step_device(struct machine *m)
{
	machine_load(m, store);
	machine_start_long(m);
	debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, 0, 0);
	step(m, 3);
}

static void controls(struct machine *m)
{
	static const uint32_t controls[] = {
		0, KVM_GUESTDBG_ENABLE, KVM_GUESTDBG_SINGLESTEP,
		KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP,
		KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP,
		KVM_GUESTDBG_ENABLE | 1u << 22, 1u << 31,
	};

	for (size_t i = 0; i < COUNT_OF(controls); i++) {
		record_step("%x", controls[i]);
		debug(m, controls[i], 0x1234, 0x401);
	}
}

/* An exception that the debugger gives the guest. */
static void injected(struct machine *m)
{
	machine_load(m, wait64);
	machine_start_long(m);
	machine_run(m);
	record_step("db");
	debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_DB, 0, 0);
	machine_run_to_end(m);
	record_step("again while it waits");
	machine_restart(m, 0);
	machine_run(m);
	debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_DB, 0, 0);
	debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_DB, 0, 0);
	machine_run_to_end(m);
}

/* The registers of the guest stay its own. */
static void hardware_points(struct machine *m)
{
	struct kvm_debugregs regs = { .db = { 0x1111 }, .dr6 = 0xffff0ff0, .dr7 = 0x400 };

	machine_load(m, steps);
	machine_start_long(m);
	call(m->vcpu, KVM_SET_DEBUGREGS, &regs);
	debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, 0x900000, 0x401);
	call(m->vcpu, KVM_GET_DEBUGREGS, &regs);
	machine_run_to_end(m);
	call(m->vcpu, KVM_GET_DEBUGREGS, &regs);
}

const struct client debug_clients[] = {
	{ "debug-step", single_step },
	{ "debug-step-shadow", step_shadow },
	{ "debug-step-device", step_device },
	{ "debug-controls", controls },
	{ "debug-injected", injected },
	{ "debug-hardware", hardware_points },
	{ }
};
