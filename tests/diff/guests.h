/* SPDX-License-Identifier: GPL-2.0 */
/* The guests of guests.S: code for CODE_AT. */
#ifndef TESTS_DIFF_GUESTS_H
#define TESTS_DIFF_GUESTS_H

#include <stdint.h>

#define GUEST(name) extern const uint8_t guest_##name[], guest_##name##_end[]

/* real mode */
GUEST(out);		/* OUT of 1, 2 and 4 bytes */
GUEST(in);		/* IN of 1, 2 and 4 bytes, each shown by an OUT */
GUEST(outs);		/* REP OUTSB, OUTSW downwards */
GUEST(ins);		/* REP INSB, INSW */
GUEST(touch);		/* DATA_AT is shown, written, shown */
GUEST(strides);		/* writes to every fourth page from SPARE_AT */
GUEST(halts);		/* HLT, for ever */
GUEST(undefined);	/* UD2, in any mode */
GUEST(counter);		/* a counter in memory, for ever shown by OUT */
GUEST(self);		/* changes an instruction of its own */
GUEST(fpu);		/* x87 and SSE; then an OUT, then all stored */
GUEST(wait);		/* an OUT, some NOPs, an OUT */
GUEST(sti);		/* STI, some NOPs, an OUT */
GUEST(nmi);		/* as wait; at 0x80 a handler that returns */
/* long mode */
GUEST(ports64);
GUEST(mmio64);		/* MOVs of all sizes from and to a device */
GUEST(mmio_odd64);	/* unaligned, read-modify-write, PUSH, string */
GUEST(edge);		/* REP MOVSB from the end of memory into a device */
GUEST(holes);		/* at each address of a list at DATA_AT: shown, written, shown */
GUEST(sum);		/* sums in registers and XMM, an OUT amid it */
GUEST(msr);		/* RDMSR, XOR with RBX, WRMSR, RDMSR; each shown */
GUEST(cpuid);		/* CPUID, HLT, in any mode */
GUEST(load_store);	/* reloads CR3; reads, writes, calls at 2 MiB */
GUEST(wait64);
GUEST(cr8);		/* CR8 shown, written, shown */
GUEST(steps);		/* NOP, OUT, XOR, CPUID, MOV, RDMSR, MOV, HLT */
GUEST(store);		/* a store to a device, HLT */
GUEST(random64);	/* of random.c: a mixture, for ever */

#endif
