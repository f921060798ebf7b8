// SPDX-License-Identifier: GPL-2.0
#include "address.h"

static bool is_unspecified(const struct in6_addr *a)
{
	return !(a->s6_addr32[0] | a->s6_addr32[1] | a->s6_addr32[2] | a->s6_addr32[3]);
}

void netchannel_addr_set(struct netchannel_addr *to, const struct in6_addr *addr,
			 __be16 port)
{
	memset(to, 0, sizeof(*to));
	if (!port && is_unspecified(addr))
		return;
	if (netchannel_is_ipv4(addr)) {
		netchannel_addr_set_ipv4(to, netchannel_ipv4(addr), port);
		return;
	}
	to->family = AF_INET6;
	to->port = port;
	memcpy(to->addr, addr, sizeof(*addr));
}

struct in6_addr netchannel_addr_get(const struct netchannel_addr *a)
{
	struct in6_addr addr;
	__be32 ipv4;

	if (a->family == AF_INET) {
		memcpy(&ipv4, a->addr, sizeof(ipv4));
		return netchannel_from_ipv4(ipv4);
	}
	memcpy(&addr, a->addr, sizeof(addr));
	return addr;
}

static int check_ipv4(const struct netchannel_addr *a)
{
	u32 words[4];

	memcpy(words, a->addr, sizeof(words));
	return words[1] | words[2] | words[3] ? -EINVAL : 0;
}

static int check_ipv6(const struct netchannel_addr *a)
{
	struct in6_addr addr = netchannel_addr_get(a);

	return netchannel_is_ipv4(&addr) || netchannel_is_link_local(&addr) ? -EINVAL : 0;
}

int netchannel_addr_check(const struct netchannel_addr *a)
{
	if (a->family != AF_INET && a->family != AF_INET6)
		return -EAFNOSUPPORT;
	if (a->scope_id)
		return -EINVAL;
	return a->family == AF_INET ? check_ipv4(a) : check_ipv6(a);
}

int netchannel_check_remote(const struct in6_addr *addr, __be16 port)
{
	if (!port)
		return -EINVAL;
	if (netchannel_is_ipv4(addr))
		return netchannel_ipv4(addr) ? 0 : -EINVAL;
	return is_unspecified(addr) || netchannel_is_link_local(addr) ? -EINVAL : 0;
}

int netchannel_addr_check_remote(const struct netchannel_addr *a, int family)
{
	struct in6_addr addr;
	int ret = netchannel_addr_check(a);

	if (ret)
		return ret;
	if (a->family != family)
		return -EAFNOSUPPORT;
	addr = netchannel_addr_get(a);
	return netchannel_check_remote(&addr, a->port);
}
