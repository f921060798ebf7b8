/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers in network order, at any address. */
#ifndef WIRE_BYTES_H
#define WIRE_BYTES_H

#include "../tcp/types.h"

static inline u16 get_be16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline u32 get_be32(const u8 *p)
{
	return (u32)get_be16(p) << 16 | get_be16(p + 2);
}

static inline void put_be16(u8 *p, u16 value)
{
	p[0] = value >> 8;
	p[1] = value & 0xff;
}

static inline void put_be32(u8 *p, u32 value)
{
	put_be16(p, value >> 16);
	put_be16(p + 2, value & 0xffff);
}

#endif
