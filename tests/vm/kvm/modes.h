/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Starting a vCPU in real, protected or long mode, with descriptors, page tables
 * of the first 2 MiB, and a handler of #UD (and, in real mode, of #GP) that says so.
 */
#ifndef TESTS_KVM_MODES_H
#define TESTS_KVM_MODES_H

#include "kvm.h"

#define PML4_AT		0x10000
#define PDPT_AT		0x11000
#define DIR_AT		0x12000
#define GDT_AT		0x13000
#define IDT_AT		0x14000
#define IDT_BYTES	0x1000
#define HANDLER_AT	0x1800
#define STACK_AT	0x8000
#define CODE_SELECTOR	8
#define DATA_SELECTOR	16
#define VECTOR_UD	6
#define VECTOR_GP	13

enum mode { REAL, PROTECTED, LONG, MODES };

static const uint8_t handler[] = {
	0xb0, VECTOR_UD,	/* mov $VECTOR_UD, %al */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xf4,			/* hlt */
};

static inline void put64(struct kvm_machine *m, uint32_t at, uint64_t value)
{
	memcpy(m->memory + at, &value, sizeof(value));
}

/* Tables for all three modes. */
static inline void make_tables(struct kvm_machine *m, enum mode mode)
{
	const uint64_t gate = HANDLER_AT | CODE_SELECTOR << 16 | 0x8e00ull << 32;

	memcpy(m->memory + HANDLER_AT, handler, sizeof(handler));
	put64(m, PML4_AT, PDPT_AT | 3);
	put64(m, PDPT_AT, DIR_AT | 3);
	put64(m, DIR_AT, 0x83);
	put64(m, GDT_AT + CODE_SELECTOR, mode == LONG ? 0x00af9b000000ffff : 0x00cf9b000000ffff);
	put64(m, GDT_AT + DATA_SELECTOR, 0x00cf93000000ffff);
	memset(m->memory + IDT_AT, 0, IDT_BYTES);
	if (mode == REAL) {
		memcpy(m->memory + IDT_AT + VECTOR_UD * 4, &(uint16_t [2]) { HANDLER_AT }, 4);
		memcpy(m->memory + IDT_AT + VECTOR_GP * 4, &(uint16_t [2]) { HANDLER_AT }, 4);
	} else {
		put64(m, IDT_AT + VECTOR_UD * (mode == LONG ? 16 : 8), gate);
	}
}

static inline struct kvm_segment segment(uint16_t selector, uint8_t type, bool is_64)
{
	return (struct kvm_segment) {
		.limit = ~0u, .selector = selector, .type = type, .present = 1, .s = 1,
		.g = 1, .db = !is_64, .l = is_64,
	};
}

static inline void start(struct kvm_machine *m, const struct kvm_sregs *reset, enum mode mode,
		  uint16_t idt_limit)
{
	const struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2, .rsp = STACK_AT };
	struct kvm_sregs sregs = *reset;

	make_tables(m, mode);
	sregs.idt.base = IDT_AT;
	sregs.idt.limit = idt_limit;
	if (mode != REAL) {
		sregs.cs = segment(CODE_SELECTOR, 11, mode == LONG);
		sregs.ds = sregs.es = sregs.ss = segment(DATA_SELECTOR, 3, false);
		sregs.gdt.base = GDT_AT;
		sregs.gdt.limit = DATA_SELECTOR + 7;
		sregs.cr0 = 0x11;
	}
	if (mode == LONG) {
		sregs.cr3 = PML4_AT;
		sregs.cr4 = 0x20;
		sregs.efer = 0x500;
		sregs.cr0 |= 0x80000000;
	}
	must(ioctl(m->vcpu.fd, KVM_SET_SREGS, &sregs));
	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
}

#endif
