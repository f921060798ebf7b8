// SPDX-License-Identifier: GPL-2.0
/* Calls by a signal's handler, which interrupts another one: see netchannel/socket.h. */
#define _GNU_SOURCE	/* POLLRDHUP */
#include <check.h>
#include <errno.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/tcp/hosts.h"

#define LIMIT_S		30

static int ends[2];
static volatile sig_atomic_t refused, answered, wrong;

static void ask(int fd)
{
	int bytes, ret = nc_ioctl(fd, FIONREAD, &bytes);

	refused += ret == -EDEADLK;
	answered += !ret;
	wrong += ret && ret != -EDEADLK;
}

static void ask_same(int signal)
{
	(void)signal;
	ask(ends[0]);
}

static void begin(void (*handler)(int))
{
	const struct sigaction action = { .sa_handler = handler };
	const struct itimerval often = { { .tv_usec = 100 }, { .tv_usec = 100 } };

	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
}

static void end(void)
{
	const struct itimerval never = { 0 };

	ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
}

/* Wherever it comes: it is refused or answered, and nobody hangs. */
START_TEST(interrupts_a_call)
{
	struct timespec began, now;
	int bytes, failed = 0;

	channels = _i;
	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	clock_gettime(CLOCK_MONOTONIC, &began);
	begin(ask_same);
	do {
		for (int i = 0; i < 1000; i++)
			failed += nc_ioctl(ends[0], FIONREAD, &bytes) != 0;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((refused < 20 || !answered) && now.tv_sec - began.tv_sec < LIMIT_S);
	end();
	ck_assert_int_eq(failed, 0);
	ck_assert_int_eq(wrong, 0);
	ck_assert_int_ge(refused, 20);
	ck_assert_int_ge(answered, 1);
	ck_assert_int_eq(nc_close(ends[0]), 0);
	ck_assert_int_eq(nc_close(ends[1]), 0);
	stop_hosts();
}
END_TEST

static volatile sig_atomic_t in_call, in_handler, refused_inside;

/* Calls of the other stack, while one of the first is interrupted. */
static void ask_other(int signal)
{
	(void)signal;
	in_handler = in_call;
	for (int i = 0; i < 10; i++)
		ask(ends[1]);
	in_handler = 0;
}

static void ask_inside(int signal)
{
	sig_atomic_t before = refused;

	(void)signal;
	ask(ends[0]);
	if (in_handler)
		refused_inside += refused - before;
}

/* Handlers that interrupt each other: what the outermost call has locked is still locked. */
START_TEST(interrupts_a_handler)
{
	const struct sigaction action = { .sa_handler = ask_inside };
	const struct itimerspec often = { { .tv_nsec = 70000 }, { .tv_nsec = 70000 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct timespec began, now;
	timer_t timer;
	int bytes;

	channels = _i;
	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
	ck_assert_int_eq(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	ck_assert_int_eq(timer_settime(timer, 0, &often, NULL), 0);
	clock_gettime(CLOCK_MONOTONIC, &began);
	begin(ask_other);
	do {
		for (int i = 0; i < 1000; i++) {
			in_call = 1;
			nc_ioctl(ends[0], FIONREAD, &bytes);
			in_call = 0;
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (refused_inside < 20 && now.tv_sec - began.tv_sec < LIMIT_S);
	end();
	timer_delete(timer);
	ck_assert_int_eq(wrong, 0);
	ck_assert_int_ge(refused_inside, 20);
	ck_assert_int_eq(nc_close(ends[0]), 0);
	ck_assert_int_eq(nc_close(ends[1]), 0);
	stop_hosts();
}
END_TEST

static void send_to_self(int signal)
{
	ssize_t ret = nc_send(ends[1], "x", 1, 0);

	(void)signal;
	if (ret == -EDEADLK)	/* the call looks after that stack, too, for a moment */
		ualarm(1000, 0);
	else
		wrong += ret != 1;
}

/* A call that waits has no lock: the handler sends it what it waits for. */
START_TEST(interrupts_a_wait)
{
	const struct sigaction action = { .sa_handler = send_to_self };
	char byte = 0;
	ssize_t n;

	channels = _i;
	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ualarm(50000, 0);
	do	/* the signal ends it, too */
		n = nc_recv(ends[0], &byte, 1, 0);
	while (n == -EINTR);
	ck_assert_int_eq(n, 1);
	ck_assert_int_eq(byte, 'x');
	ck_assert_int_eq(wrong, 0);
	ck_assert_int_eq(nc_close(ends[0]), 0);
	ck_assert_int_eq(nc_close(ends[1]), 0);
	stop_hosts();
}
END_TEST

Suite *socket_signal_suite(void);
Suite *socket_signal_suite(void)
{
	Suite *s = suite_create("socket_signal");
	TCase *c = tcase_create("socket_signal");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, interrupts_a_call, 0, 2);
	tcase_add_loop_test(c, interrupts_a_handler, 0, 2);
	tcase_add_loop_test(c, interrupts_a_wait, 0, 2);
	suite_add_tcase(s, c);
	return s;
}
