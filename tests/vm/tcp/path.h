/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The library over a channel of type RING in namespace A, the kernel's TCP in namespace B,
 * and what the network between them does to packets. See nc.h for the namespaces.
 */
#ifndef TESTS_TCP_PATH_H
#define TESTS_TCP_PATH_H

/* that file has its own, of the bare interface */
#define nc_send device_send
#define nc_recv device_recv
#include "../netchannel/nc.h"
#undef nc_send
#undef nc_recv

#include <netchannel/socket.h>

#define PORT_A		7000		/* the library's */
#define MEBIBYTE	(1 << 20)
#define PATIENCE_S	400		/* no wait is longer */

static struct bed bed;
static struct nc_stack *stack;
static const char *addr_a = ADDR_A, *addr_b = ADDR_B;
static uint8_t pattern[MEBIBYTE];
static int last_port = 7100;		/* of the kernel's: each connection has another */

/* --- the network --- */

/* What becomes of what an end sends, in netem's words; NULL: it arrives, as at first. */
static UNUSED void treat(int ns, const char *device, const char *words)
{
	enter(ns);
	if (words)
		run("/usr/bin/tc qdisc replace dev %s root netem %s", device, words);
	else
		run("/usr/bin/tc qdisc del dev %s root", device);
	enter(bed.a);
}

static UNUSED void treat_ours(const char *words)
{
	treat(bed.a, "v0", words);
}

static UNUSED void treat_theirs(const char *words)
{
	treat(bed.b, "v1", words);
}

/* The same in frames of one segment each: a loss is that of one packet. */
static UNUSED void treat_segments(int ns, const char *device, const char *words)
{
	enter(ns);
	run("/usr/bin/tc qdisc add dev %s root handle 1: tbf rate 100mbit burst 3000"
	    " limit 2000000 && /usr/bin/tc qdisc add dev %s parent 1:1 netem %s", device, device,
	    words);
	enter(bed.a);
}

static UNUSED void treat_our_segments(const char *words)
{
	treat_segments(bed.a, "v0", words);
}

static UNUSED void treat_both_segments(const char *words)
{
	treat_our_segments(words);
	treat_segments(bed.b, "v1", words);
}

static UNUSED void treat_both(const char *words)
{
	treat_ours(words);
	treat_theirs(words);
}

/* --- the two ends --- */

/* From here on; at first it is IPv4. */
static UNUSED void use_ipv6(bool on)
{
	addr_a = on ? ADDR6_A : ADDR_A;
	addr_b = on ? ADDR6_B : ADDR_B;
}

/* In the namespace that we are in. */
static UNUSED struct nc_stack *stack_at(const char *at, int port)
{
	union sock_addr own = sock_addr(at, port), address = sock_addr(at, 0);
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	int ret = nc_link_channel(&config.link, IPPROTO_TCP, &own.any, 1500);
	struct nc_stack *made = NULL;

	config.memory_max_bytes = UINT64_MAX;	/* 10,000 clients whose bytes wait have 4 GB */
	if (family_of(at) == AF_INET)
		config.ipv4 = &address.any;
	else
		config.ipv6 = &address.any;
	if (!ret)
		ret = nc_stack_create(&made, &config);
	if (ret)
		check(false, "stack: %s", strerror(-ret));
	return made;
}

static UNUSED void end_stack(struct nc_stack *ending)
{
	int ret = nc_stack_destroy(ending);

	if (ret)
		check(false, "the stack ends: %s", strerror(-ret));
}

static UNUSED void start_stack(void)
{
	stack = stack_at(addr_a, PORT_A);
}

static UNUSED void stop_stack(void)
{
	end_stack(stack);
}

static UNUSED void set_ours(int fd, int level, int name, int value)
{
	int ret = nc_setsockopt(fd, level, name, &value, sizeof(value));

	if (ret)
		check(false, "option %d: %s", name, strerror(-ret));
}

/* All of a mebibyte fits in what it has to send. */
static UNUSED int our_socket(void)
{
	struct timeval limit = { .tv_sec = PATIENCE_S };
	int fd = nc_socket(stack, family_of(addr_a), SOCK_STREAM, 0);

	if (fd < 0)
		check(false, "socket: %s", strerror(-fd));
	set_ours(fd, SOL_SOCKET, SO_SNDBUF, 2 * MEBIBYTE);
	nc_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

static UNUSED int our_listener(int backlog)
{
	union sock_addr own = sock_addr(addr_a, PORT_A);
	int fd = our_socket();

	set_ours(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (nc_bind(fd, &own.any, sizeof(own)) || nc_listen(fd, backlog))
		check(false, "our listener");
	return fd;
}

static UNUSED int our_connection(int port)
{
	union sock_addr to = sock_addr(addr_b, port);
	int fd = our_socket(), ret = nc_connect(fd, &to.any, sizeof(to));

	if (ret)
		check(false, "our connect: %s", strerror(-ret));
	return fd;
}

static UNUSED int their_socket(int port)
{
	struct timeval limit = { .tv_sec = PATIENCE_S };
	int fd;

	enter(bed.b);
	fd = must(try_socket_of(SOCK_STREAM, addr_b, port), "bind");
	enter(bed.a);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

static UNUSED int their_listener(int port)
{
	int fd = their_socket(port);

	must(listen(fd, 16), "listen");
	return fd;
}

static UNUSED int their_connect(int fd)
{
	union sock_addr to = sock_addr(addr_a, PORT_A);

	return connect(fd, &to.any, sizeof(to));
}

static UNUSED int their_connection(int port)
{
	int fd = their_socket(port);

	must(their_connect(fd), "their connect");
	return fd;
}

struct pair {
	int ours, theirs;
};

/* The library connects. */
static UNUSED struct pair connected(void)
{
	int listener = their_listener(++last_port);
	struct pair p = { .ours = our_connection(last_port) };

	p.theirs = must(accept(listener, NULL, NULL), "accept");
	close(listener);
	return p;
}

static UNUSED void close_pair(struct pair p)
{
	nc_close(p.ours);
	close(p.theirs);
}

static UNUSED void our_send(int fd, size_t size)
{
	ssize_t n = nc_send(fd, pattern, size, 0);

	if (n != (ssize_t)size)
		check(false, "our send: %zd", n);
}

static UNUSED void their_send(int fd, size_t size)
{
	if (send(fd, pattern, size, MSG_NOSIGNAL) != (ssize_t)size)
		check(false, "their send: %s", strerror(errno));
}

/*
 * Takes what comes of the pattern, from one place to the other, or until there is no more
 * for now; returns where it has come to.
 */
static UNUSED size_t take(ssize_t (*receive)(int fd, void *bytes, size_t size, int flags), int fd,
		   size_t from, size_t to, int flags)
{
	static __thread uint8_t bytes[65536];
	ssize_t n;

	while (from < to) {
		n = receive(fd, bytes, to - from < sizeof(bytes) ? to - from : sizeof(bytes),
			    flags);
		if (n < 0 && flags & MSG_DONTWAIT)
			break;
		if (n <= 0)
			check(false, "receive: %zd, %s", n, strerror(n < -1 ? -n : errno));
		if (memcmp(bytes, pattern + from, n))
			check(false, "the bytes from %zu on are others", from);
		from += n;
	}
	return from;
}

static UNUSED size_t our_take(int fd, size_t from, size_t to, int flags)
{
	return take(nc_recv, fd, from, to, flags);
}

static UNUSED size_t their_take(int fd, size_t from, size_t to, int flags)
{
	return take(recv, fd, from, to, flags);
}

static UNUSED void exchange(struct pair p)
{
	our_send(p.ours, 1000);
	their_take(p.theirs, 0, 1000, 0);
	their_send(p.theirs, 1000);
	our_take(p.ours, 0, 1000, 0);
}

static UNUSED void fill_pattern(void)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = i * 2654435761u >> 13;
}

/* The namespaces, neighbours that are known, and the bytes that are sent. */
static UNUSED void make_path(void)
{
	signal(SIGPIPE, SIG_IGN);
	fill_pattern();
	bed = new_bed();
	run("/usr/bin/ip neigh add " ADDR_B " lladdr 02:00:00:00:00:02 dev v0 nud permanent &&"
	    "/usr/bin/ip neigh add " ADDR6_B " lladdr 02:00:00:00:00:02 dev v0 nud permanent");
	enter(bed.b);
	run("/usr/bin/ip neigh add " ADDR_A " lladdr 02:00:00:00:00:01 dev v1 nud permanent &&"
	    "/usr/bin/ip neigh add " ADDR6_A " lladdr 02:00:00:00:00:01 dev v1 nud permanent");
	enter(bed.a);
}

#endif
