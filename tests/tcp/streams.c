// SPDX-License-Identifier: GPL-2.0
#include "tests/tcp/streams.h"

#include <check.h>
#include <errno.h>

static int owner;	/* its address: somebody */

struct stream *stream_on(struct pair *p, int host, u8 version)
{
	struct stream *s;

	ck_assert_int_eq(stream_create(&s, &p->hosts[host].stack, version, &owner), 0);
	return s;
}

int connect_to(struct pair *p, struct stream *s, int host, u16 port)
{
	struct tcp_endpoint remote = pair_endpoint(s->endpoint.flow.ip_version, host, port);

	return stream_connect(s, &remote, p->now_us);
}

struct stream *listener_on(struct pair *p, int host, u8 version, u16 port, u32 backlog)
{
	struct stream *s = stream_on(p, host, version);

	s->endpoint.reuse_address = true;
	ck_assert_int_eq(pair_bind(&s->endpoint, host, port), 0);
	ck_assert_int_eq(stream_listen(s, backlog), 0);
	return s;
}

/* A connection: ends[0] of host 0, ends[1] of host 1. */
void connected(struct pair *p, u8 version, struct stream *ends[2])
{
	struct stream *listener = listener_on(p, 1, version, 80, 4);

	ends[0] = stream_on(p, 0, version);
	ck_assert_int_eq(connect_to(p, ends[0], 1, 80), -EINPROGRESS);
	/* a bottleneck may drop a part of the handshake */
	for (int i = 0; i < 50 && (!i || !ends[1]); i++) {
		pair_run(p, 100 * US_PER_MS);
		ends[1] = stream_accept(listener, &owner);
	}
	ck_assert_ptr_nonnull(ends[1]);
	ck_assert_int_eq(connect_to(p, ends[0], 1, 80), 0);
	stream_close(listener, false, p->now_us);
}

void close_streams(struct pair *p, struct stream *ends[2])
{
	stream_close(ends[0], false, p->now_us);
	stream_close(ends[1], false, p->now_us);
}

struct stream *child_of(struct stream *listener, const struct stream *client)
{
	struct stream *child = stream_accept(listener, &owner);

	ck_assert_ptr_nonnull(child);
	ck_assert_uint_eq(child->endpoint.flow.remote.port, client->endpoint.flow.local.port);
	return child;
}
