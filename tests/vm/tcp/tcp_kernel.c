// SPDX-License-Identifier: GPL-2.0
/*
 * tcp_kernel DEVICE LOSS [PEER]: the library's sockets beside the kernel's, over a TUN
 * device whose other end is 192.0.2.1 and fd00::1 and the kernel's; ours is .2. With PEER,
 * over a packet socket on one end of a veth pair, of which PEER is the other.
 * LOSS of a million packets are lost each way. Prints what does not fit.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEBIBYTE	(1 << 20)

static struct nc_stack *stack;
static int failures;

static void expect(const char *what, long got, long wanted)
{
	if (got == wanted)
		return;
	printf("%s: %ld, not %ld\n", what, got, wanted);
	failures++;
}

static struct sockaddr_storage address_of(int family, int host, int port)
{
	struct sockaddr_storage ss = { .ss_family = family };
	struct sockaddr_in *in = (struct sockaddr_in *)&ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ss;

	if (family == AF_INET) {
		in->sin_port = htons(port);
		in->sin_addr.s_addr = htonl(0xc0000200 + host);
	} else {
		in6->sin6_port = htons(port);
		in6->sin6_addr.s6_addr[0] = 0xfd;
		in6->sin6_addr.s6_addr[15] = host;
	}
	return ss;
}

#define KERNEL	1
#define OURS	2
#define SIZE	sizeof(struct sockaddr_storage)

/*
 * By a packet socket to the peer, which leaves neither checksums nor segmentation to a device
 * that is none.
 */
static int packet_link(struct nc_link **link, const char *device, const char *peer)
{
	struct ethtool_value off = { .cmd = ETHTOOL_STXCSUM };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), ret;
	struct ifreq r = { .ifr_data = (void *)&off };

	strncpy(r.ifr_name, peer, IFNAMSIZ - 1);
	ret = ioctl(fd, SIOCETHTOOL, &r);
	off.cmd = ETHTOOL_SGSO;
	if (ret || ioctl(fd, SIOCETHTOOL, &r) || ioctl(fd, SIOCGIFHWADDR, &r))
		err(1, "%s", peer);
	close(fd);
	return nc_link_packet(link, device, (uint8_t *)r.ifr_hwaddr.sa_data);
}

static void start_stack(const char *device, unsigned int loss, const char *peer)
{
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct sockaddr_storage v4 = address_of(AF_INET, OURS, 0);
	struct sockaddr_storage v6 = address_of(AF_INET6, OURS, 0);
	struct nc_faults faults = { .seed = 11, .tx_loss = loss, .rx_loss = loss };
	int ret = peer ? packet_link(&config.link, device, peer) :
		nc_link_tun(&config.link, device);

	if (!ret && loss)
		ret = nc_link_fault(&config.link, config.link, &faults);
	config.ipv4 = (struct sockaddr *)&v4;
	config.ipv6 = (struct sockaddr *)&v6;
	if (!ret)
		ret = nc_stack_create(&stack, &config);
	if (ret)
		errx(1, "stack: %s", strerror(-ret));
}

/* One end of a connection: the library's, or the kernel's. */
struct end {
	bool ours;
	int fd;
};

static ssize_t end_send(struct end e, const void *bytes, size_t size)
{
	ssize_t n = e.ours ? nc_send(e.fd, bytes, size, 0) :
		send(e.fd, bytes, size, MSG_NOSIGNAL);

	return !e.ours && n < 0 ? -errno : n;
}

static ssize_t end_recv(struct end e, void *bytes, size_t size)
{
	ssize_t n = e.ours ? nc_recv(e.fd, bytes, size, 0) : recv(e.fd, bytes, size, 0);

	return !e.ours && n < 0 ? -errno : n;
}

static int end_shutdown(struct end e)
{
	return e.ours ? nc_shutdown(e.fd, SHUT_WR) : shutdown(e.fd, SHUT_WR);
}

static void end_close(struct end e, bool reset)
{
	struct linger linger = { .l_onoff = reset };

	if (e.ours) {
		nc_setsockopt(e.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		nc_close(e.fd);
	} else {
		setsockopt(e.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		close(e.fd);
	}
}

static struct end listen_at(bool ours, int family, int port)
{
	struct sockaddr_storage local = address_of(family, ours ? OURS : KERNEL, port);
	struct end e = { ours, 0 };
	int one = 1, ret;

	if (ours) {
		e.fd = nc_socket(stack, family, SOCK_STREAM, 0);
		nc_setsockopt(e.fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		ret = nc_bind(e.fd, (struct sockaddr *)&local, SIZE);
		if (!ret)
			ret = nc_listen(e.fd, 5);
	} else {
		e.fd = socket(family, SOCK_STREAM, 0);
		setsockopt(e.fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		ret = bind(e.fd, (struct sockaddr *)&local, SIZE) || listen(e.fd, 5) ? -errno : 0;
	}
	if (ret)
		errx(1, "listen: %s", strerror(-ret));
	return e;
}

static int connect_to(struct end *e, int family, int port)
{
	struct sockaddr_storage to = address_of(family, e->ours ? KERNEL : OURS, port);

	e->fd = e->ours ? nc_socket(stack, family, SOCK_STREAM, 0) :
		socket(family, SOCK_STREAM, 0);
	if (e->ours)
		return nc_connect(e->fd, (struct sockaddr *)&to, SIZE);
	return connect(e->fd, (struct sockaddr *)&to, SIZE) ? -errno : 0;
}

/* ends[0] connects, and is the library's if ours; ends[1] accepts. */
static void connect_pair(struct end ends[2], bool ours, int family)
{
	static int port = 8000;
	struct end listener = listen_at(!ours, family, ++port);

	ends[0].ours = ours;
	ends[1].ours = !ours;
	expect("connect", connect_to(&ends[0], family, port), 0);
	ends[1].fd = ours ? accept(listener.fd, NULL, NULL) :
		nc_accept4(listener.fd, NULL, NULL, 0);
	if (ends[1].fd < 0)
		errx(1, "accept: %d", ends[1].fd);
	end_close(listener, false);
}

static unsigned char pattern[MEBIBYTE];

static void fill_pattern(void)
{
	for (size_t i = 0; i < MEBIBYTE; i++)
		pattern[i] = i * 2654435761u >> 13;
}

static void *write_all(void *argument)
{
	struct end *e = argument;
	size_t at = 0;
	ssize_t n;

	while (at < MEBIBYTE && (n = end_send(*e, pattern + at, MEBIBYTE - at)) > 0)
		at += n;
	expect("sent", at, MEBIBYTE);
	expect("shutdown", end_shutdown(*e), 0);
	return NULL;
}

static void read_all(struct end e)
{
	unsigned char bytes[10000];
	size_t at = 0, wrong = 0;
	ssize_t n;

	while ((n = end_recv(e, bytes, sizeof(bytes))) > 0) {
		wrong += at + n > MEBIBYTE || memcmp(bytes, pattern + at, n);
		at += n;
	}
	expect("end", n, 0);
	expect("received", at, MEBIBYTE);
	expect("wrong reads", wrong, 0);
}

static void *read_all_of(void *argument)
{
	read_all(*(struct end *)argument);
	return NULL;
}

/* 1 MiB each way at the same time; who has sent all still receives: half-closes. */
static void transfer(bool ours, int family)
{
	struct end ends[2];
	pthread_t threads[4];

	connect_pair(ends, ours, family);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, i < 2 ? write_all : read_all_of, &ends[i % 2]);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	end_close(ends[0], false);
	end_close(ends[1], false);
}

/* A reset, told to the one who reads and to the one who writes. */
static void reset(bool ours, int family)
{
	struct end ends[2];
	char byte;

	connect_pair(ends, ours, family);
	end_close(ends[0], true);
	expect("read after a reset", end_recv(ends[1], &byte, 1), -ECONNRESET);
	expect("write after a reset", end_send(ends[1], &byte, 1), -EPIPE);
	expect("end after a reset", end_recv(ends[1], &byte, 1), 0);
	end_close(ends[1], false);
}

/* What was written before close() arrives; what is written to it afterwards resets. */
static void closed(bool ours, int family)
{
	struct end ends[2];
	char bytes[8];
	long n;

	connect_pair(ends, ours, family);
	expect("send", end_send(ends[0], "last", 4), 4);
	end_close(ends[0], false);
	expect("last words", end_recv(ends[1], bytes, 8), 4);
	expect("end", end_recv(ends[1], bytes, 8), 0);
	expect("send into nothing", end_send(ends[1], "x", 1), 1);
	/* until the reset has come */
	for (int i = 0; i < 1000 && (n = end_send(ends[1], "x", 1)) == 1; i++)
		usleep(10000);
	expect("send after the reset", n, -EPIPE);
	end_close(ends[1], false);
}

static void refused(int family)
{
	struct end e = { .ours = true };

	expect("connect to nobody, of the kernel", connect_to(&e, family, 9), -ECONNREFUSED);
	end_close(e, false);
	e.ours = false;
	expect("connect to nobody, of ours", connect_to(&e, family, 9), -ECONNREFUSED);
	end_close(e, false);
}

/* The kernel's process dies in the middle of a transfer. */
static void killed(int family)
{
	struct end listener = listen_at(true, family, 7999), child;
	char bytes[4096];
	ssize_t n;
	pid_t pid = fork();

	if (!pid) {
		struct end e = { .ours = false };

		if (connect_to(&e, family, 7999))
			_exit(1);
		memset(bytes, 'x', sizeof(bytes));
		for (;;)	/* until it is killed */
			end_send(e, bytes, sizeof(bytes));
	}
	child = (struct end){ true, nc_accept4(listener.fd, NULL, NULL, 0) };
	expect("first bytes", end_recv(child, bytes, 1), 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while ((n = end_recv(child, bytes, sizeof(bytes))) > 0)
		;
	/* all of what it had written, or a reset, as the kernel likes it */
	expect("end of a dead peer", n == 0 || n == -ECONNRESET, 1);
	end_close(child, false);
	end_close(listener, false);
}

/* Longer than the MTU, both ways: each has to understand the other's fragments. */
static void fragments(int kernel, int fd)
{
	static const int sizes[] = { 1453, 1473, 8000, 65507 };
	static char out[65507], in[65536];

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 7 + i / 256;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		expect("nc_send in fragments", nc_send(fd, out, sizes[i], 0), sizes[i]);
		expect("recv", recv(kernel, in, sizeof(in), 0), sizes[i]);
		expect("the same bytes", memcmp(in, out, sizes[i]), 0);
		memset(in, 0, sizeof(in));
		expect("send in fragments", send(kernel, out, sizes[i], 0), sizes[i]);
		expect("nc_recv", nc_recv(fd, in, sizeof(in), 0), sizes[i]);
		expect("the same bytes back", memcmp(in, out, sizes[i]), 0);
	}
	expect("more than there is", nc_send(fd, out, 65528, 0), -EMSGSIZE);
}

static void datagrams(int family)
{
	struct sockaddr_storage theirs = address_of(family, KERNEL, 5353);
	struct sockaddr_storage own = address_of(family, OURS, 5353);
	int kernel = socket(family, SOCK_DGRAM, 0), fd = nc_socket(stack, family, SOCK_DGRAM, 0);
	char bytes[2000];

	expect("bind", bind(kernel, (struct sockaddr *)&theirs, SIZE), 0);
	expect("nc_bind", nc_bind(fd, (struct sockaddr *)&own, SIZE), 0);
	expect("nc_connect", nc_connect(fd, (struct sockaddr *)&theirs, SIZE), 0);
	expect("connect", connect(kernel, (struct sockaddr *)&own, SIZE), 0);
	expect("nc_send", nc_send(fd, "hello", 5, 0), 5);
	expect("recv", recv(kernel, bytes, sizeof(bytes), 0), 5);
	expect("send", send(kernel, bytes, 1400, 0), 1400);
	expect("nc_recv", nc_recv(fd, bytes, sizeof(bytes), 0), 1400);
	fragments(kernel, fd);
	close(kernel);
	expect("nc_send to nobody", nc_send(fd, "hello", 5, 0), 5);
	expect("nc_recv of an error", nc_recv(fd, bytes, sizeof(bytes), 0), -ECONNREFUSED);
	nc_close(fd);
	kernel = socket(family, SOCK_DGRAM, 0);
	expect("connect", connect(kernel, (struct sockaddr *)&own, SIZE), 0);
	expect("send to nobody", send(kernel, bytes, 5, 0), 5);
	expect("recv of an error", recv(kernel, bytes, 5, 0) < 0 ? errno : 0, ECONNREFUSED);
	close(kernel);
}

int main(int argc, char **argv)
{
	static const int families[] = { AF_INET, AF_INET6 };
	unsigned int loss = argc > 2 ? atoi(argv[2]) : 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	fill_pattern();
	start_stack(argv[1], loss, argc > 3 ? argv[3] : NULL);
	for (int i = 0; i < 2; i++) {
		transfer(true, families[i]);
		transfer(false, families[i]);
		if (loss)
			continue;
		reset(true, families[i]);
		reset(false, families[i]);
		closed(true, families[i]);
		closed(false, families[i]);
		refused(families[i]);
		killed(families[i]);
		datagrams(families[i]);
	}
	expect("destroy", nc_stack_destroy(stack), 0);
	return failures != 0;
}
