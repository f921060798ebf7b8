// SPDX-License-Identifier: GPL-2.0
/* Channels of type RING: what they carry, how they wait, what they refuse and count. */
#include "ring.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define PORT_A 7000
#define PORT_B 7001

/* Of super-frames: as many as there may be, and 64 KiB in all, but for some bytes. */
#define SEGMENTS 64
#define SEGMENT_BYTES 1020

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static struct bed bed;

static int peer_socket(int port_b, int port_a)
{
	int fd;

	enter(bed.b);
	fd = udp_socket(ADDR_B, port_b, ADDR_A, port_a);
	enter(bed.a);
	return fd;
}

/* Both ways, and what a record tells. */
static void carries(void)
{
	struct ring r = open_ring(ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B));
	int peer = peer_socket(PORT_B, PORT_A), i;
	struct netchannel_record *record;
	static char data[65507];

	check(!ring_send(&r, "hello", 5), "a descriptor is sent");
	expect_socket(peer, "hello", 5, "and arrives");
	must(send(peer, "reply", 5, 0), "send");
	must(ring_kick(&r, NETCHANNEL_WAIT, 30 * SECOND), "KICK");
	record = ring_peek(&r);
	check(record && record->len == 5 && record->ttl == 64 && !record->segment_bytes &&
	      !record->flags && record->remote_port == htons(PORT_B) &&
	      !memcmp(record->remote_addr, "\12\0\0\2", 4) &&
	      record->ifindex == if_nametoindex("v0"), "a record tells who sent it");
	ring_next(&r, record);
	ring_release(&r);
	for (i = 0; i < (int)sizeof(data); i++)
		data[i] = i * 7 + i / 251;
	for (i = 0; i < 12; i++) {	/* around the end of the ring, many times */
		must(send(peer, data, sizeof(data), 0), "send");
		ring_expect(&r, data, sizeof(data), "65507 bytes whole");
	}
	check(!ring_send(&r, data, sizeof(data)), "65507 bytes are sent");
	expect_socket(peer, data, sizeof(data), "and arrive");
	must(nc_send(r.fd, "by a call", 9, 0), "SEND");
	expect_socket(peer, "by a call", 9, "SEND works, too");
	check_errno(nc_recv(r.fd, data, 10, 0, 0, NULL), EOPNOTSUPP, "RECV");
	check_errno(read(r.fd, data, 10), EOPNOTSUPP, "read");
	close_ring(&r);
	close(peer);
	close(must(try_socket(ADDR_A, PORT_A), "the port is free when unmapped and closed"));
}

/* 64 in one call, in order, of each length; positions begin anywhere. */
static void in_batches(void)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	int peer = peer_socket(PORT_B, PORT_A), i, n, round;
	static char data[1600];
	struct ring r;
	char buf[1600];

	args.tx_slots = 64;
	r = open_ring(args);
	for (i = 0; i < (int)sizeof(data); i++)
		data[i] = i * 3 + i / 256;
	memcpy(r.arena, data, sizeof(data));
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 64; i++)
			ring_push(&r, i, round * 64 + i);
		ring_publish(&r);
		n = must(ring_kick(&r, 0, 0), "KICK");
		if (n != 64)
			check(false, "%d of 64 were sent", n);
		for (i = 0; i < 64; i++) {
			n = recv(peer, buf, sizeof(buf), 0);
			if (n != round * 64 + i || memcmp(buf, data + i, n))
				check(false, "packet %d of round %d: %d bytes", i, round, n);
		}
		if (r.header->tx_consumer != r.tx_producer || ring_slot(&r, 0)->result)
			check(false, "not all are done");
	}
	check(true, "20 batches of 64, lengths 0 to 1279, arrive in order");
	close_ring(&r);
	close(peer);
}

/* A super-frame is one record, and one descriptor. */
static void segments(void)
{
	struct ring r = open_ring(ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B));
	int peer = peer_socket(PORT_B, PORT_A), size = SEGMENT_BYTES, i;
	struct netchannel_descriptor *d;
	struct netchannel_stats before = stats_of(r.fd), after;
	struct netchannel_record *record;
	static char data[SEGMENTS * SEGMENT_BYTES - 7], buf[1500];

	for (i = 0; i < (int)sizeof(data); i++)
		data[i] = i / SEGMENT_BYTES + i;
	must(setsockopt(peer, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)), "UDP_SEGMENT");
	must(send(peer, data, sizeof(data), 0), "send");
	must(ring_kick(&r, NETCHANNEL_WAIT, 30 * SECOND), "KICK");
	record = ring_peek(&r);
	check(record && record->len == sizeof(data) && record->segment_bytes == SEGMENT_BYTES &&
	      !memcmp(record + 1, data, sizeof(data)), "%d datagrams are one record", SEGMENTS);
	after = stats_of(r.fd);
	check(after.rx_packets == before.rx_packets + SEGMENTS &&
	      after.rx_bytes == before.rx_bytes + sizeof(data), "and as many packets in STATS");
	ring_next(&r, record);
	ring_release(&r);
	memcpy(r.arena, data, sizeof(data));
	d = ring_push(&r, 0, sizeof(data));
	d->segment_bytes = SEGMENT_BYTES;
	ring_publish(&r);
	check(ring_kick(&r, 0, 0) == 1 && !d->result, "they are one descriptor");
	for (i = 0; i < SEGMENTS; i++) {
		int wanted = i < SEGMENTS - 1 ? SEGMENT_BYTES : SEGMENT_BYTES - 7;
		int n = recv(peer, buf, sizeof(buf), 0);

		if (n != wanted || memcmp(buf, data + SEGMENT_BYTES * i, n))
			check(false, "datagram %d: %d bytes", i, n);
	}
	check(true, "and come one by one to the socket");
	close_ring(&r);
	close(peer);
}

/*
 * Neighbours of one destination go by one way: their results, and those that are refused
 * among them, are still each one's own.
 */
static void in_runs(struct ring *r, int peer, int other)
{
	static const char whom[] = "ppp-ooope-po";	/* '-': to nobody; 'e': too long */
	struct netchannel_descriptor *d[sizeof(whom) - 1];
	int n = sizeof(whom) - 1, i, error;
	char c;

	memcpy(r->arena, "0123456789ab", n);
	for (i = 0; i < n; i++) {
		d[i] = ring_push(r, i, whom[i] == 'e' ? 65508 : 1);
		if (whom[i] != '-')
			d[i]->remote = nc_addr(ADDR_B, whom[i] == 'o' ? PORT_B + 1 : PORT_B);
	}
	ring_publish(r);
	check(ring_kick(r, 0, 0) == n, "%d in runs", n);
	for (i = 0; i < n; i++) {
		error = whom[i] == '-' ? EDESTADDRREQ : whom[i] == 'e' ? EMSGSIZE : 0;
		if (d[i]->result != -error)
			check(false, "the result of %d is %d", i, d[i]->result);
		if (!error && (recv(whom[i] == 'o' ? other : peer, &c, 1, 0) != 1 ||
			       c != r->arena[i]))
			check(false, "packet %d has gone elsewhere", i);
	}
	check(recv(peer, &c, 1, MSG_DONTWAIT) < 0 && recv(other, &c, 1, MSG_DONTWAIT) < 0,
	      "each goes to its own, and is told its own result");
}

/* Of no remote: each descriptor says where to. */
static void to_anyone(void)
{
	struct ring r = open_ring(ring_args(ADDR_A, PORT_A, NULL, 0));
	struct netchannel_descriptor *one, *two, *none;
	int peer = peer_socket(PORT_B, PORT_A), other = peer_socket(PORT_B + 1, PORT_A);

	memcpy(r.arena, "abc", 3);
	one = ring_push(&r, 0, 1);
	one->remote = nc_addr(ADDR_B, PORT_B);
	two = ring_push(&r, 1, 2);
	two->remote = nc_addr(ADDR_B, PORT_B + 1);
	none = ring_push(&r, 0, 3);
	ring_publish(&r);
	check(ring_kick(&r, 0, 0) == 3 && !one->result && !two->result &&
	      none->result == -EDESTADDRREQ, "each goes to whom its descriptor names");
	expect_socket(peer, "a", 1, "the first");
	expect_socket(other, "bc", 2, "the second");
	must(send(other, "x", 1, 0), "send");
	ring_expect(&r, "x", 1, "from anyone");
	in_runs(&r, peer, other);
	close_ring(&r);
	close(peer);
	close(other);
}

static uint16_t sum_of(const struct iphdr *ip)
{
	const uint16_t *words = (const uint16_t *)ip;
	uint32_t sum = 0;
	int i;

	for (i = 0; i < 10; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* What headers of a run say: one like the one before goes a shorter way. */
struct said {
	uint8_t ttl, tos, dont_fragment;
	uint16_t port;
	uint8_t len;	/* of the text */
};

/* From 9.9.9.9, port 9. */
static void push_saying(struct ring *r, int slot, const struct said *s)
{
	uint8_t p[28 + 255] = {
		0x45, s->tos, [6] = s->dont_fragment, [8] = s->ttl,
		[12] = 9, 9, 9, 9, 10, 0, 0, 2, 0, 9, s->port >> 8, s->port & 0xff,
	};

	memset(p + 28, slot + 1, s->len);
	memcpy(r->arena + 512 * slot, p, 28 + s->len);
	ring_push(r, 512 * slot, 28 + s->len);
}

static bool says(const struct captured *c, int slot, const struct said *s)
{
	const uint8_t *text = (const uint8_t *)&c->tcp + 8;

	return is_of_flow(c, IPPROTO_UDP, PORT_A, s->port) && c->ip.ttl == s->ttl &&
	       c->ip.tos == s->tos && c->ip.frag_off == htons(s->dont_fragment << 8) &&
	       ntohs(c->ip.tot_len) == 28 + s->len && ntohs(c->udp.len) == 8 + s->len &&
	       text[0] == slot + 1 && sum_of(&c->ip) == 0xffff;
}

/* Format PACKET: each of a run has what its own header says, and the channel's source. */
static void headers_in_a_run(void)
{
	static const struct said saying[] = {
		{ 70, 0, 0, PORT_B, 9 }, { 70, 0, 0, PORT_B, 1 }, { 70, 0, 0, PORT_B, 200 },
		{ 71, 0, 0, PORT_B, 9 }, { 71, 0, 0, PORT_B, 9 }, { 70, 0, 0, PORT_B, 9 },
		{ 70, 8, 0, PORT_B, 9 }, { 70, 0, 0x40, PORT_B, 9 }, { 70, 0, 0, PORT_B, 9 },
		{ 70, 0, 0, PORT_B + 1, 9 }, { 70, 0, 0, PORT_B + 1, 9 }, { 70, 0, 0, PORT_B, 9 },
		{ 70, 0, 0x40, PORT_B, 9 }, { 70, 0, 0x40, PORT_B, 9 },
	};
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, NULL, 0);
	int n = sizeof(saying) / sizeof(*saying), cap, peer, other, i, j, good = 0, numbered = 0;
	uint16_t ids[sizeof(saying) / sizeof(*saying)];
	struct captured c = { };
	struct ring r;

	args.format = NETCHANNEL_FORMAT_PACKET;
	r = open_ring(args);
	enter(bed.b);
	cap = start_capture("v1");
	peer = udp_socket(ADDR_B, PORT_B, NULL, 0);
	other = udp_socket(ADDR_B, PORT_B + 1, NULL, 0);
	enter(bed.a);
	for (i = 0; i < n; i++)
		push_saying(&r, i, &saying[i]);
	ring_publish(&r);
	check(ring_kick(&r, 0, 0) == n, "%d with headers in a run", n);
	for (i = 0; i < n; i++) {
		while (next_captured(cap, &c, 30000) && c.ip.protocol != IPPROTO_UDP)
			;
		good += says(&c, i, &saying[i]);
		ids[i] = c.ip.id;
		for (j = 0; j < i && (ids[j] != ids[i] || saying[j].dont_fragment); j++)
			;
		numbered += j == i || saying[i].dont_fragment;
	}
	check(good == n, "%d have what their own headers say, and the channel's source", good);
	check(numbered == n, "those that may be cut have numbers of their own");
	close(peer);
	close(other);
	close(cap);
	close_ring(&r);
}

/* A super-frame of TCP with timestamps, at the arena's beginning; returns its length. */
static size_t put_super_frame(struct ring *r, bool ipv6)
{
	size_t ip = ipv6 ? 40 : 20, text = ip + 32, i;
	uint8_t *p = r->arena, *tcp = p + ip;

	memset(p, 0, text);
	p[0] = ipv6 ? 0x60 : 0x45;
	p[6] = ipv6 ? IPPROTO_TCP : 0x40;	/* don't fragment */
	tcp[7] = 100;			/* sequence number */
	tcp[12] = 8 << 4;
	tcp[13] = 0x80 | 0x10 | 0x08 | 0x01;	/* CWR, ACK, PSH, FIN */
	memcpy(tcp + 20, "\1\1\10\12timestam", 12);
	for (i = 0; i < SEGMENTS * SEGMENT_BYTES - 7; i++)
		p[text + i] = i + i / SEGMENT_BYTES;
	return text + SEGMENTS * SEGMENT_BYTES - 7;
}

static int send_segments(struct ring *r, size_t len, uint32_t segment_bytes)
{
	struct netchannel_descriptor *d = ring_push(r, 0, len);

	d->segment_bytes = segment_bytes;
	ring_publish(r);
	must(ring_kick(r, 0, 0), "KICK");
	return d->result;
}

/* The same with its text elsewhere in the arena, and nothing where it was. */
static int send_gathered(struct ring *r, size_t header_bytes, size_t len)
{
	struct netchannel_descriptor *d = ring_push(r, 0, header_bytes);

	memcpy(r->arena + len + 1, r->arena + header_bytes, len - header_bytes);
	memset(r->arena + header_bytes, 0, len - header_bytes);
	d->data_offset = len + 1;
	d->data_len = len - header_bytes;
	d->segment_bytes = SEGMENT_BYTES;
	ring_publish(r);
	must(ring_kick(r, 0, 0), "KICK");
	memcpy(r->arena + header_bytes, r->arena + len + 1, len - header_bytes);
	return d->result;
}

/* Each has headers and text of its own; what is said once is said by the right one. */
static void expect_segments(int peer, const uint8_t *super, size_t ip)
{
	size_t text = ip + 32;
	uint8_t buf[2000];

	for (int i = 0; i < SEGMENTS; i++) {
		int wanted = i < SEGMENTS - 1 ? SEGMENT_BYTES : SEGMENT_BYTES - 7;
		int n = nc_recv(peer, buf, sizeof(buf), 0, 30 * SECOND, NULL);
		int flags = 0x10 | (i ? 0 : 0x80) | (i < SEGMENTS - 1 ? 0 : 0x09);
		uint32_t seq;

		memcpy(&seq, buf + ip + 4, 4);
		if (n != (int)text + wanted || ntohl(seq) != 100u + i * SEGMENT_BYTES ||
		    buf[ip + 13] != flags || memcmp(buf + ip + 20, super + ip + 20, 12) ||
		    memcmp(buf + text, super + text + i * SEGMENT_BYTES, wanted))
			check(false, "segment %d: %d bytes, sequence %u, flags %#x", i, n,
			      ntohl(seq), buf[ip + 13]);
	}
	check(true, "and %d segments at a COPY channel", SEGMENTS);
}

static struct netchannel_create tcp_ring_args(const char *local, const char *remote)
{
	struct netchannel_create args = tcp_args(local, PORT_A, remote, PORT_B);

	args.type = NETCHANNEL_TYPE_RING;
	return args;
}

/* Many segments of TCP, too; to a peer that is named, or by the packet itself. */
static void tcp_segments(const char *a, const char *b, bool named)
{
	bool ipv6 = family_of(a) == AF_INET6;
	size_t ip = ipv6 ? 40 : 20, len;
	struct netchannel_create args = tcp_args(b, PORT_B, a, PORT_A);
	struct netchannel_record *record;
	struct ring r = open_ring(tcp_ring_args(a, named ? b : NULL)), peer;
	uint8_t *p = r.arena, remote[16];
	int copy;

	len = put_super_frame(&r, ipv6);
	inet_pton(family_of(b), b, remote);
	memcpy(p + (ipv6 ? 24 : 16), remote, ipv6 ? 16 : 4);
	p[ip + 2] = PORT_B >> 8;
	p[ip + 3] = PORT_B & 0xff;
	enter(bed.b);
	args.type = NETCHANNEL_TYPE_RING;
	peer = open_ring(args);
	enter(bed.a);
	check(!send_segments(&r, len, SEGMENT_BYTES), "%d segments by one descriptor", SEGMENTS);
	must(ring_kick(&peer, NETCHANNEL_WAIT, 30 * SECOND), "KICK");
	record = ring_peek(&peer);
	check(record && record->len == len && record->segment_bytes == SEGMENT_BYTES &&
	      !memcmp((uint8_t *)(record + 1) + ip + 20, p + ip + 20, len - ip - 20),
	      "are one record");
	close_ring(&peer);
	enter(bed.b);
	args.type = NETCHANNEL_TYPE_COPY;
	copy = channel_of(args);
	enter(bed.a);
	check(!send_segments(&r, len, SEGMENT_BYTES), "once more");
	expect_segments(copy, p, ip);
	/* a device that cannot split */
	run("/usr/bin/ip link set v0 gso_max_segs 1");
	check(!send_segments(&r, len, SEGMENT_BYTES), "split before the device");
	expect_segments(copy, p, ip);
	run("/usr/bin/ip link set v0 gso_max_segs 65535");
	check(!send_gathered(&r, ip + 32, len), "headers here and text there");
	expect_segments(copy, p, ip);
	check(send_gathered(&r, ip + 33, len) == -EINVAL, "text at both places");
	check(send_gathered(&r, ip + 31, len) == -EINVAL, "options at both places");
	check(send_segments(&r, len, 100) == -EINVAL, "more than 64 segments");
	check(send_segments(&r, len, 1500 - ip - 31) == -EMSGSIZE, "with options, over the MTU");
	check(!send_segments(&r, len, 1500 - ip - 32), "as long as the MTU");
	check(send_segments(&r, ip + 31, 100) == -EINVAL, "options beyond the end");
	check(send_segments(&r, ip + 52, NETCHANNEL_TCP_SEGMENT_BYTES_MIN - 1) == -EINVAL,
	      "shorter than drivers take");
	check(!send_segments(&r, ip + 52, NETCHANNEL_TCP_SEGMENT_BYTES_MIN), "as short as that");
	check(stats_of(r.fd).tx_packets == 6, "six went");
	close(copy);
	close_ring(&r);
}

/* IPv6, format PACKET, and TCP, which has no other. */
static void formats(void)
{
	struct netchannel_create args = ring_args(ADDR6_A, PORT_A, ADDR6_B, PORT_B);
	uint8_t p[48] = { 0x45, [8] = 77, [20] = 1, 2, 3, 4 };
	struct netchannel_record *record;
	struct ring r = open_ring(args);
	int peer, cap;
	struct captured c;

	enter(bed.b);
	peer = udp_socket(ADDR6_B, PORT_B, ADDR6_A, PORT_A);
	enter(bed.a);
	check(!ring_send(&r, "six", 3), "IPv6");
	expect_socket(peer, "six", 3, "arrives");
	must(send(peer, "back", 4, 0), "send");
	ring_expect(&r, "back", 4, "and back");
	close_ring(&r);
	close(peer);

	peer = peer_socket(PORT_B, PORT_A);
	args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	args.format = NETCHANNEL_FORMAT_PACKET;
	r = open_ring(args);
	memcpy(p + 28, "twenty bytes of text", 20);
	check(!ring_send(&r, p, sizeof(p)), "format PACKET");
	expect_socket(peer, "twenty bytes of text", 20, "arrives");
	must(send(peer, "y", 1, 0), "send");
	must(ring_kick(&r, NETCHANNEL_WAIT, 30 * SECOND), "KICK");
	record = ring_peek(&r);
	check(record && record->len == 29 && !memcmp((uint8_t *)(record + 1) + 12,
	      "\12\0\0\2\12\0\0\1", 8), "and is received from the IP header on");
	check(ring_send(&r, p, 27) == -EINVAL, "without its headers");
	p[0] = 0x46;
	check(ring_send(&r, p, sizeof(p)) == -EINVAL, "with IP options");
	p[0] = 0x45;
	memcpy(r.arena, p, sizeof(p));
	check(send_segments(&r, sizeof(p), 10) == -EOPNOTSUPP, "with segments");
	close_ring(&r);
	close(peer);

	args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	args.format = NETCHANNEL_FORMAT_PACKET;
	args.protocol = IPPROTO_TCP;
	r = open_ring(args);
	enter(bed.b);
	cap = start_capture("v1");
	enter(bed.a);
	memset(p, 0, sizeof(p));
	p[0] = 0x45;
	p[32] = 5 << 4;		/* data offset */
	p[33] = 0x02;		/* SYN */
	check(!ring_send(&r, p, 40), "a segment of TCP");
	check(next_captured(cap, &c, 30000) && c.ip.protocol == IPPROTO_TCP &&
	      c.tcp.source == htons(PORT_A) && c.tcp.dest == htons(PORT_B) && c.tcp.syn,
	      "has the channel's ports");
	must(ring_kick(&r, NETCHANNEL_WAIT, 30 * SECOND), "KICK");
	record = ring_peek(&r);
	check(record && record->len >= 40 && ((uint8_t *)(record + 1))[33] & 0x04,
	      "and the peer's reset is received");
	close(cap);
	close_ring(&r);
}

static void *send_later(void *peer)
{
	usleep(50000);
	must(send(*(int *)peer, "late", 4, 0), "send");
	return NULL;
}

static int kick_spinning(struct ring *r, uint32_t flags, uint64_t spin_ns, uint64_t timeout_ns)
{
	struct netchannel_kick args = {
		.size = sizeof(args), .flags = flags, .spin_ns = spin_ns,
		.timeout_ns = timeout_ns,
	};

	return ioctl(r->fd, NETCHANNEL_KICK, &args);
}

/* With a record there, which stays, or without. */
static void spinning(struct ring *r)
{
	const uint64_t most = NETCHANNEL_SPIN_NS_MAX;
	struct ring other = open_ring(ring_args(ADDR_A, PORT_A + 1, ADDR_B, PORT_B + 1));
	int peer = peer_socket(PORT_B + 1, PORT_A + 1);
	pthread_t thread;

	check(kick_spinning(r, NETCHANNEL_WAIT, most, 0) == 0, "nothing to spin for");
	check_errno(kick_spinning(&other, NETCHANNEL_WAIT, most, most / 2), ETIMEDOUT,
		    "spins, and sleeps until its time is over");
	check_errno(kick_spinning(&other, NETCHANNEL_WAIT, most + 1, 0), EINVAL, "too long");
	check_errno(kick_spinning(&other, 0, 1, 0), EINVAL, "without WAIT");
	pthread_create(&thread, NULL, send_later, &peer);
	check(kick_spinning(&other, NETCHANNEL_WAIT, most, 30 * SECOND) == 0, "spins and sleeps");
	pthread_join(thread, NULL);
	close(peer);
	close_ring(&other);
}

/* KICK with WAIT, poll, epoll, and their ends. */
static void waiting(void)
{
	struct ring r = open_ring(ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B));
	struct pollfd p = { .fd = r.fd, .events = POLLIN | POLLOUT };
	int peer = peer_socket(PORT_B, PORT_A), ep;
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	pthread_t thread;
	double start;

	check_errno(ring_kick(&r, NETCHANNEL_WAIT | NETCHANNEL_DONTWAIT, 0), EAGAIN,
		    "nothing to send nor to receive");
	start = now();
	check_errno(ring_kick(&r, NETCHANNEL_WAIT, SECOND / 20), ETIMEDOUT, "time is over");
	check(now() - start >= 0.05, "not before");
	check(ring_kick(&r, 0, 0) == 0, "nothing to send");
	check(poll(&p, 1, 0) == 1 && p.revents == POLLOUT, "poll: room only");
	pthread_create(&thread, NULL, send_later, &peer);
	check(ring_kick(&r, NETCHANNEL_WAIT, 30 * SECOND) == 0, "WAIT is woken");
	pthread_join(thread, NULL);
	check(poll(&p, 1, 0) == 1 && p.revents == (POLLIN | POLLOUT), "poll: a record");
	spinning(&r);
	ring_expect(&r, "late", 4, "the record");
	check(poll(&p, 1, 0) == 1 && p.revents == POLLOUT, "poll: consumed");
	ep = must(epoll_create1(EPOLL_CLOEXEC), "epoll");
	must(epoll_ctl(ep, EPOLL_CTL_ADD, r.fd, &e), "epoll_ctl");
	check(epoll_wait(ep, &e, 1, 0) == 0, "epoll, edge: nothing");
	pthread_create(&thread, NULL, send_later, &peer);
	check(epoll_wait(ep, &e, 1, 30000) == 1 && e.events & EPOLLIN, "epoll is woken");
	check(epoll_wait(ep, &e, 1, 0) == 0, "once");
	pthread_join(thread, NULL);
	close(ep);
	close(peer);
	close_ring(&r);
}

/* An ICMP error is one call's result; the descriptors wait meanwhile. */
static void network_errors(void)
{
	struct ring r = open_ring(ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B));

	check(!ring_send(&r, "to nobody", 9), "sent to a port that nobody has");
	wait_errors(r.fd, 1);
	ring_push(&r, 0, 1);
	ring_publish(&r);
	check_errno(ring_kick(&r, 0, 0), ECONNREFUSED, "the next KICK");
	check(ring_kick(&r, 0, 0) == 1, "and the one after that sends");
	close_ring(&r);
}

/*
 * N27, N28: a flood of 15 times what the ring holds is counted to the last packet, and hurts
 * nobody else.
 */
static void flood(void)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	int peer = peer_socket(PORT_B, PORT_A), other_peer = peer_socket(PORT_B + 1, PORT_A + 1);
	int count = count_of(2000, 100000), i, got = 0, bursts;
	struct netchannel_record *record;
	struct netchannel_stats s;
	struct ring r, other;
	uint32_t number;

	args.rx_bytes = 4096;
	r = open_ring(args);
	other = open_ring(ring_args(ADDR_A, PORT_A + 1, ADDR_B, PORT_B + 1));
	for (bursts = 0; bursts < count / 1000; bursts++) {
		uint32_t last = 0;

		for (i = 1; i <= 1000; i++) {
			number = i;
			must(send(peer, &number, 4, 0), "send");
		}
		stats_at(r.fd, (bursts + 1) * 1000);
		must(send(other_peer, "mine", 4, 0), "send");
		must(ring_kick(&other, NETCHANNEL_WAIT, 30 * SECOND), "the other channel");
		record = ring_peek(&other);
		ring_next(&other, record);
		ring_release(&other);
		while ((record = ring_peek(&r))) {
			memcpy(&number, record + 1, 4);
			if (record->len != 4 || number <= last)
				check(false, "packet %u after %u", number, last);
			last = number;
			ring_next(&r, record);
			got++;
		}
		ring_release(&r);
	}
	s = stats_of(r.fd);
	check(got == (int)s.rx_packets && got == bursts * 4096 / 64 &&
	      s.rx_packets + s.rx_dropped_full == (uint64_t)bursts * 1000 &&
	      !s.rx_bad_positions,
	      "%d sent: %d received in order, %d dropped, not one lost count of",
	      bursts * 1000, got, (int)s.rx_dropped_full);
	s = stats_of(other.fd);
	check((int)s.rx_packets == bursts && !dropped(&s), "the other channel has lost nothing");
	close_ring(&r);
	close_ring(&other);
	close(peer);
	close(other_peer);
}

#define BAD_CREATE(wanted, what, change) do {				\
	struct netchannel_create args = ring_args(ADDR_A, 7100, ADDR_B, 7001); \
	change;								\
	check_errno(try_channel(&args), wanted, "CREATE: " what);	\
} while (0)

static void bad_sizes(void)
{
	BAD_CREATE(EINVAL, "receive ring of 100,000", args.rx_bytes = 100000);
	BAD_CREATE(EINVAL, "receive ring under a page", args.rx_bytes = 2048);
	BAD_CREATE(EINVAL, "receive ring of 512 MiB", args.rx_bytes = 512 << 20);
	BAD_CREATE(EINVAL, "receive ring of 2 GiB", args.rx_bytes = 1U << 31);
	BAD_CREATE(EINVAL, "32 slots", args.tx_slots = 32);
	BAD_CREATE(EINVAL, "100 slots", args.tx_slots = 100);
	BAD_CREATE(EINVAL, "65536 slots", args.tx_slots = 65536);
	BAD_CREATE(EINVAL, "arena of 5000", args.tx_bytes = 5000);
	BAD_CREATE(EINVAL, "arena of 4 GiB less a page", args.tx_bytes = -4096U);
	BAD_CREATE(EINVAL, "slots for a COPY channel",
		   (args.type = NETCHANNEL_TYPE_COPY, args.tx_slots = 64));
}

static void *try_map(int fd, size_t bytes, int prot, int flags, off_t offset)
{
	return mmap(NULL, bytes, prot, flags, fd, offset);
}

#define BAD_MAP(wanted, what, ...) do {					\
	void *p = try_map(__VA_ARGS__);					\
	check_errno(p == MAP_FAILED ? -1 : 0, wanted, "mmap: " what);	\
} while (0)

/* Sends until it is killed; returns when the ring has got some of it. */
static pid_t start_flood(const struct ring *r, int peer)
{
	uint32_t before = __atomic_load_n(&r->header->rx_producer, __ATOMIC_ACQUIRE);
	pid_t pid = fork();

	while (!pid)
		send(peer, "flood", 5, 0);
	while (__atomic_load_n(&r->header->rx_producer, __ATOMIC_ACQUIRE) == before)
		usleep(1000);
	return pid;
}

/* While the kernel writes there: in pieces. What else is mapped shows what it writes. */
static void unmapped_in_flood(struct ring *r, int peer)
{
	uint32_t bytes = r->map_bytes, half = bytes / 2 & ~4095U, before;
	pid_t pid = start_flood(r, peer);
	uint8_t *view;
	int i;

	for (i = 0; i < 20; i++) {
		view = try_map(r->fd, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
		before = __atomic_load_n(&r->header->rx_producer, __ATOMIC_ACQUIRE);
		munmap(view, half);
		r->rx_consumer = before;
		ring_release(r);
		while (__atomic_load_n(&r->header->rx_producer, __ATOMIC_ACQUIRE) == before)
			;
		munmap(view + half, bytes - half);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	check(!stats_of(r->fd).rx_bad_positions, "unmapped in pieces while the kernel writes");
}

/* N29 */
static void mappings(void)
{
	struct ring r = open_ring(ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B)), second;
	int copy = channel(ADDR_A, PORT_A + 1, ADDR_B, PORT_B), fresh = open_device();
	int peer = peer_socket(PORT_B, PORT_A), rw = PROT_READ | PROT_WRITE, i;
	uint32_t bytes = r.header->map_bytes;
	uint8_t *only_read, *moved;
	pid_t child;

	BAD_MAP(EINVAL, "a page less", r.fd, bytes - 4096, rw, MAP_SHARED, 0);
	BAD_MAP(EINVAL, "a page more", r.fd, bytes + 4096, rw, MAP_SHARED, 0);
	BAD_MAP(EINVAL, "at an offset", r.fd, bytes, rw, MAP_SHARED, 4096);
	BAD_MAP(EINVAL, "the rest at an offset", r.fd, bytes - 4096, rw, MAP_SHARED, 4096);
	BAD_MAP(EINVAL, "private", r.fd, bytes, rw, MAP_PRIVATE, 0);
	BAD_MAP(EPERM, "executable", r.fd, bytes, rw | PROT_EXEC, MAP_SHARED, 0);
	BAD_MAP(ENODEV, "of a COPY channel", copy, bytes, rw, MAP_SHARED, 0);
	BAD_MAP(ENOTCONN, "before CREATE", fresh, bytes, rw, MAP_SHARED, 0);
	check_errno(ioctl(copy, NETCHANNEL_KICK,
			  &(struct netchannel_kick){ .size = sizeof(struct netchannel_kick) }),
		    EOPNOTSUPP, "KICK of a COPY channel");
	check_errno(mprotect(r.memory, bytes, PROT_READ | PROT_EXEC), EACCES, "made executable");
	check_errno(mremap(r.memory, bytes, bytes * 2, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0,
		    EFAULT, "mremap to grow");

	only_read = try_map(r.fd, bytes, PROT_READ, MAP_SHARED, 0);
	check(only_read != MAP_FAILED && !memcmp(only_read, r.memory, 64), "a second view, to read");
	second = map_ring(r.fd);
	must(send(peer, "seen", 4, 0), "send");
	must(ring_kick(&r, NETCHANNEL_WAIT, 30 * SECOND), "KICK");
	check(!memcmp(second.rx + 32, "seen", 4) && !memcmp(only_read + 4096 + 32, "seen", 4) &&
	      !memcmp(r.rx + r.header->rx_bytes + 32, "seen", 4),
	      "all views, and the second copy of each, show the same");
	moved = mremap(r.memory, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
		       try_map(-1, bytes, rw, MAP_PRIVATE | MAP_ANONYMOUS, 0));
	check(moved != MAP_FAILED && !memcmp(moved + 4096 + 32, "seen", 4), "moved elsewhere");
	unmapped_in_flood(&second, peer);
	close(r.fd);
	munmap(moved, bytes);
	munmap(only_read, bytes);
	check_errno(try_socket(ADDR_A, PORT_A), EADDRINUSE, "the last view holds the channel");
	child = fork();
	if (!child)
		_exit(second.header->rx_producer == 0);
	waitpid(child, &i, 0);
	check(i == 0, "a child has the views of its parent");
	munmap(second.memory, bytes);
	close(must(try_socket(ADDR_A, PORT_A), "the port, when nothing is mapped"));
	close(peer);
	close(copy);
	close(fresh);
}

/* Sends what nobody reads meanwhile, and so shares pages that the ring keeps for others. */
static void send_many(struct ring *r, int count)
{
	for (; count > 0; count -= 50) {
		for (int i = 0; i < 50; i++)
			ring_push(r, 0, 22);
		ring_publish(r);
		if (ring_kick(r, 0, 0) != 50)
			check(false, "KICK of 50: %s", strerror(errno));
	}
}

static void expect_22(int sock)
{
	char buf[100];

	if (recv(sock, buf, sizeof(buf), 0) != 22)
		check(false, "a packet is not there");
}

static void set_memlock(rlim_t pages)
{
	struct rlimit limit = { .rlim_cur = pages * 4096, .rlim_max = 1 << 20 };

	must(setrlimit(RLIMIT_MEMLOCK, &limit), "RLIMIT_MEMLOCK");
}

/* What a ring keeps beside its memory counts as that does, and it can do without. */
static void limits_of_kept(int peer)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B), half, rest;
	/* the header, and the three that follow: 34, 50 and 66 */
	const int pages = 1 + 16 + 1 + 16, half_pages = 1 + 16 + 1 + 32;
	struct ring r;
	int i;

	args.rx_bytes = args.tx_bytes = 16 * 4096;
	args.tx_slots = 64;
	half = args;
	half.local.port++;
	half.tx_bytes = 32 * 4096;
	rest = half;
	rest.rx_bytes = 32 * 4096;
	set_memlock(2 * half_pages);
	r = open_ring(args);
	close(must(try_channel(&rest), "two rings, of RLIMIT_MEMLOCK"));
	send_many(&r, 200);	/* eight to a page: more than half of the limit has room for */
	check_errno(try_channel(&rest), ENOMEM, "a second, when the first one keeps pages");
	close(must(try_channel(&half), "one of half the limit, whatever the first one keeps"));
	close_ring(&r);
	close(must(try_channel(&rest), "when that is closed"));
	for (i = 0; i < 200; i++)
		expect_22(peer);
	set_memlock(pages);
	r = open_ring(args);
	send_many(&r, 100);
	for (i = 0; i < 100; i++)
		expect_22(peer);
	check(true, "one that may keep none sends, too");
	close_ring(&r);
}

/* N26: what a user may lock is one limit for all of its rings. */
static void limits(void)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	struct rlimit limit = { .rlim_cur = 1 << 20, .rlim_max = 1 << 20 };
	int status, fd, peer = peer_socket(PORT_B, PORT_A);
	pid_t child = fork();

	if (!child) {
		must(setrlimit(RLIMIT_MEMLOCK, &limit), "RLIMIT_MEMLOCK");
		must(setgid(1000) || setuid(1000) ? -1 : 0, "setuid");
		args.rx_bytes = 1 << 20;
		check_errno(try_channel(&args), ENOMEM, "a ring over RLIMIT_MEMLOCK");
		args.rx_bytes = 1 << 18;
		fd = must(try_channel(&args), "one within it");
		args.local.port++;
		check_errno(try_channel(&args), ENOMEM, "a second one, over it together");
		close(fd);
		close(must(try_channel(&args), "after the first is closed"));
		limits_of_kept(peer);
		_exit(0);
	}
	waitpid(child, &status, 0);
	check(!status, "limits of a user");
	close(peer);
}

#define CGROUP "/tmp/cgroup"

/* A cgroup whose memory is counted, for as long as a test needs one. */
static void cgroup_make(void)
{
	must(mkdir(CGROUP, 0755), "mkdir");
	must(mount("none", CGROUP, "cgroup2", 0, NULL), "cgroup2");
	write_file(CGROUP "/cgroup.subtree_control", "+memory");
	must(mkdir(CGROUP "/test", 0755), "a cgroup");
}

static void cgroup_remove(void)
{
	must(rmdir(CGROUP "/test"), "rmdir");
	write_file(CGROUP "/cgroup.subtree_control", "-memory");
	must(umount(CGROUP), "umount");
	must(rmdir(CGROUP), "rmdir");
}

static long cgroup_kb(void)
{
	FILE *f = fopen(CGROUP "/test/memory.current", "r");
	long bytes = -1024;

	if (f) {
		if (fscanf(f, "%ld", &bytes) != 1)
			bytes = -1024;
		fclose(f);
	}
	return bytes / 1024;
}

/* Has the kernel killed somebody in the cgroup for memory? */
static long oom_kills(void)
{
	FILE *f = fopen(CGROUP "/test/memory.events", "r");
	long kills = -1;
	char line[64];

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "oom_kill %ld", &kills);
	if (f)
		fclose(f);
	return kills;
}

/* N26: a full memory cgroup refuses a ring, and kills nobody. */
static void cgroup_limit(void)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	pid_t child, bystander;
	char number[16];
	int status;

	cgroup_make();
	write_file(CGROUP "/test/memory.max", "3145728");
	bystander = must(fork(), "fork");
	while (!bystander)
		pause();
	snprintf(number, sizeof(number), "%d", bystander);
	write_file(CGROUP "/test/cgroup.procs", number);
	child = fork();
	if (!child) {
		write_file(CGROUP "/test/cgroup.procs", "0");
		args.rx_bytes = 8 << 20;
		check_errno(try_channel(&args), ENOMEM, "a ring of 8 MiB in a cgroup of 3");
		args.rx_bytes = 1 << 18;
		close(must(try_channel(&args), "a smaller one"));
		_exit(0);
	}
	waitpid(child, &status, 0);
	check(!status, "its process is not killed");
	check(!oom_kills() && !waitpid(bystander, NULL, WNOHANG), "nor is who is beside");
	kill(bystander, SIGKILL);
	waitpid(bystander, NULL, 0);
	cgroup_remove();
}

/*
 * Killed with full rings, sent and received: the memory is back (N19). Their
 * cgroup is charged for it, so it tells where a count of free memory does not:
 * KASAN holds freed memory back.
 */
static void killed(void)
{
	int count = count_of(5, 200), i, j, peer, pipe_fds[2];
	long held = 0, left = 0;
	pid_t child;
	char c;

	cgroup_make();
	peer = peer_socket(PORT_B, PORT_A);
	for (i = 0; i < count; i++) {
		must(pipe(pipe_fds), "pipe");
		child = fork();
		if (!child) {
			struct netchannel_create args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
			struct ring r;

			write_file(CGROUP "/test/cgroup.procs", "0");
			args.rx_bytes = 4 << 20;
			r = open_ring(args);
			for (j = 0; j < 200; j++)
				ring_push(&r, 0, 1000);
			ring_publish(&r);
			must(write(pipe_fds[1], "r", 1), "write");
			for (;;)
				ring_kick(&r, NETCHANNEL_WAIT, 0);
		}
		must(read(pipe_fds[0], &c, 1), "read");
		for (j = 0; j < 500; j++)
			send(peer, &bed, sizeof(bed), 0);
		held = cgroup_kb();
		if (held < 4096)
			check(false, "a ring of 4 MiB is charged as %ld kB", held);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		while (recv(peer, &c, 1, MSG_DONTWAIT) >= 0)
			;
	}
	/* what a CPU keeps charged in advance is at most 64 pages; RCU frees when it likes */
	for (i = 0; i < 3000; i++) {
		left = cgroup_kb();
		if (left < 1024)
			break;
		usleep(10000);
	}
	check(left >= 0 && left < 1024, "%d owners of 4 MiB killed: charged %ld kB, then %ld", count,
	      held, left);
	close(must(try_socket(ADDR_A, PORT_A), "the port is free"));
	close(peer);
	cgroup_remove();
}

/* Sends one packet, reads one, and leaves one of each; notes how far it has come; is killed. */
static void work_until_killed(int fd)
{
	struct ring r = map_ring(fd);
	struct netchannel_record *record;

	ring_send(&r, "first", 5);
	must(ring_kick(&r, NETCHANNEL_WAIT, 30 * SECOND), "KICK");
	record = ring_peek(&r);
	ring_next(&r, record);
	ring_release(&r);
	memcpy(r.arena + 4096, record + 1, record->len);	/* what it knows */
	memcpy(r.arena, "second", 6);
	ring_push(&r, 0, 6);
	ring_publish(&r);
	kill(getpid(), SIGKILL);
}

/*
 * All that a user of the ring knows is in the mapping or can be: who still has the
 * descriptor carries on where a process was killed, and nothing is lost or comes twice.
 */
static void taken_over(void)
{
	int fd = channel_of(ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B));
	int peer = peer_socket(PORT_B, PORT_A), status;
	const struct timespec soon = { .tv_nsec = 1000000 };
	pid_t child = fork();
	struct ring r;
	char c;

	if (!child)
		work_until_killed(fd);
	expect_socket(peer, "first", 5, "a process sends");
	must(send(peer, "read", 4, 0), "send");
	must(waitpid(child, &status, 0), "waitpid");
	must(send(peer, "unread", 6, 0), "send");
	r = map_ring(fd);
	check(WIFSIGNALED(status) && !memcmp(r.arena + 4096, "read", 4),
	      "is killed, and what it noted is there");
	check(ring_kick(&r, 0, 0) == 1, "what it had described is sent by another");
	expect_socket(peer, "second", 6, "and arrives");
	ring_expect(&r, "unread", 6, "which reads on behind what was read");
	check(!ring_send(&r, "third", 5), "and sends");
	expect_socket(peer, "third", 5, "more");
	check(recv(peer, &c, 1, MSG_DONTWAIT) < 0, "nothing twice");
	memset(r.arena, 0, sizeof(int));
	check_errno(syscall(SYS_futex, r.arena, FUTEX_WAIT, 0, &soon, NULL, 0), EFAULT,
		    "a futex between processes");
	close_ring(&r);
	close(peer);
}

int main(void)
{
	bed = new_bed();
	carries();
	stay_here();
	in_batches();
	segments();
	go_anywhere();
	to_anyone();
	headers_in_a_run();
	formats();
	tcp_segments(ADDR_A, ADDR_B, true);
	tcp_segments(ADDR_A, ADDR_B, false);
	tcp_segments(ADDR6_A, ADDR6_B, true);
	waiting();
	network_errors();
	stay_here();
	flood();
	go_anywhere();
	bad_sizes();
	mappings();
	limits();
	cgroup_limit();
	killed();
	taken_over();
	return 0;
}
