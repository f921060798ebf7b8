/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: events/kvm in tracefs, with the names and fields of in-tree KVM,
 * which perf kvm stat and trace-cmd know.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvm

#if !defined(KVM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KVM_TRACE_H

#include <linux/tracepoint.h>

#include "vcpu.h"

/* kvm_exit.isa */
#define KVM_TRACE_ISA_VMX	1
#define KVM_TRACE_ISA_SVM	2

/* kvm_mmio.type */
#define KVM_TRACE_MMIO_READ	1
#define KVM_TRACE_MMIO_WRITE	2

TRACE_EVENT(kvm_entry,
	TP_PROTO(struct kvm_vcpu *vcpu),
	TP_ARGS(vcpu),
	TP_STRUCT__entry(
		__field(unsigned int, vcpu_id)
		__field(unsigned long, rip)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->rip = vcpu->regs.rip;
	),
	TP_printk("vcpu %u, rip 0x%lx", __entry->vcpu_id, __entry->rip)
);

/* exit_reason is the hardware's number, as `isa` has it. */
TRACE_EVENT(kvm_exit,
	TP_PROTO(struct kvm_vcpu *vcpu, u32 isa, const struct kvm_exit_details *details),
	TP_ARGS(vcpu, isa, details),
	TP_STRUCT__entry(
		__field(unsigned int, exit_reason)
		__field(unsigned long, guest_rip)
		__field(u32, isa)
		__field(u64, info1)
		__field(u64, info2)
		__field(u32, intr_info)
		__field(u32, error_code)
		__field(unsigned int, vcpu_id)
	),
	TP_fast_assign(
		__entry->exit_reason = vcpu->exit.hw_reason;
		__entry->guest_rip = vcpu->regs.rip;
		__entry->isa = isa;
		__entry->info1 = details->info1;
		__entry->info2 = details->info2;
		__entry->intr_info = details->event;
		__entry->error_code = details->event_error;
		__entry->vcpu_id = vcpu->id;
	),
	TP_printk("vcpu %u reason %s 0x%x rip 0x%lx info1 0x%016llx info2 0x%016llx intr_info 0x%08x error_code 0x%08x",
		  __entry->vcpu_id,
		  __entry->isa == KVM_TRACE_ISA_VMX ? "vmx" : "svm",
		  __entry->exit_reason, __entry->guest_rip, __entry->info1,
		  __entry->info2, __entry->intr_info, __entry->error_code)
);

/* error_code is that of a page fault: 1 present, 2 write, 16 fetch. */
TRACE_EVENT(kvm_page_fault,
	TP_PROTO(struct kvm_vcpu *vcpu, u64 fault_address, u64 error_code),
	TP_ARGS(vcpu, fault_address, error_code),
	TP_STRUCT__entry(
		__field(unsigned int, vcpu_id)
		__field(unsigned long, guest_rip)
		__field(u64, fault_address)
		__field(u64, error_code)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->guest_rip = vcpu->regs.rip;
		__entry->fault_address = fault_address;
		__entry->error_code = error_code;
	),
	TP_printk("vcpu %u rip 0x%lx address 0x%016llx error_code 0x%llx",
		  __entry->vcpu_id, __entry->guest_rip, __entry->fault_address,
		  __entry->error_code)
);

/* rw: 0 IN, 1 OUT; val is the first value, of IN not yet known. */
TRACE_EVENT(kvm_pio,
	TP_PROTO(unsigned int rw, unsigned int port, unsigned int size,
		 unsigned int count, unsigned int val),
	TP_ARGS(rw, port, size, count, val),
	TP_STRUCT__entry(
		__field(unsigned int, rw)
		__field(unsigned int, port)
		__field(unsigned int, size)
		__field(unsigned int, count)
		__field(unsigned int, val)
	),
	TP_fast_assign(
		__entry->rw = rw;
		__entry->port = port;
		__entry->size = size;
		__entry->count = count;
		__entry->val = val;
	),
	TP_printk("pio_%s at 0x%x size %u count %u val 0x%x",
		  __entry->rw ? "write" : "read", __entry->port, __entry->size,
		  __entry->count, __entry->val)
);

TRACE_EVENT(kvm_mmio,
	TP_PROTO(int type, int len, u64 gpa, u64 val),
	TP_ARGS(type, len, gpa, val),
	TP_STRUCT__entry(
		__field(u32, type)
		__field(u32, len)
		__field(u64, gpa)
		__field(u64, val)
	),
	TP_fast_assign(
		__entry->type = type;
		__entry->len = len;
		__entry->gpa = gpa;
		__entry->val = val;
	),
	TP_printk("mmio %s len %u gpa 0x%llx val 0x%llx",
		  __entry->type == KVM_TRACE_MMIO_WRITE ? "write" : "read",
		  __entry->len, __entry->gpa, __entry->val)
);

TRACE_EVENT(kvm_cpuid,
	TP_PROTO(unsigned int function, unsigned int index, const u64 *gpr, bool found),
	TP_ARGS(function, index, gpr, found),
	TP_STRUCT__entry(
		__field(unsigned int, function)
		__field(unsigned int, index)
		__field(unsigned long, rax)
		__field(unsigned long, rbx)
		__field(unsigned long, rcx)
		__field(unsigned long, rdx)
		__field(bool, found)
	),
	TP_fast_assign(
		__entry->function = function;
		__entry->index = index;
		__entry->rax = gpr[GPR_RAX];
		__entry->rbx = gpr[GPR_RBX];
		__entry->rcx = gpr[GPR_RCX];
		__entry->rdx = gpr[GPR_RDX];
		__entry->found = found;
	),
	TP_printk("func %x idx %x rax %lx rbx %lx rcx %lx rdx %lx, cpuid entry %s",
		  __entry->function, __entry->index, __entry->rax, __entry->rbx,
		  __entry->rcx, __entry->rdx, __entry->found ? "found" : "not found")
);

/* exception: the guest got a #GP, and data means nothing for RDMSR. */
TRACE_EVENT(kvm_msr,
	TP_PROTO(bool write, u32 ecx, u64 data, bool exception),
	TP_ARGS(write, ecx, data, exception),
	TP_STRUCT__entry(
		__field(unsigned int, write)
		__field(u32, ecx)
		__field(u64, data)
		__field(u8, exception)
	),
	TP_fast_assign(
		__entry->write = write;
		__entry->ecx = ecx;
		__entry->data = data;
		__entry->exception = exception;
	),
	TP_printk("msr_%s %x = 0x%llx%s", __entry->write ? "write" : "read",
		  __entry->ecx, __entry->data, __entry->exception ? " (#GP)" : "")
);

/* Those that exit; rw: 0 a read, 1 a write, of what the instruction asks for. */
TRACE_EVENT(kvm_cr,
	TP_PROTO(unsigned int rw, unsigned int cr, unsigned long val),
	TP_ARGS(rw, cr, val),
	TP_STRUCT__entry(
		__field(unsigned int, rw)
		__field(unsigned int, cr)
		__field(unsigned long, val)
	),
	TP_fast_assign(
		__entry->rw = rw;
		__entry->cr = cr;
		__entry->val = val;
	),
	TP_printk("cr_%s %x = 0x%lx", __entry->rw ? "write" : "read", __entry->cr,
		  __entry->val)
);

/* Once for each, also where its delivery is cut short and made again. */
TRACE_EVENT(kvm_inj_virq,
	TP_PROTO(unsigned int vector),
	TP_ARGS(vector),
	TP_STRUCT__entry(
		__field(unsigned int, vector)
	),
	TP_fast_assign(
		__entry->vector = vector;
	),
	TP_printk("IRQ 0x%x", __entry->vector)
);

TRACE_EVENT(kvm_inj_exception,
	TP_PROTO(u8 exception, bool has_error, u32 error_code),
	TP_ARGS(exception, has_error, error_code),
	TP_STRUCT__entry(
		__field(u8, exception)
		__field(u8, has_error)
		__field(u32, error_code)
	),
	TP_fast_assign(
		__entry->exception = exception;
		__entry->has_error = has_error;
		__entry->error_code = has_error ? error_code : 0;
	),
	TP_printk("vector %u%s (0x%x)", __entry->exception,
		  __entry->has_error ? " with error code" : "", __entry->error_code)
);

/*
 * reason is KVM_EXIT_*, of the protocol of 2006 its own; errno what KVM_RUN returned: 0, or
 * a negative one.
 */
TRACE_EVENT(kvm_userspace_exit,
	TP_PROTO(u32 reason, int error),
	TP_ARGS(reason, error),
	TP_STRUCT__entry(
		__field(u32, reason)
		__field(int, errno)
	),
	TP_fast_assign(
		__entry->reason = reason;
		__entry->errno = error;
	),
	TP_printk("reason %u, errno %d", __entry->reason, -__entry->errno)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
