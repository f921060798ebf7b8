// SPDX-License-Identifier: GPL-2.0
#include "../common/tool.h"

#include <stddef.h>

#include "commands.h"

static const struct command commands[] = {
	{ "info", cmd_info, "", "What the kvm of this machine is and can do" },
	{ "list", cmd_list, "", "Which processes have virtual machines" },
	{ "run", cmd_run,
	  "GUEST [--abi 2006|12] [--mem MIB] [--max-exits N] [--trace]",
	  "Run a real-mode guest, loaded and started at 0x1000" },
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
