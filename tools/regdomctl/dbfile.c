// SPDX-License-Identifier: GPL-2.0
#include "dbfile.h"

#include <stdio.h>
#include <stdlib.h>

#include "../common/tool.h"
#include "dbtext.h"
#include "regdom/bytes.h"
#include "regdom/db_ext.h"
#include "regdom/db_v20.h"

static const struct regdom_db_format *const binary[] = {
	[DBFILE_V20] = &regdom_v20,
	[DBFILE_EXT] = &regdom_ext,
};

const char *dbfile_format_name(enum dbfile_format format)
{
	return format == DBFILE_TEXT ? "text" : binary[format]->name;
}

static void *allocate(size_t bytes)
{
	void *memory = calloc(1, bytes);

	if (!memory) {
		fprintf(stderr, "regdomctl: out of memory\n");
		exit(TOOL_REFUSED);
	}
	return memory;
}

static int parse_binary(struct dbfile *file, const u8 *data, size_t size,
			struct regdom_fault *fault)
{
	const struct regdom_db_format *format = binary[file->format];
	u32 *map = allocate((size / 4 + 1) * sizeof(*map));
	struct regdom_db_counts n;
	int ret;

	ret = format->check(data, size, map, &n, fault);
	if (ret)
		goto free_map;
	file->memory = allocate(regdom_db_bytes(&n));
	regdom_db_place(&file->db, file->memory, &n);
	format->fill(data, map, &file->db);

free_map:
	free(map);
	return ret;
}

static int parse_text(struct dbfile *file, const u8 *data, size_t size,
		      const s32 *gain_mbi, struct dbtext_fault *fault)
{
	int ret;

	file->draft = allocate(sizeof(*file->draft));
	file->draft->gain_mbi = gain_mbi;
	ret = dbtext_parse((const char *)data, size, file->draft, fault);
	if (ret == 0)
		draft_build(file->draft, &file->db);
	return ret;
}

static enum dbfile_format guess_format(const u8 *data, size_t size)
{
	if (regdom_ext_is(data, size))
		return DBFILE_EXT;
	return size >= 4 && memcmp(data, "RGDB", 4) == 0 ? DBFILE_V20 : DBFILE_TEXT;
}

static int parse(struct dbfile *file, const u8 *data, size_t size, const s32 *gain_mbi,
		 char *where, size_t where_bytes, char *why, size_t why_bytes)
{
	struct dbtext_fault text_fault;
	struct regdom_fault fault;
	int ret;

	*file = (struct dbfile){ .format = guess_format(data, size) };
	if (file->format == DBFILE_TEXT) {
		ret = parse_text(file, data, size, gain_mbi, &text_fault);
		if (ret) {
			snprintf(where, where_bytes, "%u:%u", text_fault.line,
				 text_fault.column);
			snprintf(why, why_bytes, "%s", text_fault.why);
		}
	} else {
		ret = parse_binary(file, data, size, &fault);
		if (ret) {
			snprintf(where, where_bytes, "offset %u", fault.offset);
			snprintf(why, why_bytes, "%s: take another copy of the file, or compile it again",
				 fault.why);
		}
	}
	if (ret)
		dbfile_free(file);
	return ret;
}

int dbfile_parse(struct dbfile *file, const u8 *data, size_t size,
		 char *where, size_t where_bytes, char *why, size_t why_bytes)
{
	return parse(file, data, size, NULL, where, where_bytes, why, why_bytes);
}

int dbfile_load(struct dbfile *file, const char *path)
{
	return dbfile_load_for(file, path, NULL);
}

int dbfile_load_for(struct dbfile *file, const char *path, const s32 *gain_mbi)
{
	char where[32], why[400], what[4200];
	struct buffer buffer;
	int ret;

	ret = buffer_read(&buffer, path);
	if (ret)
		return tool_refused_errno(path, ret);
	ret = parse(file, buffer.bytes, buffer.size, gain_mbi, where, sizeof(where),
		    why, sizeof(why));
	buffer_free(&buffer);
	if (!ret)
		return TOOL_DONE;
	snprintf(what, sizeof(what), "%s:%s", path, where);
	return tool_refused(what, why);
}

void dbfile_free(struct dbfile *file)
{
	if (file->draft)
		draft_free(file->draft);
	free(file->draft);
	free(file->memory);
	*file = (struct dbfile){ 0 };
}
