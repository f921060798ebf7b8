// SPDX-License-Identifier: LGPL-2.1-or-later
#include "interface.h"

#include <errno.h>
#include <string.h>

static const u8 loopback6[16] = { [15] = 1 };

int interface_check(const struct interface *i)
{
	if (!i->has_ipv4 && !i->has_ipv6)
		return -EINVAL;
	if (i->has_ipv4 && !ip_is_unicast(4, i->ipv4))
		return -EINVAL;
	if (i->has_ipv6 && (!ip_is_unicast(6, i->ipv6) || i->mtu_bytes < IPV6_MTU_MIN_BYTES))
		return -EINVAL;
	/* a TCP header with options and some text must fit: RFC 879 has 576 */
	return i->mtu_bytes < 576 || i->mtu_bytes > 65535 ? -EINVAL : 0;
}

const u8 *interface_source(const struct interface *i, u8 version, const u8 *destination)
{
	if (interface_is_loopback(version, destination))
		return destination;
	if (version == 4)
		return i->has_ipv4 ? i->ipv4 : NULL;
	return i->has_ipv6 ? i->ipv6 : NULL;
}

bool interface_is_loopback(u8 version, const u8 *address)
{
	return version == 4 ? address[0] == 127 : !memcmp(address, loopback6, 16);
}

bool interface_is_local(const struct interface *i, u8 version, const u8 *address)
{
	if (version == 4 && i->has_ipv4 && !memcmp(address, i->ipv4, 4))
		return true;
	if (version == 6 && i->has_ipv6 && !memcmp(address, i->ipv6, 16))
		return true;
	return interface_is_loopback(version, address);
}

bool interface_is_any(u8 version, const u8 *address)
{
	static const u8 any[16];

	return ip_same_address(version, address, any);
}
