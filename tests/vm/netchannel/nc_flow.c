// SPDX-License-Identifier: GPL-2.0
/*
 * A flow belongs to its channel: bytes go both ways between a channel and a
 * kernel socket, the kernel's own answers stop while the channel lives, and
 * what is on the wire carries the channel's addresses only.
 */
#include "ring.h"

#include <stddef.h>

static void both_ways(struct bed *bed, uint32_t format)
{
	struct netchannel_create args = create_args(ADDR_A, 7000, ADDR_B, 7001);
	int peer, ch;
	char big[1472];

	args.format = format;
	ch = channel_of(args);
	enter(bed->b);
	peer = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	enter(bed->a);

	memset(big, 'x', sizeof(big));
	must(send(peer, "hello", 5, 0), "send");
	must(send(peer, big, sizeof(big), 0), "send");
	expect(ch, "hello", 5, "channel has the socket's datagram");
	expect(ch, big, sizeof(big), "channel has a full frame");
	must(nc_send(ch, "answer", 6, 0), "SEND");
	must(write(ch, big, sizeof(big)), "write");
	expect_socket(peer, "answer", 6, "socket has the channel's datagram");
	expect_socket(peer, big, sizeof(big), "socket has what write() sent");
	must(send(peer, "", 0, 0), "send");
	expect(ch, "", 0, "channel has an empty datagram");
	must(nc_send(ch, NULL, 0, 0), "SEND");
	expect_socket(peer, "", 0, "socket has an empty datagram");
	close(peer);
	close(ch);
}

static void on_loopback(void)
{
	int sock = udp_socket(LOOPBACK, 7101, LOOPBACK, 7100);
	int ch = channel(LOOPBACK, 7100, LOOPBACK, 7101);
	int c1, c2;

	must(nc_send(ch, "over lo", 7, 0), "SEND");
	expect_socket(sock, "over lo", 7, "lo: socket has the channel's datagram");
	must(send(sock, "back", 4, 0), "send");
	expect(ch, "back", 4, "lo: channel has the socket's");
	close(ch);
	close(sock);

	c1 = channel(LOOPBACK, 7200, LOOPBACK, 7201);
	c2 = channel(LOOPBACK, 7201, LOOPBACK, 7200);
	must(nc_send(c1, "ch to ch", 8, 0), "SEND");
	expect(c2, "ch to ch", 8, "lo: channel to channel");
	close(c1);
	close(c2);
}

/* N14: the capture is on the peer's side. */
static void kernel_is_silent(struct bed *bed)
{
	int ch = channel(ADDR_A, 7000, ADDR_B, 7001);
	struct tally t;
	int peer, cap, i;
	char buf[16];

	enter(bed->b);
	cap = start_capture("v1");
	peer = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	for (i = 0; i < 100; i++)
		must(send(peer, "ping", 4, 0), "send");
	for (i = 0; i < 100; i++)
		nc_recv(ch, buf, sizeof(buf), 0, 30 * SECOND, NULL);
	t = tally(cap, 7000, 7001, 100);
	check(t.udp_out == 100 && !t.unreachable,
	      "claimed: 100 datagrams, no ICMP unreachable on the peer's side (%d, %d)",
	      t.udp_out, t.unreachable);
	check(stats_of(ch).rx_read == 100, "all were read from the channel");

	close(ch);
	must(send(peer, "ping", 4, 0), "send");
	t = tally(cap, 7000, 7001, 2);
	check(t.unreachable == 1, "closed: the kernel answers ICMP unreachable again (%d)",
	      t.unreachable);
	check_errno(send(peer, "ping", 4, 0), ECONNREFUSED, "the peer's socket is told");
	close(peer);
	close(cap);
	enter(bed->a);
}

/* A datagram to the owned port from elsewhere meets a connected socket's answer. */
static void others_are_refused(struct bed *bed)
{
	int ch = channel(ADDR_A, 7000, ADDR_B, 7001);
	struct tally t;
	int cap, other;

	enter(bed->b);
	cap = start_capture("v1");
	other = udp_socket(ADDR_B, 7999, ADDR_A, 7000);
	must(send(other, "hi", 2, 0), "send");
	t = tally(cap, 7000, 7999, 2);
	check(t.unreachable == 1, "another sender gets ICMP unreachable (%d)", t.unreachable);
	expect_nothing(ch, "and the channel nothing");
	close(other);
	close(cap);
	close(ch);
	enter(bed->a);
}

static void without_remote(struct bed *bed)
{
	int any = channel(ADDR_A, 7000, NULL, 0);
	int one = channel(ADDR_A, 7000, ADDR_B, 7001);
	struct netchannel_recv r;
	int p1, p2;
	char buf[16];

	enter(bed->b);
	p1 = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	p2 = udp_socket(ADDR_B, 7002, ADDR_A, 7000);
	enter(bed->a);
	must(send(p1, "one", 3, 0), "send");
	must(send(p2, "any", 3, 0), "send");
	expect(one, "one", 3, "the channel with the remote has its packet");
	check(nc_recv(any, buf, sizeof(buf), 0, 30 * SECOND, &r) == 3 && !memcmp(buf, "any", 3),
	      "the channel without remote has the other's");
	check(r.remote.port == htons(7002) && !memcmp(r.remote.addr, "\12\0\0\2", 4) &&
	      r.local.port == htons(7000) && r.ttl == 64 &&
	      r.ifindex == if_nametoindex("v0"),
	      "RECV says who sent it, to whom, ttl and device");
	must(nc_send_to(any, "to you", 6, ADDR_B, 7002), "SEND");
	expect_socket(p2, "to you", 6, "it answers whom it likes");
	check_errno(nc_send(any, "x", 1, 0), EDESTADDRREQ, "SEND without destination");
	check_errno(write(any, "x", 1), EDESTADDRREQ, "write() without destination");
	check_errno(nc_send_to(one, "x", 1, ADDR_B, 7002), EISCONN, "SEND elsewhere on a channel with remote");
	close(p1);
	close(p2);
	close(one);
	close(any);
}

static uint64_t real_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* When `before` and `after` are, and by a processor that there is. */
static bool is_likely(uint64_t before, uint64_t after, uint64_t timestamp_ns, uint32_t hash,
		      uint32_t cpu)
{
	return timestamp_ns >= before && timestamp_ns <= after && hash &&
	       cpu < (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
}

/* Of RECV: it tells of the arrival, however long the packet has waited. */
static void metadata(const struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, 7000, NULL, 0);
	struct netchannel_recv one, again, other;
	uint64_t before, after;
	int ch, p1, p2;
	char c;

	args.flags = NETCHANNEL_METADATA;
	ch = channel_of(args);
	enter(bed->b);
	p1 = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	p2 = udp_socket(ADDR_B, 7002, ADDR_A, 7000);
	enter(bed->a);
	before = real_ns();
	must(send(p1, "1", 1, 0), "send");
	must(send(p1, "2", 1, 0), "send");
	must(send(p2, "3", 1, 0), "send");
	stats_at(ch, 3);
	after = real_ns();
	usleep(10000);
	must(nc_recv(ch, &c, 1, 0, 30 * SECOND, &one), "RECV");
	must(nc_recv(ch, &c, 1, 0, 30 * SECOND, &again), "RECV");
	must(nc_recv(ch, &c, 1, 0, 30 * SECOND, &other), "RECV");
	check(is_likely(before, after, one.timestamp_ns, one.hash, one.cpu) &&
	      is_likely(one.timestamp_ns, after, again.timestamp_ns, again.hash, again.cpu) &&
	      is_likely(again.timestamp_ns, after, other.timestamp_ns, other.hash, other.cpu),
	      "METADATA: RECV tells when packets came, and where");
	check(one.hash == again.hash && one.hash != other.hash, "and a hash of the flow");
	must(send(p1, "4", 1, 0), "send");
	one = (struct netchannel_recv){
		.size = offsetof(struct netchannel_recv, timestamp_ns), .timeout_ns = 30 * SECOND,
		.buf = (uintptr_t)&c, .buf_len = 1, .timestamp_ns = 7, .hash = 7, .cpu = 7,
	};
	must(ioctl(ch, NETCHANNEL_RECV, &one), "RECV");
	check(one.timestamp_ns == 7 && one.hash == 7 && one.cpu == 7,
	      "who does not know of it has nothing written there");
	close(ch);
	ch = channel(ADDR_A, 7000, NULL, 0);
	must(send(p1, "4", 1, 0), "send");
	must(nc_recv(ch, &c, 1, 0, 30 * SECOND, &one), "RECV");
	check(!one.timestamp_ns && !one.hash && !one.cpu, "without the flag, nothing");
	close(ch);
	close(p1);
	close(p2);
}

/* Behind the cookie, before the data: of one packet "data" from B. */
static void check_record(struct ring *r, size_t cookie_bytes, uint64_t before, uint64_t after,
			 const char *what)
{
	const struct netchannel_record *record;
	const struct netchannel_metadata *m;

	must(ring_kick(r, NETCHANNEL_WAIT, 30 * SECOND), "KICK, waiting");
	record = ring_peek(r);
	m = (const void *)((const char *)(record + 1) + cookie_bytes);
	check(record->flags & NETCHANNEL_RECORD_METADATA &&
	      record->len == cookie_bytes + sizeof(*m) + 4 && !memcmp(m + 1, "data", 4) &&
	      is_likely(before, after, m->timestamp_ns, m->hash, m->cpu) &&
	      !memcmp(m->local_addr, "\12\0\0\1\0\0\0", 8),
	      "METADATA: %s has it, and the local address (%u bytes)", what, record->len);
	ring_next(r, record);
	ring_release(r);
}

/* Of a ring, of a group's member, and of a ring that has a packet from its listener. */
static void metadata_of_records(const struct bed *bed)
{
	struct netchannel_create args = ring_args("0.0.0.0", 7000, NULL, 0);
	struct netchannel_accept accept = { .size = sizeof(accept), .type = NETCHANNEL_TYPE_RING };
	int peer, child = open_device(), member;
	struct ring ring, accepted;
	uint64_t before, after;

	args.flags = NETCHANNEL_METADATA;
	ring = open_ring(args);
	enter(bed->b);
	peer = udp_socket(ADDR_B, 7001, NULL, 0);
	enter(bed->a);
	before = real_ns();
	must(send_to(peer, "data", 4, ADDR_A, 7000), "send");
	stats_at(ring.fd, 1);
	check_record(&ring, 0, before, real_ns(), "a ring");
	args = create_args("0.0.0.0", 7003, NULL, 0);
	args.type = NETCHANNEL_TYPE_GROUP;
	args.flags = NETCHANNEL_METADATA;
	args.group = ring.fd;
	member = channel_of(args);
	must(send_to(peer, "data", 4, ADDR_A, 7003), "send");
	stats_at(member, 1);
	check_record(&ring, sizeof(args.cookie), before, real_ns(), "a member");
	close(member);
	args = create_args("0.0.0.0", 7003, NULL, 0);
	args.type = NETCHANNEL_TYPE_LISTEN;
	args.flags = NETCHANNEL_METADATA;
	accept.listener = channel_of(args);
	must(send_to(peer, "data", 4, ADDR_A, 7003), "send");
	stats_at(accept.listener, 1);
	after = real_ns();
	must(ioctl(child, NETCHANNEL_ACCEPT, &accept), "ACCEPT");
	accepted = map_ring(child);
	check_record(&accepted, 0, before, after, "what waited in a listener");
	close_ring(&accepted);
	close_ring(&ring);
	close(accept.listener);
	close(peer);
}

/*
 * What a processor found last counts no more when what could be found has changed: here of
 * one sender, to a port that another channel keeps meanwhile. On one processor, which is to
 * have found it before.
 */
static void comes_and_goes(const struct bed *bed)
{
	int keeper = channel(ADDR_A, 7000, ADDR_B, 7001), any, peer;
	cpu_set_t first;
	char c;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	must(sched_setaffinity(0, sizeof(first), &first), "sched_setaffinity");
	enter(bed->b);
	peer = udp_socket(ADDR_B, 7002, ADDR_A, 7000);
	enter(bed->a);
	must(send(peer, "1", 1, 0), "send");
	check_errno(recv(peer, &c, 1, 0), ECONNREFUSED, "who has no channel on a port is refused");
	any = channel(ADDR_A, 7000, NULL, 0);
	must(send(peer, "2", 1, 0), "send");
	expect(any, "2", 1, "a channel that comes has the next packet");
	close(any);
	must(send(peer, "3", 1, 0), "send");
	check_errno(recv(peer, &c, 1, 0), ECONNREFUSED, "when it is closed, the sender is refused");
	close(peer);
	close(keeper);
}

/* Of the next datagram. */
static int received_ttl(int sock)
{
	char data[16], control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int ttl;

	must(recvmsg(sock, &m, 0), "recvmsg");
	check(CMSG_FIRSTHDR(&m), "a time to live is told");
	memcpy(&ttl, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(ttl));
	return ttl;
}

/* A ring uses the headers of the packets before again: not what has changed since. */
static void headers_change(const struct bed *bed)
{
	struct ring r = open_ring(ring_args(ADDR_A, 7000, ADDR_B, 7001));
	int peer, on = 1;

	enter(bed->b);
	peer = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	must(setsockopt(peer, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on)), "IP_RECVTTL");
	enter(bed->a);
	check(!ring_send(&r, "first", 5) && received_ttl(peer) == 64, "the usual time to live");
	write_file("/proc/sys/net/ipv4/ip_default_ttl", "33");
	check(!ring_send(&r, "other", 5) && received_ttl(peer) == 33, "another one");
	write_file("/proc/sys/net/ipv4/ip_default_ttl", "64");
	check(!ring_send(&r, "again", 5) && received_ttl(peer) == 64, "and the usual one again");
	close_ring(&r);
	close(peer);
}

int main(void)
{
	struct bed bed = new_bed();

	stay_here();
	both_ways(&bed, NETCHANNEL_FORMAT_PAYLOAD);
	on_loopback();
	kernel_is_silent(&bed);
	others_are_refused(&bed);
	without_remote(&bed);
	metadata(&bed);
	metadata_of_records(&bed);
	comes_and_goes(&bed);
	headers_change(&bed);
	return 0;
}
