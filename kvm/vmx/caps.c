// SPDX-License-Identifier: GPL-2.0
/* The controls of VMX that we use, checked against what the processor has. */
#include "vmx/caps.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#define BASIC_TRUE_CONTROLS	BIT_ULL(55)
#define VPID_CAP(bit)		((u64)(bit) << 32)

struct bit_name {
	u32 bit;
	const char *name;
};

/*
 * One word of controls: an MSR says in its low half which bits must be 1, in
 * its high half which may be. `needed` must all be settable; `wanted` are set
 * where they can be; `unwanted` must be clearable.
 */
struct control_word {
	const char *name;
	u32 msr, true_msr;
	u32 needed, wanted, unwanted;
};

static const struct control_word pin_word = {
	.name = "pin-based",
	.msr = MSR_IA32_VMX_PINBASED_CTLS,
	.true_msr = MSR_IA32_VMX_TRUE_PINBASED_CTLS,
	.needed = PIN_BASED_EXT_INTR_MASK | PIN_BASED_NMI_EXITING |
		  PIN_BASED_VIRTUAL_NMIS,
};

/* With nested paging the guest's CR3 and INVLPG are its own business. */
static const struct control_word cpu_word = {
	.name = "processor-based",
	.msr = MSR_IA32_VMX_PROCBASED_CTLS,
	.true_msr = MSR_IA32_VMX_TRUE_PROCBASED_CTLS,
	.needed = CPU_BASED_HLT_EXITING | CPU_BASED_USE_TSC_OFFSETTING |
		  CPU_BASED_MWAIT_EXITING | CPU_BASED_MONITOR_EXITING |
		  CPU_BASED_RDPMC_EXITING | CPU_BASED_MOV_DR_EXITING |
		  CPU_BASED_CR8_LOAD_EXITING | CPU_BASED_CR8_STORE_EXITING |
		  CPU_BASED_UNCOND_IO_EXITING | CPU_BASED_USE_MSR_BITMAPS |
		  CPU_BASED_INTR_WINDOW_EXITING | CPU_BASED_NMI_WINDOW_EXITING |
		  CPU_BASED_ACTIVATE_SECONDARY_CONTROLS,
	.unwanted = CPU_BASED_CR3_LOAD_EXITING | CPU_BASED_CR3_STORE_EXITING |
		    CPU_BASED_INVLPG_EXITING | CPU_BASED_RDTSC_EXITING,
};

/* VPID is dropped again if INVVPID cannot serve it; the others are set when wanted. */
static const struct control_word cpu2_word = {
	.name = "secondary processor-based",
	.msr = MSR_IA32_VMX_PROCBASED_CTLS2,
	.true_msr = MSR_IA32_VMX_PROCBASED_CTLS2,
	.needed = SECONDARY_EXEC_ENABLE_EPT | SECONDARY_EXEC_UNRESTRICTED_GUEST |
		  SECONDARY_EXEC_WBINVD_EXITING,
	.wanted = SECONDARY_EXEC_ENABLE_VPID | SECONDARY_EXEC_ENABLE_RDTSCP |
		  SECONDARY_EXEC_ENABLE_PML | SECONDARY_EXEC_ENCLS_EXITING,
};

static const struct control_word exit_word = {
	.name = "exit",
	.msr = MSR_IA32_VMX_EXIT_CTLS,
	.true_msr = MSR_IA32_VMX_TRUE_EXIT_CTLS,
	.needed = VM_EXIT_HOST_ADDR_SPACE_SIZE | VM_EXIT_SAVE_DEBUG_CONTROLS |
		  VM_EXIT_LOAD_IA32_PAT | VM_EXIT_SAVE_IA32_EFER |
		  VM_EXIT_LOAD_IA32_EFER,
};

static const struct control_word entry_word = {
	.name = "entry",
	.msr = MSR_IA32_VMX_ENTRY_CTLS,
	.true_msr = MSR_IA32_VMX_TRUE_ENTRY_CTLS,
	.needed = VM_ENTRY_LOAD_DEBUG_CONTROLS | VM_ENTRY_LOAD_IA32_PAT |
		  VM_ENTRY_LOAD_IA32_EFER,
};

/* What people know these by; others are printed as numbers. */
static const struct bit_name secondary_names[] = {
	{ SECONDARY_EXEC_ENABLE_EPT, "EPT" },
	{ SECONDARY_EXEC_UNRESTRICTED_GUEST, "unrestricted guest" },
};

static int missing(const struct control_word *word, u32 bits)
{
	int i;

	if (word == &cpu2_word)
		for (i = 0; i < ARRAY_SIZE(secondary_names); i++)
			if (bits & secondary_names[i].bit)
				pr_err("devkvm: this processor's VMX has no %s\n",
				       secondary_names[i].name);
	pr_err("devkvm: this processor's VMX lacks %s controls %x\n",
	       word->name, bits);
	return -EOPNOTSUPP;
}

static int choose(const struct control_word *word, bool true_controls, u32 *bits, u32 *settable)
{
	u32 must, may;

	rdmsr(true_controls ? word->true_msr : word->msr, must, may);
	if (word->needed & ~may)
		return missing(word, word->needed & ~may);
	if (word->unwanted & must)
		return missing(word, word->unwanted & must);
	*bits = must | word->needed | (word->wanted & may);
	if (settable)
		*settable = may;
	return 0;
}

static int read_ept(struct vmx_caps *caps)
{
	const u64 needed = VMX_EPT_PAGE_WALK_4_BIT | VMX_EPTP_WB_BIT |
			   VMX_EPT_2MB_PAGE_BIT | VMX_EPT_INVEPT_BIT |
			   VMX_EPT_EXTENT_GLOBAL_BIT;
	u64 cap;

	rdmsrl(MSR_IA32_VMX_EPT_VPID_CAP, cap);
	if (needed & ~cap) {
		pr_err("devkvm: this processor's EPT lacks capabilities %llx\n",
		       needed & ~cap);
		return -EOPNOTSUPP;
	}
	caps->pml = (caps->cpu2 & SECONDARY_EXEC_ENABLE_PML) && (cap & VMX_EPT_AD_BIT);
	caps->invept_single = cap & VMX_EPT_EXTENT_CONTEXT_BIT;
	caps->invvpid_single = cap & VPID_CAP(VMX_VPID_EXTENT_SINGLE_CONTEXT_BIT);
	caps->vpid = (caps->cpu2 & SECONDARY_EXEC_ENABLE_VPID) &&
		     (cap & VPID_CAP(VMX_VPID_INVVPID_BIT)) &&
		     (cap & VPID_CAP(VMX_VPID_EXTENT_GLOBAL_CONTEXT_BIT));
	return 0;
}

int vmx_caps_read(struct vmx_caps *caps)
{
	bool true_controls;
	u64 basic;
	int ret;

	memset(caps, 0, sizeof(*caps));
	rdmsrl(MSR_IA32_VMX_BASIC, basic);
	true_controls = basic & BASIC_TRUE_CONTROLS;
	caps->revision = vmx_basic_vmcs_revision_id(basic);
	ret = choose(&pin_word, true_controls, &caps->pin, NULL) ?:
	      choose(&cpu_word, true_controls, &caps->cpu, &caps->cpu_may) ?:
	      choose(&cpu2_word, false, &caps->cpu2, NULL) ?:
	      choose(&exit_word, true_controls, &caps->exit, NULL) ?:
	      choose(&entry_word, true_controls, &caps->entry, NULL) ?:
	      read_ept(caps);
	if (ret)
		return ret;
	/* Asked for when needed, not from the start. */
	caps->cpu &= ~(CPU_BASED_INTR_WINDOW_EXITING | CPU_BASED_NMI_WINDOW_EXITING);
	/* Set for each guest as its mode and its luck want it. */
	caps->entry &= ~VM_ENTRY_IA32E_MODE;
	caps->rdtscp = caps->cpu2 & SECONDARY_EXEC_ENABLE_RDTSCP;
	caps->cpu2 &= ~(SECONDARY_EXEC_ENABLE_VPID | SECONDARY_EXEC_ENABLE_RDTSCP |
			SECONDARY_EXEC_ENABLE_PML);

	/* An unrestricted guest may turn protection and paging off. */
	rdmsrl(MSR_IA32_VMX_CR0_FIXED0, caps->cr0_fixed_on);
	caps->cr0_fixed_on &= ~(u64)(X86_CR0_PE | X86_CR0_PG);
	rdmsrl(MSR_IA32_VMX_CR4_FIXED0, caps->cr4_fixed_on);
	rdmsrl(MSR_IA32_VMX_CR4_FIXED1, caps->cr4_allowed);
	return 0;
}
