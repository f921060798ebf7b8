/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules for classes of devices, as a text has them and as a database does. In a text
 * the rules of a country are one list, in which those for different classes may lie in
 * the same range. A database has a domain for devices of which no class is said, and
 * one for each class for which that would not say the same. regdom.db(5) describes it.
 */
#ifndef REGDOMCTL_CLASSES_H
#define REGDOMCTL_CLASSES_H

#include "draft.h"

/* Two rules of a list that cannot stand together, and why. */
struct classes_fault {
	unsigned int line;	/* of the later one */
	unsigned int other_line;
	const char *why;	/* a constant string: what to do about it */
};

/*
 * Orders the list of a country, and makes it the domains: the general one takes its
 * place. Returns 0, or -EINVAL with *fault filled in.
 */
int classes_split(struct draft *draft, struct draft_country *country,
		  struct classes_fault *fault);

/*
 * The list, in order, that is split into the domains of this country; its memory is the
 * draft's. NULL: there is none.
 */
struct draft_domain *classes_join(struct draft *draft, const struct regdom_db *db,
				  const struct regdom_country *country);

#endif
