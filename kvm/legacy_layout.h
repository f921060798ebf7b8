/* SPDX-License-Identifier: GPL-2.0 */
/* The layouts that programs of 2006 were compiled with, field by field; no code. */
#ifndef KVM_LEGACY_LAYOUT_H
#define KVM_LEGACY_LAYOUT_H

#include <linux/build_bug.h>
#include <linux/stddef.h>

#include "devkvm_2006.h"

#define LAYOUT(type, field, offset) static_assert(offsetof(type, field) == (offset))
LAYOUT(struct kvm_2006_run, vcpu, 0);
LAYOUT(struct kvm_2006_run, emulated, 4);
LAYOUT(struct kvm_2006_run, mmio_completed, 8);
LAYOUT(struct kvm_2006_run, exit_type, 12);
LAYOUT(struct kvm_2006_run, exit_reason, 16);
LAYOUT(struct kvm_2006_run, instruction_length, 20);
LAYOUT(struct kvm_2006_run, exit, 24);
LAYOUT(struct kvm_2620_run, vcpu, 0);
LAYOUT(struct kvm_2620_run, emulated, 4);
LAYOUT(struct kvm_2620_run, mmio_completed, 8);
LAYOUT(struct kvm_2620_run, request_interrupt_window, 12);
LAYOUT(struct kvm_2620_run, exit_type, 16);
LAYOUT(struct kvm_2620_run, exit_reason, 20);
LAYOUT(struct kvm_2620_run, instruction_length, 24);
LAYOUT(struct kvm_2620_run, ready_for_interrupt_injection, 28);
LAYOUT(struct kvm_2620_run, if_flag, 29);
LAYOUT(struct kvm_2620_run, cr8, 32);
LAYOUT(struct kvm_2620_run, apic_base, 40);
LAYOUT(struct kvm_2620_run, exit, 48);
LAYOUT(union kvm_2006_exit, hw.hardware_exit_reason, 0);
LAYOUT(union kvm_2006_exit, ex.exception, 0);
LAYOUT(union kvm_2006_exit, ex.error_code, 4);
LAYOUT(union kvm_2006_exit, io.direction, 0);
LAYOUT(union kvm_2006_exit, io.size, 1);
LAYOUT(union kvm_2006_exit, io.string, 2);
LAYOUT(union kvm_2006_exit, io.string_down, 3);
LAYOUT(union kvm_2006_exit, io.rep, 4);
LAYOUT(union kvm_2006_exit, io.port, 6);
LAYOUT(union kvm_2006_exit, io.count, 8);
LAYOUT(union kvm_2006_exit, io.address, 16);
LAYOUT(union kvm_2006_exit, io.value, 16);
LAYOUT(union kvm_2006_exit, mmio.phys_addr, 0);
LAYOUT(union kvm_2006_exit, mmio.data, 8);
LAYOUT(union kvm_2006_exit, mmio.len, 16);
LAYOUT(union kvm_2006_exit, mmio.is_write, 20);
LAYOUT(struct kvm_2006_regs, vcpu, 0);
LAYOUT(struct kvm_2006_regs, regs, 8);
LAYOUT(struct kvm_2006_sregs, vcpu, 0);
LAYOUT(struct kvm_2006_sregs, sregs, 8);
LAYOUT(struct kvm_2006_translation, linear_address, 0);
LAYOUT(struct kvm_2006_translation, vcpu, 8);
LAYOUT(struct kvm_2006_translation, physical_address, 16);
LAYOUT(struct kvm_2006_translation, valid, 24);
LAYOUT(struct kvm_2006_translation, writeable, 25);
LAYOUT(struct kvm_2006_translation, usermode, 26);
LAYOUT(struct kvm_2006_interrupt, vcpu, 0);
LAYOUT(struct kvm_2006_interrupt, irq, 4);
LAYOUT(struct kvm_2006_breakpoint, enabled, 0);
LAYOUT(struct kvm_2006_breakpoint, address, 8);
LAYOUT(struct kvm_2006_debug_guest, vcpu, 0);
LAYOUT(struct kvm_2006_debug_guest, enabled, 4);
LAYOUT(struct kvm_2006_debug_guest, breakpoints, 8);
LAYOUT(struct kvm_2006_debug_guest, singlestep, 72);
LAYOUT(struct kvm_2006_memory_region, slot, 0);
LAYOUT(struct kvm_2006_memory_region, flags, 4);
LAYOUT(struct kvm_2006_memory_region, guest_phys_addr, 8);
LAYOUT(struct kvm_2006_memory_region, memory_size, 16);
LAYOUT(struct kvm_2006_msrs, vcpu, 0);
LAYOUT(struct kvm_2006_msrs, nmsrs, 4);
LAYOUT(struct kvm_2006_msrs, entries, 8);
LAYOUT(struct kvm_2006_dirty_log, slot, 0);
LAYOUT(struct kvm_2006_dirty_log, dirty_bitmap, 8);
/* The commands have the sizes. */
static_assert(KVM_2006_RUN == 0xc030ae02);
static_assert(KVM_2620_RUN == 0xc048ae02);
static_assert(KVM_2006_GET_REGS == 0xc098ae03);
static_assert(KVM_2006_SET_REGS == 0x4098ae04);
static_assert(KVM_2006_GET_SREGS == 0xc140ae05);
static_assert(KVM_2006_SET_SREGS == 0x4140ae06);
static_assert(KVM_2006_TRANSLATE == 0xc020ae07);
static_assert(KVM_2006_INTERRUPT == 0x4008ae08);
static_assert(KVM_2006_DEBUG_GUEST == 0x4050ae09);
static_assert(KVM_2006_SET_MEMORY_REGION == 0x4018ae0a);
static_assert(KVM_2006_CREATE_VCPU == 0x4004ae0b);
static_assert(KVM_2006_GET_DIRTY_LOG == 0x4010ae0c);
static_assert(KVM_2006_GET_MSRS == 0xc008ae0d);
static_assert(KVM_2006_SET_MSRS == 0xc008ae0e);
static_assert(KVM_2006_GET_MSR_INDEX_LIST == 0xc004ae0f);

#undef LAYOUT
#endif
