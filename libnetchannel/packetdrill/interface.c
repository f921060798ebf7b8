// SPDX-License-Identifier: LGPL-2.1-or-later
#define _GNU_SOURCE	/* splice(), strsep() of all */
#include "interface.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../socket/host.h"
#include "../socket/sockaddr.h"
#include "queue.h"
#include "sysctls.h"

#define START_US	(1000 * US_PER_S)
#define PATIENCE_US	(3 * 3600 * US_PER_S)	/* more than a keep-alive's */
#define MTU_DEFAULT	1500
#define SPLICE_BYTES	65536

struct plugin {
	struct nc_stack *stack;
	struct queue *queue;
	struct sysctls sysctls;
	char *sysctls_path;
	/* what the flags say */
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
	bool ipv4_given, ipv6_given;
	u32 mtu_bytes;
	u64 seed;
};

/* As a system call tells it. */
static ssize_t told(ssize_t ret)
{
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}

static bool is_ours(int fd)
{
	int type;
	socklen_t size = sizeof(type);

	return !nc_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
}

static u64 deadline_in(const struct nc_stack *h, int timeout_ms)
{
	return timeout_ms < 0 ? UINT64_MAX : host_now_us(h) + timeout_ms * US_PER_MS;
}

/*
 * A call of another thread has ended: packetdrill notes when, by our clock, before that
 * goes on. The thread needs some of the system's time for it.
 */
static void let_threads_note(void)
{
	struct timespec pause = { .tv_nsec = 200000 };

	nanosleep(&pause, NULL);
}

/* --- addresses, where no flag has them --- */

static void set_ipv4(struct plugin *p, const u8 *address)
{
	struct interface *i = &p->stack->core.config.interface;

	if (p->ipv4_given || !ip_is_unicast(4, address))
		return;
	p->ipv4_given = true;
	memcpy(i->ipv4, address, 4);
}

static void set_ipv6(struct plugin *p, const u8 *address)
{
	struct interface *i = &p->stack->core.config.interface;

	if (p->ipv6_given || !ip_is_unicast(6, address))
		return;
	p->ipv6_given = true;
	memcpy(i->ipv6, address, 16);
}

static void learn_from_packet(struct plugin *p, const u8 *bytes, size_t size)
{
	struct ip_packet packet;

	if (ip_parse(&packet, bytes, size))
		return;
	if (packet.version == 4)
		set_ipv4(p, packet.destination);
	else
		set_ipv6(p, packet.destination);
}

static void learn_from_bind(struct plugin *p, const struct sockaddr *address, socklen_t size)
{
	struct tcp_endpoint e;

	if (!sockaddr_parse(&e, 4, address, size))
		set_ipv4(p, e.address);
	else if (!sockaddr_parse(&e, 6, address, size))
		set_ipv6(p, e.address);
}

/* --- sockets --- */

static int pd_socket(void *userdata, int domain, int type, int protocol)
{
	struct plugin *p = userdata;
	int ret;

	host_lock(p->stack);
	ret = sysctls_apply(&p->sysctls, &p->stack->core.streams);
	host_unlock(p->stack);
	return ret ? -1 : told(nc_socket(p->stack, domain, type, protocol));
}

static int pd_bind(void *userdata, int fd, const struct sockaddr *address, socklen_t size)
{
	struct plugin *p = userdata;

	host_lock(p->stack);
	learn_from_bind(p, address, size);
	host_unlock(p->stack);
	return told(nc_bind(fd, address, size));
}

static int pd_listen(void *userdata, int fd, int backlog)
{
	return told(nc_listen(fd, backlog));
}

static int pd_accept(void *userdata, int fd, struct sockaddr *address, socklen_t *size)
{
	return told(nc_accept4(fd, address, size, 0));
}

static int pd_connect(void *userdata, int fd, const struct sockaddr *address, socklen_t size)
{
	return told(nc_connect(fd, address, size));
}

static ssize_t pd_read(void *userdata, int fd, void *buf, size_t size)
{
	struct iovec iov = { .iov_base = buf, .iov_len = size };

	return is_ours(fd) ? told(nc_readv(fd, &iov, 1)) : read(fd, buf, size);
}

static ssize_t pd_readv(void *userdata, int fd, const struct iovec *iov, int count)
{
	return is_ours(fd) ? told(nc_readv(fd, iov, count)) : readv(fd, iov, count);
}

static ssize_t pd_recv(void *userdata, int fd, void *buf, size_t size, int flags)
{
	return told(nc_recv(fd, buf, size, flags));
}

static ssize_t pd_recvfrom(void *userdata, int fd, void *buf, size_t size, int flags,
			   struct sockaddr *address, socklen_t *address_size)
{
	return told(nc_recvfrom(fd, buf, size, flags, address, address_size));
}

static ssize_t pd_recvmsg(void *userdata, int fd, struct msghdr *message, int flags)
{
	return told(nc_recvmsg(fd, message, flags));
}

static ssize_t pd_write(void *userdata, int fd, const void *buf, size_t size)
{
	return is_ours(fd) ? told(nc_send(fd, buf, size, 0)) : write(fd, buf, size);
}

static ssize_t pd_writev(void *userdata, int fd, const struct iovec *iov, int count)
{
	return is_ours(fd) ? told(nc_writev(fd, iov, count)) : writev(fd, iov, count);
}

static ssize_t pd_send(void *userdata, int fd, const void *buf, size_t size, int flags)
{
	return told(nc_send(fd, buf, size, flags));
}

static ssize_t pd_sendto(void *userdata, int fd, const void *buf, size_t size, int flags,
			 const struct sockaddr *address, socklen_t address_size)
{
	return told(nc_sendto(fd, buf, size, flags, address, address_size));
}

static ssize_t pd_sendmsg(void *userdata, int fd, const struct msghdr *message, int flags)
{
	return told(nc_sendmsg(fd, message, flags));
}

/* A socket's flags are its descriptor's. */
static int pd_fcntl(void *userdata, int fd, int command, ...)
{
	va_list arguments;
	long argument;

	va_start(arguments, command);
	argument = va_arg(arguments, long);
	va_end(arguments);
	return fcntl(fd, command, argument);
}

static int pd_ioctl(void *userdata, int fd, unsigned long request, ...)
{
	va_list arguments;
	int *value;

	va_start(arguments, request);
	value = va_arg(arguments, int *);
	va_end(arguments);
	return is_ours(fd) ? told(nc_ioctl(fd, request, value)) : ioctl(fd, request, value);
}

static int pd_close(void *userdata, int fd)
{
	return is_ours(fd) ? told(nc_close(fd)) : close(fd);
}

static int pd_shutdown(void *userdata, int fd, int how)
{
	return told(nc_shutdown(fd, how));
}

static int pd_getsockopt(void *userdata, int fd, int level, int name, void *value,
			 socklen_t *size)
{
	return told(nc_getsockopt(fd, level, name, value, size));
}

static int pd_setsockopt(void *userdata, int fd, int level, int name, const void *value,
			 socklen_t size)
{
	return told(nc_setsockopt(fd, level, name, value, size));
}

/* --- waiting, in the stack's time --- */

static int wait_ready(struct nc_stack *h, struct pollfd *fds, nfds_t count, int timeout_ms)
{
	int ret;

	host_lock(h);
	ret = host_wait(h, fds, count, deadline_in(h, timeout_ms));
	host_unlock(h);
	return told(ret);
}

static int pd_poll(void *userdata, struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct plugin *p = userdata;

	return wait_ready(p->stack, fds, count, timeout_ms);
}

static int pd_epoll_create(void *userdata, int size)
{
	return epoll_create(size);
}

static int pd_epoll_ctl(void *userdata, int epoll_fd, int op, int fd, struct epoll_event *event)
{
	return epoll_ctl(epoll_fd, op, fd, event);
}

static int pd_epoll_wait(void *userdata, int epoll_fd, struct epoll_event *events, int count,
			 int timeout_ms)
{
	struct pollfd fd = { .fd = epoll_fd, .events = POLLIN };
	struct plugin *p = userdata;

	if (wait_ready(p->stack, &fd, 1, timeout_ms) < 0)
		return -1;
	return epoll_wait(epoll_fd, events, count, 0);
}

static int pd_pipe(void *userdata, int fds[2])
{
	return pipe(fds);
}

/* All of it, since it has been taken; a socket may wait for room. */
static ssize_t put_all(int fd, const u8 *bytes, ssize_t size)
{
	ssize_t done = 0, n = 0;

	while (done < size) {
		n = is_ours(fd) ? told(nc_send(fd, bytes + done, size - done, 0)) :
			write(fd, bytes + done, size - done);
		if (n < 0)
			break;
		done += n;
	}
	return done ? done : n;
}

static int pd_splice(void *userdata, int fd_in, loff_t *offset_in, int fd_out,
		     loff_t *offset_out, size_t size, unsigned int flags)
{
	bool from_socket = is_ours(fd_in);
	u8 bytes[SPLICE_BYTES];
	ssize_t n;

	if (!from_socket && !is_ours(fd_out))
		return splice(fd_in, offset_in, fd_out, offset_out, size, flags);
	if (offset_in || offset_out)
		return told(-ESPIPE);
	size = min_u64(size, sizeof(bytes));
	n = from_socket ?
		told(nc_recv(fd_in, bytes, size, flags & SPLICE_F_NONBLOCK ? MSG_DONTWAIT : 0)) :
		read(fd_in, bytes, size);
	return n > 0 ? put_all(fd_out, bytes, n) : n;
}

/* --- the network and the clock --- */

static int pd_netdev_send(void *userdata, const void *bytes, size_t size)
{
	struct plugin *p = userdata;
	struct nc_stack *h = p->stack;
	bool went_on;

	host_lock(h);
	learn_from_packet(p, bytes, size);
	stack_input(&h->core, bytes, size, 0, host_now_us(h));
	host_settle(h);
	went_on = virtual_settle(h);
	host_unlock(h);
	if (went_on)
		let_threads_note();
	return 0;
}

static int pd_netdev_receive(void *userdata, void *bytes, size_t *size, long long *time_us)
{
	struct plugin *p = userdata;
	struct nc_stack *h = p->stack;
	u64 until_us, sent_us = 0;
	size_t taken;

	host_lock(h);
	virtual_settle(h);
	until_us = host_now_us(h) + PATIENCE_US;
	while (!(taken = queue_take(p->queue, bytes, *size, &sent_us))) {
		if (!virtual_step(h, until_us))
			break;
	}
	host_unlock(h);
	if (!taken)
		fprintf(stderr, "libnetchannel: the stack has sent nothing for three hours\n");
	*size = taken;
	*time_us = sent_us;
	return 0;
}

static int pd_usleep(void *userdata, useconds_t us)
{
	struct plugin *p = userdata;
	struct nc_stack *h = p->stack;
	u64 until_us;

	host_lock(h);
	virtual_settle(h);
	until_us = host_now_us(h) + us;
	while (virtual_step(h, until_us))
		;
	host_unlock(h);
	return 0;
}

/* packetdrill also waits by asking: each time, a microsecond has passed. */
static int pd_gettimeofday(void *userdata, struct timeval *tv, struct timezone *tz)
{
	struct plugin *p = userdata;
	struct nc_stack *h = p->stack;
	u64 now_us;

	host_lock(h);
	now_us = host_now_us(h) + 1;
	while (virtual_step(h, now_us))
		;
	host_unlock(h);
	*tv = (struct timeval){ .tv_sec = now_us / US_PER_S, .tv_usec = now_us % US_PER_S };
	return 0;
}

/* --- begin and end --- */

static void complain(const char *what, const char *value)
{
	fprintf(stderr, "libnetchannel: %s: %s\n", what, value);
	exit(EXIT_FAILURE);
}

static void take_flag(struct plugin *p, const char *name, const char *value)
{
	if (!strcmp(name, "ipv4"))
		p->ipv4_given = inet_pton(AF_INET, value, &p->ipv4.sin_addr) == 1;
	else if (!strcmp(name, "ipv6"))
		p->ipv6_given = inet_pton(AF_INET6, value, &p->ipv6.sin6_addr) == 1;
	else if (!strcmp(name, "mtu"))
		p->mtu_bytes = strtoul(value, NULL, 0);
	else if (!strcmp(name, "seed"))
		p->seed = strtoull(value, NULL, 0);
	else if (!strcmp(name, "sysctl"))
		p->sysctls_path = strdup(value);
	else
		complain("a flag that it does not know", name);
	if ((!strcmp(name, "ipv4") && !p->ipv4_given) || (!strcmp(name, "ipv6") && !p->ipv6_given))
		complain("no address", value);
}

static void take_flags(struct plugin *p, const char *flags)
{
	char *copy = strdup(flags ? flags : ""), *rest = copy, *flag, *value;

	while ((flag = strsep(&rest, ","))) {
		if (!*flag)
			continue;
		value = strchr(flag, '=');
		if (!value)
			complain("a flag without a value", flag);
		*value++ = 0;
		take_flag(p, flag, value);
	}
	free(copy);
	if (!p->sysctls_path && getenv("NETCHANNEL_SYSCTL"))
		p->sysctls_path = strdup(getenv("NETCHANNEL_SYSCTL"));
	p->sysctls.path = p->sysctls_path;
}

static void pd_free(void *userdata)
{
	struct plugin *p = userdata;

	if (nc_stack_destroy(p->stack))
		fprintf(stderr, "libnetchannel: a socket is still open\n");
	free(p->sysctls_path);
	free(p);
}

/* As packetdrill begins: some addresses of its own ranges, until the right ones are known. */
static struct plugin *create(const char *flags)
{
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct plugin *p = calloc(1, sizeof(*p));
	struct tcp_secret secret;
	int ret;

	if (!p)
		complain("no memory", "");
	p->mtu_bytes = MTU_DEFAULT;
	p->ipv4.sin_family = AF_INET;
	p->ipv6.sin6_family = AF_INET6;
	inet_pton(AF_INET, "192.168.0.1", &p->ipv4.sin_addr);
	inet_pton(AF_INET6, "fd3d:fa7b:d17d::1", &p->ipv6.sin6_addr);
	take_flags(p, flags);
	p->queue = queue_create(p->mtu_bytes);
	if (!p->queue)
		complain("no memory", "");
	config.link = &p->queue->link;
	config.ipv4 = (struct sockaddr *)&p->ipv4;
	config.ipv6 = (struct sockaddr *)&p->ipv6;
	secret = (struct tcp_secret){ .key = { p->seed, ~p->seed } };
	ret = virtual_create(&p->stack, &config, &secret, START_US);
	if (ret)
		complain("cannot begin", strerror(-ret));
	p->queue->stack = p->stack;
	return p;
}

void packetdrill_interface_init(const char *flags, struct packetdrill_interface *interface)
{
	*interface = (struct packetdrill_interface){
		.userdata = create(flags),
		.free = pd_free,
		.socket = pd_socket,
		.bind = pd_bind,
		.listen = pd_listen,
		.accept = pd_accept,
		.connect = pd_connect,
		.read = pd_read,
		.readv = pd_readv,
		.recv = pd_recv,
		.recvfrom = pd_recvfrom,
		.recvmsg = pd_recvmsg,
		.write = pd_write,
		.writev = pd_writev,
		.send = pd_send,
		.sendto = pd_sendto,
		.sendmsg = pd_sendmsg,
		.fcntl = pd_fcntl,
		.ioctl = pd_ioctl,
		.close = pd_close,
		.shutdown = pd_shutdown,
		.getsockopt = pd_getsockopt,
		.setsockopt = pd_setsockopt,
		.poll = pd_poll,
		.netdev_send = pd_netdev_send,
		.netdev_receive = pd_netdev_receive,
		.usleep = pd_usleep,
		.gettimeofday = pd_gettimeofday,
		.epoll_create = pd_epoll_create,
		.epoll_ctl = pd_epoll_ctl,
		.epoll_wait = pd_epoll_wait,
		.pipe = pd_pipe,
		.splice = pd_splice,
	};
}
