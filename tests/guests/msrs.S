/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every STEP-th MSR of four ranges (tests/vm/kvm/kvm_msrs.c): read, written with
 * what was read, with all ones, and with what was read again. In 64-bit code, which
 * we are started in. Lists those that could be read, tells how many they are and how
 * often one was written.
 */
	.set	IDT, 0x14000
	.set	STEP, 0x2ff0		/* set by who starts us */
	.set	READABLE, 0x20000
	.set	CODE_SELECTOR, 8
	.set	PORT, 0x10
	.set	RANGE, 0x2000

/* One instruction that may fault: R8 is 1 if it does not. */
	.macro	try insn:vararg
	mov	$1, %r8d
	mov	$778f - 777f, %r13d
777:	\insn
778:
	.endm

	.macro	sweep from
	mov	$\from, %esi
	call	sweep_range
	.endm

	.code64
	.text
	lea	on_protection(%rip), %eax
	mov	%ax, IDT + 13 * 16
	movw	$CODE_SELECTOR, IDT + 13 * 16 + 2
	movw	$0x8e00, IDT + 13 * 16 + 4
	xor	%ebx, %ebx		/* could be read */
	xor	%ebp, %ebp		/* writes that were taken */
	sweep	0
	sweep	0xc0000000
	sweep	0xc0010000
	sweep	0x40000000
	mov	%ebx, %eax
	out	%eax, $PORT
	mov	%ebp, %eax
	out	%eax, $PORT
	hlt

sweep_range:
	lea	RANGE(%rsi), %r9d
1:	mov	%esi, %ecx
	try	rdmsr
	test	%r8d, %r8d
	jz	2f
	mov	%esi, READABLE(, %rbx, 4)
	inc	%ebx
	mov	%eax, %r10d
	mov	%edx, %r11d
	call	write
	mov	$-1, %eax
	mov	$-1, %edx
	call	write
	mov	%r10d, %eax
	mov	%r11d, %edx
	call	write
2:	add	STEP, %esi
	cmp	%r9d, %esi
	jb	1b
	ret

write:	try	wrmsr
	add	%r8d, %ebp
	ret

on_protection:
	xor	%r8d, %r8d
	add	$8, %rsp
	add	%r13, (%rsp)
	iretq
