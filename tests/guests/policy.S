/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One of each privileged operation, in 64-bit code, for tests/vm/kvm/kvm_policy.c
 * to see, answer or deny. A line "0x1000 + step" comes before each, its result
 * after it. A #GP is told (0xd0d) and steps over the instruction, whose length
 * is in R13; other exceptions are told by vector, error code and address.
 */
#include "modes.inc"

	.set	PORT_IN, 0x20
	.set	PORT_OUT, 0x21
	.set	PORT_END, 0x12
	.set	SHOW_TSC, 0x2ff0	/* set by who starts us: the TSC is a line */
	.set	LMSW_FROM, 0x2fe0
	.set	USER_DATA, 0x2b
	.set	USER_CODE, 0x33
	.set	BEHIND, 0x200000	/* the first byte that is not mapped */

	.macro	step number
	trace	$0x1000 + \number
	.endm

/* One instruction that may exit or fault. */
	.macro	op insn:vararg
	mov	$778f - 777f, %r13d
777:	\insn
778:
	.endm

	.macro	trace_rax
	out	%eax, $PORT_TRACE
	.endm

	.macro	trace_cr0
	mov	%cr0, %rax
	trace_rax
	.endm

	.text
	.code16
	lgdtl	gdt_pointer
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$CODE32, $protected

	.code32
protected:
	mov	$FLAT, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x9000, %esp
	mov	%cr4, %eax
	or	$0x20, %eax
	mov	%eax, %cr4
	long_tables
	orl	$4, PML4
	orl	$4, PDPT
	orl	$4, LONG_DIR
	mov	$0xc0000080, %ecx
	rdmsr
	or	$0x101, %eax
	wrmsr
	set_cr0_pg
	ljmp	$CODE64, $long_mode

	.code64
long_mode:
	mov	$0x9000, %esp
	gate	3, on_breakpoint
	gate	6, on_undefined
	gate	13, on_protection
	gate	14, on_page
	lidt	idt_pointer

	step	0		/* CR3 */
	op	mov %cr3, %rax
	trace_rax
	mov	$PML4, %eax
	op	mov %rax, %cr3

	step	1		/* CR0: MOV, CLTS, LMSW */
	mov	%cr0, %rax
	or	$8, %eax
	op	mov %rax, %cr0
	trace_cr0
	op	clts
	trace_cr0
	mov	$3, %eax
	op	lmsw %ax
	trace_cr0
	movw	$1, LMSW_FROM
	mov	$LMSW_FROM - 0x10, %ebx
	op	lmsw 0x10(%rbx)
	trace_cr0

	step	2		/* CR4 */
	op	mov %cr4, %rax
	trace_rax
	mov	$0x120, %eax	/* PCE, PAE */
	op	mov %rax, %cr4
	op	mov %cr4, %rax
	trace_rax

	step	3		/* CR8 */
	mov	$5, %eax
	op	mov %rax, %cr8
	mov	$0, %eax
	op	mov %cr8, %rax
	trace_rax
	mov	$0, %eax
	op	mov %rax, %cr8

	step	4		/* debug registers */
	mov	$0x1234, %r9d
	op	mov %r9, %dr0
	mov	$0, %r9d
	op	mov %dr0, %r9
	trace	%r9d

	step	5		/* an MSR that is the guest's own */
	mov	$0xc0000102, %ecx
	mov	$0x5555, %eax
	mov	$0, %edx
	op	wrmsr
	mov	$0, %eax
	op	rdmsr
	trace_rax

	step	6		/* ports */
	mov	$0x11223344, %eax
	op	in $PORT_IN, %al
	trace_rax
	mov	$0xbeef, %eax
	op	out %ax, $PORT_OUT

	step	7		/* CPUID */
	mov	$0x40000123, %eax
	mov	$3, %ecx
	op	cpuid
	trace_rax
	trace	%ebx
	trace	%ecx
	trace	%edx

	step	8		/* RDTSC */
	mov	$0, %eax
	op	rdtsc
	cmpb	$0, SHOW_TSC
	je	1f
	trace_rax
	trace	%edx
1:
	step	9		/* INVLPG, in two forms */
	mov	$0x3000, %ebx
	mov	$0x20, %ecx
	op	invlpg 0x100(%rbx, %rcx, 4)
	op	invlpg idt_pointer(%rip)

	step	10
	op	hlt

	step	11		/* exceptions */
	op	ud2
	step	12
	op	mov BEHIND + 0x123, %eax
	step	13
	mov	$0x12345, %ecx
	op	wrmsr

	step	14		/* CPL 3 and back */
	mov	$0xc0000081, %ecx
	mov	$CODE64, %edx
	mov	$0, %eax
	wrmsr
	mov	$0xc0000082, %ecx
	mov	$0, %edx
	mov	$back_home, %eax
	wrmsr
	mov	$0xc0000084, %ecx
	mov	$0, %eax
	wrmsr
	push	$USER_DATA
	push	$0x9000
	push	$2
	push	$USER_CODE
	push	$user
	iretq
user:
	mov	$0x40000123, %eax
	mov	$0, %ecx
	op	cpuid
	syscall
back_home:
	trace	%edx

	step	15		/* not on QEMU's TCG, which lets no INT3 exit */
	int3
	out	%eax, $PORT_END
	hlt

	.macro	tell vector
	push	%rax
	trace	$\vector
	pop	%rax
	.endm

on_breakpoint:
	tell	3
	iretq

on_undefined:
	tell	6
	add	%r13, (%rsp)
	iretq

on_protection:
	add	$8, %rsp
	tell	0xd0d
	add	%r13, (%rsp)
	iretq

on_page:
	tell	14
	pop	%rax
	trace_rax
	mov	%cr2, %rax
	trace_rax
	add	%r13, (%rsp)
	iretq

	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* 0x08: code, 32 bits */
	.quad	0x00cf93000000ffff	/* 0x10: data */
	.quad	0x00af9b000000ffff	/* 0x18: code, 64 bits */
	.quad	0x00cf93000000ffff	/* 0x20: data, SYSCALL's SS */
	.quad	0x00cff3000000ffff	/* 0x28: data, CPL 3 */
	.quad	0x00affb000000ffff	/* 0x30: code, 64 bits, CPL 3 */
gdt_pointer:
	.word	gdt_pointer - gdt - 1
	.long	gdt
idt_pointer:
	.word	0xfff
	.quad	IDT64
