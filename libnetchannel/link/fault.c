// SPDX-License-Identifier: LGPL-2.1-or-later
/* Faults on purpose, from a seed. */
#include "link.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_MAX_BYTES	65575

struct fault_link {
	struct nc_link link;
	struct nc_link *below;
	struct nc_faults faults;
	uint64_t random;
	size_t held_bytes;		/* of a packet that waits for the next; 0: none */
	uint8_t held[PACKET_MAX_BYTES];
	uint8_t copy[PACKET_MAX_BYTES];
};

static struct fault_link *fault_of(struct nc_link *link)
{
	return (struct fault_link *)link;	/* its first member */
}

/* xorshift64* of Vigna: its state is never 0. */
static uint64_t random_next(struct fault_link *f)
{
	f->random ^= f->random >> 12;
	f->random ^= f->random << 25;
	f->random ^= f->random >> 27;
	return (f->random * 0x2545f4914f6cdd1dull) >> 32;
}

static bool happens(struct fault_link *f, uint32_t per_million)
{
	return per_million && random_next(f) % 1000000 < per_million;
}

/* One packet, or two; then the one that was held back for it. */
static int send_faulty(struct fault_link *f, const uint8_t *bytes, size_t size)
{
	int ret = link_send(f->below, bytes, size);

	if (happens(f, f->faults.tx_duplicate))
		link_send(f->below, bytes, size);
	if (f->held_bytes)
		link_send(f->below, f->held, f->held_bytes);
	f->held_bytes = 0;
	return ret;
}

static int fault_send(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	struct fault_link *f = fault_of(link);

	if (size > PACKET_MAX_BYTES)
		return -EMSGSIZE;
	if (happens(f, f->faults.tx_loss))
		return 0;
	memcpy(f->copy, bytes, size);
	if (happens(f, f->faults.tx_corrupt))
		f->copy[random_next(f) % size] ^= 1 << random_next(f) % 8;
	if (!f->held_bytes && happens(f, f->faults.tx_reorder)) {
		memcpy(f->held, f->copy, size);
		f->held_bytes = size;
		return 0;
	}
	return send_faulty(f, f->copy, size);
}

static ssize_t fault_recv(struct nc_link *link, uint8_t *bytes, size_t room)
{
	struct fault_link *f = fault_of(link);
	ssize_t size;

	do {
		size = link_recv(f->below, bytes, room);
	} while (size > 0 && happens(f, f->faults.rx_loss));
	return size;
}

static void fault_close(struct nc_link *link)
{
	nc_link_close(fault_of(link)->below);
	free(link);
}

int nc_link_fault(struct nc_link **link, struct nc_link *below, const struct nc_faults *faults)
{
	static const struct link_ops ops = {
		.send = fault_send, .recv = fault_recv, .close = fault_close,
	};
	struct fault_link *f = malloc(sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->link = link_above(below, &ops);
	f->below = below;
	f->faults = *faults;
	f->random = faults->seed * 2 + 1;
	f->held_bytes = 0;
	*link = &f->link;
	return 0;
}
