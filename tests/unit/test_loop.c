// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/socket/loop.c */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netchannel/loop.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/tcp/hosts.h"

#define CLIENTS		20
#define BYTES		100000

static struct nc_loop *loop;

static void begin(void)
{
	ck_assert_int_eq(nc_loop_create(&loop), 0);
}

static void end(void)
{
	nc_loop_destroy(loop);
}

/* --- sockets of the library --- */

struct client {
	int fd;
	size_t sent, received;
};

static unsigned char bytes[BYTES];

static void echo(void *context, int fd, short events)
{
	char chunk[4096];
	ssize_t n = nc_recv(fd, chunk, sizeof(chunk), 0);

	(void)context;
	ck_assert(events & (POLLIN | POLLHUP));
	if (n == -EAGAIN)
		return;
	if (n > 0) {	/* small enough for what there is room for */
		ck_assert_int_eq(nc_send(fd, chunk, n, 0), n);
		return;
	}
	ck_assert_int_eq(n, 0);
	ck_assert_int_eq(nc_loop_forget(loop, fd), 0);
	ck_assert_int_eq(nc_close(fd), 0);
}

static void accept_one(void *context, int fd, short events)
{
	int *left = context, child = nc_accept4(fd, NULL, NULL, SOCK_NONBLOCK);

	ck_assert_int_eq(events, POLLIN);
	ck_assert_int_ge(child, 0);
	ck_assert_int_eq(nc_loop_watch(loop, child, POLLIN, echo, NULL), 0);
	if (--*left)
		return;
	ck_assert_int_eq(nc_loop_forget(loop, fd), 0);
	ck_assert_int_eq(nc_close(fd), 0);
}

static void converse(void *context, int fd, short events)
{
	struct client *c = context;
	static unsigned char got[BYTES];
	ssize_t n;

	ck_assert(!(events & POLLERR));
	while ((n = nc_recv(fd, got, BYTES - c->received, 0)) > 0) {
		ck_assert_mem_eq(got, bytes + c->received, n);
		c->received += n;
		if (c->received == BYTES)
			break;
	}
	/* at most so much is under way as the echo has room for */
	while (c->sent < BYTES && c->sent - c->received < 50000 &&
	       (n = nc_send(fd, bytes + c->sent, 5000, 0)) > 0)
		c->sent += n;
	if (c->received < BYTES) {
		ck_assert_int_eq(nc_loop_watch(loop, fd, POLLIN, converse, c), 0);
		return;
	}
	ck_assert_int_eq(nc_loop_forget(loop, fd), 0);
	ck_assert_int_eq(nc_close(fd), 0);
}

/* A server and its clients in one thread; it ends by itself when nothing is left. */
START_TEST(serves)
{
	struct sockaddr_storage to = address_of(AF_INET, 1, 80);
	struct client clients[CLIENTS] = { 0 };
	int listener, left = CLIENTS;

	for (size_t i = 0; i < BYTES; i++)
		bytes[i] = i * 7 + i / 256;
	start_hosts(NULL);
	begin();
	listener = nc_socket(hosts[1], AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(nc_bind(listener, (struct sockaddr *)&to, SIZE), 0);
	ck_assert_int_eq(nc_listen(listener, CLIENTS), 0);
	ck_assert_int_eq(nc_loop_watch(loop, listener, POLLIN, accept_one, &left), 0);
	for (int i = 0; i < CLIENTS; i++) {
		int fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

		clients[i].fd = fd;
		ck_assert_int_eq(nc_connect(fd, (struct sockaddr *)&to, SIZE), -EINPROGRESS);
		ck_assert_int_eq(nc_loop_watch(loop, fd, POLLOUT, converse, &clients[i]), 0);
	}
	ck_assert_int_eq(nc_loop_run(loop), 0);
	for (int i = 0; i < CLIENTS; i++)
		ck_assert_uint_eq(clients[i].received, BYTES);
	end();
	stop_hosts();
}
END_TEST

/* --- timers --- */

static char order[16];

static void note(void *context)
{
	strcat(order, context);
}

static void note_and_stop(void *context)
{
	note(context);
	nc_loop_stop(loop);
}

static void note_and_begin(void *context)
{
	strcat(order, "n");
	ck_assert_int_eq(nc_loop_after(loop, 0, note_and_stop, context, NULL), 0);
}

START_TEST(timers)
{
	struct nc_timer *first, *middle, *last;

	begin();
	order[0] = '\0';
	ck_assert_int_eq(nc_loop_run(loop), 0);		/* nothing to wait for */
	ck_assert_int_eq(nc_loop_after(loop, 400, note, "x", &last), 0);
	ck_assert_int_eq(nc_loop_after(loop, 20, note_and_begin, "b", NULL), 0);
	ck_assert_int_eq(nc_loop_after(loop, 0, note, "x", &first), 0);
	ck_assert_int_eq(nc_loop_after(loop, 40, note, "x", &middle), 0);
	ck_assert_int_eq(nc_loop_after(loop, UINT64_MAX, note, "x", NULL), 0);
	nc_loop_cancel(loop, middle);
	nc_loop_cancel(loop, first);
	nc_loop_cancel(loop, last);
	ck_assert_int_eq(nc_loop_run(loop), 0);
	ck_assert_str_eq(order, "nb");
	end();	/* with the one that never comes */
}
END_TEST

static unsigned long long clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

/* When it was to come: between these two, by when it was begun. The test may have to wait. */
struct promise {
	unsigned long long least_ms, most_ms;
};

static unsigned long long latest_ms;	/* of those that have come */
static unsigned int fired;

static void note_promise(void *context)
{
	const struct promise *p = context;

	ck_assert_uint_ge(clock_ms(), p->least_ms);
	ck_assert_uint_ge(p->most_ms, latest_ms);
	latest_ms = p->least_ms > latest_ms ? p->least_ms : latest_ms;
	fired++;
}

/* In the order of their times, whatever is taken out in between. */
START_TEST(many_timers)
{
	static struct promise promises[300];
	struct nc_timer *all[300];

	begin();
	latest_ms = fired = 0;
	for (int i = 0; i < 300; i++) {
		unsigned int delay_ms = i * 7919 % 50 * 4;

		promises[i].least_ms = clock_ms() + delay_ms;
		ck_assert_int_eq(nc_loop_after(loop, delay_ms, note_promise, &promises[i],
					       &all[i]), 0);
		promises[i].most_ms = clock_ms() + delay_ms;
	}
	for (int i = 0; i < 300; i += 3)
		nc_loop_cancel(loop, all[i]);
	ck_assert_int_eq(nc_loop_run(loop), 0);
	ck_assert_uint_eq(fired, 200);
	end();
}
END_TEST

/* --- descriptors --- */

static int pipes[3][2];

static void unexpected(void *context, int fd, short events)
{
	(void)context;
	ck_abort_msg("%d has %x", fd, events);
}

/* Both are ready; who comes first ends the other, whose event must not be told. */
static void forget_other(void *context, int fd, short events)
{
	int other = fd == pipes[0][0] ? pipes[1][0] : pipes[0][0];

	(*(int *)context)++;
	ck_assert_int_eq(events, POLLIN);
	ck_assert_int_eq(nc_loop_forget(loop, other), 0);
	close(other);
	/* another one of the same number is another one */
	ck_assert_int_eq(fcntl(pipes[2][0], F_DUPFD, other), other);
	ck_assert_int_eq(nc_loop_watch(loop, other, POLLIN, unexpected, NULL), 0);
	nc_loop_stop(loop);
}

START_TEST(forgotten)
{
	int calls = 0;

	begin();
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pipe(pipes[i]), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(write(pipes[i][1], "x", 1), 1);
		ck_assert_int_eq(nc_loop_watch(loop, pipes[i][0], POLLIN, forget_other, &calls),
				 0);
	}
	ck_assert_int_eq(nc_loop_run(loop), 0);
	ck_assert_int_eq(calls, 1);
	end();
	for (int i = 0; i < 3; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}
END_TEST

static void stop_it(void *context, int fd, short events)
{
	(void)context;
	(void)fd;
	ck_assert_int_eq(events, POLLHUP);
	nc_loop_stop(loop);
}

START_TEST(watched)
{
	int fds[2], file = open("/dev/null", O_RDONLY), regular = open("Makefile", O_RDONLY);

	begin();
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(nc_loop_watch(loop, -1, POLLIN, stop_it, NULL), -EBADF);
	ck_assert_int_eq(nc_loop_watch(loop, 1000, POLLIN, stop_it, NULL), -EBADF);
	ck_assert_int_eq(nc_loop_watch(loop, INT_MAX, POLLIN, stop_it, NULL), -EBADF);
	ck_assert_int_eq(nc_loop_watch(loop, regular, POLLIN, stop_it, NULL), -EPERM);
	ck_assert_int_eq(nc_loop_forget(loop, regular), -ENOENT);
	ck_assert_int_eq(nc_loop_forget(loop, -1), -ENOENT);
	/* the later one is the one; closed unforgotten, and the number used again */
	ck_assert_int_eq(nc_loop_watch(loop, fds[0], POLLIN, unexpected, NULL), 0);
	close(fds[0]);
	close(fds[1]);
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(nc_loop_watch(loop, fds[0], 0, unexpected, NULL), 0);
	ck_assert_int_eq(nc_loop_watch(loop, fds[0], 0, stop_it, NULL), 0);
	close(fds[1]);
	ck_assert_int_eq(nc_loop_run(loop), 0);
	end();
	close(fds[0]);
	close(file);
	close(regular);
}
END_TEST

static void *stop_soon(void *context)
{
	usleep(20000);
	nc_loop_stop(context);
	return NULL;
}

/* From another thread; and before it runs, it counts for the next time. */
START_TEST(stopped)
{
	pthread_t thread;
	int fds[2];

	begin();
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(nc_loop_watch(loop, fds[0], POLLIN, unexpected, NULL), 0);
	nc_loop_stop(loop);
	ck_assert_int_eq(nc_loop_run(loop), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, stop_soon, loop), 0);
	ck_assert_int_eq(nc_loop_run(loop), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	end();
	close(fds[0]);
	close(fds[1]);
}
END_TEST

static void stop_by_signal(int number)
{
	(void)number;
	nc_loop_stop(loop);
}

static void send_signal(void *context)
{
	(void)context;
	ck_assert_int_eq(setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_usec = 20000 },
				   NULL), 0);
}

/* A signal's handler stops the run that is under way, and not the next one. */
START_TEST(stopped_by_signal)
{
	struct sigaction action = { .sa_handler = stop_by_signal }, old;
	struct nc_timer *never;

	ck_assert_int_eq(sigaction(SIGALRM, &action, &old), 0);
	begin();
	order[0] = '\0';
	ck_assert_int_eq(nc_loop_after(loop, 0, send_signal, NULL, NULL), 0);
	ck_assert_int_eq(nc_loop_after(loop, UINT64_MAX, note, "x", &never), 0);
	ck_assert_int_eq(nc_loop_run(loop), 0);
	nc_loop_cancel(loop, never);
	ck_assert_int_eq(nc_loop_after(loop, 1, note, "n", NULL), 0);
	ck_assert_int_eq(nc_loop_run(loop), 0);
	ck_assert_str_eq(order, "n");
	end();
	ck_assert_int_eq(sigaction(SIGALRM, &old, NULL), 0);
}
END_TEST

static void ck_nothing_to_read(void *context)
{
	struct pollfd p = { .fd = *(int *)context, .events = POLLIN };

	ck_assert_int_eq(poll(&p, 1, 0), 0);
	strcat(order, "t");
}

/*
 * Who stopped the run before may have written to the loop's eventfd after its end: the next run
 * is not stopped by that, and does not wake by it for ever.
 */
START_TEST(stopped_late)
{
	int first = open("/dev/null", O_RDONLY), second = open("/dev/null", O_RDONLY);

	/* the next that are opened have these numbers: epoll's, and the eventfd's */
	close(first);
	close(second);
	begin();
	order[0] = '\0';
	ck_assert_int_eq(eventfd_write(second, 1), 0);
	ck_assert_int_eq(nc_loop_after(loop, 20, ck_nothing_to_read, &second, NULL), 0);
	ck_assert_int_eq(nc_loop_run(loop), 0);
	ck_assert_str_eq(order, "t");
	end();
}
END_TEST

Suite *loop_suite(void);
Suite *loop_suite(void)
{
	Suite *s = suite_create("loop");
	TCase *c = tcase_create("loop");

	tcase_add_test(c, serves);
	tcase_add_test(c, timers);
	tcase_add_test(c, many_timers);
	tcase_add_test(c, forgotten);
	tcase_add_test(c, watched);
	tcase_add_test(c, stopped);
	tcase_add_test(c, stopped_by_signal);
	tcase_add_test(c, stopped_late);
	suite_add_tcase(s, c);
	return s;
}
