/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The world domain that is part of the module, for a machine without a
 * regulatory.db. Pure; see pure.h.
 */
#ifndef REGDOM_WORLD_H
#define REGDOM_WORLD_H

#include "db.h"

/* The database with the one country "00". */
void regdom_world_count(struct regdom_db_counts *n);
void regdom_world_fill(struct regdom_db *db);

/* A domain that permits everything. */
const struct regdom_domain *regdom_unbounded(void);

#endif
