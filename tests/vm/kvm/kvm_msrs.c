// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_msrs GUEST STEP: a guest reads and writes every STEP-th MSR there could be; it can
 * read what its owner can (which the differential test compares with in-tree KVM), and
 * those of the host are as before.
 */
#define _GNU_SOURCE
#include <sched.h>

#include "modes.h"

#define STEP	0x2ff0
#define READABLE 0x20000

/*
 * Where a host has most of its MSRs. Not those that change by themselves: the TSC,
 * performance counters at 0xc1 and 0xc0010000, MPERF and APERF, an x2APIC's. (Counters
 * from 0x309 on are among them, but stand still while nobody uses them.)
 */
static const struct {
	uint32_t first, count;
} host_ranges[] = {
	{ 0x11, 0xb0 }, { 0x100, 0x300 }, { 0xc0000080, 0x90 }, { 0xc0010010, 0x190 },
};

#define MSRS	(0xb0 + 0x300 + 0x90 + 0x190)

struct host_msr {
	bool readable;
	uint64_t value;
};

static void read_host(int cpu, struct host_msr msrs[MSRS])
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/cpu/%d/msr", cpu);
	fd = must(open(path, O_RDONLY));
	for (size_t i = 0; i < sizeof(host_ranges) / sizeof(host_ranges[0]); i++) {
		for (uint32_t j = 0; j < host_ranges[i].count; j++, msrs++)
			msrs->readable = pread(fd, &msrs->value, 8, host_ranges[i].first + j) == 8;
	}
	close(fd);
}

static uint32_t index_of(int i)
{
	size_t range = 0;

	while ((uint32_t)i >= host_ranges[range].count)
		i -= host_ranges[range++].count;
	return host_ranges[range].first + i;
}

/* How many the host has. */
static int compare(const struct host_msr before[MSRS], const struct host_msr after[MSRS])
{
	int count = 0;

	for (int i = 0; i < MSRS; i++) {
		equal(after[i].readable, before[i].readable);
		if (!before[i].readable)
			continue;
		count++;
		if (after[i].value != before[i].value)
			die("MSR %#x of the host was %#llx and is %#llx", index_of(i),
			    (unsigned long long)before[i].value,
			    (unsigned long long)after[i].value);
	}
	return count;
}

static void check_owner_reads(const struct kvm_machine *m, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct {
			struct kvm_msrs head;
			struct kvm_msr_entry entry;
		} msr = { .head.nmsrs = 1 };

		memcpy(&msr.entry.index, m->memory + READABLE + 4 * i, 4);
		if (ioctl(m->vcpu.fd, KVM_GET_MSRS, &msr) != 1)
			die("MSR %#x, which the guest can read", msr.entry.index);
	}
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	must(sched_setaffinity(0, sizeof(set), &set));
}

/* Where the guest runs, and the host's MSRs are looked at. */
static void run_on(int cpu, const uint8_t *code, size_t size, uint32_t step)
{
	static struct host_msr before[MSRS], after[MSRS];
	struct kvm_machine m = kvm_machine(code, size);
	struct kvm_sregs reset;
	uint32_t readable, writes;

	stay_on(cpu);
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &reset));
	start(&m, &reset, LONG, IDT_BYTES - 1);
	*(uint32_t *)(m.memory + STEP) = step;
	read_host(cpu, before);
	readable = kvm_next_out(&m.vcpu);
	writes = kvm_next_out(&m.vcpu);
	kvm_run_once(&m.vcpu);
	equal(m.vcpu.run->exit_reason, KVM_EXIT_HLT);
	read_host(cpu, after);
	printf("ok: CPU %d: %u could be read, %u writes, %d of the host\n", cpu, readable, writes,
	       compare(before, after));
	check_owner_reads(&m, readable);
	kvm_close(&m);
}

int main(int argc, char **argv)
{
	static uint8_t code[4096];
	size_t size;

	if (argc != 3)
		die("usage: kvm_msrs GUEST STEP");
	size = kvm_read_guest(argv[1], code, sizeof(code));
	for (int cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); cpu++)
		run_on(cpu, code, size, strtoul(argv[2], NULL, 0));
	return 0;
}
