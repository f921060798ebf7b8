// SPDX-License-Identifier: GPL-2.0
#include "image.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

/* Multiboot Specification 0.6.96, 3.1 */
#define MULTIBOOT_MAGIC		0x1badb002u
#define MULTIBOOT_SEARCH_BYTES	8192
#define MULTIBOOT_ALIGN_MODULES	(1u << 0)	/* there are none */
#define MULTIBOOT_MEMORY	(1u << 1)	/* always told */
#define MULTIBOOT_REQUIRED	0xffffu		/* what a loader must know */
#define MULTIBOOT_ADDRESSES	(1u << 16)

struct multiboot_header {
	uint32_t magic, flags, checksum;
	uint32_t header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr;
};

static bool inside(uint64_t offset, uint64_t bytes, size_t size)
{
	return offset <= size && bytes <= size - offset;
}

uint64_t image_end(const struct image *image)
{
	uint64_t end = 0;

	for (int i = 0; i < image->count; i++) {
		const struct image_segment *s = &image->segments[i];

		if (s->at + s->memory_bytes > end)
			end = s->at + s->memory_bytes;
	}
	return end;
}

static const char *add(struct image *image, const struct image_segment *segment, size_t size)
{
	if (!segment->memory_bytes)
		return NULL;
	if (image->count == IMAGE_SEGMENTS_MAX)
		return "it has too many segments";
	if (segment->memory_bytes < segment->file_bytes ||
	    segment->at + segment->memory_bytes < segment->at)
		return "a segment has no sensible size";
	if (!inside(segment->offset, segment->file_bytes, size))
		return "a segment lies outside the file";
	image->segments[image->count++] = *segment;
	return NULL;
}

/* ---- ELF ---- */

/* Of either class, one program header. */
static Elf64_Phdr program_header(const uint8_t *at, bool is_64)
{
	Elf64_Phdr wide;
	Elf32_Phdr narrow;

	if (is_64) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return (Elf64_Phdr) {
		.p_type = narrow.p_type, .p_offset = narrow.p_offset,
		.p_paddr = narrow.p_paddr, .p_filesz = narrow.p_filesz,
		.p_memsz = narrow.p_memsz,
	};
}

struct elf_layout {
	uint64_t entry, offset;
	uint16_t machine, count, each;
};

static struct elf_layout layout_of(const uint8_t *file, bool is_64)
{
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;

	if (is_64) {
		memcpy(&wide, file, sizeof(wide));
		return (struct elf_layout) { wide.e_entry, wide.e_phoff, wide.e_machine,
					     wide.e_phnum, wide.e_phentsize };
	}
	memcpy(&narrow, file, sizeof(narrow));
	return (struct elf_layout) { narrow.e_entry, narrow.e_phoff, narrow.e_machine,
				     narrow.e_phnum, narrow.e_phentsize };
}

static const char *parse_elf(const uint8_t *file, size_t size, struct image *image)
{
	bool is_64 = file[EI_CLASS] == ELFCLASS64;
	size_t header = is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	const char *why = NULL;
	struct elf_layout elf;

	if (size < (is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr)))
		return "its ELF header is cut off";
	if (file[EI_DATA] != ELFDATA2LSB || (!is_64 && file[EI_CLASS] != ELFCLASS32))
		return "it is ELF for another machine";
	elf = layout_of(file, is_64);
	if (elf.machine != (is_64 ? EM_X86_64 : EM_386))
		return "it is ELF for another machine";
	if (elf.each != header || !inside(elf.offset, (uint64_t)elf.count * header, size))
		return "its program headers lie outside the file";
	image->kind = is_64 ? IMAGE_ELF64 : IMAGE_ELF32;
	image->entry = elf.entry;
	for (int i = 0; i < elf.count && !why; i++) {
		Elf64_Phdr p = program_header(file + elf.offset + i * header, is_64);
		const struct image_segment segment = {
			p.p_paddr, p.p_memsz, p.p_offset, p.p_filesz,
		};

		if (p.p_type == PT_LOAD)
			why = add(image, &segment, size);
	}
	if (!why && !image->count)
		why = "it has nothing to load";
	return why;
}

/* ---- multiboot ---- */

static bool find_multiboot(const uint8_t *file, size_t size, struct multiboot_header *header,
			   size_t *offset)
{
	size_t end = size < MULTIBOOT_SEARCH_BYTES ? size : MULTIBOOT_SEARCH_BYTES;

	for (*offset = 0; *offset + 12 <= end; *offset += 4) {
		size_t there = size - *offset;

		memset(header, 0, sizeof(*header));
		memcpy(header, file + *offset, there < sizeof(*header) ? there : sizeof(*header));
		if (header->magic == MULTIBOOT_MAGIC &&
		    header->magic + header->flags + header->checksum == 0)
			return true;
	}
	return false;
}

/* The header says what goes where, in place of ELF (3.1.3). */
static const char *parse_addresses(const struct multiboot_header *header, size_t at,
				   size_t size, struct image *image)
{
	uint32_t before = header->header_addr - header->load_addr;
	struct image_segment segment = { .at = header->load_addr };

	if (at + sizeof(*header) > size || before > at)
		return "its multiboot header has no sensible addresses";
	segment.offset = at - before;
	segment.file_bytes = header->load_end_addr ?
			     header->load_end_addr - header->load_addr : size - segment.offset;
	segment.memory_bytes = segment.file_bytes;
	if (header->bss_end_addr)
		segment.memory_bytes = header->bss_end_addr - header->load_addr;
	image->entry = header->entry_addr;
	return add(image, &segment, size);
}

static const char *parse_multiboot(const uint8_t *file, size_t size,
				   const struct multiboot_header *header, size_t at,
				   struct image *image)
{
	const uint32_t known = MULTIBOOT_ALIGN_MODULES | MULTIBOOT_MEMORY;
	const char *why;

	if (header->flags & MULTIBOOT_REQUIRED & ~known)
		return "its multiboot header asks for what is not here (video?)";
	if (header->flags & MULTIBOOT_ADDRESSES)
		why = parse_addresses(header, at, size, image);
	else if (size < SELFMAG || memcmp(file, ELFMAG, SELFMAG))
		why = "it has a multiboot header, but neither addresses nor ELF";
	else
		why = parse_elf(file, size, image);
	image->kind = IMAGE_MULTIBOOT;
	return why ?: image->count ? NULL : "it has nothing to load";
}

/* ---- Linux: the fields of its header by their place in the file ---- */

#define LINUX_SECTORS	0x1f1	/* of real-mode code, after the first; 0 means 4 */
#define LINUX_JUMP	0x201	/* how far the header goes behind 0x202 */
#define LINUX_MAGIC	0x202
#define LINUX_VERSION	0x206
#define LINUX_XLOADFLAGS 0x236
#define LINUX_PREFERRED	0x258	/* where it wants to be */
#define LINUX_INIT_SIZE	0x260	/* the memory that it needs there */
#define LINUX_HEADER_END 0x264	/* of protocol 2.10 */

#define LINUX_VERSION_64	0x20c	/* the first with an entry in long mode */
#define LINUX_KERNEL_64		0x01
#define LINUX_ENTRY_64		0x200
#define SECTOR_BYTES		512

static uint64_t field(const uint8_t *file, size_t at, size_t bytes)
{
	uint64_t value = 0;

	memcpy(&value, file + at, bytes);
	return value;
}

static bool is_linux(const uint8_t *file, size_t size)
{
	return size >= LINUX_HEADER_END && !memcmp(file + LINUX_MAGIC, "HdrS", 4);
}

static const char *parse_linux(const uint8_t *file, size_t size, struct image *image)
{
	size_t sectors = file[LINUX_SECTORS] ? file[LINUX_SECTORS] : 4;
	size_t header = LINUX_MAGIC + file[LINUX_JUMP] - IMAGE_LINUX_HEADER_AT;
	struct image_segment segment = {
		.at = field(file, LINUX_PREFERRED, 8),
		.memory_bytes = field(file, LINUX_INIT_SIZE, 4),
		.offset = (sectors + 1) * SECTOR_BYTES,
	};

	if (field(file, LINUX_VERSION, 2) < LINUX_VERSION_64 ||
	    !(file[LINUX_XLOADFLAGS] & LINUX_KERNEL_64))
		return "it is no Linux of 64 bits";
	if (segment.offset >= size || header > IMAGE_LINUX_HEADER_MAX ||
	    !inside(IMAGE_LINUX_HEADER_AT, header, size))
		return "its Linux header is cut off";
	segment.file_bytes = size - segment.offset;
	image->kind = IMAGE_LINUX;
	image->header_bytes = header;
	image->entry = segment.at + LINUX_ENTRY_64;
	return add(image, &segment, size);
}

const char *image_parse(const uint8_t *file, size_t size, struct image *image)
{
	const struct image_segment whole = { IMAGE_FLAT_AT, size, 0, size };
	struct multiboot_header header;
	size_t at;

	memset(image, 0, sizeof(*image));
	if (!size)
		return "it is empty";
	if (find_multiboot(file, size, &header, &at))
		return parse_multiboot(file, size, &header, at, image);
	if (size >= EI_NIDENT && !memcmp(file, ELFMAG, SELFMAG))
		return parse_elf(file, size, image);
	if (is_linux(file, size))
		return parse_linux(file, size, image);
	image->kind = IMAGE_FLAT;
	image->entry = IMAGE_FLAT_AT;
	return add(image, &whole, size);
}
