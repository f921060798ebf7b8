/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Says hello through the first serial port, byte by byte, and halts: real
 * mode, linked to run at 0x1000 with all segments 0.
 */
	.code16
	.text
	cld
	mov	$text, %si
	mov	$0x3f8, %dx
1:	lodsb
	test	%al, %al
	jz	2f
	out	%al, (%dx)
	jmp	1b
2:	hlt

text:	.asciz	"Hello from real mode.\n"
