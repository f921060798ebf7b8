// SPDX-License-Identifier: GPL-2.0
/*
 * devkvm's emulator on what a hostile guest may have: any code, registers,
 * segments and answers. It must not touch what is not its own, an instruction
 * that is not done must have changed nothing, and what user space is asked is
 * of 1 to 8 bytes in one page.
 */
#include <assert.h>
#include <stdlib.h>

#include "kvm/x86/emulate.h"

#define ROOM	64

static const u8 *input;
static size_t left;

/* The next bytes of the input, or zeroes. */
static void take_input(void *to, size_t size)
{
	size_t part = size < left ? size : left;

	memset(to, 0, size);
	memcpy(to, input, part);
	input += part;
	left -= part;
}

static u64 take_number(int bytes)
{
	u64 value = 0;

	take_input(&value, bytes);
	return value;
}

/* One page in four faults, one is memory, the others are a device's. */
static int translate(void *context, u64 linear, bool write, u64 *gpa,
		     struct kvm_fault *fault_)
{
	(void)context;
	*gpa = linear;
	if ((linear >> 12 & 3) != 3)
		return 0;
	*fault_ = (struct kvm_fault) {
		.vector = 14, .has_error = true, .error = write, .address = linear,
	};
	return -EILSEQ;
}

static bool is_memory(void *context, u64 gpa)
{
	(void)context;
	return (gpa >> 12 & 3) == 1;
}

static void check_piece(u64 gpa, int size)
{
	assert(size >= 1 && size <= 16);
	assert(gpa >> 12 == (gpa + size - 1) >> 12);
}

static int read_memory(void *context, u64 gpa, void *data, int size)
{
	(void)context;
	check_piece(gpa, size);
	memset(data, gpa, size);
	return 0;
}

static int write_memory(void *context, u64 gpa, const void *data, int size)
{
	(void)context;
	check_piece(gpa, size);
	return *(const u8 *)data == 0xee ? -EFAULT : 0;
}

static const struct kvm_access_ops access_ops = {
	.translate = translate,
	.read = read_memory,
	.write = write_memory,
	.is_memory = is_memory,
};

static struct kvm_segment segments[SEG_COUNT];
static u64 xmm[16][2];

static void get_segment(void *context, enum kvm_seg seg, struct kvm_segment *segment)
{
	(void)context;
	assert(seg < SEG_LDTR);
	*segment = segments[seg];
}

static void get_xmm(void *context, int number, u64 value[2])
{
	(void)context;
	assert(number >= 0 && number < 16);
	memcpy(value, xmm[number], 16);
}

static void set_xmm(void *context, int number, const u64 value[2])
{
	(void)context;
	assert(number >= 0 && number < 16);
	memcpy(xmm[number], value, 16);
}

static const struct kvm_emulate_ops emulate_ops = {
	.get_segment = get_segment,
	.get_xmm = get_xmm,
	.set_xmm = set_xmm,
};

static void take_stores(struct kvm_emulator *e)
{
	const struct kvm_piece *piece;
	int count = 0;

	while ((piece = kvm_access_next_store(&e->access))) {
		assert(piece->size <= KVM_PIECE_BYTES);
		check_piece(piece->gpa, piece->size);
		assert(++count <= KVM_PIECES_MAX);
	}
}

static void answer(struct kvm_emulator *e)
{
	const struct kvm_piece *piece = &e->access.reads[e->access.known];
	u8 data[KVM_PIECE_BYTES];

	assert(e->access.waiting && e->access.known < KVM_PIECES_MAX);
	assert(piece->size <= KVM_PIECE_BYTES);
	check_piece(piece->gpa, piece->size);
	take_input(data, sizeof(data));
	kvm_access_answer(&e->access, data);
}

static int run_once(struct kvm_emulator *e, u8 *data)
{
	int count;

	switch (e->insn.op) {
	case OP_OUTS:
		count = kvm_emulate_outs(e, data, ROOM, take_number(1));
		break;
	case OP_INS:
		count = kvm_emulate_ins_begin(e, ROOM, take_number(1));
		if (count > 0) {
			take_input(data, ROOM);
			return kvm_emulate_ins_end(e, data, count);
		}
		break;
	default:
		return kvm_emulate(e);
	}
	assert(count <= ROOM);
	return count < 0 ? count : 0;
}

static void emulate(struct kvm_emulator *e)
{
	struct kvm_cpu_regs before = *e->regs;
	u8 *data = malloc(ROOM);
	int questions = 0, ret;

	kvm_access_begin(&e->access);
	while ((ret = run_once(e, data)) == -EAGAIN) {
		assert(++questions <= KVM_PIECES_MAX);
		answer(e);
	}
	/* INS ends at the element that fails. */
	if (ret && e->insn.op != OP_INS)
		assert(!memcmp(&before, e->regs, sizeof(before)));
	if (ret == -EILSEQ)
		assert(e->access.fault.vector >= 12 && e->access.fault.vector <= 17);
	if (!ret)
		take_stores(e);
	free(data);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size);
int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size)
{
	static const int code_bits[] = { 16, 32, 64, 64 };
	struct kvm_cpu_regs regs;
	u8 code[KVM_INSN_MAX], flags;
	struct kvm_emulator e = {
		.ops = &emulate_ops,
		.regs = &regs,
		.access.ops = &access_ops,
	};

	input = bytes;
	left = size;
	take_input(code, sizeof(code));
	flags = take_number(1);
	if (kvm_insn_decode(&e.insn, code, flags & 0x80 ? size % 16 : KVM_INSN_MAX,
			    code_bits[flags & 3]))
		return 0;
	assert(e.insn.len >= 1 && e.insn.len <= KVM_INSN_MAX);
	e.protected_mode = flags & 4;
	e.check_alignment = flags & 8;
	e.xmm_usable = flags & 16;
	e.linear_bits = flags & 32 ? 57 : 48;
	take_input(&regs, sizeof(regs));
	take_input(segments, sizeof(segments));
	emulate(&e);
	return 0;
}
