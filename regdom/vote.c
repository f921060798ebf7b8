// SPDX-License-Identifier: GPL-2.0
#include "vote.h"

#include "db.h"

/* The country, a byte for the environment, and three for the first range. */
#define COUNTRY_MIN_BYTES	6

bool regdom_country_of_element(const u8 *data, unsigned int bytes,
			       char alpha2[3])
{
	if (bytes < COUNTRY_MIN_BYTES || bytes % 2)
		return false;
	alpha2[0] = (char)data[0];
	alpha2[1] = (char)data[1];
	alpha2[2] = 0;
	/* "00" is no country that one could be in */
	return regdom_alpha2_valid(alpha2) && alpha2[0] != '0';
}

void regdom_networks_begin(struct regdom_networks *networks)
{
	unsigned int i;

	for (i = 0; i < networks->n; i++)
		networks->network[i].seen = false;
}

static struct regdom_network *find(struct regdom_networks *networks,
				   const u8 bssid[6])
{
	unsigned int i;

	for (i = 0; i < networks->n; i++)
		if (memcmp(networks->network[i].bssid, bssid, 6) == 0)
			return &networks->network[i];
	return NULL;
}

void regdom_networks_hear(struct regdom_networks *networks, const u8 bssid[6],
			  const char *alpha2, u32 center_khz, u64 stamp,
			  u64 now_ms)
{
	struct regdom_network *network = find(networks, bssid);

	if (!network) {
		if (networks->n == REGDOM_NETWORKS_MAX)
			return;
		network = &networks->network[networks->n++];
		memcpy(network->bssid, bssid, 6);
	} else if (network->stamp == stamp) {
		network->seen = true;
		return;
	}
	network->alpha2[0] = alpha2[0];
	network->alpha2[1] = alpha2[0] ? alpha2[1] : 0;
	network->alpha2[2] = 0;
	network->seen = true;
	network->center_khz = center_khz;
	network->stamp = stamp;
	network->heard_ms = now_ms;
}

/*
 * One that is still seen is kept, though it counts no more: as a new one it
 * would count again.
 */
void regdom_networks_end(struct regdom_networks *networks, u64 now_ms)
{
	unsigned int i, kept = 0;

	for (i = 0; i < networks->n; i++) {
		struct regdom_network *network = &networks->network[i];

		if (network->seen || regdom_network_counts(network, now_ms))
			networks->network[kept++] = *network;
	}
	networks->n = kept;
}

static bool is_same_ap(const struct regdom_network *a,
		       const struct regdom_network *b)
{
	return memcmp(a->bssid + 1, b->bssid + 1, 4) == 0;
}

/* Whether it is the network that was heard last of its access point. */
static bool speaks(const struct regdom_networks *networks, unsigned int index,
		   u64 now_ms)
{
	const struct regdom_network *network = &networks->network[index];
	unsigned int i;

	if (!network->alpha2[0] || !regdom_network_counts(network, now_ms))
		return false;
	for (i = 0; i < networks->n; i++) {
		const struct regdom_network *other = &networks->network[i];

		if (i == index || !other->alpha2[0] || !is_same_ap(network, other))
			continue;
		if (other->heard_ms > network->heard_ms ||
		    (other->heard_ms == network->heard_ms && i < index))
			return false;
	}
	return true;
}

/*
 * The country that leads, or "". Whoever has more than half of the votes is
 * left when each vote cancels one for somebody else (Boyer and Moore).
 */
static const char *find_leader(const struct regdom_networks *networks,
			       unsigned int quorum, u64 now_ms)
{
	const char *leader = "";
	unsigned int i, lead = 0, votes = 0, total = 0;
	bool voting[REGDOM_NETWORKS_MAX];

	for (i = 0; i < networks->n; i++) {
		const char *alpha2 = networks->network[i].alpha2;

		voting[i] = speaks(networks, i, now_ms);
		if (!voting[i])
			continue;
		if (lead == 0)
			leader = alpha2;
		lead += strcmp(alpha2, leader) == 0 ? 1 : -1;
	}
	for (i = 0; i < networks->n; i++) {
		if (!voting[i])
			continue;
		total++;
		votes += strcmp(networks->network[i].alpha2, leader) == 0;
	}
	return votes >= quorum && 2 * votes > total ? leader : "";
}

bool regdom_vote(struct regdom_networks *networks,
		 const struct regdom_vote_rules *rules, u64 now_ms)
{
	const char *leader = find_leader(networks, rules->quorum, now_ms);
	u64 wait_ms = leader[0] ? rules->hold_ms : REGDOM_VOTE_MEMORY_MS;

	if (strcmp(leader, networks->candidate) != 0) {
		memcpy(networks->candidate, leader, leader[0] ? 3 : 1);
		networks->since_ms = now_ms;
	}
	if (strcmp(leader, networks->elected) == 0 ||
	    now_ms - networks->since_ms < wait_ms)
		return false;
	memcpy(networks->elected, networks->candidate,
	       sizeof(networks->elected));
	return true;
}

unsigned int regdom_networks_on(const struct regdom_networks *networks,
				u32 center_khz, u64 now_ms)
{
	unsigned int i, j, n = 0;

	for (i = 0; i < networks->n; i++) {
		const struct regdom_network *network = &networks->network[i];

		if (network->center_khz != center_khz ||
		    !regdom_network_counts(network, now_ms))
			continue;
		for (j = 0; j < i; j++)
			if (networks->network[j].center_khz == center_khz &&
			    regdom_network_counts(&networks->network[j], now_ms) &&
			    is_same_ap(network, &networks->network[j]))
				break;
		n += j == i;
	}
	return n;
}
