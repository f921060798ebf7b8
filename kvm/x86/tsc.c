// SPDX-License-Identifier: GPL-2.0
#include "x86/tsc.h"

#include <linux/compiler.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#include "backend.h"
#include "vcpu.h"
#include "vm.h"

/* What the host's counter has lost in suspends; written when nothing else runs. */
static u64 lost, before_suspend;

/* As if it had never gone back. */
static u64 host_tsc(void)
{
	return rdtsc() + READ_ONCE(lost);
}

void kvm_tsc_suspend(void)
{
	before_suspend = rdtsc();
}

void kvm_tsc_resume(void)
{
	u64 now = rdtsc();

	if (now < before_suspend)
		WRITE_ONCE(lost, lost + before_suspend - now);
}

void kvm_tsc_init(struct kvm_tsc *tsc)
{
	spin_lock_init(&tsc->lock);
	tsc->offset = -host_tsc();
}

static void use_offset(struct kvm_vcpu *vcpu, u64 offset)
{
	vcpu->tsc_offset = offset;
	vcpu->tsc_lost = READ_ONCE(lost);
	kvm_backend->set_tsc_offset(vcpu, offset + vcpu->tsc_lost);
}

void kvm_tsc_load(struct kvm_vcpu *vcpu)
{
	if (unlikely(vcpu->tsc_lost != READ_ONCE(lost)))
		use_offset(vcpu, vcpu->tsc_offset);
}

void kvm_tsc_reset(struct kvm_vcpu *vcpu)
{
	use_offset(vcpu, READ_ONCE(vcpu->vm->tsc.offset));
}

u64 kvm_tsc_read(const struct kvm_vcpu *vcpu)
{
	return host_tsc() + vcpu->tsc_offset;
}

void kvm_tsc_write(struct kvm_vcpu *vcpu, u64 value)
{
	use_offset(vcpu, value - host_tsc());
}

/* Two offsets differ by as much as the counters do, at any moment. */
static bool within_second(u64 offset, u64 other)
{
	u64 second = tsc_khz * 1000ull;

	return offset - other + second < 2 * second;
}

void kvm_tsc_set(struct kvm_vcpu *vcpu, u64 value)
{
	struct kvm_tsc *tsc = &vcpu->vm->tsc;
	u64 offset = value - host_tsc();

	spin_lock(&tsc->lock);
	if (value && !(tsc->set && within_second(offset, tsc->offset))) {
		WRITE_ONCE(tsc->offset, offset);
		tsc->set = true;
	}
	offset = tsc->offset;
	spin_unlock(&tsc->lock);
	use_offset(vcpu, offset);
}
