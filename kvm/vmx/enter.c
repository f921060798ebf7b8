// SPDX-License-Identifier: GPL-2.0
/* The one step that the guest's time consists of, seen from C. */
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/stddef.h>
#include <asm/special_insns.h>

#include "guest_state.h"
#include "vmx/asm.h"
#include "vmx/l1d.h"
#include "vmx/vmx.h"

static_assert(VMCS_HOST_RSP == HOST_RSP);
static_assert(offsetof(struct kvm_cpu_regs, gpr) == 0);
static_assert(GPR_R15 == 15 && sizeof(u64) == 8);

/* entry.S */
int vmx_enter(struct kvm_cpu_regs *regs, u64 *host_rsp, bool launched);

static __always_inline bool is_nmi(u32 intr_info)
{
	return (intr_info & (INTR_INFO_VALID_MASK | INTR_INFO_INTR_TYPE_MASK)) ==
	       (INTR_INFO_VALID_MASK | INTR_TYPE_NMI_INTR);
}

/*
 * Nothing here may be instrumented: RCU may not be watching. An NMI that made
 * the exit is blocked until the next IRET, and so must be handled before
 * anything else executes one: INT 2 goes to the handler with a frame that its
 * IRET can use, on the stack that it expects.
 */
noinstr int vmx_enter_guest(struct kvm_vcpu *vcpu)
{
	struct vmx_vcpu *hw = vcpu->hw;
	int ret;

	guest_state_enter();
	if (l1d_flush(&vcpu->touched_memory))
		vcpu->stats.l1d_flush++;
	if (native_read_cr2() != hw->cr2)
		native_write_cr2(hw->cr2);
	ret = vmx_enter(&vcpu->regs, &hw->host.vmcs_rsp, hw->vmcs.launched);
	hw->cr2 = native_read_cr2();
	if (likely(!ret)) {
		hw->exit_reason = vmcs_read(VM_EXIT_REASON);
		if (hw->exit_reason == EXIT_REASON_EXCEPTION_NMI) {
			hw->exit_intr_info = vmcs_read(VM_EXIT_INTR_INFO);
			if (is_nmi(hw->exit_intr_info))
				asm volatile("int $2");
		}
	}
	guest_state_exit();
	return ret;
}

