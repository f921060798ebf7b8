/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest as a linker makes it (tests/vm/kvm/run.sh): it loads the segments that
 * it was started with anew, wants its BSS zeroed, says hello and what it is told,
 * echoes what comes in, and leaves by the exit port: 0, or 1 for a failure.
 */
	.set	SERIAL, 0x3f8
	.set	LINE_STATUS, 0x3fd
	.set	LINE_DATA, 1
	.set	LINE_EMPTY, 0x20
	.set	EXIT_PORT, 0xf4
	.set	CODE, 0x10
	.set	DATA, 0x18

#ifdef MULTIBOOT
	.section .text.header, "ax"
	.balign	4
	.long	0x1badb002, 2, -(0x1badb002 + 2)
#endif

	.text
	.globl	_start
_start:
	mov	%eax, %edi
	mov	$DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
#ifdef __x86_64__
	push	$CODE
	push	$reloaded
	lretq
#else
	ljmp	$CODE, $reloaded
#endif

reloaded:
	cmpl	$0, zeroed
	jne	failed
	cmpl	$0x12345678, filled
	jne	failed
	mov	$text, %esi
	call	say
#ifdef MULTIBOOT
	cmp	$0x2badb002, %edi
	jne	failed
	mov	16(%ebx), %esi		/* the command line */
	call	say
	mov	$newline, %esi
	call	say
	testl	$1, (%ebx)		/* memory above 1 MiB, in KiB */
	jz	failed
	cmpl	$3072, 8(%ebx)
	jne	failed
#endif
	mov	$LINE_STATUS, %edx
echo:	in	(%dx), %al
	test	$LINE_DATA, %al
	jz	done
	mov	$SERIAL, %edx
	in	(%dx), %al
	out	%al, (%dx)
	mov	$LINE_STATUS, %edx
	jmp	echo

failed:	mov	$1, %al
	out	%al, $EXIT_PORT
done:	mov	$0, %al
	out	%al, $EXIT_PORT
	hlt

/* The text at ESI. */
say:	mov	$LINE_STATUS, %edx
1:	in	(%dx), %al
	test	$LINE_EMPTY, %al
	jz	1b
	mov	$SERIAL, %edx
	lodsb
	test	%al, %al
	jz	2f
	out	%al, (%dx)
	jmp	say
2:	ret

	.section .rodata
text:
#ifdef __x86_64__
	.asciz	"Hello from long mode.\n"
#else
	.asciz	"Hello from protected mode.\n"
#endif
newline: .asciz	"\n"

	.data
filled:	.long	0x12345678

	.bss
	.balign	4096
	.space	8192
zeroed:	.long	0
