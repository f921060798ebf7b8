/* SPDX-License-Identifier: GPL-2.0 */
/* A link that shares memory, as a channel's ring does, in front of one that does not. */
#ifndef TESTS_TCP_SHARED_H
#define TESTS_TCP_SHARED_H

#include "libnetchannel/link/link.h"

/* Packets go by below, which is its own: whole, and with their checksums. */
struct nc_link *shared_link(struct nc_link *below);

/* How many packets had text apart. */
unsigned int shared_link_gathered(const struct nc_link *link);

/* How often packets went, whatever their number. */
unsigned int shared_link_kicks(const struct nc_link *link);

#endif
