/* SPDX-License-Identifier: GPL-2.0 */
/* /dev/netchannel itself, for what the library has no function for. */
#ifndef TOOLS_NETCHANCTL_DEVICE_H
#define TOOLS_NETCHANCTL_DEVICE_H

#include "argument.h"

#include <netchannel.h>
#include <stdint.h>

/*
 * A channel of UDP, format PAYLOAD: its descriptor, which programs that are run do not get,
 * or a negative errno. remote: family 0 is none.
 */
int device_channel(uint32_t type, const union address *local, const union address *remote);

/* A descriptor that is no channel yet, or a negative errno. */
int device_open(void);

/* "10.0.0.1:7000", "*:*" where there is none, in a static buffer. */
const char *device_address_text(const struct netchannel_addr *a);

#endif
