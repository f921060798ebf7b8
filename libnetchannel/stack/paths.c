// SPDX-License-Identifier: LGPL-2.1-or-later
#include "paths.h"

#include <string.h>

void paths_start(struct paths *p)
{
	*p = (struct paths){ .deadline_us = UINT64_MAX };
}

static u32 find(const struct paths *p, u8 ip_version, const u8 *address)
{
	u32 i = 0;

	while (i < p->count && (p->all[i].ip_version != ip_version ||
				!ip_same_address(ip_version, p->all[i].address, address)))
		i++;
	return i < p->count ? i : PATHS_MAX;
}

const struct path *paths_find(const struct paths *p, u8 ip_version, const u8 *address)
{
	u32 i = find(p, ip_version, address);

	return i < PATHS_MAX ? &p->all[i] : NULL;
}

void paths_learn(struct paths *p, u8 ip_version, const u8 *address, u32 mtu_bytes, u64 now_us)
{
	u32 least = ip_version == 4 ? PATHS_IPV4_LEAST_BYTES : IPV6_MTU_MIN_BYTES;
	u32 i = find(p, ip_version, address);
	bool cuts = mtu_bytes < least;

	if (i < PATHS_MAX && max_u32(mtu_bytes, least) >= p->all[i].mtu_bytes &&
	    (!cuts || p->all[i].cuts))
		return;
	if (i == PATHS_MAX) {
		i = p->next;
		p->next = (p->next + 1) % PATHS_MAX;
		p->count = max_u32(p->count, i + 1);
	}
	p->all[i] = (struct path){
		.ip_version = ip_version, .mtu_bytes = min_u32(max_u32(mtu_bytes, least), 65535),
		.cuts = cuts, .until_us = now_us + PATHS_LIFE_US,
	};
	memcpy(p->all[i].address, address, ip_address_bytes(ip_version));
	p->deadline_us = min_u64(p->deadline_us, p->all[i].until_us);
}

void paths_tick(struct paths *p, u64 now_us)
{
	if (now_us < p->deadline_us)
		return;
	p->deadline_us = UINT64_MAX;
	for (u32 i = 0; i < PATHS_MAX; i++) {
		if (p->all[i].until_us <= now_us)
			p->all[i].ip_version = 0;
		if (p->all[i].ip_version)
			p->deadline_us = min_u64(p->deadline_us, p->all[i].until_us);
	}
	if (p->deadline_us == UINT64_MAX)
		p->count = p->next = 0;
}
