// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet costs where there are many channels, and where an attacker chose the
 * channels' addresses: in instructions, which a TSC tick is on the time bed. The packets
 * come by AF_PACKET, in which the look-up is a good part of the whole.
 */
#include "nc.h"

#include <sys/resource.h>
#include <x86intrin.h>

#define MANY		10000
#define COLLIDING	1000
#define COLLIDING_BITS	11	/* of the table that holds so many */
#define PORT_A		7000
#define PACKET_BYTES	32

struct flow {
	uint32_t addr;		/* the remote's, in host order */
	uint16_t port;
	int channel;
	uint8_t packet[PACKET_BYTES];	/* from the remote */
};

static struct flow flows[MANY];
static struct bed bed;
static int wire;		/* AF_PACKET, in namespace B */
static struct sockaddr_ll to_a;

static void open_wire(void)
{
	enter(bed.b);
	wire = raw_socket();
	to_a = (struct sockaddr_ll){
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_halen = 6,
		.sll_ifindex = if_nametoindex("v1"), .sll_addr = { 2, 0, 0, 0, 0, 1 },
	};
	enter(bed.a);
}

static void make_flow_packet(struct flow *f)
{
	struct iphdr *ip = (struct iphdr *)f->packet;
	struct udphdr *udp = (struct udphdr *)(ip + 1);

	make_packet(f->packet, f->port, PORT_A, "data", 4);
	ip->saddr = htonl(f->addr);
	ip->check = 0;
	ip->check = htons(fold16(sum16(ip, 20, 0)));
	udp->check = 0;		/* none */
}

static void open_flow(struct flow *f, int ifindex)
{
	struct in_addr in = { .s_addr = htonl(f->addr) };
	char addr[INET_ADDRSTRLEN];
	struct netchannel_create args;

	inet_ntop(AF_INET, &in, addr, sizeof(addr));
	args = create_args(ADDR_A, PORT_A, addr, f->port);
	args.type = NETCHANNEL_TYPE_DISCARD;
	args.flags = NETCHANNEL_FAST;
	args.ifindex = ifindex;
	f->channel = must(try_channel(&args), "CREATE");
	make_flow_packet(f);
}

static void open_flows(int from, int to)
{
	int ifindex = if_nametoindex("v0"), i;

	for (i = from; i < to; i++)
		open_flow(&flows[i], ifindex);
	sleep(1);	/* the table grows in the background; waiting is free here */
}

/* Every packet that was sent has been claimed, by the channel that it was for. */
static void close_flows(int count, int each)
{
	int i, good = 0;

	for (i = 0; i < count; i++) {
		good += stats_of(flows[i].channel).rx_packets == (uint64_t)each;
		close(flows[i].channel);
	}
	check(good == count, "each of %d channels has got its %d packets", count, each);
}

static void send_packet(const struct flow *f)
{
	must(sendto(wire, f->packet, PACKET_BYTES, 0, (struct sockaddr *)&to_a, sizeof(to_a)),
	     "sendto");
}

/* Instructions a packet, of `rounds` packets to each flow, in an order that jumps about. */
static double measure(int count, int rounds)
{
	unsigned int n = count * rounds, i;
	uint64_t start = __rdtsc();

	for (i = 0; i < n; i++)
		send_packet(&flows[i * 7919U % count]);
	return (double)(__rdtsc() - start) / n;
}

/* As the module hashes a flow (lookup3, Bob Jenkins, 2006), if its key were 0. */
static uint32_t rotate(uint32_t x, int by)
{
	return x << by | x >> (32 - by);
}

static uint32_t hash_without_key(const struct flow *f)
{
	uint32_t start = 0xdeadbeef + 12 + IPPROTO_UDP;
	uint32_t a = start + inet_addr(ADDR_A), b = start + htonl(f->addr);
	uint32_t c = start + ((uint32_t)htons(PORT_A) << 16 | htons(f->port));

	c = (c ^ b) - rotate(b, 14);
	a = (a ^ c) - rotate(c, 11);
	b = (b ^ a) - rotate(a, 25);
	c = (c ^ b) - rotate(b, 16);
	a = (a ^ c) - rotate(c, 4);
	b = (b ^ a) - rotate(a, 14);
	return (c ^ b) - rotate(b, 24);
}

static void choose_any(int count)
{
	int i;

	for (i = 0; i < count; i++)
		flows[i] = (struct flow){ .addr = 0x0a000002, .port = 1 + i };
}

/* Peers that would all be in one bucket. */
static void choose_colliding(int count)
{
	struct flow f = { .addr = 0x0a000002, .port = 1 };
	int n = 0;

	while (n < count) {
		if (!(hash_without_key(&f) & ((1U << COLLIDING_BITS) - 1)))
			flows[n++] = f;
		if (!++f.port) {
			f.port = 1;
			f.addr++;
		}
	}
}

int main(void)
{
	struct rlimit files = { .rlim_cur = MANY + 100, .rlim_max = MANY + 100 };
	double one, many, any, attacked;

	must(setrlimit(RLIMIT_NOFILE, &files), "RLIMIT_NOFILE");
	bed = new_bed();
	open_wire();

	choose_any(MANY);
	open_flows(0, 1);
	measure(1, 100);	/* neighbours, caches of the slab allocator */
	one = measure(1, 2000);
	close_flows(1, 2100);
	open_flows(0, MANY);
	many = measure(MANY, 1);
	close_flows(MANY, 1);
	check(many <= 1.1 * one, "a packet to one of %d channels: %.0f instructions; to a single one: %.0f",
	      MANY, many, one);
	check(many <= one + 60, "the look-up alone takes %.0f more", many - one);

	choose_any(COLLIDING);
	open_flows(0, COLLIDING);
	any = measure(COLLIDING, 2);
	close_flows(COLLIDING, 2);
	choose_colliding(COLLIDING);
	open_flows(0, COLLIDING);
	attacked = measure(COLLIDING, 2);
	close_flows(COLLIDING, 2);
	check(attacked <= any + 60,
	      "%d channels chosen to collide: %.0f instructions; chosen at random: %.0f", COLLIDING,
	      attacked, any);
	return 0;
}
