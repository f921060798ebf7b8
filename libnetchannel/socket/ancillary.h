/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Control messages, cmsg(3): what sendmsg() and recvmsg() say beside the data. */
#ifndef SOCKET_ANCILLARY_H
#define SOCKET_ANCILLARY_H

#include <sys/socket.h>

#include "../stack/datagram.h"

/*
 * The bit of struct datagram.receives that this option of sockets stands for: control
 * messages of one kind are wanted. 0: it is no such option.
 */
u32 ancillary_option(int level, int name);

/*
 * Reads those of a message that is to be sent; source points into it. NULL: of a stream,
 * for which none says anything.
 *	-EFAULT		there should be some
 *	-EINVAL		malformed, unknown, or a value that cannot be
 */
int ancillary_parse(struct datagram_sending *how, const struct msghdr *m, u8 ip_version);

/*
 * Writes those that the receiver wants of a datagram. What finds no room is cut off
 * (MSG_CTRUNC), and m->msg_controllen becomes what was written.
 */
void ancillary_emit(struct msghdr *m, u32 receives, const struct datagram_message *message);

/* Do these say that reports of errors are wanted (IP_RECVERR, IPV6_RECVERR)? */
bool ancillary_wants_reports(u32 receives, u8 ip_version);

/* As ancillary_emit(), with the report itself: struct sock_extended_err. */
void ancillary_emit_report(struct msghdr *m, u32 receives, const struct datagram_report *report);

/* Of a stream, what is left to read (TCP_INQ): as ancillary_emit(), with so much room. */
void ancillary_emit_unread(struct msghdr *m, size_t room, int unread_bytes);

/* As ancillary_emit_report(): the memory of these send() with MSG_ZEROCOPY is free again. */
void ancillary_emit_zerocopy(struct msghdr *m, u8 ip_version, u32 first, u32 last);

#endif
