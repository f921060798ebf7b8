// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_stats: what is counted, as read from the descriptors of KVM_GET_STATS_FD;
 * a machine's clock; the time that the host charges to the guest. It passes on
 * in-tree KVM too, but for what `ours` adds: another process may ask.
 */
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "kvm.h"
#include "stats.h"

#define OUTS	5

static const uint8_t code[] = {
	0xe6, 0x10,		/* out %al, $0x10 */
	0xfe, 0xc8,		/* dec %al */
	0x75, 0xfa,		/* jnz CODE_AT */
	0xf4,			/* hlt */
	0xeb, 0xfe,		/* jmp . */
};

/* ---- statistics ---- */

static void check_id(int fd, const char *suffix)
{
	struct stats s = stats_read(fd);
	char want[48];

	snprintf(want, sizeof(want), "kvm-%d%s", getpid(), suffix);
	if (strcmp((char *)s.image + s.header.id_offset, want))
		die("it is called %s, not %s", (char *)s.image + s.header.id_offset, want);
}

static void run_to_hlt(struct kvm_machine *m)
{
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2, .rax = OUTS };

	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
	for (int i = 0; i < OUTS; i++)
		equal(kvm_next_out(&m->vcpu), OUTS - i);
	kvm_run_once(&m->vcpu);
	equal(m->vcpu.run->exit_reason, KVM_EXIT_HLT);
}

static void statistics(struct kvm_machine *m)
{
	int vm = must(ioctl(m->vm, KVM_GET_STATS_FD, 0));
	int vcpu = must(ioctl(m->vcpu.fd, KVM_GET_STATS_FD, 0));
	uint64_t before, flushes;
	uint8_t piece[8];

	check_id(vm, "");
	check_id(vcpu, "/vcpu-0");
	run_to_hlt(m);
	equal(stats_value(vcpu, "io_exits"), OUTS);
	equal(stats_value(vcpu, "halt_exits"), 1);
	if (stats_value(vcpu, "pf_fixed") < 1)
		die("the guest got its code without a fault");
	before = stats_value(vcpu, "exits");
	if (before < OUTS + 1)
		die("%llu exits", (unsigned long long)before);
	/* What the owner takes away the vCPUs forget. */
	flushes = stats_value(vm, "remote_tlb_flush_requests");
	must(madvise(m->memory, GUEST_BYTES, MADV_DONTNEED));
	if (stats_value(vm, "remote_tlb_flush_requests") <= flushes)
		die("no flush");
	/* A part of it, and its end. */
	equal(must(pread(vcpu, piece, 8, 4)), 8);
	equal(must(pread(vcpu, piece, 8, 1 << 20)), 0);
	/* It is its own: all else may be closed. */
	kvm_close(m);
	equal(stats_value(vcpu, "io_exits"), OUTS);
	close(vm);
	equal(stats_value(vcpu, "halt_exits"), 1);
	close(vcpu);
	puts("ok: statistics");
}

/* ---- ours: another process asks ---- */

static void as_a_child(struct kvm_machine *m)
{
	struct kvm_regs regs;
	int status;

	if (fork() == 0) {
		int fd = must(ioctl(m->vcpu.fd, KVM_GET_STATS_FD, 0));

		equal(stats_value(fd, "io_exits"), OUTS);
		equal(stats_value(fd, "cpuid_exits"), 0);
		must(ioctl(m->vm, KVM_GET_STATS_FD, 0));
		equal(ioctl(m->vcpu.fd, KVM_GET_REGS, &regs), -1ull);
		equal(errno, EIO);
		exit(0);
	}
	wait(&status);
	equal(status, 0);
	equal(ioctl(m->vm, KVM_GET_STATS_FD, 1), -1ull);
	equal(errno, EINVAL);
	equal(ioctl(m->vcpu.fd, KVM_GET_STATS_FD, 1), -1ull);
	equal(errno, EINVAL);
	puts("ok: another process may ask");
}

/* ---- the clock ---- */

static void get_clock(const struct kvm_machine *m, struct kvm_clock_data *data)
{
	memset(data, 0x5a, sizeof(*data));
	must(ioctl(m->vm, KVM_GET_CLOCK, data));
	for (int i = 0; i < 4; i++)
		equal(data->pad[i], 0);
}

static void clock_of(const struct kvm_machine *m)
{
	const uint64_t day_ns = 86400ull * 1000000000;
	struct kvm_clock_data first, then, set = { .clock = day_ns };
	int flags = must(ioctl(m->node, KVM_CHECK_EXTENSION, KVM_CAP_ADJUST_CLOCK));

	equal(flags & (KVM_CLOCK_REALTIME | KVM_CLOCK_HOST_TSC),
	      KVM_CLOCK_REALTIME | KVM_CLOCK_HOST_TSC);
	get_clock(m, &first);
	if (first.clock > day_ns)
		die("a new machine's clock is %llu", (unsigned long long)first.clock);
	get_clock(m, &then);
	if (then.clock <= first.clock)
		die("it stands");
	must(ioctl(m->vm, KVM_SET_CLOCK, &set));
	get_clock(m, &then);
	if (then.clock < day_ns || then.clock - day_ns > day_ns / 24)
		die("it is %llu", (unsigned long long)then.clock);
	/* Read an hour ago, by the host's time. */
	set.flags = KVM_CLOCK_REALTIME;
	set.realtime = time(NULL) * 1000000000ull - day_ns / 24;
	must(ioctl(m->vm, KVM_SET_CLOCK, &set));
	get_clock(m, &then);
	if (then.clock < day_ns + day_ns / 24 - 2000000000)
		die("it is %llu", (unsigned long long)then.clock);
	set.flags = 1;
	equal(ioctl(m->vm, KVM_SET_CLOCK, &set), -1ull);
	equal(errno, EINVAL);
	puts("ok: the clock");
}

/* ---- whose time it is ---- */

static void on_alarm(int signal)
{
	(void)signal;
}

/* Field 43 of /proc/PID/stat, in ticks. */
static unsigned long guest_time(void)
{
	char text[1024], *at;
	FILE *f = fopen("/proc/self/stat", "r");

	if (!f || !fgets(text, sizeof(text), f))
		die("/proc/self/stat");
	fclose(f);
	at = strrchr(text, ')') + 2;
	for (int field = 3; field < 43; field++)
		at = strchr(at, ' ') + 1;
	return strtoul(at, NULL, 10);
}

static void time_of_guest(struct kvm_machine *m)
{
	const struct itimerval tick = { { 0, 100000 }, { 0, 100000 } };
	const struct sigaction action = { .sa_handler = on_alarm };
	struct kvm_regs regs = { .rip = CODE_AT + 7, .rflags = 2 };

	must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	for (int i = 0; !guest_time(); i++) {
		if (i == 100)
			die("no time of the guest's");
		equal(ioctl(m->vcpu.fd, KVM_RUN, 0), -1ull);
		equal(errno, EINTR);
	}
	setitimer(ITIMER_REAL, &(struct itimerval) { }, NULL);
	puts("ok: the guest's time is told apart");
}

/* ---- the cache that is emptied before a guest runs (VMX) ---- */

#define CPUIDS	100

static const uint8_t cpuids[] = {
	0xbe, CPUIDS, 0x00,	/* mov $CPUIDS, %si */
	0x31, 0xc0,		/* 1: xor %ax, %ax */
	0x0f, 0xa2,		/* cpuid */
	0x4e,			/* dec %si */
	0x75, 0xf9,		/* jne 1b */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xeb, 0xf2,		/* jmp CODE_AT */
};

/* The host's policy against L1 Terminal Fault, as the kernel tells it. */
static bool policy_says(const char *words)
{
	char line[256] = "";
	FILE *f = fopen("/sys/devices/system/cpu/vulnerabilities/l1tf", "r");

	if (!f || !fgets(line, sizeof(line), f) || fclose(f))
		die("/sys/devices/system/cpu/vulnerabilities/l1tf");
	return strstr(line, words);
}

/* Each entry, or the first of each KVM_RUN and those after some interrupts, or none. */
static void cache_flushes(void)
{
	struct kvm_machine m = kvm_machine(cpuids, sizeof(cpuids));
	int vcpu = must(ioctl(m.vcpu.fd, KVM_GET_STATS_FD, 0));
	uint64_t flushes;

	for (int i = 0; i < OUTS; i++)
		kvm_next_out(&m.vcpu);
	flushes = stats_value(vcpu, "l1d_flush");
	if (policy_says("conditional cache flushes")) {
		if (flushes < OUTS || flushes >= OUTS * CPUIDS / 2)
			die("%llu flushes in %d runs", (unsigned long long)flushes, OUTS);
	} else if (policy_says("cache flushes")) {
		if (flushes < OUTS * (CPUIDS + 1))
			die("%llu flushes, not one an entry", (unsigned long long)flushes);
	} else {
		equal(flushes, 0);
	}
	close(vcpu);
	kvm_close(&m);
	printf("ok: %llu flushes in %d runs of %d exits each\n", (unsigned long long)flushes,
	       OUTS, CPUIDS + 1);
}

int main(int argc, char **argv)
{
	bool ours = argc > 1 && !strcmp(argv[1], "ours");
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	clock_of(&m);
	time_of_guest(&m);
	kvm_close(&m);
	m = kvm_machine(code, sizeof(code));
	if (ours) {
		run_to_hlt(&m);
		as_a_child(&m);
		kvm_close(&m);
		m = kvm_machine(code, sizeof(code));
	}
	statistics(&m);
	cache_flushes();
	return 0;
}
