/* SPDX-License-Identifier: GPL-2.0 */
/* A database from a file of any format: v20, extended, or text. */
#ifndef REGDOMCTL_DBFILE_H
#define REGDOMCTL_DBFILE_H

#include "buffer.h"
#include "draft.h"

enum dbfile_format {
	DBFILE_V20,
	DBFILE_EXT,
	DBFILE_TEXT,
};

struct dbfile {
	enum dbfile_format format;
	struct regdom_db db;	/* lives as long as the rest */
	struct draft *draft;	/* of a text; else NULL */
	void *memory;
};

/* The database that the system uses. */
#define DBFILE_DEFAULT "/lib/firmware/regulatory.db"

/* Returns an exit code of the tool; when it is not 0, the error is reported. */
int dbfile_load(struct dbfile *file, const char *path);
/* A text is read for an antenna of that gain. NULL: as above. */
int dbfile_load_for(struct dbfile *file, const char *path, const s32 *gain_mbi);
void dbfile_free(struct dbfile *file);

/* From bytes: 0, or a negative errno with where and why as a text. */
int dbfile_parse(struct dbfile *file, const u8 *data, size_t size,
		 char *where, size_t where_bytes, char *why, size_t why_bytes);

const char *dbfile_format_name(enum dbfile_format format);

#endif
