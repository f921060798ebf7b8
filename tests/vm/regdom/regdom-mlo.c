// SPDX-License-Identifier: GPL-2.0
/*
 * Starts one link of a multi-link access point, which this hostapd cannot:
 * regdom-mlo INTERFACE LINK ADDRESS MHZ COUNTRY. The interface is up, and of type
 * AP; the link has the address, and its beacon names the country.
 */
#include <linux/nl80211.h>
#include <net/if.h>

#include "genl.h"

static struct message m;
static struct answer answer;
static int fd, family;

/* A message about the link of the interface. */
static void start(int command, const char *interface, unsigned char link)
{
	unsigned int index = if_nametoindex(interface);

	message_init(&m, family, command, 0);
	message_put(&m, NL80211_ATTR_IFINDEX, &index, 4);
	message_put(&m, NL80211_ATTR_MLO_LINK_ID, &link, 1);
}

static void ask(const char *what)
{
	genl_ask(fd, &m, &answer);
	if (!answer.error)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(answer.error));
	exit(1);
}

static void put_u32(int type, unsigned int value)
{
	message_put(&m, type, &value, 4);
}

static void put_beacon(const unsigned char address[6], const char *country)
{
	static const unsigned char fixed[] = {
		0, 0, 0, 0, 0, 0, 0, 0,		/* the driver's: TSF */
		100, 0, 1, 0,			/* 102.4 ms, ESS */
		0, 3, 'm', 'l', 'o',
		1, 4, 0x82, 0x84, 0x8b, 0x96,
	};
	unsigned char head[24 + sizeof(fixed)] = {
		0x80, 0, 0, 0, 255, 255, 255, 255, 255, 255 };
	unsigned char tail[8] = { 7, 6, country[0], country[1], ' ', 1, 13, 20 };

	memcpy(head + 10, address, 6);
	memcpy(head + 16, address, 6);
	memcpy(head + 24, fixed, sizeof(fixed));
	message_put(&m, NL80211_ATTR_BEACON_HEAD, head, sizeof(head));
	message_put(&m, NL80211_ATTR_BEACON_TAIL, tail, sizeof(tail));
}

int main(int argc, char **argv)
{
	unsigned char b[6], link;

	if (argc != 6 || sscanf(argv[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &b[0], &b[1],
				&b[2], &b[3], &b[4], &b[5]) != 6 || strlen(argv[5]) != 2)
		return 1;
	link = atoi(argv[2]);
	fd = genl_socket();
	family = genl_family(fd, NL80211_GENL_NAME);
	start(NL80211_CMD_ADD_LINK, argv[1], link);
	message_put(&m, NL80211_ATTR_MAC, b, 6);
	ask("the link");
	start(NL80211_CMD_START_AP, argv[1], link);
	put_beacon(b, argv[5]);
	put_u32(NL80211_ATTR_BEACON_INTERVAL, 100);
	put_u32(NL80211_ATTR_DTIM_PERIOD, 2);
	message_put(&m, NL80211_ATTR_SSID, "mlo", 3);
	put_u32(NL80211_ATTR_WIPHY_FREQ, atoi(argv[4]));
	put_u32(NL80211_ATTR_CHANNEL_WIDTH, NL80211_CHAN_WIDTH_20_NOHT);
	ask("the access point");
	return 0;
}
