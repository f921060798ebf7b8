/* SPDX-License-Identifier: GPL-2.0 */
/* A program's end of generic netlink, in the kernel: requests and answers. */
#ifndef REGDOM_GENL_H
#define REGDOM_GENL_H

#include <linux/types.h>

struct net;
struct nlmsghdr;
struct sk_buff;
struct socket;

/* A message without attributes, or NULL: out of memory. flags are NLM_F_. */
struct sk_buff *regdom_genl_message(u16 type, u8 command, u16 flags);
/* The same with NLM_F_REQUEST. It ends with a send or an ask. */
struct sk_buff *regdom_genl_request(u16 type, u8 command, u16 flags);

/* Returns 0 or a negative errno; the request is freed. */
int regdom_genl_send(struct socket *sock, struct sk_buff *request);

/*
 * Takes one datagram, if there is one, of which the rest is lost if it is longer.
 * Returns how many bytes there are, or a negative errno, -EAGAIN: there is none.
 * One from user space, which an administrator could send, has no bytes.
 */
int regdom_genl_receive(struct socket *sock, void *buffer, size_t size_bytes);

/*
 * Sends a request with NLM_F_ACK by a socket of its own, and calls back for each
 * message before its acknowledgement. Returns what that says, or another
 * negative errno. The request is freed; the caller keeps the namespace alive.
 */
int regdom_genl_ask(struct net *net, struct sk_buff *request,
		    void (*answer)(const struct nlmsghdr *message, void *data),
		    void *data);

#endif
