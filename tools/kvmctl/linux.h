/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a loader tells Linux: the "zero page" (Documentation/arch/x86/zero-page.rst).
 * Plain logic.
 */
#ifndef KVMCTL_LINUX_H
#define KVMCTL_LINUX_H

#include <stdint.h>

#include "image.h"

#define LINUX_PAGE_BYTES	4096

struct linux_info {
	uint32_t command_line;		/* where it is */
	uint32_t initrd, initrd_bytes;	/* 0: there is none */
	uint64_t usable_end;		/* of memory below 4 GiB */
	uint64_t memory_bytes;		/* all; what is above 4 GiB is usable too */
};

/* Fills the page at `page`; `file` is the kernel's, `image` what it was parsed to. */
void linux_fill_page(uint8_t page[LINUX_PAGE_BYTES], const uint8_t *file,
		     const struct image *image, const struct linux_info *info);

#endif
