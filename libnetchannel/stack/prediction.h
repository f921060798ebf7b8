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

/*
 * May datagrams of this flow come by the link, and does that see to checksums? Where it is so, it
 * stays so.
 */
bool prediction_may_come(const struct stack *s, const struct tcp_flow *flow);

/*
 * What a packet brings to e, of whose flow datagrams may come, if it is one of these and no other
 * socket's: whole, and with nothing but its two headers before it and nothing behind. NULL: it
 * is not, or it is not sure.
 */
const u8 *prediction_payload(const struct endpoint *e, const u8 *bytes, size_t size,
			     size_t *payload_bytes);

#endif
