/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which field of the VMCB makes VMRUN refuse it: AMD64 APM volume 2, 15.5.1,
 * "Canonicalization and Consistency Checks". Plain logic over plain data. (15.20 asks for
 * a type and a vector of the event that goes in, too; what we inject has them, and a VMCB
 * that has come back says nothing of it.)
 */
#ifndef KVM_SVM_CHECK_H
#define KVM_SVM_CHECK_H

#include "vmcb.h"

/* What the processor and its owner allow. */
struct svm_check_limits {
	u64 cr4_allowed, efer_allowed;
	u8 phys_bits;
};

/* Its offset in the VMCB; 0, where no such field is: none of those checked is why. */
u32 svm_check(const struct vmcb *vmcb, const struct svm_check_limits *limits);

#endif
