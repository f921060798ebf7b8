// SPDX-License-Identifier: GPL-2.0
/*
 * An access point of several links, which Debian 12's hostapd cannot be:
 * regdom-mld INTERFACE MHZ... has one link on each channel of 20 MHz, or prints of which
 * the kernel refuses it. Without MHZ it prints where its links are on the air, in their
 * order.
 */
#include <arpa/inet.h>
#include <linux/nl80211.h>
#include <net/if.h>

#include "genl.h"

#define SSID "trivet"
#define INTERVAL_TU 100

struct device {
	int fd, family;
	unsigned int ifindex;
};

static void begin(const struct device *device, struct message *m, int command)
{
	message_init(m, device->family, command, 0);
	message_put(m, NL80211_ATTR_IFINDEX, &device->ifindex, 4);
}

/* Each link has an address of its own; locally administered. */
static void address_of(unsigned char link, unsigned char *address)
{
	memcpy(address, "\x02\x00\x00\x11\x22", 5);
	address[5] = link;
}

static int add_link(const struct device *device, unsigned char link)
{
	static struct message m;
	static struct answer answer;
	unsigned char address[6];

	address_of(link, address);
	begin(device, &m, NL80211_CMD_ADD_LINK);
	message_put(&m, NL80211_ATTR_MLO_LINK_ID, &link, 1);
	message_put(&m, NL80211_ATTR_MAC, address, 6);
	genl_ask(device->fd, &m, &answer);
	return answer.error;
}

/* Up to the elements that a link's traffic would be announced in. */
static unsigned int beacon_head(unsigned char link, unsigned char *head)
{
	static const unsigned char to_all[] = "\x80\x00\x00\x00\xff\xff\xff\xff\xff\xff";
	static const unsigned char elements[] =
		"\x64\x00\x01\x00"			/* interval, ESS */
		"\x00\x06" SSID "\x01\x04\x8c\x98\xb0\xe0";	/* rates of all bands */

	memset(head, 0, 32);
	memcpy(head, to_all, 10);
	address_of(link, head + 10);
	address_of(link, head + 16);
	/* sequence control and timestamp are the kernel's */
	memcpy(head + 32, elements, sizeof(elements) - 1);
	return 32 + sizeof(elements) - 1;
}

static int start_link(const struct device *device, unsigned char link, unsigned int mhz)
{
	const unsigned int interval = INTERVAL_TU, dtim = 1, width = NL80211_CHAN_WIDTH_20;
	static struct message m;
	static struct answer answer;
	unsigned char head[256];
	unsigned int bytes = beacon_head(link, head);

	begin(device, &m, NL80211_CMD_START_AP);
	message_put(&m, NL80211_ATTR_MLO_LINK_ID, &link, 1);
	message_put(&m, NL80211_ATTR_SSID, SSID, strlen(SSID));
	message_put(&m, NL80211_ATTR_BEACON_INTERVAL, &interval, 4);
	message_put(&m, NL80211_ATTR_DTIM_PERIOD, &dtim, 4);
	message_put(&m, NL80211_ATTR_BEACON_HEAD, head, bytes);
	message_put(&m, NL80211_ATTR_WIPHY_FREQ, &mhz, 4);
	message_put(&m, NL80211_ATTR_CHANNEL_WIDTH, &width, 4);
	message_put(&m, NL80211_ATTR_CENTER_FREQ1, &mhz, 4);
	genl_ask(device->fd, &m, &answer);
	return answer.error;
}

static void start_links(const struct device *device, char **mhz)
{
	unsigned char link;
	int error;

	for (link = 0; mhz[link]; link++) {
		/* it may be there from before */
		error = add_link(device, link);
		if (error && error != EALREADY && error != EBUSY)
			printf("%s: no link: %s\n", mhz[link], strerror(error));
		error = start_link(device, link, atoi(mhz[link]));
		if (error)
			printf("%s: %s\n", mhz[link], strerror(error));
	}
}

/* The attribute in a nest, or NULL. */
static const struct nlattr *nested(const struct nlattr *nest, int type)
{
	int left = nest->nla_len - NLA_HDRLEN;
	const struct nlattr *attr = nest + 1;

	for (; left >= NLA_HDRLEN; left -= NLA_ALIGN(attr->nla_len),
	       attr = (const void *)((const char *)attr + NLA_ALIGN(attr->nla_len)))
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
	return NULL;
}

static void print_links(const struct device *device)
{
	const struct nlattr *links, *link, *mhz;
	static struct message m;
	static struct answer answer;
	int number;

	begin(device, &m, NL80211_CMD_GET_INTERFACE);
	genl_ask(device->fd, &m, &answer);
	links = answer.error ? NULL : answer_attr(&answer, NL80211_ATTR_MLO_LINKS);
	for (number = 1; links && (link = nested(links, number)); number++) {
		mhz = nested(link, NL80211_ATTR_WIPHY_FREQ);
		if (mhz)
			printf("%u ", *(const unsigned int *)(mhz + 1));
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	struct device device = { .fd = genl_socket() };

	device.family = genl_family(device.fd, NL80211_GENL_NAME);
	device.ifindex = argc > 1 ? if_nametoindex(argv[1]) : 0;
	if (argc > 2)
		start_links(&device, argv + 2);
	else
		print_links(&device);
	return 0;
}
