// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation and every access to user memory, within every call, fails
 * once: the errno says so, nothing has changed, and the object still works.
 */
#include "ring.h"
#include "../failnth.h"

#include <linux/filter.h>
#include <sys/epoll.h>
#include <sys/fsuid.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static int sites;
static int home;	/* namespace A */

struct target {
	int ch, peer, other, fresh, path_fd;	/* peer and other: in namespace B */
	unsigned int ifindex;	/* by which a group is joined: to ask for it may fail */
	const char *local, *remote;	/* addresses of the family under test */
	char buf[3000];
	struct netchannel_create create;
	struct netchannel_accept accept;
	struct ring ring, new_ring;
};

struct call {
	const char *name;
	long (*run)(struct target *t);
	/* puts things in order before each run; NULL: nothing to do */
	void (*before)(struct target *t);
	/* what must hold after a failure, and after success */
	void (*after)(struct target *t, bool done);
};

static long do_open(struct target *t)
{
	t->path_fd = open("/dev/netchannel", O_RDWR);
	return t->path_fd;
}

static void close_opened(struct target *t, bool done)
{
	if (done)
		close(t->path_fd);
}

static void open_fresh(struct target *t)
{
	t->fresh = open_device();
	t->create = create_args(t->local, 7500, t->remote, 7501);
}

static void open_fresh_tcp(struct target *t)
{
	t->fresh = open_device();
	t->create = tcp_args(t->local, 7500, t->remote, 7501);
}

static void open_fresh_ring(struct target *t)
{
	t->fresh = open_device();
	t->create = ring_args(t->local, 7500, t->remote, 7501);
	t->create.rx_bytes = 4096;	/* each page is a site */
	t->create.tx_bytes = 4096;
	t->create.tx_slots = 64;
}

static struct sock_filter wants_all[] = { BPF_STMT(BPF_RET | BPF_K, ~0U) };

static void open_fresh_raw(struct target *t)
{
	t->fresh = open_device();
	t->create = create_args(t->local, 0, t->remote, 253);
	t->create.type = NETCHANNEL_TYPE_RAW;
	t->create.protocol = 253;
	t->create.filter = (uintptr_t)wants_all;
	t->create.filter_len = 1;
}

static void open_fresh_in_group(struct target *t)
{
	open_fresh(t);
	t->create.type = NETCHANNEL_TYPE_GROUP;
	t->create.group = t->ring.fd;
}

static void open_fresh_zerocopy(struct target *t)
{
	open_fresh_ring(t);
	t->create.flags = NETCHANNEL_ZEROCOPY;
}

static void open_fresh_shared(struct target *t)
{
	open_fresh(t);
	t->create.remote = nc_addr(NULL, 0);
	t->create.flags = NETCHANNEL_REUSEPORT;
}

/* By a user who has had no channel yet. */
static void open_fresh_of_stranger(struct target *t)
{
	static uid_t uid = 1000;

	setfsuid(++uid);
	open_fresh(t);
}

static void open_fresh_fast(struct target *t)
{
	open_fresh(t);
	t->create.flags = NETCHANNEL_FAST;
	t->create.ifindex = if_nametoindex("v0");
}

static long do_create(struct target *t)
{
	return ioctl(t->fresh, NETCHANNEL_CREATE, &t->create);
}

/* Refused without a trace: the same CREATE succeeds, and the port is free after. */
static void create_again(struct target *t, bool done)
{
	int type = t->create.protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM, sock;

	failnth_arm(0);
	if (!done)
		must(ioctl(t->fresh, NETCHANNEL_CREATE, &t->create), "CREATE after a failure");
	close(t->fresh);
	sock = must(try_socket_of(type, t->local, 7500), "the port after close");
	close(sock);
}

static void open_fresh_apart(struct target *t)
{
	open_fresh(t);
	t->create.flags = NETCHANNEL_APART;
}

static long do_create_apart(struct target *t)
{
	t->path_fd = do_create(t);
	return t->path_fd;
}

static void create_apart_again(struct target *t, bool done)
{
	failnth_arm(0);
	if (!done)
		t->path_fd = must(do_create(t), "CREATE of another after a failure");
	close(t->path_fd);
	create_again(t, true);
}

static void create_again_by_root(struct target *t, bool done)
{
	create_again(t, done);
	setfsuid(0);
}

static long do_unshare(struct target *t)
{
	return unshare(CLONE_NEWNET);
}

/* Who could not have a new namespace works on in the old one. */
static void come_home(struct target *t, bool done)
{
	failnth_arm(0);
	if (!done)
		close(channel(t->local, 7500, t->remote, 7501));
	enter(home);
}

/* The namespace's first. */
static void open_first_of_namespace(struct target *t)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int sock;

	must(unshare(CLONE_NEWNET), "unshare");
	sock = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	must(ioctl(sock, SIOCSIFFLAGS, &lo), "lo up");
	close(sock);
	t->fresh = open_device();
	t->create = create_args(LOOPBACK, 7500, LOOPBACK, 7501);
}

static void create_first_again(struct target *t, bool done)
{
	failnth_arm(0);
	if (!done)
		must(ioctl(t->fresh, NETCHANNEL_CREATE, &t->create), "CREATE after a failure");
	close(t->fresh);
	close(must(try_socket(LOOPBACK, 7500), "the port after close"));
	enter(home);
}

/* The call of 2006, which is of IPv4. */
static long do_control_create(struct target *t)
{
	struct netchannel_control c = {
		.unc.data = { .daddr = inet_addr(ADDR_A), .dport = htons(7520),
			      .proto = IPPROTO_UDP },
		.unc.mask = { .daddr = ~0U, .dport = 0xffff, .proto = 0xff },
		.unc.type = NETCHANNEL_TYPE_COPY, .cmd = NETCHANNEL_CONTROL_CREATE,
	};

	return ioctl(t->fresh, NETCHANNEL_CONTROL, &c);
}

static void control_again(struct target *t, bool done)
{
	failnth_arm(0);
	if (!done)
		must(do_control_create(t), "CONTROL after a failure");
	close(t->fresh);
	close(must(try_socket(ADDR_A, 7520), "the port after close"));
}

/* A packet of the peer's waits in a listener: in place of the channel's queue. */
static void open_fresh_child(struct target *t)
{
	struct netchannel_create args = create_args(t->local, 7600, NULL, 0);

	args.type = NETCHANNEL_TYPE_LISTEN;
	t->fresh = open_device();
	t->path_fd = must(try_channel(&args), "CREATE of a listener");
	t->accept = (struct netchannel_accept){
		.size = sizeof(t->accept), .type = NETCHANNEL_TYPE_COPY, .listener = t->path_fd,
		.timeout_ns = 30 * SECOND,
	};
	must(send_to(t->other, "packet", 6, t->local, 7600), "send");
	while (!stats_of(t->path_fd).rx_packets)
		usleep(1000);
}

static void open_fresh_ring_child(struct target *t)
{
	open_fresh_child(t);
	t->accept.type = NETCHANNEL_TYPE_RING;
	t->accept.rx_bytes = 4096;
	t->accept.tx_bytes = 4096;
	t->accept.tx_slots = 64;
}

static void open_fresh_zerocopy_child(struct target *t)
{
	open_fresh_ring_child(t);
	t->accept.flags = NETCHANNEL_ZEROCOPY;
}

static void open_fresh_group_child(struct target *t)
{
	open_fresh_child(t);
	t->accept.type = NETCHANNEL_TYPE_GROUP;
	t->accept.group = t->ring.fd;
}

static long do_accept(struct target *t)
{
	return ioctl(t->fresh, NETCHANNEL_ACCEPT, &t->accept);
}

/* The packet has waited. */
static void accept_again(struct target *t, bool done)
{
	failnth_arm(0);
	if (!done)
		must(ioctl(t->fresh, NETCHANNEL_ACCEPT, &t->accept), "ACCEPT after a failure");
	if (stats_of(t->fresh).rx_packets != 1)
		check(false, "the child has %lu packets",
		      (unsigned long)stats_of(t->fresh).rx_packets);
	close(t->path_fd);
	close(t->fresh);
	close(must(try_socket(t->local, 7600), "the port after close"));
}

static void open_fresh_member(struct target *t)
{
	t->fresh = channel(family_of(t->local) == AF_INET ? "0.0.0.0" : "::", 7500, NULL, 0);
	t->ifindex = if_nametoindex("v0");
}

static int membership(struct target *t, uint32_t flags)
{
	bool ipv6 = family_of(t->local) == AF_INET6;
	struct netchannel_membership args = {
		.size = sizeof(args), .flags = flags, .ifindex = t->ifindex,
		.group = nc_addr(ipv6 ? "ff0e::1234" : "239.1.2.3", 0),
		.source = nc_addr(t->remote, 0),
	};

	return ioctl(t->fresh, NETCHANNEL_MEMBERSHIP, &args);
}

static long do_join(struct target *t)
{
	return membership(t, 0);
}

/* What failed has left nothing, or no more than a group without the source. */
static void join_again(struct target *t, bool done)
{
	failnth_arm(0);
	if (!done)
		must(membership(t, 0), "MEMBERSHIP after a failure");
	must(membership(t, NETCHANNEL_LEAVE), "MEMBERSHIP, leaving");
	close(t->fresh);
	close(must(try_socket(t->local, 7500), "the port after close"));
}

static long do_send(struct target *t)
{
	return nc_send(t->ch, t->buf, 100, 0);
}

static long do_send_big(struct target *t)
{
	return nc_send(t->ch, t->buf, 3000, 0);
}

static long do_write(struct target *t)
{
	return write(t->ch, t->buf, 100);
}

static long do_sendv(struct target *t)
{
	struct netchannel_send packet = {
		.size = sizeof(packet), .buf = (uintptr_t)t->buf, .len = 100,
	};
	struct netchannel_vector v = {
		.size = sizeof(v), .packets = (uintptr_t)&packet, .count = 1,
	};

	return ioctl(t->ch, NETCHANNEL_SENDV, &v);
}

struct with_packet {
	struct netchannel_control control;
	char packet[100];
};

static long do_control_send(struct target *t)
{
	struct with_packet p = {
		.control = { .cmd = NETCHANNEL_CONTROL_SEND, .len = sizeof(p.packet) },
	};

	return ioctl(t->ch, NETCHANNEL_CONTROL, &p);
}

static void drain_peer(struct target *t, bool done)
{
	while (recv(t->peer, t->buf, sizeof(t->buf), MSG_DONTWAIT) >= 0)
		;
	must(nc_send(t->ch, "works", 5, 0), "SEND after a failure");
	if (recv(t->peer, t->buf, sizeof(t->buf), 0) != 5)
		check(false, "the peer receives after a failure");
}

static void describe_three(struct target *t)
{
	ring_push(&t->ring, 0, 10);
	ring_push(&t->ring, 0, 2000);
	ring_push(&t->ring, 0, 20000);
	ring_publish(&t->ring);
}

static long do_kick(struct target *t)
{
	return ring_kick(&t->ring, 0, 0);
}

/* A packet without memory has its result; a call that failed took none. */
static void finish_three(struct target *t, bool done)
{
	uint32_t i;

	failnth_arm(0);
	if (!done && ring_kick(&t->ring, 0, 0) != 3)
		check(false, "KICK after a failure");
	for (i = t->ring.tx_producer - 3; i != t->ring.tx_producer; i++) {
		int result = ring_slot(&t->ring, i)->result;

		if (result && result != NETCHANNEL_COPIED && result != -ENOBUFS &&
		    result != -ENOMEM)
			check(false, "a descriptor's result: %d", result);
	}
	drain_peer(t, done);
}

/* One of a new ring, which has no chunks yet. */
static void describe_large(struct target *t)
{
	t->new_ring = open_ring(ring_args(t->local, 7510, t->remote, 7003));
	ring_push(&t->new_ring, 0, 40000)->segment_bytes = 1000;
	ring_publish(&t->new_ring);
}

static void describe_large_fast(struct target *t)
{
	struct netchannel_create args = ring_args(t->local, 7510, t->remote, 7003);

	args.flags = NETCHANNEL_FAST;
	args.ifindex = if_nametoindex("v0");
	t->new_ring = open_ring(args);
	ring_push(&t->new_ring, 0, 40000)->segment_bytes = 1000;
	ring_publish(&t->new_ring);
}

static long do_kick_large(struct target *t)
{
	return ring_kick(&t->new_ring, 0, 0);
}

static void finish_large(struct target *t, bool done)
{
	int result;

	failnth_arm(0);
	if (!done && ring_kick(&t->new_ring, 0, 0) != 1)
		check(false, "KICK of a super-frame after a failure");
	result = ring_slot(&t->new_ring, t->new_ring.tx_producer - 1)->result;
	if (result && result != -ENOBUFS && result != -ENOMEM)
		check(false, "the super-frame's result: %d", result);
	close_ring(&t->new_ring);
	while (recv(t->other, t->buf, sizeof(t->buf), MSG_DONTWAIT) >= 0)
		;
}

static long do_map(struct target *t)
{
	void *p = mmap(NULL, t->ring.map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		       t->ring.fd, 0);

	if (p == MAP_FAILED)
		return -1;
	munmap(p, t->ring.map_bytes);
	return 0;
}

static void feed(struct target *t)
{
	struct pollfd p = { .fd = t->ch, .events = POLLIN };

	must(send(t->peer, "packet", 6, 0), "send");
	if (poll(&p, 1, 30000) != 1)
		check(false, "no packet comes");
}

static long do_recv(struct target *t)
{
	return nc_recv(t->ch, t->buf, sizeof(t->buf), 0, SECOND, NULL);
}

static long do_read(struct target *t)
{
	return read(t->ch, t->buf, sizeof(t->buf));
}

static long do_recvv(struct target *t)
{
	struct netchannel_recv packet = {
		.size = sizeof(packet), .buf = (uintptr_t)t->buf, .buf_len = sizeof(t->buf),
	};
	struct netchannel_vector v = {
		.size = sizeof(v), .packets = (uintptr_t)&packet, .count = 1,
		.timeout_ns = SECOND,
	};

	return ioctl(t->ch, NETCHANNEL_RECVV, &v);
}

static long do_control_recv(struct target *t)
{
	struct with_packet p = {
		.control = { .cmd = NETCHANNEL_CONTROL_RECV, .len = sizeof(p.packet) },
	};

	return ioctl(t->ch, NETCHANNEL_CONTROL, &p);
}

static long do_drain(struct target *t)
{
	struct netchannel_drain d = {
		.size = sizeof(d), .flags = NETCHANNEL_DRAIN_RX | NETCHANNEL_DRAIN_TX,
	};

	return ioctl(t->ch, NETCHANNEL_DRAIN, &d);
}

static void drain_channel(struct target *t, bool done)
{
	while (nc_recv(t->ch, t->buf, sizeof(t->buf), NETCHANNEL_DONTWAIT, 0, NULL) >= 0)
		;
}

static long do_info(struct target *t)
{
	struct netchannel_info info = { .size = sizeof(info) };

	return ioctl(t->ch, NETCHANNEL_INFO, &info);
}

static long do_stats(struct target *t)
{
	struct netchannel_stats s = { .size = sizeof(s) };

	return ioctl(t->ch, NETCHANNEL_STATS, &s);
}

static long do_query(struct target *t)
{
	struct netchannel_query q = { .size = sizeof(q) };

	return ioctl(t->ch, NETCHANNEL_QUERY, &q);
}

static long do_readiness(struct target *t)
{
	struct netchannel_readiness r = { .size = sizeof(r), .flags = O_CLOEXEC };

	t->path_fd = ioctl(t->ch, NETCHANNEL_READINESS, &r);
	return t->path_fd;
}

static void open_readiness(struct target *t)
{
	must(do_readiness(t), "READINESS");
}

static long do_ready(struct target *t)
{
	struct netchannel_ready r = { .size = sizeof(r), .events = EPOLLIN };

	return ioctl(t->path_fd, NETCHANNEL_READY, &r);
}

/* It is ready if it was told so, and not before. */
static void close_readiness(struct target *t, bool done)
{
	struct pollfd p = { .fd = t->path_fd, .events = POLLIN };

	failnth_arm(0);
	if (poll(&p, 1, 0) != done)
		check(false, "ready after a failure");
	close(t->path_fd);
}

static long do_multicast(struct target *t)
{
	struct netchannel_multicast m = { .size = sizeof(m), .ttl = 3 };

	return ioctl(t->ch, NETCHANNEL_MULTICAST, &m);
}

static long do_async(struct target *t)
{
	return fcntl(t->ch, F_SETFL, O_RDWR | O_ASYNC);
}

static void no_async(struct target *t, bool done)
{
	failnth_arm(0);
	if (!!(fcntl(t->ch, F_GETFL) & O_ASYNC) != done)
		check(false, "O_ASYNC after a failure");
	must(fcntl(t->ch, F_SETFL, O_RDWR), "F_SETFL");
}

static long do_list(struct target *t)
{
	int fd = open("/proc/thread-self/net/netchannel", O_RDONLY);
	long n;

	if (fd < 0)
		return -1;
	n = read(fd, t->buf, sizeof(t->buf));
	if (n < 0) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	close(fd);
	return n;
}

static const struct call calls[] = {
	{ "open", do_open, NULL, close_opened },
	{ "CREATE of TCP", do_create, open_fresh_tcp, create_again },
	{ "CREATE", do_create, open_fresh, create_again },
	{ "CREATE with APART", do_create_apart, open_fresh_apart, create_apart_again },
	{ "CREATE of a ring", do_create, open_fresh_ring, create_again },
	{ "CREATE of a ring of ZEROCOPY", do_create, open_fresh_zerocopy, create_again },
	{ "CREATE of FAST", do_create, open_fresh_fast, create_again },
	{ "CREATE of RAW", do_create, open_fresh_raw, create_again },
	{ "CREATE in a group", do_create, open_fresh_in_group, create_again },
	{ "CREATE with REUSEPORT", do_create, open_fresh_shared, create_again },
	{ "CREATE by a user's first", do_create, open_fresh_of_stranger, create_again_by_root },
	{ "CREATE by CONTROL", do_control_create, open_fresh, control_again },
	{ "ACCEPT", do_accept, open_fresh_child, accept_again },
	{ "ACCEPT of a ring", do_accept, open_fresh_ring_child, accept_again },
	{ "ACCEPT of a ring of ZEROCOPY", do_accept, open_fresh_zerocopy_child, accept_again },
	{ "ACCEPT into a group", do_accept, open_fresh_group_child, accept_again },
	{ "MEMBERSHIP", do_join, open_fresh_member, join_again },
	{ "KICK", do_kick, describe_three, finish_three },
	{ "KICK of a super-frame", do_kick_large, describe_large, finish_large },
	{ "KICK of a super-frame, FAST", do_kick_large, describe_large_fast, finish_large },
	{ "mmap", do_map, NULL, NULL },
	{ "SEND", do_send, NULL, drain_peer },
	{ "SEND in fragments", do_send_big, NULL, drain_peer },
	{ "write", do_write, NULL, drain_peer },
	{ "SENDV", do_sendv, NULL, drain_peer },
	{ "SEND by CONTROL", do_control_send, NULL, drain_peer },
	{ "RECV", do_recv, feed, drain_channel },
	{ "RECVV", do_recvv, feed, drain_channel },
	{ "read", do_read, feed, drain_channel },
	{ "RECV by CONTROL", do_control_recv, feed, drain_channel },
	{ "DRAIN", do_drain, feed, drain_channel },
	{ "INFO", do_info, NULL, NULL },
	{ "STATS", do_stats, NULL, NULL },
	{ "QUERY", do_query, NULL, NULL },
	{ "READINESS", do_readiness, NULL, close_opened },
	{ "READY", do_ready, open_readiness, close_readiness },
	{ "MULTICAST", do_multicast, NULL, NULL },
	{ "O_ASYNC", do_async, NULL, no_async },
	{ "list", do_list, NULL, NULL },
};

/* They need no address of a family. */
static const struct call calls_of_namespace[] = {
	{ "a namespace", do_unshare, NULL, come_home },
	{ "CREATE, a namespace's first", do_create, open_first_of_namespace, create_first_again },
};

/* Without memory for a port, TCP's bind() says that there is none. */
static bool is_shortage(const struct target *t, int err)
{
	if (err == EADDRINUSE)
		return t->create.protocol == IPPROTO_TCP;
	return err == ENOMEM || err == ENOBUFS || err == ENFILE || err == EFAULT;
}

/* Of the module: where its code begins, and how long it is with all the rest. */
static void find_module(unsigned long *start, unsigned long *bytes)
{
	FILE *f = fopen("/sys/module/netchannel/sections/.text", "r");

	if (!f || fscanf(f, "%lx", start) != 1)
		check(false, "where the module is");
	fclose(f);
	f = fopen("/sys/module/netchannel/coresize", "r");
	if (!f || fscanf(f, "%lu", bytes) != 1)
		check(false, "how large the module is");
	fclose(f);
}

/* Only what the module asks for fails, or those whom it calls; or what anybody does. */
static void only_ours(bool on)
{
	unsigned long start, bytes;

	find_module(&start, &bytes);
	if (!failnth_only_in(on ? start : 0, on ? start + bytes : ~0UL))
		check(false, "whose requests fail");
}

/* A failure may be absorbed: what counts is that no site is left. */
static void fail_each(const struct call *call, struct target *t)
{
	int n, failures = 0, err;
	bool hit;
	long ret;

	/* of a new namespace, what the module asks for is all that is to fail */
	only_ours(call->run == do_unshare);
	for (n = 1; ; n++) {
		if (call->before)
			call->before(t);
		failnth_arm(n);
		ret = call->run(t);
		err = errno;
		hit = failnth_disarm();
		if (ret < 0) {
			failures++;
			if (!hit || !is_shortage(t, err))
				check(false, "%s, site %d: %s", call->name, n, strerror(err));
		}
		if (call->after)
			call->after(t, ret >= 0);
		if (!hit)
			break;
		if (n > 1000)
			check(false, "%s: no end of sites", call->name);
	}
	sites += n - 1;
	check(ret >= 0, "%s: %d sites, %d made it fail", call->name, n - 1, failures);
}

/* Calls are as many sites, over IPv4 and IPv6. */
static void fail_all(const struct bed *bed, const char *local, const char *remote)
{
	struct target t = { .local = local, .remote = remote };
	size_t i;
	int sink;

	t.ch = channel(local, 7000, remote, 7001);
	enter(bed->b);
	t.peer = udp_socket(remote, 7001, local, 7000);
	enter(bed->a);
	t.create = ring_args(local, 7000, remote, 7002);
	t.create.tx_bytes = 32768;
	t.create.flags = t.create.local.family == AF_INET6 ? NETCHANNEL_ZEROCOPY : 0;
	t.ring = open_ring(t.create);
	enter(bed->b);
	sink = udp_socket(remote, 7002, local, 7000);
	t.other = udp_socket(remote, 7003, NULL, 0);
	enter(bed->a);
	must(nc_send(t.ch, "x", 1, 0), "SEND");		/* neighbours are known now */
	expect_socket(t.peer, "x", 1, "before");
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		fail_each(&calls[i], &t);
	close_ring(&t.ring);
	close(sink);
	close(t.other);
	close(t.peer);
	close(t.ch);
}

/* Of the module's requests that cannot wait, so many in a hundred. */
static void fail_some(const char *percent)
{
	only_ours(true);
	write_file("/sys/kernel/debug/failslab/stacktrace-depth", "32");
	write_file("/sys/kernel/debug/failslab/times", "-1");
	write_file("/sys/kernel/debug/failslab/probability", percent);
}

#define FRAMES 150
#define FRAME_SEGMENTS 20

/* To take a super-frame apart needs memory where nobody can wait: each segment is counted. */
static void in_softirq(const struct bed *bed)
{
	int ch = channel(ADDR_A, 7700, ADDR_B, 7001), peer, size = 100, i;
	static char data[FRAME_SEGMENTS * 100];
	struct netchannel_stats s;

	enter(bed->b);
	peer = udp_socket(ADDR_B, 7001, ADDR_A, 7700);
	must(setsockopt(peer, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)), "UDP_SEGMENT");
	enter(bed->a);
	fail_some("3");
	for (i = 0; i < FRAMES; i++)
		must(send(peer, data, sizeof(data), 0), "send of a super-frame");
	s = stats_at(ch, FRAMES * FRAME_SEGMENTS);
	fail_some("0");
	check(s.rx_dropped_malformed && s.rx_packets + dropped(&s) == FRAMES * FRAME_SEGMENTS,
	      "no memory for segments: %d of %d dropped, each counted", (int)dropped(&s),
	      FRAMES * FRAME_SEGMENTS);
	close(peer);
	close(ch);
}

/* From B: nobody has the port to which A has sent a datagram. Returns its length. */
static size_t make_unreachable(uint8_t *p)
{
	uint8_t quoted[64];
	struct iphdr *ip = (struct iphdr *)p;
	struct icmphdr *icmp = (struct icmphdr *)(ip + 1);
	size_t bytes = sizeof(*icmp) + 28;

	/* it is addressed as one from B: here the other way round */
	make_packet(quoted, 7700, 7001, "", 0);
	memcpy(quoted + 12, &(uint32_t){ inet_addr(ADDR_A) }, 4);
	memcpy(quoted + 16, &(uint32_t){ inet_addr(ADDR_B) }, 4);
	make_packet(p, 0, 0, "", bytes - 8);
	ip->protocol = IPPROTO_ICMP;
	ip->check = 0;
	ip->check = htons(fold16(sum16(ip, 20, 0)));
	*icmp = (struct icmphdr){ .type = ICMP_DEST_UNREACH, .code = ICMP_PORT_UNREACH };
	memcpy(icmp + 1, quoted, 28);
	icmp->checksum = htons(fold16(sum16(icmp, bytes, 0)));
	return 20 + bytes;
}

/* Who asks for messages has a clone of each. */
static void told(const struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, 7700, ADDR_B, 7001);
	uint8_t p[100];
	size_t len = make_unreachable(p);
	struct netchannel_stats s;
	int ch, raw, i;

	args.format = NETCHANNEL_FORMAT_PACKET;
	args.flags = NETCHANNEL_MESSAGES;
	args.rx_bytes = 1 << 20;
	ch = channel_of(args);
	enter(bed->b);
	raw = raw_socket();
	fail_some("30");
	for (i = 0; i < FRAMES; i++)
		raw_send(raw, "v1", p, len);
	s = stats_at(ch, FRAMES);
	fail_some("0");
	check(s.rx_dropped_full && s.rx_packets + s.rx_dropped_full == FRAMES,
	      "no memory for messages of ICMP: %d of %d dropped, each counted",
	      (int)s.rx_dropped_full, FRAMES);
	enter(bed->a);
	close(raw);
	close(ch);
}

static void fail_of_namespace(void)
{
	struct target t = { .local = ADDR_A, .remote = ADDR_B };
	size_t i;

	for (i = 0; i < sizeof(calls_of_namespace) / sizeof(*calls_of_namespace); i++)
		fail_each(&calls_of_namespace[i], &t);
}

int main(void)
{
	struct bed bed = new_bed();

	home = bed.a;

	check(failnth_setup(), "the kernel injects failures");
	in_softirq(&bed);
	told(&bed);
	fail_of_namespace();
	fail_all(&bed, ADDR_A, ADDR_B);
	fail_all(&bed, ADDR6_A, ADDR6_B);
	check(sites > 800, "%d sites in all", sites);
	return 0;
}
