/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Header prediction: Van Jacobson's, as RFC 7323, 5.6, has it beside PAWS. In an established
 * connection nearly each segment is the next one, and says nothing but an acknowledgment and
 * its text. It is taken by few instructions, and to the same end: who takes away what is here
 * changes no state and no byte.
 */
#ifndef TCP_PREDICTION_H
#define TCP_PREDICTION_H

#include "connection.h"

/* In ESTABLISHED. False: it is not such a segment, and nothing has happened. */
bool tcp_prediction_input(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us);

#endif
