// SPDX-License-Identifier: GPL-2.0
#include "run.h"

#include <linux/entry-kvm.h>
#include <linux/hw_breakpoint.h>
#include <linux/preempt.h>
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>
#include <asm/nospec-branch.h>
#include <asm/special_insns.h>

#include "backend.h"
#include "device_access.h"
#include "exit.h"
#include "guest_state.h"
#include "host_work.h"
#include "policy.h"
#include "trace.h"
#include "vcpu.h"
#include "vm.h"
#include "x86/events.h"

/* DR7 after reset: no breakpoint is armed. */
#define DR7_DISARMED	0x400

static u64 host_xcr0 __ro_after_init;

void __init kvm_run_init(void)
{
	if (boot_cpu_has(X86_FEATURE_OSXSAVE))
		host_xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
}

/* ---- events ---- */

bool kvm_ready_for_interrupt(struct kvm_vcpu *vcpu)
{
	return vcpu->irq < 0 && vcpu->event.type == EVENT_NONE &&
	       kvm_backend->irq_allowed(vcpu);
}

static void set_window(struct kvm_vcpu *vcpu, bool on)
{
	if (vcpu->window_set == on)
		return;
	vcpu->window_set = on;
	kvm_backend->set_irq_window(vcpu, on);
}

/* What waits goes in now, or as soon as the guest lets it. */
static void prepare_event(struct kvm_vcpu *vcpu)
{
	if (unlikely(vcpu->nmi_pending || vcpu->nmi_window_set))
		kvm_nmi_prepare(vcpu);
	if (vcpu->irq >= 0 && vcpu->event.type == EVENT_NONE &&
	    kvm_backend->irq_allowed(vcpu)) {
		kvm_irq_begin(vcpu);
		/* another thing is in the way of an NMI that waits now */
		if (unlikely(vcpu->nmi_window_set))
			kvm_backend->set_nmi_window(vcpu, true);
	}
	set_window(vcpu, vcpu->irq >= 0 ||
			 (vcpu->want_window && !kvm_ready_for_interrupt(vcpu)));
}

/* ---- one entry ---- */

/* Interrupts off. */
static void handle_requests(struct kvm_vcpu *vcpu)
{
	unsigned long requests = xchg(&vcpu->requests, 0);

	if (requests & BIT(REQUEST_TDP_ROOT))
		kvm_backend->load_tdp(vcpu, kvm_tdp_root(vcpu->vm),
				      READ_ONCE(vcpu->vm->processor_logs));
	if (requests & BIT(REQUEST_TLB_FLUSH)) {
		vcpu->stats.tlb_flush++;
		kvm_backend->flush_tlb(vcpu);
	}
}

/* It can look at PKRU, by RDPKRU or by XSAVE. */
static bool uses_pkru(const struct kvm_vcpu *vcpu)
{
	return vcpu->pke_on || vcpu->xcr0 & XFEATURE_MASK_PKRU;
}

/* Host state that neither extension switches; interrupts off. */
static void load_guest_extras(struct kvm_vcpu *vcpu)
{
	int i;

	if (vcpu->xsave_on && vcpu->xcr0 != host_xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, vcpu->xcr0);
	if (unlikely(uses_pkru(vcpu))) {
		vcpu->host_pkru = rdpkru();
		wrpkru(vcpu->pkru);
	}
	/*
	 * The guest's addresses must not arm the host's breakpoints, and none
	 * may hit on the way in, where RCU does not watch.
	 */
	if (unlikely(vcpu->debug.armed || hw_breakpoint_active()))
		set_debugreg(DR7_DISARMED, 7);
	if (unlikely(vcpu->debug.armed)) {
		for (i = 0; i < ARRAY_SIZE(vcpu->debug.dr); i++)
			set_debugreg(vcpu->debug.armed[i], i);
	}
}

static void restore_host_extras(struct kvm_vcpu *vcpu)
{
	if (vcpu->xsave_on && vcpu->xcr0 != host_xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, host_xcr0);
	if (unlikely(uses_pkru(vcpu))) {
		vcpu->pkru = rdpkru();
		wrpkru(vcpu->host_pkru);
	}
	/* DR7 is disarmed; DR0 to DR3 may be the guest's. */
	if (hw_breakpoint_active())
		hw_breakpoint_restore();
	if (cpu_feature_enabled(X86_FEATURE_IBPB_EXIT_TO_USER))
		this_cpu_write(x86_ibpb_exit_to_user, true);
}

/* 0: the guest ran. -EAGAIN: something must be done before it can. */
static int enter_once(struct kvm_vcpu *vcpu)
{
	int ret = -EAGAIN;

	preempt_disable();
	local_irq_disable();
	if (test_thread_flag(TIF_NEED_FPU_LOAD))
		switch_fpu_return();
	/*
	 * From here on who makes a request sees that we need an IPI, which
	 * would end the guest's run at once; who made one before, we see.
	 */
	WRITE_ONCE(vcpu->mode, VCPU_IN_GUEST);
	smp_mb();	/* pairs with smp_mb__after_atomic() of who makes one */
	if (vcpu->requests)
		handle_requests(vcpu);
	xfer_to_guest_mode_prepare();
	if (xfer_to_guest_mode_work_pending())
		goto out;

	load_guest_extras(vcpu);
	guest_time_start();
	ret = kvm_backend->run(vcpu);
	restore_host_extras(vcpu);
	WRITE_ONCE(vcpu->mode, VCPU_OUTSIDE);
	/* Take what ended the run while its time still is the guest's. */
	local_irq_enable();
	/* STI takes effect after the instruction that follows it. */
	asm volatile("nop");
	local_irq_disable();
	guest_time_stop();
out:
	WRITE_ONCE(vcpu->mode, VCPU_OUTSIDE);
	local_irq_enable();
	preempt_enable();
	return ret;
}

static int host_work(void)
{
	return __xfer_to_guest_mode_work_pending() ? kvm_host_work() : 0;
}

/* After an entry of a guest that a debugger or its owner watches. */
static noinline int finish_watched(struct kvm_vcpu *vcpu, int ret)
{
	if (vcpu->debug.control)
		kvm_debug_leave(vcpu);
	if (ret)
		return ret == -EAGAIN ? 1 : ret;
	return kvm_policy_exit(vcpu);
}

static noinline void trace_exit(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_details details;

	kvm_backend->exit_details(vcpu, &details);
	trace_kvm_exit(vcpu, kvm_backend->trace_isa, &details);
}

/* 1: go on; 0: stop; negative errno. */
static int run_once(struct kvm_vcpu *vcpu)
{
	int ret;

	if (unlikely(vcpu->debug.stepped)) {
		kvm_debug_stepped(vcpu);
		vcpu->stop.reason = KVM_EXIT_DEBUG;
		return 0;
	}
	if (unlikely(vcpu->shut_down)) {
		vcpu->shut_down = false;
		return kvm_exit_shutdown(vcpu);
	}
	/* Finishing the last exit may have opened it, as any exit may. */
	if (vcpu->want_window && kvm_ready_for_interrupt(vcpu)) {
		vcpu->stop.reason = KVM_EXIT_IRQ_WINDOW_OPEN;
		return 0;
	}
	ret = host_work();
	if (ret)
		return ret;
	prepare_event(vcpu);
	if (unlikely(vcpu->debug.control))
		kvm_debug_enter(vcpu);
	trace_kvm_entry(vcpu);
	ret = enter_once(vcpu);
	if (!ret) {
		kvm_backend->decode(vcpu, &vcpu->exit);
		vcpu->stats.exits[vcpu->exit.kind]++;
		if (trace_kvm_exit_enabled())
			trace_exit(vcpu);
	}
	if (unlikely(vcpu->watched))
		return finish_watched(vcpu, ret);
	if (ret)
		return ret == -EAGAIN ? 1 : ret;
	return kvm_exit_handle(vcpu);
}

/* What the last exit asked for is there. */
static int resume(struct kvm_vcpu *vcpu)
{
	if (vcpu->pending != PENDING_POLICY)
		return kvm_device_resume(vcpu);
	vcpu->pending = PENDING_NONE;
	return kvm_policy_resume(vcpu);
}

int kvm_run_guest(struct kvm_vcpu *vcpu, bool immediate)
{
	int ret;

	lockdep_assert_held(&vcpu->lock);
	vcpu->ran = true;
	fpu_swap_kvm_fpstate(&vcpu->guest_fpu, true);
	ret = vcpu->pending == PENDING_NONE ? 1 : resume(vcpu);
	if (ret > 0 && immediate)
		ret = -EINTR;
	while (ret > 0)
		ret = run_once(vcpu);
	fpu_swap_kvm_fpstate(&vcpu->guest_fpu, false);
	/* Also where memory could not be waited for: the last stop is over. */
	if (ret == -EINTR) {
		vcpu->stop.reason = KVM_EXIT_INTR;
		vcpu->stats.signal_exits++;
	}
	return ret;
}
