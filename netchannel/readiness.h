/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors that are ready for what their holders say: for sockets of user space. */
#ifndef NETCHANNEL_READINESS_H
#define NETCHANNEL_READINESS_H

#include "channel.h"

/* As NETCHANNEL_READINESS on the maker's descriptor: the new one, or a negative errno. */
int netchannel_readiness_open(struct netchannel *maker, void __user *arg);

/* The maker's descriptor is closed: nobody makes another one. */
void netchannel_readiness_hang_up(struct netchannel *maker);

#endif
