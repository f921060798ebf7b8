// SPDX-License-Identifier: GPL-2.0
/*
 * Any fragments of a few packets, in any order, beside a model that keeps all of them: what is
 * put together is what came, byte by byte, and nothing that overlapped otherwise.
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "libnetchannel/stack/fragments.h"

#define PACKETS		4
#define UNIT_BYTES	8
#define SPAN_BYTES	2048	/* the fragments lie so far from the beginning */

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* What came of a packet: which bytes, and where it ends. */
struct model {
	bool has[SPAN_BYTES + 256];
	u8 bytes[SPAN_BYTES + 256];
	u32 end;		/* 0: not known */
	u32 furthest;
	bool dead;
};

static struct model models[PACKETS];

static bool contradicts(const struct model *m, const struct ip_packet *f)
{
	u32 end = f->fragment_offset + f->payload_bytes, there = 0, same = 0;

	if (f->more_fragments ? m->end && end > m->end :
	    (m->end && end != m->end) || end < m->furthest)
		return true;
	for (u32 i = f->fragment_offset; i < end; i++) {
		there += m->has[i];
		same += m->has[i] && m->bytes[i] == f->payload[i - f->fragment_offset];
	}
	return there && same != f->payload_bytes;
}

/* Is it whole with this one? */
static bool take(struct model *m, const struct ip_packet *f)
{
	u32 end = f->fragment_offset + f->payload_bytes;

	m->dead |= contradicts(m, f);
	if (m->dead)
		return false;
	if (!f->more_fragments)
		m->end = end;
	for (u32 i = f->fragment_offset; i < end; i++) {
		m->has[i] = true;
		m->bytes[i] = f->payload[i - f->fragment_offset];
	}
	m->furthest = end > m->furthest ? end : m->furthest;
	for (u32 i = 0; i < m->end; i++) {
		if (!m->has[i])
			return false;
	}
	return m->end;
}

/* As RFC 791 and RFC 8200 want them; others begin nothing, and are the unit test's. */
static bool can_be(const struct ip_packet *f)
{
	return f->payload_bytes && !(f->more_fragments && f->payload_bytes % UNIT_BYTES) &&
		(f->fragment_offset || f->payload_bytes >= UNIT_BYTES);
}

static void add(struct fragments *all, u8 what, u8 where, const u8 *data, u8 size, u64 now_us)
{
	struct ip_packet whole, f = {
		.version = what & 1 ? 6 : 4, .protocol = IP_PROTOCOL_UDP, .id = what % PACKETS,
		.fragment = true, .more_fragments = what & 8, .fragment_offset = where * UNIT_BYTES,
		.payload = data, .payload_bytes = size,
	};
	struct model *m = &models[f.id];
	bool is_whole;

	if (!can_be(&f)) {
		assert(!fragments_add(all, &f, &whole, now_us));
		return;
	}
	is_whole = take(m, &f);
	assert(fragments_add(all, &f, &whole, now_us) == is_whole);
	if (!is_whole)
		return;
	assert(whole.payload_bytes == m->end && !whole.fragment && whole.id == f.id);
	assert(!memcmp(whole.payload, m->bytes, m->end));
	fragments_done(all, &whole);
	memset(m, 0, sizeof(*m));
}

static void expire(struct fragments *all, u64 now_us)
{
	struct ip_packet first;

	while (fragments_expire(all, &first, now_us)) {
		struct model *m = &models[first.id];

		if (first.payload) {
			assert(!m->dead && m->has[0]);
			assert(!memcmp(first.payload, m->bytes, first.payload_bytes));
			fragments_done(all, &first);
		}
		memset(m, 0, sizeof(*m));
	}
	assert(fragments_deadline(all) > now_us);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fragments all;
	u64 now_us = US_PER_S;
	u8 length;

	memset(models, 0, sizeof(models));
	fragments_start(&all);
	while (size >= 3) {
		length = data[2] < size - 3 ? data[2] : size - 3;
		now_us += (data[0] >> 4) * 2 * US_PER_S;
		expire(&all, now_us);
		add(&all, data[0], data[1], data + 3, length, now_us);
		assert(all.count <= PACKETS);
		data += 3 + length;
		size -= 3 + length;
	}
	fragments_free(&all);
	assert(!all.count);
	return 0;
}
