// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Channels of /dev/netchannel: of type COPY, one ioctl for each packet; of type
 * RING, none for a packet that is there already.
 */
#define _GNU_SOURCE	/* ppoll, pthread_mutex_clocklock */
#include <netchannel/netchannel.h>

#include "address.h"
#include "joined.h"
#include "ring.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S	1000000000ull
#define PACKET_BYTES_MAX	(40u + 65535u)	/* IPv6, which does not count its header */

struct nc_channel {
	int fd;
	struct sockaddr_storage local;
	bool is_udp;
	bool has_ring;
	struct ring ring;
	uint32_t rx_taken;		/* datagrams of those that the oldest record joins */
	uint8_t *one;			/* of format PACKET: room to make the next of them */
	/* of the ring's receiving half, and of these two; held over waits */
	pthread_mutex_t rx_lock;
	pthread_mutex_t tx_lock;	/* of its sending half; inside the other */
};

static_assert(NC_TYPE_COPY == NETCHANNEL_TYPE_COPY, "same numbers");
static_assert(NC_TYPE_RING == NETCHANNEL_TYPE_RING, "same numbers");
static_assert(NC_TYPE_DISCARD == NETCHANNEL_TYPE_DISCARD, "same numbers");
static_assert(NC_TYPE_RAW == NETCHANNEL_TYPE_RAW, "same numbers");
static_assert(NC_FORMAT_PAYLOAD == NETCHANNEL_FORMAT_PAYLOAD, "same numbers");
static_assert(NC_FORMAT_PACKET == NETCHANNEL_FORMAT_PACKET, "same numbers");
static_assert(NC_DONTWAIT == NETCHANNEL_DONTWAIT, "same numbers");
static_assert(NC_PEEK == NETCHANNEL_PEEK, "same numbers");
static_assert(NC_BROADCAST == NETCHANNEL_BROADCAST, "same numbers");
static_assert(NC_NO_LOOP == NETCHANNEL_NO_LOOP, "same numbers");

static int device_ioctl(const struct nc_channel *ch, unsigned long command, void *args)
{
	return ioctl(ch->fd, command, args) ? -errno : 0;
}

static int fill_request(struct netchannel_create *r,
			const struct nc_channel_config *config)
{
	int ret;

	if (config->size != sizeof(*config) || !config->local ||
	    config->flags & ~NC_BROADCAST)
		return -EINVAL;
	*r = (struct netchannel_create){
		.size = sizeof(*r),
		.type = config->type,
		.format = config->format,
		.protocol = config->protocol ? config->protocol : IPPROTO_UDP,
		.rx_bytes = config->rx_bytes,
		.flags = config->flags,
	};
	ret = address_to_device(&r->local, config->local);
	if (ret || !config->remote)
		return ret;
	return address_to_device(&r->remote, config->remote);
}

static int map_channel(struct nc_channel *ch, const struct netchannel_create *r)
{
	if (r->type != NETCHANNEL_TYPE_RING)
		return 0;
	if (r->format == NETCHANNEL_FORMAT_PACKET) {
		ch->one = malloc(PACKET_BYTES_MAX);
		if (!ch->one)
			return -ENOMEM;
	}
	ch->has_ring = true;
	pthread_mutex_init(&ch->tx_lock, NULL);
	pthread_mutex_init(&ch->rx_lock, NULL);
	return ring_map(&ch->ring, ch->fd, r->map_bytes);
}

int nc_channel_create(struct nc_channel **channel,
		      const struct nc_channel_config *config)
{
	struct netchannel_create r;
	struct nc_channel *ch;
	int ret;

	ret = fill_request(&r, config);
	if (ret)
		return ret;
	ch = calloc(1, sizeof(*ch));
	if (!ch)
		return -ENOMEM;
	ch->fd = open("/dev/netchannel", O_RDWR | O_CLOEXEC);
	if (ch->fd < 0) {
		ret = -errno;
		goto free_channel;
	}
	ret = device_ioctl(ch, NETCHANNEL_CREATE, &r);
	if (ret)
		goto close_device;
	ret = map_channel(ch, &r);
	if (ret)
		goto close_device;
	address_from_device(&ch->local, &r.local);
	ch->is_udp = r.protocol == IPPROTO_UDP;
	*channel = ch;
	return 0;

close_device:
	close(ch->fd);
free_channel:
	free(ch->one);
	free(ch);
	return ret;
}

void nc_channel_close(struct nc_channel *ch)
{
	if (!ch)
		return;
	if (ch->has_ring)
		ring_unmap(&ch->ring);
	close(ch->fd);
	free(ch->one);
	free(ch);
}

int nc_channel_fd(const struct nc_channel *ch)
{
	return ch->fd;
}

void nc_channel_local(const struct nc_channel *ch, struct sockaddr_storage *local)
{
	*local = ch->local;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* As the device has it, for calls that it does not see. */
static bool is_timeout(uint64_t timeout_ns)
{
	return timeout_ns <= INT64_MAX;
}

/* Until when a call with this time-out may wait; UINT64_MAX: for ever. */
static uint64_t deadline_of(uint64_t timeout_ns)
{
	uint64_t now = now_ns();

	return timeout_ns && timeout_ns < UINT64_MAX - now ? now + timeout_ns : UINT64_MAX;
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){ .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };
}

static bool waits(const struct nc_channel *ch, unsigned int flags)
{
	return !(flags & NC_DONTWAIT) && !(fcntl(ch->fd, F_GETFL) & O_NONBLOCK);
}

/* 0: the channel may be ready for these events of poll(). */
static int wait_for(const struct nc_channel *ch, short events, uint64_t deadline_ns)
{
	struct pollfd p = { .fd = ch->fd, .events = events };
	uint64_t now = now_ns();
	struct timespec ts = timespec_of(deadline_ns > now ? deadline_ns - now : 0);
	int ret = ppoll(&p, 1, deadline_ns == UINT64_MAX ? NULL : &ts, NULL);

	return ret < 0 ? -errno : ret ? 0 : -ETIMEDOUT;
}

/* --- type RING --- */

/* The lock is never held over a wait: a receiver may want it (ring.h). */
static int try_to_send(struct nc_channel *ch, const struct netchannel_send *r)
{
	int ret;

	pthread_mutex_lock(&ch->tx_lock);
	ret = ring_send(&ch->ring, (const void *)(uintptr_t)r->buf, r->len, &r->remote);
	pthread_mutex_unlock(&ch->tx_lock);
	return ret;
}

static int send_by_ring(struct nc_channel *ch, const struct netchannel_send *r)
{
	uint64_t deadline_ns = deadline_of(r->timeout_ns);
	int ret;

	if (r->flags & ~NC_DONTWAIT || !is_timeout(r->timeout_ns))
		return -EINVAL;
	while ((ret = try_to_send(ch, r)) == -EAGAIN && waits(ch, r->flags)) {
		ret = wait_for(ch, POLLOUT, deadline_ns);
		if (ret)
			return ret;
	}
	return ret;
}

ssize_t nc_channel_sendto(struct nc_channel *ch, const void *buf, size_t len,
			  unsigned int flags, uint64_t timeout_ns,
			  const struct sockaddr *remote)
{
	struct netchannel_send r = {
		.size = sizeof(r),
		.flags = flags,
		.buf = (uintptr_t)buf,
		.len = len,
		.timeout_ns = timeout_ns,
	};
	int ret;

	if (len > PACKET_BYTES_MAX)	/* the device knows how much of it there may be */
		return -EMSGSIZE;
	if (remote) {
		ret = address_to_device(&r.remote, remote);
		if (ret)
			return ret;
	}
	ret = ch->has_ring ? send_by_ring(ch, &r) : device_ioctl(ch, NETCHANNEL_SEND, &r);
	return ret ? ret : (ssize_t)len;
}

ssize_t nc_channel_send(struct nc_channel *ch, const void *buf, size_t len,
			unsigned int flags, uint64_t timeout_ns)
{
	return nc_channel_sendto(ch, buf, len, flags, timeout_ns, NULL);
}

static void fill_info(struct nc_packet_info *info, const struct netchannel_recv *r)
{
	memset(info, 0, sizeof(*info));
	address_from_device(&info->remote, &r->remote);
	address_from_device(&info->local, &r->local);
	info->len = r->len;
	info->ifindex = r->ifindex;
	info->ttl = r->ttl;
	info->tos = r->tos;
}

/* A record does not say to which of the host's addresses it was sent. */
static void fill_info_from_record(struct nc_packet_info *info, const struct nc_channel *ch,
				  const struct netchannel_record *record)
{
	struct netchannel_addr remote = {
		.family = ch->local.ss_family,
		.port = record->remote_port,
	};

	memset(info, 0, sizeof(*info));
	memcpy(remote.addr, record->remote_addr, sizeof(remote.addr));
	address_from_device(&info->remote, &remote);
	info->local = ch->local;
	info->ifindex = record->ifindex;
	info->ttl = record->ttl;
	info->tos = record->tos;
}

/* Another thread may hold it while it waits: who does not wait, must not wait for that. */
static int lock_to_receive(struct nc_channel *ch, bool waits, uint64_t deadline_ns)
{
	struct timespec ts = timespec_of(deadline_ns);

	if (!pthread_mutex_trylock(&ch->rx_lock))
		return 0;
	if (!waits)
		return -EAGAIN;
	if (deadline_ns == UINT64_MAX)
		return -pthread_mutex_lock(&ch->rx_lock);
	return pthread_mutex_clocklock(&ch->rx_lock, CLOCK_MONOTONIC, &ts) ? -ETIMEDOUT : 0;
}

/* What the network reported, if a sender has not been told: 0 or a negative errno. */
static int take_error(struct nc_channel *ch)
{
	int ret;

	pthread_mutex_lock(&ch->tx_lock);
	ret = ring_kick(&ch->ring, NETCHANNEL_DONTWAIT, 0);
	pthread_mutex_unlock(&ch->tx_lock);
	return ret < 0 ? ret : 0;
}

/* The oldest record, or why there is none. */
static int next_record(struct nc_channel *ch, bool waits, uint64_t deadline_ns,
		       const struct netchannel_record **record)
{
	int ret = 0;

	*record = ring_oldest(&ch->ring);
	while (!*record) {
		if (waits)
			ret = wait_for(ch, POLLIN, deadline_ns);
		if (ret)
			return ret;
		*record = ring_oldest(&ch->ring);
		if (*record)
			return 0;
		ret = take_error(ch);
		if (ret || !waits)
			return ret ? ret : -EAGAIN;
	}
	return 0;
}

/* Of those that the record joins, counted from 0: where it is, and its size; 0: so many not. */
static size_t find_datagram(const struct nc_channel *ch, const struct netchannel_record *record,
			    uint32_t index, const uint8_t **datagram)
{
	const uint8_t *all = (const uint8_t *)(record + 1);
	uint64_t at = (uint64_t)index * record->segment_bytes;

	if (ch->one) {
		*datagram = ch->one;
		return joined_datagram(ch->one, PACKET_BYTES_MAX, all, record->len,
				       record->segment_bytes, index);
	}
	if (at >= record->len)
		return 0;
	*datagram = all + at;
	return record->len - at < record->segment_bytes ? record->len - at :
							  record->segment_bytes;
}

/* The oldest datagram, or what else the record is; its size. It goes, unless it is peeked at. */
static size_t take(struct nc_channel *ch, const struct netchannel_record *record, void *buf,
		   size_t room, bool peek)
{
	bool is_joined = ch->is_udp && record->segment_bytes;
	const uint8_t *from, *next;
	size_t size = is_joined ? find_datagram(ch, record, ch->rx_taken, &from) : 0;

	if (!size) {
		is_joined = false;
		from = (const uint8_t *)(record + 1);
		size = record->len;
	}
	memcpy(buf, from, size < room ? size : room);
	if (peek)
		return size;
	if (is_joined && find_datagram(ch, record, ch->rx_taken + 1, &next)) {
		ch->rx_taken++;
	} else {
		ring_consume(&ch->ring, record);
		ch->rx_taken = 0;
	}
	return size;
}

static ssize_t recv_by_ring(struct nc_channel *ch, void *buf, size_t len, unsigned int flags,
			    uint64_t timeout_ns, struct nc_packet_info *info)
{
	uint64_t deadline_ns = deadline_of(timeout_ns);
	bool may_wait = waits(ch, flags);
	const struct netchannel_record *record;
	size_t size;
	ssize_t ret;

	if (flags & ~(NC_DONTWAIT | NC_PEEK) || !is_timeout(timeout_ns))
		return -EINVAL;
	ret = lock_to_receive(ch, may_wait, deadline_ns);
	if (ret)
		return ret;
	ret = next_record(ch, may_wait, deadline_ns, &record);
	if (!ret) {
		if (info)
			fill_info_from_record(info, ch, record);
		size = take(ch, record, buf, len, flags & NC_PEEK);
		if (info)
			info->len = size;
		ret = size < len ? size : len;
	}
	pthread_mutex_unlock(&ch->rx_lock);
	return ret;
}

ssize_t nc_channel_recv(struct nc_channel *ch, void *buf, size_t len,
			unsigned int flags, uint64_t timeout_ns,
			struct nc_packet_info *info)
{
	struct netchannel_recv r = {
		.size = sizeof(r),
		.flags = flags,
		.buf = (uintptr_t)buf,
		.buf_len = len < UINT32_MAX ? len : UINT32_MAX,
		.timeout_ns = timeout_ns,
	};
	int ret;

	if (ch->has_ring)
		return recv_by_ring(ch, buf, len, flags, timeout_ns, info);
	ret = device_ioctl(ch, NETCHANNEL_RECV, &r);
	if (ret)
		return ret;
	if (info)
		fill_info(info, &r);
	return r.len < r.buf_len ? r.len : r.buf_len;
}

/* Ports mean nothing here. */
static int group_to_device(struct netchannel_addr *to, const struct sockaddr *from)
{
	int ret = from ? address_to_device(to, from) : 0;

	to->port = 0;
	return ret;
}

static int change_membership(struct nc_channel *ch, const struct sockaddr *group,
			     const struct sockaddr *source, uint32_t ifindex, uint32_t flags)
{
	struct netchannel_membership r = {
		.size = sizeof(r),
		.flags = flags,
		.ifindex = ifindex,
	};
	int ret = group_to_device(&r.group, group);

	if (!ret)
		ret = group_to_device(&r.source, source);
	return ret ? ret : device_ioctl(ch, NETCHANNEL_MEMBERSHIP, &r);
}

int nc_channel_join(struct nc_channel *ch, const struct sockaddr *group,
		    const struct sockaddr *source, uint32_t ifindex)
{
	return change_membership(ch, group, source, ifindex, 0);
}

int nc_channel_leave(struct nc_channel *ch, const struct sockaddr *group,
		     const struct sockaddr *source, uint32_t ifindex)
{
	return change_membership(ch, group, source, ifindex, NETCHANNEL_LEAVE);
}

int nc_channel_multicast(struct nc_channel *ch, unsigned int flags, unsigned int ttl,
			 uint32_t ifindex)
{
	struct netchannel_multicast r = {
		.size = sizeof(r), .flags = flags, .ttl = ttl, .ifindex = ifindex,
	};

	return device_ioctl(ch, NETCHANNEL_MULTICAST, &r);
}

int nc_channel_stats(const struct nc_channel *ch, struct nc_channel_stats *stats)
{
	struct netchannel_stats s = { .size = sizeof(s) };
	int ret = device_ioctl(ch, NETCHANNEL_STATS, &s);

	if (ret)
		return ret;
	*stats = (struct nc_channel_stats){
		.rx_packets = s.rx_packets,
		.rx_bytes = s.rx_bytes,
		.rx_read = s.rx_read,
		.rx_truncated = s.rx_truncated,
		.rx_dropped_full = s.rx_dropped_full,
		.rx_dropped_malformed = s.rx_dropped_malformed,
		.rx_dropped_checksum = s.rx_dropped_checksum,
		.rx_dropped_policy = s.rx_dropped_policy,
		.tx_packets = s.tx_packets,
		.tx_bytes = s.tx_bytes,
		.tx_errors = s.tx_errors,
		.icmp_errors = s.icmp_errors,
	};
	return 0;
}
