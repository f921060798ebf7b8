/* SPDX-License-Identifier: GPL-2.0 */
/* The lists of known differences, as text that compare.c splits. */
	.macro	list name, file
	.globl	\name
\name:	.incbin	"\file"
	.byte	0
	.endm

	.data
	list	differences_list, "tests/diff/differences.txt"
	list	emulator_list, "tests/diff/emulator.txt"

	.section .note.GNU-stack, "", @progbits
