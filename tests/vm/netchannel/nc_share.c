// SPDX-License-Identifier: GPL-2.0
/* Channels without a remote that share a local port (REUSEPORT). */
#include "ring.h"

#define PORT_A 7000
#define PORT_B 8000
#define FLOWS 64	/* that one of two gets none of them happens once in 2^63 */

static struct bed bed;
static int peers[FLOWS];

static void open_peers(void)
{
	int i;

	enter(bed.b);
	for (i = 0; i < FLOWS; i++)
		peers[i] = udp_socket(ADDR_B, PORT_B + i, ADDR_A, PORT_A);
	enter(bed.a);
}

static void send_each(const char *text)
{
	int i;

	for (i = 0; i < FLOWS; i++)
		must(send(peers[i], text, strlen(text), 0), "send");
}

static struct netchannel_create share_args(uint32_t type)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, NULL, 0);

	args.type = type;
	args.flags = NETCHANNEL_REUSEPORT;
	return args;
}

static int open_share(uint32_t type)
{
	return channel_of(share_args(type));
}

static uint64_t received(int fd)
{
	return stats_of(fd).rx_packets;
}

/* Until so many have arrived at both. */
static void wait_arrived(int a, int b, uint64_t wanted)
{
	double limit = now() + 30;

	while (received(a) + received(b) < wanted && now() < limit)
		usleep(1000);
	if (received(a) + received(b) != wanted)
		check(false, "%d and %d of %d arrived", (int)received(a), (int)received(b),
		      (int)wanted);
}

/* The same, with those that were dropped. */
static void wait_settled(int a, int b, uint64_t wanted)
{
	double limit = now() + 30;
	struct netchannel_stats of_a, of_b;
	uint64_t seen;

	do {
		of_a = stats_of(a);
		of_b = stats_of(b);
		seen = of_a.rx_packets + dropped(&of_a) + of_b.rx_packets + dropped(&of_b);
	} while (seen < wanted && now() < limit && !usleep(1000));
	if (seen != wanted)
		check(false, "%d of %d arrived or were dropped", (int)seen, (int)wanted);
}

static int try_accept(int listener, struct netchannel_accept *a)
{
	int fd = open_device();

	*a = (struct netchannel_accept){
		.size = sizeof(*a), .listener = listener, .type = NETCHANNEL_TYPE_COPY,
		.flags = NETCHANNEL_DONTWAIT,
	};
	if (!ioctl(fd, NETCHANNEL_ACCEPT, a))
		return fd;
	close(fd);
	return -1;
}

/* Accepts all that waits, and answers each; returns how many. */
static int serve(int listener)
{
	struct netchannel_accept a;
	int fd, count = 0, fds[FLOWS];
	char buf[16];

	while ((fd = try_accept(listener, &a)) >= 0) {
		if (nc_recv(fd, buf, sizeof(buf), NETCHANNEL_DONTWAIT, 0, NULL) != 4 ||
		    memcmp(buf, "open", 4))
			check(false, "a child without what opened it");
		must(nc_send(fd, "served", 6, 0), "SEND");
		fds[count++] = fd;
	}
	for (fd = 0; fd < count; fd++)
		close(fds[fd]);
	return count;
}

static void expect_answers(const char *text)
{
	char buf[16];
	int i;

	for (i = 0; i < FLOWS; i++) {
		ssize_t n = recv(peers[i], buf, sizeof(buf), 0);

		if (n != (ssize_t)strlen(text) || memcmp(buf, text, n))
			check(false, "peer %d: %zd bytes", i, n);
	}
	check(true, "each of %d senders is answered once", FLOWS);
}

struct shared {
	uint64_t arrived;	/* at the child's listener */
	bool is_open, go;
};

static void serve_in_child(struct shared *shared)
{
	int listener = open_share(NETCHANNEL_TYPE_LISTEN);

	__atomic_store_n(&shared->is_open, true, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&shared->go, __ATOMIC_ACQUIRE)) {
		__atomic_store_n(&shared->arrived, received(listener), __ATOMIC_RELEASE);
		usleep(500);
	}
	_exit(serve(listener));
}

/* Two processes, each with a listener of its own. */
static void listeners(void)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int mine = open_share(NETCHANNEL_TYPE_LISTEN), status, count;
	double limit = now() + 30;
	pid_t child = fork();

	if (!child)
		serve_in_child(shared);
	while (!__atomic_load_n(&shared->is_open, __ATOMIC_ACQUIRE) && now() < limit)
		usleep(500);
	send_each("open");
	limit = now() + 30;
	while (received(mine) + __atomic_load_n(&shared->arrived, __ATOMIC_ACQUIRE) < FLOWS &&
	       now() < limit)
		usleep(500);
	count = serve(mine);
	__atomic_store_n(&shared->go, true, __ATOMIC_RELEASE);
	waitpid(child, &status, 0);
	check(WIFEXITED(status) && count && WEXITSTATUS(status) &&
	      count + WEXITSTATUS(status) == FLOWS,
	      "%d flows are accepted here, %d by another process", count, WEXITSTATUS(status));
	expect_answers("served");
	close(mine);
	munmap(shared, sizeof(*shared));
}

/* What waits in one that is closed is the other's. */
static void left_behind(void)
{
	int a = open_share(NETCHANNEL_TYPE_LISTEN), b = open_share(NETCHANNEL_TYPE_LISTEN);
	uint64_t of_a;

	send_each("open");
	wait_arrived(a, b, FLOWS);
	of_a = received(a);
	check(of_a && of_a < FLOWS, "%d wait at the first", (int)of_a);
	close(a);
	check(serve(b) == FLOWS, "all are accepted at the second when the first is closed");
	expect_answers("served");
	send_each("open");
	check(stats_at(b, 2 * FLOWS).rx_packets == 2 * FLOWS, "and all that come later");
	close(b);
}

/* One that is full takes nothing from another that is closed. */
static void left_behind_of_full(void)
{
	struct netchannel_create args = share_args(NETCHANNEL_TYPE_LISTEN);
	struct netchannel_stats s;
	uint64_t before = 0;
	int stays, goes, round;

	args.rx_bytes = 16384;	/* less than half of them need */
	stays = channel_of(args);
	for (round = 1; round <= 10; round++) {
		args.local.port = htons(PORT_A);
		goes = channel_of(args);
		send_each("open");
		wait_settled(stays, goes, before + FLOWS);
		close(goes);
		s = stats_of(stays);
		if (s.rx_queued_bytes > args.rx_bytes || !s.rx_dropped_full)
			check(false, "round %d: %u bytes, %d dropped", round, s.rx_queued_bytes,
			      (int)s.rx_dropped_full);
		before = s.rx_packets + s.rx_dropped_full;
	}
	check(true, "of 10 that were closed, a full one took nothing, and counted that");
	close(stays);
}

/* What one with FAST has taken past all policy is for none without; nor is the converse. */
static void left_behind_by_kind(uint32_t goes_flags, uint32_t stays_flags, const char *what)
{
	struct netchannel_create args = share_args(NETCHANNEL_TYPE_LISTEN);
	uint64_t of_goes, of_stays;
	int goes, stays;

	args.ifindex = if_nametoindex("v0");
	args.flags |= goes_flags;
	goes = channel_of(args);
	args.flags = NETCHANNEL_REUSEPORT | stays_flags;
	stays = channel_of(args);
	send_each("open");
	wait_arrived(goes, stays, FLOWS);
	of_goes = received(goes);
	of_stays = received(stays);
	close(goes);
	check(of_goes && of_stays && received(stays) == of_stays &&
	      serve(stays) == (int)of_stays, "%s has %d of its own, and none of %d", what,
	      (int)of_stays, (int)of_goes);
	close(stays);
}

#define TIMES 10

/* A process sends while one of two listeners comes and goes; returns how often. */
static int come_and_go(const struct netchannel_create *args)
{
	int times, status, goes;
	pid_t child = fork();

	if (!child) {
		for (times = 0; times < TIMES; times++)
			send_each("open");
		_exit(0);
	}
	for (times = 0; !waitpid(child, &status, WNOHANG); times++) {
		goes = channel_of(*args);
		close(goes);
	}
	if (status)
		check(false, "the sender: %d", status);
	return times;
}

/* What comes while a listener closes is not lost: the other has all. */
static void closed_meanwhile(void)
{
	struct netchannel_create args = share_args(NETCHANNEL_TYPE_LISTEN);
	int rounds = count_of(4, 1000), round, closed = 0, stays;
	struct netchannel_stats s;

	args.rx_bytes = 8 << 20;
	for (round = 0; round < rounds; round++) {
		stays = channel_of(args);
		closed += come_and_go(&args);
		s = stats_at(stays, TIMES * FLOWS);
		if (s.rx_packets != TIMES * FLOWS)
			check(false, "round %d: %d of %d packets, %d dropped", round,
			      (int)s.rx_packets, TIMES * FLOWS, (int)dropped(&s));
		close(stays);
	}
	check(closed, "%d times %d packets, while a listener was closed %d times: the other has all",
	      rounds, TIMES * FLOWS, closed);
}

/* Each flow stays with its ring. */
static void rings(void)
{
	struct ring r[4];
	int owner[FLOWS], used[4] = { }, i, round, seen = 0;
	struct netchannel_record *record;
	double limit;

	memset(owner, 0xff, sizeof(owner));
	for (i = 0; i < 4; i++)
		r[i] = open_ring(share_args(NETCHANNEL_TYPE_RING));
	for (round = 0; round < 4; round++)
		send_each("flow");
	limit = now() + 30;
	while (seen < 4 * FLOWS && now() < limit) {
		for (i = 0; i < 4; i++) {
			record = ring_peek(&r[i]);
			if (!record)
				continue;
			int flow = ntohs(record->remote_port) - PORT_B;

			if (owner[flow] >= 0 && owner[flow] != i)
				check(false, "flow %d at ring %d and %d", flow, owner[flow], i);
			owner[flow] = i;
			used[i]++;
			seen++;
			ring_next(&r[i], record);
			ring_release(&r[i]);
		}
	}
	check(seen == 4 * FLOWS, "%d of %d packets: %d, %d, %d and %d at four rings", seen,
	      4 * FLOWS, used[0], used[1], used[2], used[3]);
	check((used[0] > 0) + (used[1] > 0) + (used[2] > 0) + (used[3] > 0) > 1,
	      "each flow at one of them, and not all at one");
	for (i = 0; i < 4; i++)
		close_ring(&r[i]);
}

static void refusals(void)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, NULL, 0);
	struct netchannel_membership m = {
		.size = sizeof(m), .group = nc_addr("224.0.0.200", 0),
	};
	int fds[64], alone, i, status;
	pid_t child;

	alone = channel_of(args);
	args.flags = NETCHANNEL_REUSEPORT;
	check_errno(try_channel(&args), EADDRINUSE, "to share with one that does not");
	close(alone);
	fds[0] = must(try_channel(&args), "the first of many");
	args.flags = 0;
	check_errno(try_channel(&args), EADDRINUSE, "not to share with one that does");
	args = create_args("0.0.0.0", PORT_A + 1, NULL, 0);
	args.flags = NETCHANNEL_REUSEPORT;
	alone = must(try_channel(&args), "of any address");
	check_errno(ioctl(alone, NETCHANNEL_MEMBERSHIP, &m), EOPNOTSUPP, "MEMBERSHIP");
	close(alone);
	child = fork();
	if (!child) {
		must(setgid(1000) || setuid(1000) ? -1 : 0, "setuid");
		args = share_args(NETCHANNEL_TYPE_COPY);
		check_errno(try_channel(&args), EADDRINUSE, "another user");
		_exit(0);
	}
	waitpid(child, &status, 0);
	check(!status, "users");
	args = share_args(NETCHANNEL_TYPE_COPY);
	for (i = 1; i < 64; i++)
		fds[i] = must(try_channel(&args), "one more");
	check_errno(try_channel(&args), EADDRINUSE, "the 65th");
	close(fds[7]);
	fds[7] = must(try_channel(&args), "in the place of one that has gone");
	send_each("x");
	for (i = 0; i < 64; i++)
		close(fds[i]);
	args.flags = 0;
	close(must(try_channel(&args), "alone, when all have gone"));
	args = create_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	args.flags = NETCHANNEL_REUSEPORT;
	check_errno(try_channel(&args), EINVAL, "with a remote");
}

int main(void)
{
	bed = new_bed();
	open_peers();
	listeners();
	left_behind();
	left_behind_of_full();
	closed_meanwhile();
	rings();
	left_behind_by_kind(NETCHANNEL_FAST, 0, "one without FAST");
	left_behind_by_kind(0, NETCHANNEL_FAST, "one with FAST");
	refusals();
	return 0;
}
