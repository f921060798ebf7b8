// SPDX-License-Identifier: GPL-2.0
/*
 * What senders of datagrams do while the link has no room: nothing that a call has said to
 * have sent is lost; nor is what streams have to say. The link is a pipe whose other end is the
 * test's, by itself and behind memory that the stack shares with it (_i).
 */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <netchannel/socket.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libnetchannel/link/link.h"
#include "libnetchannel/tcp/segment.h"
#include "libnetchannel/wire/ip.h"
#include "libnetchannel/wire/udp.h"
#include "tests/tcp/hosts.h"
#include "tests/tcp/shared.h"

#define BYTES	1400	/* of a datagram that fills */

static struct nc_stack *stack;
static struct nc_link *far_end;
static char bytes[65536];

/* A socket that is connected to a host which nobody plays. */
static int new_socket(void)
{
	struct sockaddr_storage peer = address_of(AF_INET, 1, 7);
	int fd = nc_socket(stack, AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(nc_connect(fd, (struct sockaddr *)&peer, SIZE), 0);
	return fd;
}

static int begin(bool is_shared)
{
	struct sockaddr_storage own = address_of(AF_INET, 0, 0);
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct nc_link *ends[2];

	ck_assert_int_eq(nc_link_pipe(ends, 1500), 0);
	far_end = ends[1];
	config.link = is_shared ? shared_link(ends[0]) : ends[0];
	config.ipv4 = (struct sockaddr *)&own;
	ck_assert_int_eq(nc_stack_create(&stack, &config), 0);
	return new_socket();
}

static void end(void)
{
	ck_assert_int_eq(nc_stack_destroy(stack), 0);
	nc_link_close(far_end);
}

/* How many datagrams it took. */
static int fill(int fd)
{
	int sent = 0;
	ssize_t ret;

	while ((ret = nc_send(fd, bytes, BYTES, MSG_DONTWAIT)) == BYTES)
		sent++;
	ck_assert_int_eq(ret, -EAGAIN);
	ck_assert_int_gt(sent, 10);
	return sent;
}

/* The next one that arrives, however busy the machine is; it stays until the one after it. */
static struct ip_packet packet_arrives(void)
{
	struct pollfd p = { .fd = far_end->fd, .events = POLLIN };
	struct ip_packet packet;
	static u8 got[65536];
	ssize_t size;

	ck_assert_int_eq(poll(&p, 1, 20000), 1);
	size = link_recv(far_end, got, sizeof(got));
	ck_assert_int_gt(size, 0);
	/* what a device would have written */
	ck_assert_int_eq(ip_parse_verified(&packet, got, size, false), 0);
	return packet;
}

/* A datagram: its size. */
static int arrives(void)
{
	struct ip_packet packet = packet_arrives();
	struct udp_datagram d;

	ck_assert_int_eq(udp_parse(&d, &(struct tcp_flow){ .ip_version = 4 }, packet.payload,
				   packet.payload_bytes, true), 0);
	return d.payload_bytes;
}

/* A segment: its flags. */
static u8 segment_arrives(void)
{
	struct ip_packet packet = packet_arrives();
	struct tcp_segment segment;

	ck_assert_int_eq(tcp_segment_parse(&segment, packet.payload, packet.payload_bytes), 0);
	return segment.flags;
}

static void nothing_arrives(void)
{
	struct pollfd p = { .fd = far_end->fd, .events = POLLIN };

	ck_assert_int_eq(poll(&p, 1, 50), 0);
}

static void all_arrive(int count)
{
	for (int i = 0; i < count; i++)
		ck_assert_int_eq(arrives(), BYTES);
}

/* Without waiting; and poll() says when there is room again. */
START_TEST(nonblocking)
{
	int fd = begin(_i), other = new_socket(), sent = fill(fd);

	ck_assert_int_eq(ready(fd), 0);
	ck_assert_int_eq(nc_send(other, "", 0, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(ready(other), 0);
	all_arrive(sent);
	wait_ready(fd, POLLOUT);
	wait_ready(other, POLLOUT);
	ck_assert_int_eq(nc_send(other, "xyz", 3, MSG_DONTWAIT), 3);
	ck_assert_int_eq(arrives(), 3);
	nothing_arrives();
	/* a socket that goes while it looks full is not looked for later */
	sent = fill(fd);
	nc_close(fd);
	all_arrive(sent);
	wait_ready(other, POLLOUT);
	nc_close(other);
	end();
}
END_TEST

/* What fails for another reason fails at once; and what does not leave needs no room. */
START_TEST(no_reason_to_wait)
{
	struct sockaddr_storage own = address_of(AF_INET, 0, 0), none = address_of(AF_INET, 1, 0);
	int fd = begin(_i), other = nc_socket(stack, AF_INET, SOCK_DGRAM, 0);
	socklen_t size = SIZE;
	int discover = IP_PMTUDISC_DO;

	fill(fd);
	ck_assert_int_eq(nc_send(other, "x", 1, 0), -EDESTADDRREQ);
	ck_assert_int_eq(nc_sendto(other, "x", 1, 0, (struct sockaddr *)&none, SIZE), -EINVAL);
	ck_assert_int_eq(nc_send(fd, bytes, 65508, 0), -EMSGSIZE);
	ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, 4), 0);
	ck_assert_int_eq(nc_send(fd, bytes, 1473, 0), -EMSGSIZE);
	ck_assert_int_eq(nc_getsockname(other, (struct sockaddr *)&own, &size), 0);
	own.ss_family = AF_INET;
	((struct sockaddr_in *)&own)->sin_addr = (struct in_addr){ htonl(0x7f000001) };
	ck_assert_int_eq(nc_sendto(other, "x", 1, 0, (struct sockaddr *)&own, size), 1);
	ck_assert_int_eq(nc_recv(other, bytes, 1, 0), 1);
	ck_assert_int_eq(nc_send(fd, "x", 1, MSG_MORE), 1);	/* it is only held */
	nc_close(other);
	other = new_socket();
	ck_assert_int_eq(nc_shutdown(other, SHUT_WR), 0);
	ck_assert_int_eq(nc_send(other, "x", 1, 0), -EPIPE);
	nc_close(other);
	nc_close(fd);
	end();
}
END_TEST

struct waiter {
	int fd;
	ssize_t result;
	pthread_t thread;
};

static void *wait_to_send(void *context)
{
	struct waiter *w = context;

	w->result = nc_send(w->fd, "xyz", 3, 0);
	return NULL;
}

static void start_waiting(struct waiter *w, int fd)
{
	w->fd = fd;
	ck_assert_int_eq(pthread_create(&w->thread, NULL, wait_to_send, w), 0);
	usleep(30000);
}

static ssize_t result_of(struct waiter *w)
{
	ck_assert_int_eq(pthread_join(w->thread, NULL), 0);
	return w->result;
}

static void on_signal(int number)
{
}

/* What ends a wait: room, time, a signal, both shutdowns, an error of the link. */
START_TEST(waits)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct timeval tv = { .tv_usec = 30000 };
	int fd = begin(_i), other = new_socket(), sent = fill(fd);
	struct waiter w;

	ck_assert_int_eq(nc_setsockopt(other, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), 0);
	ck_assert_int_eq(nc_send(other, "x", 1, 0), -EAGAIN);
	sigaction(SIGALRM, &action, NULL);
	ualarm(30000, 30000);	/* the first may come before the call */
	ck_assert_int_eq(nc_send(fd, "x", 1, 0), -EINTR);
	ualarm(0, 0);
	nc_close(other);
	other = new_socket();
	start_waiting(&w, other);
	ck_assert_int_eq(nc_shutdown(other, SHUT_RDWR), 0);
	ck_assert_int_eq(result_of(&w), -EPIPE);
	start_waiting(&w, fd);
	all_arrive(sent);
	ck_assert_int_eq(arrives(), 3);
	ck_assert_int_eq(result_of(&w), 3);
	fill(fd);
	start_waiting(&w, fd);
	nc_link_close(far_end);
	ck_assert_int_eq(result_of(&w) > 0 ? -ENETDOWN : w.result, -ENETDOWN);
	for (int i = 0; i < 5000 && nc_send(fd, "x", 1, 0) != -ENETDOWN; i++)
		usleep(1000);
	ck_assert_int_eq(nc_send(fd, "x", 1, 0), -ENETDOWN);
	nc_close(fd);
	nc_close(other);
	ck_assert_int_eq(nc_stack_destroy(stack), 0);
}
END_TEST

/* The close of another thread ends it, at any moment, and then the stack may go. */
START_TEST(closed_beside)
{
	for (int i = 0; i < 6; i++) {
		int fd = begin(_i), other = new_socket();
		struct waiter w = { .fd = other };

		fill(fd);
		ck_assert_int_eq(pthread_create(&w.thread, NULL, wait_to_send, &w), 0);
		usleep(i * 2000);
		ck_assert_int_eq(nc_close(other), 0);
		nc_close(fd);
		end();
		pthread_join(w.thread, NULL);
		ck_assert(w.result == -EBADF || w.result == -ENOTSOCK);
	}
}
END_TEST

/* A message of many datagrams: all of them, or none. */
START_TEST(segments)
{
	int fd = begin(_i), segment_bytes = 1000, sent = 0;

	ck_assert_int_eq(nc_setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment_bytes,
				       sizeof(segment_bytes)), 0);
	while (nc_send(fd, bytes, 63500, MSG_DONTWAIT) == 63500)
		sent++;
	ck_assert_int_ge(sent, 1);
	for (int i = 0; i < sent * 64; i++)
		ck_assert_int_eq(arrives(), i % 64 == 63 ? 500 : 1000);
	nothing_arrives();
	nc_close(fd);
	end();
}
END_TEST

/* The end of a cork does not wait: the datagram goes when there is room, before the next. */
START_TEST(end_of_cork)
{
	int fd = begin(_i), other = new_socket(), third = new_socket(), on = 1, off = 0, sent;

	for (int i = 0; i < 2; i++) {
		int s = i ? third : other;

		ck_assert_int_eq(nc_setsockopt(s, SOL_UDP, UDP_CORK, &on, sizeof(on)), 0);
		ck_assert_int_eq(nc_send(s, "ab", 2, 0), 2);
		ck_assert_int_eq(nc_send(s, "cde", 3, 0), 3);
	}
	sent = fill(fd);
	ck_assert_int_eq(nc_setsockopt(other, SOL_UDP, UDP_CORK, &off, sizeof(off)), 0);
	ck_assert_int_eq(nc_setsockopt(third, SOL_UDP, UDP_CORK, &off, sizeof(off)), 0);
	ck_assert_int_eq(nc_send(other, "x", 1, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(nc_send(other, "x", 1, MSG_DONTWAIT | MSG_MORE), -EAGAIN);
	all_arrive(sent);
	ck_assert_int_eq(arrives(), 5);
	ck_assert_int_eq(arrives(), 5);
	wait_ready(other, POLLOUT);
	ck_assert_int_eq(nc_send(other, "x", 1, 0), 1);
	ck_assert_int_eq(arrives(), 1);
	nothing_arrives();
	nc_close(fd);
	nc_close(other);
	nc_close(third);
	end();
}
END_TEST

/* As Linux: where the last part finds no room, the ones before it are lost with it. */
START_TEST(parts_without_room)
{
	int fd = begin(_i), other = new_socket(), sent;

	ck_assert_int_eq(nc_send(other, "abc", 3, MSG_MORE), 3);
	sent = fill(fd);
	ck_assert_int_eq(nc_send(other, "d", 1, MSG_DONTWAIT), -EAGAIN);
	all_arrive(sent);
	wait_ready(other, POLLOUT);
	ck_assert_int_eq(nc_send(other, "xy", 2, 0), 2);
	ck_assert_int_eq(arrives(), 2);
	nc_close(fd);
	nc_close(other);
	end();
}
END_TEST

/* The SYN waits for longer than until it would go again, and goes once; no call is made then. */
START_TEST(stream)
{
	struct sockaddr_storage peer = address_of(AF_INET, 1, 7);
	int fd = begin(_i), other = nc_socket(stack, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int sent = fill(fd);
	struct tcp_info info;
	socklen_t size = sizeof(info);

	ck_assert_int_eq(nc_connect(other, (struct sockaddr *)&peer, SIZE), -EINPROGRESS);
	usleep(1100000);
	all_arrive(sent);
	ck_assert_uint_eq(segment_arrives() & ~(TCP_ECE | TCP_CWR), TCP_SYN);
	ck_assert_int_eq(nc_getsockopt(other, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
	ck_assert_uint_eq(info.tcpi_total_retrans, 0);
	nc_close(other);
	nc_close(fd);
	end();
}
END_TEST

/* The link ends meanwhile: then nothing waits for it. */
START_TEST(stream_without_link)
{
	struct sockaddr_storage peer = address_of(AF_INET, 1, 7);
	int fd = begin(_i), other = nc_socket(stack, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	fill(fd);
	ck_assert_int_eq(nc_connect(other, (struct sockaddr *)&peer, SIZE), -EINPROGRESS);
	nc_link_close(far_end);
	nc_close(other);
	nc_close(fd);
	ck_assert_int_eq(nc_stack_destroy(stack), 0);
}
END_TEST

Suite *socket_room_suite(void);
Suite *socket_room_suite(void)
{
	Suite *s = suite_create("socket_room");
	TCase *c = tcase_create("socket_room");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, nonblocking, 0, 2);
	tcase_add_loop_test(c, no_reason_to_wait, 0, 2);
	tcase_add_loop_test(c, waits, 0, 2);
	tcase_add_loop_test(c, closed_beside, 0, 2);
	tcase_add_loop_test(c, segments, 0, 2);
	tcase_add_loop_test(c, end_of_cork, 0, 2);
	tcase_add_loop_test(c, parts_without_room, 0, 2);
	tcase_add_loop_test(c, stream, 0, 2);
	tcase_add_loop_test(c, stream_without_link, 0, 2);
	suite_add_tcase(s, c);
	return s;
}
