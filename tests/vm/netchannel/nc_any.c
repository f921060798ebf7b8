// SPDX-License-Identifier: GPL-2.0
/*
 * A local address of 0.0.0.0 or ::. Without a remote, the channel has the port
 * on every address of the host; with one, the address that the route prefers.
 */
#include "nc.h"

#define PORT 7000

struct family {
	const char *any, *a, *second, *b, *loopback, *nowhere, *everybody;
};

static const struct family families[] = {
	{ "0.0.0.0", ADDR_A, "10.0.0.3", ADDR_B, LOOPBACK, "8.8.8.8", "10.0.0.255" },
	{ "::", ADDR6_A, "fd00::3", ADDR6_B, "::1", "2001:db8::1", "ff02::1" },
};

static struct bed bed;

static bool is_addr(const struct netchannel_addr *a, const char *addr, int port)
{
	struct netchannel_addr wanted = nc_addr(addr, port);

	return !memcmp(a, &wanted, sizeof(wanted));
}

static void expect_local(int ch, const char *local, const char *what)
{
	struct netchannel_recv r;
	char buf[10000];

	check(nc_recv(ch, buf, sizeof(buf), 0, 30 * SECOND, &r) >= 0 &&
	      is_addr(&r.local, local, PORT), "%s: RECV says it came to %s", what, local);
}

static void without_remote(const struct family *f)
{
	int ch = channel(f->any, PORT, NULL, 0), peer, self;
	struct netchannel_info info = { .size = sizeof(info) };
	union sock_addr from;
	socklen_t len = sizeof(from);
	static char big[8000];
	char buf[10];

	must(ioctl(ch, NETCHANNEL_INFO, &info), "INFO");
	check(is_addr(&info.local, f->any, PORT), "INFO tells %s", f->any);
	enter(bed.b);
	peer = udp_socket(f->b, 7001, NULL, 0);
	enter(bed.a);
	must(send_to(peer, "1", 1, f->a, PORT), "sendto");
	expect_local(ch, f->a, "the first address");
	must(send_to(peer, "2", 1, f->second, PORT), "sendto");
	expect_local(ch, f->second, "the second");
	must(send_to(peer, big, sizeof(big), f->second, PORT), "sendto");
	expect_local(ch, f->second, "in fragments");
	self = udp_socket(f->loopback, 7002, f->loopback, PORT);
	must(send(self, "3", 1, 0), "send");
	expect_local(ch, f->loopback, "loopback");
	must(nc_send_to(ch, "lo", 2, f->loopback, 7002), "SEND");
	expect_socket(self, "lo", 2, "SEND to loopback, from there");
	must(nc_send_to(ch, "out", 3, f->b, 7001), "SEND");
	check(recvfrom(peer, buf, sizeof(buf), 0, &from.any, &len) == 3 &&
	      (from.any.sa_family == AF_INET ? ntohs(from.in.sin_port) :
					       ntohs(from.in6.sin6_port)) == PORT,
	      "SEND to the peer");
	check_errno(nc_send_to(ch, "x", 1, f->nowhere, 7001), ENETUNREACH, "SEND without a route");
	check(stats_of(ch).rx_read == 4 && !stats_of(ch).rx_dropped_full, "all counted");
	close(self);
	close(peer);
	close(ch);
}

/* What is for many is for sockets. */
static void not_for_many(const struct family *f)
{
	int ch = channel(f->any, PORT, NULL, 0), on = 1, peer;
	union sock_addr to = sock_addr(f->everybody, PORT);
	double limit = now() + 30;

	enter(bed.b);
	peer = udp_socket(f->b, 7001, NULL, 0);
	setsockopt(peer, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	to.in6.sin6_scope_id = to.any.sa_family == AF_INET6 ? if_nametoindex("v1") : 0;
	/* the route of multicast comes with the link, which can take a second */
	while (sendto(peer, "all", 3, 0, &to.any, sizeof(to)) < 0 && now() < limit)
		usleep(10000);
	check(now() < limit, "sent to %s", f->everybody);
	enter(bed.a);
	expect_nothing(ch, f->everybody);
	close(peer);
	close(ch);
}

static void with_remote(const struct family *f)
{
	struct netchannel_create args = create_args(f->any, PORT, f->b, 7001);
	int ch = channel_of(args), peer, other;
	struct netchannel_info info = { .size = sizeof(info) };

	must(ioctl(ch, NETCHANNEL_INFO, &info), "INFO");
	check(is_addr(&info.local, f->a, PORT) || is_addr(&info.local, f->second, PORT),
	      "with a remote, the route's address is chosen");
	check_errno(try_simple(f->any, PORT, f->b, 7001), EADDRINUSE, "the same again");
	enter(bed.b);
	peer = udp_socket(f->b, 7001, NULL, 0);
	enter(bed.a);
	must(nc_send(ch, "chosen", 6, 0), "SEND");
	expect_socket(peer, "chosen", 6, "the peer has it");
	other = must(try_socket(f->loopback, PORT), "bind");
	check(true, "a socket on another address");
	close(other);
	close(peer);
	close(ch);
	check_errno(try_simple(f->any, PORT, f->nowhere, 7001), ENETUNREACH, "without a route: CREATE");
	args.local.port = 0;
	ch = open_device();
	must(ioctl(ch, NETCHANNEL_CREATE, &args), "CREATE");
	check(args.local.port && !is_addr(&args.local, f->any, ntohs(args.local.port)),
	      "CREATE writes back address and port");
	close(ch);
}

static void ports(const struct family *f)
{
	int ch = channel(f->any, PORT, NULL, 0), sock;

	check_errno(try_socket(f->a, PORT), EADDRINUSE, "a socket on an address");
	check_errno(try_socket(f->any, PORT), EADDRINUSE, "a socket on any");
	check_errno(try_simple(f->a, PORT, NULL, 0), EADDRINUSE, "a channel on an address");
	check_errno(try_simple(f->any, PORT, NULL, 0), EADDRINUSE, "a channel on any");
	close(ch);
	sock = udp_socket(f->a, PORT, NULL, 0);
	check_errno(try_simple(f->any, PORT, NULL, 0), EADDRINUSE, "beside a socket on an address");
	close(sock);
	ch = channel(f->a, PORT, NULL, 0);
	check_errno(try_simple(f->any, PORT, NULL, 0), EADDRINUSE, "beside a channel on an address");
	close(ch);
	close(channel(f->any, PORT, NULL, 0));
	check(true, "free again");
}

int main(void)
{
	size_t i;

	bed = new_bed();
	run("/usr/bin/ip addr add 10.0.0.3/24 dev v0 && /usr/bin/ip addr add fd00::3/64 dev v0 nodad");
	for (i = 0; i < sizeof(families) / sizeof(*families); i++) {
		without_remote(&families[i]);
		not_for_many(&families[i]);
		with_remote(&families[i]);
		ports(&families[i]);
	}
	return 0;
}
