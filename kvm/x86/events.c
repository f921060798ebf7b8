// SPDX-License-Identifier: GPL-2.0
#include "x86/events.h"

#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/uaccess.h>
#include <asm/trapnr.h>

#include "backend.h"
#include "exit.h"
#include "trace.h"
#include "vcpu.h"
#include "x86/double_fault.h"

#define FLAGS_KNOWN	(KVM_VCPUEVENT_VALID_NMI_PENDING | \
			 KVM_VCPUEVENT_VALID_SIPI_VECTOR | \
			 KVM_VCPUEVENT_VALID_SHADOW)

/* A processor holds one NMI while another is served, and delivers one at once. */
static u8 nmi_limit(struct kvm_vcpu *vcpu)
{
	return kvm_backend->nmi_masked(vcpu) || vcpu->event.type == EVENT_NMI ? 1 : 2;
}

int kvm_nmi(struct kvm_vcpu *vcpu, void __user *unused)
{
	vcpu->nmi_pending = min_t(u8, vcpu->nmi_pending + 1, nmi_limit(vcpu));
	return 0;
}

void kvm_nmi_prepare(struct kvm_vcpu *vcpu)
{
	if (vcpu->nmi_pending && vcpu->event.type == EVENT_NONE &&
	    kvm_backend->nmi_allowed(vcpu)) {
		vcpu->event = (struct kvm_event) {
			.type = EVENT_NMI,
			.vector = X86_TRAP_NMI,
		};
		vcpu->nmi_pending--;
		vcpu->stats.nmi_injections++;
	}
	vcpu->nmi_window_set = vcpu->nmi_pending;
	kvm_backend->set_nmi_window(vcpu, vcpu->nmi_window_set);
}

void kvm_irq_set(struct kvm_vcpu *vcpu, int vector)
{
	vcpu->irq = vector;
	vcpu->irq_put_off = false;
	vcpu->irq_behind = -1;
}

void kvm_irq_begin(struct kvm_vcpu *vcpu)
{
	vcpu->event = (struct kvm_event) {
		.type = EVENT_IRQ,
		.vector = vcpu->irq,
	};
	trace_kvm_inj_virq(vcpu->irq);
	kvm_irq_set(vcpu, vcpu->irq_behind);
	vcpu->stats.irq_injections++;
}

void kvm_event_put_off(struct kvm_vcpu *vcpu)
{
	if (vcpu->event.type == EVENT_IRQ) {
		vcpu->irq_behind = vcpu->irq;
		vcpu->irq = vcpu->event.vector;
		vcpu->irq_put_off = true;
	} else if (vcpu->event.type == EVENT_NMI) {
		vcpu->nmi_pending = min_t(u8, vcpu->nmi_pending + 1, 2);
	}
	vcpu->event.type = EVENT_NONE;
}

void kvm_event_raise(struct kvm_vcpu *vcpu, const struct kvm_exit *exit)
{
	enum kvm_second second = SECOND_SERIAL;
	bool has_error = exit->exception.has_error;
	u8 vector = exit->exception.vector;

	if (vcpu->event.type == EVENT_EXCEPTION)
		second = kvm_second_exception(vcpu->event.vector, vector);
	kvm_event_put_off(vcpu);
	switch (second) {
	case SECOND_SHUTDOWN:
		vcpu->shut_down = true;
		return;
	case SECOND_DOUBLE_FAULT:
		kvm_inject_exception(vcpu, X86_TRAP_DF, true, 0);
		return;
	case SECOND_SERIAL:
		break;
	}
	if (vector == X86_TRAP_PF)
		kvm_backend->set_cr(vcpu, 2, exit->exception.address);
	if (exit->exception.soft)
		vcpu->event = (struct kvm_event) {
			.type = EVENT_SOFT,
			.vector = vector,
			.insn_len = exit->insn_len ?: 1,
		};
	else
		kvm_inject_exception(vcpu, vector, has_error, exit->exception.error);
}

int kvm_events_get_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	const struct kvm_event *event = &vcpu->event;
	struct kvm_vcpu_events e = {
		.flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW,
		.interrupt.shadow = kvm_backend->get_shadow(vcpu),
		.nmi.pending = vcpu->nmi_pending,
		.nmi.masked = kvm_backend->nmi_masked(vcpu),
		.nmi.injected = event->type == EVENT_NMI,
	};

	/* An instruction's own event (EVENT_SOFT) comes again with RIP. */
	if (event->type == EVENT_EXCEPTION) {
		e.exception.injected = 1;
		e.exception.nr = event->vector;
		e.exception.has_error_code = event->has_error;
		e.exception.error_code = event->error;
	}
	/* One of two that wait: the other is not for a client that asks first. */
	if (event->type == EVENT_IRQ || vcpu->irq >= 0) {
		e.interrupt.injected = 1;
		e.interrupt.nr = event->type == EVENT_IRQ ? event->vector : vcpu->irq;
	}
	return copy_to_user(arg, &e, sizeof(e)) ? -EFAULT : 0;
}

static int check(const struct kvm_vcpu_events *e)
{
	if (e->flags & ~(u32)FLAGS_KNOWN)
		return -EINVAL;
	if (e->exception.injected &&
	    (e->exception.nr > 31 || e->exception.nr == X86_TRAP_NMI))
		return -EINVAL;
	return 0;
}

/*
 * #BP and #OF are of an instruction if its exit was the last one: a debugger hands it back
 * so. Others are of none, and RIP is where their handler returns.
 */
static void set_exception(struct kvm_vcpu *vcpu, const struct kvm_vcpu_events *e)
{
	const struct kvm_exit *exit = &vcpu->exit;
	bool soft = exit->kind == EXIT_EXCEPTION && exit->exception.soft &&
		    exit->exception.vector == e->exception.nr &&
		    exit->exception.rip == vcpu->regs.rip;

	vcpu->event = (struct kvm_event) {
		.type = soft ? EVENT_SOFT : EVENT_EXCEPTION,
		.vector = e->exception.nr,
		.has_error = !soft && e->exception.has_error_code,
		.error = e->exception.error_code,
		.insn_len = soft ? exit->insn_len ?: 1 : 0,
	};
}

static void set_nmi(struct kvm_vcpu *vcpu, const struct kvm_vcpu_events *e)
{
	bool now = e->nmi.injected && vcpu->event.type == EVENT_NONE;
	unsigned int pending = vcpu->nmi_pending;

	/* Its delivery masks NMIs, and is refused while they are. */
	kvm_backend->set_nmi_masked(vcpu, e->nmi.masked && !now);
	if (e->flags & KVM_VCPUEVENT_VALID_NMI_PENDING)
		pending = e->nmi.pending;
	if (now)
		vcpu->event = (struct kvm_event) {
			.type = EVENT_NMI,
			.vector = X86_TRAP_NMI,
		};
	else if (e->nmi.injected)
		pending++;
	vcpu->nmi_pending = min_t(unsigned int, pending, nmi_limit(vcpu));
}

int kvm_events_set_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_vcpu_events e;
	int ret;

	if (copy_from_user(&e, arg, sizeof(e)))
		return -EFAULT;
	ret = check(&e);
	if (ret)
		return ret;
	vcpu->event.type = EVENT_NONE;
	if (e.exception.injected)
		set_exception(vcpu, &e);
	/* One of an instruction's own: RIP is at it, and it runs again. */
	kvm_irq_set(vcpu, e.interrupt.injected && !e.interrupt.soft ? e.interrupt.nr : -1);
	set_nmi(vcpu, &e);
	if (e.flags & KVM_VCPUEVENT_VALID_SHADOW)
		kvm_backend->set_shadow(vcpu, e.interrupt.shadow);
	return 0;
}
