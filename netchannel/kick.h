/* SPDX-License-Identifier: GPL-2.0 */
/* Sending what a ring's descriptors describe, and waiting for what comes. */
#ifndef NETCHANNEL_KICK_H
#define NETCHANNEL_KICK_H

#include <linux/types.h>

struct netchannel;
struct netchannel_deadline;

/* Returns how many descriptors were taken, or an errno as NETCHANNEL_KICK says. */
int netchannel_kick(struct netchannel *ch, bool wait, u32 spin_ns,
		    const struct netchannel_deadline *deadline);

#endif
