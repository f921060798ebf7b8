/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The four entries at the top of PAE (tests/vm/kvm/kvm_pdptes.c): which MOVs to
 * control registers load them, and refuse reserved bits with #GP. Each step
 * tells its number and, after a #GP, 0xd0d; every MOV is of 3 bytes.
 */
#include "modes.inc"

	.set	PAE_TOP, 0x12000
	.set	PAE_DIR, 0x13000
	.set	BAD_TOP, 0x12020
	.set	ALL_STEPS, 0x2ff0	/* set by who starts us */
	.set	PRESENT_AND_RESERVED, 3

	.macro	flip register, bit
	mov	%\register, %eax
	xor	$1 << \bit, %eax
	mov	%eax, %\register
	.endm

	.text
	.code16
	lgdtl	gdt_pointer
	mov	%cr0, %eax
	and	$0x9fffffff, %eax	/* without CD and NW, as after RESET */
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
	lidt	idt_pointer
	mov	$on_protection, %eax
	mov	%ax, IDT32 + 13 * 8
	movw	$CODE32, IDT32 + 13 * 8 + 2
	movw	$0x8e00, IDT32 + 13 * 8 + 4
	movl	$PAE_DIR + 1, PAE_TOP
	movl	$PAE_DIR + 1, BAD_TOP
	movl	$PRESENT_AND_RESERVED, BAD_TOP + 24
	movl	$BIG_PAGE, PAE_DIR
	mov	$PAE_TOP, %eax
	mov	%eax, %cr3
	mov	%cr4, %eax
	or	$0x20, %eax
	mov	%eax, %cr4
	set_cr0_pg

	trace	$1		/* a table with a bad entry */
	mov	$BAD_TOP, %eax
	mov	%eax, %cr3
	trace	%cr3
	mov	$PAE_TOP, %eax
	mov	%eax, %cr3

	/* From here on the table in memory is bad, the registers are not. */
	movl	$PRESENT_AND_RESERVED, PAE_TOP + 24
	cmpb	$0, ALL_STEPS
	je	loads
	trace	$2		/* what loads none: TS, CLTS, TSD */
	flip	cr0, 3
	trace	$3
	clts
	trace	$4
	flip	cr4, 2
loads:
	trace	$5		/* PGE, CD */
	flip	cr4, 7
	trace	$6
	flip	cr0, 30
	trace	$7		/* and with a good one again */
	movl	$0, PAE_TOP + 24
	flip	cr4, 7
	flip	cr0, 30
	trace	$8
	hlt

on_protection:
	trace	$0xd0d
	add	$4, %esp
	addl	$3, (%esp)
	iret

	.balign	8
gdt:	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt
idt_pointer:
	.word	0x7f
	.long	IDT32
