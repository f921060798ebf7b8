/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that tells what it sees (tests/guests/modes.inc): a line for each OUT
 * to port 0x10; OUT to port 0x11 asks for an interrupt.
 */
#ifndef TESTS_KVM_TRANSCRIPT_H
#define TESTS_KVM_TRANSCRIPT_H

#include "kvm.h"

#define PORT_TRACE	0x10
#define PORT_IRQ	0x11

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

/*
 * Runs the guest until it ends. Any other exit is device()'s, which returns
 * whether the guest goes on; NULL: such an exit is the end.
 */
static inline void run_transcript(const struct kvm_vcpu *v, int lines_max,
			   bool (*device)(struct kvm_run *run))
{
	struct kvm_run *run = v->run;

	for (; lines_max; lines_max--) {
		must(ioctl(v->fd, KVM_RUN, 0));
		if (run->exit_reason == KVM_EXIT_IO && run->io.port == PORT_IRQ)
			waiting = kvm_out_value(v);
		else if (run->exit_reason == KVM_EXIT_IO && run->io.port == PORT_TRACE)
			printf("%08x\n", kvm_out_value(v));
		else if (run->exit_reason != KVM_EXIT_IRQ_WINDOW_OPEN &&
			 !(device && device(run)))
			return;
		interrupt_when_ready(v);
	}
	die("no end");
}

#endif
