// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scoreboard.h"

static u32 length(const struct tcp_sent *s)
{
	return s->range.end - s->range.start;
}

/* The sum to which a segment counts. */
static u32 *account(struct tcp_scoreboard *sb, const struct tcp_sent *s)
{
	if (s->flags & TCP_SENT_SACKED)
		return &sb->sacked_bytes;
	if (s->flags & TCP_SENT_LOST)
		return &sb->lost_bytes;
	return &sb->in_flight_bytes;
}

struct tcp_sent *tcp_scoreboard_at(const struct tcp_scoreboard *sb, u32 index)
{
	u32 at = sb->first + index;

	return sb->sent + (at < sb->capacity ? at : at - sb->capacity);
}

void tcp_scoreboard_append(struct tcp_scoreboard *sb, struct tcp_range range,
			   u16 segment_bytes, u64 now_us)
{
	struct tcp_sent *s = tcp_scoreboard_at(sb, sb->count);

	*s = (struct tcp_sent){
		.range = range, .segment_bytes = segment_bytes, .sent_us = now_us,
	};
	sb->count++;
	sb->in_flight_bytes += length(s);
}

void tcp_scoreboard_move(struct tcp_scoreboard *sb, struct tcp_sent *sent, u32 capacity)
{
	for (u32 i = 0; i < sb->count; i++)
		sent[i] = *tcp_scoreboard_at(sb, i);
	sb->sent = sent;
	sb->capacity = capacity;
	sb->first = 0;
}

void tcp_scoreboard_flag(struct tcp_scoreboard *sb, struct tcp_sent *s, u8 flags)
{
	*account(sb, s) -= length(s);
	s->flags = flags;
	*account(sb, s) += length(s);
}

bool tcp_scoreboard_split(struct tcp_scoreboard *sb, u32 index, u32 at)
{
	if (tcp_scoreboard_full(sb))
		return false;
	for (u32 i = sb->count; i > index; i--)
		*tcp_scoreboard_at(sb, i) = *tcp_scoreboard_at(sb, i - 1);
	sb->count++;
	tcp_scoreboard_at(sb, index)->range.end = at;
	tcp_scoreboard_at(sb, index + 1)->range.start = at;
	return true;
}

void tcp_scoreboard_trim(struct tcp_scoreboard *sb, u32 until)
{
	struct tcp_sent *s = tcp_scoreboard_at(sb, 0);

	*account(sb, s) -= length(s);
	if (seq_gt(s->range.end, until)) {
		s->range.start = until;
		*account(sb, s) += length(s);
		return;
	}
	sb->first = sb->first + 1 < sb->capacity ? sb->first + 1 : 0;
	sb->count--;
}

struct tcp_sent *tcp_scoreboard_lost(const struct tcp_scoreboard *sb, u32 *index)
{
	if (!sb->lost_bytes)
		return NULL;
	for (u32 i = 0; i < sb->count; i++) {
		struct tcp_sent *s = tcp_scoreboard_at(sb, i);

		if ((s->flags & (TCP_SENT_LOST | TCP_SENT_SACKED)) == TCP_SENT_LOST) {
			*index = i;
			return s;
		}
	}
	return NULL;
}
