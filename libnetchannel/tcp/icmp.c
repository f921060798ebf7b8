// SPDX-License-Identifier: LGPL-2.1-or-later
#include "icmp.h"

#include <errno.h>

#include "pmtu.h"

int tcp_icmp_parse(struct icmp_error *icmp, u8 ip_version, const u8 *bytes, size_t size)
{
	int ret = icmp_error_parse(icmp, ip_version, bytes, size);

	return !ret && icmp->protocol != IP_PROTOCOL_TCP ? -ENOMSG : ret;
}

void tcp_icmp_input(struct tcp_connection *c, const struct icmp_error *icmp, u64 now_us)
{
	bool handshake = c->state == TCP_STATE_SYN_SENT || c->state == TCP_STATE_SYN_RECEIVED;

	/* RFC 5927, 4.1: whoever sends this has seen what is in flight */
	if (c->state == TCP_STATE_CLOSED || seq_lt(icmp->seq, c->snd_una) ||
	    seq_ge(icmp->seq, c->snd_nxt))
		return;
	if (icmp->kind == ICMP_ERROR_TOO_BIG) {
		if (!handshake)
			tcp_pmtu_too_big(c, icmp, now_us);
		return;
	}
	c->soft_error = icmp->error;
	/* RFC 5927, 5.2: once synchronized, there are no hard errors */
	if (handshake && (icmp->kind == ICMP_ERROR_HARD || c->config->soft_errors_end_handshake))
		tcp_connection_finish(c, icmp->error);
}
