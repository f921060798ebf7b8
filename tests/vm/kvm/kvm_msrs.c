// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_msrs GUEST STEP: a guest reads and writes every STEP-th MSR there could be;
 * those of the host are as before.
 */
#define _GNU_SOURCE
#include <sched.h>

#include "modes.h"

#define STEP	0x2ff0

/* What a host would not survive, or would not notice. */
static const uint32_t host_msrs[] = {
	0x1b, 0x174, 0x175, 0x176, 0x1a0, 0x1d9, 0x277, 0x2ff, 0xc0000080, 0xc0000081,
	0xc0000082, 0xc0000083, 0xc0000084, 0xc0000103, 0xc0010010, 0xc0010015, 0xc0010117,
};

#define MSRS	(sizeof(host_msrs) / sizeof(host_msrs[0]))

/* One that this host has not reads as 0. */
static void read_host(uint64_t values[MSRS])
{
	int fd = must(open("/dev/cpu/0/msr", O_RDONLY));

	for (size_t i = 0; i < MSRS; i++) {
		if (pread(fd, &values[i], 8, host_msrs[i]) != 8)
			values[i] = 0;
	}
	close(fd);
}

static void stay_on_first_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	must(sched_setaffinity(0, sizeof(set), &set));
}

int main(int argc, char **argv)
{
	static uint8_t code[4096];
	uint64_t before[MSRS], after[MSRS];
	struct kvm_machine m;
	struct kvm_sregs reset;
	uint32_t readable, writes;
	size_t size;

	if (argc != 3)
		die("usage: kvm_msrs GUEST STEP");
	stay_on_first_cpu();
	size = kvm_read_guest(argv[1], code, sizeof(code));
	m = kvm_machine(code, size);
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &reset));
	start(&m, &reset, LONG, IDT_BYTES - 1);
	*(uint32_t *)(m.memory + STEP) = strtoul(argv[2], NULL, 0);
	read_host(before);
	readable = kvm_next_out(&m.vcpu);
	writes = kvm_next_out(&m.vcpu);
	must(ioctl(m.vcpu.fd, KVM_RUN, 0));
	equal(m.vcpu.run->exit_reason, KVM_EXIT_HLT);
	read_host(after);
	for (size_t i = 0; i < MSRS; i++) {
		if (after[i] != before[i])
			die("MSR %#x of the host was %#llx and is %#llx", host_msrs[i],
			    (unsigned long long)before[i], (unsigned long long)after[i]);
	}
	kvm_close(&m);
	printf("ok: %u could be read, %u writes\n", readable, writes);
	return 0;
}
