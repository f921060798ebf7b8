// SPDX-License-Identifier: LGPL-2.1-or-later
/* A network device by a packet socket (packet(7)), without its link header. */
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct packet_link {
	struct nc_link link;
	struct sockaddr_ll next_hop;
};

static int packet_send(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	struct sockaddr_ll to = ((struct packet_link *)link)->next_hop;

	to.sll_protocol = htons(bytes[0] >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP);
	return sendto(link->fd, bytes, size, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ?
		-errno : 0;
}

static ssize_t packet_recv(struct nc_link *link, uint8_t *bytes, size_t room)
{
	struct sockaddr_ll from;
	socklen_t from_bytes = sizeof(from);
	ssize_t size;

	do {
		size = recvfrom(link->fd, bytes, room, 0, (struct sockaddr *)&from, &from_bytes);
		if (size < 0)
			return errno == EINTR || errno == ENETDOWN ? -EAGAIN : -errno;
		/* ours come back, and what is neither IPv4 nor IPv6 comes too */
	} while (from.sll_pkttype != PACKET_HOST ||
		 (from.sll_protocol != htons(ETH_P_IP) && from.sll_protocol != htons(ETH_P_IPV6)));
	return size;
}

static void packet_close(struct nc_link *link)
{
	close(link->fd);
	free(link);
}

static int device_mtu(int fd, const char *device, uint32_t *mtu)
{
	struct ifreq r = { 0 };

	memcpy(r.ifr_name, device, strlen(device));
	if (ioctl(fd, SIOCGIFMTU, &r))
		return -errno;
	*mtu = r.ifr_mtu;
	return 0;
}

int nc_link_packet(struct nc_link **result, const char *device, const uint8_t *next_hop)
{
	static const struct link_ops ops = {
		.send = packet_send, .recv = packet_recv, .close = packet_close,
	};
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = strlen(device) < IFNAMSIZ ? if_nametoindex(device) : 0,
		.sll_halen = next_hop ? ETH_ALEN : 0,
	};
	struct packet_link *p;
	int ret;

	if (!address.sll_ifindex)
		return -ENODEV;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->link.ops = &ops;
	p->next_hop = address;
	if (next_hop)
		memcpy(p->next_hop.sll_addr, next_hop, ETH_ALEN);
	/* protocol 0: nothing comes before bind() */
	p->link.fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->link.fd < 0) {
		ret = -errno;
		goto free_link;
	}
	ret = device_mtu(p->link.fd, device, &p->link.mtu_bytes);
	if (!ret && bind(p->link.fd, (struct sockaddr *)&address, sizeof(address)))
		ret = -errno;
	if (ret)
		goto close_socket;
	*result = &p->link;
	return 0;

close_socket:
	close(p->link.fd);
free_link:
	free(p);
	return ret;
}
