// SPDX-License-Identifier: LGPL-2.1-or-later
#include <netchannel/netchannel.h>

const char *nc_version(void)
{
	return TRIVET_VERSION;
}
