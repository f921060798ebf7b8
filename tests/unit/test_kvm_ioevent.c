// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/ioevent.c */
#include <check.h>
#include <stdlib.h>

#include "kvm/ioevent.h"

#define ROOM	64

static struct kvm_ioevents *all;
static char first_fd, second_fd;	/* stand for what signals */

static void begin(void)
{
	all = calloc(1, sizeof(*all) + ROOM * sizeof(all->items[0]));
}

static void end(void)
{
	free(all);
}

static struct kvm_ioevent event(bool port, u64 address, u8 length)
{
	return (struct kvm_ioevent) {
		.port = port, .address = address, .length = length, .eventfd = &first_fd,
	};
}

static struct kvm_ioevent of_value(u64 address, u8 length, u64 value)
{
	struct kvm_ioevent e = event(false, address, length);

	e.match = true;
	e.value = value;
	return e;
}

/* As ioeventfd.c: into a new array. */
static void add(struct kvm_ioevent want)
{
	struct kvm_ioevents *old = all;

	ck_assert(!kvm_ioevents_collide(old, &want));
	begin();
	kvm_ioevents_add(all, old, &want);
	free(old);
}

static void take_away(struct kvm_ioevent want)
{
	struct kvm_ioevents *old = all;
	const struct kvm_ioevent *gone = kvm_ioevents_same(old, &want);

	ck_assert_ptr_nonnull(gone);
	begin();
	kvm_ioevents_remove(all, old, gone);
	free(old);
}

static bool found(bool port, u64 address, u8 length, u64 value)
{
	return kvm_ioevents_find(all, port, address, length, value);
}

START_TEST(which_writes)
{
	add(event(false, 0x1000, 4));
	add(event(true, 0x1000, 2));
	add(event(false, 0x2000, 0));
	ck_assert(found(false, 0x1000, 4, 9));
	ck_assert(!found(false, 0x1000, 2, 9));
	ck_assert(found(true, 0x1000, 2, 9));
	ck_assert(!found(true, 0x1000, 4, 9));
	ck_assert(!found(false, 0x1001, 4, 9) && !found(false, 0xfff, 4, 9));
	for (u8 length = 1; length <= 8; length *= 2)
		ck_assert(found(false, 0x2000, length, 9));
	ck_assert(!found(true, 0x2000, 4, 9));
}
END_TEST

START_TEST(values)
{
	add(of_value(0x1000, 4, 1));
	add(of_value(0x1000, 4, 2));
	add(of_value(0x1000, 2, 3));
	ck_assert(found(false, 0x1000, 4, 1) && found(false, 0x1000, 4, 2));
	ck_assert(!found(false, 0x1000, 4, 3));
	ck_assert(found(false, 0x1000, 2, 3));
	ck_assert(!found(false, 0x1000, 2, 1));
}
END_TEST

START_TEST(collisions)
{
	const struct kvm_ioevent any = event(false, 0x1000, 0), four = event(false, 0x1000, 4);
	const struct kvm_ioevent one = of_value(0x1000, 4, 1), two = of_value(0x1000, 4, 2);
	const struct kvm_ioevent port = event(true, 0x1000, 4);

	add(one);
	ck_assert(kvm_ioevents_collide(all, &one));
	ck_assert(kvm_ioevents_collide(all, &four));
	ck_assert(kvm_ioevents_collide(all, &any));
	ck_assert(!kvm_ioevents_collide(all, &two));
	ck_assert(!kvm_ioevents_collide(all, &port));
	take_away(one);
	add(any);
	ck_assert(kvm_ioevents_collide(all, &two));
	ck_assert(kvm_ioevents_collide(all, &any));
}
END_TEST

START_TEST(same_in_all)
{
	const struct kvm_ioevent one = of_value(0x1000, 4, 1);
	struct kvm_ioevent want = one;

	add(one);
	ck_assert_ptr_nonnull(kvm_ioevents_same(all, &want));
	want.eventfd = &second_fd;
	ck_assert_ptr_null(kvm_ioevents_same(all, &want));
	want = one;
	want.value = 2;
	ck_assert_ptr_null(kvm_ioevents_same(all, &want));
	want = event(false, 0x1000, 4);
	ck_assert_ptr_null(kvm_ioevents_same(all, &want));
	want.value = 1;		/* counts with a match only */
	take_away(one);
	add(event(false, 0x1000, 4));
	ck_assert_ptr_nonnull(kvm_ioevents_same(all, &want));
}
END_TEST

/* In whatever order they come and go, each is found, and nothing else. */
START_TEST(order)
{
	for (u64 i = 0; i < ROOM; i++)
		add(event(i * 37 % ROOM & 1, i * 37 % ROOM / 2, 1));
	for (u64 i = 0; i < ROOM; i++) {
		for (u64 k = 0; k < ROOM; k++)
			ck_assert_int_eq(found(k * 23 % ROOM & 1, k * 23 % ROOM / 2, 1, 0), k >= i);
		take_away(event(i * 23 % ROOM & 1, i * 23 % ROOM / 2, 1));
	}
	ck_assert_uint_eq(all->count, 0);
}
END_TEST

Suite *kvm_ioevent_suite(void);
Suite *kvm_ioevent_suite(void)
{
	Suite *suite = suite_create("kvm ioevent");
	TCase *tc = tcase_create("events");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, which_writes);
	tcase_add_test(tc, values);
	tcase_add_test(tc, collisions);
	tcase_add_test(tc, same_in_all);
	tcase_add_test(tc, order);
	suite_add_tcase(suite, tc);
	return suite;
}
