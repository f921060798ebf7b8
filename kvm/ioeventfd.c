// SPDX-License-Identifier: GPL-2.0
#include "ioeventfd.h"

#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/uaccess.h>

#include "ioevent.h"

#define FLAGS_KNOWN	(KVM_IOEVENTFD_FLAG_DATAMATCH | KVM_IOEVENTFD_FLAG_PIO | \
			 KVM_IOEVENTFD_FLAG_DEASSIGN)

static const struct kvm_ioevents no_events;

static const struct kvm_ioevents *locked(struct kvm_vm *vm)
{
	return rcu_dereference_protected(vm->ioevents, lockdep_is_held(&vm->slots_lock)) ?:
	       &no_events;
}

static struct kvm_ioevents *alloc(u32 room)
{
	return kvzalloc(struct_size((struct kvm_ioevents *)NULL, items, room),
			GFP_KERNEL_ACCOUNT);
}

/* Afterwards no vCPU sees the old ones. */
static void publish(struct kvm_vm *vm, struct kvm_ioevents *new)
{
	struct kvm_ioevents *old;

	old = rcu_replace_pointer(vm->ioevents, new, lockdep_is_held(&vm->slots_lock));
	synchronize_srcu_expedited(&vm->srcu);
	kvfree(old);
}

static int add(struct kvm_vm *vm, const struct kvm_ioevent *want)
{
	const struct kvm_ioevents *old = locked(vm);
	struct kvm_ioevents *new;

	if (kvm_ioevents_collide(old, want))
		return -EEXIST;
	if (old->count == DEVKVM_IOEVENTFDS_MAX)
		return -ENOSPC;
	new = alloc(old->count + 1);
	if (!new)
		return -ENOMEM;
	kvm_ioevents_add(new, old, want);
	publish(vm, new);
	return 0;
}

static int take_away(struct kvm_vm *vm, const struct kvm_ioevent *want)
{
	const struct kvm_ioevents *old = locked(vm);
	const struct kvm_ioevent *gone = kvm_ioevents_same(old, want);
	struct kvm_ioevents *new = NULL;

	if (!gone)
		return -ENOENT;
	if (old->count > 1) {
		new = alloc(old->count - 1);
		if (!new)
			return -ENOMEM;
		kvm_ioevents_remove(new, old, gone);
	}
	publish(vm, new);
	eventfd_ctx_put(want->eventfd);		/* the reference that `gone` had */
	return 0;
}

static int check(const struct kvm_ioeventfd *args)
{
	switch (args->len) {
	case 0:
		if (args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH)
			return -EINVAL;
		break;
	case 1:
	case 2:
	case 4:
	case 8:
		break;
	default:
		return -EINVAL;
	}
	if (args->addr + args->len < args->addr || args->flags & ~(u32)FLAGS_KNOWN)
		return -EINVAL;
	return 0;
}

int kvm_ioeventfd_user(struct kvm_vm *vm, const void __user *arg)
{
	struct kvm_ioeventfd args;
	struct kvm_ioevent event;
	bool away;
	int ret;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	away = args.flags & KVM_IOEVENTFD_FLAG_DEASSIGN;
	ret = check(&args);
	if (ret)
		return ret;
	event = (struct kvm_ioevent) {
		.port = args.flags & KVM_IOEVENTFD_FLAG_PIO,
		.address = args.addr,
		.length = args.len,
		.match = args.flags & KVM_IOEVENTFD_FLAG_DATAMATCH,
		.value = args.datamatch,
		.eventfd = eventfd_ctx_fdget(args.fd),
	};
	if (IS_ERR(event.eventfd))
		return PTR_ERR(event.eventfd);
	mutex_lock(&vm->slots_lock);
	ret = away ? take_away(vm, &event) : add(vm, &event);
	mutex_unlock(&vm->slots_lock);
	if (ret || away)
		eventfd_ctx_put(event.eventfd);
	return ret;
}

bool kvm_ioeventfd_tell(struct kvm_vm *vm, bool port, u64 address, u8 length, u64 value)
{
	int idx = srcu_read_lock(&vm->srcu);
	const struct kvm_ioevents *all = srcu_dereference(vm->ioevents, &vm->srcu);
	const struct kvm_ioevent *event;

	event = all ? kvm_ioevents_find(all, port, address, length, value) : NULL;
	if (event)
		eventfd_signal(event->eventfd);
	srcu_read_unlock(&vm->srcu, idx);
	return event;
}

void kvm_ioeventfds_free(struct kvm_vm *vm)
{
	struct kvm_ioevents *all = rcu_dereference_protected(vm->ioevents, true);
	u32 i;

	for (i = 0; all && i < all->count; i++)
		eventfd_ctx_put(all->items[i].eventfd);
	kvfree(all);
}
