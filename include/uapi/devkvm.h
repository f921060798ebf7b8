/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/kvm: virtual machines. This header is the manual of the interface.
 *
 * One node speaks two protocols, told apart by the whole 32-bit ioctl number:
 *
 *  - API 12, today's KVM protocol. The node is asked with the system ioctls;
 *    KVM_CREATE_VM returns a descriptor for a virtual machine and its
 *    KVM_CREATE_VCPU one for a virtual CPU. The names, numbers and layouts
 *    here are those of <linux/kvm.h>; include one of the two, not both.
 *  - The protocol of October 2006 (and of Linux 2.6.20). Opening the node
 *    makes the virtual machine; every ioctl goes to the node's descriptor and
 *    memory is mapped with mmap(fd, offset = guest-physical address). It is in
 *    devkvm_2006.h.
 *
 * Errors that any ioctl may return:
 *  ENOTTY  a virtual machine's descriptor has no such ioctl; on the node's
 *          and on a virtual CPU's that is EINVAL, as it always was
 *  EFAULT  an argument is not readable or not writable memory
 *  EIO     the virtual machine was made by another process (an address space
 *          other than the caller's), or the machine is being switched off
 *  EINTR   a signal came while waiting for the virtual CPU
 *  ENOMEM  no memory; nothing has changed
 * An ioctl that fails has changed nothing unless its comment says otherwise.
 */
#ifndef DEVKVM_H
#define DEVKVM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define KVMIO			0xAE
#define KVM_API_VERSION		12

/*
 * ---- Registers -----------------------------------------------------------
 */

/* KVM_GET_REGS, KVM_SET_REGS: every value is taken, see rflags. */
struct kvm_regs {
	__u64 rax, rbx, rcx, rdx;
	__u64 rsi, rdi, rsp, rbp;
	__u64 r8, r9, r10, r11;
	__u64 r12, r13, r14, r15;
	__u64 rip;
	__u64 rflags;		/* bit 1 reads as 1, reserved bits as 0 */
};

struct kvm_segment {
	__u64 base;
	__u32 limit;		/* in bytes, whatever g says */
	__u16 selector;
	__u8 type;		/* 0 to 15, as in a descriptor */
	__u8 present, dpl, db, s, l, g, avl;
	__u8 unusable;		/* 1: the register holds no segment */
	__u8 padding;
};

struct kvm_dtable {
	__u64 base;
	__u16 limit;
	__u16 padding[3];
};

#define KVM_NR_INTERRUPTS	256

/*
 * KVM_GET_SREGS, KVM_SET_SREGS. Setting fails with EINVAL for a combination
 * that no processor can be in: CR0.PG without CR0.PE; CR0.NW without CR0.CD;
 * bits above 31 in CR0; bits in CR4 or EFER that the guest cannot have; EFER.LME
 * with CR0.PG but without CR4.PAE; EFER.LMA that is not LME and PG; CS.L outside
 * long mode, or with CS.DB; CR3 above the guest's physical addresses; more than one
 * bit in interrupt_bitmap; reserved bits or x2APIC mode in apic_base.
 */
struct kvm_sregs {
	struct kvm_segment cs, ds, es, fs, gs, ss;
	struct kvm_segment tr, ldt;
	struct kvm_dtable gdt, idt;
	__u64 cr0, cr2, cr3, cr4;
	__u64 cr8;		/* 0 to 15; higher bits are ignored */
	__u64 efer;
	__u64 apic_base;
	/* the vector waiting to be injected; at most one bit */
	__u64 interrupt_bitmap[(KVM_NR_INTERRUPTS + 63) / 64];
};

/*
 * KVM_TRANSLATE: where the guest's page tables map a linear address, now.
 * Without paging in the guest the answer is the address itself.
 */
struct kvm_translation {
	__u64 linear_address;	/* in */
	__u64 physical_address;	/* out: all ones when not valid */
	__u8 valid;		/* out: 1 if mapped */
	__u8 writeable;		/* out: 1, as in-tree KVM always says */
	__u8 usermode;		/* out: 0, as in-tree KVM always says */
	__u8 pad[5];
};

/*
 * KVM_PRE_FAULT_MEMORY: nested page tables are filled as if the guest had read
 * all of a range; what it writes may still fault once. Afterwards gpa and size
 * are what is left: with 0 returned, not 0 if something was done first.
 *  EINVAL  flags not 0; gpa or size not a multiple of 4096; size 0; it wraps
 *  ENOENT  no slot at gpa
 *  EFAULT  the caller has no memory there
 *  EINTR   a signal
 */
struct kvm_pre_fault_memory {
	__u64 gpa;		/* in and out */
	__u64 size;		/* in and out: bytes */
	__u64 flags;
	__u64 padding[5];	/* ignored; write 0 */
};

/*
 * KVM_INTERRUPT: a vector, 0 to 255, else EINVAL. It takes the place of one that
 * waits, but not of one whose delivery an exception has cut short: it comes after
 * that. (KVM_GET_VCPU_EVENTS tells the first of the two.)
 */
struct kvm_interrupt {
	__u32 irq;
};

struct kvm_msr_entry {
	__u32 index;
	__u32 reserved;		/* ignored; write 0 */
	__u64 data;
};

/*
 * KVM_GET_MSRS, KVM_SET_MSRS: entries are done in order up to the first that
 * is refused; the result is how many were done. E2BIG: nmsrs above 255.
 *
 * The TSC (0x10) of several vCPUs is set one after the other and meant for one
 * moment: 0, and what is less than a second from what another vCPU was set to,
 * makes it the same as that one's. A machine's vCPUs begin with the same.
 */
struct kvm_msrs {
	__u32 nmsrs;
	__u32 pad;
	struct kvm_msr_entry entries[];
};

/*
 * KVM_GET_MSR_INDEX_LIST: those to save and restore. KVM_GET_MSR_FEATURE_INDEX_LIST:
 * those that KVM_GET_MSRS of the node reads, which tell what guests on this host can
 * have: IA32_ARCH_CAPABILITIES, as a new vCPU has it. nmsrs in: room; out: count.
 * E2BIG: too little room (the count is written, the list is not).
 */
struct kvm_msr_list {
	__u32 nmsrs;
	__u32 indices[];
};

struct kvm_cpuid_entry2 {
	__u32 function;		/* the leaf */
	__u32 index;		/* the subleaf, where flags says so */
	__u32 flags;		/* KVM_CPUID_FLAG_*; other bits are kept, unused */
	__u32 eax, ebx, ecx, edx;
	__u32 padding[3];
};

#define KVM_CPUID_FLAG_SIGNIFCANT_INDEX	(1 << 0)
#define KVM_CPUID_MAX_ENTRIES		256

/*
 * KVM_GET_FPU, KVM_SET_FPU: what FXSAVE saves. EINVAL: a reserved bit in mxcsr
 * (which in-tree KVM neither tells nor takes).
 */
struct kvm_fpu {
	__u8 fpr[8][16];
	__u16 fcw;
	__u16 fsw;
	__u8 ftwx;		/* in FXSAVE's form: a bit for each register in use */
	__u8 pad1;
	__u16 last_opcode;
	__u64 last_ip;
	__u64 last_dp;
	__u8 xmm[16][16];
	__u32 mxcsr;
	__u32 pad2;
};

/*
 * KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS: the guest's own. EINVAL: flags not 0,
 * or bits above 31 in dr6 or dr7. Of the others those that are reserved are as
 * a processor has them.
 */
struct kvm_debugregs {
	__u64 db[4];
	__u64 dr6;
	__u64 dr7;
	__u64 flags;
	__u64 reserved[9];	/* read as 0; ignored */
};

/*
 * KVM_GET_XSAVE, KVM_GET_XSAVE2, KVM_SET_XSAVE: what XSAVE saves, in its standard form. EINVAL:
 * XSTATE_BV has components that a guest cannot have here, or reserved fields
 * of the header are not 0, or reserved bits are in MXCSR.
 */
struct kvm_xsave {
	__u32 region[1024];
};

#define KVM_MAX_XCRS	16

struct kvm_xcr {
	__u32 xcr;		/* 0; others are ignored */
	__u32 reserved;
	__u64 value;
};

/*
 * KVM_GET_XCRS, KVM_SET_XCRS. EINVAL: nr_xcrs above KVM_MAX_XCRS, flags not 0,
 * a value for XCR0 that XSETBV would refuse, or a host without XSAVE.
 */
struct kvm_xcrs {
	__u32 nr_xcrs;
	__u32 flags;
	struct kvm_xcr xcrs[KVM_MAX_XCRS];
	__u64 padding[16];
};

/*
 * KVM_GET_MP_STATE, KVM_SET_MP_STATE: a virtual CPU is runnable, unless an
 * interrupt controller in the kernel says otherwise, which there is none.
 * EINVAL: another state.
 */
struct kvm_mp_state {
	__u32 mp_state;
};

#define KVM_MP_STATE_RUNNABLE	0

/*
 * KVM_X86_GET_MCE_CAP_SUPPORTED (node): a __u64, features of IA32_MCG_CAP that
 * a guest may have. KVM_X86_SETUP_MCE (vCPU): a __u64, the guest's IA32_MCG_CAP;
 * its banks are reset. Before it the guest has none. EINVAL: no bank, more than
 * KVM_CHECK_EXTENSION(KVM_CAP_MCE) says, or other features.
 * KVM_X86_SET_MCE (vCPU): an error in a bank. An uncorrected one (UC in status)
 * brings #MC, or shuts the guest down if it is still serving another or has
 * CR4.MCE off; nothing, if the guest has turned reports off. EINVAL: no such
 * bank, or VAL not in status.
 */
struct kvm_x86_mce {
	__u64 status;
	__u64 addr;
	__u64 misc;
	__u64 mcg_status;
	__u8 bank;
	__u8 pad1[7];
	__u64 pad2[3];
};

/*
 * KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS: what waits to be delivered. Setting
 * drops what waited before. EINVAL: unknown flags, or an exception's number
 * above 31 or 2. (KVM_NMI, without an argument, sends one more NMI.)
 * Exceptions 3 and 4 are of the INT3 or INTO at RIP, if its exit was the last one, and
 * return behind it; else they are of no instruction, and return to RIP.
 */
struct kvm_vcpu_events {
	struct {
		__u8 injected;		/* 1: it waits */
		__u8 nr;
		__u8 has_error_code;
		__u8 pending;		/* read as 0; ignored */
		__u32 error_code;
	} exception;
	struct {
		__u8 injected;
		__u8 nr;
		__u8 soft;		/* read as 0; 1: INT n, which runs again */
		__u8 shadow;		/* KVM_X86_SHADOW_INT_* */
	} interrupt;
	struct {
		__u8 injected;
		__u8 pending;		/* how many more wait, at most 2 */
		__u8 masked;		/* 1: one is being served */
		__u8 pad;
	} nmi;
	__u32 sipi_vector;		/* read as 0; ignored */
	__u32 flags;			/* KVM_VCPUEVENT_VALID_* */
	struct {
		__u8 smm;
		__u8 pending;
		__u8 smm_inside_nmi;
		__u8 latched_init;
	} smi;				/* read as 0; ignored */
	__u8 reserved[27];		/* read as 0; ignored */
	__u8 exception_has_payload;	/* read as 0; ignored */
	__u64 exception_payload;	/* read as 0; ignored */
};

/* Which fields count when set; the others stay as they are in the guest. */
#define KVM_VCPUEVENT_VALID_NMI_PENDING	0x00000001	/* nmi.pending */
#define KVM_VCPUEVENT_VALID_SIPI_VECTOR	0x00000002	/* taken, and nothing */
#define KVM_VCPUEVENT_VALID_SHADOW	0x00000004	/* interrupt.shadow */

#define KVM_X86_SHADOW_INT_MOV_SS	0x01
#define KVM_X86_SHADOW_INT_STI		0x02

/*
 * KVM_GET_SUPPORTED_CPUID (node): what this host can give a guest. nent in:
 * room, out: count. E2BIG: too little room, or nent is 0; nothing is written.
 * KVM_SET_CPUID2 (vCPU): what CPUID answers in the guest. A bit of CR4, of EFER or
 * of XCR0 that goes with a feature it can set only if the feature is told. Before it,
 * every leaf answers zero, and the guest may set what the host can do. E2BIG: nent
 * above KVM_CPUID_MAX_ENTRIES. EINVAL: linear addresses of other than 0, 48 or 57
 * bits (leaf 0x80000008); another table than before, once the vCPU has run.
 * KVM_GET_CPUID2 (vCPU): reads it back. E2BIG: too little room.
 */
struct kvm_cpuid2 {
	__u32 nent;
	__u32 padding;
	struct kvm_cpuid_entry2 entries[];
};

/*
 * KVM_SET_SIGNAL_MASK: signals blocked while KVM_RUN runs. EINVAL: len is not
 * the size of the kernel's signal set (8). A null argument removes the mask.
 */
struct kvm_signal_mask {
	__u32 len;
	__u8 sigset[];
};

/*
 * KVM_SET_GUEST_DEBUG: debugs the guest from outside, until it is called again.
 * What it finds ends KVM_RUN with KVM_EXIT_DEBUG. While single-stepped, the
 * guest sees RFLAGS.TF set where it pushes the flags. Accesses that are
 * emulated (devices) meet no watchpoint.
 *  EINVAL  unknown bits in control
 *  EBUSY   an exception to inject while another event waits
 */
struct kvm_guest_debug_arch {
	/* 0 to 3: addresses, 7: DR7; for KVM_GUESTDBG_USE_HW_BP */
	__u64 debugreg[8];
};

struct kvm_guest_debug {
	__u32 control;		/* KVM_GUESTDBG_* */
	__u32 pad;		/* ignored; write 0 */
	struct kvm_guest_debug_arch arch;
};

#define KVM_GUESTDBG_ENABLE	0x00000001	/* without it: nothing of it */
#define KVM_GUESTDBG_SINGLESTEP	0x00000002	/* exit after each instruction */
/* exit at each INT3, before it */
#define KVM_GUESTDBG_USE_SW_BP	0x00010000
/* debugreg in place of the guest's registers, which it goes on to see */
#define KVM_GUESTDBG_USE_HW_BP	0x00020000
/* once: the guest gets a #DB, or the #BP of the INT3 that it is at */
#define KVM_GUESTDBG_INJECT_DB	0x00040000
#define KVM_GUESTDBG_INJECT_BP	0x00080000

/* KVM_EXIT_DEBUG */
struct kvm_debug_exit_arch {
	__u32 exception;	/* 1: #DB; 3: INT3 */
	__u32 pad;
	__u64 pc;		/* linear address of the next instruction */
	__u64 dr6;		/* of #DB: what happened */
	__u64 dr7;		/* of #DB: as it was in force */
};

/*
 * ---- Memory --------------------------------------------------------------
 */

/*
 * KVM_SET_USER_MEMORY_REGION (VM): makes, moves or deletes a slot, a window
 * from guest-physical addresses to the caller's memory. The memory is not
 * pinned: what the caller does to its mapping, the guest sees.
 *  EINVAL  slot out of range; flags unknown; address or size not a
 *          multiple of 4096; userspace_addr not user memory; the
 *          range wraps, or ends above the guest's physical addresses, or
 *          has 2^31 pages or more;
 *          memory_size 0 for a slot that does not exist; another size,
 *          userspace_addr or _READONLY for a slot that does (delete it first)
 *  EEXIST  another slot covers part of the range
 */
struct kvm_userspace_memory_region {
	__u32 slot;		/* 0 to DEVKVM_SLOTS_MAX - 1 */
	__u32 flags;		/* KVM_MEM_* */
	__u64 guest_phys_addr;
	__u64 memory_size;	/* bytes; 0 deletes the slot */
	__u64 userspace_addr;
};

#define DEVKVM_SLOTS_MAX	512

/* From now on KVM_GET_DIRTY_LOG tells what is written; without it no more. */
#define KVM_MEM_LOG_DIRTY_PAGES	(1UL << 0)
/*
 * The guest may only read it: what it writes ends in KVM_EXIT_MMIO. The caller
 * needs no right to write there. Page tables in such memory must have their
 * accessed and dirty bits set, and can be used on VMX only: SVM's walks are
 * writes. Where the processor would have to write to one, KVM_RUN ends with
 * KVM_EXIT_INTERNAL_ERROR (_EMULATION).
 */
#define KVM_MEM_READONLY	(1UL << 1)

/*
 * KVM_SET_GSI_ROUTING (VM): EINVAL, for there is no interrupt controller in the
 * kernel to route to. (QEMU wants KVM_CAP_IRQ_ROUTING all the same.)
 */
struct kvm_irq_routing {
	__u32 nr;
	__u32 flags;
};

/*
 * KVM_GET_CLOCK, KVM_SET_CLOCK (VM): nanoseconds since the machine was made, or
 * since what was set; suspend counts. No clock in the guest follows it yet.
 * What was got may be set as it is; of flags only _REALTIME counts then. EINVAL:
 * flags other than those below.
 */
struct kvm_clock_data {
	__u64 clock;
	__u32 flags;		/* KVM_CLOCK_*: which of the others count */
	__u32 pad0;		/* read as 0; ignored */
	/*
	 * nanoseconds since 1970 at which it was so; set: what has passed
	 * since is added, if it is not negative
	 */
	__u64 realtime;
	__u64 host_tsc;		/* out */
	__u32 pad[4];		/* read as 0; ignored */
};

#define KVM_CLOCK_TSC_STABLE	2	/* never told here */
#define KVM_CLOCK_REALTIME	(1 << 2)
#define KVM_CLOCK_HOST_TSC	(1 << 3)

/*
 * KVM_GET_STATS_FD (VM or vCPU): a descriptor to read what is counted. Also for
 * other processes that have the machine's or the vCPU's (pidfd_getfd), and
 * while the vCPU runs. It has a header; at id_offset a name, "kvm-PID" or
 * "kvm-PID/vcpu-N", of name_size bytes; at desc_offset num_desc descriptors,
 * each with a name of name_size bytes behind it; at data_offset the values, as
 * they are at that read().
 */
struct kvm_stats_header {
	__u32 flags;		/* 0 */
	__u32 name_size;	/* bytes, with the NUL */
	__u32 num_desc;
	__u32 id_offset;
	__u32 desc_offset;
	__u32 data_offset;
};

struct kvm_stats_desc {
	__u32 flags;		/* KVM_STATS_TYPE_*; no unit, powers of ten */
	__s16 exponent;		/* 0 */
	__u16 size;		/* values of 8 bytes: 1 */
	__u32 offset;		/* bytes from data_offset */
	__u32 bucket_size;	/* 0 */
	char name[];
};

#define KVM_STATS_TYPE_SHIFT		0
#define KVM_STATS_TYPE_CUMULATIVE	(0x0 << KVM_STATS_TYPE_SHIFT)	/* only grows */
#define KVM_STATS_TYPE_INSTANT		(0x1 << KVM_STATS_TYPE_SHIFT)

/*
 * KVM_GET_DIRTY_LOG (VM): which pages of a slot the guest may have written
 * since the last call, or since the flag was set; what the caller writes does
 * not count. A bit for each 4096 bytes, bit 0 of the first byte for the
 * first, in whole units of 8 bytes.
 *  EINVAL  slot out of range
 *  ENOENT  no such slot, or it was made without the flag
 *  EFAULT  the bitmap cannot be written; it will be told again
 */
struct kvm_dirty_log {
	__u32 slot;
	__u32 padding1;		/* ignored; write 0 */
	union {
		void *dirty_bitmap;
		__u64 padding2;
	};
};

/*
 * KVM_CLEAR_DIRTY_LOG (VM): pages of a slot are told no more until they are
 * written again: those whose bits are set in the bitmap, of num_pages from
 * first_page on, in whole units of 8 bytes. (Without KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 enabled,
 * KVM_GET_DIRTY_LOG does this by itself.)
 *  EINVAL  slot out of range; first_page not a multiple of 64; num_pages
 *          neither that nor up to the end of the slot; more than the slot has
 *  ENOENT  no such slot, or it was made without KVM_MEM_LOG_DIRTY_PAGES
 *  EFAULT  the bitmap cannot be read
 */
struct kvm_clear_dirty_log {
	__u32 slot;
	__u32 num_pages;
	__u64 first_page;
	union {
		void *dirty_bitmap;
		__u64 padding2;
	};
};

/*
 * KVM_ENABLE_CAP (VM): turns on what changes how ioctls behave. There is one:
 * KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, args[0] = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE
 * or 0 for off: KVM_GET_DIRTY_LOG tells without clearing. EINVAL: another, flags
 * not 0, or other options.
 */
struct kvm_enable_cap {
	__u32 cap;
	__u32 flags;		/* 0 */
	__u64 args[4];
	__u8 pad[64];		/* ignored */
};

#define KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE	(1 << 0)

/*
 * KVM_IOEVENTFD (VM): writes of the guest that signal an eventfd in place of an exit:
 * stores to a device, at addr in memory that no slot shows, or OUT to a port. The event
 * holds the eventfd.
 *  EBADF   fd is no descriptor
 *  EINVAL  it is no eventfd; len is none of 0, 1, 2, 4, 8; the range wraps;
 *          another flag; a value, but no length
 *  EEXIST  some writes would be this event and another
 *  ENOENT  KVM_IOEVENTFD_FLAG_DEASSIGN: there is none that is the same in all
 *  ENOSPC  DEVKVM_IOEVENTFDS_MAX are there
 * What string instructions write to ports is not looked at: it exits.
 */
struct kvm_ioeventfd {
	__u64 datamatch;	/* with KVM_IOEVENTFD_FLAG_DATAMATCH: only this value */
	__u64 addr;
	__u32 len;		/* bytes that are written at once; 0: however many */
	__s32 fd;
	__u32 flags;
	__u8 pad[36];		/* ignored */
};

#define KVM_IOEVENTFD_FLAG_DATAMATCH	(1 << 0)
#define KVM_IOEVENTFD_FLAG_PIO		(1 << 1)	/* addr is a port */
#define KVM_IOEVENTFD_FLAG_DEASSIGN	(1 << 2)	/* no longer */

/*
 * ---- Running -------------------------------------------------------------
 */

#define KVM_EXIT_UNKNOWN		0
#define KVM_EXIT_EXCEPTION		1
#define KVM_EXIT_IO			2
#define KVM_EXIT_DEBUG			4
#define KVM_EXIT_HLT			5
#define KVM_EXIT_MMIO			6
#define KVM_EXIT_IRQ_WINDOW_OPEN	7
#define KVM_EXIT_SHUTDOWN		8
#define KVM_EXIT_FAIL_ENTRY		9
#define KVM_EXIT_INTR			10
#define KVM_EXIT_SET_TPR		11
#define KVM_EXIT_INTERNAL_ERROR		17
/* Ours: what DEVKVM_SET_POLICY asked to see. */
#define DEVKVM_EXIT_POLICY		0x10000

#define KVM_EXIT_IO_IN			0
#define KVM_EXIT_IO_OUT			1

#define KVM_INTERNAL_ERROR_EMULATION	1
#define KVM_INTERNAL_ERROR_DELIVERY_EV	3
#define KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON 4

/*
 * The first page of a virtual CPU's mapping; KVM_GET_VCPU_MMAP_SIZE says how
 * much to map. Written by KVM_RUN when it returns 0, or -1 with EINTR (then
 * exit_reason is KVM_EXIT_INTR); the `in` fields are read when it starts.
 */
struct kvm_run {
	__u8 request_interrupt_window;	/* in: 1: exit when an interrupt can be taken */
	__u8 immediate_exit;		/* in: not 0: finish the last exit, then EINTR */
	__u8 padding1[6];

	__u32 exit_reason;		/* out: KVM_EXIT_* */
	__u8 ready_for_interrupt_injection; /* out: 1: KVM_INTERRUPT is welcome */
	__u8 if_flag;			/* out: RFLAGS.IF */
	__u16 flags;			/* out: 0 */

	/* in and out: the task priority; KVM_EXIT_SET_TPR: the guest has lowered it */
	__u64 cr8;
	__u64 apic_base;		/* out */

	union {
		/* KVM_EXIT_UNKNOWN: an exit that has no other name */
		struct {
			__u64 hardware_exit_reason;
		} hw;
		/* KVM_EXIT_FAIL_ENTRY: the processor refused the guest's state */
		struct {
			__u64 hardware_entry_failure_reason;
			__u32 cpu;
			/*
			 * Ours: a field that cannot be as it is. SVM: its offset
			 * in the VMCB (APM volume 2, appendix B); VMX: its encoding
			 * (SDM volume 3, appendix B); 0: it cannot be told.
			 */
			__u32 field;
		} fail_entry;
		/*
		 * KVM_EXIT_EXCEPTION: a split lock of the guest (#AC, 17) that
		 * the host does not tolerate (split_lock_detect=fatal)
		 */
		struct {
			__u32 exception;
			__u32 error_code;
		} ex;
		/* KVM_EXIT_DEBUG */
		struct {
			struct kvm_debug_exit_arch arch;
		} debug;
		/*
		 * KVM_EXIT_IO: `count` values of `size` bytes at data_offset
		 * from the start of the mapping, more than one only for INS and
		 * OUTS. For an IN, write them there; the next KVM_RUN finishes
		 * the instruction. After OUTS the registers are those after
		 * the values; REP may bring further exits. KVM_SET_REGS with
		 * another RIP leaves the instruction as it is.
		 */
		struct {
			__u8 direction;	/* KVM_EXIT_IO_IN or _OUT */
			__u8 size;	/* 1, 2 or 4 */
			__u16 port;
			__u32 count;
			__u64 data_offset;
		} io;
		/*
		 * KVM_EXIT_MMIO: the guest accessed `len` bytes, 1 to 8, at a
		 * guest-physical address without a slot. For a read, write
		 * `len` bytes to data; the next KVM_RUN takes them. A larger
		 * access, or one across pages, comes as several exits, in the
		 * order of addresses; what of it is in a slot is done here.
		 * After a write the registers are those after the instruction
		 * (REP: after one element). KVM_SET_REGS with another RIP
		 * drops a read that waits.
		 */
		struct {
			__u64 phys_addr;
			__u8 data[8];	/* bytes after len read as 0 */
			__u32 len;
			__u8 is_write;
		} mmio;
		/*
		 * KVM_EXIT_INTERNAL_ERROR: what the guest did is not supported
		 * here. _EMULATION: an instruction that accesses memory
		 * outside all slots and is not known to the emulator, code or
		 * page tables there, or page tables that the processor
		 * must write to in a slot that may only be read;
		 * _DELIVERY_EV: a stack or descriptor table there, used by
		 * the delivery of an event. data[0] is the guest-physical
		 * address, data[1] 1 for a write.
		 */
		struct {
			__u32 suberror;
			__u32 ndata;
			__u64 data[16];
		} internal;
		/*
		 * DEVKVM_EXIT_POLICY: the guest is at an instruction (or has
		 * raised an exception) that a rule is about, which is not done.
		 * Write `answer` and what it takes; the next KVM_RUN goes on
		 * with it. KVM_SET_REGS with another RIP drops it.
		 */
		struct {
			__u32 rule;	/* which matched first, from 0 */
			__u32 event;	/* DEVKVM_EVENT_* */
			__u32 number;	/* as first and last of a rule */
			__u8 write;	/* 1: a write, OUT */
			__u8 cpl;
			__u8 size;	/* bytes, of _PORT */
			__u8 string;	/* _PORT: 1: INS or OUTS, no value */
			/* what a rule's value is compared with */
			__u64 value;
			__u64 cr3;
			__u64 address;	/* of a page fault */
			/* in: DEVKVM_ANSWER_*; written as _PASS */
			__u32 answer;
			__u32 reserved;
			/* in, _VALUE: what is read; CPUID: EAX EBX ECX EDX */
			__u64 result[4];
		} policy;
		char padding[256];
	};

	__u64 kvm_valid_regs;		/* must be 0: no register sync */
	__u64 kvm_dirty_regs;		/* must be 0 */
	union {
		char padding[2048];
	} s;
};

/*
 * ---- API 12: the node ----------------------------------------------------
 */
#define KVM_GET_API_VERSION	_IO(KVMIO, 0x00)	/* 12; EINVAL: arg not 0 */
#define KVM_CREATE_VM		_IO(KVMIO, 0x01)	/* arg: type, 0; else EINVAL */
#define KVM_GET_MSR_INDEX_LIST	_IOWR(KVMIO, 0x02, struct kvm_msr_list)
#define KVM_CHECK_EXTENSION	_IO(KVMIO, 0x03)	/* arg: KVM_CAP_*; 0: no */
#define KVM_GET_VCPU_MMAP_SIZE	_IO(KVMIO, 0x04)	/* bytes; EINVAL: arg not 0 */
#define KVM_GET_SUPPORTED_CPUID	_IOWR(KVMIO, 0x05, struct kvm_cpuid2)
#define KVM_GET_MSR_FEATURE_INDEX_LIST _IOWR(KVMIO, 0x0a, struct kvm_msr_list)
#define KVM_X86_GET_MCE_CAP_SUPPORTED _IOR(KVMIO, 0x9d, __u64)

#define KVM_CAP_USER_MEMORY			3
#define KVM_CAP_SET_TSS_ADDR			4
#define KVM_CAP_EXT_CPUID			7
#define KVM_CAP_NR_VCPUS			9
#define KVM_CAP_NR_MEMSLOTS			10
#define KVM_CAP_MP_STATE			14
#define KVM_CAP_SYNC_MMU			16
#define KVM_CAP_DESTROY_MEMORY_REGION_WORKS	21
#define KVM_CAP_USER_NMI			22
#define KVM_CAP_SET_GUEST_DEBUG			23
#define KVM_CAP_IRQ_ROUTING			25	/* see KVM_SET_GSI_ROUTING */
#define KVM_CAP_JOIN_MEMORY_REGIONS_WORKS	30
#define KVM_CAP_MCE				31	/* how many banks */
#define KVM_CAP_IOEVENTFD			36
#define KVM_CAP_ADJUST_CLOCK			39	/* KVM_CLOCK_* */
#define KVM_CAP_VCPU_EVENTS			41
#define KVM_CAP_INTR_SHADOW			49
#define KVM_CAP_DEBUGREGS			50
#define KVM_CAP_XSAVE				55
#define KVM_CAP_XCRS				56
#define KVM_CAP_MAX_VCPUS			66
#define KVM_CAP_READONLY_MEM			81
#define KVM_CAP_IOEVENTFD_NO_LENGTH		100
#define KVM_CAP_CHECK_EXTENSION_VM		105
#define KVM_CAP_IOEVENTFD_ANY_LENGTH		122
#define KVM_CAP_MAX_VCPU_ID			128
#define KVM_CAP_IMMEDIATE_EXIT			136
#define KVM_CAP_GET_MSR_FEATURES		153
#define KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2	168	/* its options; see KVM_ENABLE_CAP */
#define KVM_CAP_BINARY_STATS_FD			203
#define KVM_CAP_XSAVE2				208	/* bytes: 4096 */
#define KVM_CAP_PRE_FAULT_MEMORY		236

/*
 * ---- API 12: a virtual machine -------------------------------------------
 */
/* arg: the id, below DEVKVM_VCPUS_MAX, else EINVAL. EEXIST: there is one. */
#define KVM_CREATE_VCPU		_IO(KVMIO, 0x41)
#define KVM_SET_USER_MEMORY_REGION \
	_IOW(KVMIO, 0x46, struct kvm_userspace_memory_region)
#define KVM_GET_DIRTY_LOG	_IOW(KVMIO, 0x42, struct kvm_dirty_log)
#define KVM_CLEAR_DIRTY_LOG	_IOWR(KVMIO, 0xc0, struct kvm_clear_dirty_log)
#define KVM_IOEVENTFD		_IOW(KVMIO, 0x79, struct kvm_ioeventfd)
#define KVM_ENABLE_CAP		_IOW(KVMIO, 0xa3, struct kvm_enable_cap)
#define KVM_SET_CLOCK		_IOW(KVMIO, 0x7b, struct kvm_clock_data)
#define KVM_GET_CLOCK		_IOR(KVMIO, 0x7c, struct kvm_clock_data)
/* See struct kvm_stats_header; of a vCPU's descriptor, too. EINVAL: arg not 0. */
#define KVM_GET_STATS_FD	_IO(KVMIO, 0xce)
#define KVM_SET_GSI_ROUTING	_IOW(KVMIO, 0x6a, struct kvm_irq_routing)
/* arg: ignored save its range: EINVAL above 4 GiB less three pages. */
#define KVM_SET_TSS_ADDR	_IO(KVMIO, 0x47)

#define DEVKVM_VCPUS_MAX	64
#define DEVKVM_IOEVENTFDS_MAX	1000

/*
 * ---- API 12: a virtual CPU -----------------------------------------------
 */
/*
 * Runs the guest until something needs the caller. EINTR: a signal, or
 * immediate_exit. EFAULT: the guest touched a slot whose memory the caller has
 * not mapped (or not for writing). EINVAL: arg not 0, kvm_valid_regs or
 * kvm_dirty_regs not 0, or cr8 above 15.
 */
#define KVM_RUN			_IO(KVMIO, 0x80)
#define KVM_GET_REGS		_IOR(KVMIO, 0x81, struct kvm_regs)
#define KVM_SET_REGS		_IOW(KVMIO, 0x82, struct kvm_regs)
#define KVM_GET_SREGS		_IOR(KVMIO, 0x83, struct kvm_sregs)
#define KVM_SET_SREGS		_IOW(KVMIO, 0x84, struct kvm_sregs)
#define KVM_TRANSLATE		_IOWR(KVMIO, 0x85, struct kvm_translation)
#define KVM_INTERRUPT		_IOW(KVMIO, 0x86, struct kvm_interrupt)
#define KVM_GET_MSRS		_IOWR(KVMIO, 0x88, struct kvm_msrs) /* also of the node */
#define KVM_SET_MSRS		_IOW(KVMIO, 0x89, struct kvm_msrs)
#define KVM_SET_SIGNAL_MASK	_IOW(KVMIO, 0x8b, struct kvm_signal_mask)
#define KVM_GET_FPU		_IOR(KVMIO, 0x8c, struct kvm_fpu)
#define KVM_SET_FPU		_IOW(KVMIO, 0x8d, struct kvm_fpu)
#define KVM_SET_CPUID2		_IOW(KVMIO, 0x90, struct kvm_cpuid2)
#define KVM_GET_CPUID2		_IOWR(KVMIO, 0x91, struct kvm_cpuid2)
#define KVM_GET_MP_STATE	_IOR(KVMIO, 0x98, struct kvm_mp_state)
#define KVM_SET_MP_STATE	_IOW(KVMIO, 0x99, struct kvm_mp_state)
#define KVM_NMI			_IO(KVMIO, 0x9a)
#define KVM_SET_GUEST_DEBUG	_IOW(KVMIO, 0x9b, struct kvm_guest_debug)
#define KVM_X86_SETUP_MCE	_IOW(KVMIO, 0x9c, __u64)
#define KVM_X86_SET_MCE		_IOW(KVMIO, 0x9e, struct kvm_x86_mce)
#define KVM_GET_VCPU_EVENTS	_IOR(KVMIO, 0x9f, struct kvm_vcpu_events)
#define KVM_SET_VCPU_EVENTS	_IOW(KVMIO, 0xa0, struct kvm_vcpu_events)
#define KVM_GET_DEBUGREGS	_IOR(KVMIO, 0xa1, struct kvm_debugregs)
#define KVM_SET_DEBUGREGS	_IOW(KVMIO, 0xa2, struct kvm_debugregs)
#define KVM_GET_XSAVE		_IOR(KVMIO, 0xa4, struct kvm_xsave)
#define KVM_SET_XSAVE		_IOW(KVMIO, 0xa5, struct kvm_xsave)
#define KVM_GET_XCRS		_IOR(KVMIO, 0xa6, struct kvm_xcrs)
#define KVM_SET_XCRS		_IOW(KVMIO, 0xa7, struct kvm_xcrs)
#define KVM_GET_XSAVE2		_IOR(KVMIO, 0xcf, struct kvm_xsave)
#define KVM_PRE_FAULT_MEMORY	_IOWR(KVMIO, 0xd5, struct kvm_pre_fault_memory)

/*
 * ---- Our own -------------------------------------------------------------
 */

/*
 * DEVKVM_GET_INFO (node): what this module is. The caller sets size to the
 * size that it knows; as many bytes are filled, and size is set to the size
 * that the module knows. EINVAL: size below DEVKVM_INFO_SIZE_MIN.
 */
struct devkvm_info {
	__u32 size;		/* in and out: bytes */
	__u32 abi;		/* DEVKVM_ABI */
	__u32 api;		/* KVM_API_VERSION */
	__u32 features;		/* DEVKVM_FEATURE_* */
	char version[16];	/* of the module, NUL-terminated */
	char backend[8];	/* "svm" or "vmx", NUL-terminated */
	__u32 tdp_levels;	/* depth of the nested page tables, 4 or 5 */
	__u32 vcpus_max;
	__u32 slots_max;
	__u32 vms;		/* virtual machines that exist now */
	__u32 large_pages;	/* their mappings of 2 MiB that exist now */
	__u32 reserved;		/* 0 */
};

#define DEVKVM_ABI		1
#define DEVKVM_INFO_SIZE_MIN	16
#define DEVKVM_FEATURE_2006	(1U << 0)	/* the protocol of 2006 */
#define DEVKVM_FEATURE_API12	(1U << 1)	/* KVM's API 12 */

#define DEVKVM_GET_INFO		_IOWR(KVMIO, 0xF0, struct devkvm_info)

/*
 * DEVKVM_MAP_GPT (vCPU; or the node, for a machine of 2006): makes the entries
 * in the guest's own page tables that map one page, in the paging mode that the
 * vCPU is in (32-bit, PAE, 4 or 5 levels). Tables that are missing are taken
 * from a list of guest-physical pages, the first for the highest; each is
 * zeroed first. One compare-and-exchange makes all of it visible, so the guest
 * may run meanwhile; every vCPU forgets its translations afterwards. (With PAE
 * the four entries at the top are loaded again on this vCPU, unless one has a
 * reserved bit; another sees them at its next MOV to CR3.) KVM_TRANSLATE reads it back.
 *
 * Returns how many tables were taken. After an error all is as before, save
 * that pages of the list may have been written to.
 *  EINVAL  no paging in the guest; page_size is not one of the mode; addresses
 *          not a multiple of it, not canonical or too high; unknown flags;
 *          NO_EXECUTE without EFER.NXE; a table unaligned, too high, twice in
 *          the list or in use on the way
 *  EEXIST  a page is mapped there, and REPLACE not given; or one of another
 *          size; or a table, where a large page is wanted
 *  EACCES  a table on the way has not the rights that the page shall have
 *  ENOSPC  more tables are needed
 *  EFAULT  a table is not in a slot's memory, or the list cannot be read
 *  EAGAIN  the guest changed the entry at that moment
 */
struct devkvm_map_gpt {
	__u32 vcpu;		/* of a machine of 2006; else ignored */
	__u32 flags;		/* DEVKVM_MAP_* */
	__u64 linear_address;
	__u64 physical_address;
	__u64 page_size;	/* bytes: 4 KiB, 2 MiB, 1 GiB; 4 MiB with 32-bit */
	__u64 tables;		/* address of a list of __u64 */
	__u32 table_count;	/* at most 4 are needed */
	__u32 reserved;		/* 0 */
};

#define DEVKVM_MAP_WRITE	(1U << 0)
#define DEVKVM_MAP_USER		(1U << 1)	/* for CPL 3 too */
#define DEVKVM_MAP_GLOBAL	(1U << 2)
#define DEVKVM_MAP_NO_EXECUTE	(1U << 3)
#define DEVKVM_MAP_REPLACE	(1U << 4)	/* a page that is mapped there */

#define DEVKVM_MAP_GPT		_IOW(KVMIO, 0xF1, struct devkvm_map_gpt)

/*
 * DEVKVM_SET_POLICY (vCPU): which privileged operations of the guest its owner
 * wants to see, to answer, or to deny. The rules take the place of those that
 * were there; none is the end of it. For each operation the first rule that
 * matches counts. What no rule is about takes no exit more than before.
 *  EINVAL      more rules than DEVKVM_RULES_MAX; a field with a value that is
 *              not named here, or that the event does not have
 *  EOPNOTSUPP  this processor cannot tell (DEVKVM_GET_POLICY_INFO says what it
 *              can): a rule's range must be within that
 */
struct devkvm_rule {
	__u32 event;		/* DEVKVM_EVENT_* */
	__u32 action;		/* DEVKVM_ACTION_* */
	__u32 flags;		/* DEVKVM_RULE_* */
	/*
	 * Inclusive: the number of the control or debug register, MSR, port,
	 * CPUID leaf or exception; 0 and 0 for other events
	 */
	__u32 first, last;
	__u32 cpl;		/* bit n: at CPL n; 0: at any */
	/* _RULE_VALUE: (what is written & mask) == value */
	__u64 mask, value;
	__u64 cr3;		/* _RULE_CR3: bits 51:12 count */
};

/*
 * What (.. & mask) == value looks at: CR, DR, MSR, PORT: what is written;
 * CPUID: the subleaf (ECX); INVLPG: the address; EXCEPTION: the error code.
 * A write to CR0 or CR4 that changes no bit may not be seen.
 */
#define DEVKVM_EVENT_CR		0	/* MOV; CLTS and LMSW are writes of CR0 */
#define DEVKVM_EVENT_DR		1	/* 4 and 5 by their own numbers */
#define DEVKVM_EVENT_MSR	2
#define DEVKVM_EVENT_PORT	3	/* the first port of the access */
#define DEVKVM_EVENT_CPUID	4	/* the leaf (EAX) */
#define DEVKVM_EVENT_HLT	5
#define DEVKVM_EVENT_RDTSC	6	/* and RDTSCP */
#define DEVKVM_EVENT_INVLPG	7
#define DEVKVM_EVENT_EXCEPTION	8	/* before its delivery, after a debugger */

#define DEVKVM_ACTION_EXIT	0	/* KVM_RUN returns with DEVKVM_EXIT_POLICY */
#define DEVKVM_ACTION_PASS	1	/* as without rules; hides those that follow */
#define DEVKVM_ACTION_DENY	2	/* #GP(0) */

/* At least one of the two for CR, DR, MSR and PORT; neither for others. */
#define DEVKVM_RULE_READ	(1U << 0)
#define DEVKVM_RULE_WRITE	(1U << 1)
#define DEVKVM_RULE_VALUE	(1U << 2)	/* not with _READ, HLT, RDTSC */
#define DEVKVM_RULE_CR3		(1U << 3)

#define DEVKVM_RULES_MAX	64

/*
 * Answers to DEVKVM_EXIT_POLICY. KVM_RUN with another fails with EINVAL, and
 * goes on waiting; so does _VALUE for INS and OUTS.
 */
#define DEVKVM_ANSWER_PASS	0	/* it is done as without rules, with the
					 * registers as they are now
					 */
/* A read gives result; a write is left out; an exception did not happen. */
#define DEVKVM_ANSWER_VALUE	1
#define DEVKVM_ANSWER_DENY	2	/* #GP(0) in its place */

struct devkvm_policy {
	__u64 rules;		/* address of struct devkvm_rule[count] */
	__u32 count;
	__u32 reserved;		/* 0 */
};

/*
 * DEVKVM_GET_POLICY_INFO (node): what this processor can tell. size as in
 * DEVKVM_GET_INFO; EINVAL: below DEVKVM_POLICY_INFO_SIZE_MIN.
 */
struct devkvm_policy_info {
	__u32 size;		/* in and out: bytes */
	__u32 rules_max;
	__u32 events;		/* bit n: DEVKVM_EVENT n */
	__u32 cr_read, cr_write; /* bit n: of CRn */
	__u32 exceptions;	/* bit n: vector n */
};

#define DEVKVM_POLICY_INFO_SIZE_MIN	8

#define DEVKVM_SET_POLICY	_IOW(KVMIO, 0xF2, struct devkvm_policy)
#define DEVKVM_GET_POLICY_INFO	_IOWR(KVMIO, 0xF3, struct devkvm_policy_info)

#endif
