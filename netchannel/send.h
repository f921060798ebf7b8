/* SPDX-License-Identifier: GPL-2.0 */
/* From a channel's owner to the network, under the channel's own address. */
#ifndef NETCHANNEL_SEND_H
#define NETCHANNEL_SEND_H

#include "channel.h"

struct iov_iter;
struct netchannel_deadline;

/*
 * Sends what *from holds, in the channel's format. *remote is the destination
 * on a channel without a remote, format PAYLOAD, as netchannel_check_send()
 * lets it pass; NULL or zero: none was given. Returns 0 or an errno as
 * NETCHANNEL_SEND says.
 */
int netchannel_send(struct netchannel *ch, struct iov_iter *from,
		    const struct netchannel_deadline *deadline,
		    const struct netchannel_addr *remote);

/* Of the path to the channel's remote, in bytes; 0: none, or no route to it. */
u32 netchannel_path_mtu(struct netchannel *ch);

/* Can a packet be sent without waiting? */
bool netchannel_has_room(const struct netchannel *ch);

#endif
