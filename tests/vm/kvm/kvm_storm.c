// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_storm: guests that do nothing but one instruction that exits, again and again.
 * Whatever it is, a thread that waits on the same CPU for its time is woken in time,
 * and a signal ends the guest's run in time.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include "../../count.h"
#include "modes.h"

#define COUNT_AT	0x3000
#define LATE_MAX_NS	10000000ull
#define PERIOD_NS	1000000ull
#define EXITS_MIN	20	/* in a period */

/* Of what is raised: the instruction, of three bytes, is left out. */
static const uint8_t skip_gp[] = {
	0x48, 0x83, 0xc4, 0x08,		/* add $8, %rsp: the error code */
};
static const uint8_t skip_ud[] = {
	0x48, 0x83, 0x04, 0x24, 0x03,	/* addq $3, (%rsp) */
	0x48, 0xcf,			/* iretq */
};

/* incl COUNT_AT; and back over what is before */
static const uint8_t again[] = { 0xff, 0x04, 0x25, 0x00, 0x30, 0x00, 0x00, 0xeb };

static const struct {
	const char *name;
	uint8_t bytes, code[14];
} storms[] = {
	{ "cpuid", 2, { 0x0f, 0xa2 } },
	{ "rdmsr and wrmsr", 9, { 0xb9, 0x80, 0x00, 0x00, 0xc0, 0x0f, 0x32, 0x0f, 0x30 } },
	{ "vmcall", 3, { 0x0f, 0x01, 0xc1 } },
	{ "vmmcall", 3, { 0x0f, 0x01, 0xd9 } },
	{ "cr3", 6, { 0x0f, 0x20, 0xd8, 0x0f, 0x22, 0xd8 } },
	{ "cr0.wp", 11, { 0x0f, 0x20, 0xc0, 0x35, 0x00, 0x00, 0x01, 0x00, 0x0f, 0x22, 0xc0 } },
	{ "cr4.pge", 11, { 0x0f, 0x20, 0xe0, 0x35, 0x80, 0x00, 0x00, 0x00, 0x0f, 0x22, 0xe0 } },
	{ "dr7", 6, { 0x0f, 0x21, 0xf8, 0x0f, 0x23, 0xf8 } },
	{ "invlpg", 8, { 0x0f, 0x01, 0x3c, 0x25, 0x00, 0x00, 0x10, 0x00 } },
	{ "wbinvd", 2, { 0x0f, 0x09 } },
	{ "xsetbv that is refused", 8, { 0xb9, 0x05, 0x00, 0x00, 0x00, 0x0f, 0x01, 0xd1 } },
	{ "monitor", 3, { 0x0f, 0x01, 0xc8 } },
	{ "rdpmc", 3, { 0x0f, 0x33, 0x90 } },
	{ "hlt", 1, { 0xf4 } },
	{ "out", 2, { 0xe6, 0x10 } },
};

static volatile bool stopping;

static void put_code(struct kvm_machine *m, const uint8_t *code, uint8_t bytes)
{
	uint8_t *at = m->memory + CODE_AT;

	memcpy(at, code, bytes);
	memcpy(at + bytes, again, sizeof(again));
	at[bytes + sizeof(again)] = -(bytes + sizeof(again) + 1);
	memset(m->memory + COUNT_AT, 0, 4);
}

/* In long mode, with CR4.OSXSAVE for XSETBV. */
static void start_storm(struct kvm_machine *m, const struct kvm_sregs *reset)
{
	const uint64_t gate = CODE_SELECTOR << 16 | 0x8e00ull << 32;
	struct kvm_sregs sregs;

	start(m, reset, LONG, IDT_BYTES - 1);
	memcpy(m->memory + HANDLER_AT, skip_gp, sizeof(skip_gp));
	memcpy(m->memory + HANDLER_AT + sizeof(skip_gp), skip_ud, sizeof(skip_ud));
	put64(m, IDT_AT + VECTOR_GP * 16, gate | HANDLER_AT);
	put64(m, IDT_AT + VECTOR_UD * 16, gate | (HANDLER_AT + sizeof(skip_gp)));
	must(ioctl(m->vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.cr4 |= 1 << 18;
	must(ioctl(m->vcpu.fd, KVM_SET_SREGS, &sregs));
}

static void *run(void *machine)
{
	const struct kvm_vcpu *v = &((struct kvm_machine *)machine)->vcpu;

	while (!stopping) {
		if (ioctl(v->fd, KVM_RUN, 0)) {
			equal(errno, EINTR);
		} else if (v->run->exit_reason != KVM_EXIT_HLT &&
			   v->run->exit_reason != KVM_EXIT_IO) {
			die("exit %u", v->run->exit_reason);
		}
	}
	return NULL;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* How much later than asked for. */
static uint64_t sleep_period(void)
{
	uint64_t until_ns = now_ns() + PERIOD_NS;
	const struct timespec until = { until_ns / 1000000000, until_ns % 1000000000 };

	equal(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL), 0);
	return now_ns() - until_ns;
}

static uint64_t stop(struct kvm_machine *m, pthread_t thread)
{
	uint64_t start_ns = now_ns();

	stopping = true;
	*(volatile uint8_t *)&m->vcpu.run->immediate_exit = 1;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	stopping = false;
	m->vcpu.run->immediate_exit = 0;
	return now_ns() - start_ns;
}

/* This thread goes before all others, as soon as it is woken. */
static void storm(struct kvm_machine *m, const char *name, unsigned int periods)
{
	uint64_t late_ns = 0, stop_ns;
	pthread_t thread;
	uint32_t exits;

	if (pthread_create(&thread, NULL, run, m))
		die("a thread");
	for (unsigned int i = 0; i < periods; i++) {
		uint64_t ns = sleep_period();

		late_ns = ns > late_ns ? ns : late_ns;
	}
	stop_ns = stop(m, thread);
	memcpy(&exits, m->memory + COUNT_AT, sizeof(exits));
	if (exits < periods * EXITS_MIN)
		die("%s: no more than %u", name, exits);
	if (late_ns >= LATE_MAX_NS || stop_ns >= LATE_MAX_NS)
		die("%s: late by %llu ns, ended after %llu", name, (unsigned long long)late_ns,
		    (unsigned long long)stop_ns);
	printf("ok: %s: %u, late by %llu us, ended after %llu\n", name, exits,
	       (unsigned long long)late_ns / 1000, (unsigned long long)stop_ns / 1000);
}

static void on_signal(int signal)
{
	(void)signal;
}

int main(void)
{
	const struct sigaction action = { .sa_handler = on_signal };
	const struct sched_param first = { .sched_priority = 1 };
	struct kvm_machine m = kvm_machine(handler, sizeof(handler));
	struct kvm_sregs reset;

	must(sigaction(SIGUSR1, &action, NULL));
	/* Of this thread alone, not of those that it makes. */
	must(sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first));
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &reset));
	for (size_t i = 0; i < sizeof(storms) / sizeof(storms[0]); i++) {
		put_code(&m, storms[i].code, storms[i].bytes);
		start_storm(&m, &reset);
		storm(&m, storms[i].name, count_of(2, 200));
	}
	kvm_close(&m);
	return 0;
}
