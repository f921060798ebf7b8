// SPDX-License-Identifier: LGPL-2.1-or-later
#include "siphash.h"

#include <endian.h>
#include <string.h>

static u64 rotate(u64 x, int bits)
{
	return x << bits | x >> (64 - bits);
}

/* The figure of one SipRound in the paper, section 2. */
static void sip_rounds(u64 v[4], int rounds)
{
	while (rounds--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static u64 little_endian(const u8 *bytes, size_t size)
{
	u64 word = 0;

	memcpy(&word, bytes, size);
	return le64toh(word);
}

static void compress(u64 v[4], u64 word)
{
	v[3] ^= word;
	sip_rounds(v, 2);
	v[0] ^= word;
}

u64 tcp_siphash(const u64 key[2], const u8 *bytes, size_t size)
{
	u64 v[4] = {
		key[0] ^ 0x736f6d6570736575ull,
		key[1] ^ 0x646f72616e646f6dull,
		key[0] ^ 0x6c7967656e657261ull,
		key[1] ^ 0x7465646279746573ull,
	};
	size_t at;

	for (at = 0; at + 8 <= size; at += 8)
		compress(v, little_endian(bytes + at, 8));
	compress(v, (u64)(size & 0xff) << 56 | little_endian(bytes + at, size - at));
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
