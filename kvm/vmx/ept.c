// SPDX-License-Identifier: GPL-2.0
/* EPT's format, INVEPT, INVVPID, and who has which VPID. */
#include "vmx/ept.h"

#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/cpu.h>
#include <linux/spinlock.h>
#include <asm/asm.h>
#include <asm/cpufeature.h>
#include <asm/vmx.h>

#include "backend.h"
#include "vmx/caps.h"

#define MEMORY_TYPE_WB	6ull

/* Guards vpids; taken inside nothing. VPID 0 is the host's. */
static DEFINE_SPINLOCK(vpid_lock);
static DECLARE_BITMAP(vpids, VMX_NR_VPIDS);

static bool has_vpid, invvpid_single, invept_single;

/*
 * All of guest memory is write-back, whatever the guest's PAT and MTRRs say:
 * no device of the host is behind it.
 */
void ept_setup(const struct vmx_caps *caps, struct kvm_tdp_format *format)
{
	has_vpid = caps->vpid;
	invvpid_single = caps->invvpid_single;
	invept_single = caps->invept_single;
	__set_bit(0, vpids);
	*format = (struct kvm_tdp_format) {
		.levels = 4,
		.table = VMX_EPT_RWX_MASK,
		.leaf = VMX_EPT_READABLE_MASK | VMX_EPT_EXECUTABLE_MASK |
			MEMORY_TYPE_WB << VMX_EPT_MT_EPTE_SHIFT |
			VMX_EPT_IPAT_BIT,
		.writable = VMX_EPT_WRITABLE_MASK,
		/*
		 * Code in a large page can halt such a processor when its
		 * owner splits the page, unless none of it may be executed.
		 */
		.large = boot_cpu_has_bug(X86_BUG_ITLB_MULTIHIT) &&
			 !cpu_mitigations_off() ? 0 : BIT_ULL(7),
		.dirty = caps->pml ? VMX_EPT_DIRTY_BIT : 0,
		.address = GENMASK_ULL(51, 12),
	};
}

/*
 * Without accessed and dirty bits in EPT, if it can be: with them the processor would
 * write wherever it walks the guest's page tables, also where those may only be read.
 */
u64 ept_pointer(u64 root, bool dirty_bits)
{
	return root | MEMORY_TYPE_WB | VMX_EPTP_PWL_4 |
	       (dirty_bits ? VMX_EPTP_AD_ENABLE_BIT : 0);
}

static void invept(u64 extent, u64 eptp)
{
	struct {
		u64 eptp, zero;
	} operand = { eptp, 0 };

	asm volatile("1:	invept %0, %1\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : : "m" (operand), "r" (extent) : "cc", "memory");
}

static void invvpid(u64 extent, u16 vpid)
{
	struct {
		u64 vpid, address;
	} operand = { vpid, 0 };

	asm volatile("1:	invvpid %0, %1\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : : "m" (operand), "r" (extent) : "cc", "memory");
}

void ept_flush_all(void)
{
	invept(VMX_EPT_EXTENT_GLOBAL, 0);
	if (has_vpid)
		invvpid(VMX_VPID_EXTENT_ALL_CONTEXT, 0);
}

/* Combined translations, of linear addresses through this root, go as well. */
void ept_flush(u64 eptp)
{
	if (invept_single)
		invept(VMX_EPT_EXTENT_CONTEXT, eptp);
	else
		invept(VMX_EPT_EXTENT_GLOBAL, 0);
}

void ept_flush_vpid(u16 vpid)
{
	if (!vpid)
		return;
	if (invvpid_single)
		invvpid(VMX_VPID_EXTENT_SINGLE_CONTEXT, vpid);
	else
		invvpid(VMX_VPID_EXTENT_ALL_CONTEXT, 0);
}

u16 ept_get_vpid(void)
{
	unsigned long vpid;

	if (!has_vpid)
		return 0;
	spin_lock(&vpid_lock);
	vpid = find_first_zero_bit(vpids, VMX_NR_VPIDS);
	if (vpid < VMX_NR_VPIDS)
		__set_bit(vpid, vpids);
	else
		vpid = 0;
	spin_unlock(&vpid_lock);
	return vpid;
}

void ept_put_vpid(u16 vpid)
{
	if (!vpid)
		return;
	spin_lock(&vpid_lock);
	__clear_bit(vpid, vpids);
	spin_unlock(&vpid_lock);
}
