// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scoreboard.h"

static u32 length(const struct tcp_sent *s)
{
	return s->range.end - s->range.start;
}

static bool is_lost(u8 flags)
{
	return (flags & (TCP_SENT_LOST | TCP_SENT_SACKED)) == TCP_SENT_LOST;
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
	if (is_lost(flags) && (!sb->lost_bytes || seq_lt(s->range.start, sb->lost_from)))
		sb->lost_from = s->range.start;
	s->flags = flags;
	*account(sb, s) += length(s);
}

/* Makes a place at index, of a copy of what is there: fewer than half of them move. */
static void make_place(struct tcp_scoreboard *sb, u32 index)
{
	sb->count++;
	if (index >= sb->count / 2) {
		for (u32 i = sb->count - 1; i > index; i--)
			*tcp_scoreboard_at(sb, i) = *tcp_scoreboard_at(sb, i - 1);
		return;
	}
	sb->first = sb->first ? sb->first - 1 : sb->capacity - 1;
	for (u32 i = 0; i <= index; i++)
		*tcp_scoreboard_at(sb, i) = *tcp_scoreboard_at(sb, i + 1);
}

bool tcp_scoreboard_split(struct tcp_scoreboard *sb, u32 index, u32 at)
{
	if (sb->count == sb->capacity)
		return false;
	make_place(sb, index);
	tcp_scoreboard_at(sb, index)->range.end = at;
	tcp_scoreboard_at(sb, index + 1)->range.start = at;
	return true;
}

void tcp_scoreboard_give(struct tcp_scoreboard *sb, u32 index, u32 until)
{
	struct tcp_sent *from = tcp_scoreboard_at(sb, index);
	struct tcp_sent *to = tcp_scoreboard_at(sb, index - 1);
	u32 bytes = until - from->range.start;

	*account(sb, from) -= bytes;
	*account(sb, to) += bytes;
	from->range.start = to->range.end = until;
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

void tcp_scoreboard_drop(struct tcp_scoreboard *sb, u32 count, u32 bytes)
{
	sb->in_flight_bytes -= bytes;
	sb->count -= count;
	sb->first += count;
	if (sb->first >= sb->capacity)
		sb->first -= sb->capacity;
}

u32 tcp_scoreboard_find(const struct tcp_scoreboard *sb, u32 seq)
{
	u32 low = 0, high = sb->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (seq_gt(tcp_scoreboard_at(sb, middle)->range.end, seq))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct tcp_sent *tcp_scoreboard_lost(struct tcp_scoreboard *sb, u32 *index)
{
	if (!sb->lost_bytes)
		return NULL;
	for (u32 i = tcp_scoreboard_find(sb, sb->lost_from); i < sb->count; i++) {
		struct tcp_sent *s = tcp_scoreboard_at(sb, i);

		if (is_lost(s->flags)) {
			sb->lost_from = s->range.start;
			*index = i;
			return s;
		}
	}
	return NULL;
}
