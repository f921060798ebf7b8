/* SPDX-License-Identifier: GPL-2.0 */
/* Two exceptions, the second in the delivery of the first: plain logic. */
#ifndef KVM_X86_DOUBLE_FAULT_H
#define KVM_X86_DOUBLE_FAULT_H

#include "../pure.h"

enum kvm_second {
	SECOND_SERIAL,		/* the second is delivered; the first comes again */
	SECOND_DOUBLE_FAULT,
	SECOND_SHUTDOWN,
};

/* SDM volume 3A, "Interrupt 8 - Double Fault Exception". */
enum kvm_second kvm_second_exception(u8 first, u8 second);

#endif
