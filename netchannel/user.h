/* SPDX-License-Identifier: GPL-2.0 */
/* The structures of the interface, from and to user memory, by the uapi header's rules. */
#ifndef NETCHANNEL_USER_H
#define NETCHANNEL_USER_H

#include <linux/compiler_types.h>
#include <linux/types.h>

/*
 * Copies a structure that begins with its size from the user; *dst is as the
 * caller's kernel knows it, in `known` bytes, and its size field is what the user
 * gave, who must give `least`.
 */
int netchannel_fetch(void *dst, size_t known, size_t least, const void __user *arg);

/*
 * Writes the structure back from offset `from` on. What the user's structure
 * has beyond ours is zero already, as netchannel_fetch() has seen.
 */
int netchannel_store(void __user *arg, const void *src, size_t known, size_t from);

#endif
