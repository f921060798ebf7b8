/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A database while it is put together: the rules of each country, in any
 * order. When it is built, what is equal becomes one, and everything is in one
 * order, so that equal rules make equal files.
 */
#ifndef REGDOMCTL_DRAFT_H
#define REGDOMCTL_DRAFT_H

#include "arena.h"
#include "regdom/db.h"

struct draft_rule {
	struct regdom_rule rule;
	unsigned int line;	/* of the text; 0: it is not from a text */
};

struct draft_country {
	char alpha2[2];
	u8 dfs_region;
	unsigned int line;
	unsigned int n_rules;
	struct draft_rule rules[REGDOM_MAX_RULES];
};

struct draft {
	struct arena arena;	/* all that the draft and its database need */
	struct regdom_edition edition;
	struct draft_country *countries[REGDOM_MAX_COUNTRIES];
	unsigned int n_countries;
};

/* A draft begins as zeros. */
void draft_free(struct draft *draft);

/* NULL: there is no such country yet. */
struct draft_country *draft_find(const struct draft *draft, const char *alpha2);

/* The country must be valid, and not there yet. */
struct draft_country *draft_add(struct draft *draft, const char *alpha2,
				u8 dfs_region);

/* What the rule points to must outlive the draft. False: too many rules. */
bool draft_add_rule(struct draft_country *country,
		    const struct regdom_rule *rule, unsigned int line);

/* Adds all countries of a database, which must outlive the draft. */
void draft_add_db(struct draft *draft, const struct regdom_db *db);

/*
 * Orders countries and rules. Returns the first country without a rule, or
 * with rules that do not ascend in both ends; then rules[*index] and the one
 * after it. NULL: all is well.
 */
const struct draft_country *draft_order(struct draft *draft,
					unsigned int *index);

/*
 * An ordered draft as a database, which lives as long. Its limits and texts
 * are where the draft has them, not in its own arrays.
 */
void draft_build(struct draft *draft, struct regdom_db *db);

#endif
