/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The attach mode FAST: packets leave the kernel's path where they come in, at a
 * device's ingress hook, which its channels share.
 */
#ifndef NETCHANNEL_FAST_H
#define NETCHANNEL_FAST_H

struct netchannel_fast;
struct netchannel_net;

/* For a channel more of the device; an ERR_PTR. nn->lock is held. */
struct netchannel_fast *netchannel_fast_get(struct netchannel_net *nn, int ifindex);
void netchannel_fast_put(struct netchannel_net *nn, struct netchannel_fast *fast);

/* The device goes, and its hook with it; nn->lock is held. */
void netchannel_fast_end(struct netchannel_net *nn, int ifindex);

#endif
