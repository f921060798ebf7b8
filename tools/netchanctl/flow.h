/* SPDX-License-Identifier: GPL-2.0 */
/* The flow that a command line names. */
#ifndef TOOLS_NETCHANCTL_FLOW_H
#define TOOLS_NETCHANCTL_FLOW_H

#include "argument.h"

/*
 * LOCAL and, if there are as many words, REMOTE, whose family is 0 otherwise. Returns an exit
 * code; TOOL_DONE: they are good. has_remote: REMOTE is needed.
 */
int flow_read(const char *command, char **words, int count, bool has_remote,
	      union address *local, union address *remote);

#endif
