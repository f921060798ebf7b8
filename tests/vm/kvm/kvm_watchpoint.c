// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_watchpoint: a guest whose DR6 tells of a single step runs in turn with a process
 * on the same CPU that counts its own stores to a variable by a hardware breakpoint.
 * None of the guest's DR6 is there when that one hits: it would be a SIGTRAP.
 */
#define _GNU_SOURCE
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kvm.h"

#define ROUNDS	5
#define DR6	0xffff4ff2u	/* BS and B1 */

static const uint8_t code[] = {
	0x0f, 0x21, 0xf0,	/* 1: mov %dr6, %eax */
	0x66, 0xe7, 0x10,	/* out %eax, $0x10 */
	0xeb, 0xf8,		/* jmp 1b */
};

static volatile uint64_t watched;

static int watch(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(attr),
		.bp_type = HW_BREAKPOINT_W,
		.bp_addr = (uintptr_t)&watched,
		.bp_len = HW_BREAKPOINT_LEN_8,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};

	return must(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

/* Stores when it is told to, and sees that each was counted. */
static void watcher(int wake, int done)
{
	int event = watch();
	uint64_t count;
	char byte;

	for (uint64_t i = 1; read(wake, &byte, 1) == 1; i++) {
		watched = i;
		equal(read(event, &count, sizeof(count)), sizeof(count));
		equal(count, i);
		equal(write(done, &byte, 1), 1);
	}
	exit(0);
}

static void stay_on_this_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	must(sched_setaffinity(0, sizeof(set), &set));
}

int main(void)
{
	int wake[2], done[2], status;
	struct kvm_debugregs regs;
	struct kvm_machine m;
	pid_t child;
	char byte = 0;

	stay_on_this_cpu();
	must(pipe(wake));
	must(pipe(done));
	child = must(fork());
	if (!child) {
		close(wake[1]);
		watcher(wake[0], done[1]);
	}
	close(done[1]);
	m = kvm_machine(code, sizeof(code));
	must(ioctl(m.vcpu.fd, KVM_GET_DEBUGREGS, &regs));
	regs.dr6 = DR6;
	must(ioctl(m.vcpu.fd, KVM_SET_DEBUGREGS, &regs));
	for (int i = 0; i < ROUNDS; i++) {
		equal(kvm_next_out(&m.vcpu), DR6);
		equal(write(wake[1], &byte, 1), 1);
		if (read(done[0], &byte, 1) != 1)
			break;		/* it is dead */
	}
	close(wake[1]);
	must(waitpid(child, &status, 0));
	equal(status, 0);
	must(ioctl(m.vcpu.fd, KVM_GET_DEBUGREGS, &regs));
	equal(regs.dr6, DR6);
	kvm_close(&m);
	puts("ok: another's watchpoint");
	return 0;
}
