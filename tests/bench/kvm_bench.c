// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_bench NAME TABLE: what an exit costs, in instructions (ticks of the TSC on the
 * beds for timing), through API 12, the same for in-tree KVM and ours. NAME is
 * whose figures they are. The CPUID leaves come from TABLE, which the first
 * run makes of what its kvm supports, so that both sides look up the same.
 */
#include <stdio.h>

#include "../vm/kvm/kvm.h"
#include "kvm_sample.h"

#define LOOPS		2000
#define WARM		50
#define CPUID_LOOPS	1000

/* for ever: out %al, $0x10 */
static const uint8_t out_code[] = { 0xe6, 0x10, 0xeb, 0xfc };

/* for ever: mov DEVICE_AT, %al */
#define DEVICE_AT	0x9000
static const uint8_t mmio_code[] = { 0xa0, 0x00, 0x90, 0xeb, 0xfb };

/*
 * out; then 1000 times cpuid with the leaf of EBP; out; and again. Five
 * instructions a round, of which the exit is one.
 */
static const uint8_t cpuid_code[] = {
	0xe6, 0x10,			/* 0: out %al, $0x10 */
	0xbf, 0xe8, 0x03,		/* mov $1000, %di */
	0x66, 0x89, 0xe8,		/* 1: mov %ebp, %eax */
	0x31, 0xc9,			/* xor %cx, %cx */
	0x0f, 0xa2,			/* cpuid */
	0x4f,				/* dec %di */
	0x75, 0xf6,			/* jnz 1b */
	0xeb, 0xef,			/* jmp 0b */
};

static void null_ioctl(const char *who)
{
	struct kvm_machine m = kvm_machine(out_code, sizeof(out_code));
	unsigned int refused = 0;
	uint64_t start = 0;

	for (int i = -WARM; i < LOOPS; i++) {
		if (i == 0)
			start = ticks();
		refused += ioctl(m.vcpu.fd, _IO(KVMIO, 0x7f), 0) < 0 && errno == EINVAL;
	}
	sample("null-ioctl", who, (double)(ticks() - start) / LOOPS, refused);
	kvm_close(&m);
}

static void out_exit(const char *who)
{
	struct kvm_machine m = kvm_machine(out_code, sizeof(out_code));
	unsigned int seen = 0;
	uint64_t start = 0;

	for (int i = -WARM; i < LOOPS; i++) {
		if (i == 0)
			start = ticks();
		must(ioctl(m.vcpu.fd, KVM_RUN, 0));
		seen += m.vcpu.run->exit_reason == KVM_EXIT_IO && m.vcpu.run->io.port == 0x10;
	}
	equal(seen, LOOPS + WARM);
	sample("out", who, (double)(ticks() - start) / LOOPS, seen);
	kvm_close(&m);
}

/* A byte of a device, which user space answers. */
static void mmio_read(const char *who)
{
	struct kvm_machine m = kvm_machine(mmio_code, sizeof(mmio_code));
	struct kvm_regs regs;
	unsigned int seen = 0;
	uint64_t start = 0;

	must(kvm_slot(&m, 0, 0, 0, m.memory));
	must(kvm_slot(&m, 0, 0, DEVICE_AT, m.memory));
	for (int i = -WARM; i < LOOPS; i++) {
		if (i == 0)
			start = ticks();
		must(ioctl(m.vcpu.fd, KVM_RUN, 0));
		seen += m.vcpu.run->exit_reason == KVM_EXIT_MMIO &&
			m.vcpu.run->mmio.phys_addr == DEVICE_AT && !m.vcpu.run->mmio.is_write;
		m.vcpu.run->mmio.data[0] = i;
	}
	sample("mmio-read", who, (double)(ticks() - start) / LOOPS, seen);
	equal(seen, LOOPS + WARM);
	/* The last but one's answer: the last is not read yet. */
	must(ioctl(m.vcpu.fd, KVM_GET_REGS, &regs));
	equal((uint8_t)regs.rax, (uint8_t)(LOOPS - 2));
	kvm_close(&m);
}

static void get_regs(const char *who)
{
	struct kvm_machine m = kvm_machine(out_code, sizeof(out_code));
	struct kvm_regs regs = { };
	unsigned int seen = 0;
	uint64_t start = 0;

	for (int i = -WARM; i < LOOPS; i++) {
		if (i == 0)
			start = ticks();
		must(ioctl(m.vcpu.fd, KVM_GET_REGS, &regs));
		seen += regs.rip == CODE_AT;
	}
	sample("get-regs", who, (double)(ticks() - start) / LOOPS, seen);
	equal(seen, LOOPS + WARM);
	kvm_close(&m);
}

struct table {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[KVM_CPUID_MAX_ENTRIES];
};

static void read_table(int node, const char *path, struct table *t)
{
	FILE *f = fopen(path, "rb");

	memset(t, 0, sizeof(*t));
	if (f) {
		if (fread(t, 1, sizeof(*t), f) != sizeof(*t))
			die("%s", path);
		fclose(f);
		return;
	}
	t->head.nent = KVM_CPUID_MAX_ENTRIES;
	must(ioctl(node, KVM_GET_SUPPORTED_CPUID, t));
	f = fopen(path, "wb");
	if (!f || fwrite(t, 1, sizeof(*t), f) != sizeof(*t) || fclose(f))
		die("%s", path);
}

static void cpuid_exit(const char *who, const char *path)
{
	struct kvm_machine m = kvm_machine(cpuid_code, sizeof(cpuid_code));
	static struct table table;
	const struct kvm_cpuid_entry2 *last;
	struct kvm_regs regs;
	unsigned int good = 0;
	uint64_t start, spent, sum = 0;

	read_table(m.node, path, &table);
	must(ioctl(m.vcpu.fd, KVM_SET_CPUID2, &table));
	last = &table.entries[table.head.nent - 1];
	must(ioctl(m.vcpu.fd, KVM_GET_REGS, &regs));
	regs.rbp = last->function;
	must(ioctl(m.vcpu.fd, KVM_SET_REGS, &regs));
	kvm_next_out(&m.vcpu);
	for (int i = -1; i < 5; i++) {
		start = ticks();
		kvm_next_out(&m.vcpu);
		spent = ticks() - start;
		if (i >= 0)
			sum += spent;
		must(ioctl(m.vcpu.fd, KVM_GET_REGS, &regs));
		good += (uint32_t)regs.rax == last->eax && (uint32_t)regs.rbx == last->ebx;
	}
	equal(good, 6);
	sample("cpuid", who, (double)sum / 5 / CPUID_LOOPS, good);
	kvm_close(&m);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		die("usage: kvm_bench NAME TABLE");
	null_ioctl(argv[1]);
	out_exit(argv[1]);
	mmio_read(argv[1]);
	get_regs(argv[1]);
	cpuid_exit(argv[1], argv[2]);
	return 0;
}
