// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/slots.c */
#include <check.h>
#include <stdlib.h>

#include "kvm/slots.h"

#define ROOM	64
#define FRAMES	200		/* of the model below */

static struct kvm_slots *empty(void)
{
	return calloc(1, sizeof(struct kvm_slots) + ROOM * sizeof(struct kvm_slot));
}

static struct kvm_slot slot(u32 id, u64 gfn, u64 frames)
{
	return (struct kvm_slot) { .id = id, .gfn = gfn, .frames = frames,
				   .hva = 0x10000ull * id };
}

/* Check, and apply what is allowed. */
static int change(struct kvm_slots **all, struct kvm_slot want)
{
	int ret = kvm_slots_check(*all, &want);
	struct kvm_slots *next;

	if (ret <= SLOT_NOTHING)
		return ret;
	next = empty();
	kvm_slots_apply(next, *all, &want);
	free(*all);
	*all = next;
	return ret;
}

START_TEST(rules)
{
	struct kvm_slots *all = empty();
	struct kvm_slot other = slot(1, 10, 5), logged;

	ck_assert_int_eq(change(&all, slot(1, 0, 0)), -EINVAL);
	ck_assert_int_eq(change(&all, slot(1, ~0ull, 2)), -EINVAL);
	ck_assert_int_eq(change(&all, slot(1, 10, 5)), SLOT_CREATE);
	ck_assert_int_eq(change(&all, slot(1, 10, 5)), SLOT_NOTHING);
	ck_assert_int_eq(change(&all, slot(1, 10, 6)), -EINVAL);
	other.hva++;
	ck_assert_int_eq(change(&all, other), -EINVAL);
	ck_assert_int_eq(change(&all, slot(2, 14, 1)), -EEXIST);
	ck_assert_int_eq(change(&all, slot(2, 5, 6)), -EEXIST);
	ck_assert_int_eq(change(&all, slot(2, 15, 1)), SLOT_CREATE);
	ck_assert_int_eq(change(&all, slot(1, 11, 5)), -EEXIST);
	ck_assert_int_eq(change(&all, slot(1, 9, 5)), SLOT_MOVE);
	ck_assert_ptr_null(kvm_slots_find(all, 14));
	ck_assert_int_eq(kvm_slots_find(all, 9)->id, 1);
	ck_assert_int_eq(kvm_slots_find(all, 13)->id, 1);
	ck_assert_int_eq(kvm_slots_find(all, 15)->id, 2);
	logged = slot(1, 9, 5);
	logged.log_dirty = true;
	ck_assert_int_eq(change(&all, logged), SLOT_LOG);
	ck_assert_int_eq(change(&all, logged), SLOT_NOTHING);
	ck_assert(kvm_slots_find(all, 9)->log_dirty);
	logged.gfn = 8;
	ck_assert_int_eq(change(&all, logged), SLOT_MOVE);
	ck_assert_int_eq(change(&all, slot(1, 8, 5)), SLOT_LOG);
	ck_assert_int_eq(change(&all, slot(1, 0, 0)), SLOT_DELETE);
	ck_assert_ptr_null(kvm_slots_find(all, 9));
	ck_assert_ptr_null(kvm_slots_by_id(all, 1));
	free(all);
}
END_TEST

/* Random changes against an array that names the owner of each frame. */
START_TEST(against_model)
{
	struct kvm_slots *all = empty();
	u32 owner[FRAMES] = { 0 };
	unsigned int seed = 1;

	for (int i = 0; i < 20000; i++) {
		struct kvm_slot want = slot(rand_r(&seed) % 12 + 1, rand_r(&seed) % FRAMES,
					    rand_r(&seed) % 20);
		int ret;

		if (want.gfn + want.frames > FRAMES)
			continue;
		ret = change(&all, want);
		if (ret <= SLOT_NOTHING)
			continue;
		for (int f = 0; f < FRAMES; f++) {
			if (owner[f] == want.id)
				owner[f] = 0;
		}
		for (u64 f = want.gfn; f < want.gfn + want.frames; f++) {
			ck_assert_uint_eq(owner[f], 0);
			owner[f] = want.id;
		}
		for (int f = 0; f < FRAMES; f++) {
			const struct kvm_slot *s = kvm_slots_find(all, f);

			ck_assert_uint_eq(s ? s->id : 0, owner[f]);
		}
	}
	free(all);
}
END_TEST

Suite *kvm_slots_suite(void);
Suite *kvm_slots_suite(void)
{
	Suite *suite = suite_create("kvm slots");
	TCase *tc = tcase_create("slots");

	tcase_add_test(tc, rules);
	tcase_add_test(tc, against_model);
	suite_add_tcase(suite, tc);
	return suite;
}
