// SPDX-License-Identifier: GPL-2.0
/* A channel for another program, which need not know how it is made. */
#include "device.h"
#include "flow.h"
#include "netchanctl.h"

#include "../common/tool.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define FD_DEFAULT 3

/* As descriptor fd, which programs that are run do get. */
static int give(int channel, int fd, char **command)
{
	if (channel == fd)	/* dup2() would leave close-on-exec set */
		channel = dup(channel);
	if (channel < 0 || dup2(channel, fd) < 0)
		return tool_refused_errno("create", errno);
	close(channel);
	execvp(command[0], command);
	return tool_refused_errno(command[0], errno);
}

static int find_command(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc && strcmp(argv[i], "--"); i++)
		;
	return i;
}

int netchanctl_create(int argc, char **argv)
{
	static const struct option options[] = {
		{ "fd", required_argument, NULL, 'f' },
		{ }
	};
	int command = find_command(argc, argv), opt, channel, ret;
	union address local, remote;
	unsigned long fd = FD_DEFAULT;

	while ((opt = getopt_long(command, argv, "+f:", options, NULL)) != -1) {
		if (opt != 'f')
			return tool_usage("create", "no such option");
		if (!argument_count(optarg, &fd) || fd > INT_MAX)
			return tool_usage(optarg, "not a descriptor's number");
	}
	if (command + 1 >= argc)
		return tool_usage("create", "a COMMAND is needed, behind --");
	ret = flow_read("create", argv + optind, command - optind, false, &local, &remote);
	if (ret != TOOL_DONE)
		return ret;
	channel = device_channel(NETCHANNEL_TYPE_COPY, &local, &remote);
	if (channel < 0)
		return tool_refused_errno("channel", channel);
	return give(channel, fd, argv + command + 1);
}
