/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/net/netchannel: the channels of a namespace, as the uapi header says. */
#ifndef NETCHANNEL_LIST_H
#define NETCHANNEL_LIST_H

struct net;

int netchannel_list_create(struct net *net);
void netchannel_list_remove(struct net *net);

#endif
