/* SPDX-License-Identifier: GPL-2.0 */
#ifndef COMPAT_ASM_NOSPEC_BRANCH_H
#define COMPAT_ASM_NOSPEC_BRANCH_H

#include_next <asm/nospec-branch.h>

/* 6.1 has one macro for every entry into the kernel, ours from a guest too. */
#if defined(__ASSEMBLY__) && !defined(UNTRAIN_RET_VM)
#define UNTRAIN_RET_VM	UNTRAIN_RET
#endif

#endif
