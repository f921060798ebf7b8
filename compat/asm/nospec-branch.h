/* SPDX-License-Identifier: GPL-2.0 */
#ifndef COMPAT_ASM_NOSPEC_BRANCH_H
#define COMPAT_ASM_NOSPEC_BRANCH_H

#include_next <asm/nospec-branch.h>

/*
 * 6.1 has one macro for every entry into the kernel. Where an IBPB is wanted
 * after a guest only (spec_rstack_overflow=ibpb-vmexit), it leaves that out.
 */
#if defined(__ASSEMBLY__) && !defined(UNTRAIN_RET_VM)
.macro UNTRAIN_RET_VM
	UNTRAIN_RET
#if defined(CONFIG_CPU_IBPB_ENTRY) || defined(CONFIG_CPU_SRSO)
	ALTERNATIVE "", "call entry_ibpb", X86_FEATURE_IBPB_ON_VMEXIT
#endif
.endm
#endif

#endif
