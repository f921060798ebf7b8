/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Packets that came cut, until they are whole: RFC 791, 3.2, RFC 8200, 4.5. What overlaps is
 * no packet (RFC 5722, 3), unless it says what is there already. Memory and time are bounded,
 * whatever comes.
 */
#ifndef STACK_FRAGMENTS_H
#define STACK_FRAGMENTS_H

#include "../wire/ip.h"

#define FRAGMENTS_PACKETS_MAX	32	/* of more, the oldest goes; some 66 KB each */
#define FRAGMENTS_LIFE_US	(60 * US_PER_S)	/* RFC 8200, 4.5; RFC 1122, 3.3.2 */

struct fragments_packet;

struct fragments {
	struct fragments_packet *first, **last;	/* the oldest first */
	u32 count;
	u64 lost;		/* fragments of what has become no packet, and never will */
};

void fragments_start(struct fragments *f);
void fragments_free(struct fragments *f);

/**
 * fragments_add() - take a fragment that ip_parse() has read
 * @whole: the packet, if this was what was missing
 *
 * Return: true if it is whole: its payload stays until fragments_done(). False: more is to
 * come, or it is lost.
 */
bool fragments_add(struct fragments *f, const struct ip_packet *fragment,
		   struct ip_packet *whole, u64 now_us);
void fragments_done(struct fragments *f, const struct ip_packet *whole);

/* When fragments_expire() has something to do; UINT64_MAX: never. */
u64 fragments_deadline(const struct fragments *f);

/*
 * One packet whose time is over, for RFC 792's "time exceeded"; false: there is none. *first
 * is its first fragment, until fragments_done(); payload NULL: that has never come, or the
 * packet was none, and nobody is told.
 */
bool fragments_expire(struct fragments *f, struct ip_packet *first, u64 now_us);

#endif
