// SPDX-License-Identifier: GPL-2.0
#include "store.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "db_ext.h"
#include "db_v20.h"
#include "world.h"

static struct regdom_store *store_alloc(const struct regdom_db_counts *n,
					enum regdom_db_source source)
{
	size_t array_bytes = regdom_db_bytes(n);
	struct regdom_store *store;

	if (!array_bytes)
		return NULL;
	store = kvzalloc(sizeof(*store) + array_bytes, GFP_KERNEL);
	if (!store)
		return NULL;
	refcount_set(&store->users, 1);
	store->source = source;
	store->size_bytes = sizeof(*store) + array_bytes;
	regdom_db_place(&store->db, store->memory, n);
	return store;
}

struct regdom_store *regdom_store_builtin(void)
{
	struct regdom_db_counts n;
	struct regdom_store *store;

	regdom_world_count(&n);
	store = store_alloc(&n, REGDOM_DB_BUILTIN);
	if (!store)
		return ERR_PTR(-ENOMEM);
	regdom_world_fill(&store->db);
	return store;
}

static struct regdom_store *create(const u8 *data, size_t size, u32 *map,
				   struct regdom_fault *fault)
{
	bool ext = regdom_ext_is(data, size);
	const struct regdom_db_format *format = ext ? &regdom_ext : &regdom_v20;
	struct regdom_db_counts n;
	struct regdom_store *store;
	int ret;

	ret = format->check(data, size, map, &n, fault);
	if (ret)
		return ERR_PTR(ret);
	store = store_alloc(&n, ext ? REGDOM_DB_EXT : REGDOM_DB_V20);
	if (!store)
		return ERR_PTR(-ENOMEM);
	format->fill(data, map, &store->db);
	return store;
}

#define MAP_MAX_BYTES max(REGDOM_V20_MAX_BYTES, REGDOM_EXT_MAX_BYTES)

struct regdom_store *regdom_store_create(const u8 *data, size_t size,
					 struct regdom_fault *fault)
{
	struct regdom_store *store;
	u32 *map;

	*fault = (struct regdom_fault){ 0 };
	/* too large a file is refused before its map is looked at */
	map = kvcalloc(min_t(size_t, size, MAP_MAX_BYTES) / 4 + 1, sizeof(*map),
		       GFP_KERNEL);
	if (!map)
		return ERR_PTR(-ENOMEM);
	store = create(data, size, map, fault);
	kvfree(map);
	return store;
}

void regdom_store_put(struct regdom_store *store)
{
	if (refcount_dec_and_test(&store->users))
		kvfree_rcu(store, rcu);
}
