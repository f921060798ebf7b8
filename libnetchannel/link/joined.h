/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Datagrams that a device has joined: one packet with the headers of the first. */
#ifndef LIBNETCHANNEL_LINK_JOINED_H
#define LIBNETCHANNEL_LINK_JOINED_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Writes one of them, counted from 0, as the packet that it was; its checksum of UDP is not
 * made, nor are options of IP kept. segment_bytes, of data: of each but the last, which may
 * be shorter. The size, or 0: there are not so many, or it is no such packet; cut off where
 * there is no room.
 */
ssize_t joined_datagram(uint8_t *to, size_t room, const uint8_t *from, size_t size,
			uint32_t segment_bytes, uint32_t index);

#endif
