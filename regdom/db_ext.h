/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The extended format of databases, regdom.db(5): what regulatory.db says, and
 * the limits that it cannot say. Numbers are big endian. There are no pointers:
 *
 *	header		magic "RGDM", version, size of the file
 *	object[]	type, length, fields: one edition; then WMM limits, rules,
 *			domains, countries, each kind numbered from 0
 *	field[]		type, length, value
 *
 * An object names only objects that come before it, by their number. A type
 * whose highest bit is set is critical: a reader that does not know it refuses
 * the file; others are passed over. Pure; see pure.h.
 */
#ifndef REGDOM_DB_EXT_H
#define REGDOM_DB_EXT_H

#include "db.h"

#define REGDOM_EXT_MAGIC	0x5247444du	/* "RGDM" */
#define REGDOM_EXT_VERSION	1
#define REGDOM_EXT_MAX_BYTES	(1024 * 1024)
#define REGDOM_EXT_HEADER_BYTES	12
#define REGDOM_EXT_TYPE_BYTES	4	/* type and length, before each value */
#define REGDOM_EXT_CRITICAL	0x8000
#define REGDOM_EXT_MAX_TEXT	255	/* bytes of an issuer or a law */
#define REGDOM_EXT_MAX_DAY	2932896	/* 9999-12-31 */
#define REGDOM_EXT_MAX_CAC_MS	65535000	/* as in regulatory.db */
#define REGDOM_EXT_MAX_NOP_MS	86400000	/* a day */

/* A type that may only restrict is critical. Values are of 4 bytes or as said. */
enum regdom_ext_object {
	REGDOM_EXT_EDITION = REGDOM_EXT_CRITICAL | 1,
	REGDOM_EXT_WMM = REGDOM_EXT_CRITICAL | 2,
	REGDOM_EXT_RULE = REGDOM_EXT_CRITICAL | 3,
	REGDOM_EXT_DOMAIN = REGDOM_EXT_CRITICAL | 4,
	REGDOM_EXT_COUNTRY = REGDOM_EXT_CRITICAL | 5,
};

enum regdom_ext_edition_field {
	REGDOM_EXT_SERIAL = REGDOM_EXT_CRITICAL | 1,
	REGDOM_EXT_ISSUED_DAY = 2,
	REGDOM_EXT_EXPIRES_DAY = 3,
	REGDOM_EXT_ISSUER = 4,		/* text */
};

/*
 * Four access categories (voice, video, best effort, background) of 7 bytes:
 * CWmin, CWmax, occupancy in us (2 bytes each), AIFSN (1 byte).
 */
enum regdom_ext_wmm_field {
	REGDOM_EXT_WMM_CLIENT = REGDOM_EXT_CRITICAL | 1,
	REGDOM_EXT_WMM_AP = REGDOM_EXT_CRITICAL | 2,
};

#define REGDOM_EXT_WMM_AC_BYTES	7
#define REGDOM_EXT_WMM_BYTES	(REGDOM_WMM_ACS * REGDOM_EXT_WMM_AC_BYTES)

/* The meaning and unit of each is that of struct regdom_rule or regdom_limits. */
enum regdom_ext_rule_field {
	REGDOM_EXT_START_KHZ = REGDOM_EXT_CRITICAL | 1,
	REGDOM_EXT_END_KHZ = REGDOM_EXT_CRITICAL | 2,
	REGDOM_EXT_WIDTH_KHZ = REGDOM_EXT_CRITICAL | 3,
	REGDOM_EXT_EIRP_MBM = REGDOM_EXT_CRITICAL | 4,
	REGDOM_EXT_FLAGS = REGDOM_EXT_CRITICAL | 5,
	REGDOM_EXT_CAC_MS = REGDOM_EXT_CRITICAL | 6,
	REGDOM_EXT_WMM_NUMBER = REGDOM_EXT_CRITICAL | 7,
	REGDOM_EXT_PTP_EIRP_MBM = 8,
	REGDOM_EXT_CONDUCTED_MBM = REGDOM_EXT_CRITICAL | 9,
	REGDOM_EXT_GAIN_MBI = REGDOM_EXT_CRITICAL | 10,
	REGDOM_EXT_PSD_MBM = REGDOM_EXT_CRITICAL | 11,
	REGDOM_EXT_NOP_MS = REGDOM_EXT_CRITICAL | 12,
	REGDOM_EXT_DUTY_PERMYRIAD = REGDOM_EXT_CRITICAL | 13,
	REGDOM_EXT_CLASSES = REGDOM_EXT_CRITICAL | 14,
	REGDOM_EXT_LAW = 15,		/* text */
};

enum regdom_ext_domain_field {
	REGDOM_EXT_DFS_REGION = REGDOM_EXT_CRITICAL | 1,
	REGDOM_EXT_RULE_NUMBERS = REGDOM_EXT_CRITICAL | 2, /* 2 bytes each */
};

enum regdom_ext_country_field {
	REGDOM_EXT_ALPHA2 = REGDOM_EXT_CRITICAL | 1, /* 2 bytes */
	REGDOM_EXT_DOMAIN_NUMBER = REGDOM_EXT_CRITICAL | 2,
	/* where the law differs by class, the domain of that: by bit of the class */
	REGDOM_EXT_LPI_DOMAIN = REGDOM_EXT_CRITICAL | 3,
	REGDOM_EXT_SP_DOMAIN = REGDOM_EXT_CRITICAL | 4,
	REGDOM_EXT_VLP_DOMAIN = REGDOM_EXT_CRITICAL | 5,
	REGDOM_EXT_CLIENT_DOMAIN = REGDOM_EXT_CRITICAL | 6,
};

/* Whether the bytes begin as a file of this format does. */
bool regdom_ext_is(const u8 *data, size_t size);

/*
 * Accepts only a file that is cut into objects and fields without a rest, kinds
 * of objects and types of fields ascending; in which every number is in range
 * and names something, texts are printable ASCII without double quotes,
 * countries ascend, every domain has 1 to 128 rules that ascend strictly in
 * start and in end, the domain of a class is another than the general one of
 * its country and of the same DFS region, and no flag is unknown.
 */
extern const struct regdom_db_format regdom_ext;

#endif
