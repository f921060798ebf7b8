/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads all its pages, round after round and without an exit, to see that each has the
 * value that it wrote last; when GO has another it writes that to all of them, and to
 * DONE. HLT: a page has not what was written. OUT: GO was LAST.
 */
	.set	GO, 0x2000
	.set	DONE, 0x2001
	.set	LAST, 0xff
	.set	FIRST_SEGMENT, 0x8000
	.set	END_SEGMENT, 0xa000
	.set	AT, 0x10		/* in each page */

	.code16
	.text
	mov	DONE, %bl
1:	mov	$FIRST_SEGMENT, %dx
	cmp	%bl, GO
	je	3f
	mov	GO, %bl
2:	mov	%dx, %es
	mov	%bl, %es:AT
	add	$0x100, %dx
	cmp	$END_SEGMENT, %dx
	jne	2b
	mov	%bl, DONE
	cmp	$LAST, %bl
	jne	1b
	out	%al, $0x10
3:	mov	%dx, %es
	cmp	%bl, %es:AT
	jne	4f
	add	$0x100, %dx
	cmp	$END_SEGMENT, %dx
	jne	3b
	jmp	1b
4:	hlt
