// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_large 0|1: guest memory in large pages, on a host that maps it so (1) or
 * maps nothing so (0). What the owner does to a part of one, the guest sees;
 * how many there are follows what the owner has.
 */
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "../../count.h"
#include "kvm.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define LARGE		(2ul << 20)
#define SLOT_AT		(4 * LARGE)
#define PAGE		4096
#define PATIENCE_S	120	/* of a host that has much else to do */

static bool large_host;
static uint32_t code_pages;	/* the slot of the code may be one */

/* Tells the byte at %ds:0, adds 1 to it. */
static const uint8_t code[] = {
	0xa0, 0x00, 0x00,		/* mov 0, %al */
	0xe6, 0x10,			/* out %al, $0x10 */
	0xfe, 0x06, 0x00, 0x00,		/* incb 0 */
	0xeb, 0xf5,			/* jmp CODE_AT */
};

static void point_at(struct kvm_machine *m, uint64_t gpa)
{
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2 };
	struct kvm_sregs sregs;

	must(ioctl(m->vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.ds.base = gpa;
	must(ioctl(m->vcpu.fd, KVM_SET_SREGS, &sregs));
	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
}

/* The guest reads the byte at gpa, which is `want`, and writes it. */
static void touch(struct kvm_machine *m, uint64_t gpa, uint8_t want)
{
	point_at(m, gpa);
	equal(kvm_next_out(&m->vcpu), want);
	equal(kvm_next_out(&m->vcpu), (uint8_t)(want + 1));
}

static uint32_t count_large(struct kvm_machine *m)
{
	struct devkvm_info info = { .size = sizeof(info) };

	must(ioctl(m->node, DEVKVM_GET_INFO, &info));
	return info.large_pages;
}

static void expect_large(struct kvm_machine *m, uint32_t count)
{
	equal(count_large(m), large_host ? code_pages + count : 0);
}

/* `pages` large pages of the owner's, zeroed, at an address that fits. */
static uint8_t *memory(size_t pages)
{
	uint8_t *p = mmap(NULL, (pages + 1) * LARGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	p = (uint8_t *)(((uintptr_t)p + LARGE - 1) & ~(LARGE - 1));
	must(madvise(p, pages * LARGE, MADV_HUGEPAGE));
	for (size_t i = 0; i < pages; i++)
		p[i * LARGE] = 0;
	/* where the first touch found no free one (not all kernels know it) */
	madvise(p, pages * LARGE, MADV_COLLAPSE);
	return p;
}

static void log_slot(struct kvm_machine *m, uint8_t *p, bool on)
{
	struct kvm_userspace_memory_region r = {
		1, on ? KVM_MEM_LOG_DIRTY_PAGES : 0, SLOT_AT, 2 * LARGE, (uintptr_t)p
	};

	must(ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &r));
}

static void whole(struct kvm_machine *m)
{
	touch(m, SLOT_AT + 5 * PAGE, 0);
	expect_large(m, 1);
	touch(m, SLOT_AT + LARGE - PAGE, 0);
	expect_large(m, 1);
	touch(m, SLOT_AT + LARGE, 0);
	expect_large(m, 2);
	puts("ok: large as the owner's");
}

static void parts(struct kvm_machine *m, uint8_t *p)
{
	p[7 * PAGE] = 7;
	touch(m, SLOT_AT + 7 * PAGE, 7);
	must(madvise(p + 7 * PAGE, PAGE, MADV_DONTNEED));
	touch(m, SLOT_AT + 7 * PAGE, 0);
	touch(m, SLOT_AT + 5 * PAGE, 1);
	equal(p[5 * PAGE], 2);
	expect_large(m, 1);

	must(mprotect(p + LARGE + 9 * PAGE, PAGE, PROT_READ));
	touch(m, SLOT_AT + LARGE + 8 * PAGE, 0);
	point_at(m, SLOT_AT + LARGE + 9 * PAGE);
	equal(kvm_next_out(&m->vcpu), 0);
	if (ioctl(m->vcpu.fd, KVM_RUN, 0) == 0 || errno != EFAULT)
		die("wrote to what may only be read");
	expect_large(m, 0);
	must(mprotect(p + LARGE + 9 * PAGE, PAGE, PROT_READ | PROT_WRITE));
	touch(m, SLOT_AT + LARGE + 9 * PAGE, 0);
	puts("ok: split as the owner's");
}

static void together(struct kvm_machine *m, uint8_t *p)
{
	if (madvise(p, 2 * LARGE, MADV_COLLAPSE) < 0) {
		printf("no MADV_COLLAPSE here (errno %d)\n", errno);
		return;
	}
	touch(m, SLOT_AT + 5 * PAGE, 2);
	touch(m, SLOT_AT + LARGE + 9 * PAGE, 1);
	expect_large(m, 2);
	puts("ok: large again");
}

static void logged(struct kvm_machine *m)
{
	static uint64_t bits[2 * LARGE / PAGE / 64];
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = bits };
	uint8_t *p = memory(2);

	must(kvm_slot(m, 1, 0, 0, NULL));
	must(kvm_slot(m, 1, SLOT_AT, 2 * LARGE, p));
	touch(m, SLOT_AT + PAGE, 0);
	touch(m, SLOT_AT + LARGE, 0);
	expect_large(m, 2);
	log_slot(m, p, true);
	expect_large(m, 0);
	touch(m, SLOT_AT + PAGE, 1);
	touch(m, SLOT_AT + LARGE + 65 * PAGE, 0);
	expect_large(m, 0);
	must(ioctl(m->vm, KVM_GET_DIRTY_LOG, &log));
	for (size_t i = 0; i < sizeof(bits) / 8; i++)
		equal(bits[i], i == 0 || i == 9 ? 2 : 0);
	log_slot(m, p, false);
	touch(m, SLOT_AT + PAGE, 2);
	expect_large(m, 1);
	puts("ok: a log is of small pages");
}

/* Where the slot's offset or end is not that of a large page, none is mapped. */
static void misfits(struct kvm_machine *m)
{
	uint8_t *p = memory(3);

	must(kvm_slot(m, 1, 0, 0, NULL));
	must(kvm_slot(m, 1, SLOT_AT, 2 * LARGE, p + PAGE));
	touch(m, SLOT_AT + PAGE, 0);
	p[LARGE] = 21;
	touch(m, SLOT_AT + LARGE - PAGE, 21);
	expect_large(m, 0);
	must(kvm_slot(m, 1, 0, 0, NULL));
	must(kvm_slot(m, 1, SLOT_AT + PAGE, LARGE, p + PAGE));
	touch(m, SLOT_AT + PAGE, 0);
	touch(m, SLOT_AT + LARGE, 22);
	expect_large(m, 0);
	puts("ok: none where it does not fit");
}

/* ---- while the guest runs ---- */

#define FIRST_AT	0x7000u		/* in the first large page */
#define SECOND_AT	0x9000u		/* in the second one */

/* Counts in both large pages, DS and ES, without an exit; until DS:0 is not 0. */
static const uint8_t counter[] = {
	0x66, 0xff, 0x06, 0x00, 0x70,		/* 0: incl FIRST_AT */
	0x26, 0x66, 0xff, 0x06, 0x00, 0x90,	/* incl %es:SECOND_AT */
	0x80, 0x3e, 0x00, 0x00, 0x00,		/* cmpb $0, 0 */
	0x74, 0xee,				/* je 0b */
	0xe6, 0x10,				/* out %al, $0x10 */
};

static void *count_on(void *machine)
{
	struct kvm_machine *m = machine;

	kvm_next_out(&m->vcpu);
	return NULL;
}

/* By what its owner sees: both counters go on from where they are. */
static void wait_for_progress(const uint8_t *p, const char *when)
{
	const volatile uint32_t *first = (const void *)(p + FIRST_AT);
	const volatile uint32_t *second = (const void *)(p + LARGE + SECOND_AT);
	uint32_t from[2] = { *first, *second };
	time_t end = time(NULL) + PATIENCE_S;

	while (*first - from[0] < 2 || *second - from[1] < 2) {
		if (time(NULL) > end)
			die("the guest counts no more %s", when);
		sched_yield();
	}
}

/* It follows, sooner or later, while the guest goes on. */
static void wait_for_large(struct kvm_machine *m, uint32_t count, const char *when)
{
	time_t end = time(NULL) + PATIENCE_S;

	while (count_large(m) != (large_host ? code_pages + count : 0)) {
		if (time(NULL) > end)
			die("%u large pages %s", count_large(m), when);
		sched_yield();
	}
}

/* A page that somebody is just looking up cannot be moved; a free large one may be late. */
static void join(uint8_t *p)
{
	time_t end = time(NULL) + PATIENCE_S;

	while (madvise(p, 2 * LARGE, MADV_COLLAPSE) < 0) {
		if ((errno != EAGAIN && errno != EBUSY && errno != ENOMEM) || time(NULL) > end)
			die("MADV_COLLAPSE");
	}
}

static void split_and_join(struct kvm_machine *m, uint8_t *p)
{
	must(mprotect(p + 20 * PAGE, PAGE, PROT_READ));
	wait_for_progress(p, "after a split");
	wait_for_large(m, 1, "after a split");
	must(mprotect(p + 20 * PAGE, PAGE, PROT_READ | PROT_WRITE));
	must(madvise(p + LARGE + 20 * PAGE, PAGE, MADV_DONTNEED));
	wait_for_progress(p, "after another");
	wait_for_large(m, 0, "after another");
	join(p);
	wait_for_progress(p, "after they came together");
	wait_for_large(m, 2, "after they came together");
}

/* The owner splits large pages and brings them together again under a vCPU that uses them. */
static void running(void)
{
	struct kvm_machine m = kvm_machine(counter, sizeof(counter));
	unsigned long rounds = count_of(5, 500);
	uint8_t *p = memory(2);
	struct kvm_sregs sregs;
	pthread_t thread;

	join(p);
	/* None of its own. */
	code_pages = 0;
	must(kvm_slot(&m, 0, 0, 0, NULL));
	must(kvm_slot(&m, 0, 0, CODE_AT + PAGE, m.memory));
	must(kvm_slot(&m, 1, SLOT_AT, 2 * LARGE, p));
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.ds.base = SLOT_AT;
	sregs.es.base = SLOT_AT + LARGE;
	must(ioctl(m.vcpu.fd, KVM_SET_SREGS, &sregs));
	pthread_create(&thread, NULL, count_on, &m);
	wait_for_progress(p, "from the start");
	wait_for_large(&m, 2, "from the start");
	for (unsigned long i = 0; i < rounds; i++)
		split_and_join(&m, p);
	*(volatile uint8_t *)p = 1;
	pthread_join(thread, NULL);
	kvm_close(&m);
	printf("ok: split and brought together %lu times under the guest\n", rounds);
}

int main(int argc, char **argv)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	uint8_t *p = memory(2);

	setlinebuf(stdout);
	large_host = argc > 1 && argv[1][0] == '1';
	touch(&m, 0x5000, 0);
	code_pages = count_large(&m);
	must(kvm_slot(&m, 1, SLOT_AT, 2 * LARGE, p));
	whole(&m);
	parts(&m, p);
	together(&m, p);
	logged(&m);
	misfits(&m);
	must(kvm_slot(&m, 1, 0, 0, NULL));
	expect_large(&m, 0);
	must(kvm_slot(&m, 1, 2 * SLOT_AT, 2 * LARGE, p));
	touch(&m, 2 * SLOT_AT + 100 * PAGE, 0);
	expect_large(&m, 1);
	kvm_close(&m);
	running();
	return 0;
}
