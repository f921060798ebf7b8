/* SPDX-License-Identifier: GPL-2.0 */
/* What the host's performance events want exchanged around a guest. */
#ifndef KVM_VMX_PERF_H
#define KVM_VMX_PERF_H

struct perf_guest_switch_msr;

/* MSRs with their values for host and guest, of this CPU. Interrupts off. */
struct perf_guest_switch_msr *vmx_perf_msrs(int *count);

#endif
