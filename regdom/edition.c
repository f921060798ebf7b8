// SPDX-License-Identifier: GPL-2.0
#include "edition.h"

#include <linux/errno.h>
#include <linux/module.h>

static unsigned int min_serial;
module_param(min_serial, uint, 0444);
MODULE_PARM_DESC(min_serial,
		 "The lowest serial number that a database may have; one of format 20 has none (default: 0, any or none)");

int regdom_edition_check(const struct regdom_edition *edition,
			 const struct regdom_edition *before, const char **why)
{
	if (edition->serial >= min_serial && edition->serial >= before->serial)
		return 0;
	if (!edition->serial)
		*why = "it has no serial number, and a database without one is not wanted any more";
	else if (edition->serial < before->serial)
		*why = "its serial number is lower than that of the database before";
	else
		*why = "its serial number is lower than min_serial=";
	return -ESTALE;
}
