// SPDX-License-Identifier: LGPL-2.1-or-later
#include "peeker.h"

#include <errno.h>
#include <netinet/in.h>

#include "../stack/peek.h"

/* In the memory of the call that waits. */
struct peeker {
	struct readiness readiness;
	u32 wanted_bytes;
	struct peeker *next;
};

void peekers_update(struct socket *s)
{
	const struct stream *stream = stream_of(s->endpoint);

	for (struct peeker *p = s->peekers; p; p = p->next)
		readiness_set(&p->readiness,
			      stream_peek_ends(stream, p->wanted_bytes) ? ENDPOINT_IN : 0);
}

void peekers_end(struct socket *s)
{
	for (struct peeker *p = s->peekers; p; p = p->next)
		readiness_set(&p->readiness, ENDPOINT_IN);
}

static void take_out(struct socket *s, const struct peeker *peeker)
{
	struct peeker **p = &s->peekers;

	while (*p != peeker)
		p = &(*p)->next;
	*p = peeker->next;
}

int peeker_wait(struct socket *s, u32 wanted_bytes, int flags, u64 deadline_us)
{
	struct peeker p = { .wanted_bytes = wanted_bytes, .next = s->peekers };
	struct pollfd fd = { .events = POLLIN };
	int ret;

	if (!socket_waits(s, flags))
		return -EAGAIN;
	ret = readiness_create(&p.readiness, host_readiness_device(s->host), SOCK_CLOEXEC);
	if (ret)
		return ret;
	s->peekers = &p;
	peekers_update(s);
	host_give_link(s->host);
	fd.fd = p.readiness.fd;
	ret = host_wait(s->host, &fd, 1, deadline_us);
	take_out(s, &p);
	readiness_destroy(&p.readiness, false);
	if (socket_is_closed(s))
		return -EBADF;
	return ret < 0 ? ret : ret ? 0 : -EAGAIN;
}
