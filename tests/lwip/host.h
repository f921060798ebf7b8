/* SPDX-License-Identifier: GPL-2.0 */
/* A host of lwIP's, Debian's liblwip, apart from the system's headers, which it replaces. */
#ifndef TESTS_LWIP_HOST_H
#define TESTS_LWIP_HOST_H

#include <stddef.h>
#include <stdint.h>

/* Begins it, with an IPv4 address in host order; it sends its packets by that function. */
void lwip_host_start(uint32_t address, void (*send)(void *context, const uint8_t *bytes,
						    size_t size), void *context);

/* A packet for it. */
void lwip_host_input(const uint8_t *bytes, size_t size);

/* Bytes of a pattern, the same for both ends. */
uint8_t lwip_pattern(uint64_t offset);

/* Connects, sends so many, closes. 0: all went. */
int lwip_host_send(uint32_t to, uint16_t port, uint64_t total);

/* A server for one client: it listens, then takes what comes until its end. */
void lwip_host_listen(uint16_t port);
/* How many bytes there were; -1: one was wrong, or it ended in an error. */
int64_t lwip_host_receive(void);

#endif
