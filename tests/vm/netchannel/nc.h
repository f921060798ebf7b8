/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the test programs of this folder: two network namespaces joined by a
 * veth pair, channels by the bare interface, plain sockets, and a capture.
 *
 *	namespace A, device v0, 10.0.0.1, fd00::1	the channel's side
 *	namespace B, device v1, 10.0.0.2, fd00::2	the peer's, and the capture's
 */
#ifndef TESTS_NETCHANNEL_NC_H
#define TESTS_NETCHANNEL_NC_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netchannel.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../count.h"

#define UNUSED __attribute__((unused))

#define ADDR_A "10.0.0.1"
#define ADDR_B "10.0.0.2"
#define LOOPBACK "127.0.0.1"
#define ADDR6_A "fd00::1"
#define ADDR6_B "fd00::2"

/* Ends the test unless `good`; says what was seen either way. */
static UNUSED void check(bool good, const char *format, ...)
{
	va_list args;

	printf(good ? "ok: " : "FAIL: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	if (!good)
		exit(1);
}

/* The errno of a call that must fail with it. */
static UNUSED void check_errno(long ret, int wanted, const char *what)
{
	int got = ret < 0 ? errno : 0;

	check(got == wanted, "%s: %s%s%s", what, strerrorname_np(got),
	      got == wanted ? "" : ", wanted ",
	      got == wanted ? "" : strerrorname_np(wanted));
}

static UNUSED int must(long ret, const char *what)
{
	if (ret < 0)
		check(false, "%s: %s", what, strerror(errno));
	return ret;
}

static UNUSED void run(const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		check(false, "command failed: %s", command);
}

static UNUSED void write_file(const char *path, const char *text)
{
	int fd = must(open(path, O_WRONLY), path);

	must(write(fd, text, strlen(text)), path);
	close(fd);
}

static UNUSED double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Namespaces. */

static UNUSED int own_ns(void)
{
	return must(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "own namespace");
}

static UNUSED void enter(int ns)
{
	must(setns(ns, CLONE_NEWNET), "setns");
}

/* The caller stays where it is. */
static UNUSED int new_ns(void)
{
	int old = own_ns(), ns;

	must(unshare(CLONE_NEWNET), "unshare");
	ns = own_ns();
	run("/usr/bin/ip link set lo up");
	write_file("/proc/sys/net/ipv4/icmp_ratelimit", "0");
	write_file("/proc/sys/net/ipv6/icmp/ratelimit", "0");
	enter(old);
	close(old);
	return ns;
}

struct bed {
	int a, b;
};

/* Of a device without carrier the kernel sends nothing; it learns of it by a worker. */
static UNUSED bool has_carrier(const char *device)
{
	struct {
		struct nlmsghdr nl;
		struct ifinfomsg info;
	} ask = {
		.nl = { .nlmsg_len = sizeof(ask), .nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST },
		.info = { .ifi_index = if_nametoindex(device) },
	};
	int fd = must(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "rtnetlink");
	static char answer[16384];
	struct rtattr *attr = IFLA_RTA(NLMSG_DATA((struct nlmsghdr *)answer));
	bool up = false;
	int len;

	must(send(fd, &ask, sizeof(ask), 0), "RTM_GETLINK");
	len = must(recv(fd, answer, sizeof(answer), 0), "RTM_GETLINK");
	close(fd);
	for (len -= NLMSG_LENGTH(sizeof(ask.info)); RTA_OK(attr, len); attr = RTA_NEXT(attr, len))
		if (attr->rta_type == IFLA_OPERSTATE)
			up = *(uint8_t *)RTA_DATA(attr) == 6;	/* IF_OPER_UP */
	return up;
}

/* So is an address of IPv6 given to the device: packets to it are refused until then. */
static UNUSED bool is_local6(const char *addr)
{
	FILE *f = fopen("/proc/thread-self/net/ipv6_route", "r");
	char line[256], wanted[40];
	bool found = false;
	uint8_t a[16];
	int i;

	inet_pton(AF_INET6, addr, a);
	for (i = 0; i < 16; i++)
		sprintf(wanted + 2 * i, "%02x", a[i]);
	strcat(wanted, " 80 ");		/* the route to this address alone */
	while (f && fgets(line, sizeof(line), f))
		found |= !strncmp(line, wanted, strlen(wanted));
	if (f)
		fclose(f);
	return found;
}

static UNUSED void wait_usable(const char *device, const char *addr6)
{
	double limit = now() + 20;

	while (!(has_carrier(device) && is_local6(addr6))) {
		if (now() > limit)
			check(false, "%s with %s is not usable", device, addr6);
		usleep(1000);
	}
}

/* Leaves the caller in namespace A. */
static UNUSED struct bed new_bed(void)
{
	struct bed bed = { .a = new_ns(), .b = new_ns() };

	enter(bed.a);
	run("/usr/bin/ip link add v0 address 02:00:00:00:00:01 type veth "
	    "peer name v1 address 02:00:00:00:00:02 netns /proc/%d/fd/%d",
	    getpid(), bed.b);
	run("/usr/bin/ip addr add " ADDR_A "/24 dev v0 && "
	    "/usr/bin/ip addr add " ADDR6_A "/64 dev v0 nodad && /usr/bin/ip link set v0 up");
	enter(bed.b);
	run("/usr/bin/ip addr add " ADDR_B "/24 dev v1 && "
	    "/usr/bin/ip addr add " ADDR6_B "/64 dev v1 nodad && /usr/bin/ip link set v1 up");
	wait_usable("v1", ADDR6_B);
	enter(bed.a);
	wait_usable("v0", ADDR6_A);
	return bed;
}

/* Addresses. */

union sock_addr {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static UNUSED int family_of(const char *addr)
{
	return strchr(addr, ':') ? AF_INET6 : AF_INET;
}

static UNUSED union sock_addr sock_addr(const char *addr, int port)
{
	union sock_addr a = { .any.sa_family = family_of(addr) };

	if (a.any.sa_family == AF_INET) {
		a.in.sin_port = htons(port);
		inet_pton(AF_INET, addr, &a.in.sin_addr);
	} else {
		a.in6.sin6_port = htons(port);
		inet_pton(AF_INET6, addr, &a.in6.sin6_addr);
	}
	return a;
}

/* addr NULL: none. */
static UNUSED struct netchannel_addr nc_addr(const char *addr, int port)
{
	struct netchannel_addr a = { };

	if (!addr)
		return a;
	a.family = family_of(addr);
	a.port = htons(port);
	inet_pton(a.family, addr, a.addr);
	return a;
}

/* Channels. */

static UNUSED int open_device(void)
{
	return must(open("/dev/netchannel", O_RDWR | O_CLOEXEC), "/dev/netchannel");
}

static UNUSED struct netchannel_create create_args(const char *local, int local_port,
						   const char *remote, int remote_port)
{
	return (struct netchannel_create){
		.size = sizeof(struct netchannel_create),
		.type = NETCHANNEL_TYPE_COPY,
		.format = NETCHANNEL_FORMAT_PAYLOAD,
		.protocol = IPPROTO_UDP,
		.local = nc_addr(local, local_port),
		.remote = nc_addr(remote, remote_port),
	};
}

static UNUSED struct netchannel_create tcp_args(const char *local, int local_port,
						const char *remote, int remote_port)
{
	struct netchannel_create args = create_args(local, local_port, remote, remote_port);

	args.format = NETCHANNEL_FORMAT_PACKET;
	args.protocol = IPPROTO_TCP;
	return args;
}

/* -1 and errno when refused. */
static UNUSED int try_channel(struct netchannel_create *args)
{
	int fd = open_device();
	int err;

	if (!ioctl(fd, NETCHANNEL_CREATE, args))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static UNUSED int try_simple(const char *local, int local_port,
			     const char *remote, int remote_port)
{
	struct netchannel_create args = create_args(local, local_port, remote, remote_port);

	return try_channel(&args);
}

static UNUSED int channel(const char *local, int local_port,
			  const char *remote, int remote_port)
{
	return must(try_simple(local, local_port, remote, remote_port), "CREATE");
}

static UNUSED int channel_of(struct netchannel_create args)
{
	return must(try_channel(&args), "CREATE");
}

static UNUSED int nc_send(int fd, const void *buf, size_t len, uint32_t flags)
{
	struct netchannel_send args = {
		.size = sizeof(args), .flags = flags,
		.buf = (uintptr_t)buf, .len = len,
	};

	return ioctl(fd, NETCHANNEL_SEND, &args);
}

static UNUSED int nc_send_to(int fd, const void *buf, size_t len,
			     const char *addr, int port)
{
	struct netchannel_send args = {
		.size = sizeof(args), .buf = (uintptr_t)buf, .len = len,
		.remote = nc_addr(addr, port),
	};

	return ioctl(fd, NETCHANNEL_SEND, &args);
}

/* Fills in *args; returns the packet's length or -1. */
static UNUSED int nc_recv(int fd, void *buf, size_t len, uint32_t flags,
			  uint64_t timeout_ns, struct netchannel_recv *args)
{
	struct netchannel_recv local;

	args = args ?: &local;
	*args = (struct netchannel_recv){
		.size = sizeof(*args), .flags = flags,
		.buf = (uintptr_t)buf, .buf_len = len, .timeout_ns = timeout_ns,
	};
	return ioctl(fd, NETCHANNEL_RECV, args) ? -1 : (int)args->len;
}

#define SECOND 1000000000ULL

/* One packet within five seconds, which must be this. */
static UNUSED void expect(int fd, const void *wanted, size_t len, const char *what)
{
	char buf[70000];
	int got = nc_recv(fd, buf, sizeof(buf), 0, 30 * SECOND, NULL);

	check(got == (int)len && !memcmp(buf, wanted, len), "%s (%d bytes)", what, got);
}

static UNUSED void expect_nothing(int fd, const char *what)
{
	char c;

	check_errno(nc_recv(fd, &c, 1, 0, SECOND / 10, NULL), ETIMEDOUT, what);
}

static UNUSED struct netchannel_stats stats_of(int fd)
{
	struct netchannel_stats s = { .size = sizeof(s) };

	must(ioctl(fd, NETCHANNEL_STATS, &s), "STATS");
	return s;
}

static UNUSED uint64_t dropped(const struct netchannel_stats *s)
{
	return s->rx_dropped_full + s->rx_dropped_malformed +
	       s->rx_dropped_checksum + s->rx_dropped_policy;
}

/*
 * STATS when so many have been received or dropped, in all: the kernel's side of a
 * send may be done later, and by another CPU.
 */
static UNUSED struct netchannel_stats stats_at(int fd, uint64_t arrived)
{
	double limit = now() + 30;
	struct netchannel_stats s = stats_of(fd);

	while (s.rx_packets + dropped(&s) < arrived && now() < limit) {
		usleep(1000);
		s = stats_of(fd);
	}
	return s;
}

/* Until `count` messages of ICMP have arrived; more would be wrong. */
static UNUSED void wait_errors(int fd, uint64_t count)
{
	double limit = now() + 30;

	while (stats_of(fd).icmp_errors < count && now() < limit)
		usleep(1000);
	if (stats_of(fd).icmp_errors != count)
		check(false, "%d errors counted, %d wanted", (int)stats_of(fd).icmp_errors,
		      (int)count);
}

/* The path's MTU as INFO tells it. */
static UNUSED uint32_t mtu_of(int fd)
{
	struct netchannel_info info = { .size = sizeof(info) };

	must(ioctl(fd, NETCHANNEL_INFO, &info), "INFO");
	return info.mtu;
}

/* The kernel takes an MTU from a message after the channel has been told of that. */
static UNUSED void expect_mtu(int fd, uint32_t mtu, const char *what)
{
	double limit = now() + 30;

	while (mtu_of(fd) != mtu && now() < limit)
		usleep(1000);
	check(mtu_of(fd) == mtu, "%s (%u)", what, mtu_of(fd));
}

/* Until a process sleeps in this system call. */
static UNUSED void wait_in_call(pid_t pid, long number)
{
	double limit = now() + 20;
	char path[64], text[64];
	long in_call;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	do {
		usleep(1000);
		in_call = -1;
		f = fopen(path, "r");
		/* one that runs has the word "running" there */
		if (f && (!fgets(text, sizeof(text), f) || sscanf(text, "%ld", &in_call) != 1))
			in_call = -1;
		if (f)
			fclose(f);
	} while (in_call != number && now() < limit);
	if (in_call != number)
		check(false, "process %d does not wait in call %ld", pid, number);
}

/* Sockets; a receive on them gives up after five seconds. */

/* type: SOCK_DGRAM or SOCK_STREAM */
static UNUSED int try_socket_of(int type, const char *local, int port)
{
	union sock_addr a = sock_addr(local, port);
	struct timeval limit = { .tv_sec = 30 };
	int fd = must(socket(family_of(local), type | SOCK_CLOEXEC, 0), "socket"), on = 1;
	int err;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (type == SOCK_STREAM)	/* what is in TIME-WAIT does not count */
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!bind(fd, &a.any, sizeof(a)))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static UNUSED int try_socket(const char *local, int port)
{
	return try_socket_of(SOCK_DGRAM, local, port);
}

/* What SO_ERROR tells of a socket; where there is to be an error, when it is there. */
static UNUSED int socket_error(int fd, bool wanted)
{
	struct pollfd p = { .fd = fd };
	socklen_t len = sizeof(int);
	int err;

	poll(&p, 1, wanted ? 30000 : 2);
	must(getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len), "SO_ERROR");
	return err;
}

static UNUSED int udp_socket(const char *local, int port,
			     const char *remote, int remote_port)
{
	int fd = must(try_socket(local, port), "bind");
	union sock_addr a;

	if (remote) {
		a = sock_addr(remote, remote_port);
		must(connect(fd, &a.any, sizeof(a)), "connect");
	}
	return fd;
}

static UNUSED int send_to(int fd, const void *buf, size_t len,
			  const char *addr, int port)
{
	union sock_addr a = sock_addr(addr, port);

	return sendto(fd, buf, len, 0, &a.any,
		      a.any.sa_family == AF_INET ? sizeof(a.in) : sizeof(a.in6));
}

static UNUSED void expect_socket(int fd, const void *wanted, size_t len, const char *what)
{
	char buf[70000];
	int got = recv(fd, buf, sizeof(buf), 0);

	check(got == (int)len && !memcmp(buf, wanted, len), "%s (%d bytes)", what, got);
}

/* Captures: all IPv4 packets that a device sends and receives. */

struct captured {
	bool outgoing;
	struct iphdr ip;
	struct icmphdr icmp;	/* protocol ICMP */
	struct udphdr udp;	/* protocol UDP */
	struct tcphdr tcp;	/* protocol TCP */
};

static UNUSED int start_capture(const char *device)
{
	struct sockaddr_ll a = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(device),
	};
	int big = 64 << 20;
	int fd = must(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "AF_PACKET");

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	must(bind(fd, (struct sockaddr *)&a, sizeof(a)), "bind AF_PACKET");
	return fd;
}

/* The next captured IPv4 packet; false when none comes for a while. */
static UNUSED bool next_captured(int fd, struct captured *c, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	unsigned char buf[256];
	struct sockaddr_ll from;
	socklen_t size;
	ssize_t n;

	while (poll(&p, 1, wait_ms) > 0) {
		size = sizeof(from);
		n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &size);
		if (n < 20 || from.sll_protocol != htons(ETH_P_IP))
			continue;
		memcpy(&c->ip, buf, sizeof(c->ip));
		memcpy(&c->udp, buf + c->ip.ihl * 4, sizeof(c->udp));
		memcpy(&c->icmp, buf + c->ip.ihl * 4, sizeof(c->icmp));
		memcpy(&c->tcp, buf + c->ip.ihl * 4, sizeof(c->tcp));
		c->outgoing = from.sll_pkttype == PACKET_OUTGOING;
		return true;
	}
	return false;
}

/* Is it from A's port to B's, or back? */
static UNUSED bool is_of_flow(const struct captured *c, int protocol, int port_a, int port_b)
{
	uint32_t a = inet_addr(ADDR_A), b = inet_addr(ADDR_B);
	/* TCP has its ports where UDP has them */
	int from = ntohs(c->udp.source), to = ntohs(c->udp.dest);

	return c->ip.protocol == protocol &&
	       ((c->ip.saddr == a && c->ip.daddr == b && from == port_a && to == port_b) ||
		(c->ip.saddr == b && c->ip.daddr == a && from == port_b && to == port_a));
}

struct tally {
	int udp_in, udp_out;	/* as the capturing device sees it */
	int unreachable;	/* ICMP port unreachable */
	int foreign;		/* anything else: other addresses, ports, protocols */
};

/*
 * What was captured: so many packets, which may be late, and what comes after them until
 * none does for quiet_ms. Ports belong to ADDR_A and ADDR_B.
 */
static UNUSED struct tally tally_until_quiet(int fd, int port_a, int port_b, int wanted,
					     int quiet_ms)
{
	struct tally t = { };
	struct captured c;

	while (next_captured(fd, &c, wanted-- > 0 ? 30000 : quiet_ms)) {
		if (c.ip.protocol == IPPROTO_ICMP) {
			t.unreachable += c.icmp.type == ICMP_DEST_UNREACH &&
					 c.icmp.code == ICMP_PORT_UNREACH;
			continue;
		}
		if (c.outgoing)
			t.udp_out++;
		else
			t.udp_in++;
		t.foreign += !is_of_flow(&c, IPPROTO_UDP, port_a, port_b);
	}
	return t;
}

static UNUSED struct tally tally(int fd, int port_a, int port_b, int wanted)
{
	return tally_until_quiet(fd, port_a, port_b, wanted, 200);
}

/*
 * N9, while `sent` packets of `count` are: reads from v1's capture what has come of
 * them, and after the last one until nothing comes any more.
 */
struct watch {
	int capture, seen, foreign;
};

static UNUSED void watch_sent(struct watch *w, int protocol, int port_a, int port_b, int sent,
			      int count)
{
	struct captured c;

	while (next_captured(w->capture, &c, sent < count ? 0 : w->seen < count ? 30000 : 200)) {
		if (c.outgoing)		/* what B answers */
			continue;
		w->seen++;
		w->foreign += c.ip.saddr != inet_addr(ADDR_A) ||
			      !is_of_flow(&c, protocol, port_a, port_b);
	}
}

/*
 * On this processor alone, and on all of them again: what is sent in a row comes in a row.
 * (Linux 6.1 leaves packets to ksoftirqd; who goes on on another processor overtakes them.)
 */
static UNUSED void stay_here(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	must(sched_setaffinity(0, sizeof(one), &one), "sched_setaffinity");
}

static UNUSED void go_anywhere(void)
{
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	must(sched_setaffinity(0, sizeof(all), &all), "sched_setaffinity");
}

/* A neighbour that does not answer is asked for ever: what is sent to it stays in flight. */
static UNUSED void never_give_up(void)
{
	write_file("/proc/sys/net/ipv4/neigh/v0/unres_qlen_bytes", "10000000");
	write_file("/proc/sys/net/ipv4/neigh/v0/mcast_solicit", "1000");
}

/* A child gives it up, after so long: what was sent to it is gone. */
static UNUSED void give_up_later(const char *addr, int ms)
{
	char command[100];

	snprintf(command, sizeof(command), "/usr/bin/ip neigh del %s dev v0", addr);
	if (!fork()) {
		usleep(ms * 1000);
		_exit(system(command) != 0);
	}
}

/* Frames by hand, to a device, as an Ethernet peer could send them. */
static UNUSED int raw_socket(void)
{
	return must(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "AF_PACKET");
}

static UNUSED void raw_send(int fd, const char *device, const void *packet, size_t len)
{
	bool ipv6 = *(const uint8_t *)packet >> 4 == 6;
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ipv6 ? ETH_P_IPV6 : ETH_P_IP),
		.sll_ifindex = if_nametoindex(device), .sll_halen = 6,
		.sll_addr = { 2, 0, 0, 0, 0, 1 },	/* v0 */
	};

	must(sendto(fd, packet, len, 0, (struct sockaddr *)&to, sizeof(to)), "raw send");
}

static UNUSED uint32_t sum16(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	if (len & 1)
		sum += p[len - 1] << 8;
	return sum;
}

static UNUSED uint16_t fold16(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The header of an IPv6 packet from B to A with so much behind it. */
static UNUSED void put_header6(uint8_t *p, int protocol, size_t bytes)
{
	memset(p, 0, 40);
	p[0] = 0x60;
	p[4] = bytes >> 8;
	p[5] = bytes & 255;
	p[6] = protocol;
	p[7] = 64;
	inet_pton(AF_INET6, ADDR6_B, p + 8);
	inet_pton(AF_INET6, ADDR6_A, p + 24);
}

/* An IPv4 UDP packet from B to A with right checksums; returns its length. */
static UNUSED size_t make_packet(uint8_t *p, int port_b, int port_a,
				 const void *payload, size_t len)
{
	struct iphdr *ip = (struct iphdr *)p;
	struct udphdr *udp = (struct udphdr *)(ip + 1);
	uint32_t sum;

	memset(p, 0, 28);
	*ip = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.tot_len = htons(28 + len),
		.saddr = inet_addr(ADDR_B), .daddr = inet_addr(ADDR_A),
	};
	ip->check = htons(fold16(sum16(ip, 20, 0)));
	udp->source = htons(port_b);
	udp->dest = htons(port_a);
	udp->len = htons(8 + len);
	memcpy(udp + 1, payload, len);
	sum = sum16(&ip->saddr, 8, IPPROTO_UDP + 8 + len);
	udp->check = htons(fold16(sum16(udp, 8 + len, sum)) ?: 0xffff);
	return 28 + len;
}

/* As make_packet(), over IPv6. */
static UNUSED size_t make_packet6(uint8_t *p, int port_b, int port_a,
				  const void *payload, size_t len)
{
	struct udphdr *udp = (struct udphdr *)(p + 40);

	put_header6(p, IPPROTO_UDP, 8 + len);
	*udp = (struct udphdr){ .source = htons(port_b), .dest = htons(port_a) };
	udp->len = htons(8 + len);
	memcpy(udp + 1, payload, len);
	udp->check = htons(fold16(sum16(udp, 8 + len,
					sum16(p + 8, 32, IPPROTO_UDP + 8 + len))) ?: 0xffff);
	return 48 + len;
}

#endif
