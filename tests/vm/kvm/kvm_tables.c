// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_tables: a guest's page tables as nobody should make them: reserved bits,
 * addresses that are too high, tables that are their own, pages that are devices.
 * A line for each tells how an access ends; those of in-tree KVM are the same.
 */
#include "modes.h"
#include "transcript.h"

#define TABLE_AT	0x15000
#define PAGE_AT		0x16000
#define PF_HANDLER_AT	0x1900
#define VECTOR_PF	14
#define NOWHERE		0xfec00000ull
#define PRESENT		3ull		/* and writable */
#define LARGE		0x80ull
#define TOO_HIGH	(1ull << 51)
#define NO_EXECUTE	(1ull << 63)

/* First of all forgets what the tables said before. */
#define FORGET	0x0f, 0x20, 0xd8,	/* mov %cr3, %rax */ \
		0x0f, 0x22, 0xd8	/* mov %rax, %cr3 */

static const uint8_t read_code[] = {
	FORGET,
	0x8a, 0x04, 0x25, 0x23, 0x01, 0x20, 0x00,	/* mov 0x200123, %al */
};

static const uint8_t write_code[] = {
	FORGET,
	0xc6, 0x04, 0x25, 0x23, 0x01, 0x20, 0x00, 0x5a,	/* movb $0x5a, 0x200123 */
};

/* Tells the error code and the address. */
static const uint8_t pf_handler[] = {
	0x58,			/* pop %rax */
	0xe7, 0x10,		/* out %eax, $0x10 */
	0x0f, 0x20, 0xd0,	/* mov %cr2, %rax */
	0xe7, 0x10,		/* out %eax, $0x10 */
	0xf4,			/* hlt */
};

static const struct {
	const char *name;
	uint64_t directory, entry;
} cases[] = {
	{ "nothing in the directory", 0, 0 },
	{ "nothing in the table", TABLE_AT | PRESENT, 0 },
	{ "a page", TABLE_AT | PRESENT, PAGE_AT | PRESENT },
	{ "a page to read", TABLE_AT | PRESENT, PAGE_AT | 1 },
	{ "a page too high", TABLE_AT | PRESENT, TOO_HIGH | PRESENT },
	{ "a table too high", TOO_HIGH | TABLE_AT | PRESENT, 0 },
	{ "no-execute without NXE", TABLE_AT | PRESENT, NO_EXECUTE | PAGE_AT | PRESENT },
	{ "a large page that is not aligned", 1 << 13 | LARGE | PRESENT, 0 },
	{ "a large page", LARGE | PRESENT, 0 },
	{ "the directory as its own table", DIR_AT | PRESENT, 0 },
	{ "a device", TABLE_AT | PRESENT, NOWHERE | PRESENT },
	{ "a table in a device", NOWHERE | PRESENT, 0 },
};

static void prepare(struct kvm_machine *m, const struct kvm_sregs *reset,
		    const uint8_t *code, size_t size, uint64_t directory, uint64_t entry)
{
	memset(m->memory + CODE_AT, 0xf4, 32);	/* hlt */
	memcpy(m->memory + CODE_AT, code, size);
	start(m, reset, LONG, IDT_BYTES - 1);
	memcpy(m->memory + PF_HANDLER_AT, pf_handler, sizeof(pf_handler));
	put64(m, IDT_AT + VECTOR_PF * 16,
	      PF_HANDLER_AT | CODE_SELECTOR << 16 | 0x8e00ull << 32);
	put64(m, DIR_AT + 8, directory);
	put64(m, TABLE_AT, entry);
}

static void tell(struct kvm_machine *m, const char *name, const char *access)
{
	struct kvm_run *run = m->vcpu.run;

	printf("%s, %s:", name, access);
	for (int i = 0; i < 4; i++) {
		kvm_run_once(&m->vcpu);
		if (run->exit_reason == KVM_EXIT_IO)
			printf(" %x", kvm_out_value(&m->vcpu));
		else if (run->exit_reason == KVM_EXIT_MMIO)
			printf(" %s of %u at %llx", run->mmio.is_write ? "write" : "read",
			       run->mmio.len, (unsigned long long)run->mmio.phys_addr);
		else
			break;
	}
	printf(" end %u\n", run->exit_reason);
}

static void try_all(struct kvm_machine *m, const struct kvm_sregs *reset)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		prepare(m, reset, read_code, sizeof(read_code), cases[i].directory,
			cases[i].entry);
		tell(m, cases[i].name, "read");
		prepare(m, reset, write_code, sizeof(write_code), cases[i].directory,
			cases[i].entry);
		tell(m, cases[i].name, "written");
	}
}

int main(void)
{
	struct kvm_machine m = kvm_machine(read_code, sizeof(read_code));
	struct kvm_sregs reset;

	kvm_give_cpuid(&m);
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &reset));
	try_all(&m, &reset);
	kvm_close(&m);
	return 0;
}
