// SPDX-License-Identifier: GPL-2.0
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct netchannel_addr to_device(const union address *a)
{
	struct netchannel_addr to = { .family = a->sa.sa_family, .port = a->in.sin_port };

	if (a->sa.sa_family == AF_INET)
		memcpy(to.addr, &a->in.sin_addr, sizeof(a->in.sin_addr));
	else if (a->sa.sa_family == AF_INET6)
		memcpy(to.addr, &a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
	return to;
}

const char *device_address_text(const struct netchannel_addr *a)
{
	struct sockaddr_storage address = { };
	union address *to = (union address *)&address;

	if (!a->family)
		return "*:*";
	to->sa.sa_family = a->family;
	to->in.sin_port = a->port;
	if (a->family == AF_INET)
		memcpy(&to->in.sin_addr, a->addr, sizeof(to->in.sin_addr));
	else
		memcpy(&to->in6.sin6_addr, a->addr, sizeof(to->in6.sin6_addr));
	return address_text(&address);
}

int device_open(void)
{
	int fd = open("/dev/netchannel", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int device_channel(uint32_t type, const union address *local, const union address *remote)
{
	struct netchannel_create r = {
		.size = sizeof(r),
		.type = type,
		.format = NETCHANNEL_FORMAT_PAYLOAD,
		.protocol = IPPROTO_UDP,
		.local = to_device(local),
		.remote = to_device(remote),
	};
	int fd = device_open(), err;

	if (fd < 0 || !ioctl(fd, NETCHANNEL_CREATE, &r))
		return fd;
	err = errno;
	close(fd);
	return -err;
}
