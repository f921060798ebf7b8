/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks of what user space asks for, as far as the request itself tells.
 * Pure: plain functions over the structures of the uapi header, which the
 * caller has copied from user memory. They return 0 or the errno that the
 * uapi header documents, negative.
 */
#ifndef NETCHANNEL_REQUEST_H
#define NETCHANNEL_REQUEST_H

#include "pure.h"

/* Sizes of the first version of each structure: smaller is EINVAL. */
#define NETCHANNEL_SIZE_0(type, last) \
	(offsetof(struct type, last) + sizeof(((struct type *)0)->last))
#define NETCHANNEL_QUERY_SIZE_0		NETCHANNEL_SIZE_0(netchannel_query, features)
#define NETCHANNEL_CREATE_SIZE_0	NETCHANNEL_SIZE_0(netchannel_create, map_bytes)
#define NETCHANNEL_SEND_SIZE_0		NETCHANNEL_SIZE_0(netchannel_send, remote)
#define NETCHANNEL_RECV_SIZE_0		NETCHANNEL_SIZE_0(netchannel_recv, local)
#define NETCHANNEL_KICK_SIZE_0		NETCHANNEL_SIZE_0(netchannel_kick, timeout_ns)
#define NETCHANNEL_VECTOR_SIZE_0	NETCHANNEL_SIZE_0(netchannel_vector, timeout_ns)
#define NETCHANNEL_DRAIN_SIZE_0		NETCHANNEL_SIZE_0(netchannel_drain, timeout_ns)
#define NETCHANNEL_ACCEPT_SIZE_0	NETCHANNEL_SIZE_0(netchannel_accept, reserved_out)
#define NETCHANNEL_MEMBERSHIP_SIZE_0	NETCHANNEL_SIZE_0(netchannel_membership, reserved)
#define NETCHANNEL_MULTICAST_SIZE_0	NETCHANNEL_SIZE_0(netchannel_multicast, ifindex)
#define NETCHANNEL_READINESS_SIZE_0	NETCHANNEL_SIZE_0(netchannel_readiness, reserved)
#define NETCHANNEL_READY_SIZE_0		NETCHANNEL_SIZE_0(netchannel_ready, events)
#define NETCHANNEL_INFO_SIZE_0		NETCHANNEL_SIZE_0(netchannel_info, mtu)
#define NETCHANNEL_STATS_SIZE_0		NETCHANNEL_SIZE_0(netchannel_stats, icmp_errors)

int netchannel_check_create(const struct netchannel_create *r);

/* format, family and has_remote are the channel's. */
int netchannel_check_send(const struct netchannel_send *r, u32 format,
			  int family, bool has_remote);
int netchannel_check_recv(const struct netchannel_recv *r);
int netchannel_check_vector(const struct netchannel_vector *v);
int netchannel_check_drain(const struct netchannel_drain *r);
int netchannel_check_accept(const struct netchannel_accept *r);
int netchannel_check_kick(const struct netchannel_kick *r);
/* family is the channel's. */
int netchannel_check_membership(const struct netchannel_membership *r, int family);
int netchannel_check_multicast(const struct netchannel_multicast *r);

/* EPOLLIN, _PRI, _OUT, _ERR, _HUP and _RDHUP */
#define NETCHANNEL_READY_EVENTS	0x201fU
int netchannel_check_readiness(const struct netchannel_readiness *r);
int netchannel_check_ready(const struct netchannel_ready *r);

#endif
