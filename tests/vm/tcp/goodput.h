/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a path of 20 ms brings that loses 1 % of the packets each way, in virtual time: the
 * library over a channel beside the kernel's CUBIC, whose packets are lost by the same seed.
 * The receiver is the kernel's both times, and compares what comes.
 */
#ifndef TESTS_TCP_GOODPUT_H
#define TESTS_TCP_GOODPUT_H

#include "relay.h"

#define GOODPUT_RUNS_MAX	99

struct goodput {
	int runs, mebibytes;
	uint64_t seed;		/* of the first run; the others have those that follow */
};

struct writer {
	bool is_ours;
	int fd, mebibytes;
};

static void *goodput_write(void *context)
{
	const struct writer *w = context;

	for (int i = 0; i < w->mebibytes; i++) {
		if (w->is_ours)
			our_send(w->fd, MEBIBYTE);
		else
			their_send(w->fd, MEBIBYTE);
	}
	return NULL;
}

static int goodput_kernel_socket(void)
{
	union sock_addr to = sock_addr(addr_b, last_port);
	int fd = must(socket(family_of(addr_b), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	int room = 2 * MEBIBYTE;

	must(setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)), "SO_SNDBUF");
	must(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5), "cubic");
	must(connect(fd, &to.any, sizeof(to)), "connect");
	return fd;
}

/* Seconds, from when the connection is there: a SYN that is lost costs anybody one. */
static double goodput_transfer(bool is_ours, int mebibytes)
{
	int listener = their_listener(++last_port), fd;
	struct writer w = { .is_ours = is_ours, .mebibytes = mebibytes };
	pthread_t thread;
	double start;

	w.fd = is_ours ? our_connection(last_port) : goodput_kernel_socket();
	fd = must(accept(listener, NULL, NULL), "accept");
	start = now();
	must(-pthread_create(&thread, NULL, goodput_write, &w), "thread");
	for (int i = 0; i < mebibytes; i++)
		their_take(fd, 0, MEBIBYTE, 0);
	start = now() - start;
	pthread_join(thread, NULL);
	if (is_ours)
		nc_close(w.fd);
	else
		close(w.fd);
	close(fd);
	close(listener);
	return start;
}

static int goodput_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of all runs, in milliseconds a mebibyte. */
static double goodput_ms(bool is_ours, const struct goodput *g)
{
	static const struct relay_path lossy = { .delay_us = 10000, .loss = 10000 };
	double seconds[GOODPUT_RUNS_MAX];

	for (int i = 0; i < g->runs; i++) {
		relay_start(&lossy, g->seed + i);
		seconds[i] = goodput_transfer(is_ours, g->mebibytes);
		relay_stop();
		fprintf(stderr, "%s, seed %llu: %.3f s\n", is_ours ? "ours" : "kernel",
			(unsigned long long)g->seed + i, seconds[i]);
	}
	qsort(seconds, g->runs, sizeof(*seconds), goodput_compare);
	return 1000 * seconds[g->runs / 2] / g->mebibytes;
}

#endif
