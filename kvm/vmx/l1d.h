/* SPDX-License-Identifier: GPL-2.0 */
/*
 * L1 Terminal Fault: on processors that have it, a guest may read what the
 * host left in the L1 data cache. When to empty it is the host's policy
 * (mitigations=, l1tf=); this follows the rules of the kernel's own KVM.
 */
#ifndef KVM_VMX_L1D_H
#define KVM_VMX_L1D_H

#include <linux/types.h>

/* -ENOMEM. Tells the kernel what it chose, for .../vulnerabilities/l1tf. */
int l1d_setup(void);
void l1d_teardown(void);

/*
 * Interrupts off, right before an entry. *touched: since the last entry the
 * host ran what may bring its own data into the cache (a system call, another
 * thread, whatever reads the guest's memory for it); taken back here. Was it emptied?
 */
bool l1d_flush(bool *touched);

#endif
