// SPDX-License-Identifier: LGPL-2.1-or-later
/* One port of the kernel's TCP or UDP, by a channel: of type RING, or else of type COPY. */
#include "link.h"

#include "address.h"
#include "joined.h"
#include "ring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define RX_BYTES	(1u << 20)	/* for what comes until the thread runs */
#define BUILD_BYTES	(256u << 10)	/* three of the largest packets: then a call */
#define TEXT_BYTES	(256u << 10)	/* a send buffer, as streams begin with it */
#define TEXT_COUNT	4		/* more of these are copied from, into the other part */
#define ARENA_BYTES	(BUILD_BYTES + TEXT_COUNT * TEXT_BYTES)
#define ALIGN_BYTES	64u
#define SEGMENTS_MAX	64		/* the device's */

/* One of the arena's parts behind that in which packets are built. */
struct text_memory {
	bool is_lent;
	uint32_t free_at;	/* position: descriptors before it may still speak of it */
};

struct port_link {
	struct nc_link link;
	struct ring ring;		/* of type RING */
	bool gathers;			/* the module does */
	struct text_memory text[TEXT_COUNT];
	uint32_t arena_used;		/* of the part to build in, since all was sent last */
	uint32_t answered;		/* descriptors whose result was looked at */
	uint32_t rx_taken;		/* datagrams of those that the oldest record joins */
};

static struct port_link *port_of(struct nc_link *link)
{
	return (struct port_link *)link;	/* its first member */
}

/* --- by a ring --- */

/* IPsec, which does not cut packets, may have come between. */
static void look_at_results(struct port_link *p)
{
	uint32_t done = ring_consumed(&p->ring);

	for (; p->answered != done; p->answered++) {
		if (ring_descriptor(&p->ring, p->answered)->result == -EOPNOTSUPP)
			p->link.segments_max = 0;
	}
	if (done == p->ring.tx_producer)
		p->arena_used = 0;
}

static int port_flush(struct nc_link *link)
{
	struct port_link *p = port_of(link);
	int ret = 0;

	if (ring_consumed(&p->ring) != p->ring.tx_producer) {
		do	/* a signal is no reason to leave it there */
			ret = ring_kick(&p->ring, NETCHANNEL_DONTWAIT, 0);
		while (ret == -EINTR);
	}
	look_at_results(p);
	/* what finds no room now is sent later; the rest is of a packet's way */
	return ret == -ENETDOWN ? ret : 0;
}

static int port_wait(struct nc_link *link, uint64_t timeout_ns, int like)
{
	return ring_wait(&port_of(link)->ring, timeout_ns, like);
}

/* Each wants room for the largest, whatever it becomes. */
static bool is_room(const struct port_link *p, uint32_t packets, size_t bytes)
{
	uint32_t pending = p->ring.tx_producer - ring_consumed(&p->ring);

	return BUILD_BYTES - p->arena_used >=
		LINK_PACKET_BYTES + bytes + (size_t)packets * ALIGN_BYTES &&
		p->ring.tx_slots - pending >= packets;
}

static bool port_has_room(struct nc_link *link, uint32_t packets, size_t bytes)
{
	if (is_room(port_of(link), packets, bytes))
		return true;
	port_flush(link);
	return is_room(port_of(link), packets, bytes);
}

static uint8_t *port_reserve(struct nc_link *link)
{
	struct port_link *p = port_of(link);

	return port_has_room(link, 1, 0) ? p->ring.arena + p->arena_used : NULL;
}

static void port_commit(struct nc_link *link, size_t size, uint32_t segment_bytes,
			const uint8_t *text, size_t text_bytes)
{
	struct port_link *p = port_of(link);
	struct netchannel_descriptor *d = ring_next(&p->ring);

	d->offset = p->arena_used;
	d->len = size;
	d->segment_bytes = segment_bytes;
	/*
	 * Text may be acknowledged, and written over, while this waits: what the kernel reads then
	 * is the same stream's later data, under numbers that its peer has and throws away.
	 */
	if (text) {
		d->data_offset = text - p->ring.arena;
		d->data_len = text_bytes;
	}
	ring_push(&p->ring);
	p->arena_used += (size + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
}

/* What is not done begins behind free_at. Counted back from what was committed, as that wraps. */
static bool is_free(const struct port_link *p, const struct text_memory *text)
{
	uint32_t producer = p->ring.tx_producer, pending = producer - ring_consumed(&p->ring);

	return !text->is_lent && producer - text->free_at >= pending;
}

static uint8_t *port_lend(struct nc_link *link, size_t size)
{
	struct port_link *p = port_of(link);
	unsigned int i = 0;

	if (!p->gathers || size > TEXT_BYTES)
		return NULL;
	while (i < TEXT_COUNT && !is_free(p, &p->text[i]))
		i++;
	if (i == TEXT_COUNT)
		return NULL;
	p->text[i].is_lent = true;
	return p->ring.arena + BUILD_BYTES + i * TEXT_BYTES;
}

/* Its next user's peer must not get what is still to be sent of this one's. */
static void port_take_back(struct nc_link *link, uint8_t *memory)
{
	struct port_link *p = port_of(link);

	p->text[(memory - p->ring.arena - BUILD_BYTES) / TEXT_BYTES] = (struct text_memory){
		.free_at = p->ring.tx_producer,
	};
}

static ssize_t port_peek(struct nc_link *link, const uint8_t **bytes, uint32_t *segment_bytes)
{
	const struct netchannel_record *record = ring_oldest(&port_of(link)->ring);

	if (!record)
		return -EAGAIN;
	*bytes = (const uint8_t *)(record + 1);
	*segment_bytes = record->segment_bytes;
	return record->len;
}

static void port_consume(struct nc_link *link)
{
	struct ring *r = &port_of(link)->ring;

	ring_consume(r, ring_record(r));
}

static bool port_is_blocked(const struct nc_link *link)
{
	const struct ring *r = &((const struct port_link *)link)->ring;

	return ring_consumed(r) != r->tx_producer;
}

static const struct link_shared_ops shared_ops = {
	.reserve = port_reserve, .has_room = port_has_room, .commit = port_commit,
	.lend = port_lend, .take_back = port_take_back,
	.flush = port_flush, .wait = port_wait,
	.peek = port_peek, .consume = port_consume, .is_blocked = port_is_blocked,
};

static int port_send(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	int ret;

	do	/* a signal is no reason to lose it */
		ret = ring_send(&port_of(link)->ring, bytes, size, NULL);
	while (ret == -EINTR);
	return ret;
}

static ssize_t port_recv(struct nc_link *link, uint8_t *bytes, size_t room)
{
	struct port_link *p = port_of(link);
	uint32_t segment_bytes;
	const uint8_t *from;
	ssize_t size;

	while ((size = port_peek(link, &from, &segment_bytes)) >= 0) {
		if (link->protocol == IPPROTO_UDP && segment_bytes) {
			size = joined_datagram(bytes, room, from, size, segment_bytes,
					       p->rx_taken++);
			if (size)
				return size;
			p->rx_taken = 0;
			port_consume(link);
			continue;
		}
		size = (size_t)size < room ? size : (ssize_t)room;
		memcpy(bytes, from, size);
		port_consume(link);
		break;
	}
	return size;
}

static void port_close(struct nc_link *link)
{
	ring_unmap(&port_of(link)->ring);
	close(link->fd);
	free(link);
}

static const struct link_ops ring_ops = {
	.send = port_send, .recv = port_recv, .close = port_close,
};

/* --- both --- */

static int fill_request(struct netchannel_create *r, int protocol, const struct sockaddr *local,
			const char *device)
{
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return -EPROTONOSUPPORT;
	*r = (struct netchannel_create){
		.size = sizeof(*r),
		.format = NETCHANNEL_FORMAT_PACKET,
		/* what ICMP says is ours to judge, and to tell */
		.flags = protocol == IPPROTO_TCP ? NETCHANNEL_RECVERR : NETCHANNEL_MESSAGES,
		.protocol = protocol,
	};
	if (device) {
		r->flags |= NETCHANNEL_FAST;
		r->ifindex = if_nametoindex(device);
		if (!r->ifindex)
			return -ENODEV;
	}
	return address_to_device(&r->local, local);
}

static void ask_features(struct port_link *p)
{
	struct netchannel_query q = { .size = sizeof(q) };

	if (ioctl(p->link.fd, NETCHANNEL_QUERY, &q))
		return;
	p->link.makes_readiness = q.features & NETCHANNEL_FEATURE_READINESS;
	p->link.waits_like = q.features & NETCHANNEL_FEATURE_LIKE;
	p->gathers = q.features & NETCHANNEL_FEATURE_GATHER;
}

static int open_channel(struct port_link *p, struct netchannel_create *r, int flags)
{
	int ret;

	p->link.fd = open("/dev/netchannel", O_RDWR | O_CLOEXEC | flags);
	if (p->link.fd < 0)
		return -errno;
	if (!ioctl(p->link.fd, NETCHANNEL_CREATE, r)) {
		p->link.port = ntohs(r->local.port);
		ask_features(p);
		return 0;
	}
	ret = -errno;
	close(p->link.fd);
	return ret;
}

static int open_copy(struct port_link *p, struct netchannel_create r)
{
	r.type = NETCHANNEL_TYPE_COPY;
	p->link.ops = &link_file_ops;
	return open_channel(p, &r, O_NONBLOCK);
}

static int open_ring(struct port_link *p, struct netchannel_create r, uint32_t arena_bytes)
{
	int ret;

	r.type = NETCHANNEL_TYPE_RING;
	r.rx_bytes = RX_BYTES;
	r.tx_bytes = arena_bytes;
	ret = open_channel(p, &r, 0);
	if (ret)
		return ret;
	ret = ring_map(&p->ring, p->link.fd, r.map_bytes);
	if (ret) {
		close(p->link.fd);
		return ret;
	}
	/* a child would hold the port */
	madvise(p->ring.header, p->ring.map_bytes, MADV_DONTFORK);
	p->gathers &= arena_bytes == ARENA_BYTES;
	p->link.ops = &ring_ops;
	p->link.shared = &shared_ops;
	p->link.segments_max = r.protocol == IPPROTO_TCP ? SEGMENTS_MAX : 0;
	return 0;
}

/* The memory of a user's rings is bounded, and a module may know no rings. */
static int open_either(struct port_link *p, const struct netchannel_create *r)
{
	int ret = -ENOMEM;

	if (r->protocol == IPPROTO_TCP)
		ret = open_ring(p, *r, ARENA_BYTES);
	if (ret == -ENOMEM)
		ret = open_ring(p, *r, BUILD_BYTES);
	return ret == -ENOMEM || ret == -EINVAL ? open_copy(p, *r) : ret;
}

static int open_link(struct nc_link **result, int protocol, const struct sockaddr *local,
		     uint32_t mtu, const char *device)
{
	struct netchannel_create r;
	struct port_link *p;
	int ret = fill_request(&r, protocol, local, device);

	if (ret)
		return ret;
	p = malloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	/* the checksums of a peer on this machine are left to a device that never was */
	*p = (struct port_link){
		.link = {
			.mtu_bytes = mtu, .protocol = protocol,
			.verifies_checksums = true, .completes_checksums = true,
			.cuts_datagrams = protocol == IPPROTO_UDP,
		},
	};
	ret = open_either(p, &r);
	if (ret)
		free(p);
	else
		*result = &p->link;
	return ret;
}

int nc_link_channel(struct nc_link **result, int protocol, const struct sockaddr *local,
		    uint32_t mtu)
{
	return open_link(result, protocol, local, mtu, NULL);
}

int nc_link_channel_fast(struct nc_link **result, int protocol, const struct sockaddr *local,
			 uint32_t mtu, const char *device)
{
	return open_link(result, protocol, local, mtu, device);
}
