// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/link/address.c libnetchannel/link/channel.c libnetchannel/link/joined.c */
/* unit: libnetchannel/link/port.c libnetchannel/link/ring.c */
/* unit: libnetchannel/wire/checksum.c libnetchannel/wire/ip.c libnetchannel/wire/ipv4.c */
/* unit: libnetchannel/wire/ipv6.c libnetchannel/wire/udp.c tests/tcp/device.c */
/*
 * The library's side of a channel of type RING, beside a device that is this file: open()
 * and ioctl() of the library come here (tests/tcp/device.c).
 */
#define _GNU_SOURCE	/* memfd_create */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netchannel/netchannel.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/types.h>
#include <netchannel.h>

#include "libnetchannel/link/link.h"
#include "libnetchannel/link/ring.h"
#include "libnetchannel/wire/bytes.h"
#include "libnetchannel/wire/ip.h"
#include "libnetchannel/wire/udp.h"
#include "tests/tcp/device.h"
#include "tests/tcp/random.h"

#define PACKETS		200
#define PART_BYTES	4096u	/* of each part of the shared memory, but for the arena */
#define ARENA_BYTES	(2u << 20)
#define MAP_BYTES	(3 * PART_BYTES + ARENA_BYTES)
#define SLOTS		4u

static struct {
	int fd;				/* -1: nobody has opened it */
	struct netchannel_ring_header *header;
	pthread_mutex_t lock;		/* of these, and of KICK, as the kernel has */
	uint32_t consumer, bad_positions;
	uint64_t random;		/* 0: there is always room */
	uint8_t sent[PACKETS];		/* how often each packet went */
} device = { .fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER };

static _Atomic bool receiving;
static _Atomic unsigned int kicks;	/* that have begun */

static uint8_t *memory(void)
{
	return (uint8_t *)device.header;
}

static int open_device(void)
{
	device.fd = memfd_create("netchannel", MFD_CLOEXEC);
	ck_assert_int_ge(device.fd, 0);
	ck_assert_int_eq(ftruncate(device.fd, MAP_BYTES), 0);
	device.header = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			     device.fd, 0);
	*device.header = (struct netchannel_ring_header){
		.map_bytes = MAP_BYTES,
		.rx_offset = PART_BYTES, .rx_bytes = PART_BYTES,
		.tx_offset = 2 * PART_BYTES, .tx_slots = SLOTS,
		.arena_offset = 3 * PART_BYTES, .arena_bytes = ARENA_BYTES,
	};
	device.consumer = device.bad_positions = 0;
	memset(device.sent, 0, sizeof(device.sent));
	return device.fd;
}

/* One descriptor; others may be anywhere meanwhile. */
static void send_one(void)
{
	const struct netchannel_descriptor *d =
		(void *)(memory() + 2 * PART_BYTES + device.consumer % SLOTS * sizeof(*d));
	uint32_t number;

	memcpy(&number, memory() + 3 * PART_BYTES + d->offset, sizeof(number));
	device.sent[number % PACKETS]++;
	usleep(50);
	device.consumer++;
	__atomic_store_n(&device.header->tx_consumer, device.consumer, __ATOMIC_RELEASE);
}

static int kick(void)
{
	uint32_t producer = __atomic_load_n(&device.header->tx_producer, __ATOMIC_ACQUIRE);
	int taken = 0;

	if (producer - device.consumer > SLOTS) {
		device.bad_positions++;
		return -EINVAL;
	}
	if (producer != device.consumer && device.random && random_below(&device.random, 2))
		return -EAGAIN;
	for (; device.consumer != producer; taken++)
		send_one();
	return taken;
}

/* Who found no room comes back late: if another can kick meanwhile, it does. */
static void come_back_late(unsigned int kicks_before)
{
	for (int i = 0; i < 20 && kicks == kicks_before; i++)
		usleep(100);
}

static int answer(int fd, unsigned long request, void *argument)
{
	unsigned int kicks_before;
	int ret;

	if (fd < 0 || fd != device.fd)
		return -ENOTTY;
	if (request == NETCHANNEL_CREATE) {
		((struct netchannel_create *)argument)->map_bytes = MAP_BYTES;
		return 0;
	}
	if (request == NETCHANNEL_QUERY) {
		((struct netchannel_query *)argument)->features = NETCHANNEL_FEATURE_GATHER;
		return 0;
	}
	ck_assert_uint_eq(request, NETCHANNEL_KICK);
	ck_assert_uint_eq(((struct netchannel_kick *)argument)->flags, NETCHANNEL_DONTWAIT);
	pthread_mutex_lock(&device.lock);
	kicks_before = ++kicks;
	ret = kick();
	pthread_mutex_unlock(&device.lock);
	if (ret == -EAGAIN)
		come_back_late(kicks_before);
	return ret;
}

static const struct device_stand_in stand_in = { .open = open_device, .ioctl = answer };

static void set_up(void)
{
	device_stand_in = &stand_in;
}

static struct nc_channel *open_ring(enum nc_format format)
{
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(7) };
	struct nc_channel_config config = NC_CHANNEL_CONFIG_INIT;
	struct nc_channel *channel;

	config.type = NC_TYPE_RING;
	config.format = format;
	config.local = (struct sockaddr *)&local;
	ck_assert_int_eq(nc_channel_create(&channel, &config), 0);
	return channel;
}

static void close_ring(struct nc_channel *channel)
{
	nc_channel_close(channel);
	munmap(device.header, MAP_BYTES);
	device.fd = -1;
}

/* Who finds nothing asks for an error, by KICK. */
static void *receive(void *context)
{
	char byte;

	while (receiving)
		ck_assert_int_eq(nc_channel_recv(context, &byte, 1, NC_DONTWAIT, 0, NULL),
				 -EAGAIN);
	return NULL;
}

/* What a sender is told has not gone does not go later, nor twice. */
START_TEST(sender_beside_receiver)
{
	struct nc_channel *channel = open_ring(NC_FORMAT_PAYLOAD);
	bool went[PACKETS] = { false };
	pthread_t thread;
	int refused = 0;

	device.random = 1;
	receiving = true;
	ck_assert_int_eq(pthread_create(&thread, NULL, receive, channel), 0);
	while (!kicks)
		usleep(100);
	for (uint32_t i = 0; i < PACKETS; i++) {
		ssize_t ret = nc_channel_send(channel, &i, sizeof(i), NC_DONTWAIT, 0);

		ck_assert(ret == sizeof(i) || ret == -EAGAIN);
		went[i] = ret > 0;
		refused += !went[i];
	}
	receiving = false;
	pthread_join(thread, NULL);
	ck_assert_uint_eq(device.bad_positions, 0);
	for (uint32_t i = 0; i < PACKETS; i++)
		ck_assert_uint_eq(device.sent[i], went[i]);
	ck_assert_int_gt(refused, 0);
	close_ring(channel);
}
END_TEST

/* Who waits tries again, and is told that it went. */
START_TEST(sender_waits)
{
	static const uint8_t longest[40 + 65535];	/* of IPv6, in format PACKET */
	struct nc_channel *channel = open_ring(NC_FORMAT_PAYLOAD);

	device.random = 1;
	for (uint32_t i = 0; i < 100; i++)
		ck_assert_int_eq(nc_channel_send(channel, &i, sizeof(i), 0, 0), sizeof(i));
	for (uint32_t i = 0; i < 100; i++)
		ck_assert_uint_eq(device.sent[i], 1);
	ck_assert_int_eq(nc_channel_send(channel, longest, sizeof(longest), 0, 0), sizeof(longest));
	ck_assert_int_eq(nc_channel_send(channel, "", sizeof(longest) + 1, 0, 0), -EMSGSIZE);
	ck_assert_int_eq(nc_channel_send(channel, "", 1, 0, 1ull << 63), -EINVAL);
	close_ring(channel);
}
END_TEST

/* What the kernel does: a record behind the last one. */
static void put_record(const void *data, uint32_t len, uint16_t segment_bytes)
{
	uint32_t at = device.header->rx_producer;
	struct netchannel_record *record = (void *)(memory() + PART_BYTES + at % PART_BYTES);

	*record = (struct netchannel_record){
		.len = len, .segment_bytes = segment_bytes, .ttl = 64,
		.remote_port = htons(9), .remote_addr = { 10, 0, 0, 2 },
	};
	memcpy(record + 1, data, len);
	__atomic_store_n(&device.header->rx_producer, at + netchannel_record_bytes(len),
			 __ATOMIC_RELEASE);
}

static void expect(struct nc_channel *channel, unsigned int flags, const char *wanted)
{
	struct nc_packet_info info;
	char buf[64];

	ck_assert_int_eq(nc_channel_recv(channel, buf, sizeof(buf), flags, 0, &info),
			 strlen(wanted));
	ck_assert_uint_eq(info.len, strlen(wanted));
	ck_assert_mem_eq(buf, wanted, strlen(wanted));
}

/* Each datagram has its own bounds, also where many came as one frame. */
START_TEST(joined_datagrams)
{
	struct nc_channel *channel = open_ring(NC_FORMAT_PAYLOAD);
	struct nc_packet_info info;
	char two[2];

	put_record("onetwothreefo", 13, 3);
	put_record("alone", 5, 0);
	put_record("last", 4, 4);
	put_record("", 0, 0);
	expect(channel, NC_PEEK, "one");
	expect(channel, 0, "one");
	expect(channel, NC_PEEK, "two");
	ck_assert_int_eq(nc_channel_recv(channel, two, 2, 0, 0, &info), 2);
	ck_assert_uint_eq(info.len, 3);
	ck_assert_mem_eq(two, "tw", 2);
	expect(channel, 0, "thr");
	expect(channel, 0, "eef");
	expect(channel, 0, "o");
	expect(channel, 0, "alone");
	expect(channel, 0, "last");
	expect(channel, 0, "");
	ck_assert_int_eq(nc_channel_recv(channel, two, 2, NC_DONTWAIT, 0, NULL), -EAGAIN);
	ck_assert_int_eq(nc_channel_recv(channel, two, 2, NC_DONTWAIT, 1ull << 63, NULL), -EINVAL);
	ck_assert_uint_eq(device.header->rx_consumer, device.header->rx_producer);
	close_ring(channel);
}
END_TEST

/* From the IP header on, too. */
START_TEST(joined_packets)
{
	struct nc_channel *channel = open_ring(NC_FORMAT_PACKET);
	struct tcp_flow flow = { .ip_version = 4, .local = { .port = 9 }, .remote = { .port = 7 } };
	struct ip_packet p = {
		.version = 4, .protocol = IP_PROTOCOL_UDP, .ttl = 9, .payload_bytes = 13,
		.source = { 10, 0, 0, 2 }, .destination = { 10, 0, 0, 1 },
	};
	u8 frame[64], got[64];
	size_t header_bytes = ip_emit(frame, &p);

	udp_emit(frame + header_bytes, &flow, (const u8 *)"three", 5, true);
	put_record(frame, header_bytes + 13, 3);
	put_record("none", 4, 3);
	ck_assert_int_eq(nc_channel_recv(channel, got, sizeof(got), 0, 0, NULL), 31);
	ck_assert_mem_eq(got + 28, "thr", 3);
	ck_assert_int_eq(nc_channel_recv(channel, got, sizeof(got), 0, 0, NULL), 30);
	ck_assert_mem_eq(got + 28, "ee", 2);
	ck_assert_uint_eq(get_be16(got + 2), 30);
	expect(channel, 0, "none");
	ck_assert_int_eq(nc_channel_recv(channel, got, sizeof(got), NC_DONTWAIT, 0, NULL), -EAGAIN);
	close_ring(channel);
}
END_TEST

/* What a stream has given back is no other's while a packet that waits for room has it. */
START_TEST(lent_memory)
{
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(7) };
	struct netchannel_descriptor *d;
	struct nc_link *link;
	uint8_t *lent[4];

	ck_assert_int_eq(nc_link_channel(&link, IPPROTO_TCP, (struct sockaddr *)&local, 1500), 0);
	d = (void *)(memory() + 2 * PART_BYTES);
	ck_assert_ptr_null(link->shared->lend(link, (256 << 10) + 1));
	for (int i = 0; i < 4; i++) {
		lent[i] = link->shared->lend(link, 256 << 10);
		ck_assert_ptr_nonnull(lent[i]);
		memset(lent[i], i, 256 << 10);
	}
	ck_assert_ptr_null(link->shared->lend(link, 1));
	memset(link->shared->reserve(link), 0, 52);
	link->shared->commit(link, 52, 1448, lent[2] + 1, 3000);
	ck_assert_uint_eq(d->len, 52);
	ck_assert_uint_eq(d->data_len, 3000);
	ck_assert_uint_eq(*(memory() + 3 * PART_BYTES + d->data_offset + 2999), 2);
	link->shared->take_back(link, lent[2]);
	ck_assert_ptr_null(link->shared->lend(link, 1));
	ck_assert_int_eq(link->shared->flush(link), 0);
	ck_assert_ptr_eq(link->shared->lend(link, 1), lent[2]);
	/* 2^31 packets later as well: the ring's position is port.c's second member */
	link->shared->take_back(link, lent[2]);
	((struct ring *)(link + 1))->tx_producer += (1u << 31) + 5;
	device.header->tx_consumer += (1u << 31) + 5;
	ck_assert_ptr_eq(link->shared->lend(link, 1), lent[2]);
	nc_link_close(link);
	munmap(device.header, MAP_BYTES);
	device.fd = -1;
}
END_TEST

Suite *channel_suite(void);
Suite *channel_suite(void)
{
	Suite *s = suite_create("channel");
	TCase *c = tcase_create("ring");

	tcase_set_timeout(c, 60);	/* the machine may be busy */
	tcase_add_checked_fixture(c, set_up, NULL);
	tcase_add_test(c, sender_beside_receiver);
	tcase_add_test(c, sender_waits);
	tcase_add_test(c, joined_datagrams);
	tcase_add_test(c, joined_packets);
	tcase_add_test(c, lent_memory);
	suite_add_tcase(s, c);
	return s;
}
