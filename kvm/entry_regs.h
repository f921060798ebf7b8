/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The general registers around an entry to a guest, for the entry.S of each
 * back end. RAX and RSP differ too much between them to be here.
 */
#ifndef KVM_ENTRY_REGS_H
#define KVM_ENTRY_REGS_H

/* struct kvm_cpu_regs; asserted in vcpu.c */
#define GPR(n)	((n) * 8)
#define RAX	GPR(0)
#define RCX	GPR(1)
#define RDX	GPR(2)
#define RBX	GPR(3)
#define RBP	GPR(5)
#define RSI	GPR(6)
#define RDI	GPR(7)

/* What a C caller expects to find again. */
.macro PUSH_HOST_REGS
	push	%rbp
	push	%r15
	push	%r14
	push	%r13
	push	%r12
	push	%rbx
.endm

.macro POP_HOST_REGS
	pop	%rbx
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	pop	%rbp
.endm

/* From the struct at RDI. Keeps the flags. */
.macro LOAD_GUEST_REGS
	mov	RCX(%rdi), %rcx
	mov	RDX(%rdi), %rdx
	mov	RBX(%rdi), %rbx
	mov	RBP(%rdi), %rbp
	mov	RSI(%rdi), %rsi
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	mov	GPR(\n)(%rdi), %r\n
	.endr
	mov	RDI(%rdi), %rdi
.endm

/* To the struct at RAX. */
.macro SAVE_GUEST_REGS
	mov	%rcx, RCX(%rax)
	mov	%rdx, RDX(%rax)
	mov	%rbx, RBX(%rax)
	mov	%rbp, RBP(%rax)
	mov	%rsi, RSI(%rax)
	mov	%rdi, RDI(%rax)
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	mov	%r\n, GPR(\n)(%rax)
	.endr
.endm

/* What is left of the guest's values must not be speculated on. Not RBX. */
.macro CLEAR_GUEST_REGS
	.irp	r, ecx, edx, ebp, esi, edi, r8d, r9d, r10d, r11d, r12d, r13d, r14d, r15d
	xor	%\r, %\r
	.endr
.endm

#endif
