// SPDX-License-Identifier: GPL-2.0
/* CPUID, and what a guest's instructions do: traps, control registers, faults. */
#include "client.h"

/* ---- CPUID ---- */

struct leaves {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[KVM_CPUID_MAX_ENTRIES + 1];
};

static void cpuid_set(struct machine *m)
{
	static struct leaves leaves = {
		.entries = {
			{ .function = 0, .eax = 2, .ebx = 0x11111111 },
			{ .function = 1, .eax = 0x12345, .edx = 1 },
			{ .function = 2, .index = 7, .eax = 3 },
			{ .function = 4, .index = 0, .flags = 1, .eax = 4 },
			{ .function = 4, .index = 1, .flags = 1, .eax = 5 },
			{ .function = 1, .eax = 0x54321 },
		},
	};
	static const uint32_t counts[] = { 0, 1, 6, KVM_CPUID_MAX_ENTRIES,
					   KVM_CPUID_MAX_ENTRIES + 1, ~0u };
	static const uint32_t linear_bits[] = { 0, 32, 47, 48, 57, 64 };

	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		record_step("set %x", counts[i]);
		leaves.head.nent = counts[i];
		call(m->vcpu, KVM_SET_CPUID2, &leaves);
		record_step("get after %x", counts[i]);
		leaves.head.nent = 3;
		call(m->vcpu, KVM_GET_CPUID2, &leaves);
	}
	for (size_t i = 0; i < COUNT_OF(linear_bits); i++) {
		record_step("linear bits %u", linear_bits[i]);
		leaves.entries[6] = (struct kvm_cpuid_entry2) {
			.function = 0x80000008, .eax = linear_bits[i] << 8 | 40,
		};
		leaves.head.nent = 7;
		call(m->vcpu, KVM_SET_CPUID2, &leaves);
	}
}

/* Leaf and subleaf; the guest says EAX to EDX. */
static void ask(struct machine *m, const char *table, uint32_t leaf, uint32_t subleaf)
{
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2, .rsp = STACK_AT,
				 .rax = leaf, .rcx = subleaf };

	record_step("%s %x.%x", table, leaf, subleaf);
	call(m->vcpu, KVM_SET_REGS, &regs);
	machine_run(m);
	call(m->vcpu, KVM_GET_REGS, &regs);
}

static void cpuid_guest(struct machine *m)
{
	static struct leaves leaves = {
		.head.nent = 7,
		.entries = {
			{ .function = 0, .eax = 4, .ebx = 0x756e6547, .ecx = 0x6c65746e,
			  .edx = 0x49656e69 },
			{ .function = 1, .eax = 0x12345, .ecx = 1 << 26, .edx = 1 },
			{ .function = 2, .eax = 0x22 },
			{ .function = 4, .index = 0, .flags = 1, .eax = 0x40 },
			{ .function = 4, .index = 2, .flags = 1, .eax = 0x42 },
			{ .function = 0x80000000, .eax = 0x80000001 },
			{ .function = 0x80000001, .eax = 0x81 },
		},
	};
	static const uint32_t asked[][2] = {
		{ 0, 0 }, { 1, 0 }, { 1, 5 }, { 2, 0 }, { 2, 9 }, { 3, 0 }, { 4, 0 }, { 4, 1 },
		{ 4, 2 }, { 0x80000000, 0 }, { 0x80000001, 3 },
	};

	machine_load(m, cpuid);
	machine_start_real(m);
	ask(m, "none", 0, 0);
	ask(m, "none", 0x80000000, 0);
	record_step("set too late");
	call(m->vcpu, KVM_SET_CPUID2, &leaves);
	for (size_t i = 0; i < COUNT_OF(asked); i++)
		ask(m, "late", asked[i][0], asked[i][1]);
}

static void cpuid_leaves(struct machine *m)
{
	static struct leaves leaves = {
		.head.nent = 5,
		.entries = {
			{ .function = 0, .eax = 4, .ebx = 0x756e6547, .ecx = 0x6c65746e,
			  .edx = 0x49656e69 },
			{ .function = 1, .eax = 0x12345, .ecx = 1 << 26, .edx = 1 },
			{ .function = 4, .index = 0, .flags = 1, .eax = 0x40 },
			{ .function = 4, .index = 2, .flags = 1, .eax = 0x42 },
			{ .function = 2, .eax = 0x22 },
		},
	};
	static const uint32_t asked[][2] = {
		{ 0, 0 }, { 1, 0 }, { 1, 5 }, { 2, 0 }, { 2, 9 }, { 4, 0 }, { 4, 1 }, { 4, 2 },
		/* above the highest, of each class */
		{ 3, 0 }, { 5, 0 }, { 5, 1 }, { 7, 2 }, { 0x7fffffff, 2 }, { 0x40000000, 0 },
		{ 0x40000001, 2 }, { 0x80000000, 0 }, { 0x80000002, 2 }, { 0xc0000001, 0 },
	};

	call(m->vcpu, KVM_SET_CPUID2, &leaves);
	machine_load(m, cpuid);
	machine_start_real(m);
	for (size_t i = 0; i < COUNT_OF(asked); i++)
		ask(m, "leaf", asked[i][0], asked[i][1]);
	record_step("the same again");
	call(m->vcpu, KVM_SET_CPUID2, &leaves);
	record_step("another after the run");
	leaves.entries[1].eax++;
	call(m->vcpu, KVM_SET_CPUID2, &leaves);
}

/* ---- instructions, one by one ---- */

struct snippet {
	const char *what;
	uint8_t code[15];
	uint8_t bytes;
	struct kvm_regs regs;
};

#define CODE(...)	.code = { __VA_ARGS__ }, .bytes = sizeof((uint8_t []) { __VA_ARGS__ })
#define MOV_SS(...)	CODE(0x8e, 0xd0, __VA_ARGS__)	/* mov %eax, %ss */
#define HLT		0xf4
#define STACK_SHOWN	64	/* bytes: what an exception pushes */

/* The instruction, then HLT; what it raises its stub says. */
static void try_snippets(struct machine *m, const struct snippet *snippets, size_t count)
{
	struct kvm_sregs start;

	call(m->vcpu, KVM_GET_SREGS, &start);
	for (size_t i = 0; i < count; i++) {
		struct kvm_regs regs = snippets[i].regs;

		record_step("%s", snippets[i].what);
		memset(m->memory + CODE_AT, HLT, 32);
		memset(m->memory + STACK_AT - STACK_SHOWN, 0, STACK_SHOWN);
		memcpy(m->memory + CODE_AT, snippets[i].code, snippets[i].bytes);
		regs.rip = CODE_AT;
		regs.rflags |= 2;
		regs.rsp = STACK_AT;
		call(m->vcpu, KVM_SET_SREGS, &start);
		call(m->vcpu, KVM_SET_REGS, &regs);
		machine_run_to_end(m);
		call(m->vcpu, KVM_GET_REGS, &regs);
		record_values("stack", m->memory + STACK_AT - STACK_SHOWN, STACK_SHOWN / 8);
	}
	memset(m->memory + STACK_AT - STACK_SHOWN, 0, STACK_SHOWN);
}

static const struct snippet undefined[] = {
	{ "ud2", CODE(0x0f, 0x0b) },
	{ "vmcall", CODE(0x0f, 0x01, 0xc1) },
	{ "vmmcall", CODE(0x0f, 0x01, 0xd9) },
	{ "vmlaunch", CODE(0x0f, 0x01, 0xc2) },
	{ "vmresume", CODE(0x0f, 0x01, 0xc3) },
	{ "vmxoff", CODE(0x0f, 0x01, 0xc4) },
	{ "vmrun", CODE(0x0f, 0x01, 0xd8) },
	{ "vmload", CODE(0x0f, 0x01, 0xda) },
	{ "vmsave", CODE(0x0f, 0x01, 0xdb) },
	{ "stgi", CODE(0x0f, 0x01, 0xdc) },
	{ "clgi", CODE(0x0f, 0x01, 0xdd) },
	{ "skinit", CODE(0x0f, 0x01, 0xde) },
	{ "invlpga", CODE(0x0f, 0x01, 0xdf) },
	{ "rsm", CODE(0x0f, 0xaa) },
	{ "rdpmc", CODE(0x0f, 0x33) },
	{ "wbinvd", CODE(0x0f, 0x09) },
	{ "invd", CODE(0x0f, 0x08) },
	{ "pause", CODE(0xf3, 0x90) },
	{ "clts", CODE(0x0f, 0x06) },
	{ "smsw", CODE(0x0f, 0x01, 0xe0) },
	{ "lmsw ts", CODE(0x0f, 0x01, 0xf0), .regs = { .rax = 0xb } },
	{ "lmsw clears pe", CODE(0x0f, 0x01, 0xf0), .regs = { .rax = 0 } },
	{ "swapgs", CODE(0x0f, 0x01, 0xf8) },
	{ "invlpg", CODE(0x0f, 0x01, 0x38) },
	{ "int3", CODE(0xcc) },
	{ "int 80", CODE(0xcd, 0x80) },
	{ "int 1", CODE(0xcd, 0x01) },
	{ "icebp", CODE(0xf1) },
	{ "div by 0", CODE(0xf7, 0xf1) },
	{ "xsetbv off", CODE(0x0f, 0x01, 0xd1), .regs = { .rax = 1 } },
	{ "xgetbv off", CODE(0x0f, 0x01, 0xd0) },
	{ "read above the map", CODE(0x8b, 0x00), .regs = { .rax = 0x40000000 } },
	{ "write above the map", CODE(0x89, 0x00), .regs = { .rax = 0x40000000 } },
	{ "not canonical", CODE(0x8b, 0x00), .regs = { .rax = 1ull << 62 } },
	{ "fetch above the map", CODE(0xff, 0xe0), .regs = { .rax = 0x40000000 } },
	{ "fetch from a device", CODE(0xff, 0xe0), .regs = { .rax = DEVICE_AT } },
	{ "movaps unaligned", CODE(0x0f, 0x28, 0x00), .regs = { .rax = DATA_AT + 1 } },
	{ "prefixes too many", CODE(0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
				   0x66, 0x66, 0x66, 0x66, 0x66) },
	{ "lock nop", CODE(0xf0, 0x90) },
	{ "single step", CODE(0x90, 0x90), .regs = { .rflags = 0x100 } },
	{ "step over cpuid", CODE(0x0f, 0xa2, 0x90), .regs = { .rflags = 0x100 } },
	{ "step over sti", CODE(0xfb, 0x90, 0x90), .regs = { .rflags = 0x100 } },
	{ "step over mov ss", MOV_SS(0x90, 0x90), .regs = { .rax = SEL_DATA, .rflags = 0x100 } },
	{ "icebp after mov ss", MOV_SS(0xf1), .regs = { .rax = SEL_DATA, .rflags = 0x100 } },
};

static void kernel_mode(struct machine *m)
{
	machine_set_cpuid(m);
	machine_start_long(m);
	try_snippets(m, undefined, COUNT_OF(undefined));
}

/* The same at CPL 3: what is privileged is #GP, ports too. */
static void user_mode(struct machine *m)
{
	static const struct snippet privileged[] = {
		{ "hlt", CODE(HLT) },
		{ "out", CODE(0xe6, 0x10) },
		{ "in", CODE(0xe4, 0x10) },
		{ "cli", CODE(0xfa) },
		{ "sti", CODE(0xfb) },
		{ "mov from cr0", CODE(0x0f, 0x20, 0xc0) },
		{ "mov to cr3", CODE(0x0f, 0x22, 0xd8) },
		{ "mov from dr7", CODE(0x0f, 0x21, 0xf8) },
		{ "rdmsr", CODE(0x0f, 0x32), .regs = { .rcx = 0xc0000080 } },
		{ "wrmsr", CODE(0x0f, 0x30), .regs = { .rcx = 0xc0000080 } },
		{ "invlpg", CODE(0x0f, 0x01, 0x38) },
		{ "wbinvd", CODE(0x0f, 0x09) },
		{ "clts", CODE(0x0f, 0x06) },
		{ "vmcall", CODE(0x0f, 0x01, 0xc1) },
		{ "vmmcall", CODE(0x0f, 0x01, 0xd9) },
		{ "vmrun", CODE(0x0f, 0x01, 0xd8) },
		{ "xsetbv", CODE(0x0f, 0x01, 0xd1) },
		{ "int3", CODE(0xcc) },
		{ "int 80", CODE(0xcd, 0x80) },
		{ "int 13", CODE(0xcd, 0x0d) },
		{ "ud2", CODE(0x0f, 0x0b) },
		{ "read above the map", CODE(0x8b, 0x00), .regs = { .rax = 0x40000000 } },
		{ "in with iopl 3", CODE(0xe4, 0x10), .regs = { .rflags = 0x3000 } },
		{ "cpuid", CODE(0x0f, 0xa2) },
	};

	machine_set_cpuid(m);
	machine_start_user(m);
	try_snippets(m, privileged, COUNT_OF(privileged));
}

static void real_mode(struct machine *m)
{
	static const struct snippet snippets[] = {
		{ "ud2", CODE(0x0f, 0x0b) },
		{ "div by 0", CODE(0xf7, 0xf1) },
		{ "int3", CODE(0xcc) },
		{ "int 21", CODE(0xcd, 0x21) },
		{ "into, no overflow", CODE(0xce) },
		{ "into", CODE(0xce), .regs = { .rflags = 0x800 } },
		{ "bound", CODE(0x62, 0x06, 0x00, 0x50), .regs = { .rax = 7 } },
		{ "limit", CODE(0x8b, 0x07), .regs = { .rbx = 0xffff } },
		{ "mov from cr0", CODE(0x0f, 0x20, 0xc0) },
		{ "smsw 32", CODE(0x66, 0x0f, 0x01, 0xe0), .regs = { .rax = ~0ull } },
		{ "smsw to memory", CODE(0x66, 0x0f, 0x01, 0x26, 0x00, 0x50, 0x66, 0xa1, 0x00, 0x50) },
		{ "cr0 pe", CODE(0x0f, 0x22, 0xc0), .regs = { .rax = CR0_PE | CR0_ET } },
		{ "cr0 pg", CODE(0x0f, 0x22, 0xc0), .regs = { .rax = CR0_PG | CR0_ET } },
		{ "smsw", CODE(0x0f, 0x01, 0xe0) },
		{ "lmsw", CODE(0x0f, 0x01, 0xf0), .regs = { .rax = 0xf } },
		{ "str", CODE(0x0f, 0x00, 0xc8) },
		{ "sgdt", CODE(0x0f, 0x01, 0x06, 0x00, 0x50) },
		{ "vmcall", CODE(0x0f, 0x01, 0xc1) },
		{ "vmmcall", CODE(0x0f, 0x01, 0xd9) },
		{ "single step", CODE(0x90, 0x90), .regs = { .rflags = 0x100 } },
	};

	machine_set_cpuid(m);
	machine_start_real(m);
	try_snippets(m, snippets, COUNT_OF(snippets));
}

/* ---- control registers, written by the guest ---- */

#define TO_CR0	CODE(0x0f, 0x22, 0xc0)
#define TO_CR3	CODE(0x0f, 0x22, 0xd8)
#define TO_CR4	CODE(0x0f, 0x22, 0xe0)
#define TO_CR8	CODE(0x44, 0x0f, 0x22, 0xc0)

#define LONG_CR0	(CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_PG)

static void control_registers(struct machine *m)
{
	static const struct snippet writes[] = {
		{ "cr0 the same", TO_CR0, .regs = { .rax = LONG_CR0 } },
		{ "cr0 ts", TO_CR0, .regs = { .rax = LONG_CR0 | CR0_TS } },
		{ "cr0 mp em", TO_CR0, .regs = { .rax = LONG_CR0 | CR0_MP | CR0_EM } },
		{ "cr0 without et", TO_CR0, .regs = { .rax = LONG_CR0 & ~CR0_ET } },
		{ "cr0 without wp", TO_CR0, .regs = { .rax = LONG_CR0 & ~CR0_WP } },
		{ "cr0 am", TO_CR0, .regs = { .rax = LONG_CR0 | CR0_AM } },
		{ "cr0 reserved", TO_CR0, .regs = { .rax = LONG_CR0 | 0x40 } },
		{ "cr0 high", TO_CR0, .regs = { .rax = LONG_CR0 | 1ull << 32 } },
		{ "cr0 nw", TO_CR0, .regs = { .rax = LONG_CR0 | CR0_NW } },
		{ "cr0 cd", TO_CR0, .regs = { .rax = LONG_CR0 | CR0_CD } },
		{ "cr0 nw cd", TO_CR0, .regs = { .rax = LONG_CR0 | CR0_CD | CR0_NW } },
		{ "cr0 pg without pe", TO_CR0, .regs = { .rax = LONG_CR0 & ~CR0_PE } },
		{ "cr3 the same", TO_CR3, .regs = { .rax = PML4_AT } },
		{ "cr3 low bits", TO_CR3, .regs = { .rax = PML4_AT | 0x18 } },
		{ "cr3 bit 63", TO_CR3, .regs = { .rax = PML4_AT | 1ull << 63 } },
		{ "cr3 bit 52", TO_CR3, .regs = { .rax = PML4_AT | 1ull << 52 } },
		{ "cr4 the same", TO_CR4, .regs = { .rax = CR4_PAE } },
		{ "cr4 without pae", TO_CR4, .regs = { .rax = 0 } },
		{ "cr4 la57", TO_CR4, .regs = { .rax = CR4_PAE | 1 << 12 } },
		{ "cr4 vmxe", TO_CR4, .regs = { .rax = CR4_PAE | 1 << 13 } },
		{ "cr4 bit 15", TO_CR4, .regs = { .rax = CR4_PAE | 1 << 15 } },
		{ "cr4 pcide", TO_CR4, .regs = { .rax = CR4_PAE | 1 << 17 } },
		{ "cr4 bit 31", TO_CR4, .regs = { .rax = CR4_PAE | 1ull << 31 } },
		{ "cr4 high", TO_CR4, .regs = { .rax = CR4_PAE | 1ull << 32 } },
		{ "cr4 osfxsr", TO_CR4, .regs = { .rax = CR4_PAE | CR4_OSFXSR } },
		{ "cr4 tsd de", TO_CR4, .regs = { .rax = CR4_PAE | 0xc } },
		{ "cr8 5", TO_CR8, .regs = { .rax = 5 } },
		{ "cr8 16", TO_CR8, .regs = { .rax = 16 } },
		{ "cr8 high", TO_CR8, .regs = { .rax = 1ull << 32 } },
		{ "cr1", CODE(0x0f, 0x22, 0xc8) },
		{ "from cr2", CODE(0x0f, 0x20, 0xd0) },
		{ "from cr8", CODE(0x44, 0x0f, 0x20, 0xc0) },
		{ "from cr5", CODE(0x0f, 0x20, 0xe8) },
	};

	machine_set_cpuid(m);
	machine_start_long(m);
	try_snippets(m, writes, COUNT_OF(writes));
}

static void debug_moves(struct machine *m)
{
	static const struct snippet moves[] = {
		{ "to dr0", CODE(0x0f, 0x23, 0xc0), .regs = { .rax = 0x123456789 } },
		{ "from dr0", CODE(0x0f, 0x21, 0xc0) },
		{ "to dr3", CODE(0x0f, 0x23, 0xd8), .regs = { .rax = 7 } },
		{ "to dr6", CODE(0x0f, 0x23, 0xf0), .regs = { .rax = 0xffffffff } },
		{ "from dr6", CODE(0x0f, 0x21, 0xf0) },
		{ "to dr6 high", CODE(0x0f, 0x23, 0xf0), .regs = { .rax = 1ull << 32 } },
		{ "to dr7", CODE(0x0f, 0x23, 0xf8), .regs = { .rax = 0x700 } },
		{ "from dr7", CODE(0x0f, 0x21, 0xf8) },
		{ "to dr7 high", CODE(0x0f, 0x23, 0xf8), .regs = { .rax = 1ull << 32 } },
		{ "to dr4", CODE(0x0f, 0x23, 0xe0), .regs = { .rax = 1 } },
		{ "from dr5", CODE(0x0f, 0x21, 0xe8) },
	};

	machine_set_cpuid(m);
	machine_start_long(m);
	try_snippets(m, moves, COUNT_OF(moves));
}

/* Code of 32 bits: of a register of 64 the lower half is all that counts. */
static void narrow_moves(struct machine *m)
{
	static const struct snippet moves[] = {
		{ "to dr0", CODE(0x0f, 0x23, 0xc0), .regs = { .rax = 0x1234567800005678 } },
		{ "from dr0", CODE(0x0f, 0x21, 0xc0), .regs = { .rax = ~0ull } },
		{ "to dr6", CODE(0x0f, 0x23, 0xf0), .regs = { .rax = ~0ull << 32 | 0xf } },
		{ "from dr6", CODE(0x0f, 0x21, 0xf0), .regs = { .rax = ~0ull } },
		{ "to dr7", CODE(0x0f, 0x23, 0xf8), .regs = { .rax = ~0ull << 32 | 0x400 } },
		{ "from dr7", CODE(0x0f, 0x21, 0xf8), .regs = { .rax = ~0ull } },
		{ "to cr4", TO_CR4, .regs = { .rax = ~0ull << 32 | CR4_PAE } },
		{ "from cr4", CODE(0x0f, 0x20, 0xe0), .regs = { .rax = ~0ull } },
	};
	static const struct snippet of_high = { "from high dr0", CODE(0x0f, 0x21, 0xc0) };
	const struct kvm_debugregs high = { .db = { 0x1111111122222222 }, .dr7 = 0x400 };
	struct kvm_debugregs regs;
	struct kvm_sregs sregs;

	machine_set_cpuid(m);
	machine_start_long(m);
	call(m->vcpu, KVM_GET_SREGS, &sregs);
	sregs.cs.selector = SEL_CODE32;
	sregs.cs.l = 0;
	sregs.cs.db = 1;
	call(m->vcpu, KVM_SET_SREGS, &sregs);
	try_snippets(m, moves, COUNT_OF(moves));
	call(m->vcpu, KVM_GET_DEBUGREGS, &regs);
	record_step("high");
	call(m->vcpu, KVM_SET_DEBUGREGS, &high);
	try_snippets(m, &of_high, 1);
}

/* XSETBV after CR4.OSXSAVE. */
static void xsetbv(struct machine *m)
{
	static const struct snippet writes[] = {
		{ "x87", CODE(0x0f, 0x01, 0xd1), .regs = { .rax = 1 } },
		{ "x87 sse", CODE(0x0f, 0x01, 0xd1), .regs = { .rax = 3 } },
		{ "x87 sse avx", CODE(0x0f, 0x01, 0xd1), .regs = { .rax = 7 } },
		{ "nothing", CODE(0x0f, 0x01, 0xd1), .regs = { .rax = 0 } },
		{ "avx without sse", CODE(0x0f, 0x01, 0xd1), .regs = { .rax = 5 } },
		{ "high", CODE(0x0f, 0x01, 0xd1), .regs = { .rax = 1, .rdx = 1 << 30 } },
		{ "another register", CODE(0x0f, 0x01, 0xd1), .regs = { .rax = 1, .rcx = 1 } },
		{ "read", CODE(0x0f, 0x01, 0xd0) },
		{ "read another", CODE(0x0f, 0x01, 0xd0), .regs = { .rcx = 5 } },
	};
	struct kvm_sregs sregs;

	machine_set_cpuid(m);
	machine_start_long(m);
	sregs = machine_long_sregs(m);
	sregs.cr4 |= CR4_OSXSAVE | CR4_OSFXSR;
	call(m->vcpu, KVM_SET_SREGS, &sregs);
	try_snippets(m, writes, COUNT_OF(writes));
}

/* Entries of the guest's page tables that are no good, by one entry each. */
static void page_faults(struct machine *m)
{
	static const struct {
		const char *what;
		uint64_t entry;
	} cases[] = {
		{ "not present", 0 },
		{ "read only", 0x85 },
		{ "supervisor", 0x83 },
		{ "reserved low", 0x87 | 1 << 14 },
		{ "reserved high", 0x87 | 1ull << 51 },
		{ "no execution", 0x87 | 1ull << 63 },
		{ "a device", 0x87 | 0x200000 },
		{ "table in a device", 0x07 | DEVICE_AT },
		{ "accessed and dirty", 0x87 | 0x60 },
	};

	machine_set_cpuid(m);
	machine_load(m, load_store);
	machine_start_long(m);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		record_step("%s", cases[i].what);
		/* the second 2 MiB, which guest_load_store uses */
		machine_poke(m, DIR_AT + 8, cases[i].entry);
		machine_restart(m, 0);
		machine_run_to_end(m);
		record_hash("tables", m->memory + PML4_AT, 3 * 4096);
	}
}

#define RDPKRU		0x0f, 0x01, 0xee
#define WRPKRU		0x0f, 0x01, 0xef	/* EAX; ECX and EDX are 0 */
#define LOAD		0x8b, 0x03		/* mov (%rbx), %eax */
#define STORE		0x89, 0x03		/* mov %eax, (%rbx) */
#define OUTSB		0x6e			/* from (%rsi) to port DX */
#define BIG_PAGE	0x87ull			/* present, writable, user, large */
#define KEY_1		(1ull << 59)
#define CR4_PKE		(1 << 22)
#define KEYED_AT	0x200000

static const struct snippet without_keys[] = { { "rdpkru off", CODE(RDPKRU) } };

static const struct snippet with_keys[] = {
	{ "rdpkru", CODE(RDPKRU) },
	{ "rdpkru ecx", CODE(RDPKRU), .regs = { .rcx = 1 } },
	{ "wrpkru edx", CODE(WRPKRU), .regs = { .rdx = 1 } },
	{ "wrpkru", CODE(WRPKRU, RDPKRU), .regs = { .rax = 0xfffffff0 } },
	{ "open, load", CODE(WRPKRU, LOAD), .regs = { .rbx = KEYED_AT } },
	{ "no access, load", CODE(WRPKRU, LOAD), .regs = { .rax = 4, .rbx = KEYED_AT } },
	{ "no access, store", CODE(WRPKRU, STORE), .regs = { .rax = 4, .rbx = KEYED_AT } },
	{ "no writes, load", CODE(WRPKRU, LOAD), .regs = { .rax = 8, .rbx = KEYED_AT } },
	{ "no writes, store", CODE(WRPKRU, STORE), .regs = { .rax = 8, .rbx = KEYED_AT } },
	/* from there to port 0, by who emulates it */
	{ "no access, outs", CODE(WRPKRU, OUTSB), .regs = { .rax = 4, .rsi = KEYED_AT } },
	{ "no writes, outs", CODE(WRPKRU, OUTSB), .regs = { .rax = 8, .rsi = KEYED_AT } },
};

static void protection_keys(struct machine *m)
{
	const uint64_t entry = BIG_PAGE | KEY_1;
	struct kvm_sregs sregs;

	machine_set_cpuid(m);
	machine_start_long(m);
	machine_poke(m, DIR_AT + 8, entry);
	try_snippets(m, without_keys, COUNT_OF(without_keys));
	record_step("pke");
	call(m->vcpu, KVM_GET_SREGS, &sregs);
	sregs.cr0 |= 1 << 16;		/* WP */
	sregs.cr4 |= CR4_PKE;
	call(m->vcpu, KVM_SET_SREGS, &sregs);
	try_snippets(m, with_keys, COUNT_OF(with_keys));
}

const struct client cpu_clients[] = {
	{ "cpuid-set", cpuid_set },
	{ "cpuid-guest", cpuid_guest },
	{ "cpuid-leaves", cpuid_leaves },
	{ "insn-kernel", kernel_mode },
	{ "insn-user", user_mode },
	{ "insn-real", real_mode },
	{ "insn-cr", control_registers },
	{ "insn-dr", debug_moves },
	{ "insn-narrow", narrow_moves },
	{ "insn-xsetbv", xsetbv },
	{ "page-faults", page_faults },
	{ "insn-keys", protection_keys },
	{ }
};
