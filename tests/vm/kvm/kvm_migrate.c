// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_migrate COUNT: exits of two vCPUs in turn, while their thread moves between
 * CPUs. The guest checks its own XMM registers and memory; outside, the thread's
 * vector registers, FS and GS base and debug state are as they were. The TSC that
 * the vCPUs see never goes back, from one to the other too, however it was set.
 */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>

#include "canary.h"

#define STEP	20	/* exits between two moves */
#define TURN	7	/* exits of a vCPU before the other's turn */
#define VCPUS	2
#define TSC_AT	0x3028
#define MSR_TSC	0x10

/*
 * Real mode, with CR4.OSFXSR set by us: loads XMM0 from 0x3000, then for ever
 * stores it to 0x3010, the TSC to TSC_AT, counts, and tells.
 */
static const uint8_t code[] = {
	0x0f, 0x10, 0x06, 0x00, 0x30,	/* movups 0x3000, %xmm0 */
	0x0f, 0x11, 0x06, 0x10, 0x30,	/* 1: movups %xmm0, 0x3010 */
	0x0f, 0x31,			/* rdtsc */
	0x66, 0xa3, 0x28, 0x30,		/* mov %eax, 0x3028 */
	0x66, 0x89, 0x16, 0x2c, 0x30,	/* mov %edx, 0x302c */
	0xff, 0x06, 0x20, 0x30,		/* incw 0x3020 */
	0xa1, 0x20, 0x30,		/* mov 0x3020, %ax */
	0xe7, 0x10,			/* out %ax, $0x10 */
	0xeb, 0xe5,			/* jmp 1b */
};

static void enable_sse(const struct kvm_vcpu *v)
{
	struct kvm_sregs sregs;

	must(ioctl(v->fd, KVM_GET_SREGS, &sregs));
	sregs.cr4 |= 1 << 9;
	must(ioctl(v->fd, KVM_SET_SREGS, &sregs));
}

static unsigned long base(int which)
{
	unsigned long value;

	must(syscall(SYS_arch_prctl, which, &value));
	return value;
}

static uint16_t selector_sum(void)
{
	uint16_t ds, es, fs, gs;

	asm volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
		     : "=r" (ds), "=r" (es), "=r" (fs), "=r" (gs));
	return ds + 3 * es + 5 * fs + 7 * gs;
}

static void move(int round)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(round % (int)sysconf(_SC_NPROCESSORS_ONLN), &set);
	must(sched_setaffinity(0, sizeof(set), &set));
}

static struct kvm_msr_entry tsc_of(const struct kvm_vcpu *v, unsigned long command, uint64_t value)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msrs = { .head.nmsrs = 1, .entry = { .index = MSR_TSC, .data = value } };

	equal(must(ioctl(v->fd, command, &msrs)), 1);
	return msrs.entry;
}

static void check_order(const struct kvm_vcpu *earlier, const struct kvm_vcpu *later)
{
	uint64_t before = tsc_of(earlier, KVM_GET_MSRS, 0).data;
	uint64_t after = tsc_of(later, KVM_GET_MSRS, 0).data;

	if (after < before)
		die("the TSC was %#llx and is %#llx", (unsigned long long)before,
		    (unsigned long long)after);
}

static double now_s(void)
{
	struct timespec t;

	must(clock_gettime(CLOCK_MONOTONIC, &t));
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Who sets them one after the other, as QEMU does at each reset, means the same moment. */
static void set_tscs(const struct kvm_vcpu vcpus[VCPUS], uint64_t value)
{
	double start;

	/* what takes a second is another moment: a busy machine may have let us wait */
	do {
		start = now_s();
		for (int i = 0; i < VCPUS; i++) {
			tsc_of(&vcpus[i], KVM_SET_MSRS, value);
			usleep(10000);
		}
	} while (now_s() > start + 0.5);
	check_order(&vcpus[0], &vcpus[1]);
	check_order(&vcpus[1], &vcpus[0]);
	if (tsc_of(&vcpus[1], KVM_GET_MSRS, 0).data < value)
		die("the TSC is not what it was set to");
}

/* What the guest has read, which is no less than what either vCPU had before. */
static uint64_t later_tsc(const struct kvm_machine *m, uint64_t before)
{
	uint64_t tsc;

	memcpy(&tsc, m->memory + TSC_AT, sizeof(tsc));
	if (tsc < before)
		die("the TSC was %#llx and is %#llx", (unsigned long long)before,
		    (unsigned long long)tsc);
	return tsc;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1000;
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	const struct kvm_vcpu vcpus[VCPUS] = { m.vcpu, kvm_add_vcpu(&m, 1) };
	unsigned long fs = base(ARCH_GET_FS);
	uint16_t selectors = selector_sum();
	uint64_t canary[CANARY_WORDS], tsc = 0;

	for (int i = 0; i < CANARY_WORDS; i++)
		canary[i] = 0x0123456789abcdefull * (i + 3);
	memset(m.memory + 0x3000, 0xc5, 16);
	kvm_start_at(&vcpus[1], CODE_AT);
	for (int i = 0; i < VCPUS; i++)
		enable_sse(&vcpus[i]);
	set_tscs(vcpus, 0);
	set_tscs(vcpus, 1ull << 40);
	set_tscs(vcpus, 1ull << 50);	/* far from what it was: taken as it is */
	for (int i = 1; i <= count; i++) {
		const struct kvm_vcpu *v = &vcpus[i / TURN % VCPUS];

		if (i % STEP == 0)
			move(i / STEP);
		must(syscall(SYS_arch_prctl, ARCH_SET_GS, 0x7000000000ul + i));
		run_with_canary(v, canary);
		equal(v->run->exit_reason, KVM_EXIT_IO);
		equal(kvm_out_value(v), (uint16_t)i);
		equal(base(ARCH_GET_GS), 0x7000000000ul + i);
		equal(base(ARCH_GET_FS), fs);
		equal(selector_sum(), selectors);
		tsc = later_tsc(&m, tsc);
		if (memcmp(m.memory + 0x3000, m.memory + 0x3010, 16))
			die("the host's registers are in the guest");
		memset(m.memory + 0x3010, 0, 16);
	}
	close(vcpus[1].fd);
	kvm_close(&m);
	printf("ok: %d exits, %d moves\n", count, count / STEP);
	return 0;
}
