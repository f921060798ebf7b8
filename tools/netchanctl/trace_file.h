/* SPDX-License-Identifier: GPL-2.0 */
/* A trace of connections, as nc_stack_trace() writes it: docs/tcp-trace.md. */
#ifndef TOOLS_NETCHANCTL_TRACE_FILE_H
#define TOOLS_NETCHANCTL_TRACE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct trace_point {
	size_t connection;		/* its index */
	double s;			/* since the trace began */
	char state[16];
	double una, nxt, edge;		/* bytes; the window's right edge */
	double cwnd, ssthresh, flight;	/* bytes; ssthresh 0: none */
	double srtt_ms, rto_ms;		/* srtt 0: none */
	unsigned long retransmitted;
};

struct trace_connection {
	char local[64], remote[64];
	size_t points;
	double moved_bytes;		/* both ways */
};

struct trace_file {
	struct trace_point *points;
	size_t point_count;
	struct trace_connection *connections;
	size_t connection_count;
};

/* NULL, or why it is none, with the line: a text that is the function's own. */
const char *trace_file_read(struct trace_file *t, FILE *file);
void trace_file_free(struct trace_file *t);

#endif
