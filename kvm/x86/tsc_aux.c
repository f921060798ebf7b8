// SPDX-License-Identifier: GPL-2.0
#include "x86/tsc_aux.h"

#include <linux/percpu.h>
#include <linux/preempt.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>

#include "backend.h"
#include "vcpu.h"

static DEFINE_PER_CPU(u64, host_value);

void kvm_tsc_aux_cpu_on(void)
{
	if (boot_cpu_has(X86_FEATURE_RDTSCP))
		rdmsrl(MSR_TSC_AUX, *this_cpu_ptr(&host_value));
}

/*
 * By RDTSCP, or by RDPID: SVM has no intercept of that, whether the guest has been told of
 * it or not.
 */
static bool guest_sees(const struct kvm_vcpu *vcpu)
{
	return vcpu->rdtscp_on ||
	       (boot_cpu_has(X86_FEATURE_RDTSCP) && boot_cpu_has(X86_FEATURE_RDPID));
}

void kvm_tsc_aux_load(const struct kvm_vcpu *vcpu)
{
	if (guest_sees(vcpu))
		wrmsrl(MSR_TSC_AUX, vcpu->tsc_aux);
}

void kvm_tsc_aux_put(const struct kvm_vcpu *vcpu)
{
	if (guest_sees(vcpu))
		wrmsrl(MSR_TSC_AUX, this_cpu_read(host_value));
}

void kvm_tsc_aux_enable(struct kvm_vcpu *vcpu, bool on)
{
	if (vcpu->rdtscp_on == on)
		return;
	preempt_disable();
	kvm_tsc_aux_put(vcpu);
	vcpu->rdtscp_on = on;
	kvm_tsc_aux_load(vcpu);
	preempt_enable();
	kvm_backend->set_rdtscp(vcpu, on);
}

void kvm_tsc_aux_write(struct kvm_vcpu *vcpu, u32 value)
{
	preempt_disable();
	vcpu->tsc_aux = value;
	kvm_tsc_aux_load(vcpu);
	preempt_enable();
}
