// SPDX-License-Identifier: GPL-2.0
/*
 * Rings that send out of their own pages (ZEROCOPY): what arrives, who copies it on the
 * way, in which order descriptors are done, and what is left in flight by a close.
 */
#include "ring.h"

#include <sys/resource.h>

#define PORT_A 7000
#define PORT_B 7001

static struct bed bed;
static uint8_t pattern[65536];

static struct netchannel_create zerocopy_args(uint32_t flags)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);

	args.flags = NETCHANNEL_ZEROCOPY | flags;
	if (flags & NETCHANNEL_FAST)
		args.ifindex = if_nametoindex("v0");
	return args;
}

/* In namespace B, at FAST's hook. */
static int fast_peer(uint32_t type)
{
	struct netchannel_create args = create_args(ADDR_B, PORT_B, ADDR_A, PORT_A);
	int fd;

	enter(bed.b);
	args.type = type;
	args.flags = NETCHANNEL_FAST;
	args.ifindex = if_nametoindex("v1");
	fd = channel_of(args);
	enter(bed.a);
	return fd;
}

static int peer_socket(void)
{
	int fd;

	enter(bed.b);
	fd = udp_socket(ADDR_B, PORT_B, ADDR_A, PORT_A);
	enter(bed.a);
	return fd;
}

static void drain(struct ring *r)
{
	struct netchannel_drain args = {
		.size = sizeof(args), .flags = NETCHANNEL_DRAIN_TX, .timeout_ns = 30 * SECOND,
	};

	must(ioctl(r->fd, NETCHANNEL_DRAIN, &args), "DRAIN");
}

static bool is_done(struct ring *r)
{
	return __atomic_load_n(&r->header->tx_consumer, __ATOMIC_ACQUIRE) == r->tx_producer;
}

/* Puts bytes of the pattern at an offset, and takes them off; does not wait. */
static struct netchannel_descriptor *take_off(struct ring *r, uint32_t offset, uint32_t len,
					      uint32_t segment_bytes)
{
	struct netchannel_descriptor *d;

	memcpy(r->arena + offset, pattern, len);
	d = ring_push(r, offset, len);
	d->segment_bytes = segment_bytes;
	ring_publish(r);
	check(ring_kick(r, 0, 0) == 1, "KICK takes %u bytes", len);
	return d;
}

static int result_of(struct ring *r, struct netchannel_descriptor *d)
{
	drain(r);
	check(is_done(r), "it is done");
	return d->result;
}

static void refusals(void)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	struct netchannel_query q = { .size = sizeof(q) };
	struct netchannel_info info = { .size = sizeof(info) };
	struct ring r;
	int fd;

	args.flags = NETCHANNEL_ZEROCOPY;
	check_errno(try_channel(&args), EINVAL, "ZEROCOPY for COPY");
	r = open_ring(zerocopy_args(0));
	must(ioctl(r.fd, NETCHANNEL_QUERY, &q), "QUERY");
	must(ioctl(r.fd, NETCHANNEL_INFO, &info), "INFO");
	check(q.features & NETCHANNEL_FEATURE_ZEROCOPY && info.flags == NETCHANNEL_ZEROCOPY,
	      "QUERY and INFO tell of it");
	close_ring(&r);
	args = create_args(ADDR_A, PORT_A, NULL, 0);
	args.type = NETCHANNEL_TYPE_LISTEN;
	fd = channel_of(args);
	check_errno(ioctl(open_device(), NETCHANNEL_ACCEPT, &(struct netchannel_accept){
			.size = sizeof(struct netchannel_accept), .listener = fd,
			.type = NETCHANNEL_TYPE_COPY, .flags = NETCHANNEL_ZEROCOPY }),
		    EINVAL, "ACCEPT of COPY with ZEROCOPY");
	close(fd);
}

/* A child of a listener's has it, too. */
static void accepted(void)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, NULL, 0);
	struct netchannel_accept a = {
		.size = sizeof(a), .type = NETCHANNEL_TYPE_RING, .flags = NETCHANNEL_ZEROCOPY,
		.timeout_ns = 30 * SECOND,
	};
	int peer = peer_socket(), listener, fd = open_device();
	struct ring r;

	args.type = NETCHANNEL_TYPE_LISTEN;
	listener = channel_of(args);
	a.listener = listener;
	must(send(peer, "open", 4, 0), "send");
	must(ioctl(fd, NETCHANNEL_ACCEPT, &a), "ACCEPT");
	r = map_ring(fd);
	check(result_of(&r, take_off(&r, 100, 1000, 0)) == NETCHANNEL_COPIED,
	      "a child sends without a copy");
	expect_socket(peer, pattern, 1000, "and it arrives");
	close_ring(&r);
	close(listener);
	close(peer);
}

/* A socket here, which gets a copy: any length, at any place in a page. */
static void to_a_socket(void)
{
	static const uint32_t lengths[] = { 0, 1, 256, 257, 1000, 1472, 4096, 4097, 65507 };
	struct ring r = open_ring(zerocopy_args(0));
	int peer = peer_socket();
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		uint32_t len = lengths[i], offset = i * 1365;
		int wanted = len > 256 ? NETCHANNEL_COPIED : 0;

		/* longer than the MTU: by IP, for the checksum of what it cuts into fragments */
		check(result_of(&r, take_off(&r, offset, len, 0)) == wanted,
		      "%u bytes at %u: %s", len, offset, wanted ? "copied on the way" : "sent");
		expect_socket(peer, pattern, len, "arrive");
	}
	check(result_of(&r, take_off(&r, 4095, 1473, 0)) == NETCHANNEL_COPIED,
	      "a byte more than the MTU");
	expect_socket(peer, pattern, 1473, "arrives");
	check(stats_of(r.fd).tx_packets == 10 && !stats_of(r.fd).tx_errors, "all were counted");
	close_ring(&r);
	close(peer);
}

/* 45 segments, split before the device or behind it. */
static void segments(bool device_splits)
{
	struct ring r = open_ring(zerocopy_args(0));
	int peer = peer_socket(), i;
	uint8_t buf[1500];

	run("/usr/bin/ip link set v0 gso_max_segs %d", device_splits ? 65535 : 1);
	check(result_of(&r, take_off(&r, 77, 45 * 1400, 1400)) == NETCHANNEL_COPIED,
	      "45 segments, split %s the device", device_splits ? "behind" : "before");
	for (i = 0; i < 45; i++) {
		int n = recv(peer, buf, sizeof(buf), 0);

		if (n != 1400 || memcmp(buf, pattern + i * 1400, n))
			check(false, "segment %d: %d bytes", i, n);
	}
	check(true, "all arrive");
	run("/usr/bin/ip link set v0 gso_max_segs 65535");
	close_ring(&r);
	close(peer);
}

/* From a ring's pages into a ring, with one copy in all. */
static void to_a_fast_ring(void)
{
	struct ring r = open_ring(zerocopy_args(NETCHANNEL_FAST));
	struct ring to = map_ring(fast_peer(NETCHANNEL_TYPE_RING));
	int cap;

	/* the neighbour is known when one packet has gone the usual way */
	check(!result_of(&r, take_off(&r, 0, 10, 0)), "a short one, copied at once");
	ring_expect(&to, pattern, 10, "arrives");
	check(!result_of(&r, take_off(&r, 5000, 1472, 0)), "1,472 bytes, never copied");
	ring_expect(&to, pattern, 1472, "arrive");
	check(!result_of(&r, take_off(&r, 123, 63000, 1400)), "45 segments, never copied");
	ring_expect(&to, pattern, 63000, "arrive as one record");
	cap = start_capture("v1");
	check(result_of(&r, take_off(&r, 0, 1400, 0)) == NETCHANNEL_COPIED,
	      "a capture has a copy made");
	ring_expect(&to, pattern, 1400, "of what arrives");
	close(cap);
	close_ring(&to);
	close_ring(&r);
}

/* What lies in a queue is not the sender's memory any more. */
static void to_a_fast_queue(void)
{
	struct ring r = open_ring(zerocopy_args(NETCHANNEL_FAST));
	int to = fast_peer(NETCHANNEL_TYPE_COPY);

	must(nc_send(r.fd, "first", 5, 0), "SEND");
	expect(to, "first", 5, "the neighbour is known");
	check(result_of(&r, take_off(&r, 9, 1400, 0)) == NETCHANNEL_COPIED,
	      "1,400 bytes are copied into a queue, and done before they are read");
	memset(r.arena, 0xee, 4096);
	expect(to, pattern, 1400, "as they were sent");
	close(to);
	close_ring(&r);
}

/* From now on B does not say where it is: what is sent to it waits, until release(). */
static void hold(void)
{
	never_give_up();
	enter(bed.b);
	run("/usr/bin/ip neigh replace " ADDR_A " lladdr 02:00:00:00:00:01 dev v1 nud permanent");
	write_file("/proc/sys/net/ipv4/conf/v1/arp_ignore", "8");
	enter(bed.a);
	run("/usr/bin/ip neigh del " ADDR_B " dev v0");
}

static void release(void)
{
	run("/usr/bin/ip neigh replace " ADDR_B
	    " lladdr 02:00:00:00:00:02 dev v0 nud permanent");
	enter(bed.b);
	write_file("/proc/sys/net/ipv4/conf/v1/arp_ignore", "0");
	enter(bed.a);
}

/* A queue holds the pages for a while: tx_consumer waits, and POLLOUT with it. */
static void in_flight(void)
{
	struct netchannel_drain d = {
		.size = sizeof(d), .flags = NETCHANNEL_DRAIN_TX | NETCHANNEL_DONTWAIT,
	};
	struct netchannel_create args = zerocopy_args(0);
	struct pollfd p = { .events = POLLOUT };
	struct netchannel_descriptor *first, *second;
	int peer = peer_socket(), i;
	uint8_t buf[1500];
	uint32_t start;
	struct ring r;

	args.tx_bytes = 128 << 10;
	r = open_ring(args);
	p.fd = r.fd;
	check(result_of(&r, take_off(&r, 0, 100, 0)) == 0, "the neighbour is asked for first");
	expect_socket(peer, pattern, 100, "and known");
	start = r.tx_producer;
	hold();
	first = take_off(&r, 0, 44 * 1400, 1400);
	second = take_off(&r, 70000, 10, 0);
	check(r.header->tx_consumer == start && first->result == 1 && second->result == 1,
	      "neither is done, though the second was copied");
	check(poll(&p, 1, 0) == 1, "less than half of the arena is in flight: POLLOUT");
	take_off(&r, 80000, 7 * 1400, 1400);
	check(poll(&p, 1, 0) == 0, "more than half of it: none");
	check_errno(ioctl(r.fd, NETCHANNEL_DRAIN, &d), EAGAIN, "DRAIN_TX, not waiting");
	r.header->tx_producer = start + r.tx_slots + 1;
	check_errno(ring_kick(&r, 0, 0), EINVAL, "a descriptor that is in flight, again");
	r.header->tx_producer = start + 1;
	check_errno(ring_kick(&r, 0, 0), EINVAL, "a producer before what was taken");
	ring_publish(&r);
	check(stats_of(r.fd).tx_bad_positions == 2, "both counted");
	release();
	check(poll(&p, 1, 30000) == 1, "POLLOUT when enough has landed");
	drain(&r);
	check(is_done(&r) && first->result == NETCHANNEL_COPIED && second->result == 0,
	      "all are done, in order");
	for (i = 0; i < 44 + 1 + 7; i++)
		must(recv(peer, buf, sizeof(buf), 0), "recv");
	check(true, "and all have arrived");
	close_ring(&r);
	close(peer);
}

/* N18: what was sent arrives, from pages that nobody else gets meanwhile. */
static void closed_in_flight(void)
{
	struct ring r = open_ring(zerocopy_args(0));
	int peer = peer_socket(), i, n, others[4];
	uint8_t buf[1500];

	check(!result_of(&r, take_off(&r, 0, 100, 0)), "the neighbour is asked for first");
	expect_socket(peer, pattern, 100, "and known");
	hold();
	take_off(&r, 1000, 40 * 1400, 1400);
	close_ring(&r);
	for (i = 0; i < 4; i++) {	/* whose memory would be that of the first */
		struct netchannel_create args = ring_args(ADDR_A, PORT_A + 1 + i, ADDR_B, PORT_B);
		struct ring other = open_ring(args);

		memset(other.arena, 0xcc, other.header->arena_bytes);
		munmap(other.memory, other.map_bytes);
		others[i] = other.fd;
	}
	for (i = 0; i < 4; i++)
		close(others[i]);
	check_errno(syscall(SYS_delete_module, "netchannel", O_NONBLOCK), EAGAIN,
		    "the module stays for what is in flight");
	release();
	for (i = 0; i < 40; i++) {
		n = recv(peer, buf, sizeof(buf), 0);
		if (n != 1400 || memcmp(buf, pattern + i * 1400, n))
			check(false, "segment %d after close: %d bytes", i, n);
	}
	check(true, "what was in flight when its channel was closed arrives");
	close(peer);
}

/* Of a user who may lock memory for one ring, not for two. */
static void as_user(void (*test)(void))
{
	const struct rlimit limit = { .rlim_cur = 1 << 20, .rlim_max = 1 << 20 };
	int status;

	if (!fork()) {
		must(setrlimit(RLIMIT_MEMLOCK, &limit), "RLIMIT_MEMLOCK");
		must(setgid(1000) || setuid(1000) ? -1 : 0, "setuid");
		test();
		exit(0);
	}
	check(wait(&status) > 0 && !status, "the user's process");
}

static struct netchannel_create next_ring(void)
{
	struct netchannel_create args = zerocopy_args(0);

	args.rx_bytes = 1 << 18;
	args.local = nc_addr(ADDR_A, PORT_A + 1);
	return args;
}

static void close_with_flights(void)
{
	struct netchannel_create args = zerocopy_args(0), next = next_ring();
	struct ring r;

	args.rx_bytes = 1 << 18;
	r = open_ring(args);
	take_off(&r, 0, 1400, 0);
	close_ring(&r);
	check_errno(try_channel(&next), ENOMEM,
		    "closed, and what was sent holds its memory still: another ring");
}

static void open_when_landed(void)
{
	struct netchannel_create next = next_ring();
	double limit = now() + 30;
	int fd;

	while ((fd = try_channel(&next)) < 0 && errno == ENOMEM && now() < limit)
		usleep(1000);
	check(fd >= 0, "when that has arrived");
}

/* N26: what a user may lock counts for as long as it is locked. */
static void paid_until_landed(void)
{
	int peer = peer_socket();

	hold();
	as_user(close_with_flights);
	release();
	expect_socket(peer, pattern, 1400, "what was in flight arrives");
	as_user(open_when_landed);
	close(peer);
}

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = i * 7 + i / 251;
	bed = new_bed();
	refusals();
	accepted();
	to_a_socket();
	segments(true);
	segments(false);
	to_a_fast_ring();
	to_a_fast_queue();
	in_flight();
	closed_in_flight();
	paid_until_landed();
	return 0;
}
