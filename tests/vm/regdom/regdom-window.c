// SPDX-License-Identifier: GPL-2.0
/*
 * Looks at radios from the first moment on: regdom-window FIRST COUNT MHZ asks nl80211,
 * as fast as it can, for the radios with numbers from FIRST on, one after the other,
 * until it shows them, and prints on how many the channel was allowed then.
 */
#include <linux/nl80211.h>
#include <stdbool.h>

#include "genl.h"

static struct message m;
static int fd, family;

static const struct nlattr *next(const struct nlattr *attr)
{
	return (const void *)((const char *)attr + NLA_ALIGN(attr->nla_len));
}

static bool is_within(const struct nlattr *attr, const void *end)
{
	return (const char *)attr + NLA_HDRLEN <= (const char *)end &&
	       attr->nla_len >= NLA_HDRLEN &&
	       (const char *)attr + attr->nla_len <= (const char *)end;
}

static const void *end_of(const struct nlattr *nest)
{
	return (const char *)nest + nest->nla_len;
}

/* An attribute of a nest, or NULL. */
static const struct nlattr *find(const struct nlattr *nest, int type)
{
	const struct nlattr *attr;

	for (attr = nest + 1; is_within(attr, end_of(nest)); attr = next(attr))
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
	return NULL;
}

static bool is_channel(const struct nlattr *channel, unsigned int mhz)
{
	const struct nlattr *freq = find(channel, NL80211_FREQUENCY_ATTR_FREQ);

	return freq && freq->nla_len == NLA_HDRLEN + sizeof(mhz) &&
	       memcmp(freq + 1, &mhz, sizeof(mhz)) == 0;
}

/* Looks among the channels of a message; true: it is there, and *allowed is set. */
static bool look_for(const struct nlattr *bands, unsigned int mhz, bool *allowed)
{
	const struct nlattr *band, *channels, *channel;

	for (band = bands + 1; is_within(band, end_of(bands)); band = next(band)) {
		channels = find(band, NL80211_BAND_ATTR_FREQS);
		for (channel = channels + 1;
		     channels && is_within(channel, end_of(channels)); channel = next(channel))
			if (is_channel(channel, mhz)) {
				*allowed = !find(channel, NL80211_FREQUENCY_ATTR_DISABLED);
				return true;
			}
	}
	return false;
}

/* The same for a message of the dump. */
static bool take_radio(const struct nlmsghdr *nl, unsigned int mhz, bool *allowed)
{
	const char *end = (const char *)nl + nl->nlmsg_len;
	const struct nlattr *attr;

	attr = (const void *)((const char *)NLMSG_DATA(nl) + GENL_HDRLEN);
	for (; is_within(attr, end); attr = next(attr))
		if ((attr->nla_type & NLA_TYPE_MASK) == NL80211_ATTR_WIPHY_BANDS &&
		    look_for(attr, mhz, allowed))
			return true;
	return false;
}

/* Returns false where there is no such radio yet. */
static bool look(unsigned int radio, unsigned int mhz, bool *allowed)
{
	static char buffer[65536];
	bool found = false, done = false;
	int left;

	message_init(&m, family, NL80211_CMD_GET_WIPHY, NLM_F_DUMP);
	message_put(&m, NL80211_ATTR_SPLIT_WIPHY_DUMP, NULL, 0);
	message_put(&m, NL80211_ATTR_WIPHY, &radio, sizeof(radio));
	if (send(fd, &m, m.nl.nlmsg_len, 0) < 0)
		die("send");
	while (!done) {
		struct nlmsghdr *nl = (void *)buffer;

		left = recv(fd, buffer, sizeof(buffer), 0);
		if (left < 0)
			die("recv");
		for (; NLMSG_OK(nl, (unsigned int)left); nl = NLMSG_NEXT(nl, left)) {
			if (nl->nlmsg_type == NLMSG_DONE || nl->nlmsg_type == NLMSG_ERROR)
				done = true;
			else if (!found)
				found = take_radio(nl, mhz, allowed);
		}
	}
	return found;
}

int main(int argc, char **argv)
{
	unsigned int first, count, mhz, i, n_allowed = 0;
	bool allowed = false;

	if (argc != 4)
		return 1;
	first = atoi(argv[1]);
	count = atoi(argv[2]);
	mhz = atoi(argv[3]);
	fd = genl_socket();
	family = genl_family(fd, NL80211_GENL_NAME);
	for (i = 0; i < count; i++) {
		while (!look(first + i, mhz, &allowed))
			;
		n_allowed += allowed;
	}
	printf("%u\n", n_allowed);
	return 0;
}
