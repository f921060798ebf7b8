/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tools share: a table of commands, errors, exit codes, help,
 * completion. A tool is its table and a main() of one line.
 */
#ifndef TOOLS_COMMON_TOOL_H
#define TOOLS_COMMON_TOOL_H

#include <stdbool.h>

/* Exit codes of every tool. */
enum {
	TOOL_DONE = 0,
	TOOL_USAGE = 1,		/* the command line is wrong */
	TOOL_REFUSED = 2,	/* the kernel or the system said no */
};

struct command {
	const char *name;
	/* argv[0] is the command's name; returns an exit code from above */
	int (*run)(int argc, char **argv);
	const char *args;	/* as shown in help: "CC [--phy PHY]" */
	const char *help;	/* one line */
};

struct tool {
	const char *name;
	const char *summary;		/* one line */
	const struct command *commands;	/* ends with a row whose name is NULL */
};

/*
 * Runs the command that argv names. Handles --help, --version, --json, and
 * the commands `help`, `version` and `completion` that every tool has.
 * Returns the exit code for main().
 */
int tool_main(const struct tool *tool, int argc, char **argv);

/*
 * Say what went wrong on stderr as `tool: what: why`, and return the exit
 * code that fits, so that a command ends with `return tool_refused(...)`.
 */
int tool_usage(const char *what, const char *why);
int tool_refused(const char *what, const char *why);
/* The same with strerror(err); err is an errno, its sign does not matter. */
int tool_refused_errno(const char *what, int err);

#endif
