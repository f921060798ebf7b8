/* SPDX-License-Identifier: GPL-2.0 */
#ifndef COMPAT_ASM_SPEC_CTRL_H
#define COMPAT_ASM_SPEC_CTRL_H

#include_next <asm/spec-ctrl.h>

#include <asm/cpufeature.h>
#include <asm/msr.h>

/*
 * Zen 5's way against SRSO from a guest: a bit that is on while this CPU may
 * run guests. 6.1 does not know it, and chooses an IBPB at each exit.
 */
#ifdef X86_FEATURE_SRSO_BP_SPEC_REDUCE
static inline void srso_guests_begin(void)
{
	if (cpu_feature_enabled(X86_FEATURE_SRSO_BP_SPEC_REDUCE))
		msr_set_bit(MSR_ZEN4_BP_CFG, MSR_ZEN4_BP_CFG_BP_SPEC_REDUCE_BIT);
}

static inline void srso_guests_end(void)
{
	if (cpu_feature_enabled(X86_FEATURE_SRSO_BP_SPEC_REDUCE))
		msr_clear_bit(MSR_ZEN4_BP_CFG, MSR_ZEN4_BP_CFG_BP_SPEC_REDUCE_BIT);
}
#else
static inline void srso_guests_begin(void) { }
static inline void srso_guests_end(void) { }
#endif

#endif
