// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_abuse: what each ioctl answers to what it should not be given. Prints a
 * line for each try, `NAME RESULT ERRNO`; those of in-tree KVM are the same.
 * kvm_abuse ours: the rest, where there is no in-tree KVM to compare with.
 */
#include <limits.h>

#include "devkvm_2006.h"
#include "kvm.h"

static int node, vm, vcpu, statistics;
static uint8_t *memory;
static int failures;

#define MSR_ARCH_CAPABILITIES	0x10a
#define MSR_NONE		0x40001234
#define KERNEL_POINTER	((void *)0xffff888000001000ul)

static void *unmapped_page(void)
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(page, 4096);
	return page;
}

static void expect(const char *name, int fd, unsigned int cmd, const void *arg,
		   long want_ret, int want_errno)
{
	long ret;

	errno = 0;
	ret = ioctl(fd, cmd, arg);
	if (ret >= 0)
		errno = 0;
	printf("%s %ld %d\n", name, ret, errno);
	if (ret != want_ret || (ret < 0 && errno != want_errno)) {
		fprintf(stderr, "%s: %ld %s, not %ld %s\n", name, ret,
			strerror(errno), want_ret, strerror(want_errno));
		failures++;
	}
}

#define refused(name, fd, cmd, arg, err) \
	expect(name, fd, cmd, (const void *)(arg), -1, err)
#define granted(name, fd, cmd, arg) \
	expect(name, fd, cmd, (const void *)(arg), 0, 0)

/* ---- K1: numbers that are none ---- */

static void unknown_commands(void)
{
	refused("node unknown", node, _IO(KVMIO, 0x7f), 0, EINVAL);
	refused("vm unknown", vm, _IO(KVMIO, 0x3f), 0, ENOTTY);
	refused("vcpu unknown", vcpu, _IO(KVMIO, 0x7f), 0, EINVAL);
	refused("node other type", node, _IO('X', 1), 0, EINVAL);
	refused("vm other type", vm, _IO('X', 1), 0, ENOTTY);
	refused("vcpu other type", vcpu, _IO('X', 1), 0, EINVAL);
	refused("statistics unknown", statistics, _IO(KVMIO, 0x7f), 0, ENOTTY);
	refused("statistics other type", statistics, _IO('X', 1), 0, ENOTTY);
	refused("node ioctl on statistics", statistics, KVM_GET_API_VERSION, 0, ENOTTY);
	refused("vm ioctl on statistics", statistics, KVM_SET_USER_MEMORY_REGION, memory, ENOTTY);
	refused("vcpu ioctl on statistics", statistics, KVM_GET_REGS, memory, ENOTTY);
	refused("statistics of statistics", statistics, KVM_GET_STATS_FD, 0, ENOTTY);
	refused("vcpu wrong size", vcpu, _IOR(KVMIO, 0x81, char[143]), memory, EINVAL);
	refused("vcpu wrong direction", vcpu, _IOW(KVMIO, 0x81, struct kvm_regs), memory, EINVAL);
	refused("vm wrong size", vm, _IOW(KVMIO, 0x46, char[31]), memory, ENOTTY);
	refused("vcpu ioctl on vm", vm, KVM_GET_REGS, memory, ENOTTY);
	refused("vm ioctl on vcpu", vcpu, KVM_SET_USER_MEMORY_REGION, memory, EINVAL);
	refused("vm ioctl on node", node, KVM_SET_USER_MEMORY_REGION, memory, EINVAL);
	refused("api version argument", node, KVM_GET_API_VERSION, 1, EINVAL);
	refused("mmap size argument", node, KVM_GET_VCPU_MMAP_SIZE, 1, EINVAL);
	refused("vm type", node, KVM_CREATE_VM, 99, EINVAL);
	refused("run argument", vcpu, KVM_RUN, 1, EINVAL);
	granted("capability that is none", vm, KVM_CHECK_EXTENSION, 99999);
}

/* ---- K2: pointers that lead nowhere ---- */

static const struct {
	const char *name;
	int *fd;
	unsigned int cmd;
} pointed[] = {
	{ "msr list", &node, KVM_GET_MSR_INDEX_LIST },
	{ "msr feature list", &node, KVM_GET_MSR_FEATURE_INDEX_LIST },
	{ "feature msrs", &node, KVM_GET_MSRS },
	{ "supported cpuid", &node, KVM_GET_SUPPORTED_CPUID },
	{ "memory region", &vm, KVM_SET_USER_MEMORY_REGION },
	{ "dirty log", &vm, KVM_GET_DIRTY_LOG },
	{ "get regs", &vcpu, KVM_GET_REGS },
	{ "set regs", &vcpu, KVM_SET_REGS },
	{ "get sregs", &vcpu, KVM_GET_SREGS },
	{ "set sregs", &vcpu, KVM_SET_SREGS },
	{ "translate", &vcpu, KVM_TRANSLATE },
	{ "interrupt", &vcpu, KVM_INTERRUPT },
	{ "get msrs", &vcpu, KVM_GET_MSRS },
	{ "set msrs", &vcpu, KVM_SET_MSRS },
	{ "set cpuid", &vcpu, KVM_SET_CPUID2 },
	{ "get cpuid", &vcpu, KVM_GET_CPUID2 },
	{ "get fpu", &vcpu, KVM_GET_FPU },
	{ "set fpu", &vcpu, KVM_SET_FPU },
	{ "get xsave", &vcpu, KVM_GET_XSAVE },
	{ "set xsave", &vcpu, KVM_SET_XSAVE },
	{ "get xsave 2", &vcpu, KVM_GET_XSAVE2 },
	{ "get debug registers", &vcpu, KVM_GET_DEBUGREGS },
	{ "set debug registers", &vcpu, KVM_SET_DEBUGREGS },
	{ "get xcrs", &vcpu, KVM_GET_XCRS },
	{ "set xcrs", &vcpu, KVM_SET_XCRS },
	{ "get mp state", &vcpu, KVM_GET_MP_STATE },
	{ "set mp state", &vcpu, KVM_SET_MP_STATE },
	{ "mce capability", &node, KVM_X86_GET_MCE_CAP_SUPPORTED },
	{ "mce setup", &vcpu, KVM_X86_SETUP_MCE },
	{ "mce", &vcpu, KVM_X86_SET_MCE },
	{ "routes", &vm, KVM_SET_GSI_ROUTING },
	{ "get clock", &vm, KVM_GET_CLOCK },
	{ "clear dirty log", &vm, KVM_CLEAR_DIRTY_LOG },
	{ "enable a capability", &vm, KVM_ENABLE_CAP },
	{ "ioeventfd", &vm, KVM_IOEVENTFD },
	{ "set clock", &vm, KVM_SET_CLOCK },
	{ "get vcpu events", &vcpu, KVM_GET_VCPU_EVENTS },
	{ "set vcpu events", &vcpu, KVM_SET_VCPU_EVENTS },
	{ "set guest debug", &vcpu, KVM_SET_GUEST_DEBUG },
};

/* Each address that is none. */
static void try_pointers(const char *what, int fd, unsigned int cmd)
{
	const struct {
		const char *kind;
		void *pointer;
	} kinds[] = {
		{ "null", NULL },
		{ "unmapped", unmapped_page() },
		{ "kernel", KERNEL_POINTER },
		{ "last byte", (void *)-1ul },
		{ "noncanonical", (void *)0x8000000000000000ul },
	};
	char name[64];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		snprintf(name, sizeof(name), "%s, %s", what, kinds[i].kind);
		refused(name, fd, cmd, kinds[i].pointer, EFAULT);
	}
}

static void bad_pointers(void)
{
	struct kvm_regs before, after;

	must(ioctl(vcpu, KVM_GET_REGS, &before));
	for (size_t i = 0; i < sizeof(pointed) / sizeof(pointed[0]); i++)
		try_pointers(pointed[i].name, *pointed[i].fd, pointed[i].cmd);
	refused("signal mask, kernel", vcpu, KVM_SET_SIGNAL_MASK, KERNEL_POINTER, EFAULT);
	must(ioctl(vcpu, KVM_GET_REGS, &after));
	if (memcmp(&before, &after, sizeof(before)))
		die("registers changed");
}

/* An argument may lie at any address, and end at the last mapped byte. */
static void odd_addresses(void)
{
	uint8_t *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(two + 4096, 4096);
	granted("misaligned", vcpu, KVM_GET_REGS, two + 1);
	granted("misaligned back", vcpu, KVM_SET_REGS, two + 1);
	granted("to the last byte", vcpu, KVM_GET_REGS, two + 4096 - sizeof(struct kvm_regs));
	refused("one byte more", vcpu, KVM_GET_REGS,
		two + 4096 - sizeof(struct kvm_regs) + 1, EFAULT);
	refused("one byte more, set", vcpu, KVM_SET_SREGS,
		two + 4096 - sizeof(struct kvm_sregs) + 1, EFAULT);
}

/* ---- K3, K29, K30: lists ---- */

static void lists(void)
{
	static union {
		struct kvm_msr_list msr_list;
		struct kvm_cpuid2 cpuid;
		struct kvm_msrs msrs;
		char room[1 << 16];
	} u;

	u.msr_list.nmsrs = 0;
	refused("msr list, no room", node, KVM_GET_MSR_INDEX_LIST, &u, E2BIG);
	if (!u.msr_list.nmsrs)
		die("no count of MSRs");
	granted("msr list, its room", node, KVM_GET_MSR_INDEX_LIST, &u);
	u.msr_list.nmsrs = UINT_MAX;
	granted("msr list, endless room", node, KVM_GET_MSR_INDEX_LIST, &u);
	if (u.msr_list.nmsrs > sizeof(u) / sizeof(uint32_t))
		die("%u MSRs", u.msr_list.nmsrs);
	u.msr_list.nmsrs = 0;
	refused("msr feature list, no room", node, KVM_GET_MSR_FEATURE_INDEX_LIST, &u, E2BIG);
	if (!u.msr_list.nmsrs)
		die("no count of feature MSRs");
	u.msr_list.nmsrs--;
	refused("msr feature list, one short", node, KVM_GET_MSR_FEATURE_INDEX_LIST, &u, E2BIG);
	granted("msr feature list, its room", node, KVM_GET_MSR_FEATURE_INDEX_LIST, &u);
	u.msr_list.nmsrs = UINT_MAX;
	granted("msr feature list, endless room", node, KVM_GET_MSR_FEATURE_INDEX_LIST, &u);
	u.msrs.nmsrs = 256;
	refused("feature msrs, too many", node, KVM_GET_MSRS, &u, E2BIG);
	u.msrs.nmsrs = 0;
	granted("feature msrs, none", node, KVM_GET_MSRS, &u);
	refused("feature msrs, set", node, KVM_SET_MSRS, &u, EINVAL);
	u.msrs.nmsrs = 2;
	u.msrs.entries[0].index = MSR_ARCH_CAPABILITIES;
	u.msrs.entries[1].index = MSR_NONE;
	expect("feature msrs, one of two", node, KVM_GET_MSRS, &u, 1, 0);
	u.cpuid.nent = 0;
	refused("cpuid, no room", node, KVM_GET_SUPPORTED_CPUID, &u, E2BIG);
	u.cpuid.nent = 1;
	refused("cpuid, little room", node, KVM_GET_SUPPORTED_CPUID, &u, E2BIG);
	u.cpuid.nent = UINT_MAX;
	granted("cpuid, endless room", node, KVM_GET_SUPPORTED_CPUID, &u);
	if (u.cpuid.nent < 5 || u.cpuid.nent > KVM_CPUID_MAX_ENTRIES)
		die("%u leaves", u.cpuid.nent);
	u.cpuid.nent = KVM_CPUID_MAX_ENTRIES + 1;
	refused("set cpuid, too many", vcpu, KVM_SET_CPUID2, &u, E2BIG);
	u.cpuid.nent = UINT_MAX;
	refused("set cpuid, endless", vcpu, KVM_SET_CPUID2, &u, E2BIG);
	u.msrs.nmsrs = 256;
	refused("get msrs, too many", vcpu, KVM_GET_MSRS, &u, E2BIG);
	u.msrs.nmsrs = UINT_MAX;
	refused("set msrs, endless", vcpu, KVM_SET_MSRS, &u, E2BIG);
	memset(&u, 0, sizeof(u));
	u.msrs.nmsrs = 2;
	u.msrs.entries[0].index = MSR_NONE;
	granted("get msrs, none such", vcpu, KVM_GET_MSRS, &u);
	granted("set msrs, none such", vcpu, KVM_SET_MSRS, &u);
	u.msrs.entries[0].index = 0xc0000082;
	u.msrs.entries[0].data = 0x8000000000000000;
	granted("set msrs, not canonical", vcpu, KVM_SET_MSRS, &u);
	u.msrs.entries[0].data = 0x1234;
	expect("set msrs, one of two", vcpu, KVM_SET_MSRS, &(struct {
		struct kvm_msrs head;
		struct kvm_msr_entry e[2];
	}) { { .nmsrs = 2 }, { { .index = 0xc0000082, .data = 0x1234 },
			       { .index = MSR_NONE } } }, 1, 0);
}

/* Of a guest that has run, CPUID stays as it is; the same again is nothing new. */
static void processor(void)
{
	static const uint8_t hlt[] = { 0xf4 };
	struct kvm_machine m = kvm_machine(hlt, sizeof(hlt));
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 e[3];
	} table = { { .nent = 3 }, { { .function = 0, .eax = 1 }, { .function = 1 },
				     { .function = 1, .eax = 0x600 } } };

	granted("set cpuid, a leaf twice", m.vcpu.fd, KVM_SET_CPUID2, &table);
	granted("set cpuid, another", m.vcpu.fd, KVM_SET_CPUID2, &table);
	must(ioctl(m.vcpu.fd, KVM_RUN, 0));
	granted("set cpuid, has run, the same", m.vcpu.fd, KVM_SET_CPUID2, &table);
	table.e[0].eax = 2;
	refused("set cpuid, has run, another", m.vcpu.fd, KVM_SET_CPUID2, &table, EINVAL);
	table.head.nent = 0;
	refused("set cpuid, has run, none", m.vcpu.fd, KVM_SET_CPUID2, &table, EINVAL);
	kvm_close(&m);
}

/* ---- K4, K5: slots ---- */

static void slot(const char *name, unsigned int id, unsigned int flags, uint64_t gpa,
		 uint64_t size, uint64_t hva, int err)
{
	struct kvm_userspace_memory_region r = { id, flags, gpa, size, hva };

	if (err)
		refused(name, vm, KVM_SET_USER_MEMORY_REGION, &r, err);
	else
		granted(name, vm, KVM_SET_USER_MEMORY_REGION, &r);
}

static void slots(void)
{
	uint64_t hva = (uintptr_t)memory;

	slot("slot: gpa not aligned", 1, 0, 0x1001, 0x1000, hva, EINVAL);
	slot("slot: size not aligned", 1, 0, 0x1000, 0x1001, hva, EINVAL);
	slot("slot: hva not aligned", 1, 0, 0x1000, 0x1000, hva + 1, EINVAL);
	slot("slot: hva in the kernel", 1, 0, 0x1000, 0x1000, 0xffff888000000000, EINVAL);
	slot("slot: hva and size beyond user space", 1, 0, 0, 0x10000000000,
	     0x00fffffffffff000, EINVAL);
	slot("slot: unknown flag", 1, 0x80, 0x1000, 0x1000, hva, EINVAL);
	slot("slot: id", 0x7fff, 0, 0x1000, 0x1000, hva, EINVAL);
	slot("slot: id of another address space", 0x20001, 0, 0x1000, 0x1000, hva, EINVAL);
	slot("slot: wraps", 1, 0, 0xfffffffffffff000, 0x2000, hva, EINVAL);
	slot("slot: above all physical addresses", 1, 0, 1ull << 52, 0x1000, hva, EINVAL);
	slot("slot: too many frames", 1, 0, 0, 1ull << 43, 0, EINVAL);
	slot("slot: delete what is not", 1, 0, 0, 0, 0, EINVAL);

	slot("slot: make", 1, 0, 0x10000, 0x4000, hva, 0);
	slot("slot: again the same", 1, 0, 0x10000, 0x4000, hva, 0);
	slot("slot: other size", 1, 0, 0x10000, 0x3000, hva, EINVAL);
	slot("slot: other hva", 1, 0, 0x10000, 0x4000, hva + 0x1000, EINVAL);
	slot("slot: overlap at the end", 2, 0, 0x13000, 0x1000, hva, EEXIST);
	slot("slot: overlap at the start", 2, 0, 0xf000, 0x2000, hva, EEXIST);
	slot("slot: around", 2, 0, 0xf000, 0x10000, hva, EEXIST);
	slot("slot: inside", 2, 0, 0x11000, 0x1000, hva, EEXIST);
	slot("slot: right after", 2, 0, 0x14000, 0x1000, hva, 0);
	slot("slot: right before", 3, 0, 0xf000, 0x1000, hva, 0);
	slot("slot: move away", 1, 0, 0x20000, 0x4000, hva, 0);
	slot("slot: move upon another", 1, 0, 0x14000, 0x4000, hva, EEXIST);
	slot("slot: into the gap", 4, 0, 0x10000, 0x4000, hva, 0);
	slot("slot: with a log", 1, 1, 0x20000, 0x4000, hva, 0);
	slot("slot: move with its log", 1, 1, 0x30000, 0x4000, hva, 0);
	slot("slot: with a log and more", 1, 0x81, 0x30000, 0x4000, hva, EINVAL);
	slot("slot: read-only", 9, 2, 0x80000, 0x1000, hva, 0);
	slot("slot: read-only, again the same", 9, 2, 0x80000, 0x1000, hva, 0);
	slot("slot: no longer read-only", 9, 0, 0x80000, 0x1000, hva, EINVAL);
	slot("slot: read-only, with a log", 9, 3, 0x80000, 0x1000, hva, 0);
	slot("slot: read-only, moved", 9, 2, 0x90000, 0x1000, hva, 0);
	slot("slot: read-only now", 4, 2, 0x10000, 0x4000, hva, EINVAL);
	slot("slot: read-only, deleted", 9, 2, 0, 0, 0, 0);
	slot("slot: delete", 1, 0, 0, 0, 0, 0);
	slot("slot: delete again", 1, 0, 0, 0, 0, EINVAL);
}

/* ---- K29, K31: state that no processor has ---- */

static void msr(const char *name, uint32_t index, uint64_t value, int done)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry e;
	} one = { { .nmsrs = 1 }, { .index = index, .data = value } };

	expect(name, vcpu, KVM_SET_MSRS, &one, done, 0);
}

static void machine_checks(void)
{
	struct kvm_x86_mce error = { .status = 1ull << 63, .bank = 10 };
	uint64_t cap = 0;

	refused("mce setup, no bank", vcpu, KVM_X86_SETUP_MCE, &cap, EINVAL);
	cap = 33;
	refused("mce setup, 33 banks", vcpu, KVM_X86_SETUP_MCE, &cap, EINVAL);
	cap = 1ull << 40 | 10;
	refused("mce setup, feature", vcpu, KVM_X86_SETUP_MCE, &cap, EINVAL);
	cap = 1 << 8 | 1 << 24 | 10;
	granted("mce setup", vcpu, KVM_X86_SETUP_MCE, &cap);
	refused("mce, bank 10", vcpu, KVM_X86_SET_MCE, &error, EINVAL);
	error.bank = 255;
	refused("mce, bank 255", vcpu, KVM_X86_SET_MCE, &error, EINVAL);
	error.bank = 9;
	granted("mce, bank 9", vcpu, KVM_X86_SET_MCE, &error);
	error.status = 1ull << 61;
	refused("mce, not valid", vcpu, KVM_X86_SET_MCE, &error, EINVAL);
	msr("msr MCG_CTL half", 0x17b, 5, 0);
	msr("msr MCG_CTL all", 0x17b, ~0ull, 1);
	msr("msr MCG_CAP", 0x179, 0, 0);
	msr("msr MC0_CTL half", 0x400, 0x5555, 0);
	msr("msr MC0_CTL none", 0x400, 0, 1);
	msr("msr MC9_STATUS", 0x425, 0x1234, 1);
	msr("msr MC10_CTL", 0x428, 0, 0);
	msr("msr MC31_MISC", 0x47f, 0, 0);
}

static void memory_types(void)
{
	msr("msr MTRRcap", 0xfe, 0, 0);
	msr("msr MTRRdefType", 0x2ff, 0xc06, 1);
	msr("msr MTRRdefType, type 2", 0x2ff, 0xc02, 0);
	msr("msr MTRRdefType, reserved", 0x2ff, 0x1006, 0);
	msr("msr MTRRfix64K", 0x250, 0x0606060606060606, 1);
	msr("msr MTRRfix64K, type 3", 0x250, 0x0606030606060606, 0);
	msr("msr MTRRfix16K, type 7", 0x259, 0x07, 0);
	msr("msr MTRRfix4K", 0x26f, 0x0005040100060504, 1);
	msr("msr between fixed ones", 0x260, 0, 0);
	msr("msr MTRRphysBase", 0x200, 0xc0000006, 1);
	msr("msr MTRRphysBase, type 2", 0x200, 0xc0000002, 0);
	msr("msr MTRRphysBase, reserved", 0x200, 0xc0000106, 0);
	msr("msr MTRRphysBase, beyond", 0x200, 1ull << 52, 0);
	msr("msr MTRRphysMask", 0x20f, 0xff0000800, 1);
	msr("msr MTRRphysMask, reserved", 0x20f, 0xff0000801, 0);
	msr("msr, a ninth pair", 0x210, 0, 0);
}

static void extended_registers(void)
{
	struct kvm_xcrs xcrs = { .nr_xcrs = 17 };
	static struct kvm_xsave xsave;

	refused("xcrs, 17", vcpu, KVM_SET_XCRS, &xcrs, EINVAL);
	xcrs = (struct kvm_xcrs) { .nr_xcrs = 1, .flags = 1, .xcrs[0].value = 1 };
	refused("xcrs, flags", vcpu, KVM_SET_XCRS, &xcrs, EINVAL);
	xcrs.flags = 0;
	granted("xcrs, x87", vcpu, KVM_SET_XCRS, &xcrs);
	xcrs.xcrs[0].value = 0;
	refused("xcrs, not x87", vcpu, KVM_SET_XCRS, &xcrs, EINVAL);
	xcrs.xcrs[0].value = 5;
	refused("xcrs, AVX without SSE", vcpu, KVM_SET_XCRS, &xcrs, EINVAL);
	xcrs.xcrs[0].value = 1ull << 62 | 1;
	refused("xcrs, none such", vcpu, KVM_SET_XCRS, &xcrs, EINVAL);
	xcrs.xcrs[0] = (struct kvm_xcr) { .xcr = 5, .value = 5 };
	granted("xcrs, another register", vcpu, KVM_SET_XCRS, &xcrs);

	must(ioctl(vcpu, KVM_GET_XSAVE, &xsave));
	granted("xsave", vcpu, KVM_SET_XSAVE, &xsave);
	xsave.region[129] |= 1u << 30;		/* XSTATE_BV, bit 62 */
	refused("xsave, component", vcpu, KVM_SET_XSAVE, &xsave, EINVAL);
	xsave.region[129] = 0;
	xsave.region[130] = 1;			/* XCOMP_BV */
	refused("xsave, compacted", vcpu, KVM_SET_XSAVE, &xsave, EINVAL);
	xsave.region[130] = 0;
	xsave.region[135] = 1;			/* reserved */
	refused("xsave, header", vcpu, KVM_SET_XSAVE, &xsave, EINVAL);
	xsave.region[135] = 0;
	xsave.region[128] = 3;
	xsave.region[6] = 1u << 31;		/* MXCSR */
	refused("xsave, mxcsr", vcpu, KVM_SET_XSAVE, &xsave, EINVAL);
}

static void debug_registers(void)
{
	struct kvm_debugregs regs = { .dr6 = 1ull << 32 };

	refused("debug registers, dr6", vcpu, KVM_SET_DEBUGREGS, &regs, EINVAL);
	regs = (struct kvm_debugregs) { .dr7 = 1ull << 63 };
	refused("debug registers, dr7", vcpu, KVM_SET_DEBUGREGS, &regs, EINVAL);
	regs = (struct kvm_debugregs) { .flags = 1 };
	refused("debug registers, flags", vcpu, KVM_SET_DEBUGREGS, &regs, EINVAL);
	must(ioctl(vcpu, KVM_GET_DEBUGREGS, &regs));
	equal(regs.dr6, 0xffff0ff0);
	equal(regs.dr7, 0x400);
	granted("debug registers", vcpu, KVM_SET_DEBUGREGS, &regs);
}

/* As many as can be said, and one more that cannot go in yet: they are limited, not lost. */
static void many_nmis(void)
{
	struct kvm_vcpu_events before, events;

	must(ioctl(vcpu, KVM_GET_VCPU_EVENTS, &before));
	events = (struct kvm_vcpu_events) {
		.exception = { .injected = 1, .nr = 6 },
		.nmi = { .injected = 1, .pending = 255 },
		.flags = KVM_VCPUEVENT_VALID_NMI_PENDING,
	};
	granted("events, every NMI", vcpu, KVM_SET_VCPU_EVENTS, &events);
	must(ioctl(vcpu, KVM_GET_VCPU_EVENTS, &events));
	equal(events.nmi.pending + events.nmi.injected, 2);
	before.flags |= KVM_VCPUEVENT_VALID_NMI_PENDING;
	granted("events, as before", vcpu, KVM_SET_VCPU_EVENTS, &before);
}

static void no_interrupt_controller(void)
{
	struct kvm_mp_state state = { .mp_state = 3 };
	struct kvm_irq_routing routes = { };

	refused("mp state, halted", vcpu, KVM_SET_MP_STATE, &state, EINVAL);
	state.mp_state = 99;
	refused("mp state, none such", vcpu, KVM_SET_MP_STATE, &state, EINVAL);
	must(ioctl(vcpu, KVM_GET_MP_STATE, &state));
	equal(state.mp_state, KVM_MP_STATE_RUNNABLE);
	granted("mp state", vcpu, KVM_SET_MP_STATE, &state);
	refused("routes, none", vm, KVM_SET_GSI_ROUTING, &routes, EINVAL);
	routes.nr = UINT_MAX;
	refused("routes, many", vm, KVM_SET_GSI_ROUTING, &routes, EINVAL);
}

/* ---- the rest ---- */

static void others(void)
{
	struct {
		struct kvm_signal_mask head;
		char set[8];
	} mask = { .head.len = 4 };
	struct kvm_interrupt irq = { .irq = 256 };

	refused("vcpu again", vm, KVM_CREATE_VCPU, 0, EEXIST);
	refused("vcpu number", vm, KVM_CREATE_VCPU, 0xffffffff, EINVAL);
	refused("interrupt 256", vcpu, KVM_INTERRUPT, &irq, EINVAL);
	irq.irq = UINT_MAX;
	refused("interrupt, all ones", vcpu, KVM_INTERRUPT, &irq, EINVAL);
	irq.irq = 32;
	granted("interrupt", vcpu, KVM_INTERRUPT, &irq);
	granted("interrupt, again", vcpu, KVM_INTERRUPT, &irq);
	refused("signal mask, length", vcpu, KVM_SET_SIGNAL_MASK, &mask, EINVAL);
	mask.head.len = 8;
	granted("signal mask", vcpu, KVM_SET_SIGNAL_MASK, &mask);
	granted("signal mask, none", vcpu, KVM_SET_SIGNAL_MASK, NULL);
	refused("tss address", vm, KVM_SET_TSS_ADDR, 0xfffffffful, EINVAL);
	granted("tss address, good", vm, KVM_SET_TSS_ADDR, 0xfffbd000ul);
	errno = 0;
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, node, 0) != MAP_FAILED || errno != ENODEV)
		die("mmap of the node");
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, vm, 0) != MAP_FAILED || errno != ENODEV)
		die("mmap of the vm");
}

/* ---- ours alone ---- */

static const struct {
	const char *name;
	unsigned int cmd;
} pointed_2006[] = {
	{ "run (2006)", KVM_2006_RUN },
	{ "run (2.6.20)", KVM_2620_RUN },
	{ "get regs (2006)", KVM_2006_GET_REGS },
	{ "set regs (2006)", KVM_2006_SET_REGS },
	{ "get sregs (2006)", KVM_2006_GET_SREGS },
	{ "set sregs (2006)", KVM_2006_SET_SREGS },
	{ "translate (2006)", KVM_2006_TRANSLATE },
	{ "interrupt (2006)", KVM_2006_INTERRUPT },
	{ "debug guest (2006)", KVM_2006_DEBUG_GUEST },
	{ "memory region (2006)", KVM_2006_SET_MEMORY_REGION },
	{ "dirty log (2006)", KVM_2006_GET_DIRTY_LOG },
	{ "get msrs (2006)", KVM_2006_GET_MSRS },
	{ "set msrs (2006)", KVM_2006_SET_MSRS },
	{ "msr list (2006)", KVM_2006_GET_MSR_INDEX_LIST },
	{ "map gpt (2006)", DEVKVM_MAP_GPT },
};

/* On a descriptor that they have given a machine, with a vCPU and a slot. */
static void bad_pointers_2006(void)
{
	struct kvm_2006_memory_region region = { .flags = KVM_MEM_LOG_DIRTY_PAGES,
						 .memory_size = 0x10000 };
	struct kvm_2006_dirty_log log = { .slot = 0 };
	struct kvm_2006_regs before = { .vcpu = 0 }, after = { .vcpu = 0 };
	int fd = kvm_node();

	must(ioctl(fd, KVM_2006_CREATE_VCPU, 0));
	must(ioctl(fd, KVM_2006_SET_MEMORY_REGION, &region));
	must(ioctl(fd, KVM_2006_GET_REGS, &before));
	for (size_t i = 0; i < sizeof(pointed_2006) / sizeof(pointed_2006[0]); i++)
		try_pointers(pointed_2006[i].name, fd, pointed_2006[i].cmd);
	refused("dirty log (2006), no bitmap", fd, KVM_2006_GET_DIRTY_LOG, &log, EFAULT);
	log.dirty_bitmap = (uintptr_t)KERNEL_POINTER;
	refused("dirty log (2006), bitmap in the kernel", fd, KVM_2006_GET_DIRTY_LOG, &log,
		EFAULT);
	must(ioctl(fd, KVM_2006_GET_REGS, &after));
	if (memcmp(&before, &after, sizeof(before)))
		die("registers changed");
	close(fd);
}

/* Clients end, or do without, where one of these is gone. */
static void capabilities(void)
{
	static const struct {
		const char *name;
		int cap, least;
	} offered[] = {
#define OFFERED(name, least)	{ #name, KVM_CAP_##name, least }
		OFFERED(USER_MEMORY, 1), OFFERED(SET_TSS_ADDR, 1), OFFERED(EXT_CPUID, 1),
		OFFERED(SYNC_MMU, 1), OFFERED(SET_GUEST_DEBUG, 1),
		OFFERED(DESTROY_MEMORY_REGION_WORKS, 1), OFFERED(JOIN_MEMORY_REGIONS_WORKS, 1),
		OFFERED(CHECK_EXTENSION_VM, 1), OFFERED(IMMEDIATE_EXIT, 1),
		OFFERED(GET_MSR_FEATURES, 1), OFFERED(MP_STATE, 1), OFFERED(DEBUGREGS, 1),
		OFFERED(USER_NMI, 1), OFFERED(VCPU_EVENTS, 1), OFFERED(INTR_SHADOW, 1),
		OFFERED(PRE_FAULT_MEMORY, 1), OFFERED(READONLY_MEM, 1),
		OFFERED(BINARY_STATS_FD, 1), OFFERED(IOEVENTFD, 1),
		OFFERED(IOEVENTFD_NO_LENGTH, 1), OFFERED(IOEVENTFD_ANY_LENGTH, 1),
		OFFERED(MANUAL_DIRTY_LOG_PROTECT2, 1), OFFERED(ADJUST_CLOCK, 1),
		OFFERED(XSAVE, 1), OFFERED(XCRS, 1), OFFERED(XSAVE2, 4096), OFFERED(MCE, 1),
		OFFERED(IRQ_ROUTING, 1), OFFERED(NR_VCPUS, 1), OFFERED(MAX_VCPUS, 64),
		OFFERED(MAX_VCPU_ID, 64), OFFERED(NR_MEMSLOTS, 512),
#undef OFFERED
	};

	for (size_t i = 0; i < sizeof(offered) / sizeof(offered[0]); i++) {
		int value = ioctl(node, KVM_CHECK_EXTENSION, offered[i].cap);

		if (value < offered[i].least)
			die("KVM_CAP_%s is %d", offered[i].name, value);
		equal(ioctl(vm, KVM_CHECK_EXTENSION, offered[i].cap), value);
	}
}

static void ours(void)
{
	struct devkvm_info info = { .size = sizeof(info) };
	struct kvm_fpu fpu = { };
	struct {
		struct kvm_run run;
	} *shared;

	granted("info", node, DEVKVM_GET_INFO, &info);
	equal(info.size, sizeof(info));
	equal(info.api, KVM_API_VERSION);
	info.size = 0;
	refused("info, no size", node, DEVKVM_GET_INFO, &info, EINVAL);
	info.size = DEVKVM_INFO_SIZE_MIN - 1;
	refused("info, small size", node, DEVKVM_GET_INFO, &info, EINVAL);
	info.size = DEVKVM_INFO_SIZE_MIN;
	memset(info.backend, 'x', sizeof(info.backend));
	granted("info, smallest size", node, DEVKVM_GET_INFO, &info);
	equal(info.backend[0], 'x');
	info.size = UINT_MAX;
	granted("info, great size", node, DEVKVM_GET_INFO, &info);
	try_pointers("info", node, DEVKVM_GET_INFO);
	try_pointers("policy info", node, DEVKVM_GET_POLICY_INFO);
	try_pointers("policy", vcpu, DEVKVM_SET_POLICY);
	try_pointers("map gpt", vcpu, DEVKVM_MAP_GPT);
	try_pointers("pre-fault", vcpu, KVM_PRE_FAULT_MEMORY);

	fpu.mxcsr = 1u << 31;
	refused("fpu, mxcsr", vcpu, KVM_SET_FPU, &fpu, EINVAL);
	slot("slot: number 512", 512, 0, 0x80000, 0x1000, (uintptr_t)memory, EINVAL);
	slot("slot: number 511", 511, 0, 0x80000, 0x1000, (uintptr_t)memory, 0);
	refused("vcpu 64", vm, KVM_CREATE_VCPU, 64, EINVAL);
	refused("vcpu 2^32", vm, KVM_CREATE_VCPU, 1ul << 32, EINVAL);

	shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (shared == MAP_FAILED)
		die("mmap of the vcpu");
	shared->run.kvm_valid_regs = 1;
	refused("run: valid regs", vcpu, KVM_RUN, 0, EINVAL);
	shared->run.kvm_valid_regs = 0;
	shared->run.kvm_dirty_regs = 1ull << 63;
	refused("run: dirty regs", vcpu, KVM_RUN, 0, EINVAL);
	shared->run.kvm_dirty_regs = 0;
	shared->run.cr8 = 16;
	refused("run: cr8", vcpu, KVM_RUN, 0, EINVAL);
}

int main(int argc, char **argv)
{
	node = kvm_node();
	vm = must(ioctl(node, KVM_CREATE_VM, 0));
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0));
	statistics = must(ioctl(vm, KVM_GET_STATS_FD, NULL));
	memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (argc > 1) {
		capabilities();
		ours();
		bad_pointers_2006();
	} else {
		unknown_commands();
		bad_pointers();
		odd_addresses();
		lists();
		processor();
		slots();
		machine_checks();
		memory_types();
		extended_registers();
		debug_registers();
		many_nmis();
		no_interrupt_controller();
		others();
	}
	return failures != 0;
}
