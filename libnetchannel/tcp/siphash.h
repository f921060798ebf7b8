/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SipHash-2-4 of Aumasson and Bernstein: a keyed hash of short inputs. */
#ifndef TCP_SIPHASH_H
#define TCP_SIPHASH_H

#include "types.h"

u64 tcp_siphash(const u64 key[2], const u8 *bytes, size_t size);

#endif
