/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was sent and not yet acknowledged, segment by segment. */
#ifndef TCP_SCOREBOARD_H
#define TCP_SCOREBOARD_H

#include "sequence.h"

enum tcp_sent_flag {
	TCP_SENT_SACKED = 1,
	TCP_SENT_LOST = 2,		/* and not sent again since */
	TCP_SENT_RETRANSMITTED = 4,	/* at least once */
	TCP_SENT_USER_LIMITED = 8,	/* no faster than the user wrote */
};

struct tcp_sent {
	struct tcp_range range;	/* SYN and FIN count one */
	u8 flags;
	u16 segment_bytes;	/* of the wire's segments: several may go as one */
	u32 delivered_bytes;	/* of the connection, then: see rate.h */
	u64 sent_us;		/* the last time */
	u64 delivered_us;	/* when that was */
	u64 first_sent_us;	/* of what was in flight, the oldest */
};

/* The segments lie side by side: the end of each is the start of the next. */
struct tcp_scoreboard {
	struct tcp_sent *sent;	/* a ring of the caller's */
	u32 capacity;
	u32 first;
	u32 count;
	u32 in_flight_bytes;	/* neither sacked nor lost */
	u32 sacked_bytes;
	u32 lost_bytes;
	u32 lost_from;		/* while there are some: none of them begins before it */
};

/* As how many of the wire's segments it went. */
static inline u32 tcp_sent_segments(const struct tcp_sent *sent)
{
	u32 bytes = sent->range.end - sent->range.start;

	return bytes <= sent->segment_bytes ? 1 :
		(bytes + sent->segment_bytes - 1) / sent->segment_bytes;
}

/*
 * For what is new, and for what a peer cuts by SACK. The rest is for what goes again in parts:
 * without a place for the next part, all of it would count as sent.
 */
static inline bool tcp_scoreboard_full(const struct tcp_scoreboard *sb)
{
	return sb->count + max_u32(2, sb->capacity / 16) >= sb->capacity;
}

/* The index-th segment, the oldest first. */
struct tcp_sent *tcp_scoreboard_at(const struct tcp_scoreboard *sb, u32 index);

/* The one behind it, if there is one. */
static inline const struct tcp_sent *tcp_scoreboard_behind(const struct tcp_scoreboard *sb,
							   const struct tcp_sent *sent)
{
	return ++sent == sb->sent + sb->capacity ? sb->sent : sent;
}

/* Adds new segments of that size at most, where the board is not full. */
void tcp_scoreboard_append(struct tcp_scoreboard *sb, struct tcp_range range,
			   u16 segment_bytes, u64 now_us);

/* Another ring, which has room for all of them. */
void tcp_scoreboard_move(struct tcp_scoreboard *sb, struct tcp_sent *sent, u32 capacity);

/* Gives a segment other flags, and counts it anew. */
void tcp_scoreboard_flag(struct tcp_scoreboard *sb, struct tcp_sent *sent, u8 flags);

/*
 * Cuts a segment in two at a number inside it. False where there is no room. All segments may lie
 * elsewhere then.
 */
bool tcp_scoreboard_split(struct tcp_scoreboard *sb, u32 index, u32 at);

/* Gives the first part of a segment, up to a number inside it, to the one before. */
void tcp_scoreboard_give(struct tcp_scoreboard *sb, u32 index, u32 until);

/* Forgets the oldest segment up to a number: all of it, or its first part. */
void tcp_scoreboard_trim(struct tcp_scoreboard *sb, u32 until);

/* The same of so many, which are neither sacked nor lost, and have so many bytes. */
void tcp_scoreboard_drop(struct tcp_scoreboard *sb, u32 count, u32 bytes);

/* The first segment that ends behind a number, found by bisection; count: none does. */
u32 tcp_scoreboard_find(const struct tcp_scoreboard *sb, u32 seq);

/* The first segment that is lost; NULL if none is. */
struct tcp_sent *tcp_scoreboard_lost(struct tcp_scoreboard *sb, u32 *index);

#endif
