// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_regs SEED COUNT: registers come back as they were set; then COUNT sets
 * of registers with random faults: each is refused with EINVAL, or the vCPU
 * runs or fails to run in one of the documented ways.
 */
#include <signal.h>
#include <sys/time.h>

#include "kvm.h"

static const uint8_t code[] = {
	0xb0, 0x2a,		/* mov $0x2a, %al */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xf4,			/* hlt */
	0xeb, 0xf9,		/* jmp CODE_AT */
};

static uint64_t random_state;

/* xorshift64*: the seed makes the run */
static uint64_t next_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dull;
}

static void round_trip(struct kvm_machine *m)
{
	struct kvm_regs regs, back;
	struct kvm_sregs sregs, sregs_back;

	for (size_t i = 0; i < sizeof(regs) / 8; i++)
		((uint64_t *)&regs)[i] = 0x1111111111111111ull * (i % 15 + 1) ^ i;
	regs.rflags = 0x202;
	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
	must(ioctl(m->vcpu.fd, KVM_GET_REGS, &back));
	if (memcmp(&regs, &back, sizeof(regs)))
		die("general registers changed");

	must(ioctl(m->vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.ds.base = 0x123450;
	sregs.ds.selector = 0x1234;
	sregs.es.limit = 0xfffff;
	sregs.es.g = 1;
	sregs.gdt.base = 0xabcdef;
	sregs.gdt.limit = 0x37;
	sregs.idt.base = 0x123456;
	sregs.idt.limit = 0x3ff;
	sregs.cr2 = 0xdeadbeefcafe;
	sregs.cr3 = 0x3000;
	sregs.cr8 = 7;
	sregs.interrupt_bitmap[1] = 1ull << 5;
	must(ioctl(m->vcpu.fd, KVM_SET_SREGS, &sregs));
	must(ioctl(m->vcpu.fd, KVM_GET_SREGS, &sregs_back));
	if (memcmp(&sregs, &sregs_back, sizeof(sregs)))
		die("special registers changed");
	puts("ok: registers come back");
}

struct feature {
	uint32_t leaf;
	bool in_ecx;		/* else in EBX */
	uint8_t bit, cr4_bit;
};

static bool is_offered(const struct kvm_cpuid_table *cpuid, const struct feature *f)
{
	for (uint32_t i = 0; i < cpuid->head.nent; i++) {
		const struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		if (e->function == f->leaf && !e->index)
			return (f->in_ecx ? e->ecx : e->ebx) >> f->bit & 1;
	}
	return false;
}

/* What a guest is offered, it can turn on; the host's command line may have none of it. */
static void offered(struct kvm_machine *m)
{
	static const struct feature features[] = {
		{ 1, true, 26, 18 },	/* XSAVE */
		{ 7, false, 0, 16 },	/* FSGSBASE */
		{ 7, false, 7, 20 },	/* SMEP */
		{ 7, false, 20, 21 },	/* SMAP */
		{ 7, true, 2, 11 },	/* UMIP */
		{ 7, true, 16, 12 },	/* LA57 */
	};
	struct kvm_cpuid_table cpuid = kvm_supported_cpuid(m->node);
	struct kvm_sregs first, sregs;
	int count = 0;

	must(ioctl(m->vcpu.fd, KVM_GET_SREGS, &first));
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		if (!is_offered(&cpuid, &features[i]))
			continue;
		sregs = first;
		sregs.cr4 |= 1ull << features[i].cr4_bit;
		if (ioctl(m->vcpu.fd, KVM_SET_SREGS, &sregs))
			die("bit %u of CR4 is offered and refused", features[i].cr4_bit);
		count++;
	}
	must(ioctl(m->vcpu.fd, KVM_SET_SREGS, &first));
	printf("ok: %d features can be turned on\n", count);
}

/* An instruction that has exited is not done again for registers set anew. */
static void exits_survive(struct kvm_machine *m)
{
	struct kvm_regs regs;

	equal(kvm_next_out(&m->vcpu), 0x2a);
	must(ioctl(m->vcpu.fd, KVM_GET_REGS, &regs));
	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
	kvm_run_once(&m->vcpu);
	equal(m->vcpu.run->exit_reason, KVM_EXIT_HLT);
	kvm_start_at(&m->vcpu, CODE_AT);
	equal(kvm_next_out(&m->vcpu), 0x2a);
	must(ioctl(m->vcpu.fd, KVM_GET_REGS, &regs));
	regs.rip = CODE_AT;
	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
	equal(kvm_next_out(&m->vcpu), 0x2a);
	puts("ok: an OUT is done once");
}

static void mutate(struct kvm_sregs *sregs)
{
	int faults = next_random() % 4 + 1;

	while (faults--) {
		size_t at = next_random() % sizeof(*sregs);

		switch (next_random() % 3) {
		case 0:
			((uint8_t *)sregs)[at] = next_random();
			break;
		case 1:
			((uint8_t *)sregs)[at] ^= 1 << next_random() % 8;
			break;
		default:
			((uint64_t *)sregs)[at / 8] = next_random();
		}
	}
}

static void run_once(struct kvm_machine *m)
{
	if (ioctl(m->vcpu.fd, KVM_RUN, 0) < 0) {
		if (errno != EINTR && errno != EFAULT && errno != EINVAL)
			die("KVM_RUN");
		return;
	}
	switch (m->vcpu.run->exit_reason) {
	case KVM_EXIT_FAIL_ENTRY:
		if (!m->vcpu.run->fail_entry.field)
			die("the processor refused a state that looks good: %#llx", (unsigned long
			    long)m->vcpu.run->fail_entry.hardware_entry_failure_reason);
		break;
	case KVM_EXIT_IO:
	case KVM_EXIT_HLT:
	case KVM_EXIT_MMIO:
	case KVM_EXIT_SHUTDOWN:
	case KVM_EXIT_INTERNAL_ERROR:
	case KVM_EXIT_IRQ_WINDOW_OPEN:
	case KVM_EXIT_SET_TPR:
	case KVM_EXIT_UNKNOWN:
		break;
	default:
		die("exit reason %u", m->vcpu.run->exit_reason);
	}
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* A guest that runs wild may have written over its code. */
static void restore_code(struct kvm_machine *m)
{
	memcpy(m->memory + CODE_AT, code, sizeof(code));
}

static void fuzz(struct kvm_machine *m, unsigned long count)
{
	const struct itimerval tick = { { 0, 3000 }, { 0, 3000 } };
	const struct sigaction action = { .sa_handler = on_alarm };
	struct kvm_sregs good, bad;
	unsigned long set = 0;

	must(ioctl(m->vcpu.fd, KVM_GET_SREGS, &good));
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	for (unsigned long i = 0; i < count; i++) {
		struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2 };

		bad = good;
		mutate(&bad);
		if (next_random() % 8 == 0)
			((uint64_t *)&regs)[next_random() % 18] = next_random();
		must(ioctl(m->vcpu.fd, KVM_SET_SREGS, &good));
		if (ioctl(m->vcpu.fd, KVM_SET_SREGS, &bad) < 0) {
			if (errno != EINVAL && errno != EINTR)
				die("KVM_SET_SREGS");
		} else {
			set++;
		}
		must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
		restore_code(m);
		run_once(m);
	}
	setitimer(ITIMER_REAL, &(struct itimerval) { }, NULL);
	printf("ok: %lu of %lu settings taken, all run or refused\n", set, count);
}

/*
 * An exit of the fuzz's survives registers set anew, if RIP is the same by chance: it would
 * end where the code that follows begins, and take the length of its instruction off it.
 */
static void finish_exits(struct kvm_machine *m)
{
	m->vcpu.run->immediate_exit = 1;
	while (!ioctl(m->vcpu.fd, KVM_RUN, 0))
		;	/* what reads and writes has two */
	if (errno != EINTR)
		die("KVM_RUN of the last exit");
	m->vcpu.run->immediate_exit = 0;
}

/* After all that the vCPU still is one. */
static void still_works(struct kvm_machine *m, const struct kvm_sregs *first)
{
	restore_code(m);
	alarm(10);
	must(ioctl(m->vcpu.fd, KVM_SET_SREGS, first));
	finish_exits(m);
	kvm_start_at(&m->vcpu, CODE_AT);
	m->vcpu.run->cr8 = 0;
	equal(kvm_next_out(&m->vcpu), 0x2a);
	puts("ok: a good state runs");
}

int main(int argc, char **argv)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	struct kvm_sregs first;

	if (argc != 3)
		die("usage: kvm_regs SEED COUNT");
	setlinebuf(stdout);
	random_state = strtoull(argv[1], NULL, 0) | 1;
	printf("seed %s\n", argv[1]);
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &first));
	round_trip(&m);
	must(ioctl(m.vcpu.fd, KVM_SET_SREGS, &first));
	kvm_start_at(&m.vcpu, CODE_AT);
	offered(&m);
	exits_survive(&m);
	fuzz(&m, strtoul(argv[2], NULL, 0));
	still_works(&m, &first);
	kvm_close(&m);
	return 0;
}
