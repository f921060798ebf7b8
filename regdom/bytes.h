/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers in a file: big endian, at any address. Pure; see pure.h. */
#ifndef REGDOM_BYTES_H
#define REGDOM_BYTES_H

#include "pure.h"

static inline u16 read_16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static inline u32 read_32(const u8 *p)
{
	return (u32)read_16(p) << 16 | read_16(p + 2);
}

#endif
