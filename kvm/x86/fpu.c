// SPDX-License-Identifier: GPL-2.0
#include "x86/fpu.h"

#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/fpu/types.h>
#include <asm/fpu/xcr.h>
#include <asm/processor.h>

#include "vcpu.h"
#include "x86/cpuid.h"
#include "x86/cr.h"

/* struct kvm_fpu has the fields of FXSAVE in another order. */
static_assert(sizeof_field(struct fxregs_state, st_space) ==
	      sizeof_field(struct kvm_fpu, fpr));
static_assert(sizeof_field(struct fxregs_state, xmm_space) ==
	      sizeof_field(struct kvm_fpu, xmm));

/*
 * The kernel leaves it out where the thread's own is 0, and thus was not in use when the
 * guest's registers were saved.
 */
static void put_pkru(struct xregs_state *image, u32 pkru)
{
	u32 size, offset, ecx, edx;

	cpuid_count(0xd, XFEATURE_PKRU, &size, &offset, &ecx, &edx);
	image->header.xfeatures |= XFEATURE_MASK_PKRU;
	memcpy((void *)image + offset, &pkru, sizeof(pkru));
}

/*
 * All of the guest's registers as XSAVE would write them (SDM volume 1, 13.4),
 * whatever form the kernel keeps them in. kfree(); ERR_PTR.
 */
static struct xregs_state *get_image(struct kvm_vcpu *vcpu)
{
	struct fpu_guest *fpu = &vcpu->guest_fpu;
	struct xregs_state *image;

	/* None but AMX is larger, which a guest cannot have. */
	if (WARN_ON_ONCE(fpu->uabi_size > sizeof(struct kvm_xsave)))
		return ERR_PTR(-EINVAL);
	image = kzalloc(sizeof(struct kvm_xsave), GFP_KERNEL_ACCOUNT);
	if (!image)
		return ERR_PTR(-ENOMEM);
	fpu_copy_guest_fpstate_to_uabi(fpu, image, sizeof(struct kvm_xsave),
				       kvm_xcr0_allowed() | XFEATURE_MASK_FPSSE, vcpu->pkru);
	if (vcpu->pkru && kvm_xcr0_allowed() & XFEATURE_MASK_PKRU)
		put_pkru(image, vcpu->pkru);
	return image;
}

/* -EINVAL: components that the guest cannot have, or reserved bits. */
static int set_image(struct kvm_vcpu *vcpu, const struct xregs_state *image)
{
	return fpu_copy_uabi_to_guest_fpstate(&vcpu->guest_fpu, image,
					      kvm_xcr0_allowed() | XFEATURE_MASK_FPSSE,
					      &vcpu->pkru);
}

int kvm_fpu_get_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct xregs_state *image = get_image(vcpu);
	const struct fxregs_state *fx;
	struct kvm_fpu fpu = { };

	if (IS_ERR(image))
		return PTR_ERR(image);
	fx = &image->i387;
	memcpy(fpu.fpr, fx->st_space, sizeof(fpu.fpr));
	memcpy(fpu.xmm, fx->xmm_space, sizeof(fpu.xmm));
	fpu.fcw = fx->cwd;
	fpu.fsw = fx->swd;
	fpu.ftwx = fx->twd;
	fpu.last_opcode = fx->fop;
	fpu.last_ip = fx->rip;
	fpu.last_dp = fx->rdp;
	fpu.mxcsr = fx->mxcsr;
	kfree(image);
	return copy_to_user(arg, &fpu, sizeof(fpu)) ? -EFAULT : 0;
}

int kvm_fpu_set_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct xregs_state *image;
	struct fxregs_state *fx;
	struct kvm_fpu fpu;
	int ret;

	if (copy_from_user(&fpu, arg, sizeof(fpu)))
		return -EFAULT;
	image = get_image(vcpu);
	if (IS_ERR(image))
		return PTR_ERR(image);
	fx = &image->i387;
	memcpy(fx->st_space, fpu.fpr, sizeof(fpu.fpr));
	memcpy(fx->xmm_space, fpu.xmm, sizeof(fpu.xmm));
	fx->cwd = fpu.fcw;
	fx->swd = fpu.fsw;
	fx->twd = fpu.ftwx;
	fx->fop = fpu.last_opcode;
	fx->rip = fpu.last_ip;
	fx->rdp = fpu.last_dp;
	fx->mxcsr = fpu.mxcsr;
	image->header.xfeatures |= XFEATURE_MASK_FPSSE;
	ret = set_image(vcpu, image);
	kfree(image);
	return ret;
}

int kvm_xsave_get_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct xregs_state *image = get_image(vcpu);
	int ret;

	if (IS_ERR(image))
		return PTR_ERR(image);
	ret = copy_to_user(arg, image, sizeof(struct kvm_xsave)) ? -EFAULT : 0;
	kfree(image);
	return ret;
}

int kvm_xsave_set_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct xregs_state *image = memdup_user(arg, sizeof(struct kvm_xsave));
	int ret;

	if (IS_ERR(image))
		return PTR_ERR(image);
	ret = set_image(vcpu, image);
	kfree(image);
	return ret;
}

int kvm_xcrs_get_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_xcrs xcrs = {
		.nr_xcrs = 1,
		.xcrs[0] = { .xcr = XCR_XFEATURE_ENABLED_MASK, .value = vcpu->xcr0 },
	};

	if (!boot_cpu_has(X86_FEATURE_XSAVE))
		return -EINVAL;
	return copy_to_user(arg, &xcrs, sizeof(xcrs)) ? -EFAULT : 0;
}

/* Registers other than XCR0 are nobody's; the first XCR0 counts. */
int kvm_xcrs_set_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_xcrs xcrs;
	u32 i;

	if (!boot_cpu_has(X86_FEATURE_XSAVE))
		return -EINVAL;
	if (copy_from_user(&xcrs, arg, sizeof(xcrs)))
		return -EFAULT;
	if (xcrs.nr_xcrs > KVM_MAX_XCRS || xcrs.flags)
		return -EINVAL;
	for (i = 0; i < xcrs.nr_xcrs; i++) {
		if (xcrs.xcrs[i].xcr != XCR_XFEATURE_ENABLED_MASK)
			continue;
		if (!kvm_xcr0_valid(xcrs.xcrs[i].value, vcpu->limits.xcr0))
			return -EINVAL;
		vcpu->xcr0 = xcrs.xcrs[i].value;
		break;
	}
	return 0;
}
