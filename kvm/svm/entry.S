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

/* struct kvm_cpu_regs; asserted in svm.c */
#define GPR(n)	((n) * 8)
#define RCX	GPR(1)
#define RDX	GPR(2)
#define RBX	GPR(3)
#define RBP	GPR(5)
#define RSI	GPR(6)
#define RDI	GPR(7)

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
	push	%rbp
	push	%r15
	push	%r14
	push	%r13
	push	%r12
	push	%rbx
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

	mov	RCX(%rdi), %rcx
	mov	RDX(%rdi), %rdx
	mov	RBX(%rdi), %rbx
	mov	RBP(%rdi), %rbp
	mov	RSI(%rdi), %rsi
	mov	GPR(8)(%rdi), %r8
	mov	GPR(9)(%rdi), %r9
	mov	GPR(10)(%rdi), %r10
	mov	GPR(11)(%rdi), %r11
	mov	GPR(12)(%rdi), %r12
	mov	GPR(13)(%rdi), %r13
	mov	GPR(14)(%rdi), %r14
	mov	GPR(15)(%rdi), %r15
	mov	RDI(%rdi), %rdi

#ifdef VM_CLEAR_CPU_BUFFERS
	VM_CLEAR_CPU_BUFFERS
#endif
	vmrun	%rax
	cli

	vmsave	%rax
	mov	(%rsp), %rax
	vmload	%rax

	mov	8(%rsp), %rax
	mov	%rcx, RCX(%rax)
	mov	%rdx, RDX(%rax)
	mov	%rbx, RBX(%rax)
	mov	%rbp, RBP(%rax)
	mov	%rsi, RSI(%rax)
	mov	%rdi, RDI(%rax)
	mov	%r8, GPR(8)(%rax)
	mov	%r9, GPR(9)(%rax)
	mov	%r10, GPR(10)(%rax)
	mov	%r11, GPR(11)(%rax)
	mov	%r12, GPR(12)(%rax)
	mov	%r13, GPR(13)(%rax)
	mov	%r14, GPR(14)(%rax)
	mov	%r15, GPR(15)(%rax)

	/* No return of the host may go where the guest trained it to go. */
	FILL_RETURN_BUFFER %rax, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT
	UNTRAIN_RET_VM

	/* What is left of the guest's values must not be speculated on. */
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%ebx, %ebx
	xor	%ebp, %ebp
	xor	%esi, %esi
	xor	%edi, %edi
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d

	stgi
	xor	%eax, %eax
2:	add	$16, %rsp
	pop	%rbx
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	pop	%rbp
	RET

3:	mov	$-EIO, %eax
	jmp	2b

	_ASM_EXTABLE(1b, 3b)
SYM_FUNC_END(svm_enter)
