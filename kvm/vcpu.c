// SPDX-License-Identifier: GPL-2.0
#include "vcpu.h"

#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/indirect_call_wrapper.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "device_access.h"
#include "exit.h"
#include "mmu/guest.h"
#include "run.h"
#include "trace.h"
#include "vm.h"
#include "x86/cpuid.h"
#include "x86/events.h"
#include "x86/fpu.h"
#include "x86/msr.h"
#include "x86/sregs.h"
#include "x86/tsc.h"
#include "x86/tsc_aux.h"

/* Known to the back ends' entry.S. */
static_assert(offsetof(struct kvm_cpu_regs, gpr) == 0);
static_assert(offsetof(struct kvm_cpu_regs, rip) == GPR_COUNT * 8);
static_assert(offsetof(struct kvm_cpu_regs, rflags) == GPR_COUNT * 8 + 8);

/* After RESET, EDX holds the processor's signature: family 6. */
#define RESET_RDX	0x600
#define RESET_RIP	0xfff0

/* ---- on and off a CPU ---- */

static void sched_in(struct preempt_notifier *pn, int cpu)
{
	struct kvm_vcpu *vcpu = container_of(pn, struct kvm_vcpu, preempt_notifier);

	kvm_backend->load(vcpu);
	/* A suspend may have come while an ioctl waited. */
	kvm_tsc_load(vcpu);
	kvm_tsc_aux_load(vcpu);
	WRITE_ONCE(vcpu->cpu, cpu);
}

static void sched_out(struct preempt_notifier *pn, struct task_struct *next)
{
	struct kvm_vcpu *vcpu = container_of(pn, struct kvm_vcpu, preempt_notifier);

	kvm_tsc_aux_put(vcpu);
	kvm_backend->put(vcpu);
}

static struct preempt_ops preempt_ops = {
	.sched_in = sched_in,
	.sched_out = sched_out,
};

void kvm_vcpu_load(struct kvm_vcpu *vcpu)
{
	int cpu = get_cpu();

	preempt_notifier_register(&vcpu->preempt_notifier);
	kvm_backend->load(vcpu);
	WRITE_ONCE(vcpu->cpu, cpu);
	kvm_tsc_load(vcpu);
	kvm_tsc_aux_load(vcpu);
	put_cpu();
}

void kvm_vcpu_put(struct kvm_vcpu *vcpu)
{
	preempt_disable();
	kvm_tsc_aux_put(vcpu);
	kvm_backend->put(vcpu);
	preempt_notifier_unregister(&vcpu->preempt_notifier);
	preempt_enable();
}

/* ---- life ---- */

static int alloc_pages_of(struct kvm_vcpu *vcpu)
{
	vcpu->run = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	vcpu->io_page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (vcpu->run && vcpu->io_page)
		return 0;
	free_page((unsigned long)vcpu->run);
	free_page((unsigned long)vcpu->io_page);
	return -ENOMEM;
}

static void reset(struct kvm_vcpu *vcpu)
{
	vcpu->regs.gpr[GPR_RDX] = RESET_RDX;
	vcpu->regs.rip = RESET_RIP;
	vcpu->regs.rflags = X86_EFLAGS_FIXED;
	vcpu->xcr0 = XFEATURE_MASK_FP;
	kvm_limits_set(vcpu);
	kvm_msrs_reset(vcpu);
	kvm_debug_reset(vcpu);
	kvm_tsc_reset(vcpu);
}

struct kvm_vcpu *kvm_vcpu_create(struct kvm_vm *vm, u32 id)
{
	struct kvm_vcpu *vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!vcpu)
		return ERR_PTR(-ENOMEM);
	mutex_init(&vcpu->lock);
	preempt_notifier_init(&vcpu->preempt_notifier, &preempt_ops);
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->cpu = -1;
	kvm_irq_set(vcpu, -1);
	kvm_vcpu_request(vcpu, REQUEST_TDP_ROOT);

	ret = alloc_pages_of(vcpu);
	if (ret)
		goto free_vcpu;
	if (!fpu_alloc_guest_fpstate(&vcpu->guest_fpu)) {
		ret = -ENOMEM;
		goto free_pages;
	}
	ret = kvm_backend->vcpu_create(vcpu);
	if (ret)
		goto free_fpu;
	kvm_vcpu_load(vcpu);
	reset(vcpu);
	kvm_vcpu_put(vcpu);
	return vcpu;

free_fpu:
	fpu_free_guest_fpstate(&vcpu->guest_fpu);
free_pages:
	free_page((unsigned long)vcpu->run);
	free_page((unsigned long)vcpu->io_page);
free_vcpu:
	kfree(vcpu);
	return ERR_PTR(ret);
}

void kvm_vcpu_destroy(struct kvm_vcpu *vcpu)
{
	kvm_backend->vcpu_free(vcpu);
	fpu_free_guest_fpstate(&vcpu->guest_fpu);
	kvm_page_stash_free(&vcpu->page_stash);
	kvm_cpuid_free(vcpu->cpuid);
	kvm_mce_free(&vcpu->mce);
	kvm_policy_free(vcpu);
	/* A mapping of user space may keep them for longer. */
	free_page((unsigned long)vcpu->run);
	free_page((unsigned long)vcpu->io_page);
	mutex_destroy(&vcpu->lock);
	kfree(vcpu);
}

int kvm_vcpu_lock(struct kvm_vcpu *vcpu)
{
	return mutex_lock_interruptible(&vcpu->lock) ? -EINTR : 0;
}

/* ---- registers and interrupts, for both protocols ---- */

/* struct kvm_regs has RBX before RCX; the processor's numbers have not. */
static const struct {
	u16 offset;
	enum kvm_gpr gpr;
} reg_map[] = {
#define REG(field, gpr) { offsetof(struct kvm_regs, field), gpr }
	REG(rax, GPR_RAX), REG(rbx, GPR_RBX), REG(rcx, GPR_RCX),
	REG(rdx, GPR_RDX), REG(rsi, GPR_RSI), REG(rdi, GPR_RDI),
	REG(rsp, GPR_RSP), REG(rbp, GPR_RBP), REG(r8, GPR_R8), REG(r9, GPR_R9),
	REG(r10, GPR_R10), REG(r11, GPR_R11), REG(r12, GPR_R12),
	REG(r13, GPR_R13), REG(r14, GPR_R14), REG(r15, GPR_R15),
#undef REG
};

void kvm_vcpu_get_regs(struct kvm_vcpu *vcpu, struct kvm_regs *regs)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(reg_map); i++)
		*(u64 *)((void *)regs + reg_map[i].offset) =
			vcpu->regs.gpr[reg_map[i].gpr];
	regs->rip = vcpu->regs.rip;
	regs->rflags = vcpu->regs.rflags;
}

void kvm_vcpu_set_regs(struct kvm_vcpu *vcpu, const struct kvm_regs *regs)
{
	bool same_rip = regs->rip == vcpu->regs.rip;
	int i;

	for (i = 0; i < ARRAY_SIZE(reg_map); i++)
		vcpu->regs.gpr[reg_map[i].gpr] =
			*(const u64 *)((const void *)regs + reg_map[i].offset);
	vcpu->regs.rip = regs->rip;
	vcpu->regs.rflags = kvm_rflags_fixed(regs->rflags);
	/*
	 * RIP says where to go on. An instruction that waits for user space
	 * goes on if it is still the one, with the new registers; stores are
	 * of one that is done.
	 */
	if (!same_rip && vcpu->pending != PENDING_MMIO_WRITE)
		vcpu->pending = PENDING_NONE;
	/* An exception belongs to the instruction that RIP has left. */
	if (vcpu->event.type == EVENT_EXCEPTION || vcpu->event.type == EVENT_SOFT)
		vcpu->event.type = EVENT_NONE;
}

int kvm_vcpu_interrupt(struct kvm_vcpu *vcpu, u32 vector)
{
	if (vector >= KVM_NR_INTERRUPTS)
		return -EINVAL;
	if (vcpu->irq_put_off)
		vcpu->irq_behind = vector;
	else
		vcpu->irq = vector;
	return 0;
}

/* ---- KVM_RUN ---- */

static void activate_sigset(struct kvm_vcpu *vcpu)
{
	if (vcpu->sigset_active)
		sigprocmask(SIG_SETMASK, &vcpu->sigset, &current->real_blocked);
}

static void deactivate_sigset(struct kvm_vcpu *vcpu)
{
	if (!vcpu->sigset_active)
		return;
	sigprocmask(SIG_SETMASK, &current->real_blocked, NULL);
	sigemptyset(&current->real_blocked);
}

static void finish_io(struct kvm_vcpu *vcpu)
{
	u64 *rax = &vcpu->regs.gpr[GPR_RAX];

	if (vcpu->pending == PENDING_IO_IN) {
		if (vcpu->pending_size == 4)
			*rax = *(u32 *)vcpu->io_page;
		else
			memcpy(rax, vcpu->io_page, vcpu->pending_size);
	}
	vcpu->pending = PENDING_NONE;
	kvm_skip_insn(vcpu);
}

static noinline void take_answer(struct kvm_vcpu *vcpu)
{
	u8 data[KVM_PIECE_BYTES];

	memcpy(data, vcpu->run->mmio.data, sizeof(data));
	kvm_device_answer(vcpu, data);
}

/* What user space owed to the last exit; kvm_device_resume() does the rest. */
static void finish_pending(struct kvm_vcpu *vcpu)
{
	if (vcpu->pending == PENDING_SKIP || vcpu->pending == PENDING_IO_IN)
		finish_io(vcpu);
	else if (vcpu->pending == PENDING_MMIO_READ)
		take_answer(vcpu);
	else if (vcpu->pending == PENDING_POLICY)
		kvm_policy_take_answer(vcpu, vcpu->run);
}

/* What memcpy() would do, without a call for so little. */
static inline void store_out(void *to, u32 value, u8 size)
{
	if (size == 1)
		*(u8 *)to = value;
	else if (size == 2)
		*(u16 *)to = value;
	else
		*(u32 *)to = value;
}

static void report_io(struct kvm_vcpu *vcpu, struct kvm_run *run)
{
	const struct kvm_exit *exit = &vcpu->exit;

	run->io.direction = exit->io.in ? KVM_EXIT_IO_IN : KVM_EXIT_IO_OUT;
	run->io.size = exit->io.size;
	run->io.port = exit->io.port;
	run->io.count = exit->io.string ? vcpu->io_count : 1;
	run->io.data_offset = PAGE_SIZE;
	trace_kvm_pio(!exit->io.in, exit->io.port, exit->io.size, run->io.count,
		      vcpu->regs.gpr[GPR_RAX]);
	if (exit->io.string)
		return;
	vcpu->pending_size = exit->io.size;
	if (exit->io.in) {
		vcpu->pending = PENDING_IO_IN;
	} else {
		vcpu->pending = PENDING_SKIP;
		store_out(vcpu->io_page, vcpu->regs.gpr[GPR_RAX], exit->io.size);
	}
}

static void report_mmio(struct kvm_vcpu *vcpu, struct kvm_run *run)
{
	const struct kvm_piece *piece = kvm_device_request(vcpu);
	bool write = vcpu->pending == PENDING_MMIO_WRITE;

	run->mmio.phys_addr = piece->gpa;
	run->mmio.len = piece->size;
	run->mmio.is_write = write;
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	if (!write)
		return;
	memcpy(run->mmio.data, piece->data, piece->size);
}

static void report_internal_error(struct kvm_vcpu *vcpu, struct kvm_run *run)
{
	run->internal.suberror = vcpu->stop.suberror;
	run->internal.ndata = 0;
	if (vcpu->exit.kind == EXIT_TDP_FAULT) {
		run->internal.ndata = 2;
		run->internal.data[0] = vcpu->exit.tdp.gpa;
		run->internal.data[1] = vcpu->exit.tdp.write;
	}
}

static void report_stop(struct kvm_vcpu *vcpu, struct kvm_run *run)
{
	run->exit_reason = vcpu->stop.reason;
	/* The most frequent one, without the comparisons of the switch. */
	if (vcpu->stop.reason == KVM_EXIT_IO) {
		report_io(vcpu, run);
		return;
	}
	switch (vcpu->stop.reason) {
	case KVM_EXIT_MMIO:
		report_mmio(vcpu, run);
		break;
	case KVM_EXIT_DEBUG:
		kvm_debug_report(vcpu, &run->debug.arch);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		report_internal_error(vcpu, run);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		run->fail_entry.hardware_entry_failure_reason = vcpu->exit.hw_reason;
		run->fail_entry.cpu = vcpu->cpu;
		run->fail_entry.field = kvm_backend->refused_field(vcpu);
		break;
	case KVM_EXIT_EXCEPTION:
		run->ex.exception = vcpu->exit.exception.vector;
		run->ex.error_code = vcpu->exit.exception.error;
		break;
	case KVM_EXIT_UNKNOWN:
		run->hw.hardware_exit_reason = vcpu->exit.hw_reason;
		break;
	case DEVKVM_EXIT_POLICY:
		kvm_policy_report(vcpu, run);
		break;
	}
}

static void report_state(struct kvm_vcpu *vcpu, struct kvm_run *run)
{
	run->ready_for_interrupt_injection = kvm_ready_for_interrupt(vcpu);
	run->if_flag = !!(vcpu->regs.rflags & X86_EFLAGS_IF);
	run->flags = 0;
	run->cr8 = kvm_backend->get_cr(vcpu, 8);
	run->apic_base = vcpu->apic_base;
}

static int run_ioctl(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_run *run = vcpu->run;
	u64 cr8 = READ_ONCE(run->cr8);
	int ret;

	if (arg || READ_ONCE(run->kvm_valid_regs) || READ_ONCE(run->kvm_dirty_regs))
		return -EINVAL;
	if (cr8 > 15)
		return -EINVAL;
	activate_sigset(vcpu);
	if (cr8 != kvm_backend->get_cr(vcpu, 8))
		kvm_backend->set_cr(vcpu, 8, cr8);
	finish_pending(vcpu);
	vcpu->want_window = READ_ONCE(run->request_interrupt_window);
	ret = kvm_run_guest(vcpu, READ_ONCE(run->immediate_exit));
	if (!ret || ret == -EINTR)
		report_stop(vcpu, run);
	trace_kvm_userspace_exit(vcpu->stop.reason, ret);
	report_state(vcpu, run);
	deactivate_sigset(vcpu);
	return ret;
}

/* ---- the other ioctls of the descriptor ---- */

static int get_regs(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_regs regs;

	kvm_vcpu_get_regs(vcpu, &regs);
	return copy_to_user(arg, &regs, sizeof(regs)) ? -EFAULT : 0;
}

static int set_regs(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_regs regs;

	if (copy_from_user(&regs, arg, sizeof(regs)))
		return -EFAULT;
	kvm_vcpu_set_regs(vcpu, &regs);
	return 0;
}

static int get_sregs(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_sregs sregs;

	kvm_sregs_get(vcpu, &sregs);
	return copy_to_user(arg, &sregs, sizeof(sregs)) ? -EFAULT : 0;
}

static int set_sregs(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_sregs sregs;

	if (copy_from_user(&sregs, arg, sizeof(sregs)))
		return -EFAULT;
	return kvm_sregs_set(vcpu, &sregs);
}

static int translate(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_translation tr;

	if (copy_from_user(&tr, arg, sizeof(tr)))
		return -EFAULT;
	tr.valid = !kvm_guest_translate(vcpu, tr.linear_address,
					&tr.physical_address);
	if (!tr.valid)
		tr.physical_address = ~0ull;
	tr.writeable = 1;
	tr.usermode = 0;
	return copy_to_user(arg, &tr, sizeof(tr)) ? -EFAULT : 0;
}

static int map_gpt(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct devkvm_map_gpt map;

	if (copy_from_user(&map, arg, sizeof(map)))
		return -EFAULT;
	return kvm_guest_map(vcpu, &map);
}

/* Until it is done or cannot go on; range is what is left. */
static int populate(struct kvm_vcpu *vcpu, struct kvm_pre_fault_memory *range)
{
	while (range->size) {
		u64 bytes;
		int ret = kvm_tdp_populate(vcpu, range->gpa, &bytes);

		if (ret)
			return ret;
		bytes = min(bytes, range->size);
		range->gpa += bytes;
		range->size -= bytes;
	}
	return 0;
}

static int pre_fault_memory(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_pre_fault_memory range;
	u64 size;
	int ret;

	if (copy_from_user(&range, arg, sizeof(range)))
		return -EFAULT;
	if (range.flags || !PAGE_ALIGNED(range.gpa) || !PAGE_ALIGNED(range.size) ||
	    range.gpa + range.size <= range.gpa)
		return -EINVAL;
	size = range.size;
	ret = populate(vcpu, &range);
	if (copy_to_user(arg, &range, sizeof(range)))
		return -EFAULT;
	/* Some of it is a success: the caller sees what is left. */
	return range.size < size ? 0 : ret;
}

static int interrupt(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_interrupt irq;

	if (copy_from_user(&irq, arg, sizeof(irq)))
		return -EFAULT;
	return kvm_vcpu_interrupt(vcpu, irq.irq);
}

static int set_signal_mask(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_signal_mask __user *user = arg;
	struct kvm_signal_mask mask;
	sigset_t sigset;

	if (!user) {
		vcpu->sigset_active = false;
		return 0;
	}
	if (copy_from_user(&mask, user, sizeof(mask)))
		return -EFAULT;
	if (mask.len != sizeof(sigset))
		return -EINVAL;
	if (copy_from_user(&sigset, user->sigset, sizeof(sigset)))
		return -EFAULT;
	sigdelsetmask(&sigset, sigmask(SIGKILL) | sigmask(SIGSTOP));
	vcpu->sigset = sigset;
	vcpu->sigset_active = true;
	return 0;
}

/* Other states are those of an interrupt controller of ours, which there is none. */
static int get_mp_state(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };

	return copy_to_user(arg, &state, sizeof(state)) ? -EFAULT : 0;
}

static int set_mp_state(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_mp_state state;

	if (copy_from_user(&state, arg, sizeof(state)))
		return -EFAULT;
	return state.mp_state == KVM_MP_STATE_RUNNABLE ? 0 : -EINVAL;
}

static int set_guest_debug(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_guest_debug debug;

	if (copy_from_user(&debug, arg, sizeof(debug)))
		return -EFAULT;
	return kvm_debug_set(vcpu, &debug);
}

typedef int vcpu_ioctl_fn(struct kvm_vcpu *vcpu, void __user *arg);

/* Of all but KVM_RUN. NULL: there is none, which is said without waiting for a run to end. */
static vcpu_ioctl_fn *handler_of(unsigned int cmd)
{
	switch (cmd) {
	case KVM_GET_REGS:
		return get_regs;
	case KVM_SET_REGS:
		return set_regs;
	case KVM_GET_SREGS:
		return get_sregs;
	case KVM_SET_SREGS:
		return set_sregs;
	case KVM_TRANSLATE:
		return translate;
	case KVM_INTERRUPT:
		return interrupt;
	case KVM_PRE_FAULT_MEMORY:
		return pre_fault_memory;
	case DEVKVM_MAP_GPT:
		return map_gpt;
	case DEVKVM_SET_POLICY:
		return kvm_policy_set_user;
	case KVM_GET_MSRS:
		return kvm_msrs_get_user;
	case KVM_SET_MSRS:
		return kvm_msrs_set_user;
	case KVM_SET_SIGNAL_MASK:
		return set_signal_mask;
	case KVM_SET_CPUID2:
		return kvm_cpuid_set_user;
	case KVM_GET_CPUID2:
		return kvm_cpuid_get_user;
	case KVM_GET_FPU:
		return kvm_fpu_get_user;
	case KVM_SET_FPU:
		return kvm_fpu_set_user;
	case KVM_GET_MP_STATE:
		return get_mp_state;
	case KVM_SET_MP_STATE:
		return set_mp_state;
	case KVM_SET_GUEST_DEBUG:
		return set_guest_debug;
	case KVM_X86_SETUP_MCE:
		return kvm_mce_setup_user;
	case KVM_X86_SET_MCE:
		return kvm_mce_report_user;
	case KVM_NMI:
		return kvm_nmi;
	case KVM_GET_VCPU_EVENTS:
		return kvm_events_get_user;
	case KVM_SET_VCPU_EVENTS:
		return kvm_events_set_user;
	case KVM_GET_DEBUGREGS:
		return kvm_debugregs_get_user;
	case KVM_SET_DEBUGREGS:
		return kvm_debugregs_set_user;
	case KVM_GET_XSAVE:
	case KVM_GET_XSAVE2:
		return kvm_xsave_get_user;
	case KVM_SET_XSAVE:
		return kvm_xsave_set_user;
	case KVM_GET_XCRS:
		return kvm_xcrs_get_user;
	case KVM_SET_XCRS:
		return kvm_xcrs_set_user;
	default:
		return NULL;
	}
}

static int stats_fd(struct kvm_vcpu *vcpu, unsigned long arg)
{
	return arg ? -EINVAL : kvm_stats_open_vcpu(vcpu);
}

static long vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct kvm_vcpu *vcpu = file->private_data;
	/* The one that must be fast: found at once, and called directly. */
	vcpu_ioctl_fn *handler = likely(cmd == KVM_RUN) ? run_ioctl : handler_of(cmd);
	long ret;

	if (vcpu->vm->mm != current->mm)
		return cmd == KVM_GET_STATS_FD ? stats_fd(vcpu, arg) : -EIO;
	/* Without waiting for a run to end. */
	if (!handler)
		return cmd == KVM_GET_STATS_FD ? stats_fd(vcpu, arg) : -EINVAL;
	ret = kvm_vcpu_lock(vcpu);
	if (ret)
		return ret;
	kvm_vcpu_load(vcpu);
	ret = INDIRECT_CALL_1(handler, run_ioctl, vcpu, (void __user *)arg);
	kvm_vcpu_put(vcpu);
	mutex_unlock(&vcpu->lock);
	return ret;
}

/* ---- the descriptor ---- */

static vm_fault_t vcpu_fault(struct vm_fault *vmf)
{
	struct kvm_vcpu *vcpu = vmf->vma->vm_file->private_data;

	switch (vmf->pgoff) {
	case 0:
		vmf->page = virt_to_page(vcpu->run);
		break;
	case 1:
		vmf->page = virt_to_page(vcpu->io_page);
		break;
	default:
		return VM_FAULT_SIGBUS;
	}
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct vcpu_vm_ops = {
	.fault = vcpu_fault,
};

static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &vcpu_vm_ops;
	return 0;
}

static int vcpu_release(struct inode *inode, struct file *file)
{
	struct kvm_vcpu *vcpu = file->private_data;

	kvm_vm_put(vcpu->vm);
	return 0;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vcpu_mmap,
	.release = vcpu_release,
	.llseek = noop_llseek,
};

struct file *kvm_vcpu_file(struct kvm_vcpu *vcpu)
{
	struct file *file;

	kvm_vm_get(vcpu->vm);
	file = anon_inode_getfile("kvm-vcpu", &vcpu_fops, vcpu, O_RDWR);
	if (IS_ERR(file))
		kvm_vm_put(vcpu->vm);
	return file;
}
