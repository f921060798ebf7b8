/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RACK-TLP (RFC 8985): losses told by time, and a probe for the tail. */
#ifndef TCP_RACK_H
#define TCP_RACK_H

#include "acknowledgment.h"

/* Steps 1 to 3 of 6.2, for one segment that s newly delivered. */
void tcp_rack_delivered(struct tcp_connection *c, const struct tcp_segment *s,
			const struct tcp_sent *sent, u64 now_us);

/* Steps 4 and 5, after all of an acknowledgment was taken; and 7.4.2. */
void tcp_rack_acknowledged(struct tcp_connection *c, const struct tcp_delivery *d, u64 now_us);

/* Step 5 alone: the reordering timer expired. */
void tcp_rack_detect(struct tcp_connection *c, u64 now_us);

/* 6.3: the retransmission timer expired. */
void tcp_rack_timeout(struct tcp_connection *c, u64 now_us);

/* 7.2: after new data was sent or acknowledged. */
void tcp_rack_arm_probe(struct tcp_connection *c, u64 now_us);

/* 6.2, step 4: loss recovery ended. */
void tcp_rack_recovered(struct tcp_connection *c);

#endif
