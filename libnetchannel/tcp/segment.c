// SPDX-License-Identifier: LGPL-2.1-or-later
#include "segment.h"

#include <errno.h>
#include <string.h>

#include "../wire/bytes.h"
#include "../wire/checksum.h"
#include "checksum.h"

/* Offsets in the header (RFC 9293, 3.1). */
enum {
	AT_SOURCE_PORT = 0,
	AT_DESTINATION_PORT = 2,
	AT_SEQ = 4,
	AT_ACK = 8,
	AT_DATA_OFFSET = 12,
	AT_FLAGS = 13,
	AT_WINDOW = 14,
	AT_CHECKSUM = 16,
	AT_URGENT = 18,
};

/* Kinds of options: RFC 9293 (0 to 2), 7323 (3, 8), 2018 (4, 5), 5482 (28), 7413 (34). */
enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WINDOW_SCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_SACK = 5,
	OPTION_TIMESTAMPS = 8,
	OPTION_USER_TIMEOUT = 28,
	OPTION_FAST_OPEN = 34,
};

#define SACK_BLOCK_BYTES	8
#define TIMESTAMPS_ALIGNED	0x0101080a	/* the option begins so: RFC 7323, appendix A */
#define USER_TIMEOUT_MINUTES	0x8000	/* the granularity bit of RFC 5482 */

/* What is written behind it begins where they say. */
static u8 *append_be16(u8 *p, u16 value)
{
	put_be16(p, value);
	return p + sizeof(value);
}

static u8 *append_be32(u8 *p, u32 value)
{
	put_be32(p, value);
	return p + sizeof(value);
}

static void parse_sack(struct tcp_options *o, const u8 *value, size_t size)
{
	if (!size || size % SACK_BLOCK_BYTES || size > TCP_SACK_MAX * SACK_BLOCK_BYTES)
		return;
	o->sack_count = size / SACK_BLOCK_BYTES;
	for (u8 i = 0; i < o->sack_count; i++, value += SACK_BLOCK_BYTES)
		o->sack[i] = (struct tcp_range){ get_be32(value), get_be32(value + 4) };
}

static void parse_timestamps(struct tcp_options *o, const u8 *value)
{
	o->has_timestamps = true;
	o->ts_value = get_be32(value);
	o->ts_echo = get_be32(value + 4);
}

static void parse_user_timeout(struct tcp_options *o, const u8 *value)
{
	u16 field = get_be16(value);

	o->has_user_timeout = true;
	o->user_timeout_s = field & ~USER_TIMEOUT_MINUTES;
	if (field & USER_TIMEOUT_MINUTES)
		o->user_timeout_s *= 60;
}

static void parse_fast_open(struct tcp_options *o, const u8 *value, size_t size)
{
	if (size == 2 || size > TCP_FAST_OPEN_MAX_BYTES || size % 2)
		return;
	o->has_fast_open = true;
	o->fast_open.size = size;
	memcpy(o->fast_open.bytes, value, size);
}

/* One option: its kind and the size bytes of its value. */
static void parse_option(struct tcp_options *o, u8 kind, const u8 *value, size_t size)
{
	if (kind == OPTION_MSS && size == 2) {
		o->has_mss = true;
		o->mss_bytes = get_be16(value);
	} else if (kind == OPTION_WINDOW_SCALE && size == 1) {
		o->has_window_scale = true;
		o->window_scale = min_u32(value[0], TCP_WINDOW_SCALE_MAX);
	} else if (kind == OPTION_SACK_PERMITTED && size == 0) {
		o->sack_permitted = true;
	} else if (kind == OPTION_SACK) {
		parse_sack(o, value, size);
	} else if (kind == OPTION_TIMESTAMPS && size == 8) {
		parse_timestamps(o, value);
	} else if (kind == OPTION_USER_TIMEOUT && size == 2) {
		parse_user_timeout(o, value);
	} else if (kind == OPTION_FAST_OPEN) {
		parse_fast_open(o, value, size);
	}
}

/* Most segments have this option and no other. */
static bool is_timestamps_alone(const u8 *p, size_t size)
{
	return size == TCP_TIMESTAMPS_BYTES && get_be32(p) == TIMESTAMPS_ALIGNED;
}

static int parse_options(struct tcp_options *o, const u8 *p, size_t size)
{
	if (is_timestamps_alone(p, size)) {
		parse_timestamps(o, p + 4);
		return 0;
	}
	while (size && p[0] != OPTION_END) {
		size_t length = 1;

		if (p[0] != OPTION_NOP) {
			if (size < 2 || p[1] < 2 || p[1] > size)
				return -EBADMSG;
			length = p[1];
			parse_option(o, p[0], p + 2, length - 2);
		}
		p += length;
		size -= length;
	}
	return 0;
}

int tcp_segment_parse(struct tcp_segment *s, const u8 *bytes, size_t size)
{
	size_t header_bytes;

	if (size < TCP_HEADER_BYTES || size > UINT16_MAX * 16u)
		return -EBADMSG;
	header_bytes = (bytes[AT_DATA_OFFSET] >> 4) * 4u;
	if (header_bytes < TCP_HEADER_BYTES || header_bytes > size)
		return -EBADMSG;
	*s = (struct tcp_segment){
		.source_port = get_be16(bytes + AT_SOURCE_PORT),
		.destination_port = get_be16(bytes + AT_DESTINATION_PORT),
		.seq = get_be32(bytes + AT_SEQ),
		.ack = get_be32(bytes + AT_ACK),
		.flags = bytes[AT_FLAGS],
		.window = get_be16(bytes + AT_WINDOW),
		.urgent = get_be16(bytes + AT_URGENT),
		.payload = bytes + header_bytes,
		.payload_bytes = size - header_bytes,
	};
	return parse_options(&s->options, bytes + TCP_HEADER_BYTES,
			     header_bytes - TCP_HEADER_BYTES);
}

static size_t fast_open_bytes(const struct tcp_options *o)
{
	return (2u + o->fast_open.size + 3u) / 4 * 4;
}

/* The longest cookie does not fit beside all of the others. */
static bool fast_open_fits(const struct tcp_options *o, size_t size_of_others)
{
	return o->has_fast_open && size_of_others + fast_open_bytes(o) <= TCP_OPTIONS_MAX_BYTES;
}

static size_t options_bytes_without_sack(const struct tcp_options *o)
{
	size_t size = 0;

	if (o->has_mss)
		size += 4;
	if (o->has_timestamps)
		size += TCP_TIMESTAMPS_BYTES;
	else if (o->sack_permitted)
		size += 4;
	if (o->has_window_scale)
		size += 4;
	if (o->has_user_timeout)
		size += 4;
	if (fast_open_fits(o, size))
		size += fast_open_bytes(o);
	return size;
}

static u8 sack_blocks_that_fit(const struct tcp_options *o)
{
	size_t room = TCP_OPTIONS_MAX_BYTES - options_bytes_without_sack(o);

	if (room < 4 + SACK_BLOCK_BYTES)
		return 0;
	return min_u32(o->sack_count, (room - 4) / SACK_BLOCK_BYTES);
}

size_t tcp_segment_header_bytes(const struct tcp_segment *s)
{
	u8 blocks = sack_blocks_that_fit(&s->options);

	return TCP_HEADER_BYTES + options_bytes_without_sack(&s->options) +
		(blocks ? 4 + blocks * SACK_BLOCK_BYTES : 0);
}

/* A kind and its length, preceded by what aligns the value. */
static u8 *put_option(u8 *p, int nops, u8 kind, u8 length)
{
	while (nops--)
		*p++ = OPTION_NOP;
	*p++ = kind;
	*p++ = length;
	return p;
}

static u8 *put_user_timeout(u8 *p, u32 timeout_s)
{
	u32 field = timeout_s;

	if (timeout_s >= USER_TIMEOUT_MINUTES)
		field = min_u32(timeout_s / 60, 0x7fff) | USER_TIMEOUT_MINUTES;
	return append_be16(put_option(p, 0, OPTION_USER_TIMEOUT, 4), field);
}

static u8 *put_fast_open(u8 *p, const struct tcp_fast_open_cookie *cookie)
{
	p = put_option(p, 0, OPTION_FAST_OPEN, 2 + cookie->size);
	memcpy(p, cookie->bytes, cookie->size);
	p += cookie->size;
	/* behind it, as Linux has them */
	for (size_t size = 2u + cookie->size; size % 4; size++)
		*p++ = OPTION_NOP;
	return p;
}

static void put_options(u8 *p, const struct tcp_options *o)
{
	u8 blocks = sack_blocks_that_fit(o), *start = p;

	if (o->has_mss)
		p = append_be16(put_option(p, 0, OPTION_MSS, 4), o->mss_bytes);
	if (o->sack_permitted)
		p = put_option(p, o->has_timestamps ? 0 : 2, OPTION_SACK_PERMITTED, 2);
	if (o->has_timestamps) {
		p = put_option(p, o->sack_permitted ? 0 : 2, OPTION_TIMESTAMPS, 10);
		p = append_be32(append_be32(p, o->ts_value), o->ts_echo);
	}
	if (o->has_window_scale) {
		p = put_option(p, 1, OPTION_WINDOW_SCALE, 3);
		*p++ = o->window_scale;
	}
	if (o->has_user_timeout)
		p = put_user_timeout(p, o->user_timeout_s);
	if (fast_open_fits(o, p - start))
		p = put_fast_open(p, &o->fast_open);
	if (blocks)
		p = put_option(p, 2, OPTION_SACK, 2 + blocks * SACK_BLOCK_BYTES);
	for (u8 i = 0; i < blocks; i++)
		p = append_be32(append_be32(p, o->sack[i].start), o->sack[i].end);
}

/* All but the options. */
static void put_header(u8 *bytes, const struct tcp_segment *s, size_t header_bytes)
{
	put_be16(bytes + AT_SOURCE_PORT, s->source_port);
	put_be16(bytes + AT_DESTINATION_PORT, s->destination_port);
	put_be32(bytes + AT_SEQ, s->seq);
	put_be32(bytes + AT_ACK, s->ack);
	bytes[AT_DATA_OFFSET] = header_bytes / 4 << 4;
	bytes[AT_FLAGS] = s->flags;
	put_be16(bytes + AT_WINDOW, s->window);
	put_be16(bytes + AT_CHECKSUM, 0);
	put_be16(bytes + AT_URGENT, s->urgent);
}

size_t tcp_segment_emit_plain(u8 *bytes, const struct tcp_segment *s)
{
	u8 *p = bytes + TCP_HEADER_BYTES;

	if (!s->options.has_timestamps) {
		put_header(bytes, s, TCP_HEADER_BYTES);
		return TCP_HEADER_BYTES;
	}
	put_header(bytes, s, TCP_HEADER_BYTES + TCP_TIMESTAMPS_BYTES);
	p = append_be32(p, TIMESTAMPS_ALIGNED);
	append_be32(append_be32(p, s->options.ts_value), s->options.ts_echo);
	return TCP_HEADER_BYTES + TCP_TIMESTAMPS_BYTES;
}

size_t tcp_segment_emit(u8 *bytes, const struct tcp_segment *s)
{
	size_t header_bytes = tcp_segment_header_bytes(s);

	put_header(bytes, s, header_bytes);
	put_options(bytes + TCP_HEADER_BYTES, &s->options);
	return header_bytes;
}

void tcp_segment_seal(u8 *bytes, size_t size, const struct tcp_flow *flow)
{
	put_be16(bytes + AT_CHECKSUM, 0);
	put_be16(bytes + AT_CHECKSUM, tcp_checksum(flow, bytes, size));
}

void tcp_segment_seal_partial(u8 *bytes, size_t size, const struct tcp_flow *flow)
{
	put_be16(bytes + AT_CHECKSUM, tcp_checksum_pseudo(flow, size));
}

void tcp_segment_seal_by_sum(u8 *bytes, size_t size, u16 pseudo_sum)
{
	put_be16(bytes + AT_CHECKSUM, checksum_fold(pseudo_sum + size));
}

bool tcp_segment_refuse(struct tcp_segment *reset, const struct tcp_segment *s)
{
	if (s->flags & TCP_RST)
		return false;
	*reset = (struct tcp_segment){
		.source_port = s->destination_port,
		.destination_port = s->source_port,
		.flags = TCP_RST,
	};
	if (s->flags & TCP_ACK) {
		reset->seq = s->ack;
	} else {
		reset->flags |= TCP_ACK;
		reset->ack = s->seq + tcp_segment_length(s);
	}
	return true;
}
