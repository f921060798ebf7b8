// SPDX-License-Identifier: GPL-2.0
/*
 * The library over a channel on devices that are no Ethernet: loopback, where the peer is a
 * socket of the same host, with another address and with the library's own; and a TUN device,
 * at whose other end is another stack of the library.
 *
 * tcp_devices lo|tun
 */
#include "path.h"

#include <pthread.h>

#define TUN		"tun0"

/* --- bytes, both ways at once --- */

struct direction {
	bool from_library, to_library;
	int from, to;
};

static void *send_mebibyte(void *context)
{
	struct direction *d = context;

	if (d->from_library)
		our_send(d->from, MEBIBYTE);
	else
		their_send(d->from, MEBIBYTE);
	return NULL;
}

static void *take_mebibyte(void *context)
{
	struct direction *d = context;

	if (d->to_library)
		our_take(d->to, 0, MEBIBYTE, 0);
	else
		their_take(d->to, 0, MEBIBYTE, 0);
	return NULL;
}

/* A mebibyte each way; they are a socket of the kernel's, or also of the library. */
static void carry_both(struct pair p, bool all_library, const char *what)
{
	struct direction there = { .from_library = true, .to_library = all_library,
				   .from = p.ours, .to = p.theirs };
	struct direction back = { .from_library = all_library, .to_library = true,
				  .from = p.theirs, .to = p.ours };
	pthread_t threads[4];

	must(-pthread_create(&threads[0], NULL, send_mebibyte, &there), "thread");
	must(-pthread_create(&threads[1], NULL, send_mebibyte, &back), "thread");
	must(-pthread_create(&threads[2], NULL, take_mebibyte, &there), "thread");
	must(-pthread_create(&threads[3], NULL, take_mebibyte, &back), "thread");
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	check(true, "%s: 1 MiB each way", what);
}

/* --- loopback --- */

static void we_begin(const char *what)
{
	union sock_addr nobody = sock_addr(addr_b, 9);
	struct pair p;

	start_stack();
	p = connected();
	carry_both(p, false, what);
	close_pair(p);
	p.ours = our_socket();
	check(nc_connect(p.ours, &nobody.any, sizeof(nobody)) == -ECONNREFUSED, "nobody listens");
	nc_close(p.ours);
	stop_stack();
}

static void they_begin(void)
{
	struct pair p;
	int listener;

	start_stack();
	listener = our_listener(1);
	p.theirs = their_connection(++last_port);
	p.ours = nc_accept4(listener, NULL, NULL, 0);
	check(p.ours >= 0, "a socket connects to the library");
	exchange(p);
	close_pair(p);
	nc_close(listener);
	stop_stack();
}

static void loopback(void)
{
	static const char *const addresses[][2] = {
		{ ADDR_A, ADDR_B }, { ADDR6_A, ADDR6_B }, { ADDR_A, ADDR_A }, { ADDR6_A, ADDR6_A },
	};
	char what[100];

	bed.a = bed.b = new_ns();
	enter(bed.a);
	run("/usr/bin/ip addr add " ADDR_A " dev lo && "
	    "/usr/bin/ip addr add " ADDR_B " dev lo && "
	    "/usr/bin/ip addr add " ADDR6_A "/128 dev lo nodad && "
	    "/usr/bin/ip addr add " ADDR6_B "/128 dev lo nodad");
	for (double limit = now() + 20; !is_local6(ADDR6_A) || !is_local6(ADDR6_B); usleep(1000))
		if (now() > limit)
			check(false, "lo has no addresses of IPv6");
	for (int i = 0; i < 4; i++) {
		addr_a = addresses[i][0];
		addr_b = addresses[i][1];
		snprintf(what, sizeof(what), "on lo, %s to %s", addr_a, addr_b);
		we_begin(what);
		they_begin();
	}
}

/* --- TUN --- */

static struct nc_stack *peer_stack(void)
{
	union sock_addr address = sock_addr(addr_b, 0);
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct nc_stack *peer;
	int ret = nc_link_tun(&config.link, TUN);

	if (family_of(addr_b) == AF_INET)
		config.ipv4 = &address.any;
	else
		config.ipv6 = &address.any;
	if (!ret)
		ret = nc_stack_create(&peer, &config);
	if (ret)
		check(false, "the stack behind " TUN ": %s", strerror(-ret));
	return peer;
}

static void through_tun(const char *what)
{
	union sock_addr to = sock_addr(addr_b, 7100);
	struct nc_stack *peer = peer_stack();
	struct timeval limit = { .tv_sec = PATIENCE_S };
	int listener = nc_socket(peer, family_of(addr_b), SOCK_STREAM, 0);
	struct pair p;

	wait_usable(TUN, ADDR6_A);
	start_stack();
	if (nc_bind(listener, &to.any, sizeof(to)) || nc_listen(listener, 1))
		check(false, "a listener behind " TUN);
	p.ours = our_connection(7100);
	p.theirs = nc_accept4(listener, NULL, NULL, 0);
	nc_setsockopt(p.theirs, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	carry_both(p, true, what);
	nc_close(p.ours);
	nc_close(p.theirs);
	nc_close(listener);
	stop_stack();
	if (nc_stack_destroy(peer))
		check(false, "the stack behind " TUN " ends");
}

static void tun(void)
{
	bed.a = bed.b = new_ns();
	enter(bed.a);
	run("/usr/bin/ip tuntap add dev " TUN " mode tun && "
	    "/usr/bin/ip addr add " ADDR_A "/24 dev " TUN " && "
	    "/usr/bin/ip addr add " ADDR6_A "/64 dev " TUN " nodad && "
	    "/usr/bin/ip link set " TUN " up");
	through_tun("a channel on TUN, IPv4");
	use_ipv6(true);
	through_tun("a channel on TUN, IPv6");
}

/* --- devices that go --- */

struct reader {
	int fd;
	ssize_t result;
};

static void *read_one(void *context)
{
	struct reader *r = context;
	char byte;

	r->result = nc_recv(r->fd, &byte, 1, 0);
	return NULL;
}

/* Down, under another name, and another device in its place: what was sent goes by that. */
static void without_device(void)
{
	struct pair p;

	make_path();
	start_stack();
	p = connected();
	exchange(p);
	run("/usr/bin/ip link set v0 down");
	our_send(p.ours, 1000);
	sleep(1);
	run("/usr/bin/ip link set v0 name w0 && /usr/bin/ip link set w0 up");
	their_take(p.theirs, 0, 1000, 0);
	exchange(p);
	check(true, "a channel of any device goes on when its device was down, and is another");
	run("/usr/bin/ip link del w0");
	our_send(p.ours, 1000);
	sleep(1);
	run("/usr/bin/ip link add v0 address 02:00:00:00:00:01 type veth "
	    "peer name v1 address 02:00:00:00:00:02 netns /proc/%d/fd/%d", getpid(), bed.b);
	run("/usr/bin/ip addr add " ADDR_A "/24 dev v0 && /usr/bin/ip link set v0 up");
	enter(bed.b);
	run("/usr/bin/ip addr add " ADDR_B "/24 dev v1 && /usr/bin/ip link set v1 up");
	enter(bed.a);
	their_take(p.theirs, 0, 1000, 0);
	exchange(p);
	check(true, "or was none for a while");
	close_pair(p);
	stop_stack();
}

/* One of mode FAST is over with its device: who waits is told so at once. */
static void with_device(void)
{
	union sock_addr own = sock_addr(addr_a, PORT_A), address = sock_addr(addr_a, 0), to;
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct reader reader;
	pthread_t thread;
	struct pair p;
	double began;
	int ret;

	ret = nc_link_channel_fast(&config.link, IPPROTO_TCP, &own.any, 1500, "v0");
	config.ipv4 = &address.any;
	if (ret || nc_stack_create(&stack, &config))
		check(false, "a channel of mode FAST");
	p = connected();
	exchange(p);
	reader.fd = p.ours;
	pthread_create(&thread, NULL, read_one, &reader);
	usleep(100000);
	began = now();
	run("/usr/bin/ip link del v0");
	pthread_join(thread, NULL);
	check(reader.result == -ENETDOWN && now() - began < 10,
	      "one of mode FAST is over with its device: %zd, after %.1f s", reader.result,
	      now() - began);
	check(nc_send(p.ours, "x", 1, 0) == -EPIPE, "and nothing is sent any more");
	to = sock_addr(addr_b, 7);
	ret = our_socket();
	check(nc_connect(ret, &to.any, sizeof(to)) == -ENETDOWN, "nor does anybody connect");
	nc_close(ret);
	close_pair(p);
	stop_stack();
}

static void gone(void)
{
	without_device();
	with_device();
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	fill_pattern();
	if (argc == 2 && !strcmp(argv[1], "lo"))
		loopback();
	else if (argc == 2 && !strcmp(argv[1], "tun"))
		tun();
	else if (argc == 2 && !strcmp(argv[1], "gone"))
		gone();
	else
		check(false, "tcp_devices lo|tun|gone");
	return 0;
}
