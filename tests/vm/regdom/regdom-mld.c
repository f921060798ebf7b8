// SPDX-License-Identifier: GPL-2.0
/*
 * An access point of several links, which Debian 12's hostapd cannot be:
 * regdom-mld INTERFACE MHZ... has one link on each channel of 20 MHz, or prints of which
 * the kernel refuses it. Without MHZ it prints where its links are on the air, in their
 * order.
 */
#include <arpa/inet.h>
#include <net/if.h>

#include "ap.h"

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

static int start_link(const struct device *device, unsigned char link, unsigned int mhz)
{
	const struct ap_channel channel = {
		.mhz = mhz, .width = NL80211_CHAN_WIDTH_20, .center1 = mhz,
	};
	static struct message m;
	static struct answer answer;
	unsigned char address[6];

	address_of(link, address);
	begin(device, &m, NL80211_CMD_START_AP);
	message_put(&m, NL80211_ATTR_MLO_LINK_ID, &link, 1);
	ap_put(&m, address, &channel);
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
