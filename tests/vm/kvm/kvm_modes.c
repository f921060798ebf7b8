// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_modes GUEST [tcg]: runs a guest and prints what it says: a line for each OUT
 * to port 0x10; OUT to port 0x11 asks for an interrupt. Then how it ended, and
 * the mode that the registers show. tcg: without what cannot be compared on
 * QEMU's TCG: a write of CR4.PGE under PAE, which in-tree kvm-amd answers with
 * #GP, and a breakpoint, which TCG arms only at the guest's own MOV to DR7,
 * which ours intercepts.
 */
#include "kvm.h"

#define PORT_TRACE	0x10
#define PORT_IRQ	0x11
#define ON_TCG	0x2ff0
#define LINES_MAX	1000

/* A guest may use what its CPUID shows; in-tree KVM sees to it. */
static void set_cpuid(const struct kvm_machine *m)
{
	static struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[KVM_CPUID_MAX_ENTRIES];
	} table = { .head.nent = KVM_CPUID_MAX_ENTRIES };

	must(ioctl(m->node, KVM_GET_SUPPORTED_CPUID, &table));
	must(ioctl(m->vcpu.fd, KVM_SET_CPUID2, &table));
}

static int waiting = -1;	/* vector of the interrupt that was asked for */

/* Only when the guest can take it: without that, in-tree KVM's entry fails. */
static void interrupt_when_ready(const struct kvm_vcpu *v)
{
	struct kvm_interrupt irq = { .irq = waiting };

	v->run->request_interrupt_window = waiting >= 0;
	if (waiting < 0 || !v->run->ready_for_interrupt_injection)
		return;
	must(ioctl(v->fd, KVM_INTERRUPT, &irq));
	waiting = -1;
	v->run->request_interrupt_window = 0;
}

static bool step(const struct kvm_vcpu *v)
{
	must(ioctl(v->fd, KVM_RUN, 0));
	switch (v->run->exit_reason) {
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		break;
	case KVM_EXIT_IO:
		if (v->run->io.port == PORT_IRQ)
			waiting = kvm_out_value(v);
		else
			printf("%08x\n", kvm_out_value(v));
		break;
	default:
		return false;
	}
	interrupt_when_ready(v);
	return true;
}

int main(int argc, char **argv)
{
	static uint8_t code[0x4000];
	struct kvm_machine m;
	struct kvm_sregs sregs;
	int lines = 0;
	size_t size;

	if (argc < 2)
		die("usage: kvm_modes GUEST [tcg]");
	size = kvm_read_guest(argv[1], code, sizeof(code));
	m = kvm_machine(code, size);
	set_cpuid(&m);
	m.memory[ON_TCG] = argc > 2;
	while (step(&m.vcpu))
		if (++lines > LINES_MAX)
			die("no end");
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &sregs));
	printf("end %u cr0 %llx cr4 %llx efer %llx cs %x\n",
	       m.vcpu.run->exit_reason, (unsigned long long)sregs.cr0,
	       (unsigned long long)sregs.cr4, (unsigned long long)sregs.efer,
	       sregs.cs.selector);
	kvm_close(&m);
	return 0;
}
