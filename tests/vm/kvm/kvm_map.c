// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_map: page tables that hold nothing but what DEVKVM_MAP_GPT has put there,
 * in each paging mode; a guest runs on them. Then KVM_PRE_FAULT_MEMORY.
 */
#include "devkvm_2006.h"
#include "kvm.h"

#define TOP		0x10000		/* the top table; pages after it become tables */
#define DATA		0x5000
#define OTHER		0x6000
#define PORT		0x10

#define CR0_PE		1ull
#define CR0_WP		0x10000ull
#define CR0_PG		0x80000000ull
#define CR4_PSE		0x10ull
#define CR4_PAE		0x20ull
#define CR4_LA57	0x1000ull
#define EFER_LME	0x100ull
#define EFER_LMA	0x400ull
#define EFER_NX		0x800ull

#define KIB		0x400ull
#define MIB		0x100000ull

/* The same in 32-bit and in 64-bit code. */
static const uint8_t code[] = {
	0x8b, 0x03,		/* mov (%ebx), %eax */
	0xe7, PORT,		/* out %eax, $PORT */
	0x89, 0x01,		/* mov %eax, (%ecx) */
	0x8b, 0x03,		/* mov (%ebx), %eax */
	0xe7, PORT,		/* out %eax, $PORT */
	0xf4,			/* hlt */
};

static const struct mode {
	const char *name;
	uint64_t cr4, efer;
	uint64_t linear;	/* nothing is mapped near it */
	int tables;		/* that one page at `linear` needs */
	uint64_t large;		/* bytes of a large page */
} modes[] = {
	{ "32-bit", CR4_PSE, 0, 0xc0123000, 1, 4 * MIB },
	{ "PAE", CR4_PAE, EFER_NX, 0xc0123000, 2, 2 * MIB },
	{ "4 levels", CR4_PAE, EFER_LME | EFER_LMA | EFER_NX, 0xffff900012345000, 3, 2 * MIB },
	{ "5 levels", CR4_PAE | CR4_LA57, EFER_LME | EFER_LMA | EFER_NX,
	  0xff12900012345000, 4, 2 * MIB },
};

/* ---- a guest with paging and empty tables ---- */

static void set_mode(const struct kvm_vcpu *v, const struct mode *mode)
{
	const struct kvm_segment data = {
		.limit = 0xffffffff, .selector = 0x10, .type = 3, .present = 1,
		.db = 1, .s = 1, .g = 1,
	};
	struct kvm_sregs sregs;

	must(ioctl(v->fd, KVM_GET_SREGS, &sregs));
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = sregs.cs = data;
	sregs.cs.selector = 8;
	sregs.cs.type = 11;
	sregs.cs.l = !!(mode->efer & EFER_LMA);
	sregs.cs.db = !sregs.cs.l;
	sregs.idt.limit = 0;
	sregs.cr0 = CR0_PE | CR0_PG | CR0_WP | 0x10;
	sregs.cr3 = TOP;
	sregs.cr4 = mode->cr4;
	sregs.efer = mode->efer;
	must(ioctl(v->fd, KVM_SET_SREGS, &sregs));
}

static void set_regs(const struct kvm_vcpu *v, uint64_t from, uint64_t to)
{
	const struct kvm_regs regs = {
		.rip = CODE_AT, .rflags = 2, .rbx = from, .rcx = to,
	};

	must(ioctl(v->fd, KVM_SET_REGS, &regs));
}

/* Tables are taken from the pages above TOP, in order. */
static uint64_t next_table = TOP + 0x1000;

static int map_at(int fd, uint64_t linear, uint64_t gpa, uint64_t size, uint32_t flags)
{
	uint64_t tables[4];
	struct devkvm_map_gpt map = {
		.flags = flags,
		.linear_address = linear,
		.physical_address = gpa,
		.page_size = size,
		.tables = (uintptr_t)tables,
		.table_count = 4,
	};
	int ret;

	for (int i = 0; i < 4; i++)
		tables[i] = next_table + i * 0x1000;
	ret = ioctl(fd, DEVKVM_MAP_GPT, &map);
	if (ret > 0)
		next_table += ret * 0x1000;
	return ret;
}

static void refused(int ret, int error, const char *what)
{
	if (ret != -1 || errno != error)
		die("%s: %d, not errno %d", what, ret, error);
}

static void translates(const struct kvm_vcpu *v, uint64_t linear, uint64_t gpa)
{
	struct kvm_translation tr = { .linear_address = linear };

	must(ioctl(v->fd, KVM_TRANSLATE, &tr));
	equal(tr.physical_address, gpa);
	equal(tr.valid, gpa != ~0ull);
}

static void run_to_shutdown(const struct kvm_vcpu *v)
{
	kvm_run_once(v);
	equal(v->run->exit_reason, KVM_EXIT_SHUTDOWN);
}

/* ---- in one mode ---- */

/* What is not mapped, and not for writing, is not. */
static void try_faults(const struct kvm_vcpu *v, const struct mode *mode)
{
	equal(map_at(v->fd, CODE_AT, CODE_AT, 4 * KIB, 0), mode->tables);
	set_regs(v, mode->linear, mode->linear);
	run_to_shutdown(v);
	set_mode(v, mode);
	equal(map_at(v->fd, mode->linear, DATA, 4 * KIB, 0), mode->tables);
	set_regs(v, mode->linear, mode->linear);
	kvm_next_out(v);
	run_to_shutdown(v);
	set_mode(v, mode);
}

/* Replaced under a guest whose processor may remember the old page. */
static void try_replacing(struct kvm_machine *m, const struct mode *mode)
{
	const struct kvm_vcpu *v = &m->vcpu;
	uint32_t value = 0x11112222;

	memcpy(m->memory + DATA, &value, 4);
	value = 0x33334444;
	memcpy(m->memory + OTHER, &value, 4);
	refused(map_at(v->fd, mode->linear, OTHER, 4 * KIB, DEVKVM_MAP_WRITE), EEXIST,
		"a page over another");
	equal(map_at(v->fd, mode->linear, DATA, 4 * KIB,
		     DEVKVM_MAP_WRITE | DEVKVM_MAP_REPLACE), 0);
	equal(map_at(v->fd, mode->linear + 4 * KIB, OTHER, 4 * KIB, DEVKVM_MAP_WRITE), 0);
	translates(v, mode->linear + 0x10, DATA + 0x10);
	set_regs(v, mode->linear, mode->linear + 4 * KIB + 8);
	equal(kvm_next_out(v), 0x11112222);
	equal(map_at(v->fd, mode->linear, OTHER, 4 * KIB,
		     DEVKVM_MAP_WRITE | DEVKVM_MAP_REPLACE), 0);
	equal(kvm_next_out(v), 0x33334444);
	equal(*(uint32_t *)(m->memory + OTHER + 8), 0x11112222);
	translates(v, mode->linear + 0xfff, OTHER + 0xfff);
	translates(v, mode->linear + 8 * KIB, ~0ull);
}

static void try_large(struct kvm_machine *m, const struct mode *mode)
{
	const struct kvm_vcpu *v = &m->vcpu;
	uint64_t linear = 0x40000000;
	uint32_t value = 0x55556666;

	memcpy(m->memory + DATA + 4, &value, 4);
	must(map_at(v->fd, linear, 0, mode->large, DEVKVM_MAP_WRITE));
	refused(map_at(v->fd, linear + 4 * KIB, 0, 4 * KIB, 0), EEXIST, "inside a large page");
	translates(v, linear + DATA + 4, DATA + 4);
	set_regs(v, linear + DATA + 4, linear + OTHER);
	equal(kvm_next_out(v), 0x55556666);
	kvm_next_out(v);
	equal(*(uint32_t *)(m->memory + OTHER), 0x55556666);
}

static bool has_la57(void)
{
	char line[4096];
	FILE *f = fopen("/proc/cpuinfo", "r");
	bool found = false;

	while (f && fgets(line, sizeof(line), f))
		found |= strncmp(line, "flags", 5) == 0 && strstr(line, " la57");
	if (f)
		fclose(f);
	return found;
}

static void try_mode(const struct mode *mode)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	next_table = TOP + 0x1000;
	set_mode(&m.vcpu, mode);
	try_faults(&m.vcpu, mode);
	try_replacing(&m, mode);
	try_large(&m, mode);
	kvm_close(&m);
	printf("ok: %s\n", mode->name);
}

/* ---- what is refused ---- */

static void try_refusals(void)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	uint64_t tables[4] = { 0x20000, 0x21000, GUEST_BYTES, 0x23000 };
	const struct devkvm_map_gpt good = {
		.linear_address = 0x400000, .page_size = 4096,
		.tables = (uintptr_t)tables, .table_count = 2,
	};
	struct devkvm_map_gpt map = good;
	int fd = m.vcpu.fd;

	refused(ioctl(fd, DEVKVM_MAP_GPT, &map), EINVAL, "no paging");
	refused(ioctl(fd, DEVKVM_MAP_GPT, NULL), EFAULT, "no argument");
	set_mode(&m.vcpu, &modes[2]);
	refused(ioctl(fd, DEVKVM_MAP_GPT, &map), ENOSPC, "two tables of three");
	map.table_count = 3;
	refused(ioctl(fd, DEVKVM_MAP_GPT, &map), EFAULT, "a table outside memory");
	map.tables = 0;
	refused(ioctl(fd, DEVKVM_MAP_GPT, &map), EFAULT, "no list");
	map.tables = (uintptr_t)tables;
	for (int bit = 5; bit < 32; bit++) {
		map.flags = 1u << bit;
		refused(ioctl(fd, DEVKVM_MAP_GPT, &map), EINVAL, "an unknown flag");
	}
	map.flags = 0;
	map.reserved = 1;
	refused(ioctl(fd, DEVKVM_MAP_GPT, &map), EINVAL, "reserved");
	map.reserved = 0;
	translates(&m.vcpu, 0x400000, ~0ull);
	tables[2] = 0x22000;
	map.table_count = ~0u;
	equal(ioctl(fd, DEVKVM_MAP_GPT, &map), 3);
	refused(ioctl(fd, DEVKVM_MAP_GPT, &map), EINVAL, "tables in use");
	translates(&m.vcpu, 0x400000, 0);
	kvm_close(&m);
	puts("ok: refusals");
}

/* ---- the protocol of 2006 ---- */

static void try_2006(void)
{
	const struct mode *mode = &modes[2];
	uint64_t tables[4] = { 0x11000, 0x12000, 0x13000 };
	struct kvm_2006_memory_region region = { .memory_size = GUEST_BYTES };
	struct devkvm_map_gpt map = {
		.linear_address = mode->linear, .physical_address = DATA,
		.page_size = 4096, .tables = (uintptr_t)tables, .table_count = 3,
	};
	struct kvm_2006_translation tr = { .linear_address = mode->linear + 5 };
	struct kvm_2006_sregs sregs = { 0 };
	int fd = kvm_node();

	must(ioctl(fd, KVM_2006_SET_MEMORY_REGION, &region));
	refused(ioctl(fd, DEVKVM_MAP_GPT, &map), EINVAL, "no vCPU");
	must(ioctl(fd, KVM_2006_CREATE_VCPU, 0));
	must(ioctl(fd, KVM_2006_GET_SREGS, &sregs));
	sregs.sregs.cr0 |= CR0_PE | CR0_PG;
	sregs.sregs.cr3 = TOP;
	sregs.sregs.cr4 = mode->cr4;
	sregs.sregs.efer = mode->efer;
	must(ioctl(fd, KVM_2006_SET_SREGS, &sregs));
	equal(ioctl(fd, DEVKVM_MAP_GPT, &map), 3);
	must(ioctl(fd, KVM_2006_TRANSLATE, &tr));
	equal(tr.physical_address, DATA + 5);
	equal(tr.valid, 1);
	close(fd);
	puts("ok: the protocol of 2006");
}

/* ---- nested tables ---- */

#define RANGE_AT	(16 * MIB)
#define RANGE_PAGES	32

static int resident(void *memory)
{
	unsigned char pages[RANGE_PAGES];
	int count = 0;

	must(mincore(memory, RANGE_PAGES * 4096, pages));
	for (int i = 0; i < RANGE_PAGES; i++)
		count += pages[i] & 1;
	return count;
}

static int populate(const struct kvm_vcpu *v, struct kvm_pre_fault_memory *range)
{
	return ioctl(v->fd, KVM_PRE_FAULT_MEMORY, range);
}

static void try_pre_fault(void)
{
	static const struct kvm_pre_fault_memory wrong[] = {
		{ RANGE_AT + 1, 4096, 0, { 0 } }, { RANGE_AT, 4095, 0, { 0 } },
		{ RANGE_AT, 0, 0, { 0 } }, { -4096ull, 8192, 0, { 0 } },
		{ RANGE_AT, 4096, 1, { 0 } },
	};
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	struct kvm_pre_fault_memory range;
	void *memory = mmap(NULL, RANGE_PAGES * 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("memory");
	must(madvise(memory, RANGE_PAGES * 4096, MADV_NOHUGEPAGE));
	equal(ioctl(m.node, KVM_CHECK_EXTENSION, KVM_CAP_PRE_FAULT_MEMORY), 1);
	must(kvm_slot(&m, 1, RANGE_AT, RANGE_PAGES * 4096, memory));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		range = wrong[i];
		refused(populate(&m.vcpu, &range), EINVAL, "a range");
	}
	equal(resident(memory), 0);
	/* Half of it is beyond the slot: it stops there, and says so. */
	range = (struct kvm_pre_fault_memory) {
		.gpa = RANGE_AT + 4096, .size = 2 * RANGE_PAGES * 4096,
	};
	must(populate(&m.vcpu, &range));
	equal(range.gpa, RANGE_AT + RANGE_PAGES * 4096);
	equal(range.size, (RANGE_PAGES + 1) * 4096);
	equal(resident(memory), RANGE_PAGES - 1);
	refused(populate(&m.vcpu, &range), ENOENT, "no slot");
	munmap(memory, RANGE_PAGES * 4096);
	range = (struct kvm_pre_fault_memory) { .gpa = RANGE_AT, .size = 4096 };
	refused(populate(&m.vcpu, &range), EFAULT, "no memory of the owner");
	kvm_close(&m);
	puts("ok: nested tables filled beforehand");
}

int main(void)
{
	bool la57 = has_la57();

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (modes[i].cr4 & CR4_LA57 && !la57)
			printf("%s: not on this processor\n", modes[i].name);
		else
			try_mode(&modes[i]);
	}
	try_refusals();
	try_2006();
	try_pre_fault();
	return 0;
}
