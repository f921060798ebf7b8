// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_owners: whose a machine is, and who may use it how: a child of its owner, a
 * mapping of kvm_run in every form, a user without rights, a descriptor that was
 * opened for reading, a process that may do little else, a 32-bit program; and that nobody finds
 * in new memory what another has left there.
 */
#define _GNU_SOURCE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../../ioctl_32.h"
#include "devkvm_2006.h"
#include "kvm.h"

#define PATTERN		0xc7
#define LEGACY_BYTES	0x10000
#define MAPPED_PAGES	16

static const uint8_t code[] = {
	0xb0, 0x2a,		/* mov $0x2a, %al */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xeb, 0xfa,		/* jmp CODE_AT */
};

static const uint8_t endless[] = { 0xeb, 0xfe };	/* jmp . */

/* What a child does: its exit status, or the signal that ended it. */
static int in_child(void (*deed)(struct kvm_machine *m), struct kvm_machine *m)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		deed(m);
		exit(0);
	}
	must(waitpid(pid, &status, 0));
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void refused(int ret, int error, const char *what)
{
	if (ret != -1 || errno != error)
		die("%s: %d, not errno %d", what, ret, error);
}

/* ---- a child of the owner ---- */

static void use_as_child(struct kvm_machine *m)
{
	struct kvm_regs regs;

	refused(ioctl(m->vcpu.fd, KVM_RUN, 0), EIO, "run");
	refused(ioctl(m->vcpu.fd, KVM_GET_REGS, &regs), EIO, "registers");
	refused(ioctl(m->vm, KVM_CREATE_VCPU, 1), EIO, "a vCPU");
	refused(kvm_slot(m, 1, GUEST_BYTES, 4096, m->memory), EIO, "a slot");
	/* Its own copy of the memory is not the guest's. */
	memset(m->memory + CODE_AT, 0xf4, sizeof(code));
}

static void children(void)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	equal(kvm_next_out(&m.vcpu), 0x2a);
	equal(in_child(use_as_child, &m), 0);
	equal(kvm_next_out(&m.vcpu), 0x2a);
	kvm_close(&m);
	puts("ok: a child of the owner");
}

/* ---- a descriptor that goes to others ---- */

static void send_fd(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(fd))] = { };
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	equal(must(sendmsg(socket, &msg, 0)), 1);
}

static int receive_fd(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	equal(must(recvmsg(socket, &msg, 0)), 1);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* A copy in the same process is as good; another process, no child, gets EIO. */
static void copies(void)
{
	struct kvm_machine m;
	struct kvm_vcpu copy;
	int pair[2], status;
	pid_t other;

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	other = must(fork());
	if (!other) {
		refused(ioctl(receive_fd(pair[1]), KVM_RUN, 0), EIO, "run");
		exit(0);
	}
	m = kvm_machine(code, sizeof(code));
	copy = m.vcpu;
	copy.fd = must(dup(m.vcpu.fd));
	equal(kvm_next_out(&copy), 0x2a);
	send_fd(pair[0], copy.fd);
	must(waitpid(other, &status, 0));
	equal(status, 0);
	close(copy.fd);
	equal(kvm_next_out(&m.vcpu), 0x2a);
	close(pair[0]);
	close(pair[1]);
	kvm_close(&m);
	puts("ok: copies of a descriptor");
}

/* ---- mappings of kvm_run ---- */

static uint8_t *map(const struct kvm_machine *m, int pages, int flags)
{
	uint8_t *p = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, flags, m->vcpu.fd, 0);

	if (p == MAP_FAILED)
		die("a mapping of kvm_run");
	return p;
}

static void touch_behind(struct kvm_machine *m)
{
	size_t size = must(ioctl(m->node, KVM_GET_VCPU_MMAP_SIZE, 0));
	volatile uint8_t *p = map(m, MAPPED_PAGES, MAP_SHARED);

	(void)p[size - 1];
	(void)p[size];
}

/* What is written to a private copy, KVM_RUN does not see. */
static void private_copy(struct kvm_machine *m)
{
	struct kvm_run *copy = (void *)map(m, 1, MAP_PRIVATE);

	equal(copy->exit_reason, KVM_EXIT_IO);
	copy->immediate_exit = 1;
	equal(kvm_next_out(&m->vcpu), 0x2a);
	munmap(copy, 4096);
}

static void moved(struct kvm_machine *m)
{
	uint8_t *p = map(m, 2, MAP_SHARED), *room = mmap(NULL, 2 * 4096, PROT_NONE,
							 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_vcpu v = { .fd = m->vcpu.fd };

	v.run = mremap(p, 2 * 4096, 2 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	equal((uintptr_t)v.run, (uintptr_t)room);
	equal(kvm_next_out(&v), 0x2a);
	munmap(v.run, 2 * 4096);
}

static void on_signal(int signal)
{
	(void)signal;
}

static void *run_until_signal(void *vcpu)
{
	const struct kvm_vcpu *v = vcpu;

	refused(ioctl(v->fd, KVM_RUN, 0), EINTR, "run");
	return NULL;
}

/* The mapping goes while the vCPU runs, and comes again. */
static void unmapped_while_running(void)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct kvm_machine m = kvm_machine(endless, sizeof(endless));
	pthread_t thread;

	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, run_until_signal, &m.vcpu);
	munmap(m.vcpu.run, 2 * 4096);
	do {
		pthread_kill(thread, SIGUSR1);
		usleep(1000);
	} while (pthread_tryjoin_np(thread, NULL));
	m.vcpu.run = (void *)map(&m, 2, MAP_SHARED);
	equal(m.vcpu.run->exit_reason, KVM_EXIT_INTR);
	kvm_close(&m);
}

static void mappings(void)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	equal(kvm_next_out(&m.vcpu), 0x2a);
	equal(in_child(touch_behind, &m), SIGBUS);
	private_copy(&m);
	moved(&m);
	kvm_close(&m);
	unmapped_while_running();
	puts("ok: mappings of kvm_run");
}

/* ---- few rights ---- */

static void run_a_machine(struct kvm_machine *unused)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	(void)unused;
	equal(kvm_next_out(&m.vcpu), 0x2a);
	kvm_close(&m);
}

static void run_as_nobody(struct kvm_machine *unused)
{
	must(setgid(65534));
	must(setuid(65534));
	refused(open("/dev/kvm", O_RDWR), EACCES, "the node");
	/* With a descriptor that was passed on it is a user like any other. */
	must(ioctl(unused->node, KVM_CREATE_VM, 0));
}

static void run_as_group(struct kvm_machine *unused)
{
	must(setgid(65534));
	must(setuid(65533));
	run_a_machine(unused);
}

static void run_read_only(struct kvm_machine *unused)
{
	int node = must(open("/dev/kvm", O_RDONLY)), vm, vcpu;
	struct kvm_regs regs;

	(void)unused;
	vm = must(ioctl(node, KVM_CREATE_VM, 0));
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0));
	must(ioctl(vcpu, KVM_GET_REGS, &regs));
	/* Of 2006: memory that may not be written through this descriptor. */
	must(ioctl(node, KVM_2006_CREATE_VCPU, 0));
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, node, 0) != MAP_FAILED)
		die("a mapping for writing");
	equal(errno, EACCES);
}

/* ioctl, write, close, munmap and the end: all else kills. */
static void run_confined(struct kvm_machine *m)
{
#define ALLOW(nr) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1), \
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
	struct kvm_machine own = kvm_machine(code, sizeof(code));
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(SYS_ioctl), ALLOW(SYS_write), ALLOW(SYS_close), ALLOW(SYS_munmap),
		ALLOW(SYS_exit_group),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	(void)m;
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0 && errno == EINVAL)
		_exit(0);	/* the debug kernel has none; Debian's has */
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
	for (int i = 0; i < 10; i++)
		equal(kvm_next_out(&own.vcpu), 0x2a);
	kvm_close(&own);
	_exit(0);
}

static void few_rights(void)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	equal(in_child(run_as_nobody, &m), 0);
	must(chown("/dev/kvm", 0, 65534));
	equal(in_child(run_as_group, &m), 0);
	must(chown("/dev/kvm", 0, 0));
	equal(in_child(run_read_only, &m), 0);
	equal(in_child(run_confined, &m), 0);
	kvm_close(&m);
	puts("ok: few rights");
}

/* ---- a 32-bit caller ---- */

/* What such a caller would have: all pointers below 4 GiB. */
struct low {
	struct kvm_regs regs;
	struct kvm_userspace_memory_region region;
	struct kvm_dirty_log log;
	struct kvm_clear_dirty_log clear;
	uint64_t bitmap;
};

static void call_from_32_bits(struct kvm_machine *m)
{
	struct low *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	struct kvm_regs regs;

	if (low == MAP_FAILED)
		die("mmap");
	must(ioctl_32(m->vcpu.fd, KVM_RUN, NULL));
	equal(kvm_out_value(&m->vcpu), 0x2a);
	must(ioctl_32(m->vcpu.fd, KVM_GET_REGS, &low->regs));
	equal(low->regs.rax & 0xff, 0x2a);
	low->regs.r15 = 0x123456789abcdef0;
	must(ioctl_32(m->vcpu.fd, KVM_SET_REGS, &low->regs));
	must(ioctl(m->vcpu.fd, KVM_GET_REGS, &regs));
	equal(regs.r15, 0x123456789abcdef0);
	equal(kvm_next_out(&m->vcpu), 0x2a);
	low->region = (struct kvm_userspace_memory_region) {
		.slot = 1, .flags = KVM_MEM_LOG_DIRTY_PAGES, .guest_phys_addr = GUEST_BYTES,
		.memory_size = 4096, .userspace_addr = (uintptr_t)low,
	};
	must(ioctl_32(m->vm, KVM_SET_USER_MEMORY_REGION, &low->region));
	/* Its pointer fills half of the union: the other is what happens to be there. */
	low->bitmap = ~0ull;
	low->log = (struct kvm_dirty_log) {
		.slot = 1, .padding2 = 0xdeadbeefull << 32 | (uint32_t)(uintptr_t)&low->bitmap,
	};
	must(ioctl_32(m->vm, KVM_GET_DIRTY_LOG, &low->log));
	equal(low->bitmap, 0);
	low->clear = (struct kvm_clear_dirty_log) {
		.slot = 1, .num_pages = 1,
		.padding2 = 0xdeadbeefull << 32 | (uint32_t)(uintptr_t)&low->bitmap,
	};
	must(ioctl_32(m->vm, KVM_CLEAR_DIRTY_LOG, &low->clear));
	refused(ioctl_32(m->vm, KVM_GET_REGS, &low->regs), ENOTTY, "not a machine's");
}

/* The same union in the protocol of 2006. */
static void old_log_from_32_bits(void)
{
	struct {
		struct kvm_2006_memory_region region;
		struct kvm_2006_dirty_log log;
		struct kvm_2006_regs regs;
		uint64_t bitmap;
	} *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
		      -1, 0);
	int node = kvm_node();

	if (low == MAP_FAILED)
		die("mmap");
	low->region = (struct kvm_2006_memory_region) {
		.flags = KVM_MEM_LOG_DIRTY_PAGES, .memory_size = LEGACY_BYTES,
	};
	must(ioctl_32(node, KVM_2006_SET_MEMORY_REGION, &low->region));
	low->bitmap = ~0ull;
	low->log = (struct kvm_2006_dirty_log) {
		.dirty_bitmap = 0xdeadbeefull << 32 | (uint32_t)(uintptr_t)&low->bitmap,
	};
	must(ioctl_32(node, KVM_2006_GET_DIRTY_LOG, &low->log));
	equal(low->bitmap & 0xffff, 0);
	must(ioctl_32(node, KVM_2006_CREATE_VCPU, NULL));
	must(ioctl_32(node, KVM_2006_GET_REGS, &low->regs));
	equal(low->regs.regs.rip, 0xfff0);
	close(node);
	munmap(low, 4096);
}

static void narrow_callers(void)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	call_from_32_bits(&m);
	kvm_close(&m);
	old_log_from_32_bits();
	puts("ok: a 32-bit caller");
}

/* ---- nothing is left for others ---- */

static void all_are(const void *from, size_t size, uint8_t byte, const char *what)
{
	const uint8_t *p = from;

	for (size_t i = 0; i < size; i++) {
		if (p[i] != byte)
			die("byte %zu of %s is %#x", i, what, p[i]);
	}
}

static void all_zero(const void *from, size_t size, const char *what)
{
	all_are(from, size, 0, what);
}

static uint8_t *legacy_memory(int *node)
{
	struct kvm_2006_memory_region region = { .memory_size = LEGACY_BYTES };
	uint8_t *p;

	*node = kvm_node();
	must(ioctl(*node, KVM_2006_SET_MEMORY_REGION, &region));
	p = mmap(NULL, LEGACY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, *node, 0);
	if (p == MAP_FAILED)
		die("memory of 2006");
	return p;
}

/* Pages that another machine has filled come back empty. */
static void leavings(void)
{
	for (int i = 0; i < 4; i++) {
		struct kvm_machine m = kvm_machine(code, sizeof(code));
		int node;
		uint8_t *memory = legacy_memory(&node);

		all_zero(memory, LEGACY_BYTES, "memory");
		memset(memory, PATTERN, LEGACY_BYTES);
		all_zero(m.vcpu.run, 2 * 4096, "kvm_run");
		equal(kvm_next_out(&m.vcpu), 0x2a);
		all_zero((uint8_t *)m.vcpu.run + 4097, 4095, "the I/O page");
		memset(m.vcpu.run, PATTERN, 2 * 4096);
		munmap(memory, LEGACY_BYTES);
		close(node);
		kvm_close(&m);
	}
}

/* The same of 2006; its guest is at its first instruction, HLT. */
static void answers_2006(void)
{
	struct kvm_2006_sregs sregs = { };
	struct kvm_2006_translation tr;
	struct kvm_2620_run run = { };
	int node;
	uint8_t *memory = legacy_memory(&node);

	must(ioctl(node, KVM_2006_CREATE_VCPU, 0));
	memset(&sregs.sregs, PATTERN, sizeof(sregs.sregs));
	must(ioctl(node, KVM_2006_GET_SREGS, &sregs));
	for (struct kvm_segment *s = &sregs.sregs.cs; s <= &sregs.sregs.ldt; s++)
		equal(s->padding, 0);
	memset(&tr, PATTERN, sizeof(tr));
	tr.vcpu = 0;
	must(ioctl(node, KVM_2006_TRANSLATE, &tr));
	all_are(tr.pad, sizeof(tr.pad), PATTERN, "translation (2006)");	/* the caller's own */
	sregs.sregs.cs.base = sregs.sregs.cs.selector = 0;
	must(ioctl(node, KVM_2006_SET_SREGS, &sregs));
	memory[0xfff0] = 0xf4;
	memset(&run.exit, PATTERN, sizeof(run.exit));
	must(ioctl(node, KVM_2620_RUN, &run));
	equal(run.exit_reason, KVM_EXIT_HLT);
	all_zero(&run.exit, sizeof(run.exit), "exit (2.6.20)");
	munmap(memory, LEGACY_BYTES);
	close(node);
}

/* Every byte that an ioctl answers is one that it means. */
static void answers(void)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	static union {
		struct kvm_sregs sregs;
		struct kvm_vcpu_events events;
		struct kvm_debugregs debug;
		struct kvm_xcrs xcrs;
		struct kvm_clock_data clock;
		struct kvm_fpu fpu;
		struct kvm_translation tr;
	} a;

	memset(&a, PATTERN, sizeof(a));
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &a));
	for (struct kvm_segment *s = &a.sregs.cs; s <= &a.sregs.ldt; s++)
		equal(s->padding, 0);
	all_zero(a.sregs.gdt.padding, sizeof(a.sregs.gdt.padding), "gdt");
	all_zero(a.sregs.idt.padding, sizeof(a.sregs.idt.padding), "idt");
	memset(&a, PATTERN, sizeof(a));
	must(ioctl(m.vcpu.fd, KVM_GET_VCPU_EVENTS, &a));
	all_zero(a.events.reserved, sizeof(a.events.reserved), "events");
	memset(&a, PATTERN, sizeof(a));
	must(ioctl(m.vcpu.fd, KVM_GET_DEBUGREGS, &a));
	all_zero(a.debug.reserved, sizeof(a.debug.reserved), "debug registers");
	memset(&a, PATTERN, sizeof(a));
	must(ioctl(m.vcpu.fd, KVM_GET_XCRS, &a));
	all_zero(a.xcrs.padding, sizeof(a.xcrs.padding), "xcrs");
	all_zero(&a.xcrs.xcrs[1], 15 * sizeof(a.xcrs.xcrs[0]), "xcrs");
	memset(&a, PATTERN, sizeof(a));
	must(ioctl(m.vm, KVM_GET_CLOCK, &a));
	all_zero(a.clock.pad, sizeof(a.clock.pad), "clock");
	equal(a.clock.pad0, 0);
	memset(&a, PATTERN, sizeof(a));
	must(ioctl(m.vcpu.fd, KVM_GET_FPU, &a));
	equal(a.fpu.pad1, 0);
	equal(a.fpu.pad2, 0);
	memset(&a, PATTERN, sizeof(a));
	must(ioctl(m.vcpu.fd, KVM_TRANSLATE, &a));
	all_are(a.tr.pad, sizeof(a.tr.pad), PATTERN, "translation");
	kvm_close(&m);
	answers_2006();
}

static void nothing_left(void)
{
	leavings();
	answers();
	puts("ok: nothing of others is found");
}

int main(void)
{
	setlinebuf(stdout);
	children();
	copies();
	mappings();
	few_rights();
	narrow_callers();
	nothing_left();
	return 0;
}
