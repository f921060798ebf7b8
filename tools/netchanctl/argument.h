/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses and times of the command line. */
#ifndef TOOLS_NETCHANCTL_ARGUMENT_H
#define TOOLS_NETCHANCTL_ARGUMENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Of IPv4 or IPv6; the port lies at the same place in both. */
union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* ADDRESS[:PORT]; of IPv6, ADDRESS or [ADDRESS][:PORT]. Without a port, 0. */
bool argument_address(const char *text, union address *address);

/* A peer: with a port, unless protocol, whose number stands for it, is not 0. */
bool argument_remote(const char *text, uint32_t protocol, union address *address);

/* Decimal seconds, "0.5", more than 0; in nanoseconds. */
bool argument_seconds(const char *text, uint64_t *ns);

/* Of an IP header, 1 to 255. */
bool argument_protocol(const char *text, uint32_t *protocol);

/* A device of this network namespace, by its name. */
bool argument_device(const char *text, uint32_t *ifindex);

bool argument_count(const char *text, unsigned long *count);

/* "10.0.0.1:7000", "[fd00::1]:7000", in a static buffer. */
const char *address_text(const struct sockaddr_storage *address);

#endif
