/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Uses a device in every way that a program may: real, protected and long
 * mode, all kinds of instructions, across the edge to memory, with faults,
 * single steps and interrupts. The device fills the hole from 640 KiB to
 * 1 MiB; each access to it is an exit. It ends in a triple fault.
 */
#include "modes.inc"

	.set	PORT_DATA, 0x20
	.set	DEVICE, 0xa0000
	.set	STATUS, 0x8d5		/* OF SF ZF AF PF CF */

/* EAX and the flags, the latter less what is undefined */
	.macro	result undefined=0
	out	%eax, $PORT_TRACE
	pushf
	pop	%eax
	and	$(STATUS & ~\undefined), %eax
	out	%eax, $PORT_TRACE
	.endm

	.text
/* ---- 16-bit code ---- */
	.code16
	trace	$1
	cld
	mov	$0x8000, %sp
	mov	$0xa000, %ax
	mov	%ax, %es
	xor	%eax, %eax
	mov	%es:0x10, %al
	out	%eax, $PORT_TRACE
	mov	%es:0x11, %ax
	out	%eax, $PORT_TRACE
	mov	%es:0x13, %eax
	out	%eax, $PORT_TRACE
	movzbl	%es:0x17, %eax
	out	%eax, $PORT_TRACE
	movsbw	%es:0x30, %ax
	out	%eax, $PORT_TRACE
	movb	$0x5a, %es:0x20
	movw	$0x1234, %es:0x21
	movl	$0x89abcdef, %es:0x23
	mov	$0x40, %bx
	mov	$2, %si
	mov	%eax, %es:6(%bx, %si)
	addr32 mov %es:0x23, %eax
	out	%eax, $PORT_TRACE
	mov	%es, %es:0x50
	pushw	%es:0x21
	popw	%es:0x52
	addw	$1, %es:0x52
	mov	%es:0x50, %eax
	out	%eax, $PORT_TRACE

/* the edge: two bytes of memory, two of the device */
	mov	$0x9fff, %ax
	mov	%ax, %ds
	movl	$0x11223344, 0xe
	mov	0xe, %eax
	out	%eax, $PORT_TRACE
	mov	0xc, %eax
	out	%eax, $PORT_TRACE
	addl	$0x01010101, 0xe
	mov	0xe, %eax
	out	%eax, $PORT_TRACE

/* strings: from the device, to it, within it, backwards */
	mov	$0xa000, %ax
	mov	%ax, %ds
	mov	$0x3000, %ax
	mov	%ax, %es
	mov	$0x100, %si
	mov	$0x0, %di
	mov	$7, %cx
	rep movsb
	mov	$0x3000, %ax
	mov	%ax, %ds
	mov	$0xa000, %ax
	mov	%ax, %es
	mov	$0, %si
	mov	$0x200, %di
	mov	$3, %cx
	rep movsw
	mov	$0x12345678, %eax
	mov	$2, %cx
	rep stosl
	trace	%edi
	xor	%eax, %eax
	std
	mov	$0x110, %di
	mov	$9, %cx
	mov	%es:0x10c, %al
	repne scasb
	trace	%ecx
	trace	%edi
	cld
	mov	$0, %si
	mov	$0x200, %di
	mov	$20, %cx
	repe cmpsb
	trace	%ecx
	mov	$0x210, %si
	mov	$2, %cx
	rep lodsl %es:(%si), %eax
	mov	$2, %cx
	rep lodsw %es:(%si), %ax
	out	%eax, $PORT_TRACE

/* strings of ports: memory, then the device */
	mov	$PORT_DATA, %dx
	mov	$0, %si
	mov	$6, %cx
	rep outsb
	mov	$0x40, %di
	mov	$0x3000, %ax
	mov	%ax, %es
	mov	$3, %cx
	rep insl
	trace	%edi
	mov	%es:0x40, %eax
	out	%eax, $PORT_TRACE
	mov	%es:0x48, %eax
	out	%eax, $PORT_TRACE
	mov	$0xa000, %ax
	mov	%ax, %es
	mov	$2, %cx
	mov	$0x30, %si
	rep outsw %es:(%si), %dx
	mov	$1, %cx
	mov	$0x60, %di
	rep insw
	insw
	mov	$0, %cx
	rep insb
	rep outsb
	insb
	trace	%edi

	xor	%ax, %ax
	mov	%ax, %ds
	lgdtl	gdt_pointer
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$CODE32, $protected

/* ---- 32-bit code ---- */
	.code32
protected:
	mov	$FLAT, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x22000, %esp
	trace	$0x10
	mov	$DEVICE, %ebx
	mov	$0x40, %esi
	mov	(%ebx, %esi, 4), %eax
	result
	addl	$0x7fffffff, (%ebx)
	result
	adcb	%al, 4(%ebx)
	result
	subl	%eax, 8(%ebx)
	result
	sbbw	$0x1000, 8(%ebx)
	result
	orl	%esi, 12(%ebx)
	result	0x10
	andb	$0x0f, 12(%ebx)
	result	0x10
	xor	12(%ebx), %eax
	result	0x10
	cmpl	%eax, 16(%ebx)
	result
	testl	$0x8000, 16(%ebx)
	result	0x10
	notl	16(%ebx)
	negw	18(%ebx)
	result
	incl	20(%ebx)
	result
	decb	20(%ebx)
	result
	shll	$1, 24(%ebx)
	result	0x10
	sarb	$3, 24(%ebx)
	result	0x810
	rcrl	$1, 28(%ebx)
	result
	rolw	$5, 28(%ebx)
	result	0x800
	mov	$37, %eax
	btsl	%eax, 32(%ebx)
	result	0x894
	btrl	$3, 32(%ebx)
	result	0x894
	btl	$9, 32(%ebx)
	result	0x894
	setc	40(%ebx)
	cmovnc	40(%ebx), %eax
	result	0x894
	xchg	%eax, 44(%ebx)
	result	0x894
	lock xadd %eax, 48(%ebx)
	result
	mov	52(%ebx), %eax
	mov	$0x55, %ecx
	lock cmpxchg %ecx, 52(%ebx)
	result
	mov	56(%ebx), %eax
	mov	60(%ebx), %edx
	lock cmpxchg8b 56(%ebx)
	result
	movl	$1f, 64(%ebx)
	jmp	*64(%ebx)
	hlt
1:	movl	$sub32, 64(%ebx)
	call	*64(%ebx)
	pushl	64(%ebx)
	popl	68(%ebx)
	mov	%ds, 72(%ebx)
	mov	0xa0040, %eax
	mov	%eax, 0xa0048
	mov	%al, 0xa004c
	result	0xfff

/* faults of the second operand; 0x800000 is not mapped */
	page_fault_gate fault32
	lidt	idt32_pointer
	movl	$BIG_PAGE, PAGE_DIR
	movl	$BIG_PAGE, PAGE_DIR + 4
	mov	%cr4, %eax
	or	$0x10, %eax
	mov	%eax, %cr4
	mov	$PAGE_DIR, %eax
	mov	%eax, %cr3
	set_cr0_pg
	jmp	1f
1:	mov	$DEVICE, %esi
	mov	$0x800000, %edi
	mov	$1f, %ebx
	movsl
1:	trace	%esi
	trace	%edi
	mov	$1f, %ebx
	pushl	0x7ffffe
1:	trace	$0x12
/* REP goes up to the fault, and on from there */
	movl	$0x83, PAGE_DIR + 4
	mov	$DEVICE + 0x300, %esi
	mov	$0x7ffff8, %edi
	mov	$4, %ecx
	mov	$1f, %ebx
	rep movsl
1:	trace	%ecx
	trace	%edi
/* what is written through another name is marked */
	andl	$~0x60, PAGE_DIR + 4
	mov	%cr3, %eax
	mov	%eax, %cr3
	mov	$DEVICE, %esi
	mov	$0x430000, %edi
	movsl
	trace	PAGE_DIR + 4
	trace	0x430000
	jmp	to_long

sub32:	trace	$0x11
	ret

fault32:
	tell_page_fault

/* ---- 64-bit code ---- */
to_long:
	clear_cr0_pg
	mov	%cr4, %eax
	or	$0x220, %eax		/* PAE, OSFXSR */
	mov	%eax, %cr4
	long_tables
	mov	$0xc0000080, %ecx
	rdmsr
	or	$0x100, %eax
	wrmsr
	set_cr0_pg
	ljmp	$CODE64, $long_mode

	.code64
/* RAX, both halves */
	.macro	trace_long
	out	%eax, $PORT_TRACE
	shr	$32, %rax
	out	%eax, $PORT_TRACE
	.endm

long_mode:
	mov	$0x23000, %esp
	trace	$0x20
	gate	1, on_debug
	gate	0x40, on_irq
	lidt	idt64_pointer
	mov	$DEVICE, %r9d
	mov	0x400(%r9), %rax
	trace_long
	movabs	0xa0408, %rax
	trace_long
	mov	%r9, 0x410(%r9)
	movq	$-2, 0x418(%r9)
	movslq	0x418(%r9), %rax
	trace_long
	movl	$0x1234, 0x41c(%r9)
	mov	0x418(%r9), %r10d
	mov	%r10, %rax
	trace_long
	movb	0x41c(%r9), %sil
	trace	%esi
	movnti	%r9, 0x420(%r9)
	mov	$PORT_DATA, %edx
	addq	$1, 0x420(%r9)
	mov	0x420(%r9), %rax
	trace_long
	cmpq	$0, 0x420(%r9)
	sete	0x428(%r9)

/* 16 bytes, aligned and not, and over the edge: 3 of memory, 13 of the device */
	movdqu	0x431(%r9), %xmm1
	movaps	0x440(%r9), %xmm9
	movdqa	%xmm1, 0x450(%r9)
	movups	%xmm9, 0x465(%r9)
	movdqu	%xmm1, -3(%r9)
	movdqu	-3(%r9), %xmm2
	movdqu	%xmm2, DATA
	mov	DATA, %rax
	trace_long
	mov	DATA + 8, %rax
	trace_long
	movntdq	%xmm1, 0x470(%r9)
	movq	$0x1122334455667788, %rax
	mov	%rax, -5(%r9)
	mov	-5(%r9), %rax
	trace_long

/* strings */
	mov	$DEVICE + 0x500, %esi
	mov	$DATA, %edi
	mov	$4, %ecx
	rep movsq
	mov	$DATA, %esi
	mov	$DEVICE + 0x600, %edi
	mov	$2, %ecx
	rep movsq
	mov	$DEVICE - 4, %esi
	mov	$DATA, %edi
	mov	$3, %ecx
	rep movsl
	trace	DATA
	trace	DATA + 4
	mov	$DATA, %esi
	mov	$3, %ecx
	rep outsl
	mov	$DEVICE - 3, %edi
	insl
	insl
	trace	%edi

/* branches and the stack */
	movq	$sub64, 0x700(%r9)
	call	*0x700(%r9)
	pushq	0x418(%r9)
	popq	0x708(%r9)
	mov	$DEVICE + 0x800, %esp
	pushq	$0x77
	mov	$0x23000, %esp

/* single steps: a read, a string, INS */
	mov	$6, %r12d
	mov	$DEVICE + 0x900, %esi
	mov	$DATA, %edi
	pushf
	orl	$0x100, (%rsp)
	popf
	mov	0x400(%r9), %rbx
	movsb
	insb
	nop
	nop
	nop
	trace	$0x22

/* an interrupt waits for the shadow of STI, and no longer */
	ask_irq	0x40
	trace	$0x23
	sti
	mov	0x400(%r9), %rbx
	nop
	cli
	trace	$0x24
	ask_irq	0x40
	sti
	mov	%rbx, 0x400(%r9)
	nop
	cli
	trace	$0xc0de25

/*
 * What in-tree KVM does otherwise than a processor: INS over the edge is one
 * access for both elements; after a store and OUTS no single step traps, nor
 * between the elements of REP.
 */
	mov	$PORT_DATA, %edx
	mov	$DEVICE - 3, %edi
	mov	$2, %ecx
	rep insl
	trace	%edi
	mov	$6, %r12d
	mov	$DEVICE + 0x900, %esi
	mov	$DATA, %edi
	mov	$2, %ecx
	pushf
	orl	$0x100, (%rsp)
	popf
	mov	%rbx, 0x408(%r9)
	rep movsb
	outsb
	nop
	nop
	trace	$0xc0de26

	lidt	empty_pointer
	int3

sub64:	trace	$0x21
	ret

/* R12: steps to go */
on_debug:
	trace	$0x2d
	mov	%dr6, %rax
	and	$0xe00f, %eax
	out	%eax, $PORT_TRACE
	trace	(%rsp)
	mov	$0xffff0ff0, %eax
	mov	%rax, %dr6
	dec	%r12d
	jnz	1f
	andl	$~0x100, 16(%rsp)
1:	iretq

on_irq:	trace	$0x2e
	iretq

	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* 0x08: code, 32 bits */
	.quad	0x00cf93000000ffff	/* 0x10: data */
	.quad	0x00af9b000000ffff	/* 0x18: code, 64 bits */
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
	.quad	0
