// SPDX-License-Identifier: GPL-2.0
/* Any bytes as a file: refused with a reason, or a sound database. */
#include "fuzz.h"

#include "regdom/db_ext.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u32 *map = calloc(size / 4 + 1, sizeof(*map));
	struct regdom_db_counts n;
	struct regdom_fault fault;
	struct regdom_db db;
	void *memory;
	int ret;

	ret = regdom_ext_check(data, size, map, &n, &fault);
	must(ret == fault.error);
	if (ret) {
		must(fault.why && fault.why[0] && fault.offset <= size);
	} else {
		memory = calloc(1, regdom_db_bytes(&n));
		regdom_db_place(&db, memory, &n);
		regdom_ext_fill(data, &db);
		must_be_sound(&db);
		must_survive_encoding(&db);
		must_survive_printing(&db);
		free(memory);
	}
	free(map);
	return 0;
}
