// SPDX-License-Identifier: GPL-2.0
/*
 * regdom-background INTERFACE MHZ: has its radio look for radar on that channel of 20 MHz
 * beside other work (background CAC), which iw 5.19 cannot ask for.
 */
#include <linux/nl80211.h>
#include <net/if.h>

#include "genl.h"

int main(int argc, char **argv)
{
	const unsigned int width = NL80211_CHAN_WIDTH_20_NOHT;
	unsigned int ifindex, mhz;
	static struct message m;
	static struct answer answer;
	int fd;

	if (argc != 3)
		return 1;
	ifindex = if_nametoindex(argv[1]);
	if (!ifindex)
		die(argv[1]);
	mhz = atoi(argv[2]);
	fd = genl_socket();
	message_init(&m, genl_family(fd, "nl80211"), NL80211_CMD_RADAR_DETECT, 0);
	message_put(&m, NL80211_ATTR_IFINDEX, &ifindex, 4);
	message_put(&m, NL80211_ATTR_WIPHY_FREQ, &mhz, 4);
	message_put(&m, NL80211_ATTR_CHANNEL_WIDTH, &width, 4);
	message_put(&m, NL80211_ATTR_RADAR_BACKGROUND, NULL, 0);
	genl_ask(fd, &m, &answer);
	if (answer.error)
		printf("%s\n", strerror(answer.error));
	return answer.error != 0;
}
