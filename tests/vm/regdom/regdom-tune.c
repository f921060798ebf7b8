// SPDX-License-Identifier: GPL-2.0
/*
 * Tunes a monitor interface, which is the radio's only one: regdom-tune
 * INTERFACE MHZ prints the widths, in MHz, to which it can be tuned with MHZ as
 * the lowest channel of 20 MHz; iw does not know 320 MHz. With a second MHZ it is
 * 80+80, each half with its lowest channel there.
 */
#include <linux/nl80211.h>
#include <net/if.h>
#include <stdbool.h>

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

/* Whether it may be there: so wide, from mhz on, and of 80+80 with the other half from mhz2. */
static bool tune(int fd, int family, unsigned int ifindex, unsigned int mhz,
		 unsigned int width, unsigned int id, unsigned int mhz2)
{
	static struct message m;
	static struct answer answer;

	message_init(&m, family, NL80211_CMD_SET_WIPHY, 0);
	put_u32(&m, NL80211_ATTR_IFINDEX, ifindex);
	put_u32(&m, NL80211_ATTR_WIPHY_FREQ, mhz);
	put_u32(&m, NL80211_ATTR_CHANNEL_WIDTH, id);
	put_u32(&m, NL80211_ATTR_CENTER_FREQ1, mhz + (width - 20) / 2);
	if (mhz2)
		put_u32(&m, NL80211_ATTR_CENTER_FREQ2, mhz2 + 30);
	genl_ask(fd, &m, &answer);
	if (answer.error && answer.error != EINVAL) {
		errno = answer.error;
		die("tune");
	}
	return !answer.error;
}

int main(int argc, char **argv)
{
	int fd = genl_socket(), family = genl_family(fd, NL80211_GENL_NAME);
	unsigned int ifindex = argc >= 3 ? if_nametoindex(argv[1]) : 0;
	unsigned int mhz = argc >= 3 ? atoi(argv[2]) : 0;
	size_t i;

	if (argc == 4 && tune(fd, family, ifindex, mhz, 80, NL80211_CHAN_WIDTH_80P80,
			      atoi(argv[3])))
		printf("80+80 ");
	for (i = 0; argc == 3 && i < sizeof(widths) / sizeof(widths[0]); i++)
		if (tune(fd, family, ifindex, mhz, widths[i].mhz, widths[i].id, 0))
			printf("%u ", widths[i].mhz);
	printf("\n");
	return 0;
}
