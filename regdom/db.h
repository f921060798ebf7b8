/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A regulatory database: countries, the domains that they share, the rules
 * that the domains share. Immutable once filled. Pure; see pure.h.
 */
#ifndef REGDOM_DB_H
#define REGDOM_DB_H

#include "domain.h"

/* 100 dBm: twice, in dBm, what any country permits. */
#define REGDOM_MAX_EIRP_MBM	10000
/* "00", and every pair of letters. */
#define REGDOM_MAX_COUNTRIES	(1 + 26 * 26)

/* Bits of enum regdom_6ghz_class of the uapi. */
#define REGDOM_CLASSES		4
#define REGDOM_MAX_DOMAINS	(REGDOM_MAX_COUNTRIES * (1 + REGDOM_CLASSES))

/* Its domains are indices into domains, and all of one DFS region. */
struct regdom_country {
	char alpha2[2];
	u16 domain;		/* for devices of which no class is said */
	u16 of_class[REGDOM_CLASSES];	/* by bit; the same where nothing differs */
};

struct regdom_db_counts {
	u32 countries;
	u32 domains;
	u32 rules;
	u32 wmms;
	u32 spans;		/* over all domains, each with its end mark */
	u32 limits;
	u32 text_bytes;		/* of all texts, each with a 0 at its end */
};

/* What a database says of itself; regulatory.db says nothing. */
struct regdom_edition {
	u32 serial;		/* rises with each edition; 0: not said */
	u32 issued_day;		/* days since 1970-01-01; 0: not said */
	u32 expires_day;	/* advice: a newer one should be there by then */
	const char *issuer;	/* NULL: not said */
};

struct regdom_db {
	struct regdom_db_counts n;
	struct regdom_edition edition;
	struct regdom_country *countries;	/* ascending by alpha2 */
	struct regdom_domain *domains;
	struct regdom_rule *rules;
	struct regdom_wmm *wmms;
	struct regdom_span *spans;
	struct regdom_limits *limits;
	char *text;
};

/* Why a database is refused, and where in the file. */
struct regdom_fault {
	int error;		/* negative errno */
	u32 offset;		/* of the offending field, in bytes */
	const char *why;	/* a constant string */
};

/* A format of files. */
struct regdom_db_format {
	const char *name;	/* as people call it */

	/*
	 * Checks a whole file, and counts what it holds. map: size / 4 entries,
	 * all 0; fill() needs it again. Returns 0, or fault->error.
	 */
	int (*check)(const u8 *data, size_t size, u32 *map,
		     struct regdom_db_counts *n, struct regdom_fault *fault);

	/* Fills a placed database from a file that has passed the check. */
	void (*fill)(const u8 *data, const u32 *map, struct regdom_db *db);
};

/* Bytes that the arrays of a database need; 0 if that overflows. */
size_t regdom_db_bytes(const struct regdom_db_counts *n);

/* Lays the arrays out in mem, which is zeroed and of regdom_db_bytes(n). */
void regdom_db_place(struct regdom_db *db, void *mem,
		     const struct regdom_db_counts *n);

/* Gives devices of every class the same domain. */
void regdom_country_set(struct regdom_country *country, u16 domain);

/* The index of the domain for a class; of 0, and of what is no class, the general one. */
u16 regdom_country_domain(const struct regdom_country *country, u8 device_class);

/* A bit mask of the classes that have a domain of their own. */
u8 regdom_country_classes(const struct regdom_country *country);

/* NULL: the database has no such country. alpha2 need not end with a 0. */
const struct regdom_country *regdom_db_country(const struct regdom_db *db,
					       const char *alpha2);

/* The domain of the country for devices of this class, 0: of none; or NULL, as above. */
const struct regdom_domain *regdom_db_find(const struct regdom_db *db,
					   const char *alpha2, u8 device_class);

/* "00" for the world, or two letters A to Z. */
bool regdom_alpha2_valid(const char *alpha2);

#endif
