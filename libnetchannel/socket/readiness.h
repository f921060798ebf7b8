/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A descriptor of the kernel's that is ready when a socket of ours is: poll(),
 * select() and epoll on it work unaided. /dev/netchannel makes such descriptors. Where
 * there is none, it is one end of a pair of local stream sockets; what we do at the other
 * end is what waiters see.
 */
#ifndef SOCKET_READINESS_H
#define SOCKET_READINESS_H

#include <stdbool.h>

struct readiness {
	int fd;			/* the user's: the number of his socket */
	unsigned int events;	/* that waiters see: enum endpoint_event */
	bool by_device;		/* and no pair, of which the following are */
	bool is_small;		/* fd's send buffer, since it first had to look full */
	int own_fd;		/* -1: it was closed, for an error */
};

/*
 * Writable is what begins; the flags are SOCK_NONBLOCK and SOCK_CLOEXEC. device: a
 * descriptor of /dev/netchannel, which knows READINESS; -1: none.
 */
int readiness_create(struct readiness *r, int device, int flags);
/* waits: somebody does, by a descriptor of his own, and is woken. */
void readiness_destroy(struct readiness *r, bool waits);

/*
 * What waiters see from now on. Of a pair, the ends RDHUP and HUP are for ever, until
 * readiness_renew(); an error that is no end is seen as readable and writable; and urgent
 * data is not seen.
 */
void readiness_set(struct readiness *r, unsigned int events);

/*
 * Before a hang-up ends. A pair becomes a new file behind the same number, which leaves
 * each epoll set. Negative errno.
 */
int readiness_renew(struct readiness *r);

#endif
