// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_forbidden: instructions of virtualisation and of system management mode
 * are undefined in a guest, in real, protected and long mode; a triple fault in
 * each ends in KVM_EXIT_SHUTDOWN, and the vCPU can be started anew.
 */
#include "modes.h"

#define CR4_OSXSAVE	(1 << 18)
#define VMCB_CS_ATTRIBUTES 0x412

static const char *const mode_names[] = { "real", "protected", "long" };

static const struct {
	const char *name;
	uint8_t bytes[6];
} instructions[] = {
	{ "vmlaunch", { 0x0f, 0x01, 0xc2 } },
	{ "vmresume", { 0x0f, 0x01, 0xc3 } },
	{ "vmxoff", { 0x0f, 0x01, 0xc4 } },
	{ "vmfunc", { 0x0f, 0x01, 0xd4 } },
	{ "vmxon", { 0xf3, 0x0f, 0xc7, 0x30 } },
	{ "vmclear", { 0x66, 0x0f, 0xc7, 0x30 } },
	{ "vmptrld", { 0x0f, 0xc7, 0x30 } },
	{ "vmptrst", { 0x0f, 0xc7, 0x38 } },
	{ "vmread", { 0x0f, 0x78, 0xc0 } },
	{ "vmwrite", { 0x0f, 0x79, 0xc0 } },
	{ "invept", { 0x66, 0x0f, 0x38, 0x80, 0x00 } },
	{ "invvpid", { 0x66, 0x0f, 0x38, 0x81, 0x00 } },
	{ "vmrun", { 0x0f, 0x01, 0xd8 } },
	{ "vmload", { 0x0f, 0x01, 0xda } },
	{ "vmsave", { 0x0f, 0x01, 0xdb } },
	{ "stgi", { 0x0f, 0x01, 0xdc } },
	{ "clgi", { 0x0f, 0x01, 0xdd } },
	{ "skinit", { 0x0f, 0x01, 0xde } },
	{ "invlpga", { 0x0f, 0x01, 0xdf } },
	{ "rsm", { 0x0f, 0xaa } },
	{ "getsec", { 0x0f, 0x37 } },
};

static void put_code(struct kvm_machine *m, const uint8_t *bytes, size_t size)
{
	memset(m->memory + CODE_AT, 0xf4, 16);	/* hlt */
	memcpy(m->memory + CODE_AT, bytes, size);
}

static void undefined(struct kvm_machine *m, const struct kvm_sregs *reset, enum mode mode)
{
	for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
		put_code(m, instructions[i].bytes, sizeof(instructions[i].bytes));
		start(m, reset, mode, IDT_BYTES - 1);
		kvm_run_once(&m->vcpu);
		if (m->vcpu.run->exit_reason != KVM_EXIT_IO || kvm_out_value(&m->vcpu) != VECTOR_UD)
			die("%s in %s mode: exit %u", instructions[i].name, mode_names[mode],
			    m->vcpu.run->exit_reason);
	}
	printf("ok: undefined in %s mode\n", mode_names[mode]);
}

static void triple_fault(struct kvm_machine *m, const struct kvm_sregs *reset, enum mode mode)
{
	static const uint8_t ud2[] = { 0x0f, 0x0b };

	for (int i = 0; i < 3; i++) {
		put_code(m, ud2, sizeof(ud2));
		start(m, reset, mode, 0);
		kvm_run_once(&m->vcpu);
		equal(m->vcpu.run->exit_reason, KVM_EXIT_SHUTDOWN);
		start(m, reset, mode, IDT_BYTES - 1);
		equal(kvm_next_out(&m->vcpu), VECTOR_UD);
	}
	printf("ok: a triple fault in %s mode, and on\n", mode_names[mode]);
}

#define CPUID_XSAVE	(1u << 26)	/* leaf 1, ECX; OSXSAVE is the bit above */

/* At the reset vector: tells CPUID's leaf 1, ECX. */
static const uint8_t tell_leaf_1[] = {
	0x66, 0xb8, 0x01, 0x00, 0x00, 0x00,	/* mov $1, %eax */
	0x0f, 0xa2,				/* cpuid */
	0x66, 0x89, 0xc8,			/* mov %ecx, %eax */
	0x66, 0xe7, 0x10,			/* out %eax, $0x10 */
};

/* Where a shutdown loses CR4, on SVM, CPUID does not tell of its OSXSAVE any more. */
static void shutdown_of_cr4(void)
{
	static const uint8_t ud2[] = { 0x0f, 0x0b };
	static uint8_t rom[4096] __attribute__((aligned(4096)));
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 leaf_1;
	} cpuid = { { .nent = 1 }, { .function = 1, .ecx = CPUID_XSAVE } };
	struct kvm_regs regs = { .rip = 0xfff0, .rflags = 2 };
	struct kvm_machine m = kvm_machine(ud2, sizeof(ud2));
	struct kvm_sregs sregs;

	memcpy(rom + 0xff0, tell_leaf_1, sizeof(tell_leaf_1));
	must(kvm_slot(&m, 1, 0xfffff000, sizeof(rom), rom));
	must(ioctl(m.vcpu.fd, KVM_SET_CPUID2, &cpuid));
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.cr4 |= CR4_OSXSAVE;
	sregs.idt.limit = 0;
	must(ioctl(m.vcpu.fd, KVM_SET_SREGS, &sregs));
	kvm_run_once(&m.vcpu);
	equal(m.vcpu.run->exit_reason, KVM_EXIT_SHUTDOWN);
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &sregs));
	if (sregs.cs.base) {
		equal(sregs.cr4, 0);
		must(ioctl(m.vcpu.fd, KVM_SET_REGS, &regs));
		equal(kvm_next_out(&m.vcpu), CPUID_XSAVE);
	}
	kvm_close(&m);
	puts("ok: what a shutdown loses");
}

/* CR0.NW without CD is #GP, also on QEMU's TCG, which lets it pass. */
static void cache_control(struct kvm_machine *m, const struct kvm_sregs *reset)
{
	static const uint8_t clear_cd[] = {
		0x0f, 0x20, 0xc0,			/* mov %cr0, %eax */
		0x66, 0x25, 0xff, 0xff, 0xff, 0xbf,	/* and $~CD, %eax */
		0x0f, 0x22, 0xc0,			/* mov %eax, %cr0 */
	};
	struct kvm_sregs sregs;

	put_code(m, clear_cd, sizeof(clear_cd));
	start(m, reset, REAL, IDT_BYTES - 1);
	equal(kvm_next_out(&m->vcpu), VECTOR_UD);	/* of #GP's handler too */
	must(ioctl(m->vcpu.fd, KVM_GET_SREGS, &sregs));
	equal(sregs.cr0, reset->cr0);
	puts("ok: half of the cache's control");
}

/*
 * A jump to code of both 64 and 32 bits is #GP; QEMU's TCG lets it pass, and then
 * refuses the guest at the next entry, which must be told as that.
 */
static void impossible_state(struct kvm_machine *m, const struct kvm_sregs *reset)
{
	static const uint8_t jump[] = { 0xff, 0x2c, 0x25, 0x00, 0x30, 0x00, 0x00 };
	const struct kvm_run *run = m->vcpu.run;
	int halts = 0;

	put_code(m, jump, sizeof(jump));
	start(m, reset, LONG, IDT_BYTES - 1);
	put64(m, 0x3000, (CODE_AT + sizeof(jump)) | (uint64_t)CODE_SELECTOR << 32);
	put64(m, GDT_AT + CODE_SELECTOR, 0x00ef9b000000ffff);
	do {
		kvm_run_once(&m->vcpu);
	} while (run->exit_reason == KVM_EXIT_HLT && ++halts < 3);
	if (run->exit_reason == KVM_EXIT_FAIL_ENTRY) {
		equal(run->fail_entry.hardware_entry_failure_reason, 0xffffffff);
		equal(run->fail_entry.field, VMCB_CS_ATTRIBUTES);
	} else {	/* there is no handler for it */
		equal(run->exit_reason, KVM_EXIT_SHUTDOWN);
	}
	start(m, reset, REAL, IDT_BYTES - 1);
	puts("ok: a state that cannot be");
}

int main(void)
{
	struct kvm_machine m = kvm_machine(handler, sizeof(handler));
	struct kvm_sregs reset;

	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &reset));
	for (enum mode mode = REAL; mode < MODES; mode++) {
		undefined(&m, &reset, mode);
		triple_fault(&m, &reset, mode);
	}
	shutdown_of_cr4();
	cache_control(&m, &reset);
	impossible_state(&m, &reset);
	kvm_close(&m);
	return 0;
}
