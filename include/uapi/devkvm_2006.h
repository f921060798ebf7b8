/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/kvm as it was in October 2006, and in Linux 2.6.20, with names that begin with
 * KVM_2006_ and kvm_2006_; which errors any ioctl may return is in devkvm.h.
 *
 * The first of these ioctls on a descriptor of the node gives the descriptor
 * its virtual machine. Every `vcpu` field is the number of a virtual CPU that
 * KVM_2006_CREATE_VCPU made, else EINVAL.
 *
 * KVM_GET_API_VERSION of 2.6.20 has the number of today's KVM_CREATE_VM: a
 * program of that time gets a descriptor where it wanted a version, and stops.
 */
#ifndef DEVKVM_2006_H
#define DEVKVM_2006_H

#include "devkvm.h"

#define KVM_2006_EXIT_TYPE_FAIL_ENTRY	1
#define KVM_2006_EXIT_TYPE_VM_EXIT	2

/* exit_reason; the others have the numbers of KVM_EXIT_* in devkvm.h */
#define KVM_2006_EXIT_CPUID		3

/* What an exit says, after the header of either kvm_run of 2006. */
union kvm_2006_exit {
	struct {
		__u32 hardware_exit_reason;
	} hw;
	struct {
		__u32 exception;
		__u32 error_code;
	} ex;
	/*
	 * KVM_EXIT_IO: the instruction is not done. Do it (for IN, set RAX),
	 * then run with emulated = 1.
	 */
	struct {
		__u8 direction;		/* KVM_EXIT_IO_IN or _OUT */
		__u8 size;		/* 1, 2 or 4 */
		__u8 string;		/* 1: INS or OUTS */
		__u8 string_down;	/* 1: RFLAGS.DF */
		__u8 rep;
		__u8 pad;
		__u16 port;
		__u64 count;		/* 1, or RCX with rep */
		union {
			__u64 address;	/* string: linear address */
			__u32 value;	/* OUT: the value */
		};
	} io;
	/*
	 * KVM_EXIT_MMIO: as in API 12. After a read, run with mmio_completed =
	 * 1 and `len` bytes in data; with 0 the guest asks again.
	 */
	struct {
		__u64 phys_addr;
		__u8 data[8];
		__u32 len;
		__u8 is_write;
	} mmio;
};

/*
 * KVM_RUN as first posted: 48 bytes. EINVAL, here and below: emulated, mmio_completed or
 * request_interrupt_window above 1, cr8 above 15.
 */
struct kvm_2006_run {
	__u32 vcpu;			/* in */
	__u32 emulated;			/* in: 1: step over the instruction */
	__u32 mmio_completed;		/* in: 1: data of a read; EINVAL if none waits */
	__u32 exit_type;		/* out: KVM_2006_EXIT_TYPE_* */
	__u32 exit_reason;		/* out */
	__u32 instruction_length;	/* out: bytes; 0: not known */
	union kvm_2006_exit exit;	/* out */
};

/* KVM_RUN of 2.6.20: 72 bytes */
struct kvm_2620_run {
	__u32 vcpu;
	__u32 emulated;
	__u32 mmio_completed;
	__u8 request_interrupt_window;	/* in */
	__u8 padding1[3];
	__u32 exit_type;
	__u32 exit_reason;
	__u32 instruction_length;
	__u8 ready_for_interrupt_injection; /* out */
	__u8 if_flag;			/* out */
	__u16 padding2;
	__u64 cr8;			/* in and out */
	__u64 apic_base;		/* out */
	union kvm_2006_exit exit;
};

struct kvm_2006_regs {
	__u32 vcpu;
	__u32 padding;
	struct kvm_regs regs;
};

struct kvm_2006_sregs {
	__u32 vcpu;
	__u32 padding;
	struct kvm_sregs sregs;
};

struct kvm_2006_translation {
	__u64 linear_address;
	__u32 vcpu;
	__u32 padding;
	__u64 physical_address;
	__u8 valid;
	__u8 writeable;
	__u8 usermode;
	__u8 pad[5];
};

struct kvm_2006_interrupt {
	__u32 vcpu;
	__u32 irq;
};

struct kvm_2006_breakpoint {
	__u32 enabled;
	__u32 padding;
	__u64 address;
};

/*
 * While enabled is not 0, an instruction at a breakpoint's linear address, and
 * with singlestep each, ends the run with KVM_EXIT_DEBUG. To go on from a
 * breakpoint, set RFLAGS.RF or disable it.
 */
struct kvm_2006_debug_guest {
	__u32 vcpu;
	__u32 enabled;
	struct kvm_2006_breakpoint breakpoints[4];
	__u32 singlestep;
	__u32 pad;
};

/*
 * A slot of memory that the kernel allocates when the guest or a mapping of
 * the node first touches it, zeroed, swappable, charged to the toucher. Size 0
 * deletes it and its contents.
 *  EINVAL  slot not below KVM_2006_SLOTS_MAX; flags other than
 *          KVM_MEM_LOG_DIRTY_PAGES; address or size not a multiple of 4096;
 *          the range wraps or ends above KVM_2006_MEMORY_MAX; another size or
 *          address for a slot that exists; size 0 for one that does not
 *  EEXIST  another slot covers part of the range
 */
struct kvm_2006_memory_region {
	__u32 slot;
	__u32 flags;
	__u64 guest_phys_addr;
	__u64 memory_size;
};

#define KVM_2006_SLOTS_MAX	4
#define KVM_2006_MEMORY_MAX	(1ULL << 44)

struct kvm_2006_msrs {
	__u32 vcpu;
	__u32 nmsrs;
	struct kvm_msr_entry entries[];
};

/* As KVM_GET_DIRTY_LOG, in whole bytes. */
struct kvm_2006_dirty_log {
	__u32 slot;
	__u32 padding;
	__u64 dirty_bitmap;
};

#define KVM_2006_RUN		_IOWR(KVMIO, 2, struct kvm_2006_run)
#define KVM_2620_RUN		_IOWR(KVMIO, 2, struct kvm_2620_run)
#define KVM_2006_GET_REGS	_IOWR(KVMIO, 3, struct kvm_2006_regs)
#define KVM_2006_SET_REGS	_IOW(KVMIO, 4, struct kvm_2006_regs)
#define KVM_2006_GET_SREGS	_IOWR(KVMIO, 5, struct kvm_2006_sregs)
#define KVM_2006_SET_SREGS	_IOW(KVMIO, 6, struct kvm_2006_sregs)
#define KVM_2006_TRANSLATE	_IOWR(KVMIO, 7, struct kvm_2006_translation)
#define KVM_2006_INTERRUPT	_IOW(KVMIO, 8, struct kvm_2006_interrupt)
#define KVM_2006_DEBUG_GUEST	_IOW(KVMIO, 9, struct kvm_2006_debug_guest)
#define KVM_2006_SET_MEMORY_REGION \
	_IOW(KVMIO, 10, struct kvm_2006_memory_region)
/* arg: the number, below DEVKVM_VCPUS_MAX (2006: 1), else EINVAL. EEXIST. */
#define KVM_2006_CREATE_VCPU	_IOW(KVMIO, 11, int)
#define KVM_2006_GET_DIRTY_LOG	_IOW(KVMIO, 12, struct kvm_2006_dirty_log)
#define KVM_2006_GET_MSRS	_IOWR(KVMIO, 13, struct kvm_2006_msrs)
#define KVM_2006_SET_MSRS	_IOWR(KVMIO, 14, struct kvm_2006_msrs)
#define KVM_2006_GET_MSR_INDEX_LIST _IOWR(KVMIO, 15, struct kvm_msr_list)

#endif
