// SPDX-License-Identifier: LGPL-2.1-or-later
/* ioctl() */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "../tcp/urgent.h"
#include "socket.h"

static int stream_value(struct stream *s, unsigned long request, int *value)
{
	struct tcp_connection *c = &s->connection;
	bool connection = s->role == STREAM_CONNECTION;
	u32 end;

	*value = 0;
	if (s->role == STREAM_LISTENER)
		return request == SIOCATMARK ? 0 : -EINVAL;
	if (!connection)
		return 0;
	end = tcp_connection_tx_end(c);
	switch (request) {
	case FIONREAD:
		*value = c->reader.taken_bytes + c->rx.used_bytes;
		break;
	case SIOCOUTQ:
		*value = c->tx.used_bytes;
		break;
	case SIOCOUTQNSD:
		*value = seq_gt(end, c->snd_nxt) ? min_u32(end - c->snd_nxt, c->tx.used_bytes) : 0;
		break;
	case SIOCATMARK:
		*value = stream_at_mark(s);
		break;
	}
	return 0;
}

static int datagram_value(const struct datagram *d, unsigned long request, int *value)
{
	if (request == SIOCATMARK || request == SIOCOUTQNSD)
		return -EINVAL;
	/* what is sent has left us at once */
	*value = request == FIONREAD && d->first ? d->first->size : 0;
	return 0;
}

static int set_nonblocking(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags) ? -errno : 0;
}

int nc_ioctl(int fd, unsigned long request, int *value)
{
	int error;
	struct socket *s = socket_lock(fd, &error);

	if (!s)
		return error;
	switch (request) {
	case FIONREAD:
	case SIOCOUTQ:
	case SIOCOUTQNSD:
	case SIOCATMARK:
		return socket_unlock(s, socket_is_stream(s) ?
			stream_value(stream_of(s->endpoint), request, value) :
			datagram_value(datagram_of(s->endpoint), request, value));
	case FIONBIO:
		return socket_unlock(s, set_nonblocking(fd, *value));
	default:
		return socket_unlock(s, -ENOTTY);
	}
}
