// SPDX-License-Identifier: GPL-2.0
/* unit: regdom/permit.c tests/unit/random.c */
/*
 * What a channel permits, where cfg80211, the driver and we have a say in it: bounds
 * only take away, and what the others have made of it is known in whatever order they
 * write, as if we had not been there.
 */
#include <check.h>
#include <stdlib.h>

#include "random.h"
#include "regdom/permit.h"
#include "tests/count.h"

#define FLAGS	(IEEE80211_CHAN_DISABLED | IEEE80211_CHAN_NO_IR | IEEE80211_CHAN_RADAR | \
		 IEEE80211_CHAN_IR_CONCURRENT | COMPAT_CHAN_PSD)
#define NO_IR	IEEE80211_CHAN_NO_IR
#define RADAR	IEEE80211_CHAN_RADAR

/* What cfg80211 has written, flags and both powers and all. */
#define ALL	(REGDOM_WROTE_POWER | REGDOM_WROTE_CAC | REGDOM_WROTE_PSD)

static bool is_same(const struct regdom_permit *a, const struct regdom_permit *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Whether a permits nothing that b does not. */
static bool is_within(const struct regdom_permit *a, const struct regdom_permit *b)
{
	u32 forbidden = b->flags & ~REGDOM_CHAN_PERMISSIONS;
	u32 permitted = a->flags & REGDOM_CHAN_PERMISSIONS;

	/* NO_IR says all that RADAR does, and more */
	if (a->flags & NO_IR)
		forbidden &= ~RADAR;
	return !(forbidden & ~a->flags) && !(permitted & ~b->flags) &&
	       a->max_power_dbm <= b->max_power_dbm &&
	       a->max_reg_power_dbm <= b->max_reg_power_dbm &&
	       (!(a->flags & b->flags & RADAR) || a->cac_ms >= b->cac_ms) &&
	       (!(b->flags & COMPAT_CHAN_PSD) || a->psd_dbm <= b->psd_dbm);
}

static unsigned int random_below(unsigned int n)
{
	return (unsigned int)(random_u64() % n);
}

static struct regdom_permit any_permit(void)
{
	return (struct regdom_permit){
		.flags = (u32)random_u64() & FLAGS,
		.max_power_dbm = (s32)random_below(4) * 10,
		.max_reg_power_dbm = (s32)random_below(4) * 10,
		.cac_ms = (u32)random_below(3) * 60000,
		.psd_dbm = (s32)random_below(3) - 1,
	};
}

static struct regdom_bound any_bound(void)
{
	return (struct regdom_bound){
		.flags = (u32)random_u64() &
			 (IEEE80211_CHAN_DISABLED | NO_IR | RADAR),
		.has_rule = random_below(4),
		.has_psd = random_below(2),
		.max_power_dbm = (s32)random_below(4) * 10,
		.cac_ms = 60000,
		.psd_dbm = (s32)random_below(3) - 1,
	};
}

/* What a bound alone permits. */
static struct regdom_permit permit_of(const struct regdom_bound *bound)
{
	return (struct regdom_permit){
		.flags = bound->flags | (bound->has_rule && bound->has_psd ? COMPAT_CHAN_PSD : 0) |
			 (bound->flags ? 0 : IEEE80211_CHAN_IR_CONCURRENT),
		.max_power_dbm = bound->has_rule ? bound->max_power_dbm : S32_MAX,
		.max_reg_power_dbm = bound->has_rule ? bound->max_power_dbm : S32_MAX,
		.cac_ms = bound->has_rule ? bound->cac_ms : 0,
		.psd_dbm = bound->psd_dbm,
	};
}

START_TEST(bounds_only_take_away)
{
	unsigned long i;

	random_start("permit: bounds");
	for (i = 0; i < count_of(20000, 2000000); i++) {
		struct regdom_permit before = any_permit(), after = before, again;
		struct regdom_bound bound = any_bound();
		struct regdom_permit alone = permit_of(&bound);
		bool looser = regdom_permit_bound(&after, &bound);

		ck_assert(is_within(&after, &before));
		ck_assert(is_within(&after, &alone));
		ck_assert_int_eq(looser, !is_same(&after, &before));
		again = after;
		ck_assert(!regdom_permit_bound(&again, &bound));
		ck_assert(is_same(&again, &after));
	}
}
END_TEST

START_TEST(radar_of_one_and_no_ir_of_the_other_is_no_ir)
{
	struct regdom_permit permit = { .flags = RADAR };
	const struct regdom_bound no_ir = { .flags = NO_IR, .has_rule = true };
	const struct regdom_bound radar = { .flags = RADAR, .has_rule = true };

	regdom_permit_bound(&permit, &no_ir);
	ck_assert_uint_eq(permit.flags, NO_IR);
	permit.flags = NO_IR;
	regdom_permit_bound(&permit, &radar);
	ck_assert_uint_eq(permit.flags, NO_IR);
	permit.flags = NO_IR | RADAR;
	regdom_permit_bound(&permit, &radar);
	ck_assert_uint_eq(permit.flags, NO_IR | RADAR);
}
END_TEST

START_TEST(what_we_forbid_is_not_probed_either)
{
	const struct regdom_bound forbidden = { .flags = IEEE80211_CHAN_DISABLED };
	struct regdom_permit permit = { .flags = 0 };

	ck_assert(regdom_permit_bound(&permit, &forbidden));
	ck_assert_uint_eq(permit.flags, IEEE80211_CHAN_DISABLED | NO_IR);
	permit.flags = RADAR;
	regdom_permit_bound(&permit, &forbidden);
	ck_assert_uint_eq(permit.flags, IEEE80211_CHAN_DISABLED | NO_IR | RADAR);
}
END_TEST

START_TEST(tightening_takes_the_least_of_both)
{
	unsigned long i;

	random_start("permit: tightening");
	for (i = 0; i < count_of(20000, 2000000); i++) {
		struct regdom_permit before = any_permit();
		struct regdom_permit now = any_permit(), tight = now;

		regdom_permit_tighten(&tight, &before);
		ck_assert(is_within(&tight, &before));
		ck_assert(is_within(&tight, &now));
	}
}
END_TEST

/* Somebody who has a say in a channel, and how he writes to it. */
static void rewrite(struct regdom_permit *channel, const struct regdom_permit *as)
{
	u32 cac_ms = channel->cac_ms;
	s32 psd_dbm = channel->psd_dbm;

	*channel = *as;
	/* cfg80211 writes these where they mean something */
	if (!(as->flags & RADAR))
		channel->cac_ms = cac_ms;
	if (!(as->flags & COMPAT_CHAN_PSD))
		channel->psd_dbm = psd_dbm;
}

static u32 written_with(u32 flags)
{
	return REGDOM_WROTE_POWER | (flags & RADAR ? REGDOM_WROTE_CAC : 0) |
	       (flags & COMPAT_CHAN_PSD ? REGDOM_WROTE_PSD : 0);
}

/* We look, and bound it. */
static void look(struct regdom_permit *theirs, struct regdom_permit *left,
		 struct regdom_permit *channel, u32 written, const struct regdom_bound *bound)
{
	regdom_permit_follow(theirs, left, channel, written);
	*left = *theirs;
	regdom_permit_bound(left, bound);
	left->flags |= REGDOM_CHAN_MARK;
	*channel = *left;
}

/*
 * A channel with us and one without, which the same happens to: cfg80211 writes all of
 * it, or forbids it; a driver adds a limit, or takes one away. We see it after each, under
 * bounds that change. What we know of theirs is the channel without us, to the bit.
 */
START_TEST(what_others_do_is_known)
{
	unsigned long i;

	random_start("permit: others");
	for (i = 0; i < count_of(20000, 2000000); i++) {
		struct regdom_permit alone = any_permit(), channel = alone;
		struct regdom_permit theirs = alone, left = alone, as;
		struct regdom_bound bound = any_bound();
		unsigned int step;
		u32 written;

		look(&theirs, &left, &channel, ALL, &bound);
		for (step = 0; step < 6; step++) {
			written = 0;
			switch (random_below(5)) {
			case 0:
				as = any_permit();
				rewrite(&channel, &as);
				rewrite(&alone, &as);
				written = written_with(as.flags);
				break;
			case 1:
				channel.flags |= IEEE80211_CHAN_DISABLED;
				alone.flags |= IEEE80211_CHAN_DISABLED;
				written = REGDOM_WROTE_DISABLED;
				break;
			case 2:
				/* of what we have not set ourselves */
				as.flags = NO_IR & ~channel.flags;
				channel.flags |= as.flags;
				alone.flags |= as.flags;
				break;
			case 3:
				channel.flags &= ~NO_IR;
				alone.flags &= ~NO_IR;
				break;
			default:
				bound = any_bound();
			}
			look(&theirs, &left, &channel, written, &bound);
			ck_assert(is_within(&channel, &theirs));
			ck_assert_uint_eq(theirs.flags, alone.flags);
			ck_assert_int_eq(theirs.max_power_dbm, alone.max_power_dbm);
			ck_assert_int_eq(theirs.max_reg_power_dbm, alone.max_reg_power_dbm);
			if (alone.flags & RADAR)
				ck_assert_uint_eq(theirs.cac_ms, alone.cac_ms);
			if (alone.flags & COMPAT_CHAN_PSD)
				ck_assert_int_eq(theirs.psd_dbm, alone.psd_dbm);
		}
	}
}
END_TEST

START_TEST(a_rewriting_to_what_we_have_left_is_seen)
{
	const struct regdom_permit us = { .max_power_dbm = 30, .max_reg_power_dbm = 30 };
	const struct regdom_permit de = { .flags = NO_IR, .max_power_dbm = 20,
					  .max_reg_power_dbm = 20 };
	const struct regdom_bound ceiling = { .flags = NO_IR, .has_rule = true,
					      .max_power_dbm = 20 };
	struct regdom_permit theirs = us, left = us, channel = us;

	look(&theirs, &left, &channel, ALL, &ceiling);
	ck_assert(is_same(&theirs, &us));
	rewrite(&channel, &de);
	look(&theirs, &left, &channel, written_with(de.flags), &ceiling);
	ck_assert(is_same(&theirs, &de));
}
END_TEST

/* A driver that writes flags and one power, as cfg80211 does when it restores limits. */
START_TEST(what_was_not_written_stays)
{
	const struct regdom_bound ceiling = { .has_rule = true, .max_power_dbm = 10 };
	struct regdom_permit theirs = { .max_power_dbm = 20, .max_reg_power_dbm = 25 };
	struct regdom_permit left = theirs, channel = theirs;

	look(&theirs, &left, &channel, ALL, &ceiling);
	channel.flags = 0;
	channel.max_power_dbm = 30;
	look(&theirs, &left, &channel, 0, &ceiling);
	ck_assert_int_eq(theirs.max_power_dbm, 30);
	ck_assert_int_eq(theirs.max_reg_power_dbm, 25);
	ck_assert_int_eq(channel.max_power_dbm, 10);
	ck_assert_int_eq(channel.max_reg_power_dbm, 10);
}
END_TEST

Suite *permit_suite(void);
Suite *permit_suite(void)
{
	Suite *suite = suite_create("permit");
	TCase *tests = tcase_create("permit");

	tcase_add_test(tests, bounds_only_take_away);
	tcase_add_test(tests, radar_of_one_and_no_ir_of_the_other_is_no_ir);
	tcase_add_test(tests, what_we_forbid_is_not_probed_either);
	tcase_add_test(tests, tightening_takes_the_least_of_both);
	tcase_add_test(tests, what_others_do_is_known);
	tcase_add_test(tests, a_rewriting_to_what_we_have_left_is_seen);
	tcase_add_test(tests, what_was_not_written_stays);
	tcase_set_timeout(tests, 0);
	suite_add_tcase(suite, tests);
	return suite;
}
