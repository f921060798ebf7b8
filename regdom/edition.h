/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which edition of a database may replace which: the serial number never falls, so that
 * nobody brings back an old one, however well it is signed.
 */
#ifndef REGDOM_EDITION_H
#define REGDOM_EDITION_H

#include "db.h"

/*
 * Returns 0 or, with *why set, -ESTALE. An edition without a serial number is older than
 * any that has one. Needs no lock: the edition before is the caller's.
 */
int regdom_edition_check(const struct regdom_edition *edition,
			 const struct regdom_edition *before, const char **why);

#endif
