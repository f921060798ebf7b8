// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tx_space.h"

#include <errno.h>

u32 tcp_tx_space_wanted(const struct tcp_connection *c)
{
	u64 wanted = min_u64(2ull * c->congestion.cwnd_bytes, c->config->tx_max_bytes);

	/* a window holds back what there is: more of it would only wait */
	if (tcp_connection_unsent(c))
		return c->tx.size_bytes;
	return max_u64(c->tx.size_bytes, wanted);
}

int tcp_tx_space_resize(struct tcp_connection *c, u8 *bytes, u32 size, struct tcp_sent *sent,
			u32 sent_count)
{
	struct tcp_scoreboard *sb = &c->scoreboard;

	if (size < c->tx.size_bytes || size > TCP_RX_MAX_BYTES || sent_count < sb->capacity)
		return -EINVAL;
	tcp_buffer_peek(&c->tx, 0, bytes, c->tx.used_bytes);
	c->tx.bytes = bytes;
	c->tx.size_bytes = size;
	c->tx.first = 0;
	tcp_scoreboard_move(sb, sent, sent_count);
	return 0;
}

void tcp_tx_space_rest(struct tcp_connection *c, u32 size)
{
	c->tx.size_bytes = min_u32(c->tx.size_bytes, size);
	c->tx.first = 0;
}
