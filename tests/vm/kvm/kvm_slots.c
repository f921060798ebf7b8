// SPDX-License-Identifier: GPL-2.0
/*
 * A slot goes, or moves, while a fault of another vCPU holds the old slots: a
 * userfaultfd keeps it waiting. Memory that the owner gives up meanwhile must
 * not stay the guest's.
 */
#define _GNU_SOURCE
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

#include "kvm.h"

#define PAGE		4096u
#define HOT_GPA		0x400000u
#define COLD_GPA	0x800000u
#define MOVED_GPA	0x600000u

static const uint8_t writer[] = {
	0xff, 0x04,		/* incw (%si) */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xeb, 0xfa,		/* jmp CODE_AT */
};

static volatile unsigned long exits;	/* of the one that writes */

static void sleep_ms(long ms)
{
	const struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

static void *page(void)
{
	void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("a page");
	return p;
}

static int hold_faults_of(void *cold)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range = { (uintptr_t)cold, PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = must(syscall(SYS_userfaultfd, O_CLOEXEC));

	must(ioctl(fd, UFFDIO_API, &api));
	must(ioctl(fd, UFFDIO_REGISTER, &area));
	return fd;
}

static void wait_for_fault(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct uffd_msg msg;

	if (poll(&p, 1, 60000) != 1)
		die("no fault came");
	equal(read(fd, &msg, sizeof(msg)), sizeof(msg));
}

/* DS:0 is at `base`. */
static void start_at(const struct kvm_vcpu *v, uint64_t base)
{
	struct kvm_sregs sregs;

	kvm_start_at(v, CODE_AT);
	must(ioctl(v->fd, KVM_GET_SREGS, &sregs));
	sregs.ds.base = base;
	must(ioctl(v->fd, KVM_SET_SREGS, &sregs));
}

static void *write_on(void *arg)
{
	struct kvm_vcpu *v = arg;

	for (;;) {
		kvm_run_once(v);
		if (v->run->exit_reason != KVM_EXIT_IO)
			return NULL;
		exits++;
	}
}

static void *write_once(void *vcpu)
{
	kvm_next_out(vcpu);
	return NULL;
}

struct change {
	const struct kvm_machine *m;
	uint64_t gpa, size;
	void *memory;
	volatile int tid;
};

static void *change_slot(void *arg)
{
	struct change *c = arg;

	c->tid = syscall(SYS_gettid);
	must(kvm_slot(c->m, 1, c->gpa, c->size, c->memory));
	return NULL;
}

/* In the kernel, waiting for whoever uses the old slots. */
static void wait_until_stuck(const struct change *c)
{
	char path[64], stat[64], state = 0;

	for (int i = 0; i < 12000 && state != 'D'; i++) {
		FILE *f;

		sleep_ms(5);
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat", c->tid);
		f = c->tid ? fopen(path, "r") : NULL;
		if (!f)
			continue;
		if (fgets(stat, sizeof(stat), f) && strrchr(stat, ')'))
			state = strrchr(stat, ')')[2];
		fclose(f);
	}
	equal(state, 'D');
}

static void while_held(const char *what, uint64_t gpa, uint64_t size)
{
	struct kvm_machine m = kvm_machine(writer, sizeof(writer));
	void *hot = page(), *cold = page();
	struct kvm_vcpu other = kvm_add_vcpu(&m, 1);
	struct change change = { &m, gpa, size, hot, 0 };
	struct uffdio_zeropage zero = { .range = { (uintptr_t)cold, PAGE } };
	pthread_t writes, waits, changes;
	unsigned long before;
	int held = hold_faults_of(cold);

	must(kvm_slot(&m, 1, HOT_GPA, PAGE, hot));
	must(kvm_slot(&m, 2, COLD_GPA, PAGE, cold));
	start_at(&m.vcpu, HOT_GPA);
	start_at(&other, COLD_GPA);
	exits = 0;
	pthread_create(&writes, NULL, write_on, &m.vcpu);
	while (exits < 10)
		sleep_ms(1);
	pthread_create(&waits, NULL, write_once, &other);
	wait_for_fault(held);
	pthread_create(&changes, NULL, change_slot, &change);
	wait_until_stuck(&change);

	must(madvise(hot, PAGE, MADV_DONTNEED));
	before = exits;
	sleep_ms(50);
	/* one exit may have been on its way */
	if (exits > before + 1)
		die("%s: the guest still writes to memory that was given up", what);
	equal(*(volatile uint16_t *)hot, 0);

	must(ioctl(held, UFFDIO_ZEROPAGE, &zero));
	pthread_join(changes, NULL);
	pthread_join(waits, NULL);
	pthread_join(writes, NULL);
	equal(m.vcpu.run->exit_reason, KVM_EXIT_MMIO);
	close(held);
	munmap(other.run, 4096);
	close(other.fd);
	kvm_close(&m);
	munmap(hot, PAGE);
	munmap(cold, PAGE);
	printf("ok: %s while a fault holds the slots\n", what);
}

int main(void)
{
	while_held("a deletion", HOT_GPA, 0);
	while_held("a move", MOVED_GPA, PAGE);
	return 0;
}
