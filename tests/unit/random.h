/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include "kvm/pure.h"

/* Starts from SEED= (default 1), and prints it beside the test's name. */
void random_start(const char *test);
u64 random_u64(void);

#endif
