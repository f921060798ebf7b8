/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The binary format of regulatory.db, version 20, as wireless-regdb publishes
 * it. Big endian; pointers count words of 4 bytes from the start of the file:
 *
 *	header		magic, version
 *	country[]	alpha2, pointer to its collection; a zero entry ends it
 *	collection	length, number of rules, DFS region, pointers to rules
 *	rule		length, flags, power, start, end, width [, CAC [, WMM]]
 *	wmm		EDCA limits, for clients and for access points
 *
 * A length lets an object grow; fields beyond the known ones are passed over.
 * Pure; see pure.h.
 */
#ifndef REGDOM_DB_V20_H
#define REGDOM_DB_V20_H

#include "db.h"

/* The farthest word a pointer can name, and the longest object there. */
#define REGDOM_V20_MAX_BYTES	(65536 * 4 + 1024)

/*
 * Accepts only a file in which every object lies inside it and apart from every
 * other (an object may be named more than once, but no two overlap), countries
 * ascend, every domain has 1 to 128 rules that ascend strictly in start and in
 * end, and every number has a meaning. Ranges of neighbouring rules may overlap,
 * as they do in the published file.
 */
extern const struct regdom_db_format regdom_v20;

#endif
