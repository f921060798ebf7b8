/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Connections whose users have gone. Each has an end of its own, but that may be minutes away;
 * where a stack has no room for another endpoint, the one that needs its place least goes.
 */
#ifndef STACK_ORPHANS_H
#define STACK_ORPHANS_H

#include <stdbool.h>

#include "../tcp/types.h"

struct stack;
struct stream;

enum orphan_kind {
	ORPHAN_NONE,
	ORPHAN_QUIET,		/* in TIME-WAIT or FIN-WAIT-2: all that was sent has arrived */
	ORPHAN_BUSY,		/* the peer lacks something */
	ORPHAN_KINDS,
};

/* Those of a kind, the oldest first. */
struct orphan_list {
	struct stream *first, *last;
};

/* A connection has no user any more, or its state may have changed since then. */
void orphans_put(struct stream *s);

/* Where it was none, nothing happens. */
void orphans_take(struct stream *s);

/* The one that is to go, NULL if there is none. */
struct stream *orphans_least(const struct stack *stack);

#endif
