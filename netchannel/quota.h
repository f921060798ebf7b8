/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many channels there may be: of a user, whatever his processes, and in a network
 * namespace. The module's parameters channels_per_user and channels_per_net; 0: any number.
 */
#ifndef NETCHANNEL_QUOTA_H
#define NETCHANNEL_QUOTA_H

#include <linux/types.h>
#include <linux/uidgid.h>

struct netchannel_quota;

/*
 * One channel more of the user: his count, given back by netchannel_quota_put(); or an
 * ERR_PTR, -EMFILE when he has as many as he may, -ENOMEM.
 */
struct netchannel_quota *netchannel_quota_get(kuid_t uid);
void netchannel_quota_put(struct netchannel_quota *quota);

/* Nobody has a channel any more. */
void netchannel_quota_exit(void);

/* May a namespace that has so many have one more? */
bool netchannel_quota_net(unsigned int channels);

#endif
