// SPDX-License-Identifier: GPL-2.0
#include "../common/tool.h"

#include <stddef.h>

#include "commands.h"

static const struct command commands[] = {
	{ "info", cmd_info, "", "What the kvm of this machine is and can do" },
	{ "list", cmd_list, "", "Which processes have virtual machines" },
	{ "run", cmd_run,
	  "GUEST [--abi 2006|12] [--mem MIB] [--vcpus N] [--cmdline TEXT]\n"
	  "      [--max-exits N] [--exit-port PORT] [--input] [--trace]",
	  "Run a guest: an ELF, multiboot or flat real-mode file" },
	{ "boot", cmd_boot,
	  "KERNEL [--initrd FILE] [--mem MIB] [--cmdline TEXT] [--max-exits N]\n"
	  "      [--exit-port PORT] [--input] [--trace]",
	  "Boot a Linux kernel (bzImage) on a small PC with a serial console" },
	{ "regs", cmd_regs, "GUEST [OPTIONS OF run]", "... and show its registers then" },
	{ "dump", cmd_dump, "GUEST [--at ADDRESS] [--size BYTES] [--linear] [OPTIONS OF run]",
	  "... and show its memory then" },
	{ "map", cmd_map,
	  "GUEST LINEAR PHYSICAL [--size BYTES] [--write] [--user] [--no-execute]\n"
	  "      [--replace] [OPTIONS OF run]",
	  "... and make an entry in its page tables then" },
	{ "stat", cmd_stat, "PID", "What the virtual machines of a process count" },
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
