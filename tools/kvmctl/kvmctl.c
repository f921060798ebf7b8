// SPDX-License-Identifier: GPL-2.0
#include "../common/tool.h"

#include <stddef.h>

static const struct command commands[] = {
	{ NULL }
};

int main(int argc, char **argv)
{
	static const struct tool tool = {
		.name = "kvmctl",
		.summary = "Run and inspect virtual machines",
		.commands = commands,
	};

	return tool_main(&tool, argc, argv);
}
