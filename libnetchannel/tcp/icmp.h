/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An ICMP error that concerns a connection: RFC 9293, 3.9.2.2, and RFC 5927. */
#ifndef TCP_ICMP_H
#define TCP_ICMP_H

#include "../wire/icmp.h"
#include "connection.h"

/* icmp_error_parse(), and -ENOMSG for what is not about TCP. */
int tcp_icmp_parse(struct icmp_error *icmp, u8 ip_version, const u8 *bytes, size_t size);

/* Takes an error that belongs to the connection's flow. tcp_output() may follow. */
void tcp_icmp_input(struct tcp_connection *c, const struct icmp_error *icmp, u64 now_us);

#endif
