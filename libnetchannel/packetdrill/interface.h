/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What packetdrill asks of a stack that it loads (`--so_filename`): one function, which
 * fills a table of calls. The order of the table is packetdrill's, and so are the
 * meanings: each call is the system call of its name with the table's userdata before its
 * arguments, and fails as that does, with -1 and errno.
 */
#ifndef PACKETDRILL_INTERFACE_H
#define PACKETDRILL_INTERFACE_H

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

struct packetdrill_interface {
	void *userdata;
	void (*free)(void *userdata);

	int (*socket)(void *userdata, int domain, int type, int protocol);
	int (*bind)(void *userdata, int fd, const struct sockaddr *address, socklen_t size);
	int (*listen)(void *userdata, int fd, int backlog);
	int (*accept)(void *userdata, int fd, struct sockaddr *address, socklen_t *size);
	int (*connect)(void *userdata, int fd, const struct sockaddr *address, socklen_t size);

	ssize_t (*read)(void *userdata, int fd, void *buf, size_t size);
	ssize_t (*readv)(void *userdata, int fd, const struct iovec *iov, int count);
	ssize_t (*recv)(void *userdata, int fd, void *buf, size_t size, int flags);
	ssize_t (*recvfrom)(void *userdata, int fd, void *buf, size_t size, int flags,
			    struct sockaddr *address, socklen_t *address_size);
	ssize_t (*recvmsg)(void *userdata, int fd, struct msghdr *message, int flags);

	ssize_t (*write)(void *userdata, int fd, const void *buf, size_t size);
	ssize_t (*writev)(void *userdata, int fd, const struct iovec *iov, int count);
	ssize_t (*send)(void *userdata, int fd, const void *buf, size_t size, int flags);
	ssize_t (*sendto)(void *userdata, int fd, const void *buf, size_t size, int flags,
			  const struct sockaddr *address, socklen_t address_size);
	ssize_t (*sendmsg)(void *userdata, int fd, const struct msghdr *message, int flags);

	int (*fcntl)(void *userdata, int fd, int command, ...);
	int (*ioctl)(void *userdata, int fd, unsigned long request, ...);
	int (*close)(void *userdata, int fd);
	int (*shutdown)(void *userdata, int fd, int how);
	int (*getsockopt)(void *userdata, int fd, int level, int name, void *value,
			  socklen_t *size);
	int (*setsockopt)(void *userdata, int fd, int level, int name, const void *value,
			  socklen_t size);
	int (*poll)(void *userdata, struct pollfd *fds, nfds_t count, int timeout_ms);

	/* A packet, from its IP header on, comes from the network. */
	int (*netdev_send)(void *userdata, const void *bytes, size_t size);
	/*
	 * The next packet that goes to the network, and when it went: *size is the room
	 * before. Time passes until one goes. After hours without one, 0 with *size 0, which
	 * packetdrill takes for a bad packet; it would ask again for ever after -1.
	 */
	int (*netdev_receive)(void *userdata, void *bytes, size_t *size, long long *time_us);

	int (*usleep)(void *userdata, useconds_t us);
	int (*gettimeofday)(void *userdata, struct timeval *tv, struct timezone *tz);

	int (*epoll_create)(void *userdata, int size);
	int (*epoll_ctl)(void *userdata, int epoll_fd, int op, int fd, struct epoll_event *event);
	int (*epoll_wait)(void *userdata, int epoll_fd, struct epoll_event *events, int count,
			  int timeout_ms);
	int (*pipe)(void *userdata, int fds[2]);
	int (*splice)(void *userdata, int fd_in, loff_t *offset_in, int fd_out,
		      loff_t *offset_out, size_t size, unsigned int flags);
};

/*
 * flags, of `--so_flags`, separated by commas; NULL is fine:
 *	ipv4=ADDRESS, ipv6=ADDRESS	the stack's: what `--local_ip` says. Without it, the
 *				destination of the first packet, or the first address bound
 *	mtu=BYTES		1500 without it
 *	seed=NUMBER		of initial numbers and such
 *	sysctl=FILE		lines NAME=VALUE, read again as the file changes: what
 *				the sysctl beside this file writes. Without it, the file
 *				that the environment's NETCHANNEL_SYSCTL names
 * What cannot be is said to stderr, and ends the program.
 */
__attribute__((visibility("default")))
void packetdrill_interface_init(const char *flags, struct packetdrill_interface *interface);

#endif
