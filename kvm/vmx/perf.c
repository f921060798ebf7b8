// SPDX-License-Identifier: GPL-2.0
/*
 * perf_guest_get_msrs() wants in-tree KVM's own struct kvm_pmu, and since 6.12 it reads it,
 * on processors whose PEBS a guest may use, without a look whether there is one. It gets
 * that of a guest without counters. Like host_work.c this file sees in-tree's structs, and
 * so includes none of our headers that have others of the same names.
 */
#include "vmx/perf.h"

#include <linux/kvm_host.h>

/* Only read. */
static struct kvm_pmu no_pmu;

struct perf_guest_switch_msr *vmx_perf_msrs(int *count)
{
	/* Where the kernel has no events it does not set it. */
	*count = 0;
	return perf_guest_get_msrs(count, &no_pmu);
}
