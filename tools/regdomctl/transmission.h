/* SPDX-License-Identifier: GPL-2.0 */
/* A transmission, as arguments; and why it is not permitted, as words. */
#ifndef REGDOMCTL_TRANSMISSION_H
#define REGDOMCTL_TRANSMISSION_H

#include "dbtext.h"
#include "regdom/verdict.h"

/* One of which nothing is said: that of an access point. */
#define TRANSMISSION_UNSAID \
	{ .use = REGDOM_USE_AP, .eirp_mbm = REGDOM_POWER_UNSAID }

/* The same, where it is also told whether link and gain are said. */
#define TRANSMISSION_LINK_UNSAID	__REGDOM_LINKS
#define TRANSMISSION_GAIN_UNSAID	REGDOM_POWER_UNSAID
#define TRANSMISSION_OF_RADIO						\
	{ .use = REGDOM_USE_AP, .eirp_mbm = REGDOM_POWER_UNSAID,	\
	  .link = TRANSMISSION_LINK_UNSAID, .gain_mbi = TRANSMISSION_GAIN_UNSAID }

/*
 * Reads all options, among them --db and --radar unless db is NULL. Returns an
 * exit code; says what is wrong.
 */
int transmission_options(int argc, char **argv, const char *verb,
			 const char **db, struct regdom_transmission *asked);

/* All of them but those two, for the help. */
#define TRANSMISSION_OPTIONS_HELP							\
	"[--use USE] [--center2 MHZ] [--modulation M] [--place PLACE] [--ptp | --ptmp] "	\
	"[--class CLASS] [--eirp DBM] [--gain DBI] [--concurrent]"

/* The options that say what a device is, for getopt_long(); and one of them, likewise. */
#define TRANSMISSION_DEVICE_OPTIONS			\
	{ "class", required_argument, NULL, 'c' },	\
	{ "gain", required_argument, NULL, 'g' },	\
	{ "ptp", no_argument, NULL, 'l' },		\
	{ "ptmp", no_argument, NULL, 'L' }
int transmission_option(int option, const char *value,
			struct regdom_transmission *asked);

/* "5500@80": centre and width in MHz; without a width, 20. Likewise. */
int transmission_channel(char *text, struct regdom_transmission *asked);

/* By enum regdom_reason: the word for programs, and the words for people. */
struct transmission_reason {
	const char *word;
	const char *words;
};

extern const struct transmission_reason transmission_reasons[];
extern const struct dbtext_word transmission_regions[];

#endif
