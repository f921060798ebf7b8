/* SPDX-License-Identifier: GPL-2.0 */
/* A guest's task switch that the processor leaves to us (task.h). */
#ifndef KVM_X86_TASK_SWITCH_H
#define KVM_X86_TASK_SWITCH_H

struct kvm_vcpu;

/* vcpu->exit is an EXIT_TASK_SWITCH; as kvm_exit_handle(). */
int kvm_task_switch_handle(struct kvm_vcpu *vcpu);

#endif
