// SPDX-License-Identifier: LGPL-2.1-or-later
#include "zerocopy.h"

#include <errno.h>

#include "ancillary.h"

int zerocopy_recv(struct zerocopy *z, struct msghdr *m, u8 ip_version)
{
	if (!zerocopy_has_report(z))
		return -EAGAIN;
	m->msg_flags = MSG_ERRQUEUE;
	m->msg_namelen = 0;
	ancillary_emit_zerocopy(m, ip_version, z->told, z->next - 1);
	z->told = z->next;
	return 0;
}
