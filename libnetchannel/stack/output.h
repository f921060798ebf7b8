/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a connection has to say, and what its user sees of it. */
#ifndef STACK_OUTPUT_H
#define STACK_OUTPUT_H

#include "../tcp/types.h"

struct stream;

/*
 * After whatever has happened to a connection: packets, timer, readiness. It is
 * freed here when it is CLOSED and nobody has it: the last thing that a caller does.
 */
void output_flush(struct stream *s, u64 now_us);

/* The link has no room for what it has to say: stream_resume() has it tried again. */
void output_wait(struct stream *s, u64 now_us);

/* To whom traces it: what has happened is no reason for a packet. */
void output_show_move(struct stream *s, u64 now_us);

#endif
