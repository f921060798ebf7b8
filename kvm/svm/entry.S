/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Into a guest and back: AMD64 APM volume 2, 15.5. From CLGI to STGI nothing
 * can interrupt: no interrupt, no NMI, so nothing sees the guest's FS and GS
 * bases, which VMLOAD brings and VMRUN does not.
 */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/cpufeatures.h>
#include <asm/errno.h>
#include <asm/nospec-branch.h>

#include "entry_regs.h"

	.section .noinstr.text, "ax"

/*
 * int svm_enter(struct kvm_cpu_regs *regs, unsigned long guest_pa,
 *		 unsigned long host_pa)
 *
 * guest_pa: the VMCB; host_pa: a page where VMSAVE has put the host's FS, GS,
 * TR, LDTR and system-call MSRs. RAX, RSP, RIP and RFLAGS of the guest are in
 * the VMCB, the others in regs. Interrupts are off. Returns 0, or -EIO if SVM
 * was turned off on this CPU.
 */
SYM_FUNC_START(svm_enter)
	PUSH_HOST_REGS
	push	%rdi			/* regs: 8(%rsp) below */
	push	%rdx			/* host_pa: (%rsp) */

	mov	%rsi, %rax
	/* The only one here that can fault: with GIF clear SVM stays on. */
1:	clgi
	/* The host's IF decides whether its interrupts end the run (15.21.1).
	 * Well before VMRUN: the guest's first state would have STI's shadow.
	 */
	sti
	vmload	%rax

	LOAD_GUEST_REGS

#ifdef VM_CLEAR_CPU_BUFFERS
	VM_CLEAR_CPU_BUFFERS
#endif
	vmrun	%rax
	cli

	vmsave	%rax
	mov	(%rsp), %rax
	vmload	%rax

	mov	8(%rsp), %rax
	SAVE_GUEST_REGS

	/* No return of the host may go where the guest trained it to go. */
	FILL_RETURN_BUFFER %rax, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT
	UNTRAIN_RET_VM

	CLEAR_GUEST_REGS
	xor	%ebx, %ebx

	stgi
	xor	%eax, %eax
2:	add	$16, %rsp
	POP_HOST_REGS
	RET

3:	mov	$-EIO, %eax
	jmp	2b

	_ASM_EXTABLE(1b, 3b)
SYM_FUNC_END(svm_enter)
