/* SPDX-License-Identifier: GPL-2.0 */
/* Countries, as people name them: ISO 3166-1, from Debian's iso-codes. */
#ifndef REGDOMCTL_COUNTRY_H
#define REGDOMCTL_COUNTRY_H

#include <stddef.h>

#define COUNTRY_SPELLINGS 7

struct country {
	char alpha2[3];
	char alpha3[4];
	unsigned int numeric;
	const char *name;
	const char *names[COUNTRY_SPELLINGS];	/* end with NULL */
};

/* Ascend by alpha-2; scripts/iso3166 makes them. */
extern const struct country countries[];
extern const unsigned int n_countries;

/*
 * The code of a country that is named by its alpha-2, alpha-3 or numeric code
 * or its English name, in capitals or not; "00" or "world" is the world domain.
 * Two letters are taken as they are: not all domains are of countries. Returns
 * an exit code of the tool; when it is not 0, the error is reported.
 */
int country_resolve(const char *text, char alpha2[3]);

/* NULL: ISO 3166-1 has no such country. */
const char *country_name(const char *alpha2);

#endif
