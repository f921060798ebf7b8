// SPDX-License-Identifier: LGPL-2.1-or-later
#include "peeker.h"

#include <errno.h>
#include <netinet/in.h>

#include "../stack/peek.h"

/* In the memory of the call that waits. */
struct peeker {
	struct readiness readiness;
	u32 wanted_bytes;		/* of a peek; 0: all that the socket is ready for */
	struct peeker *next;
};

static unsigned int events_for(const struct socket *s, const struct peeker *p)
{
	if (!p->wanted_bytes)
		return socket_events(s);
	return stream_peek_ends(stream_of(s->endpoint), p->wanted_bytes) ? ENDPOINT_IN : 0;
}

void peekers_update(struct socket *s)
{
	for (struct peeker *p = s->peekers; p; p = p->next)
		readiness_set(&p->readiness, events_for(s, p));
}

void peekers_end(struct socket *s)
{
	for (struct peeker *p = s->peekers; p; p = p->next)
		readiness_set(&p->readiness, ENDPOINT_IN | ENDPOINT_OUT);
}

static void take_out(struct socket *s, const struct peeker *peeker)
{
	struct peeker **p = &s->peekers;

	while (*p != peeker)
		p = &(*p)->next;
	*p = peeker->next;
}

static int wait_apart(struct socket *s, u32 wanted_bytes, short events, u64 deadline_us)
{
	struct peeker p = { .wanted_bytes = wanted_bytes, .next = s->peekers };
	struct pollfd fd = { .events = events };
	int ret;

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

int peeker_wait(struct socket *s, u32 wanted_bytes, int flags, u64 deadline_us)
{
	return socket_waits(s, flags) ? wait_apart(s, wanted_bytes, POLLIN, deadline_us) : -EAGAIN;
}

int peeker_wait_ready(struct socket *s, short events, u64 deadline_us)
{
	return wait_apart(s, 0, events, deadline_us);
}
