// SPDX-License-Identifier: GPL-2.0
#include "../common/tool.h"

#include <stddef.h>

static const struct command commands[] = {
	{ NULL }
};

int main(int argc, char **argv)
{
	static const struct tool tool = {
		.name = "netchanctl",
		.summary = "Send and receive packets over network channels",
		.commands = commands,
	};

	return tool_main(&tool, argc, argv);
}
