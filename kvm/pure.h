/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What plain logic over plain data needs, in the kernel and in user space:
 * files that include only this and their own header are built for both, the
 * module and tests/unit.
 */
#ifndef KVM_PURE_H
#define KVM_PURE_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define noinline	__attribute__((noinline))
#endif

#endif
