/* SPDX-License-Identifier: GPL-2.0 */
/* How a guest begins: its file in memory, tables where it needs them, registers. */
#ifndef KVMCTL_BOOT_H
#define KVMCTL_BOOT_H

#include <stdint.h>

#include "image.h"

struct machine;

/* What was loaded, and how each vCPU is to begin. */
struct boot {
	enum image_kind kind;
	uint64_t entry;
	uint32_t vcpus;
	uint32_t info;		/* where what multiboot or Linux is told is; 0: nothing */
	/* For multiboot and Linux, or NULL; initrd for Linux: a file. */
	const char *command_line, *initrd;
};

/*
 * Loads the file. 0, or -1 with errno set and m->what naming the step; *why is
 * more than errno says, or NULL.
 */
int boot_load(struct machine *m, const char *path, struct boot *boot, const char **why);
/* Where what we put into memory begins: at the end of what 32 bits can address. */
uint64_t boot_tables_at(const struct machine *m);
/* Sets the vCPU's registers: EDI is its number, ESI how many there are. */
int boot_start(struct machine *m, const struct boot *boot);

#endif
