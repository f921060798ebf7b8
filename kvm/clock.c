// SPDX-License-Identifier: GPL-2.0
#include "clock.h"

#include <linux/compiler.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/uaccess.h>
#include <asm/msr.h>

#include "devkvm.h"
#include "vm.h"

void kvm_clock_init(struct kvm_vm *vm)
{
	vm->clock_offset_ns = -ktime_get_boottime_ns();
}

int kvm_clock_get_user(struct kvm_vm *vm, void __user *arg)
{
	struct kvm_clock_data data = {
		.flags = KVM_CLOCK_REALTIME | KVM_CLOCK_HOST_TSC,
	};

	/* At one moment, or nearly. */
	preempt_disable();
	data.host_tsc = rdtsc();
	data.realtime = ktime_get_real_ns();
	data.clock = ktime_get_boottime_ns() + READ_ONCE(vm->clock_offset_ns);
	preempt_enable();
	return copy_to_user(arg, &data, sizeof(data)) ? -EFAULT : 0;
}

int kvm_clock_set_user(struct kvm_vm *vm, const void __user *arg)
{
	struct kvm_clock_data data;
	u64 realtime;

	if (copy_from_user(&data, arg, sizeof(data)))
		return -EFAULT;
	/* What KVM_GET_CLOCK has told may come back as it is. */
	if (data.flags & ~(u32)(KVM_CLOCK_TSC_STABLE | KVM_CLOCK_REALTIME | KVM_CLOCK_HOST_TSC))
		return -EINVAL;
	realtime = ktime_get_real_ns();
	/* The time that it took to bring the value here; never back. */
	if ((data.flags & KVM_CLOCK_REALTIME) && realtime > data.realtime)
		data.clock += realtime - data.realtime;
	WRITE_ONCE(vm->clock_offset_ns, data.clock - ktime_get_boottime_ns());
	return 0;
}
