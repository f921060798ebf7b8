/* SPDX-License-Identifier: GPL-2.0 */
/* An access point that a program starts by itself, of a kind that hostapd does not know. */
#ifndef TESTS_REGDOM_AP_H
#define TESTS_REGDOM_AP_H

#include <linux/nl80211.h>

#include "genl.h"

#define AP_SSID "trivet"
#define AP_INTERVAL_TU 100

/* As nl80211 has it: width is one of enum nl80211_chan_width; no second half: center2 is 0. */
struct ap_channel {
	unsigned int mhz, width, center1, center2;
};

/* Up to the elements that its traffic would be announced in. */
static inline unsigned int ap_beacon_head(const unsigned char *address, unsigned char *head)
{
	static const unsigned char to_all[] = "\x80\x00\x00\x00\xff\xff\xff\xff\xff\xff";
	static const unsigned char elements[] =
		"\x64\x00\x01\x00"			/* interval, ESS */
		"\x00\x06" AP_SSID "\x01\x04\x8c\x98\xb0\xe0";	/* rates of all bands */

	memset(head, 0, 32);
	memcpy(head, to_all, 10);
	memcpy(head + 10, address, 6);
	memcpy(head + 16, address, 6);
	/* sequence control and timestamp are the kernel's */
	memcpy(head + 32, elements, sizeof(elements) - 1);
	return 32 + sizeof(elements) - 1;
}

static inline void ap_put_u32(struct message *m, int type, unsigned int value)
{
	message_put(m, type, &value, sizeof(value));
}

/* What START_AP takes besides the interface and, of several, the link. */
static inline void ap_put(struct message *m, const unsigned char *address,
			  const struct ap_channel *channel)
{
	unsigned char head[256];
	unsigned int bytes = ap_beacon_head(address, head);

	message_put(m, NL80211_ATTR_SSID, AP_SSID, strlen(AP_SSID));
	ap_put_u32(m, NL80211_ATTR_BEACON_INTERVAL, AP_INTERVAL_TU);
	ap_put_u32(m, NL80211_ATTR_DTIM_PERIOD, 1);
	message_put(m, NL80211_ATTR_BEACON_HEAD, head, bytes);
	ap_put_u32(m, NL80211_ATTR_WIPHY_FREQ, channel->mhz);
	ap_put_u32(m, NL80211_ATTR_CHANNEL_WIDTH, channel->width);
	ap_put_u32(m, NL80211_ATTR_CENTER_FREQ1, channel->center1);
	if (channel->center2)
		ap_put_u32(m, NL80211_ATTR_CENTER_FREQ2, channel->center2);
}

#endif
