/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* MSG_PEEK: what lies there is looked at, and stays. */
#ifndef STACK_PEEK_H
#define STACK_PEEK_H

#include "stream.h"

/*
 * The bytes that a call would read behind the first so many, as far as they are there: how
 * many. Not across the mark of urgent data. NULL: they are only counted.
 */
u32 stream_peek(const struct stream *s, u32 offset, u8 *bytes, u32 size);

/* Are so many there, or will there never be more: at the end, at the mark, after an error? */
bool stream_peek_ends(const struct stream *s, u32 wanted_bytes);

#endif
