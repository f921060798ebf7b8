// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that the kernel keeps for emergencies: who sends is given none of it for his data,
 * and what a device has received in it lies in no queue.
 */
#include "ring.h"

#define PORT_A 7000
#define PORT_B 7001

static struct bed bed;

static const char *parameter(const char *name)
{
	static char path[80];

	snprintf(path, sizeof(path), "/sys/module/netchannel_reserve/parameters/%s", name);
	return path;
}

static void set(const char *name, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	write_file(parameter(name), text);
}

static int get(const char *name)
{
	FILE *f = fopen(parameter(name), "r");
	int value = -1;

	if (!f || fscanf(f, "%d", &value) != 1)
		check(false, "%s is not there", name);
	fclose(f);
	return value;
}

/* Too long for the ring's own buffers, and too short for its chunks. */
static void sends(uint32_t flags, int bytes, const char *what)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	static char data[8000];
	struct ring r;
	int peer;

	enter(bed.b);
	peer = udp_socket(ADDR_B, PORT_B, ADDR_A, PORT_A);
	enter(bed.a);
	args.flags = flags;
	r = open_ring(args);
	set("asked", 0);
	set("asked_reserves", 0);
	set("watched", getpid());
	check(ring_send(&r, data, bytes) >= 0, "%s: %d bytes are sent", what, bytes);
	set("watched", 0);
	expect_socket(peer, data, bytes, "and arrive");
	check(get("asked") && !get("asked_reserves"), "%d times for memory, %d for reserves",
	      get("asked"), get("asked_reserves"));
	close_ring(&r);
	close(peer);
}

/* A frame and a datagram in fragments, which comes later, of the reserves. */
static void receives(uint32_t type, uint32_t flags, int received, int full, int policy)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, NULL, 0);
	static char data[4000];
	struct netchannel_stats s;
	int ch, peer;

	args.type = type;
	args.flags = flags;
	args.ifindex = if_nametoindex("v0");
	ch = channel_of(args);
	enter(bed.b);
	peer = udp_socket(ADDR_B, PORT_B, ADDR_A, PORT_A);
	set("mark", 1);
	must(send(peer, data, 1, 0), "send");
	must(send(peer, data, sizeof(data), 0), "send");
	enter(bed.a);
	s = stats_at(ch, 2);
	set("mark", 0);
	check((int)s.rx_packets == received && (int)s.rx_dropped_full == full &&
	      (int)s.rx_dropped_policy == policy && dropped(&s) == (uint64_t)(full + policy),
	      "type %d, flags %d: %d of the reserves received, %d dropped as full, %d by policy",
	      (int)type, (int)flags, (int)s.rx_packets, (int)s.rx_dropped_full,
	      (int)s.rx_dropped_policy);
	must(send(peer, data, 1, 0), "send");
	check(stats_at(ch, 3).rx_packets == (uint64_t)received + 1, "other memory is received");
	close(peer);
	close(ch);
}

/* Of a message of ICMP, a queue would have a clone. */
static void is_told(void)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	static const uint8_t packet[28] = { 0x45 };
	struct netchannel_stats s;
	int ch;

	args.format = NETCHANNEL_FORMAT_PACKET;
	args.flags = NETCHANNEL_MESSAGES;
	ch = channel_of(args);
	set("mark", 1);
	must(nc_send(ch, packet, sizeof(packet), 0), "SEND to a closed port");
	s = stats_at(ch, 1);
	set("mark", 0);
	check(!s.rx_packets && s.rx_dropped_full == 1 && dropped(&s) == 1,
	      "a message of ICMP in the reserves is dropped as full");
	must(nc_send(ch, packet, sizeof(packet), 0), "SEND");
	check(stats_at(ch, 2).rx_packets == 1, "the next one is received");
	close(ch);
}

int main(void)
{
	bed = new_bed();
	sends(0, 2500, "a page");
	sends(0, 5000, "pages");
	sends(NETCHANNEL_ZEROCOPY, 1000, "headers of what is lent");
	receives(NETCHANNEL_TYPE_COPY, NETCHANNEL_FAST, 0, 2, 0);
	receives(NETCHANNEL_TYPE_LISTEN, NETCHANNEL_FAST, 0, 2, 0);
	receives(NETCHANNEL_TYPE_RING, NETCHANNEL_FAST, 2, 0, 0);
	receives(NETCHANNEL_TYPE_DISCARD, NETCHANNEL_FAST, 2, 0, 0);
	receives(NETCHANNEL_TYPE_COPY, 0, 0, 0, 2);
	is_told();
	return 0;
}
