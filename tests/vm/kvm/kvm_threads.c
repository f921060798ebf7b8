// SPDX-License-Identifier: GPL-2.0
/*
 * Signals and threads: a second KVM_RUN of the same vCPU waits, and a signal
 * ends its waiting; so do other ioctls; signals, stops and a tracer end a run without
 * loss; immediate_exit; a blocked signal and KVM_SET_SIGNAL_MASK; several vCPUs at once
 * on shared memory.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "kvm.h"

#define VCPUS		4
#define ROUNDS		500
#define MANY_ROUNDS	25
#define STOPS		10

/* Counts in AX and says so at port 0x10, for ever. */
static const uint8_t counter[] = {
	0x31, 0xc0,		/* xor %ax, %ax */
	0x40,			/* 1: inc %ax */
	0xe7, 0x10,		/* out %ax, $0x10 */
	0xeb, 0xfb,		/* jmp 1b */
};

static const uint8_t endless[] = {
	0xe6, 0x10,		/* out %al, $0x10 */
	0xeb, 0xfe,		/* 1: jmp 1b */
};

#define COUNT_AT	0x4000

/* Counts in memory without an exit, so that who waits sees it run. */
static const uint8_t busy[] = {
	0xe6, 0x10,			/* out %al, $0x10 */
	0xff, 0x06, 0x00, 0x40,		/* 1: incw COUNT_AT */
	0xeb, 0xfa,			/* jmp 1b */
};

static void on_signal(int signal)
{
	(void)signal;
}

static void *run_thread(void *vcpu)
{
	struct kvm_vcpu *v = vcpu;
	long ret = ioctl(v->fd, KVM_RUN, 0);

	return (void *)(ret < 0 ? (long)errno : 0);
}

static void sleep_ms(long ms)
{
	const struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

/* Signal until the thread is through: one may come before it waits. */
static void end_with_eintr(pthread_t thread)
{
	void *result;

	do {
		pthread_kill(thread, SIGUSR1);
		sleep_ms(2);
	} while (pthread_tryjoin_np(thread, &result));
	equal((long)result, EINTR);
}

static void two_on_one(void)
{
	struct kvm_machine m = kvm_machine(endless, sizeof(endless));
	pthread_t first, second;

	kvm_next_out(&m.vcpu);
	pthread_create(&first, NULL, run_thread, &m.vcpu);
	sleep_ms(10);
	pthread_create(&second, NULL, run_thread, &m.vcpu);
	sleep_ms(10);
	end_with_eintr(second);
	if (pthread_tryjoin_np(first, NULL) == 0)
		die("the first run ended too");
	end_with_eintr(first);
	equal(m.vcpu.run->exit_reason, KVM_EXIT_INTR);
	kvm_close(&m);
	puts("ok: two threads on one vCPU");
}

static void *set_regs_thread(void *vcpu)
{
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2, .rsp = 0x8000 };
	struct kvm_vcpu *v = vcpu;

	return (void *)(ioctl(v->fd, KVM_SET_REGS, &regs) ? (long)errno : 0);
}

/* Registers set by another thread are set when the run has ended, and count then. */
static void registers_wait(void)
{
	struct kvm_machine m = kvm_machine(busy, sizeof(busy));
	const volatile uint16_t *count = (void *)(m.memory + COUNT_AT);
	pthread_t runs, sets;
	void *result;

	kvm_next_out(&m.vcpu);
	pthread_create(&runs, NULL, run_thread, &m.vcpu);
	while (!*count)
		sleep_ms(1);
	pthread_create(&sets, NULL, set_regs_thread, &m.vcpu);
	sleep_ms(10);
	if (pthread_tryjoin_np(sets, NULL) == 0)
		die("registers are set while the guest runs");
	end_with_eintr(runs);
	pthread_join(sets, &result);
	equal((long)result, 0);
	kvm_next_out(&m.vcpu);		/* from the start again */
	kvm_close(&m);
	puts("ok: registers wait for the run's end");
}

/* What a run costs here, in microseconds: a few, or hundreds on a debug kernel. */
static long run_cost_us(const struct kvm_vcpu *v, uint16_t *count)
{
	struct timespec start, end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < 100; i++)
		equal(kvm_next_out(v), ++*count);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return ((end.tv_sec - start.tv_sec) * 1000000 +
		(end.tv_nsec - start.tv_nsec) / 1000) / 100;
}

static void send_signals(long interval_us)
{
	const struct timeval interval = { interval_us / 1000000, interval_us % 1000000 };

	setitimer(ITIMER_REAL, &(struct itimerval) { interval, interval }, NULL);
}

/*
 * A storm of signals loses no exit and repeats none. It leaves time for a few
 * runs between two: with none, no run would ever come to its exit.
 */
static void storm(void)
{
	struct kvm_machine m = kvm_machine(counter, sizeof(counter));
	unsigned int interrupted = 0, in_a_row = 0;
	uint16_t want = 0;
	long us = 4 * run_cost_us(&m.vcpu, &want);

	us = us < 100 ? 100 : us;
	send_signals(us);
	while (want < 3000) {
		if (ioctl(m.vcpu.fd, KVM_RUN, 0) < 0) {
			equal(errno, EINTR);
			interrupted++;
			/* on a host that is busier now than it was */
			if (++in_a_row % 1000 == 0)
				send_signals(us *= 2);
			continue;
		}
		in_a_row = 0;
		equal(m.vcpu.run->exit_reason, KVM_EXIT_IO);
		equal(kvm_out_value(&m.vcpu), ++want);
	}
	send_signals(0);
	kvm_close(&m);
	printf("ok: 3000 exits in order, %u signals between\n", interrupted);
}

/* What the process with a guest that is stopped shares with who stops it. */
struct stop_test {
	volatile bool enough;
	volatile uint16_t exits;
};

/* In a process of its own: each OUT once, until there were enough stops. */
static void count_until(struct stop_test *test)
{
	struct kvm_machine m = kvm_machine(counter, sizeof(counter));

	while (!test->enough) {
		while (ioctl(m.vcpu.fd, KVM_RUN, 0))
			equal(errno, EINTR);
		equal(m.vcpu.run->exit_reason, KVM_EXIT_IO);
		equal(kvm_out_value(&m.vcpu), (uint16_t)(test->exits + 1));
		test->exits++;
	}
	exit(0);
}

static void wait_for_exits(const struct stop_test *test, pid_t child)
{
	uint16_t before = test->exits;

	while ((uint16_t)(test->exits - before) < 2) {
		if (waitpid(child, NULL, WNOHANG))
			die("it has ended");
		sleep_ms(1);
	}
}

static void wait_for_stop(pid_t child)
{
	int status;

	must(waitpid(child, &status, WUNTRACED));
	if (!WIFSTOPPED(status))
		die("it did not stop: %#x", status);
}

static void stopped(void)
{
	struct stop_test *test = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t child;

	if (test == MAP_FAILED)
		die("memory");
	child = must(fork());
	if (!child)
		count_until(test);
	for (int i = 0; i < STOPS; i++) {
		wait_for_exits(test, child);
		must(kill(child, SIGSTOP));
		wait_for_stop(child);
		must(kill(child, SIGCONT));
		wait_for_exits(test, child);
		must(ptrace(PTRACE_SEIZE, child, 0, 0));
		must(ptrace(PTRACE_INTERRUPT, child, 0, 0));
		wait_for_stop(child);
		must(ptrace(PTRACE_DETACH, child, 0, 0));
	}
	test->enough = true;
	must(waitpid(child, &status, 0));
	equal(status, 0);
	munmap(test, 4096);
	puts("ok: stopped and traced, each exit once");
}

static void immediate_exit(void)
{
	struct kvm_machine m = kvm_machine(counter, sizeof(counter));
	struct kvm_regs regs;

	equal(kvm_next_out(&m.vcpu), 1);
	m.vcpu.run->immediate_exit = 1;
	if (ioctl(m.vcpu.fd, KVM_RUN, 0) == 0)
		die("it ran");
	equal(errno, EINTR);
	/* the OUT is finished, nothing after it has run */
	must(ioctl(m.vcpu.fd, KVM_GET_REGS, &regs));
	equal(regs.rip, CODE_AT + 5);
	equal(regs.rax, 1);
	m.vcpu.run->immediate_exit = 0;
	equal(kvm_next_out(&m.vcpu), 2);
	kvm_close(&m);
	puts("ok: immediate_exit");
}

/* A signal that is blocked outside and let through in the guest. */
static void signal_mask(void)
{
	struct kvm_machine m = kvm_machine(endless, sizeof(endless));
	struct {
		struct kvm_signal_mask head;
		uint64_t set;
	} __attribute__((packed)) mask = { .head.len = 8, .set = 0 };
	sigset_t blocked, pending;

	kvm_next_out(&m.vcpu);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	must(ioctl(m.vcpu.fd, KVM_SET_SIGNAL_MASK, &mask));
	raise(SIGUSR1);
	if (ioctl(m.vcpu.fd, KVM_RUN, 0) == 0)
		die("it ran");
	equal(errno, EINTR);
	sigpending(&pending);
	equal(sigismember(&pending, SIGUSR1), 1);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	kvm_close(&m);
	puts("ok: signal mask");
}

struct worker {
	struct kvm_vcpu vcpu;
	int number;
};

/* Each vCPU counts exits in its own word of the memory that all share. */
static void *work(void *arg)
{
	struct worker *w = arg;

	for (int i = 1; i <= ROUNDS; i++)
		equal(kvm_next_out(&w->vcpu), (uint32_t)w->number);
	return NULL;
}

static void several(void)
{
	static const uint8_t code[] = {
		0xff, 0x04,		/* incw (%si) */
		0xe6, 0x10,		/* out %al, $0x10 */
		0xeb, 0xfa,		/* jmp CODE_AT */
	};
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	struct worker workers[VCPUS];
	pthread_t threads[VCPUS];

	for (int i = 0; i < VCPUS; i++) {
		struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2 };

		workers[i].number = i;
		workers[i].vcpu = i ? kvm_add_vcpu(&m, i) : m.vcpu;
		kvm_start_at(&workers[i].vcpu, CODE_AT);
		regs.rax = i;
		regs.rsi = 0x4000 + i * 0x1000;
		must(ioctl(workers[i].vcpu.fd, KVM_SET_REGS, &regs));
		pthread_create(&threads[i], NULL, work, &workers[i]);
	}
	for (int i = 0; i < VCPUS; i++) {
		pthread_join(threads[i], NULL);
		equal(*(uint16_t *)(m.memory + 0x4000 + i * 0x1000), ROUNDS);
		if (i)
			close(workers[i].vcpu.fd);
	}
	kvm_close(&m);
	printf("ok: %d vCPUs, %d exits each\n", VCPUS, ROUNDS);
}

static void *count_exits(void *vcpu)
{
	for (int i = 0; i < MANY_ROUNDS; i++)
		kvm_next_out(vcpu);
	return NULL;
}

/*
 * As many as there may be, all on one word of memory, while a page beside it
 * comes and goes: every change must reach all of them, and no count is lost.
 */
static void many(void)
{
	static const uint8_t code[] = {
		0xf0, 0xff, 0x06, 0x00, 0x40,	/* lock incw 0x4000 */
		0xa0, 0x00, 0x50,		/* mov 0x5000, %al */
		0xe6, 0x10,			/* out %al, $0x10 */
		0xeb, 0xf4,			/* jmp CODE_AT */
	};
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	struct kvm_vcpu vcpus[DEVKVM_VCPUS_MAX];
	pthread_t threads[DEVKVM_VCPUS_MAX];

	for (int i = 0; i < DEVKVM_VCPUS_MAX; i++) {
		vcpus[i] = i ? kvm_add_vcpu(&m, i) : m.vcpu;
		kvm_start_at(&vcpus[i], CODE_AT);
	}
	for (int i = 0; i < DEVKVM_VCPUS_MAX; i++)
		pthread_create(&threads[i], NULL, count_exits, &vcpus[i]);
	for (int i = 0; i < DEVKVM_VCPUS_MAX; i++) {
		while (pthread_tryjoin_np(threads[i], NULL)) {
			must(madvise(m.memory + 0x5000, 4096, MADV_DONTNEED));
			sleep_ms(1);
		}
	}
	equal(*(uint16_t *)(m.memory + 0x4000), DEVKVM_VCPUS_MAX * MANY_ROUNDS);
	for (int i = 1; i < DEVKVM_VCPUS_MAX; i++) {
		munmap(vcpus[i].run, 4096);
		close(vcpus[i].fd);
	}
	kvm_close(&m);
	printf("ok: %d vCPUs on one word\n", DEVKVM_VCPUS_MAX);
}

/* The descriptors may be closed in any order, while another vCPU runs. */
static void close_order(void)
{
	struct kvm_machine m = kvm_machine(endless, sizeof(endless));
	pthread_t thread;

	kvm_next_out(&m.vcpu);
	pthread_create(&thread, NULL, run_thread, &m.vcpu);
	sleep_ms(5);
	close(m.node);
	close(m.vm);
	end_with_eintr(thread);
	close(m.vcpu.fd);
	m.vcpu.run->exit_reason = 77;	/* the page outlives the descriptor */
	munmap(m.vcpu.run, 4096);
	munmap(m.memory, GUEST_BYTES);
	puts("ok: closed in the wrong order");
}

int main(void)
{
	const struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	two_on_one();
	registers_wait();
	storm();
	stopped();
	immediate_exit();
	signal_mask();
	several();
	many();
	close_order();
	return 0;
}
