/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes of a file: as they are read, or as they are put together. */
#ifndef REGDOMCTL_BUFFER_H
#define REGDOMCTL_BUFFER_H

#include "regdom/pure.h"

/* No file that the tool reads is larger. */
#define BUFFER_MAX_BYTES (16 * 1024 * 1024)

struct buffer {
	u8 *bytes;
	size_t size;
	size_t room;
};

/* Big endian. They end the program when there is no memory. */
void buffer_put(struct buffer *b, const void *bytes, size_t size);
void buffer_put_8(struct buffer *b, unsigned int value);
void buffer_put_16(struct buffer *b, unsigned int value);
void buffer_put_32(struct buffer *b, u32 value);
/* Over what is already there. */
void buffer_set_16(struct buffer *b, size_t at, unsigned int value);
void buffer_set_32(struct buffer *b, size_t at, u32 value);
void buffer_free(struct buffer *b);

/* From a file; 0, or a negative errno. */
int buffer_read(struct buffer *b, const char *path);
/* Replaces a file as a whole or not at all; "-": stdout. Negative errno. */
int buffer_write(const struct buffer *b, const char *path);

#endif
