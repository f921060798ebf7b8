/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An event loop: one thread, any number of descriptors, and timers. Sockets of the library
 * (netchannel/socket.h) have descriptors of the kernel's, so that they go with any loop there
 * is, libevent's or libuv's or a program's own; this one is for who has none. The protocol
 * needs no loop: it goes on while the program does something else.
 *
 * A loop is used by one thread at a time, but for nc_loop_stop(). What it calls may call all of
 * these but nc_loop_run() and nc_loop_destroy(). Functions return 0 or a negative errno.
 */
#ifndef NETCHANNEL_LOOP_H
#define NETCHANNEL_LOOP_H

#include <netchannel/netchannel.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nc_loop;
struct nc_timer;

/* events: of POLLIN, POLLOUT, POLLPRI and POLLRDHUP, and POLLERR and POLLHUP. */
typedef void nc_loop_ready(void *context, int fd, short events);
typedef void nc_loop_time(void *context);

NC_PUBLIC int nc_loop_create(struct nc_loop **loop);

/* Its descriptors stay open, its timers never come. NULL is fine. */
NC_PUBLIC void nc_loop_destroy(struct nc_loop *loop);

/*
 * Calls ready() as long as fd is ready for one of events, or in error or hung up; as poll().
 * Again for the same descriptor, the new ones take the place of the old.
 *	-EBADF		it is not open
 *	-EPERM		it is always ready, such as a file's
 *	-ENOMEM, or as epoll_ctl()
 */
NC_PUBLIC int nc_loop_watch(struct nc_loop *loop, int fd, short events, nc_loop_ready *ready,
			    void *context);

/*
 * No more: ready() is not called again, even if it was ready. Before the descriptor is closed.
 *	-ENOENT		it was not watched
 */
NC_PUBLIC int nc_loop_forget(struct nc_loop *loop, int fd);

/*
 * Calls time() once, not before delay_ms are over. *timer, unless it is NULL, is for
 * nc_loop_cancel(), until then.
 */
NC_PUBLIC int nc_loop_after(struct nc_loop *loop, uint64_t delay_ms, nc_loop_time *time,
			    void *context, struct nc_timer **timer);
NC_PUBLIC void nc_loop_cancel(struct nc_loop *loop, struct nc_timer *timer);

/*
 * Waits and calls, until nc_loop_stop(), or nothing is watched and no timer is left.
 *	-EINTR		a signal came, whose handler did not stop it
 */
NC_PUBLIC int nc_loop_run(struct nc_loop *loop);

/* nc_loop_run() returns, now or the next time. From any thread, or a signal's handler. */
NC_PUBLIC void nc_loop_stop(struct nc_loop *loop);

#ifdef __cplusplus
}
#endif

#endif
