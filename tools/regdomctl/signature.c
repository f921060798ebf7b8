// SPDX-License-Identifier: GPL-2.0
/*
 * sign and verify are of a program of their own, beside this one: it alone is linked with
 * OpenSSL, which is as much to load and bind as all the rest, at each start.
 */
#include "offline.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/output.h"
#include "../common/tool.h"

#define SUFFIX "-signature"

/* Returns only if that program cannot be run. */
static int run_helper(int argc, char **argv)
{
	char path[PATH_MAX + sizeof(SUFFIX)];
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
	char **args = calloc(argc + 3, sizeof(*args));
	int n = 0;

	if (!args)
		abort();
	if (length < 0)
		return tool_refused_errno("/proc/self/exe", errno);
	strcpy(path + length, SUFFIX);
	args[n++] = path;
	if (out_is_json())
		args[n++] = "-j";
	memcpy(args + n, argv, argc * sizeof(*argv));
	execv(path, args);
	return tool_refused_errno(path, errno);
}

int offline_sign(int argc, char **argv)
{
	return run_helper(argc, argv);
}

int offline_verify(int argc, char **argv)
{
	return run_helper(argc, argv);
}
