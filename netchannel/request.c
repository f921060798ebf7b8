// SPDX-License-Identifier: GPL-2.0
#include "request.h"
#include "address.h"
#include "packet.h"

#define SIGN_BIT_64	(1ULL << 63)

/* With the sizes that the type has. */
static int check_type(const struct netchannel_create *r)
{
	switch (r->type) {
	case NETCHANNEL_TYPE_RING:
		return 0;
	case NETCHANNEL_TYPE_LISTEN:
		if (!netchannel_addr_is_zero(&r->remote) || r->flags & NETCHANNEL_BROADCAST)
			return -EINVAL;
		fallthrough;
	case NETCHANNEL_TYPE_COPY:
	case NETCHANNEL_TYPE_RAW:
		return r->tx_slots || r->tx_bytes ? -EINVAL : 0;
	case NETCHANNEL_TYPE_DISCARD:
		if (r->flags & NETCHANNEL_METADATA)
			return -EINVAL;
		fallthrough;
	case NETCHANNEL_TYPE_GROUP:
		return r->rx_bytes || r->tx_slots || r->tx_bytes ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

/*
 * Not what other types are for, nor what no host could do without (ICMP), nor the
 * numbers of IPv6's extension headers (RFC 8200, 4), nor 255, which is no protocol's.
 */
static bool is_for_raw(u32 protocol)
{
	switch (protocol) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ICMP:
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_ICMPV6:
	case IPPROTO_NONE:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
		return false;
	default:
		return protocol < IPPROTO_RAW;
	}
}

static int check_filter(const struct netchannel_create *r)
{
	if (r->filter_len > NETCHANNEL_FILTER_MAX || !r->filter != !r->filter_len)
		return -EINVAL;
	return r->filter && r->type != NETCHANNEL_TYPE_RAW ? -EINVAL : 0;
}

/* The protocol's number stands for a port. */
static int check_raw_ports(const struct netchannel_create *r)
{
	if (r->type != NETCHANNEL_TYPE_RAW)
		return 0;
	if (r->flags & NETCHANNEL_FAST)
		return -EINVAL;
	if (r->local.port && r->local.port != htons(r->protocol))
		return -EINVAL;
	return r->remote.port && r->remote.port != htons(r->protocol) ? -EINVAL : 0;
}

/* Flows are spread, and what is for many has none. */
static int check_share(const struct netchannel_create *r)
{
	if (!(r->flags & NETCHANNEL_REUSEPORT))
		return 0;
	return r->type == NETCHANNEL_TYPE_RAW || r->flags & NETCHANNEL_BROADCAST ||
	       !netchannel_addr_is_zero(&r->remote) ? -EINVAL : 0;
}

/* One peer, or, of UDP, many. */
static int check_create_remote(const struct netchannel_create *r)
{
	int ret = netchannel_addr_check_remote(&r->remote, r->local.family);
	struct in6_addr addr;

	if (ret)
		return ret;
	addr = netchannel_addr_get(&r->remote);
	if (!netchannel_is_multicast(&addr) && !netchannel_is_broadcast(&addr))
		return 0;
	if (r->protocol != IPPROTO_UDP)
		return -EOPNOTSUPP;
	return netchannel_is_broadcast(&addr) && !(r->flags & NETCHANNEL_BROADCAST) ? -EACCES : 0;
}

/* As packets: among others, with headers. */
static int check_messages(const struct netchannel_create *r)
{
	if (!(r->flags & NETCHANNEL_MESSAGES))
		return 0;
	if (r->flags & NETCHANNEL_RECVERR || r->protocol != IPPROTO_UDP ||
	    r->format != NETCHANNEL_FORMAT_PACKET)
		return -EINVAL;
	return r->type == NETCHANNEL_TYPE_DISCARD ? -EINVAL : 0;
}

/* Only a member has these. */
static int check_group(u32 type, s32 group, u64 cookie)
{
	return type != NETCHANNEL_TYPE_GROUP && (group || cookie) ? -EINVAL : 0;
}

int netchannel_check_create(const struct netchannel_create *r)
{
	const u32 flags = NETCHANNEL_RECVERR | NETCHANNEL_MESSAGES | NETCHANNEL_FAST |
			  NETCHANNEL_BROADCAST | NETCHANNEL_ZEROCOPY |
			  NETCHANNEL_REUSEPORT | NETCHANNEL_METADATA | NETCHANNEL_APART;
	int ret;

	if (r->flags & ~flags || r->ifindex > INT_MAX ||
	    (r->flags & NETCHANNEL_FAST && !r->ifindex) ||
	    (r->flags & NETCHANNEL_ZEROCOPY && r->type != NETCHANNEL_TYPE_RING))
		return -EINVAL;
	ret = check_type(r);
	if (ret)
		return ret;
	if (r->format != NETCHANNEL_FORMAT_PAYLOAD &&
	    r->format != NETCHANNEL_FORMAT_PACKET)
		return -EINVAL;
	ret = check_filter(r);
	if (!ret)
		ret = check_group(r->type, r->group, r->cookie);
	if (ret)
		return ret;
	if (r->type == NETCHANNEL_TYPE_RAW ? !is_for_raw(r->protocol) :
					     !netchannel_has_ports(r->protocol))
		return -EPROTONOSUPPORT;
	if (r->protocol == IPPROTO_TCP && r->format != NETCHANNEL_FORMAT_PACKET)
		return -EINVAL;
	if (r->protocol != IPPROTO_UDP && r->flags & NETCHANNEL_BROADCAST)
		return -EINVAL;
	ret = check_messages(r) ?: check_raw_ports(r) ?: check_share(r);
	if (ret)
		return ret;
	ret = netchannel_addr_check(&r->local);
	if (ret || netchannel_addr_is_zero(&r->remote))
		return ret;
	return check_create_remote(r);
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

int netchannel_check_accept(const struct netchannel_accept *r)
{
	if (r->flags & ~(NETCHANNEL_DONTWAIT | NETCHANNEL_ZEROCOPY) ||
	    r->timeout_ns & SIGN_BIT_64 || check_group(r->type, r->group, r->cookie))
		return -EINVAL;
	if (r->flags & NETCHANNEL_ZEROCOPY && r->type != NETCHANNEL_TYPE_RING)
		return -EINVAL;
	switch (r->type) {
	case NETCHANNEL_TYPE_RING:
		return 0;
	case NETCHANNEL_TYPE_GROUP:
		return r->rx_bytes || r->tx_slots || r->tx_bytes ? -EINVAL : 0;
	case NETCHANNEL_TYPE_COPY:
		return r->tx_slots || r->tx_bytes ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

int netchannel_check_kick(const struct netchannel_kick *r)
{
	if (r->flags & ~(NETCHANNEL_DONTWAIT | NETCHANNEL_WAIT | NETCHANNEL_LIKE) ||
	    r->reserved || (r->like && !(r->flags & NETCHANNEL_LIKE)) ||
	    /* it would be descriptor 0 */
	    (r->flags & NETCHANNEL_LIKE && r->size < offsetof(struct netchannel_kick, reserved)) ||
	    r->spin_ns > (r->flags & NETCHANNEL_WAIT ? NETCHANNEL_SPIN_NS_MAX : 0))
		return -EINVAL;
	if (r->timeout_ns & SIGN_BIT_64)
		return -EINVAL;
	return 0;
}

static int check_without_port(const struct netchannel_addr *a, int family)
{
	int ret = netchannel_addr_check(a);

	if (ret)
		return ret;
	if (a->family != family)
		return -EAFNOSUPPORT;
	return a->port ? -EINVAL : 0;
}

int netchannel_check_membership(const struct netchannel_membership *r, int family)
{
	struct in6_addr group;
	int ret;

	if (r->flags & ~NETCHANNEL_LEAVE || r->reserved || r->ifindex > INT_MAX)
		return -EINVAL;
	ret = check_without_port(&r->group, family);
	if (ret)
		return ret;
	group = netchannel_addr_get(&r->group);
	if (!netchannel_is_multicast(&group))
		return -EINVAL;
	return netchannel_addr_is_zero(&r->source) ? 0 : check_without_port(&r->source, family);
}

int netchannel_check_multicast(const struct netchannel_multicast *r)
{
	if (r->flags & ~NETCHANNEL_NO_LOOP || r->ttl > 255 || r->ifindex > INT_MAX)
		return -EINVAL;
	return 0;
}

int netchannel_check_readiness(const struct netchannel_readiness *r)
{
	if (r->flags & ~(u32)(O_CLOEXEC | O_NONBLOCK) || r->events & ~NETCHANNEL_READY_EVENTS ||
	    r->reserved)
		return -EINVAL;
	return 0;
}

int netchannel_check_ready(const struct netchannel_ready *r)
{
	return r->events & ~NETCHANNEL_READY_EVENTS ? -EINVAL : 0;
}
