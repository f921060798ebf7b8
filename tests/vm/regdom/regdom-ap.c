// SPDX-License-Identifier: GPL-2.0
/*
 * An access point of any width, which may be 320 MHz, as Debian 12's hostapd cannot have it:
 * regdom-ap INTERFACE MHZ WIDTH CENTER1 [CENTER2] starts it, of 80+80 MHz with both centres,
 * or prints why the kernel refuses it. regdom-ap INTERFACE prints what it has on the air: the
 * channel of 20 MHz, the width and the centres.
 */
#include <net/if.h>

#include "ap.h"

static const struct {
	unsigned int id;
	const char *mhz;
} widths[] = {
	{ NL80211_CHAN_WIDTH_20, "20" }, { NL80211_CHAN_WIDTH_40, "40" },
	{ NL80211_CHAN_WIDTH_80, "80" }, { NL80211_CHAN_WIDTH_80P80, "80+80" },
	{ NL80211_CHAN_WIDTH_160, "160" }, { NL80211_CHAN_WIDTH_320, "320" },
};
#define N_WIDTHS (sizeof(widths) / sizeof(widths[0]))

static struct message m;
static struct answer answer;

static int start(int fd, const struct ap_channel *channel)
{
	/* locally administered */
	static const unsigned char address[] = { 2, 0, 0, 0x11, 0x22, 0 };

	ap_put(&m, address, channel);
	genl_ask(fd, &m, &answer);
	if (answer.error)
		printf("%s\n", strerror(answer.error));
	return answer.error ? 2 : 0;
}

static void print(int type)
{
	if (answer_attr(&answer, type))
		printf(" %u", answer_u32(&answer, type));
}

static void print_channel(int fd)
{
	unsigned int id;
	size_t i;

	genl_ask(fd, &m, &answer);
	if (answer.error || !answer_attr(&answer, NL80211_ATTR_WIPHY_FREQ))
		return;
	id = answer_u32(&answer, NL80211_ATTR_CHANNEL_WIDTH);
	printf("%u", answer_u32(&answer, NL80211_ATTR_WIPHY_FREQ));
	for (i = 0; i < N_WIDTHS; i++)
		if (widths[i].id == id)
			printf(" %s", widths[i].mhz);
	print(NL80211_ATTR_CENTER_FREQ1);
	print(NL80211_ATTR_CENTER_FREQ2);
	printf("\n");
}

int main(int argc, char **argv)
{
	int fd = genl_socket(), family = genl_family(fd, NL80211_GENL_NAME);
	unsigned int ifindex = argc > 1 ? if_nametoindex(argv[1]) : 0;
	struct ap_channel channel = { 0 };
	size_t i;

	message_init(&m, family, argc > 4 ? NL80211_CMD_START_AP : NL80211_CMD_GET_INTERFACE, 0);
	ap_put_u32(&m, NL80211_ATTR_IFINDEX, ifindex);
	if (argc <= 4) {
		print_channel(fd);
		return 0;
	}
	for (i = 0; i < N_WIDTHS && strcmp(widths[i].mhz, argv[3]); i++)
		;
	if (i == N_WIDTHS)
		return 1;
	channel.mhz = atoi(argv[2]);
	channel.width = widths[i].id;
	channel.center1 = atoi(argv[4]);
	channel.center2 = argc > 5 ? atoi(argv[5]) : 0;
	return start(fd, &channel);
}
