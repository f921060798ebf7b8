// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* ppoll, memfd_create */
#include "tests/tcp/device.h"

#undef NDEBUG		/* these checks are the test */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <netchannel.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "libnetchannel/socket/readiness.h"
#include "libnetchannel/stack/endpoint.h"
#include "libnetchannel/tcp/segment.h"
#include "libnetchannel/wire/bytes.h"
#include "libnetchannel/wire/checksum.h"
#include "libnetchannel/wire/ip.h"

#define CHANNELS	8
#define DESCRIPTORS	1024	/* whose readiness somebody may have made */
#define PAGE_BYTES	4096u
#define SLOTS		256u
#define PACKET_BYTES	65535u
#define NS_PER_S	1000000000ull
#define FEATURES	(NETCHANNEL_FEATURE_READINESS | NETCHANNEL_FEATURE_LIKE | \
			 NETCHANNEL_FEATURE_GATHER)

/* What the module has of one. Its memory is mapped here, too, and stays when the owner's goes. */
struct channel {
	bool exists;
	int fd;				/* an eventfd, which poll() sees as readable */
	int memory_fd;
	uint8_t *memory;		/* the receive ring once */
	struct netchannel_ring_header *header;
	struct netchannel_addr local;
	uint32_t rx_producer, tx_consumer;
	bool is_shown, has_ended;
};

struct device_options device_options;
struct device_counters device_counters;
const struct device_stand_in *device_stand_in;

/* guards these; readiness.c closes descriptors while it has it */
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static struct channel channels[CHANNELS];
static struct readiness *shown[DESCRIPTORS];	/* by number; NULL: it is none */
static struct readiness shown_memory[DESCRIPTORS];

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		 const sigset_t *mask);
int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		 const sigset_t *mask);
void *__real_mmap(void *at, size_t size, int access, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int access, int flags, int fd, off_t offset);

/* --- channels --- */

static struct channel *find(int fd)
{
	for (int i = 0; i < CHANNELS; i++) {
		if (channels[i].exists && channels[i].fd == fd)
			return &channels[i];
	}
	return NULL;
}

static int open_channel(void)
{
	int i = 0;

	while (i < CHANNELS && channels[i].exists)
		i++;
	assert(i < CHANNELS);
	channels[i] = (struct channel){
		.exists = true, .memory_fd = -1, .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	assert(channels[i].fd >= 0);
	return channels[i].fd;
}

static bool has_record(const struct channel *c)
{
	return c->rx_producer != __atomic_load_n(&c->header->rx_consumer, __ATOMIC_ACQUIRE);
}

/* What is read is read without a call: before somebody looks, the descriptor is told. */
static void show(struct channel *c)
{
	bool readable = c->header && (has_record(c) || c->has_ended);
	eventfd_t count;

	if (readable && !c->is_shown)
		assert(!eventfd_write(c->fd, 1));
	else if (!readable && c->is_shown)
		assert(!eventfd_read(c->fd, &count));
	c->is_shown = readable;
}

static int create(struct channel *c, struct netchannel_create *r)
{
	uint32_t rx_bytes = device_options.rx_bytes ? device_options.rx_bytes : r->rx_bytes;
	uint32_t tx_offset = PAGE_BYTES + rx_bytes, arena_offset, total;

	if (r->type != NETCHANNEL_TYPE_RING)
		return -EINVAL;
	if (device_options.tx_bytes_max && r->tx_bytes > device_options.tx_bytes_max)
		return -ENOMEM;
	assert(r->format == NETCHANNEL_FORMAT_PACKET && !r->tx_slots && r->local.port);
	arena_offset = tx_offset + SLOTS * sizeof(struct netchannel_descriptor);
	arena_offset = (arena_offset + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	total = arena_offset + r->tx_bytes;
	c->memory_fd = memfd_create("ring", MFD_CLOEXEC);
	assert(c->memory_fd >= 0 && !ftruncate(c->memory_fd, total));
	c->memory = __real_mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_SHARED, c->memory_fd, 0);
	assert(c->memory != MAP_FAILED);
	c->header = (struct netchannel_ring_header *)c->memory;
	/* as the owner sees it: behind the receive ring there is that once more */
	*c->header = (struct netchannel_ring_header){
		.version = NETCHANNEL_RING_VERSION, .map_bytes = total + rx_bytes,
		.rx_offset = PAGE_BYTES, .rx_bytes = rx_bytes,
		.tx_offset = tx_offset + rx_bytes, .tx_slots = SLOTS,
		.arena_offset = arena_offset + rx_bytes, .arena_bytes = r->tx_bytes,
	};
	c->local = r->local;
	r->map_bytes = c->header->map_bytes;
	return 0;
}

static size_t total_bytes(const struct channel *c)
{
	return c->header->map_bytes - c->header->rx_bytes;
}

static void *map(const struct channel *c, size_t size)
{
	uint32_t rx_end = c->header->rx_offset + c->header->rx_bytes;
	const int access = PROT_READ | PROT_WRITE, fixed = MAP_SHARED | MAP_FIXED;
	uint8_t *at;

	assert(size == c->header->map_bytes);
	at = __real_mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert(at != MAP_FAILED);
	__real_mmap(at, rx_end, access, fixed, c->memory_fd, 0);
	__real_mmap(at + rx_end, total_bytes(c) - c->header->rx_offset, access, fixed,
		    c->memory_fd, c->header->rx_offset);
	return at;
}

static void end_channel(struct channel *c)
{
	if (c->header)
		munmap(c->memory, total_bytes(c));
	if (c->memory_fd >= 0)
		__real_close(c->memory_fd);
	c->exists = false;
}

void device_end(int fd)
{
	pthread_mutex_lock(&lock);
	find(fd)->has_ended = true;
	show(find(fd));
	pthread_mutex_unlock(&lock);
}

/* --- packets --- */

static bool is_for(const struct channel *c, const struct ip_packet *p)
{
	int family = p->version == 4 ? AF_INET : AF_INET6;

	return c->exists && c->header && c->local.family == family &&
		get_be16(p->payload + 2) == get_be16((const u8 *)&c->local.port) &&
		!memcmp(c->local.addr, p->destination, p->version == 4 ? 4 : 16);
}

static struct channel *owner_of(const struct ip_packet *p)
{
	for (int i = 0; i < CHANNELS; i++) {
		if (is_for(&channels[i], p))
			return &channels[i];
	}
	return NULL;
}

/* Where the ring ends, what follows is at its beginning. */
static void put(struct channel *c, uint32_t position, const void *bytes, size_t size)
{
	uint8_t *ring = c->memory + c->header->rx_offset;
	uint32_t rx_bytes = c->header->rx_bytes, at = position & (rx_bytes - 1);
	size_t first = rx_bytes - at < size ? rx_bytes - at : size;

	memcpy(ring + at, bytes, first);
	memcpy(ring, (const uint8_t *)bytes + first, size - first);
}

static bool deliver(const uint8_t *bytes, size_t size, uint32_t segment_bytes)
{
	struct netchannel_record record = { .len = size, .segment_bytes = segment_bytes };
	uint32_t used, needed = netchannel_record_bytes(size);
	struct ip_packet packet;
	struct channel *to;

	assert(!ip_parse(&packet, bytes, size) && packet.protocol == IP_PROTOCOL_TCP);
	to = owner_of(&packet);
	if (!to)
		return false;
	used = to->rx_producer - __atomic_load_n(&to->header->rx_consumer, __ATOMIC_ACQUIRE);
	assert(used <= to->header->rx_bytes);
	if (to->header->rx_bytes - used < needed)
		return false;
	put(to, to->rx_producer, &record, sizeof(record));
	put(to, to->rx_producer + sizeof(record), bytes, size);
	to->rx_producer += needed;
	__atomic_store_n(&to->header->rx_producer, to->rx_producer, __ATOMIC_RELEASE);
	show(to);
	return true;
}

/* The kernel numbers IPv4's packets, and writes the sum of their headers. */
static void complete(uint8_t *bytes)
{
	if (bytes[0] >> 4 != 4)
		return;
	put_be16(bytes + 10, 0);
	put_be16(bytes + 10, ~checksum_fold(checksum_add(0, bytes, IPV4_HEADER_BYTES)));
}

static bool is_wellformed(const struct channel *c, const struct netchannel_descriptor *d)
{
	uint32_t arena_bytes = c->header->arena_bytes;

	return d->len && d->len <= PACKET_BYTES && d->offset <= arena_bytes - d->len &&
		d->len + d->data_len <= PACKET_BYTES && d->data_len <= arena_bytes &&
		d->data_offset <= arena_bytes - d->data_len && !d->data_len == !d->data_offset &&
		!d->flags && !d->reserved && !d->txtime_ns;
}

static int send_one(const struct channel *c, const struct netchannel_descriptor *d)
{
	const uint8_t *arena = c->memory + c->header->arena_offset - c->header->rx_bytes;
	uint8_t bytes[PACKET_BYTES];

	if (!is_wellformed(c, d)) {
		device_counters.malformed++;
		return -EINVAL;
	}
	if (d->segment_bytes && device_options.refuses_segments) {
		device_counters.refused++;
		return -EOPNOTSUPP;
	}
	device_counters.segmented += !!d->segment_bytes;
	device_counters.gathered += !!d->data_len;
	memcpy(bytes, arena + d->offset, d->len);
	memcpy(bytes + d->len, arena + d->data_offset, d->data_len);
	complete(bytes);
	device_counters.lost += !deliver(bytes, d->len + d->data_len, d->segment_bytes);
	return 0;
}

static bool is_blocked(void)
{
	static uint32_t asked;		/* of the lock */
	uint32_t one_in = device_options.blocks_one_in;

	return one_in && !(++asked % one_in);
}

/* How many it took; a negative errno. */
static int send_all(struct channel *c, bool waits)
{
	struct netchannel_ring_header *h = c->header;
	struct netchannel_descriptor *tx = (void *)(c->memory + h->tx_offset - h->rx_bytes), *d;
	uint32_t producer = __atomic_load_n(&h->tx_producer, __ATOMIC_ACQUIRE);
	int taken = 0;

	if (producer - c->tx_consumer > SLOTS) {
		device_counters.malformed++;
		return -EINVAL;
	}
	for (; c->tx_consumer != producer; taken++) {
		if (!waits && is_blocked())
			return taken ? taken : -EAGAIN;
		d = &tx[c->tx_consumer % SLOTS];
		d->result = send_one(c, d);
		device_counters.sent++;
		__atomic_store_n(&h->tx_consumer, ++c->tx_consumer, __ATOMIC_RELEASE);
	}
	return taken;
}

/* With the lock, which it gives up while it waits. */
static int wait_for_record(struct channel *c, const struct netchannel_kick *k)
{
	struct timespec ts = { .tv_sec = k->timeout_ns / NS_PER_S,
			       .tv_nsec = k->timeout_ns % NS_PER_S };
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	int ret;

	if (k->flags & NETCHANNEL_LIKE && fcntl(k->like, F_GETFL) & O_NONBLOCK)
		return has_record(c) ? 0 : -EAGAIN;
	show(c);
	pthread_mutex_unlock(&lock);
	ret = __real_ppoll(&p, 1, k->timeout_ns ? &ts : NULL, NULL);
	ret = ret < 0 ? -errno : ret ? 0 : -ETIMEDOUT;
	pthread_mutex_lock(&lock);
	return c->has_ended ? -ENETDOWN : ret;
}

static int kick(struct channel *c, const struct netchannel_kick *k)
{
	int taken, ret;

	device_counters.kicks++;
	assert(k->size == sizeof(*k) && !k->spin_ns && !k->reserved);
	if (c->has_ended)
		return -ENETDOWN;
	taken = send_all(c, k->flags & NETCHANNEL_WAIT);
	if (taken < 0 || !(k->flags & NETCHANNEL_WAIT))
		return taken;
	ret = wait_for_record(c, k);
	if (ret == -EAGAIN && taken)
		return taken;
	return ret ? ret : taken;
}

/* --- readiness --- */

static int make_readiness(const struct netchannel_readiness *r)
{
	struct readiness made;
	int ret = readiness_create(&made, -1, (r->flags & O_CLOEXEC ? SOCK_CLOEXEC : 0) |
				   (r->flags & O_NONBLOCK ? SOCK_NONBLOCK : 0));

	if (ret)
		return ret;
	assert(r->events == EPOLLOUT && made.fd < DESCRIPTORS);
	shown_memory[made.fd] = made;
	shown[made.fd] = &shown_memory[made.fd];
	return made.fd;
}

/* As a pair of local sockets shows it: an error that is no end is readable and writable. */
static int set_ready(int fd, const struct netchannel_ready *r)
{
	if (fd >= DESCRIPTORS || !shown[fd])
		return -ENOTTY;
	/* of a pair it would be for ever */
	if (shown[fd]->events & ENDPOINT_HUP && !(r->events & EPOLLHUP))
		readiness_renew(shown[fd]);
	readiness_set(shown[fd], (r->events & EPOLLIN ? ENDPOINT_IN : 0) |
		      (r->events & EPOLLOUT ? ENDPOINT_OUT : 0) |
		      (r->events & EPOLLRDHUP ? ENDPOINT_RDHUP : 0) |
		      (r->events & EPOLLHUP ? ENDPOINT_HUP : 0) |
		      (r->events & EPOLLERR ? ENDPOINT_ERR : 0));
	return 0;
}

/* --- calls --- */

static int answer(int fd, unsigned long request, void *argument)
{
	struct channel *c = find(fd);

	if (request == NETCHANNEL_READINESS)
		return make_readiness(argument);
	if (request == NETCHANNEL_READY)
		return set_ready(fd, argument);
	if (!c)
		return -ENOTTY;
	switch (request) {
	case NETCHANNEL_QUERY:
		((struct netchannel_query *)argument)->features =
			device_options.features ? device_options.features : FEATURES;
		return 0;
	case NETCHANNEL_CREATE:
		return create(c, argument);
	case NETCHANNEL_KICK:
		return kick(c, argument);
	default:
		return -ENOTTY;
	}
}

/* As ioctl(), it is no place where a thread can be cancelled. */
static int answer_guarded(int fd, unsigned long request, void *argument)
{
	int state, ret = -ENOTTY;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	if (device_stand_in)
		ret = device_stand_in->ioctl(fd, request, argument);
	if (ret == -ENOTTY) {
		pthread_mutex_lock(&lock);
		ret = answer(fd, request, argument);
		pthread_mutex_unlock(&lock);
	}
	pthread_setcancelstate(state, NULL);
	return ret;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	void *argument;
	va_list args;
	int ret;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	ret = answer_guarded(fd, request, argument);
	if (ret == -ENOTTY)
		return __real_ioctl(fd, request, argument);
	if (ret < 0)
		errno = -ret;
	return ret < 0 ? -1 : ret;
}

int __wrap_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;
	int fd;

	if (!strcmp(path, "/dev/netchannel")) {
		if (device_stand_in)
			return device_stand_in->open();
		pthread_mutex_lock(&lock);
		fd = open_channel();
		pthread_mutex_unlock(&lock);
		return fd;
	}
	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return __real_open(path, flags, mode);
}

void *__wrap_mmap(void *at, size_t size, int access, int flags, int fd, off_t offset)
{
	struct channel *c;
	void *memory = NULL;

	if (fd < 0)
		return __real_mmap(at, size, access, flags, fd, offset);
	pthread_mutex_lock(&lock);
	c = find(fd);
	if (c)
		memory = map(c, size);
	pthread_mutex_unlock(&lock);
	return memory ? memory : __real_mmap(at, size, access, flags, fd, offset);
}

/* Before the number is somebody else's. */
int __wrap_close(int fd)
{
	struct channel *c;

	pthread_mutex_lock(&lock);
	c = find(fd);
	if (c)
		end_channel(c);
	if (fd >= 0 && fd < DESCRIPTORS && shown[fd]) {
		if (shown[fd]->own_fd >= 0)
			__real_close(shown[fd]->own_fd);
		shown[fd] = NULL;
	}
	pthread_mutex_unlock(&lock);
	return __real_close(fd);
}

/* Of a channel that is over, there is POLLERR. */
int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		 const sigset_t *mask)
{
	static const struct timespec none;
	uint64_t ended = 0;
	struct channel *c;
	int ret;

	pthread_mutex_lock(&lock);
	for (nfds_t i = 0; i < count && i < 64; i++) {
		c = find(fds[i].fd);
		if (c)
			show(c);
		if (c && c->has_ended)
			ended |= 1ull << i;
	}
	pthread_mutex_unlock(&lock);
	ret = __real_ppoll(fds, count, ended ? &none : timeout, mask);
	for (nfds_t i = 0; ret >= 0 && i < count && i < 64; i++) {
		if (!(ended >> i & 1))
			continue;
		ret += !fds[i].revents;
		fds[i].revents |= POLLERR;
	}
	return ret;
}
