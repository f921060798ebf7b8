/* SPDX-License-Identifier: GPL-2.0 */
/* From a channel's owner to the network, under the channel's own address. */
#ifndef NETCHANNEL_SEND_H
#define NETCHANNEL_SEND_H

#include "channel.h"

struct iov_iter;
struct netchannel_deadline;

/*
 * Sends what *from holds, in the channel's format. remote_addr and
 * remote_port are the destination on a channel without a remote, format
 * PAYLOAD; zero when none was given. Returns 0 or an errno as NETCHANNEL_SEND
 * says.
 */
int netchannel_send(struct netchannel *ch, struct iov_iter *from,
		    const struct netchannel_deadline *deadline,
		    __be32 remote_addr, __be16 remote_port);

/* Of the path to the channel's remote, in bytes; 0: none, or no route to it. */
u32 netchannel_path_mtu(struct netchannel *ch);

/* Can a packet be sent without waiting? */
bool netchannel_has_room(const struct netchannel *ch);

#endif
