/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Output's counterpart of header prediction: most calls of a user who writes little cause one
 * plain segment, which has all that is unsent, and no option but timestamps; and most that comes
 * causes an acknowledgment, or none. They are made by few instructions, and are those that
 * output.c would make.
 */
#ifndef TCP_PLAIN_H
#define TCP_PLAIN_H

#include "output.h"

/* Is it such a segment that is to be sent now, in a packet with so much room? */
bool tcp_plain_is_due(struct tcp_connection *c, size_t room, u64 now_us);

/*
 * Then it is written, but for its checksum. Returns its size. tcp_output_end() is to follow.
 */
size_t tcp_plain_write(struct tcp_connection *c, u8 *bytes, u64 now_us);

/* As tcp_output_end(), where all was sent and nothing of it is lost; false: it is not so. */
bool tcp_plain_end(struct tcp_connection *c, u64 now_us);

/* As tcp_output(); 0: it is not such a segment that is to be sent now, if any. */
size_t tcp_plain_output(struct tcp_connection *c, struct tcp_packet *packet, u64 now_us);

#endif
