/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Forgetting translations, and the tags (VPIDs) that keep those of one
 * virtual CPU from another's: SDM volume 3C, "Caching Translation
 * Information".
 */
#ifndef KVM_VMX_EPT_H
#define KVM_VMX_EPT_H

#include <linux/types.h>

#include "mmu/tdp.h"

struct kvm_tdp_format;
struct vmx_caps;

void ept_setup(const struct vmx_caps *caps, struct kvm_tdp_format *format);
/* What the VMCS takes for a root of nested tables. */
u64 ept_pointer(u64 root, bool dirty_bits);

/* On this CPU; preemption off. */
void ept_flush_all(void);		/* every guest's */
void ept_flush(u64 eptp);		/* through one root, of all its vCPUs */
void ept_flush_vpid(u16 vpid);		/* one vCPU's linear addresses */

/* 0: none is left, or the processor has none; each entry flushes then. */
u16 ept_get_vpid(void);
void ept_put_vpid(u16 vpid);

#endif
