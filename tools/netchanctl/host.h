/* SPDX-License-Identifier: GPL-2.0 */
/* A host of libnetchannel's, for commands that speak TCP. */
#ifndef TOOLS_NETCHANCTL_HOST_H
#define TOOLS_NETCHANCTL_HOST_H

#include <netchannel/socket.h>
#include "argument.h"

struct host_options {
	const char *device;		/* -d: a TUN device; NULL: a channel */
	union address address;		/* -a: the host's */
};

#define HOST_OPTIONS	"a:d:"
#define HOST_LONG_OPTIONS					\
	{ "address", required_argument, NULL, 'a' },		\
	{ "device", required_argument, NULL, 'd' }

/* Takes an option; an exit code. */
int host_option(struct host_options *options, int opt, const char *value);

/* The next host's packets go to NAME.pcapng, and what becomes of them to NAME.trace. */
void host_trace(const char *name);

/*
 * An exit code: TOOL_DONE, and the stack is the caller's, for host_destroy(). port is that of
 * a channel, in network order; 0: the kernel chooses it.
 */
int host_create(struct nc_stack **stack, const struct host_options *options, in_port_t port);
/* ret, or, if that is TOOL_DONE and not all packets could be recorded, TOOL_REFUSED. */
int host_destroy(struct nc_stack *stack, int ret);

#endif
