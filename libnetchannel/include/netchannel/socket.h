/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sockets of TCP and UDP that are the library's, not the kernel's.
 *
 *	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
 *	struct nc_stack *stack;
 *	int fd;
 *
 *	nc_link_tun(&config.link, "tun0");
 *	config.ipv4 = (struct sockaddr *)&own_address;
 *	nc_stack_create(&stack, &config);
 *	fd = nc_socket(stack, AF_INET, SOCK_STREAM, 0);
 *	nc_connect(fd, (struct sockaddr *)&server, sizeof(server));
 *	nc_send(fd, "hello", 5, 0);
 *	nc_close(fd);
 *
 * What a function nc_X() does is what X(2) of Linux does to a kernel's socket,
 * with its flags and partial results, but that
 *	- a failure is a negative errno, and errno is not touched;
 *	- no signal is sent: -EPIPE is all (MSG_NOSIGNAL is always meant);
 *	- a signal that a handler catches always ends a wait with -EINTR, SA_RESTART or not.
 *
 * A call that has begun must end: a thread in one is cancelled when it returns and not
 * before (of the deferred kind; as of other functions, none is for threads that are cancelled
 * at any instruction), and a signal's handler must not leave it by longjmp(). What a waiting
 * call is to fill may be filled by another thread: plain memory, which no handler of SIGSEGV
 * provides.
 *
 * A signal's handler that has interrupted a call is -EDEADLK where it calls the same stack, or
 * another that the call was looking after just then, but not while that call sleeps; so is one
 * that interrupts such a handler, and who comes after three that have interrupted each other
 * may be. Otherwise it may call as it may malloc(): not where it may have interrupted that.
 * nc_poll() and nc_loop_stop() (netchannel/loop.h) are for handlers.
 *
 * A socket is a descriptor of the kernel's: poll(), select() and epoll take it,
 * O_NONBLOCK and close-on-exec are as fcntl(2) sets them. Its data does not go
 * by read(2) and write(2), and it is closed by nc_close() alone. As an edge
 * (EPOLLET) it shows what becomes ready, not each arrival.
 *
 * A thread of the stack's own carries the protocols on while the program makes
 * no call: what was sent is sent again, acknowledged and closed, until
 * nc_stack_destroy(). All functions may be called by any thread. A stack is of
 * the process that made it: in a child of fork() its sockets are -ENOTSOCK, whose
 * descriptors the child may close(2), and the stack itself is -EPERM; its links must not
 * be used there. A child can make a stack of its own.
 */
#ifndef NETCHANNEL_SOCKET_H
#define NETCHANNEL_SOCKET_H

#include <netchannel/link.h>
#include <poll.h>
#include <sys/uio.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nc_stack;

/* The structure may grow: size says how much of it the caller knows. */
struct nc_stack_config {
	size_t size;			/* as the initializer sets it */
	struct nc_link *link;		/* the stack's from then on */
	/* struct sockaddr_in, struct sockaddr_in6; one may be NULL. No port. */
	const struct sockaddr *ipv4;
	const struct sockaddr *ipv6;
	/*
	 * Of the buffers of its streams together, as they are allocated; UINT64_MAX: no limit;
	 * 0: half of the machine's memory, or of RLIMIT_AS or RLIMIT_DATA where that is less.
	 * Beyond half of it none grows. Who needs some where there are none: nc_send() waits, or
	 * is -EAGAIN, and then poll() tells when there are; what arrives is as if it had been lost.
	 */
	uint64_t memory_max_bytes;
};

#ifdef __cplusplus
#define NC_STACK_CONFIG_INIT { sizeof(struct nc_stack_config), NULL, NULL, NULL, 0 }
#else
#define NC_STACK_CONFIG_INIT { .size = sizeof(struct nc_stack_config) }
#endif

/*
 * Begins a host with these addresses. If it fails, the link is still the caller's.
 *	-EINVAL		size, no link, no address or one that no host can have,
 *			an MTU below 576 (IPv6: 1280) or above 65535
 *	-EAFNOSUPPORT	an address is of another family
 *	-ENOMEM, -EAGAIN, -EMFILE
 */
NC_PUBLIC int nc_stack_create(struct nc_stack **stack, const struct nc_stack_config *config);

/*
 * Ends it, its thread and its link. Connections whose sockets are closed and that
 * have not come to their end are reset. NULL is fine. Calls of other threads that were
 * waiting for a socket when it was closed fail with -EBADF, and are waited for; no call
 * may name the stack itself any more.
 *	-EBUSY		a socket is open, or its nc_close() still waits (SO_LINGER)
 *	-EPERM		a parent of this process has made it (so of all that name a stack)
 */
NC_PUBLIC int nc_stack_destroy(struct nc_stack *stack);

struct nc_stack_counters {
	uint64_t rx_packets;
	uint64_t rx_malformed;		/* headers or checksums */
	uint64_t rx_not_for_us;		/* by address */
	uint64_t rx_fragments;		/* each of them */
	uint64_t rx_no_protocol;
	uint64_t rx_no_port;		/* answered by a reset or an ICMP error */
	uint64_t rx_full;		/* no room in a queue */
	uint64_t tx_packets;
	uint64_t rx_fragments_lost;	/* of rx_fragments: their packets never were whole */
	uint64_t reserved[7];
};

/*
 * From now on the file gets a line for each change of a connection: docs/tcp-trace.md has
 * the fields. Another file takes its place; NULL ends it.
 *	-EIO		it cannot be written
 *	-ENOMEM
 */
NC_PUBLIC int nc_stack_trace(struct nc_stack *stack, const char *path);

NC_PUBLIC int nc_stack_counters(struct nc_stack *stack, struct nc_stack_counters *counters);

/*
 * AF_INET or AF_INET6 (which takes IPv6 only: IPV6_V6ONLY is set), SOCK_STREAM or
 * SOCK_DGRAM, with SOCK_NONBLOCK and SOCK_CLOEXEC. Returns the descriptor.
 *	-EAFNOSUPPORT, -EPROTONOSUPPORT (also: the link carries the other protocol only),
 *		-ESOCKTNOSUPPORT, -EINVAL
 *	-ENOBUFS	the stack has too many, -EMFILE, -ENFILE, -ENOMEM
 */
NC_PUBLIC int nc_socket(struct nc_stack *stack, int domain, int type, int protocol);

/* -EADDRINUSE also if the link does not carry that port. */
NC_PUBLIC int nc_bind(int fd, const struct sockaddr *address, socklen_t size);
NC_PUBLIC int nc_listen(int fd, int backlog);
/* flags: SOCK_NONBLOCK, SOCK_CLOEXEC */
NC_PUBLIC int nc_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags);
NC_PUBLIC int nc_connect(int fd, const struct sockaddr *address, socklen_t size);

/*
 * Flags: MSG_DONTWAIT, MSG_MORE, MSG_OOB, MSG_FASTOPEN and MSG_ZEROCOPY (of streams),
 * MSG_NOSIGNAL.
 * MSG_FASTOPEN connects to the address: what is sent goes with the SYN where the server has
 * given a cookie to the stack before (RFC 7413); else it waits for the connection, or is
 * -EINPROGRESS, and nothing was taken.
 * A datagram waits until the link has room for all of it; meanwhile the socket is not
 * writable for poll(). SO_SNDTIMEO ends the wait, a close does, and shutdown() of both sides.
 *	-EAGAIN		the time is over, or the call does not wait
 *	-ENETDOWN	the link has ended (of a stream once, also to who receives, and to
 *			who connects or accepts)
 */
NC_PUBLIC ssize_t nc_send(int fd, const void *buf, size_t size, int flags);
NC_PUBLIC ssize_t nc_sendto(int fd, const void *buf, size_t size, int flags,
			    const struct sockaddr *address, socklen_t address_size);
/*
 * Control messages of datagrams: IP_PKTINFO and IPV6_PKTINFO (the address; -EINVAL if it is
 * not the stack's), IP_TTL, IP_TOS, IPV6_DONTFRAG, IPV6_HOPLIMIT, IPV6_TCLASS, UDP_SEGMENT.
 * SCM_RIGHTS and SCM_CREDENTIALS say nothing, and are passed over; so are those of a
 * stream, and of another level, but other ones of SOL_SOCKET.
 *	-EINVAL		any other, or one that is malformed
 */
NC_PUBLIC ssize_t nc_sendmsg(int fd, const struct msghdr *message, int flags);

/*
 * Flags: MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, MSG_TRUNC, MSG_OOB, MSG_ERRQUEUE (of datagrams
 * with IP_RECVERR or IPV6_RECVERR: what ICMP said of one, see ip(7); such a report is not
 * shown to poll() once its errno has been told. Of streams: which send() with MSG_ZEROCOPY
 * need their memory no more, from ee_info to ee_data: all, as it was copied; over channels
 * shown to poll() as POLLERR: a call that waits for such a socket needs a descriptor for it, or
 * is -EMFILE, -ENFILE). That urgent data is there is shown to poll() (POLLPRI) over channels alone.
 */
NC_PUBLIC ssize_t nc_recv(int fd, void *buf, size_t size, int flags);
NC_PUBLIC ssize_t nc_recvfrom(int fd, void *buf, size_t size, int flags,
			      struct sockaddr *address, socklen_t *address_size);
NC_PUBLIC ssize_t nc_recvmsg(int fd, struct msghdr *message, int flags);

/* As nc_sendmsg() and nc_recvmsg() without flags or address. */
NC_PUBLIC ssize_t nc_readv(int fd, const struct iovec *iov, int count);
NC_PUBLIC ssize_t nc_writev(int fd, const struct iovec *iov, int count);

/*
 * Several messages by one call, as sendmmsg(2) and recvmmsg(2) of Linux: how many went or
 * came. An error is told where none did; else nc_recvmmsg() leaves it for the next call,
 * and nc_sendmmsg() forgets it. nc_recvmmsg() also takes MSG_WAITFORONE; its timeout is
 * looked at after each message, as Linux does, and then says what is left. struct mmsghdr
 * wants _GNU_SOURCE.
 */
struct mmsghdr;
NC_PUBLIC int nc_sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags);
NC_PUBLIC int nc_recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags,
			  struct timespec *timeout);

/*
 * FIONREAD (SIOCINQ): bytes to read; of a datagram socket, of the first datagram.
 * SIOCOUTQ (TIOCOUTQ): bytes that the peer has not acknowledged, SIOCOUTQNSD: of these,
 * what has not been sent. SIOCATMARK: is the end of urgent data next? FIONBIO.
 *	-EINVAL		of a listener, but for SIOCATMARK and FIONBIO; SIOCATMARK and
 *			SIOCOUTQNSD of a datagram socket
 *	-ENOTTY		any other request
 */
NC_PUBLIC int nc_ioctl(int fd, unsigned long request, int *value);

NC_PUBLIC int nc_shutdown(int fd, int how);
NC_PUBLIC int nc_close(int fd);

/*
 * Options that Linux has no name for, of streams: an int. The first two are for those that
 * are no connections yet.
 * NC_TCP_ECN: RFC 3168, as Linux's net.ipv4.tcp_ecn: 0 never, 1 asked for, 2 if the peer
 * asks (as it is at first). NC_TCP_USER_TIMEOUT: RFC 5482, in seconds: it is told to the
 * peer, and what he tells is taken, from 100 s to a day; 0: neither.
 * NC_TCP_WINDOW_VALIDATION: 1: RFC 7661: a pause does not end the congestion window, which
 * goes at its own pace then; 0, as it is at first: RFC 5681, 4.1. -EINVAL: any other.
 */
#define NC_SOL_TCP		0x6e63
#define NC_TCP_ECN		1
#define NC_TCP_USER_TIMEOUT	2
#define NC_TCP_WINDOW_VALIDATION	3

/*
 * SOL_SOCKET: SO_ACCEPTCONN, SO_BROADCAST (of streams: no effect), SO_DOMAIN, SO_DONTROUTE
 * (no effect), SO_ERROR, SO_KEEPALIVE (of streams), SO_LINGER, SO_MAX_PACING_RATE (of streams:
 * bytes a second; a connection with a limit also spreads its window over the round trip),
 * SO_OOBINLINE (of streams), SO_PROTOCOL, SO_RCVBUF and SO_SNDBUF (as in Linux, twice what was
 * set is read; SO_SNDBUF of datagrams has no effect), SO_RCVLOWAT (of streams), SO_RCVTIMEO,
 * SO_REUSEADDR, SO_SNDLOWAT (to read: 1), SO_SNDTIMEO, SO_TYPE,
 * SO_ZEROCOPY (of streams: MSG_ZEROCOPY is reported). IPPROTO_TCP: TCP_CONGESTION
 * (cubic, reno, bbr; a connection goes on with its window), TCP_CORK, TCP_DEFER_ACCEPT (of a
 * listener: 1, 3, 7 and so on up to 127 s), TCP_FASTOPEN (of a listener: how many connections
 * may be there of which no more than a SYN has come; 0: none), TCP_FASTOPEN_CONNECT (connect()
 * says nothing yet where there is a cookie: the SYN goes with the first data),
 * TCP_FASTOPEN_NO_COOKIE (of a listener: whoever sends data with his SYN is believed, so
 * that anybody can have it read in another's name), TCP_KEEPCNT,
 * TCP_INQ (recvmsg() tells by TCP_CM_INQ what is left to read, the end as one byte more),
 * TCP_KEEPIDLE, TCP_KEEPINTVL,
 * TCP_LINGER2, TCP_MAXSEG (to set before the connection),
 * TCP_NODELAY, TCP_NOTSENT_LOWAT, TCP_QUICKACK (until it is set to 0), TCP_SYNCNT,
 * TCP_USER_TIMEOUT (0, as at first: 300 s, and keep-alive goes by its own count),
 * TCP_WINDOW_CLAMP, TCP_INFO (to read: struct tcp_info of <linux/tcp.h>).
 * IPPROTO_IP: IP_BIND_ADDRESS_NO_PORT (of streams), IP_MTU (to read, of who is connected),
 * IP_MTU_DISCOVER, IP_TOS, IP_TTL. IPPROTO_IPV6: IPV6_MTU (likewise), IPV6_MTU_DISCOVER,
 * IPV6_TCLASS, IPV6_UNICAST_HOPS, IPV6_V6ONLY (which is 1, and stays so).
 *
 * Of datagrams, IPPROTO_UDP: UDP_CORK, UDP_SEGMENT (a message goes as at most 64 datagrams
 * of so many bytes), UDP_GRO (datagrams that the link has joined are one message);
 * IPV6_DONTFRAG. For control messages with what is received: IP_PKTINFO, IP_RECVTOS,
 * IP_RECVTTL, IPV6_RECVPKTINFO, IPV6_RECVTCLASS, IPV6_RECVHOPLIMIT; the device is 0. With
 * IP_RECVERR, IPV6_RECVERR, all that ICMP reports of the socket's datagrams is an error and a
 * report.
 * NC_SOL_TCP: see above.
 *	-ENOPROTOOPT	any other; one that is for the other kind of sockets; to set what is
 *			only read
 *	-EOPNOTSUPP	to read one of another level of an IPv4 socket, as in Linux
 *	-ENOTCONN	IP_MTU, IPV6_MTU: nobody is connected
 *	-ENOENT		TCP_CONGESTION: no such algorithm
 *	-EDOM		SO_RCVTIMEO, SO_SNDTIMEO: tv_usec is none
 *	-EINVAL		the size, or a value that it cannot have
 */
NC_PUBLIC int nc_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
NC_PUBLIC int nc_setsockopt(int fd, int level, int name, const void *value, socklen_t size);

NC_PUBLIC int nc_getsockname(int fd, struct sockaddr *address, socklen_t *size);
NC_PUBLIC int nc_getpeername(int fd, struct sockaddr *address, socklen_t *size);

/* poll(2) itself: sockets of the library and others together. */
NC_PUBLIC int nc_poll(struct pollfd *fds, nfds_t count, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
