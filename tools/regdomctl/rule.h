/* SPDX-License-Identifier: GPL-2.0 */
/* A rule of a database, shown. */
#ifndef REGDOMCTL_RULE_H
#define REGDOMCTL_RULE_H

#include <stdio.h>

#include "regdom/domain.h"

/* As JSON an object, as text nothing; what is not limited is left out. */
void rule_output(const char *name, const struct regdom_rule *rule);

/* Its fields, within an object that the caller opens. */
void rule_output_fields(const struct regdom_rule *rule);

/* In words: what is permitted. */
void rule_describe(FILE *out, const struct regdom_rule *rule);

/*
 * In words: how b differs from a, each difference after the gap but the first;
 * ranges included.
 */
void rule_describe_change(FILE *out, const struct regdom_rule *a,
			  const struct regdom_rule *b, const char *gap);

bool rule_equal(const struct regdom_rule *a, const struct regdom_rule *b);

#endif
