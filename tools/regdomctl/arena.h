/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that is freed all at once. */
#ifndef REGDOMCTL_ARENA_H
#define REGDOMCTL_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *blocks;
};

/* Zeroed memory. Ends the program when there is none. */
void *arena_alloc(struct arena *arena, size_t bytes);
char *arena_text(struct arena *arena, const char *text, size_t length);
void arena_free(struct arena *arena);

#endif
