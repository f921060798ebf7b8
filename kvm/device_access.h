/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest's accesses to devices that user space is: memory without a slot
 * (MMIO), and INS and OUTS. The emulator's state stays in vcpu->emulator
 * between two KVM_RUNs, vcpu->pending says what it waits for.
 */
#ifndef KVM_DEVICE_ACCESS_H
#define KVM_DEVICE_ACCESS_H

#include <linux/types.h>

struct kvm_piece;
struct kvm_vcpu;

/*
 * These are exit handlers (exit.h): 1: the guest goes on; 0: vcpu->stop says
 * what user space must do; negative errno.
 */
int kvm_device_memory(struct kvm_vcpu *vcpu);
int kvm_device_string_io(struct kvm_vcpu *vcpu);
int kvm_device_smsw(struct kvm_vcpu *vcpu);
/* Go on after user space did its part; the guest's FPU state is loaded. */
int kvm_device_resume(struct kvm_vcpu *vcpu);

/* What KVM_EXIT_MMIO asks. */
const struct kvm_piece *kvm_device_request(struct kvm_vcpu *vcpu);
/* The data of a read (8 bytes, of which as many count as were asked). */
void kvm_device_answer(struct kvm_vcpu *vcpu, const void *data);

#endif
