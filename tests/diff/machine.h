/* SPDX-License-Identifier: GPL-2.0 */
/* The machine that every client of the differential test begins with. */
#ifndef TESTS_DIFF_MACHINE_H
#define TESTS_DIFF_MACHINE_H

#include <stdbool.h>

#include "guests.h"
#include "record.h"

/*
 * Guest-physical memory, from 0: what is above is a device's, up to 2 MiB also
 * in the guests with page tables.
 */
#define MEMORY_BYTES	0x20000u
#define CODE_AT		0x1000	/* where a guest is loaded, and starts */
#define STUBS_AT	0x2000	/* what each vector leads to */
#define GDT_AT		0x3000
#define TSS_AT		0x3800
#define IDT_AT		0x4000
#define DATA_AT		0x5000
#define STACK_AT	0x8000
#define PML4_AT		0x9000
#define PDPT_AT		0xa000
#define DIR_AT		0xb000
#define SPARE_AT	0x10000	/* pages that nothing has touched */
#define DEVICE_AT	0x100000

/* Selectors of GDT_AT; those of user mode have RPL 3. */
#define SEL_CODE32	0x08
#define SEL_DATA	0x10
#define SEL_CODE64	0x18
#define SEL_USER_DATA	0x23
#define SEL_USER_CODE64	0x2b
#define SEL_TSS		0x30

/* A vector's stub says on this port which it was, and halts. */
#define PORT_VECTOR	0xe0

#define CR0_PE		0x1u
#define CR0_MP		0x2u
#define CR0_EM		0x4u
#define CR0_TS		0x8u
#define CR0_ET		0x10u
#define CR0_NE		0x20u
#define CR0_WP		0x10000u
#define CR0_AM		0x40000u
#define CR0_NW		0x20000000u
#define CR0_CD		0x40000000u
#define CR0_PG		0x80000000u
#define CR4_PAE		0x20u
#define CR4_OSFXSR	0x200u
#define CR4_OSXSAVE	0x40000u
#define EFER_SCE	0x1u
#define EFER_LME	0x100u
#define EFER_LMA	0x400u
#define EFER_NX		0x800u
#define FLAG_IF		0x200u

struct machine {
	int node, vm, vcpu;
	struct kvm_run *run;
	uint8_t *memory;
	const char *table;	/* a file: CPUID's leaves, the same for both sides */
	bool has_cpuid;
};

void machine_create(struct machine *m, const char *table);
/* Registers, memory; the descriptors go with the process. */
void machine_record_end(struct machine *m);

/* Is this Intel's extension? */
bool machine_has_vmx(void);

/* How a client ends whose guest the emulator has lost (tests/vm/kvm/kvm.h). */
#define EMULATOR_FAULT	75

/* One more vCPU; its descriptor, its run page in *run. */
int machine_add_vcpu(struct machine *m, unsigned int id, struct kvm_run **run);

int machine_slot(struct machine *m, unsigned int slot, unsigned int flags, uint64_t gpa,
		 uint64_t bytes, const void *memory);

#define machine_load(m, guest) \
	memcpy((m)->memory + CODE_AT, guest_##guest, guest_##guest##_end - guest_##guest)

/* What the guest has at an address is `value` from now on. */
#define machine_poke(m, at, value) \
	memcpy((m)->memory + (at), &(value), sizeof(value))

/* The file, unless it is there, of the leaves that this side supports; 0 or -1. */
int machine_make_table(int node, const char *path);
/* Done for all in long mode, which in-tree KVM refuses without. */
void machine_set_cpuid(struct machine *m);
/* The same, but some features of it. */
enum cpuid_register { CPUID_EAX, CPUID_EBX, CPUID_ECX, CPUID_EDX };
struct feature {
	uint32_t leaf;
	enum cpuid_register in;
	uint32_t bits;
};
void machine_set_cpuid_without(struct machine *m, const struct feature *without, size_t count);

/* Ready to run at CODE_AT: in real mode, segments at 0; in long mode, at CPL 0 or 3. */
void machine_start_real(struct machine *m);
void machine_start_long(struct machine *m);
void machine_start_user(struct machine *m);
/* The same mode again, from CODE_AT. */
void machine_restart(struct machine *m, uint64_t rflags);
struct kvm_sregs machine_long_sregs(struct machine *m);

/*
 * Runs once. The exit's reason, or -1; what it asks for is answered with what
 * comes next in a pattern.
 */
int machine_run(struct machine *m);
/* On until something else than a device is asked for. */
int machine_run_to_end(struct machine *m);

#endif
