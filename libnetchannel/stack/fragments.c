// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fragments.h"

#include <stdlib.h>
#include <string.h>

#define UNIT_BYTES	8		/* or a multiple, in all but the last fragment */
#define PAYLOAD_MAX	65535
#define UNITS		((PAYLOAD_MAX + UNIT_BYTES - 1) / UNIT_BYTES)
#define HEADER_LEAST_BYTES	8	/* of what is in the packet: RFC 792 wants to quote it */
#define TCP_LEAST_BYTES		20

/* What ECN's two bits were in its fragments: RFC 3168, 5.3. */
enum {
	NOT_ECT = 0,
	CE = 3,
};

struct fragments_packet {
	struct fragments_packet *next;
	u64 since_us;
	struct ip_packet header;	/* of the first fragment, else of any */
	bool dead;			/* it contradicts itself: what is to come is lost, too */
	u8 codepoints;			/* a bit for each that there was */
	u16 first_bytes;		/* of the first fragment; 0: it has not come */
	u32 total_bytes;		/* 0: the last has not come */
	u32 end_bytes;			/* of what came, the furthest */
	u32 received_bytes;
	u32 count;			/* of its fragments, those that came twice among them */
	u8 received[(UNITS + 7) / 8];	/* a bit for each unit */
	u8 bytes[PAYLOAD_MAX];
};

void fragments_start(struct fragments *f)
{
	*f = (struct fragments){ .last = &f->first };
}

static void remove_packet(struct fragments *f, struct fragments_packet *p)
{
	struct fragments_packet **link = &f->first;

	while (*link != p)
		link = &(*link)->next;
	*link = p->next;
	if (f->last == &p->next)
		f->last = link;
	f->count--;
	free(p);
}

static void lose_packet(struct fragments *f, struct fragments_packet *p)
{
	f->lost += p->count;
	remove_packet(f, p);
}

void fragments_free(struct fragments *f)
{
	while (f->first)
		remove_packet(f, f->first);
}

/* RFC 791: of one sender, to one receiver, by one protocol. RFC 8200 does without the last. */
static bool is_of(const struct fragments_packet *p, const struct ip_packet *fragment)
{
	const struct ip_packet *h = &p->header;

	return h->version == fragment->version && h->id == fragment->id &&
		(h->version == 6 || h->protocol == fragment->protocol) &&
		!memcmp(h->source, fragment->source, 16) &&
		!memcmp(h->destination, fragment->destination, 16);
}

static struct fragments_packet *find(const struct fragments *f, const struct ip_packet *fragment)
{
	struct fragments_packet *p = f->first;

	while (p && !is_of(p, fragment))
		p = p->next;
	return p;
}

static struct fragments_packet *begin(struct fragments *f, const struct ip_packet *fragment,
				      u64 now_us)
{
	struct fragments_packet *p;

	if (f->count == FRAGMENTS_PACKETS_MAX)
		lose_packet(f, f->first);
	p = malloc(sizeof(*p));
	if (!p)
		return NULL;
	/* its bytes are left as they are: none is read that was not written */
	memset(p, 0, offsetof(struct fragments_packet, bytes));
	p->since_us = now_us;
	p->header = *fragment;
	*f->last = p;
	f->last = &p->next;
	f->count++;
	return p;
}

static bool has_unit(const struct fragments_packet *p, u32 unit)
{
	return p->received[unit / 8] & 1 << unit % 8;
}

/* How many of the fragment's units are there. */
static u32 units_there(const struct fragments_packet *p, u32 first, u32 count)
{
	u32 there = 0;

	for (u32 i = first; i < first + count; i++)
		there += has_unit(p, i);
	return there;
}

/* Where a fragment says that the packet ends, or that it does not, the others have to agree. */
static bool end_agrees(struct fragments_packet *p, const struct ip_packet *fragment)
{
	u32 end = fragment->fragment_offset + fragment->payload_bytes;

	if (p->total_bytes)
		return fragment->more_fragments ? end <= p->total_bytes : end == p->total_bytes;
	if (!fragment->more_fragments && end < p->end_bytes)
		return false;
	if (!fragment->more_fragments)
		p->total_bytes = end;
	return true;
}

/* False: it overlaps, and is not what is there. */
static bool put(struct fragments_packet *p, const struct ip_packet *fragment)
{
	u32 offset = fragment->fragment_offset, first = offset / UNIT_BYTES;
	u32 count = (fragment->payload_bytes + UNIT_BYTES - 1) / UNIT_BYTES;
	u32 there = units_there(p, first, count);

	if (there)
		return there == count &&
			!memcmp(p->bytes + offset, fragment->payload, fragment->payload_bytes);
	for (u32 i = first; i < first + count; i++)
		p->received[i / 8] |= 1 << i % 8;
	memcpy(p->bytes + offset, fragment->payload, fragment->payload_bytes);
	p->received_bytes += fragment->payload_bytes;
	p->end_bytes = max_u32(p->end_bytes, offset + fragment->payload_bytes);
	p->codepoints |= 1 << (fragment->tos & 3);
	return true;
}

/*
 * The first has the next header, else nobody knows whose it is; of IPv6 all of it, and all
 * extension headers (RFC 8200, 4.5; RFC 7112).
 */
static bool has_headers(const struct ip_packet *first)
{
	struct ip_packet p = *first;

	p.fragment = false;	/* what comes first in it is to be read */
	if (ip_parse_payload(&p) || p.fragment)
		return false;
	return p.payload_bytes >= (p.version == 6 && p.protocol == IP_PROTOCOL_TCP ?
				   TCP_LEAST_BYTES : HEADER_LEAST_BYTES);
}

/*
 * RFC 791: eight bytes and a multiple, but for the last. RFC 8200: the whole is no longer than
 * a packet can be.
 */
static bool can_be(const struct ip_packet *fragment)
{
	u32 most = fragment->version == 4 ? PAYLOAD_MAX - IPV4_HEADER_BYTES : PAYLOAD_MAX;

	if (!fragment->payload_bytes ||
	    (fragment->more_fragments && fragment->payload_bytes % UNIT_BYTES) ||
	    fragment->fragment_offset + fragment->payload_bytes > most)
		return false;
	return fragment->fragment_offset || has_headers(fragment);
}

/* RFC 3168, 5.3: a mark is the whole packet's; of one that knows no ECN, it was no router's. */
static bool join_codepoints(struct fragments_packet *p)
{
	if (!(p->codepoints & 1 << CE))
		return true;
	p->header.tos |= CE;
	return !(p->codepoints & 1 << NOT_ECT);
}

static void keep_header(struct fragments_packet *p, const struct ip_packet *fragment)
{
	if (fragment->fragment_offset || p->first_bytes)
		return;
	p->header = *fragment;
	p->first_bytes = fragment->payload_bytes;
}

static bool is_complete(const struct fragments_packet *p)
{
	return !p->dead && p->total_bytes && p->received_bytes == p->total_bytes;
}

bool fragments_add(struct fragments *f, const struct ip_packet *fragment,
		   struct ip_packet *whole, u64 now_us)
{
	struct fragments_packet *p = can_be(fragment) ? find(f, fragment) : NULL;

	if (!p && (!can_be(fragment) || !(p = begin(f, fragment, now_us)))) {
		f->lost++;
		return false;
	}
	p->count++;
	if (p->dead)
		return false;
	if (!end_agrees(p, fragment) || !put(p, fragment)) {
		p->dead = true;
		return false;
	}
	keep_header(p, fragment);
	if (!is_complete(p))
		return false;
	if (!join_codepoints(p)) {
		lose_packet(f, p);
		return false;
	}
	*whole = p->header;
	whole->fragment = whole->more_fragments = false;
	whole->payload = p->bytes;
	whole->payload_bytes = p->total_bytes;
	return true;
}

void fragments_done(struct fragments *f, const struct ip_packet *whole)
{
	struct fragments_packet *p = f->first;

	while (p->bytes != whole->payload)
		p = p->next;
	remove_packet(f, p);
}

u64 fragments_deadline(const struct fragments *f)
{
	return f->first ? f->first->since_us + FRAGMENTS_LIFE_US : UINT64_MAX;
}

bool fragments_expire(struct fragments *f, struct ip_packet *first, u64 now_us)
{
	struct fragments_packet *p = f->first;

	if (fragments_deadline(f) > now_us)
		return false;
	*first = p->header;
	first->payload = NULL;
	first->payload_bytes = 0;
	if (p->dead || !p->first_bytes) {
		lose_packet(f, p);
		return true;
	}
	f->lost += p->count;
	first->payload = p->bytes;
	first->payload_bytes = p->first_bytes;
	return true;
}
