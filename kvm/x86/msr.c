// SPDX-License-Identifier: GPL-2.0
#include "x86/msr.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/msr.h>
#include <asm/processor.h>

#include "backend.h"
#include "vcpu.h"
#include "x86/sregs.h"

#define MSRS_MAX	256	/* an ioctl takes fewer, as in-tree KVM has it */

#define APIC_BASE_RESET	(0xfee00000ull | MSR_IA32_APICBASE_ENABLE)
/* String instructions are fast; the rest as after RESET. */
#define MISC_ENABLE_RESET	MSR_IA32_MISC_ENABLE_FAST_STRING

static const u32 saved_msrs[] = {
	MSR_IA32_TSC,
	MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP,
	MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SYSCALL_MASK, MSR_KERNEL_GS_BASE,
	MSR_IA32_CR_PAT, MSR_IA32_MISC_ENABLE,
};

void kvm_msrs_reset(struct kvm_vcpu *vcpu)
{
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

int kvm_msr_get(struct kvm_vcpu *vcpu, u32 index, u64 *value)
{
	if (in_hardware(index)) {
		*value = kvm_backend->get_msr(vcpu, index);
		return 0;
	}
	switch (index) {
	case MSR_EFER:
		*value = kvm_backend->get_efer(vcpu);
		return 0;
	case MSR_IA32_TSC:
		*value = rdtsc() + vcpu->tsc_offset;
		return 0;
	case MSR_IA32_APICBASE:
		*value = vcpu->apic_base;
		return 0;
	case MSR_IA32_MISC_ENABLE:
		*value = vcpu->misc_enable;
		return 0;
	case MSR_IA32_UCODE_REV:
	case MSR_IA32_PLATFORM_ID:
		*value = 0;
		return 0;
	default:
		return -EINVAL;
	}
}

/* Sign-extended from the width of linear addresses with LA57. */
static bool canonical(u64 address)
{
	int shift = boot_cpu_has(X86_FEATURE_LA57) ? 7 : 16;

	return (u64)((s64)(address << shift) >> shift) == address;
}

/* Each byte a memory type: 0 UC, 1 WC, 4 WT, 5 WP, 6 WB, 7 UC-. */
static bool pat_valid(u64 pat)
{
	int i;

	for (i = 0; i < 8; i++, pat >>= 8) {
		u8 type = pat;

		if (type > 7 || type == 2 || type == 3)
			return false;
	}
	return true;
}

static int set_hardware(struct kvm_vcpu *vcpu, u32 index, u64 value)
{
	switch (index) {
	case MSR_LSTAR:
	case MSR_CSTAR:
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
	case MSR_IA32_SYSENTER_ESP:
	case MSR_IA32_SYSENTER_EIP:
		if (!canonical(value))
			return -EINVAL;
		break;
	case MSR_IA32_CR_PAT:
		if (!pat_valid(value))
			return -EINVAL;
		break;
	}
	kvm_backend->set_msr(vcpu, index, value);
	return 0;
}

static int set_efer(struct kvm_vcpu *vcpu, u64 value, bool by_guest)
{
	u64 old = kvm_backend->get_efer(vcpu);

	if (value & ~kvm_backend->efer_allowed())
		return -EINVAL;
	/* LME may not change under paging (APM volume 2, 14.6.1). */
	if (by_guest && ((value ^ old) & EFER_LME) &&
	    (kvm_backend->get_cr(vcpu, 0) & X86_CR0_PG))
		return -EINVAL;
	/* LMA follows LME and CR0.PG; nobody writes it. */
	value = (value & ~EFER_LMA) | (old & EFER_LMA);
	kvm_backend->set_efer(vcpu, value);
	return 0;
}

static void set_tsc(struct kvm_vcpu *vcpu, u64 value)
{
	vcpu->tsc_offset = value - rdtsc();
	kvm_backend->set_tsc_offset(vcpu, vcpu->tsc_offset);
}

int kvm_msr_set(struct kvm_vcpu *vcpu, u32 index, u64 value, bool by_guest)
{
	if (in_hardware(index))
		return set_hardware(vcpu, index, value);
	switch (index) {
	case MSR_EFER:
		return set_efer(vcpu, value, by_guest);
	case MSR_IA32_TSC:
		set_tsc(vcpu, value);
		return 0;
	case MSR_IA32_APICBASE:
		if (kvm_apic_base_check(value, boot_cpu_data.x86_phys_bits))
			return -EINVAL;
		vcpu->apic_base = value;
		return 0;
	case MSR_IA32_MISC_ENABLE:
		vcpu->misc_enable = value;
		return 0;
	case MSR_IA32_UCODE_REV:
		return 0;	/* a guest's try to load microcode */
	default:
		return -EINVAL;
	}
}

/* ---- user space ---- */

static int do_entry(struct kvm_vcpu *vcpu, struct kvm_msr_entry *e, bool set)
{
	return set ? kvm_msr_set(vcpu, e->index, e->data, false) :
		     kvm_msr_get(vcpu, e->index, &e->data);
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

int kvm_msr_list_user(struct kvm_msr_list __user *arg)
{
	struct kvm_msr_list head;
	u32 room;

	if (copy_from_user(&head, arg, sizeof(head)))
		return -EFAULT;
	room = head.nmsrs;
	head.nmsrs = ARRAY_SIZE(saved_msrs);
	if (copy_to_user(arg, &head, sizeof(head)))
		return -EFAULT;
	if (room < ARRAY_SIZE(saved_msrs))
		return -E2BIG;
	return copy_to_user(arg->indices, saved_msrs, sizeof(saved_msrs)) ? -EFAULT : 0;
}
