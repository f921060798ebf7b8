// SPDX-License-Identifier: GPL-2.0
/* unit: tools/kvmctl/image.c tools/kvmctl/linux.c */
#include "tools/kvmctl/image.h"

#include <check.h>
#include <elf.h>
#include <string.h>

#include "tools/kvmctl/linux.h"

static uint8_t file[0x3000];
static struct image image;

/* ---- ELF ---- */

static void make_elf64(void)
{
	Elf64_Ehdr *e = (void *)file;
	Elf64_Phdr *p = (void *)(file + sizeof(*e));

	memset(file, 0, sizeof(file));
	memcpy(e->e_ident, ELFMAG, SELFMAG);
	e->e_ident[EI_CLASS] = ELFCLASS64;
	e->e_ident[EI_DATA] = ELFDATA2LSB;
	e->e_machine = EM_X86_64;
	e->e_entry = 0x100010;
	e->e_phoff = sizeof(*e);
	e->e_phnum = 2;
	e->e_phentsize = sizeof(*p);
	p[0] = (Elf64_Phdr) { .p_type = PT_LOAD, .p_offset = 0x1000, .p_paddr = 0x100000,
			      .p_filesz = 0x123, .p_memsz = 0x200 };
	p[1] = (Elf64_Phdr) { .p_type = PT_NOTE, .p_offset = ~0ull, .p_memsz = ~0ull };
}

static void make_elf32(void)
{
	Elf32_Ehdr *e = (void *)file;
	Elf32_Phdr *p = (void *)(file + sizeof(*e));

	memset(file, 0, sizeof(file));
	memcpy(e->e_ident, ELFMAG, SELFMAG);
	e->e_ident[EI_CLASS] = ELFCLASS32;
	e->e_ident[EI_DATA] = ELFDATA2LSB;
	e->e_machine = EM_386;
	e->e_entry = 0x100020;
	e->e_phoff = sizeof(*e);
	e->e_phnum = 1;
	e->e_phentsize = sizeof(*p);
	p[0] = (Elf32_Phdr) { .p_type = PT_LOAD, .p_offset = 0x1000, .p_paddr = 0x200000,
			      .p_filesz = 0x10, .p_memsz = 0x2000 };
}

static void check_segment(int i, uint64_t at, size_t offset, size_t file_bytes,
			  uint64_t memory_bytes)
{
	ck_assert_uint_eq(image.segments[i].at, at);
	ck_assert_uint_eq(image.segments[i].offset, offset);
	ck_assert_uint_eq(image.segments[i].file_bytes, file_bytes);
	ck_assert_uint_eq(image.segments[i].memory_bytes, memory_bytes);
}

START_TEST(elf)
{
	make_elf64();
	ck_assert_ptr_null(image_parse(file, sizeof(file), &image));
	ck_assert_int_eq(image.kind, IMAGE_ELF64);
	ck_assert_uint_eq(image.entry, 0x100010);
	ck_assert_int_eq(image.count, 1);
	check_segment(0, 0x100000, 0x1000, 0x123, 0x200);
	ck_assert_uint_eq(image_end(&image), 0x100200);
	make_elf32();
	ck_assert_ptr_null(image_parse(file, sizeof(file), &image));
	ck_assert_int_eq(image.kind, IMAGE_ELF32);
	ck_assert_uint_eq(image.entry, 0x100020);
	check_segment(0, 0x200000, 0x1000, 0x10, 0x2000);
}
END_TEST

START_TEST(bad_elf)
{
	Elf64_Ehdr *e = (void *)file;
	Elf64_Phdr *p = (void *)(file + sizeof(*e));

	make_elf64();
	ck_assert_ptr_nonnull(image_parse(file, sizeof(*e) - 1, &image));
	ck_assert_ptr_nonnull(image_parse(file, sizeof(*e) + 2 * sizeof(*p) - 1, &image));
	ck_assert_ptr_nonnull(image_parse(file, 0x1000 + 0x122, &image));
	ck_assert_ptr_null(image_parse(file, 0x1000 + 0x123, &image));
	e->e_phoff = ~0ull;
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	make_elf64();
	e->e_phentsize--;
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	make_elf64();
	e->e_machine = EM_386;
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	make_elf64();
	e->e_ident[EI_CLASS] = 7;
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	make_elf64();
	e->e_ident[EI_DATA] = ELFDATA2MSB;
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	make_elf64();
	p[0].p_memsz = 0x122;	/* less than is in the file */
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	p[0].p_memsz = ~0ull;
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	make_elf64();
	p[0].p_type = PT_NOTE;
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
}
END_TEST

START_TEST(many_segments)
{
	Elf64_Ehdr *e = (void *)file;
	Elf64_Phdr *p = (void *)(file + sizeof(*e));

	make_elf64();
	for (int i = 1; i <= IMAGE_SEGMENTS_MAX; i++)
		p[i] = p[0];
	e->e_phnum = IMAGE_SEGMENTS_MAX;
	ck_assert_ptr_null(image_parse(file, sizeof(file), &image));
	ck_assert_int_eq(image.count, IMAGE_SEGMENTS_MAX);
	e->e_phnum++;
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	/* What takes no memory is none. */
	p[3].p_memsz = 0;
	ck_assert_ptr_null(image_parse(file, sizeof(file), &image));
}
END_TEST

/* ---- multiboot ---- */

struct header {
	uint32_t magic, flags, checksum, header_addr, load_addr, load_end, bss_end, entry;
};

static struct header *put_header(size_t at, uint32_t flags)
{
	struct header *h = (void *)(file + at);

	*h = (struct header) { .magic = 0x1badb002, .flags = flags };
	h->checksum = -(h->magic + h->flags);
	return h;
}

START_TEST(multiboot)
{
	struct header *h;

	make_elf32();
	put_header(0x800, 3);
	ck_assert_ptr_null(image_parse(file, sizeof(file), &image));
	ck_assert_int_eq(image.kind, IMAGE_MULTIBOOT);
	ck_assert_uint_eq(image.entry, 0x100020);
	/* Its own addresses are in place of ELF's. */
	h = put_header(0x800, 0x10000);
	h->header_addr = 0x10700;
	h->load_addr = 0x10000;
	h->load_end = 0x10900;
	h->bss_end = 0x11000;
	h->entry = 0x10010;
	ck_assert_ptr_null(image_parse(file, sizeof(file), &image));
	ck_assert_int_eq(image.count, 1);
	check_segment(0, 0x10000, 0x100, 0x900, 0x1000);
	ck_assert_uint_eq(image.entry, 0x10010);
	h->load_end = h->bss_end = 0;	/* to the end of the file */
	ck_assert_ptr_null(image_parse(file, sizeof(file), &image));
	check_segment(0, 0x10000, 0x100, sizeof(file) - 0x100, sizeof(file) - 0x100);
	/* Where no loader looks, it is no header. */
	make_elf32();
	put_header(8192 - 8, 0);
	ck_assert_ptr_null(image_parse(file, sizeof(file), &image));
	ck_assert_int_eq(image.kind, IMAGE_ELF32);
}
END_TEST

START_TEST(bad_multiboot)
{
	struct header *h;

	make_elf32();
	put_header(0x800, 4);		/* video */
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	h = put_header(0x800, 0x10000);
	h->load_addr = 0x10000;
	h->header_addr = 0x10801;	/* it would begin before the file */
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	h->header_addr = 0xffff;
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	h->header_addr = 0x10000;
	h->load_end = 0x13000;		/* more than is there */
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	h->load_end = 0xf000;
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	h->load_end = 0x10100;
	h->bss_end = 0x100ff;
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	/* The addresses are cut off. */
	ck_assert_ptr_nonnull(image_parse(file, 0x800 + 12, &image));
	/* Neither ELF nor addresses; a wrong checksum is no header. */
	memset(file, 0, sizeof(file));
	h = put_header(0, 0);
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	h->checksum++;
	ck_assert_ptr_null(image_parse(file, sizeof(file), &image));
	ck_assert_int_eq(image.kind, IMAGE_FLAT);
}
END_TEST

START_TEST(flat)
{
	ck_assert_ptr_nonnull(image_parse(file, 0, &image));
	ck_assert_ptr_null(image_parse((const uint8_t *)"\xf4", 1, &image));
	ck_assert_int_eq(image.kind, IMAGE_FLAT);
	check_segment(0, 0x1000, 0, 1, 1);
	ck_assert_uint_eq(image.entry, 0x1000);
}
END_TEST

/* ---- Linux ---- */

static void put(size_t at, uint64_t value, size_t bytes)
{
	memcpy(file + at, &value, bytes);
}

static void make_linux(void)
{
	memset(file, 0, sizeof(file));
	put(0x1f1, 3, 1);		/* sectors of real mode, behind the first */
	memcpy(file + 0x202, "HdrS", 4);
	put(0x201, 0x6a, 1);
	put(0x206, 0x20f, 2);
	put(0x236, 1, 2);
	put(0x258, 0x1000000, 8);
	put(0x260, 0x400000, 4);
}

START_TEST(linux_kernel)
{
	make_linux();
	ck_assert_ptr_null(image_parse(file, sizeof(file), &image));
	ck_assert_int_eq(image.kind, IMAGE_LINUX);
	ck_assert_uint_eq(image.entry, 0x1000200);
	ck_assert_int_eq(image.count, 1);
	check_segment(0, 0x1000000, 0x800, sizeof(file) - 0x800, 0x400000);
	ck_assert_uint_eq(image.header_bytes, 0x26c - 0x1f1);
	put(0x1f1, 0, 1);		/* that means 4 */
	ck_assert_ptr_null(image_parse(file, sizeof(file), &image));
	ck_assert_uint_eq(image.segments[0].offset, 0xa00);
}
END_TEST

START_TEST(bad_linux)
{
	make_linux();
	ck_assert_ptr_nonnull(image_parse(file, 0x800, &image));
	ck_assert_ptr_null(image_parse(file, 0x801, &image));
	put(0x206, 0x20b, 2);
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	make_linux();
	put(0x236, 2, 2);		/* no entry in long mode */
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	make_linux();
	put(0x201, 0xff, 1);		/* longer than there is room for */
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	make_linux();
	put(0x260, 0x100, 4);		/* less than is in the file */
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
	make_linux();
	put(0x258, ~0ull, 8);
	ck_assert_ptr_nonnull(image_parse(file, sizeof(file), &image));
}
END_TEST

static void check_range(const uint8_t *page, int i, uint64_t at, uint64_t bytes, uint32_t type)
{
	ck_assert_mem_eq(page + 0x2d0 + i * 20, &at, 8);
	ck_assert_mem_eq(page + 0x2d8 + i * 20, &bytes, 8);
	ck_assert_mem_eq(page + 0x2e0 + i * 20, &type, 4);
}

START_TEST(linux_page)
{
	struct linux_info info = {
		.command_line = 0x7ff8800, .initrd = 0x7000000, .initrd_bytes = 0x1234,
		.usable_end = 0x7ff8000, .memory_bytes = 0x8000000,
	};
	uint8_t page[LINUX_PAGE_BYTES];

	make_linux();
	ck_assert_ptr_null(image_parse(file, sizeof(file), &image));
	linux_fill_page(page, file, &image, &info);
	ck_assert_mem_eq(page + 0x202, "HdrS", 4);
	ck_assert_uint_eq(page[0x210], 0xff);
	ck_assert_mem_eq(page + 0x218, &info.initrd, 4);
	ck_assert_mem_eq(page + 0x21c, &info.initrd_bytes, 4);
	ck_assert_mem_eq(page + 0x228, &info.command_line, 4);
	ck_assert_uint_eq(page[0x1e8], 3);
	check_range(page, 0, 0, 0x9f000, 1);
	check_range(page, 1, 0x9f000, 0x61000, 2);
	check_range(page, 2, 0x100000, 0x7ef8000, 1);
	/* What we put there is below 4 GiB; what is above is all the guest's. */
	info.usable_end = (1ull << 32) - 0x8000;
	info.memory_bytes = 5ull << 30;
	linux_fill_page(page, file, &image, &info);
	ck_assert_uint_eq(page[0x1e8], 4);
	check_range(page, 3, 1ull << 32, 1ull << 30, 1);
}
END_TEST

Suite *kvmctl_image_suite(void);
Suite *kvmctl_image_suite(void)
{
	Suite *suite = suite_create("kvmctl image");
	TCase *tc = tcase_create("files of guests");

	tcase_add_test(tc, elf);
	tcase_add_test(tc, bad_elf);
	tcase_add_test(tc, many_segments);
	tcase_add_test(tc, linux_kernel);
	tcase_add_test(tc, bad_linux);
	tcase_add_test(tc, linux_page);
	tcase_add_test(tc, multiboot);
	tcase_add_test(tc, bad_multiboot);
	tcase_add_test(tc, flat);
	suite_add_tcase(suite, tc);
	return suite;
}
