// SPDX-License-Identifier: GPL-2.0
/*
 * The same bytes in the same datagrams, whatever a device computes, splits or merges:
 * super-frames, single datagrams and fragments, from rings and sockets to rings, COPY
 * channels and sockets, under every combination of a device's features; and the same
 * bytes in streams of TCP, between the kernel's sockets and rings and COPY channels.
 */
#include "features.h"
#include "tcp.h"

#include <sys/utsname.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#define UDP_GRO		104
#endif

#define BYTES_MAX	40000
#define PORT_TX		7200
#define PORT_FAST	7201
#define PORT_SOCKET	7202
#define PORT_ZEROCOPY	7203

static struct features of_udp = { .names = {
	"tx-checksum-ip-generic", "tx-scatter-gather", "tx-generic-segmentation",
	"tx-udp-segmentation", "rx-checksum", "rx-gro", "rx-udp-gro-forwarding", "rx-gro-list",
} };

static struct features of_tcp = { .names = {
	"tx-checksum-ip-generic", "tx-scatter-gather", "tx-generic-segmentation",
	"tx-tcp-segmentation", "tx-tcp6-segmentation", "rx-checksum", "rx-gro", "rx-gro-list",
} };

/* One that receives. next() gives one datagram more of those that it has, or waits. */
struct receiver {
	const char *name, *addr;
	int port, fd;
	int (*next)(struct receiver *r, uint8_t *datagram);
	struct ring ring;
	uint8_t *rest;		/* of a super-frame */
	int rest_bytes, segment_bytes;
	uint8_t buf[BYTES_MAX];
};

static int take_segment(struct receiver *r, uint8_t *datagram)
{
	int len = r->rest_bytes;

	if (r->segment_bytes && len > r->segment_bytes)
		len = r->segment_bytes;
	memcpy(datagram, r->rest, len);
	r->rest += len;
	r->rest_bytes -= len;
	return len;
}

static int next_of_ring(struct receiver *r, uint8_t *datagram)
{
	struct netchannel_record *record;

	if (!r->rest_bytes) {
		must(ring_kick(&r->ring, NETCHANNEL_WAIT, 30 * SECOND), r->name);
		record = ring_peek(&r->ring);
		memcpy(r->buf, record + 1, record->len);
		r->rest = r->buf;
		r->rest_bytes = record->len;
		r->segment_bytes = record->segment_bytes;
		ring_next(&r->ring, record);
		ring_release(&r->ring);
	}
	return take_segment(r, datagram);
}

static int next_of_channel(struct receiver *r, uint8_t *datagram)
{
	return must(nc_recv(r->fd, datagram, BYTES_MAX, 0, 30 * SECOND, NULL), r->name);
}

static int next_of_socket(struct receiver *r, uint8_t *datagram)
{
	return must(recv(r->fd, datagram, BYTES_MAX, 0), r->name);
}

static int next_of_gro_socket(struct receiver *r, uint8_t *datagram)
{
	union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control;
	struct iovec iov = { r->buf, sizeof(r->buf) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	if (!r->rest_bytes) {
		r->rest_bytes = must(recvmsg(r->fd, &m, 0), r->name);
		r->rest = r->buf;
		r->segment_bytes = 0;
		c = CMSG_FIRSTHDR(&m);
		if (c && c->cmsg_type == UDP_GRO)
			memcpy(&r->segment_bytes, CMSG_DATA(c), sizeof(int));
	}
	return take_segment(r, datagram);
}

static struct receiver receivers[] = {
	{ .name = "ring", .addr = ADDR_B, .port = 7300, .next = next_of_ring },
	{ .name = "FAST ring", .addr = ADDR_B, .port = 7301, .next = next_of_ring },
	{ .name = "COPY channel", .addr = ADDR_B, .port = 7302, .next = next_of_channel },
	{ .name = "socket", .addr = ADDR_B, .port = 7303, .next = next_of_socket },
	{ .name = "socket with GRO", .addr = ADDR_B, .port = 7304, .next = next_of_gro_socket },
	{ .name = "ring, IPv6", .addr = ADDR6_B, .port = 7305, .next = next_of_ring },
	{ .name = "COPY channel, IPv6", .addr = ADDR6_B, .port = 7306, .next = next_of_channel },
	{ .name = "socket, IPv6", .addr = ADDR6_B, .port = 7307, .next = next_of_socket },
};

#define FIRST_IPV6	5
#define RECEIVERS	((int)(sizeof(receivers) / sizeof(*receivers)))

static void open_receivers(void)
{
	struct netchannel_create args;
	int on = 1;

	args = ring_args(ADDR_B, 7300, NULL, 0);
	receivers[0].ring = open_ring(args);
	args = ring_args(ADDR_B, 7301, NULL, 0);
	args.flags = NETCHANNEL_FAST;
	args.ifindex = if_nametoindex("v1");
	receivers[1].ring = open_ring(args);
	receivers[2].fd = channel(ADDR_B, 7302, NULL, 0);
	receivers[3].fd = udp_socket(ADDR_B, 7303, NULL, 0);
	receivers[4].fd = udp_socket(ADDR_B, 7304, NULL, 0);
	must(setsockopt(receivers[4].fd, IPPROTO_UDP, UDP_GRO, &on, sizeof(on)), "UDP_GRO");
	receivers[5].ring = open_ring(ring_args(ADDR6_B, 7305, NULL, 0));
	receivers[6].fd = channel(ADDR6_B, 7306, NULL, 0);
	receivers[7].fd = udp_socket(ADDR6_B, 7307, NULL, 0);
}

/* Those that send; of IPv4, and of IPv6. */
static struct ring tx[2], tx_zerocopy[2], tx_fast[RECEIVERS];
static int tx_socket[2];

static bool is_ipv6(const struct receiver *r)
{
	return family_of(r->addr) == AF_INET6;
}

static void open_senders(void)
{
	static const char *const own[] = { ADDR_A, ADDR6_A };
	struct netchannel_create args;
	int i;

	for (i = 0; i < 2; i++) {
		tx[i] = open_ring(ring_args(own[i], PORT_TX, NULL, 0));
		args = ring_args(own[i], PORT_ZEROCOPY, NULL, 0);
		args.flags = NETCHANNEL_ZEROCOPY;
		tx_zerocopy[i] = open_ring(args);
		tx_socket[i] = udp_socket(own[i], PORT_SOCKET, NULL, 0);
	}
	for (i = 0; i < RECEIVERS; i++) {
		args = ring_args(own[is_ipv6(&receivers[i])], PORT_FAST, receivers[i].addr,
				 receivers[i].port);
		args.flags = NETCHANNEL_FAST;
		args.ifindex = if_nametoindex("v0");
		tx_fast[i] = open_ring(args);
	}
}

static bool sends_in_place(const struct ring *ring)
{
	return ring == &tx_zerocopy[0] || ring == &tx_zerocopy[1];
}

static uint8_t message[BYTES_MAX];

/* Waits until the kernel has done with the arena, of a ring that sends out of it. */
static void drain(struct ring *ring)
{
	struct netchannel_drain args = {
		.size = sizeof(args), .flags = NETCHANNEL_DRAIN_TX, .timeout_ns = 30 * SECOND,
	};

	must(ioctl(ring->fd, NETCHANNEL_DRAIN, &args), "DRAIN");
}

/* Returns what became of it. */
static int push_once(struct ring *ring, const struct receiver *to, int len, int segment_bytes)
{
	struct netchannel_descriptor *d = ring_push(ring, 0, len);

	if (to)
		d->remote = nc_addr(to->addr, to->port);
	d->segment_bytes = segment_bytes;
	memcpy(ring->arena, message, len);
	ring_publish(ring);
	if (ring_kick(ring, 0, 0) != 1)
		return -EIO;
	if (sends_in_place(ring))
		drain(ring);
	return d->result == NETCHANNEL_COPIED ? 0 : d->result;
}

/* While a busy host keeps what was sent before from its receiver, there is no room. */
static void push(struct ring *ring, const struct receiver *to, int len, int segment_bytes)
{
	int tries = 30000, result;

	do
		result = push_once(ring, to, len, segment_bytes);
	while (result == -ENOBUFS && --tries && !usleep(1000));
	if (result)
		check(false, "KICK of %d bytes: %d", len, result);
}

static void send_by_ring(int i, int len, int segment_bytes)
{
	push(&tx[is_ipv6(&receivers[i])], &receivers[i], len, segment_bytes);
}

static void send_by_fast_ring(int i, int len, int segment_bytes)
{
	push(&tx_fast[i], NULL, len, segment_bytes);
}

static void set_segments(int sock, int segment_bytes)
{
	must(setsockopt(sock, IPPROTO_UDP, UDP_SEGMENT, &segment_bytes, sizeof(segment_bytes)),
	     "UDP_SEGMENT");
}

/* Sockets send no super-frame to a device that computes no checksums. */
static void send_by_socket(int i, int len, int segment_bytes)
{
	const struct receiver *to = &receivers[i];
	int sock = tx_socket[is_ipv6(to)], at, bytes;

	set_segments(sock, segment_bytes);
	if (send_to(sock, message, len, to->addr, to->port) == len)
		return;
	if (errno != EIO || !segment_bytes)
		check(false, "send: %s", strerror(errno));
	set_segments(sock, 0);
	for (at = 0; at < len; at += bytes) {
		bytes = len - at < segment_bytes ? len - at : segment_bytes;
		must(send_to(sock, message + at, bytes, to->addr, to->port), "send");
	}
}

static void send_in_place(int i, int len, int segment_bytes)
{
	push(&tx_zerocopy[is_ipv6(&receivers[i])], &receivers[i], len, segment_bytes);
}

static void (*const senders[])(int i, int len, int segment_bytes) = {
	send_by_ring, send_by_fast_ring, send_by_socket, send_in_place,
};

/* All of it has to come, cut where it was cut. */
static void expect_message(struct receiver *r, int len, int segment_bytes)
{
	static uint8_t datagram[BYTES_MAX];
	int at, got, wanted;

	for (at = 0; at < len; at += wanted) {
		wanted = segment_bytes && len - at > segment_bytes ? segment_bytes : len - at;
		got = r->next(r, datagram);
		if (got != wanted || memcmp(datagram, message + at, wanted))
			check(false, "%s, at %d of %d: %d bytes, or other ones", r->name, at, len,
			      got);
	}
}

static long sent;

#define SENDERS	((int)(sizeof(senders) / sizeof(*senders)))

/* To the receivers from one on, up to another. */
static void try_sender(int s, int first, int end, int len, int segment_bytes, int seed)
{
	int i;

	for (i = 0; i < len; i++)
		message[i] = (i * 31 + seed) ^ i >> 8;
	for (i = first; i < end; i++) {
		senders[s](i, len, segment_bytes);
		expect_message(&receivers[i], len, segment_bytes);
		sent++;
	}
}

/* One or another, whatever the features are. */
static int any_sender(int seed)
{
	return (seed * 2654435761u >> 16) % SENDERS;
}

/* By IPv6 from each sender only in a long run. */
static void try_message(int len, int segment_bytes, int seed)
{
	bool all = number_from("LONG", 0);
	int s;

	for (s = 0; s < SENDERS; s++) {
		try_sender(s, 0, FIRST_IPV6, len, segment_bytes, seed);
		if (all || s == any_sender(seed))
			try_sender(s, FIRST_IPV6, RECEIVERS, len, segment_bytes, seed);
	}
}

#define WAITING_FRAMES	6
#define WAITING_BYTES	BYTES_MAX

/* What the receiver has not read yet is not written over by what comes after it. */
static void waiting(const struct bed *bed)
{
	struct receiver to = { .addr = ADDR_B, .port = 7410 };
	int room = 1 << 23, sock, i, wrong = 0;
	uint8_t datagram[2000];

	enter(bed->b);
	sock = udp_socket(ADDR_B, to.port, NULL, 0);
	must(setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)), "room");
	enter(bed->a);
	for (i = 0; i < WAITING_FRAMES; i++) {
		memset(message, i + 1, WAITING_BYTES);
		push(&tx[0], &to, WAITING_BYTES, 1000);
	}
	for (i = 0; i < WAITING_FRAMES * WAITING_BYTES / 1000; i++) {
		int n = recv(sock, datagram, sizeof(datagram), 0), frame = i * 1000 / WAITING_BYTES;

		memset(message, frame + 1, 1000);
		wrong += n != 1000 || memcmp(datagram, message, 1000);
	}
	check(!wrong, "%d super-frames wait, and are read as they were sent (%d are not)",
	      WAITING_FRAMES, wrong);
	close(sock);
}

#define WAITING_DATAGRAMS	600	/* more than there are buffers of any size */

/* The same of short ones, which share pages: some are read before the rest is sent. */
static void short_ones_waiting(const struct bed *bed, int len)
{
	struct receiver to = { .addr = ADDR_B, .port = 7411 };
	int room = 1 << 23, sock, i, nr_sent = 0, wrong = 0;
	uint8_t datagram[2000];

	enter(bed->b);
	sock = udp_socket(ADDR_B, to.port, NULL, 0);
	must(setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)), "room");
	enter(bed->a);
	for (i = 0; i < WAITING_DATAGRAMS; i++) {
		for (; nr_sent < WAITING_DATAGRAMS && nr_sent < 400 + 2 * i; nr_sent++) {
			memset(message, nr_sent, len);
			message[0] = nr_sent >> 8;
			push(&tx[0], &to, len, 0);
		}
		memset(message, i, len);
		message[0] = i >> 8;
		wrong += recv(sock, datagram, sizeof(datagram), 0) != len ||
			 memcmp(datagram, message, len);
	}
	check(!wrong, "%d of %d bytes wait, and are read as they were sent (%d are not)",
	      WAITING_DATAGRAMS, len, wrong);
	close(sock);
}

static int control_a, control_b;	/* sockets in the two namespaces */

static bool only_receiver;	/* v0 keeps what it has */

static void set_both(const struct features *f, int feature, bool on)
{
	if (!only_receiver)
		set_feature(control_a, "v0", f, feature, on);
	set_feature(control_b, "v1", f, feature, on);
}

static void all_on(struct features *f)
{
	int i;

	find_features(control_a, "v0", f);
	for (i = 0; i < FEATURES; i++)
		set_both(f, i, true);
}

/* By Gray's code, of which a set bit means "off": one feature changes each time. */
static void try_all(struct features *f, void (*try)(int seed))
{
	unsigned int n, count = 1U << FEATURES, bit;

	all_on(f);
	for (n = 0; n < count; n++) {
		try(n);
		bit = __builtin_ctz(n + 1);
		if (bit < FEATURES)
			set_both(f, bit, (n ^ n >> 1) & 1U << bit);
	}
	all_on(f);
}

static void try_datagrams(int seed)
{
	try_message(13077, 1000, seed);		/* a super-frame with an odd end */
	try_message(22, 0, seed);
	/* fragments, which no device makes */
	try_sender(any_sender(seed), 0, RECEIVERS, 3000, 0, seed);
}

/* A connection of TCP: its end at A is a channel, that at B a socket. */
struct stream {
	const char *name, *a, *b;
	uint32_t type, flags;
	struct tcp tcp;
	struct ring ring;
	int sock;
};

static struct stream streams[] = {
	{ .name = "ring", .a = ADDR_A, .b = ADDR_B, .type = NETCHANNEL_TYPE_RING },
	{ .name = "FAST ring", .a = ADDR_A, .b = ADDR_B, .type = NETCHANNEL_TYPE_RING,
	  .flags = NETCHANNEL_FAST },
	{ .name = "COPY channel", .a = ADDR_A, .b = ADDR_B, .type = NETCHANNEL_TYPE_COPY },
	{ .name = "ring, in place", .a = ADDR_A, .b = ADDR_B, .type = NETCHANNEL_TYPE_RING,
	  .flags = NETCHANNEL_ZEROCOPY },
	{ .name = "ring, IPv6", .a = ADDR6_A, .b = ADDR6_B, .type = NETCHANNEL_TYPE_RING },
};

#define STREAMS		((int)(sizeof(streams) / sizeof(*streams)))
#define STREAM_BYTES	13077	/* no more than the kernel sends before it is answered */

static void open_stream(const struct bed *bed, struct stream *st, int port)
{
	struct netchannel_create args = tcp_args(st->a, port, st->b, port);
	int wait_fd;

	enter(bed->b);
	wait_fd = listener(st->b, port);
	enter(bed->a);
	args.type = st->type;
	args.flags = st->flags;
	args.ifindex = st->flags & NETCHANNEL_FAST ? if_nametoindex("v0") : 0;
	st->tcp = (struct tcp){ .family = family_of(st->a), .remote_port = port };
	st->tcp.ch = channel_of(args);
	if (st->type == NETCHANNEL_TYPE_RING) {
		st->ring = map_ring(st->tcp.ch);
		st->tcp.ring = &st->ring;
	}
	open_active(&st->tcp);
	st->sock = must(accept(wait_fd, NULL, NULL), "accept");
	close(wait_fd);
}

static void fill_message(int seed)
{
	int i;

	for (i = 0; i < STREAM_BYTES; i++)
		message[i] = (i * 31 + seed) ^ i >> 8;
}

/* By a ring as one super-frame. */
static void put_stream(struct stream *st)
{
	static uint8_t p[BYTES_MAX];
	int headers, at, bytes;

	for (at = 0; !st->tcp.ring && at < STREAM_BYTES; at += bytes) {
		bytes = STREAM_BYTES - at < 1000 ? STREAM_BYTES - at : 1000;
		put(&st->tcp, TH_ACK, message + at, bytes);
	}
	if (!st->tcp.ring)
		return;
	headers = put_headers(&st->tcp, p, TH_ACK);
	memcpy(p + headers, message, STREAM_BYTES);
	memcpy(st->ring.arena, p, headers + STREAM_BYTES);
	ring_push(&st->ring, 0, headers + STREAM_BYTES)->segment_bytes = 1000;
	ring_publish(&st->ring);
	if (ring_kick(&st->ring, 0, 0) != 1)
		check(false, "KICK: %s", strerror(errno));
	if (st->flags & NETCHANNEL_ZEROCOPY)
		drain(&st->ring);
	st->tcp.next += STREAM_BYTES;
}

static void expect_at_socket(struct stream *st)
{
	static uint8_t got[STREAM_BYTES];
	int n = recv(st->sock, got, STREAM_BYTES, MSG_WAITALL);

	if (n != STREAM_BYTES || memcmp(got, message, STREAM_BYTES))
		check(false, "%s to socket: %d bytes, or other ones", st->name, n);
}

/*
 * What comes again, as an answer was late, is answered again. Returns the most that came in
 * one packet.
 */
static int expect_at_channel(struct stream *st)
{
	static struct segment s;
	int got = 0, most = 0;

	while (got < STREAM_BYTES) {
		if (!get_in(&st->tcp, &s, 30 * SECOND))
			check(false, "%s: after %d bytes: %s", st->name, got, strerror(errno));
		if (!s.data_len)
			continue;
		if (ntohl(s.tcp.seq) == st->tcp.wanted) {
			if (got + s.data_len > STREAM_BYTES ||
			    memcmp(s.data, message + got, s.data_len))
				check(false, "socket to %s: other bytes at %d", st->name, got);
			got += s.data_len;
			st->tcp.wanted += s.data_len;
		}
		if (s.data_len > most)
			most = s.data_len;
		put(&st->tcp, TH_ACK, "", 0);
	}
	return most;
}

static void try_streams(int seed)
{
	int i;

	for (i = 0; i < STREAMS; i++) {
		fill_message(seed);
		put_stream(&streams[i]);
		expect_at_socket(&streams[i]);
		fill_message(seed + 101);
		must(send(streams[i].sock, message, STREAM_BYTES, 0), "send");
		expect_at_channel(&streams[i]);
	}
}

/* The longest packet that was captured so far. */
static int longest(int capture)
{
	static uint8_t p[70000];
	int n, max = 0;

	while ((n = recv(capture, p, sizeof(p), MSG_DONTWAIT)) >= 0)
		max = n > max ? n : max;
	return max;
}

static bool makes_lists_of_tcp(void)
{
	struct utsname name;

	must(uname(&name), "uname");
	return strncmp(name.release, "6.1.", 4);
}

/*
 * Frames that hang on each other, of a connection that no socket of the kernel's has: COPY
 * channels and rings have each with its own headers. Linux 6.1 joins them, and a ring takes
 * them whole.
 */
static void segments_hang(struct stream *st)
{
	int capture = start_capture("v0"), joined, most;

	fill_message(55);
	must(send(st->sock, message, STREAM_BYTES, 0), "send");
	most = expect_at_channel(st);
	joined = longest(capture);
	check(joined > 2 * ETH_DATA_LEN, "%s: %d bytes came at once", st->name, joined);
	if (makes_lists_of_tcp() || !st->tcp.ring)
		check(most < ETH_DATA_LEN, "%s: none of %d bytes", st->name, most);
	else
		check(most > ETH_DATA_LEN, "%s: and were one record of %d", st->name, most);
	close(capture);
}

/* On one processor, as in join_from_wire(). */
static void hang_segments(void)
{
	int i;

	stay_here();
	all_on(&of_tcp);
	set_feature(control_b, "v1", &of_tcp, 1, false);
	set_feature(control_a, "v0", &of_tcp, GRO_LIST, true);
	for (i = 0; i < STREAMS; i++)
		segments_hang(&streams[i]);
	set_feature(control_a, "v0", &of_tcp, GRO_LIST, false);
	all_on(&of_tcp);
	go_anywhere();
}

/* Has the UDP packet a checksum that needs no device to compute it? */
static bool is_finished(const uint8_t *p, int len)
{
	uint32_t sum = sum16(p + 12, 8, IPPROTO_UDP + len - 20);

	return !fold16(sum16(p + 20, len - 20, sum));
}

/* To a device that computes no checksums FAST gives packets that have theirs. */
static void without_checksums(const struct bed *bed)
{
	struct receiver *to = &receivers[3];
	uint8_t p[2000];
	int cap, n;

	all_on(&of_udp);
	try_message(22, 0, 0);		/* neighbours are known now */
	set_feature(control_a, "v0", &of_udp, 0, false);
	enter(bed->b);
	cap = start_capture("v1");
	enter(bed->a);
	push(&tx_fast[3], NULL, 22, 0);
	expect_message(to, 22, 0);
	do {
		n = must(recv(cap, p, sizeof(p), 0), "capture");
	} while (n != 50 || p[0] != 0x45 || p[9] != IPPROTO_UDP);
	check(is_finished(p, n), "a packet by FAST has its checksum where the device has none");
	close(cap);
}

/* A tunnel's super-frame, at a channel of the tunnel's protocol: packet by packet, whole. */
static void tunnel(const struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, 0, ADDR_B, IPPROTO_IPIP);
	int ch, sock, i, size = 100, n;
	uint8_t p[2000];

	args.type = NETCHANNEL_TYPE_RAW;
	args.protocol = IPPROTO_IPIP;
	ch = channel_of(args);
	enter(bed->b);
	run("/usr/bin/ip link add t0 type ipip local " ADDR_B " remote " ADDR_A " && "
	    "/usr/bin/ip addr add 10.9.0.2/24 dev t0 && /usr/bin/ip link set t0 up");
	sock = udp_socket("10.9.0.2", 7400, "10.9.0.1", 7401);
	must(setsockopt(sock, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)), "UDP_SEGMENT");
	for (i = 0; i < 250; i++)
		message[i] = i;
	must(send(sock, message, 250, 0), "send into a tunnel");
	enter(bed->a);
	for (i = 0; i < 3; i++) {
		int wanted = i < 2 ? 100 : 50;

		n = nc_recv(ch, p, sizeof(p), 0, 30 * SECOND, NULL);
		if (n != 28 + wanted || p[0] != 0x45 || p[9] != IPPROTO_UDP ||
		    memcmp(p + 28, message + 100 * i, wanted))
			check(false, "packet %d of the tunnel: %d bytes", i, n);
	}
	check(true, "3 packets of a tunnel, with their inner headers");
	close(sock);
	close(ch);
}

#define RUN_BYTES	13077
#define RUN_SEGMENTS	14

static void push_run(struct ring *ring)
{
	struct tcp t = { .family = AF_INET, .remote_port = 7521 };
	int headers = put_headers(&t, ring->arena, TH_ACK);

	memset(ring->arena + headers, 'x', RUN_BYTES);
	ring_push(ring, 0, headers + RUN_BYTES)->segment_bytes = 1000;
	ring_publish(ring);
	if (ring_kick(ring, 0, 0) != 1)
		check(false, "KICK: %s", strerror(errno));
}

/*
 * Segments that routers may cut (no don't-fragment) are told apart by their identification
 * (RFC 6864): those of a super-frame, and of the next.
 */
static void identifications(const struct bed *bed)
{
	struct netchannel_create args = tcp_args(ADDR_A, 7520, ADDR_B, 7521);
	static bool is_used[65536];
	struct ring ring;
	struct captured c;
	int cap, n = 0;

	set_feature(control_a, "v0", &of_tcp, 3, false);	/* the host cuts them */
	set_feature(control_b, "v1", &of_tcp, 6, false);	/* and nobody joins them */
	args.type = NETCHANNEL_TYPE_RING;
	ring = open_ring(args);
	enter(bed->b);
	cap = start_capture("v1");
	enter(bed->a);
	push_run(&ring);
	push_run(&ring);
	while (n < 2 * RUN_SEGMENTS && next_captured(cap, &c, 30000)) {
		if (c.outgoing || c.ip.protocol != IPPROTO_TCP || c.tcp.source != htons(7520))
			continue;
		if (c.ip.frag_off || is_used[ntohs(c.ip.id)])
			check(false, "segment %d: identification %u again", n, ntohs(c.ip.id));
		is_used[ntohs(c.ip.id)] = true;
		n++;
	}
	check(n == 2 * RUN_SEGMENTS, "%d segments of two super-frames are told apart", n);
	close(cap);
	close_ring(&ring);
	all_on(&of_tcp);
}

#define ODD_ONES	3	/* single datagrams behind a super-frame */

/* On `capture`, so many of the port, each with an identification that no other has. */
static void expect_told_apart(int capture, int port, int wanted, const char *what)
{
	static bool is_used[65536];
	struct captured c;
	int n = 0;

	memset(is_used, 0, sizeof(is_used));
	while (n < wanted && next_captured(capture, &c, 30000)) {
		if (c.outgoing || c.ip.protocol != IPPROTO_UDP || c.udp.source != htons(port))
			continue;
		if (c.ip.frag_off || is_used[ntohs(c.ip.id)])
			check(false, "%s, %d: identification %u again, or fragments of %#x", what,
			      n, ntohs(c.ip.id), ntohs(c.ip.frag_off));
		is_used[ntohs(c.ip.id)] = true;
		n++;
	}
	check(n == wanted, "%s: %d datagrams are told apart", what, n);
}

/*
 * So it is of datagrams, where nobody asks for the path's MTU: those of a super-frame, single
 * ones between, and the next, of a channel that shares its socket with none, or has no remote.
 */
static void identifications_of_udp(const struct bed *bed, bool has_remote)
{
	struct receiver to = { .addr = ADDR_B, .port = 7521 };
	struct ring ring;
	int cap, sock, i, j;

	set_feature(control_a, "v0", &of_udp, 3, false);	/* the host cuts them */
	set_feature(control_b, "v1", &of_udp, 6, false);	/* and nobody joins them */
	write_file("/proc/sys/net/ipv4/ip_no_pmtu_disc", "1");
	ring = open_ring(ring_args(ADDR_A, 7522, has_remote ? ADDR_B : NULL,
				   has_remote ? to.port : 0));
	write_file("/proc/sys/net/ipv4/ip_no_pmtu_disc", "0");
	enter(bed->b);
	cap = start_capture("v1");
	sock = udp_socket(ADDR_B, to.port, NULL, 0);	/* it reports no error */
	enter(bed->a);
	for (i = 0; i < 2; i++) {
		push(&ring, has_remote ? NULL : &to, RUN_BYTES, 1000);
		for (j = 0; j < ODD_ONES; j++)
			push(&ring, has_remote ? NULL : &to, 22, 0);
	}
	expect_told_apart(cap, 7522, 2 * (RUN_SEGMENTS + ODD_ONES),
			  has_remote ? "with a remote" : "without one");
	close(sock);
	close(cap);
	close_ring(&ring);
	all_on(&of_udp);
}

#define VXLAN_PORT	4789
#define VXLAN_ID	5
#define ADDR_X0		"10.8.0.1"
#define ADDR_X1		"10.8.0.2"

/* A datagram from B within a tunnel (RFC 7348), whose own has no checksum. Returns its length. */
static size_t make_tunnelled(uint8_t *p, const char *text)
{
	static const uint8_t head[] = {
		8, 0, 0, 0, 0, 0, VXLAN_ID, 0,		/* there is a network; which one */
		2, 0, 0, 0, 8, 1, 2, 0, 0, 0, 8, 2, ETH_P_IP >> 8, ETH_P_IP & 255,
	};
	uint8_t outer[200];
	uint8_t *inner = outer + sizeof(head);
	struct iphdr *ip = (struct iphdr *)inner;
	struct udphdr *udp = (struct udphdr *)(ip + 1);
	size_t len = strlen(text), bytes;

	memcpy(outer, head, sizeof(head));
	bytes = sizeof(head) + make_packet(inner, 7401, 7400, text, len);
	ip->saddr = inet_addr(ADDR_X1);
	ip->daddr = inet_addr(ADDR_X0);
	ip->check = 0;
	ip->check = htons(fold16(sum16(ip, 20, 0)));
	udp->check = 0;
	udp->check = htons(fold16(sum16(udp, 8 + len,
					sum16(&ip->saddr, 8, IPPROTO_UDP + 8 + len))));
	bytes = make_packet(p, 7500, VXLAN_PORT, outer, bytes);
	p[26] = p[27] = 0;
	return bytes;
}

/* What a tunnel says of itself, that it has no checksum, is not said of what is within it. */
static void damaged_in_tunnel(const struct bed *bed)
{
	struct netchannel_stats s;
	uint8_t p[200];
	size_t len;
	int ch, raw;

	enter(bed->a);
	run("/usr/bin/ip link add x0 address 02:00:00:00:08:01 type vxlan id %d local " ADDR_A
	    " remote " ADDR_B " dstport %d dev v0 && /usr/bin/ip addr add " ADDR_X0 "/24 dev x0 && "
	    "/usr/bin/ip link set x0 up", VXLAN_ID, VXLAN_PORT);
	ch = channel(ADDR_X0, 7400, ADDR_X1, 7401);
	enter(bed->b);
	raw = raw_socket();
	len = make_tunnelled(p, "damaged");
	p[len - 1] ^= 1;
	raw_send(raw, "v1", p, len);
	s = stats_at(ch, 1);
	check(s.rx_dropped_checksum == 1, "a damaged datagram in a tunnel is dropped, and counted");
	raw_send(raw, "v1", p, make_tunnelled(p, "whole"));
	expect(ch, "whole", 5, "one that is whole arrives");
	enter(bed->a);
	close(raw);
	close(ch);
	run("/usr/bin/ip link del x0");
}

#define SINGLES	20
#define SINGLE_BYTES	1000

/* Each is a frame of its own on the wire; all are sent before the first is received. */
static void push_singles(struct ring *ring, int seed)
{
	int i;

	for (i = 0; i < SINGLES * SINGLE_BYTES; i++)
		ring->arena[i] = message[i] = (i * 31 + seed) ^ i >> 8;
	for (i = 0; i < SINGLES; i++)
		ring_push(ring, i * SINGLE_BYTES, SINGLE_BYTES);
	ring_publish(ring);
	check(ring_kick(ring, 0, 0) == SINGLES, "KICK of %d datagrams", SINGLES);
}

static void expect_joined(struct ring *ring, const char *what)
{
	const struct netchannel_record *record;

	must(ring_kick(ring, NETCHANNEL_WAIT, 30 * SECOND), what);
	record = ring_peek(ring);
	check(record->len == SINGLES * SINGLE_BYTES && record->segment_bytes == SINGLE_BYTES &&
	      !memcmp(record + 1, message, record->len), "%s: one record of %u bytes, each %u",
	      what, record->len, record->segment_bytes);
	ring_next(ring, record);
	ring_release(ring);
}

static void expect_single(int fd, const char *what)
{
	uint8_t got[SINGLE_BYTES + 1];
	int i;

	for (i = 0; i < SINGLES; i++) {
		if (nc_recv(fd, got, sizeof(got), 0, 30 * SECOND, NULL) != SINGLE_BYTES ||
		    memcmp(got, message + i * SINGLE_BYTES, SINGLE_BYTES))
			check(false, "%s: datagram %d", what, i);
	}
	check(true, "%s: one by one", what);
}

/* From a ring at A to channels at B, by a device that joins what it receives. */
static void join(const struct bed *bed, const char *a, const char *b, uint32_t flags,
		 const char *what)
{
	struct netchannel_create args = ring_args(b, 7601, NULL, 0);
	struct ring from, to;
	int copy;

	enter(bed->b);
	args.flags = flags;
	args.ifindex = flags ? if_nametoindex("v1") : 0;
	to = open_ring(args);
	enter(bed->a);
	from = open_ring(ring_args(a, 7600, b, 7601));
	check(!ring_send(&from, "first", 5), "SEND: the neighbour is known now");
	ring_expect(&to, "first", 5, what);
	push_singles(&from, 1);
	expect_joined(&to, what);
	/* the port's shadow is still asked for, but now a COPY channel has the flow */
	enter(bed->b);
	args = create_args(b, 7601, a, 7600);
	args.flags = flags;
	args.ifindex = flags ? if_nametoindex("v1") : 0;
	copy = channel_of(args);
	enter(bed->a);
	push_singles(&from, 2);
	expect_single(copy, what);
	check(!ring_peek(&to), "and the ring has none of it");
	close(copy);
	close_ring(&from);
	close_ring(&to);
}

/*
 * A device may also hang frames one on the other as they are, each with its headers, for who
 * does not ask for them joined: a channel has them one by one.
 */
static void hang_on_each_other(const struct bed *bed, const char *a, const char *b)
{
	struct ring from;
	int copy, capture, joined;

	enter(bed->b);
	copy = channel(b, 7603, a, 7602);
	capture = start_capture("v1");
	enter(bed->a);
	from = open_ring(ring_args(a, 7602, b, 7603));
	set_feature(control_b, "v1", &of_udp, GRO_LIST, true);
	push_singles(&from, 3);
	expect_single(copy, b);
	set_feature(control_b, "v1", &of_udp, GRO_LIST, false);
	joined = longest(capture);
	check(joined > 2 * SINGLE_BYTES, "what came as a list of %d bytes", joined);
	close(capture);
	close(copy);
	close_ring(&from);
}

/*
 * Frames of the wire come as one record. (A device that may not gather segments sends none
 * joined; then veth polls.) No socket here asks for GRO, and what a device joins without
 * being asked is off; but for FAST, as Linux 6.1 finds no socket that is bound to a device.
 */
static void join_from_wire(const struct bed *bed)
{
	cpu_set_t all, one;

	/* on one processor, the device is not polled while a batch is being sent */
	must(sched_getaffinity(0, sizeof(all), &all), "sched_getaffinity");
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	must(sched_setaffinity(0, sizeof(one), &one), "sched_setaffinity");
	all_on(&of_udp);
	set_feature(control_a, "v0", &of_udp, 1, false);
	join(bed, ADDR_A, ADDR_B, NETCHANNEL_FAST, "FAST ring");
	set_feature(control_b, "v1", &of_udp, 6, false);
	join(bed, ADDR_A, ADDR_B, 0, "ring");
	join(bed, ADDR6_A, ADDR6_B, 0, "ring, IPv6");
	hang_on_each_other(bed, ADDR_A, ADDR_B);
	hang_on_each_other(bed, ADDR6_A, ADDR6_B);
	all_on(&of_udp);
	must(sched_setaffinity(0, sizeof(all), &all), "sched_setaffinity");
}

int main(int argc, char **argv)
{
	struct bed bed = new_bed();
	int i;

	if (argc > 1) {
		tunnel(&bed);
		damaged_in_tunnel(&bed);
		return 0;
	}
	enter(bed.b);
	control_b = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
	enter(bed.a);
	control_a = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
	join_from_wire(&bed);
	enter(bed.b);
	open_receivers();
	enter(bed.a);
	open_senders();
	stay_here();
	waiting(&bed);
	short_ones_waiting(&bed, 20);
	short_ones_waiting(&bed, 500);
	short_ones_waiting(&bed, 1400);
	without_checksums(&bed);
	try_all(&of_udp, try_datagrams);
	if (number_from("LONG", 0)) {
		only_receiver = true;
		try_all(&of_udp, try_datagrams);
		only_receiver = false;
	}
	check(true, "%ld messages under %u combinations of features", sent, 1U << FEATURES);
	go_anywhere();
	for (i = 0; i < STREAMS; i++)
		open_stream(&bed, &streams[i], 7500 + i);
	try_all(&of_tcp, try_streams);
	check(true, "%d streams under %u, both ways", STREAMS, 1U << FEATURES);
	hang_segments();
	identifications(&bed);
	identifications_of_udp(&bed, true);
	identifications_of_udp(&bed, false);
	return 0;
}
