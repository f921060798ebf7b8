/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Executing a decoded instruction that touches a device, as the SDM, volume 2,
 * and the APM, volume 3, say. Plain logic over callbacks.
 *
 * Not here: what the processor checks before it touches memory at all, since
 * it has done so already (privilege, I/O permission, undefined opcodes). If
 * the code has changed since, so that another instruction is now emulated,
 * that one needs no privilege either: INS and OUTS go another way (below).
 */
#ifndef KVM_X86_EMULATE_H
#define KVM_X86_EMULATE_H

#include "access.h"
#include "decode.h"
#include "devkvm.h"

struct kvm_emulate_ops {
	void (*get_segment)(void *context, enum kvm_seg seg,
			    struct kvm_segment *segment);
	void (*get_xmm)(void *context, int number, u64 value[2]);
	void (*set_xmm)(void *context, int number, const u64 value[2]);
};

struct kvm_emulator {
	const struct kvm_emulate_ops *ops;
	void *context;
	struct kvm_cpu_regs *regs;	/* change when the instruction is done */
	struct kvm_access access;

	/* Of the guest, set by the caller for each instruction. */
	struct kvm_insn insn;
	bool protected_mode;	/* CR0.PE, not virtual-8086 mode */
	bool check_alignment;	/* #AC: CR0.AM, RFLAGS.AC and CPL 3 */
	bool xmm_usable;	/* CR4.OSFXSR, neither CR0.EM nor CR0.TS */
	u8 linear_bits;		/* 48 or 57: canonical addresses */

	/* ---- private ---- */
	struct kvm_cpu_regs next;	/* what regs will be */
	u64 rm_linear;
};

/*
 * Executes e->insn. 0: it is done, registers and memory are changed, and
 * stores to devices wait in e->access. A string instruction with REP is done
 * once: RIP stays at it while there is more (then RFLAGS.RF is set), so that
 * interrupts and the processor itself have their turn. Else nothing but
 * e->access has changed:
 *
 *  -EAGAIN	e->access.waiting: call again with the answer
 *  -EILSEQ	the guest gets the exception in e->access.fault
 *  -ESTALE	the processor can do it, and must
 *  -EOPNOTSUPP	not an instruction for here
 *  others	from the callbacks
 */
int kvm_emulate(struct kvm_emulator *e);

/*
 * INS and OUTS in batches, each of up to `room` bytes and one page of memory;
 * at most `max` elements. The caller has seen the processor allow the port.
 * Returns the number of elements, 0 if RCX is 0 (then it is done), or an errno
 * as above.
 *
 * OUTS: what goes to the port is in data; registers are changed.
 */
int kvm_emulate_outs(struct kvm_emulator *e, void *data, int room, int max);
/* INS: how many can be stored; nothing is changed. */
int kvm_emulate_ins_begin(struct kvm_emulator *e, int room, int max);
/* The data came. Returns 0 or an errno; -EILSEQ: memory is no longer there. */
int kvm_emulate_ins_end(struct kvm_emulator *e, const void *data, int count);

#endif
