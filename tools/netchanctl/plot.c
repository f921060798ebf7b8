// SPDX-License-Identifier: GPL-2.0
/* Draws a trace. */
#define _GNU_SOURCE
#include "netchanctl.h"
#include "svg.h"

#include "../common/tool.h"

#include <getopt.h>
#include <string.h>

static const struct option long_options[] = {
	{ "connection", required_argument, NULL, 'c' },
	{ NULL }
};

/* The one that moved most; or that whose remote end is named. */
static bool choose(const struct trace_file *t, const char *remote, size_t *index)
{
	bool found = false;

	for (size_t i = 0; i < t->connection_count; i++) {
		const struct trace_connection *c = &t->connections[i];

		if (remote && strcmp(c->remote, remote))
			continue;
		if (!found || c->moved_bytes > t->connections[*index].moved_bytes)
			*index = i;
		found = true;
	}
	return found;
}

static int draw(FILE *file, const char *path, const char *remote)
{
	struct trace_file t;
	const char *why = trace_file_read(&t, file);
	size_t connection = 0;
	int ret = TOOL_DONE;

	if (why)
		return tool_refused(path, why);
	if (!choose(&t, remote, &connection))
		ret = tool_refused(remote, "no connection to it is in the trace");
	else
		svg_draw(stdout, &t, connection);
	trace_file_free(&t);
	if (ret == TOOL_DONE && (fflush(stdout) || ferror(stdout)))
		ret = tool_refused("stdout", "cannot be written");
	return ret;
}

int netchanctl_plot(int argc, char **argv)
{
	const char *remote = NULL;
	FILE *file;
	int opt, ret;

	while ((opt = getopt_long(argc, argv, "+c:", long_options, NULL)) != -1) {
		if (opt != 'c')
			return tool_usage("option", "no such option");
		remote = optarg;
	}
	if (optind != argc - 1)
		return tool_usage("plot", "one FILE is needed");
	file = fopen(argv[optind], "re");
	if (!file)
		return tool_refused(argv[optind], "cannot be read");
	ret = draw(file, argv[optind], remote);
	fclose(file);
	return ret;
}
