/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An ioctl as a 32-bit program does it, by the gate that these use: for the kernel it is
 * one. Its argument has to lie below 4 GiB (MAP_32BIT).
 */
#ifndef TESTS_IOCTL_32_H
#define TESTS_IOCTL_32_H

#include <errno.h>
#include <stdint.h>

#define IOCTL_32	54	/* its number there */

static inline int ioctl_32(int fd, unsigned int cmd, const void *arg)
{
	long ret;

	asm volatile("int $0x80" : "=a" (ret)
		     : "a" (IOCTL_32), "b" (fd), "c" (cmd), "d" ((uint32_t)(uintptr_t)arg)
		     : "memory", "r8", "r9", "r10", "r11");
	errno = ret < 0 ? -ret : 0;
	return ret < 0 ? -1 : ret;
}

#endif
