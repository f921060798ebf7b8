/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Packets come in rows: the next one is of the last one's flow more often than not. Such a one
 * is known by its header's bytes, which need not be taken apart for that.
 */
#ifndef STACK_PREDICTION_H
#define STACK_PREDICTION_H

#include "../tcp/segment.h"
#include "stack.h"

struct stream;

/*
 * The connection that the last packet was for, where this one is for it as well, and what it
 * brings. NULL: it is not, or it is not sure, and segment says nothing.
 */
struct stream *prediction_find(const struct stack *s, const u8 *bytes, size_t size,
			       struct tcp_segment *segment);

#endif
