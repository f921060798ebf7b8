// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/x86/cr_check.c */
#include <check.h>

#include "kvm/x86/cr_check.h"

#define PE	0x1ull
#define NW	0x20000000ull
#define CD	0x40000000ull
#define PG	0x80000000ull
#define PAE	0x20ull
#define LA57	0x1000ull
#define VMXE	0x2000ull
#define SCE	0x1ull
#define LME	0x100ull
#define LMA	0x400ull
#define SVME	0x1000ull
#define HIGH	(1ull << 32)

#define PHYS_BITS	40
#define CR4_ALLOWED	(0x3fffff & ~VMXE)
#define EFER_ALLOWED	(SCE | LME | LMA)

struct rule {
	const char *what;
	bool (*broken)(const struct kvm_cr_state *old, u64 value);
};

/* ---- the rules, one by one: SDM volume 3, 2.5, 4.1.2, 9.8.5; APM volume 2, 14.6.1 ---- */

static bool changes(u64 old, u64 value, u64 bit)
{
	return (old ^ value) & bit;
}

static bool high(const struct kvm_cr_state *old, u64 value)
{
	(void)old;
	return value >> 32;
}

static bool nw_without_cd(const struct kvm_cr_state *old, u64 value)
{
	(void)old;
	return value & NW && !(value & CD);
}

static bool pg_without_pe(const struct kvm_cr_state *old, u64 value)
{
	(void)old;
	return value & PG && !(value & PE);
}

static bool long_without_pae(const struct kvm_cr_state *old, u64 value)
{
	return !(old->cr0 & PG) && value & PG && old->efer & LME && !(old->cr4 & PAE);
}

static bool long_begins_in_64(const struct kvm_cr_state *old, u64 value)
{
	return !(old->cr0 & PG) && value & PG && old->efer & LME && old->code_64;
}

static bool long_ends_in_64(const struct kvm_cr_state *old, u64 value)
{
	return old->efer & LMA && old->code_64 && !(value & PG);
}

static bool cr4_reserved(const struct kvm_cr_state *old, u64 value)
{
	(void)old;
	return value & ~CR4_ALLOWED;
}

static bool pae_ends(const struct kvm_cr_state *old, u64 value)
{
	return old->efer & LMA && !(value & PAE);
}

static bool depth_changes(const struct kvm_cr_state *old, u64 value)
{
	return old->efer & LMA && changes(old->cr4, value, LA57);
}

static bool efer_reserved(const struct kvm_cr_state *old, u64 value)
{
	(void)old;
	return value & ~EFER_ALLOWED;
}

static bool lme_under_paging(const struct kvm_cr_state *old, u64 value)
{
	return old->cr0 & PG && changes(old->efer, value, LME);
}

static bool cr3_high(const struct kvm_cr_state *old, u64 value)
{
	return old->efer & LMA && value >> PHYS_BITS;
}

/* ---- every state, every value ---- */

static int check_cr4(const struct kvm_cr_state *old, u64 value)
{
	return kvm_cr4_check(old, value, CR4_ALLOWED);
}

static int check_efer(const struct kvm_cr_state *old, u64 value)
{
	return kvm_efer_check(old, value, EFER_ALLOWED);
}

static int check_cr3(const struct kvm_cr_state *old, u64 value)
{
	return kvm_cr3_check(old, value, PHYS_BITS);
}

#define BITS_MAX	6

static const struct {
	int (*check)(const struct kvm_cr_state *old, u64 value);
	u64 bits[BITS_MAX];		/* all their subsets are tried */
	struct rule rules[6];
} registers[] = {
	{ kvm_cr0_check, { PE, NW, CD, PG, HIGH }, {
		{ "bits above 31", high }, { "NW without CD", nw_without_cd },
		{ "PG without PE", pg_without_pe }, { "LME without PAE", long_without_pae },
		{ "from code of 64 bits", long_begins_in_64 },
		{ "in code of 64 bits", long_ends_in_64 } } },
	{ check_cr4, { PAE, LA57, VMXE, HIGH }, {
		{ "reserved", cr4_reserved }, { "PAE ends", pae_ends },
		{ "LA57 changes", depth_changes } } },
	{ check_efer, { SCE, LME, LMA, SVME, HIGH }, {
		{ "reserved", efer_reserved }, { "LME under paging", lme_under_paging } } },
	{ check_cr3, { 1ull << 12, 1ull << 39, 1ull << 40, 1ull << 51, 1ull << 63 }, {
		{ "beyond memory", cr3_high } } },
};

static u64 subset(const u64 bits[BITS_MAX], unsigned int number)
{
	u64 value = 0;

	for (unsigned int i = 0; i < BITS_MAX; i++)
		value |= number >> i & 1 ? bits[i] : 0;
	return value;
}

/* Those that a processor can be in: LMA is LME and PG; long mode has PAE. */
static bool possible(const struct kvm_cr_state *s)
{
	bool active = s->efer & LME && s->cr0 & PG;

	if (s->cr0 & PG && !(s->cr0 & PE))
		return false;
	return active == !!(s->efer & LMA) && (!active || s->cr4 & PAE);
}

static struct kvm_cr_state state_of(unsigned int number)
{
	return (struct kvm_cr_state) {
		.cr0 = (number & 1 ? PE : 0) | (number & 2 ? PG : 0),
		.cr4 = (number & 4 ? PAE : 0) | (number & 8 ? LA57 : 0),
		.efer = (number & 16 ? LME : 0) | (number & 32 ? LMA : 0),
		.code_64 = number & 64,
	};
}

#define STATES	128

START_TEST(combinations)
{
	unsigned int alone[6] = { 0 };	/* how often a rule was the only one broken */

	for (unsigned int s = 0; s < STATES; s++) {
		const struct kvm_cr_state old = state_of(s);

		for (unsigned int v = 0; possible(&old) && v < 1 << BITS_MAX; v++) {
			u64 value = subset(registers[_i].bits, v);
			int broken = 0, last = 0;

			for (int r = 0; r < 6 && registers[_i].rules[r].what; r++) {
				if (!registers[_i].rules[r].broken(&old, value))
					continue;
				broken++;
				last = r;
			}
			alone[last] += broken == 1;
			ck_assert_msg(registers[_i].check(&old, value) == (broken ? -EINVAL : 0),
				      "state %u, value %#llx: %d rules broken, the last: %s", s,
				      (unsigned long long)value, broken,
				      registers[_i].rules[last].what);
		}
	}
	for (int r = 0; r < 6 && registers[_i].rules[r].what; r++)
		ck_assert_msg(alone[r], "never tried: %s", registers[_i].rules[r].what);
}
END_TEST

Suite *kvm_cr_suite(void);
Suite *kvm_cr_suite(void)
{
	Suite *suite = suite_create("kvm cr");
	TCase *tc = tcase_create("rules");

	tcase_add_loop_test(tc, combinations, 0, sizeof(registers) / sizeof(registers[0]));
	suite_add_tcase(suite, tc);
	return suite;
}
