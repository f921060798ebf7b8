// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_cpus COUNT: CPU 1 of the host goes and comes COUNT times while the guests
 * of two vCPUs run, so many NMIs come, and the host is suspended as far as its last CPU,
 * and resumes: the guests go on, their registers as they were, and new ones start.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include "kvm.h"

#define VCPUS		2
#define COUNTER_AT	0x3000
#define CANARY		0x5aa5c33cu
#define WAIT_MS		20000
#define NMIS_MAX	200

/* 16-bit: counts for ever without an exit, and halts if R/EDX is not as it was. */
static const uint8_t code[] = {
	0x66, 0x81, 0xfa, 0x3c, 0xc3, 0xa5, 0x5a,	/* 1: cmp $CANARY, %edx */
	0x75, 0x06,					/* jne 2f */
	0x66, 0xff, 0x04,				/* incl (%si) */
	0xf8,						/* clc */
	0xeb, 0xf1,					/* jmp 1b */
	0xf4,						/* 2: hlt */
};

static struct kvm_machine machine;
static volatile bool stopping;

static volatile uint32_t *counter(int i)
{
	return (void *)(machine.memory + COUNTER_AT + i * 64);
}

static void on_signal(int signal)
{
	(void)signal;
}

/* Signals are for the end, and for the freezer. */
static void *run_vcpu(void *arg)
{
	struct kvm_vcpu *v = arg;

	while (!stopping) {
		if (ioctl(v->fd, KVM_RUN, 0) == 0)
			die("exit %u", v->run->exit_reason);
		if (errno != EINTR)
			die("KVM_RUN");
	}
	return NULL;
}

static void sleep_ms(int ms)
{
	nanosleep(&(struct timespec) { 0, ms * 1000000 }, NULL);
}

static void wait_for_progress(const char *when)
{
	uint32_t before[VCPUS];

	for (int i = 0; i < VCPUS; i++)
		before[i] = *counter(i);
	for (int ms = 0; ms < WAIT_MS; ms += 5) {
		int moved = 0;

		for (int i = 0; i < VCPUS; i++)
			moved += *counter(i) != before[i];
		if (moved == VCPUS)
			return;
		sleep_ms(5);
	}
	die("a guest stands %s", when);
}

static void put(const char *path, const char *text)
{
	int fd = must(open(path, O_WRONLY));

	if (write(fd, text, strlen(text)) < 0)
		die("%s > %s", text, path);
	close(fd);
}

static void set_cpu(const char *online)
{
	put("/sys/devices/system/cpu/cpu1/online", online);
}

/* The extension is on there, for a machine made meanwhile too. */
static void run_new_guest_on(int cpu)
{
	static const uint8_t out[] = { 0xe6, 0x10 };
	struct kvm_machine m = kvm_machine(out, sizeof(out));
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	must(sched_setaffinity(0, sizeof(set), &set));
	kvm_next_out(&m.vcpu);
	kvm_close(&m);
	CPU_SET(0, &set);
	CPU_SET(1, &set);
	must(sched_setaffinity(0, sizeof(set), &set));
}

static void hotplug(long count)
{
	for (long i = 0; i < count; i++) {
		set_cpu("0");
		wait_for_progress("without the CPU");
		run_new_guest_on(0);
		set_cpu("1");
		wait_for_progress("with the CPU again");
		run_new_guest_on(1);
	}
	printf("ok: a CPU went and came %ld times\n", count);
}

/* How many say that a CPU was in the module, since this was asked last. */
static int backtraces_in_module(int log)
{
	char record[2048];
	ssize_t size;
	int count = 0;

	while ((size = read(log, record, sizeof(record) - 1)) > 0 || (size < 0 && errno == EPIPE)) {
		record[size < 0 ? 0 : size] = 0;
		count += strstr(record, "RIP: 0010:") && strstr(record, "[devkvm]");
	}
	return count;
}

/*
 * A backtrace of all CPUs: one of them is told by an NMI, which exits where it is in a guest.
 */
static void nmis(long count)
{
	int log = must(open("/dev/kmsg", O_RDONLY | O_NONBLOCK));
	long sent = 0, met = 0;

	must(lseek(log, 0, SEEK_END));
	while (sent < count || (!met && sent < NMIS_MAX)) {
		put("/proc/sysrq-trigger", "l");
		sent++;
		wait_for_progress("after the host's NMI");
		met += backtraces_in_module(log);
	}
	close(log);
	if (!met)
		die("%ld NMIs, and none met a guest", sent);
	printf("ok: NMIs of the host's\n");
}

/* All but the last step: not into the firmware. */
static void suspend(void)
{
	put("/sys/power/pm_test", "core");
	put("/sys/power/state", "mem");
	put("/sys/power/pm_test", "none");
	wait_for_progress("after the resume");
	for (int cpu = 0; cpu < 2; cpu++)
		run_new_guest_on(cpu);
	puts("ok: suspended and resumed");
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct kvm_vcpu vcpus[VCPUS];
	pthread_t threads[VCPUS];

	if (argc != 2)
		die("usage: kvm_cpus COUNT");
	setlinebuf(stdout);
	sigaction(SIGUSR1, &action, NULL);
	machine = kvm_machine(code, sizeof(code));
	vcpus[0] = machine.vcpu;
	vcpus[1] = kvm_add_vcpu(&machine, 1);
	for (int i = 0; i < VCPUS; i++) {
		struct kvm_regs regs = {
			.rip = CODE_AT, .rflags = 2, .rdx = CANARY,
			.rsi = COUNTER_AT + i * 64,
		};

		kvm_start_at(&vcpus[i], CODE_AT);
		must(ioctl(vcpus[i].fd, KVM_SET_REGS, &regs));
		if (pthread_create(&threads[i], NULL, run_vcpu, &vcpus[i]))
			die("a thread");
	}
	wait_for_progress("at the start");
	hotplug(strtol(argv[1], NULL, 0));
	nmis(strtol(argv[1], NULL, 0));
	suspend();
	stopping = true;
	for (int i = 0; i < VCPUS; i++) {
		/* Also where the signal comes before the ioctl. */
		vcpus[i].run->immediate_exit = 1;
		pthread_kill(threads[i], SIGUSR1);
		pthread_join(threads[i], NULL);
	}
	return 0;
}
