// SPDX-License-Identifier: GPL-2.0
/* Sockets over channels of a device that is this process: tests/tcp/device.h. */
/* unit: libnetchannel/link/port.c libnetchannel/link/ring.c tests/tcp/device.c */
#define _GNU_SOURCE	/* POLLRDHUP */
#include <check.h>
#include <errno.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <linux/types.h>
#include <netchannel.h>

#include "libnetchannel/link/link.h"
#include "libnetchannel/socket/host.h"
#include "tests/tcp/device.h"
#include "tests/tcp/hosts.h"

#define TOTAL_BYTES	(3u << 20)
#define PIECE_BYTES	50000u

static unsigned char byte_at(size_t offset)
{
	return offset * 2654435761u >> 13;
}

/* From an end to where it is shut down; NULL: all of it went. */
static void *write_all(void *context)
{
	static unsigned char bytes[PIECE_BYTES];
	int fd = *(int *)context;
	size_t size;

	for (size_t at = 0; at < TOTAL_BYTES; at += size) {
		size = TOTAL_BYTES - at < PIECE_BYTES ? TOTAL_BYTES - at : PIECE_BYTES;
		for (size_t i = 0; i < size; i++)
			bytes[i] = byte_at(at + i);
		if (nc_send(fd, bytes, size, 0) != (ssize_t)size)
			return context;
	}
	return nc_shutdown(fd, SHUT_WR) ? context : NULL;
}

static size_t read_all(int fd)
{
	static unsigned char bytes[PIECE_BYTES];
	size_t at = 0, wrong = 0;
	ssize_t size;

	while ((size = nc_recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		for (ssize_t i = 0; i < size; i++)
			wrong += bytes[i] != byte_at(at++);
	}
	ck_assert_int_eq(size, 0);
	ck_assert_uint_eq(wrong, 0);
	return at;
}

static void open_pair(int ends[2])
{
	channels = true;
	start_hosts(NULL);
	connect_pair(AF_INET, ends);
}

static void close_pair(const int ends[2])
{
	ck_assert_int_eq(nc_close(ends[0]), 0);
	ck_assert_int_eq(nc_close(ends[1]), 0);
	stop_hosts();
}

/* All bytes, and what they went by. */
static void transfer(const int ends[2])
{
	int from = ends[0];
	pthread_t thread;
	void *failed;

	ck_assert_int_eq(pthread_create(&thread, NULL, write_all, &from), 0);
	ck_assert_uint_eq(read_all(ends[1]), TOTAL_BYTES);
	pthread_join(thread, &failed);
	ck_assert_ptr_null(failed);
	ck_assert_uint_eq(device_counters.malformed, 0);
	ck_assert_uint_gt(device_counters.sent, TOTAL_BYTES >> 16);
}

/* Many segments by one descriptor, with their text where it lies; with enough room, none lost. */
START_TEST(all_features)
{
	int ends[2];

	open_pair(ends);
	transfer(ends);
	ck_assert_uint_gt(device_counters.segmented, 10);
	ck_assert_uint_gt(device_counters.gathered, 10);
	ck_assert_uint_lt(device_counters.sent, TOTAL_BYTES / 1460);
	close_pair(ends);
}
END_TEST

/* A module that knows nothing of what came later, and rings of little memory. */
START_TEST(no_features)
{
	int ends[2];

	if (_i)
		device_options.tx_bytes_max = 256 << 10;
	else
		device_options.features = NETCHANNEL_FEATURE_LIKE;
	open_pair(ends);
	ck_assert_int_eq(hosts[0]->link->makes_readiness, _i);
	transfer(ends);
	ck_assert_uint_gt(device_counters.segmented, 10);
	ck_assert_uint_eq(device_counters.gathered, 0);
	close_pair(ends);
}
END_TEST

/* KICK finds no room again and again: the thread sends the rest, and nothing is lost. */
START_TEST(blocked)
{
	int ends[2];

	device_options.blocks_one_in = 2 + _i;
	open_pair(ends);
	transfer(ends);
	close_pair(ends);
}
END_TEST

/* A ring that holds two super-frames: what finds no room in it is sent again. */
START_TEST(little_room)
{
	int ends[2];

	device_options.rx_bytes = 128 << 10;
	open_pair(ends);
	transfer(ends);
	close_pair(ends);
}
END_TEST

/* The way becomes one of IPsec's: what was refused goes again, as segments by themselves. */
START_TEST(segments_refused)
{
	int ends[2];

	open_pair(ends);
	ck_assert_uint_gt(hosts[0]->link->segments_max, 1);
	device_options.refuses_segments = true;
	transfer(ends);
	ck_assert_uint_gt(device_counters.refused, 0);
	ck_assert_uint_gt(device_counters.sent, TOTAL_BYTES / 1460);
	ck_assert_uint_eq(hosts[0]->link->segments_max, 0);
	close_pair(ends);
}
END_TEST

struct call {
	int fd;
	pthread_t thread;
	ssize_t result;
};

static void *receive(void *context)
{
	struct call *c = context;
	char byte;

	c->result = nc_recv(c->fd, &byte, 1, 0);
	return NULL;
}

static void *accept_one(void *context)
{
	struct call *c = context;

	c->result = nc_accept4(c->fd, NULL, NULL, 0);
	return NULL;
}

static void begin(struct call *c, void *(*run)(void *), int fd)
{
	c->fd = fd;
	ck_assert_int_eq(pthread_create(&c->thread, NULL, run, c), 0);
}

static ssize_t result_of(struct call *c)
{
	pthread_join(c->thread, NULL);
	return c->result;
}

/*
 * The network device goes: who waits is told at once, and whoever comes later, too. Nobody waits
 * for what cannot come.
 */
START_TEST(device_gone)
{
	struct sockaddr_storage to = address_of(AF_INET, 0, CLIENT_PORT);
	struct call receiver, acceptor;
	int ends[2], listener, fd;
	char byte;

	open_pair(ends);
	listener = host_listener(1, AF_INET, SERVER_PORT);
	begin(&receiver, receive, ends[1]);
	begin(&acceptor, accept_one, listener);
	usleep(_i * 50000);
	device_end(hosts[1]->link->fd);
	ck_assert_int_eq(result_of(&receiver), -ENETDOWN);
	ck_assert_int_eq(result_of(&acceptor), -ENETDOWN);
	wait_ready(ends[1], POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	ck_assert(ready(listener) & POLLIN);
	ck_assert_int_eq(nc_recv(ends[1], &byte, 1, 0), 0);
	ck_assert_int_eq(nc_send(ends[1], "x", 1, 0), -EPIPE);
	ck_assert_int_eq(nc_accept4(listener, NULL, NULL, 0), -ENETDOWN);
	ck_assert_int_eq(nc_close(listener), 0);
	fd = nc_socket(hosts[1], AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_connect(fd, (struct sockaddr *)&to, SIZE), -ENETDOWN);
	ck_assert_int_eq(nc_sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&to, SIZE),
			 -ENETDOWN);
	ck_assert_int_eq(nc_close(fd), 0);
	close_pair(ends);
}
END_TEST

Suite *port_suite(void);
Suite *port_suite(void)
{
	Suite *s = suite_create("port");
	TCase *c = tcase_create("port");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, all_features);
	tcase_add_loop_test(c, no_features, 0, 2);
	tcase_add_loop_test(c, blocked, 0, 4);
	tcase_add_test(c, little_room);
	tcase_add_test(c, segments_refused);
	tcase_add_loop_test(c, device_gone, 0, 2);
	suite_add_tcase(s, c);
	return s;
}
