/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For a variable whose every field is written before it is read: kernels clear what stands on
 * the stack (INIT_STACK_ALL_ZERO), which costs a packet more than to fill it.
 */
#ifndef NETCHANNEL_UNINITIALIZED_H
#define NETCHANNEL_UNINITIALIZED_H

#if __has_attribute(__uninitialized__)
#define NETCHANNEL_UNINITIALIZED	__attribute__((__uninitialized__))
#else
#define NETCHANNEL_UNINITIALIZED
#endif

#endif
