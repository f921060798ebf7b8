/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection and its copy, which predicts nothing (tcp/prediction.h): both get the same
 * segment, or are asked for the next one, and must come to the same state and the same bytes.
 */
#ifndef TESTS_TCP_TWIN_H
#define TESTS_TCP_TWIN_H

#include "libnetchannel/tcp/input.h"
#include "libnetchannel/tcp/output.h"

/* As tcp_input() and tcp_output(), of c; the copy is gone afterwards. */
enum tcp_verdict twin_input(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us);
size_t twin_output(struct tcp_connection *c, struct tcp_packet *packet, u64 now_us);

#endif
