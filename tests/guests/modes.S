/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Through the modes of the processor and back: real, protected, 32-bit paging,
 * PAE, long, real again, with interrupts, faults and breakpoints in each.
 *
 * It ends in a triple fault. Stacks begin in pages that nothing has touched, so
 * that the first delivery on each faults in the nested tables and must happen
 * again, once.
 */
#include "modes.inc"

	.set	PAE_TOP, 0x12000
	.set	PAE_DIR, 0x13000
	.set	TSS, 0x18000
	.set	ON_TCG, 0x2ff0		/* set by who starts us: see kvm_modes.c */

	.set	TSS_SELECTOR, 0x28

	.macro	read_msr index
	mov	$\index, %ecx
	rdmsr
	.endm

	.macro	write_msr index, high, low
	mov	$\index, %ecx
	mov	\high, %edx
	mov	\low, %eax
	wrmsr
	.endm

	.text
/* ---- real mode ---- */
	.code16
	trace	$1
	movw	$real_soft, 4 * 0x20
	movw	$0, 4 * 0x20 + 2
	movw	$real_irq, 4 * 0x21
	movw	$0, 4 * 0x21 + 2
	mov	$0x8000, %sp
	int	$0x20
	trace	$3
	ask_irq	0x21
	trace	$4
	sti
	nop
	nop
	cli
	trace	$6

	lgdtl	gdt_pointer
	mov	%cr0, %eax
	out	%eax, $PORT_TRACE
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$CODE32, $protected

real_soft:
	trace	$2
	iret
real_irq:
	trace	$5
	iret

/* ---- protected mode ---- */
	.code32
protected:
	mov	$FLAT, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %fs
	mov	%ax, %gs
	mov	%ax, %ss
	mov	$0x22000, %esp
	trace	$0x10
	trace	%cr0
	mov	$TSS_SELECTOR, %ax
	ltr	%ax
	xor	%eax, %eax
	str	%ax
	out	%eax, $PORT_TRACE

	page_fault_gate fault32
	lidt	idt32_pointer

/* 4 MiB pages; 0x400000 is another name of 0, 0x800000 is not mapped */
	movl	$BIG_PAGE, PAGE_DIR
	movl	$BIG_PAGE, PAGE_DIR + 4
	mov	%cr4, %eax
	or	$0x10, %eax
	mov	%eax, %cr4
	trace	%cr4
	mov	$PAGE_DIR, %eax
	mov	%eax, %cr3
	set_cr0_pg
	jmp	1f
1:	trace	%cr0
	movl	$0x1234, DATA
	trace	DATA + 0x400000
	mov	$1f, %ebx
	mov	0x800000, %eax
1:	trace	$0x11
	movl	$BIG_PAGE, PAGE_DIR + 8
	invlpg	0x800000
	trace	DATA + 0x800000

/* PAE: 0x40000000 is another name of 0 until the table is loaded again */
	clear_cr0_pg
	mov	%cr4, %eax
	or	$0x20, %eax
	mov	%eax, %cr4
	movl	$PAE_DIR + 1, PAE_TOP
	movl	$PAE_DIR + 1, PAE_TOP + 8
	movl	$BIG_PAGE, PAE_DIR
	mov	$PAE_TOP, %eax
	mov	%eax, %cr3
	set_cr0_pg
	jmp	1f
1:	trace	%cr4
	trace	DATA + 0x40000000
	movl	$0, PAE_TOP + 8
	mov	$PAE_TOP, %eax
	mov	%eax, %cr3
	mov	$1f, %ebx
	mov	DATA + 0x40000000, %eax
1:	trace	$0x12
	movl	$PAE_DIR + 1, PAE_TOP + 8
	cmpl	$0, ON_TCG
	jne	to_long
	mov	%cr4, %eax
	or	$0x80, %eax
	mov	%eax, %cr4
	trace	DATA + 0x40000000
	jmp	to_long

fault32:
	tell_page_fault

/* ---- long mode ---- */
to_long:
	clear_cr0_pg
	long_tables
	read_msr 0xc0000080
	out	%eax, $PORT_TRACE
	or	$0x101, %eax		/* LME, SCE */
	wrmsr
	set_cr0_pg
	read_msr 0xc0000080
	out	%eax, $PORT_TRACE
	ljmp	$CODE64, $long_mode

	.code64
long_mode:
	mov	$0x23000, %esp
	trace	$0x20
	mov	%cr0, %rax
	out	%eax, $PORT_TRACE
	mov	%cr4, %rax
	out	%eax, $PORT_TRACE
	gate	1, on_debug
	gate	3, on_breakpoint
	gate	6, on_undefined
	gate	13, on_protection
	gate	14, on_page
	gate	0x40, on_irq
	lidt	idt64_pointer

/* the upper registers, over an exit */
	mov	$0x1111111122222222, %r8
	mov	$0x3333333344444444, %r9
	mov	$0x5555555566666666, %r10
	mov	$0x7777777788888888, %r11
	mov	$0x0123456789abcdef, %r12
	mov	$0xfedcba9876543210, %r13
	mov	$0x0f1e2d3c4b5a6978, %r14
	mov	$0x8796a5b4c3d2e1f0, %r15
	trace	$0x21
	add	%r9, %r8
	add	%r10, %r8
	add	%r11, %r8
	xor	%r12, %r8
	add	%r13, %r8
	xor	%r14, %r8
	add	%r15, %r8
	trace	%r8d
	shr	$32, %r8
	trace	%r8d

/* bases of FS and GS, over exits */
	write_msr 0xc0000100, $0x1111, $0x2222
	write_msr 0xc0000101, $0x3333, $0x4444
	write_msr 0xc0000102, $0x5555, $0x6666
	trace	$0x22
	swapgs
	read_msr 0xc0000101
	out	%eax, $PORT_TRACE
	trace	%edx
	read_msr 0xc0000102
	out	%eax, $PORT_TRACE
	trace	%edx
	read_msr 0xc0000100
	out	%eax, $PORT_TRACE
	trace	%edx

/* SYSCALL, after the host had its own for a while */
	write_msr 0xc0000081, $CODE64, $0
	write_msr 0xc0000082, $0, $on_syscall
	write_msr 0xc0000084, $0, $0x200
	trace	$0x23
	sti
	syscall
	pushf
	pop	%rax
	and	$0x200, %eax
	out	%eax, $PORT_TRACE
	cli
	read_msr 0xc0000082
	cmp	$on_syscall, %eax
	sete	%al
	movzx	%al, %eax
	out	%eax, $PORT_TRACE
	read_msr 0xc0000084
	out	%eax, $PORT_TRACE

/* exceptions of instructions, each on a fresh stack */
	mov	$0x25000, %esp
	int3
	trace	$0x24
	mov	$0x27000, %esp
	int	$3
	trace	$0x25
	mov	$0x29000, %esp
	ud2
	trace	$0x26
	mov	$0x2b000, %esp
	mov	$0x12345, %ecx
	wrmsr
	trace	$0x27
	mov	$0x2d000, %esp
	mov	$1f, %ebx
	mov	0x200000, %eax
1:	trace	$0x28
	mov	$1f, %ebx
	mov	%eax, 0x3ff123
1:	trace	$0x29

/* an interrupt, in the shadow of STI and not */
	mov	$0x2f000, %esp
	ask_irq	0x40
	trace	$0x2a
	sti
	nop
	cli
	trace	$0x2b
	ask_irq	0x40
	mov	$FLAT, %edx
	sti
	mov	%edx, %ss
	nop
	cli
	trace	$0x2c

/* single steps, a breakpoint, debug registers */
	mov	%dr7, %rax
	out	%eax, $PORT_TRACE
	mov	$2, %r12d
	pushf
	orl	$0x100, (%rsp)
	popf
	nop
	nop
	nop
	trace	$0x2d
	cmpl	$0, ON_TCG
	jne	no_breakpoint
	mov	$1f, %eax
	mov	%rax, %dr0
	mov	$0x402, %eax
	mov	%rax, %dr7
	mov	$0, %r12d
	trace	$0x2e
1:	nop
	mov	$0x400, %eax
	mov	%rax, %dr7
	mov	%dr0, %rax
	cmp	$1b, %eax
	sete	%al
	movzx	%al, %eax
	out	%eax, $PORT_TRACE

no_breakpoint:
/* the task priority; what a guest has not */
	mov	$5, %eax
	mov	%rax, %cr8
	mov	%cr8, %rax
	out	%eax, $PORT_TRACE
	mov	$3, %r13d		/* bytes of the next instruction */
	vmxoff
	trace	$0x2f
	rdtsc
	mov	%eax, %ebx
	rdtsc
	sub	%ebx, %eax
	shr	$31, %eax
	out	%eax, $PORT_TRACE

/* ---- and back ---- */
	ljmp	*back_pointer

on_syscall:
	trace	$0x51
	pushf
	pop	%rax
	and	$0x200, %eax
	out	%eax, $PORT_TRACE
	sti
	jmp	*%rcx

on_breakpoint:
	trace	$3
	mov	(%rsp), %rax
	cmpb	$0xcc, -1(%rax)
	sete	%al
	movzx	%al, %eax
	out	%eax, $PORT_TRACE
	iretq

/* R13: length of the instruction, 0 for UD2's */
on_undefined:
	trace	$6
	test	%r13d, %r13d
	mov	$2, %eax
	cmp	$3, %r13d
	cmove	%r13d, %eax
	add	%rax, (%rsp)
	iretq

on_protection:
	trace	$13
	pop	%rax
	out	%eax, $PORT_TRACE
	addq	$2, (%rsp)
	iretq

on_page:
	trace	$14
	pop	%rax
	out	%eax, $PORT_TRACE
	mov	%cr2, %rax
	out	%eax, $PORT_TRACE
	mov	%rbx, (%rsp)
	iretq

on_irq:
	trace	$0x40
	iretq

/* R12: steps to go; 0: a breakpoint, which RF passes */
on_debug:
	trace	$1
	mov	%dr6, %rax
	out	%eax, $PORT_TRACE
	mov	$0xffff0ff0, %eax
	mov	%rax, %dr6
	test	%r12d, %r12d
	jz	1f
	dec	%r12d
	jnz	2f
	andl	$~0x100, 16(%rsp)
	jmp	2f
1:	orl	$0x10000, 16(%rsp)
2:	iretq

	.code32
back:
	clear_cr0_pg
	read_msr 0xc0000080
	out	%eax, $PORT_TRACE
	mov	$0x30, %ax
	mov	%ax, %ds
	mov	%ax, %ss
	ljmp	$0x38, $back16
	.code16
back16:
	mov	%cr0, %eax
	and	$0xfffffffe, %eax
	mov	%eax, %cr0
	ljmp	$0, $real_again
real_again:
	trace	$0x30
	lidtl	empty_pointer
	int3

	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* 0x08: code, 32 bits */
	.quad	0x00cf93000000ffff	/* 0x10: data */
	.quad	0x00af9b000000ffff	/* 0x18: code, 64 bits */
	.quad	0x00cf93000000ffff	/* 0x20: data, SYSCALL's SS */
	.quad	0x0000890180000067	/* 0x28: TSS at 0x18000 */
	.quad	0x000093000000ffff	/* 0x30: data, 16 bits */
	.quad	0x00009b000000ffff	/* 0x38: code, 16 bits */
gdt_pointer:
	.word	gdt_pointer - gdt - 1
	.long	gdt
idt32_pointer:
	.word	0xff
	.long	IDT32
idt64_pointer:
	.word	0xfff
	.quad	IDT64
empty_pointer:
	.word	0
	.long	0
back_pointer:
	.long	back
	.word	CODE32
