/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one interface of a stack, and its routes: a packet to an address of ours
 * comes back by itself, every other one leaves by the link.
 */
#ifndef STACK_INTERFACE_H
#define STACK_INTERFACE_H

#include "../wire/ip.h"

struct interface {
	u32 mtu_bytes;
	bool has_ipv4, has_ipv6;
	u8 ipv4[16];		/* the first four */
	u8 ipv6[16];
};

/* -EINVAL: no address, or one that no host can have, or too small an MTU. */
int interface_check(const struct interface *i);

/* The address that packets of ours come from, NULL: there is none. */
const u8 *interface_source(const struct interface *i, u8 version, const u8 *destination);

/* Is it ours? The loopback addresses are. */
bool interface_is_local(const struct interface *i, u8 version, const u8 *address);

/* 127/8, ::1: never on a link. */
bool interface_is_loopback(u8 version, const u8 *address);

/* 0.0.0.0, :: */
bool interface_is_any(u8 version, const u8 *address);

#endif
