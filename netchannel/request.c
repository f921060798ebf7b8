// SPDX-License-Identifier: GPL-2.0
#include "request.h"

#define SIGN_BIT_64	(1ULL << 63)

bool netchannel_addr_is_zero(const struct netchannel_addr *a)
{
	static const struct netchannel_addr zero;

	return memcmp(a, &zero, sizeof(zero)) == 0;
}

void netchannel_addr_set(struct netchannel_addr *a, __be32 addr, __be16 port)
{
	memset(a, 0, sizeof(*a));
	if (!addr && !port)
		return;
	a->family = AF_INET;
	a->port = port;
	memcpy(a->addr, &addr, sizeof(addr));
}

__be32 netchannel_addr_ipv4(const struct netchannel_addr *a)
{
	__be32 addr;

	memcpy(&addr, a->addr, sizeof(addr));
	return addr;
}

static int check_addr(const struct netchannel_addr *a)
{
	size_t i;

	if (a->family != AF_INET)
		return -EAFNOSUPPORT;
	if (a->scope_id)
		return -EINVAL;
	for (i = sizeof(__be32); i < sizeof(a->addr); i++) {
		if (a->addr[i])
			return -EINVAL;
	}
	return 0;
}

int netchannel_check_remote(__be32 addr, __be16 port)
{
	if (!addr || !port)
		return -EINVAL;
	if ((ntohl(addr) & 0xf0000000) == 0xe0000000 ||
	    ntohl(addr) == 0xffffffff)
		return -EOPNOTSUPP;
	return 0;
}

static int check_remote_addr(const struct netchannel_addr *a)
{
	int ret = check_addr(a);

	if (ret)
		return ret;
	return netchannel_check_remote(netchannel_addr_ipv4(a), a->port);
}

int netchannel_check_create(const struct netchannel_create *r)
{
	int ret;

	if (r->flags & ~NETCHANNEL_RECVERR || r->reserved[0] || r->reserved[1] ||
	    r->type != NETCHANNEL_TYPE_COPY)
		return -EINVAL;
	if (r->format != NETCHANNEL_FORMAT_PAYLOAD &&
	    r->format != NETCHANNEL_FORMAT_PACKET)
		return -EINVAL;
	if (r->protocol != IPPROTO_UDP)
		return -EPROTONOSUPPORT;
	ret = check_addr(&r->local);
	if (ret || netchannel_addr_is_zero(&r->remote))
		return ret;
	return check_remote_addr(&r->remote);
}

int netchannel_check_send(const struct netchannel_send *r, u32 format,
			  bool has_remote)
{
	if (r->flags & ~NETCHANNEL_DONTWAIT || r->reserved)
		return -EINVAL;
	if (r->timeout_ns & SIGN_BIT_64)
		return -EINVAL;
	if (netchannel_addr_is_zero(&r->remote))
		return 0;
	if (format == NETCHANNEL_FORMAT_PACKET)
		return -EINVAL;
	if (has_remote)
		return -EISCONN;
	return check_remote_addr(&r->remote);
}

int netchannel_check_recv(const struct netchannel_recv *r)
{
	if (r->flags & ~(NETCHANNEL_DONTWAIT | NETCHANNEL_PEEK) || r->reserved)
		return -EINVAL;
	if (r->timeout_ns & SIGN_BIT_64)
		return -EINVAL;
	return 0;
}
