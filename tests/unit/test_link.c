// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/link/fault.c libnetchannel/link/link.c */
/* unit: libnetchannel/link/pcap.c libnetchannel/link/pcapng.c */
/* unit: libnetchannel/link/pipe.c libnetchannel/link/queue.c */
#include <check.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "libnetchannel/link/queue.h"

START_TEST(pipe_link)
{
	struct nc_link *ends[2];
	uint8_t bytes[9000] = { 1, 2, 3 }, got[9000];

	ck_assert_int_eq(nc_link_pipe(ends, 9000), 0);
	ck_assert_uint_eq(ends[0]->mtu_bytes, 9000);
	ck_assert_int_eq(link_recv(ends[1], got, sizeof(got)), -EAGAIN);
	ck_assert_int_eq(link_send(ends[0], bytes, sizeof(bytes)), 0);
	ck_assert_int_eq(link_send(ends[0], bytes, 3), 0);
	ck_assert_int_eq(link_recv(ends[1], got, sizeof(got)), 9000);
	ck_assert_mem_eq(got, bytes, 9000);
	ck_assert_int_eq(link_recv(ends[1], got, sizeof(got)), 3);
	nc_link_close(ends[0]);
	ck_assert_int_eq(link_recv(ends[1], got, sizeof(got)), -EPIPE);
	ck_assert_int_lt(link_send(ends[1], bytes, 3), 0);
	nc_link_close(ends[1]);
	nc_link_close(NULL);
}
END_TEST

static void fill(struct nc_link *link)
{
	static const uint8_t bytes[1400];

	while (!link_send(link, bytes, sizeof(bytes)))
		;
	ck_assert_int_eq(link_send(link, bytes, sizeof(bytes)), -EAGAIN);
}

/* The size of the first packet that is no filler; 0: all are. */
static ssize_t first_small(struct nc_link *link)
{
	static uint8_t bytes[65536];
	ssize_t size;

	do
		size = link_recv(link, bytes, sizeof(bytes));
	while (size == 1400);
	return size == -EAGAIN ? 0 : size;
}

/* What finds no room goes later, in its order; and no more is kept than the bound. */
START_TEST(queue)
{
	static const uint8_t bytes[60000];
	struct link_queue q;
	struct nc_link *ends[2];

	link_queue_init(&q);
	ck_assert_int_eq(nc_link_pipe(ends, 65000), 0);
	link_queue_send(&q, ends[0], bytes, 1);
	ck_assert(link_queue_is_empty(&q));
	fill(ends[0]);
	for (size_t size = 2; size < 5; size++)
		link_queue_send(&q, ends[0], bytes, size);
	ck_assert(!link_queue_is_empty(&q));
	link_queue_flush(&q, ends[0]);
	ck_assert_uint_eq(q.bytes, 2 + 3 + 4);
	ck_assert_int_eq(first_small(ends[1]), 1);
	ck_assert_int_eq(first_small(ends[1]), 0);
	/* room alone changes nothing: what comes now goes behind */
	link_queue_send(&q, ends[0], bytes, 5);
	link_queue_flush(&q, ends[0]);
	ck_assert(link_queue_is_empty(&q) && !q.bytes);
	for (int size = 2; size <= 5; size++)
		ck_assert_int_eq(first_small(ends[1]), size);
	fill(ends[0]);
	for (int i = 0; i < 4; i++)
		link_queue_send(&q, ends[0], bytes, sizeof(bytes));
	ck_assert_uint_eq(q.bytes, 2 * sizeof(bytes));
	/* nobody is there any more: it is no question of room */
	nc_link_close(ends[1]);
	link_queue_flush(&q, ends[0]);
	ck_assert(link_queue_is_empty(&q));
	link_queue_send(&q, ends[0], bytes, 1);
	ck_assert(link_queue_is_empty(&q));
	nc_link_close(ends[0]);
	/* what is left is freed */
	ck_assert_int_eq(nc_link_pipe(ends, 65000), 0);
	fill(ends[0]);
	link_queue_send(&q, ends[0], bytes, 7);
	link_queue_free(&q);
	ck_assert(link_queue_is_empty(&q));
	nc_link_close(ends[0]);
	nc_link_close(ends[1]);
}
END_TEST

#define PACKETS	1000

struct outcome {
	int lost, twice, changed, late;
};

/* Numbered packets, and what becomes of them. */
static struct outcome outcome_of(const struct nc_faults *faults)
{
	struct nc_link *ends[2], *faulty;
	struct outcome o = { 0 };
	int seen[PACKETS] = { 0 }, last = -1;
	uint8_t bytes[32];

	ck_assert_int_eq(nc_link_pipe(ends, 1500), 0);
	ck_assert_int_eq(nc_link_fault(&faulty, ends[0], faults), 0);
	for (int i = 0; i < PACKETS; i++) {
		memset(bytes, 0x55, sizeof(bytes));
		memcpy(bytes, &i, sizeof(i));
		ck_assert_int_eq(link_send(faulty, bytes, sizeof(bytes)), 0);
		while (link_recv(ends[1], bytes, sizeof(bytes)) > 0) {
			int number, sum = 0;

			memcpy(&number, bytes, sizeof(number));
			for (size_t j = 4; j < sizeof(bytes); j++)
				sum += bytes[j] != 0x55;
			if (sum || number < 0 || number >= PACKETS) {
				o.changed++;
				continue;
			}
			o.twice += seen[number]++;
			o.late += number < last;
			last = number;
		}
	}
	for (int i = 0; i < PACKETS; i++)
		o.lost += !seen[i];
	nc_link_close(faulty);
	nc_link_close(ends[1]);
	return o;
}

START_TEST(faults)
{
	struct nc_faults none = { .seed = 1 }, loss = { .seed = 1, .tx_loss = 100000 };
	struct nc_faults twice = { .seed = 1, .tx_duplicate = 100000 };
	struct nc_faults late = { .seed = 1, .tx_reorder = 100000 };
	struct nc_faults corrupt = { .seed = 1, .tx_corrupt = 100000 };
	struct outcome o = outcome_of(&none), again;

	ck_assert(!o.lost && !o.twice && !o.late && !o.changed);
	o = outcome_of(&loss);
	ck_assert(o.lost > 50 && o.lost < 150 && !o.twice && !o.late && !o.changed);
	again = outcome_of(&loss);
	ck_assert_mem_eq(&again, &o, sizeof(o));
	loss.seed = 2;
	again = outcome_of(&loss);
	ck_assert_int_ne(again.lost, o.lost);
	o = outcome_of(&twice);
	ck_assert(o.twice > 50 && o.twice < 150 && !o.lost && !o.changed);
	o = outcome_of(&late);
	ck_assert(o.late > 50 && o.late < 150 && o.lost <= 1 && !o.changed);
	o = outcome_of(&corrupt);
	ck_assert(o.changed > 50 && o.changed < 150);
}
END_TEST

/* Of pcapng: where the direction of each of the two packets below is, and what. */
static void check_directions(const char *path)
{
	static const long offsets[] = { 88, 140 };
	static const uint32_t directions[] = { 2, 1 };
	FILE *f = fopen(path, "r");
	uint32_t flags;

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(fseek(f, offsets[i], SEEK_SET), 0);
		ck_assert_uint_eq(fread(&flags, sizeof(flags), 1, f), 1);
		ck_assert_uint_eq(flags, directions[i]);
	}
	fclose(f);
}

/* What went by is in the file, as libpcap reads it. */
START_TEST(pcap_link)
{
	int (*create)(struct nc_link **link, struct nc_link *below, const char *path) =
		_i ? nc_link_pcapng : nc_link_pcap;
	struct nc_link *ends[2], *recorded;
	char path[] = "/tmp/test_link.XXXXXX", error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *data;
	uint8_t bytes[8] = { 0x45, 9 };
	pcap_t *file;

	close(mkstemp(path));
	ck_assert_int_eq(nc_link_pipe(ends, 1500), 0);
	ck_assert_int_eq(create(&recorded, ends[0], "/nonexistent/file"), -EIO);
	ck_assert_int_eq(create(&recorded, ends[0], path), 0);
	ck_assert_int_eq(link_send(recorded, bytes, 8), 0);
	ck_assert_int_eq(link_recv(ends[1], bytes, sizeof(bytes)), 8);
	ck_assert_int_eq(link_send(ends[1], bytes, 5), 0);
	ck_assert_int_eq(link_recv(recorded, bytes, sizeof(bytes)), 5);
	ck_assert_int_eq(link_recv(recorded, bytes, sizeof(bytes)), -EAGAIN);
	/* what finds no room comes again, and is recorded then */
	fill(ends[0]);
	ck_assert_int_eq(link_send(recorded, bytes, 8), -EAGAIN);
	ck_assert_int_eq(nc_link_recorded(recorded), 0);
	ck_assert_int_eq(nc_link_recorded(ends[1]), -EINVAL);
	nc_link_close(recorded);
	nc_link_close(ends[1]);
	file = pcap_open_offline(path, error);
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(pcap_datalink(file), DLT_RAW);
	ck_assert_int_eq(pcap_next_ex(file, &header, &data), 1);
	ck_assert_uint_eq(header->caplen, 8);
	ck_assert_mem_eq(data, bytes, 8);
	ck_assert_int_eq(pcap_next_ex(file, &header, &data), 1);
	ck_assert_uint_eq(header->len, 5);
	ck_assert_int_eq(pcap_next_ex(file, &header, &data), PCAP_ERROR_BREAK);
	pcap_close(file);
	if (_i)
		check_directions(path);
	unlink(path);
}
END_TEST

/* Check's own file, of what is asserted, is under the limit, too. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	setrlimit(RLIMIT_FSIZE, &limit);
}

/* A file that is full misses packets, and says so ever after; the packets go on. */
START_TEST(full_file)
{
	int (*create)(struct nc_link **link, struct nc_link *below, const char *path) =
		_i ? nc_link_pcapng : nc_link_pcap;
	struct nc_link *ends[2], *recorded;
	char path[] = "/tmp/test_link.XXXXXX";
	uint8_t bytes[1000] = { 0x45 };
	int arrived = 0;

	close(mkstemp(path));
	ck_assert_int_eq(nc_link_pipe(ends, 1500), 0);
	ck_assert_int_eq(create(&recorded, ends[0], path), 0);
	ck_assert_int_eq(nc_link_recorded(recorded), 0);
	limit_files(500);
	for (int i = 0; i < 10; i++)
		arrived += !link_send(recorded, bytes, sizeof(bytes)) &&
			   link_recv(ends[1], bytes, sizeof(bytes)) == 1000;
	link_recv(recorded, bytes, sizeof(bytes));	/* there is none: it writes */
	limit_files(RLIM_INFINITY);
	ck_assert_int_eq(arrived, 10);
	ck_assert_int_eq(nc_link_recorded(recorded), -EFBIG);
	nc_link_close(recorded);
	nc_link_close(ends[1]);
	unlink(path);
}
END_TEST

Suite *link_suite(void);
Suite *link_suite(void)
{
	Suite *s = suite_create("link");
	TCase *c = tcase_create("link");

	tcase_add_test(c, pipe_link);
	tcase_add_test(c, queue);
	tcase_add_test(c, faults);
	tcase_add_loop_test(c, pcap_link, 0, 2);
	tcase_add_loop_test(c, full_file, 0, 2);
	suite_add_tcase(s, c);
	return s;
}
