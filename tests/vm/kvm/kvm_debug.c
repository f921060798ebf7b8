// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_debug: debugs a guest from outside and prints what it finds, for a
 * comparison with in-tree KVM. kvm_debug ours: what is refused here alone.
 * QEMU's TCG (7.2) lets no INT3 and no hardware breakpoint of a guest exit:
 * there the guest must at least go its way.
 */
#include "kvm.h"

#define DB_HANDLER	0x1100
#define BP_HANDLER	0x1200
#define NMI_HANDLER	0x1300
#define AFTER_IN	0x1009
#define STORE		0x100a
#define AFTER_STORE	0x100d
#define STORED_AT	0x5000
#define FLAG_TF		0x100
#define FLAG_IF		0x200
#define FLAG_RF		0x10000

static const uint8_t code[] = {
	0xb8, 0x34, 0x12,	/* 1000: mov $0x1234, %ax */
	0x0f, 0xa2,		/* 1003: cpuid */
	0xe6, 0x10,		/* 1005: out %al, $0x10 */
	0xe4, 0x20,		/* 1007: in $0x20, %al */
	0x90,			/* 1009: nop, or a breakpoint */
	0xa2, 0x00, 0x50,	/* 100a: mov %al, STORED_AT */
	0xeb, 0x00,		/* 100d: jmp 100f */
	0xe6, 0x11,		/* 100f: out %al, $0x11 */
	0xeb, 0xed,		/* 1011: jmp 1000 */
};

/* Says on port 0x12 where it came from, and goes back. */
static const uint8_t handler[] = {
	0x58,			/* pop %ax */
	0x50,			/* push %ax */
	0xe7, 0x12,		/* out %ax, $0x12 */
	0xcf,			/* iret */
};

static int debug(const struct kvm_machine *m, uint32_t control, const uint64_t *dr)
{
	struct kvm_guest_debug d = { .control = control };

	for (int i = 0; dr && i < 8; i++)
		d.arch.debugreg[i] = dr[i];
	return ioctl(m->vcpu.fd, KVM_SET_GUEST_DEBUG, &d);
}

static void show(const struct kvm_vcpu *v)
{
	const struct kvm_run *run = v->run;
	const struct kvm_debug_exit_arch *d = &run->debug.arch;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		if (run->io.direction == KVM_EXIT_IO_OUT)
			printf("out %#x: %#x\n", run->io.port, kvm_out_value(v));
		else
			printf("in %#x\n", run->io.port);
		break;
	case KVM_EXIT_DEBUG:
		printf("debug %u at %llx", d->exception, (unsigned long long)d->pc);
		if (d->exception == 1)
			printf(", dr6 %llx", (unsigned long long)d->dr6);
		putchar('\n');
		break;
	default:
		printf("exit %u\n", run->exit_reason);
		break;
	}
}

/* Runs to the next exit and shows it; false: the round is over. */
static bool step(const struct kvm_machine *m)
{
	struct kvm_regs regs;

	kvm_run_once(&m->vcpu);
	show(&m->vcpu);
	must(ioctl(m->vcpu.fd, KVM_GET_REGS, &regs));
	if (regs.rflags & FLAG_TF)
		die("the debugger's TF shows in the registers");
	return m->vcpu.run->exit_reason != KVM_EXIT_IO || m->vcpu.run->io.port != 0x11;
}

static void round_of(struct kvm_machine *m)
{
	for (int i = 0; i < 30; i++)
		if (!step(m))
			return;
	puts("no end");
}

static void restart(struct kvm_machine *m)
{
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2, .rsp = 0x8000 };

	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
}

static void steps(struct kvm_machine *m)
{
	puts("steps");
	restart(m);
	must(debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	round_of(m);
	/* Without ENABLE nothing else counts. */
	puts("no steps");
	restart(m);
	must(debug(m, KVM_GUESTDBG_SINGLESTEP, NULL));
	round_of(m);
}

/* An instruction by its address, a store by what it writes. */
static void hardware(struct kvm_machine *m)
{
	const uint64_t dr[8] = {
		[0] = AFTER_IN,
		[1] = STORED_AT,
		[7] = 1 << 0 | 1 << 2 | 1 << 20,
	};

	puts("hardware breakpoints");
	restart(m);
	must(debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, dr));
	for (int i = 0; i < 10 && step(m); i++) {
		struct kvm_regs regs;

		if (m->vcpu.run->exit_reason != KVM_EXIT_DEBUG)
			continue;
		must(ioctl(m->vcpu.fd, KVM_GET_REGS, &regs));
		regs.rflags |= FLAG_RF;	/* not the same again */
		must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
	}
	must(debug(m, 0, NULL));
	restart(m);
	round_of(m);
}

static void software(struct kvm_machine *m)
{
	puts("software breakpoint");
	m->memory[AFTER_IN] = 0xcc;
	restart(m);
	must(debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP, NULL));
	while (step(m) && m->vcpu.run->exit_reason != KVM_EXIT_DEBUG)
		;
	m->memory[AFTER_IN] = 0x90;
	round_of(m);
}

static void set_exception(struct kvm_machine *m, uint8_t vector)
{
	struct kvm_vcpu_events e = { .exception = { .injected = 1, .nr = vector } };

	must(ioctl(m->vcpu.fd, KVM_SET_VCPU_EVENTS, &e));
}

/* QEMU's way to hand the guest's own INT3 back: the handler returns behind it. */
static void handed_back(struct kvm_machine *m)
{
	puts("INT3 handed back as an event");
	m->memory[AFTER_IN] = 0xcc;
	restart(m);
	must(debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP, NULL));
	for (int i = 0; i < 10 && step(m); i++)
		if (m->vcpu.run->exit_reason == KVM_EXIT_DEBUG)
			set_exception(m, 3);
	must(debug(m, 0, NULL));
	m->memory[AFTER_IN] = 0x90;
}

/* Steps until the guest is at an address; it must get there. */
static void step_to(struct kvm_machine *m, uint64_t pc)
{
	restart(m);
	must(debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	while (step(m)) {
		if (m->vcpu.run->exit_reason == KVM_EXIT_DEBUG &&
		    m->vcpu.run->debug.arch.pc == pc)
			return;
	}
	die("the guest did not come to %llx", (unsigned long long)pc);
}

/* A trap that is none. */
static void injected(struct kvm_machine *m)
{
	puts("injected");
	step_to(m, AFTER_IN);
	must(debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_DB, NULL));
	if (debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_DB, NULL) == 0 || errno != EBUSY)
		die("two exceptions at once");
	round_of(m);
	must(debug(m, 0, NULL));
}

/*
 * The guest's own INT3 goes back to it, and is done once. (In-tree kvm-amd has
 * it done twice on a processor that does not save the next RIP, as TCG's.)
 */
static void own_int3(struct kvm_machine *m)
{
	m->memory[AFTER_IN] = 0xcc;
	step_to(m, AFTER_IN);
	must(debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_BP, NULL));
	equal(kvm_next_out(&m->vcpu), AFTER_IN + 1);
	equal(m->vcpu.run->io.port, 0x12);
	kvm_next_out(&m->vcpu);
	equal(m->vcpu.run->io.port, 0x11);
	must(debug(m, 0, NULL));
	m->memory[AFTER_IN] = 0x90;
	puts("ok: an INT3 handed back");
}

/*
 * #BP or #OF that is no instruction's: where the handler returns is where the guest has
 * been put, whatever the last exit was; also when the delivery is cut short, for want
 * of the stack's page. (In-tree kvm-amd says where the instruction of the last exit ended,
 * with NextRIP; without, it goes behind the instruction that is there, or loses the event.)
 */
static void no_instruction(struct kvm_machine *m, uint8_t vector, bool cut_short)
{
	struct kvm_regs regs = { .rip = AFTER_IN, .rflags = 2, .rsp = 0x4000 };

	restart(m);
	kvm_next_out(&m->vcpu);
	equal(m->vcpu.run->io.port, 0x10);
	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
	set_exception(m, vector);
	if (cut_short)
		must(madvise(m->memory + 0x3000, 0x1000, MADV_DONTNEED));
	equal(kvm_next_out(&m->vcpu), AFTER_IN);
	equal(m->vcpu.run->io.port, 0x12);
	kvm_next_out(&m->vcpu);
	equal(m->vcpu.run->io.port, 0x11);
	printf("ok: vector %u of no instruction%s\n", vector, cut_short ? ", cut short" : "");
}

static void set_vector(struct kvm_machine *m, int vector, uint16_t offset)
{
	const uint16_t entry[2] = { offset, 0 };

	memcpy(m->memory + 4 * vector, entry, sizeof(entry));
	memcpy(m->memory + offset, handler, sizeof(handler));
}

/*
 * A store in STI's shadow, where an NMI must wait, meets a data breakpoint of the guest's:
 * its handler is entered, then the NMI's, which says where it came from; then the handler
 * does. Where no hardware breakpoint is met only the NMI is.
 */
static void breakpoint_before_nmi(struct kvm_machine *m)
{
	const struct kvm_debugregs armed = {
		.db = { STORED_AT }, .dr6 = 0xffff0ff0, .dr7 = 0x10402,
	};
	const struct kvm_vcpu_events shadow = {
		.interrupt.shadow = KVM_X86_SHADOW_INT_STI,
		.flags = KVM_VCPUEVENT_VALID_SHADOW,
	};
	const struct kvm_debugregs none = { .dr6 = 0xffff0ff0, .dr7 = 0x400 };
	struct kvm_regs regs;
	unsigned int from;

	set_vector(m, 2, NMI_HANDLER);
	step_to(m, STORE);
	must(debug(m, 0, NULL));
	must(ioctl(m->vcpu.fd, KVM_GET_REGS, &regs));
	regs.rflags |= FLAG_IF;
	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
	must(ioctl(m->vcpu.fd, KVM_SET_DEBUGREGS, &armed));
	must(ioctl(m->vcpu.fd, KVM_SET_VCPU_EVENTS, &shadow));
	must(ioctl(m->vcpu.fd, KVM_NMI, 0));
	from = kvm_next_out(&m->vcpu);
	equal(m->vcpu.run->io.port, 0x12);
	/* VMRUN of QEMU 7.2 loads no shadow, so an interrupt of the host's there saves none. */
	if (from == STORE) {
		fputs("the emulator has lost the shadow\n", stderr);
		exit(EMULATOR_FAULT);
	}
	if (from == DB_HANDLER) {
		equal(kvm_next_out(&m->vcpu), AFTER_STORE);
		equal(m->vcpu.run->io.port, 0x12);
	} else {
		equal(from, AFTER_STORE);
		from = 0;
	}
	kvm_next_out(&m->vcpu);
	equal(m->vcpu.run->io.port, 0x11);
	must(ioctl(m->vcpu.fd, KVM_SET_DEBUGREGS, &none));
	printf("ok: an NMI after the shadow, %s\n", from ? "and a breakpoint in it" : "alone");
}

static void ours(struct kvm_machine *m)
{
	const uint64_t wild[8] = { ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull };

	for (int bit = 0; bit < 32; bit++) {
		bool known = bit < 2 || (bit >= 16 && bit < 20);

		if (!known && (debug(m, 1u << bit, NULL) == 0 || errno != EINVAL))
			die("bit %d", bit);
	}
	/* Whatever the registers hold, the guest runs. */
	must(debug(m, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, wild));
	for (int i = 0; i < 10; i++)
		kvm_run_once(&m->vcpu);
	must(debug(m, 0, NULL));
	puts("ok: unknown bits and wild registers");
	own_int3(m);
	for (int vector = 3; vector <= 4; vector++) {
		no_instruction(m, vector, true);
		no_instruction(m, vector, false);
	}
	breakpoint_before_nmi(m);
}

int main(int argc, char **argv)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	(void)argv;
	set_vector(&m, 1, DB_HANDLER);
	set_vector(&m, 3, BP_HANDLER);
	set_vector(&m, 4, BP_HANDLER);
	if (argc > 1) {
		ours(&m);
	} else {
		steps(&m);
		hardware(&m);
		software(&m);
		handed_back(&m);
		injected(&m);
	}
	kvm_close(&m);
	return 0;
}
