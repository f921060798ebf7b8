/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A database in the kernel's memory, with its lifetime. Immutable; freed
 * after the last put and an RCU grace period.
 */
#ifndef REGDOM_STORE_H
#define REGDOM_STORE_H

#include <linux/rcupdate.h>
#include <linux/refcount.h>

#include "db.h"
#include "regdom.h"

struct regdom_store {
	refcount_t users;
	struct rcu_head rcu;
	enum regdom_db_source source;
	bool is_signed;		/* a signature was looked at, and is good */
	u32 size_bytes;		/* all that it takes */
	struct regdom_db db;
	u64 memory[];		/* the arrays of db */
};

/* The module's own world domain. */
struct regdom_store *regdom_store_builtin(void);

/*
 * A database from the bytes of a regulatory.db or, as the first of them say, of
 * the extended format. On an error that concerns the bytes, *fault says why;
 * else its why is NULL.
 */
struct regdom_store *regdom_store_create(const u8 *data, size_t size,
					 struct regdom_fault *fault);

/* For a reader under RCU: false when it is on its way out. */
static inline bool regdom_store_get(struct regdom_store *store)
{
	return refcount_inc_not_zero(&store->users);
}

void regdom_store_put(struct regdom_store *store);

#endif
