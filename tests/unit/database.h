/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_UNIT_DATABASE_H
#define TESTS_UNIT_DATABASE_H

#include "regdom/db.h"

struct loaded {
	struct regdom_db db;
	struct regdom_fault fault;
	void *memory;
};

/*
 * Returns 0, or the errno of the refusal, which must have a reason. From a copy
 * that ends where the data ends, so that ASan sees a read beyond it.
 */
int database_load(struct loaded *l, const struct regdom_db_format *format,
		  const u8 *data, size_t size);
/* Debian's regulatory.db; free it. */
u8 *database_read_stock(size_t *size);
/* After a load that returned 0. */
void database_unload(struct loaded *l);

/*
 * Whether a database is what every user of one relies on; rule_sound() says so
 * of one rule. (check's asserts are slow.)
 */
bool database_sound(const struct regdom_db *db,
		    bool (*rule_sound)(const struct regdom_rule *rule));

#endif
