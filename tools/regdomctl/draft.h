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

struct draft_domain {
	u8 dfs_region;
	unsigned int n_rules;
	struct draft_rule rules[REGDOM_MAX_RULES];
};

struct draft_country {
	char alpha2[2];
	unsigned int line;
	/* of devices of which no class is said; first all of a text: see classes.h */
	struct draft_domain general;
	/* by the bit of the class; NULL: the same */
	struct draft_domain *of_class[REGDOM_CLASSES];
};

struct draft {
	struct arena arena;	/* all that the draft and its database need */
	/* of the antenna that the text is read for; NULL: of any */
	const s32 *gain_mbi;
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
bool draft_add_rule(struct draft_domain *domain, const struct regdom_rule *rule,
		    unsigned int line);

/* Other rules for the nth class, none yet. */
struct draft_domain *draft_add_class(struct draft *draft, struct draft_country *country,
				     unsigned int n);

/* By where they begin and end, then by what they permit; 0: they say the same. */
int draft_compare_rules(const struct regdom_rule *a, const struct regdom_rule *b);

/* Adds all countries of a database, which must outlive the draft. */
void draft_add_db(struct draft *draft, const struct regdom_db *db);

/*
 * Orders countries and rules. Returns the first country with a domain without a rule,
 * or with rules that do not ascend in both ends. NULL: all is well.
 */
const struct draft_country *draft_order(struct draft *draft);

/*
 * An ordered draft as a database, which lives as long. Its limits and texts
 * are where the draft has them, not in its own arrays.
 */
void draft_build(struct draft *draft, struct regdom_db *db);

#endif
