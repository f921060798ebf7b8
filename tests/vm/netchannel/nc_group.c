// SPDX-License-Identifier: GPL-2.0
/*
 * Channels of type GROUP: one ring has the packets of many, each with its channel's
 * cookie; who lives how long; members that go under traffic.
 */
#include "ring.h"

#include <pthread.h>
#include <sys/resource.h>

#define PORT	7600

static struct bed bed;

static struct netchannel_create member_args(int group, uint64_t cookie, const char *local,
					    int port, const char *remote, int remote_port)
{
	struct netchannel_create args = create_args(local, port, remote, remote_port);

	args.type = NETCHANNEL_TYPE_GROUP;
	args.group = group;
	args.cookie = cookie;
	return args;
}

static int member(const struct ring *r, uint64_t cookie, int port)
{
	struct netchannel_create args = member_args(r->fd, cookie, ADDR_A, PORT + 1, ADDR_B, port);

	return channel_of(args);
}

static int sender(const char *from, int port, const char *to, int to_port)
{
	int fd;

	enter(bed.b);
	fd = udp_socket(from, port, to, to_port);
	enter(bed.a);
	return fd;
}

/* The oldest record, of this member; its data. */
static const uint8_t *expect_of(struct ring *r, uint64_t cookie, size_t len, const char *what)
{
	const struct netchannel_record *record;
	uint64_t got = 0;

	ring_release(r);	/* or KICK would not wait */
	must(ring_kick(r, NETCHANNEL_WAIT, 30 * SECOND), "KICK, waiting");
	record = ring_peek(r);
	if (record)
		memcpy(&got, record + 1, sizeof(got));
	check(record && record->flags & NETCHANNEL_RECORD_MEMBER && got == cookie &&
	      record->len == len + sizeof(got), "%s", what);
	ring_next(r, record);
	return (const uint8_t *)(record + 1) + sizeof(got);
}

static void members(void)
{
	struct ring r = open_ring(ring_args(ADDR_A, PORT, NULL, 0));
	int a = member(&r, 1, 7701), b = member(&r, ~0ULL, 7702), c, one, two, six, own;
	struct netchannel_create args = member_args(r.fd, 3, ADDR6_A, PORT, NULL, 0);
	struct pollfd p[] = { { .fd = a, .events = POLLIN }, { .fd = r.fd, .events = POLLIN } };
	struct netchannel_record *record;
	char data[3000];
	const uint8_t *got;
	size_t i;

	c = channel_of(args);
	one = sender(ADDR_B, 7701, ADDR_A, PORT + 1);
	two = sender(ADDR_B, 7702, ADDR_A, PORT + 1);
	six = sender(ADDR6_B, 7703, ADDR6_A, PORT);
	own = sender(ADDR_B, 7704, ADDR_A, PORT);
	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 5;
	must(send(one, "first", 5, 0), "send");
	check(poll(&p[1], 1, 30000) == 1 && p[1].revents == POLLIN, "the ring's descriptor polls");
	check(poll(p, 1, 0) == 0, "that of the member does not");
	must(send(two, data, sizeof(data), 0), "send");
	must(send(six, "", 0, 0), "send");
	must(send(own, "own", 3, 0), "send");
	got = expect_of(&r, 1, 5, "a packet of the first member");
	check(!memcmp(got, "first", 5), "its data");
	got = expect_of(&r, ~0ULL, sizeof(data), "one of the second");
	check(!memcmp(got, data, sizeof(data)), "its data");
	expect_of(&r, 3, 0, "an empty one over IPv6");
	record = ring_peek(&r);
	check(record && !record->flags && record->len == 3 && !memcmp(record + 1, "own", 3),
	      "and the ring's own channel has its own, as ever");
	ring_next(&r, record);
	ring_release(&r);
	must(nc_send(a, "reply", 5, 0), "SEND by a member");
	expect_socket(one, "reply", 5, "its peer has it");
	check(stats_of(a).rx_packets == 1 && stats_of(a).rx_bytes == 5 &&
	      stats_of(r.fd).rx_packets == 1, "each counts its own");
	close(a);
	close(b);
	close(c);
	close_ring(&r);
	close(one);
	close(two);
	close(six);
	close(own);
}

/* What a CREATE that was refused has asked for is forgotten. */
static void first_refused(const struct ring *r, const struct netchannel_create *taken)
{
	struct netchannel_create args = *taken;
	struct netchannel_info info = { .size = sizeof(info) };
	int fd = open_device();

	args.type = NETCHANNEL_TYPE_COPY;
	args.group = 0;
	args.rx_bytes = 8192;
	check_errno(ioctl(fd, NETCHANNEL_CREATE, &args), EADDRINUSE, "COPY, refused");
	args = member_args(r->fd, 0, ADDR_A, PORT + 1, ADDR_B, 7703);
	must(ioctl(fd, NETCHANNEL_CREATE, &args), "then GROUP");
	must(ioctl(fd, NETCHANNEL_INFO, &info), "INFO");
	check(!info.rx_bytes, "rx_bytes is that of a member, 0");
	close(fd);
}

static void refused(void)
{
	struct ring r = open_ring(ring_args(ADDR_A, PORT, NULL, 0));
	int copy = channel(ADDR_A, PORT + 2, NULL, 0), m = member(&r, 0, 7701), fd;
	struct netchannel_create args = member_args(99, 0, ADDR_A, PORT + 1, ADDR_B, 7702), bad;
	struct netchannel_info info = { .size = sizeof(info) };
	char c;

	check_errno(try_channel(&args), EBADF, "no descriptor");
	args.group = 0;
	check_errno(try_channel(&args), EINVAL, "none of the device's");
	args.group = copy;
	check_errno(try_channel(&args), EINVAL, "a COPY channel");
	args.group = m;
	check_errno(try_channel(&args), EINVAL, "another member");
	fd = open_device();
	args.group = fd;
	check_errno(ioctl(fd, NETCHANNEL_CREATE, &args), EINVAL, "itself");
	close(fd);
	args.group = r.fd;
	bad = args;
	bad.rx_bytes = 8192;
	check_errno(try_channel(&bad), EINVAL, "rx_bytes");
	bad = args;
	bad.tx_slots = 64;
	check_errno(try_channel(&bad), EINVAL, "tx_slots");
	bad = args;
	bad.type = NETCHANNEL_TYPE_COPY;
	check_errno(try_channel(&bad), EINVAL, "group, and another type");
	bad.group = 0;
	bad.cookie = 1;
	check_errno(try_channel(&bad), EINVAL, "cookie, and another type");
	args.remote = nc_addr(ADDR_B, 7701);
	check_errno(try_channel(&args), EADDRINUSE, "the flow of another");
	first_refused(&r, &args);
	check_errno(nc_recv(m, &c, 1, NETCHANNEL_DONTWAIT, 0, NULL), EOPNOTSUPP, "RECV");
	check_errno(read(m, &c, 1), EOPNOTSUPP, "read()");
	check(mmap(NULL, 4096, PROT_READ, MAP_SHARED, m, 0) == MAP_FAILED && errno == ENODEV,
	      "mmap: ENODEV");
	must(ioctl(m, NETCHANNEL_INFO, &info), "INFO");
	check(info.type == NETCHANNEL_TYPE_GROUP && !info.rx_bytes && !info.map_bytes, "INFO");
	close(m);
	close(copy);
	close_ring(&r);
}

/* A member keeps the ring, and with it the flow of its channel; not the other way. */
static void lifetimes(void)
{
	struct ring r = open_ring(ring_args(ADDR_A, PORT, NULL, 0));
	int m = member(&r, 1, 7701), peer = sender(ADDR_B, 7701, ADDR_A, PORT + 1);

	close_ring(&r);
	must(send(peer, "kept", 4, 0), "send to a ring that nobody can read any more");
	check(stats_at(m, 1).rx_packets == 1, "it is there");
	check_errno(try_socket(ADDR_A, PORT), EADDRINUSE, "and its port");
	close(m);
	close(must(try_socket(ADDR_A, PORT), "the last member lets go of the port"));
	close(peer);
}

/* A listener, whose children are members. */
static void children(void)
{
	struct ring r = open_ring(ring_args(ADDR_A, PORT, NULL, 0));
	struct netchannel_create args = create_args(ADDR_A, PORT + 1, NULL, 0);
	struct netchannel_accept accept = {
		.size = sizeof(accept), .type = NETCHANNEL_TYPE_GROUP, .group = r.fd, .cookie = 77,
	};
	int child = open_device(), peer = sender(ADDR_B, 7701, ADDR_A, PORT + 1);

	args.type = NETCHANNEL_TYPE_LISTEN;
	accept.listener = channel_of(args);
	must(send(peer, "opens", 5, 0), "send");
	must(ioctl(child, NETCHANNEL_ACCEPT, &accept), "ACCEPT into a group");
	must(send(peer, "again", 5, 0), "send");
	check(!memcmp(expect_of(&r, 77, 5, "what opened the child"), "opens", 5), "its data");
	check(!memcmp(expect_of(&r, 77, 5, "what came later"), "again", 5), "its data");
	ring_release(&r);
	close(child);
	child = open_device();
	accept.rx_bytes = 4096;
	check_errno(ioctl(child, NETCHANNEL_ACCEPT, &accept), EINVAL, "rx_bytes");
	accept.rx_bytes = 0;
	accept.group = accept.listener;
	check_errno(ioctl(child, NETCHANNEL_ACCEPT, &accept), EINVAL, "no ring");
	close(accept.listener);
	close(child);
	close(peer);
	close_ring(&r);
}

/* One ring for all: each packet has its member's cookie, none is lost or comes twice. */
static void many(void)
{
	int count = count_of(500, 10000), *fds = calloc(count, sizeof(*fds)), i, port = PORT + 1;
	struct rlimit files = { count + 100, count + 100 };
	struct netchannel_create args = ring_args(ADDR_A, PORT, NULL, 0);
	struct netchannel_record *record;
	uint8_t *seen = calloc(count, 1);
	int peer = sender(ADDR_B, 7701, NULL, 0);
	struct ring r;
	uint64_t cookie;

	must(setrlimit(RLIMIT_NOFILE, &files), "RLIMIT_NOFILE");
	args.rx_bytes = 2 << 20;
	r = open_ring(args);
	for (i = 0; i < count; i++) {
		args = member_args(r.fd, i, ADDR_A, port + i, ADDR_B, 7701);
		fds[i] = channel_of(args);
	}
	for (i = 0; i < count; i++)
		must(send_to(peer, "x", 1, ADDR_A, port + i), "sendto");
	for (i = 0; i < count; i++) {
		must(ring_kick(&r, NETCHANNEL_WAIT, 30 * SECOND), "KICK");
		record = ring_peek(&r);
		memcpy(&cookie, record + 1, sizeof(cookie));
		if (cookie >= (uint64_t)count || seen[cookie]++)
			check(false, "record %d: cookie %lu", i, (unsigned long)cookie);
		ring_next(&r, record);
		ring_release(&r);
	}
	check(!ring_peek(&r), "%d members, one packet of each", count);
	for (i = 0; i < count; i++)
		close(fds[i]);
	close_ring(&r);
	close(peer);
	free(fds);
	free(seen);
}

static void *flood(void *stop)
{
	int peer;

	enter(bed.b);
	peer = udp_socket(ADDR_B, 7701, NULL, 0);
	while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED))
		send_to(peer, "flood", 5, ADDR_A, PORT + 1);
	close(peer);
	return NULL;
}

#define FLOOD	1000
#define ROOM	(4096 / 64)	/* records of four bytes with a cookie */

/*
 * N27: 15 times what the ring holds, of one member: all is counted, as that one's, and
 * the others have room when there is some again.
 */
static void flooded(void)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT, NULL, 0);
	int m, other, peer = sender(ADDR_B, 7701, ADDR_A, PORT + 1);
	int second = sender(ADDR_B, 7702, ADDR_A, PORT + 1);
	struct netchannel_stats s;
	struct ring r;
	uint32_t i;

	args.rx_bytes = 4096;
	r = open_ring(args);
	m = member(&r, 7, 7701);
	other = member(&r, 8, 7702);
	for (i = 0; i < FLOOD; i++)
		must(send(peer, &i, sizeof(i), 0), "send");
	s = stats_at(m, FLOOD);
	check(s.rx_packets == ROOM && s.rx_dropped_full == FLOOD - ROOM &&
	      dropped(&s) == s.rx_dropped_full, "%d of a member: %d received, %d dropped", FLOOD, (int)s.rx_packets,
	      (int)s.rx_dropped_full);
	for (i = 0; i < ROOM; i++)
		if (memcmp(expect_of(&r, 7, sizeof(i), "a packet of the flood"), &i, sizeof(i)))
			check(false, "is number %u", i);
	ring_release(&r);
	must(send(second, "mine", 4, 0), "send");
	expect_of(&r, 8, 4, "a packet of another member");
	s = stats_of(other);
	check(!dropped(&s) && !stats_of(r.fd).rx_packets, "which is charged with none of it");
	close(m);
	close(other);
	close(peer);
	close(second);
	close_ring(&r);
}

/* Members, and the ring's channel before or after them, go while packets come. */
static void in_traffic(void)
{
	int i, rounds = count_of(40, 4000);
	pthread_t thread;
	bool stop = false;

	pthread_create(&thread, NULL, flood, &stop);
	for (i = 0; i < rounds; i++) {
		struct ring r = open_ring(ring_args(ADDR_A, PORT, NULL, 0));
		int m = member(&r, i, 7701);

		must(ring_kick(&r, NETCHANNEL_WAIT, 30 * SECOND), "KICK");
		if (i % 2)
			close(m);
		close_ring(&r);
		if (i % 2 == 0)
			close(m);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	check(true, "%d groups came and went under traffic", rounds);
}

int main(void)
{
	bed = new_bed();
	stay_here();
	members();
	refused();
	lifetimes();
	children();
	many();
	flooded();
	go_anywhere();
	in_traffic();
	return 0;
}
