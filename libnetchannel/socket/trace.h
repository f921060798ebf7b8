/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a stack's connections went through, as lines of text: docs/tcp-trace.md. */
#ifndef SOCKET_TRACE_H
#define SOCKET_TRACE_H

#include <stdio.h>

#include "../stack/stream.h"

/* What a line says of a connection. */
struct trace_line {
	const struct stream *stream;
	enum tcp_state state;
	enum tcp_recovery_phase phase;
	u32 una, nxt, window, cwnd_bytes, ssthresh_bytes, in_flight_bytes;
	u32 rcv_nxt, rcv_window;
	u64 srtt_us, rto_us;
	u32 retransmitted;
};

struct trace {
	FILE *file;
	u64 start_us;
	struct trace_line last;		/* what changed nothing since is not said again */
};

/* -EIO: the file cannot be written. */
int trace_open(struct trace **trace, const char *path, u64 now_us);
void trace_close(struct trace *t);

/* Something has happened to a connection. */
void trace_connection(struct trace *t, const struct stream *s, u64 now_us);

#endif
