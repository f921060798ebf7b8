/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Databases as text, for people: the syntax of wireless-regdb's db.txt, with
 * what the extended format holds besides; regdom.db(5) describes it.
 */
#ifndef REGDOMCTL_DBTEXT_H
#define REGDOMCTL_DBTEXT_H

#include <stdio.h>

#include "draft.h"

/* What is wrong with a text, where, and what to do about it. */
struct dbtext_fault {
	unsigned int line;	/* from 1 */
	unsigned int column;	/* from 1, in bytes */
	char why[320];
};

/*
 * Reads a text into an empty draft, for an antenna of its gain_mbi, and orders it.
 * Returns 0, or -EINVAL with *fault filled in. The draft is to be freed in either case.
 */
int dbtext_parse(const char *text, size_t size, struct draft *draft,
		 struct dbtext_fault *fault);

/* The first country of which no text says what the database does; NULL: none. */
const struct regdom_country *dbtext_unsaid(const struct regdom_db *db);
/* Writes a database without such a country as a text that is read as the same. */
void dbtext_print(FILE *out, const struct regdom_db *db);
/* One rule of it, without the end of the line; wmm: the name of its limits. */
void dbtext_print_rule(FILE *out, const struct regdom_rule *rule,
		       const char *wmm);
/* What follows its power, each after a comma; not its WMM limits. */
void dbtext_print_options(FILE *out, const struct regdom_rule *rule);

/* Limits of medium access, as eight lines. */
void dbtext_print_wmm(FILE *out, const struct regdom_wmm *wmm);
extern const char *const dbtext_wmm_names[REGDOM_WMM_ACS];

/* The words for flags, classes and regions, in the order of their values. */
struct dbtext_word {
	const char *word;
	u32 value;
};

extern const struct dbtext_word dbtext_flags[];		/* end with NULL */
extern const struct dbtext_word dbtext_classes[];
extern const struct dbtext_word dbtext_regions[];

/* "2026-11-22", and days since 1970-01-01. */
#define DBTEXT_DATE_BYTES 16
void dbtext_date(char text[DBTEXT_DATE_BYTES], u32 day);

#endif
