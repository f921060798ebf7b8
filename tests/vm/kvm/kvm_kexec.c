// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_kexec KERNEL INITRD COMMAND-LINE next|crash|restart: boots KERNEL in place of this one
 * while guests run that never exit: at once, or by a crash (that needs crashkernel=). Or the
 * machine restarts, as by reboot(8). (tests/kexec)
 */
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <pthread.h>
#include <sys/syscall.h>

#include "kvm.h"

#define VCPUS	2
#define COUNT_AT 0x3000

/* for ever: incw COUNT_AT */
static const uint8_t count_code[] = { 0xff, 0x06, 0x00, 0x30, 0xeb, 0xfa };

/* Where the machine goes down with interrupts still on, it ends: the extension is off. */
static void *run(void *vcpu)
{
	const struct kvm_vcpu *v = vcpu;

	while (ioctl(v->fd, KVM_RUN, 0) == 0 || errno != EIO)
		;
	pause();
	return NULL;
}

static void load(char **argv, bool crash)
{
	int kernel = must(open(argv[1], O_RDONLY)), initrd = must(open(argv[2], O_RDONLY));

	must(syscall(SYS_kexec_file_load, kernel, initrd, strlen(argv[3]) + 1, argv[3],
		     crash ? KEXEC_FILE_ON_CRASH : 0));
}

static void crash(void)
{
	int trigger = must(open("/proc/sysrq-trigger", O_WRONLY));

	must(write(trigger, "c", 1));
}

static void reboot_by(unsigned int command)
{
	must(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command, NULL));
}

static void run_guests(struct kvm_machine *m)
{
	static struct kvm_vcpu vcpus[VCPUS];

	*m = kvm_machine(count_code, sizeof(count_code));
	for (int i = 0; i < VCPUS; i++) {
		pthread_t thread;

		vcpus[i] = i ? kvm_add_vcpu(m, i) : m->vcpu;
		kvm_start_at(&vcpus[i], CODE_AT);
		if (pthread_create(&thread, NULL, run, &vcpus[i]))
			die("thread");
	}
	while (!*(volatile uint16_t *)(m->memory + COUNT_AT))
		usleep(1000);
}

int main(int argc, char **argv)
{
	struct kvm_machine m;
	const char *how = argc == 5 ? argv[4] : "";

	if (argc != 5)
		die("usage: kvm_kexec KERNEL INITRD COMMAND-LINE next|crash|restart");
	if (strcmp(how, "restart"))
		load(argv, !strcmp(how, "crash"));
	run_guests(&m);
	if (!strcmp(how, "crash"))
		crash();
	reboot_by(strcmp(how, "restart") ? LINUX_REBOOT_CMD_KEXEC : LINUX_REBOOT_CMD_RESTART);
	die("still here");
}
