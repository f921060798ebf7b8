// SPDX-License-Identifier: GPL-2.0
/*
 * N44 over channels: the library's TCP in one namespace and the kernel's in the other carry
 * their bytes both ways through a network that loses, delays, reorders, duplicates and
 * corrupts, each byte in its place; and take no longer than three times what two sockets of
 * the kernel take there.
 *
 * tcp_matrix CELL DIVISOR [6]: a cell, of 120; so much less than all its bytes; over IPv6.
 */
#include "path.h"

#define TIMES_KERNEL	3
/* What is sent repeats itself after so many bytes: a prime, which no size here divides. */
#define PERIOD		1048573
#define CHUNK_BYTES	65536

static const struct {
	const char *words;
	size_t bytes;		/* that a cell carries, each way */
} losses[] = {
	{ "0%", 100 << 20 }, { "0.1%", 100 << 20 }, { "1%", 20 << 20 }, { "5%", 2 << 20 },
	{ "20%", 256 << 10 },
};
static const char *const delays[] = { "100us", "10ms", "50ms" };
static const char *const reorders[] = { "", " reorder 75%" };
static const char *const duplicates[] = { "", " duplicate 1%" };
static const char *const corruptions[] = { "", " corrupt 0.1%" };

#define COUNT_OF(a)	(sizeof(a) / sizeof((a)[0]))

/* One end of a connection. */
struct end {
	int fd;
	bool is_ours;
	size_t sent, received;
};

static size_t words_of(unsigned int cell, char *words, size_t size)
{
	unsigned int loss = cell % COUNT_OF(losses);
	const char *delay, *reorder, *duplicate;

	cell /= COUNT_OF(losses);
	delay = delays[cell % COUNT_OF(delays)];
	cell /= COUNT_OF(delays);
	reorder = reorders[cell % COUNT_OF(reorders)];
	cell /= COUNT_OF(reorders);
	duplicate = duplicates[cell % COUNT_OF(duplicates)];
	cell /= COUNT_OF(duplicates);
	snprintf(words, size, "limit 10000 delay %s loss %s%s%s%s", delay, losses[loss].words,
		 reorder, duplicate, corruptions[cell % COUNT_OF(corruptions)]);
	return losses[loss].bytes;
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

/* Is it fast enough in this cell? netem's losses are not the same twice: the sum of six decides. */
static bool is_fast(unsigned int cell, const char *words, size_t bytes)
{
	double ours = 0, kernels = 0;

	for (int i = 0; i < 6; i++) {
		ours += carry_ours(bytes);
		kernels += carry_kernels(bytes);
		printf("cell %u: %zu bytes each way, %s: ours %.2f s, the kernel's %.2f s in all\n",
		       cell, bytes, words, ours, kernels);
		if (ours <= TIMES_KERNEL * kernels)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	unsigned int cell = argc > 1 ? atoi(argv[1]) : 0;
	unsigned int divisor = argc > 2 ? atoi(argv[2]) : 1;
	char words[128];
	size_t bytes = words_of(cell, words, sizeof(words)) / divisor;

	make_path();
	use_ipv6(argc > 3);
	start_stack();
	treat_both_segments(words);
	if (!is_fast(cell, words, bytes))
		check(false, "cell %u takes more than %d times as long", cell, TIMES_KERNEL);
	treat_both(NULL);
	stop_stack();
	return 0;
}
