// SPDX-License-Identifier: GPL-2.0
#include "task.h"

/* Vectors */
#define FAULT_TS	10
#define FAULT_NP	11
#define FAULT_SS	12
#define FAULT_GP	13

#define ERROR_EXT	1u
#define ERROR_SELECTOR	0xfffcu

#define SELECTOR_RPL	3u
#define SELECTOR_LDT	4u
#define SELECTOR_INDEX	0xfff8u

/* kvm_segment.type */
#define TYPE_LDT	2
#define TYPE_TSS_BUSY	2	/* a bit of a TSS's */
#define TYPE_TSS	1	/* of 16 bits, available; 32: */
#define TYPE_TSS_32	8
#define TYPE_ACCESSED	1
#define TYPE_WRITABLE	2	/* data */
#define TYPE_READABLE	2	/* code */
#define TYPE_DOWN	4	/* data */
#define TYPE_CONFORMING	4	/* code */
#define TYPE_CODE	8

#define FLAG_FIXED	2u
#define FLAG_NT		0x4000u
#define FLAG_VM		0x20000u
#define FLAGS_DEFINED	0x3f7fd5u

struct tss_32 {
	u16 link, link_high;
	u32 stacks[6];
	u32 cr3;
	u32 eip, eflags, gpr[8];
	u32 segments[6];	/* in the order of enum kvm_seg */
	u32 ldtr;
	u16 trap, io_map;
};

struct tss_16 {
	u16 link;
	u16 stacks[6];
	u16 ip, flags, gpr[8];
	u16 segments[4];	/* without FS and GS */
	u16 ldtr;
};

#define SAVED_AT_32	offsetof(struct tss_32, eip)
#define SAVED_BYTES_32	(offsetof(struct tss_32, ldtr) - SAVED_AT_32)
#define SAVED_AT_16	offsetof(struct tss_16, ip)
#define SAVED_BYTES_16	(offsetof(struct tss_16, ldtr) - SAVED_AT_16)

struct descriptor {
	u32 linear;
	u64 raw;
	struct kvm_segment segment;
};

struct switching {
	struct kvm_task_cpu *cpu;
	const struct kvm_task_switch *to;
	const struct kvm_task_ops *ops;
	void *context;
	struct kvm_fault *fault;
};

/* The new task's, as its TSS says. */
struct task {
	u32 cr3, eip, eflags, gpr[8];
	u16 segments[SEG_LDTR];
	u16 ldtr;
};

/* ---- faults and memory ---- */

static int fault(struct switching *s, u8 vector, u16 selector)
{
	*s->fault = (struct kvm_fault) {
		.vector = vector,
		.has_error = true,
		.error = (selector & ERROR_SELECTOR) | (s->to->external ? ERROR_EXT : 0),
	};
	return -EILSEQ;
}

static int read(struct switching *s, u32 linear, void *data, int size)
{
	return s->ops->read(s->context, linear, data, size, s->fault);
}

static int write(struct switching *s, u32 linear, const void *data, int size)
{
	return s->ops->write(s->context, linear, data, size, false, s->fault);
}

static int probe(struct switching *s, u32 linear, int size, bool write)
{
	return s->ops->probe(s->context, linear, size, write, s->fault);
}

/* ---- descriptors: SDM volume 3, "Segment Descriptors" ---- */

static struct kvm_segment parse(u64 raw, u16 selector)
{
	struct kvm_segment segment = {
		.base = (raw >> 16 & 0xffffff) | (raw >> 56) << 24,
		.limit = (raw & 0xffff) | (raw >> 32 & 0xf0000),
		.selector = selector,
		.type = raw >> 40 & 15,
		.s = raw >> 44 & 1,
		.dpl = raw >> 45 & 3,
		.present = raw >> 47 & 1,
		.avl = raw >> 52 & 1,
		.l = raw >> 53 & 1,
		.db = raw >> 54 & 1,
		.g = raw >> 55 & 1,
	};

	if (segment.g)
		segment.limit = segment.limit << 12 | 0xfff;
	return segment;
}

/* -ENOENT: beyond its table. */
static int read_descriptor(struct switching *s, u16 selector, struct descriptor *d)
{
	const struct kvm_segment *ldt = &s->cpu->segments[SEG_LDTR];
	bool local = selector & SELECTOR_LDT;
	u64 base = local ? ldt->base : s->cpu->gdt.base;
	u32 limit = local ? ldt->limit : s->cpu->gdt.limit;
	u32 offset = selector & SELECTOR_INDEX;
	int ret;

	if ((local && (ldt->unusable || !ldt->present)) || offset + 7 > limit)
		return -ENOENT;
	d->linear = base + offset;
	ret = read(s, d->linear, &d->raw, sizeof(d->raw));
	if (!ret)
		d->segment = parse(d->raw, selector);
	return ret;
}

/* The byte with the type alone: the processor too changes no other. */
static int write_type(struct switching *s, struct descriptor *d, u8 type)
{
	u8 byte = (d->raw >> 40 & 0xf0) | type;

	if (d->segment.type == type)
		return 0;
	d->segment.type = type;
	return write(s, d->linear + 5, &byte, sizeof(byte));
}

/* ---- before anything is changed ---- */

static bool is_32(const struct kvm_segment *tss)
{
	return tss->type & TYPE_TSS_32;
}

static u32 tss_bytes(const struct kvm_segment *tss)
{
	return is_32(tss) ? sizeof(struct tss_32) : sizeof(struct tss_16);
}

/* The processor has looked at it; what another one has written since counts. */
static int find_new_tss(struct switching *s, struct descriptor *d)
{
	u16 selector = s->to->selector;
	u8 busy = s->to->source == TASK_BY_IRET ? TYPE_TSS_BUSY : 0;
	int ret;

	if (selector & SELECTOR_LDT || !(selector & SELECTOR_INDEX))
		return fault(s, FAULT_TS, selector);
	ret = read_descriptor(s, selector, d);
	if (ret == -ENOENT)
		return fault(s, FAULT_TS, selector);
	if (ret)
		return ret;
	if (d->segment.s || (d->segment.type & ~TYPE_TSS_32) != (TYPE_TSS | busy))
		return fault(s, FAULT_TS, selector);
	if (!d->segment.present)
		return fault(s, FAULT_NP, selector);
	if (d->segment.limit < tss_bytes(&d->segment) - 1)
		return fault(s, FAULT_TS, selector);
	return 0;
}

static bool leaves_old(const struct switching *s)
{
	return s->to->source == TASK_BY_IRET || s->to->source == TASK_BY_JMP;
}

/* All that will be written or read before the new task is there. */
static int probe_all(struct switching *s, const struct descriptor *new)
{
	const struct kvm_segment *old = &s->cpu->segments[SEG_TR];
	u32 old_descriptor = s->cpu->gdt.base + (old->selector & SELECTOR_INDEX);
	int ret = probe(s, old->base, tss_bytes(old), true);

	ret = ret ?: probe(s, new->segment.base, tss_bytes(&new->segment), !leaves_old(s));
	ret = ret ?: probe(s, new->linear, sizeof(u64), true);
	if (leaves_old(s))
		ret = ret ?: probe(s, old_descriptor, sizeof(u64), true);
	return ret;
}

/* ---- the old task ---- */

static u32 left_flags(const struct switching *s)
{
	return s->cpu->regs.rflags & ~(s->to->source == TASK_BY_IRET ? FLAG_NT : 0);
}

static int save_32(struct switching *s)
{
	const struct kvm_task_cpu *cpu = s->cpu;
	struct tss_32 tss = { .eip = cpu->regs.rip, .eflags = left_flags(s) };
	int i;

	for (i = 0; i < 8; i++)
		tss.gpr[i] = cpu->regs.gpr[i];
	for (i = 0; i < SEG_LDTR; i++)
		tss.segments[i] = cpu->segments[i].selector;
	return write(s, cpu->segments[SEG_TR].base + SAVED_AT_32, &tss.eip, SAVED_BYTES_32);
}

static int save_16(struct switching *s)
{
	const struct kvm_task_cpu *cpu = s->cpu;
	struct tss_16 tss = { .ip = cpu->regs.rip, .flags = left_flags(s) };
	int i;

	for (i = 0; i < 8; i++)
		tss.gpr[i] = cpu->regs.gpr[i];
	for (i = 0; i < SEG_FS; i++)
		tss.segments[i] = cpu->segments[i].selector;
	return write(s, cpu->segments[SEG_TR].base + SAVED_AT_16, &tss.ip, SAVED_BYTES_16);
}

/* Its TSS becomes available again if it is left for good. */
static int leave_old(struct switching *s)
{
	const struct kvm_segment *old = &s->cpu->segments[SEG_TR];
	struct descriptor d;
	int ret = is_32(old) ? save_32(s) : save_16(s);

	if (ret || !leaves_old(s))
		return ret;
	ret = read_descriptor(s, old->selector & ~SELECTOR_LDT, &d);
	if (ret == -ENOENT)
		return 0;	/* the guest has shortened its GDT since */
	return ret ?: write_type(s, &d, d.segment.type & ~TYPE_TSS_BUSY);
}

/* ---- the new task ---- */

static int load_32(struct switching *s, u32 base, struct task *task)
{
	struct tss_32 tss;
	int i, ret = read(s, base, &tss, sizeof(tss));

	if (ret)
		return ret;
	task->cr3 = tss.cr3;
	task->eip = tss.eip;
	task->eflags = tss.eflags;
	memcpy(task->gpr, tss.gpr, sizeof(task->gpr));
	for (i = 0; i < SEG_LDTR; i++)
		task->segments[i] = tss.segments[i];
	task->ldtr = tss.ldtr;
	return 0;
}

/* FS and GS are null then. */
static int load_16(struct switching *s, u32 base, struct task *task)
{
	struct tss_16 tss;
	int i, ret = read(s, base, &tss, sizeof(tss));

	if (ret)
		return ret;
	task->cr3 = s->cpu->cr3;
	task->eip = tss.ip;
	task->eflags = tss.flags;
	for (i = 0; i < 8; i++)
		task->gpr[i] = tss.gpr[i];
	for (i = 0; i < SEG_FS; i++)
		task->segments[i] = tss.segments[i];
	task->ldtr = tss.ldtr;
	return 0;
}

/* Its descriptor becomes busy; the task that it interrupts is noted in its TSS. */
static int enter_new(struct switching *s, struct descriptor *d, struct task *task)
{
	u16 link = s->cpu->segments[SEG_TR].selector;
	u32 base = d->segment.base;
	int ret;

	*task = (struct task) { };
	ret = is_32(&d->segment) ? load_32(s, base, task) : load_16(s, base, task);
	if (!ret && !leaves_old(s)) {
		ret = write(s, base, &link, sizeof(link));
		task->eflags |= FLAG_NT;
	}
	return ret ?: write_type(s, d, d->segment.type | TYPE_TSS_BUSY);
}

static u8 cpl_of(const struct task *task)
{
	return task->eflags & FLAG_VM ? 3 : task->segments[SEG_CS] & SELECTOR_RPL;
}

/* What no descriptor was loaded for yet: as an entry to a guest wants it. */
static struct kvm_segment not_loaded(int number, u16 selector, u8 cpl)
{
	bool code = number == SEG_CS;

	return (struct kvm_segment) {
		.selector = selector,
		.limit = ~0u,
		.type = code ? TYPE_CODE | TYPE_READABLE | TYPE_ACCESSED :
			       TYPE_WRITABLE | TYPE_ACCESSED,
		.present = 1, .s = 1, .db = 1, .g = 1, .dpl = cpl,
		.unusable = number != SEG_CS && number != SEG_SS,
	};
}

static struct kvm_segment virtual_8086(u16 selector)
{
	return (struct kvm_segment) {
		.base = (u32)selector << 4, .limit = 0xffff, .selector = selector,
		.type = TYPE_WRITABLE | TYPE_ACCESSED, .present = 1, .s = 1, .dpl = 3,
	};
}

static void become(struct switching *s, const struct descriptor *tss, const struct task *task)
{
	struct kvm_task_cpu *cpu = s->cpu;
	int i;

	cpu->regs.rip = task->eip;
	cpu->regs.rflags = (task->eflags & FLAGS_DEFINED) | FLAG_FIXED;
	for (i = 0; i < 8; i++)
		cpu->regs.gpr[i] = task->gpr[i];
	for (i = 0; i < SEG_LDTR; i++)
		cpu->segments[i] = task->eflags & FLAG_VM ?
				   virtual_8086(task->segments[i]) :
				   not_loaded(i, task->segments[i], cpl_of(task));
	cpu->segments[SEG_LDTR] = (struct kvm_segment) { .selector = task->ldtr, .unusable = 1 };
	cpu->segments[SEG_TR] = tss->segment;
}

/* ---- its segments: SDM volume 3, "Exception Conditions Checked During a Task Switch" ---- */

static int load_ldtr(struct switching *s, u16 selector)
{
	struct descriptor d;
	int ret;

	if (!(selector & ~SELECTOR_RPL))
		return 0;
	if (selector & SELECTOR_LDT)
		return fault(s, FAULT_TS, selector);
	ret = read_descriptor(s, selector, &d);
	if (ret == -ENOENT)
		return fault(s, FAULT_TS, selector);
	if (ret)
		return ret;
	if (d.segment.s || d.segment.type != TYPE_LDT || !d.segment.present)
		return fault(s, FAULT_TS, selector);
	s->cpu->segments[SEG_LDTR] = d.segment;
	return 0;
}

static bool code_fits(const struct kvm_segment *code, u8 cpl)
{
	if (!code->s || !(code->type & TYPE_CODE))
		return false;
	return code->type & TYPE_CONFORMING ? code->dpl <= cpl : code->dpl == cpl;
}

static bool stack_fits(const struct kvm_segment *stack, u8 cpl)
{
	return stack->s && !(stack->type & TYPE_CODE) && stack->type & TYPE_WRITABLE &&
	       stack->dpl == cpl && (stack->selector & SELECTOR_RPL) == cpl;
}

static bool data_fits(const struct kvm_segment *data, u8 cpl)
{
	u8 rpl = data->selector & SELECTOR_RPL;

	if (!data->s || (data->type & TYPE_CODE && !(data->type & TYPE_READABLE)))
		return false;
	if (data->type & TYPE_CODE && data->type & TYPE_CONFORMING)
		return true;
	return data->dpl >= cpl && data->dpl >= rpl;
}

static bool fits(int number, const struct kvm_segment *segment, u8 cpl)
{
	switch (number) {
	case SEG_CS:
		return code_fits(segment, cpl);
	case SEG_SS:
		return stack_fits(segment, cpl);
	default:
		return data_fits(segment, cpl);
	}
}

static int load_segment(struct switching *s, int number, u16 selector, u8 cpl)
{
	struct descriptor d;
	int ret;

	if (!(selector & ~SELECTOR_RPL)) {
		if (number == SEG_CS || number == SEG_SS)
			return fault(s, FAULT_TS, selector);
		s->cpu->segments[number] = (struct kvm_segment) {
			.selector = selector, .unusable = 1,
		};
		return 0;
	}
	ret = read_descriptor(s, selector, &d);
	if (ret == -ENOENT)
		return fault(s, FAULT_TS, selector);
	if (ret)
		return ret;
	if (!fits(number, &d.segment, cpl))
		return fault(s, FAULT_TS, selector);
	if (!d.segment.present)
		return fault(s, number == SEG_SS ? FAULT_SS : FAULT_NP, selector);
	ret = write_type(s, &d, d.segment.type | TYPE_ACCESSED);
	if (!ret)
		s->cpu->segments[number] = d.segment;
	return ret;
}

static int load_segments(struct switching *s, const struct task *task)
{
	static const u8 order[] = { SEG_CS, SEG_SS, SEG_ES, SEG_DS, SEG_FS, SEG_GS };
	int i, ret = load_ldtr(s, task->ldtr);

	if (task->eflags & FLAG_VM)
		return ret;
	for (i = 0; i < SEG_LDTR && !ret; i++)
		ret = load_segment(s, order[i], task->segments[order[i]], cpl_of(task));
	return ret;
}

/* ---- an exception's error code, on the new task's stack ---- */

static bool stack_holds(const struct kvm_segment *stack, u32 first, u32 last)
{
	u32 top = stack->db ? ~0u : 0xffff;

	if (first > last)
		return false;
	return stack->type & TYPE_DOWN ? first > stack->limit && last <= top :
					 last <= stack->limit;
}

static int push_error(struct switching *s, bool wide, u8 cpl)
{
	const struct kvm_segment *stack = &s->cpu->segments[SEG_SS];
	u64 *rsp = &s->cpu->regs.gpr[GPR_RSP];
	u32 mask = stack->db ? ~0u : 0xffff, bytes = wide ? 4 : 2;
	u32 at = (u32)(*rsp - bytes) & mask;
	int ret;

	if (!stack_holds(stack, at, at + bytes - 1))
		return fault(s, FAULT_SS, 0);
	ret = s->ops->write(s->context, stack->base + at, &s->to->error, bytes, cpl == 3,
			    s->fault);
	if (!ret)
		*rsp = ((u32)*rsp & ~mask) | at;
	return ret;
}

/* ---- all of it ---- */

static int set_cr3(struct switching *s, u32 cr3)
{
	int ret;

	if (!s->cpu->paging || cr3 == s->cpu->cr3)
		return 0;
	ret = s->ops->set_cr3(s->context, cr3);
	if (ret == -EINVAL)
		return fault(s, FAULT_GP, 0);
	s->cpu->cr3 = cr3;
	return ret;
}

int kvm_task_switch(struct kvm_task_cpu *cpu, const struct kvm_task_switch *to,
		    const struct kvm_task_ops *ops, void *context, struct kvm_fault *fault,
		    bool *switched)
{
	struct switching s = { cpu, to, ops, context, fault };
	struct descriptor tss;
	struct task task;
	int ret;

	*switched = false;
	ret = find_new_tss(&s, &tss);
	ret = ret ?: probe_all(&s, &tss);
	ret = ret ?: leave_old(&s);
	ret = ret ?: enter_new(&s, &tss, &task);
	if (ret)
		return ret;
	become(&s, &tss, &task);
	*switched = true;
	ret = set_cr3(&s, task.cr3);
	ret = ret ?: load_segments(&s, &task);
	if (!ret && to->has_error)
		ret = push_error(&s, is_32(&tss.segment), cpl_of(&task));
	return ret;
}
