/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The networks that a radio hears, and which country they vote for. Nobody can
 * tell an honest access point from another, so one alone decides nothing, and
 * nothing is decided at once. Pure; see pure.h. Times come in as arguments, in
 * milliseconds of a clock that never goes back.
 */
#ifndef REGDOM_VOTE_H
#define REGDOM_VOTE_H

#include "pure.h"

/* While so many are known, no more are listened to. */
#define REGDOM_NETWORKS_MAX	128
/* A network counts for so long after it was last heard. */
#define REGDOM_VOTE_MEMORY_MS	600000

struct regdom_network {
	u8 bssid[6];
	char alpha2[3];		/* that it names; "": none, or none that counts */
	bool seen;		/* in the present look */
	u32 center_khz;
	u64 stamp;		/* of what was heard of it last */
	u64 heard_ms;		/* ours, then */
};

struct regdom_networks {
	unsigned int n;
	/* leads since then, but is not elected yet; "": nobody leads */
	char candidate[3];
	u64 since_ms;
	char elected[3];	/* "": none */
	struct regdom_network network[REGDOM_NETWORKS_MAX];
};

struct regdom_vote_rules {
	u32 hold_ms;		/* who has led for so long is elected */
	u8 quorum;		/* access points that must agree */
};

/**
 * regdom_country_of_element - the country that a Country element names
 * @data: IEEE 802.11-2020, 9.4.2.8: the element, without its first two bytes
 * @bytes: how many these are
 * @alpha2: filled, with its end
 *
 * Returns false if it names none that is a code of a country.
 */
bool regdom_country_of_element(const u8 *data, unsigned int bytes,
			       char alpha2[3]);

/*
 * A look at the networks that are known to the radio: begin, each of them, and
 * end. `stamp` is another one whenever it has been heard again: with the same,
 * somebody just has not forgotten it. `alpha2` is "" where it names no country
 * that counts.
 */
void regdom_networks_begin(struct regdom_networks *networks);
void regdom_networks_hear(struct regdom_networks *networks, const u8 bssid[6],
			  const char *alpha2, u32 center_khz, u64 stamp,
			  u64 now_ms);
/* Forgets those that do not count any more and were not seen. */
void regdom_networks_end(struct regdom_networks *networks, u64 now_ms);

/* Whether it still counts, in votes and for its channel. */
static inline bool regdom_network_counts(const struct regdom_network *network,
					 u64 now_ms)
{
	return now_ms - network->heard_ms < REGDOM_VOTE_MEMORY_MS;
}

/**
 * regdom_vote - has the networks vote
 * @networks: those that are known; its candidate and elected are kept
 * @rules: what it takes
 * @now_ms: the time
 *
 * Each access point has one vote, however many networks it has: those whose
 * addresses agree in all but the first and the last byte are taken for one. A
 * country leads if more than half of the votes are for it, and at least a
 * quorum. The one that has led at all looks for hold_ms is elected, and stays it
 * until another is, or until nobody has led for REGDOM_VOTE_MEMORY_MS.
 *
 * Returns whether another country, or none, is elected now.
 */
bool regdom_vote(struct regdom_networks *networks,
		 const struct regdom_vote_rules *rules, u64 now_ms);

/* How many access points are heard on a channel. */
unsigned int regdom_networks_on(const struct regdom_networks *networks,
				u32 center_khz, u64 now_ms);

#endif
