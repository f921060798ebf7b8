// SPDX-License-Identifier: GPL-2.0
/*
 * Our header against the kernel's: names that both have have the same
 * value, size and offsets. The kernel's is read first and its figures kept;
 * then its names make room for ours.
 */
#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define VALUES(X) \
	X(KVM_API_VERSION) X(KVM_GET_API_VERSION) X(KVM_CREATE_VM) \
	X(KVM_GET_MSR_INDEX_LIST) X(KVM_GET_MSR_FEATURE_INDEX_LIST) X(KVM_CHECK_EXTENSION) \
	X(KVM_GET_VCPU_MMAP_SIZE) X(KVM_GET_SUPPORTED_CPUID) \
	X(KVM_CREATE_VCPU) X(KVM_SET_USER_MEMORY_REGION) X(KVM_SET_TSS_ADDR) \
	X(KVM_GET_DIRTY_LOG) X(KVM_MEM_LOG_DIRTY_PAGES) X(KVM_MEM_READONLY) \
	X(KVM_CAP_READONLY_MEM) X(KVM_CLOCK_TSC_STABLE) \
	X(KVM_SET_GUEST_DEBUG) X(KVM_GUESTDBG_ENABLE) \
	X(KVM_GUESTDBG_SINGLESTEP) X(KVM_GUESTDBG_USE_SW_BP) \
	X(KVM_GUESTDBG_USE_HW_BP) X(KVM_GUESTDBG_INJECT_DB) \
	X(KVM_GUESTDBG_INJECT_BP) X(KVM_CAP_SET_GUEST_DEBUG) \
	X(KVM_RUN) X(KVM_GET_REGS) X(KVM_SET_REGS) X(KVM_GET_SREGS) \
	X(KVM_SET_SREGS) X(KVM_TRANSLATE) X(KVM_INTERRUPT) X(KVM_GET_MSRS) \
	X(KVM_SET_MSRS) X(KVM_SET_SIGNAL_MASK) X(KVM_SET_CPUID2) \
	X(KVM_GET_CPUID2) X(KVM_EXIT_UNKNOWN) X(KVM_EXIT_EXCEPTION) \
	X(KVM_EXIT_IO) X(KVM_EXIT_DEBUG) X(KVM_EXIT_HLT) X(KVM_EXIT_MMIO) \
	X(KVM_EXIT_IRQ_WINDOW_OPEN) X(KVM_EXIT_SHUTDOWN) \
	X(KVM_EXIT_FAIL_ENTRY) X(KVM_EXIT_INTR) X(KVM_EXIT_SET_TPR) X(KVM_EXIT_INTERNAL_ERROR) \
	X(KVM_EXIT_IO_IN) X(KVM_EXIT_IO_OUT) X(KVM_INTERNAL_ERROR_EMULATION) \
	X(KVM_INTERNAL_ERROR_DELIVERY_EV) \
	X(KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON) \
	X(KVM_CPUID_FLAG_SIGNIFCANT_INDEX) X(KVM_NR_INTERRUPTS) \
	X(KVM_CAP_USER_MEMORY) X(KVM_CAP_SET_TSS_ADDR) X(KVM_CAP_EXT_CPUID) \
	X(KVM_CAP_NR_VCPUS) X(KVM_CAP_NR_MEMSLOTS) X(KVM_CAP_SYNC_MMU) \
	X(KVM_CAP_DESTROY_MEMORY_REGION_WORKS) \
	X(KVM_CAP_JOIN_MEMORY_REGIONS_WORKS) X(KVM_CAP_MAX_VCPUS) \
	X(KVM_CAP_CHECK_EXTENSION_VM) X(KVM_CAP_MAX_VCPU_ID) \
	X(KVM_CAP_IMMEDIATE_EXIT) X(KVM_CAP_MP_STATE) X(KVM_CAP_IRQ_ROUTING) \
	X(KVM_CAP_GET_MSR_FEATURES) \
	X(KVM_CAP_MCE) X(KVM_CAP_XSAVE) X(KVM_CAP_XCRS) \
	X(KVM_GET_FPU) X(KVM_SET_FPU) X(KVM_GET_XSAVE) X(KVM_SET_XSAVE) \
	X(KVM_GET_XCRS) X(KVM_SET_XCRS) X(KVM_MAX_XCRS) \
	X(KVM_GET_MP_STATE) X(KVM_SET_MP_STATE) X(KVM_MP_STATE_RUNNABLE) \
	X(KVM_X86_GET_MCE_CAP_SUPPORTED) X(KVM_X86_SETUP_MCE) \
	X(KVM_X86_SET_MCE) X(KVM_SET_GSI_ROUTING) \
	X(KVM_CAP_DEBUGREGS) X(KVM_GET_DEBUGREGS) X(KVM_SET_DEBUGREGS) \
	X(KVM_CAP_XSAVE2) X(KVM_GET_XSAVE2) X(KVM_CAP_USER_NMI) \
	X(KVM_CAP_VCPU_EVENTS) X(KVM_CAP_INTR_SHADOW) X(KVM_NMI) \
	X(KVM_GET_VCPU_EVENTS) X(KVM_SET_VCPU_EVENTS) \
	X(KVM_VCPUEVENT_VALID_NMI_PENDING) X(KVM_VCPUEVENT_VALID_SIPI_VECTOR) \
	X(KVM_VCPUEVENT_VALID_SHADOW) X(KVM_X86_SHADOW_INT_MOV_SS) \
	X(KVM_X86_SHADOW_INT_STI) \
	X(KVM_GET_CLOCK) X(KVM_SET_CLOCK) X(KVM_CLOCK_REALTIME) \
	X(KVM_CLOCK_HOST_TSC) X(KVM_CAP_ADJUST_CLOCK) \
	X(KVM_CAP_BINARY_STATS_FD) X(KVM_GET_STATS_FD) \
	X(KVM_IOEVENTFD) X(KVM_CAP_IOEVENTFD) X(KVM_CAP_IOEVENTFD_NO_LENGTH) \
	X(KVM_CAP_IOEVENTFD_ANY_LENGTH) X(KVM_IOEVENTFD_FLAG_DATAMATCH) \
	X(KVM_IOEVENTFD_FLAG_PIO) X(KVM_IOEVENTFD_FLAG_DEASSIGN) \
	X(KVM_CLEAR_DIRTY_LOG) X(KVM_ENABLE_CAP) X(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2) \
	X(KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE) \
	X(KVM_STATS_TYPE_SHIFT) X(KVM_STATS_TYPE_CUMULATIVE) X(KVM_STATS_TYPE_INSTANT)

#define SIZES(X) \
	X(kvm_run) X(kvm_regs) X(kvm_segment) X(kvm_dtable) X(kvm_sregs) \
	X(kvm_translation) X(kvm_interrupt) X(kvm_msr_entry) X(kvm_msrs) \
	X(kvm_msr_list) X(kvm_cpuid_entry2) X(kvm_cpuid2) X(kvm_signal_mask) \
	X(kvm_userspace_memory_region) X(kvm_dirty_log) \
	X(kvm_guest_debug) X(kvm_debug_exit_arch) \
	X(kvm_fpu) X(kvm_xsave) X(kvm_xcr) X(kvm_xcrs) X(kvm_mp_state) \
	X(kvm_x86_mce) X(kvm_irq_routing) X(kvm_debugregs) \
	X(kvm_vcpu_events) X(kvm_clock_data) X(kvm_stats_header) X(kvm_stats_desc) \
	X(kvm_clear_dirty_log) X(kvm_enable_cap) X(kvm_ioeventfd)

#define OFFSETS(X) \
	X(kvm_run, request_interrupt_window) X(kvm_run, immediate_exit) \
	X(kvm_run, exit_reason) X(kvm_run, ready_for_interrupt_injection) \
	X(kvm_run, if_flag) X(kvm_run, flags) X(kvm_run, cr8) \
	X(kvm_run, apic_base) X(kvm_run, hw.hardware_exit_reason) \
	X(kvm_run, fail_entry.hardware_entry_failure_reason) \
	X(kvm_run, fail_entry.cpu) X(kvm_run, ex.exception) \
	X(kvm_run, ex.error_code) X(kvm_run, io.direction) \
	X(kvm_run, io.size) X(kvm_run, io.port) X(kvm_run, io.count) \
	X(kvm_run, io.data_offset) X(kvm_run, mmio.phys_addr) \
	X(kvm_run, mmio.data) X(kvm_run, mmio.len) X(kvm_run, mmio.is_write) \
	X(kvm_run, debug.arch) X(kvm_guest_debug, arch.debugreg) \
	X(kvm_debug_exit_arch, pc) X(kvm_debug_exit_arch, dr6) \
	X(kvm_debug_exit_arch, dr7) \
	X(kvm_run, internal.suberror) X(kvm_run, internal.ndata) \
	X(kvm_run, internal.data) X(kvm_run, kvm_valid_regs) \
	X(kvm_run, kvm_dirty_regs) X(kvm_run, s) \
	X(kvm_regs, rax) X(kvm_regs, rbx) X(kvm_regs, rcx) X(kvm_regs, rdx) \
	X(kvm_regs, rsi) X(kvm_regs, rdi) X(kvm_regs, rsp) X(kvm_regs, rbp) \
	X(kvm_regs, r8) X(kvm_regs, r15) X(kvm_regs, rip) X(kvm_regs, rflags) \
	X(kvm_segment, base) X(kvm_segment, limit) X(kvm_segment, selector) \
	X(kvm_segment, type) X(kvm_segment, present) X(kvm_segment, dpl) \
	X(kvm_segment, db) X(kvm_segment, s) X(kvm_segment, l) \
	X(kvm_segment, g) X(kvm_segment, avl) X(kvm_segment, unusable) \
	X(kvm_dtable, base) X(kvm_dtable, limit) \
	X(kvm_sregs, cs) X(kvm_sregs, ds) X(kvm_sregs, es) X(kvm_sregs, fs) \
	X(kvm_sregs, gs) X(kvm_sregs, ss) X(kvm_sregs, tr) X(kvm_sregs, ldt) \
	X(kvm_sregs, gdt) X(kvm_sregs, idt) X(kvm_sregs, cr0) \
	X(kvm_sregs, cr2) X(kvm_sregs, cr3) X(kvm_sregs, cr4) \
	X(kvm_sregs, cr8) X(kvm_sregs, efer) X(kvm_sregs, apic_base) \
	X(kvm_sregs, interrupt_bitmap) \
	X(kvm_translation, linear_address) X(kvm_translation, physical_address) \
	X(kvm_translation, valid) X(kvm_translation, writeable) \
	X(kvm_translation, usermode) X(kvm_interrupt, irq) \
	X(kvm_msr_entry, index) X(kvm_msr_entry, data) X(kvm_msrs, nmsrs) \
	X(kvm_msrs, entries) X(kvm_msr_list, nmsrs) X(kvm_msr_list, indices) \
	X(kvm_cpuid_entry2, function) X(kvm_cpuid_entry2, index) \
	X(kvm_cpuid_entry2, flags) X(kvm_cpuid_entry2, eax) \
	X(kvm_cpuid_entry2, ebx) X(kvm_cpuid_entry2, ecx) \
	X(kvm_cpuid_entry2, edx) X(kvm_cpuid2, nent) X(kvm_cpuid2, entries) \
	X(kvm_signal_mask, len) X(kvm_signal_mask, sigset) \
	X(kvm_fpu, fcw) X(kvm_fpu, ftwx) X(kvm_fpu, last_ip) X(kvm_fpu, xmm) \
	X(kvm_fpu, mxcsr) X(kvm_xcr, value) X(kvm_xcrs, xcrs) \
	X(kvm_x86_mce, mcg_status) X(kvm_x86_mce, bank) \
	X(kvm_irq_routing, flags) X(kvm_debugregs, dr6) X(kvm_debugregs, flags) \
	X(kvm_vcpu_events, exception.error_code) X(kvm_vcpu_events, interrupt) \
	X(kvm_vcpu_events, nmi) X(kvm_vcpu_events, flags) X(kvm_vcpu_events, smi) \
	X(kvm_vcpu_events, exception_has_payload) \
	X(kvm_vcpu_events, exception_payload) \
	X(kvm_ioeventfd, datamatch) X(kvm_ioeventfd, addr) X(kvm_ioeventfd, len) \
	X(kvm_ioeventfd, fd) X(kvm_ioeventfd, flags) \
	X(kvm_clear_dirty_log, num_pages) X(kvm_clear_dirty_log, first_page) \
	X(kvm_clear_dirty_log, dirty_bitmap) X(kvm_enable_cap, args) \
	X(kvm_clock_data, flags) X(kvm_clock_data, realtime) \
	X(kvm_clock_data, host_tsc) X(kvm_stats_header, num_desc) \
	X(kvm_stats_header, id_offset) X(kvm_stats_header, desc_offset) \
	X(kvm_stats_header, data_offset) X(kvm_stats_desc, exponent) \
	X(kvm_stats_desc, size) X(kvm_stats_desc, offset) X(kvm_stats_desc, name) \
	X(kvm_dirty_log, slot) X(kvm_dirty_log, dirty_bitmap) \
	X(kvm_userspace_memory_region, slot) \
	X(kvm_userspace_memory_region, flags) \
	X(kvm_userspace_memory_region, guest_phys_addr) \
	X(kvm_userspace_memory_region, memory_size) \
	X(kvm_userspace_memory_region, userspace_addr)

#define VALUE_OF(name) name,
#define SIZE_OF(type) sizeof(struct type),
#define OFFSET_OF(type, field) offsetof(struct type, field),
#define ALL_FIGURES { VALUES(VALUE_OF) SIZES(SIZE_OF) OFFSETS(OFFSET_OF) }

static const uint64_t theirs[] = ALL_FIGURES;

#define kvm_run			our_run
#define kvm_regs		our_regs
#define kvm_segment		our_segment
#define kvm_dtable		our_dtable
#define kvm_sregs		our_sregs
#define kvm_translation		our_translation
#define kvm_interrupt		our_interrupt
#define kvm_msr_entry		our_msr_entry
#define kvm_msrs		our_msrs
#define kvm_msr_list		our_msr_list
#define kvm_cpuid_entry2	our_cpuid_entry2
#define kvm_cpuid2		our_cpuid2
#define kvm_signal_mask		our_signal_mask
#define kvm_userspace_memory_region our_memory_region
#define kvm_dirty_log		our_dirty_log
#define kvm_guest_debug		our_guest_debug
#define kvm_guest_debug_arch	our_guest_debug_arch
#define kvm_debug_exit_arch	our_debug_exit_arch
#define kvm_fpu			our_fpu
#define kvm_xsave		our_xsave
#define kvm_xcr			our_xcr
#define kvm_xcrs		our_xcrs
#define kvm_mp_state		our_mp_state
#define kvm_x86_mce		our_x86_mce
#define kvm_irq_routing		our_irq_routing
#define kvm_debugregs		our_debugregs
#define kvm_vcpu_events		our_vcpu_events
#define kvm_clock_data		our_clock_data
#define kvm_clear_dirty_log	our_clear_dirty_log
#define kvm_enable_cap		our_enable_cap
#define kvm_ioeventfd		our_ioeventfd
#define kvm_stats_header	our_stats_header
#define kvm_stats_desc		our_stats_desc

#undef KVM_SET_USER_MEMORY_REGION
#undef KVM_CPUID_FLAG_SIGNIFCANT_INDEX
#undef KVM_IOEVENTFD_FLAG_DATAMATCH
#undef KVM_IOEVENTFD_FLAG_PIO
#undef KVM_IOEVENTFD_FLAG_DEASSIGN
#include "devkvm.h"

static const uint64_t ours[] = ALL_FIGURES;

#define NAME_OF_VALUE(name) #name,
#define NAME_OF_SIZE(type) "sizeof " #type,
#define NAME_OF_OFFSET(type, field) "offsetof " #type "." #field,
static const char *const names[] = {
	VALUES(NAME_OF_VALUE) SIZES(NAME_OF_SIZE) OFFSETS(NAME_OF_OFFSET)
};

int main(void)
{
	size_t count = sizeof(ours) / sizeof(ours[0]);
	int failures = 0;

	for (size_t i = 0; i < count; i++) {
		if (ours[i] == theirs[i])
			continue;
		printf("%s: ours %#llx, the kernel's %#llx\n", names[i],
		       (unsigned long long)ours[i], (unsigned long long)theirs[i]);
		failures++;
	}
	printf("%zu figures compared, %d differ\n", count, failures);
	return failures != 0;
}
