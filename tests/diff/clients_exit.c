// SPDX-License-Identifier: GPL-2.0
/* Exits to user space: ports, devices, halts, shutdowns. */
#include "client.h"

/* Loads a guest, runs it to its end in real mode or in long mode. */
#define IN_REAL(name) \
	static void name##_real(struct machine *m) \
	{ \
		machine_load(m, name); \
		machine_start_real(m); \
		machine_run_to_end(m); \
	}
#define IN_LONG(name) \
	static void name##_long(struct machine *m) \
	{ \
		machine_load(m, name##64); \
		machine_start_long(m); \
		machine_run_to_end(m); \
	}

IN_REAL(out)
IN_REAL(in)
IN_REAL(ins)
IN_REAL(touch)
IN_LONG(ports)
IN_LONG(mmio)
IN_LONG(mmio_odd)

/* By value: in-tree KVM gives them one by one. */
static void outs_real(struct machine *m)
{
	machine_load(m, outs);
	machine_start_real(m);
	while (!record_run_by_value(m->vcpu) && m->run->exit_reason == KVM_EXIT_IO)
		;
}

/* HLT again and again: each is an exit of its own, RIP behind it. */
static void halt(struct machine *m)
{
	struct kvm_regs regs;

	machine_load(m, halts);
	machine_start_real(m);
	for (int i = 0; i < 4; i++) {
		record_step("halt %d", i);
		machine_run(m);
		call(m->vcpu, KVM_GET_REGS, &regs);
	}
}

/* No vectors: a fault within a fault within a fault. */
static void triple_fault(struct machine *m)
{
	struct kvm_sregs start, sregs;

	machine_load(m, undefined);
	machine_start_long(m);
	call(m->vcpu, KVM_GET_SREGS, &start);
	sregs = start;
	sregs.idt.limit = 0;
	call(m->vcpu, KVM_SET_SREGS, &sregs);
	record_step("first");
	machine_run(m);
	record_step("after it");
	call(m->vcpu, KVM_SET_SREGS, &start);
	machine_restart(m, 0);
	machine_run_to_end(m);
}

static void no_vectors(struct machine *m)
{
	struct kvm_sregs sregs;

	call(m->vcpu, KVM_GET_SREGS, &sregs);
	sregs.idt.limit = 0;
	call(m->vcpu, KVM_SET_SREGS, &sregs);
}

static void triple_fault_real(struct machine *m)
{
	machine_load(m, undefined);
	machine_start_real(m);
	no_vectors(m);
	machine_run(m);
}

/* What else there is of a vCPU: on VMX a shutdown leaves it, on SVM nothing. */
static void triple_fault_nmi(struct machine *m)
{
	struct kvm_debugregs debug = { .db[0] = 0x1234, .dr6 = 0xffff0ff0, .dr7 = 0x700 };
	struct kvm_vcpu_events events = {
		.flags = KVM_VCPUEVENT_VALID_NMI_PENDING,
		.nmi = { .masked = 1, .pending = 1 },
	};

	machine_load(m, undefined);
	machine_start_long(m);
	call(m->vcpu, KVM_SET_DEBUGREGS, &debug);
	call(m->vcpu, KVM_SET_VCPU_EVENTS, &events);
	no_vectors(m);
	machine_run(m);
	call(m->vcpu, KVM_GET_VCPU_EVENTS, &events);
	call(m->vcpu, KVM_GET_DEBUGREGS, &debug);
}

/* An exit that is not finished: registers elsewhere, the answer lost. */
static void leave_in(struct machine *m)
{
	struct kvm_regs regs;

	machine_load(m, in);
	machine_start_real(m);
	machine_run(m);
	record_step("elsewhere");
	machine_load(m, out);
	call(m->vcpu, KVM_GET_REGS, &regs);
	regs.rip = CODE_AT;
	call(m->vcpu, KVM_SET_REGS, &regs);
	machine_run_to_end(m);
}

static void leave_mmio(struct machine *m)
{
	struct kvm_regs regs;

	machine_load(m, mmio64);
	machine_start_long(m);
	machine_run(m);
	record_step("registers while it waits");
	call(m->vcpu, KVM_GET_REGS, &regs);
	record_step("elsewhere");
	machine_restart(m, 0);
	machine_run_to_end(m);
}

/* Two vCPUs take turns over the same memory. */
static void turns(struct machine *m)
{
	struct machine second = *m;
	struct kvm_run *run;

	machine_load(m, counter);
	second.vcpu = machine_add_vcpu(m, 1, &run);
	second.run = run;
	machine_start_real(m);
	machine_start_real(&second);
	for (int i = 0; i < 4; i++) {
		machine_run(m);
		machine_run(&second);
	}
}

/* Code that the owner changes, and that changes itself. */
static void new_code(struct machine *m)
{
	machine_load(m, self);
	machine_start_real(m);
	record_step("by itself");
	machine_run_to_end(m);
	record_step("by the owner");
	machine_load(m, out);
	machine_restart(m, 0);
	machine_run_to_end(m);
}

/* Where nothing is: the fetch itself goes to a device. */
static void fetch_from_device(struct machine *m)
{
	struct kvm_regs regs = { .rip = 0x8000, .rflags = 2, .rsp = STACK_AT };
	struct kvm_sregs sregs;

	machine_start_real(m);
	call(m->vcpu, KVM_GET_SREGS, &sregs);
	sregs.cs.base = 0x40000;
	sregs.cs.selector = 0x4000;
	call(m->vcpu, KVM_SET_SREGS, &sregs);
	call(m->vcpu, KVM_SET_REGS, &regs);
	machine_run(m);
}

const struct client exit_clients[] = {
	{ "io-out", out_real },
	{ "io-in", in_real },
	{ "io-outs", outs_real },
	{ "io-ins", ins_real },
	{ "io-long", ports_long },
	{ "io-left", leave_in },
	{ "mmio-real", touch_real },
	{ "mmio-long", mmio_long },
	{ "mmio-odd", mmio_odd_long },
	{ "mmio-left", leave_mmio },
	{ "mmio-fetch", fetch_from_device },
	{ "halt", halt },
	{ "triple-fault", triple_fault },
	{ "triple-fault-real", triple_fault_real },
	{ "triple-fault-nmi", triple_fault_nmi },
	{ "two-vcpus", turns },
	{ "new-code", new_code },
	{ }
};
