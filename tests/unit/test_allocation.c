// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is refused: each allocation of the library in turn, and that one with those
 * after it. A call says -ENOMEM and has changed nothing, so that it can be made again; a
 * packet may be lost. All that was sent arrives all the same, and nothing is left behind.
 */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <netchannel/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/link/link.h"
#include "libnetchannel/socket/host.h"
#include "tests/tcp/hosts.h"

#define BYTES		(300u << 10)	/* of a transfer: buffers grow */
#define DATAGRAM_BYTES	5000		/* fragments */
#define PATIENCE_US	(100 * US_PER_S)

/* --- memory --- */

/* GCC comes without its header: what is allocated now. */
size_t __sanitizer_get_current_allocated_bytes(void);

/* Of the allocations from now on, those from first to last fail. */
static struct {
	bool armed;
	unsigned int count, first, last;
} refused;

static bool is_refused(void)
{
	if (!refused.armed)
		return false;
	refused.count++;
	return refused.count >= refused.first && refused.count <= refused.last;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return is_refused() ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	return is_refused() ? NULL : __real_calloc(count, size);
}

void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return is_refused() ? NULL : __real_reallocarray(old, count, size);
}

/* Again, if there was no memory for it: nothing has changed. */
#define RETRIED(call) ({					\
	long long result_ = (call);				\
								\
	for (int i_ = 0; result_ == -ENOMEM && i_ < 10; i_++)	\
		result_ = (call);				\
	result_;						\
})

/* Check itself allocates where it asserts. */
#define must(condition) do {								\
	if (!(condition)) {								\
		refused.armed = false;							\
		ck_abort_msg("without allocation %u to %u: %s", refused.first,		\
			     refused.last, #condition);					\
	}										\
} while (0)

/* --- two stacks in virtual time --- */

static struct nc_stack *pair[2];
static u8 sent[BYTES], got[BYTES];

static void make(int i, struct nc_link *link)
{
	struct sockaddr_storage v4 = address_of(AF_INET, i, 0), v6 = address_of(AF_INET6, i, 0);
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct tcp_secret secret = { { 1, 2 + i } };

	config.link = link;
	config.ipv4 = (struct sockaddr *)&v4;
	config.ipv6 = (struct sockaddr *)&v6;
	must(RETRIED(virtual_create(&pair[i], &config, &secret, US_PER_S)) == 0);
	must(RETRIED(nc_stack_trace(pair[i], "/dev/null")) == 0);
}

static void begin(void)
{
	static const struct nc_faults none;
	struct nc_link *ends[2];

	must(RETRIED(nc_link_pipe(ends, 1500)) == 0);
	for (int i = 0; i < 2; i++) {
		must(RETRIED(nc_link_fault(&ends[i], ends[i], &none)) == 0);
		must(RETRIED(nc_link_pcapng(&ends[i], ends[i], "/dev/null")) == 0);
		make(i, ends[i]);
	}
}

/* What the other one has sent; false: nothing. */
static bool take(struct nc_stack *h)
{
	u8 bytes[2048];
	ssize_t size;

	host_lock(h);
	size = link_recv(h->link, bytes, sizeof(bytes));
	if (size > 0)
		stack_input(&h->core, bytes, size, 0, host_now_us(h));
	host_unlock(h);
	return size > 0;
}

static void step(u64 until_us)
{
	for (int i = 0; i < 2; i++) {
		host_lock(pair[i]);
		virtual_step(pair[i], until_us);
		host_unlock(pair[i]);
	}
}

static u64 now_us(void)
{
	return pair[0]->virtual->now_us;
}

/* For a millisecond: all that is on its way arrives. */
static void run(void)
{
	step(now_us() + US_PER_MS);
	while (take(pair[0]) | take(pair[1]))
		;
}

/* --- what is done --- */

static int new_socket(int host, int type)
{
	int fd = RETRIED(nc_socket(pair[host], AF_INET, type | SOCK_NONBLOCK, 0));

	must(fd >= 0);
	return fd;
}

static void connect_streams(int *a, int *b)
{
	struct sockaddr_storage to = address_of(AF_INET, 1, 80);
	int listener = new_socket(1, SOCK_STREAM);
	u64 until_us = now_us() + PATIENCE_US;

	must(RETRIED(nc_bind(listener, (struct sockaddr *)&to, SIZE)) == 0);
	must(RETRIED(nc_listen(listener, 5)) == 0);
	*a = new_socket(0, SOCK_STREAM);
	must(RETRIED(nc_connect(*a, (struct sockaddr *)&to, SIZE)) == -EINPROGRESS);
	while ((*b = nc_accept4(listener, NULL, NULL, SOCK_NONBLOCK)) < 0) {
		must(*b == -EAGAIN || *b == -ENOMEM);
		must(now_us() < until_us);
		run();
	}
	must(nc_close(listener) == 0);
}

/* Both ways, and each byte of it. */
static void transfer(int a, int b)
{
	u64 until_us = now_us() + PATIENCE_US;
	size_t in = 0, out = 0;
	ssize_t n;

	while (in < BYTES) {
		n = out < BYTES ? nc_send(a, sent + out, BYTES - out, 0) : -EAGAIN;
		must(n > 0 || n == -EAGAIN || n == -ENOMEM);
		out += n > 0 ? n : 0;
		run();
		n = nc_recv(b, got + in, BYTES - in, 0);
		must(n > 0 || n == -EAGAIN || n == -ENOMEM);
		in += n > 0 ? n : 0;
		must(now_us() < until_us);
	}
	must(!memcmp(got, sent, BYTES));
}

/* Until one has come, or a few were lost for want of memory. */
static void datagrams(void)
{
	struct sockaddr_storage to = address_of(AF_INET, 1, 53);
	int a = new_socket(0, SOCK_DGRAM), b = new_socket(1, SOCK_DGRAM), on = 1;
	struct iovec parts[2] = { { sent, 1000 }, { sent + 1000, DATAGRAM_BYTES - 1000 } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n = -EAGAIN;

	must(RETRIED(nc_bind(b, (struct sockaddr *)&to, SIZE)) == 0);
	must(RETRIED(nc_connect(a, (struct sockaddr *)&to, SIZE)) == 0);
	for (int tries = 0; n < 0 && tries < 20; tries++) {
		must(RETRIED(nc_sendmsg(a, &m, 0)) == DATAGRAM_BYTES);
		run();
		n = nc_recv(b, got, BYTES, 0);
		must(n == DATAGRAM_BYTES || n == -EAGAIN);
	}
	must(n == DATAGRAM_BYTES);
	must(!memcmp(got, sent, DATAGRAM_BYTES));
	/* what is held is lost with the call that finds no memory, and begins anew */
	must(RETRIED(nc_send(a, sent, 3, MSG_MORE)) == 3);
	must(RETRIED(nc_send(a, sent + 3, 3, 0)) == 3);
	must(nc_close(b) == 0);
	/* nobody is there, and what is told of it is a report, or the error alone */
	must(RETRIED(nc_setsockopt(a, IPPROTO_IP, IP_RECVERR, &on, sizeof(on))) == 0);
	run();
	n = RETRIED(nc_send(a, sent, 1, 0));
	run();
	must(n == 1 || n == -ECONNREFUSED);
	n = nc_recv(a, got, 1, 0);
	must(n == -ECONNREFUSED || n == -EAGAIN);
	must(nc_close(a) == 0);
}

/* To ourselves. */
static void loop(void)
{
	struct sockaddr_storage to = address_of(AF_INET, 0, 99);
	int a = new_socket(0, SOCK_DGRAM);
	ssize_t n = -EAGAIN;

	must(RETRIED(nc_bind(a, (struct sockaddr *)&to, SIZE)) == 0);
	for (int tries = 0; n < 0 && tries < 20; tries++) {
		must(RETRIED(nc_sendto(a, sent, 9, 0, (struct sockaddr *)&to, SIZE)) == 9);
		n = nc_recv(a, got, 9, 0);
		must(n == 9 || n == -EAGAIN);
	}
	must(n == 9);
	must(nc_close(a) == 0);
}

static void ends(int a, int b)
{
	u64 until_us = now_us() + PATIENCE_US;
	ssize_t n;

	must(nc_close(a) == 0);
	while ((n = nc_recv(b, got, 1, 0))) {
		must(n == -EAGAIN);
		must(now_us() < until_us);
		run();
	}
	must(nc_close(b) == 0);
	run();
	for (int i = 0; i < 2; i++)
		must(nc_stack_destroy(pair[i]) == 0);
}

/* All of it, from the first allocation to the last. */
static void do_everything(void)
{
	int a, b;

	begin();
	connect_streams(&a, &b);
	transfer(a, b);
	transfer(b, a);
	datagrams();
	loop();
	ends(a, b);
}

/* The table of descriptors stays for the process: let it be there. */
START_TEST(each)
{
	size_t before_bytes;
	unsigned int first = 0;

	for (size_t i = 0; i < BYTES; i++)
		sent[i] = i * 7 + i / 256;
	refused.armed = false;
	do_everything();
	before_bytes = __sanitizer_get_current_allocated_bytes();
	do {
		refused.armed = true;
		refused.count = 0;
		refused.first = ++first;
		refused.last = first + _i;
		do_everything();
		refused.armed = false;
		ck_assert_msg(__sanitizer_get_current_allocated_bytes() == before_bytes,
			      "allocation %u: %zu bytes are left", first,
			      __sanitizer_get_current_allocated_bytes() - before_bytes);
	} while (refused.count >= refused.first);
	printf("allocations that were refused, one by one: %u\n", first - 1);
	ck_assert_uint_gt(first, 30);
}
END_TEST

Suite *allocation_suite(void);
Suite *allocation_suite(void)
{
	Suite *s = suite_create("allocation");
	TCase *c = tcase_create("allocation");

	tcase_set_timeout(c, 120);
	tcase_add_loop_test(c, each, 0, 4);
	suite_add_tcase(s, c);
	return s;
}
