/* SPDX-License-Identifier: GPL-2.0 */
/* The world of the emulator under test: three pages, segments, registers. */
#ifndef TESTS_UNIT_EMULATED_H
#define TESTS_UNIT_EMULATED_H

#include "kvm/x86/emulate.h"

#define PAGE		4096u
#define DATA		0x20010000ull	/* where the pages are, linear and physical */
#define DATA_BYTES	(2 * PAGE)	/* then one page that is read-only */
#define ALL_BYTES	(3 * PAGE)

#define FAULT_NONE	3		/* INT3: it went through */
#define FAULT_GP	13
#define FAULT_PF	14

struct state {
	struct kvm_cpu_regs regs;
	u64 xmm[16][2];
	u8 vector;		/* FAULT_NONE, or what ended it */
	u32 error;
	u64 address;
};

extern struct emulated {
	int bits;		/* of the code: 16, 32, 64 */
	u8 memory[ALL_BYTES];
	bool device[2];		/* which of the first two pages is one */
	struct kvm_segment segments[SEG_COUNT];
	u64 fs_base;		/* of flat 64-bit code */
	struct state *state;
} emulated;

extern const struct kvm_access_ops emulated_access_ops;
extern const struct kvm_emulate_ops emulated_ops;

/* The segments of a Linux program of so many bits. */
void emulated_flat_segments(void);

#endif
