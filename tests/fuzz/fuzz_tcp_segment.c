// SPDX-License-Identifier: GPL-2.0
/* Any bytes as a segment: refused, or the same when written and read again. */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "libnetchannel/tcp/checksum.h"
#include "libnetchannel/tcp/segment.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void assert_same(const struct tcp_options *a, const struct tcp_options *b)
{
	assert(a->has_mss == b->has_mss && a->mss_bytes == b->mss_bytes);
	assert(a->has_window_scale == b->has_window_scale);
	assert(a->window_scale == b->window_scale);
	assert(a->sack_permitted == b->sack_permitted);
	assert(a->has_timestamps == b->has_timestamps);
	assert(a->ts_value == b->ts_value && a->ts_echo == b->ts_echo);
	assert(a->has_user_timeout == b->has_user_timeout);
	/* nor does the longest cookie always fit */
	assert(!b->has_fast_open || (a->has_fast_open && a->fast_open.size == b->fast_open.size &&
	       !memcmp(a->fast_open.bytes, b->fast_open.bytes, a->fast_open.size)));
	/* blocks that do not fit beside the rest are left out */
	assert(b->sack_count <= a->sack_count);
	assert(!memcmp(a->sack, b->sack, b->sack_count * sizeof(b->sack[0])));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct tcp_flow flow = { .ip_version = size % 2 ? 4 : 6 };
	struct tcp_segment s, again, reset;
	u8 bytes[TCP_HEADER_MAX_BYTES];
	size_t header_bytes;

	if (tcp_segment_parse(&s, data, size))
		return 0;
	assert(s.payload >= data + TCP_HEADER_BYTES);
	assert(s.payload + s.payload_bytes == data + size);
	assert(s.options.window_scale <= TCP_WINDOW_SCALE_MAX);
	assert(s.options.sack_count <= TCP_SACK_MAX);
	header_bytes = tcp_segment_emit(bytes, &s);
	assert(header_bytes == tcp_segment_header_bytes(&s));
	assert(header_bytes <= sizeof(bytes) && header_bytes % 4 == 0);
	assert(!tcp_segment_parse(&again, bytes, header_bytes));
	assert(again.seq == s.seq && again.ack == s.ack && again.flags == s.flags);
	assert(again.window == s.window && again.urgent == s.urgent);
	assert_same(&s.options, &again.options);
	tcp_segment_seal(bytes, header_bytes, &flow);
	assert(!tcp_checksum(&flow, bytes, header_bytes));
	assert(tcp_segment_refuse(&reset, &s) == !(s.flags & TCP_RST));
	return 0;
}
