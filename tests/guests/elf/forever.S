/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that never ends. vCPU 0 exits all the time: by lowering its task
 * priority in long mode, else by a port. The others never exit.
 */
#ifdef MULTIBOOT
	.section .text.header, "ax"
	.balign	4
	.long	0x1badb002, 0, -0x1badb002
#endif

	.text
	.globl	_start
_start:
	test	%edi, %edi
	jnz	2f
#ifdef __x86_64__
1:	mov	$1, %eax
	mov	%rax, %cr8
	dec	%eax
	mov	%rax, %cr8
#else
1:	out	%al, $0x80
#endif
	jmp	1b
2:	pause
	jmp	2b
