// SPDX-License-Identifier: GPL-2.0
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define STUB_BYTES	8
#define EXITS_MAX	400
#define BIG_PAGE	0x87ull	/* present, writable, user, large */
#define TABLE		0x7ull	/* present, writable, user */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

bool machine_has_vmx(void)
{
	return !system("grep -qw vmx /proc/cpuinfo");
}

int machine_slot(struct machine *m, unsigned int slot, unsigned int flags, uint64_t gpa,
		 uint64_t bytes, const void *memory)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = bytes,
		.userspace_addr = (uintptr_t)memory,
	};

	return call(m->vm, KVM_SET_USER_MEMORY_REGION, &region);
}

int machine_add_vcpu(struct machine *m, unsigned int id, struct kvm_run **run)
{
	int size = ioctl(m->node, KVM_GET_VCPU_MMAP_SIZE, 0);
	int vcpu = call(m->vm, KVM_CREATE_VCPU, id);

	if (vcpu < 0)
		return vcpu;
	*run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (*run == MAP_FAILED)
		die("mmap of a vCPU");
	record_run_page(vcpu, *run);
	return vcpu;
}

void machine_create(struct machine *m, const char *table)
{
	m->table = table;
	m->node = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (m->node < 0)
		die("/dev/kvm");
	m->memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->memory == MAP_FAILED)
		die("memory");
	record_memory(m->memory, MEMORY_BYTES);
	m->vm = call(m->node, KVM_CREATE_VM, 0);
	if (m->vm < 0)
		die("KVM_CREATE_VM");
	machine_slot(m, 0, 0, 0, MEMORY_BYTES, m->memory);
	m->vcpu = machine_add_vcpu(m, 0, &m->run);
	if (m->vcpu < 0)
		die("KVM_CREATE_VCPU");
}

void machine_record_end(struct machine *m)
{
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_vcpu_events events;

	record_step("end");
	call(m->vcpu, KVM_GET_REGS, &regs);
	call(m->vcpu, KVM_GET_SREGS, &sregs);
	call(m->vcpu, KVM_GET_VCPU_EVENTS, &events);
	record_pages("memory", m->memory, MEMORY_BYTES);
}

/*
 * The leaves that the first side to run supports, kept for the other: what
 * in-tree KVM lets a guest do depends on them.
 */
struct leaves {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[KVM_CPUID_MAX_ENTRIES];
};

int machine_make_table(int node, const char *path)
{
	static struct leaves leaves = { .head.nent = KVM_CPUID_MAX_ENTRIES };
	FILE *f;
	int ret;

	if (!access(path, F_OK))
		return 0;
	f = fopen(path, "wb");
	ret = f && !ioctl(node, KVM_GET_SUPPORTED_CPUID, &leaves) &&
	      fwrite(&leaves, sizeof(leaves), 1, f) == 1 ? 0 : -1;
	if (ret)
		perror(path);
	if (f)
		fclose(f);
	return ret;
}

static void take(struct kvm_cpuid_entry2 *e, const struct feature *feature)
{
	uint32_t *registers[] = { &e->eax, &e->ebx, &e->ecx, &e->edx };

	if (e->function == feature->leaf && !e->index)
		*registers[feature->in] &= ~feature->bits;
}

void machine_set_cpuid(struct machine *m)
{
	machine_set_cpuid_without(m, NULL, 0);
}

void machine_set_cpuid_without(struct machine *m, const struct feature *without, size_t count)
{
	static struct leaves leaves;
	FILE *f = fopen(m->table, "rb");

	if (!f || fread(&leaves, sizeof(leaves), 1, f) != 1)
		die(m->table);
	fclose(f);
	for (size_t i = 0; i < count; i++) {
		for (unsigned int j = 0; j < leaves.head.nent; j++)
			take(&leaves.entries[j], &without[i]);
	}
	call(m->vcpu, KVM_SET_CPUID2, &leaves);
	m->has_cpuid = true;
}

/* ---- modes ---- */

/* mov $vector, %al; out %al, $PORT_VECTOR; hlt: the same in every mode */
static void make_stub(struct machine *m, uint8_t vector)
{
	const uint8_t stub[STUB_BYTES] = { 0xb0, vector, 0xe6, PORT_VECTOR, 0xf4 };

	memcpy(m->memory + STUBS_AT + vector * STUB_BYTES, stub, sizeof(stub));
}

static void make_real_vectors(struct machine *m)
{
	for (int i = 0; i < 256; i++) {
		uint32_t entry = STUBS_AT + i * STUB_BYTES;

		make_stub(m, i);
		machine_poke(m, i * 4, entry);
	}
}

static void make_long_vectors(struct machine *m)
{
	for (int i = 0; i < 256; i++) {
		/* present, an interrupt gate, also for INT n of user mode */
		uint64_t gate = (STUBS_AT + i * STUB_BYTES) | (uint64_t)SEL_CODE64 << 16 |
				0xee00ull << 32;

		make_stub(m, i);
		machine_poke(m, IDT_AT + i * 16, gate);
	}
}

static void make_gdt(struct machine *m)
{
	const uint64_t gdt[] = {
		0,
		0x00cf9b000000ffff,	/* SEL_CODE32 */
		0x00cf93000000ffff,	/* SEL_DATA */
		0x00af9b000000ffff,	/* SEL_CODE64 */
		0x00cff3000000ffff,	/* SEL_USER_DATA */
		0x00affb000000ffff,	/* SEL_USER_CODE64 */
		0x00008b0000000067 | (uint64_t)TSS_AT << 16, 0,
	};
	uint64_t stack = STACK_AT;

	machine_poke(m, GDT_AT, gdt);
	machine_poke(m, TSS_AT + 4, stack);
}

static void make_page_tables(struct machine *m)
{
	const uint64_t pml4 = PDPT_AT | TABLE, pdpt = DIR_AT | TABLE, big = BIG_PAGE;

	machine_poke(m, PML4_AT, pml4);
	machine_poke(m, PDPT_AT, pdpt);
	machine_poke(m, DIR_AT, big);
}

void machine_restart(struct machine *m, uint64_t rflags)
{
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2 | rflags, .rsp = STACK_AT };

	call(m->vcpu, KVM_SET_REGS, &regs);
}

void machine_start_real(struct machine *m)
{
	struct kvm_sregs sregs;

	make_real_vectors(m);
	call(m->vcpu, KVM_GET_SREGS, &sregs);
	sregs.cs.base = sregs.cs.selector = 0;
	call(m->vcpu, KVM_SET_SREGS, &sregs);
	machine_restart(m, 0);
}

static struct kvm_segment flat_segment(uint16_t selector, uint8_t type)
{
	return (struct kvm_segment) {
		.selector = selector, .limit = 0xffffffff, .type = type,
		.present = 1, .s = 1, .g = 1, .dpl = selector & 3,
	};
}

struct kvm_sregs machine_long_sregs(struct machine *m)
{
	struct kvm_sregs s;

	call(m->vcpu, KVM_GET_SREGS, &s);
	s.cs = flat_segment(SEL_CODE64, 11);
	s.cs.l = 1;
	s.ss = flat_segment(SEL_DATA, 3);
	s.ss.db = 1;
	s.ds = s.es = s.fs = s.gs = s.ss;
	s.tr = (struct kvm_segment) { .selector = SEL_TSS, .base = TSS_AT, .limit = 0x67,
				      .type = 11, .present = 1 };
	s.gdt.base = GDT_AT, s.gdt.limit = 0x3f;
	s.idt.base = IDT_AT, s.idt.limit = 0xfff;
	s.cr0 = CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_PG;
	s.cr3 = PML4_AT;
	s.cr4 = CR4_PAE;
	s.efer = EFER_LME | EFER_LMA;
	return s;
}

static void start_long(struct machine *m, bool user)
{
	struct kvm_sregs s;

	if (!m->has_cpuid)
		machine_set_cpuid(m);
	s = machine_long_sregs(m);
	make_gdt(m);
	make_long_vectors(m);
	make_page_tables(m);
	if (user) {
		s.cs = flat_segment(SEL_USER_CODE64, 11);
		s.cs.l = 1;
		s.ss = flat_segment(SEL_USER_DATA, 3);
		s.ss.db = 1;
		s.ds = s.es = s.fs = s.gs = s.ss;
	}
	call(m->vcpu, KVM_SET_SREGS, &s);
	machine_restart(m, 0);
}

void machine_start_long(struct machine *m)
{
	start_long(m, false);
}

void machine_start_user(struct machine *m)
{
	start_long(m, true);
}

/* ---- running ---- */

static uint8_t next_answer;

static void answer(void *data, size_t count)
{
	for (uint8_t *byte = data; count; count--)
		*byte++ = next_answer += 0x11;
}

/* No guest of the clients has code up there. */
static void exit_if_emulator_fault(struct machine *m)
{
	struct kvm_regs regs;

	if (m->run->exit_reason == KVM_EXIT_INTERNAL_ERROR &&
	    !ioctl(m->vcpu, KVM_GET_REGS, &regs) && regs.rip >> 63)
		_exit(EMULATOR_FAULT);
}

int machine_run(struct machine *m)
{
	struct kvm_run *run = m->run;

	if (call(m->vcpu, KVM_RUN, 0))
		return -1;
	exit_if_emulator_fault(m);
	if (run->exit_reason == KVM_EXIT_IO && run->io.direction == KVM_EXIT_IO_IN)
		answer((char *)run + run->io.data_offset, (size_t)run->io.size * run->io.count);
	if (run->exit_reason == KVM_EXIT_MMIO && !run->mmio.is_write)
		answer(run->mmio.data, sizeof(run->mmio.data));
	return run->exit_reason;
}

int machine_run_to_end(struct machine *m)
{
	int reason = -1;

	for (int i = 0; i < EXITS_MAX; i++) {
		reason = machine_run(m);
		if (reason != KVM_EXIT_IO && reason != KVM_EXIT_MMIO)
			break;
	}
	return reason;
}
