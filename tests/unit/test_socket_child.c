// SPDX-License-Identifier: GPL-2.0
/* Sockets and fork(): the stacks stay with the parent, and a child can make its own. */
#define _GNU_SOURCE	/* F_DUPFD_CLOEXEC */
#include <check.h>
#include <errno.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tcp/hosts.h"
#include "tests/tcp/shared.h"

#define CHILDREN	100
#define CHILD_S		20	/* until one that hangs is killed */

static _Atomic bool stop;

/*
 * Is in the table's lock, and in the stack's, most of the time; and never in one of the
 * allocator's or of Check's, as a check of its would be.
 */
static void *hammer(void *argument)
{
	int fd = *(int *)argument, bytes;

	while (!stop) {
		if (nc_ioctl(fd, FIONREAD, &bytes))
			return argument;
	}
	return NULL;
}

/* In the child: of the parent's sockets and stacks, each call is an error, and none waits. */
static bool parents_are_refused(int fd)
{
	struct nc_stack_counters counters;
	char byte = 0;

	alarm(CHILD_S);
	return nc_send(fd, &byte, 1, 0) == -ENOTSOCK &&
		nc_recv(fd, &byte, 1, 0) == -ENOTSOCK &&
		nc_shutdown(fd, SHUT_RDWR) == -ENOTSOCK &&
		nc_close(fd) == -ENOTSOCK &&
		nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0) == -EPERM &&
		nc_stack_counters(hosts[0], &counters) == -EPERM &&
		nc_stack_trace(hosts[0], NULL) == -EPERM &&
		nc_stack_destroy(hosts[0]) == -EPERM;
}

/* It is its own: connections, their ends and the end of the stacks. */
static void use_own(void)
{
	int ends[2];
	char byte;

	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(nc_send(ends[0], "a", 1, 0), 1);
	ck_assert_int_eq(nc_recv(ends[1], &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 'a');
	ck_assert_int_eq(nc_close(ends[0]), 0);
	ck_assert_int_eq(nc_close(ends[1]), 0);
	stop_hosts();
}

static void expect_success(pid_t child)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

/* A thread has the locks at any place while another one forks. Rings are not there in a child. */
START_TEST(hammered)
{
	pthread_t thread;
	void *failed;
	int ends[2];
	pid_t child;

	channels = _i;
	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(pthread_create(&thread, NULL, hammer, &ends[0]), 0);
	for (int i = 0; i < CHILDREN; i++) {
		child = fork();
		if (!child)
			_exit(!parents_are_refused(ends[0]));
		expect_success(child);
	}
	stop = true;
	pthread_join(thread, &failed);
	ck_assert_ptr_null(failed);
	ck_assert_int_eq(nc_close(ends[0]), 0);
	ck_assert_int_eq(nc_close(ends[1]), 0);
	stop_hosts();
}
END_TEST

/* The same numbers as in the parent, or others: they are the child's. So in its own child. */
START_TEST(own_stacks)
{
	struct nc_stack *parents[2];
	int ends[2];
	pid_t child;

	shares = _i;
	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	parents[0] = hosts[0];
	parents[1] = hosts[1];
	child = fork();
	if (!child) {
		ck_assert(parents_are_refused(ends[0]));
		close(ends[0]);
		use_own();
		child = fork();
		if (!child) {
			use_own();
			_exit(0);
		}
		expect_success(child);
		_exit(0);
	}
	expect_success(child);
	hosts[0] = parents[0];
	hosts[1] = parents[1];
	ck_assert_int_eq(nc_send(ends[0], "b", 1, 0), 1);
	ck_assert_int_eq(nc_close(ends[0]), 0);
	ck_assert_int_eq(nc_close(ends[1]), 0);
	stop_hosts();
}
END_TEST

static void *recv_one(void *argument)
{
	int fd = *(int *)argument;
	char byte;

	return nc_recv(fd, &byte, 1, 0) == -EBADF ? NULL : argument;
}

/* A child that has the parent's descriptors keeps nobody from learning of a close. */
START_TEST(closed_beside_child)
{
	pthread_t thread;
	void *failed;
	int ends[2];
	pid_t child;

	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(pthread_create(&thread, NULL, recv_one, &ends[0]), 0);
	usleep(50000);		/* it waits */
	child = fork();
	if (!child) {
		pause();
		_exit(0);
	}
	ck_assert_int_eq(nc_close(ends[0]), 0);
	pthread_join(thread, &failed);
	ck_assert_ptr_null(failed);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ck_assert_int_eq(nc_close(ends[1]), 0);
	stop_hosts();
}
END_TEST

Suite *socket_child_suite(void);
Suite *socket_child_suite(void)
{
	Suite *s = suite_create("socket_child");
	TCase *c = tcase_create("socket_child");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, hammered, 0, 2);
	tcase_add_loop_test(c, own_stacks, 0, 2);
	tcase_add_test(c, closed_beside_child);
	suite_add_tcase(s, c);
	return s;
}
