// SPDX-License-Identifier: GPL-2.0
#include "host.h"

#include "../common/tool.h"
#include "argument.h"

#include <stddef.h>

#define MTU_BYTES	1500	/* of a channel: an Ethernet's */

int host_option(struct host_options *options, int opt, const char *value)
{
	if (opt == 'd') {
		options->device = value;
		return TOOL_DONE;
	}
	if (opt == 'a' && argument_address(value, &options->address) && !options->address.sin_port)
		return TOOL_DONE;
	return opt == 'a' ? tool_usage(value, "not an IPv4 ADDRESS") :
		tool_usage("option", "no such option");
}

static int create_link(struct nc_link **link, const struct host_options *options, in_port_t port)
{
	struct sockaddr_in local = options->address;

	if (options->device)
		return nc_link_tun(link, options->device);
	local.sin_port = port;
	return nc_link_channel(link, (const struct sockaddr *)&local, MTU_BYTES);
}

int host_create(struct nc_stack **stack, const struct host_options *options, in_port_t port)
{
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	int ret;

	if (!options->address.sin_family)
		return tool_usage("host", "--address is needed");
	ret = create_link(&config.link, options, port);
	if (ret)
		return tool_refused_errno(options->device ? options->device : "channel", ret);
	config.ipv4 = (const struct sockaddr *)&options->address;
	ret = nc_stack_create(stack, &config);
	if (!ret)
		return TOOL_DONE;
	nc_link_close(config.link);
	return tool_refused_errno("stack", ret);
}
