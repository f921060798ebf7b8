// SPDX-License-Identifier: GPL-2.0
/* Emptying the L1 data cache before a guest runs. */
#include "vmx/l1d.h"

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/hardirq.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/vmx.h>

/* Twice the 32 KiB of the processors that have no command for it. */
#define BUFFER_ORDER	4
#define BUFFER_SIZE	(PAGE_SIZE << BUFFER_ORDER)

static enum vmx_l1d_flush_state mode __ro_after_init;
static bool has_command __ro_after_init;
static u8 *buffer __ro_after_init;

static enum vmx_l1d_flush_state choose_mode(void)
{
	u64 arch = 0;

	if (!boot_cpu_has_bug(X86_BUG_L1TF))
		return VMENTER_L1D_FLUSH_NOT_REQUIRED;
	if (boot_cpu_has(X86_FEATURE_ARCH_CAPABILITIES))
		rdmsrl(MSR_IA32_ARCH_CAPABILITIES, arch);
	if (arch & ARCH_CAP_SKIP_VMENTRY_L1DFLUSH)
		return VMENTER_L1D_FLUSH_NOT_REQUIRED;
	switch (l1tf_mitigation) {
	case L1TF_MITIGATION_OFF:
		return VMENTER_L1D_FLUSH_NEVER;
	case L1TF_MITIGATION_FULL:
	case L1TF_MITIGATION_FULL_FORCE:
		return VMENTER_L1D_FLUSH_ALWAYS;
	default:
		return VMENTER_L1D_FLUSH_COND;
	}
}

int l1d_setup(void)
{
	struct page *pages;
	int i;

	mode = choose_mode();
	has_command = boot_cpu_has(X86_FEATURE_FLUSH_L1D);
	if (!has_command && (mode == VMENTER_L1D_FLUSH_COND ||
			     mode == VMENTER_L1D_FLUSH_ALWAYS)) {
		pages = alloc_pages(GFP_KERNEL, BUFFER_ORDER);
		if (!pages)
			return -ENOMEM;
		buffer = page_address(pages);
		/* Under a hypervisor that merges equal pages, they differ. */
		for (i = 0; i < 1 << BUFFER_ORDER; i++)
			memset(buffer + i * PAGE_SIZE, i + 1, PAGE_SIZE);
	}
	l1tf_vmx_mitigation = mode;
	return 0;
}

void l1d_teardown(void)
{
	l1tf_vmx_mitigation = VMENTER_L1D_FLUSH_AUTO;
	free_pages((unsigned long)buffer, BUFFER_ORDER);
}

/*
 * One byte of each line of the buffer replaces all that was there. First one
 * byte of each page, so that no walk for the TLB comes between the lines. The
 * loop is unrolled to a kilobyte, 16 lines.
 */
static __always_inline void read_buffer(void)
{
	unsigned long offset;

	asm volatile("	xor	%k0, %k0\n"
		     "1:	movzbl	(%1, %0), %%ecx\n"
		     "	add	%2, %k0\n"
		     "	cmp	%3, %k0\n"
		     "	jne	1b\n"
		     "	lfence\n"
		     "	xor	%k0, %k0\n"
		     "2:\n"
		     "	.set	line, 0\n"
		     "	.rept	16\n"
		     "	movzbl	line(%1, %0), %%ecx\n"
		     "	.set	line, line + 64\n"
		     "	.endr\n"
		     "	add	$1024, %k0\n"
		     "	cmp	%3, %k0\n"
		     "	jne	2b\n"
		     "	lfence\n"
		     : "=&r" (offset)
		     : "r" (buffer), "i" (PAGE_SIZE), "i" (BUFFER_SIZE)
		     : "rcx", "cc", "memory");
}

noinstr bool l1d_flush(bool *touched)
{
	bool needed;

	if (mode == VMENTER_L1D_FLUSH_COND) {
		/* Interrupts that took the host far enough say so themselves. */
		needed = *touched | kvm_get_cpu_l1tf_flush_l1d();
		*touched = false;
		kvm_clear_cpu_l1tf_flush_l1d();
		if (!needed)
			return false;
	} else if (mode != VMENTER_L1D_FLUSH_ALWAYS) {
		return false;
	}
	if (has_command)
		native_wrmsrl(MSR_IA32_FLUSH_CMD, L1D_FLUSH);
	else
		read_buffer();
	return true;
}
