/* SPDX-License-Identifier: GPL-2.0 */
/* The layers that make a rule in force what it is. */
#ifndef REGDOMCTL_LAYERS_H
#define REGDOMCTL_LAYERS_H

#include <linux/types.h>
#include <netlink/attr.h>

/*
 * As JSON an object "layers" of arrays, as text a line, as far as the answer has
 * them; flags: those of the rule.
 */
void layers_print(struct nlattr **attrs, __u32 flags);

#endif
