// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reassembly.h"

#include <string.h>

static void remove_ranges(struct tcp_reassembly *r, u8 first, u8 n)
{
	u8 after = r->count - first - n;

	memmove(r->ranges + first, r->ranges + first + n, after * sizeof(r->ranges[0]));
	memmove(r->touched + first, r->touched + first + n, after * sizeof(r->touched[0]));
	r->count -= n;
}

static bool open_gap(struct tcp_reassembly *r, u8 at)
{
	u8 after = r->count - at;

	if (r->count == TCP_REASSEMBLY_RANGES)
		return false;
	memmove(r->ranges + at + 1, r->ranges + at, after * sizeof(r->ranges[0]));
	memmove(r->touched + at + 1, r->touched + at, after * sizeof(r->touched[0]));
	r->count++;
	return true;
}

bool tcp_reassembly_insert(struct tcp_reassembly *r, struct tcp_range range)
{
	u8 first = 0, last;

	if (!r)
		return false;
	while (first < r->count && seq_lt(r->ranges[first].end, range.start))
		first++;
	last = first;
	while (last < r->count && seq_le(r->ranges[last].start, range.end))
		last++;
	if (first == last) {
		if (!open_gap(r, first))
			return false;
	} else {
		range.start = seq_min(range.start, r->ranges[first].start);
		range.end = seq_max(range.end, r->ranges[last - 1].end);
		remove_ranges(r, first + 1, last - first - 1);
	}
	r->ranges[first] = range;
	r->touched[first] = ++r->clock;
	return true;
}

bool tcp_reassembly_overlap(const struct tcp_reassembly *r, struct tcp_range range,
			    struct tcp_range *overlap)
{
	for (u8 i = 0; i < tcp_reassembly_count(r); i++) {
		overlap->start = seq_max(range.start, r->ranges[i].start);
		overlap->end = seq_min(range.end, r->ranges[i].end);
		if (seq_lt(overlap->start, overlap->end))
			return true;
	}
	return false;
}

u32 tcp_reassembly_advance(struct tcp_reassembly *r, u32 next)
{
	u8 reached = 0;

	while (reached < tcp_reassembly_count(r) && seq_le(r->ranges[reached].start, next)) {
		next = seq_max(next, r->ranges[reached].end);
		reached++;
	}
	if (reached)
		remove_ranges(r, 0, reached);
	return next;
}

/* The latest range that was touched before the given moment; count if none. */
static u8 latest_before(const struct tcp_reassembly *r, u32 moment)
{
	u8 latest = r->count;

	for (u8 i = 0; i < r->count; i++) {
		if (!seq_lt(r->touched[i], moment))
			continue;
		if (latest == r->count || seq_gt(r->touched[i], r->touched[latest]))
			latest = i;
	}
	return latest;
}

u8 tcp_reassembly_blocks(const struct tcp_reassembly *r, struct tcp_range *blocks, u8 max)
{
	u32 moment;
	u8 n;

	if (!tcp_reassembly_count(r))
		return 0;
	moment = r->clock + 1;
	for (n = 0; n < max; n++) {
		u8 i = latest_before(r, moment);

		if (i == r->count)
			break;
		blocks[n] = r->ranges[i];
		moment = r->touched[i];
	}
	return n;
}
