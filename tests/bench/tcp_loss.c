// SPDX-License-Identifier: GPL-2.0
/*
 * How long a transfer takes over a path of 20 ms that loses 1 % of the packets each way, by
 * the library over a channel and by the kernel's CUBIC: the median of nine, in virtual time.
 * Long ones, so that it is not the first loss that decides. The receiver is the kernel's both
 * times, and has compared what came.
 */
#include "../vm/tcp/path.h"

#include <pthread.h>

#define RUNS		9
#define MEBIBYTES	8

static void *our_writer(void *fd)
{
	for (int i = 0; i < MEBIBYTES; i++)
		our_send(*(int *)fd, MEBIBYTE);
	return NULL;
}

static void *kernel_writer(void *fd)
{
	for (int i = 0; i < MEBIBYTES; i++)
		their_send(*(int *)fd, MEBIBYTE);
	return NULL;
}

static void transfer(void *(*writer)(void *fd), struct pair p)
{
	pthread_t thread;

	must(-pthread_create(&thread, NULL, writer, &p.ours), "thread");
	for (int i = 0; i < MEBIBYTES; i++)
		their_take(p.theirs, 0, MEBIBYTE, 0);
	pthread_join(thread, NULL);
}

static void our_transfer(void)
{
	struct pair p = connected();

	transfer(our_writer, p);
	close_pair(p);
}

static void kernel_transfer(void)
{
	int listener = their_listener(++last_port), large = 2 * MEBIBYTE;
	union sock_addr to = sock_addr(ADDR_B, last_port);
	struct pair p = { must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"), -1 };

	must(setsockopt(p.ours, SOL_SOCKET, SO_SNDBUFFORCE, &large, sizeof(large)), "SO_SNDBUF");
	must(setsockopt(p.ours, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5), "cubic");
	must(connect(p.ours, &to.any, sizeof(to)), "connect");
	p.theirs = must(accept(listener, NULL, NULL), "accept");
	transfer(kernel_writer, p);
	close(p.ours);
	close(p.theirs);
	close(listener);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const char *who, void (*run_once)(void))
{
	double seconds[RUNS];

	for (int i = 0; i < RUNS; i++) {
		seconds[i] = now();
		run_once();
		seconds[i] = now() - seconds[i];
	}
	qsort(seconds, RUNS, sizeof(seconds[0]), compare);
	printf("sample tcp-loss-1pct ms/MB %s %.1f %ld\n", who,
	       1000 * seconds[RUNS / 2] / MEBIBYTES, (long)RUNS * MEBIBYTES * MEBIBYTE);
}

int main(void)
{
	make_path();
	treat_our_segments("delay 10ms loss 1%");
	treat_theirs("delay 10ms loss 1%");
	measure("kernel-tcp", kernel_transfer);
	start_stack();
	measure("ours", our_transfer);
	stop_stack();
	treat_both(NULL);
	return 0;
}
