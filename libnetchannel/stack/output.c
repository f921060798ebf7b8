// SPDX-License-Identifier: LGPL-2.1-or-later
#include "output.h"

#include <errno.h>

#include "../tcp/output.h"
#include "../tcp/rx_space.h"
#include "plain.h"
#include "stream.h"

#define PACKET_ROOM_BYTES	(65535 - IPV6_HEADER_BYTES)	/* of a super-frame */

/* The next one, where the link wants it; 0: there is none. */
static size_t next_packet(struct stream *s, struct tcp_packet *packet, u8 *bytes, u64 now_us)
{
	struct stack *stack = s->endpoint.stack;

	*packet = (struct tcp_packet){
		.bytes = bytes,
		.room = stack->config.segments_max ? PACKET_ROOM_BYTES :
			stack->config.interface.mtu_bytes,
		.partial_checksum = stack->config.checksums_completed,
		.segments_max = stack->config.segments_max,
		.gathers = s->memory.tx_is_lent,
	};
	return tcp_output(&s->connection, packet, now_us);
}

void output_wait(struct stream *s, u64 now_us)
{
	blocked_put(s);
	if (s->role == STREAM_CONNECTION)
		tcp_output_blocked(&s->connection, now_us);
}

static void send_packets(struct stream *s, u64 now_us)
{
	struct tcp_connection *c = &s->connection;
	struct tcp_packet packet;
	struct stack_sending how;
	size_t size;
	u8 *bytes;

	while (tcp_output_is_due(c)) {
		bytes = stack_payload_or_wait(s->endpoint.stack, &c->flow);
		if (!bytes) {
			output_wait(s, now_us);
			return;
		}
		size = next_packet(s, &packet, bytes, now_us);
		if (!size)
			return;
		how = (struct stack_sending){
			.dont_fragment = packet.dont_fragment,
			.tos = s->endpoint.tos | packet.ecn, .ttl = s->endpoint.ttl,
			.segment_bytes = packet.gso_bytes,
			.text = packet.text, .text_bytes = packet.text_bytes,
		};
		stack_send(s->endpoint.stack, &s->endpoint, &c->flow, &how, size);
	}
	tcp_output_end(c, now_us);
}

/* The receive buffer becomes as large as the engine wants it, or stays. */
static void grow_rx(struct stream *s)
{
	u32 has = s->connection.rx.size_bytes, wanted = tcp_rx_space_wanted(&s->connection);

	if (wanted > has)
		wanted = min_u32(max_u32(wanted, 2 * has), s->config.rx_max_bytes);
	/* what SO_RCVBUF has said of a connection that was there */
	wanted = max_u32(wanted, s->rx_bytes);
	if (wanted > has)
		memory_grow_rx(s, wanted);
}

static void end(struct stream *s)
{
	struct stack *stack = s->endpoint.stack;
	struct tcp_connection *c = &s->connection;

	if (s->ended)
		return;
	s->ended = true;
	s->endpoint.error = c->error;
	/* as Linux has it for a reset in CLOSE-WAIT */
	if (c->error == -ECONNRESET && tcp_connection_peer_has_ended(c) && !c->fin_queued)
		s->endpoint.error = -EPIPE;
	table_remove_flow(&stack->table, &stack->config.secret, &s->endpoint);
}

void output_show_move(struct stream *s, u64 now_us)
{
	const struct stack_config *config = &s->endpoint.stack->config;

	if (config->ops->moved)
		config->ops->moved(config->context, &s->endpoint, now_us);
}

/* Not inline: who goes the short way has no more to save and restore than it needs. */
static __attribute__((noinline)) void flush_any(struct stream *s, u64 now_us)
{
	struct tcp_connection *c = &s->connection;

	grow_rx(s);
	if (s->unproven && c->state != TCP_STATE_SYN_RECEIVED)
		stream_leave_unproven(s);
	send_packets(s, now_us);
	timers_set(&s->endpoint.stack->timers, &s->endpoint, tcp_connection_deadline(c));
	output_show_move(s, now_us);
	if (c->state == TCP_STATE_CLOSED)
		end(s);
	if (s->endpoint.owner || s->listener)
		stack_changed(&s->endpoint);
	else if (s->ended && !c->reset_due)
		stream_destroy(s);
	else
		orphans_put(s);
}

static bool wants_more_rx(const struct stream *s)
{
	return max_u32(tcp_rx_space_wanted(&s->connection), s->rx_bytes) >
		s->connection.rx.size_bytes;
}

/* Open, somebody's, as large as it is to be, and it has nothing to say, or a plain segment. */
static bool flush_plain(struct stream *s, u64 now_us)
{
	struct tcp_connection *c = &s->connection;

	if (!c->config->predicts || c->state != TCP_STATE_ESTABLISHED || !s->endpoint.owner ||
	    s->unproven || wants_more_rx(s) || (tcp_output_is_due(c) && !plain_send(s, now_us)))
		return false;
	tcp_output_end(c, now_us);
	timers_set(&s->endpoint.stack->timers, &s->endpoint, tcp_connection_deadline(c));
	output_show_move(s, now_us);
	stack_changed(&s->endpoint);
	return true;
}

void output_flush(struct stream *s, u64 now_us)
{
	if (!flush_plain(s, now_us))
		flush_any(s, now_us);
}
