/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest for several vCPUs, EDI of ESI: each adds ROUNDS to one counter, and says
 * its number when it is through; number 0 waits for all, says whether the sum is
 * right, and leaves by the exit port.
 */
	.set	ROUNDS, 20000
	.set	SERIAL, 0x3f8
	.set	EXIT_PORT, 0xf4

#ifdef MULTIBOOT
	.section .text.header, "ax"
	.balign	4
	.long	0x1badb002, 0, -0x1badb002
#endif

	.text
	.globl	_start
_start:
	mov	%esi, %ebp
	mov	$ROUNDS, %ecx
1:	lock incl counter
	dec	%ecx
	jnz	1b

2:	pause			/* one at a time */
	mov	$1, %eax
	xchg	%eax, busy
	test	%eax, %eax
	jnz	2b
	mov	$vcpu, %esi
	call	say
	mov	%edi, %eax
	add	$'0', %al
	out	%al, (%dx)
	mov	$through, %esi
	call	say
	movl	$0, busy
	lock incl finished
	test	%edi, %edi
	jz	3f
	hlt

3:	pause
	cmp	finished, %ebp
	jne	3b
	imul	$ROUNDS, %ebp, %eax
	mov	$right, %esi
	mov	$0, %edi
	cmp	counter, %eax
	je	4f
	mov	$wrong, %esi
	mov	$1, %edi
4:	call	say
	mov	%edi, %eax
	out	%al, $EXIT_PORT
	hlt

say:	mov	$SERIAL, %edx
1:	lodsb
	test	%al, %al
	jz	2f
	out	%al, (%dx)
	jmp	1b
2:	ret

	.section .rodata
vcpu:	.asciz	"vCPU "
through: .asciz	" is through\n"
right:	.asciz	"and the sum is right\n"
wrong:	.asciz	"but the sum is wrong\n"

	.bss
	.balign	64
counter: .long	0
	.balign	64
busy:	.long	0
finished: .long	0
