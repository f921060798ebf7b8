// SPDX-License-Identifier: GPL-2.0
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "devkvm.h"

const char *const stop_names[] = {
	[STOP_OUT] = "out", [STOP_IN] = "in", [STOP_HLT] = "hlt",
	[STOP_MMIO] = "mmio", [STOP_CPUID] = "cpuid", [STOP_PRIORITY] = "priority",
	[STOP_WINDOW] = "window",
	[STOP_SHUTDOWN] = "shutdown", [STOP_SIGNAL] = "signal", [STOP_OTHER] = "other",
};

int machine_open(struct machine *m, const struct protocol *protocol, size_t size_bytes)
{
	memset(m, 0, sizeof(*m));
	m->protocol = protocol;
	m->size_bytes = size_bytes;
	m->vm = m->vcpu = -1;
	m->what = KVM_NODE;
	m->node = open(KVM_NODE, O_RDWR | O_CLOEXEC);
	if (m->node < 0)
		return -1;
	return protocol->open(m) < 0 ? -1 : protocol->add_vcpu(m);
}

int machine_add_vcpu(struct machine *m, uint32_t number, struct machine *to)
{
	int ret;

	*to = *m;
	to->number = number;
	to->vcpu = -1;
	to->run = NULL;
	ret = m->protocol->add_vcpu(to);
	m->what = to->what;
	return ret;
}

void machine_close_vcpu(struct machine *m)
{
	if (m->run)
		munmap(m->run, m->run_bytes);
	if (m->vcpu >= 0)
		close(m->vcpu);
}

void machine_close(struct machine *m)
{
	machine_close_vcpu(m);
	if (m->memory)
		munmap(m->memory, m->size_bytes);
	if (m->vm >= 0)
		close(m->vm);
	if (m->node >= 0)
		close(m->node);
}

static void flat(struct kvm_segment *segment)
{
	segment->base = 0;
	segment->selector = 0;
}

int machine_start_at(struct machine *m, uint16_t start)
{
	struct kvm_regs regs = { .rip = start, .rflags = 2, .rdi = m->number };
	struct kvm_sregs sregs;

	m->what = "KVM_GET_SREGS";
	if (m->protocol->get_sregs(m, &sregs) < 0)
		return -1;
	flat(&sregs.cs);
	flat(&sregs.ds);
	flat(&sregs.es);
	flat(&sregs.ss);
	m->what = "KVM_SET_SREGS";
	if (m->protocol->set_sregs(m, &sregs) < 0)
		return -1;
	m->what = "KVM_SET_REGS";
	return m->protocol->set_regs(m, &regs);
}
