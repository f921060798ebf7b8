// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_reclaim swap|balloon: two vCPUs write all their pages, round after round, while the
 * kernel swaps them out, or while their owner throws pages away. Each write is seen, and
 * none goes to a page that is no longer theirs.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>

#include "../../count.h"
#include "kvm.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif

#define PAGE		4096u
#define VCPUS		2
#define PAGES		64u		/* a vCPU */
#define POOL_AT		0x80000u	/* of the first vCPU; then those of the next */
#define POOL_BYTES	(VCPUS * PAGES * PAGE)
#define CANARIES	32u		/* pages of the owner's that the guest has not */

/* Writes AL to every page of the segments from DX to CX. */
static const uint8_t writer[] = {
	0x8e, 0xda,			/* 0: mov %dx, %ds */
	0xa2, 0x10, 0x00,		/* mov %al, 0x10 */
	0x81, 0xc2, 0x00, 0x01,		/* add $0x100, %dx */
	0x39, 0xca,			/* cmp %cx, %dx */
	0x75, 0xf3,			/* jne 0b */
	0xe6, 0x10,			/* out %al, $0x10 */
};

struct worker {
	struct kvm_vcpu vcpu;
	unsigned int first;		/* of the pool's pages */
	pthread_t thread;
};

static struct mode {
	const char *name;
	void (*disturb)(void);		/* over and over, from a thread of its own */
	void (*after)(struct worker *w, unsigned long round);
	bool may_vanish;		/* what was written a moment ago */
} const *mode;

static uint8_t *pool;
static unsigned long rounds;
static volatile bool stop;

static unsigned long swapped_out(void)
{
	unsigned long count = 0;
	char line[128];
	FILE *f = fopen("/proc/vmstat", "r");

	while (f && fgets(line, sizeof(line), f) && sscanf(line, "pswpout %lu", &count) != 1)
		;
	if (!f || fclose(f))
		die("/proc/vmstat");
	return count;
}

/* ---- who writes ---- */

static void write_all(const struct worker *w, uint8_t value)
{
	struct kvm_regs regs = {
		.rip = CODE_AT, .rflags = 2, .rax = value,
		.rdx = (POOL_AT + w->first * PAGE) / 16,
		.rcx = (POOL_AT + (w->first + PAGES) * PAGE) / 16,
	};

	must(ioctl(w->vcpu.fd, KVM_SET_REGS, &regs));
	equal(kvm_next_out(&w->vcpu), value);
}

static void expect_all(const struct worker *w, uint8_t value, bool may_vanish)
{
	for (unsigned int i = w->first; i < w->first + PAGES; i++) {
		uint8_t got = *(volatile uint8_t *)(pool + i * PAGE + 0x10);

		if (got != value && !(may_vanish && got == 0))
			die("page %u is %#x, not %#x", i, got, value);
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (unsigned long round = 0; round < rounds; round++) {
		uint8_t value = 1 + round % 255;

		write_all(w, value);
		if (mode->after)
			mode->after(w, round);
		expect_all(w, value, mode->may_vanish);
	}
	return NULL;
}

/* ---- who takes the pages ---- */

/* Twice: what has been used since it was last asked for is spared once. */
static void swap_range_out(unsigned int first, unsigned int count)
{
	for (int i = 0; i < 2; i++)
		must(madvise(pool + first * PAGE, count * PAGE, MADV_PAGEOUT));
}

static void swap_out(void)
{
	swap_range_out(random() % (VCPUS * PAGES - 16), 16);
	sched_yield();
}

/* Also where there is one CPU, and that thread has seldom its turn. */
static void swap_own_out(struct worker *w, unsigned long round)
{
	if (round % 4 == 0)
		swap_range_out(w->first, PAGES);
}

static uint8_t *canaries;

/* A page that was thrown away may be the next that somebody else gets. */
static void throw_away(void)
{
	static unsigned int turn;
	uint8_t *canary = canaries + turn++ % CANARIES * PAGE;

	if (canary[0x10] && canary[0x10] != 0xca)
		die("the guest wrote %#x to a page of its owner's", canary[0x10]);
	must(madvise(canary, PAGE, MADV_DONTNEED));
	must(madvise(pool + random() % (VCPUS * PAGES) * PAGE, PAGE, MADV_DONTNEED));
	canary[0x10] = 0xca;
	sched_yield();
}

static const struct mode modes[] = {
	{ "swap", swap_out, swap_own_out, false },
	{ "balloon", throw_away, NULL, true },
};

static void *disturb(void *unused)
{
	(void)unused;
	while (!stop)
		mode->disturb();
	return NULL;
}

/* ---- */

static void *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

static void run(struct worker workers[VCPUS])
{
	pthread_t disturber;

	pthread_create(&disturber, NULL, disturb, NULL);
	for (int i = 0; i < VCPUS; i++)
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	for (int i = 0; i < VCPUS; i++)
		pthread_join(workers[i].thread, NULL);
	stop = true;
	pthread_join(disturber, NULL);
	/* Now that all is quiet nothing vanishes. */
	for (int i = 0; i < VCPUS; i++) {
		write_all(&workers[i], 0xee);
		expect_all(&workers[i], 0xee, false);
	}
}

int main(int argc, char **argv)
{
	struct kvm_machine m = kvm_machine(writer, sizeof(writer));
	struct worker workers[VCPUS];
	unsigned long out;

	for (size_t i = 0; argc == 2 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(argv[1], modes[i].name))
			mode = &modes[i];
	if (!mode)
		die("usage: kvm_reclaim swap|balloon");
	srandom(1);
	rounds = count_of(40, 2000);
	pool = map(POOL_BYTES);
	canaries = map(CANARIES * PAGE);
	must(kvm_slot(&m, 0, 0, 0, NULL));
	must(kvm_slot(&m, 0, 0, POOL_AT, m.memory));
	must(kvm_slot(&m, 1, POOL_AT, POOL_BYTES, pool));
	must(madvise(pool, POOL_BYTES, MADV_NOHUGEPAGE));
	for (unsigned int i = 0; i < VCPUS; i++) {
		workers[i].vcpu = i ? kvm_add_vcpu(&m, i) : m.vcpu;
		workers[i].first = i * PAGES;
		kvm_start_at(&workers[i].vcpu, CODE_AT);
	}
	out = swapped_out();
	run(workers);
	out = swapped_out() - out;
	if (!strcmp(mode->name, "swap") && out < PAGES)
		die("%lu pages were swapped out", out);
	kvm_close(&m);
	printf("ok: %lu rounds, %lu pages swapped out\n", rounds, out);
	return 0;
}
