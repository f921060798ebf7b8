// SPDX-License-Identifier: GPL-2.0
/*
 * The dirty log: exactly the pages that the guest writes, by itself and
 * through the emulator; nothing is lost while several vCPUs write and the log
 * is read, turned on, or goes with its slot. kvm_dirty: what in-tree KVM does too,
 * whose log (6.12) may name pages that were only read; kvm_dirty ours: exactly, and
 * with several vCPUs.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "../../count.h"
#include "kvm.h"

#define PAGE		4096u
#define LOGGED_AT	0x20000u
#define LOGGED_PAGES	150u		/* not a multiple of 64 */
#define HOLE_AT		0xf0000u	/* no slot: a device */
#define WORDS		((LOGGED_PAGES + 63) / 64)
#define ROUNDS		30
#define WRITERS		4
#define TOGGLES		4
#define DELETIONS	10

/* For ever: asks for a segment to read and one to write, and does. */
static const uint8_t worker[] = {
	0xe5, 0x20,		/* in $0x20, %ax */
	0x8e, 0xd8,		/* mov %ax, %ds */
	0xe5, 0x21,		/* in $0x21, %ax */
	0x8e, 0xc0,		/* mov %ax, %es */
	0x31, 0xf6,		/* xor %si, %si */
	0x31, 0xff,		/* xor %di, %di */
	0xa4,			/* movsb */
	0x26, 0xff, 0x04,	/* incw %es:(%si) */
	0xeb, 0xee,		/* jmp CODE_AT */
};

/* For ever: every page of a window, whose segments are DX to CX. */
static const uint8_t sweeper[] = {
	0x89, 0xd0,		/* 0: mov %dx, %ax */
	0x8e, 0xd8,		/* 1: mov %ax, %ds */
	0xff, 0x06, 0x10, 0x00,	/* incw 0x10 */
	0x05, 0x00, 0x01,	/* add $0x100, %ax */
	0x39, 0xc8,		/* cmp %cx, %ax */
	0x75, 0xf3,		/* jne 1b */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xeb, 0xed,		/* jmp 0b */
};

/* More than a processor may write down before it must tell (Intel: 512). */
#define MANY_AT		0x400000u
#define MANY_PAGES	1300u

/* From EDI to EBX: every page. Segments may be large. */
static const uint8_t great_sweeper[] = {
	0x67, 0xfe, 0x07,	/* 0: incb (%edi) */
	0x66, 0x81, 0xc7, 0x00, 0x10, 0x00, 0x00,	/* add $0x1000, %edi */
	0x66, 0x39, 0xdf,	/* cmp %ebx, %edi */
	0x75, 0xf1,		/* jne 0b */
	0xe6, 0x10,		/* out %al, $0x10 */
};

#define GO_AT		0x2000u	/* what is to be written, and behind it what was */
#define LAST		0xff

/* Writes each new value to a segment, DX, without an exit in between. */
static const uint8_t follower[] = {
	0x8e, 0xc2,		/* mov %dx, %es */
	0xa0, 0x00, 0x20,	/* 1: mov GO_AT, %al */
	0x3c, LAST,		/* cmp $LAST, %al */
	0x74, 0x0f,		/* je 2f */
	0x38, 0x06, 0x01, 0x20,	/* cmp %al, GO_AT + 1 */
	0x74, 0xf3,		/* je 1b */
	0x26, 0xa2, 0x00, 0x00,	/* mov %al, %es:0 */
	0xa2, 0x01, 0x20,	/* mov %al, GO_AT + 1 */
	0xeb, 0xea,		/* jmp 1b */
	0xe6, 0x10,		/* 2: out %al, $0x10 */
};

static uint8_t *logged;		/* the memory of slot 1 */
static bool exactly;

static int log_slot(const struct kvm_machine *m, bool log)
{
	struct kvm_userspace_memory_region region = {
		.slot = 1,
		.flags = log ? KVM_MEM_LOG_DIRTY_PAGES : 0,
		.guest_phys_addr = LOGGED_AT,
		.memory_size = LOGGED_PAGES * PAGE,
		.userspace_addr = (uintptr_t)logged,
	};

	return ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &region);
}

static int get_log(const struct kvm_machine *m, unsigned int slot, uint64_t *bits)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = bits };

	return ioctl(m->vm, KVM_GET_DIRTY_LOG, &log);
}

static int clear_log(const struct kvm_machine *m, unsigned int slot, uint64_t first,
		     unsigned int count, const uint64_t *bits)
{
	struct kvm_clear_dirty_log log = {
		.slot = slot, .first_page = first, .num_pages = count,
		.dirty_bitmap = (void *)bits,
	};

	return ioctl(m->vm, KVM_CLEAR_DIRTY_LOG, &log);
}

/* The log is told without being cleared, from now on; or as before. */
static int by_hand(const struct kvm_machine *m, uint64_t options)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args[0] = options,
	};

	return ioctl(m->vm, KVM_ENABLE_CAP, &cap);
}

/* Slot 0 below, slot 1 with a log, a hole above. */
static struct kvm_machine machine(const void *code, size_t size)
{
	struct kvm_machine m = kvm_machine(code, size);

	must(kvm_slot(&m, 0, 0, 0, NULL));
	must(kvm_slot(&m, 0, 0, LOGGED_AT, m.memory));
	logged = m.memory + LOGGED_AT;
	must(log_slot(&m, true));
	return m;
}

static bool is_set(const uint64_t *bits, unsigned int page)
{
	return bits[page / 64] >> (page % 64) & 1;
}

static void set(uint64_t *bits, unsigned int page)
{
	bits[page / 64] |= 1ull << (page % 64);
}

static void expect_log(const struct kvm_machine *m, const uint64_t *want)
{
	uint64_t got[WORDS];

	memset(got, 0xa5, sizeof(got));
	must(get_log(m, 1, got));
	for (unsigned int i = 0; i < WORDS; i++)
		equal(exactly ? got[i] : got[i] & want[i], want[i]);
}

static uint16_t segment_of(unsigned int page)
{
	return (LOGGED_AT + page * PAGE) / 16;
}

static void answer_in(const struct kvm_vcpu *v, uint16_t value)
{
	kvm_run_once(v);
	equal(v->run->exit_reason, KVM_EXIT_IO);
	equal(v->run->io.direction, KVM_EXIT_IO_IN);
	memcpy((char *)v->run + v->run->io.data_offset, &value, 2);
}

/* Lets the guest read from one segment and write to another, and be done. */
static void work(const struct kvm_vcpu *v, uint16_t from, uint16_t to)
{
	answer_in(v, from);
	answer_in(v, to);
	kvm_run_once(v);
	while (v->run->exit_reason == KVM_EXIT_MMIO) {
		v->run->mmio.data[0] = 0x42;
		kvm_run_once(v);
	}
	equal(v->run->io.port, 0x20);
	v->run->immediate_exit = 1;	/* leave the IN unanswered, but finished */
	memset((char *)v->run + v->run->io.data_offset, 0, 2);
	if (ioctl(v->fd, KVM_RUN, 0) == 0)
		die("it ran");
	v->run->immediate_exit = 0;
	kvm_start_at(v, CODE_AT);
}

/* What the guest wrote, no more and no less; what it read does not count. */
static void exact(void)
{
	struct kvm_machine m = machine(worker, sizeof(worker));
	const uint64_t none[WORDS] = { 0 };

	expect_log(&m, none);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t want[WORDS] = { 0 };

		for (int i = 0; i < round % 8; i++) {
			unsigned int to = random() % LOGGED_PAGES;

			/* every fourth byte comes from the device */
			work(&m.vcpu, i % 4 == 3 ? HOLE_AT / 16 :
			     segment_of(random() % LOGGED_PAGES), segment_of(to));
			set(want, to);
		}
		expect_log(&m, want);
	}
	expect_log(&m, none);
	kvm_close(&m);
	printf("ok: %d rounds\n", ROUNDS);
}

/* Stores that the emulator makes for a guest. */
static void emulated(void)
{
	struct kvm_machine m = machine(worker, sizeof(worker));
	uint64_t want[WORDS] = { 0 };

	work(&m.vcpu, segment_of(0), segment_of(7));
	set(want, 7);
	expect_log(&m, want);
	/* MOVSB alone: the log is read before INCW */
	answer_in(&m.vcpu, HOLE_AT / 16);
	answer_in(&m.vcpu, segment_of(7));
	kvm_run_once(&m.vcpu);
	equal(m.vcpu.run->exit_reason, KVM_EXIT_MMIO);
	m.vcpu.run->mmio.data[0] = 0x99;
	m.vcpu.run->immediate_exit = 1;
	if (ioctl(m.vcpu.fd, KVM_RUN, 0) == 0)
		die("it ran");
	equal(logged[7 * PAGE], 0x99);
	expect_log(&m, want);
	kvm_close(&m);
	puts("ok: what the emulator writes");
}

/* The log goes and comes, while mappings for writing stand. */
static void on_and_off(void)
{
	struct kvm_machine m = machine(worker, sizeof(worker));
	uint64_t bits[WORDS], want[WORDS] = { 0 };

	must(log_slot(&m, false));
	if (get_log(&m, 1, bits) == 0 || errno != ENOENT)
		die("a log of a slot without one");
	work(&m.vcpu, segment_of(1), segment_of(2));
	must(log_slot(&m, true));
	expect_log(&m, want);
	work(&m.vcpu, segment_of(1), segment_of(2));
	set(want, 2);
	expect_log(&m, want);
	work(&m.vcpu, segment_of(1), segment_of(2));
	must(log_slot(&m, true));	/* again the same: nothing is lost */
	expect_log(&m, want);
	kvm_close(&m);
	puts("ok: on and off");
}

static void refusals(void)
{
	struct kvm_machine m = machine(worker, sizeof(worker));
	uint64_t bits[WORDS];

	if (get_log(&m, 0, bits) == 0 || errno != ENOENT)
		die("a log of slot 0");
	if (get_log(&m, 2, bits) == 0 || errno != ENOENT)
		die("a log of no slot");
	if (get_log(&m, 0x7fff, bits) == 0 || errno != EINVAL)
		die("a log of slot 0x7fff");
	if (get_log(&m, 0x20001, bits) == 0 || errno != EINVAL)
		die("a log of another address space");
	if (ioctl(m.vm, KVM_GET_DIRTY_LOG, NULL) == 0 || errno != EFAULT)
		die("no argument");
	if (get_log(&m, 1, NULL) == 0 || errno != EFAULT)
		die("a log to nowhere");
	kvm_close(&m);
	puts("ok: refusals");
}

static volatile bool stop;

/* What it writes while the slot is away goes to a device that is not there. */
static void *sweep(void *vcpu)
{
	const struct kvm_vcpu *v = vcpu;

	while (!stop) {
		kvm_run_once(v);
		if (v->run->exit_reason != KVM_EXIT_MMIO)
			equal(v->run->exit_reason, KVM_EXIT_IO);
	}
	return NULL;
}

/* Copies what the log names; how many pages that were. */
static unsigned long copy_dirty(const struct kvm_machine *m, bool manual, uint8_t *copy)
{
	unsigned long copied = 0;
	uint64_t bits[WORDS];

	must(get_log(m, 1, bits));
	if (manual)
		must(clear_log(m, 1, 0, LOGGED_PAGES, bits));
	for (unsigned int i = 0; i < LOGGED_PAGES; i++) {
		if (!is_set(bits, i))
			continue;
		memcpy(copy + i * PAGE, logged + i * PAGE, PAGE);
		copied++;
	}
	return copied;
}

static struct kvm_vcpu add_sweeper(const struct kvm_machine *m, int i)
{
	struct kvm_vcpu v = i ? kvm_add_vcpu(m, i) : m->vcpu;
	struct kvm_regs regs = {
		.rip = CODE_AT,
		.rflags = 2,
		.rdx = segment_of(i * LOGGED_PAGES / WRITERS),
		.rcx = segment_of((i + 1) * LOGGED_PAGES / WRITERS),
	};

	kvm_start_at(&v, CODE_AT);
	must(ioctl(v.fd, KVM_SET_REGS, &regs));
	return v;
}

/* Vcpus that write all the time, each in its part of the log's memory. */
struct writers {
	struct kvm_vcpu vcpus[WRITERS];
	pthread_t threads[WRITERS];
};

static void add_writers(struct writers *w, const struct kvm_machine *m)
{
	for (int i = 0; i < WRITERS; i++)
		w->vcpus[i] = add_sweeper(m, i);
}

static void let_write(struct writers *w)
{
	stop = false;
	for (int i = 0; i < WRITERS; i++)
		pthread_create(&w->threads[i], NULL, sweep, &w->vcpus[i]);
}

static void stop_writing(struct writers *w)
{
	stop = true;
	for (int i = 0; i < WRITERS; i++)
		pthread_join(w->threads[i], NULL);
}

static void close_writers(struct writers *w)
{
	for (int i = 1; i < WRITERS; i++) {
		munmap(w->vcpus[i].run, PAGE);
		close(w->vcpus[i].fd);
	}
}

static void expect_copied(const uint8_t *copy, const char *what)
{
	if (memcmp(copy, logged, LOGGED_PAGES * PAGE))
		die("a write that the log did not tell: %s", what);
}

/* As a live migration: who copies what the log names has all in the end. */
static void migrate(bool manual)
{
	struct kvm_machine m = machine(sweeper, sizeof(sweeper));
	uint8_t *copy = calloc(LOGGED_PAGES, PAGE);
	unsigned long copied = 0, rounds = 0;
	struct writers w;

	if (manual)
		must(by_hand(&m, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE));
	add_writers(&w, &m);
	let_write(&w);
	for (; copied < 3 * LOGGED_PAGES; rounds++) {
		copied += copy_dirty(&m, manual, copy);
		usleep(1000);
	}
	stop_writing(&w);
	copy_dirty(&m, manual, copy);
	expect_copied(copy, manual ? "cleared by hand" : "cleared when read");
	close_writers(&w);
	kvm_close(&m);
	free(copy);
	printf("ok: a migration has every write (%lu pages in %lu rounds)\n", copied, rounds);
}

/*
 * The log goes and comes while they write: from then on, and not from the next fault of
 * each page on, it has every write.
 */
static void toggled(long rounds)
{
	struct kvm_machine m = machine(sweeper, sizeof(sweeper));
	uint8_t *copy = calloc(LOGGED_PAGES, PAGE);
	struct writers w;

	add_writers(&w, &m);
	for (long round = 0; round < rounds; round++) {
		let_write(&w);
		must(log_slot(&m, false));
		usleep(1000);		/* all is mapped for writing again */
		must(log_slot(&m, true));
		memcpy(copy, logged, LOGGED_PAGES * PAGE);
		copy_dirty(&m, false, copy);
		usleep(round % 4 * 500);
		stop_writing(&w);
		copy_dirty(&m, false, copy);
		expect_copied(copy, "turned on meanwhile");
	}
	close_writers(&w);
	kvm_close(&m);
	free(copy);
	printf("ok: the log came %ld times while the guests wrote\n", rounds);
}

static void *run_to_out(void *vcpu)
{
	equal(kvm_next_out(vcpu), LAST);
	return NULL;
}

/* A write that can be seen in memory is in the log, though its vCPU is in the guest yet. */
static void at_once(void)
{
	struct kvm_machine m = machine(follower, sizeof(follower));
	volatile uint8_t *go = m.memory + GO_AT;
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2, .rdx = segment_of(5) };
	uint64_t bits[WORDS];
	pthread_t thread;

	must(ioctl(m.vcpu.fd, KVM_SET_REGS, &regs));
	pthread_create(&thread, NULL, run_to_out, &m.vcpu);
	for (int round = 1; round <= ROUNDS; round++) {
		*go = round;
		while (go[1] != round)
			sched_yield();
		must(get_log(&m, 1, bits));
		if (!is_set(bits, 5))
			die("round %d: written, and not in the log", round);
	}
	*go = LAST;
	pthread_join(thread, NULL);
	kvm_close(&m);
	puts("ok: what the guest has written is in the log at once");
}

static void *read_log(void *machine)
{
	unsigned long *found = calloc(1, sizeof(*found));
	uint64_t bits[WORDS];

	while (!stop) {
		if (get_log(machine, 1, bits) == 0)
			++*found;
		else
			equal(errno, ENOENT);
	}
	return found;
}

/* The slot goes while its log is read and its memory written. */
static void deleted(long rounds)
{
	struct kvm_machine m = machine(sweeper, sizeof(sweeper));
	uint8_t *copy = calloc(LOGGED_PAGES, PAGE);
	unsigned long *found;
	pthread_t reader;
	struct writers w;

	add_writers(&w, &m);
	let_write(&w);
	pthread_create(&reader, NULL, read_log, &m);
	for (long round = 0; round < rounds; round++) {
		must(kvm_slot(&m, 1, LOGGED_AT, 0, NULL));
		must(log_slot(&m, true));
		usleep(round % 4 * 500);
	}
	stop_writing(&w);
	pthread_join(reader, (void **)&found);
	/* What is there now is whole: a log of this slot, not of one before. */
	must(get_log(&m, 1, (uint64_t[WORDS]) { 0 }));
	memcpy(copy, logged, LOGGED_PAGES * PAGE);
	let_write(&w);
	usleep(1000);
	stop_writing(&w);
	copy_dirty(&m, false, copy);
	expect_copied(copy, "after deletions");
	printf("ok: the slot went %ld times while its log was read%s\n", rounds,
	       *found ? "" : ", never whole");
	close_writers(&w);
	kvm_close(&m);
	free(found);
	free(copy);
}

static void refused(int ret, int error, const char *what)
{
	if (ret != -1 || errno != error)
		die("%s: %d, not errno %d", what, ret, error);
}

static void hand_refusals(const struct kvm_machine *m)
{
	const uint64_t none[WORDS] = { 0 };
	struct kvm_enable_cap cap = { .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .flags = 1 };

	refused(by_hand(m, 4), EINVAL, "options");
	refused(ioctl(m->vm, KVM_ENABLE_CAP, &cap), EINVAL, "flags");
	cap = (struct kvm_enable_cap) { .cap = KVM_CAP_USER_MEMORY };
	refused(ioctl(m->vm, KVM_ENABLE_CAP, &cap), EINVAL, "another capability");
	refused(clear_log(m, 0, 0, 64, none), ENOENT, "a slot without a log");
	refused(clear_log(m, 2, 0, 64, none), ENOENT, "no slot");
	refused(clear_log(m, 0x7fff, 0, 64, none), EINVAL, "slot 0x7fff");
	refused(clear_log(m, 1, 1, 64, none), EINVAL, "page 1");
	refused(clear_log(m, 1, 0, 63, none), EINVAL, "63 pages");
	refused(clear_log(m, 1, 64, LOGGED_PAGES, none), EINVAL, "more than there are");
	refused(clear_log(m, 1, 1ull << 40, 64, none), EINVAL, "far behind the end");
	refused(clear_log(m, 1, 0, LOGGED_PAGES, NULL), EFAULT, "no bitmap");
	must(clear_log(m, 1, 128, LOGGED_PAGES - 128, none));
}

/* Told again until cleared, in part; what is written then is told anew. */
static void manual_log(void)
{
	struct kvm_machine m = machine(worker, sizeof(worker));
	uint64_t want[WORDS] = { 0 }, clear[WORDS] = { 0 };

	must(by_hand(&m, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE));
	hand_refusals(&m);
	work(&m.vcpu, segment_of(1), segment_of(7));
	work(&m.vcpu, segment_of(1), segment_of(70));
	set(want, 7);
	set(want, 70);
	expect_log(&m, want);
	expect_log(&m, want);
	/* Only what is both in the range and in the bitmap. */
	memset(clear, 0xff, sizeof(clear));
	clear[0] = 0;
	must(clear_log(&m, 1, 0, 64, clear));
	expect_log(&m, want);
	clear[0] = want[0];
	must(clear_log(&m, 1, 0, 64, clear));
	want[0] = 0;
	expect_log(&m, want);
	work(&m.vcpu, segment_of(1), segment_of(7));
	set(want, 7);
	expect_log(&m, want);
	must(clear_log(&m, 1, 64, LOGGED_PAGES - 64, clear + 1));
	want[1] = 0;
	expect_log(&m, want);
	/* And as before: told once. */
	must(by_hand(&m, 0));
	expect_log(&m, want);
	want[0] = 0;
	expect_log(&m, want);
	kvm_close(&m);
	puts("ok: cleared by hand");
}

/* A bitmap that cannot be delivered is told again. */
static void kept(void)
{
	struct kvm_machine m = machine(worker, sizeof(worker));
	uint64_t want[WORDS] = { 0 };

	work(&m.vcpu, segment_of(1), segment_of(149));
	if (get_log(&m, 1, NULL) == 0 || errno != EFAULT)
		die("a log to nowhere");
	set(want, 149);
	expect_log(&m, want);
	kvm_close(&m);
	puts("ok: a log that did not arrive is kept");
}

static void sweep_many(const struct kvm_vcpu *v, unsigned int first)
{
	struct kvm_regs regs = {
		.rip = CODE_AT, .rflags = 2, .rdi = MANY_AT + first * PAGE,
		.rbx = MANY_AT + MANY_PAGES * PAGE,
	};

	must(ioctl(v->fd, KVM_SET_REGS, &regs));
	kvm_next_out(v);
}

/* The log names the last `count` of the many, and none of the others. */
static void expect_many(const struct kvm_machine *m, unsigned int count)
{
	uint64_t bits[(MANY_PAGES + 63) / 64];

	must(get_log(m, 2, bits));
	for (unsigned int i = 0; i < MANY_PAGES; i++)
		if (is_set(bits, i) != (i >= MANY_PAGES - count))
			die("page %u of the %u last", i, count);
}

/* Written without an exit in between: first mapped, then mapped already. */
static void many(void)
{
	struct kvm_machine m = kvm_machine(great_sweeper, sizeof(great_sweeper));
	struct kvm_userspace_memory_region region = {
		.slot = 2, .guest_phys_addr = MANY_AT, .memory_size = MANY_PAGES * PAGE,
	};
	struct kvm_sregs sregs;
	void *memory = mmap(NULL, region.memory_size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	region.userspace_addr = (uintptr_t)memory;
	must(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &region));
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.ds.limit = 0xffffffff;
	sregs.ds.g = 1;
	must(ioctl(m.vcpu.fd, KVM_SET_SREGS, &sregs));
	sweep_many(&m.vcpu, 0);
	region.flags = KVM_MEM_LOG_DIRTY_PAGES;
	must(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &region));
	expect_many(&m, 0);
	sweep_many(&m.vcpu, 0);
	expect_many(&m, MANY_PAGES);
	sweep_many(&m.vcpu, MANY_PAGES - 600);
	expect_many(&m, 600);
	expect_many(&m, 0);
	kvm_close(&m);
	munmap(memory, region.memory_size);
	puts("ok: many pages at once");
}

int main(int argc, char **argv)
{
	(void)argv;
	exactly = argc > 1;
	srandom(1);
	refusals();
	exact();
	emulated();
	on_and_off();
	manual_log();
	if (!exactly)
		return 0;
	migrate(false);
	migrate(true);
	many();
	at_once();
	kept();
	toggled(count_of(TOGGLES, 1000));
	deleted(count_of(DELETIONS, 2000));
	return 0;
}
