/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For files that decide without touching the kernel: they are built into the
 * module and, for the unit tests, into a program.
 */
#ifndef NETCHANNEL_PURE_H
#define NETCHANNEL_PURE_H

#ifdef __KERNEL__

#include <linux/compiler_attributes.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/limits.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/types.h>

#else

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define fallthrough __attribute__((__fallthrough__))

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;

#endif

#include <netchannel.h>

#endif
