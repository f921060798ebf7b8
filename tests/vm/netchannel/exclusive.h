/* SPDX-License-Identifier: GPL-2.0 */
/* Two who wait in epoll sets of their own, each with EPOLLEXCLUSIVE: one event wakes one. */
#ifndef TESTS_NETCHANNEL_EXCLUSIVE_H
#define TESTS_NETCHANNEL_EXCLUSIVE_H

#include "nc.h"

#include <sys/epoll.h>

static UNUSED pid_t start_exclusive(int fd)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	pid_t pid = fork();
	int set;

	if (!pid) {
		set = epoll_create1(EPOLL_CLOEXEC);
		if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, fd, &e))
			_exit(2);
		/* what has woken it stays, for the other one to see */
		_exit(epoll_wait(set, &e, 1, 120000) != 1);
	}
	wait_in_call(pid, SYS_epoll_wait);
	return pid;
}

/* rouse() makes `fd` ready, once more each time. */
static UNUSED void expect_one_awake(int fd, void (*rouse)(int fd), const char *what)
{
	pid_t two[2] = { start_exclusive(fd), start_exclusive(fd) }, first;
	int status;

	rouse(fd);
	first = must(waitpid(-1, &status, 0), "waitpid");
	check(!status, "%s: one of two with EPOLLEXCLUSIVE is woken", what);
	usleep(50000);		/* time enough for another wake-up */
	wait_in_call(first == two[0] ? two[1] : two[0], SYS_epoll_wait);
	rouse(fd);
	must(waitpid(-1, &status, 0), "waitpid");
	check(!status, "%s: the other one by the next event", what);
}

#endif
