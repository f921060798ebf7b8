/* SPDX-License-Identifier: GPL-2.0 */
/* How much a test does: numbers from the environment. */
#ifndef TESTS_COUNT_H
#define TESTS_COUNT_H

#include <stdlib.h>

/* A number from the environment, such as SEED; unset or empty is none. */
static inline unsigned long number_from(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoul(text, NULL, 0) : otherwise;
}

/* COUNT if it is set; else what a long run (LONG=1) or a usual one asks for. */
static inline unsigned long count_of(unsigned long usual, unsigned long in_long_run)
{
	return number_from("COUNT", number_from("LONG", 0) ? in_long_run : usual);
}
#endif
