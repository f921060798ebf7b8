// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_disturb ROUNDS: what its owner does to a page while the guest uses it, without an exit:
 * another page in its place, none for a while, a child that has it too, a file that is cut.
 * What the guest reads after that is what its owner has there then, and a child has nothing of
 * what it writes.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "kvm.h"

#define PAGE_AT		0x5000
#define TOLD_AT		0x6000		/* what the guest has read */
#define ROUND_AT	0x6002		/* how often */
#define END_AT		0x7000		/* not 0: it shall end */
#define WAIT_S		30
#define AT_ONCE		3		/* changes between two looks at the guest */

static const uint8_t code[] = {
	0xa0, 0x00, 0x50,		/* 1: mov PAGE_AT, %al */
	0xa2, 0x00, 0x60,		/* mov %al, TOLD_AT */
	0xff, 0x06, 0x02, 0x60,		/* incw ROUND_AT */
	0x80, 0x3e, 0x00, 0x70, 0x00,	/* cmpb $0, END_AT */
	0x74, 0xef,			/* je 1b */
	0xe6, 0x10,			/* out %al, $0x10 */
};

static uint8_t *memory;
static volatile uint16_t *guest_round;
static int file = -1;

/* ---- changes: after each of them the owner's page has the value ---- */

static void *map_page(int flags, int fd)
{
	return mmap(memory + PAGE_AT, 4096, PROT_READ | PROT_WRITE, flags, fd, 0);
}

static void drop(uint8_t *page, uint8_t value)
{
	must(madvise(page, 4096, MADV_DONTNEED));
	*page = value;
	must(mprotect(page, 4096, PROT_READ));
	must(mprotect(page, 4096, PROT_READ | PROT_WRITE));
}

static void replace(uint8_t *page, uint8_t value)
{
	if (map_page(MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1) != page)
		die("mmap");
	*page = value;
}

static void unmap(uint8_t *page, uint8_t value)
{
	must(munmap(page, 4096));
	if (map_page(MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1) != page)
		die("mmap");
	*page = value;
}

static void cut(uint8_t *page, uint8_t value)
{
	must(ftruncate(file, 0));
	must(ftruncate(file, 4096));
	*page = value;
}

/* Until the guest has begun a round, and ended it, since. */
static void wait_for_guest(void)
{
	uint16_t seen = *guest_round;
	time_t until = time(NULL) + WAIT_S;

	while ((uint16_t)(*guest_round - seen) < 2) {
		if (time(NULL) > until)
			die("the guest stands");
		sched_yield();
	}
}

/* What it has is as it was at the fork: neither the guest's writes nor the owner's go there. */
static void child_looks(uint8_t *page, int go_on)
{
	const uint8_t was = *page;
	const uint16_t round = *guest_round;
	char word;

	equal(read(go_on, &word, 1), 1);
	equal(*page, was);
	equal(*guest_round, round);
	*page = ~was;
	_exit(0);
}

/* Copy on write, by the owner here and by the guest in the page of what it tells. */
static void fork_child(uint8_t *page, uint8_t value)
{
	int status, go_on[2];
	pid_t child;

	must(pipe(go_on));
	child = must(fork());
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		child_looks(page, go_on[0]);
	}
	*page = value;
	wait_for_guest();
	equal(write(go_on[1], "", 1), 1);
	must(waitpid(child, &status, 0));
	equal(status, 0);
	close(go_on[0]);
	close(go_on[1]);
}

static const struct change {
	const char *what;
	void (*make)(uint8_t *page, uint8_t value);
	bool of_a_file;
} changes[] = {
	{ "a page that comes and goes", drop, false },
	{ "another in its place", replace, false },
	{ "none for a while", unmap, false },
	{ "a child that has it too", fork_child, false },
	{ "a file that is cut", cut, true },
};

/* ---- the guest ---- */

/* EFAULT: where the owner has no memory at that moment. */
static void *run_guest(void *vcpu)
{
	const struct kvm_vcpu *v = vcpu;

	while (ioctl(v->fd, KVM_RUN, 0)) {
		if (errno != EFAULT)
			die("KVM_RUN");
	}
	exit_if_emulator_fault(v);
	equal(v->run->exit_reason, KVM_EXIT_IO);
	return NULL;
}

static void try_change(const struct change *change, unsigned int rounds)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	uint8_t value = 0;
	pthread_t runner;

	memory = m.memory;
	guest_round = (volatile uint16_t *)(memory + ROUND_AT);
	if (change->of_a_file) {
		file = must(memfd_create("guest", 0));
		must(ftruncate(file, 4096));
		if (map_page(MAP_SHARED | MAP_FIXED, file) == MAP_FAILED)
			die("mmap");
	}
	pthread_create(&runner, NULL, run_guest, &m.vcpu);
	wait_for_guest();
	for (unsigned int i = 0; i < rounds; i++) {
		for (int j = 0; j < AT_ONCE; j++)
			change->make(memory + PAGE_AT, ++value);
		wait_for_guest();
		equal(*(volatile uint8_t *)(memory + TOLD_AT), value);
	}
	*(volatile uint8_t *)(memory + END_AT) = 1;
	pthread_join(runner, NULL);
	equal(kvm_out_value(&m.vcpu), value);
	kvm_close(&m);
	if (change->of_a_file)
		close(file);
	printf("ok: %s, %u times\n", change->what, rounds * AT_ONCE);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		die("usage: kvm_disturb ROUNDS");
	setlinebuf(stdout);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		try_change(&changes[i], atoi(argv[1]));
	return 0;
}
