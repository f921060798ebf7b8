/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzzers of databases share. */
#ifndef FUZZ_H
#define FUZZ_H

#include "must.h"
#include "regdom/db.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* What every user of a database relies on. */
void must_be_sound(const struct regdom_db *db);

/*
 * The database as the tool writes it, in each format that can hold it, is
 * accepted by the module's parser and says the same.
 */
void must_survive_encoding(const struct regdom_db *db);

/* The same, as a text, if one says it. */
void must_survive_printing(const struct regdom_db *db);

/* Any bytes as a file: refused with a reason, or a database that is all that. */
void must_be_refused_or_sound(const struct regdom_db_format *format,
			      const u8 *data, size_t size);

#endif
