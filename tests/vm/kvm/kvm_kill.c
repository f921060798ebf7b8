// SPDX-License-Identifier: GPL-2.0
/* kvm_kill COUNT: processes are killed with a guest in an endless loop. */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "kvm.h"

static void run_for_ever(int ready)
{
	static const uint8_t code[] = {
		0xe6, 0x10,			/* out %al, $0x10 */
		0xff, 0x06, 0x00, 0x20,		/* 1: incw 0x2000 */
		0xeb, 0xfa,			/* jmp 1b */
	};
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	kvm_next_out(&m.vcpu);
	must(write(ready, "x", 1));
	ioctl(m.vcpu.fd, KVM_RUN, 0);
	die("KVM_RUN came back");
}

static void one_round(long pause_ns)
{
	const struct timespec pause = { .tv_nsec = pause_ns };
	int pipes[2], status;
	char byte;
	pid_t pid;

	must(pipe(pipes));
	pid = must(fork());
	if (!pid)
		run_for_ever(pipes[1]);
	close(pipes[1]);
	equal(must(read(pipes[0], &byte, 1)), 1);
	close(pipes[0]);
	nanosleep(&pause, NULL);
	must(kill(pid, SIGKILL));
	must(waitpid(pid, &status, 0));
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		die("status %#x", status);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1;

	for (int i = 0; i < count; i++)
		one_round(i % 10 * 1000000);
	printf("ok: %d killed\n", count);
	return 0;
}
