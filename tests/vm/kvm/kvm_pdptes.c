// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_pdptes GUEST vmx|svm: runs tests/guests/pdptes.S alone, and with an owner who
 * sees all writes of control registers and lets them pass: those are then done for
 * the guest, which must not notice. On VMX the processor holds the top of PAE in
 * registers and checks it; on SVM with nested paging it does neither (AMD64 APM
 * volume 2, 15.25.10).
 */
#include "transcript.h"

#define ALL_STEPS	0x2ff0
#define LINES_MAX	20

struct told {
	int count;
	uint32_t lines[LINES_MAX];
};

static const struct told
	vmx_alone = { 9, { 1, 0xd0d, 0x12000, 5, 0xd0d, 6, 0xd0d, 7, 8 } },
	vmx_all = { 12, { 1, 0xd0d, 0x12000, 2, 3, 4, 5, 0xd0d, 6, 0xd0d, 7, 8 } },
	svm_alone = { 6, { 1, 0x12020, 5, 6, 7, 8 } },
	svm_all = { 9, { 1, 0x12020, 2, 3, 4, 5, 6, 7, 8 } };

static void watch(const struct kvm_machine *m)
{
	const struct devkvm_rule rule = {
		.event = DEVKVM_EVENT_CR, .flags = DEVKVM_RULE_WRITE,
	};
	struct devkvm_rule rules[] = { rule, rule, rule };
	const struct devkvm_policy policy = { .rules = (uintptr_t)rules, .count = 3 };

	rules[0].first = rules[0].last = 0;
	rules[1].first = rules[1].last = 3;
	rules[2].first = rules[2].last = 4;
	must(ioctl(m->vcpu.fd, DEVKVM_SET_POLICY, &policy));
}

/* What the owner is asked, he lets pass. */
static bool next_line(const struct kvm_machine *m)
{
	do {
		kvm_run_once(&m->vcpu);
	} while (m->vcpu.run->exit_reason == DEVKVM_EXIT_POLICY);
	return m->vcpu.run->exit_reason == KVM_EXIT_IO;
}

static void run(const char *guest, bool watched, const struct told *want)
{
	static uint8_t code[0x4000];
	size_t size = kvm_read_guest(guest, code, sizeof(code));
	struct kvm_machine m = kvm_machine(code, size);
	int n = 0;

	kvm_give_cpuid(&m);
	/* An emulator may look at the table where it need not: not if it is ours to do. */
	m.memory[ALL_STEPS] = watched;
	if (watched)
		watch(&m);
	while (next_line(&m)) {
		uint32_t line = kvm_out_value(&m.vcpu);

		if (n == want->count || line != want->lines[n])
			die("line %d is %#x", n, line);
		n++;
	}
	if (m.vcpu.run->exit_reason != KVM_EXIT_HLT)
		die("exit %u (%#llx) after %d lines", m.vcpu.run->exit_reason,
		    (unsigned long long)m.vcpu.run->hw.hardware_exit_reason, n);
	equal(n, want->count);
	kvm_close(&m);
	printf("ok: the top of PAE, %s\n", watched ? "watched" : "alone");
}

int main(int argc, char **argv)
{
	bool vmx;

	if (argc != 3)
		die("usage: kvm_pdptes GUEST vmx|svm");
	vmx = !strcmp(argv[2], "vmx");
	run(argv[1], false, vmx ? &vmx_alone : &svm_alone);
	run(argv[1], true, vmx ? &vmx_all : &svm_all);
	return 0;
}
