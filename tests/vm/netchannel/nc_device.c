// SPDX-License-Identifier: GPL-2.0
/* Channels that are bound to a device, and what becomes of it. */
#include "ring.h"

#include <sys/prctl.h>

#define ADDR_B2 "10.0.1.2"	/* B's on the second pair, v2 and v3 */

static struct netchannel_create bound_args(const char *local, const char *device)
{
	struct netchannel_create args = create_args(local, 7000, NULL, 0);

	args.ifindex = if_nametoindex(device);
	return args;
}

static int bound_channel(const char *local, const char *device)
{
	return channel_of(bound_args(local, device));
}

/* A second way from B to the same address of A. */
static void add_second_pair(struct bed *bed)
{
	run("/usr/bin/ip link add v2 type veth peer name v3 netns /proc/%d/fd/%d",
	    getpid(), bed->b);
	run("/usr/bin/ip addr add 10.0.1.1/24 dev v2 && /usr/bin/ip link set v2 up");
	enter(bed->b);
	run("/usr/bin/ip addr add " ADDR_B2 "/24 dev v3 && /usr/bin/ip link set v3 up && "
	    "/usr/bin/ip route add 10.0.0.1/32 dev v3 src " ADDR_B2 " table 5 && "
	    "/usr/bin/ip rule add from " ADDR_B2 " table 5");
	enter(bed->a);
}

static int socket_of_device(const char *device)
{
	union sock_addr a = sock_addr(ADDR_A, 7000);
	struct timeval limit = { .tv_sec = 30 };
	int fd = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	must(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device)), "BINDTODEVICE");
	must(bind(fd, &a.any, sizeof(a)), "bind");
	return fd;
}

/* What comes by another device is not the channel's. */
static void only_its_own(struct bed *bed)
{
	struct netchannel_create other = bound_args(ADDR_A, "v2"), any = bound_args(ADDR_A, "v2");
	struct netchannel_info info = { .size = sizeof(info) };
	int ch = bound_channel(ADDR_A, "v0"), near, far, sock;
	char c;

	must(ioctl(ch, NETCHANNEL_INFO, &info), "INFO");
	check(info.ifindex == if_nametoindex("v0"), "INFO tells the device");
	enter(bed->b);
	near = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	far = udp_socket(ADDR_B2, 7001, ADDR_A, 7000);
	enter(bed->a);
	must(send(near, "near", 4, 0), "send");
	expect(ch, "near", 4, "what comes by its device");
	must(nc_send_to(ch, "out", 3, ADDR_B, 7001), "SEND");
	expect_socket(near, "out", 3, "what it sends");
	must(send(far, "far", 3, 0), "send");
	expect_nothing(ch, "what comes by another device");
	check_errno(recv(far, &c, 1, 0), ECONNREFUSED, "is answered by the kernel");
	sock = socket_of_device("v2");
	must(send(far, "far", 3, 0), "send");
	expect_socket(sock, "far", 3, "a socket of that device has it");
	check_errno(try_socket(ADDR_A, 7000), EADDRINUSE, "a socket of any device");
	close(sock);
	check_errno(try_channel(&other), EADDRINUSE, "a channel of the port by another device");
	any.ifindex = 0;
	check_errno(try_channel(&any), EADDRINUSE, "a channel of the port by any device");
	close(near);
	close(far);
	close(ch);
}

static int sender(const struct bed *bed, const char *from, const char *to)
{
	int fd;

	enter(bed->b);
	fd = udp_socket(from, 7001, to, 7000);
	enter(bed->a);
	return fd;
}

/*
 * A channel on any address has what comes by its device, whatever closer addresses
 * channels of another device have.
 */
static void nearer_by_another_device(struct bed *bed)
{
	int any = bound_channel("0.0.0.0", "v0"), near = bound_channel(ADDR_A, "v2"), exact;
	int one = sender(bed, ADDR_B, ADDR_A), two = sender(bed, ADDR_B2, ADDR_A);
	struct netchannel_create args = bound_args(ADDR_A, "v2");

	must(send(one, "one", 3, 0), "send");
	expect(any, "one", 3, "any address, beside one of another device: what comes by its own");
	must(send(two, "two", 3, 0), "send");
	expect(near, "two", 3, "the other has what comes by the other device");
	args.remote = nc_addr(ADDR_B, 7001);
	exact = channel_of(args);
	must(send(one, "three", 5, 0), "send");
	expect(any, "three", 5, "the same beside one of the other device with this remote");
	must(nc_send_to(any, "x", 1, ADDR_B, 7009), "SEND to a port that nobody has");
	wait_errors(any, 1);
	check(!stats_of(near).icmp_errors, "what ICMP reports is its own, too");
	close(exact);
	close(near);
	close(any);
	close(one);
	close(two);
}

/* Of IPv6 fragments, UDP knows by its own tables for which shadow they are. */
static void nearer_over_ipv6(struct bed *bed)
{
	int any = bound_channel("::", "v0"), near = bound_channel(ADDR6_A, "v2");
	int sock = sender(bed, ADDR6_B, ADDR6_A);
	char big[3000];

	memset(big, 'x', sizeof(big));
	must(send(sock, "six", 3, 0), "send");
	expect(any, "six", 3, "IPv6, beside one of another device");
	must(send(sock, big, sizeof(big), 0), "send");
	expect(any, big, sizeof(big), "and in fragments");
	close(sock);
	close(near);
	close(any);
}

static void over_ipv6_and_tcp(struct bed *bed)
{
	struct netchannel_create args = tcp_args(ADDR_A, 7000, ADDR_B, 7001);
	int ch = bound_channel(ADDR6_A, "v0"), sock;

	enter(bed->b);
	sock = udp_socket(ADDR6_B, 7001, ADDR6_A, 7000);
	enter(bed->a);
	must(send(sock, "six", 3, 0), "send");
	expect(ch, "six", 3, "IPv6: what comes by its device");
	must(nc_send_to(ch, "out", 3, ADDR6_B, 7001), "SEND");
	expect_socket(sock, "out", 3, "IPv6: what it sends");
	close(sock);
	close(ch);
	args.ifindex = if_nametoindex("v0");
	close(channel_of(args));
	check(true, "a channel of TCP is bound, too");
	args.local = nc_addr("0.0.0.0", 7000);
	close(channel_of(args));
	check(true, "and one whose address the route chooses");
}

/*
 * One of each type on v0, and who floods them all. (Of RAW, which is bound as COPY is, the
 * flood would need another protocol.)
 */
#define CROWD 6

struct crowd {
	int channels[CROWD];
	struct ring ring;
	pid_t flood;
};

static void send_to_all(void)
{
	int socks[CROWD], i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < CROWD; i++)
		socks[i] = udp_socket(ADDR_B, 7100 + i, ADDR_A, 7100 + i);
	for (;;)
		for (i = 0; i < CROWD; i++)
			send(socks[i], "flood", 5, 0);
}

static struct crowd open_crowd(const struct bed *bed)
{
	static const uint32_t types[CROWD] = {
		NETCHANNEL_TYPE_RING, NETCHANNEL_TYPE_GROUP, NETCHANNEL_TYPE_COPY,
		NETCHANNEL_TYPE_LISTEN, NETCHANNEL_TYPE_DISCARD, NETCHANNEL_TYPE_COPY,
	};
	struct netchannel_create args;
	struct crowd c;
	int i;

	for (i = 0; i < CROWD; i++) {
		args = bound_args(ADDR_A, "v0");
		args.local.port = htons(7100 + i);
		args.type = types[i];
		args.flags = i == CROWD - 1 ? NETCHANNEL_FAST : 0;
		args.group = types[i] == NETCHANNEL_TYPE_GROUP ? c.channels[0] : 0;
		c.channels[i] = channel_of(args);
	}
	c.ring = map_ring(c.channels[0]);
	c.flood = fork();
	if (!c.flood) {
		enter(bed->b);
		send_to_all();
	}
	return c;
}

static uint64_t arrived(int ch)
{
	struct netchannel_stats s = stats_of(ch);

	return s.rx_packets + dropped(&s);
}

/* More than now has come to each. */
static void expect_flood(const struct crowd *c, const char *when)
{
	uint64_t before;
	int i;

	for (i = 0; i < CROWD; i++) {
		before = arrived(c->channels[i]);
		stats_at(c->channels[i], before + 1);
		if (arrived(c->channels[i]) == before)
			check(false, "%s: nothing comes to channel %d", when, i);
	}
	check(true, "%s: the flood reaches all types", when);
}

static void end_flood(const struct crowd *c)
{
	kill(c->flood, SIGKILL);
	waitpid(c->flood, NULL, 0);
}

static void close_crowd(struct crowd *c)
{
	int i;

	for (i = 1; i < CROWD; i++)
		close(c->channels[i]);
	close_ring(&c->ring);
}

/* N22: whatever comes by another device now, to these nothing does. */
static void check_crowd_end(struct crowd *c)
{
	struct netchannel_accept accept = {
		.size = sizeof(accept), .type = NETCHANNEL_TYPE_COPY, .listener = c->channels[3],
	};
	uint64_t before[CROWD];
	struct pollfd p;
	int fd = open_device(), i;
	char buf[16];

	for (i = 0; i < CROWD; i++) {
		before[i] = arrived(c->channels[i]);
		p = (struct pollfd){ .fd = c->channels[i] };
		if (poll(&p, 1, 0) != 1 || p.revents != POLLERR)
			check(false, "channel %d polls as %#x", i, p.revents);
		if (nc_send_to(p.fd, "x", 1, ADDR_B, 7001) != -1 || errno != ENETDOWN)
			check(false, "SEND of channel %d: %s", i, strerror(errno));
	}
	c->ring.rx_consumer = c->ring.header->rx_producer;
	ring_release(&c->ring);
	check_errno(ring_kick(&c->ring, NETCHANNEL_WAIT, 0), ENETDOWN, "KICK");
	check_errno(ioctl(fd, NETCHANNEL_ACCEPT, &accept), ENETDOWN, "ACCEPT");
	while (nc_recv(c->channels[CROWD - 1], buf, sizeof(buf), 0, 0, NULL) > 0)
		;
	check_errno(-1, ENETDOWN, "RECV of FAST, when all is read");
	for (i = 0; i < CROWD; i++)
		if (arrived(c->channels[i]) != before[i])
			check(false, "something came to channel %d", i);
	close(fd);
}

static void renamed_and_down(struct bed *bed)
{
	struct crowd crowd = open_crowd(bed);
	int ch = bound_channel(ADDR_A, "v0"), sock;
	struct pollfd p = { .fd = ch };

	enter(bed->b);
	sock = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	enter(bed->a);
	expect_flood(&crowd, "up");
	run("/usr/bin/ip link set v0 down && /usr/bin/ip link set v0 name w0");
	check_errno(nc_send_to(ch, "x", 1, ADDR_B, 7001), ENETUNREACH, "SEND, its device down");
	check(poll(&p, 1, 0) == 0, "that is no end");
	run("/usr/bin/ip link set w0 up");
	must(nc_send_to(ch, "w0", 2, ADDR_B, 7001), "SEND");
	expect_socket(sock, "w0", 2, "up again by another name, it sends");
	must(send(sock, "back", 4, 0), "send");
	expect(ch, "back", 4, "and receives");
	expect_flood(&crowd, "up again");
	run("/usr/bin/ip link set w0 down && /usr/bin/ip link set w0 name v0 && "
	    "/usr/bin/ip link set v0 up");
	end_flood(&crowd);
	close_crowd(&crowd);
	close(ch);
	close(sock);
}

/* All that can be asked of a channel whose device is gone. */
static void check_end(int ch, const char *how)
{
	struct pollfd p = { .fd = ch, .events = POLLIN };
	char buf[16];

	check(poll(&p, 1, 30000) == 1 && p.revents == (POLLIN | POLLERR),
	      "%s: poll() says so, and that a packet waits", how);
	expect(ch, "queued", 6, "the packet is there");
	check_errno(nc_recv(ch, buf, 16, NETCHANNEL_DONTWAIT, 0, NULL), ENETDOWN, "RECV DONTWAIT");
	check_errno(nc_recv(ch, buf, 16, 0, 0, NULL), ENETDOWN, "RECV");
	check_errno(read(ch, buf, 16), ENETDOWN, "read()");
	check_errno(nc_send_to(ch, "x", 1, ADDR_B, 7001), ENETDOWN, "SEND");
	check(poll(&p, 1, 0) == 1 && p.revents == POLLERR, "it stays so");
}

/* Calls that wait until the device goes. */

static long wait_in_recv(int fd)
{
	char c;

	return nc_recv(fd, &c, 1, 0, 0, NULL);
}

static long wait_in_kick(int fd)
{
	struct netchannel_kick args = { .size = sizeof(args), .flags = NETCHANNEL_WAIT };

	return ioctl(fd, NETCHANNEL_KICK, &args);
}

static long wait_in_accept(int fd)
{
	struct netchannel_accept args = {
		.size = sizeof(args), .type = NETCHANNEL_TYPE_COPY, .listener = fd,
	};

	return ioctl(open_device(), NETCHANNEL_ACCEPT, &args);
}

/*
 * To a neighbour that never answers, until there is no room. Before the device goes, it is
 * down: no route, or no queue.
 */
static long wait_in_send(int fd)
{
	static char data[60000];

	while (!nc_send_to(fd, data, sizeof(data), "10.0.0.99", 7001) || errno != ENETDOWN)
		;
	return -1;
}

static const struct call {
	const char *name;
	uint32_t type;
	long (*wait)(int fd);
} calls[] = {
	{ "RECV", NETCHANNEL_TYPE_COPY, wait_in_recv },
	{ "KICK", NETCHANNEL_TYPE_RING, wait_in_kick },
	{ "ACCEPT", NETCHANNEL_TYPE_LISTEN, wait_in_accept },
	{ "SEND", NETCHANNEL_TYPE_DISCARD, wait_in_send },
};

#define CALLS (sizeof(calls) / sizeof(*calls))

static pid_t start_call(const struct call *call, int port)
{
	struct netchannel_create args = bound_args(ADDR_A, "v0");
	pid_t pid;
	int fd;

	args.local.port = htons(port);
	args.type = call->type;
	fd = channel_of(args);
	pid = fork();
	if (!pid)
		_exit(call->wait(fd) < 0 && errno == ENETDOWN ? 0 : 1);
	close(fd);
	wait_in_call(pid, SYS_ioctl);
	return pid;
}

/* N22; `command` makes the device go, from namespace A. */
static void device_goes(const char *command, const char *how)
{
	struct bed bed = new_bed();
	struct netchannel_create args;
	int ch, unbound, sock, status;
	struct pollfd p = { .events = POLLIN };
	struct crowd crowd;
	pid_t callers[CALLS];
	size_t i;
	char c;

	never_give_up();
	args = bound_args(ADDR_A, "v0");
	ch = channel_of(args);
	p.fd = ch;
	for (i = 0; i < CALLS; i++)
		callers[i] = start_call(&calls[i], 7200 + i);
	unbound = channel(ADDR_A, 7004, NULL, 0);
	enter(bed.b);
	sock = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	enter(bed.a);
	must(send(sock, "queued", 6, 0), "send");
	check(poll(&p, 1, 30000) == 1, "a packet is queued");
	crowd = open_crowd(&bed);
	expect_flood(&crowd, how);
	run(command, bed.b);
	check_end(ch, how);
	for (i = 0; i < CALLS; i++) {
		must(waitpid(callers[i], &status, 0), "waitpid");
		check(!status, "who is blocked in %s is told", calls[i].name);
	}
	check_crowd_end(&crowd);
	end_flood(&crowd);
	close_crowd(&crowd);
	check_errno(nc_recv(unbound, &c, 1, NETCHANNEL_DONTWAIT, 0, NULL), EAGAIN,
		    "a channel of any device is not");
	args.local.port = htons(7006);
	check_errno(try_channel(&args), ENODEV, "CREATE by the device that is gone");
	close(sock);
	close(ch);
	close(unbound);
	close(bed.a);
	close(bed.b);
}

/* CREATE while devices come and go: a channel has a device, or the end. */
static void races(void)
{
	int rounds = count_of(5, 300), i, j, ch, made = 0, ended = 0;
	struct bed bed = new_bed();
	struct netchannel_create args = create_args(LOOPBACK, 0, NULL, 0);
	struct pollfd p;
	pid_t pid;

	for (i = 0; i < rounds; i++) {
		run("/usr/bin/ip link add d0 type veth peer name d1");
		args.ifindex = if_nametoindex("d0");
		pid = fork();
		if (!pid)
			_exit(system("/usr/bin/ip link del d0") != 0);
		for (j = 0; j < 10000; j++) {
			args.local.port = 0;
			ch = try_channel(&args);
			if (ch < 0)
				break;
			made++;
			if (waitpid(pid, NULL, WNOHANG) == pid) {
				p = (struct pollfd){ .fd = ch };
				pid = 0;
				ended += poll(&p, 1, 0) == 1 && p.revents == POLLERR;
			}
			close(ch);
		}
		if (pid)
			waitpid(pid, NULL, 0);
		check_errno(try_channel(&args), ENODEV, "a device deleted meanwhile");
	}
	check(true, "%d rounds: %d channels made, %d seen to end", rounds, made, ended);
	close(bed.a);
	close(bed.b);
}

int main(void)
{
	struct bed bed = new_bed();
	int start = own_ns();

	add_second_pair(&bed);
	only_its_own(&bed);
	nearer_by_another_device(&bed);
	nearer_over_ipv6(&bed);
	over_ipv6_and_tcp(&bed);
	renamed_and_down(&bed);
	enter(start);
	device_goes("/usr/bin/ip link del v0", "deleted");
	enter(start);
	device_goes("/usr/bin/ip link set v0 netns /proc/$PPID/fd/%d", "moved to another namespace");
	enter(start);
	races();
	return 0;
}
