// SPDX-License-Identifier: GPL-2.0
#include "x86/msr.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <uapi/asm/kvm_para.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/mtrr.h>
#include <asm/processor.h>

#include "backend.h"
#include "vcpu.h"
#include "x86/cpuid.h"
#include "x86/cr.h"
#include "x86/pat.h"
#include "x86/sregs.h"
#include "x86/tsc.h"
#include "x86/tsc_aux.h"

#define MSRS_MAX	256	/* an ioctl takes fewer, as in-tree KVM has it */

#define APIC_BASE_RESET	(0xfee00000ull | MSR_IA32_APICBASE_ENABLE)
/* String instructions are fast; there is no branch trace store and no PEBS. */
#define MISC_ENABLE_RESET	(MSR_IA32_MISC_ENABLE_FAST_STRING | \
				 MSR_IA32_MISC_ENABLE_BTS_UNAVAIL | \
				 MSR_IA32_MISC_ENABLE_PEBS_UNAVAIL)

static const u32 saved_msrs[] = {
	MSR_IA32_TSC,
	MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP,
	MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SYSCALL_MASK, MSR_KERNEL_GS_BASE,
	MSR_IA32_CR_PAT, MSR_IA32_MISC_ENABLE, MSR_TSC_AUX, MSR_IA32_ARCH_CAPABILITIES,
	MSR_IA32_MCG_STATUS, MSR_IA32_MCG_CTL,
	MSR_MTRRdefType,
	MSR_MTRRfix64K_00000, MSR_MTRRfix16K_80000, MSR_MTRRfix16K_A0000,
	MSR_MTRRfix4K_C0000, MSR_MTRRfix4K_C8000, MSR_MTRRfix4K_D0000,
	MSR_MTRRfix4K_D8000, MSR_MTRRfix4K_E0000, MSR_MTRRfix4K_E8000,
	MSR_MTRRfix4K_F0000, MSR_MTRRfix4K_F8000,
	MTRRphysBase_MSR(0), MTRRphysMask_MSR(0), MTRRphysBase_MSR(1), MTRRphysMask_MSR(1),
	MTRRphysBase_MSR(2), MTRRphysMask_MSR(2), MTRRphysBase_MSR(3), MTRRphysMask_MSR(3),
	MTRRphysBase_MSR(4), MTRRphysMask_MSR(4), MTRRphysBase_MSR(5), MTRRphysMask_MSR(5),
	MTRRphysBase_MSR(6), MTRRphysMask_MSR(6), MTRRphysBase_MSR(7), MTRRphysMask_MSR(7),
};

/* Those that tell what this host's guests can have, before there is one. */
static const u32 feature_msrs[] = { MSR_IA32_ARCH_CAPABILITIES };

/*
 * What systems look at or adjust in passing, of a processor's own workings
 * which a guest's has not: they read so, and writes are lost, as in-tree KVM.
 */
static const struct {
	u32 index;
	u64 value;
} inert_msrs[] = {
	{ MSR_IA32_PLATFORM_ID, 0 },
	{ MSR_IA32_EBL_CR_POWERON, 0 },
	{ MSR_IA32_UCODE_REV, 0 },	/* and a guest's try to load microcode */
	{ MSR_FSB_FREQ, 3 },		/* 100 MHz, as bits 2:0 encode it */
	{ MSR_IA32_BBL_CR_CTL, 0 },
	{ MSR_IA32_BBL_CR_CTL3, 0xbe702111 },	/* the second-level cache is there */
	{ MSR_IA32_PERF_STATUS, 1000 | 4ull << 40 },	/* a ratio of 4 */
	{ MSR_IA32_PERF_CTL, 0 },
	{ MSR_IA32_LASTBRANCHFROMIP, 0 },
	{ MSR_IA32_LASTBRANCHTOIP, 0 },
	{ MSR_IA32_LASTINTFROMIP, 0 },
	{ MSR_IA32_LASTINTTOIP, 0 },
	{ MSR_K7_EVNTSEL0, 0 }, { MSR_K7_EVNTSEL1, 0 },
	{ MSR_K7_EVNTSEL2, 0 }, { MSR_K7_EVNTSEL3, 0 },
	{ MSR_K7_PERFCTR0, 0 }, { MSR_K7_PERFCTR1, 0 },
	{ MSR_K7_PERFCTR2, 0 }, { MSR_K7_PERFCTR3, 0 },
	{ MSR_AMD64_SYSCFG, 0 },
	{ MSR_K7_HWCR, 0 },
	{ MSR_K7_CLK_CTL, 0x20000000 },
	{ MSR_AMD64_NB_CFG, 0 },
	{ MSR_K8_INT_PENDING_MSG, 0 },
	{ MSR_FAM10H_MMIO_CONF_BASE, 0 },
	{ MSR_K8_TSEG_ADDR, 0 },
	{ MSR_K8_TSEG_MASK, 0 },
	{ MSR_AMD64_OSVW_ID_LENGTH, 0 },
	{ MSR_AMD64_OSVW_STATUS, 0 },
	{ MSR_AMD64_DC_CFG, 0 },
	{ MSR_AMD64_DE_CFG, 0 },
	{ MSR_AMD64_BU_CFG2, 0 },
};

static bool find_inert(u32 index, u64 *value)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(inert_msrs); i++) {
		if (inert_msrs[i].index == index) {
			*value = inert_msrs[i].value;
			return true;
		}
	}
	return false;
}

/* Of what the processor says of itself: attacks that do not work, whoever tries. */
#define ARCH_CAPABILITIES_PASSED \
	(ARCH_CAP_RDCL_NO | ARCH_CAP_SSB_NO | ARCH_CAP_MDS_NO | ARCH_CAP_SBDR_SSDP_NO | \
	 ARCH_CAP_FBSDP_NO | ARCH_CAP_PSDP_NO | ARCH_CAP_PBRSB_NO | ARCH_CAP_GDS_NO)

/* So that a guest does without what it would do against them. */
static u64 arch_capabilities(void)
{
	u64 value = 0;

	if (boot_cpu_has(X86_FEATURE_ARCH_CAPABILITIES))
		rdmsrl(MSR_IA32_ARCH_CAPABILITIES, value);
	value &= ARCH_CAPABILITIES_PASSED;
	/* A processor without the MSR, or that is older than a bit, may be known to Linux. */
	if (!boot_cpu_has_bug(X86_BUG_CPU_MELTDOWN))
		value |= ARCH_CAP_RDCL_NO;
	if (!boot_cpu_has_bug(X86_BUG_SPEC_STORE_BYPASS))
		value |= ARCH_CAP_SSB_NO;
	if (!boot_cpu_has_bug(X86_BUG_MDS))
		value |= ARCH_CAP_MDS_NO;
	/* No second-stage page is large where that erratum is. */
	return value | ARCH_CAP_PSCHANGE_MC_NO;
}

void kvm_msrs_reset(struct kvm_vcpu *vcpu)
{
	vcpu->arch_capabilities = arch_capabilities();
	vcpu->apic_base = APIC_BASE_RESET;
	if (!vcpu->id)
		vcpu->apic_base |= MSR_IA32_APICBASE_BSP;
	vcpu->misc_enable = MISC_ENABLE_RESET;
}

/* Held by the back end; see KVM_MSR_HW_LIST. */
static bool in_hardware(u32 index)
{
	switch (index) {
	case MSR_STAR:
	case MSR_LSTAR:
	case MSR_CSTAR:
	case MSR_SYSCALL_MASK:
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
	case MSR_IA32_SYSENTER_CS:
	case MSR_IA32_SYSENTER_ESP:
	case MSR_IA32_SYSENTER_EIP:
	case MSR_IA32_CR_PAT:
		return true;
	default:
		return false;
	}
}

/* Those of which there are many alike. */
static int get_of_group(struct kvm_vcpu *vcpu, u32 index, u64 *value)
{
	const u64 *mtrr = kvm_mtrr_of(&vcpu->mtrr, index);
	int ret;

	if (mtrr) {
		*value = *mtrr;
		return 0;
	}
	ret = kvm_mce_get_msr(vcpu, index, value);
	if (ret != -ENOENT)
		return ret;
	return find_inert(index, value) ? 0 : -EINVAL;
}

/* Those that are there for the guest if CPUID says so, and for user space always. */
static bool hidden_from_guest(const struct kvm_vcpu *vcpu, u32 index)
{
	switch (index) {
	case MSR_TSC_AUX:
		return !vcpu->rdtscp_on;
	case MSR_IA32_ARCH_CAPABILITIES:
		return !kvm_cpuid_tells_arch_capabilities(vcpu);
	default:
		return false;
	}
}

int kvm_msr_get(struct kvm_vcpu *vcpu, u32 index, u64 *value, bool by_guest)
{
	if (by_guest && hidden_from_guest(vcpu, index))
		return -EINVAL;
	if (in_hardware(index)) {
		*value = kvm_backend->get_msr(vcpu, index);
		return 0;
	}
	switch (index) {
	case MSR_EFER:
		*value = kvm_backend->get_efer(vcpu);
		return 0;
	case MSR_IA32_TSC:
		*value = kvm_tsc_read(vcpu);
		return 0;
	case MSR_TSC_AUX:
		*value = vcpu->tsc_aux;
		return 0;
	case MSR_IA32_APICBASE:
		*value = vcpu->apic_base;
		return 0;
	case MSR_IA32_MISC_ENABLE:
		*value = vcpu->misc_enable;
		return 0;
	case MSR_IA32_ARCH_CAPABILITIES:
		*value = vcpu->arch_capabilities;
		return 0;
	case MSR_MTRRcap:
		*value = KVM_MTRR_CAP;
		return 0;
	case MSR_IA32_DEBUGCTLMSR:
	case MSR_KVM_WALL_CLOCK:
	case MSR_KVM_SYSTEM_TIME:
		*value = 0;
		return 0;
	default:
		return get_of_group(vcpu, index, value);
	}
}

/* Sign-extended from the width of linear addresses with LA57. */
static bool canonical(u64 address)
{
	int shift = kvm_cpuid_has_la57() ? 7 : 16;

	return (u64)((s64)(address << shift) >> shift) == address;
}

static int set_hardware(struct kvm_vcpu *vcpu, u32 index, u64 value)
{
	switch (index) {
	case MSR_IA32_SYSENTER_ESP:
	case MSR_IA32_SYSENTER_EIP:
		if (!kvm_backend->sysenter_64) {
			/* AMD's SYSENTER is for 32 bits, and ignores the others. */
			value = (u32)value;
			break;
		}
		fallthrough;
	case MSR_LSTAR:
	case MSR_CSTAR:
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
		if (!canonical(value))
			return -EINVAL;
		break;
	case MSR_IA32_CR_PAT:
		if (!kvm_pat_valid(value))
			return -EINVAL;
		break;
	}
	kvm_backend->set_msr(vcpu, index, value);
	return 0;
}

static int set_of_group(struct kvm_vcpu *vcpu, u32 index, u64 value, bool by_guest)
{
	u64 *mtrr = kvm_mtrr_of(&vcpu->mtrr, index), unused;
	int ret;

	if (mtrr) {
		if (!kvm_mtrr_valid(index, value, boot_cpu_data.x86_phys_bits))
			return -EINVAL;
		*mtrr = value;
		return 0;
	}
	ret = kvm_mce_set_msr(vcpu, index, value, by_guest);
	if (ret != -ENOENT)
		return ret;
	return find_inert(index, &unused) ? 0 : -EINVAL;
}

int kvm_msr_set(struct kvm_vcpu *vcpu, u32 index, u64 value, bool by_guest)
{
	if (in_hardware(index))
		return set_hardware(vcpu, index, value);
	switch (index) {
	case MSR_EFER:
		return kvm_efer_write(vcpu, value, by_guest);
	case MSR_IA32_TSC:
		if (by_guest)
			kvm_tsc_write(vcpu, value);
		else
			kvm_tsc_set(vcpu, value);
		return 0;
	case MSR_TSC_AUX:
		if (by_guest && hidden_from_guest(vcpu, index))
			return -EINVAL;
		/* The high half is reserved on Intel's, ignored by AMD's. */
		if (value >> 32 && boot_cpu_data.x86_vendor == X86_VENDOR_INTEL)
			return -EINVAL;
		kvm_tsc_aux_write(vcpu, value);
		return 0;
	case MSR_IA32_APICBASE:
		if (kvm_apic_base_check(value, boot_cpu_data.x86_phys_bits))
			return -EINVAL;
		vcpu->apic_base = value;
		return 0;
	case MSR_IA32_MISC_ENABLE:
		vcpu->misc_enable = value;
		return 0;
	case MSR_IA32_ARCH_CAPABILITIES:
		if (by_guest)
			return -EINVAL;
		vcpu->arch_capabilities = value;
		return 0;
	case MSR_IA32_DEBUGCTLMSR:
		/* What each processor has can be turned on, and does nothing. */
		return value & ~(u64)(DEBUGCTLMSR_LBR | DEBUGCTLMSR_BTF) ? -EINVAL : 0;
	case MSR_KVM_WALL_CLOCK:
	case MSR_KVM_SYSTEM_TIME:
		/* QEMU turns the clock off that we do not have. */
		return value || by_guest ? -EINVAL : 0;
	default:
		return set_of_group(vcpu, index, value, by_guest);
	}
}

/* ---- user space ---- */

static int get_feature(u32 index, u64 *value)
{
	if (index != MSR_IA32_ARCH_CAPABILITIES)
		return -EINVAL;
	*value = arch_capabilities();
	return 0;
}

static int do_entry(struct kvm_vcpu *vcpu, struct kvm_msr_entry *e, bool set)
{
	if (!vcpu)
		return get_feature(e->index, &e->data);
	return set ? kvm_msr_set(vcpu, e->index, e->data, false) :
		     kvm_msr_get(vcpu, e->index, &e->data, false);
}

int kvm_msrs_do_user(struct kvm_vcpu *vcpu, struct kvm_msr_entry __user *user,
		     u32 count, bool set)
{
	struct kvm_msr_entry *entries;
	u32 size, done;
	int ret;

	if (count >= MSRS_MAX)
		return -E2BIG;
	size = count * sizeof(*entries);
	entries = memdup_user(user, size);
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	for (done = 0; done < count; done++) {
		if (do_entry(vcpu, &entries[done], set))
			break;
	}
	ret = done;
	if (!set && copy_to_user(user, entries, size))
		ret = -EFAULT;
	kfree(entries);
	return ret;
}

static int do_user(struct kvm_vcpu *vcpu, struct kvm_msrs __user *user, bool set)
{
	struct kvm_msrs head;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	return kvm_msrs_do_user(vcpu, user->entries, head.nmsrs, set);
}

int kvm_msrs_get_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	return do_user(vcpu, arg, false);
}

int kvm_msrs_set_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	return do_user(vcpu, arg, true);
}

int kvm_msrs_get_features(void __user *arg)
{
	return do_user(NULL, arg, false);
}

static int list_to_user(struct kvm_msr_list __user *arg, const u32 *indices, u32 count)
{
	struct kvm_msr_list head;
	u32 room;

	if (copy_from_user(&head, arg, sizeof(head)))
		return -EFAULT;
	room = head.nmsrs;
	head.nmsrs = count;
	if (copy_to_user(arg, &head, sizeof(head)))
		return -EFAULT;
	if (room < count)
		return -E2BIG;
	return copy_to_user(arg->indices, indices, count * sizeof(*indices)) ? -EFAULT : 0;
}

int kvm_msr_list_user(struct kvm_msr_list __user *arg)
{
	return list_to_user(arg, saved_msrs, ARRAY_SIZE(saved_msrs));
}

int kvm_msr_feature_list_user(struct kvm_msr_list __user *arg)
{
	return list_to_user(arg, feature_msrs, ARRAY_SIZE(feature_msrs));
}
