// SPDX-License-Identifier: LGPL-2.1-or-later
/* A TUN device: the kernel is at its other end. */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int device_mtu(const char *name, uint32_t *mtu)
{
	struct ifreq r = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret = 0;

	if (fd < 0)
		return -errno;
	memcpy(r.ifr_name, name, strlen(name));
	if (ioctl(fd, SIOCGIFMTU, &r))
		ret = -errno;
	close(fd);
	*mtu = r.ifr_mtu;
	return ret;
}

static int attach(int fd, const char *name)
{
	struct ifreq r = { .ifr_flags = IFF_TUN | IFF_NO_PI };

	memcpy(r.ifr_name, name, strlen(name));
	return ioctl(fd, TUNSETIFF, &r) ? -errno : 0;
}

int nc_link_tun(struct nc_link **result, const char *name)
{
	struct nc_link *link;
	int ret;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return -EINVAL;
	link = malloc(sizeof(*link));
	if (!link)
		return -ENOMEM;
	*link = (struct nc_link){ .ops = &link_file_ops };
	link->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (link->fd < 0) {
		ret = -errno;
		goto free_link;
	}
	ret = attach(link->fd, name);
	if (!ret)
		ret = device_mtu(name, &link->mtu_bytes);
	if (ret)
		goto close_device;
	*result = link;
	return 0;

close_device:
	close(link->fd);
free_link:
	free(link);
	return ret;
}
