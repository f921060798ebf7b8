// SPDX-License-Identifier: GPL-2.0
#include "boot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devkvm.h"
#include "image.h"
#include "linux.h"
#include "machine.h"

#define PAGE_BYTES	4096u
/* What we put at the end of memory: the stack goes down from there. */
#define TABLES_BYTES	(8 * PAGE_BYTES)
/* No guest starts with more of it mapped, and most know addresses of 32 bits. */
#define REACHABLE_BYTES	(1ull << 32)
#define COMMAND_LINE_MAX 2048	/* for Linux in the descriptors' page, behind them */

/* Pages of it: descriptors and what the loader tells; page tables of 4 GiB. */
enum {
	PAGE_GDT, PAGE_INFO, PAGE_PML4, PAGE_PDPT, PAGE_DIRS,
};

#define DIRS		4
#define CODE_SELECTOR	0x10
#define DATA_SELECTOR	0x18
#define ENTRY_TABLE	3ull		/* present, writable */
#define ENTRY_2_MIB	0x83ull		/* ... and large */

#define CR0_PE		(1ull << 0)
#define CR0_ET		(1ull << 4)
#define CR0_PG		(1ull << 31)
#define CR4_PAE		(1ull << 5)
#define EFER_LONG	(1ull << 8 | 1ull << 10)	/* LME, LMA */

#define MULTIBOOT_LOADED	0x2badb002u
#define MULTIBOOT_INFO_MEMORY	(1u << 0)
#define MULTIBOOT_INFO_CMDLINE	(1u << 2)
#define MULTIBOOT_INFO_MMAP	(1u << 6)

/* Multiboot Specification 0.6.96, 3.3 */
struct multiboot_info {
	uint32_t flags, mem_lower_kib, mem_upper_kib, boot_device, cmdline;
	uint32_t mods_count, mods_addr, syms[4];
	uint32_t mmap_length, mmap_addr;
	uint32_t rest[16];
};

struct multiboot_range {
	uint32_t size;		/* of what follows */
	uint64_t base, length;
	uint32_t type;		/* 1: memory */
} __attribute__((packed));

/* ---- the file ---- */

static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long end = -1;

	if (!f)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0)
		end = ftell(f);
	if (end >= 0 && fseek(f, 0, SEEK_SET) == 0)
		bytes = malloc((size_t)end + 1);
	if (bytes && fread(bytes, 1, end, f) != (size_t)end) {
		free(bytes);
		bytes = NULL;
		errno = EIO;
	}
	fclose(f);
	*size = end;
	return bytes;
}

uint64_t boot_tables_at(const struct machine *m)
{
	uint64_t end = m->size_bytes < REACHABLE_BYTES ? m->size_bytes : REACHABLE_BYTES;

	return end - TABLES_BYTES;
}

static int place(struct machine *m, const uint8_t *file, const struct image *image)
{
	uint64_t room = image->kind == IMAGE_FLAT ? m->size_bytes : boot_tables_at(m);

	if (image_end(image) > room) {
		errno = EFBIG;
		return -1;
	}
	for (int i = 0; i < image->count; i++) {
		const struct image_segment *s = &image->segments[i];

		memcpy(m->memory + s->at, file + s->offset, s->file_bytes);
		memset(m->memory + s->at + s->file_bytes, 0, s->memory_bytes - s->file_bytes);
	}
	return 0;
}

/* ---- tables ---- */

static uint64_t page_at(const struct machine *m, int page)
{
	return boot_tables_at(m) + page * PAGE_BYTES;
}

static void *page(struct machine *m, int number)
{
	return m->memory + page_at(m, number);
}

/* Linear addresses are physical ones. */
static void make_page_tables(struct machine *m)
{
	uint64_t *pdpt = page(m, PAGE_PDPT), *dirs = page(m, PAGE_DIRS);

	*(uint64_t *)page(m, PAGE_PML4) = page_at(m, PAGE_PDPT) | ENTRY_TABLE;
	for (int i = 0; i < DIRS; i++)
		pdpt[i] = page_at(m, PAGE_DIRS + i) | ENTRY_TABLE;
	for (uint64_t i = 0; i < DIRS * 512; i++)
		dirs[i] = i << 21 | ENTRY_2_MIB;
}

/* The same segments that the registers begin with, for a guest that loads them anew. */
static void make_gdt(struct machine *m, bool is_64)
{
	uint64_t *gdt = page(m, PAGE_GDT);

	gdt[CODE_SELECTOR / 8] = is_64 ? 0x00af9b000000ffff : 0x00cf9b000000ffff;
	gdt[DATA_SELECTOR / 8] = 0x00cf93000000ffff;
}

static bool is_long(enum image_kind kind)
{
	return kind == IMAGE_ELF64 || kind == IMAGE_LINUX;
}

static uint32_t tell_multiboot(struct machine *m, const char *command_line)
{
	uint32_t at = page_at(m, PAGE_INFO);
	struct multiboot_info *info = page(m, PAGE_INFO);
	struct multiboot_range *range = (void *)(info + 1);
	char *line = (char *)(range + 1);

	*range = (struct multiboot_range) {
		.size = sizeof(*range) - sizeof(range->size),
		.length = m->size_bytes, .type = 1,
	};
	*info = (struct multiboot_info) {
		.flags = MULTIBOOT_INFO_MEMORY | MULTIBOOT_INFO_CMDLINE | MULTIBOOT_INFO_MMAP,
		.mem_lower_kib = 640,
		.mem_upper_kib = m->size_bytes > 1 << 20 ? (m->size_bytes >> 10) - 1024 : 0,
		.cmdline = at + ((uint8_t *)line - (uint8_t *)info),
		.mmap_length = sizeof(*range),
		.mmap_addr = at + sizeof(*info),
	};
	strcpy(line, command_line ?: "");
	return at;
}

/* Right below the first vCPU's stack. 0, or -1 with errno set. */
static int place_initrd(struct machine *m, const char *path, uint64_t kernel_end,
			struct linux_info *info)
{
	uint64_t end = boot_tables_at(m) - PAGE_BYTES;
	size_t size;
	uint8_t *file;

	m->what = path;
	file = read_file(path, &size);
	if (!file)
		return -1;
	if (kernel_end > end || size > end - kernel_end - PAGE_BYTES) {
		free(file);
		errno = EFBIG;
		return -1;
	}
	info->initrd = (end - size) & ~(uint64_t)(PAGE_BYTES - 1);
	info->initrd_bytes = size;
	memcpy(m->memory + info->initrd, file, size);
	free(file);
	return 0;
}

static int tell_linux(struct machine *m, const uint8_t *file, const struct image *image,
		      struct boot *boot)
{
	uint32_t line_at = page_at(m, PAGE_GDT) + PAGE_BYTES - COMMAND_LINE_MAX;
	struct linux_info info = {
		.command_line = line_at,
		.usable_end = boot_tables_at(m),
		.memory_bytes = m->size_bytes,
	};

	if (boot->initrd && place_initrd(m, boot->initrd, image_end(image), &info) < 0)
		return -1;
	strcpy((char *)m->memory + line_at, boot->command_line ?: "");
	linux_fill_page(page(m, PAGE_INFO), file, image, &info);
	boot->info = page_at(m, PAGE_INFO);
	return 0;
}

/* ---- registers ---- */

static struct kvm_segment segment(uint16_t selector, uint8_t type, bool is_64)
{
	return (struct kvm_segment) {
		.limit = ~0u, .selector = selector, .type = type, .present = 1, .s = 1,
		.g = 1, .db = !is_64, .l = is_64,
	};
}

static int set_registers(struct machine *m, const struct boot *boot)
{
	bool is_64 = is_long(boot->kind);
	struct kvm_regs regs = {
		.rip = boot->entry, .rflags = 2, .rdi = m->number,
		.rsi = boot->kind == IMAGE_LINUX ? boot->info : boot->vcpus,
		.rsp = boot_tables_at(m) - m->number * PAGE_BYTES,
	};
	struct kvm_sregs sregs;

	if (boot->kind == IMAGE_MULTIBOOT) {
		regs.rax = MULTIBOOT_LOADED;
		regs.rbx = boot->info;
	}
	m->what = "KVM_GET_SREGS";
	if (m->protocol->get_sregs(m, &sregs) < 0)
		return -1;
	sregs.cs = segment(CODE_SELECTOR, 11, is_64);
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = segment(DATA_SELECTOR, 3, false);
	sregs.gdt.base = page_at(m, PAGE_GDT);
	sregs.gdt.limit = DATA_SELECTOR + 7;
	sregs.cr0 = CR0_PE | CR0_ET;
	if (is_64) {
		sregs.cr3 = page_at(m, PAGE_PML4);
		sregs.cr4 = CR4_PAE;
		sregs.efer = EFER_LONG;
		sregs.cr0 |= CR0_PG;
	}
	m->what = "KVM_SET_SREGS";
	if (m->protocol->set_sregs(m, &sregs) < 0)
		return -1;
	m->what = "KVM_SET_REGS";
	return m->protocol->set_regs(m, &regs);
}

int boot_start(struct machine *m, const struct boot *boot)
{
	if (boot->kind == IMAGE_FLAT)
		return machine_start_at(m, boot->entry);
	return set_registers(m, boot);
}

static int make_tables(struct machine *m, const uint8_t *file, const struct image *image,
		       struct boot *boot)
{
	if (boot->kind == IMAGE_FLAT)
		return 0;
	make_gdt(m, is_long(boot->kind));
	if (is_long(boot->kind))
		make_page_tables(m);
	if (boot->kind == IMAGE_MULTIBOOT)
		boot->info = tell_multiboot(m, boot->command_line);
	return boot->kind == IMAGE_LINUX ? tell_linux(m, file, image, boot) : 0;
}

int boot_load(struct machine *m, const char *path, struct boot *boot, const char **why)
{
	struct image image;
	uint8_t *file;
	size_t size;
	int ret, err;

	*why = NULL;
	m->what = path;
	if (boot->command_line && strlen(boot->command_line) >= COMMAND_LINE_MAX) {
		errno = E2BIG;
		return -1;
	}
	file = read_file(path, &size);
	if (!file)
		return -1;
	*why = image_parse(file, size, &image);
	if (*why) {
		free(file);
		errno = ENOEXEC;
		return -1;
	}
	boot->kind = image.kind;
	boot->entry = image.entry;
	ret = place(m, file, &image) ?: make_tables(m, file, &image, boot);
	err = errno;
	free(file);
	errno = err;
	return ret;
}
