/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The virtual machine control block of AMD's SVM: AMD64 Architecture
 * Programmer's Manual, volume 2, appendix B (layout) and C (exit codes).
 */
#ifndef KVM_SVM_VMCB_H
#define KVM_SVM_VMCB_H

#include "../pure.h"

/* vmcb.intercept_misc1 */
#define SVM_MISC1_INTR		(1u << 0)
#define SVM_MISC1_NMI		(1u << 1)
#define SVM_MISC1_SMI		(1u << 2)
#define SVM_MISC1_INIT		(1u << 3)
#define SVM_MISC1_VINTR		(1u << 4)
#define SVM_MISC1_CR0_SEL_WRITE	(1u << 5)	/* of more than TS and MP */
#define SVM_MISC1_RDTSC		(1u << 14)
#define SVM_MISC1_RDPMC		(1u << 15)
#define SVM_MISC1_CPUID		(1u << 18)
#define SVM_MISC1_RSM		(1u << 19)
#define SVM_MISC1_IRET		(1u << 20)
#define SVM_MISC1_INVD		(1u << 22)
#define SVM_MISC1_HLT		(1u << 24)
#define SVM_MISC1_INVLPG	(1u << 25)
#define SVM_MISC1_INVLPGA	(1u << 26)
#define SVM_MISC1_IOIO		(1u << 27)
#define SVM_MISC1_MSR		(1u << 28)
#define SVM_MISC1_TASK		(1u << 29)
#define SVM_MISC1_FERR		(1u << 30)
#define SVM_MISC1_SHUTDOWN	(1u << 31)

/* vmcb.intercept_misc2 */
#define SVM_MISC2_VMRUN		(1u << 0)
#define SVM_MISC2_VMMCALL	(1u << 1)
#define SVM_MISC2_VMLOAD	(1u << 2)
#define SVM_MISC2_VMSAVE	(1u << 3)
#define SVM_MISC2_STGI		(1u << 4)
#define SVM_MISC2_CLGI		(1u << 5)
#define SVM_MISC2_SKINIT	(1u << 6)
#define SVM_MISC2_RDTSCP	(1u << 7)
#define SVM_MISC2_WBINVD	(1u << 9)
#define SVM_MISC2_MONITOR	(1u << 10)
#define SVM_MISC2_MWAIT		(1u << 11)
#define SVM_MISC2_XSETBV	(1u << 13)
#define SVM_MISC2_RDPRU		(1u << 14)

/* vmcb.intercept_misc3 */
#define SVM_MISC3_INVLPGB	(1u << 0)
#define SVM_MISC3_INVPCID	(1u << 2)
#define SVM_MISC3_MCOMMIT	(1u << 3)
#define SVM_MISC3_TLBSYNC	(1u << 4)

/* vmcb.tlb_control */
#define SVM_TLB_KEEP		0
#define SVM_TLB_FLUSH_ALL	1
#define SVM_TLB_FLUSH_ASID	3

/* vmcb.vintr */
#define SVM_VINTR_TPR		0xffull
#define SVM_VINTR_IRQ		(1ull << 8)
#define SVM_VINTR_PRIO_SHIFT	16
#define SVM_VINTR_PRIO		(0xfull << SVM_VINTR_PRIO_SHIFT)
#define SVM_VINTR_IGN_TPR	(1ull << 20)
#define SVM_VINTR_MASKING	(1ull << 24)
#define SVM_VINTR_VECTOR_SHIFT	32

#define SVM_SHADOW_STI		(1ull << 0)	/* vmcb.interrupt_shadow */
#define SVM_NESTED_PAGING	(1ull << 0)	/* vmcb.nested_control */

/* vmcb.clean: groups that the processor may keep from the last entry */
#define SVM_CLEAN_INTERCEPTS	(1u << 0)
#define SVM_CLEAN_IOPM		(1u << 1)
#define SVM_CLEAN_ASID		(1u << 2)
#define SVM_CLEAN_TPR		(1u << 3)
#define SVM_CLEAN_NP		(1u << 4)
#define SVM_CLEAN_CR		(1u << 5)
#define SVM_CLEAN_DR		(1u << 6)
#define SVM_CLEAN_DT		(1u << 7)
#define SVM_CLEAN_SEG		(1u << 8)
#define SVM_CLEAN_CR2		(1u << 9)
#define SVM_CLEAN_LBR		(1u << 10)
#define SVM_CLEAN_ALL		0x7ffu

/* vmcb.event_inject and vmcb.exit_int_info */
#define SVM_EVENT_VECTOR	0xffull
#define SVM_EVENT_TYPE_SHIFT	8
#define SVM_EVENT_TYPE		(7ull << SVM_EVENT_TYPE_SHIFT)
#define SVM_EVENT_IRQ		0ull
#define SVM_EVENT_NMI		2ull
#define SVM_EVENT_EXCEPTION	3ull
#define SVM_EVENT_SOFT		4ull
#define SVM_EVENT_HAS_ERROR	(1ull << 11)
#define SVM_EVENT_VALID		(1ull << 31)

/* vmcb.exit_info1 of an I/O exit */
#define SVM_IO_IN		(1u << 0)
#define SVM_IO_STRING		(1u << 2)
#define SVM_IO_REP		(1u << 3)
#define SVM_IO_SIZE_SHIFT	4
#define SVM_IO_PORT_SHIFT	16

/* vmcb.exit_info1 of a nested page fault: a page fault's error code */
#define SVM_NPF_PRESENT		(1ull << 0)
#define SVM_NPF_WRITE		(1ull << 1)
#define SVM_NPF_FETCH		(1ull << 4)
#define SVM_NPF_WALK		(1ull << 33)	/* of the guest's own tables */

enum svm_exit_code {
	SVM_EXIT_CR_READ = 0x00,	/* + number */
	SVM_EXIT_CR_WRITE = 0x10,
	SVM_EXIT_DR_READ = 0x20,
	SVM_EXIT_DR_WRITE = 0x30,
	SVM_EXIT_EXCEPTION = 0x40,	/* + vector */
	SVM_EXIT_INTR = 0x60,
	SVM_EXIT_NMI,
	SVM_EXIT_SMI,
	SVM_EXIT_INIT,
	SVM_EXIT_VINTR,
	SVM_EXIT_CR0_SEL_WRITE,
	SVM_EXIT_RDTSC = 0x6e,
	SVM_EXIT_RDPMC = 0x6f,
	SVM_EXIT_CPUID = 0x72,
	SVM_EXIT_RSM = 0x73,
	SVM_EXIT_IRET = 0x74,
	SVM_EXIT_INVD = 0x76,
	SVM_EXIT_HLT = 0x78,
	SVM_EXIT_INVLPG = 0x79,
	SVM_EXIT_INVLPGA = 0x7a,
	SVM_EXIT_IOIO = 0x7b,
	SVM_EXIT_MSR = 0x7c,
	SVM_EXIT_TASK_SWITCH = 0x7d,
	SVM_EXIT_FERR = 0x7e,
	SVM_EXIT_SHUTDOWN = 0x7f,
	SVM_EXIT_VMRUN = 0x80,
	SVM_EXIT_VMMCALL,
	SVM_EXIT_VMLOAD,
	SVM_EXIT_VMSAVE,
	SVM_EXIT_STGI,
	SVM_EXIT_CLGI,
	SVM_EXIT_SKINIT,
	SVM_EXIT_RDTSCP,
	SVM_EXIT_WBINVD = 0x89,
	SVM_EXIT_MONITOR = 0x8a,
	SVM_EXIT_MWAIT = 0x8b,
	SVM_EXIT_XSETBV = 0x8d,
	SVM_EXIT_RDPRU = 0x8e,
	SVM_EXIT_INVLPGB = 0xa0,
	SVM_EXIT_INVPCID = 0xa2,
	SVM_EXIT_MCOMMIT = 0xa3,
	SVM_EXIT_TLBSYNC = 0xa4,
	SVM_EXIT_NPF = 0x400,
};

#define SVM_EXIT_INVALID	0xffffffffull

/* Bits of svm_segment.attributes: a descriptor's, packed */
#define SVM_SEG_TYPE		0x000f
#define SVM_SEG_S		0x0010
#define SVM_SEG_DPL_SHIFT	5
#define SVM_SEG_P		0x0080
#define SVM_SEG_AVL		0x0100
#define SVM_SEG_L		0x0200
#define SVM_SEG_DB		0x0400
#define SVM_SEG_G		0x0800

struct svm_segment {
	u16 selector;
	u16 attributes;
	u32 limit;
	u64 base;
};

struct vmcb {
	/* the control area */
	u16 intercept_cr_read;		/* 0x000 */
	u16 intercept_cr_write;
	u16 intercept_dr_read;
	u16 intercept_dr_write;
	u32 intercept_exceptions;
	u32 intercept_misc1;
	u32 intercept_misc2;		/* 0x010 */
	u32 intercept_misc3;
	u8 reserved1[0x3c - 0x18];
	u16 pause_threshold;		/* 0x03c */
	u16 pause_count;
	u64 iopm_pa;			/* 0x040 */
	u64 msrpm_pa;
	u64 tsc_offset;			/* 0x050 */
	u32 asid;
	u8 tlb_control;
	u8 reserved2[3];
	u64 vintr;			/* 0x060 */
	u64 interrupt_shadow;
	u64 exit_code;			/* 0x070 */
	u64 exit_info1;
	u64 exit_info2;			/* 0x080 */
	u64 exit_int_info;
	u64 nested_control;		/* 0x090 */
	u64 avic_apic_bar;
	u64 ghcb;			/* 0x0a0 */
	u64 event_inject;
	u64 nested_cr3;			/* 0x0b0 */
	u64 lbr_control;
	u32 clean;			/* 0x0c0 */
	u32 reserved3;
	u64 next_rip;
	u8 fetched_count;		/* 0x0d0 */
	u8 fetched[15];
	u8 reserved4[0x400 - 0x0e0];

	/* the state save area */
	struct svm_segment es;		/* 0x400 */
	struct svm_segment cs;
	struct svm_segment ss;
	struct svm_segment ds;
	struct svm_segment fs;
	struct svm_segment gs;
	struct svm_segment gdtr;
	struct svm_segment ldtr;
	struct svm_segment idtr;
	struct svm_segment tr;		/* 0x490 */
	u8 reserved5[0x4cb - 0x4a0];
	u8 cpl;				/* 0x4cb */
	u32 reserved6;
	u64 efer;			/* 0x4d0 */
	u8 reserved7[0x548 - 0x4d8];
	u64 cr4;			/* 0x548 */
	u64 cr3;
	u64 cr0;
	u64 dr7;
	u64 dr6;
	u64 rflags;			/* 0x570 */
	u64 rip;
	u8 reserved8[0x5d8 - 0x580];
	u64 rsp;			/* 0x5d8 */
	u64 s_cet;
	u64 ssp;
	u64 isst;
	u64 rax;			/* 0x5f8 */
	u64 star;
	u64 lstar;
	u64 cstar;
	u64 sfmask;
	u64 kernel_gs_base;
	u64 sysenter_cs;
	u64 sysenter_esp;
	u64 sysenter_eip;
	u64 cr2;			/* 0x640 */
	u8 reserved9[0x668 - 0x648];
	u64 g_pat;			/* 0x668 */
	u64 dbgctl;
	u8 reserved10[0x1000 - 0x678];
};

#define VMCB_AT(field, offset) static_assert(offsetof(struct vmcb, field) == (offset))
VMCB_AT(intercept_misc2, 0x010);
VMCB_AT(pause_threshold, 0x03c);
VMCB_AT(iopm_pa, 0x040);
VMCB_AT(asid, 0x058);
VMCB_AT(vintr, 0x060);
VMCB_AT(exit_code, 0x070);
VMCB_AT(exit_int_info, 0x088);
VMCB_AT(nested_control, 0x090);
VMCB_AT(event_inject, 0x0a8);
VMCB_AT(nested_cr3, 0x0b0);
VMCB_AT(clean, 0x0c0);
VMCB_AT(next_rip, 0x0c8);
VMCB_AT(es, 0x400);
VMCB_AT(tr, 0x490);
VMCB_AT(cpl, 0x4cb);
VMCB_AT(efer, 0x4d0);
VMCB_AT(cr4, 0x548);
VMCB_AT(rflags, 0x570);
VMCB_AT(rsp, 0x5d8);
VMCB_AT(rax, 0x5f8);
VMCB_AT(sysenter_eip, 0x638);
VMCB_AT(cr2, 0x640);
VMCB_AT(g_pat, 0x668);
static_assert(sizeof(struct vmcb) == 0x1000);

#endif
