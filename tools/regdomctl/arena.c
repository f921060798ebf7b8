// SPDX-License-Identifier: GPL-2.0
#include "arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/tool.h"

struct arena_block {
	struct arena_block *next;
	max_align_t memory[];
};

void *arena_alloc(struct arena *arena, size_t bytes)
{
	struct arena_block *block = calloc(1, sizeof(*block) + bytes);

	if (!block) {
		fprintf(stderr, "regdomctl: out of memory\n");
		exit(TOOL_REFUSED);
	}
	block->next = arena->blocks;
	arena->blocks = block;
	return block->memory;
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	memcpy(copy, text, length);
	return copy;
}

void arena_free(struct arena *arena)
{
	struct arena_block *block;

	while ((block = arena->blocks)) {
		arena->blocks = block->next;
		free(block);
	}
}
