// SPDX-License-Identifier: GPL-2.0
/*
 * N44 over channels: the library's TCP in one namespace and the kernel's in the other carry
 * their bytes both ways through a network that loses, delays, reorders, duplicates and
 * corrupts by a seed, each byte in its place; and take no longer than three times what two
 * sockets of the kernel take there, whose packets have the same fate.
 *
 * tcp_matrix CELL DIVISOR RUNS [6|virtio]: a cell, of 120; so much less than all its bytes;
 * the medians of so many transfers; over IPv6; or of the library's once over the devices eth0
 * and eth1, where time is that of a busy host.
 */
#include "relay.h"

#define TIMES_KERNEL	3
/* What is sent repeats itself after so many bytes: a prime, which no size here divides. */
#define PERIOD		1048573
#define CHUNK_BYTES	65536

#define RUNS_MAX	9
#define LONG_BYTES	(100 << 20)	/* so long a transfer is a median by itself */

static const struct {
	uint32_t ppm;
	size_t bytes;		/* that a cell carries, each way */
} losses[] = {
	{ 0, LONG_BYTES }, { 1000, LONG_BYTES }, { 10000, 20 << 20 }, { 50000, 2 << 20 },
	{ 200000, 256 << 10 },
};
static const uint32_t delays_us[] = { 100, 10000, 50000 };
static const uint32_t hurries[] = { 0, 750000 };
static const uint32_t duplicates[] = { 0, 10000 };
static const uint32_t corruptions[] = { 0, 1000 };

#define COUNT_OF(a)	(sizeof(a) / sizeof((a)[0]))

/* One end of a connection. */
struct end {
	int fd;
	bool is_ours;
	size_t sent, received;
};

static struct relay_path path_of(unsigned int cell, size_t *bytes)
{
	struct relay_path path;

	*bytes = losses[cell % COUNT_OF(losses)].bytes;
	path.loss = losses[cell % COUNT_OF(losses)].ppm;
	cell /= COUNT_OF(losses);
	path.delay_us = delays_us[cell % COUNT_OF(delays_us)];
	cell /= COUNT_OF(delays_us);
	path.hurry = hurries[cell % COUNT_OF(hurries)];
	cell /= COUNT_OF(hurries);
	path.duplicate = duplicates[cell % COUNT_OF(duplicates)];
	cell /= COUNT_OF(duplicates);
	path.corrupt = corruptions[cell % COUNT_OF(corruptions)];
	return path;
}

static void send_some(struct end *e, size_t bytes)
{
	size_t from = e->sent % PERIOD, size = bytes - e->sent;
	ssize_t n;

	if (size > CHUNK_BYTES)
		size = CHUNK_BYTES;
	if (size > PERIOD - from)
		size = PERIOD - from;
	n = e->is_ours ? nc_send(e->fd, pattern + from, size, MSG_DONTWAIT) :
			 send(e->fd, pattern + from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		e->sent += n;
	else if (n != -EAGAIN && errno != EAGAIN)
		check(false, "send: %zd, %s", n, strerror(errno));
}

static void receive_some(struct end *e)
{
	static uint8_t bytes[CHUNK_BYTES];
	ssize_t n = e->is_ours ? nc_recv(e->fd, bytes, sizeof(bytes), MSG_DONTWAIT) :
				 recv(e->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && n != -EAGAIN && errno != EAGAIN))
		check(false, "receive, at %zu: %zd, %s", e->received, n, strerror(errno));
	for (ssize_t i = 0; i < n; i++, e->received++)
		if (bytes[i] != pattern[e->received % PERIOD])
			check(false, "byte %zu is another", e->received);
}

/* Returns the seconds that it took. */
static double carry(struct end ends[2], size_t bytes)
{
	double start = now();
	struct pollfd fds[2];

	while (ends[0].received < bytes || ends[1].received < bytes) {
		for (int i = 0; i < 2; i++) {
			fds[i] = (struct pollfd){ .fd = ends[i].fd, .events = POLLIN };
			if (ends[i].sent < bytes)
				fds[i].events |= POLLOUT;
		}
		if (must(poll(fds, 2, PATIENCE_S * 1000), "poll") == 0)
			check(false, "nothing moves at %zu and %zu", ends[0].received,
			      ends[1].received);
		for (int i = 0; i < 2; i++) {
			errno = 0;
			if (fds[i].revents & POLLIN)
				receive_some(&ends[i]);
			if (fds[i].revents & POLLOUT)
				send_some(&ends[i], bytes);
		}
	}
	if (ends[0].received != bytes || ends[1].received != bytes)
		check(false, "more bytes than were sent");
	return now() - start;
}

static double carry_ours(size_t bytes)
{
	struct pair p = connected();
	struct end ends[] = { { .fd = p.ours, .is_ours = true }, { .fd = p.theirs } };
	double seconds = carry(ends, bytes);

	close_pair(p);
	return seconds;
}

static double carry_kernels(size_t bytes)
{
	int listener = their_listener(++last_port);
	union sock_addr to = sock_addr(addr_b, last_port);
	struct end ends[2] = { };
	double seconds;

	ends[0].fd = must(socket(family_of(addr_b), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	must(connect(ends[0].fd, &to.any, sizeof(to)), "connect");
	ends[1].fd = must(accept(listener, NULL, NULL), "accept");
	must(setsockopt(ends[0].fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5), "cubic");
	must(setsockopt(ends[1].fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5), "cubic");
	close(listener);
	seconds = carry(ends, bytes);
	close(ends[0].fd);
	close(ends[1].fd);
	return seconds;
}

/* make_relay(), with devices in place of the wire's end at A and at the relay. */
static void make_relay_of(int home)
{
	relay_ns = new_ns();
	run("/usr/bin/ip link del v0");
	enter(home);
	run("/usr/bin/ip link set eth0 address 02:00:00:00:00:01 name v0 netns /proc/%d/fd/%d &&"
	    "/usr/bin/ip link set eth1 address 02:00:00:00:00:02 name w0 netns /proc/%d/fd/%d",
	    getpid(), bed.a, getpid(), relay_ns);
	enter(bed.a);
	run("/usr/bin/ip addr add " ADDR_A "/24 dev v0 && /usr/bin/ip addr add " ADDR6_A
	    "/64 dev v0 nodad && /usr/bin/ip link set v0 up");
	run("/usr/bin/ip neigh add " ADDR_B " lladdr 02:00:00:00:00:02 dev v0 nud permanent");
	make_far_end();
}

static void give_back(int home)
{
	enter(bed.a);
	run("/usr/bin/ip link set v0 down && /usr/bin/ip link set v0 name eth0 netns /proc/%d/fd/%d",
	    getpid(), home);
	enter(relay_ns);
	run("/usr/bin/ip link set w0 down && /usr/bin/ip link set w0 name eth1 netns /proc/%d/fd/%d",
	    getpid(), home);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of so many runs, each with a seed of its own. */
static double median(double (*carry_all)(size_t bytes), const struct relay_path *path, int runs,
		     size_t bytes)
{
	uint64_t seed = number_from("SEED", 1);
	double seconds[RUNS_MAX];

	for (int i = 0; i < runs; i++) {
		relay_start(path, seed + i);
		seconds[i] = carry_all(bytes);
		relay_stop();
	}
	qsort(seconds, runs, sizeof(*seconds), compare);
	return seconds[runs / 2];
}

static void beside_kernel(unsigned int cell, const struct relay_path *path, int runs,
			  size_t bytes)
{
	double ours = median(carry_ours, path, runs, bytes);
	double kernels = median(carry_kernels, path, runs, bytes);

	check(ours <= TIMES_KERNEL * kernels,
	      "cell %u: %zu bytes each way, seeds from %lu on: %.2f s, the kernel's %.2f s", cell,
	      bytes, number_from("SEED", 1), ours, kernels);
}

static void over_virtio(int home, unsigned int cell, const struct relay_path *path, size_t bytes)
{
	make_relay_of(home);
	start_stack();
	median(carry_ours, path, 1, bytes);
	check(true, "cell %u, over virtio-net: %zu bytes each way", cell, bytes);
	stop_stack();
	give_back(home);
}

int main(int argc, char **argv)
{
	unsigned int cell = argc > 1 ? atoi(argv[1]) : 0;
	unsigned int divisor = argc > 2 ? atoi(argv[2]) : 1;
	int runs = argc > 3 ? atoi(argv[3]) : 1, home;
	struct relay_path path;
	size_t bytes;

	path = path_of(cell, &bytes);
	bytes /= divisor;
	if (bytes >= LONG_BYTES)
		runs = 1;
	if (runs < 1 || runs > RUNS_MAX)
		check(false, "usage: tcp_matrix CELL DIVISOR RUNS [6|virtio]");
	home = must(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "namespace");
	make_path();
	if (argc > 4 && !strcmp(argv[4], "virtio")) {
		over_virtio(home, cell, &path, bytes);
		return 0;
	}
	make_relay();
	use_ipv6(argc > 4);
	start_stack();
	beside_kernel(cell, &path, runs, bytes);
	stop_stack();
	return 0;
}
