// SPDX-License-Identifier: GPL-2.0
#include "host.h"

#include "../common/tool.h"
#include "argument.h"

#include <stddef.h>

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

int host_create(struct nc_stack **stack, const struct host_options *options)
{
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	int ret;

	if (!options->device || !options->address.sin_family)
		return tool_usage("host", "--device and --address are needed");
	ret = nc_link_tun(&config.link, options->device);
	if (ret)
		return tool_refused_errno(options->device, ret);
	config.ipv4 = (const struct sockaddr *)&options->address;
	ret = nc_stack_create(stack, &config);
	if (!ret)
		return TOOL_DONE;
	nc_link_close(config.link);
	return tool_refused_errno("stack", ret);
}
