// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link.h"

void nc_link_close(struct nc_link *link)
{
	if (link)
		link->ops->close(link);
}
