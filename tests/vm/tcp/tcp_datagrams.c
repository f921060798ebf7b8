// SPDX-License-Identifier: GPL-2.0
/*
 * tcp_datagrams WAY OWN PEER: datagrams between the library's sockets, over a channel at
 * OWN, and a socket of the kernel's at PEER, in the namespace B. WAY is how the packets go:
 * ring, calls (no memory may be locked), fast (by v0), faults (below another link).
 * Prints what does not fit.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT		5353
#define PEER_PORT	5354
#define TIMEOUT_MS	30000
#define BURST		500	/* datagrams: several times the ring's arena */

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static struct nc_stack *stack;
static union address own, peer;
static int failures;

static void expect(const char *what, long got, long wanted)
{
	if (got == wanted)
		return;
	printf("%s: %ld, not %ld\n", what, got, wanted);
	failures++;
}

static union address address_of(const char *text, int port)
{
	union address a = { };

	if (inet_pton(AF_INET, text, &a.in.sin_addr) == 1)
		a.sa.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &a.in6.sin6_addr) == 1)
		a.sa.sa_family = AF_INET6;
	else
		errx(1, "%s: no address", text);
	a.in.sin_port = htons(port);	/* it lies at the same place in both */
	return a;
}

static int open_link(struct nc_link **link, const char *way)
{
	struct nc_faults none = { .seed = 1 };
	struct rlimit limit = { 0, 0 };
	int ret;

	if (!strcmp(way, "calls") &&
	    (setrlimit(RLIMIT_MEMLOCK, &limit) || setgid(1000) || setuid(1000)))
		err(1, "limits");
	if (!strcmp(way, "fast"))
		return nc_link_channel_fast(link, IPPROTO_UDP, &own.sa, 1500, "v0");
	ret = nc_link_channel(link, IPPROTO_UDP, &own.sa, 1500);
	return ret || strcmp(way, "faults") ? ret : nc_link_fault(link, *link, &none);
}

static void start_stack(const char *way)
{
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	union address address = own;
	int ret = open_link(&config.link, way);

	address.in.sin_port = 0;
	if (own.sa.sa_family == AF_INET)
		config.ipv4 = &address.sa;
	else
		config.ipv6 = &address.sa;
	if (!ret)
		ret = nc_stack_create(&stack, &config);
	if (ret)
		errx(1, "stack: %s", strerror(-ret));
}

/* In the namespace B; the process stays where it is. */
static int socket_in_b(int type, int protocol)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd;
	int there = open("/run/netns/B", O_RDONLY | O_CLOEXEC);

	if (setns(there, CLONE_NEWNET))
		err(1, "B");
	fd = socket(peer.sa.sa_family, type, protocol);
	if (setns(here, CLONE_NEWNET))
		err(1, "A");
	close(here);
	close(there);
	if (fd < 0)
		err(1, "a socket in B");
	return fd;
}

static int kernel_socket(void)
{
	struct timeval timeout = { .tv_sec = TIMEOUT_MS / 1000 };
	int rx_bytes = 4 << 20;		/* for a burst that arrives at once */
	int fd = socket_in_b(SOCK_DGRAM, 0);

	if (bind(fd, &peer.sa, sizeof(peer)) || connect(fd, &own.sa, sizeof(own)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rx_bytes, sizeof(rx_bytes)))
		err(1, "the kernel's socket");
	return fd;
}

static void refused(void)
{
	union address other = own;
	int fd = nc_socket(stack, own.sa.sa_family, SOCK_DGRAM, 0);

	expect("a socket of TCP", nc_socket(stack, own.sa.sa_family, SOCK_STREAM, 0),
	       -EPROTONOSUPPORT);
	other.in.sin_port = htons(PORT + 1);
	expect("another port", nc_bind(fd, &other.sa, sizeof(other)), -EADDRINUSE);
	expect("too long", nc_sendto(fd, "", 65530, 0, &peer.sa, sizeof(peer)), -EMSGSIZE);
	expect("a socket with the port", nc_close(fd), 0);
}

static void both_ways(int fd, int kernel)
{
	static const int sizes[] = { 0, 1, 22, 1400 };
	unsigned char out[1400], in[2000];
	union address from = { };
	socklen_t from_bytes = sizeof(from);

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 7 + i / 256;
	for (int i = 0; i < 4; i++) {
		expect("nc_sendto", nc_sendto(fd, out, sizes[i], 0, &peer.sa, sizeof(peer)),
		       sizes[i]);
		expect("recv", recv(kernel, in, sizeof(in), 0), sizes[i]);
		expect("the same bytes", memcmp(in, out, sizes[i]), 0);
		expect("send", send(kernel, out, sizes[i], 0), sizes[i]);
		memset(in, 0, sizeof(in));
		expect("nc_recvfrom", nc_recvfrom(fd, in, sizeof(in), 0, &from.sa, &from_bytes),
		       sizes[i]);
		expect("the same bytes back", memcmp(in, out, sizes[i]), 0);
		expect("from whom", memcmp(&from, &peer, from_bytes), 0);
	}
}

/*
 * Longer than the MTU: over IPv4 the channel cuts it, over IPv6 it may not; what comes in
 * fragments is whole. Where none may be cut, as of the kernel's own socket.
 */
static void longer_than_the_mtu(int fd, int kernel)
{
	static const int sizes[] = { 1473, 8000, 65507 };
	int v4 = own.sa.sa_family == AF_INET, discover = IP_PMTUDISC_DO, want = IP_PMTUDISC_WANT;
	static unsigned char out[65507], in[65536];

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 7 + i / 256;
	for (int i = 0; i < 3; i++) {
		expect("nc_sendto, longer than the MTU",
		       nc_sendto(fd, out, sizes[i], 0, &peer.sa, sizeof(peer)),
		       v4 ? sizes[i] : -EMSGSIZE);
		if (v4) {
			expect("recv", recv(kernel, in, sizeof(in), 0), sizes[i]);
			expect("the same bytes", memcmp(in, out, sizes[i]), 0);
		}
		expect("send in fragments", send(kernel, out, sizes[i], 0), sizes[i]);
		expect("nc_recv", nc_recv(fd, in, sizeof(in), 0), sizes[i]);
		expect("the same bytes back", memcmp(in, out, sizes[i]), 0);
	}
	if (!v4)
		return;
	expect("IP_MTU_DISCOVER", nc_setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, 4), 0);
	expect("not to be cut", nc_sendto(fd, out, 1473, 0, &peer.sa, sizeof(peer)), -EMSGSIZE);
	expect("as it was", nc_setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &want, 4), 0);
}

/* Who wants it so, has a super-frame of the ring's whole, and is told of its datagrams. */
static void whole(int fd, int kernel, const char *out, size_t size)
{
	union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control;
	char in[4096];
	struct iovec iov = { in, sizeof(in) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int on = 1, off = 0;

	expect("UDP_GRO", nc_setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof(on)), 0);
	expect("another super-frame", send(kernel, out, size, 0), size);
	expect("all of it", nc_recvmsg(fd, &m, 0), size);
	expect("the same bytes", memcmp(in, out, size), 0);
	expect("a control message", m.msg_controllen, sizeof(control));
	expect("of this kind", control.header.cmsg_type, UDP_GRO);
	expect("a datagram's size", *(int *)CMSG_DATA(&control.header), 100);
	nc_setsockopt(fd, SOL_UDP, UDP_GRO, &off, sizeof(off));
}

/* A sender's super-frame: its datagrams come one by one, the last is shorter. */
static void joined(int fd, int kernel, bool shares)
{
	int segment_bytes = 100;
	char out[2050], in[2050];

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i / 100;
	if (setsockopt(kernel, SOL_UDP, UDP_SEGMENT, &segment_bytes, sizeof(segment_bytes)))
		err(1, "UDP_SEGMENT");
	expect("a super-frame", send(kernel, out, sizeof(out), 0), sizeof(out));
	for (int i = 0; i < 21; i++) {
		expect("one of it", nc_recv(fd, in, sizeof(in), 0), i < 20 ? 100 : 50);
		expect("which is the next", in[0], i);
	}
	expect("no more of it", nc_recv(fd, in, sizeof(in), MSG_DONTWAIT), -EAGAIN);
	if (shares)
		whole(fd, kernel, out, sizeof(out));
	segment_bytes = 0;
	setsockopt(kernel, SOL_UDP, UDP_SEGMENT, &segment_bytes, sizeof(segment_bytes));
}

/* Bytes behind UDP's length are no part of a datagram, and no fault of it: RFC 9868. */
static void bytes_behind(int fd, int raw)
{
	struct {
		struct udphdr header;
		char data[9];
	} packet = {
		.header = {
			.source = htons(PEER_PORT), .dest = htons(PORT),
			.len = htons(sizeof(struct udphdr) + 5),	/* no checksum */
		},
		.data = "hello????",
	};
	union address to = own;
	char in[16];

	to.in.sin_port = 0;
	expect("send more", sendto(raw, &packet, sizeof(packet), 0, &to.sa, sizeof(to)),
	       sizeof(packet));
	expect("what UDP's length says", nc_recv(fd, in, sizeof(in), 0), 5);
	expect("that", memcmp(in, "hello", 5), 0);
}

/* The report of the peer's kernel, who has no such port: as much of the datagram as it quotes. */
static void expect_report(int fd)
{
	union { struct cmsghdr header; char bytes[CMSG_SPACE(64)]; } control;
	char in[16];
	struct iovec iov = { in, sizeof(in) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	const struct sock_extended_err *e = (void *)CMSG_DATA(&control.header);

	expect("a report", nc_recvmsg(fd, &m, MSG_ERRQUEUE), 4);
	expect("of this", memcmp(in, "lost", 4), 0);
	expect("with what was said", m.msg_controllen > CMSG_LEN(sizeof(*e)), 1);
	expect("that nobody has the port", e->ee_errno, ECONNREFUSED);
	expect("no other", nc_recvmsg(fd, &m, MSG_ERRQUEUE), -EAGAIN);
}

/* What ICMP says of datagrams: to the socket whose they are, connected or not. */
static void refused_by_peer(int fd)
{
	union address closed = peer, none = { .sa.sa_family = AF_UNSPEC };
	bool ipv6 = own.sa.sa_family == AF_INET6;
	int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, name = ipv6 ? IPV6_RECVERR : IP_RECVERR;
	struct timeval timeout = { .tv_sec = TIMEOUT_MS / 1000 };
	int on = 1, off = 0;
	char byte;

	closed.in.sin_port = htons(PEER_PORT + 1);
	expect("SO_RCVTIMEO", nc_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
					    sizeof(timeout)), 0);
	expect("nc_connect", nc_connect(fd, &closed.sa, sizeof(closed)), 0);
	expect("nc_send", nc_send(fd, "lost", 4, 0), 4);
	expect("the connected hear", nc_recv(fd, &byte, 1, 0), -ECONNREFUSED);
	expect("of no port", nc_connect(fd, &none.sa, sizeof(none)), 0);
	expect("RECVERR", nc_setsockopt(fd, level, name, &on, sizeof(on)), 0);
	expect("nc_sendto", nc_sendto(fd, "lost", 4, 0, &closed.sa, sizeof(closed)), 4);
	expect("who asks hears", nc_recv(fd, &byte, 1, 0), -ECONNREFUSED);
	expect_report(fd);
	expect("no RECVERR", nc_setsockopt(fd, level, name, &off, sizeof(off)), 0);
}

/* A neighbour that never answers, and has what is sent to it wait. */
static union address silent(void)
{
	return address_of(own.sa.sa_family == AF_INET ? "10.0.0.77" : "fd00::77", PEER_PORT);
}

/*
 * From one byte to the next, the kernel gives that neighbour up, again and again, as a ring
 * sends what was behind. By a process that keeps its privileges.
 */
static int start_helper(void)
{
	const char *command = own.sa.sa_family == AF_INET ?
		"/usr/bin/ip neigh del 10.0.0.77 dev v0 2>/dev/null" :
		"/usr/bin/ip neigh del fd00::77 dev v0 2>/dev/null";
	struct pollfd p = { .events = POLLIN };
	int ends[2];
	char byte;

	if (pipe(ends))
		err(1, "pipe");
	if (fork()) {
		close(ends[0]);
		return ends[1];
	}
	close(ends[1]);
	p.fd = ends[0];
	while (read(ends[0], &byte, 1) == 1) {
		do {
			if (system(command) < 0)
				err(1, "%s", command);
		} while (!poll(&p, 1, 10));
		if (read(ends[0], &byte, 1) != 1)
			break;
	}
	_exit(0);
}

/* It begins, or ends. */
static void turn(int helper)
{
	if (write(helper, "", 1) != 1)
		err(1, "helper");
}

/* What a call has sent is not lost, nor does one say so that has no room for it. */
static void without_room(int fd, int kernel, int helper)
{
	union address to = silent();
	struct timeval timeout = { .tv_usec = 30000 }, none = { };
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	char bytes[1400] = "";
	int sent = 0;
	ssize_t ret;

	while ((ret = nc_sendto(fd, bytes, sizeof(bytes), MSG_DONTWAIT, &to.sa, sizeof(to))) > 0)
		sent++;
	expect("no room", ret, -EAGAIN);
	expect("after some", sent > 10, 1);
	expect("not writable", nc_poll(&p, 1, 0), 0);
	nc_setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	expect("none for 30 ms", nc_sendto(fd, bytes, sizeof(bytes), 0, &peer.sa, sizeof(peer)),
	       -EAGAIN);
	nc_setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none));
	turn(helper);
	expect("a wait", nc_sendto(fd, bytes, sizeof(bytes), 0, &peer.sa, sizeof(peer)),
	       sizeof(bytes));
	expect("for what arrives", recv(kernel, bytes, sizeof(bytes), 0), sizeof(bytes));
	expect("writable again", nc_poll(&p, 1, TIMEOUT_MS), 1);
	turn(helper);
}

/* What the kernel itself reports, in the stack's own name; it may keep some back. */
static void unreachable(int fd, int helper)
{
	bool ipv6 = own.sa.sa_family == AF_INET6;
	int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, name = ipv6 ? IPV6_RECVERR : IP_RECVERR;
	struct timeval soon = { .tv_usec = 100000 }, late = { .tv_sec = TIMEOUT_MS / 1000 };
	union address to = silent();
	int on = 1, off = 0, error;
	socklen_t size = sizeof(error);
	ssize_t ret = 0;
	char byte;

	nc_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
	nc_setsockopt(fd, level, name, &on, sizeof(on));
	turn(helper);
	for (int i = 0; i < 600 && ret != -EHOSTUNREACH; i++) {
		ret = nc_sendto(fd, "x", 1, 0, &to.sa, sizeof(to));
		if (ret == 1)
			ret = nc_recv(fd, &byte, 1, 0);
	}
	expect("nobody is there", ret, -EHOSTUNREACH);
	turn(helper);
	nc_setsockopt(fd, level, name, &off, sizeof(off));
	nc_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);	/* of one that came last */
	nc_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &late, sizeof(late));
}

/* Without a call: the stack's own thread makes the socket ready. */
static void ready(int fd, int kernel)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;

	expect("nothing is there", nc_poll(&p, 1, 0), 0);
	expect("send", send(kernel, "x", 1, 0), 1);
	expect("something is there", nc_poll(&p, 1, TIMEOUT_MS), 1);
	expect("nc_recv", nc_recv(fd, &byte, 1, 0), 1);
	expect("nothing is there again", nc_poll(&p, 1, 0), 0);
}

/* Who waits loses none for want of room in the link, however fast he is. */
static void burst(int fd, int kernel)
{
	static char bytes[1400];
	int sent = 0, received = 0;

	expect("nc_connect", nc_connect(fd, &peer.sa, sizeof(peer)), 0);
	while (sent < BURST && nc_send(fd, bytes, sizeof(bytes), 0) == sizeof(bytes)) {
		sent++;
		while (recv(kernel, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			received++;
	}
	expect("sent", sent, BURST);
	while (received < sent && recv(kernel, bytes, sizeof(bytes), 0) > 0)
		received++;
	expect("received", received, sent);
}

int main(int argc, char **argv)
{
	int fd, kernel, raw = -1, helper;

	if (argc != 4)
		errx(2, "usage: tcp_datagrams WAY OWN PEER");
	setvbuf(stdout, NULL, _IOLBF, 0);
	own = address_of(argv[2], PORT);
	peer = address_of(argv[3], PEER_PORT);
	kernel = kernel_socket();
	if (own.sa.sa_family == AF_INET)	/* of IPv6, a checksum has to be */
		raw = socket_in_b(SOCK_RAW, IPPROTO_UDP);
	helper = start_helper();
	start_stack(argv[1]);
	refused();
	fd = nc_socket(stack, own.sa.sa_family, SOCK_DGRAM, 0);
	expect("nc_bind", nc_bind(fd, &own.sa, sizeof(own)), 0);
	both_ways(fd, kernel);
	longer_than_the_mtu(fd, kernel);
	joined(fd, kernel, !strcmp(argv[1], "ring") || !strcmp(argv[1], "fast"));
	if (raw >= 0)
		bytes_behind(fd, raw);
	refused_by_peer(fd);
	/* to the link it is the same by v0, and of IPv6 */
	if (own.sa.sa_family == AF_INET && strcmp(argv[1], "fast"))
		without_room(fd, kernel, helper);
	if (!strcmp(argv[1], "ring"))
		unreachable(fd, helper);
	ready(fd, kernel);
	burst(fd, kernel);
	expect("nc_close", nc_close(fd), 0);
	expect("destroy", nc_stack_destroy(stack), 0);
	fd = socket(own.sa.sa_family, SOCK_DGRAM, 0);
	expect("the port is free", bind(fd, &own.sa, sizeof(own)), 0);
	close(helper);
	wait(NULL);
	return failures != 0;
}
