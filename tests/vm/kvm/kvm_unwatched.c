// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_unwatched NOISE: what a KVM_RUN costs, in virtual time, where a tick of the TSC is an
 * instruction: as much after a policy as before it, but for NOISE instructions, in the guest too.
 */
#include "kvm.h"

#define RUNS		200

static const uint8_t code[] = {
	0x0f, 0x31,	/* 1: rdtsc */
	0xe6, 0x10,	/* out %al, $0x10 */
	0xeb, 0xfa,	/* jmp 1b */
};

static const struct devkvm_rule rules[] = {
	{ .event = DEVKVM_EVENT_PORT, .action = DEVKVM_ACTION_PASS,
	  .flags = DEVKVM_RULE_WRITE, .first = 0x10, .last = 0x10 },
	{ .event = DEVKVM_EVENT_RDTSC, .action = DEVKVM_ACTION_PASS },
};

static uint64_t ticks(void)
{
	uint32_t low, high;

	asm volatile("lfence; rdtsc; lfence" : "=a" (low), "=d" (high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* The least of many: an interrupt of the host's is no part of it. */
static uint64_t cost(const struct kvm_machine *m)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < RUNS; i++) {
		const uint64_t start = ticks();
		const int ret = ioctl(m->vcpu.fd, KVM_RUN, 0);
		const uint64_t took = ticks() - start;

		must(ret);
		exit_if_emulator_fault(&m->vcpu);
		equal(m->vcpu.run->exit_reason, KVM_EXIT_IO);
		if (took < least)
			least = took;
	}
	return least;
}

static void set_policy(const struct kvm_machine *m, uint32_t count)
{
	const struct devkvm_policy policy = { .rules = (uintptr_t)rules, .count = count };

	must(ioctl(m->vcpu.fd, DEVKVM_SET_POLICY, &policy));
}

int main(int argc, char **argv)
{
	const unsigned int noise = argc > 1 ? atoi(argv[1]) : 0;
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	uint64_t before, watched, after;

	before = cost(&m);
	set_policy(&m, sizeof(rules) / sizeof(rules[0]));
	watched = cost(&m);
	set_policy(&m, 0);
	after = cost(&m);
	printf("%llu instructions before, %llu with a policy, %llu after\n",
	       (unsigned long long)before, (unsigned long long)watched,
	       (unsigned long long)after);
	if (watched <= before + noise)
		die("the policy was not there");
	if (after > before + noise || before > after + noise)
		die("it is not as before");
	kvm_close(&m);
	return 0;
}
