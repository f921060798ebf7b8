/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host's state around a guest. Three spans:
 *
 *  a VMCS on a CPU	vmx_host_moved(): TR, GDT, GS base, SYSENTER stack
 *  a thread, loaded	vmx_host_leave() before the first entry after load(),
 *			vmx_host_return() in put(): FS, GS, DS, ES, LDT, the
 *			user's GS base, limits of GDT and TSS; the MSRs of
 *			SYSCALL stay the guest's until this CPU returns to any
 *			user (a user-return notifier)
 *  an entry		vmx_host_prepare(): CR3 and CR4, performance events;
 *			DEBUGCTL in vmx.c; debug registers and XCR0 in run.c
 */
#ifndef KVM_VMX_HOST_H
#define KVM_VMX_HOST_H

struct vmx_vcpu;

/* Reads what is the same on every CPU and never changes. */
void vmx_host_setup(void);
/* Interrupts off, on that CPU. */
void vmx_host_cpu_on(void);
void vmx_host_cpu_off(void);

/* The rest has the VMCS current and preemption off. */

/* A new VMCS. */
void vmx_host_init(struct vmx_vcpu *hw);
void vmx_host_moved(struct vmx_vcpu *hw);
void vmx_host_leave(struct vmx_vcpu *hw);
void vmx_host_return(struct vmx_vcpu *hw);
/* Interrupts off. */
void vmx_host_prepare(struct vmx_vcpu *hw);

#endif
