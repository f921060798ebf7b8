// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_cpuid FILE: keeps what KVM offers in FILE; where that is there already, from in-tree
 * KVM, each feature that ours offers must be offered there, and IA32_ARCH_CAPABILITIES be
 * offered where a processor can have it: not on AMD's.
 */
#include <cpuid.h>

#include "kvm.h"

#define MSR_ARCH_CAPABILITIES	0x10a
#define HYPERVISOR		31	/* of leaf 1's ECX; who uses in-tree KVM adds it */
#define LEAF7_EDX		4	/* of words[] */
#define ARCH_CAPABILITIES	(1u << 29)
#define SVM			(1u << 2)	/* of leaf 0x80000001's ECX */

enum reg { EAX, EBX, ECX, EDX };

/* Where each bit is a feature. */
static const struct {
	uint32_t leaf, subleaf;
	enum reg reg;
} words[] = {
	{ 1, 0, ECX }, { 1, 0, EDX }, { 7, 0, EBX }, { 7, 0, ECX }, { 7, 0, EDX },
	{ 0xd, 0, EAX }, { 0xd, 1, EAX }, { 0x80000001, 0, ECX }, { 0x80000001, 0, EDX },
	{ 0x80000007, 0, EDX }, { 0x80000008, 0, EBX },
};

#define WORDS (sizeof(words) / sizeof(words[0]))

struct offer {
	uint32_t words[WORDS];
	uint64_t arch_capabilities;
};

static uint32_t value_of(const struct kvm_cpuid2 *table, int i)
{
	for (uint32_t j = 0; j < table->nent; j++) {
		const struct kvm_cpuid_entry2 *e = &table->entries[j];

		if (e->function == words[i].leaf && e->index == words[i].subleaf)
			return (const uint32_t []) { e->eax, e->ebx, e->ecx, e->edx }[words[i].reg];
	}
	return 0;
}

static struct offer get_offer(void)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msr = { .head.nmsrs = 1, .entry.index = MSR_ARCH_CAPABILITIES };
	int node = kvm_node();
	struct kvm_cpuid_table table = kvm_supported_cpuid(node);
	struct offer offer;

	for (size_t i = 0; i < WORDS; i++)
		offer.words[i] = value_of(&table.head, i);
	equal(ioctl(node, KVM_GET_MSRS, &msr), 1);
	offer.arch_capabilities = msr.entry.data;
	close(node);
	return offer;
}

static bool may_have_arch_capabilities(void)
{
	unsigned int a, b, c, d;
	bool amd = __get_cpuid(0x80000001, &a, &b, &c, &d) && c & SVM;

	return !amd && __get_cpuid_max(0, NULL) >= 7;
}

static void compare(const struct offer *ours, struct offer *theirs)
{
	int offered = 0, only_theirs = 0;

	equal(!!(ours->words[LEAF7_EDX] & ARCH_CAPABILITIES), may_have_arch_capabilities());

	theirs->words[0] |= 1u << HYPERVISOR;
	for (size_t i = 0; i < WORDS; i++) {
		uint32_t wrong = ours->words[i] & ~theirs->words[i];

		if (wrong)
			die("leaf %#x.%u, register %d: %#x is not in-tree KVM's", words[i].leaf,
			    words[i].subleaf, words[i].reg, wrong);
		offered += __builtin_popcount(ours->words[i]);
		only_theirs += __builtin_popcount(theirs->words[i] & ~ours->words[i]);
	}
	if (ours->arch_capabilities & ~theirs->arch_capabilities)
		die("ARCH_CAPABILITIES %#llx, in-tree KVM's %#llx",
		    (unsigned long long)ours->arch_capabilities,
		    (unsigned long long)theirs->arch_capabilities);
	printf("ok: %d features, %d of in-tree KVM's are not there\n", offered, only_theirs);
}

int main(int argc, char **argv)
{
	struct offer offer = get_offer(), before;
	int fd;

	if (argc != 2)
		die("usage: kvm_cpuid FILE");
	fd = open(argv[1], O_RDONLY);
	if (fd >= 0) {
		equal(read(fd, &before, sizeof(before)), sizeof(before));
		compare(&offer, &before);
		return 0;
	}
	fd = must(open(argv[1], O_WRONLY | O_CREAT, 0600));
	equal(write(fd, &offer, sizeof(offer)), sizeof(offer));
	return 0;
}
