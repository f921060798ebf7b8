// SPDX-License-Identifier: GPL-2.0
#include "emulated.h"

#include <errno.h>
#include <string.h>

struct emulated emulated;

static int translate(void *context, u64 linear, bool write, u64 *gpa,
		     struct kvm_fault *fault)
{
	bool present = linear >= DATA && linear < DATA + ALL_BYTES;

	(void)context;
	*gpa = linear;
	if (present && !(write && linear >= DATA + DATA_BYTES))
		return 0;
	*fault = (struct kvm_fault) {
		.vector = FAULT_PF,
		.has_error = true,
		.error = 4 | (write ? 2 : 0) | present,
		.address = linear,
	};
	return -EILSEQ;
}

static bool is_memory(void *context, u64 gpa, bool write)
{
	(void)context;
	(void)write;
	return gpa >= DATA + DATA_BYTES || !emulated.device[(gpa - DATA) / PAGE];
}

static int read_model(void *context, u64 gpa, void *to, int size)
{
	(void)context;
	memcpy(to, emulated.memory + (gpa - DATA), size);
	return 0;
}

static int write_model(void *context, u64 gpa, const void *from, int size)
{
	(void)context;
	memcpy(emulated.memory + (gpa - DATA), from, size);
	return 0;
}

const struct kvm_access_ops emulated_access_ops = {
	.translate = translate,
	.read = read_model,
	.write = write_model,
	.is_memory = is_memory,
};

static void get_segment(void *context, enum kvm_seg seg, struct kvm_segment *segment)
{
	(void)context;
	*segment = emulated.segments[seg];
}

static void get_xmm(void *context, int number, u64 value[2])
{
	(void)context;
	memcpy(value, emulated.state->xmm[number], 16);
}

static void set_xmm(void *context, int number, const u64 value[2])
{
	(void)context;
	memcpy(emulated.state->xmm[number], value, 16);
}

const struct kvm_emulate_ops emulated_ops = {
	.get_segment = get_segment,
	.get_xmm = get_xmm,
	.set_xmm = set_xmm,
};

void emulated_flat_segments(void)
{
	static const u16 selectors[] = { 0x2b, 0x23, 0x2b, 0x2b };
	int i;

	memset(emulated.segments, 0, sizeof(emulated.segments));
	for (i = 0; i < SEG_LDTR; i++) {
		emulated.segments[i] = (struct kvm_segment) {
			.limit = 0xffffffff, .present = 1, .s = 1, .db = 1, .g = 1,
			.type = i == SEG_CS ? 11 : 3,
			.selector = i < 4 ? selectors[i] : 0,
			.base = i == SEG_FS && emulated.bits == 64 ? emulated.fs_base : 0,
			/* null selectors are in FS and GS */
			.unusable = i >= SEG_FS,
		};
	}
	if (emulated.bits == 64)
		emulated.segments[SEG_CS].selector = 0x33;
}
