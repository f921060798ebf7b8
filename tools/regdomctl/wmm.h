/* SPDX-License-Identifier: GPL-2.0 */
/* Limits of medium access, of rules that are shown. */
#ifndef REGDOMCTL_WMM_H
#define REGDOMCTL_WMM_H

#include <netlink/attr.h>
#include <stdbool.h>

#include "regdom/domain.h"

/* Those of a rule; a module of before it told them leaves them all 0. */
void wmm_parse(struct nlattr **attrs, struct regdom_wmm *wmm);
bool wmm_is_told(const struct regdom_wmm *wmm);

/* As JSON an object, as text nothing. */
void wmm_output(const char *name, const struct regdom_wmm *wmm);

/* Those that rules refer to by a number. All zeros: none yet. */
struct wmm_list {
	unsigned int n;
	struct regdom_wmm wmm[REGDOM_MAX_RULES];
};

/* Their number in the list, where they are put if they are not there; from 0. */
unsigned int wmm_list_number(struct wmm_list *list, const struct regdom_wmm *wmm);

#endif
