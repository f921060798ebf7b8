/* SPDX-License-Identifier: GPL-2.0 */
/* The database that the module has, and whether it would take another in its place. */
#ifndef REGDOMCTL_LOADED_H
#define REGDOMCTL_LOADED_H

#include "dbfile.h"

#define LOADED_WHY_BYTES 160

/* Asks for all of it. Returns an exit code; when it is not 0, the error is reported. */
int loaded_fetch(struct dbfile *loaded);

/*
 * Whether REGDOM_CMD_LOAD_DB would refuse that database for what stands in it, and why; its
 * signature is not looked at. Returns an exit code as above; *why "": it would not.
 */
int loaded_would_refuse(const struct dbfile *loaded, const struct dbfile *new,
			char why[LOADED_WHY_BYTES]);

#endif
