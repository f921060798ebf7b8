/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel must know around an entry into a guest: RCU (a CPU in a
 * guest is as quiet as one in user space), time accounting, and the state of
 * interrupts, which are on in the guest though off here.
 */
#ifndef KVM_GUEST_STATE_H
#define KVM_GUEST_STATE_H

#include <linux/context_tracking.h>
#include <linux/ftrace.h>
#include <linux/irqflags.h>
#include <linux/rcupdate.h>
#include <linux/vtime.h>

/* Interrupts off. Between these two, time is the guest's (top's %guest). */
static __always_inline void guest_time_start(void)
{
	vtime_account_guest_enter();
}

/* The host's interrupts that ended the run have been taken by now, so that a
 * tick among them is charged to the guest.
 */
static __always_inline void guest_time_stop(void)
{
	vtime_account_guest_exit();
}

/*
 * Interrupts off. Between these two RCU may not be watching: nothing but the
 * entry itself, no tracing, no log. A back end's run() calls them closest to
 * its assembly.
 */
static __always_inline void guest_state_enter(void)
{
	trace_hardirqs_on_prepare();
	lockdep_hardirqs_on_prepare();
	if (!context_tracking_guest_enter())
		rcu_virt_note_context_switch();
	lockdep_hardirqs_on(CALLER_ADDR0);
}

static __always_inline void guest_state_exit(void)
{
	lockdep_hardirqs_off(CALLER_ADDR0);
	context_tracking_guest_exit();
	trace_hardirqs_off_finish();
}

#endif
