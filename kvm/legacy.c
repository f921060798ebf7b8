// SPDX-License-Identifier: GPL-2.0
/*
 * The protocol of 2006 in terms of the same core as API 12.
 *
 * The kernel provides the guest's memory: one sparse shmem file for a machine,
 * guest-physical address = offset. Slots are windows of it, mapped into the
 * owner's address space, where the core finds them as it finds any slot; a
 * mapping of the node is a mapping of that file. So a program may map all of
 * the guest at once, holes included, as those of the time did.
 */
#include "legacy.h"

#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mutex.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "devkvm_2006.h"
#include "device_access.h"
#include "dirty_log.h"
#include "exit.h"
#include "legacy_layout.h"
#include "memslot.h"
#include "mmu/guest.h"
#include "run.h"
#include "trace.h"
#include "vcpu.h"
#include "vm.h"
#include "x86/fetch.h"
#include "x86/msr.h"
#include "x86/sregs.h"

struct kvm_legacy {
	struct kvm_vm *vm;
	struct file *ram;
	/* Guards slots; mmap_lock and the VM's slots_lock are taken inside. */
	struct mutex lock;
	struct {
		u64 gpa;
		u64 size;		/* 0: not in use */
		unsigned long hva;
	} slots[KVM_2006_SLOTS_MAX];
};

bool kvm_legacy_knows(unsigned int cmd)
{
	switch (cmd) {
	case KVM_2006_RUN:
	case KVM_2620_RUN:
	case KVM_2006_GET_REGS:
	case KVM_2006_SET_REGS:
	case KVM_2006_GET_SREGS:
	case KVM_2006_SET_SREGS:
	case KVM_2006_TRANSLATE:
	case KVM_2006_INTERRUPT:
	case KVM_2006_DEBUG_GUEST:
	case KVM_2006_SET_MEMORY_REGION:
	case KVM_2006_CREATE_VCPU:
	case KVM_2006_GET_DIRTY_LOG:
	case KVM_2006_GET_MSRS:
	case KVM_2006_SET_MSRS:
	case KVM_2006_GET_MSR_INDEX_LIST:
	case DEVKVM_MAP_GPT:
		return true;
	default:
		return false;
	}
}

/* ---- life ---- */

struct kvm_legacy *kvm_legacy_create(void)
{
	struct kvm_legacy *legacy = kzalloc(sizeof(*legacy), GFP_KERNEL_ACCOUNT);
	long ret;

	if (!legacy)
		return ERR_PTR(-ENOMEM);
	mutex_init(&legacy->lock);
	legacy->ram = shmem_file_setup("kvm-memory", KVM_2006_MEMORY_MAX,
				       VM_NORESERVE);
	if (IS_ERR(legacy->ram)) {
		ret = PTR_ERR(legacy->ram);
		/* so 6.12 says it when there is no memory for the inode */
		if (ret == -ENOSPC)
			ret = -ENOMEM;
		goto free_legacy;
	}
	legacy->vm = kvm_vm_create(true);
	if (IS_ERR(legacy->vm)) {
		ret = PTR_ERR(legacy->vm);
		goto put_ram;
	}
	return legacy;

put_ram:
	fput(legacy->ram);
free_legacy:
	kfree(legacy);
	return ERR_PTR(ret);
}

/* Only the owner's own mappings can be undone; a dead owner has none. */
static void unmap_slot(struct kvm_legacy *legacy, u32 i)
{
	if (current->mm == legacy->vm->mm)
		vm_munmap(legacy->slots[i].hva, legacy->slots[i].size);
}

void kvm_legacy_destroy(struct kvm_legacy *legacy)
{
	u32 i;

	for (i = 0; i < KVM_2006_SLOTS_MAX; i++) {
		if (legacy->slots[i].size)
			unmap_slot(legacy, i);
	}
	kvm_vm_put(legacy->vm);
	fput(legacy->ram);
	mutex_destroy(&legacy->lock);
	kfree(legacy);
}

/* ---- memory ---- */

static int erase_ram(struct kvm_legacy *legacy, u64 gpa, u64 size)
{
	return vfs_fallocate(legacy->ram,
			     FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, gpa, size);
}

static int set_core_slot(struct kvm_legacy *legacy, u32 slot, u32 flags, u64 gpa,
			 u64 size, unsigned long hva)
{
	const struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = hva,
	};

	return kvm_memslot_set(legacy->vm, &region);
}

static int create_slot(struct kvm_legacy *legacy, const struct kvm_2006_memory_region *r)
{
	unsigned long hva;
	int ret;

	hva = vm_mmap(legacy->ram, 0, r->memory_size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_NORESERVE, r->guest_phys_addr);
	if (IS_ERR_VALUE(hva))
		return hva;
	ret = set_core_slot(legacy, r->slot, r->flags, r->guest_phys_addr,
			    r->memory_size, hva);
	if (ret) {
		vm_munmap(hva, r->memory_size);
		return ret;
	}
	legacy->slots[r->slot].gpa = r->guest_phys_addr;
	legacy->slots[r->slot].size = r->memory_size;
	legacy->slots[r->slot].hva = hva;
	return 0;
}

static int delete_slot(struct kvm_legacy *legacy, u32 slot)
{
	int ret = set_core_slot(legacy, slot, 0, 0, 0, 0);

	if (ret)
		return ret;
	unmap_slot(legacy, slot);
	erase_ram(legacy, legacy->slots[slot].gpa, legacy->slots[slot].size);
	legacy->slots[slot].size = 0;
	return 0;
}

static int change_slot(struct kvm_legacy *legacy,
		       const struct kvm_2006_memory_region *r)
{
	u64 old = legacy->slots[r->slot].size;

	if (!r->memory_size)
		return old ? delete_slot(legacy, r->slot) : -EINVAL;
	if (!old)
		return create_slot(legacy, r);
	if (old != r->memory_size || legacy->slots[r->slot].gpa != r->guest_phys_addr)
		return -EINVAL;
	return set_core_slot(legacy, r->slot, r->flags, r->guest_phys_addr, old,
			     legacy->slots[r->slot].hva);
}

static int set_memory_region(struct kvm_legacy *legacy, void __user *arg)
{
	struct kvm_2006_memory_region r;
	int ret;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.slot >= KVM_2006_SLOTS_MAX || r.flags & ~(u32)KVM_MEM_LOG_DIRTY_PAGES)
		return -EINVAL;
	if (!PAGE_ALIGNED(r.guest_phys_addr) || !PAGE_ALIGNED(r.memory_size))
		return -EINVAL;
	if (r.memory_size > KVM_2006_MEMORY_MAX ||
	    r.guest_phys_addr > KVM_2006_MEMORY_MAX - r.memory_size)
		return -EINVAL;
	mutex_lock(&legacy->lock);
	ret = change_slot(legacy, &r);
	mutex_unlock(&legacy->lock);
	return ret;
}

static int get_dirty_log(struct kvm_legacy *legacy, void __user *arg)
{
	struct kvm_2006_dirty_log log;

	if (copy_from_user(&log, arg, sizeof(log)))
		return -EFAULT;
	if (log.slot >= KVM_2006_SLOTS_MAX)
		return -EINVAL;
	return kvm_dirty_log_get(legacy->vm, log.slot, kvm_dirty_bitmap_of(log.dirty_bitmap),
				 8);
}

/* The first byte must be the guest's; what follows may be a hole. */
int kvm_legacy_mmap(struct kvm_legacy *legacy, struct vm_area_struct *vma)
{
	struct kvm_vm *vm = legacy->vm;
	u64 start = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 size = vma->vm_end - vma->vm_start;
	bool found;
	int idx;

	if (vm->mm != current->mm)
		return -EIO;
	if (vma->vm_pgoff >= KVM_2006_MEMORY_MAX >> PAGE_SHIFT ||
	    size > KVM_2006_MEMORY_MAX - start)
		return -EINVAL;
	/* Not legacy->lock: who holds it may wait for our mmap_lock. */
	idx = srcu_read_lock(&vm->srcu);
	found = kvm_gpa_to_slot(vm, start);
	srcu_read_unlock(&vm->srcu, idx);
	if (!found)
		return -EINVAL;
	vma_set_file(vma, legacy->ram);
	return legacy->ram->f_op->mmap(legacy->ram, vma);
}

/* ---- running ---- */

static u64 mask_address(u64 address, int bits)
{
	return bits == 64 ? address : address & ((1ull << bits) - 1);
}

/* INS writes to ES:RDI; OUTS reads from DS:RSI, or another segment's. */
static void report_string(struct kvm_vcpu *vcpu, union kvm_2006_exit *out)
{
	const struct kvm_exit *exit = &vcpu->exit;
	const u64 *gpr = vcpu->regs.gpr;
	enum kvm_seg seg = exit->io.in ? SEG_ES : SEG_DS;
	int bits = kvm_code_bits(vcpu);
	struct kvm_segment segment;
	struct kvm_insn insn;

	if (!kvm_fetch_insn(vcpu, &insn)) {
		if (!exit->io.in)
			seg = insn.segment;
		bits = 8 * insn.address_bytes;
	}
	kvm_backend->get_segment(vcpu, seg, &segment);
	out->io.address = mask_address(gpr[exit->io.in ? GPR_RDI : GPR_RSI], bits);
	if (kvm_code_bits(vcpu) != 64 || seg == SEG_FS || seg == SEG_GS)
		out->io.address += segment.base;
	if (exit->io.rep)
		out->io.count = mask_address(gpr[GPR_RCX], bits);
}

static void report_io(struct kvm_vcpu *vcpu, union kvm_2006_exit *out)
{
	const struct kvm_exit *exit = &vcpu->exit;
	u32 rax = vcpu->regs.gpr[GPR_RAX];

	out->io.direction = exit->io.in ? KVM_EXIT_IO_IN : KVM_EXIT_IO_OUT;
	out->io.size = exit->io.size;
	out->io.string = exit->io.string;
	out->io.string_down = !!(vcpu->regs.rflags & X86_EFLAGS_DF);
	out->io.rep = exit->io.rep;
	out->io.port = exit->io.port;
	out->io.count = 1;
	if (exit->io.string)
		report_string(vcpu, out);
	else if (!exit->io.in)
		out->io.value = exit->io.size == 4 ? rax :
				rax & ((1u << 8 * exit->io.size) - 1);
	trace_kvm_pio(!exit->io.in, exit->io.port, exit->io.size, out->io.count, rax);
}

static void report_mmio(struct kvm_vcpu *vcpu, union kvm_2006_exit *out)
{
	const struct kvm_piece *piece = kvm_device_request(vcpu);

	out->mmio.phys_addr = piece->gpa;
	out->mmio.len = piece->size;
	out->mmio.is_write = vcpu->pending == PENDING_MMIO_WRITE;
	if (out->mmio.is_write)
		memcpy(out->mmio.data, piece->data, piece->size);
}

/* The run of 2.6.20 holds all that the first one does. */
static void report(struct kvm_vcpu *vcpu, struct kvm_2620_run *run, bool first)
{
	memset(&run->exit, 0, sizeof(run->exit));
	run->exit_type = KVM_2006_EXIT_TYPE_VM_EXIT;
	run->exit_reason = vcpu->stop.reason;
	switch (vcpu->stop.reason) {
	case KVM_EXIT_IO:
		report_io(vcpu, &run->exit);
		break;
	case KVM_EXIT_MMIO:
		report_mmio(vcpu, &run->exit);
		break;
	case KVM_EXIT_EXCEPTION:
		run->exit.ex.exception = vcpu->exit.exception.vector;
		run->exit.ex.error_code = vcpu->exit.exception.error;
		break;
	case KVM_EXIT_HLT:
	case KVM_EXIT_DEBUG:
	case KVM_2006_EXIT_CPUID:
		break;
	case KVM_EXIT_FAIL_ENTRY:
		run->exit_type = KVM_2006_EXIT_TYPE_FAIL_ENTRY;
		run->exit_reason = vcpu->exit.hw_reason;
		break;
	case KVM_EXIT_SHUTDOWN:
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		if (!first)
			break;
		fallthrough;
	default:
		run->exit_reason = KVM_EXIT_UNKNOWN;
		run->exit.hw.hardware_exit_reason = vcpu->exit.hw_reason;
		break;
	}
	run->instruction_length = 0;
	if (vcpu->stop.reason == KVM_EXIT_IO ||
	    vcpu->stop.reason == KVM_2006_EXIT_CPUID)
		run->instruction_length = kvm_exit_insn_len(vcpu);
}

/* ret: 0, or -EINTR. */
static void report_run(struct kvm_vcpu *vcpu, struct kvm_2620_run *run, bool first, int ret)
{
	/* Not again, should the caller run it just so after a signal. */
	run->emulated = 0;
	run->mmio_completed = 0;
	if (ret) {
		run->exit_type = 0;
		run->exit_reason = KVM_EXIT_UNKNOWN;
	} else {
		report(vcpu, run, first);
	}
	run->ready_for_interrupt_injection = kvm_ready_for_interrupt(vcpu);
	run->if_flag = !!(vcpu->regs.rflags & X86_EFLAGS_IF);
	run->cr8 = kvm_backend->get_cr(vcpu, 8);
	run->apic_base = vcpu->apic_base;
}

/* vcpu->lock held, loaded. */
static int run_vcpu(struct kvm_vcpu *vcpu, struct kvm_2620_run *run, bool first)
{
	int ret;

	if (run->emulated > 1 || run->request_interrupt_window > 1)
		return -EINVAL;
	/* It says that a read's data is there, which must then be awaited. */
	if (run->mmio_completed > 1 ||
	    (run->mmio_completed && vcpu->pending != PENDING_MMIO_READ))
		return -EINVAL;
	if (!first) {
		if (run->cr8 > 15)
			return -EINVAL;
		kvm_backend->set_cr(vcpu, 8, run->cr8);
	}
	if (run->mmio_completed)
		kvm_device_answer(vcpu, run->exit.mmio.data);
	else if (vcpu->pending == PENDING_MMIO_READ)
		vcpu->pending = PENDING_NONE;	/* the guest asks again */
	if (run->emulated)
		kvm_skip_insn(vcpu);
	vcpu->want_window = run->request_interrupt_window;
	ret = kvm_run_guest(vcpu, false);
	if (!ret || ret == -EINTR)
		report_run(vcpu, run, first, ret);
	trace_kvm_userspace_exit(vcpu->stop.reason, ret);
	return ret;
}

/* The vCPU, locked and loaded; ERR_PTR. */
static struct kvm_vcpu *get_vcpu(struct kvm_legacy *legacy, u32 id)
{
	struct kvm_vcpu *vcpu = kvm_vm_vcpu(legacy->vm, id);
	int ret;

	if (!vcpu)
		return ERR_PTR(-EINVAL);
	ret = kvm_vcpu_lock(vcpu);
	if (ret)
		return ERR_PTR(ret);
	kvm_vcpu_load(vcpu);
	return vcpu;
}

static void put_vcpu(struct kvm_vcpu *vcpu)
{
	kvm_vcpu_put(vcpu);
	mutex_unlock(&vcpu->lock);
}

static int do_run(struct kvm_legacy *legacy, struct kvm_2620_run *run, bool first)
{
	struct kvm_vcpu *vcpu = get_vcpu(legacy, run->vcpu);
	int ret;

	if (IS_ERR(vcpu))
		return PTR_ERR(vcpu);
	ret = run_vcpu(vcpu, run, first);
	put_vcpu(vcpu);
	return ret;
}

static int run_2620(struct kvm_legacy *legacy, void __user *arg)
{
	struct kvm_2620_run run;
	int ret;

	if (copy_from_user(&run, arg, sizeof(run)))
		return -EFAULT;
	ret = do_run(legacy, &run, false);
	if (ret && ret != -EINTR)
		return ret;
	return copy_to_user(arg, &run, sizeof(run)) ? -EFAULT : ret;
}

static int run_2006(struct kvm_legacy *legacy, void __user *arg)
{
	struct kvm_2620_run run = { };
	struct kvm_2006_run first;
	int ret;

	if (copy_from_user(&first, arg, sizeof(first)))
		return -EFAULT;
	run.vcpu = first.vcpu;
	run.emulated = first.emulated;
	run.mmio_completed = first.mmio_completed;
	run.exit = first.exit;
	ret = do_run(legacy, &run, true);
	if (ret && ret != -EINTR)
		return ret;
	first.emulated = run.emulated;
	first.mmio_completed = run.mmio_completed;
	first.exit_type = run.exit_type;
	first.exit_reason = run.exit_reason;
	first.instruction_length = run.instruction_length;
	first.exit = run.exit;
	return copy_to_user(arg, &first, sizeof(first)) ? -EFAULT : ret;
}

/* ---- state ---- */

/* What an ioctl on the state of a vCPU takes; all but one begin with its number. */
union state_argument {
	u32 vcpu;
	struct kvm_2006_regs regs;
	struct kvm_2006_sregs sregs;
	struct kvm_2006_translation translation;
	struct kvm_2006_interrupt interrupt;
	struct kvm_2006_debug_guest debug;
	struct devkvm_map_gpt map;
};

static int get_regs(struct kvm_vcpu *vcpu, union state_argument *arg)
{
	kvm_vcpu_get_regs(vcpu, &arg->regs.regs);
	return 0;
}

static int set_regs(struct kvm_vcpu *vcpu, union state_argument *arg)
{
	kvm_vcpu_set_regs(vcpu, &arg->regs.regs);
	return 0;
}

static int get_sregs(struct kvm_vcpu *vcpu, union state_argument *arg)
{
	kvm_sregs_get(vcpu, &arg->sregs.sregs);
	return 0;
}

static int set_sregs(struct kvm_vcpu *vcpu, union state_argument *arg)
{
	return kvm_sregs_set(vcpu, &arg->sregs.sregs);
}

static int translate(struct kvm_vcpu *vcpu, union state_argument *arg)
{
	struct kvm_2006_translation *tr = &arg->translation;

	tr->valid = !kvm_guest_translate(vcpu, tr->linear_address,
					 &tr->physical_address);
	if (!tr->valid)
		tr->physical_address = ~0ull;
	tr->writeable = 1;
	tr->usermode = 0;
	return 0;
}

static int interrupt(struct kvm_vcpu *vcpu, union state_argument *arg)
{
	return kvm_vcpu_interrupt(vcpu, arg->interrupt.irq);
}

static int map_gpt(struct kvm_vcpu *vcpu, union state_argument *arg)
{
	return kvm_guest_map(vcpu, &arg->map);
}

/* Breakpoints on instructions: enabled globally, type and length 0 in DR7. */
static int debug_guest(struct kvm_vcpu *vcpu, union state_argument *arg)
{
	const struct kvm_2006_debug_guest *from = &arg->debug;
	struct kvm_guest_debug debug = { };
	int i;

	if (from->enabled)
		debug.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP |
				(from->singlestep ? KVM_GUESTDBG_SINGLESTEP : 0);
	for (i = 0; i < ARRAY_SIZE(from->breakpoints); i++) {
		if (!from->breakpoints[i].enabled)
			continue;
		debug.arch.debugreg[i] = from->breakpoints[i].address;
		debug.arch.debugreg[7] |= 2 << (2 * i);
	}
	return kvm_debug_set(vcpu, &debug);
}

/* The ioctl's number says how much is copied, and whether it goes back. */
static int do_state(struct kvm_legacy *legacy, unsigned int cmd,
		    void __user *user,
		    int (*call)(struct kvm_vcpu *vcpu, union state_argument *arg))
{
	union state_argument arg;
	struct kvm_vcpu *vcpu;
	int ret;

	if (copy_from_user(&arg, user, _IOC_SIZE(cmd)))
		return -EFAULT;
	vcpu = get_vcpu(legacy, cmd == KVM_2006_TRANSLATE ?
				arg.translation.vcpu : arg.vcpu);
	if (IS_ERR(vcpu))
		return PTR_ERR(vcpu);
	ret = call(vcpu, &arg);
	put_vcpu(vcpu);
	if (ret || !(_IOC_DIR(cmd) & _IOC_READ))
		return ret;
	return copy_to_user(user, &arg, _IOC_SIZE(cmd)) ? -EFAULT : 0;
}

static int do_msrs(struct kvm_legacy *legacy, struct kvm_2006_msrs __user *arg,
		   bool set)
{
	struct kvm_2006_msrs head;
	struct kvm_vcpu *vcpu;
	int ret;

	if (copy_from_user(&head, arg, sizeof(head)))
		return -EFAULT;
	vcpu = get_vcpu(legacy, head.vcpu);
	if (IS_ERR(vcpu))
		return PTR_ERR(vcpu);
	ret = kvm_msrs_do_user(vcpu, arg->entries, head.nmsrs, set);
	put_vcpu(vcpu);
	return ret;
}

long kvm_legacy_ioctl(struct kvm_legacy *legacy, unsigned int cmd,
		      unsigned long arg)
{
	void __user *argp = (void __user *)arg;

	if (legacy->vm->mm != current->mm)
		return -EIO;
	switch (cmd) {
	case KVM_2006_RUN:
		return run_2006(legacy, argp);
	case KVM_2620_RUN:
		return run_2620(legacy, argp);
	case KVM_2006_GET_REGS:
		return do_state(legacy, cmd, argp, get_regs);
	case KVM_2006_SET_REGS:
		return do_state(legacy, cmd, argp, set_regs);
	case KVM_2006_GET_SREGS:
		return do_state(legacy, cmd, argp, get_sregs);
	case KVM_2006_SET_SREGS:
		return do_state(legacy, cmd, argp, set_sregs);
	case KVM_2006_TRANSLATE:
		return do_state(legacy, cmd, argp, translate);
	case KVM_2006_INTERRUPT:
		return do_state(legacy, cmd, argp, interrupt);
	case KVM_2006_SET_MEMORY_REGION:
		return set_memory_region(legacy, argp);
	case KVM_2006_CREATE_VCPU:
		return arg < DEVKVM_VCPUS_MAX ?
		       kvm_vm_add_vcpu(legacy->vm, arg, false) : -EINVAL;
	case KVM_2006_GET_MSRS:
		return do_msrs(legacy, argp, false);
	case KVM_2006_SET_MSRS:
		return do_msrs(legacy, argp, true);
	case KVM_2006_GET_MSR_INDEX_LIST:
		return kvm_msr_list_user(argp);
	case KVM_2006_DEBUG_GUEST:
		return do_state(legacy, cmd, argp, debug_guest);
	case KVM_2006_GET_DIRTY_LOG:
		return get_dirty_log(legacy, argp);
	case DEVKVM_MAP_GPT:
		return do_state(legacy, cmd, argp, map_gpt);
	default:
		return -EINVAL;
	}
}
