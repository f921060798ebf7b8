// SPDX-License-Identifier: GPL-2.0
/* API 12: descriptors for the VM and the vCPU, a shared kvm_run. */
#include "machine.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "devkvm.h"

static int map_run(struct machine *m)
{
	int size;

	m->what = "KVM_GET_VCPU_MMAP_SIZE";
	size = ioctl(m->node, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < 0)
		return -1;
	m->what = "mmap of the vCPU";
	m->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, m->vcpu, 0);
	if (m->run == MAP_FAILED) {
		m->run = NULL;
		return -1;
	}
	m->run_bytes = size;
	return 0;
}

static int add_memory(struct machine *m)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = m->size_bytes,
	};

	m->what = "memory of the guest";
	m->memory = mmap(NULL, m->size_bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m->memory == MAP_FAILED) {
		m->memory = NULL;
		return -1;
	}
	region.userspace_addr = (uintptr_t)m->memory;
	m->what = "KVM_SET_USER_MEMORY_REGION";
	return ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &region);
}

/* All that the host can give. */
static int set_cpuid(struct machine *m)
{
	static union {
		struct kvm_cpuid2 head;
		char room[sizeof(struct kvm_cpuid2) +
			  KVM_CPUID_MAX_ENTRIES * sizeof(struct kvm_cpuid_entry2)];
	} table;

	table.head.nent = KVM_CPUID_MAX_ENTRIES;
	m->what = "KVM_GET_SUPPORTED_CPUID";
	if (ioctl(m->node, KVM_GET_SUPPORTED_CPUID, &table) < 0)
		return -1;
	m->what = "KVM_SET_CPUID2";
	return ioctl(m->vcpu, KVM_SET_CPUID2, &table);
}

static int open_12(struct machine *m)
{
	m->what = "KVM_GET_API_VERSION";
	if (ioctl(m->node, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
		errno = EPROTONOSUPPORT;
		return -1;
	}
	m->what = "KVM_CREATE_VM";
	m->vm = ioctl(m->node, KVM_CREATE_VM, 0);
	if (m->vm < 0)
		return -1;
	return add_memory(m);
}

static int add_vcpu(struct machine *m)
{
	m->what = "KVM_CREATE_VCPU";
	m->vcpu = ioctl(m->vm, KVM_CREATE_VCPU, m->number);
	if (m->vcpu < 0)
		return -1;
	if (map_run(m) < 0)
		return -1;
	return set_cpuid(m);
}

static int get_regs(struct machine *m, struct kvm_regs *regs)
{
	return ioctl(m->vcpu, KVM_GET_REGS, regs);
}

static int set_regs(struct machine *m, const struct kvm_regs *regs)
{
	return ioctl(m->vcpu, KVM_SET_REGS, regs);
}

static int get_sregs(struct machine *m, struct kvm_sregs *sregs)
{
	return ioctl(m->vcpu, KVM_GET_SREGS, sregs);
}

static int set_sregs(struct machine *m, const struct kvm_sregs *sregs)
{
	return ioctl(m->vcpu, KVM_SET_SREGS, sregs);
}

static void read_io(const struct kvm_run *run, struct stop *stop)
{
	stop->kind = run->io.direction == KVM_EXIT_IO_IN ? STOP_IN : STOP_OUT;
	stop->port = run->io.port;
	stop->size = run->io.size;
	stop->count = run->io.count;
	stop->values = (const uint8_t *)run + run->io.data_offset;
	if (stop->kind == STOP_OUT)
		memcpy(&stop->value, (const char *)run + run->io.data_offset,
		       run->io.size);
}

static int run_12(struct machine *m, struct stop *stop)
{
	const struct kvm_run *run = m->run;

	memset(stop, 0, sizeof(*stop));
	m->what = "KVM_RUN";
	if (ioctl(m->vcpu, KVM_RUN, 0) < 0) {
		stop->kind = STOP_SIGNAL;
		return errno == EINTR ? 0 : -1;
	}
	stop->reason = run->exit_reason;
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		read_io(run, stop);
		break;
	case KVM_EXIT_MMIO:
		stop->kind = STOP_MMIO;
		stop->address = run->mmio.phys_addr;
		stop->size = run->mmio.len;
		stop->write = run->mmio.is_write;
		break;
	case KVM_EXIT_HLT:
		stop->kind = STOP_HLT;
		break;
	case KVM_EXIT_SET_TPR:
		stop->kind = STOP_PRIORITY;
		break;
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		stop->kind = STOP_WINDOW;
		break;
	case KVM_EXIT_SHUTDOWN:
		stop->kind = STOP_SHUTDOWN;
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		stop->kind = STOP_OTHER;
		stop->detail = run->internal.suberror;
		break;
	default:
		stop->kind = STOP_OTHER;
		stop->detail = run->hw.hardware_exit_reason;
		break;
	}
	return 0;
}

static int answer_12(struct machine *m, const struct stop *stop)
{
	struct kvm_run *run = m->run;

	uint32_t i;

	if (stop->kind == STOP_MMIO) {
		memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
		return 0;
	}
	for (i = 0; i < stop->count; i++)
		memcpy((char *)run + run->io.data_offset + i * stop->size, &stop->value,
		       stop->size);
	return 0;
}

static int translate(struct machine *m, uint64_t linear, uint64_t *physical)
{
	struct kvm_translation t = { .linear_address = linear };

	if (ioctl(m->vcpu, KVM_TRANSLATE, &t) < 0)
		return -1;
	*physical = t.physical_address;
	return t.valid;
}

static int map(struct machine *m, struct devkvm_map_gpt *map)
{
	return ioctl(m->vcpu, DEVKVM_MAP_GPT, map);
}

/* ---- interrupts ---- */

static bool takes_interrupt(const struct machine *m)
{
	const struct kvm_run *run = m->run;

	return run->ready_for_interrupt_injection && run->if_flag;
}

static int interrupt(struct machine *m, uint8_t vector)
{
	struct kvm_interrupt irq = { .irq = vector };

	return ioctl(m->vcpu, KVM_INTERRUPT, &irq);
}

static void ask_window(struct machine *m, bool on)
{
	struct kvm_run *run = m->run;

	run->request_interrupt_window = on;
}

static volatile uint8_t *kick(struct machine *m)
{
	struct kvm_run *run = m->run;

	return &run->immediate_exit;
}

const struct protocol protocol_12 = {
	.name = "12",
	.open = open_12,
	.add_vcpu = add_vcpu,
	.get_regs = get_regs,
	.set_regs = set_regs,
	.get_sregs = get_sregs,
	.set_sregs = set_sregs,
	.run = run_12,
	.answer = answer_12,
	.translate = translate,
	.map = map,
	.takes_interrupt = takes_interrupt,
	.interrupt = interrupt,
	.ask_window = ask_window,
	.kick = kick,
};
