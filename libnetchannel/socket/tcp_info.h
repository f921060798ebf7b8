/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TCP_INFO: what Linux tells of a connection, in its layout. */
#ifndef SOCKET_TCP_INFO_H
#define SOCKET_TCP_INFO_H

#include "../stack/stream.h"

#define TCP_INFO_BYTES	248	/* more than struct tcp_info of any kernel so far has */

/*
 * Fills struct tcp_info of <linux/tcp.h>, and returns its size. What Linux measures and we
 * do not (delivery_rate, the times of busy, rwnd_limited and sndbuf_limited) is 0.
 */
size_t tcp_info_fill(u8 bytes[TCP_INFO_BYTES], const struct stream *s, u64 now_us);

#endif
