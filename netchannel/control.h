/* SPDX-License-Identifier: GPL-2.0 */
/* What the structure of 2006 asks for, in the words of today. Pure. */
#ifndef NETCHANNEL_CONTROL_H
#define NETCHANNEL_CONTROL_H

#include "pure.h"

/* As a request of CREATE; -EINVAL for what the uapi header does not allow. */
int netchannel_control_parse(const struct netchannel_control *c,
			     struct netchannel_create *r);

#endif
