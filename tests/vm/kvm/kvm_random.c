// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_random SEED COUNT [SECONDS]: four processes do COUNT random calls each, and more
 * until SECONDS have passed, on machines and vCPUs that they make and close as it falls,
 * with arguments that are random, or what an ioctl has told before with a few bits changed.
 * Nobody looks at the answers: that the kernel stays well is all that is asked.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "devkvm_2006.h"
#include "kvm.h"

#define PROCESSES	4
#define VCPUS		3
#define ARGUMENT_BYTES	8192
#define MEMORY_BYTES	(1u << 20)
#define RUN_US		2000

static uint64_t random_state;

/* xorshift64*: the seed makes the run */
static uint64_t next_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dull;
}

static uint32_t below(uint32_t n)
{
	return next_random() % n;
}

/* ---- what there is to call on ---- */

struct machine {
	int node, vm, vcpus[VCPUS];
	struct kvm_run *runs[VCPUS];
};

static struct machine machine;
static uint8_t *memory, *argument;

static const unsigned int node_calls[] = {
	KVM_GET_API_VERSION, KVM_CHECK_EXTENSION, KVM_GET_VCPU_MMAP_SIZE,
	KVM_GET_MSR_INDEX_LIST, KVM_GET_SUPPORTED_CPUID, KVM_X86_GET_MCE_CAP_SUPPORTED,
	KVM_GET_MSR_FEATURE_INDEX_LIST, KVM_GET_MSRS,
	DEVKVM_GET_INFO, DEVKVM_GET_POLICY_INFO,
	KVM_2006_CREATE_VCPU, KVM_2006_SET_MEMORY_REGION, KVM_2006_RUN, KVM_2620_RUN,
	KVM_2006_GET_REGS, KVM_2006_SET_REGS, KVM_2006_GET_SREGS, KVM_2006_SET_SREGS,
	KVM_2006_TRANSLATE, KVM_2006_INTERRUPT, KVM_2006_DEBUG_GUEST,
	KVM_2006_GET_DIRTY_LOG, KVM_2006_GET_MSRS, KVM_2006_SET_MSRS,
	KVM_2006_GET_MSR_INDEX_LIST, DEVKVM_MAP_GPT,
};

static const unsigned int vm_calls[] = {
	KVM_CHECK_EXTENSION, KVM_SET_USER_MEMORY_REGION, KVM_SET_USER_MEMORY_REGION,
	KVM_GET_DIRTY_LOG, KVM_SET_GSI_ROUTING, KVM_SET_TSS_ADDR,
	KVM_GET_CLOCK, KVM_SET_CLOCK, KVM_CLEAR_DIRTY_LOG, KVM_ENABLE_CAP, KVM_IOEVENTFD,
};

static const unsigned int vcpu_calls[] = {
	KVM_RUN, KVM_RUN, KVM_RUN, KVM_RUN, KVM_GET_REGS, KVM_SET_REGS, KVM_GET_SREGS,
	KVM_SET_SREGS, KVM_TRANSLATE, KVM_INTERRUPT, KVM_GET_MSRS, KVM_SET_MSRS,
	KVM_GET_FPU, KVM_SET_FPU, KVM_SET_CPUID2, KVM_GET_CPUID2,
	KVM_GET_MP_STATE, KVM_SET_MP_STATE, KVM_NMI, KVM_SET_GUEST_DEBUG,
	KVM_X86_SETUP_MCE, KVM_X86_SET_MCE, KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS,
	KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS, KVM_GET_XSAVE, KVM_SET_XSAVE,
	KVM_GET_XCRS, KVM_SET_XCRS, KVM_PRE_FAULT_MEMORY, DEVKVM_MAP_GPT,
	DEVKVM_SET_POLICY,
};

#define COUNT_OF(array)	(sizeof(array) / sizeof((array)[0]))

/* ---- making and closing ---- */

static void close_machine(void)
{
	for (int i = 0; i < VCPUS; i++) {
		if (machine.runs[i])
			munmap(machine.runs[i], 4096);
		close(machine.vcpus[i]);
	}
	close(machine.vm);
	close(machine.node);
}

static void block_alarms(int how)
{
	sigset_t alarms;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	sigprocmask(how, &alarms, NULL);
}

/* Without a signal, which may end any of it with EINTR. */
static void open_machine(void)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = MEMORY_BYTES, .userspace_addr = (uintptr_t)memory,
	};

	block_alarms(SIG_BLOCK);
	machine.node = kvm_node();
	machine.vm = must(ioctl(machine.node, KVM_CREATE_VM, 0));
	must(ioctl(machine.vm, KVM_SET_USER_MEMORY_REGION, &region));
	for (int i = 0; i < VCPUS; i++) {
		struct kvm_vcpu v = { .fd = must(ioctl(machine.vm, KVM_CREATE_VCPU, i)) };

		machine.vcpus[i] = v.fd;
		v.run = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, v.fd, 0);
		machine.runs[i] = v.run == MAP_FAILED ? NULL : v.run;
		kvm_start_at(&v, CODE_AT);
	}
	block_alarms(SIG_UNBLOCK);
}

/* ---- arguments ---- */

/* A value that someone may have thought of. */
static uint64_t likely_value(void)
{
	static const uint64_t values[] = {
		0, 1, 2, 4095, 4096, 0xa0000, 1ull << 31, 0xffffffff, 1ull << 32,
		1ull << 47, 1ull << 52, 1ull << 63, ~0ull, ~0ull << 12,
	};
	uint32_t choice = below(COUNT_OF(values) + 3);

	if (choice < COUNT_OF(values))
		return values[choice];
	if (choice == COUNT_OF(values))
		return (uintptr_t)argument + below(ARGUMENT_BYTES);
	if (choice == COUNT_OF(values) + 1)
		return (uintptr_t)memory + (below(MEMORY_BYTES) & ~4095u);
	return next_random();
}

/* Changes what is in the argument; the more often, the smaller it is. */
static void mutate(size_t size)
{
	uint32_t changes = below(4);

	while (changes--) {
		size_t at = below(size < 8 ? 1 : size / 8) * 8;

		if (below(2))
			argument[at + below(8)] ^= 1 << below(8);
		else
			memcpy(argument + at, &(uint64_t) { likely_value() }, 8);
	}
	/* Counts are small, or they are nonsense. */
	if (!below(2))
		memcpy(argument, &(uint32_t) { below(8) }, 4);
}

/* A log of terabytes would be this test's own end. */
static void tame(unsigned int cmd)
{
	struct kvm_userspace_memory_region *region = (void *)argument;

	if ((cmd == KVM_SET_USER_MEMORY_REGION || cmd == KVM_2006_SET_MEMORY_REGION) &&
	    (region->flags & KVM_MEM_LOG_DIRTY_PAGES))
		region->memory_size &= (1ull << 28) - 1;
}

static void *random_argument(unsigned int cmd)
{
	size_t size = _IOC_SIZE(cmd) ?: 64;

	switch (below(16)) {
	case 0:
		return NULL;
	case 1:
		return (void *)likely_value();
	case 2:	/* the end of what is mapped */
		return argument + ARGUMENT_BYTES - below(size + 1);
	default:
		mutate(size);
		tame(cmd);
		return argument;
	}
}

/* What its sibling tells is where a setting begins. */
static void fill_from_get(int fd, unsigned int cmd)
{
	static const struct {
		unsigned int set, get;
	} pairs[] = {
		{ KVM_SET_REGS, KVM_GET_REGS }, { KVM_SET_SREGS, KVM_GET_SREGS },
		{ KVM_SET_FPU, KVM_GET_FPU }, { KVM_SET_XSAVE, KVM_GET_XSAVE },
		{ KVM_SET_XCRS, KVM_GET_XCRS }, { KVM_SET_CLOCK, KVM_GET_CLOCK },
		{ KVM_SET_VCPU_EVENTS, KVM_GET_VCPU_EVENTS },
		{ KVM_SET_DEBUGREGS, KVM_GET_DEBUGREGS },
		{ KVM_2006_SET_REGS, KVM_2006_GET_REGS },
		{ KVM_2006_SET_SREGS, KVM_2006_GET_SREGS },
	};

	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		if (pairs[i].set == cmd)
			ioctl(fd, pairs[i].get, argument);
	}
}

/* ---- calls ---- */

static void call(int fd, unsigned int cmd)
{
	if (below(4))
		fill_from_get(fd, cmd);
	ioctl(fd, cmd, random_argument(cmd));
}

static void run(int i)
{
	struct kvm_run *run = machine.runs[i];

	if (run && !below(4))
		((uint8_t *)run)[below(64)] = next_random();
	if (run && !below(2)) {
		run->immediate_exit = 0;
		run->cr8 = 0;
	}
	ioctl(machine.vcpus[i], KVM_RUN, below(32) ? 0 : likely_value());
}

static void call_vcpu(void)
{
	int i = below(VCPUS);
	unsigned int cmd = vcpu_calls[below(COUNT_OF(vcpu_calls))];

	if (cmd == KVM_RUN)
		run(i);
	else
		call(machine.vcpus[i], cmd);
}

/* Code, tables and all: what a guest finds is random too. */
static void scribble(void)
{
	uint32_t at = below(MEMORY_BYTES - 64);

	for (int i = 0; i < 64; i++)
		memory[at + i] = next_random();
	if (below(2))
		memcpy(memory + CODE_AT, memory + at, 64);
	if (!below(4))
		madvise(memory + (at & ~4095u), 4096, MADV_DONTNEED);
}

static void one_call(void)
{
	switch (below(32)) {
	case 0:
		close_machine();
		open_machine();
		break;
	case 1:
		close(ioctl(machine.vm, KVM_CREATE_VCPU, below(128)));
		break;
	case 2:
		close(ioctl(below(2) ? machine.vm : machine.vcpus[0], KVM_GET_STATS_FD, 0));
		break;
	case 3:	/* a number that nobody has thought of */
		call(machine.vcpus[0], _IOC(below(4), KVMIO, below(256), below(512)));
		call(machine.vm, _IOC(below(4), KVMIO, below(256), below(512)));
		break;
	case 4 ... 7:
		scribble();
		break;
	case 8 ... 11:
		call(machine.node, node_calls[below(COUNT_OF(node_calls))]);
		break;
	case 12 ... 16:
		call(machine.vm, vm_calls[below(COUNT_OF(vm_calls))]);
		break;
	default:
		call_vcpu();
	}
}

/* ---- a process ---- */

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* A guest may run for ever. */
static void start_timer(void)
{
	const struct itimerval tick = { { 0, RUN_US }, { 0, RUN_US } };
	const struct sigaction action = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
}

static void work(uint64_t seed, unsigned long count, time_t end_s)
{
	unsigned long done = 0;

	random_state = seed | 1;
	memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	argument = mmap(NULL, ARGUMENT_BYTES + 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || argument == MAP_FAILED)
		die("mmap");
	must(munmap(argument + ARGUMENT_BYTES, 4096));
	open_machine();
	start_timer();
	while (done < count || now_s() < end_s) {
		one_call();
		done++;
	}
	printf("%lu calls\n", done);
	exit(0);
}

static void start(uint64_t seed, unsigned long count, time_t end_s)
{
	switch (fork()) {
	case -1:
		die("fork");
	case 0:
		work(seed, count, end_s);
	}
}

int main(int argc, char **argv)
{
	time_t end_s = now_s() + (argc > 3 ? atol(argv[3]) : 0);
	int status, running = PROCESSES, killed = 0;
	unsigned long count;
	uint64_t seed;

	if (argc != 3 && argc != 4)
		die("usage: kvm_random SEED COUNT [SECONDS]");
	seed = strtoull(argv[1], NULL, 0) * 0x9e3779b97f4a7c15ull;
	count = strtoul(argv[2], NULL, 0);
	for (int i = 0; i < PROCESSES; i++)
		start(seed + i * 2, count, end_s);
	for (; running; running--) {
		must(wait(&status));
		if (WIFEXITED(status) && WEXITSTATUS(status))
			die("a process ended with %d", WEXITSTATUS(status));
		/* It may have had its own memory overwritten: another goes on. */
		killed += WIFSIGNALED(status);
		if (WIFSIGNALED(status) && now_s() < end_s) {
			start(seed + (PROCESSES + killed) * 2, 0, end_s);
			running++;
		}
	}
	printf("ok: %d processes, %s calls each or more, %d killed\n", PROCESSES, argv[2], killed);
	return 0;
}
