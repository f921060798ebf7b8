/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A path (path.h) whose packets a thread of ours carries from one end to the other, so that
 * which of them are lost, doubled or damaged is told by a seed: the library's link with faults
 * (libnetchannel/link/fault.c), then as long a wait as the path is to take.
 */
#ifndef TESTS_TCP_RELAY_H
#define TESTS_TCP_RELAY_H

#include "path.h"

#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

#include "../../../libnetchannel/link/link.h"

/* More than any window has on its way, so that none is lost but by the seed. */
#define RELAY_PACKETS_MAX	32768
#define RELAY_SOCKET_BYTES	(128 << 20)

/* What becomes of a packet, each way; of a million, as in struct nc_faults. */
struct relay_path {
	uint32_t delay_us, loss, duplicate, corrupt;
	uint32_t hurry;		/* these do not wait: they overtake */
};

struct waiting_packet {
	uint64_t due_ns;
	size_t size;
	uint8_t bytes[];
};

struct relay_way {
	struct nc_link link;	/* below that with faults: what comes here arrives, in time */
	struct nc_link *faults, *in, *out;
	uint64_t random, delay_ns;
	uint32_t hurry;
	struct waiting_packet *queue[RELAY_PACKETS_MAX];
	unsigned int head, tail;
};

static struct relay_way relay_ways[2];
static int relay_ns, relay_stop_fd;
static pthread_t relay_thread;

static uint64_t relay_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void relay_put(struct relay_way *way, const uint8_t *bytes, size_t size)
{
	int ret = link_send(way->out, bytes, size);

	if (ret)
		check(false, "the relay sends: %s", strerror(-ret));
}

static bool relay_hurries(struct relay_way *way)
{
	way->random = way->random * 6364136223846793005ull + 1442695040888963407ull;
	return (way->random >> 33) % 1000000 < way->hurry;
}

static int relay_delay(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	struct relay_way *way = (struct relay_way *)link;	/* its first member */
	struct waiting_packet *w;

	if (relay_hurries(way)) {
		relay_put(way, bytes, size);
		return 0;
	}
	w = malloc(sizeof(*w) + size);
	if (!w || way->tail - way->head == RELAY_PACKETS_MAX)
		check(false, "the relay has no room");
	w->due_ns = relay_now_ns() + way->delay_ns;
	w->size = size;
	memcpy(w->bytes, bytes, size);
	way->queue[way->tail++ % RELAY_PACKETS_MAX] = w;
	return 0;
}

static void relay_keep_below(struct nc_link *link)
{
	(void)link;	/* it is no memory of its own */
}

static void relay_take_in(struct relay_way *way)
{
	static __thread uint8_t bytes[LINK_PACKET_BYTES];
	ssize_t size;

	while ((size = link_recv(way->in, bytes, sizeof(bytes))) > 0)
		link_send(way->faults, bytes, size);
	if (size != -EAGAIN)
		check(false, "the relay receives: %zd", size);
}

/* What is due goes. Returns when the next one is, or UINT64_MAX. */
static uint64_t relay_let_go(struct relay_way *way)
{
	while (way->head != way->tail) {
		struct waiting_packet *w = way->queue[way->head % RELAY_PACKETS_MAX];

		if (w->due_ns > relay_now_ns())
			return w->due_ns;
		relay_put(way, w->bytes, w->size);
		free(w);
		way->head++;
	}
	return UINT64_MAX;
}

static void *relay_carry(void *context)
{
	struct pollfd fds[] = {
		{ .fd = relay_ways[0].in->fd, .events = POLLIN },
		{ .fd = relay_ways[1].in->fd, .events = POLLIN },
		{ .fd = relay_stop_fd, .events = POLLIN },
	};

	prctl(PR_SET_TIMERSLACK, 1);
	while (!fds[2].revents) {
		uint64_t next = relay_let_go(&relay_ways[0]), other = relay_let_go(&relay_ways[1]);
		uint64_t now_ns = relay_now_ns(), wait_ns;

		next = next < other ? next : other;
		wait_ns = next > now_ns ? next - now_ns : 0;
		must(ppoll(fds, 3, next == UINT64_MAX ? NULL : &(struct timespec){
			   wait_ns / 1000000000, wait_ns % 1000000000 }, NULL), "ppoll");
		for (int i = 0; i < 2; i++)
			if (fds[i].revents)
				relay_take_in(&relay_ways[i]);
	}
	return context;
}

static void relay_turn_off(const char *device, uint32_t what)
{
	struct ethtool_value off = { .cmd = what };
	struct ifreq r = { .ifr_data = (void *)&off };
	int fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");

	strcpy(r.ifr_name, device);
	must(ioctl(fd, SIOCETHTOOL, &r), "ETHTOOL_S*");
	close(fd);
}

/* Frames leave as they are on a wire: of one segment each, their checksums computed. */
static void relay_plain_frames(const char *device)
{
	relay_turn_off(device, ETHTOOL_STXCSUM);
}

/* v1 of namespace B, whose other end the relay has. */
static void make_far_end(void)
{
	enter(bed.b);
	run("/usr/bin/ip link add v1 address 02:00:00:00:00:02 type veth peer name w1 "
	    "address 02:00:00:00:00:01 netns /proc/%d/fd/%d", getpid(), relay_ns);
	run("/usr/bin/ip addr add " ADDR_B "/24 dev v1 && /usr/bin/ip addr add " ADDR6_B
	    "/64 dev v1 nodad && /usr/bin/ip link set v1 up");
	run("/usr/bin/ip neigh add " ADDR_A " lladdr 02:00:00:00:00:01 dev v1 nud permanent &&"
	    "/usr/bin/ip neigh add " ADDR6_A " lladdr 02:00:00:00:00:01 dev v1 nud permanent");
	relay_plain_frames("v1");
	enter(relay_ns);
	write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
	relay_turn_off("w0", ETHTOOL_SGRO);	/* nor are they joined */
	relay_turn_off("w1", ETHTOOL_SGRO);
	run("/usr/bin/ip link set w0 up && /usr/bin/ip link set w1 up");
	enter(bed.b);
	wait_usable("v1", ADDR6_B);
	enter(bed.a);
	relay_plain_frames("v0");
	wait_usable("v0", ADDR6_A);
}

/*
 * Takes the place of the wire that make_path() has made: v0 - w0, relay, w1 - v1. w0 has the
 * address of v1, and w1 that of v0, so that what is for these is for them.
 */
static UNUSED void make_relay(void)
{
	relay_ns = new_ns();
	enter(bed.b);
	run("/usr/bin/ip link set v1 name w0 netns /proc/%d/fd/%d", getpid(), relay_ns);
	make_far_end();
}

static struct nc_link *relay_link(const char *device, uint8_t last_of_address)
{
	uint8_t next_hop[] = { 2, 0, 0, 0, 0, last_of_address };
	int room = RELAY_SOCKET_BYTES, ret;
	struct nc_link *link;

	ret = nc_link_packet(&link, device, next_hop);
	if (ret)
		check(false, "%s: %s", device, strerror(-ret));
	must(setsockopt(link->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)), "room");
	must(setsockopt(link->fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)), "room");
	return link;
}

/* The same packets, counted from here on, have the same fate as with the same seed before. */
static UNUSED void relay_start(const struct relay_path *path, uint64_t seed)
{
	static const struct link_ops below = { .send = relay_delay, .close = relay_keep_below };
	struct nc_link *ends[2];

	enter(relay_ns);
	ends[0] = relay_link("w0", 1);
	ends[1] = relay_link("w1", 2);
	enter(bed.a);
	for (int i = 0; i < 2; i++) {
		struct relay_way *way = &relay_ways[i];
		struct nc_faults faults = {
			.seed = 2 * seed + i, .tx_loss = path->loss,
			.tx_duplicate = path->duplicate, .tx_corrupt = path->corrupt,
		};

		way->link = (struct nc_link){ .ops = &below, .mtu_bytes = 1500 };
		way->in = ends[i];
		way->out = ends[!i];
		way->random = 2 * seed + i;
		way->delay_ns = path->delay_us * 1000ull;
		way->hurry = path->hurry;
		must(-!!nc_link_fault(&way->faults, &way->link, &faults), "nc_link_fault");
	}
	relay_stop_fd = must(eventfd(0, EFD_CLOEXEC), "eventfd");
	must(-pthread_create(&relay_thread, NULL, relay_carry, NULL), "thread");
}

/* Packets that are on their way are lost. */
static UNUSED void relay_stop(void)
{
	must(eventfd_write(relay_stop_fd, 1), "eventfd");
	pthread_join(relay_thread, NULL);
	close(relay_stop_fd);
	for (int i = 0; i < 2; i++) {
		struct relay_way *way = &relay_ways[i];
		struct tpacket_stats stats;
		socklen_t size = sizeof(stats);

		must(getsockopt(way->in->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size), "stats");
		if (stats.tp_drops)
			check(false, "the relay itself has lost %u packets", stats.tp_drops);
		nc_link_close(way->faults);
		nc_link_close(way->in);
		while (way->head != way->tail)
			free(way->queue[way->head++ % RELAY_PACKETS_MAX]);
	}
}

#endif
