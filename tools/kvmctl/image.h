/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest's file: which part of it goes where, and where it begins. Plain logic
 * over the file's bytes, which may be anything.
 */
#ifndef KVMCTL_IMAGE_H
#define KVMCTL_IMAGE_H

#include <stddef.h>
#include <stdint.h>

enum image_kind {
	IMAGE_FLAT,		/* real mode, at IMAGE_FLAT_AT */
	IMAGE_ELF32,		/* protected mode, no paging */
	IMAGE_ELF64,		/* long mode */
	IMAGE_MULTIBOOT,	/* protected mode, with what its loader tells */
	IMAGE_LINUX,		/* a bzImage: long mode, with what its loader tells */
};

/* The head of a bzImage, which its loader hands on (Documentation/arch/x86/boot.rst). */
#define IMAGE_LINUX_HEADER_AT	0x1f1
#define IMAGE_LINUX_HEADER_MAX	0x7f

#define IMAGE_FLAT_AT		0x1000
#define IMAGE_SEGMENTS_MAX	16

struct image_segment {
	uint64_t at;		/* guest-physical */
	uint64_t memory_bytes;	/* at least file_bytes; the rest is 0 */
	size_t offset, file_bytes;
};

struct image {
	enum image_kind kind;
	uint64_t entry;
	int count;
	uint8_t header_bytes;	/* a bzImage's, at IMAGE_LINUX_HEADER_AT of the file */
	struct image_segment segments[IMAGE_SEGMENTS_MAX];
};

/* NULL, or why it cannot be loaded. A file of no other kind is flat. */
const char *image_parse(const uint8_t *file, size_t size, struct image *image);
/* The first byte behind all segments. */
uint64_t image_end(const struct image *image);

#endif
