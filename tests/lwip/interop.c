// SPDX-License-Identifier: GPL-2.0
/*
 * N52: the library and lwIP send each other bytes, and what senders of both bring over a
 * path of 20 ms that loses 1 % of the packets, to the same receiver (issue 6: three times
 * as much). In the system's time; not part of `make check`, since it wants liblwip-dev.
 *
 *	interop		exit status 0: all bytes arrived, and the library brings as much
 */
#define _GNU_SOURCE	/* ppoll */
#include <arpa/inet.h>
#include <err.h>
#include <netchannel/socket.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libnetchannel/link/link.h"
#include "tests/lwip/host.h"
#include "tests/tcp/random.h"

#define ADDRESS(host)	(0xc0000201u + (host))	/* 0: receives by the library, 1: lwIP */
#define OTHER		2			/* the library that sends */
#define PORT		80
#define QUEUE		4096
#define TOTAL_BYTES	(512u << 10)

struct packet {
	u64 due_us;
	size_t size;
	u8 bytes[1500];
};

/* A path between two ends, one way: packets wait, or are lost. */
struct way {
	struct nc_link *from, *to;
	struct packet queue[QUEUE];
	u32 first, count;
	u32 loss_ppm;
	u64 random;
};

static struct way ways[4];		/* there and back, of two paths */
static _Atomic u64 delay_us;
static struct nc_link *lwip_end;
static struct nc_stack *stacks[2];	/* host 0, and OTHER */

static u64 now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

static void take(struct way *w)
{
	struct packet *p = &w->queue[(w->first + w->count) % QUEUE];
	ssize_t size;

	while (w->count < QUEUE && (size = link_recv(w->from, p->bytes, sizeof(p->bytes))) > 0) {
		if (random_one_in_million(&w->random, w->loss_ppm))
			continue;
		p->size = size;
		p->due_us = now_us() + delay_us;
		w->count++;
		p = &w->queue[(w->first + w->count) % QUEUE];
	}
}

static void give(struct way *w)
{
	for (; w->count && w->queue[w->first].due_us <= now_us(); w->count--) {
		link_send(w->to, w->queue[w->first].bytes, w->queue[w->first].size);
		w->first = (w->first + 1) % QUEUE;
	}
}

/* Both paths, for ever. */
static void *carry(void *context)
{
	struct pollfd fds[4];
	u64 next_us;

	for (;;) {
		struct timespec ts = { 0 };

		next_us = UINT64_MAX;
		for (int i = 0; i < 4; i++) {
			take(&ways[i]);
			give(&ways[i]);
			fds[i] = (struct pollfd){ .fd = ways[i].from->fd, .events = POLLIN };
			if (ways[i].count)
				next_us = min_u64(next_us, ways[i].queue[ways[i].first].due_us);
		}
		if (next_us != UINT64_MAX)
			ts.tv_nsec = 1000 * min_u64(next_us - min_u64(next_us, now_us()), 900000);
		ppoll(fds, 4, next_us == UINT64_MAX ? NULL : &ts, NULL);
	}
	return context;
}

static void lwip_sends(void *context, const uint8_t *bytes, size_t size)
{
	link_send(context, bytes, size);
}

static void *feed_lwip(void *context)
{
	u8 bytes[1500];

	for (;;) {
		struct pollfd p = { .fd = lwip_end->fd, .events = POLLIN };
		ssize_t size = link_recv(lwip_end, bytes, sizeof(bytes));

		if (size > 0)
			lwip_host_input(bytes, size);
		else
			poll(&p, 1, -1);
	}
	return context;
}

static struct sockaddr_in address_of(int host, int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(ADDRESS(host)) };
}

static struct nc_stack *stack_on(struct nc_link *link, int host)
{
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct sockaddr_in own = address_of(host, 0);
	struct nc_stack *stack;

	config.link = link;
	config.ipv4 = (struct sockaddr *)&own;
	if (nc_stack_create(&stack, &config))
		errx(1, "no stack");
	return stack;
}

/*
 * The receiver's stack is on one path with lwIP, and another stack like it on another
 * with the library's sender: one receiver for each, the same code.
 */
static struct nc_stack *receiver_of_other;

static void start(void)
{
	struct nc_link *near[2], *far[2];
	pthread_t thread;

	for (int path = 0; path < 2; path++) {
		struct nc_link *ends[2];

		if (nc_link_pipe(ends, 1500) || nc_link_pipe(far, 1500))
			errx(1, "no pipe");
		near[0] = ends[0];
		near[1] = far[0];
		ways[2 * path] = (struct way){ .from = ends[1], .to = far[1], .random = 1 };
		ways[2 * path + 1] = (struct way){ .from = far[1], .to = ends[1], .random = 2 };
		if (path) {
			receiver_of_other = stack_on(near[0], 0);
			stacks[1] = stack_on(near[1], OTHER);
		} else {
			stacks[0] = stack_on(near[0], 0);
			lwip_end = near[1];
		}
	}
	lwip_host_start(ADDRESS(1), lwip_sends, lwip_end);
	pthread_create(&thread, NULL, carry, NULL);
	pthread_create(&thread, NULL, feed_lwip, NULL);
}

static int listener_on(struct nc_stack *stack)
{
	struct sockaddr_in own = address_of(0, PORT);
	int fd = nc_socket(stack, AF_INET, SOCK_STREAM, 0), on = 1;

	nc_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (nc_bind(fd, (struct sockaddr *)&own, sizeof(own)) || nc_listen(fd, 1))
		errx(1, "no listener");
	return fd;
}

/* How long it took until all was there, in its order. */
static double receive(int listener, u64 total)
{
	int fd = nc_accept4(listener, NULL, NULL, 0);
	u64 at = 0, began_us = now_us();
	u8 bytes[16384];
	ssize_t size;

	while ((size = nc_recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		for (ssize_t i = 0; i < size; i++) {
			if (bytes[i] != lwip_pattern(at++))
				errx(1, "a byte is wrong");
		}
	}
	if (size || at != total)
		errx(1, "%llu bytes, %zd", (unsigned long long)at, size);
	nc_close(fd);
	nc_close(listener);
	return (double)(now_us() - began_us) / US_PER_S;
}

static void send_by_library(struct nc_stack *stack, int host, u64 total)
{
	struct sockaddr_in to = address_of(host, PORT);
	int fd = nc_socket(stack, AF_INET, SOCK_STREAM, 0);
	static u8 bytes[16384];

	if (nc_connect(fd, (struct sockaddr *)&to, sizeof(to)))
		errx(1, "no connection");
	for (u64 at = 0; at < total; at += sizeof(bytes)) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = lwip_pattern(at + i);
		if (nc_send(fd, bytes, sizeof(bytes), 0) != sizeof(bytes))
			errx(1, "send");
	}
	nc_close(fd);
}

static void *lwip_sender(void *context)
{
	if (lwip_host_send(ADDRESS(0), PORT, TOTAL_BYTES))
		errx(1, "lwIP could not send");
	return context;
}

static void *library_sender(void *context)
{
	send_by_library(stacks[1], 0, TOTAL_BYTES);
	return context;
}

static double transfer(struct nc_stack *receiver, void *(*sender)(void *))
{
	int listener = listener_on(receiver);
	pthread_t thread;
	double s;

	pthread_create(&thread, NULL, sender, NULL);
	s = receive(listener, TOTAL_BYTES);
	pthread_join(thread, NULL);
	return s;
}

static void *sender_to_lwip(void *context)
{
	send_by_library(stacks[0], 1, TOTAL_BYTES);
	return context;
}

static void to_lwip(void)
{
	pthread_t thread;
	int64_t received;

	lwip_host_listen(PORT);
	pthread_create(&thread, NULL, sender_to_lwip, NULL);
	received = lwip_host_receive();
	if (received != TOTAL_BYTES)
		errx(1, "lwIP received %lld", (long long)received);
	pthread_join(thread, NULL);
}

int main(void)
{
	double lwip_s, library_s;

	start();
	transfer(stacks[0], lwip_sender);
	to_lwip();
	printf("clean: %u bytes each way\n", TOTAL_BYTES);
	delay_us = 10000;
	for (int i = 0; i < 4; i++)
		ways[i].loss_ppm = 10000;
	lwip_s = transfer(stacks[0], lwip_sender);
	library_s = transfer(receiver_of_other, library_sender);
	printf("1%% lost, 20 ms: lwIP %.2f s, library %.2f s: %.1f times as much\n", lwip_s,
	       library_s, lwip_s / library_s);
	if (lwip_s < 3 * library_s)
		errx(1, "less than three times as much");
	printf("1 passed, 0 failed, 0 skipped\n");
	return 0;
}
