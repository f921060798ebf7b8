/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers in network order, at any address. */
#ifndef WIRE_BYTES_H
#define WIRE_BYTES_H

#include <endian.h>
#include <string.h>

#include "../tcp/types.h"

static inline u16 get_be16(const u8 *p)
{
	u16 value;

	memcpy(&value, p, sizeof(value));
	return be16toh(value);
}

static inline u32 get_be32(const u8 *p)
{
	u32 value;

	memcpy(&value, p, sizeof(value));
	return be32toh(value);
}

/* Not byte by byte: of several in a row, compilers make one of shifts. */
static inline void put_be16(u8 *p, u16 value)
{
	value = htobe16(value);
	memcpy(p, &value, sizeof(value));
}

static inline void put_be32(u8 *p, u32 value)
{
	value = htobe32(value);
	memcpy(p, &value, sizeof(value));
}

#endif
