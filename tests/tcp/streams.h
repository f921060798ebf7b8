/* SPDX-License-Identifier: GPL-2.0 */
/* Connections of a pair of stacks: see pair.h. */
#ifndef TESTS_TCP_STREAMS_H
#define TESTS_TCP_STREAMS_H

#include "tests/tcp/pair.h"

struct stream *stream_on(struct pair *p, int host, u8 version);
struct stream *listener_on(struct pair *p, int host, u8 version, u16 port, u32 backlog);

/* stream_connect() to a host's port. */
int connect_to(struct pair *p, struct stream *s, int host, u16 port);

/* The listener's next, which is this client's. */
struct stream *child_of(struct stream *listener, const struct stream *client);

/* A connection: ends[0] of host 0, ends[1] of host 1. */
void connected(struct pair *p, u8 version, struct stream *ends[2]);
void close_streams(struct pair *p, struct stream *ends[2]);

#endif
