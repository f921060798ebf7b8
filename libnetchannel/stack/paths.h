/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What routers have said of paths' MTUs, for datagrams: RFC 1191, RFC 8201. */
#ifndef STACK_PATHS_H
#define STACK_PATHS_H

#include "../wire/ip.h"

#define PATHS_MAX		64	/* of more, the one that came first is forgotten */
#define PATHS_LIFE_US		(600 * US_PER_S)	/* RFC 1191, 6.3 */
#define PATHS_IPV4_LEAST_BYTES	552	/* Linux's: less is not believed, ... */

struct path {
	u8 ip_version;		/* 0: there is none */
	u8 address[16];
	u16 mtu_bytes;
	bool cuts;		/* ... and routers are to cut what is longer */
	u64 until_us;
};

struct paths {
	struct path all[PATHS_MAX];
	u32 next;
	u32 count;		/* there are no more: each datagram looks, and most know none */
	u64 deadline_us;	/* the first of them is over; UINT64_MAX: there is none */
};

void paths_start(struct paths *p);

/* NULL: nobody has said anything of it. */
const struct path *paths_find(const struct paths *p, u8 ip_version, const u8 *address);

/* A router says that packets to address may be no larger. It can only become less. */
void paths_learn(struct paths *p, u8 ip_version, const u8 *address, u32 mtu_bytes, u64 now_us);

/* Forgets those that are over. */
void paths_tick(struct paths *p, u64 now_us);

#endif
