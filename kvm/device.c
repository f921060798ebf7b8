// SPDX-License-Identifier: GPL-2.0
#include "device.h"

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "backend.h"
#include "capability.h"
#include "devkvm.h"
#include "legacy.h"
#include "mmu/tdp.h"
#include "policy.h"
#include "vcpu.h"
#include "vm.h"
#include "x86/cpuid.h"
#include "x86/mce.h"
#include "x86/msr.h"

/* API 12's layouts; tests/vm/kvm/kvm_abi.c compares names with <linux/kvm.h>. */
static_assert(sizeof(struct kvm_run) == 2352);
static_assert(offsetof(struct kvm_run, hw) == 32);
static_assert(offsetof(struct kvm_run, kvm_valid_regs) == 288);
static_assert(sizeof(struct kvm_regs) == 144);
static_assert(sizeof(struct kvm_sregs) == 312);
static_assert(sizeof(struct kvm_userspace_memory_region) == 32);
static_assert(sizeof(struct kvm_cpuid_entry2) == 40);
static_assert(sizeof(struct kvm_fpu) == 416);
static_assert(sizeof(struct kvm_xsave) == 4096);
static_assert(sizeof(struct kvm_xcrs) == 392);
static_assert(sizeof(struct kvm_vcpu_events) == 64);
static_assert(sizeof(struct kvm_debugregs) == 128);
static_assert(sizeof(struct kvm_x86_mce) == 64);
static_assert(sizeof(struct kvm_irq_routing) == 8);
static_assert(KVM_CREATE_VM == 0xae01);
static_assert(KVM_GET_SUPPORTED_CPUID == 0xc008ae05);
static_assert(KVM_SET_USER_MEMORY_REGION == 0x4020ae46);
static_assert(KVM_RUN == 0xae80);
static_assert(KVM_GET_REGS == 0x8090ae81);
static_assert(KVM_SET_SREGS == 0x4138ae84);

/* What an open of the node is: asked questions, or a machine of 2006. */
struct device_file {
	struct mutex lock;		/* guards the making of legacy */
	struct kvm_legacy *legacy;	/* NULL, then set once */
};

static bool ready;

static int device_open(struct inode *inode, struct file *file)
{
	struct device_file *df;

	/* pairs with kvm_device_set_ready() */
	if (!smp_load_acquire(&ready))
		return -ENODEV;
	df = kzalloc(sizeof(*df), GFP_KERNEL_ACCOUNT);
	if (!df)
		return -ENOMEM;
	mutex_init(&df->lock);
	file->private_data = df;
	return 0;
}

static int device_release(struct inode *inode, struct file *file)
{
	struct device_file *df = file->private_data;

	if (df->legacy)
		kvm_legacy_destroy(df->legacy);
	mutex_destroy(&df->lock);
	kfree(df);
	return 0;
}

/* The machine of this descriptor, made by its first ioctl; ERR_PTR. */
static struct kvm_legacy *legacy_of(struct device_file *df)
{
	/* pairs with the store-release below, of another thread's first ioctl */
	struct kvm_legacy *legacy = smp_load_acquire(&df->legacy);

	if (legacy)
		return legacy;
	mutex_lock(&df->lock);
	legacy = df->legacy;
	if (!legacy) {
		legacy = kvm_legacy_create();
		if (!IS_ERR(legacy))
			/* all of it has been written, for who reads without the lock */
			smp_store_release(&df->legacy, legacy);
	}
	mutex_unlock(&df->lock);
	return legacy;
}

static int get_info(void __user *arg)
{
	struct devkvm_info info = {
		.size = sizeof(info),
		.abi = DEVKVM_ABI,
		.api = KVM_API_VERSION,
		.features = DEVKVM_FEATURE_2006 | DEVKVM_FEATURE_API12,
		.tdp_levels = kvm_backend->tdp_format()->levels,
		.vcpus_max = DEVKVM_VCPUS_MAX,
		.slots_max = DEVKVM_SLOTS_MAX,
		.vms = kvm_vm_count(),
		.large_pages = kvm_tdp_large_pages(),
	};
	u32 size;

	strscpy(info.version, TRIVET_VERSION, sizeof(info.version));
	strscpy(info.backend, kvm_backend->name, sizeof(info.backend));
	if (get_user(size, (u32 __user *)arg))
		return -EFAULT;
	if (size < DEVKVM_INFO_SIZE_MIN)
		return -EINVAL;
	return copy_to_user(arg, &info, min_t(u32, size, sizeof(info))) ? -EFAULT : 0;
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct device_file *df = file->private_data;
	void __user *argp = (void __user *)arg;
	struct kvm_legacy *legacy;

	switch (cmd) {
	case KVM_GET_API_VERSION:
		return arg ? -EINVAL : KVM_API_VERSION;
	case KVM_CREATE_VM:
		return arg ? -EINVAL : kvm_vm_open();
	case KVM_CHECK_EXTENSION:
		return kvm_capability(arg);
	case KVM_GET_VCPU_MMAP_SIZE:
		return arg ? -EINVAL : KVM_VCPU_MMAP_SIZE;
	case KVM_GET_MSR_INDEX_LIST:
		return kvm_msr_list_user(argp);
	case KVM_GET_MSR_FEATURE_INDEX_LIST:
		return kvm_msr_feature_list_user(argp);
	case KVM_GET_MSRS:
		return kvm_msrs_get_features(argp);
	case KVM_GET_SUPPORTED_CPUID:
		return kvm_cpuid_supported_user(argp);
	case KVM_X86_GET_MCE_CAP_SUPPORTED:
		return kvm_mce_cap_user(argp);
	case DEVKVM_GET_INFO:
		return get_info(argp);
	case DEVKVM_GET_POLICY_INFO:
		return kvm_policy_info_user(argp);
	}
	if (!kvm_legacy_knows(cmd))
		return -EINVAL;
	legacy = legacy_of(df);
	if (IS_ERR(legacy))
		return PTR_ERR(legacy);
	return kvm_legacy_ioctl(legacy, cmd, arg);
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct device_file *df = file->private_data;
	/* pairs with legacy_of() */
	struct kvm_legacy *legacy = smp_load_acquire(&df->legacy);

	return legacy ? kvm_legacy_mmap(legacy, vma) : -ENODEV;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = device_mmap,
	.llseek = noop_llseek,
};

static struct miscdevice device = {
	.minor = KVM_MINOR,
	.name = "kvm",
	.fops = &device_fops,
	.mode = 0660,
};

int kvm_device_register(void)
{
	return misc_register(&device);
}

void kvm_device_set_ready(bool is)
{
	/* pairs with device_open(): all that a machine needs has been set up */
	smp_store_release(&ready, is);
}

void kvm_device_unregister(void)
{
	misc_deregister(&device);
}
