// SPDX-License-Identifier: GPL-2.0
#include "linux.h"

#include <string.h>

/* Fields of the page by their place. */
#define RANGES_COUNT	0x1e8
#define LOADER		0x210
#define INITRD		0x218
#define INITRD_BYTES	0x21c
#define COMMAND_LINE	0x228
#define RANGES		0x2d0

#define LOADER_UNKNOWN	0xff
#define RANGE_MEMORY	1
#define RANGE_RESERVED	2

/* Below 1 MiB a PC has its BIOS from here on, and Linux looks for tables there. */
#define BIOS_AT		0x9f000ull
#define LOW_END		0x100000ull
#define FOUR_GIB	(1ull << 32)

struct range {
	uint64_t at, bytes;
	uint32_t type;
} __attribute__((packed));

static void add_range(uint8_t *page, uint64_t at, uint64_t end, uint32_t type)
{
	const struct range range = { at, end - at, type };

	if (at >= end)
		return;
	memcpy(page + RANGES + page[RANGES_COUNT] * sizeof(range), &range, sizeof(range));
	page[RANGES_COUNT]++;
}

static void put32(uint8_t *page, int at, uint32_t value)
{
	memcpy(page + at, &value, sizeof(value));
}

void linux_fill_page(uint8_t page[LINUX_PAGE_BYTES], const uint8_t *file,
		     const struct image *image, const struct linux_info *info)
{
	memset(page, 0, LINUX_PAGE_BYTES);
	memcpy(page + IMAGE_LINUX_HEADER_AT, file + IMAGE_LINUX_HEADER_AT, image->header_bytes);
	page[LOADER] = LOADER_UNKNOWN;
	put32(page, COMMAND_LINE, info->command_line);
	put32(page, INITRD, info->initrd);
	put32(page, INITRD_BYTES, info->initrd_bytes);
	add_range(page, 0, BIOS_AT, RANGE_MEMORY);
	add_range(page, BIOS_AT, LOW_END, RANGE_RESERVED);
	add_range(page, LOW_END, info->usable_end, RANGE_MEMORY);
	add_range(page, FOUR_GIB, info->memory_bytes, RANGE_MEMORY);
}
