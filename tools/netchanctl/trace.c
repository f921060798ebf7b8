// SPDX-License-Identifier: GPL-2.0
/* Records what another command does. */
#include "host.h"
#include "netchanctl.h"

#include "../common/tool.h"

#include <getopt.h>
#include <string.h>

int netchanctl_trace(int argc, char **argv)
{
	if (argc < 3 || argv[1][0] == '-')
		return tool_usage("trace", "a NAME and a command are needed");
	host_trace(argv[1]);
	optind = 0;		/* another command line begins */
	if (!strcmp(argv[2], "get"))
		return netchanctl_get(argc - 2, argv + 2);
	if (!strcmp(argv[2], "serve"))
		return netchanctl_serve(argc - 2, argv + 2);
	return tool_usage(argv[2], "no command that can be traced: get, serve");
}
