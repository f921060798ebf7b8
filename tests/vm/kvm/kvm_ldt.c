// SPDX-License-Identifier: GPL-2.0
/*
 * A thread changes the process's LDT while another is in a guest: the kernel
 * frees the old table, so an exit must not bring it back. LSL reads the table
 * that the CPU has.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

#include "kvm.h"

#define SELECTOR	7		/* entry 0 of the LDT, ring 3 */
#define ROUNDS		20

static const uint8_t endless[] = {
	0xe6, 0x10,		/* out %al, $0x10 */
	0xeb, 0xfe,		/* 1: jmp 1b */
};

static volatile int pinned;

static void on_signal(int signal)
{
	(void)signal;
}

static void sleep_ms(long ms)
{
	const struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

/* ~0: the CPU's table has no such entry. */
static unsigned int limit_of(unsigned int selector)
{
	unsigned int limit = ~0u;

	asm volatile("lsl %1, %0" : "+r" (limit) : "r" (selector) : "cc");
	return limit;
}

static void set_limit(unsigned int limit)
{
	struct user_desc entry = {
		.entry_number = 0,
		.limit = limit,
		.seg_32bit = 1,
		.useable = 1,
	};

	must(syscall(SYS_modify_ldt, 1, &entry, sizeof(entry)));
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	must(sched_setaffinity(0, sizeof(set), &set));
}

static void *run(void *arg)
{
	struct kvm_vcpu *v = arg;

	pin(1);
	pinned = 1;
	if (ioctl(v->fd, KVM_RUN, 0) == 0)
		die("it stopped");
	equal(errno, EINTR);
	return (void *)(long)limit_of(SELECTOR);
}

static void change(struct kvm_machine *m, unsigned int limit)
{
	pthread_t thread;
	void *got;

	pinned = 0;
	pthread_create(&thread, NULL, run, &m->vcpu);
	while (!pinned)
		sleep_ms(1);
	sleep_ms(5);
	set_limit(limit);
	do {
		pthread_kill(thread, SIGUSR1);
		sleep_ms(2);
	} while (pthread_tryjoin_np(thread, &got));
	equal((long)got, limit);
}

int main(void)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct kvm_machine m = kvm_machine(endless, sizeof(endless));

	sigaction(SIGUSR1, &action, NULL);
	pin(0);
	kvm_next_out(&m.vcpu);
	/* the first gives the process an LDT, the others change it */
	for (unsigned int i = 1; i <= ROUNDS; i++)
		change(&m, i * 16);
	kvm_close(&m);
	printf("ok: %d changes of the LDT beneath a guest\n", ROUNDS);
	return 0;
}
