// SPDX-License-Identifier: GPL-2.0
#include "x86/mce.h"

#include <linux/errno.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/mce.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "backend.h"
#include "exit.h"
#include "vcpu.h"
#include "x86/events.h"

/* What a guest can have: IA32_MCG_CTL, and recovery from some errors. */
#define CAP_FEATURES	(MCG_CTL_P | MCG_SER_P)
/* Without a feature of their own: the count of extended registers. */
#define CAP_FREE	0xff0000ull

/* The MSRs of a bank, in their order. */
enum { BANK_CTL, BANK_STATUS, BANK_ADDR, BANK_MISC, BANK_MSRS };

static u32 nr_banks(const struct kvm_mce *mce)
{
	return mce->cap & MCG_BANKCNT_MASK;
}

void kvm_mce_free(struct kvm_mce *mce)
{
	kfree(mce->banks);
}

/* ---- MSRs ---- */

/* Where a bank's MSR is kept; NULL: there is no such bank. */
static u64 *bank_msr(struct kvm_mce *mce, u32 index)
{
	u32 end = nr_banks(mce) * BANK_MSRS, offset = index - MSR_IA32_MC0_CTL;

	return offset < end ? &mce->banks[array_index_nospec(offset, end)] : NULL;
}

static bool is_bank_msr(u32 index)
{
	return index >= MSR_IA32_MC0_CTL &&
	       index < MSR_IA32_MC0_CTL + KVM_MCE_BANKS_MAX * BANK_MSRS;
}

int kvm_mce_get_msr(struct kvm_vcpu *vcpu, u32 index, u64 *value)
{
	struct kvm_mce *mce = &vcpu->mce;
	const u64 *bank;

	switch (index) {
	case MSR_IA32_MCG_CAP:
		*value = mce->cap;
		return 0;
	case MSR_IA32_MCG_STATUS:
		*value = mce->status;
		return 0;
	case MSR_IA32_MCG_CTL:
		*value = mce->ctl;
		return mce->cap & MCG_CTL_P ? 0 : -EINVAL;
	}
	if (!is_bank_msr(index))
		return -ENOENT;
	bank = bank_msr(mce, index);
	if (!bank)
		return -EINVAL;
	*value = *bank;
	return 0;
}

/* All errors or none. (Linux clears a bit of AMD K8's bank 4, for the GART.) */
static bool bank_ctl_valid(u64 value)
{
	return !value || (value | BIT_ULL(10)) == ~0ull;
}

static int set_bank(struct kvm_mce *mce, u32 index, u64 value, bool by_guest)
{
	u32 which = (index - MSR_IA32_MC0_CTL) % BANK_MSRS;
	u64 *bank = bank_msr(mce, index);

	if (!bank)
		return -EINVAL;
	if (which == BANK_CTL && !bank_ctl_valid(value))
		return -EINVAL;
	/* 16.3.2.2: software clears it, and does not make errors. */
	if (which == BANK_STATUS && value && by_guest)
		return -EINVAL;
	*bank = value;
	return 0;
}

int kvm_mce_set_msr(struct kvm_vcpu *vcpu, u32 index, u64 value, bool by_guest)
{
	struct kvm_mce *mce = &vcpu->mce;

	switch (index) {
	case MSR_IA32_MCG_CAP:
		return -EINVAL;		/* read-only */
	case MSR_IA32_MCG_STATUS:
		mce->status = value;
		return 0;
	case MSR_IA32_MCG_CTL:
		if (!(mce->cap & MCG_CTL_P) || (value && ~value))
			return -EINVAL;
		mce->ctl = value;
		return 0;
	}
	return is_bank_msr(index) ? set_bank(mce, index, value, by_guest) : -ENOENT;
}

/* ---- ioctls ---- */

int kvm_mce_cap_user(void __user *arg)
{
	u64 cap = CAP_FEATURES;

	return copy_to_user(arg, &cap, sizeof(cap)) ? -EFAULT : 0;
}

int kvm_mce_setup_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	u64 *banks, cap;
	u32 count, i;

	if (copy_from_user(&cap, arg, sizeof(cap)))
		return -EFAULT;
	count = cap & MCG_BANKCNT_MASK;
	if (!count || count > KVM_MCE_BANKS_MAX ||
	    (cap & ~(CAP_FEATURES | CAP_FREE | MCG_BANKCNT_MASK)))
		return -EINVAL;
	banks = kcalloc(count, BANK_MSRS * sizeof(*banks), GFP_KERNEL_ACCOUNT);
	if (!banks)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		banks[i * BANK_MSRS + BANK_CTL] = ~0ull;
	kfree(vcpu->mce.banks);
	vcpu->mce = (struct kvm_mce) {
		.cap = cap,
		.ctl = cap & MCG_CTL_P ? ~0ull : 0,
		.banks = banks,
	};
	return 0;
}

static void record(u64 *bank, const struct kvm_x86_mce *error)
{
	u64 over = bank[BANK_STATUS] & MCI_STATUS_VAL ? MCI_STATUS_OVER : 0;

	bank[BANK_STATUS] = error->status | over;
	bank[BANK_ADDR] = error->addr;
	bank[BANK_MISC] = error->misc;
}

/* 16.3.2.2.1: which of two errors stays; the corrected one gives way. */
static void record_corrected(u64 *bank, const struct kvm_x86_mce *error)
{
	if ((bank[BANK_STATUS] & MCI_STATUS_VAL) && (bank[BANK_STATUS] & MCI_STATUS_UC))
		bank[BANK_STATUS] |= MCI_STATUS_OVER;
	else
		record(bank, error);
}

static void raise(struct kvm_vcpu *vcpu, u64 *bank, const struct kvm_x86_mce *error)
{
	struct kvm_mce *mce = &vcpu->mce;

	/* Reports are off, for all banks or for this one. */
	if ((mce->cap & MCG_CTL_P && ~mce->ctl) || ~bank[BANK_CTL])
		return;
	/* 16.3.1.2: a second one while the first is served shuts down. */
	if ((mce->status & MCG_STATUS_MCIP) ||
	    !(kvm_backend->get_cr(vcpu, 4) & X86_CR4_MCE)) {
		vcpu->shut_down = true;
		return;
	}
	record(bank, error);
	mce->status = error->mcg_status;
	kvm_event_put_off(vcpu);
	vcpu->event = (struct kvm_event) {
		.type = EVENT_EXCEPTION,
		.vector = X86_TRAP_MC,
	};
}

int kvm_mce_report_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	u32 count = nr_banks(&vcpu->mce);
	struct kvm_x86_mce error;
	u64 *bank;

	if (copy_from_user(&error, arg, sizeof(error)))
		return -EFAULT;
	if (error.bank >= count || !(error.status & MCI_STATUS_VAL))
		return -EINVAL;
	bank = &vcpu->mce.banks[array_index_nospec(error.bank, count) * BANK_MSRS];
	if (error.status & MCI_STATUS_UC)
		raise(vcpu, bank, &error);
	else
		record_corrected(bank, &error);
	return 0;
}
