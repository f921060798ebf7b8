// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams that go from the link's memory to who reads them, beside the same ones by the long
 * way; over a link that has what the test has put there, and wakes nobody. And the bytes of
 * streams, beside the same ones by the long way.
 */
#define _GNU_SOURCE	/* struct mmsghdr */
#include <check.h>
#include <errno.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "libnetchannel/link/link.h"
#include "libnetchannel/socket/descriptors.h"
#include "libnetchannel/socket/socket.h"
#include "libnetchannel/wire/udp.h"
#include "tests/tcp/hosts.h"

#define PACKETS		8

struct shelf {
	struct nc_link link;
	unsigned int put, taken;
	size_t sizes[PACKETS];
	u8 packets[PACKETS][100];
	u8 out[LINK_PACKET_BYTES];
};

static struct shelf *shelf_of(const struct nc_link *link)
{
	return (struct shelf *)link;	/* its first member */
}

static uint8_t *shelf_reserve(struct nc_link *link)
{
	return shelf_of(link)->out;
}

static bool shelf_has_room(struct nc_link *link, uint32_t packets, size_t bytes)
{
	(void)link;
	return packets && bytes;
}

static void shelf_commit(struct nc_link *link, size_t size, uint32_t segment_bytes,
			 const uint8_t *text, size_t text_bytes)
{
	(void)segment_bytes;
	(void)text_bytes;
	ck_assert(size <= link->mtu_bytes && !text);
}

static int shelf_flush(struct nc_link *link)
{
	(void)link;
	return 0;
}

static int shelf_wait(struct nc_link *link, uint64_t timeout_ns, int like)
{
	(void)timeout_ns;
	return shelf_flush(link) - ETIMEDOUT;
}

static ssize_t shelf_peek(struct nc_link *link, const uint8_t **bytes, uint32_t *segment_bytes)
{
	struct shelf *s = shelf_of(link);

	if (s->taken == s->put)
		return -EAGAIN;
	*bytes = s->packets[s->taken % PACKETS];
	*segment_bytes = 0;
	return s->sizes[s->taken % PACKETS];
}

/* Who still reads it finds something else. */
static void shelf_consume(struct nc_link *link)
{
	struct shelf *s = shelf_of(link);

	memset(s->packets[s->taken++ % PACKETS], 0xee, sizeof(s->packets[0]));
}

static bool shelf_is_blocked(const struct nc_link *link)
{
	(void)link;
	return false;
}

static void shelf_close(struct nc_link *link)
{
	close(link->fd);
	free(link);
}

static struct shelf *start(struct nc_stack **h)
{
	static const struct link_ops ops = { .close = shelf_close };
	static const struct link_shared_ops shared = {
		.reserve = shelf_reserve, .has_room = shelf_has_room, .commit = shelf_commit,
		.flush = shelf_flush, .wait = shelf_wait, .peek = shelf_peek,
		.consume = shelf_consume, .is_blocked = shelf_is_blocked,
	};
	struct sockaddr_storage own = address_of(AF_INET, 0, 0);
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct shelf *s = calloc(1, sizeof(*s));

	ck_assert_ptr_nonnull(s);
	s->link = (struct nc_link){
		.ops = &ops, .shared = &shared, .fd = eventfd(0, EFD_CLOEXEC), .mtu_bytes = 1500,
		.protocol = IPPROTO_UDP, .port = 7, .verifies_checksums = true,
		.cuts_datagrams = true, .completes_checksums = true,
	};
	ck_assert_int_ge(s->link.fd, 0);
	config.link = &s->link;
	config.ipv4 = (struct sockaddr *)&own;
	ck_assert_int_eq(nc_stack_create(h, &config), 0);
	return s;
}

static int connected(struct nc_stack *h, int peer_port)
{
	struct sockaddr_storage own = address_of(AF_INET, 0, 7);
	struct sockaddr_storage peer = address_of(AF_INET, 1, peer_port);
	int fd = nc_socket(h, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), one = 1;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(nc_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), 0);
	ck_assert_int_eq(nc_bind(fd, (struct sockaddr *)&own, SIZE), 0);
	ck_assert_int_eq(nc_connect(fd, (struct sockaddr *)&peer, SIZE), 0);
	return fd;
}

/* From a port of the peer's, with so many bytes that begin with first. The stack is locked. */
static void shelve(struct shelf *s, u16 port, size_t size, u8 first)
{
	struct tcp_flow flow = {
		.ip_version = 4, .local = { .address = { 192, 0, 2, 2 }, .port = port },
		.remote = { .address = { 192, 0, 2, 1 }, .port = 7 },
	};
	struct ip_packet packet = {
		.version = 4, .protocol = IP_PROTOCOL_UDP, .ttl = 9,
		.payload_bytes = UDP_HEADER_BYTES + size,
	};
	u8 payload[64], *to;

	for (size_t i = 0; i < size; i++)
		payload[i] = first + i;
	memcpy(packet.source, flow.local.address, 4);
	memcpy(packet.destination, flow.remote.address, 4);
	to = s->packets[s->put % PACKETS];
	s->sizes[s->put % PACKETS] = ip_emit(to, &packet) +
		udp_emit(to + IPV4_HEADER_BYTES, &flow, payload, size, true);
	s->put++;
}

static void put(struct nc_stack *h, struct shelf *s, u16 port, size_t size, u8 first)
{
	host_lock(h);
	shelve(s, port, size, first);
	host_unlock(h);
}

/* What a call says, all of it. */
struct said {
	ssize_t ret;
	int flags;
	size_t control_bytes;
	socklen_t name_bytes;
	struct sockaddr_storage name;
	u8 bytes[64];
};

/* pieces: by the long way, as it is not one. */
static struct said receive(int fd, size_t room, int flags, bool name, int pieces)
{
	struct said said;
	u8 control[64];
	struct iovec iov[2] = { { said.bytes, room }, { said.bytes + room, 0 } };
	struct msghdr m = {
		.msg_iov = iov, .msg_iovlen = pieces, .msg_flags = -1,
		.msg_control = control, .msg_controllen = sizeof(control),
		.msg_name = name ? &said.name : NULL, .msg_namelen = name ? sizeof(said.name) : 0,
	};

	memset(&said, 0, sizeof(said));		/* what is between its fields, too */
	said.ret = nc_recvmsg(fd, &m, flags);
	said.flags = m.msg_flags;
	said.control_bytes = m.msg_controllen;
	said.name_bytes = m.msg_namelen;
	return said;
}

static u64 received(struct nc_stack *h)
{
	struct nc_stack_counters c;

	ck_assert_int_eq(nc_stack_counters(h, &c), 0);
	ck_assert(!c.rx_malformed && !c.rx_not_for_us && !c.rx_no_port && !c.rx_full);
	return c.rx_packets;
}

/* _i: flags, whether who sent it is asked, and its time to live. */
START_TEST(said_alike)
{
	static const size_t sizes[] = { 0, 1, 22, 50 }, rooms[] = { 0, 1, 22, 23, 64 };
	int flags = (_i & 1 ? MSG_TRUNC : 0) | (_i & 2 ? MSG_DONTWAIT : 0);
	struct said by[2], peeked;
	struct nc_stack *h;
	struct shelf *s = start(&h);
	int fd = connected(h, 53), ttl = !!(_i & 8);

	ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &ttl, sizeof(ttl)), 0);
	for (u32 i = 0; i < 4 * 5; i++) {
		for (int pieces = 1; pieces <= 2; pieces++) {
			put(h, s, 53, sizes[i % 4], i);
			by[pieces - 1] = receive(fd, rooms[i % 5], flags, _i & 4, pieces);
		}
		ck_assert_int_ge(by[0].ret, 0);
		ck_assert_uint_eq(!!by[0].control_bytes, ttl);
		ck_assert_mem_eq(&by[0], &by[1], sizeof(by[0]));
		put(h, s, 53, sizes[i % 4], i);
		peeked = receive(fd, rooms[i % 5], flags | MSG_PEEK, _i & 4, 1);
		ck_assert_mem_eq(&peeked, &by[0], sizeof(peeked));
		peeked = receive(fd, rooms[i % 5], flags, _i & 4, 1);
		ck_assert_mem_eq(&peeked, &by[0], sizeof(peeked));
	}
	ck_assert_uint_eq(received(h), 3 * 4 * 5);
	ck_assert_int_eq(nc_recv(fd, NULL, 0, 0), -EAGAIN);
	nc_close(fd);
	ck_assert_int_eq(nc_stack_destroy(h), 0);
}
END_TEST

/* What lies behind it is shown when the call ends, whomever it is for. */
START_TEST(shown_behind)
{
	struct nc_stack *h;
	struct shelf *s = start(&h);
	int fd = connected(h, 53), other = connected(h, 54);
	u8 bytes[8] = { 0 };

	/* the stack's own thread has all of them or none */
	host_lock(h);
	shelve(s, 53, 5, 1);
	shelve(s, 54, 6, 2);
	shelve(s, 53, 7, 3);
	host_unlock(h);
	ck_assert_int_eq(nc_recv(fd, bytes, 8, 0), 5);
	ck_assert_uint_eq(s->taken, 3);
	ck_assert_int_eq(ready(fd), POLLIN | POLLOUT);
	ck_assert_int_eq(ready(other), POLLIN | POLLOUT);
	ck_assert_int_eq(nc_recv(other, bytes, 8, 0), 6);
	ck_assert_int_eq(nc_recv(fd, bytes, 8, 0), 7);
	ck_assert_uint_eq(bytes[0], 3);
	ck_assert_int_eq(ready(fd), POLLOUT);
	nc_close(fd);
	nc_close(other);
	ck_assert_int_eq(nc_stack_destroy(h), 0);
}
END_TEST

/* Several by one call, the others' between them: in their order. */
START_TEST(in_order)
{
	struct nc_stack *h;
	struct shelf *s = start(&h);
	int fd = connected(h, 53), other = connected(h, 54);
	struct mmsghdr m[4] = { 0 };
	struct iovec iov[4];
	u8 bytes[4][8];

	for (int i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ bytes[i], 8 };
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
		put(h, s, i == 2 ? 54 : 53, 4 + i, 10 * i);
	}
	ck_assert_int_eq(nc_recvmmsg(fd, m, 4, 0, NULL), 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(m[i].msg_len, i == 2 ? 7 : 4 + i);
		ck_assert_uint_eq(bytes[i][0], i == 2 ? 30 : 10 * i);
	}
	ck_assert_int_eq(nc_recv(other, bytes[0], 8, 0), 6);
	nc_close(fd);
	nc_close(other);
	ck_assert_int_eq(nc_stack_destroy(h), 0);
}
END_TEST

/* What is told before it. */
START_TEST(after_error)
{
	struct nc_stack *h;
	struct shelf *s = start(&h);
	int fd = connected(h, 53);
	struct socket *socket = descriptors_get(fd);
	u8 byte;

	host_lock(h);
	socket->endpoint->error = -ECONNREFUSED;
	host_unlock(h);
	descriptors_put(socket);
	put(h, s, 53, 1, 1);
	ck_assert_int_eq(nc_recv(fd, &byte, 1, 0), -ECONNREFUSED);
	ck_assert_int_eq(nc_recv(fd, &byte, 1, 0), 1);
	nc_close(fd);
	ck_assert_int_eq(nc_stack_destroy(h), 0);
}
END_TEST

/* --- streams --- */

/* In so many pieces, the last of which is none. */
static void send_text(int fd, size_t size, u8 first, int pieces)
{
	u8 bytes[64];
	struct iovec iov[2] = { { bytes, size }, { bytes, 0 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = pieces };

	for (size_t i = 0; i < size; i++)
		bytes[i] = first + i;
	ck_assert_int_eq(nc_sendmsg(fd, &m, MSG_NOSIGNAL), (ssize_t)size);
}

/* A message, by as many calls as there must be. */
static struct said take_text(int fd, size_t size, size_t room, int flags, int pieces)
{
	struct said all, said;

	memset(&all, 0, sizeof(all));
	while (all.ret < (ssize_t)size) {
		said = receive(fd, room, flags, true, pieces);
		if (said.ret == -EAGAIN)
			continue;
		ck_assert_int_eq(said.ret, room < size - all.ret ? room : size - all.ret);
		ck_assert_int_eq(said.flags, 0);
		ck_assert_uint_eq(said.name_bytes, 0);
		all.control_bytes += said.control_bytes;
		memcpy(all.bytes + all.ret, said.bytes, said.ret);
		all.ret += said.ret;
	}
	return all;
}

/* _i: do they wait, is TCP_INQ asked, over which protocol. */
START_TEST(streams_alike)
{
	static const size_t sizes[] = { 1, 22, 50, 64 }, rooms[] = { 1, 22, 63, 64 };
	int flags = _i & 1 ? MSG_DONTWAIT : 0, inquires = !!(_i & 2), ends[2], one = 1;
	struct said by[2];

	shares = true;
	start_hosts(NULL);
	connect_pair(_i & 4 ? AF_INET6 : AF_INET, ends);
	for (int end = 0; end < 2; end++)
		ck_assert_int_eq(nc_setsockopt(ends[end], IPPROTO_TCP, TCP_NODELAY, &one,
					       sizeof(one)), 0);
	ck_assert_int_eq(nc_setsockopt(ends[1], IPPROTO_TCP, TCP_INQ, &inquires,
				       sizeof(inquires)), 0);
	for (u32 i = 0; i < 4 * 4; i++) {
		for (int pieces = 1; pieces <= 2; pieces++) {
			send_text(ends[0], sizes[i % 4], i, pieces);
			by[pieces - 1] = take_text(ends[1], sizes[i % 4], rooms[i / 4], flags,
						   pieces);
			/* and one back, which has the acknowledgment */
			send_text(ends[1], 1, i, pieces);
			take_text(ends[0], 1, 64, flags, pieces);
		}
		ck_assert_uint_eq(!!by[0].control_bytes, inquires);
		ck_assert_mem_eq(&by[0], &by[1], sizeof(by[0]));
		ck_assert_uint_eq(by[0].bytes[0], i);
	}
	ck_assert_int_eq(nc_recv(ends[1], by, 1, MSG_DONTWAIT), -EAGAIN);
	nc_close(ends[0]);
	ck_assert_int_eq(nc_recv(ends[1], by, 1, 0), 0);
	ck_assert_int_eq(nc_send(ends[1], by, 1, MSG_NOSIGNAL), 1);
	nc_close(ends[1]);
	stop_hosts();
	shares = false;
}
END_TEST

Suite *socket_plain_suite(void);
Suite *socket_plain_suite(void)
{
	Suite *s = suite_create("socket_plain");
	TCase *c = tcase_create("socket_plain");

	tcase_set_timeout(c, 300);
	tcase_add_loop_test(c, said_alike, 0, 16);
	tcase_add_test(c, shown_behind);
	tcase_add_test(c, in_order);
	tcase_add_test(c, after_error);
	tcase_add_loop_test(c, streams_alike, 0, 8);
	suite_add_tcase(s, c);
	return s;
}
