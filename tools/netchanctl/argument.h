/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses and times of the command line. */
#ifndef TOOLS_NETCHANCTL_ARGUMENT_H
#define TOOLS_NETCHANCTL_ARGUMENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* ADDRESS[:PORT]; without a port, 0. */
bool argument_address(const char *text, struct sockaddr_in *address);

/* Decimal seconds, "0.5", more than 0; in nanoseconds. */
bool argument_seconds(const char *text, uint64_t *ns);

bool argument_count(const char *text, unsigned long *count);

/* "10.0.0.1:7000", in a static buffer. */
const char *address_text(const struct sockaddr_storage *address);

#endif
