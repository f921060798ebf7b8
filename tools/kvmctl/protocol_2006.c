// SPDX-License-Identifier: GPL-2.0
/* The protocol of 2006: the node's descriptor is the machine. */
#include "machine.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "devkvm_2006.h"

static int open_2006(struct machine *m)
{
	struct kvm_2006_memory_region region = { .memory_size = m->size_bytes };

	m->what = "KVM_SET_MEMORY_REGION";
	if (ioctl(m->node, KVM_2006_SET_MEMORY_REGION, &region) < 0)
		return -1;
	m->what = "mmap of the machine's memory";
	m->memory = mmap(NULL, m->size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			 m->node, 0);
	if (m->memory == MAP_FAILED) {
		m->memory = NULL;
		return -1;
	}
	return 0;
}

static int add_vcpu(struct machine *m)
{
	m->what = "KVM_CREATE_VCPU";
	return ioctl(m->node, KVM_2006_CREATE_VCPU, m->number);
}

static int get_regs(struct machine *m, struct kvm_regs *regs)
{
	struct kvm_2006_regs r = { .vcpu = m->number };

	if (ioctl(m->node, KVM_2006_GET_REGS, &r) < 0)
		return -1;
	*regs = r.regs;
	return 0;
}

static int set_regs(struct machine *m, const struct kvm_regs *regs)
{
	struct kvm_2006_regs r = { .vcpu = m->number, .regs = *regs };

	return ioctl(m->node, KVM_2006_SET_REGS, &r);
}

static int get_sregs(struct machine *m, struct kvm_sregs *sregs)
{
	struct kvm_2006_sregs s = { .vcpu = m->number };

	if (ioctl(m->node, KVM_2006_GET_SREGS, &s) < 0)
		return -1;
	*sregs = s.sregs;
	return 0;
}

static int set_sregs(struct machine *m, const struct kvm_sregs *sregs)
{
	struct kvm_2006_sregs s = { .vcpu = m->number, .sregs = *sregs };

	return ioctl(m->node, KVM_2006_SET_SREGS, &s);
}

static void read_exit(const struct kvm_2006_run *run, struct stop *stop)
{
	stop->reason = run->exit_reason;
	stop->kind = STOP_OTHER;
	if (run->exit_type != KVM_2006_EXIT_TYPE_VM_EXIT)
		return;
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		if (run->exit.io.string)
			break;
		stop->kind = run->exit.io.direction == KVM_EXIT_IO_IN ?
			     STOP_IN : STOP_OUT;
		stop->port = run->exit.io.port;
		stop->size = run->exit.io.size;
		stop->value = run->exit.io.value;
		stop->count = 1;
		stop->values = (const uint8_t *)&stop->value;
		break;
	case KVM_EXIT_MMIO:
		stop->kind = STOP_MMIO;
		stop->address = run->exit.mmio.phys_addr;
		stop->size = run->exit.mmio.len;
		stop->write = run->exit.mmio.is_write;
		break;
	case KVM_EXIT_HLT:
		stop->kind = STOP_HLT;
		break;
	case KVM_2006_EXIT_CPUID:
		stop->kind = STOP_CPUID;
		break;
	case KVM_EXIT_UNKNOWN:
		stop->detail = run->exit.hw.hardware_exit_reason;
		break;
	}
}

static int run_2006(struct machine *m, struct stop *stop)
{
	struct kvm_2006_run run = {
		.vcpu = m->number,
		.emulated = m->done_insn,
		.mmio_completed = m->done_mmio,
	};

	memset(stop, 0, sizeof(*stop));
	if (m->done_mmio)
		memset(run.exit.mmio.data, 0xff, sizeof(run.exit.mmio.data));
	m->what = "KVM_RUN";
	if (ioctl(m->node, KVM_2006_RUN, &run) < 0) {
		m->done_insn = run.emulated;
		m->done_mmio = run.mmio_completed;
		stop->kind = STOP_SIGNAL;
		return errno == EINTR ? 0 : -1;
	}
	read_exit(&run, stop);
	m->done_mmio = 0;
	m->done_insn = stop->kind == STOP_OUT || stop->kind == STOP_IN ||
		       stop->kind == STOP_CPUID;
	return 0;
}

/* The program does the instruction: RAX gets what the port gave. */
static int answer_2006(struct machine *m, const struct stop *stop)
{
	uint64_t mask = stop->size == 4 ? ~0ull : (1ull << 8 * stop->size) - 1;
	struct kvm_regs regs;

	if (stop->kind == STOP_MMIO) {
		m->done_mmio = 1;
		return 0;
	}
	m->what = "the result of an IN";
	if (get_regs(m, &regs) < 0)
		return -1;
	regs.rax = (regs.rax & ~mask) | (stop->value & mask);
	return set_regs(m, &regs);
}

static int translate(struct machine *m, uint64_t linear, uint64_t *physical)
{
	struct kvm_2006_translation t = { .vcpu = m->number, .linear_address = linear };

	if (ioctl(m->node, KVM_2006_TRANSLATE, &t) < 0)
		return -1;
	*physical = t.physical_address;
	return t.valid;
}

static int map(struct machine *m, struct devkvm_map_gpt *map)
{
	map->vcpu = m->number;
	return ioctl(m->node, DEVKVM_MAP_GPT, map);
}

const struct protocol protocol_2006 = {
	.name = "2006",
	.open = open_2006,
	.add_vcpu = add_vcpu,
	.get_regs = get_regs,
	.set_regs = set_regs,
	.get_sregs = get_sregs,
	.set_sregs = set_sregs,
	.run = run_2006,
	.answer = answer_2006,
	.translate = translate,
	.map = map,
};
