/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The intersection of domains, and which of them is to blame for each limit.
 * docs/regdom-resolution.md, "Intersection", has the rules. Pure; see pure.h.
 */
#ifndef REGDOM_INTERSECT_H
#define REGDOM_INTERSECT_H

#include "domain.h"
#include "regdom.h"

#define REGDOM_MAX_INPUTS	8
#define REGDOM_FLAGS		20	/* bits of enum regdom_rule_flags */

/*
 * Bit i of a mask stands for input i: it alone would make the limit what it
 * is. 0: there is no such limit. For a flag that permits (IR_CONCURRENT,
 * DFS_CONCURRENT), the mask is of those that refuse it.
 */
struct regdom_bounds {
	u8 limits[__REGDOM_LIMITS];	/* by enum regdom_limit */
	u8 flags[REGDOM_FLAGS];		/* by bit number */
};

/*
 * A domain with all that it consists of, in one block of memory. Nothing in it
 * points into an input. bounds[i] is of the rule of domain.spans[i].
 */
struct regdom_intersection {
	struct regdom_domain domain;
	unsigned int max_rules;		/* there is room for */
	struct regdom_span *spans;
	struct regdom_rule *rules;
	struct regdom_limits *limits;
	struct regdom_wmm *wmms;
	struct regdom_bounds *bounds;
};

/* How many rules the intersection has; may be more than REGDOM_MAX_RULES. */
unsigned int regdom_intersect_count(const struct regdom_domain *const *inputs,
				    unsigned int n_inputs);

/* Bytes for up to this many rules: 183 a rule, and the domain. */
size_t regdom_intersection_bytes(unsigned int max_rules);

/* Lays an empty domain out in mem, of regdom_intersection_bytes(max_rules). */
struct regdom_intersection *regdom_intersection_place(void *mem,
						      unsigned int max_rules);

/**
 * regdom_intersect - the domain that permits what every input permits
 * @inputs: 1 to REGDOM_MAX_INPUTS domains
 * @n_inputs: how many
 * @result: filled; need not be empty before
 *
 * An intersection without rules is valid, and permits nothing.
 *
 * Returns 0, -EINVAL (the number of inputs; the result is empty), or -E2BIG:
 * it has more rules than there is room for, or than REGDOM_MAX_RULES. Then the
 * result holds the lowest of them: it permits only what every input permits,
 * but not all of it. Allocates nothing, and takes time in proportion to the
 * rules of all inputs.
 */
int regdom_intersect(const struct regdom_domain *const *inputs,
		     unsigned int n_inputs, struct regdom_intersection *result);

#endif
