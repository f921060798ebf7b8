/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Extended state (tests/vm/kvm/kvm_xsave.c): tells XCR0, sets it, stores the vector
 * register as it finds it, loads a pattern, and stores that for ever, telling XCR0
 * each time. In 64-bit code, which we are started in.
 */
	.set	PORT, 0x10
	.set	XCR0, 0x2ff0		/* set by who starts us */
	.set	FOUND, 0x2e00
	.set	PATTERN, 0x2e40
	.set	SEEN, 0x2e80
	.set	CR4_BITS, 0x40600	/* OSXSAVE, OSXMMEXCPT, OSFXSR */

	.code64
	.text
	mov	%cr4, %rax
	or	$CR4_BITS, %eax
	mov	%rax, %cr4
	xor	%ecx, %ecx
	xgetbv
	out	%eax, $PORT
	mov	XCR0, %eax
	xor	%edx, %edx
	xsetbv
	vmovdqu	%ymm5, FOUND
	vmovdqu	PATTERN, %ymm5
1:	vmovdqu	%ymm5, SEEN
	xor	%ecx, %ecx
	xgetbv
	out	%eax, $PORT
	jmp	1b
