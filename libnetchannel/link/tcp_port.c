// SPDX-License-Identifier: LGPL-2.1-or-later
/* One port of the kernel's TCP, by a channel of type COPY. */
#include "link.h"

#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int create_channel(struct nc_link *link, const struct sockaddr *local)
{
	struct netchannel_create r = {
		.size = sizeof(r),
		.type = NETCHANNEL_TYPE_COPY,
		.format = NETCHANNEL_FORMAT_PACKET,
		.flags = NETCHANNEL_RECVERR,	/* ICMP is for our TCP to judge */
		.protocol = IPPROTO_TCP,
	};
	int ret = address_to_device(&r.local, local);

	if (ret)
		return ret;
	if (ioctl(link->fd, NETCHANNEL_CREATE, &r))
		return -errno;
	link->port = ntohs(r.local.port);
	return 0;
}

int nc_link_channel(struct nc_link **result, const struct sockaddr *local, uint32_t mtu)
{
	struct nc_link *link = malloc(sizeof(*link));
	int ret;

	if (!link)
		return -ENOMEM;
	/* the checksums of a peer on this machine are left to a device that never was */
	*link = (struct nc_link){
		.ops = &link_file_ops, .mtu_bytes = mtu, .verifies_checksums = true,
	};
	link->fd = open("/dev/netchannel", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (link->fd < 0) {
		ret = -errno;
		goto free_link;
	}
	ret = create_channel(link, local);
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
