// SPDX-License-Identifier: GPL-2.0
#include "capability.h"

#include <linux/cpumask.h>
#include <linux/minmax.h>

#include <asm/cpufeature.h>

#include "devkvm.h"
#include "x86/mce.h"

int kvm_capability(unsigned long cap)
{
	switch (cap) {
	case KVM_CAP_USER_MEMORY:
	case KVM_CAP_SET_TSS_ADDR:
	case KVM_CAP_EXT_CPUID:
	case KVM_CAP_SYNC_MMU:
	case KVM_CAP_SET_GUEST_DEBUG:
	case KVM_CAP_DESTROY_MEMORY_REGION_WORKS:
	case KVM_CAP_JOIN_MEMORY_REGIONS_WORKS:
	case KVM_CAP_CHECK_EXTENSION_VM:
	case KVM_CAP_IMMEDIATE_EXIT:
	case KVM_CAP_GET_MSR_FEATURES:
	case KVM_CAP_MP_STATE:
	case KVM_CAP_DEBUGREGS:
	case KVM_CAP_USER_NMI:
	case KVM_CAP_VCPU_EVENTS:
	case KVM_CAP_INTR_SHADOW:
	case KVM_CAP_PRE_FAULT_MEMORY:
	case KVM_CAP_READONLY_MEM:
	case KVM_CAP_BINARY_STATS_FD:
	case KVM_CAP_IOEVENTFD:
	case KVM_CAP_IOEVENTFD_NO_LENGTH:
	case KVM_CAP_IOEVENTFD_ANY_LENGTH:
		return 1;
	case KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2:
		return KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE;
	case KVM_CAP_ADJUST_CLOCK:
		return KVM_CLOCK_REALTIME | KVM_CLOCK_HOST_TSC;
	case KVM_CAP_XSAVE:
	case KVM_CAP_XCRS:
		return boot_cpu_has(X86_FEATURE_XSAVE);
	case KVM_CAP_XSAVE2:
		return boot_cpu_has(X86_FEATURE_XSAVE) ? sizeof(struct kvm_xsave) : 0;
	case KVM_CAP_MCE:
		return KVM_MCE_BANKS_MAX;
	case KVM_CAP_IRQ_ROUTING:
		/* How many routes: none, before a controller is in the kernel.
		 * But QEMU needs it to be there, and then never uses it.
		 */
		return 1;
	case KVM_CAP_NR_VCPUS:
		return min_t(int, num_online_cpus(), DEVKVM_VCPUS_MAX);
	case KVM_CAP_MAX_VCPUS:
	case KVM_CAP_MAX_VCPU_ID:
		return DEVKVM_VCPUS_MAX;
	case KVM_CAP_NR_MEMSLOTS:
		return DEVKVM_SLOTS_MAX;
	default:
		return 0;
	}
}
