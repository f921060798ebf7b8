/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The types of the pure parts: plain C over plain data, built into the module
 * and, unchanged, into the unit tests in user space.
 */
#ifndef REGDOM_PURE_H
#define REGDOM_PURE_H

#ifdef __KERNEL__
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define U32_MAX UINT32_MAX
#define S32_MAX INT32_MAX
#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define noinline	__attribute__((noinline))
#define EXPORT_SYMBOL_GPL(symbol) extern int regdom_no_export
#endif

#endif
