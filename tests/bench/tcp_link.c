// SPDX-License-Identifier: GPL-2.0
/*
 * What the library alone costs, without a kernel below it: two stacks of this process, over links
 * that lie in memory, in one thread. For callgrind, which counts while measured() runs:
 *
 *	valgrind --tool=callgrind --collect-atstart=no --toggle-collect=measured \
 *		build/tests/bench/tcp_link msg 2000
 *
 *	msg	128 bytes sent and received, with their share of acknowledgments
 *	rr	128 bytes there and back
 *	connect	connect, accept, close both
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netchannel/socket.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "../../libnetchannel/link/link.h"

#define MESSAGE_BYTES	128
#define WARM_UP		200
#define SLOTS		64
#define SLOT_BYTES	2048
#define PORT		7000		/* and the next one */

/* What one end has sent lies in it until the other has read it. */
struct memory_link {
	struct nc_link link;
	struct memory_link *peer;
	unsigned int sent, read;
	size_t sizes[SLOTS];
	uint8_t packets[SLOTS][SLOT_BYTES];
	uint8_t building[LINK_PACKET_BYTES];
};

static struct memory_link links[2];
static struct nc_stack *stacks[2];
static uint8_t out[MESSAGE_BYTES], in[MESSAGE_BYTES];

static struct memory_link *memory_of(const struct nc_link *link)
{
	return (struct memory_link *)link;	/* its first member */
}

static void check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "tcp_link: %s\n", what);
	exit(1);
}

static uint8_t *memory_reserve(struct nc_link *link)
{
	return memory_of(link)->building;
}

static bool memory_has_room(struct nc_link *link, uint32_t packets, size_t bytes)
{
	return link && packets && bytes;
}

static void memory_commit(struct nc_link *link, size_t size, uint32_t segment_bytes,
			  const uint8_t *text, size_t text_bytes)
{
	struct memory_link *m = memory_of(link);

	(void)text_bytes;
	check(size <= SLOT_BYTES && !segment_bytes && !text, "a packet that is too long");
	check(m->sent - m->read < SLOTS, "nobody reads");
	memcpy(m->packets[m->sent % SLOTS], m->building, size);
	m->sizes[m->sent++ % SLOTS] = size;
}

static int memory_flush(struct nc_link *link)
{
	return link ? 0 : -EINVAL;
}

static int memory_wait(struct nc_link *link, uint64_t timeout_ns, int like)
{
	(void)like;
	return link && timeout_ns ? -ETIMEDOUT : 0;
}

static ssize_t memory_peek(struct nc_link *link, const uint8_t **bytes, uint32_t *segment_bytes)
{
	struct memory_link *from = memory_of(link)->peer;

	if (from->read == from->sent)
		return -EAGAIN;
	*bytes = from->packets[from->read % SLOTS];
	*segment_bytes = 0;
	return from->sizes[from->read % SLOTS];
}

static void memory_consume(struct nc_link *link)
{
	memory_of(link)->peer->read++;
}

static bool memory_is_blocked(const struct nc_link *link)
{
	return !link;
}

static uint8_t *memory_lend(struct nc_link *link, size_t size)
{
	(void)link;
	(void)size;
	return NULL;
}

static struct sockaddr_in address_of(int end)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT + end) };

	a.sin_addr.s_addr = htonl(0xc0000201u + end);	/* 192.0.2.1, 192.0.2.2 */
	return a;
}

static void start(int end)
{
	static const struct link_ops ops = { .send = NULL };	/* it shares its memory */
	static const struct link_shared_ops shared = {
		.reserve = memory_reserve, .has_room = memory_has_room,
		.commit = memory_commit, .lend = memory_lend, .flush = memory_flush,
		.wait = memory_wait, .peek = memory_peek, .consume = memory_consume,
		.is_blocked = memory_is_blocked,
	};
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct sockaddr_in own = address_of(end);
	struct memory_link *m = &links[end];

	m->peer = &links[!end];
	m->link = (struct nc_link){
		.ops = &ops, .shared = &shared, .fd = eventfd(0, EFD_CLOEXEC), .mtu_bytes = 1500,
		.protocol = IPPROTO_TCP, .port = PORT + end, .verifies_checksums = true,
		.completes_checksums = true,
	};
	own.sin_port = 0;
	config.link = &m->link;
	config.ipv4 = (struct sockaddr *)&own;
	check(!nc_stack_create(&stacks[end], &config), "a stack");
}

/* --- what is measured --- */

/* None waits: each takes by its call what the other has sent. */
static void connect_pair(int listener, int ends[2])
{
	struct sockaddr_in to = address_of(1);
	int on = 1, ret;

	ends[0] = nc_socket(stacks[0], AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	/* there is one port, which is free when the last connection has come to its end */
	while ((ret = nc_connect(ends[0], (struct sockaddr *)&to, sizeof(to))) == -EADDRNOTAVAIL)
		;
	check(ret == -EINPROGRESS, "connect");
	while ((ends[1] = nc_accept4(listener, NULL, NULL, 0)) == -EAGAIN)
		nc_connect(ends[0], (struct sockaddr *)&to, sizeof(to));
	check(ends[1] >= 0, "accept");
	for (int end = 0; end < 2; end++)
		nc_setsockopt(ends[end], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* The accepting end closes first, as in tcp_bench. */
static void close_pair(int listener, const int ends[2])
{
	nc_close(ends[1]);
	check(!nc_recv(ends[0], in, 1, 0), "the end");
	nc_close(ends[0]);
	check(nc_accept4(listener, NULL, NULL, 0) == -EAGAIN, "another one");
}

static void message(int from, int to)
{
	check(nc_send(from, out, sizeof(out), MSG_NOSIGNAL) == sizeof(out), "send");
	check(nc_recv(to, in, sizeof(in), 0) == sizeof(in), "receive");
	check(!memcmp(in, out, sizeof(in)), "other bytes");
}

static void repeat(const char *what, int count, int listener, int ends[2])
{
	for (int i = 0; i < count; i++) {
		if (!strcmp(what, "connect")) {
			connect_pair(listener, ends);
			close_pair(listener, ends);
			continue;
		}
		out[i % MESSAGE_BYTES]++;
		message(ends[0], ends[1]);
		if (!strcmp(what, "rr"))
			message(ends[1], ends[0]);
	}
}

/* A name to count by. */
static __attribute__((noinline)) void measured(const char *what, int count, int listener,
					       int ends[2])
{
	repeat(what, count, listener, ends);
}

int main(int argc, char **argv)
{
	struct sockaddr_in own = address_of(1);
	int listener, ends[2] = { -1, -1 };

	check(argc == 3, "usage: tcp_link msg|rr|connect COUNT");
	start(0);
	start(1);
	listener = nc_socket(stacks[1], AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	check(!nc_bind(listener, (struct sockaddr *)&own, sizeof(own)) &&
	      !nc_listen(listener, 8), "listen");
	if (strcmp(argv[1], "connect"))
		connect_pair(listener, ends);
	repeat(argv[1], WARM_UP, listener, ends);
	measured(argv[1], atoi(argv[2]), listener, ends);
	exit(0);	/* the stacks' threads have nothing to say */
}
