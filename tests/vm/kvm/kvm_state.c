// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_state: NMIs, events that user space sets, machine checks and debug
 * registers, as the guest and who asks see them: a line for each thing seen.
 * Those of in-tree KVM are the same. kvm_state ours: the FPU.
 */
#include "kvm.h"

#define HANDLERS_AT	0x1100
#define HANDLER_BYTES	16
#define FPU_CODE_AT	0x1400
#define STACK_AT	0x8000
#define FLAG_IF		0x200
#define CR4_MCE		0x40

static const uint8_t code[] = {
	0xb0, 0x01,		/* mov $1, %al */
	0xe6, 0x10,		/* out %al, $0x10 */
	0x90, 0x90,		/* nop; nop */
	0xb0, 0x02,		/* mov $2, %al */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xf4,			/* hlt */
};

static const uint8_t fpu_code[] = {
	0xd9, 0x3e, 0x00, 0x20,	/* fnstcw 0x2000 */
	0xd9, 0xe8,		/* fld1 */
	0xf4,			/* hlt */
};

/* Says its number, and goes back. */
static void make_handler(struct kvm_machine *m, uint8_t vector)
{
	const uint8_t handler[] = {
		0xb0, vector,		/* mov $vector, %al */
		0xe6, 0x20,		/* out %al, $0x20 */
		0x90,			/* nop */
		0xcf,			/* iret */
	};
	uint16_t at = HANDLERS_AT + vector * HANDLER_BYTES;

	memcpy(m->memory + at, handler, sizeof(handler));
	memcpy(m->memory + vector * 4, &(uint16_t [2]) { at }, 4);
}

static void restart(struct kvm_machine *m, const char *what, uint64_t rflags)
{
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2 | rflags, .rsp = STACK_AT };

	printf("%s\n", what);
	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
}

static struct kvm_vcpu_events get_events(struct kvm_machine *m)
{
	struct kvm_vcpu_events e;

	must(ioctl(m->vcpu.fd, KVM_GET_VCPU_EVENTS, &e));
	return e;
}

static void show_events(struct kvm_machine *m)
{
	struct kvm_vcpu_events e = get_events(m);

	printf("  exception %u:%u irq %u:%u shadow %u nmi %u+%u masked %u\n",
	       e.exception.injected, e.exception.injected ? e.exception.nr : 0,
	       e.interrupt.injected, e.interrupt.injected ? e.interrupt.nr : 0,
	       e.interrupt.shadow, e.nmi.injected, e.nmi.pending, e.nmi.masked);
}

static void set_events(struct kvm_machine *m, struct kvm_vcpu_events e)
{
	e.flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
	must(ioctl(m->vcpu.fd, KVM_SET_VCPU_EVENTS, &e));
}

/* One exit: what was said, and for a handler to where it goes back. */
static bool step(struct kvm_machine *m)
{
	const struct kvm_run *run = m->vcpu.run;
	struct kvm_regs regs;

	kvm_run_once(&m->vcpu);
	if (run->exit_reason != KVM_EXIT_IO) {
		printf("exit %u\n", run->exit_reason);
		return run->exit_reason == KVM_EXIT_IRQ_WINDOW_OPEN;
	}
	must(ioctl(m->vcpu.fd, KVM_GET_REGS, &regs));
	printf("%x says %u", run->io.port, kvm_out_value(&m->vcpu));
	if (run->io.port == 0x20)
		printf(", back to %x", *(uint16_t *)(m->memory + regs.rsp));
	putchar('\n');
	return true;
}

static void to_the_end(struct kvm_machine *m)
{
	for (int i = 0; i < 20; i++)
		if (!step(m))
			return;
	puts("no end");
}

static void nmis(struct kvm_machine *m)
{
	restart(m, "one NMI", 0);
	step(m);
	must(ioctl(m->vcpu.fd, KVM_NMI, 0));
	show_events(m);
	to_the_end(m);
	show_events(m);

	restart(m, "NMIs during an NMI are one", 0);
	step(m);
	must(ioctl(m->vcpu.fd, KVM_NMI, 0));
	step(m);
	show_events(m);
	for (int i = 0; i < 3; i++)
		must(ioctl(m->vcpu.fd, KVM_NMI, 0));
	step(m);
	show_events(m);
	to_the_end(m);
	show_events(m);

	restart(m, "NMIs with interrupts on", FLAG_IF);
	step(m);
	must(ioctl(m->vcpu.fd, KVM_NMI, 0));
	must(ioctl(m->vcpu.fd, KVM_NMI, 0));
	to_the_end(m);
}

static void events_set(struct kvm_machine *m)
{
	struct kvm_vcpu_events e = { };

	restart(m, "an exception", 0);
	step(m);
	e.exception.injected = 1;
	e.exception.nr = 6;
	set_events(m, e);
	show_events(m);
	to_the_end(m);

	restart(m, "an interrupt", FLAG_IF);
	step(m);
	e = (struct kvm_vcpu_events) { .interrupt = { .injected = 1, .nr = 32 } };
	set_events(m, e);
	show_events(m);
	to_the_end(m);

	restart(m, "an NMI", 0);
	step(m);
	e = (struct kvm_vcpu_events) { .nmi.pending = 1 };
	set_events(m, e);
	show_events(m);
	to_the_end(m);

	restart(m, "an NMI behind a mask", 0);
	step(m);
	e = (struct kvm_vcpu_events) { .nmi = { .pending = 1, .masked = 1 } };
	set_events(m, e);
	show_events(m);
	to_the_end(m);
	show_events(m);
	set_events(m, (struct kvm_vcpu_events) { });
	show_events(m);
}

/* The one that goes in first is the one that is served last. */
static void both(struct kvm_machine *m)
{
	struct kvm_vcpu_events e = { .exception = { .injected = 1, .nr = 6 }, .nmi.pending = 1 };

	restart(m, "an exception and an NMI", 0);
	step(m);
	set_events(m, e);
	to_the_end(m);

	restart(m, "an exception and an NMI, with interrupts on", FLAG_IF);
	step(m);
	set_events(m, e);
	to_the_end(m);
}

/* After the OUT that has exited comes one instruction in the shadow. */
static void shadows(struct kvm_machine *m)
{
	struct kvm_vcpu_events e = { .interrupt.shadow = KVM_X86_SHADOW_INT_STI };
	struct kvm_regs regs = { .rip = CODE_AT + 4, .rflags = 2 | FLAG_IF, .rsp = STACK_AT };

	restart(m, "a window after a shadow", FLAG_IF);
	step(m);
	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
	set_events(m, e);
	printf("shadow %d\n", !!(get_events(m).interrupt.shadow & KVM_X86_SHADOW_INT_STI));
	m->vcpu.run->request_interrupt_window = 1;
	step(m);
	m->vcpu.run->request_interrupt_window = 0;
	must(ioctl(m->vcpu.fd, KVM_INTERRUPT, &(struct kvm_interrupt) { .irq = 32 }));
	to_the_end(m);

	restart(m, "an NMI after a shadow", FLAG_IF);
	step(m);
	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
	e.nmi.pending = 1;
	set_events(m, e);
	to_the_end(m);
}

static void report(struct kvm_machine *m, uint64_t status, uint64_t addr)
{
	struct kvm_x86_mce error = {
		.status = 1ull << 63 | status,
		.addr = addr,
		.mcg_status = 4,	/* in progress */
		.bank = 1,
	};

	must(ioctl(m->vcpu.fd, KVM_X86_SET_MCE, &error));
}

static void show_bank(struct kvm_machine *m)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry e[4];
	} msrs = {
		{ .nmsrs = 4 },
		{ { .index = 0x179 }, { .index = 0x17a }, { .index = 0x405 }, { .index = 0x406 } },
	};

	equal(must(ioctl(m->vcpu.fd, KVM_GET_MSRS, &msrs)), 4);
	msrs.e[0].data &= 0x1ff;	/* all that in-tree KVM leaves an AMD guest */
	for (int i = 0; i < 4; i++)
		printf("msr %x %llx\n", msrs.e[i].index, (unsigned long long)msrs.e[i].data);
}

static void machine_checks(struct kvm_machine *m)
{
	const uint64_t uncorrected = 1ull << 61;
	uint64_t cap = 1 << 8 | 1 << 24 | 4;
	struct kvm_sregs sregs;

	must(ioctl(m->vcpu.fd, KVM_X86_SETUP_MCE, &cap));
	must(ioctl(m->vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.cr4 |= CR4_MCE;
	must(ioctl(m->vcpu.fd, KVM_SET_SREGS, &sregs));

	restart(m, "a corrected error, then an uncorrected one", 0);
	step(m);
	report(m, 0, 0x1234);
	show_bank(m);
	report(m, uncorrected, 0x5678);
	to_the_end(m);
	show_bank(m);

	restart(m, "one more while it is served", 0);
	step(m);
	report(m, uncorrected, 0x9abc);
	to_the_end(m);
}

/*
 * Ours alone: in-tree KVM neither tells nor takes MXCSR, and loses what is set
 * while the components are as after a reset.
 */
static void extended(struct kvm_machine *m)
{
	struct kvm_regs regs = { .rip = FPU_CODE_AT, .rflags = 2, .rsp = STACK_AT };
	static struct kvm_xsave xsave;
	struct kvm_fpu fpu;

	must(ioctl(m->vcpu.fd, KVM_GET_FPU, &fpu));
	equal(fpu.fcw, 0x37f);
	equal(fpu.ftwx, 0);
	equal(fpu.mxcsr, 0x1f80);
	fpu.fcw = 0x27f;
	memset(fpu.xmm[9], 0x5a, 16);
	must(ioctl(m->vcpu.fd, KVM_SET_FPU, &fpu));
	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
	to_the_end(m);
	equal(*(uint16_t *)(m->memory + 0x2000), 0x27f);
	must(ioctl(m->vcpu.fd, KVM_GET_FPU, &fpu));
	equal(fpu.fcw, 0x27f);
	equal(fpu.ftwx, 0x80);
	equal(fpu.fpr[0][9] << 8 | fpu.fpr[0][8], 0x3fff);	/* 1.0 */
	equal(fpu.xmm[9][15], 0x5a);

	must(ioctl(m->vcpu.fd, KVM_GET_XSAVE, &xsave));
	equal(memcmp((uint8_t *)&xsave + 160, fpu.xmm, sizeof(fpu.xmm)), 0);
	equal(xsave.region[128] & 3, 3);
	xsave.region[40 + 4 * 9] = 0x12345678;
	must(ioctl(m->vcpu.fd, KVM_SET_XSAVE, &xsave));
	must(ioctl(m->vcpu.fd, KVM_GET_FPU, &fpu));
	equal(fpu.xmm[9][0], 0x78);
	puts("ok: the FPU");
}

static void debug_registers(struct kvm_machine *m)
{
	struct kvm_debugregs set = { { 1, 2, 3, 4 }, .dr6 = 0xffff0ff1, .dr7 = 0x400 }, got;

	must(ioctl(m->vcpu.fd, KVM_SET_DEBUGREGS, &set));
	must(ioctl(m->vcpu.fd, KVM_GET_DEBUGREGS, &got));
	printf("debug registers come back: %d\n", !memcmp(&set, &got, sizeof(set)));
}

static void refused(struct kvm_machine *m, const char *name, struct kvm_vcpu_events e)
{
	errno = 0;
	printf("%s %d", name, ioctl(m->vcpu.fd, KVM_SET_VCPU_EVENTS, &e));
	printf(" %d\n", errno);
}

static void hostile(struct kvm_machine *m)
{
	refused(m, "unknown flags", (struct kvm_vcpu_events) { .flags = 1u << 31 });
	refused(m, "exception 32",
		(struct kvm_vcpu_events) { .exception = { .injected = 1, .nr = 32 } });
	refused(m, "exception 2",
		(struct kvm_vcpu_events) { .exception = { .injected = 1, .nr = 2 } });
	refused(m, "exception 255, not injected",
		(struct kvm_vcpu_events) { .exception.nr = 255 });
	refused(m, "nothing", (struct kvm_vcpu_events) { });
	restart(m, "and it runs", 0);
	to_the_end(m);
}

int main(int argc, char **argv)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	setlinebuf(stdout);
	memcpy(m.memory + FPU_CODE_AT, fpu_code, sizeof(fpu_code));
	for (int i = 0; i < 3; i++)
		make_handler(&m, (uint8_t []) { 2, 6, 18 }[i]);
	make_handler(&m, 32);
	if (argc > 1 && !strcmp(argv[1], "ours")) {
		extended(&m);
		return 0;
	}
	nmis(&m);
	events_set(&m);
	both(&m);
	shadows(&m);
	debug_registers(&m);
	hostile(&m);
	machine_checks(&m);
	puts("end");
	kvm_close(&m);
	return 0;
}
