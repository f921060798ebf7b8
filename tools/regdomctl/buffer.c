// SPDX-License-Identifier: GPL-2.0
#include "buffer.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/tool.h"

void buffer_put(struct buffer *b, const void *bytes, size_t size)
{
	if (b->room - b->size < size) {
		b->room = (b->size + size) * 2;
		b->bytes = realloc(b->bytes, b->room);
		if (!b->bytes) {
			fprintf(stderr, "regdomctl: out of memory\n");
			exit(TOOL_REFUSED);
		}
	}
	if (size)
		memcpy(b->bytes + b->size, bytes, size);
	b->size += size;
}

void buffer_put_8(struct buffer *b, unsigned int value)
{
	u8 byte = value;

	buffer_put(b, &byte, 1);
}

void buffer_put_16(struct buffer *b, unsigned int value)
{
	buffer_put_8(b, value >> 8);
	buffer_put_8(b, value & 0xff);
}

void buffer_put_32(struct buffer *b, u32 value)
{
	buffer_put_16(b, value >> 16);
	buffer_put_16(b, value & 0xffff);
}

void buffer_set_16(struct buffer *b, size_t at, unsigned int value)
{
	b->bytes[at] = value >> 8;
	b->bytes[at + 1] = value;
}

void buffer_set_32(struct buffer *b, size_t at, u32 value)
{
	buffer_set_16(b, at, value >> 16);
	buffer_set_16(b, at + 2, value & 0xffff);
}

void buffer_free(struct buffer *b)
{
	free(b->bytes);
	*b = (struct buffer){ 0 };
}

static int read_all(struct buffer *b, FILE *file)
{
	u8 chunk[65536];
	size_t n;

	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0) {
		if (b->size + n > BUFFER_MAX_BYTES)
			return -EFBIG;
		buffer_put(b, chunk, n);
	}
	return ferror(file) ? -errno : 0;
}

int buffer_read(struct buffer *b, const char *path)
{
	FILE *file;
	int ret;

	*b = (struct buffer){ 0 };
	file = fopen(path, "rb");
	if (!file)
		return -errno;
	ret = read_all(b, file);
	if (ret)
		buffer_free(b);
	fclose(file);
	return ret;
}

static int write_temporary(const struct buffer *b, const char *path)
{
	FILE *file = fopen(path, "wb");
	bool ok;

	if (!file)
		return -errno;
	ok = !b->size || fwrite(b->bytes, b->size, 1, file) == 1;
	ok = fflush(file) == 0 && ok;
	ok = fsync(fileno(file)) == 0 && ok;
	ok = fclose(file) == 0 && ok;
	return ok ? 0 : -EIO;
}

int buffer_write(const struct buffer *b, const char *path)
{
	char temporary[PATH_MAX];
	struct stat stat;
	int ret;

	if (strcmp(path, "-") == 0)
		return fwrite(b->bytes, 1, b->size, stdout) == b->size ? 0 : -EIO;
	/* a device or a pipe is written to, not replaced */
	if (lstat(path, &stat) == 0 && !S_ISREG(stat.st_mode))
		return write_temporary(b, path);
	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >=
	    (int)sizeof(temporary))
		return -ENAMETOOLONG;
	ret = write_temporary(b, temporary);
	if (ret == 0 && rename(temporary, path))
		ret = -errno;
	if (ret)
		unlink(temporary);
	return ret;
}
