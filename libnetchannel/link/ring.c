// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ring.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

int ring_map(struct ring *r, int fd, size_t map_bytes)
{
	uint8_t *memory = mmap(NULL, map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	struct netchannel_ring_header *h = (struct netchannel_ring_header *)memory;

	if (memory == MAP_FAILED)
		return -errno;
	*r = (struct ring){
		.fd = fd,
		.header = h,
		.map_bytes = map_bytes,
		.rx = memory + h->rx_offset,
		.arena = memory + h->arena_offset,
		.tx = (struct netchannel_descriptor *)(memory + h->tx_offset),
		.rx_bytes = h->rx_bytes,
		.tx_slots = h->tx_slots,
		.arena_bytes = h->arena_bytes,
	};
	return 0;
}

void ring_unmap(struct ring *r)
{
	munmap(r->header, r->map_bytes);
}

static int kick(const struct ring *r, struct netchannel_kick args)
{
	int ret;

	args.size = sizeof(args);
	ret = ioctl(r->fd, NETCHANNEL_KICK, &args);
	return ret < 0 ? -errno : ret;
}

int ring_kick(struct ring *r, unsigned int flags, uint64_t timeout_ns)
{
	return kick(r, (struct netchannel_kick){ .flags = flags, .timeout_ns = timeout_ns });
}

int ring_wait(struct ring *r, uint64_t timeout_ns, int like)
{
	return kick(r, (struct netchannel_kick){
		.flags = NETCHANNEL_WAIT | (like >= 0 ? NETCHANNEL_LIKE : 0),
		.timeout_ns = timeout_ns, .like = like >= 0 ? like : 0,
	});
}

/* What was not taken is taken back: the next one has its place. */
int ring_send(struct ring *r, const void *buf, size_t len, const struct netchannel_addr *remote)
{
	struct netchannel_descriptor *d = ring_descriptor(r, r->tx_producer);
	int ret;

	if (len > r->arena_bytes)
		return -EMSGSIZE;
	memcpy(r->arena, buf, len);
	*d = (struct netchannel_descriptor){ .len = len };
	if (remote)
		d->remote = *remote;
	ring_publish(r, r->tx_producer + 1);
	ret = ring_kick(r, NETCHANNEL_DONTWAIT, 0);
	/* this, and not what KICK returns, says whether it went */
	if (ring_consumed(r) == r->tx_producer) {
		ring_publish(r, r->tx_producer);
		return ret < 0 ? ret : -EAGAIN;
	}
	r->tx_producer++;
	return d->result;
}

const struct netchannel_record *ring_oldest(const struct ring *r)
{
	uint32_t producer = __atomic_load_n(&r->header->rx_producer, __ATOMIC_ACQUIRE);

	if (producer == r->rx_consumer)
		return NULL;
	return ring_record(r);
}

void ring_consume(struct ring *r, const struct netchannel_record *record)
{
	r->rx_consumer += netchannel_record_bytes(record->len);
	__atomic_store_n(&r->header->rx_consumer, r->rx_consumer, __ATOMIC_RELEASE);
}
