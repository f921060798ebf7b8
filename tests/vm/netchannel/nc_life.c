// SPDX-License-Identifier: GPL-2.0
/* Who keeps a channel and its namespace alive, and what their end leaves. */
#include "ring.h"

/* N15: the same tuple in two namespaces. */
static void isolated(void)
{
	struct bed one = new_bed(), two = new_bed();
	int ch1, ch2, s1, s2;

	enter(one.a);
	ch1 = channel(ADDR_A, 7000, ADDR_B, 7001);
	enter(two.a);
	ch2 = channel(ADDR_A, 7000, ADDR_B, 7001);
	enter(one.b);
	s1 = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	enter(two.b);
	s2 = udp_socket(ADDR_B, 7001, ADDR_A, 7000);

	must(send(s1, "one", 3, 0), "send");
	must(send(s2, "second", 6, 0), "send");
	expect(ch1, "one", 3, "namespace 1: its own packet");
	expect(ch2, "second", 6, "namespace 2: its own packet");
	expect_nothing(ch1, "namespace 1: nothing else");
	must(nc_send(ch1, "x", 1, 0), "SEND");
	must(nc_send(ch2, "yy", 2, 0), "SEND");
	expect_socket(s1, "x", 1, "peer 1 has what channel 1 sent");
	expect_socket(s2, "yy", 2, "peer 2 has what channel 2 sent");
	close(ch1);
	close(ch2);
	close(s1);
	close(s2);
	close(one.a);
	close(one.b);
	close(two.a);
	close(two.b);
}

static void pass_fd(int sock, int fd)
{
	char space[CMSG_SPACE(sizeof(int))] = { }, byte = 'f';
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = space, .msg_controllen = sizeof(space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	must(sendmsg(sock, &m, 0), "SCM_RIGHTS");
}

static int receive_fd(int sock)
{
	char space[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = space, .msg_controllen = sizeof(space) };
	int fd;

	must(recvmsg(sock, &m, 0), "recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
	return fd;
}

/* N16, N17, N18 */
static void shared_descriptors(struct bed *bed)
{
	int pair[2], ch, copy, peer, status, elsewhere;
	char buf[8];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	enter(bed->b);
	peer = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	enter(bed->a);
	ch = channel(ADDR_A, 7000, ADDR_B, 7001);
	elsewhere = new_ns();
	if (!fork()) {
		close(ch);
		enter(elsewhere);
		ch = receive_fd(pair[1]);
		expect(ch, "to the heir", 11, "another process, another namespace: receives");
		must(nc_send(ch, "from the heir", 13, 0), "SEND");
		check_errno(try_simple(ADDR_A, 7000, ADDR_B, 7001), EADDRNOTAVAIL,
			    "its own namespace knows no such address");
		exit(0);
	}
	pass_fd(pair[0], ch);
	close(ch);
	must(send(peer, "to the heir", 11, 0), "send");
	expect_socket(peer, "from the heir", 13, "and sends, in the channel's namespace");
	must(wait(&status), "wait");
	check(!status, "heir");
	must(send(peer, "x", 1, 0), "send");
	check_errno(recv(peer, pair, 1, 0), ECONNREFUSED, "the heir's end closed the channel");

	ch = channel(ADDR_A, 7000, ADDR_B, 7001);
	copy = dup(ch);
	close(ch);
	must(send(peer, "dup", 3, 0), "send");
	expect(copy, "dup", 3, "a duplicate carries on");
	stay_here();
	must(send(peer, "one", 3, 0), "send");
	must(send(peer, "other", 5, 0), "send");
	go_anywhere();
	if (!fork()) {
		must(nc_send(copy, "child", 5, 0), "SEND");
		exit(nc_recv(copy, buf, sizeof(buf), 0, 30 * SECOND, NULL));
	}
	must(nc_send(copy, "parent", 6, 0), "SEND");
	must(wait(&status), "wait");
	check(stats_of(copy).tx_packets == 2, "parent and child both sent on it");
	check(WIFEXITED(status) && WEXITSTATUS(status) == 3, "the child received the first of two");
	expect(copy, "other", 5, "the parent the second");
	close(copy);
	close(peer);
	close(elsewhere);
	close(pair[0]);
	close(pair[1]);
}

/* Objects in use of one of the kernel's caches, without what processors keep at hand. */
static long objects_of(const char *cache)
{
	char path[100], line[256], name[64];
	long count = -1, objects;
	FILE *f = fopen("/proc/slabinfo", "r");

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	write_file(path, "1");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %ld", name, &objects) == 2 && !strcmp(name, cache))
			count = objects;
	if (f)
		fclose(f);
	if (count < 0)
		check(false, "the kernel has no cache named %s", cache);
	return count;
}

/* Until there are no more than before, and some; RCU frees when it likes. */
static void wait_freed(const char *cache, long before, long some)
{
	double limit = now() + 30;
	long after;

	do {
		after = objects_of(cache);
	} while (after > before + some && now() < limit && !usleep(10000));
	check(after <= before + some, "%s: %ld in use, then %ld", cache, before, after);
}

/* N19: killed with a full queue; the memory is back and the flow the kernel's. */
static void killed_owner(struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, 7000, ADDR_B, 7001);
	int rounds = 2 + count_of(5, 198), i, round, peer, ready[2];
	long packets = 0, sockets = 0;
	char byte, packet[1000] = "";
	pid_t owner;

	args.rx_bytes = 4 << 20;
	enter(bed->b);
	peer = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	enter(bed->a);
	for (round = 0; round < rounds; round++) {
		int ch = channel_of(args);

		must(pipe(ready), "pipe");
		owner = fork();
		if (!owner) {
			must(write(ready[1], "r", 1), "ready");
			nc_recv(ch, NULL, 0, NETCHANNEL_PEEK, 0, NULL);
			for (;;)
				pause();
		}
		must(read(ready[0], &byte, 1), "ready");
		for (i = 0; i < 1000; i++)
			must(send(peer, packet, sizeof(packet), 0), "send");
		stats_at(ch, 1000);
		close(ch);		/* the child is the only owner now */
		kill(owner, SIGKILL);
		must(waitpid(owner, NULL, 0), "waitpid");
		close(ready[0]);
		close(ready[1]);
		if (round == 1) {
			sleep(1);
			packets = objects_of("skbuff_head_cache");
			sockets = objects_of("sock_inode_cache");
		}
	}
	/* each processor keeps 64 packets that it has freed; (of the debug kernel, kmemleak) */
	wait_freed("skbuff_head_cache", packets, 64 * sysconf(_SC_NPROCESSORS_CONF));
	/* others have sockets, too; of what owners leave there would be one a round */
	wait_freed("sock_inode_cache", sockets, rounds / 2);
	check(true, "%d owners killed with 1000 packets each", rounds - 2);
	must(send(peer, "x", 1, 0), "send");
	check_errno(recv(peer, packet, 1, 0), ECONNREFUSED, "the flow is the kernel's again");
	close(peer);
}

/* To 10.0.0.77, which nobody is yet: they wait for its hardware address. */
#define IN_FLIGHT	20

static void send_by_channel(void)
{
	int ch = channel(ADDR_A, 7000, "10.0.0.77", 7001);
	char i;

	for (i = 0; i < IN_FLIGHT; i++)
		must(nc_send(ch, &i, 1, 0), "SEND");
	close(ch);
}

static void send_by_ring(void)
{
	struct ring r = open_ring(ring_args(ADDR_A, 7000, "10.0.0.77", 7001));
	int i;

	for (i = 0; i < IN_FLIGHT; i++) {
		r.arena[i] = i;
		ring_push(&r, i, 1);
	}
	ring_publish(&r);
	check(ring_kick(&r, 0, 0) == IN_FLIGHT, "KICK");
	memset(r.memory, 0xff, r.map_bytes);	/* what was sent is not here any more */
	close_ring(&r);
}

/* N20: what was sent arrives after its channel, port and ring are gone. */
static void closed_in_flight(struct bed *bed, void (*send_and_close)(void), const char *what)
{
	struct captured c;
	int right = 0, sock, capture;

	send_and_close();
	sock = udp_socket(ADDR_A, 7000, NULL, 0);
	check(true, "%s closed with %d packets in flight: its port is free", what, IN_FLIGHT);
	close(sock);
	enter(bed->b);
	capture = start_capture("v1");
	enter(bed->a);
	run("/usr/bin/ip neigh replace 10.0.0.77 lladdr 02:00:00:00:00:02 dev v0 nud permanent");
	while (right < IN_FLIGHT && next_captured(capture, &c, 30000))
		right += c.ip.saddr == inet_addr(ADDR_A) && c.ip.protocol == IPPROTO_UDP &&
			 c.ip.daddr == inet_addr("10.0.0.77") && ntohs(c.udp.source) == 7000 &&
			 ntohs(c.udp.dest) == 7001 && ntohs(c.udp.len) == 9;
	check(right == IN_FLIGHT, "all of them arrive when somebody takes them (%d)", right);
	run("/usr/bin/ip neigh del 10.0.0.77 dev v0");
	close(capture);
}

/* A device that lives only as long as its namespace does. */
static bool device_exists(const char *name)
{
	return if_nametoindex(name) != 0;
}

static bool gone_soon(const char *name)
{
	int i;

	/* its end waits for RCU, several times */
	for (i = 0; i < 1000 && device_exists(name); i++)
		usleep(50000);
	return !device_exists(name);
}

/*
 * N23: v1 stays in a namespace that nobody keeps but a channel, and dies with
 * it; so does its other end v0, which we watch.
 */
static void deleted_namespace(bool in_flight)
{
	struct bed bed = new_bed();
	int home = bed.a, ch, peer, pair[2];
	char buf[16];

	enter(bed.b);
	ch = channel(ADDR_B, 7001, ADDR_A, 7000);
	if (in_flight) {
		/* the socket is of the namespace too, and holds the channel */
		must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
		pass_fd(pair[0], ch);
		close(ch);
	}
	enter(home);
	close(bed.b);
	peer = udp_socket(ADDR_A, 7000, ADDR_B, 7001);
	usleep(200000);
	check(device_exists("v0"), "the namespace has no other holder, and lives");
	if (in_flight) {
		close(pair[0]);
		close(pair[1]);
		check(gone_soon("v0"), "its sockets closed with a channel in flight: it is gone");
	} else {
		must(send(peer, "still", 5, 0), "send");
		expect(ch, "still", 5, "its channel receives");
		must(nc_send(ch, "there", 5, 0), "SEND");
		check(recv(peer, buf, sizeof(buf), 0) == 5, "and sends");
		close(ch);
		check(gone_soon("v0"), "with the last descriptor it is gone");
	}
	close(peer);
	close(home);
}

/* N22, as far as channels of the default mode know devices. */
static void lost_device(void)
{
	struct bed bed = new_bed();
	int ch = channel(ADDR_A, 7000, ADDR_B, 7001), peer;
	struct pollfd p = { .fd = ch, .events = POLLIN };

	enter(bed.b);
	peer = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	must(send(peer, "queued", 6, 0), "send");
	must(nc_send(ch, "x", 1, 0), "SEND");
	/* the first ARP request may be lost: the next one comes after a second */
	check(poll(&p, 1, 30000) == 1, "a packet is queued, a route is cached");
	run("/usr/bin/ip link del v1");
	check(true, "the device could be deleted");
	expect(ch, "queued", 6, "the packet is still there");
	check_errno(nc_send(ch, "x", 1, 0), ENETUNREACH, "SEND without a route");
	close(ch);
	close(peer);
	close(bed.a);
	close(bed.b);
}

int main(void)
{
	struct bed bed;
	int start = own_ns();

	isolated();
	enter(start);
	lost_device();
	enter(start);
	deleted_namespace(false);
	enter(start);
	deleted_namespace(true);
	enter(start);
	bed = new_bed();
	shared_descriptors(&bed);
	never_give_up();
	closed_in_flight(&bed, send_by_channel, "a COPY channel");
	closed_in_flight(&bed, send_by_ring, "a ring");
	killed_owner(&bed);
	return 0;
}
