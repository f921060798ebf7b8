// SPDX-License-Identifier: GPL-2.0
/*
 * Tunes a monitor interface, which is the radio's only one: regdom-tune
 * INTERFACE MHZ prints the widths, in MHz, to which it can be tuned with MHZ as
 * the lowest channel of 20 MHz; iw does not know 320 MHz.
 */
#include <linux/nl80211.h>
#include <net/if.h>

#include "genl.h"

static const struct {
	unsigned int mhz, id;
} widths[] = {
	{ 20, NL80211_CHAN_WIDTH_20 }, { 40, NL80211_CHAN_WIDTH_40 },
	{ 80, NL80211_CHAN_WIDTH_80 }, { 160, NL80211_CHAN_WIDTH_160 },
	{ 320, NL80211_CHAN_WIDTH_320 },
};

static void put_u32(struct message *m, int type, unsigned int value)
{
	message_put(m, type, &value, sizeof(value));
}

int main(int argc, char **argv)
{
	static struct message m;
	static struct answer answer;
	int fd = genl_socket(), family = genl_family(fd, NL80211_GENL_NAME);
	unsigned int ifindex = argc == 3 ? if_nametoindex(argv[1]) : 0;
	unsigned int mhz = argc == 3 ? atoi(argv[2]) : 0, i;

	for (i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		message_init(&m, family, NL80211_CMD_SET_WIPHY, 0);
		put_u32(&m, NL80211_ATTR_IFINDEX, ifindex);
		put_u32(&m, NL80211_ATTR_WIPHY_FREQ, mhz);
		put_u32(&m, NL80211_ATTR_CHANNEL_WIDTH, widths[i].id);
		put_u32(&m, NL80211_ATTR_CENTER_FREQ1,
			mhz + (widths[i].mhz - 20) / 2);
		genl_ask(fd, &m, &answer);
		if (answer.error == EINVAL)
			continue;
		if (answer.error) {
			errno = answer.error;
			die("tune");
		}
		printf("%u ", widths[i].mhz);
	}
	printf("\n");
	return 0;
}
