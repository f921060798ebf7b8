// SPDX-License-Identifier: GPL-2.0
#include "tool.h"
#include "output.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct tool *current;

static int report(const char *what, const char *why, int code)
{
	fflush(stdout);
	fprintf(stderr, "%s: %s: %s\n", current->name, what, why);
	return code;
}

int tool_usage(const char *what, const char *why)
{
	report(what, why, TOOL_USAGE);
	fprintf(stderr, "Run '%s help' for the commands.\n", current->name);
	return TOOL_USAGE;
}

int tool_refused(const char *what, const char *why)
{
	return report(what, why, TOOL_REFUSED);
}

int tool_refused_errno(const char *what, int err)
{
	return report(what, strerror(abs(err)), TOOL_REFUSED);
}

static int help(void)
{
	const struct command *c;

	printf("%s: %s\n\nUsage: %s [-j] COMMAND [ARGUMENTS]\n\nCommands:\n",
	       current->name, current->summary, current->name);
	for (c = current->commands; c->name; c++)
		printf("  %s %s\n      %s\n", c->name, c->args, c->help);
	printf("  help\n      Show this text\n"
	       "  version\n      Show the version\n"
	       "  completion\n      Print completion rules for bash\n\n"
	       "Options:\n"
	       "  -j, --json     print JSON, for programs\n"
	       "  -h, --help     show this text\n"
	       "  -V, --version  show the version\n\n"
	       "Exit status: 0 done, 1 bad usage, 2 the kernel refused.\n");
	return TOOL_DONE;
}

static int version(void)
{
	out_open();
	out_string("tool", "%s ", current->name);
	out_string("version", "%s\n", TRIVET_VERSION);
	out_close();
	return TOOL_DONE;
}

/* The words after the tool's name; arguments complete as file names. */
static int completion(void)
{
	const struct command *c;

	printf("_%s()\n{\n\tlocal words=\"", current->name);
	for (c = current->commands; c->name; c++)
		printf("%s ", c->name);
	printf("help version --json --help --version\"\n"
	       "\tlocal i seen=\n"
	       "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\t[[ ${COMP_WORDS[i]} == -* ]] || seen=1\n"
	       "\tdone\n"
	       "\tif [[ -z $seen ]]; then\n"
	       "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
	       "\telse\n"
	       "\t\tcompopt -o default; COMPREPLY=()\n"
	       "\tfi\n}\n"
	       "complete -F _%s %s\n", current->name, current->name);
	return TOOL_DONE;
}

static int run_command(int argc, char **argv)
{
	const struct command *c;

	for (c = current->commands; c->name; c++) {
		if (strcmp(c->name, argv[0]) == 0) {
			optind = 0;	/* glibc: start over for the command */
			return c->run(argc, argv);
		}
	}
	if (strcmp(argv[0], "help") == 0)
		return help();
	if (strcmp(argv[0], "version") == 0)
		return version();
	if (strcmp(argv[0], "completion") == 0)
		return completion();
	return tool_usage(argv[0], "no such command");
}

int tool_main(const struct tool *tool, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	int opt, ret;

	current = tool;
	opterr = 0;
	/* '+': options after the command are the command's own */
	while ((opt = getopt_long(argc, argv, "+jhV", options, NULL)) != -1) {
		switch (opt) {
		case 'j':
			out_use_json();
			break;
		case 'h':
			return help();
		case 'V':
			return version();
		default:
			return tool_usage(argv[optind - 1], "no such option");
		}
	}
	opterr = 1;
	if (optind == argc)
		return tool_usage("command", "none given");
	ret = run_command(argc - optind, argv + optind);
	if (fflush(stdout) || ferror(stdout))
		return tool_refused("stdout", "cannot write the results");
	return ret;
}
