// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_bench NAME TABLE: what an exit costs, in instructions (ticks of the TSC on the
 * beds for timing), through API 12, the same for in-tree KVM and ours. NAME is
 * whose figures they are. The CPUID leaves come from TABLE, which the first
 * run makes of what its kvm supports, so that both sides look up the same.
 */
#include <stdio.h>

#include "../vm/kvm/kvm.h"

#define LOOPS		2000
#define WARM		50
#define CPUID_LOOPS	1000

/* for ever: out %al, $0x10 */
static const uint8_t out_code[] = { 0xe6, 0x10, 0xeb, 0xfc };

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

static inline uint64_t ticks(void)
{
	uint32_t low, high;

	asm volatile("lfence; rdtsc; lfence" : "=a" (low), "=d" (high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static void sample(const char *metric, const char *who, double value, unsigned int checks)
{
	printf("sample %s instructions %s %.1f %u\n", metric, who, value, checks);
}

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
	uint64_t start, sum = 0;

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
		if (i >= 0)
			sum += ticks() - start;
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
	cpuid_exit(argv[1], argv[2]);
	return 0;
}
