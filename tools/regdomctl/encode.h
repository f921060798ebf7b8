/* SPDX-License-Identifier: GPL-2.0 */
/* From a database that draft_build() has made to the bytes of a file. */
#ifndef REGDOMCTL_ENCODE_H
#define REGDOMCTL_ENCODE_H

#include "buffer.h"
#include "regdom/db.h"

/* Why a format cannot hold a database, and what to do, in words. */
struct encode_fault {
	char why[200];
};

/* Format 20 of regulatory.db, as wireless-regdb's own compiler writes it. */
int encode_v20(const struct regdom_db *db, struct buffer *file,
	       struct encode_fault *fault);

/* The extended format, regdom.db(5). */
int encode_ext(const struct regdom_db *db, struct buffer *file,
	       struct encode_fault *fault);

#endif
