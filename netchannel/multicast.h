/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Datagrams for many: the groups that a channel has joined, and how what it sends to
 * groups goes. Memberships are those of the port's shadow socket, so that the kernel
 * keeps and reports them as those of sockets.
 */
#ifndef NETCHANNEL_MULTICAST_H
#define NETCHANNEL_MULTICAST_H

#include "channel.h"

/* Joins or leaves, after netchannel_check_membership(); an errno as MEMBERSHIP says. */
int netchannel_multicast_membership(struct netchannel *ch,
				    const struct netchannel_membership *r);

/* After netchannel_check_multicast(). */
int netchannel_multicast_set(struct netchannel *ch, const struct netchannel_multicast *r);

#endif
