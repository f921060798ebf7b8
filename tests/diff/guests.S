/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guests of the differential test: code without relocations, loaded at
 * 0x1000; addresses of data are those of machine.h.
 */
	.set	DATA, 0x5000
	.set	SPARE, 0x10000
	.set	DEVICE, 0x100000
	.set	SECOND, 0x200000	/* what page-faults maps */

	.set	PORT, 0x10

	.macro	guest name
	.globl	guest_\name, guest_\name\()_end
	guest_\name\():
	.endm

	.macro	guest_end name
	guest_\name\()_end:
	.endm

	.section .rodata
/* ---- real mode ---- */
	.code16

	guest out
	mov	$0x12345678, %eax
	out	%al, $PORT
	out	%ax, $PORT + 1
	out	%eax, $PORT + 2
	mov	$0x3f8, %dx
	out	%al, (%dx)
	out	%ax, (%dx)
	out	%eax, (%dx)
	hlt
	guest_end out

	guest in
	mov	$-1, %eax
	in	$PORT, %al
	out	%eax, $PORT
	in	$PORT, %ax
	out	%eax, $PORT
	in	$PORT, %eax
	out	%eax, $PORT
	mov	$0xfffe, %dx
	in	(%dx), %ax
	out	%eax, $PORT
	hlt
	guest_end in

	guest outs
	cld
	mov	$0x1000, %si
	mov	$0x20, %dx
	mov	$5, %cx
	rep outsb
	std
	mov	$0x1010, %si
	mov	$3, %cx
	rep outsw
	xor	%cx, %cx
	rep outsb
	cld
	outsl
	hlt
	guest_end outs

	guest ins
	cld
	mov	$DATA, %di
	mov	$0x20, %dx
	mov	$4, %cx
	rep insb
	insw
	insl
	std
	mov	$3, %cx
	rep insw
	hlt
	guest_end ins

	guest touch
	mov	DATA, %al
	out	%al, $PORT
	movb	$0x77, DATA
	mov	DATA, %al
	out	%al, $PORT
	incw	DATA + 2
	mov	DATA + 2, %ax
	out	%ax, $PORT
	hlt
	guest_end touch

	guest strides
	mov	$0x1000, %ax
	mov	$4, %cx
1:	mov	%ax, %ds
	incb	0
	add	$0x400, %ax
	loop	1b
	xor	%ax, %ax
	mov	%ax, %ds
	hlt
	guest_end strides

	guest halts
1:	hlt
	inc	%bx
	jmp	1b
	guest_end halts

	guest undefined
	ud2
	hlt
	guest_end undefined

	guest counter
1:	incw	DATA
	mov	DATA, %ax
	out	%ax, $PORT
	jmp	1b
	guest_end counter

	guest self
	movb	$0x42, 0x1000 + 1f - guest_self + 1
	jmp	1f
1:	mov	$0x41, %al
	out	%al, $PORT
	hlt
	guest_end self

	guest fpu
	mov	%cr4, %eax
	or	$0x200, %eax	/* OSFXSR */
	mov	%eax, %cr4
	fninit
	fld1
	fldpi
	mov	$0x11223344, %eax
	movd	%eax, %xmm3
	pshufd	$0, %xmm3, %xmm5
	out	%al, $PORT
	fstpl	DATA
	movups	%xmm5, DATA + 16
	movups	%xmm3, DATA + 32
	fnstcw	DATA + 48
	stmxcsr	DATA + 52
	hlt
	guest_end fpu

	guest wait
	mov	$1, %al
	out	%al, $PORT
	nop
	nop
	mov	$2, %al
	out	%al, $PORT
	hlt
	guest_end wait

	guest sti
	cli
	mov	$1, %al
	out	%al, $PORT
	sti
	nop
	nop
	nop
	mov	$2, %al
	out	%al, $PORT
	hlt
	guest_end sti

	guest nmi
	mov	$1, %al
	out	%al, $PORT
	nop
	mov	$2, %al
	out	%al, $PORT
	hlt
	.org	guest_nmi + 0x80
	mov	$3, %al
	out	%al, $PORT
	iret
	guest_end nmi

/* ---- long mode ---- */
	.code64

	guest ports64
	mov	$0x1122334455667788, %rax
	out	%al, $PORT
	out	%ax, $PORT
	out	%eax, $PORT
	mov	$-1, %rax
	in	$PORT, %al
	mov	%rax, %rbx
	in	$PORT, %ax
	mov	%rax, %rcx
	in	$PORT, %eax
	mov	$DATA, %edi
	mov	$0x30, %edx
	mov	$3, %ecx
	cld
	rep insl
	hlt
	guest_end ports64

	guest mmio64
	mov	$DEVICE, %ebx
	mov	$-1, %rax
	mov	(%rbx), %al
	mov	%rax, %r8
	mov	2(%rbx), %ax
	mov	%rax, %r9
	mov	4(%rbx), %eax
	mov	%rax, %r10
	mov	8(%rbx), %rax
	movzbl	(%rbx), %ecx
	movsbq	1(%rbx), %rdx
	movzwl	2(%rbx), %esi
	movslq	4(%rbx), %rdi
	mov	$0x1122334455667788, %rax
	mov	%al, (%rbx)
	mov	%ax, 2(%rbx)
	mov	%eax, 4(%rbx)
	mov	%rax, 8(%rbx)
	movl	$0x12345, 16(%rbx)
	movq	$-2, 24(%rbx)
	movb	$9, 0x7f(%rbx)
	hlt
	guest_end mmio64

	guest mmio_odd64
	mov	$DEVICE, %ebx
	mov	$7, %eax
	add	%eax, (%rbx)
	pushf
	orb	$0x80, 5(%rbx)
	cmp	%eax, 8(%rbx)
	pushf
	xchg	%eax, 12(%rbx)
	lock incl 16(%rbx)
	btsl	$3, 20(%rbx)
	pushf
	not	%rax
	mov	%rax, 0xffd(%rbx)	/* over two pages */
	mov	0x1ffc(%rbx), %rcx
	pushq	24(%rbx)
	mov	$DEVICE + 0x100, %edi
	mov	$DATA, %esi
	mov	$3, %ecx
	cld
	rep movsw
	mov	$2, %ecx
	rep stosl
	mov	$DEVICE + 0x200, %esi
	lodsb
	mov	$0x55, %ecx
	cmpxchg	%ecx, 32(%rbx)
	test	%al, 40(%rbx)
	pushf
	hlt
	guest_end mmio_odd64

	guest edge
	mov	$0x1fffc, %esi		/* the last bytes of memory */
	movl	$0x04030201, (%rsi)
	mov	$DATA, %edi
	mov	$8, %ecx
	cld
	rep movsb
	mov	$0x1fffe, %edi
	mov	$DATA, %esi
	mov	$4, %ecx
	rep movsb
	mov	0x1fffc, %rax
	mov	%rax, 0x1fffb
	hlt
	guest_end edge

	guest holes
	mov	$DATA, %ebx
1:	mov	(%rbx), %rdi
	test	%rdi, %rdi
	jz	2f
	mov	(%rdi), %eax
	out	%eax, $PORT
	add	$0x01010101, %eax
	mov	%eax, (%rdi)
	mov	(%rdi), %eax
	out	%eax, $PORT
	add	$8, %ebx
	jmp	1b
2:	hlt
	guest_end holes

	guest sum
	mov	%cr4, %rax
	or	$0x200, %rax
	mov	%rax, %cr4
	mov	$5, %eax
	mov	$6, %r15d
	movd	%eax, %xmm7
	pshufd	$0, %xmm7, %xmm7
	out	%al, $PORT
	add	%r15, %rax
	paddd	%xmm7, %xmm7
	movups	%xmm7, DATA
	mov	%rax, DATA + 16
	out	%eax, $PORT
	hlt
	guest_end sum

	.macro	show_edx_eax
	mov	%eax, %esi
	out	%eax, $PORT
	mov	%edx, %eax
	out	%eax, $PORT
	mov	%esi, %eax
	.endm

	guest msr
	rdmsr
	show_edx_eax
	xor	%ebx, %eax
	wrmsr
	rdmsr
	show_edx_eax
	xor	%ebx, %eax
	wrmsr
	hlt
	guest_end msr

	guest cpuid
	cpuid
	hlt
	guest_end cpuid

	guest load_store
	mov	%cr3, %rax
	mov	%rax, %cr3
	mov	SECOND + 0x5000, %eax
	out	%eax, $PORT
	movl	$0xc3, SECOND + 0x5008	/* RET */
	mov	$SECOND + 0x5008, %eax
	call	*%rax
	hlt
	guest_end load_store

	guest wait64
	mov	$1, %al
	out	%al, $PORT
	nop
	nop
	mov	$2, %al
	out	%al, $PORT
	hlt
	guest_end wait64

	guest cr8
	mov	%cr8, %rax
	out	%al, $PORT
	mov	%cr8, %rax
	mov	%rax, %rbx
	mov	$6, %eax
	mov	%rax, %cr8
	out	%al, $PORT
	mov	%cr8, %rax
	out	%al, $PORT
	hlt
	guest_end cr8

	guest steps
	nop
	out	%al, $PORT
	xor	%eax, %eax
	cpuid
	mov	$0xc0000080, %ecx
	rdmsr
	mov	DATA, %eax
	nop
	nop
	hlt
	guest_end steps

	guest store
	mov	%eax, DEVICE
	hlt
	nop
	hlt
	guest_end store

	/* RBX and RSI come from outside, so that it does what they say. */
	guest random64
1:	lea	(%rax,%rbx), %rax
	rol	$7, %rax
	out	%al, $PORT
	mov	%rax, DATA(,%rsi)
	add	%rax, SPARE
	mov	%al, DEVICE
	in	$PORT, %al
	mov	DEVICE + 8, %ecx
	xor	%rcx, %rax
	/*
	 * One instruction boundary at which an interrupt is welcome, and without
	 * STI's shadow: QEMU's SVM forgets that when the host has an interrupt.
	 */
	pushfq
	orl	$0x200, (%rsp)
	popfq
	cli
	jmp	1b
	guest_end random64
	.section .note.GNU-stack, "", @progbits
