// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* asprintf */
#include "host.h"

#include "../common/tool.h"
#include "argument.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define MTU_BYTES	1500	/* of a channel: an Ethernet's */

static const char *trace_name;
static struct nc_link *recorded;	/* the stack's; NULL: nothing is traced */

void host_trace(const char *name)
{
	trace_name = name;
}

/* trace_name with something behind it, the caller's to free. */
static char *trace_path(const char *suffix)
{
	char *path;

	if (asprintf(&path, "%s%s", trace_name, suffix) < 0)
		exit(tool_refused("trace", "no memory"));
	return path;
}

static int record_link(struct nc_link **link)
{
	char *path = trace_path(".pcapng");
	int ret = nc_link_pcapng(link, *link, path);

	if (ret)
		tool_refused_errno(path, ret);
	free(path);
	recorded = ret ? NULL : *link;
	return ret;
}

static int record_stack(struct nc_stack *stack)
{
	char *path = trace_path(".trace");
	int ret = nc_stack_trace(stack, path);

	if (ret)
		tool_refused_errno(path, ret);
	free(path);
	return ret;
}

int host_option(struct host_options *options, int opt, const char *value)
{
	if (opt == 'd') {
		options->device = value;
		return TOOL_DONE;
	}
	if (opt == 'a' && argument_address(value, &options->address) &&
	    !options->address.in.sin_port)
		return TOOL_DONE;
	return opt == 'a' ? tool_usage(value, "not an ADDRESS") :
		tool_usage("option", "no such option");
}

static int create_link(struct nc_link **link, const struct host_options *options, in_port_t port)
{
	union address local = options->address;

	if (options->device)
		return nc_link_tun(link, options->device);
	local.in.sin_port = port;
	return nc_link_channel(link, IPPROTO_TCP, &local.sa, MTU_BYTES);
}

int host_create(struct nc_stack **stack, const struct host_options *options, in_port_t port)
{
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	int ret;

	if (!options->address.sa.sa_family)
		return tool_usage("host", "--address is needed");
	ret = create_link(&config.link, options, port);
	if (ret)
		return tool_refused_errno(options->device ? options->device : "channel", ret);
	if (trace_name && record_link(&config.link)) {
		nc_link_close(config.link);
		return TOOL_REFUSED;
	}
	if (options->address.sa.sa_family == AF_INET)
		config.ipv4 = &options->address.sa;
	else
		config.ipv6 = &options->address.sa;
	ret = nc_stack_create(stack, &config);
	if (ret) {
		nc_link_close(config.link);
		return tool_refused_errno("stack", ret);
	}
	if (!trace_name || !record_stack(*stack))
		return TOOL_DONE;
	nc_stack_destroy(*stack);
	return TOOL_REFUSED;
}

int host_destroy(struct nc_stack *stack, int ret)
{
	int err = recorded ? nc_link_recorded(recorded) : 0;

	nc_stack_destroy(stack);
	return ret == TOOL_DONE && err ? tool_refused_errno(trace_name, err) : ret;
}
