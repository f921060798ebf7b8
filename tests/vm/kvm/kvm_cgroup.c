// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_cgroup DIRECTORY: what a machine costs the kernel is charged to its owner's
 * memory cgroup; owners who have no more are refused with ENOMEM or killed, and
 * leave nothing behind.
 */
#include <signal.h>
#include <sys/wait.h>

#include "kvm.h"

#define VCPU_BYTES_MIN	(3u * 4096)	/* kvm_run, I/O page and registers */
#define LIMIT		"4194304"
#define SLOT_BYTES	(1ull << 39)	/* half of what the emulators can address */
#define SLOT_COST_MAX	(1u << 20)	/* a bit for each 16 of its pages */
#define TOUCHED		3
#define OWNERS		2

static const uint8_t code[] = { 0xe6, 0x10, 0xeb, 0xfc };	/* out; jmp to it */

static void put(const char *directory, const char *file, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	fd = must(open(path, O_WRONLY));
	if (write(fd, text, strlen(text)) < 0)
		die("%s > %s", text, path);
	close(fd);
}

static unsigned long charged_bytes(const char *directory)
{
	char path[256], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/memory.current", directory);
	fd = must(open(path, O_RDONLY));
	must(read(fd, text, sizeof(text) - 1));
	close(fd);
	return strtoul(text, NULL, 10);
}

/* How a child ends: its wait status. */
static int in_cgroup(const char *directory, void (*deed)(const char *directory))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		put(directory, "cgroup.procs", "0");
		deed(directory);
		exit(0);
	}
	must(waitpid(pid, &status, 0));
	return status;
}

/* As many vCPUs as there may be: pages and all that is small are counted. */
static void many_vcpus(const char *directory)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	unsigned long before = charged_bytes(directory), after;
	const unsigned long least = (DEVKVM_VCPUS_MAX - 1) * VCPU_BYTES_MIN;

	for (int i = 1; i < DEVKVM_VCPUS_MAX; i++)
		must(ioctl(m.vm, KVM_CREATE_VCPU, i));
	after = charged_bytes(directory);
	if (after < before + least)
		die("%lu bytes charged for %d vCPUs", after - before, DEVKVM_VCPUS_MAX - 1);
	printf("ok: %lu bytes charged for a vCPU\n", (after - before) / (DEVKVM_VCPUS_MAX - 1));
}

/*
 * A slot costs the kernel nothing for each page (a rmap, a bitmap), until one is touched.
 * The bound leaves room for what the cgroup takes in advance for each CPU.
 */
static void untouched_slot(const char *directory)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	uint8_t *memory = mmap(NULL, SLOT_BYTES, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	unsigned long before, made, touched;

	if (memory == MAP_FAILED)
		die("memory");
	must(madvise(memory, SLOT_BYTES, MADV_NOHUGEPAGE));
	before = charged_bytes(directory);
	must(kvm_slot(&m, 1, SLOT_BYTES, SLOT_BYTES, memory));
	made = charged_bytes(directory);
	for (uint64_t i = 0; i < TOUCHED; i++) {
		const uint64_t at = (SLOT_BYTES / TOUCHED * i) & -4096ull;
		struct kvm_pre_fault_memory range = { .gpa = SLOT_BYTES + at, .size = 4096 };

		must(ioctl(m.vcpu.fd, KVM_PRE_FAULT_MEMORY, &range));
	}
	touched = charged_bytes(directory);
	if (made > before + SLOT_COST_MAX || touched > made + SLOT_COST_MAX)
		die("%ld bytes charged for a slot, then %ld for %d pages", made - before,
		    touched - made, TOUCHED);
	printf("ok: %ld bytes charged for a slot of %llu GiB, %ld for %d pages of it\n",
	       made - before, SLOT_BYTES >> 30, touched - made, TOUCHED);
}

static void expect_no_memory(const char *what)
{
	if (errno != ENOMEM)
		die("%s", what);
	exit(0);
}

/* Machines, vCPUs, and nested page tables, far apart in the guest's memory. */
static void use_up(const char *directory)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	(void)directory;
	for (uint64_t i = 1; ; i++) {
		struct kvm_pre_fault_memory range = { .gpa = i << 30, .size = 4096 };
		int vm;

		if (kvm_slot(&m, i % 500 + 1, i << 30, 4096, m.memory) < 0)
			expect_no_memory("a slot");
		if (ioctl(m.vcpu.fd, KVM_PRE_FAULT_MEMORY, &range) < 0)
			expect_no_memory("nested page tables");
		vm = ioctl(m.node, KVM_CREATE_VM, 0);
		if (vm < 0)
			expect_no_memory("a machine");
		if (ioctl(vm, KVM_CREATE_VCPU, 0) < 0)
			expect_no_memory("a vCPU");
		if (i == 500)
			die("no limit");
	}
}

int main(int argc, char **argv)
{
	struct kvm_machine m;

	if (argc != 2)
		die("usage: kvm_cgroup DIRECTORY");
	setlinebuf(stdout);
	equal(in_cgroup(argv[1], many_vcpus), 0);
	equal(in_cgroup(argv[1], untouched_slot), 0);
	put(argv[1], "memory.max", LIMIT);
	for (int i = 0; i < OWNERS; i++) {
		int status = in_cgroup(argv[1], use_up);

		if (status && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
			die("an owner ended with %#x", status);
	}
	m = kvm_machine(code, sizeof(code));
	kvm_next_out(&m.vcpu);
	kvm_close(&m);
	puts("ok: owners without memory");
	return 0;
}
