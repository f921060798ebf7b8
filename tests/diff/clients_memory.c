// SPDX-License-Identifier: GPL-2.0
/* Slots of memory, what the guest finds there, and the log of what it wrote. */
#include <sys/mman.h>
#include <unistd.h>

#include "client.h"

#define PAGE	4096u

static void refused(struct machine *m)
{
	const uintptr_t memory = (uintptr_t)m->memory;
	const struct {
		const char *what;
		struct kvm_userspace_memory_region region;
	} cases[] = {
		{ "address unaligned", { 1, 0, 0x40000 + 1, PAGE, memory } },
		{ "size unaligned", { 1, 0, 0x40000, PAGE + 1, memory } },
		{ "hva unaligned", { 1, 0, 0x40000, PAGE, memory + 1 } },
		{ "hva in the kernel", { 1, 0, 0x40000, PAGE, 0xffff888000000000 } },
		{ "hva wraps", { 1, 0, 0x40000, 2 * PAGE, -(uint64_t)PAGE } },
		{ "hva null", { 1, 0, 0x40000, PAGE, 0 } },
		{ "size 0, absent", { 1, 0, 0x40000, 0, memory } },
		{ "address wraps", { 1, 0, -(uint64_t)PAGE, 2 * PAGE, memory } },
		{ "last page of all", { 1, 0, -(uint64_t)PAGE, PAGE, memory } },
		{ "too many pages", { 1, 0, 0x40000, 1ull << 43, memory } },
		{ "unknown flag", { 1, 1u << 20, 0x40000, PAGE, memory } },
		{ "every flag", { 1, ~0u, 0x40000, PAGE, memory } },
		{ "slot too high", { 0x8000, 0, 0x40000, PAGE, memory } },
		{ "address space 1", { 1u << 16, 0, 0x40000, PAGE, memory } },
		{ "address space high", { 0x7fff0001, 0, 0x40000, PAGE, memory } },
		{ "overlap", { 1, 0, 0, PAGE, memory } },
		{ "overlap at the end", { 1, 0, MEMORY_BYTES - PAGE, 2 * PAGE, memory } },
		{ "overlap around", { 1, 0, 0, 2 * MEMORY_BYTES, memory } },
		{ "other size", { 0, 0, 0, MEMORY_BYTES - PAGE, memory } },
		{ "other hva", { 0, 0, 0, MEMORY_BYTES, memory + PAGE } },
		{ "other kind", { 0, KVM_MEM_READONLY, 0, MEMORY_BYTES, memory } },
		{ "nothing new", { 0, 0, 0, MEMORY_BYTES, memory } },
		{ "adjacent", { 1, 0, MEMORY_BYTES, PAGE, memory } },
		{ "same hva again", { 2, 0, MEMORY_BYTES + PAGE, PAGE, memory } },
		{ "move onto another", { 2, 0, MEMORY_BYTES, PAGE, memory } },
		{ "move onto itself", { 2, 0, MEMORY_BYTES + PAGE, PAGE, memory } },
		{ "delete, address odd", { 2, 0, 1, 0, memory } },
		{ "delete, hva odd", { 2, 0, 0, 0, 1 } },
		{ "delete, unknown flag", { 2, 1u << 20, 0, 0, memory } },
		{ "delete", { 2, 0, 0, 0, 0 } },
		{ "delete again", { 2, 0, 0, 0, 0 } },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kvm_userspace_memory_region region = cases[i].region;

		record_step("%s", cases[i].what);
		call(m->vm, KVM_SET_USER_MEMORY_REGION, &region);
	}
}

/* Says what is at DATA_AT: memory, or a device. */
static void look(struct machine *m)
{
	machine_restart(m, 0);
	machine_run_to_end(m);
}

static void deleted(struct machine *m)
{
	machine_slot(m, 0, 0, 0, 0, NULL);
	machine_slot(m, 0, 0, 0, DATA_AT, m->memory);
	machine_load(m, touch);
	machine_start_real(m);
	record_step("a hole");
	machine_run_to_end(m);
	record_step("filled");
	machine_slot(m, 1, 0, DATA_AT, PAGE, m->memory + DATA_AT);
	look(m);
	record_step("a hole again");
	machine_slot(m, 1, 0, 0, 0, NULL);
	look(m);
	record_step("all gone");
	machine_slot(m, 0, 0, 0, 0, NULL);
	look(m);
}

/* The window moves away and back; the memory behind it stays. */
static void moved(struct machine *m)
{
	machine_slot(m, 0, 0, 0, 0, NULL);
	machine_slot(m, 0, 0, 0, DATA_AT, m->memory);
	machine_slot(m, 1, 0, DATA_AT, PAGE, m->memory + DATA_AT);
	machine_load(m, touch);
	machine_start_real(m);
	record_step("in place");
	machine_run_to_end(m);
	record_step("away");
	machine_slot(m, 1, 0, 0x40000, PAGE, m->memory + DATA_AT);
	look(m);
	record_step("back");
	machine_slot(m, 1, 0, DATA_AT, PAGE, m->memory + DATA_AT);
	look(m);
}

static void read_only(struct machine *m)
{
	machine_slot(m, 0, 0, 0, 0, NULL);
	machine_slot(m, 0, 0, 0, DATA_AT, m->memory);
	m->memory[DATA_AT] = 0x5a;
	machine_slot(m, 1, KVM_MEM_READONLY, DATA_AT, PAGE, m->memory + DATA_AT);
	machine_load(m, touch);
	machine_start_real(m);
	record_step("read only");
	machine_run_to_end(m);
	record_step("log there");
	machine_slot(m, 1, KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES, DATA_AT, PAGE,
		     m->memory + DATA_AT);
	look(m);
	record_step("made writable");
	machine_slot(m, 1, 0, 0, 0, NULL);
	machine_slot(m, 1, 0, DATA_AT, PAGE, m->memory + DATA_AT);
	look(m);
}

/* Memory that the owner takes away, or may not write. */
static void owner_changes(struct machine *m)
{
	static const struct {
		const char *what;
		int protection;
	} steps[] = {
		{ "no rights", PROT_NONE },
		{ "read only", PROT_READ },
		{ "all rights", PROT_READ | PROT_WRITE },
	};

	machine_load(m, touch);
	machine_start_real(m);
	machine_run_to_end(m);
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		record_step("%s", steps[i].what);
		mprotect(m->memory + DATA_AT, PAGE, steps[i].protection);
		look(m);
		mprotect(m->memory + DATA_AT, PAGE, PROT_READ | PROT_WRITE);
	}
	record_step("dropped");
	madvise(m->memory + DATA_AT, PAGE, MADV_DONTNEED);
	look(m);
}

static void get_log(struct machine *m, unsigned int slot)
{
	uint64_t bits = 0xa5a5a5a5a5a5a5a5;
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = &bits };

	call(m->vm, KVM_GET_DIRTY_LOG, &log);
}

static void dirty_log(struct machine *m)
{
	machine_load(m, strides);
	machine_start_real(m);
	record_step("before");
	get_log(m, 0);
	record_step("on");
	machine_slot(m, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, MEMORY_BYTES, m->memory);
	get_log(m, 0);
	machine_run_to_end(m);
	get_log(m, 0);
	get_log(m, 0);
	record_step("again");
	look(m);
	get_log(m, 0);
	record_step("by the owner");
	m->memory[SPARE_AT]++;
	get_log(m, 0);
	record_step("off");
	machine_slot(m, 0, 0, 0, MEMORY_BYTES, m->memory);
	look(m);
	get_log(m, 0);
	record_step("on again");
	machine_slot(m, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, MEMORY_BYTES, m->memory);
	get_log(m, 0);
	look(m);
	get_log(m, 0);
	record_step("moved");
	machine_slot(m, 0, KVM_MEM_LOG_DIRTY_PAGES, 0x40000, MEMORY_BYTES, m->memory);
	get_log(m, 0);
}

static void clear_log(struct machine *m, unsigned int slot, uint64_t first, unsigned int pages,
		      uint64_t bits)
{
	struct kvm_clear_dirty_log log = {
		.slot = slot, .first_page = first, .num_pages = pages, .dirty_bitmap = &bits,
	};

	call(m->vm, KVM_CLEAR_DIRTY_LOG, &log);
}

static void enable_manual(struct machine *m, uint64_t options)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { options },
	};

	call(m->vm, KVM_ENABLE_CAP, &cap);
}

#define ALL_PAGES	(MEMORY_BYTES / PAGE)

/* A log that is told without being cleared, and cleared in parts. */
static void dirty_log_manual(struct machine *m)
{
	enable_manual(m, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE);
	machine_load(m, strides);
	machine_start_real(m);
	machine_slot(m, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, MEMORY_BYTES, m->memory);
	machine_run_to_end(m);
	record_step("half");
	get_log(m, 0);
	clear_log(m, 0, 0, ALL_PAGES, 0xffff0000);
	get_log(m, 0);
	record_step("rest");
	clear_log(m, 0, 0, ALL_PAGES, ~0ull);
	get_log(m, 0);
	record_step("again");
	look(m);
	get_log(m, 0);
	record_step("off");
	enable_manual(m, 0);
	get_log(m, 0);
	get_log(m, 0);
}

static void dirty_log_clear_refused(struct machine *m)
{
	struct kvm_clear_dirty_log nowhere = { .num_pages = ALL_PAGES };
	static const struct {
		const char *what;
		unsigned int slot;
		uint64_t first;
		unsigned int pages;
	} cases[] = {
		{ "no slot", 5, 0, ALL_PAGES }, { "no slot, odd", 5, 1, ALL_PAGES },
		{ "slot too high", 0x8000, 0, ALL_PAGES }, { "address space", 7u << 16, 0, 64 },
		{ "all", 0, 0, ALL_PAGES }, { "nothing", 0, 0, 0 }, { "odd", 0, 1, 31 },
		{ "part", 0, 0, ALL_PAGES - 1 }, { "more", 0, 0, ALL_PAGES + 1 },
		{ "behind", 0, 64, 0 }, { "far", 0, 1ull << 63, 64 }, { "wraps", 0, -64ull, 64 },
	};

	for (int on = 0; on < 2; on++) {
		for (size_t i = 0; i < COUNT_OF(cases); i++) {
			record_step("%s %s", on ? "log" : "none", cases[i].what);
			clear_log(m, cases[i].slot, cases[i].first, cases[i].pages, 1);
		}
		machine_slot(m, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, MEMORY_BYTES, m->memory);
	}
	record_step("no bitmap");
	call(m->vm, KVM_CLEAR_DIRTY_LOG, &nowhere);
}

static void dirty_log_refused(struct machine *m)
{
	struct kvm_dirty_log log = { .slot = 0, .dirty_bitmap = NULL };

	record_step("no slot");
	get_log(m, 5);
	record_step("slot too high");
	get_log(m, 0x8000);
	record_step("address space");
	get_log(m, 7u << 16);
	record_step("no bitmap");
	machine_slot(m, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, MEMORY_BYTES, m->memory);
	call(m->vm, KVM_GET_DIRTY_LOG, &log);
}

/* A string goes from memory into a device and on. */
static void edge(struct machine *m)
{
	machine_load(m, edge);
	machine_start_long(m);
	machine_run_to_end(m);
}

/* ---- a PC's memory ---- */

#define LOW_END		0xa0000u
#define HIGH_AT		0x100000u
#define HIGH_END	0x200000u
#define END_3G		0xc0000000ull
#define AT_4G		0x100000000ull
#define EDGE_BYTES	0x10000u	/* of what is below 3 GiB and from 4 GiB on */

#define PRESENT		7ull		/* and writable, for user mode */
#define LARGE		0x80ull
#define DIR_BYTES	0x40000000ull	/* what a directory maps */
#define LARGE_BYTES	0x200000u
#define DIR_FREE_AT	0xc000u		/* the directories but the first */

/* Tables for the 2 MiB of this address, mapped to itself. */
static void map_large(struct machine *m, uint64_t address)
{
	const uint64_t number = address / DIR_BYTES;
	const uint64_t entry = (address & -(uint64_t)LARGE_BYTES) | PRESENT | LARGE;
	const uint64_t dir = number ? DIR_FREE_AT + (number - 2) * PAGE : DIR_AT;
	const uint64_t link = dir | PRESENT;

	machine_poke(m, PDPT_AT + number * 8, link);
	machine_poke(m, dir + address % DIR_BYTES / LARGE_BYTES * 8, entry);
}

/* Where each slot begins and ends: memory on one side, a device on the other. */
static void visit_holes(struct machine *m)
{
	static const uint64_t addresses[] = {
		LOW_END - 4, LOW_END, HIGH_AT - 4, HIGH_AT, HIGH_END - 4, HIGH_END,
		END_3G - EDGE_BYTES - 4, END_3G - EDGE_BYTES, END_3G - 4, END_3G,
		0xe0000000, AT_4G - 4, AT_4G, AT_4G + EDGE_BYTES - 4, AT_4G + EDGE_BYTES, 0,
	};

	machine_load(m, holes);
	machine_start_long(m);
	machine_poke(m, DATA_AT, addresses);
	for (size_t i = 0; addresses[i]; i++)
		map_large(m, addresses[i]);
	machine_run_to_end(m);
}

/* The hole at 640 KiB, and that from 3 to 4 GiB; the last memory is behind it. */
static void holes(struct machine *m)
{
	const size_t bytes = HIGH_END + 2 * EDGE_BYTES;
	uint8_t *all = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (all == MAP_FAILED)
		_exit(1);
	m->memory = all;
	record_memory(all, bytes);
	machine_slot(m, 0, 0, 0, 0, NULL);
	machine_slot(m, 0, 0, 0, LOW_END, all);
	machine_slot(m, 1, 0, HIGH_AT, HIGH_END - HIGH_AT, all + HIGH_AT);
	machine_slot(m, 2, 0, END_3G - EDGE_BYTES, EDGE_BYTES, all + HIGH_END);
	machine_slot(m, 3, 0, AT_4G, EDGE_BYTES, all + HIGH_END + EDGE_BYTES);
	record_step("each side");
	visit_holes(m);
	record_pages("all memory", all, bytes);
	record_step("nothing from 4 GiB on");
	machine_slot(m, 3, 0, 0, 0, NULL);
	look(m);
	record_step("moved there from 3 GiB");
	machine_slot(m, 2, 0, AT_4G, EDGE_BYTES, all + HIGH_END);
	look(m);
	record_pages("all memory", all, bytes);
}

static void pre_fault(struct machine *m)
{
	static const struct {
		const char *what;
		struct kvm_pre_fault_memory range;
	} cases[] = {
		{ "flags", { .gpa = 0, .size = PAGE, .flags = 1 } },
		{ "unaligned", { .gpa = 1, .size = PAGE } },
		{ "size unaligned", { .gpa = 0, .size = 1 } },
		{ "nothing", { .gpa = 0, .size = 0 } },
		{ "wraps", { .gpa = -(uint64_t)PAGE, .size = 2 * PAGE } },
		{ "no slot", { .gpa = 0x400000, .size = PAGE } },
		{ "a page", { .gpa = 0, .size = PAGE } },
		{ "all", { .gpa = 0, .size = MEMORY_BYTES } },
		{ "over the end", { .gpa = MEMORY_BYTES - PAGE, .size = 3 * PAGE } },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kvm_pre_fault_memory range = cases[i].range;

		record_step("%s", cases[i].what);
		call(m->vcpu, KVM_PRE_FAULT_MEMORY, &range);
	}
}

const struct client memory_clients[] = {
	{ "slot-refused", refused },
	{ "slot-deleted", deleted },
	{ "slot-moved", moved },
	{ "slot-read-only", read_only },
	{ "memory-owner", owner_changes },
	{ "memory-edge", edge },
	{ "memory-holes", holes },
	{ "memory-pre-fault", pre_fault },
	{ "dirty-log", dirty_log },
	{ "dirty-log-refused", dirty_log_refused },
	{ "dirty-log-manual", dirty_log_manual },
	{ "dirty-log-clear", dirty_log_clear_refused },
	{ }
};
