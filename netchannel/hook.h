/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where packets of channels leave the kernel's path: the end of LOCAL_IN,
 * after routing, reassembly, conntrack and the firewall's INPUT rules, before
 * the transport protocol would see them (and answer).
 */
#ifndef NETCHANNEL_HOOK_H
#define NETCHANNEL_HOOK_H

struct net;

int netchannel_hook_register(struct net *net);
/* The hook may still run until a grace period has passed. */
void netchannel_hook_unregister(struct net *net);

#endif
