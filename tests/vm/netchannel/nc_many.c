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
#define OTHERS		100
#define CHAIN		15	/* rhashtable lets no more into one bucket */
#define PORT_A		7000
#define DATA_BYTES	4
#define PACKET_BYTES_MAX	(40 + 8 + DATA_BYTES)

struct flow {
	uint32_t addr;		/* the remote's in host order, or its last bytes */
	uint16_t port;
	int channel;
	uint8_t packet[PACKET_BYTES_MAX];	/* from the remote */
};

static int family;		/* of all that there are at a time */
static struct flow flows[MANY];
static struct bed bed;
static int wire;		/* AF_PACKET, in namespace B */
static struct sockaddr_ll to_a;

static void open_wire(void)
{
	enter(bed.b);
	wire = raw_socket();
	to_a = (struct sockaddr_ll){
		.sll_family = AF_PACKET, .sll_halen = 6,
		.sll_ifindex = if_nametoindex("v1"), .sll_addr = { 2, 0, 0, 0, 0, 1 },
	};
	enter(bed.a);
}

static void use(int of_all)
{
	family = of_all;
	to_a.sll_protocol = htons(family == AF_INET ? ETH_P_IP : ETH_P_IPV6);
}

static size_t packet_bytes(void)
{
	return (family == AF_INET ? 20 : 40) + 8 + DATA_BYTES;
}

static const char *local(void)
{
	return family == AF_INET ? ADDR_A : ADDR6_A;
}

static void write_remote(const struct flow *f, void *addr)
{
	const uint32_t last = htonl(f->addr);

	if (family == AF_INET6) {
		inet_pton(AF_INET6, ADDR6_B, addr);
		addr = (uint8_t *)addr + 12;
	}
	memcpy(addr, &last, sizeof(last));
}

static void make_flow_packet(struct flow *f)
{
	struct iphdr *ip = (struct iphdr *)f->packet;
	struct udphdr *udp = (struct udphdr *)(ip + 1);

	make_packet(f->packet, f->port, PORT_A, "data", DATA_BYTES);
	write_remote(f, &ip->saddr);
	ip->check = 0;
	ip->check = htons(fold16(sum16(ip, 20, 0)));
	udp->check = 0;		/* none */
}

static void make_flow_packet6(struct flow *f)
{
	struct udphdr *udp = (struct udphdr *)(f->packet + 40);

	put_header6(f->packet, IPPROTO_UDP, 8 + DATA_BYTES);
	write_remote(f, f->packet + 8);
	*udp = (struct udphdr){ .source = htons(f->port), .dest = htons(PORT_A) };
	udp->len = htons(8 + DATA_BYTES);
	memcpy(udp + 1, "data", DATA_BYTES);
	udp->check = htons(fold16(sum16(f->packet + 8, 32 + 8 + DATA_BYTES,
					IPPROTO_UDP + 8 + DATA_BYTES))) ?: 0xffff;
}

static void open_flow(struct flow *f, int ifindex)
{
	uint8_t remote[16];
	char addr[INET6_ADDRSTRLEN];
	struct netchannel_create args;
	int tries;

	write_remote(f, remote);
	inet_ntop(family, remote, addr, sizeof(addr));
	args = create_args(local(), PORT_A, addr, f->port);
	args.type = NETCHANNEL_TYPE_DISCARD;
	args.flags = NETCHANNEL_FAST;
	args.ifindex = ifindex;
	/* a table that is just taking another key refuses an attacker for a while */
	for (tries = 0; (f->channel = try_channel(&args)) < 0 && errno == ENOMEM; tries++) {
		if (tries == 100)
			break;
		usleep(10000);
	}
	must(f->channel, "CREATE");
	if (family == AF_INET)
		make_flow_packet(f);
	else
		make_flow_packet6(f);
}

static void open_flows(int from, int to)
{
	int ifindex = if_nametoindex("v0"), i;

	for (i = from; i < to; i++)
		open_flow(&flows[i], ifindex);
	sleep(1);	/* the table grows in the background; waiting is free here */
}

static void close_all(int count)
{
	int i;

	for (i = 0; i < count; i++)
		close(flows[i].channel);
}

/* Every packet that was sent has been claimed, by the channel that it was for. */
static void close_flows(int count, int each)
{
	int i, good = 0;

	for (i = 0; i < count; i++)
		good += stats_of(flows[i].channel).rx_packets == (uint64_t)each;
	close_all(count);
	check(good == count, "%d of %d channels have got their %d packets", good, count, each);
}

static void send_packet(const struct flow *f)
{
	must(sendto(wire, f->packet, packet_bytes(), 0, (struct sockaddr *)&to_a,
		    sizeof(to_a)), "sendto");
}

/* Instructions a packet to this one, that is not the one which was looked up last. */
static double measure_one(int i, int packets)
{
	uint64_t sum = 0, start;
	int n;

	for (n = 0; n < packets; n++) {
		send_packet(&flows[0]);
		start = __rdtsc();
		send_packet(&flows[i]);
		sum += __rdtsc() - start;
	}
	return (double)sum / packets;
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

static uint32_t rotate(uint32_t x, int by)
{
	return x << by | x >> (32 - by);
}

static uint32_t finish(uint32_t a, uint32_t b, uint32_t c)
{
	c = (c ^ b) - rotate(b, 14);
	a = (a ^ c) - rotate(c, 11);
	b = (b ^ a) - rotate(a, 25);
	c = (c ^ b) - rotate(b, 16);
	a = (a ^ c) - rotate(c, 4);
	b = (b ^ a) - rotate(a, 14);
	return (c ^ b) - rotate(b, 24);
}

/* The module's key of the table (netchannel/demux.h), of 40 bytes. */
static uint32_t hash6(const struct flow *f, uint32_t key)
{
	uint32_t words[10], a, b, c;
	int i;

	inet_pton(AF_INET6, ADDR6_A, words);
	write_remote(f, words + 4);
	words[8] = (uint32_t)htons(f->port) << 16 | htons(PORT_A);
	words[9] = AF_INET6 << 16 | IPPROTO_UDP;
	a = b = c = 0xdeadbeef + sizeof(words) + key;
	for (i = 0; i < 9; i += 3) {
		a += words[i];
		b += words[i + 1];
		c += words[i + 2];
		a = (a - c) ^ rotate(c, 4), c += b;
		b = (b - a) ^ rotate(a, 6), a += c;
		c = (c - b) ^ rotate(b, 8), b += a;
		a = (a - c) ^ rotate(c, 16), c += b;
		b = (b - a) ^ rotate(a, 19), a += c;
		c = (c - b) ^ rotate(b, 4), b += a;
	}
	return finish(a + words[9], b, c);
}

/* As the module hashes a flow (lookup3, Bob Jenkins, 2006). */
static uint32_t hash(const struct flow *f, uint32_t key)
{
	uint32_t start = 0xdeadbeef + 12 + key + IPPROTO_UDP;

	if (family == AF_INET6)
		return hash6(f, key);
	return finish(start + inet_addr(ADDR_A), start + htonl(f->addr),
		      start + ((uint32_t)htons(PORT_A) << 16 | htons(f->port)));
}

static void choose_any(int count)
{
	int i;

	for (i = 0; i < count; i++)
		flows[i] = (struct flow){ .addr = 0x0a000002, .port = 1 + i };
}

/* Peers that are all in this one of so many buckets. */
static void choose_colliding(int from, int count, uint32_t key, uint32_t buckets, uint32_t bucket)
{
	struct flow f = { .addr = 0x0a000002, .port = MANY };

	while (count) {
		if ((hash(&f, key) & (buckets - 1)) == bucket) {
			flows[from++] = f;
			count--;
		}
		if (!++f.port) {
			f.port = 1;
			f.addr++;
		}
	}
}

/* What the test's module tells of the table, as it was when the last channel came. */
static uint32_t told(const char *what)
{
	char path[80], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/module/netchannel_key/parameters/%s", what);
	fd = must(open(path, O_RDONLY | O_CLOEXEC), path);
	must(read(fd, text, sizeof(text) - 1), path);
	close(fd);
	return strtoul(text, NULL, 10);
}

/* One in which none of the first channels is. */
static uint32_t empty_bucket(int count, uint32_t key, uint32_t buckets)
{
	uint32_t bucket = 0;
	int i;

	for (i = 0; i < count; i++) {
		if ((hash(&flows[i], key) & (buckets - 1)) == bucket) {
			bucket++;
			i = -1;
		}
	}
	return bucket;
}

/*
 * As many as one bucket takes cost the last in it no more than twice; with one more the
 * table takes another key, so that a thousand cost nothing. Others keep the table at one
 * size, meanwhile.
 */
static void attack_with_key(double one, double any)
{
	uint32_t key, buckets;
	double first, last, attacked;

	choose_any(OTHERS);
	open_flows(0, OTHERS - 1);
	open_flows(OTHERS - 1, OTHERS);
	key = told("key");
	buckets = told("buckets");
	choose_colliding(OTHERS, COLLIDING, key, buckets, empty_bucket(OTHERS, key, buckets));
	open_flows(OTHERS, OTHERS + CHAIN);
	check(told("key") == key, "%d channels in one bucket of %u", CHAIN, buckets);
	first = measure_one(OTHERS, 1000);	/* new ones go to the bucket's head */
	last = measure_one(OTHERS + CHAIN - 1, 1000);
	check(first > last + 5 * CHAIN && first <= 2 * one,
	      "a packet to the first of them: %.0f instructions; to the last: %.0f", first, last);
	open_flows(OTHERS + CHAIN, OTHERS + COLLIDING);
	check(told("key") != key, "with more of them, the table takes another key");
	attacked = measure(OTHERS + COLLIDING, 2);
	check(attacked <= any + 60, "%d of that bucket: %.0f instructions; chosen at random: %.0f",
	      COLLIDING, attacked, any);
	close_all(OTHERS + COLLIDING);
}

/* Returns what a packet to a single one costs. */
static double among_many(void)
{
	double one, two, many;

	choose_any(MANY);
	open_flows(0, 1);
	measure(1, 100);	/* neighbours, caches of the slab allocator */
	one = measure(1, 2000);
	close_flows(1, 2100);
	open_flows(0, 2);
	two = measure(2, 1000);		/* in turns: each is looked up */
	close_flows(2, 1000);
	open_flows(0, MANY);
	many = measure(MANY, 1);
	close_flows(MANY, 1);
	check(many <= 1.1 * one, "a packet to one of %d channels: %.0f instructions; to a single one: %.0f",
	      MANY, many, one);
	check(many <= two + 60, "the look-up alone takes %.0f more than with two", many - two);
	return one;
}

/* Returns what a packet to one of as many costs that nobody has chosen. */
static double attack_without_key(void)
{
	double any, attacked;

	choose_any(COLLIDING);
	open_flows(0, COLLIDING);
	any = measure(COLLIDING, 2);
	close_flows(COLLIDING, 2);
	choose_colliding(0, COLLIDING, 0, 1U << COLLIDING_BITS, 0);
	open_flows(0, COLLIDING);
	attacked = measure(COLLIDING, 2);
	close_flows(COLLIDING, 2);
	check(attacked <= any + 60,
	      "%d channels chosen to collide: %.0f instructions; chosen at random: %.0f", COLLIDING,
	      attacked, any);
	return any;
}

int main(void)
{
	struct rlimit files = { .rlim_cur = MANY + 100, .rlim_max = MANY + 100 };
	double one;

	must(setrlimit(RLIMIT_NOFILE, &files), "RLIMIT_NOFILE");
	bed = new_bed();
	open_wire();
	use(AF_INET);
	one = among_many();
	attack_with_key(one, attack_without_key());
	use(AF_INET6);
	one = among_many();
	attack_with_key(one, attack_without_key());
	return 0;
}
