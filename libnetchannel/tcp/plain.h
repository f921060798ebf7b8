/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Output's counterpart of header prediction: most calls of a user who writes little cause one
 * plain segment, which has all that is unsent, and no option but timestamps. It is made by few
 * instructions, and is the one that output.c would make.
 */
#ifndef TCP_PLAIN_H
#define TCP_PLAIN_H

#include "output.h"

/* As tcp_output(); 0: it is not such a segment that is to be sent now, if any. */
size_t tcp_plain_output(struct tcp_connection *c, struct tcp_packet *packet, u64 now_us);

#endif
