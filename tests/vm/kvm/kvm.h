/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What devkvm's test programs share: a machine with API 12, code for it given
 * as bytes, and checks that end the program with what went wrong. All of it
 * runs the same on in-tree KVM.
 */
#ifndef TESTS_VM_KVM_H
#define TESTS_VM_KVM_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "devkvm.h"

#define CODE_AT		0x1000
#define GUEST_BYTES	(2u << 20)

#define die(...) do { \
	fprintf(stderr, "%s:%d: ", __FILE__, __LINE__); \
	fprintf(stderr, __VA_ARGS__); \
	fprintf(stderr, " (errno %d, %s)\n", errno, strerror(errno)); \
	exit(1); \
} while (0)

#define must(call) ({ \
	typeof(call) must_ret = (call); \
	if ((long)must_ret == -1) \
		die("%s failed", #call); \
	must_ret; \
})

#define equal(got, want) do { \
	unsigned long long got_ = (got), want_ = (want); \
	if (got_ != want_) \
		die("%s is %#llx, not %#llx", #got, got_, want_); \
} while (0)

struct kvm_vcpu {
	int fd;
	struct kvm_run *run;
};

struct kvm_machine {
	int node, vm;
	uint8_t *memory;
	struct kvm_vcpu vcpu;		/* number 0 */
};

static inline int kvm_node(void)
{
	return must(open("/dev/kvm", O_RDWR | O_CLOEXEC));
}

static inline struct kvm_vcpu kvm_add_vcpu(const struct kvm_machine *m, int id)
{
	int size = must(ioctl(m->node, KVM_GET_VCPU_MMAP_SIZE, 0));
	struct kvm_vcpu v;

	v.fd = must(ioctl(m->vm, KVM_CREATE_VCPU, id));
	v.run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v.fd, 0);
	if (v.run == MAP_FAILED)
		die("mmap of vCPU %d", id);
	return v;
}

static inline int kvm_slot(const struct kvm_machine *m, unsigned int slot,
			   uint64_t gpa, uint64_t size, const void *memory)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)memory,
	};

	return ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &region);
}

/* Real mode, every segment at 0. */
static inline void kvm_start_at(const struct kvm_vcpu *v, uint64_t rip)
{
	struct kvm_regs regs = { .rip = rip, .rflags = 2, .rsp = 0x8000 };
	struct kvm_sregs sregs;

	must(ioctl(v->fd, KVM_GET_SREGS, &sregs));
	sregs.cs.base = sregs.cs.selector = 0;
	must(ioctl(v->fd, KVM_SET_SREGS, &sregs));
	must(ioctl(v->fd, KVM_SET_REGS, &regs));
}

/* Memory from 0 in slot 0, one vCPU that will run `code` at CODE_AT. */
static inline struct kvm_machine kvm_machine(const void *code, size_t size)
{
	struct kvm_machine m;

	m.node = kvm_node();
	m.vm = must(ioctl(m.node, KVM_CREATE_VM, 0));
	m.memory = mmap(NULL, GUEST_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m.memory == MAP_FAILED)
		die("memory");
	memcpy(m.memory + CODE_AT, code, size);
	must(kvm_slot(&m, 0, 0, GUEST_BYTES, m.memory));
	m.vcpu = kvm_add_vcpu(&m, 0);
	kvm_start_at(&m.vcpu, CODE_AT);
	return m;
}

static inline void kvm_close(struct kvm_machine *m)
{
	munmap(m->vcpu.run, ioctl(m->node, KVM_GET_VCPU_MMAP_SIZE, 0));
	close(m->vcpu.fd);
	close(m->vm);
	close(m->node);
	munmap(m->memory, GUEST_BYTES);
}

struct kvm_cpuid_table {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[KVM_CPUID_MAX_ENTRIES];
};

/* What a guest may be told that it has. */
static inline struct kvm_cpuid_table kvm_supported_cpuid(int node)
{
	struct kvm_cpuid_table table = { .head.nent = KVM_CPUID_MAX_ENTRIES };

	must(ioctl(node, KVM_GET_SUPPORTED_CPUID, &table));
	return table;
}

/* vCPU 0 has all of it, and may use what it has; in-tree KVM sees to that. */
static inline void kvm_give_cpuid(const struct kvm_machine *m)
{
	struct kvm_cpuid_table table = kvm_supported_cpuid(m->node);

	must(ioctl(m->vcpu.fd, KVM_SET_CPUID2, &table));
}

/* A guest from a file, as kvmctl runs it. */
static inline size_t kvm_read_guest(const char *path, uint8_t *code, size_t room)
{
	int fd = must(open(path, O_RDONLY));
	ssize_t got = must(read(fd, code, room));

	close(fd);
	return got;
}

static inline uint32_t kvm_out_value(const struct kvm_vcpu *v)
{
	uint32_t value = 0;

	memcpy(&value, (const char *)v->run + v->run->io.data_offset, v->run->io.size);
	return value;
}

/*
 * QEMU 7.2 at times comes back from a #VMEXIT with nested paging still on: the host's
 * own next fetch, right behind VMRUN, is then told as the guest's, whose state is lost.
 * Seen in one run of kvm_dirty of a hundred, by the guest's RIP and by an exit for an
 * entry of the host's page tables. Who is started with EMULATOR_FAULT in mind tries
 * again.
 */
#define EMULATOR_FAULT	75

static inline void exit_if_emulator_fault(const struct kvm_vcpu *v)
{
	struct kvm_regs regs;

	if (v->run->exit_reason != KVM_EXIT_INTERNAL_ERROR || ioctl(v->fd, KVM_GET_REGS, &regs))
		return;
	if (regs.rip >> 63) {	/* where no guest of these tests has code */
		fprintf(stderr, "the emulator has lost the guest: its RIP is %#llx\n",
			(unsigned long long)regs.rip);
		exit(EMULATOR_FAULT);
	}
}

/* Run until the next exit. */
static inline void kvm_run_once(const struct kvm_vcpu *v)
{
	must(ioctl(v->fd, KVM_RUN, 0));
	exit_if_emulator_fault(v);
}

/* Run until the next OUT, whose value is returned. */
static inline uint32_t kvm_next_out(const struct kvm_vcpu *v)
{
	kvm_run_once(v);
	equal(v->run->exit_reason, KVM_EXIT_IO);
	equal(v->run->io.direction, KVM_EXIT_IO_OUT);
	return kvm_out_value(v);
}

#endif
