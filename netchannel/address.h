/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses as the module keeps them, of either family: an IPv4 address as
 * IPv6 maps it, ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). Pure.
 */
#ifndef NETCHANNEL_ADDRESS_H
#define NETCHANNEL_ADDRESS_H

#include "pure.h"

static inline bool netchannel_is_ipv4(const struct in6_addr *a)
{
	return !(a->s6_addr32[0] | a->s6_addr32[1]) &&
	       a->s6_addr32[2] == htonl(0xffff);
}

static inline __be32 netchannel_ipv4(const struct in6_addr *a)
{
	return a->s6_addr32[3];
}

static inline struct in6_addr netchannel_from_ipv4(__be32 addr)
{
	struct in6_addr a = { };

	a.s6_addr32[2] = htonl(0xffff);
	a.s6_addr32[3] = addr;
	return a;
}

/* 0.0.0.0 or :: */
static inline bool netchannel_is_any(const struct in6_addr *a)
{
	return !(a->s6_addr32[0] | a->s6_addr32[1] | a->s6_addr32[3]) &&
	       (!a->s6_addr32[2] || a->s6_addr32[2] == htonl(0xffff));
}

/* RFC 1112, 4; RFC 4291, 2.7 */
static inline bool netchannel_is_multicast(const struct in6_addr *a)
{
	return netchannel_is_ipv4(a) ? (a->s6_addr[12] & 0xf0) == 0xe0 : a->s6_addr[0] == 0xff;
}

/* Of IPv4, on every link (RFC 919, 7). Which others are broadcasts, routes know. */
static inline bool netchannel_is_broadcast(const struct in6_addr *a)
{
	return netchannel_is_ipv4(a) && netchannel_ipv4(a) == htonl(0xffffffff);
}

/* RFC 4291, 2.5.6: fe80::/10 */
static inline bool netchannel_is_link_local(const struct in6_addr *a)
{
	return a->s6_addr[0] == 0xfe && (a->s6_addr[1] & 0xc0) == 0x80;
}

static inline int netchannel_family(const struct in6_addr *a)
{
	return netchannel_is_ipv4(a) ? AF_INET : AF_INET6;
}

static inline bool netchannel_addr_is_zero(const struct netchannel_addr *a)
{
	u64 words[sizeof(*a) / sizeof(u64)];

	memcpy(words, a, sizeof(words));
	return !(words[0] | words[1] | words[2]);
}

static inline void netchannel_addr_set_ipv4(struct netchannel_addr *to, __be32 addr,
					    __be16 port)
{
	*to = (struct netchannel_addr){ .family = AF_INET, .port = port };
	memcpy(to->addr, &addr, sizeof(addr));
}

/* As the interface has it; port 0 and no address, ::, are all zero. */
void netchannel_addr_set(struct netchannel_addr *to, const struct in6_addr *addr,
			 __be16 port);
/* Without a check: netchannel_addr_check() has been content. */
struct in6_addr netchannel_addr_get(const struct netchannel_addr *a);

/*
 * -EAFNOSUPPORT for an unknown family, -EINVAL for a scope, for bytes that the
 * family does not use, and for an IPv6 address that maps an IPv4 one or is
 * local to a link.
 */
int netchannel_addr_check(const struct netchannel_addr *a);

/* A destination or a peer, or many: an address with a port. */
int netchannel_check_remote(const struct in6_addr *addr, __be16 port);

/* Both checks, of an address that must be of the family. */
int netchannel_addr_check_remote(const struct netchannel_addr *a, int family);

#endif
