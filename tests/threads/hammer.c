// SPDX-License-Identifier: GPL-2.0
/*
 * N58: threads that do to the same sockets what they like, at the same time, under
 * ThreadSanitizer: connect, send, receive, in pieces, in batches and datagrams, wait, by
 * epoll too, ask, set, shut down, and close what another is waiting for. Calls may fail; the
 * process must not, and nothing may stay. At the end the stacks go while calls that were
 * waiting leave them. Then threads of two stacks that look after each other (neighbours.c),
 * while others come and go; and stacks over channels of a device that is this process
 * (tests/tcp/device.h), which now and then has no room.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/count.h"
#include "tests/tcp/device.h"
#include "tests/tcp/random.h"
#include "tests/tcp/shared.h"

#define THREADS		6
#define SLOTS		16	/* few, so that threads meet */
#define PORT		80

static struct nc_stack *hosts[2];
static _Atomic int slots[SLOTS];	/* descriptors; -1: none */
static _Atomic uint64_t bytes_moved, closed_in_use, events_seen, in_messages;
static uint64_t count;

static struct sockaddr_in address_of(int host, int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(0xc0000201 + host) };
}

static void start_hosts(void)
{
	struct nc_faults faults = { .seed = 1, .tx_loss = 5000 };
	struct nc_link *ends[2];

	if (nc_link_pipe(ends, 1500))
		errx(1, "no pipe");
	for (int i = 0; i < 2; i++) {
		struct sockaddr_in own = address_of(i, 0);
		struct nc_stack_config config = NC_STACK_CONFIG_INIT;

		if (nc_link_fault(&ends[i], ends[i], &faults))
			errx(1, "no faults");
		/* of one, the packets lie in memory that it shares with others */
		config.link = i ? shared_link(ends[i]) : ends[i];
		config.ipv4 = (struct sockaddr *)&own;
		if (nc_stack_create(&hosts[i], &config))
			errx(1, "no stack");
	}
}

static int listener(void)
{
	struct sockaddr_in own = address_of(1, PORT);
	int fd = nc_socket(hosts[1], AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (nc_bind(fd, (struct sockaddr *)&own, sizeof(own)) || nc_listen(fd, 64))
		errx(1, "no listener");
	return fd;
}

/* A socket goes into a slot; what was there is closed, whoever uses it. */
static void put(uint64_t *random, int fd)
{
	int old;

	if (fd < 0)
		return;
	old = atomic_exchange(&slots[random_below(random, SLOTS)], fd);
	if (old >= 0 && !nc_close(old))
		closed_in_use++;
}

static void connect_one(uint64_t *random)
{
	struct sockaddr_in to = address_of(1, PORT);
	int fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd >= 0)
		nc_connect(fd, (struct sockaddr *)&to, sizeof(to));
	put(random, fd);
}

/* Of datagrams: at one host or the other, each connected to a port of the other one. */
static void open_datagrams(uint64_t *random)
{
	int host = random_below(random, 2), port = PORT + random_below(random, 4);
	struct sockaddr_in own = address_of(host, port), to = address_of(!host, port);
	int fd = nc_socket(hosts[host], AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (fd >= 0 && !nc_bind(fd, (struct sockaddr *)&own, sizeof(own)) &&
	    random_below(random, 2))
		nc_connect(fd, (struct sockaddr *)&to, sizeof(to));
	put(random, fd);
}

/* With an address, which a datagram needs that is not connected, and a stream ignores. */
static ssize_t send_message(uint64_t *random, int fd, char *bytes, size_t size)
{
	struct sockaddr_in to = address_of(random_below(random, 2), PORT + random_below(random, 4));
	struct iovec parts[] = { { bytes, size / 3 }, { bytes + size / 3, size - size / 3 } };
	struct msghdr m = {
		.msg_iov = parts, .msg_iovlen = 2,
		.msg_name = random_below(random, 2) ? &to : NULL, .msg_namelen = sizeof(to),
	};

	return nc_sendmsg(fd, &m, MSG_DONTWAIT);
}

#define BATCH	3

/* As sendmmsg() or recvmmsg(); returns the bytes of the first. */
static ssize_t move_batch(int fd, char *bytes, size_t size, bool send)
{
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH] = { 0 };
	int n;

	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){ bytes + size / BATCH * i, size / BATCH };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	n = send ? nc_sendmmsg(fd, messages, BATCH, MSG_DONTWAIT) :
		   nc_recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
	return n > 0 ? (ssize_t)messages[0].msg_len : -1;
}

static int epoll_fd;

/* Not by the C library, of which ThreadSanitizer knows that another closes the descriptor. */
static int change_set(int how, int fd, struct epoll_event *wanted)
{
	return syscall(SYS_epoll_ctl, epoll_fd, how, fd, wanted);
}

/* Who is in the set may be closed, and another have its number. */
static void watch(uint64_t *random, int fd)
{
	struct epoll_event events[4], wanted = {
		.events = EPOLLIN | EPOLLOUT | (random_below(random, 2) ? EPOLLET : 0),
		.data.fd = fd,
	};
	int n;

	if (change_set(EPOLL_CTL_ADD, fd, &wanted))
		change_set(random_below(random, 2) ? EPOLL_CTL_MOD : EPOLL_CTL_DEL, fd, &wanted);
	n = epoll_wait(epoll_fd, events, 4, 0);
	if (n > 0)
		events_seen += n;
}

static void ask(int fd)
{
	struct sockaddr_storage a;
	socklen_t size = sizeof(a), info_size = sizeof(struct tcp_info);
	struct nc_stack_counters counters;
	struct tcp_info info;
	int value;

	nc_getsockname(fd, (struct sockaddr *)&a, &size);
	nc_getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &info_size);
	nc_ioctl(fd, FIONREAD, &value);
	nc_stack_counters(hosts[0], &counters);
}

static void use(uint64_t *random, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	char bytes[3000] = { 0 };
	ssize_t n = 0;
	int on = 1;

	switch (random_below(random, 12)) {
	case 0:
	case 1:
		n = nc_send(fd, bytes, random_below(random, sizeof(bytes)), MSG_DONTWAIT);
		break;
	case 2:
	case 3:
		n = nc_recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		break;
	case 4:
		nc_poll(&p, 1, 1);
		break;
	case 5:
		ask(fd);
		break;
	case 6:
		nc_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		break;
	case 7:
		if (!random_below(random, 10))
			nc_shutdown(fd, SHUT_WR);
		break;
	case 8:
		n = send_message(random, fd, bytes, random_below(random, sizeof(bytes)));
		break;
	case 9:
	case 10:
		n = move_batch(fd, bytes, random_below(random, sizeof(bytes)),
			       random_below(random, 2));
		if (n > 0)
			in_messages += n;
		break;
	case 11:
		watch(random, fd);
	}
	if (n > 0)
		bytes_moved += n;
}

static int listening_fd;

static bool has_proven(void)
{
	return bytes_moved && in_messages && events_seen;
}

static void *work(void *context)
{
	uint64_t random = 1 + (uintptr_t)context;

	/* longer where the host is so busy that no connection has come about */
	for (uint64_t i = 0; i < count || (!has_proven() && i < 1000 * count); i++) {
		switch (random_below(&random, 20)) {
		case 0:
			connect_one(&random);
			break;
		case 1:
			put(&random, nc_accept4(listening_fd, NULL, NULL, SOCK_NONBLOCK));
			break;
		case 2:
			open_datagrams(&random);
			break;
		default:
			use(&random, slots[random_below(&random, SLOTS)]);
		}
	}
	return NULL;
}

struct reader {
	int fd;
	uint64_t bytes;
};

static void *read_to_end(void *context)
{
	struct reader *r = context;
	char bytes[1000];
	ssize_t n;

	while ((n = nc_recv(r->fd, bytes, sizeof(bytes), 0)) > 0)
		r->bytes += n;
	return NULL;
}

/* Two threads wait for bytes of the same stream: each byte comes to one of them. */
static void read_beside(void)
{
	struct sockaddr_in at = address_of(1, PORT + 1);
	int listener = nc_socket(hosts[1], AF_INET, SOCK_STREAM, 0);
	int fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	struct reader readers[2] = { 0 };
	pthread_t threads[2];
	char bytes[700] = { 0 };
	uint64_t sent = 0;

	if (nc_bind(listener, (struct sockaddr *)&at, sizeof(at)) || nc_listen(listener, 1) ||
	    nc_connect(fd, (struct sockaddr *)&at, sizeof(at)))
		errx(1, "no connection");
	readers[0].fd = readers[1].fd = nc_accept4(listener, NULL, NULL, 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, read_to_end, &readers[i]);
	for (int i = 0; i < 300; i++)
		sent += nc_send(fd, bytes, sizeof(bytes), 0);
	nc_shutdown(fd, SHUT_WR);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	if (readers[0].bytes + readers[1].bytes != sent)
		errx(1, "bytes were lost, or came twice");
	nc_close(readers[0].fd);
	nc_close(fd);
	nc_close(listener);
}

static void *wait_for_data(void *context)
{
	char byte;

	if (nc_recv(*(int *)context, &byte, 1, 0) >= 0)
		errx(1, "there was something to receive");
	return NULL;
}

static void destroy_beside_waiters(void)
{
	pthread_t threads[THREADS];
	int fds[THREADS];

	for (int i = 0; i < THREADS; i++) {
		fds[i] = nc_socket(hosts[i % 2], AF_INET, SOCK_DGRAM, 0);
		pthread_create(&threads[i], NULL, wait_for_data, &fds[i]);
	}
	usleep(50000);
	for (int i = 0; i < THREADS; i++)
		nc_close(fds[i]);
	if (nc_stack_destroy(hosts[0]) || nc_stack_destroy(hosts[1]))
		errx(1, "a socket is open");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* --- stacks whose links share memory --- */

#define CLIENTS	3

static struct nc_stack *neighbours[2];
static int neighbours_fd;		/* of the second, listening */

static void make_neighbours(struct nc_stack *made[2])
{
	struct nc_link *ends[2];

	if (nc_link_pipe(ends, 1500))
		errx(1, "no pipe");
	for (int i = 0; i < 2; i++) {
		struct sockaddr_in own = address_of(i, 0);
		struct nc_stack_config config = NC_STACK_CONFIG_INIT;

		config.link = shared_link(ends[i]);
		config.ipv4 = (struct sockaddr *)&own;
		if (nc_stack_create(&made[i], &config))
			errx(1, "no neighbour");
	}
}

static void end_neighbours(struct nc_stack *made[2])
{
	if (nc_stack_destroy(made[0]) || nc_stack_destroy(made[1]))
		errx(1, "a neighbour's socket is open");
}

/* Each waits for one stack, and then calls the other. */
static void *connect_and_accept(void *context)
{
	struct sockaddr_in to = address_of(1, PORT);

	for (uint64_t i = 0; i < count / 20; i++) {
		int fd = nc_socket(neighbours[0], AF_INET, SOCK_STREAM, 0), accepted;
		char byte;

		if (nc_connect(fd, (struct sockaddr *)&to, sizeof(to)))
			errx(1, "no connection to a neighbour");
		accepted = nc_accept4(neighbours_fd, NULL, NULL, 0);
		if (accepted < 0 || nc_close(accepted))
			errx(1, "no connection from a neighbour");
		/* it may be another thread's, which comes as surely */
		if (nc_recv(fd, &byte, 1, 0))
			errx(1, "no end");
		nc_close(fd);
	}
	return NULL;
}

static void *come_and_go(void *context)
{
	for (uint64_t i = 0; i < count / 100; i++) {
		struct nc_stack *made[2];

		make_neighbours(made);
		end_neighbours(made);
	}
	return NULL;
}

static void look_after_each_other(void)
{
	struct sockaddr_in own = address_of(1, PORT);
	pthread_t threads[CLIENTS + 1];

	make_neighbours(neighbours);
	neighbours_fd = nc_socket(neighbours[1], AF_INET, SOCK_STREAM, 0);
	if (nc_bind(neighbours_fd, (struct sockaddr *)&own, sizeof(own)) ||
	    nc_listen(neighbours_fd, 64))
		errx(1, "no listener");
	for (int i = 0; i <= CLIENTS; i++)
		pthread_create(&threads[i], NULL, i ? connect_and_accept : come_and_go, NULL);
	for (int i = 0; i <= CLIENTS; i++)
		pthread_join(threads[i], NULL);
	nc_close(neighbours_fd);
	end_neighbours(neighbours);
}

/* --- stacks over channels --- */

#define PIECES		20
#define PIECE_BYTES	30000
#define CLIENT_PORT	4000	/* and the next ones: a stack each */

static struct nc_stack *stack_on_channel(int host, int port)
{
	struct sockaddr_in own = address_of(host, port), address = address_of(host, 0);
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct nc_stack *made;

	config.ipv4 = (struct sockaddr *)&address;
	if (nc_link_channel(&config.link, IPPROTO_TCP, (struct sockaddr *)&own, 1500) ||
	    nc_stack_create(&made, &config))
		errx(1, "no stack on a channel");
	return made;
}

static void *send_pieces(void *context)
{
	static const char bytes[PIECE_BYTES];
	int fd = *(int *)context;

	for (int i = 0; i < PIECES; i++) {
		if (nc_send(fd, bytes, sizeof(bytes), MSG_ZEROCOPY) != sizeof(bytes))
			errx(1, "a piece was not sent");
	}
	nc_shutdown(fd, SHUT_WR);
	return NULL;
}

/* One thread sends, which is reported to the other, who waits for what comes back. */
static void talk_once(struct nc_stack *stack)
{
	const struct linger reset = { .l_onoff = 1 };
	struct sockaddr_in to = address_of(1, PORT);
	int fd = nc_socket(stack, AF_INET, SOCK_STREAM, 0), on = 1;
	struct msghdr report = { 0 };
	struct reader reader = { .fd = fd };
	pthread_t sender;

	nc_setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on));
	nc_setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (nc_connect(fd, (struct sockaddr *)&to, sizeof(to)))
		errx(1, "no connection over a channel");
	pthread_create(&sender, NULL, send_pieces, &fd);
	read_to_end(&reader);
	pthread_join(sender, NULL);
	if (reader.bytes != PIECES * PIECE_BYTES || nc_recvmsg(fd, &report, MSG_ERRQUEUE))
		errx(1, "bytes were lost over a channel, or their report was");
	nc_close(fd);
}

static uint64_t rounds(void)
{
	return count / 1000;
}

static void *talk(void *context)
{
	for (uint64_t i = 0; i < rounds(); i++)
		talk_once(context);
	return NULL;
}

static void *echo(void *context)
{
	int listener = *(int *)context, fd;
	char bytes[10000];
	ssize_t n;

	for (uint64_t i = 0; i < rounds(); i++) {
		fd = nc_accept4(listener, NULL, NULL, 0);
		while ((n = nc_recv(fd, bytes, sizeof(bytes), 0)) > 0)
			nc_send(fd, bytes, n, 0);
		nc_close(fd);
	}
	return NULL;
}

static void over_channels(void)
{
	struct nc_stack *server = stack_on_channel(1, PORT), *clients[CLIENTS];
	struct sockaddr_in own = address_of(1, PORT);
	int listener = nc_socket(server, AF_INET, SOCK_STREAM, 0);
	pthread_t threads[2 * CLIENTS];

	device_options.blocks_one_in = 7;
	if (nc_bind(listener, (struct sockaddr *)&own, sizeof(own)) || nc_listen(listener, 64))
		errx(1, "no listener on a channel");
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = stack_on_channel(0, CLIENT_PORT + i);
		pthread_create(&threads[2 * i], NULL, echo, &listener);
		pthread_create(&threads[2 * i + 1], NULL, talk, clients[i]);
	}
	for (int i = 0; i < 2 * CLIENTS; i++)
		pthread_join(threads[i], NULL);
	nc_close(listener);
	for (int i = 0; i < CLIENTS; i++) {
		if (nc_stack_destroy(clients[i]))
			errx(1, "a socket on a channel is open");
	}
	if (nc_stack_destroy(server) || device_counters.malformed || !device_counters.segmented)
		errx(1, "channels prove nothing");
}

int main(void)
{
	pthread_t threads[THREADS];

	count = count_of(3000, 300000);
	for (int i = 0; i < SLOTS; i++)
		slots[i] = -1;
	start_hosts();
	listening_fd = listener();
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < SLOTS; i++) {
		if (slots[i] >= 0)
			nc_close(slots[i]);
	}
	nc_close(listening_fd);
	read_beside();
	destroy_beside_waiters();
	look_after_each_other();
	over_channels();
	printf("threads: %llu bytes moved, %llu in batches, %llu events, %llu sockets closed beside "
	       "their users\n", (unsigned long long)bytes_moved, (unsigned long long)in_messages,
	       (unsigned long long)events_seen, (unsigned long long)closed_in_use);
	if (!has_proven() || !closed_in_use)
		errx(1, "it proves nothing");
	printf("1 passed, 0 failed, 0 skipped\n");
	return 0;
}
