/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SO_ZEROCOPY and MSG_ZEROCOPY of streams, as far as a program sees them: each send() has a
 * number, and a report by MSG_ERRQUEUE says of which the memory may be used again. We copy it
 * in the call, as Linux does for whoever receives on the same host, and the report says so.
 */
#ifndef SOCKET_ZEROCOPY_H
#define SOCKET_ZEROCOPY_H

#include <sys/socket.h>

#include "../tcp/types.h"

/* One report tells of all that is not told yet, as the numbers go on without a gap. */
struct zerocopy {
	u32 told;		/* the first number of which nobody has been told */
	u32 next;		/* that of the next send() */
};

/* After a send() with MSG_ZEROCOPY that took bytes. */
static inline void zerocopy_sent(struct zerocopy *z)
{
	z->next++;
}

/* Is there a report? It is shown as POLLERR. */
static inline bool zerocopy_has_report(const struct zerocopy *z)
{
	return z->told != z->next;
}

/* Tells it. 0 bytes, or -EAGAIN: there is none. */
int zerocopy_recv(struct zerocopy *z, struct msghdr *m, u8 ip_version);

#endif
