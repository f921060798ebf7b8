// SPDX-License-Identifier: GPL-2.0
#include "vm.h"

#include <linux/anon_inodes.h>
#include <linux/atomic.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>

#include "capability.h"
#include "clock.h"
#include "dirty_log.h"
#include "ioeventfd.h"
#include "memslot.h"
#include "mmu/notifier.h"
#include "vcpu.h"

/* KVM_SET_TSS_ADDR: three pages below 4 GiB */
#define TSS_ADDR_MAX	(0x100000000ull - 3 * PAGE_SIZE)

static atomic_t vm_count = ATOMIC_INIT(0);

u32 kvm_vm_count(void)
{
	return atomic_read(&vm_count);
}

struct kvm_vm *kvm_vm_create(bool legacy)
{
	struct kvm_vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!vm)
		return ERR_PTR(-ENOMEM);
	kref_init(&vm->ref);
	mutex_init(&vm->lock);
	mutex_init(&vm->slots_lock);
	vm->legacy = legacy;
	vm->owner_pid = task_pid_nr(current);
	kvm_tsc_init(&vm->tsc);
	kvm_clock_init(vm);
	ret = init_srcu_struct(&vm->srcu);
	if (ret)
		goto free_vm;
	ret = kvm_memslots_init(vm);
	if (ret)
		goto cleanup_srcu;
	ret = kvm_tdp_init(vm);
	if (ret)
		goto free_memslots;
	vm->mm = current->mm;
	mmgrab(vm->mm);
	ret = kvm_notifier_start(vm);
	if (ret)
		goto drop_mm;
	atomic_inc(&vm_count);
	return vm;

drop_mm:
	mmdrop(vm->mm);
	kvm_tdp_free(vm);
free_memslots:
	kvm_memslots_free(vm);
cleanup_srcu:
	cleanup_srcu_struct(&vm->srcu);
free_vm:
	kfree(vm);
	return ERR_PTR(ret);
}

static void destroy(struct kref *ref)
{
	struct kvm_vm *vm = container_of(ref, struct kvm_vm, ref);
	u32 i;

	kvm_notifier_stop(vm);
	for (i = 0; i < DEVKVM_VCPUS_MAX; i++) {
		if (vm->vcpus[i])
			kvm_vcpu_destroy(vm->vcpus[i]);
	}
	mmdrop(vm->mm);
	kvm_tdp_free(vm);
	kvm_memslots_free(vm);
	kvm_ioeventfds_free(vm);
	cleanup_srcu_struct(&vm->srcu);
	mutex_destroy(&vm->slots_lock);
	mutex_destroy(&vm->lock);
	kfree(vm);
	atomic_dec(&vm_count);
}

void kvm_vm_get(struct kvm_vm *vm)
{
	kref_get(&vm->ref);
}

void kvm_vm_put(struct kvm_vm *vm)
{
	kref_put(&vm->ref, destroy);
}

struct kvm_vcpu *kvm_vm_vcpu(struct kvm_vm *vm, u32 id)
{
	if (id >= DEVKVM_VCPUS_MAX)
		return NULL;
	/* pairs with add_vcpu() and publish_with_fd() */
	return smp_load_acquire(&vm->vcpus[array_index_nospec(id, DEVKVM_VCPUS_MAX)]);
}

/* In the table first: whoever can run the vCPU must be seen by request_all. */
static int publish_with_fd(struct kvm_vm *vm, struct kvm_vcpu *vcpu)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct file *file;

	if (fd < 0)
		return fd;
	file = kvm_vcpu_file(vcpu);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	/* pairs with kvm_vm_vcpu(): the vCPU is whole */
	smp_store_release(&vm->vcpus[vcpu->id], vcpu);
	fd_install(fd, file);
	return fd;
}

static int add_vcpu(struct kvm_vm *vm, u32 id, bool want_fd)
{
	struct kvm_vcpu *vcpu;
	int fd;

	lockdep_assert_held(&vm->lock);
	if (vm->vcpus[id])
		return -EEXIST;
	vcpu = kvm_vcpu_create(vm, id);
	if (IS_ERR(vcpu))
		return PTR_ERR(vcpu);
	if (!want_fd) {
		/* pairs with kvm_vm_vcpu(): the vCPU is whole */
		smp_store_release(&vm->vcpus[id], vcpu);
		return 0;
	}
	fd = publish_with_fd(vm, vcpu);
	if (fd < 0)
		kvm_vcpu_destroy(vcpu);
	return fd;
}

int kvm_vm_add_vcpu(struct kvm_vm *vm, u32 id, bool want_fd)
{
	int ret;

	if (id >= DEVKVM_VCPUS_MAX)
		return -EINVAL;
	mutex_lock(&vm->lock);
	ret = add_vcpu(vm, id, want_fd);
	mutex_unlock(&vm->lock);
	return ret;
}

/* Its arrival is all that counts: the guest has been left to take it. */
static void acknowledge(void *unused)
{
}

static void kick(struct kvm_vcpu *vcpu)
{
	int cpu = READ_ONCE(vcpu->cpu);

	if (READ_ONCE(vcpu->mode) == VCPU_IN_GUEST && cpu >= 0)
		smp_call_function_single(cpu, acknowledge, NULL, true);
}

void kvm_vm_request_all(struct kvm_vm *vm, unsigned int request)
{
	u32 i;

	if (request == REQUEST_TLB_FLUSH)
		atomic64_inc(&vm->stats.remote_tlb_flush_requests);
	for (i = 0; i < DEVKVM_VCPUS_MAX; i++) {
		struct kvm_vcpu *vcpu = kvm_vm_vcpu(vm, i);

		if (!vcpu)
			continue;
		kvm_vcpu_request(vcpu, request);
		/* Pairs with the barrier in run.c: the vCPU says that it is in
		 * the guest before it looks at its requests.
		 */
		smp_mb__after_atomic();
		kick(vcpu);
	}
}

void kvm_vm_kick_all(struct kvm_vm *vm)
{
	u32 i;

	for (i = 0; i < DEVKVM_VCPUS_MAX; i++) {
		struct kvm_vcpu *vcpu = kvm_vm_vcpu(vm, i);

		if (vcpu)
			kick(vcpu);
	}
}

/* ---- the descriptor ---- */

static int set_memory_region(struct kvm_vm *vm, void __user *arg)
{
	struct kvm_userspace_memory_region region;

	if (copy_from_user(&region, arg, sizeof(region)))
		return -EFAULT;
	return kvm_memslot_set(vm, &region);
}

static int get_dirty_log(struct kvm_vm *vm, void __user *arg)
{
	struct kvm_dirty_log log;

	if (copy_from_user(&log, arg, sizeof(log)))
		return -EFAULT;
	if (log.slot >= DEVKVM_SLOTS_MAX)
		return -EINVAL;
	return kvm_dirty_log_get(vm, log.slot, kvm_dirty_bitmap_of(log.padding2), 64);
}

static int clear_dirty_log(struct kvm_vm *vm, void __user *arg)
{
	struct kvm_clear_dirty_log log;

	if (copy_from_user(&log, arg, sizeof(log)))
		return -EFAULT;
	if (log.slot >= DEVKVM_SLOTS_MAX)
		return -EINVAL;
	return kvm_dirty_log_clear(vm, log.slot, log.first_page, log.num_pages,
				   kvm_dirty_bitmap_of(log.padding2));
}

static int enable_capability(struct kvm_vm *vm, void __user *arg)
{
	struct kvm_enable_cap cap;

	if (copy_from_user(&cap, arg, sizeof(cap)))
		return -EFAULT;
	if (cap.flags || cap.cap != KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2)
		return -EINVAL;
	return kvm_dirty_log_enable_manual(vm, cap.args[0]);
}

/* Interrupt routes are those of a controller in the kernel: a machine has none. */
static int set_gsi_routing(void __user *arg)
{
	struct kvm_irq_routing routing;

	return copy_from_user(&routing, arg, sizeof(routing)) ? -EFAULT : -EINVAL;
}

static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct kvm_vm *vm = file->private_data;

	/* It tells nothing of the guest's: for whoever has the descriptor. */
	if (cmd == KVM_GET_STATS_FD)
		return arg ? -EINVAL : kvm_stats_open_vm(vm);
	if (vm->mm != current->mm)
		return -EIO;
	switch (cmd) {
	case KVM_CREATE_VCPU:
		return arg < DEVKVM_VCPUS_MAX ? kvm_vm_add_vcpu(vm, arg, true) : -EINVAL;
	case KVM_SET_USER_MEMORY_REGION:
		return set_memory_region(vm, (void __user *)arg);
	case KVM_GET_DIRTY_LOG:
		return get_dirty_log(vm, (void __user *)arg);
	case KVM_CLEAR_DIRTY_LOG:
		return clear_dirty_log(vm, (void __user *)arg);
	case KVM_IOEVENTFD:
		return kvm_ioeventfd_user(vm, (void __user *)arg);
	case KVM_ENABLE_CAP:
		return enable_capability(vm, (void __user *)arg);
	case KVM_CHECK_EXTENSION:
		return kvm_capability(arg);
	case KVM_SET_GSI_ROUTING:
		return set_gsi_routing((void __user *)arg);
	case KVM_GET_CLOCK:
		return kvm_clock_get_user(vm, (void __user *)arg);
	case KVM_SET_CLOCK:
		return kvm_clock_set_user(vm, (void __user *)arg);
	case KVM_SET_TSS_ADDR:
		/* For hosts without unrestricted guests; we need none. */
		return arg > TSS_ADDR_MAX ? -EINVAL : 0;
	default:
		return -ENOTTY;
	}
}

static int vm_release(struct inode *inode, struct file *file)
{
	kvm_vm_put(file->private_data);
	return 0;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = vm_release,
	.llseek = noop_llseek,
};

int kvm_vm_open(void)
{
	struct kvm_vm *vm = kvm_vm_create(false);
	int fd;

	if (IS_ERR(vm))
		return PTR_ERR(vm);
	fd = anon_inode_getfd("kvm-vm", &vm_fops, vm, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		kvm_vm_put(vm);
	return fd;
}
