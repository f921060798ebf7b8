/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_UNIT_DATABASE_H
#define TESTS_UNIT_DATABASE_H

#include "regdom/db.h"

/*
 * Whether a database is what every user of one relies on; rule_sound() says so
 * of one rule. (check's asserts are slow.)
 */
bool database_sound(const struct regdom_db *db,
		    bool (*rule_sound)(const struct regdom_rule *rule));

#endif
