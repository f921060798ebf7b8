// SPDX-License-Identifier: GPL-2.0
/*
 * Random sequences of ioctls on one machine. What is chosen depends on the seed
 * alone, so that both sides do the same. Values are those about which in-tree
 * KVM and ours agree; where they differ has a client of its own.
 */
#include "client.h"

#define FLAG_RF		0x10000u
#define STACK_BYTES	0x1000u

static uint64_t state;
/* Not both: ours lets an NMI go first (differences.txt, interrupt-and-nmi). */
static bool with_nmis;

/* xorshift64* */
static uint64_t next(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dull;
}

static unsigned int below(unsigned int limit)
{
	return (next() >> 33) % limit;
}

static uint64_t one_of(const uint64_t *values, size_t count)
{
	return values[below(count)];
}

#define ONE_OF(...) one_of((const uint64_t []) { __VA_ARGS__ }, \
			   sizeof((const uint64_t []) { __VA_ARGS__ }) / 8)

/* ---- the operations ---- */

/* Finishes what the exit began, as user space must before it changes registers. */
static void settle(struct machine *m)
{
	m->run->immediate_exit = 1;
	machine_run(m);
	m->run->immediate_exit = 0;
}

static void run(struct machine *m)
{
	int reason = machine_run(m);

	if (reason == KVM_EXIT_IO || reason == KVM_EXIT_MMIO)
		settle(m);
}

static void set_regs(struct machine *m)
{
	struct kvm_regs regs;

	call(m->vcpu, KVM_GET_REGS, &regs);
	for (int i = below(3); i >= 0; i--)
		((uint64_t *)&regs)[below(4)] = next() >> below(64);
	/* what the guest stores by RSI stays in its data */
	regs.rsi = below(64);
	regs.r8 = next();
	if (!below(4))
		regs.rip = CODE_AT;
	call(m->vcpu, KVM_SET_REGS, &regs);
}

static void get_sregs(struct machine *m)
{
	struct kvm_sregs sregs;

	call(m->vcpu, KVM_GET_SREGS, &sregs);
}

static void set_sregs(struct machine *m)
{
	struct kvm_sregs sregs;

	call(m->vcpu, KVM_GET_SREGS, &sregs);
	switch (below(7)) {
	case 0:
		sregs.cr0 ^= ONE_OF(CR0_TS, CR0_WP, CR0_MP, CR0_PE, CR0_NW, 1ull << 32);
		break;
	case 1:
		sregs.cr4 ^= ONE_OF(CR4_OSFXSR, 4, 8, CR4_PAE, 1 << 15, 1ull << 40);
		break;
	case 2:
		sregs.efer ^= ONE_OF(EFER_SCE, EFER_NX, EFER_LMA);
		break;
	case 3:
		sregs.fs.base = next() >> 17;
		sregs.gs.base = next() >> 17;
		break;
	case 4:
		sregs.cr2 = next();
		sregs.cr3 = ONE_OF(PML4_AT, PML4_AT | 0x18, PML4_AT | 1ull << 55);
		break;
	case 5:
		sregs.ldt.base = below(0x10000);
		sregs.idt.limit = 0xfff - below(2);
		break;
	default:
		sregs.cr8 = m->run->cr8 = below(16);
		break;
	}
	call(m->vcpu, KVM_SET_SREGS, &sregs);
}

static void msrs(struct machine *m)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[3];
	} msrs = { .head.nmsrs = 3 };

	for (int i = 0; i < 3; i++) {
		msrs.entries[i].index = ONE_OF(0x174, 0xc0000081, 0xc0000082, 0xc0000084,
					       0xc0000102, 0x277, 0x7777);
		msrs.entries[i].data = ONE_OF(0, 1, 0x70406, 0x7fffffffffff, 1ull << 62);
		/* 32 bits on VMX; SYSENTER_CS on QEMU's SVM, too, once the guest has run */
		if (msrs.entries[i].index == 0xc0000084 || msrs.entries[i].index == 0x174)
			msrs.entries[i].data = (uint32_t)msrs.entries[i].data;
	}
	call(m->vcpu, KVM_SET_MSRS, &msrs);
	msrs.head.nmsrs = 3;
	call(m->vcpu, KVM_GET_MSRS, &msrs);
}

static void debug_registers(struct machine *m)
{
	struct kvm_debugregs regs;

	call(m->vcpu, KVM_GET_DEBUGREGS, &regs);
	regs.db[below(4)] = next() >> 20;
	regs.dr7 = ONE_OF(0x400, 0x700, 0x400);
	call(m->vcpu, KVM_SET_DEBUGREGS, &regs);
}

static void events(struct machine *m)
{
	struct kvm_vcpu_events e;

	call(m->vcpu, KVM_GET_VCPU_EVENTS, &e);
	e.flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
	if (!below(3))
		e.nmi.masked ^= 1;
	call(m->vcpu, KVM_SET_VCPU_EVENTS, &e);
	call(m->vcpu, KVM_GET_VCPU_EVENTS, &e);
}

/* Only when it is welcome: without that in-tree KVM's entry fails. */
static void interrupt(struct machine *m)
{
	struct kvm_interrupt irq = { .irq = 0x20 + below(0xd0) };

	if (with_nmis)
		return;
	if (m->run->ready_for_interrupt_injection && m->run->if_flag)
		call(m->vcpu, KVM_INTERRUPT, &irq);
	else
		m->run->request_interrupt_window ^= 1;
}

/* One at a time: how many may wait differs (differences.txt, events-refused). */
static void nmi(struct machine *m)
{
	struct kvm_vcpu_events e;

	if (!with_nmis)
		return;
	call(m->vcpu, KVM_GET_VCPU_EVENTS, &e);
	if (!e.nmi.pending)
		call(m->vcpu, KVM_NMI, 0);
}

/* A slot that comes, goes, moves, or is refused, beside that of the guest. */
static void slot(struct machine *m)
{
	machine_slot(m, 1 + below(2), below(2) ? KVM_MEM_LOG_DIRTY_PAGES : 0,
		     ONE_OF(MEMORY_BYTES, MEMORY_BYTES + 0x1000, MEMORY_BYTES - 0x1000, 0x80000),
		     ONE_OF(0, 0x1000, 0x2000, 0x800), m->memory + (below(4) << 12));
}

/* Not of the guest's own slot: what it reads is told by in-tree KVM too. */
static void dirty_log(struct machine *m)
{
	uint64_t bits = 0;
	struct kvm_dirty_log log = { .slot = 1 + below(3), .dirty_bitmap = &bits };

	call(m->vm, KVM_GET_DIRTY_LOG, &log);
}

static void log_memory(struct machine *m)
{
	machine_slot(m, 0, below(2) ? KVM_MEM_LOG_DIRTY_PAGES : 0, 0, MEMORY_BYTES, m->memory);
}

static void translate(struct machine *m)
{
	struct kvm_translation tr = {
		.linear_address = ONE_OF(0, 0x1234, 0x200000, 1ull << 39, 0x12345678),
	};

	call(m->vcpu, KVM_TRANSLATE, &tr);
}

static void xcrs(struct machine *m)
{
	struct kvm_xcrs xcrs = { .nr_xcrs = 1, .xcrs[0].value = below(8) };

	call(m->vcpu, KVM_SET_XCRS, &xcrs);
	call(m->vcpu, KVM_GET_XCRS, &xcrs);
}

static void debug(struct machine *m)
{
	struct kvm_guest_debug d = {
		.control = ONE_OF(0, KVM_GUESTDBG_ENABLE),
	};

	call(m->vcpu, KVM_SET_GUEST_DEBUG, &d);
}

static const struct {
	const char *name;
	unsigned int weight;
	void (*run)(struct machine *m);
} operations[] = {
	{ "run", 12, run },
	{ "regs", 3, set_regs },
	{ "get-sregs", 1, get_sregs },
	{ "sregs", 4, set_sregs },
	{ "msrs", 3, msrs },
	{ "debug-registers", 1, debug_registers },
	{ "events", 2, events },
	{ "interrupt", 3, interrupt },
	{ "nmi", 1, nmi },
	{ "slot", 3, slot },
	{ "dirty-log", 2, dirty_log },
	{ "log-memory", 2, log_memory },
	{ "translate", 1, translate },
	{ "xcrs", 1, xcrs },
	{ "debug", 1, debug },
	{ "immediate-exit", 1, settle },
};

static size_t choose(void)
{
	unsigned int sum = 0;
	size_t i;

	for (i = 0; i < COUNT_OF(operations); i++)
		sum += operations[i].weight;
	sum = below(sum);
	for (i = 0; sum >= operations[i].weight; i++)
		sum -= operations[i].weight;
	return i;
}

/*
 * An EPT violation sets RF, and an event that goes in next pushes it (SDM volume 3,
 * 28.3.3): which nested entries are there when, is each side's own business.
 */
static void forget_pushed_rf(struct machine *m)
{
	uint64_t *word = (uint64_t *)(m->memory + STACK_AT - STACK_BYTES);

	for (size_t i = 0; i < STACK_BYTES / sizeof(*word); i++)
		word[i] &= ~(uint64_t)FLAG_RF;
}

void random_client(struct machine *m, uint64_t seed, unsigned int count)
{
	state = seed * 0x9e3779b97f4a7c15ull | 1;
	with_nmis = below(2);
	machine_set_cpuid(m);
	machine_load(m, random64);
	machine_start_long(m);
	for (unsigned int i = 0; i < count; i++) {
		size_t chosen = choose();

		record_step("%u %s", i, operations[chosen].name);
		operations[chosen].run(m);
	}
	forget_pushed_rf(m);
}
