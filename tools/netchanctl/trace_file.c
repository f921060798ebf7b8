// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* getline() */
#include "trace_file.h"

#include <stdlib.h>
#include <string.h>

#define VERSION		"# netchannel trace 1"
#define NO_SSTHRESH	1073741824.0
#define POINTS_MAX	10000000	/* a file that has more is no file of ours */

static void *grown(void *array, size_t count, size_t size)
{
	/* twice as many, each time that a power of two is full */
	if (count & (count - 1) || (count && count < 16))
		return array;
	return reallocarray(array, count < 16 ? 16 : 2 * count, size);
}

/* The connection's index; a new one is added. */
static bool find_connection(struct trace_file *t, const char *local, const char *remote,
			    size_t *index)
{
	struct trace_connection *c;
	void *more;

	for (*index = 0; *index < t->connection_count; ++*index) {
		c = &t->connections[*index];
		if (!strcmp(c->local, local) && !strcmp(c->remote, remote))
			return true;
	}
	more = grown(t->connections, t->connection_count, sizeof(*t->connections));
	if (!more)
		return false;
	t->connections = more;
	c = &t->connections[t->connection_count++];
	*c = (struct trace_connection){ 0 };
	strcpy(c->local, local);
	strcpy(c->remote, remote);
	return true;
}

static bool add_point(struct trace_file *t, const struct trace_point *p)
{
	void *more = grown(t->points, t->point_count, sizeof(*t->points));

	if (!more)
		return false;
	t->points = more;
	t->points[t->point_count++] = *p;
	return true;
}

static const char *read_line(struct trace_file *t, const char *line)
{
	char local[64], remote[64], phase[8];
	double us, window, rcv_nxt, rcv_window, srtt_us, rto_us;
	struct trace_point p;
	struct trace_connection *c;
	int end = -1;

	if (sscanf(line, "%lf %63s %63s %15s %7s %lf %lf %lf %lf %lf %lf %lf %lf %lf %lf %lu %n",
		   &us, local, remote, p.state, phase, &p.una, &p.nxt, &window, &p.cwnd,
		   &p.ssthresh, &p.flight, &rcv_nxt, &rcv_window, &srtt_us, &rto_us,
		   &p.retransmitted, &end) != 16 || end < 0 || line[end])
		return "not a line of a trace";
	if (us < 0 || (t->point_count && us / 1e6 < t->points[t->point_count - 1].s))
		return "time goes back";
	if (t->point_count == POINTS_MAX)
		return "too many lines";
	p.s = us / 1e6;
	p.edge = p.una + window;
	p.ssthresh = p.ssthresh == NO_SSTHRESH ? 0 : p.ssthresh;
	p.srtt_ms = srtt_us / 1e3;
	p.rto_ms = rto_us / 1e3;
	if (!find_connection(t, local, remote, &p.connection) || !add_point(t, &p))
		return "no memory";
	c = &t->connections[p.connection];
	c->points++;
	c->moved_bytes = p.una + rcv_nxt;
	return NULL;
}

const char *trace_file_read(struct trace_file *t, FILE *file)
{
	static char text[96];
	const char *why = "not a trace: its first line is not \"" VERSION "\"";
	size_t room = 0, number = 0;
	char *line = NULL;

	*t = (struct trace_file){ 0 };
	while (getline(&line, &room, file) >= 0) {
		number++;
		line[strcspn(line, "\n")] = 0;
		if (number == 1)
			why = strcmp(line, VERSION) ? why : NULL;
		else if (*line && *line != '#')
			why = read_line(t, line);
		if (why)
			break;
	}
	free(line);
	if (!why)
		return t->point_count ? NULL : "no connection is in it";
	trace_file_free(t);
	snprintf(text, sizeof(text), "line %zu: %s", number, why);
	return text;
}

void trace_file_free(struct trace_file *t)
{
	free(t->points);
	free(t->connections);
	*t = (struct trace_file){ 0 };
}
