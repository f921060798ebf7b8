// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_slot_model: random changes of slots against a model that says what each
 * must answer, and where there is memory afterwards. COUNT= changes, SEED=.
 */
#include "../../count.h"
#include "kvm.h"

#define SLOTS		24
#define FRAMES		96u
#define FRAME_BYTES	4096u

static struct model_slot {
	uint32_t frames, gfn, offset;	/* frames 0: there is none */
	bool read_only;
} slots[SLOTS];

static unsigned int below(unsigned int limit)
{
	return (unsigned int)random() % limit;
}

static int owner_of(uint32_t gfn)
{
	for (int i = 0; i < SLOTS; i++) {
		if (gfn >= slots[i].gfn && gfn - slots[i].gfn < slots[i].frames)
			return i;
	}
	return -1;
}

static bool meets_another(unsigned int id, const struct model_slot *want)
{
	for (uint32_t gfn = want->gfn; gfn < want->gfn + want->frames; gfn++) {
		int owner = owner_of(gfn);

		if (owner >= 0 && owner != (int)id)
			return true;
	}
	return false;
}

/* 0, or the errno; what is allowed happens in the model. */
static int change(unsigned int id, const struct model_slot *want)
{
	const struct model_slot *old = &slots[id];

	if (!want->frames) {
		if (!old->frames)
			return EINVAL;
	} else if (old->frames && (old->frames != want->frames ||
				   old->offset != want->offset ||
				   old->read_only != want->read_only)) {
		return EINVAL;
	} else if (meets_another(id, want)) {
		return EEXIST;
	}
	slots[id] = *want;
	return 0;
}

/* Mostly what may work: a deletion, a move, or a new one somewhere. */
static struct model_slot random_slot(unsigned int id)
{
	struct model_slot want = slots[id];

	if (want.frames && below(3) == 0)
		return (struct model_slot) { 0 };
	want.gfn = below(FRAMES);
	if (slots[id].frames && below(8))
		return want;
	want.frames = below(6);
	want.offset = below(FRAMES);
	want.read_only = below(4) == 0;
	return want;
}

static int answer_of(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument) ? errno : 0;
}

static void check_memory(const struct kvm_machine *m)
{
	uint32_t gfn = below(FRAMES + 6);
	struct kvm_pre_fault_memory range = {
		.gpa = (uint64_t)gfn * FRAME_BYTES, .size = FRAME_BYTES,
	};
	int want = owner_of(gfn) < 0 ? ENOENT : 0;

	equal(answer_of(m->vcpu.fd, KVM_PRE_FAULT_MEMORY, &range), want);
}

int main(void)
{
	static const uint8_t hlt[] = { 0xf4 };
	struct kvm_machine m = kvm_machine(hlt, sizeof(hlt));
	unsigned long count = count_of(1500, 100000), allowed = 0;
	unsigned int seed = number_from("SEED", 1);

	printf("SEED=%u\n", seed);
	srandom(seed);
	must(kvm_slot(&m, 0, 0, 0, NULL));
	for (unsigned long i = 0; i < count; i++) {
		unsigned int id = below(SLOTS);
		struct model_slot want = random_slot(id);
		struct kvm_userspace_memory_region region = {
			.slot = id,
			.flags = (want.read_only ? KVM_MEM_READONLY : 0) |
				 (below(4) ? 0 : KVM_MEM_LOG_DIRTY_PAGES),
			.guest_phys_addr = (uint64_t)want.gfn * FRAME_BYTES,
			.memory_size = (uint64_t)want.frames * FRAME_BYTES,
			.userspace_addr = (uintptr_t)m.memory + want.offset * FRAME_BYTES,
		};
		int expected = change(id, &want);

		equal(answer_of(m.vm, KVM_SET_USER_MEMORY_REGION, &region), expected);
		allowed += !expected;
		for (int k = 0; k < 4; k++)
			check_memory(&m);
	}
	if (allowed < count / 4)
		die("only %lu changes were allowed", allowed);
	printf("ok: %lu changes, %lu allowed\n", count, allowed);
	kvm_close(&m);
	return 0;
}
