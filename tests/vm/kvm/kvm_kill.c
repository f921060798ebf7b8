// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_kill COUNT: processes are killed with a guest in an endless loop, and in each
 * other state that a machine's thread may be in.
 */
#define _GNU_SOURCE
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "kvm.h"

#define PAGE		4096u
#define HELD_AT		0x400000u	/* a slot whose page does not come */
#define PAUSE_STEP_NS	1000000

static const uint8_t counter[] = {
	0xe6, 0x10,			/* out %al, $0x10 */
	0xff, 0x06, 0x00, 0x20,		/* 1: incw 0x2000 */
	0xeb, 0xfa,			/* jmp 1b */
};

/* Writes where DS is. */
static const uint8_t writer[] = {
	0xff, 0x04,			/* incw (%si) */
	0xf4,				/* hlt */
};

/* A process's machine, and where it tells that it is about to be in its state. */
struct victim {
	struct kvm_machine m;
	int ready;
	int held;			/* userfaultfd */
};

static void tell(const struct victim *v)
{
	must(write(v->ready, "x", 1));
}

static void *run(void *vcpu)
{
	const struct kvm_vcpu *v = vcpu;

	ioctl(v->fd, KVM_RUN, 0);
	exit_if_emulator_fault(v);
	die("KVM_RUN came back");
}

static void in_thread(void *(*function)(void *), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, arg))
		die("a thread");
}

static void in_guest(struct victim *v)
{
	v->m = kvm_machine(counter, sizeof(counter));
	kvm_next_out(&v->m.vcpu);
	tell(v);
	run(&v->m.vcpu);
}

/* One runs the vCPU, another waits for it. */
static void waiting_for_vcpu(struct victim *v)
{
	v->m = kvm_machine(counter, sizeof(counter));
	kvm_next_out(&v->m.vcpu);
	in_thread(run, &v->m.vcpu);
	in_thread(run, &v->m.vcpu);
	tell(v);
	pause();
}

/* A slot whose page a userfaultfd keeps back, for ever. */
static void add_held_slot(struct victim *v)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct kvm_sregs sregs;
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		die("a page");
	area.range = (struct uffdio_range) { (uintptr_t)page, PAGE };
	v->held = must(syscall(SYS_userfaultfd, O_CLOEXEC));
	must(ioctl(v->held, UFFDIO_API, &api));
	must(ioctl(v->held, UFFDIO_REGISTER, &area));
	must(kvm_slot(&v->m, 1, HELD_AT, PAGE, page));
	must(ioctl(v->m.vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.ds.base = HELD_AT;
	must(ioctl(v->m.vcpu.fd, KVM_SET_SREGS, &sregs));
}

static void wait_for_fault(const struct victim *v)
{
	struct uffd_msg msg;

	equal(read(v->held, &msg, sizeof(msg)), sizeof(msg));
}

static void in_fault(struct victim *v)
{
	v->m = kvm_machine(writer, sizeof(writer));
	add_held_slot(v);
	in_thread(run, &v->m.vcpu);
	wait_for_fault(v);
	tell(v);
	pause();
}

static void *delete_slot(void *victim)
{
	const struct victim *v = victim;

	kvm_slot(&v->m, 1, HELD_AT, 0, NULL);
	die("the slot went while a fault held it");
}

/* A change of the slots waits for the fault of a vCPU; so does a second change. */
static void in_change_of_slots(struct victim *v)
{
	v->m = kvm_machine(writer, sizeof(writer));
	add_held_slot(v);
	in_thread(run, &v->m.vcpu);
	wait_for_fault(v);
	in_thread(delete_slot, v);
	in_thread(delete_slot, v);
	tell(v);
	pause();
}

/* A device was read, and will not answer. */
static void before_answer(struct victim *v)
{
	struct kvm_sregs sregs;

	v->m = kvm_machine(writer, sizeof(writer));
	must(ioctl(v->m.vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.ds.base = HELD_AT;
	must(ioctl(v->m.vcpu.fd, KVM_SET_SREGS, &sregs));
	kvm_run_once(&v->m.vcpu);
	equal(v->m.vcpu.run->exit_reason, KVM_EXIT_MMIO);
	tell(v);
	pause();
}

/* In the making of machines and vCPUs, and their end. */
static void in_making(struct victim *v)
{
	tell(v);
	for (;;) {
		v->m = kvm_machine(counter, sizeof(counter));
		for (int id = 1; id < 4; id++) {
			struct kvm_vcpu other = kvm_add_vcpu(&v->m, id);

			munmap(other.run, PAGE);
			close(other.fd);
		}
		kvm_next_out(&v->m.vcpu);
		kvm_close(&v->m);
	}
}

static const struct {
	const char *name;
	void (*enter)(struct victim *v);
} states[] = {
	{ "in the guest", in_guest },
	{ "waiting for a vCPU", waiting_for_vcpu },
	{ "in a fault", in_fault },
	{ "in a change of slots", in_change_of_slots },
	{ "before a device's answer", before_answer },
	{ "in making a machine", in_making },
};

#define STATES (sizeof(states) / sizeof(states[0]))

static void one_round(int state, long pause_ns)
{
	const struct timespec wait = { .tv_nsec = pause_ns };
	int pipes[2], status;
	bool ready;
	char byte;
	pid_t pid;

	must(pipe(pipes));
	pid = must(fork());
	if (!pid) {
		struct victim v = { .ready = pipes[1] };

		states[state].enter(&v);
		die("%s: it went on", states[state].name);
	}
	close(pipes[1]);
	ready = must(read(pipes[0], &byte, 1)) == 1;
	close(pipes[0]);
	if (ready) {
		nanosleep(&wait, NULL);
		must(kill(pid, SIGKILL));
	}
	must(waitpid(pid, &status, 0));
	if (WIFEXITED(status) && WEXITSTATUS(status) == EMULATOR_FAULT)
		exit(EMULATOR_FAULT);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		die("%s: status %#x", states[state].name, status);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1;

	for (int i = 0; i < count; i++)
		one_round(i % STATES, i / STATES % 10 * PAUSE_STEP_NS);
	printf("ok: %d killed, in %zu states\n", count, STATES);
	return 0;
}
