// SPDX-License-Identifier: GPL-2.0
#include "request.h"
#include "address.h"

#define SIGN_BIT_64	(1ULL << 63)

/* With the sizes that the type has. */
static int check_type(const struct netchannel_create *r)
{
	switch (r->type) {
	case NETCHANNEL_TYPE_RING:
		return 0;
	case NETCHANNEL_TYPE_COPY:
		return r->tx_slots || r->tx_bytes ? -EINVAL : 0;
	case NETCHANNEL_TYPE_DISCARD:
		return r->rx_bytes || r->tx_slots || r->tx_bytes ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

int netchannel_check_create(const struct netchannel_create *r)
{
	int ret;

	if (r->flags & ~(NETCHANNEL_RECVERR | NETCHANNEL_FAST) || r->ifindex > INT_MAX ||
	    (r->flags & NETCHANNEL_FAST && !r->ifindex))
		return -EINVAL;
	ret = check_type(r);
	if (ret)
		return ret;
	if (r->format != NETCHANNEL_FORMAT_PAYLOAD &&
	    r->format != NETCHANNEL_FORMAT_PACKET)
		return -EINVAL;
	if (r->protocol != IPPROTO_UDP && r->protocol != IPPROTO_TCP)
		return -EPROTONOSUPPORT;
	if (r->protocol == IPPROTO_TCP && r->format != NETCHANNEL_FORMAT_PACKET)
		return -EINVAL;
	ret = netchannel_addr_check(&r->local);
	if (ret || netchannel_addr_is_zero(&r->remote))
		return ret;
	return netchannel_addr_check_remote(&r->remote, r->local.family);
}

int netchannel_check_send(const struct netchannel_send *r, u32 format,
			  int family, bool has_remote)
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
	return netchannel_addr_check_remote(&r->remote, family);
}

int netchannel_check_recv(const struct netchannel_recv *r)
{
	if (r->flags & ~(NETCHANNEL_DONTWAIT | NETCHANNEL_PEEK) || r->reserved)
		return -EINVAL;
	if (r->timeout_ns & SIGN_BIT_64)
		return -EINVAL;
	return 0;
}

int netchannel_check_vector(const struct netchannel_vector *v)
{
	if (v->flags & ~NETCHANNEL_DONTWAIT || v->reserved)
		return -EINVAL;
	if (!v->count || v->count > NETCHANNEL_VECTOR_MAX)
		return -EINVAL;
	if (v->timeout_ns & SIGN_BIT_64)
		return -EINVAL;
	return 0;
}

int netchannel_check_drain(const struct netchannel_drain *r)
{
	const u32 what = NETCHANNEL_DRAIN_RX | NETCHANNEL_DRAIN_TX;

	if (r->flags & ~(what | NETCHANNEL_DONTWAIT) || !(r->flags & what))
		return -EINVAL;
	if (r->timeout_ns & SIGN_BIT_64)
		return -EINVAL;
	return 0;
}

int netchannel_check_kick(const struct netchannel_kick *r)
{
	if (r->flags & ~(NETCHANNEL_DONTWAIT | NETCHANNEL_WAIT))
		return -EINVAL;
	if (r->timeout_ns & SIGN_BIT_64)
		return -EINVAL;
	return 0;
}
