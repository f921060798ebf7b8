// SPDX-License-Identifier: GPL-2.0
#include "device_access.h"

#include <linux/limits.h>
#include <linux/mm.h>
#include <asm/debugreg.h>
#include <asm/fpu/api.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "backend.h"
#include "exit.h"
#include "ioeventfd.h"
#include "memslot.h"
#include "mmu/guest.h"
#include "trace.h"
#include "vcpu.h"
#include "vm.h"
#include "x86/fetch.h"

/* ---- what the emulator asks for ---- */

static int translate(void *context, u64 linear, bool write, u64 *gpa,
		     struct kvm_fault *fault)
{
	return kvm_guest_access(context, linear, write, gpa, fault);
}

static int read(void *context, u64 gpa, void *data, int size)
{
	struct kvm_vcpu *vcpu = context;

	return kvm_read_guest(vcpu->vm, gpa, data, size);
}

static int write(void *context, u64 gpa, const void *data, int size)
{
	struct kvm_vcpu *vcpu = context;

	return kvm_write_guest(vcpu->vm, gpa, data, size);
}

static bool is_memory(void *context, u64 gpa, bool write)
{
	struct kvm_vcpu *vcpu = context;

	return kvm_gpa_is_memory(vcpu->vm, gpa, write);
}

static const struct kvm_access_ops access_ops = {
	.translate = translate,
	.read = read,
	.write = write,
	.is_memory = is_memory,
};

static void get_segment(void *context, enum kvm_seg seg, struct kvm_segment *segment)
{
	kvm_backend->get_segment(context, seg, segment);
}

/* The guest's registers are in the processor, save after a reschedule. */
static void lock_fpu(void)
{
	fpregs_lock();
	if (test_thread_flag(TIF_NEED_FPU_LOAD))
		switch_fpu_return();
}

#define XMM_CASES \
	XMM(0) XMM(1) XMM(2) XMM(3) XMM(4) XMM(5) XMM(6) XMM(7) XMM(8) XMM(9) \
	XMM(10) XMM(11) XMM(12) XMM(13) XMM(14) XMM(15)

static void get_xmm(void *context, int number, u64 value[2])
{
	u64 (*to)[2] = (void *)value;

	lock_fpu();
	switch (number) {
#define XMM(n) \
	case n: \
		asm volatile("movups %%xmm" #n ", %0" : "=m" (*to)); \
		break;
	XMM_CASES
#undef XMM
	}
	fpregs_unlock();
}

static void set_xmm(void *context, int number, const u64 value[2])
{
	const u64 (*from)[2] = (const void *)value;

	lock_fpu();
	switch (number) {
#define XMM(n) \
	case n: \
		asm volatile("movups %0, %%xmm" #n : : "m" (*from)); \
		break;
	XMM_CASES
#undef XMM
	}
	fpregs_unlock();
}

static const struct kvm_emulate_ops emulate_ops = {
	.get_segment = get_segment,
	.get_xmm = get_xmm,
	.set_xmm = set_xmm,
};

/* ---- ends of an instruction ---- */

static int stop(struct kvm_vcpu *vcpu, u32 reason, enum kvm_pending pending)
{
	vcpu->stop.reason = reason;
	vcpu->pending = pending;
	return 0;
}

static int stop_mmio(struct kvm_vcpu *vcpu, enum kvm_pending pending)
{
	vcpu->stats.mmio_exits++;
	return stop(vcpu, KVM_EXIT_MMIO, pending);
}

static int stop_internal(struct kvm_vcpu *vcpu, u32 suberror)
{
	vcpu->stats.insn_emulation_fail++;
	vcpu->stop.suberror = suberror;
	return stop(vcpu, KVM_EXIT_INTERNAL_ERROR, PENDING_NONE);
}

static int inject(struct kvm_vcpu *vcpu, const struct kvm_fault *fault)
{
	if (fault->vector == X86_TRAP_PF)
		kvm_backend->set_cr(vcpu, 2, fault->address);
	kvm_inject_exception(vcpu, fault->vector, fault->has_error, fault->error);
	return 1;
}

static int inject_vector(struct kvm_vcpu *vcpu, u8 vector, bool has_error)
{
	const struct kvm_fault fault = { .vector = vector, .has_error = has_error };

	return inject(vcpu, &fault);
}

static u64 value_of(const void *data, u8 size)
{
	u64 value = 0;

	memcpy(&value, data, size);
	return value;
}

static bool tells(struct kvm_vcpu *vcpu, const struct kvm_piece *store)
{
	u64 value = value_of(store->data, store->size);

	trace_kvm_mmio(KVM_TRACE_MMIO_WRITE, store->size, store->gpa, value);
	return kvm_ioeventfd_write(vcpu->vm, false, store->gpa, store->size, value);
}

/* The next store of an instruction that is done otherwise; some are events. */
static int next_store(struct kvm_vcpu *vcpu)
{
	do
		vcpu->mmio = kvm_access_next_store(&vcpu->emulator.access);
	while (vcpu->mmio && tells(vcpu, vcpu->mmio));
	return vcpu->mmio ? stop_mmio(vcpu, PENDING_MMIO_WRITE) : 1;
}

/* Of an instruction that is not done. */
static int not_done(struct kvm_vcpu *vcpu, int ret)
{
	struct kvm_access *access = &vcpu->emulator.access;

	switch (ret) {
	case -EAGAIN:
		vcpu->mmio = &access->reads[access->known];
		return stop_mmio(vcpu, PENDING_MMIO_READ);
	case -EILSEQ:
		return inject(vcpu, &access->fault);
	case -ESTALE:
		/* What the guest's TLB says may be what we no longer see. */
		kvm_vcpu_request(vcpu, REQUEST_TLB_FLUSH);
		return 1;
	case -EOPNOTSUPP:
	case -ENOBUFS:
		return stop_internal(vcpu, KVM_INTERNAL_ERROR_EMULATION);
	default:
		return ret;
	}
}

/* ---- beginning one ---- */

static void set_mode(struct kvm_vcpu *vcpu)
{
	struct kvm_emulator *e = &vcpu->emulator;
	u64 cr0 = kvm_backend->get_cr(vcpu, 0), cr4 = kvm_backend->get_cr(vcpu, 4);
	u64 rflags = vcpu->regs.rflags;

	e->protected_mode = (cr0 & X86_CR0_PE) && !(rflags & X86_EFLAGS_VM);
	e->check_alignment = (cr0 & X86_CR0_AM) && (rflags & X86_EFLAGS_AC) &&
			     kvm_backend->get_cpl(vcpu) == 3;
	e->xmm_usable = (cr4 & X86_CR4_OSFXSR) && !(cr0 & (X86_CR0_EM | X86_CR0_TS));
	e->linear_bits = cr4 & X86_CR4_LA57 ? 57 : 48;
}

/* 0: e->insn is what the guest is at; or the errno of decode.h. */
static int begin(struct kvm_vcpu *vcpu)
{
	struct kvm_emulator *e = &vcpu->emulator;

	e->ops = &emulate_ops;
	e->context = vcpu;
	e->regs = &vcpu->regs;
	e->access.ops = &access_ops;
	e->access.context = vcpu;
	kvm_access_begin(&e->access);
	set_mode(vcpu);
	return kvm_fetch_insn(vcpu, &e->insn);
}

/* Of an instruction that could not be decoded. */
static int not_decoded(struct kvm_vcpu *vcpu, int ret)
{
	struct kvm_fault fault;

	switch (ret) {
	case -E2BIG:
		return inject_vector(vcpu, X86_TRAP_GP, true);
	case -EILSEQ:
		return inject_vector(vcpu, X86_TRAP_UD, false);
	case -ENODATA:
		/* Another vCPU took the code away, or its tables are in a device. */
		if (kvm_code_unmapped(vcpu, &fault))
			return inject(vcpu, &fault);
		fallthrough;
	default:
		return stop_internal(vcpu, KVM_INTERNAL_ERROR_EMULATION);
	}
}

/* ---- memory ---- */

static int emulate(struct kvm_vcpu *vcpu)
{
	struct kvm_emulator *e = &vcpu->emulator;
	int ret;

	/* Only an exit of its own shows that the guest may use the port. */
	if (e->insn.op == OP_INS || e->insn.op == OP_OUTS)
		return 1;
	vcpu->stats.insn_emulation++;
	ret = kvm_emulate(e);
	if (ret)
		return not_done(vcpu, ret);
	kvm_insn_done(vcpu);
	return next_store(vcpu);
}

/*
 * Page tables that are in a device are a page fault of the access that needs them
 * (mmu/guest.c). Those that may only be read, and that the processor wants to write
 * to, would be met again by the next instruction.
 */
int kvm_device_memory(struct kvm_vcpu *vcpu)
{
	int ret;

	/* It was an event's delivery that touched the device, not RIP's code. */
	if (vcpu->event.type != EVENT_NONE)
		return stop_internal(vcpu, KVM_INTERNAL_ERROR_DELIVERY_EV);
	if (vcpu->exit.tdp.walk ? is_memory(vcpu, vcpu->exit.tdp.gpa, false) :
				  vcpu->exit.tdp.fetch)
		return stop_internal(vcpu, KVM_INTERNAL_ERROR_EMULATION);
	ret = begin(vcpu);
	return ret ? not_decoded(vcpu, ret) : emulate(vcpu);
}

/* It stores CR0, which the processor has not as the guest has it. */
int kvm_device_smsw(struct kvm_vcpu *vcpu)
{
	struct kvm_insn *insn = &vcpu->emulator.insn;
	int ret = begin(vcpu);

	if (ret)
		return not_decoded(vcpu, ret);
	/* Not what exited: another vCPU has changed the code since. */
	if (!kvm_insn_is_smsw(insn))
		return 1;
	insn->op = OP_MOV;
	insn->flags = INSN_IMM;
	insn->imm = kvm_backend->get_cr(vcpu, 0);
	return emulate(vcpu);
}

/* ---- INS and OUTS ---- */

/* A trap comes after each element. */
static int batch_max(const struct kvm_vcpu *vcpu)
{
	return vcpu->regs.rflags & X86_EFLAGS_TF ? 1 : INT_MAX;
}

static int string_out(struct kvm_vcpu *vcpu)
{
	int count = kvm_emulate_outs(&vcpu->emulator, vcpu->io_page, PAGE_SIZE,
				     batch_max(vcpu));

	if (count < 0)
		return not_done(vcpu, count);
	kvm_insn_done(vcpu);
	vcpu->io_count = count;
	return count ? stop(vcpu, KVM_EXIT_IO, PENDING_NONE) : 1;
}

static int string_in(struct kvm_vcpu *vcpu)
{
	int count = kvm_emulate_ins_begin(&vcpu->emulator, PAGE_SIZE, batch_max(vcpu));

	if (count < 0)
		return not_done(vcpu, count);
	vcpu->io_count = count;
	if (count)
		return stop(vcpu, KVM_EXIT_IO, PENDING_STRING_IN);
	kvm_insn_done(vcpu);
	return 1;
}

static int finish_string_in(struct kvm_vcpu *vcpu)
{
	int ret = kvm_emulate_ins_end(&vcpu->emulator, vcpu->io_page, vcpu->io_count);

	if (ret)
		return not_done(vcpu, ret);
	kvm_insn_done(vcpu);
	return next_store(vcpu);
}

int kvm_device_string_io(struct kvm_vcpu *vcpu)
{
	const struct kvm_exit *exit = &vcpu->exit;
	const struct kvm_insn *insn = &vcpu->emulator.insn;
	int ret = begin(vcpu);

	if (ret)
		return not_decoded(vcpu, ret);
	/* Not what exited: another vCPU has changed the code since. */
	if (insn->op != (exit->io.in ? OP_INS : OP_OUTS) ||
	    insn->operand_bytes != exit->io.size)
		return 1;
	return exit->io.in ? string_in(vcpu) : string_out(vcpu);
}

/* ---- between two KVM_RUNs ---- */

int kvm_device_resume(struct kvm_vcpu *vcpu)
{
	enum kvm_pending pending = vcpu->pending;

	vcpu->pending = PENDING_NONE;
	switch (pending) {
	case PENDING_MMIO_READ:
		return vcpu->emulator.insn.op == OP_OUTS ? string_out(vcpu) : emulate(vcpu);
	case PENDING_MMIO_WRITE:
		return next_store(vcpu);
	case PENDING_STRING_IN:
		return finish_string_in(vcpu);
	default:
		return 1;
	}
}

const struct kvm_piece *kvm_device_request(struct kvm_vcpu *vcpu)
{
	return vcpu->mmio;
}

void kvm_device_answer(struct kvm_vcpu *vcpu, const void *data)
{
	const struct kvm_piece *read = vcpu->mmio;

	trace_kvm_mmio(KVM_TRACE_MMIO_READ, read->size, read->gpa,
		       value_of(data, read->size));
	kvm_access_answer(&vcpu->emulator.access, data);
}
