// SPDX-License-Identifier: GPL-2.0
#include "flow.h"

#include "../common/tool.h"

#include <string.h>

int flow_read(const char *command, char **words, int count, bool has_remote,
	      union address *local, union address *remote)
{
	memset(remote, 0, sizeof(*remote));
	if (has_remote ? count != 2 : count != 1 && count != 2)
		return tool_usage(command, has_remote ? "LOCAL and REMOTE are needed" :
				  "LOCAL is needed, and at most REMOTE besides");
	if (!argument_address(words[0], local))
		return tool_usage(words[0], "not an ADDRESS[:PORT]; of IPv6, [ADDRESS]:PORT");
	if (count == 2 && !argument_remote(words[1], 0, remote))
		return tool_usage(words[1], "not an ADDRESS:PORT; of IPv6, [ADDRESS]:PORT");
	return TOOL_DONE;
}
