// SPDX-License-Identifier: GPL-2.0
#include "x86/cpuid.h"

#include <linux/init.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/fpu/xcr.h>
#include <asm/fpu/xstate.h>
#include <asm/processor.h>

#include "backend.h"
#include "trace.h"
#include "vcpu.h"
#include "x86/limits.h"
#include "x86/tsc_aux.h"

#define LEAF7_ECX_PKU	BIT(3)
#define LEAF7_ECX_OSPKE	BIT(4)
#define LEAF7_ECX_LA57	BIT(16)
#define LEAF7_EDX_ARCH_CAPABILITIES	BIT(29)
#define EXT1_EDX_RDTSCP	BIT(27)

/*
 * The entries as user space gave them, and their order by leaf for the
 * lookup that each CPUID of the guest does.
 */
struct kvm_cpuid_table {
	u32 count;
	u8 order[KVM_CPUID_MAX_ENTRIES];	/* index into entries, by leaf */
	struct kvm_cpuid_entry2 entries[];
};

static bool has_la57 __ro_after_init;

void __init kvm_cpuid_init(void)
{
	has_la57 = cpuid_eax(0) >= 7 && cpuid_ecx(7) & LEAF7_ECX_LA57;
}

bool kvm_cpuid_has_la57(void)
{
	return has_la57;
}

void kvm_cpuid_free(struct kvm_cpuid_table *table)
{
	kvfree(table);
}

/* ---- what the guest asks ---- */

/* Of equal leaves the one that came first stays first. */
static void sort_table(struct kvm_cpuid_table *table)
{
	u32 i, j;

	for (i = 0; i < table->count; i++) {
		u32 leaf = table->entries[i].function;

		for (j = i; j && table->entries[table->order[j - 1]].function > leaf; j--)
			table->order[j] = table->order[j - 1];
		table->order[j] = i;
	}
}

const struct kvm_cpuid_entry2 *kvm_cpuid_find(const struct kvm_cpuid_table *table,
					      u32 leaf, u32 subleaf)
{
	u32 low = 0, high = table->count;

	while (low < high) {
		u32 middle = (low + high) / 2;

		if (table->entries[table->order[middle]].function < leaf)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < table->count; low++) {
		const struct kvm_cpuid_entry2 *e = &table->entries[table->order[low]];

		if (e->function != leaf)
			break;
		if (!(e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX) || e->index == subleaf)
			return e;
	}
	return NULL;
}

/* By its first letters in EBX: "AuthenticAMD", "HygonGenuine". */
static bool zero_beyond(const struct kvm_cpuid_entry2 *basic)
{
	return basic->ebx == 0x68747541 || basic->ebx == 0x6f677948;
}

/*
 * Above the highest leaf of its range AMD's processors answer zero, others what they do for
 * the highest basic leaf (SDM volume 2, CPUID), of the same subleaf. Apart, for it is rare.
 */
static noinline const struct kvm_cpuid_entry2 *beyond(const struct kvm_cpuid_table *table,
						      u32 leaf, u32 subleaf)
{
	const struct kvm_cpuid_entry2 *basic = kvm_cpuid_find(table, 0, 0), *range;
	u32 base = leaf & 0x80000000;

	if (!basic || zero_beyond(basic))
		return NULL;
	if (leaf >= 0x40000000 && leaf <= 0x4fffffff)
		base = leaf & 0xffffff00;	/* hypervisors' */
	else if (leaf >= 0xc0000000)
		base = 0xc0000000;		/* Centaur's */
	range = kvm_cpuid_find(table, base, 0);
	if (range && leaf <= range->eax)
		return NULL;
	return kvm_cpuid_find(table, basic->eax, subleaf);
}

void kvm_cpuid_execute(struct kvm_vcpu *vcpu)
{
	u64 *gpr = vcpu->regs.gpr;
	u32 leaf = gpr[GPR_RAX], subleaf = gpr[GPR_RCX];
	const struct kvm_cpuid_entry2 *e = NULL;

	if (vcpu->cpuid) {
		e = kvm_cpuid_find(vcpu->cpuid, leaf, subleaf);
		if (unlikely(!e))
			e = beyond(vcpu->cpuid, leaf, subleaf);
	}
	gpr[GPR_RAX] = e ? e->eax : 0;
	gpr[GPR_RBX] = e ? e->ebx : 0;
	gpr[GPR_RCX] = e ? e->ecx : 0;
	gpr[GPR_RDX] = e ? e->edx : 0;
	/* Some show CR4's bits, whatever the table says; no APIC while it is off. */
	if (e && e->function == 1) {
		gpr[GPR_RCX] &= ~(u64)BIT(27);
		if (vcpu->xsave_on)
			gpr[GPR_RCX] |= BIT(27);
		if (!(vcpu->apic_base & MSR_IA32_APICBASE_ENABLE))
			gpr[GPR_RDX] &= ~(u64)BIT(9);
	}
	if (e && e->function == 7 && subleaf == 0) {
		gpr[GPR_RCX] &= ~(u64)LEAF7_ECX_OSPKE;
		if (vcpu->pke_on)
			gpr[GPR_RCX] |= LEAF7_ECX_OSPKE;
	}
	trace_kvm_cpuid(leaf, subleaf, gpr, e && e->function == leaf);
}

bool kvm_cpuid_tells_arch_capabilities(const struct kvm_vcpu *vcpu)
{
	const struct kvm_cpuid_entry2 *e = vcpu->cpuid ? kvm_cpuid_find(vcpu->cpuid, 7, 0) : NULL;

	return e && e->edx & LEAF7_EDX_ARCH_CAPABILITIES;
}

/* ---- user space sets and gets the table ---- */

static int check_table(const struct kvm_cpuid_table *table)
{
	const struct kvm_cpuid_entry2 *e = kvm_cpuid_find(table, 0x80000008, 0);
	u32 linear_bits = e ? e->eax >> 8 & 0xff : 0;

	return linear_bits == 0 || linear_bits == 48 || linear_bits == 57 ? 0 : -EINVAL;
}

static bool has_rdtscp(const struct kvm_cpuid_table *table)
{
	const struct kvm_cpuid_entry2 *e = kvm_cpuid_find(table, 0x80000001, 0);

	return e && e->edx & EXT1_EDX_RDTSCP;
}

static struct kvm_cpuid_table *table_from_user(struct kvm_cpuid2 __user *arg, u32 count)
{
	struct kvm_cpuid_table *table;

	table = kvzalloc(struct_size(table, entries, count), GFP_KERNEL_ACCOUNT);
	if (!table)
		return ERR_PTR(-ENOMEM);
	table->count = count;
	if (copy_from_user(table->entries, arg->entries,
			   array_size(sizeof(table->entries[0]), count))) {
		kvfree(table);
		return ERR_PTR(-EFAULT);
	}
	sort_table(table);
	return table;
}

static bool same(const struct kvm_cpuid_table *a, const struct kvm_cpuid_table *b)
{
	return a && a->count == b->count &&
	       !memcmp(a->entries, b->entries, a->count * sizeof(a->entries[0]));
}

int kvm_cpuid_set_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_cpuid2 __user *user = arg;
	struct kvm_cpuid_table *table;
	struct kvm_cpuid2 head;
	int ret;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nent > KVM_CPUID_MAX_ENTRIES)
		return -E2BIG;
	table = table_from_user(user, head.nent);
	if (IS_ERR(table))
		return PTR_ERR(table);
	ret = check_table(table);
	/* A guest that has run has seen its processor. */
	if (!ret && vcpu->ran && !same(vcpu->cpuid, table))
		ret = -EINVAL;
	if (ret) {
		kvfree(table);
		return ret;
	}
	kvfree(vcpu->cpuid);
	vcpu->cpuid = table;
	kvm_limits_set(vcpu);
	kvm_tsc_aux_enable(vcpu, has_rdtscp(table) && kvm_backend->rdtscp_possible());
	return 0;
}

static int entries_to_user(struct kvm_cpuid2 __user *arg, u32 room,
			   const struct kvm_cpuid_entry2 *entries, u32 count)
{
	struct kvm_cpuid2 head = { .nent = count };

	if (room < count)
		return -E2BIG;
	if (copy_to_user(arg->entries, entries, count * sizeof(entries[0])))
		return -EFAULT;
	return copy_to_user(arg, &head, sizeof(head)) ? -EFAULT : 0;
}

int kvm_cpuid_get_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	u32 count = vcpu->cpuid ? vcpu->cpuid->count : 0;
	struct kvm_cpuid2 head;

	if (copy_from_user(&head, arg, sizeof(head)))
		return -EFAULT;
	return entries_to_user(arg, head.nent,
			       vcpu->cpuid ? vcpu->cpuid->entries : NULL, count);
}

/* ---- what this host can give ---- */

u64 kvm_xcr0_allowed(void)
{
	u64 mask = XFEATURE_MASK_FP | XFEATURE_MASK_SSE | XFEATURE_MASK_YMM |
		   XFEATURE_MASK_AVX512;

	if (!boot_cpu_has(X86_FEATURE_OSXSAVE))
		return 0;
	if (boot_cpu_has(X86_FEATURE_OSPKE))
		mask |= XFEATURE_MASK_PKRU;
	return xgetbv(XCR_XFEATURE_ENABLED_MASK) & mask;
}

/*
 * Feature bits that a guest can use without help from us beyond what the
 * back ends switch. Others stay hidden: MONITOR, virtualisation itself, TSC
 * deadline, PCID (no table yet for its invalidations), RDPID, MPX, CET, speculation
 * control.
 */
#define LEAF1_EDX	0x078bfbffu	/* FPU to SSE2, without PSN, DS, ACPI, HT, .. */
#define LEAF1_ECX	(BIT(0) | BIT(1) | BIT(9) | BIT(12) | BIT(13) | BIT(19) | \
			 BIT(20) | BIT(22) | BIT(23) | BIT(25) | BIT(26) | \
			 BIT(28) | BIT(29) | BIT(30))
#define LEAF1_ECX_HYPERVISOR	BIT(31)
#define LEAF7_EBX	(BIT(0) | BIT(3) | BIT(5) | BIT(7) | BIT(8) | BIT(9) | \
			 BIT(16) | BIT(17) | BIT(18) | BIT(19) | BIT(20) | \
			 BIT(21) | BIT(28) | BIT(29) | BIT(30) | BIT(31))
#define LEAF7_ECX	(BIT(1) | BIT(2) | LEAF7_ECX_PKU | BIT(6) | BIT(8) | BIT(9) | BIT(10) | \
			 BIT(11) | BIT(12) | BIT(14) | LEAF7_ECX_LA57)
#define LEAFD1_EAX	(BIT(0) | BIT(1) | BIT(2))	/* XSAVEOPT, XSAVEC, XGETBV1 */
#define EXT1_EDX	0x2993fbffu	/* with SYSCALL, NX, RDTSCP, LM */
#define EXT1_ECX	(BIT(0) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(11) | \
			 BIT(16) | BIT(21))

struct leaf_rule {
	u32 leaf;
	u32 eax, ebx, ecx, edx;	/* bits of the host's answer that pass */
};

static const struct leaf_rule rules[] = {
	{ 0x00000000, ~0u, ~0u, ~0u, ~0u },
	{ 0x00000001, ~0u, 0x0000ff00, LEAF1_ECX, LEAF1_EDX },
	{ 0x00000002, ~0u, ~0u, ~0u, ~0u },
	{ 0x80000000, ~0u, ~0u, ~0u, ~0u },
	{ 0x80000001, ~0u, 0, EXT1_ECX, EXT1_EDX },
	{ 0x80000002, ~0u, ~0u, ~0u, ~0u },
	{ 0x80000003, ~0u, ~0u, ~0u, ~0u },
	{ 0x80000004, ~0u, ~0u, ~0u, ~0u },
	{ 0x80000005, ~0u, ~0u, ~0u, ~0u },
	{ 0x80000006, ~0u, ~0u, ~0u, ~0u },
	{ 0x80000007, 0, 0, 0, BIT(8) },	/* invariant TSC */
	{ 0x80000008, 0xffff, 0, 0, 0 },
};

struct entry_list {
	struct kvm_cpuid_entry2 *entries;
	u32 count;
};

static struct kvm_cpuid_entry2 *add(struct entry_list *list, u32 leaf,
				    u32 subleaf, bool indexed)
{
	struct kvm_cpuid_entry2 *e;

	if (list->count == KVM_CPUID_MAX_ENTRIES)
		return NULL;
	e = &list->entries[list->count++];
	e->function = leaf;
	e->index = subleaf;
	e->flags = indexed ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0;
	cpuid_count(leaf, subleaf, &e->eax, &e->ebx, &e->ecx, &e->edx);
	return e;
}

static u32 kept_by_host(enum cpuid_leafs word)
{
	return boot_cpu_data.x86_capability[word];
}

/*
 * What the kernel does without, for an erratum or by its command line, it does not
 * let a guest have either: no CR4 bit nor part of XCR0 may be set for it.
 */
static void mask_by_host(struct kvm_cpuid_entry2 *e)
{
	switch (e->function) {
	case 1:
		e->ecx &= kept_by_host(CPUID_1_ECX);
		e->edx &= kept_by_host(CPUID_1_EDX);
		break;
	case 7:
		e->ebx &= kept_by_host(CPUID_7_0_EBX);
		e->ecx &= kept_by_host(CPUID_7_ECX) | LEAF7_ECX_LA57;
		break;
	case 0xd:
		e->eax &= kept_by_host(CPUID_D_1_EAX);
		break;
	case 0x80000001:
		e->ecx &= kept_by_host(CPUID_8000_0001_ECX);
		e->edx &= kept_by_host(CPUID_8000_0001_EDX);
		break;
	}
}

static void add_rules(struct entry_list *list, u32 base)
{
	u32 max = cpuid_eax(base);
	int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct leaf_rule *rule = &rules[i];
		struct kvm_cpuid_entry2 *e;

		if ((rule->leaf & 0xffff0000) != base || rule->leaf > max)
			continue;
		e = add(list, rule->leaf, 0, false);
		if (!e)
			return;
		e->eax &= rule->eax;
		e->ebx &= rule->ebx;
		e->ecx &= rule->ecx;
		e->edx &= rule->edx;
		mask_by_host(e);
		if (rule->leaf == 0)
			e->eax = min(e->eax, 0xdu);
		if (rule->leaf == 0x80000000)
			e->eax = min(e->eax, 0x80000008u);
		if (rule->leaf == 1)
			e->ecx |= LEAF1_ECX_HYPERVISOR;
		if (rule->leaf == 0x80000001 && !kvm_backend->rdtscp_possible())
			e->edx &= ~EXT1_EDX_RDTSCP;
	}
}

/* Leaf 4: caches, up to the first of type 0. */
static void add_caches(struct entry_list *list)
{
	u32 i;

	for (i = 0; i < 8; i++) {
		struct kvm_cpuid_entry2 *e = add(list, 4, i, true);

		if (!e || !(e->eax & 0x1f))
			break;
		e->eax &= 0x3fff;	/* no topology */
	}
}

static void add_leaf7(struct entry_list *list)
{
	struct kvm_cpuid_entry2 *e = add(list, 7, 0, true);

	if (!e)
		return;
	e->eax = 0;
	e->ebx &= LEAF7_EBX;
	e->ecx &= LEAF7_ECX;
	/*
	 * x86/msr.c has it, whatever the host. AMD's own have not, and there are guests that
	 * do not start where one of AMD's has it.
	 */
	e->edx = boot_cpu_has(X86_FEATURE_SVM) ? 0 : LEAF7_EDX_ARCH_CAPABILITIES;
	mask_by_host(e);
	if (!boot_cpu_has(X86_FEATURE_OSPKE))
		e->ecx &= ~LEAF7_ECX_PKU;
}

/* Leaf 0xd: the XSAVE area; components by their bit in XCR0. */
static void add_xsave(struct entry_list *list)
{
	u64 allowed = kvm_xcr0_allowed();
	struct kvm_cpuid_entry2 *e = add(list, 0xd, 0, true);
	u32 size = XSAVE_HDR_OFFSET + XSAVE_HDR_SIZE;
	int i;

	if (!e)
		return;
	e->eax = allowed;
	e->edx = allowed >> 32;
	for (i = 2; i < 63; i++) {
		u32 eax, ebx, ecx, edx;

		if (!(allowed & BIT_ULL(i)))
			continue;
		cpuid_count(0xd, i, &eax, &ebx, &ecx, &edx);
		size = max(size, eax + ebx);
	}
	e->ebx = size;
	e->ecx = size;
	e = add(list, 0xd, 1, true);
	if (!e)
		return;
	e->eax &= LEAFD1_EAX;
	mask_by_host(e);
	e->ebx = size;
	e->ecx = 0;
	e->edx = 0;
	for (i = 2; i < 63; i++) {
		if (allowed & BIT_ULL(i))
			add(list, 0xd, i, true);
	}
}

static void add_supported(struct entry_list *list)
{
	u32 max = cpuid_eax(0);

	add_rules(list, 0);
	if (max >= 4)
		add_caches(list);
	if (max >= 7)
		add_leaf7(list);
	if (max >= 0xd && boot_cpu_has(X86_FEATURE_XSAVE))
		add_xsave(list);
	if (cpuid_eax(0x80000000) >= 0x80000000)
		add_rules(list, 0x80000000);
}

int kvm_cpuid_supported_user(struct kvm_cpuid2 __user *arg)
{
	struct entry_list list = { };
	struct kvm_cpuid2 head;
	int ret;

	if (copy_from_user(&head, arg, sizeof(head)))
		return -EFAULT;
	if (!head.nent)
		return -E2BIG;
	list.entries = kvcalloc(KVM_CPUID_MAX_ENTRIES, sizeof(list.entries[0]),
				GFP_KERNEL_ACCOUNT);
	if (!list.entries)
		return -ENOMEM;
	add_supported(&list);
	ret = entries_to_user(arg, head.nent, list.entries, list.count);
	kvfree(list.entries);
	return ret;
}
