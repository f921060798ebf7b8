/* SPDX-License-Identifier: GPL-2.0 */
/* A received packet, shown. */
#ifndef TOOLS_NETCHANCTL_PACKET_H
#define TOOLS_NETCHANCTL_PACKET_H

#include <netchannel/netchannel.h>

#define PACKET_BYTES_MAX 65535

/*
 * One line of text "ADDRESS:PORT  LENGTH bytes  DATA", bytes that are not
 * printable ASCII as \xHH; or one object of JSON with remote, local, len,
 * ttl, tos, ifindex and hex.
 */
void packet_show(const unsigned char *data, size_t len,
		 const struct nc_packet_info *info);

/* The data of one, in a static buffer: two digits a byte, or as in the line of text. */
const char *packet_hex(const unsigned char *data, size_t len);
const char *packet_printable(const unsigned char *data, size_t len);

#endif
