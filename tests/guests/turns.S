/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registers of a guest's own (tests/vm/kvm/kvm_turns.c): stores XMM0 to XMM15 and PKRU as
 * it finds them, loads patterns, and stores what it has for ever, telling each time. In
 * 64-bit code, which we are started in, with CR4 set.
 */
	.set	PORT, 0x10
	.set	FOUND, 0x2800		/* 16 XMM registers, then PKRU */
	.set	PATTERN, 0x2a00
	.set	SEEN, 0x2c00
	.set	HAS_PKRU, 0x2e00
	.set	PKRU, 256		/* from FOUND, PATTERN and SEEN */

	.macro	store to
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movups	%xmm\n, \to + 16 * \n
	.endr
	cmpb	$0, HAS_PKRU
	je	9f
	xor	%ecx, %ecx
	rdpkru
	mov	%eax, \to + PKRU
9:
	.endm

	.code64
	.text
	store	FOUND
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movups	PATTERN + 16 * \n, %xmm\n
	.endr
	cmpb	$0, HAS_PKRU
	je	1f
	mov	PATTERN + PKRU, %eax
	xor	%ecx, %ecx
	xor	%edx, %edx
	wrpkru
1:	store	SEEN
	out	%al, $PORT
	jmp	1b
