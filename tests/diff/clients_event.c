// SPDX-License-Identifier: GPL-2.0
/* Interrupts, NMIs, exceptions from user space, machine checks. */
#include "client.h"

#define STACK_SHOWN	64

static int interrupt(struct machine *m, uint32_t vector)
{
	struct kvm_interrupt irq = { .irq = vector };

	return call(m->vcpu, KVM_INTERRUPT, &irq);
}

static void get_events(struct machine *m)
{
	struct kvm_vcpu_events events;

	call(m->vcpu, KVM_GET_VCPU_EVENTS, &events);
}

static void set_events(struct machine *m, struct kvm_vcpu_events events)
{
	call(m->vcpu, KVM_SET_VCPU_EVENTS, &events);
}

static void vectors(struct machine *m)
{
	static const uint32_t vectors[] = { 0, 0x20, 0xff, 0x100, ~0u };
	struct kvm_sregs sregs;

	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		record_step("%x", vectors[i]);
		interrupt(m, vectors[i]);
		call(m->vcpu, KVM_GET_SREGS, &sregs);
		get_events(m);
	}
}

/* What the last event pushed. */
static void show_stack(struct machine *m)
{
	record_values("stack", m->memory + STACK_AT - STACK_SHOWN, STACK_SHOWN / 8);
	memset(m->memory + STACK_AT - STACK_SHOWN, 0, STACK_SHOWN);
}

/* Taken at once, when the guest says that it can. */
static void taken(struct machine *m)
{
	machine_load(m, wait);
	machine_start_real(m);
	machine_restart(m, FLAG_IF);
	machine_run(m);
	record_step("taken");
	interrupt(m, 0x21);
	get_events(m);
	machine_run_to_end(m);
}

/* The window opens when the guest turns interrupts on, behind the shadow. */
static void window(struct machine *m)
{
	machine_load(m, sti);
	machine_start_real(m);
	record_step("asked for");
	m->run->request_interrupt_window = 1;
	machine_run_to_end(m);
	record_step("open");
	m->run->request_interrupt_window = 0;
	interrupt(m, 0x22);
	machine_run_to_end(m);
	show_stack(m);
	record_step("already open");
	machine_restart(m, FLAG_IF);
	m->run->request_interrupt_window = 1;
	machine_run(m);
	m->run->request_interrupt_window = 0;
	machine_run_to_end(m);
}

/* HLT with interrupts on, then one. */
static void wakes(struct machine *m)
{
	machine_load(m, halts);
	machine_start_real(m);
	machine_restart(m, FLAG_IF);
	machine_run(m);
	record_step("interrupt");
	interrupt(m, 0x23);
	machine_run_to_end(m);
	record_step("nmi");
	machine_restart(m, 0);
	machine_run(m);
	call(m->vcpu, KVM_NMI, 0);
	machine_run_to_end(m);
}

static void nmis(struct machine *m)
{
	machine_load(m, wait);
	machine_start_real(m);
	machine_run(m);
	record_step("one");
	call(m->vcpu, KVM_NMI, 0);
	get_events(m);
	machine_run_to_end(m);
	get_events(m);
	record_step("three while it is served");
	for (int i = 0; i < 3; i++)
		call(m->vcpu, KVM_NMI, 0);
	get_events(m);
}

/* Both wait. */
static void interrupt_and_nmi(struct machine *m)
{
	machine_load(m, wait);
	machine_start_real(m);
	machine_restart(m, FLAG_IF);
	machine_run(m);
	interrupt(m, 0x21);
	call(m->vcpu, KVM_NMI, 0);
	machine_run(m);
}

static void nmi_returns(struct machine *m)
{
	const uint32_t handler = CODE_AT + 0x80;

	machine_load(m, nmi);
	machine_start_real(m);
	machine_poke(m, 2 * 4, handler);
	machine_run(m);
	call(m->vcpu, KVM_NMI, 0);
	call(m->vcpu, KVM_NMI, 0);
	machine_run_to_end(m);
}

/* A way into system management mode, which ours has not. */
static void events_smm(struct machine *m)
{
	set_events(m, (struct kvm_vcpu_events) { .flags = 8, .smi.smm = 1 });
	get_events(m);
	set_events(m, (struct kvm_vcpu_events) { .flags = 8 });
}

static void events_refused(struct machine *m)
{
	static const struct {
		const char *what;
		struct kvm_vcpu_events events;
	} cases[] = {
		{ "nothing", { .flags = 0 } },
		{ "unknown flag", { .flags = 1u << 31 } },
		{ "every flag", { .flags = ~0u } },
		{ "payload", { .flags = 16, .exception_has_payload = 1 } },
		{ "triple fault", { .flags = 32 } },
		{ "exception 2", { .exception = { .injected = 1, .nr = 2 } } },
		{ "exception 32", { .exception = { .injected = 1, .nr = 32 } } },
		{ "exception 255, not injected", { .exception.nr = 255 } },
		{ "pending", { .exception = { .pending = 1, .nr = 6 } } },
		{ "nmi", { .nmi = { .injected = 1 } } },
		{ "nmi masked", { .nmi = { .masked = 1 } } },
		{ "nmi pending", { .flags = 1, .nmi = { .pending = 1 } } },
		{ "nmi many", { .flags = 1, .nmi = { .pending = 9 } } },
		{ "shadow sti", { .flags = 4, .interrupt.shadow = 2 } },
		{ "shadow mov ss", { .flags = 4, .interrupt.shadow = 1 } },
		{ "shadow both", { .flags = 4, .interrupt.shadow = 3 } },
		{ "interrupt", { .interrupt = { .injected = 1, .nr = 0x31 } } },
		{ "sipi", { .flags = 2, .sipi_vector = 9 } },
		{ "exception", { .exception = { .injected = 1, .nr = 13, .has_error_code = 1,
						.error_code = 0x48 } } },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		record_step("%s", cases[i].what);
		set_events(m, cases[i].events);
		get_events(m);
		set_events(m, (struct kvm_vcpu_events) { .flags = 5 });
	}
}

/* Set while the guest is at an exit, and delivered when it goes on. */
static void events_delivered(struct machine *m)
{
	static const struct {
		const char *what;
		uint64_t rflags;
		struct kvm_vcpu_events events;
	} cases[] = {
		{ "exception 6", 0, { .exception = { .injected = 1, .nr = 6 } } },
		{ "exception 13", 0, { .exception = { .injected = 1, .nr = 13, .has_error_code = 1,
						      .error_code = 0x50 } } },
		{ "exception 14", 0, { .exception = { .injected = 1, .nr = 14, .has_error_code = 1,
						      .error_code = 2 } } },
		{ "interrupt", FLAG_IF, { .interrupt = { .injected = 1, .nr = 0x31 } } },
		{ "nmi", 0, { .flags = 1, .nmi.pending = 1 } },
		{ "nmi injected", 0, { .nmi.injected = 1 } },
		{ "nmi masked", 0, { .flags = 1, .nmi = { .pending = 1, .masked = 1 } } },
	};

	machine_load(m, wait64);
	machine_start_long(m);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		record_step("%s", cases[i].what);
		machine_restart(m, cases[i].rflags);
		machine_run(m);
		set_events(m, cases[i].events);
		machine_run_to_end(m);
		get_events(m);
		show_stack(m);
		set_events(m, (struct kvm_vcpu_events) { .flags = 5 });
	}
}

/* What waits, while special registers are read and written back. */
static void events_and_sregs(struct machine *m)
{
	static const struct {
		const char *what;
		struct kvm_vcpu_events events;
	} cases[] = {
		{ "exception", { .exception = { .injected = 1, .nr = 13, .has_error_code = 1,
						.error_code = 0x50 } } },
		{ "nmi", { .nmi.injected = 1 } },
		{ "nmi pending", { .flags = 1, .nmi.pending = 1 } },
		{ "interrupt", { .interrupt = { .injected = 1, .nr = 0x31 } } },
	};
	struct kvm_sregs sregs;

	machine_load(m, wait64);
	machine_start_long(m);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		record_step("%s", cases[i].what);
		machine_restart(m, FLAG_IF);
		machine_run(m);
		set_events(m, cases[i].events);
		call(m->vcpu, KVM_GET_SREGS, &sregs);
		call(m->vcpu, KVM_SET_SREGS, &sregs);
		get_events(m);
		machine_run_to_end(m);
		show_stack(m);
		set_events(m, (struct kvm_vcpu_events) { .flags = 5 });
	}
}

/* The delivery needs a stack that is not there yet: it happens once. */
static void untouched_stack(struct machine *m)
{
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2 | FLAG_IF,
				 .rsp = SPARE_AT + 0x8000 };

	machine_load(m, wait64);
	machine_start_long(m);
	call(m->vcpu, KVM_SET_REGS, &regs);
	machine_run(m);
	interrupt(m, 0x40);
	machine_run_to_end(m);
	record_hash("stack", m->memory + SPARE_AT, 0x8000);
}

/* The delivery uses a stack that is a device's. */
static void device_stack(struct machine *m)
{
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2 | FLAG_IF, .rsp = DEVICE_AT };

	machine_load(m, wait64);
	machine_start_long(m);
	call(m->vcpu, KVM_SET_REGS, &regs);
	machine_run(m);
	interrupt(m, 0x40);
	machine_run(m);
}

/* A fault whose handler's gate faults, and so on. */
static void double_faults(struct machine *m)
{
	static const struct {
		const char *what;
		uint8_t absent[2];
	} cases[] = {
		{ "ud to gp", { 6 } },
		{ "ud to gp to df", { 6, 11 } },
	};

	machine_load(m, undefined);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		record_step("%s", cases[i].what);
		machine_start_long(m);
		for (int j = 0; j < 2 && cases[i].absent[j]; j++)
			memset(m->memory + IDT_AT + 16 * cases[i].absent[j], 0, 16);
		machine_run_to_end(m);
		show_stack(m);
	}
}

/* ---- machine checks ---- */

static void mce_setup(struct machine *m)
{
	static const uint64_t caps[] = { 0, 1, 4, 32, 33, 0x100 | 4, 0x1000104, 0x8000104,
					 1ull << 40 | 4 };

	for (size_t i = 0; i < COUNT_OF(caps); i++) {
		uint64_t cap = caps[i];

		record_step("%zx", caps[i]);
		call(m->vcpu, KVM_X86_SETUP_MCE, &cap);
	}
}

static void mce(struct machine *m)
{
	static const struct {
		const char *what;
		struct kvm_x86_mce error;
	} cases[] = {
		{ "not valid", { .status = 0 } },
		{ "no such bank", { .status = 1ull << 63, .bank = 4 } },
		{ "corrected", { .status = 1ull << 63 | 5, .addr = 0x1234, .bank = 1 } },
		{ "corrected again", { .status = 1ull << 63 | 6, .addr = 0x4321, .bank = 1 } },
		{ "uncorrected, cr4 off", { .status = 5ull << 61, .mcg_status = 4, .bank = 2 } },
	};
	uint64_t cap = 0x1000104;

	machine_load(m, wait);
	machine_start_real(m);
	call(m->vcpu, KVM_X86_SETUP_MCE, &cap);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kvm_x86_mce error = cases[i].error;

		record_step("%s", cases[i].what);
		call(m->vcpu, KVM_X86_SET_MCE, &error);
	}
	machine_run(m);
}

static void task_priority(struct machine *m)
{
	machine_load(m, cr8);
	machine_start_long(m);
	m->run->cr8 = 3;
	machine_run(m);
	record_step("changed outside");
	m->run->cr8 = 9;
	machine_run_to_end(m);
}

const struct client event_clients[] = {
	{ "interrupt-vectors", vectors },
	{ "interrupt-taken", taken },
	{ "interrupt-window", window },
	{ "interrupt-wakes", wakes },
	{ "interrupt-new-stack", untouched_stack },
	{ "interrupt-device-stack", device_stack },
	{ "interrupt-and-nmi", interrupt_and_nmi },
	{ "nmi", nmis },
	{ "nmi-returns", nmi_returns },
	{ "events-refused", events_refused },
	{ "events-smm", events_smm },
	{ "events-delivered", events_delivered },
	{ "events-and-sregs", events_and_sregs },
	{ "double-faults", double_faults },
	{ "mce-setup", mce_setup },
	{ "mce", mce },
	{ "task-priority", task_priority },
	{ }
};
