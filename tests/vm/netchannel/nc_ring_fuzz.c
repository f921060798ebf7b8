// SPDX-License-Identifier: GPL-2.0
/*
 * The owner of a ring is hostile: another thread writes anything into the shared
 * memory while the kernel uses it. The wire shows the channel's own addresses
 * only, everything impossible is counted, and others do not notice.
 */
#include "ring.h"

#include <pthread.h>
#include <sched.h>
#include <stddef.h>

#define PORT_A 7000
#define PORT_B 7001

static struct bed bed;
static int capture, peer, raw;
static int seed;

static void open_peer(void)
{
	enter(bed.b);
	capture = start_capture("v1");
	peer = udp_socket(ADDR_B, PORT_B, ADDR_A, PORT_A);
	raw = raw_socket();
	enter(bed.a);
}

/* What came out since the last time, so many packets at least: none of it foreign. */
static int own_only(int wanted, int quiet_ms)
{
	struct tally t = tally_until_quiet(capture, PORT_A, PORT_B, wanted, quiet_ms);
	char c;

	if (t.foreign)
		check(false, "%d foreign packets on the wire", t.foreign);
	while (recv(peer, &c, 1, MSG_DONTWAIT) >= 0)
		;
	return t.udp_in;
}

static struct netchannel_create small_args(uint32_t format)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);

	args.format = format;
	args.rx_bytes = 8192;
	args.tx_slots = 64;
	args.tx_bytes = 65536;
	return args;
}

/* N31: each lie has its result, and costs its own packet only. */
static void lying_descriptors(void)
{
	static const struct {
		const char *what;
		struct netchannel_descriptor d;
		int result;
	} lies[] = {
		{ "the whole arena", { .offset = 0, .len = 65536 }, -EMSGSIZE },
		{ "a byte behind the arena", { .offset = 65535, .len = 2 }, -EINVAL },
		{ "the arena's last byte", { .offset = 65535, .len = 1 }, 0 },
		{ "nothing, at its end", { .offset = 65536, .len = 0 }, 0 },
		{ "an offset behind it", { .offset = 65537, .len = 0 }, -EINVAL },
		{ "a sum of 2^32", { .offset = 0xffff0000, .len = 0x10000 }, -EINVAL },
		{ "a sum of 2^32 + 4", { .offset = 8, .len = -4U }, -EINVAL },
		{ "the largest numbers", { .offset = ~0U, .len = ~0U }, -EINVAL },
		{ "an unknown flag", { .len = 1, .flags = 1U << 31 }, -EINVAL },
		{ "reserved, the first", { .len = 1, .reserved = 1 }, -EINVAL },
		{ "a place of no data", { .len = 1, .data_offset = 1 }, -EINVAL },
		{ "data behind the arena", { .data_offset = 65535, .data_len = 2 }, -EINVAL },
		{ "data apart, of PAYLOAD", { .data_len = 1 }, -EINVAL },
		{ "65,508 bytes", { .len = 65508 }, -EMSGSIZE },
		{ "segments of 1", { .len = 64, .segment_bytes = 1 }, 0 },
		{ "65 segments", { .len = 65, .segment_bytes = 1 }, -EINVAL },
		{ "segments over the MTU", { .len = 3000, .segment_bytes = 1473 }, -EMSGSIZE },
		{ "segments of 4 GiB", { .len = 3, .segment_bytes = ~0U }, 0 },
		{ "a remote", { .len = 1, .remote = { .family = AF_INET, .port = 1 } }, -EISCONN },
		{ "a remote's scope", { .len = 1, .remote = { .scope_id = 1 } }, -EISCONN },
		{ "a remote's address", { .len = 1, .remote = { .addr = { [0] = 1 } } }, -EISCONN },
		{ "its last byte", { .len = 1, .remote = { .addr = { [15] = 1 } } }, -EISCONN },
	};
	struct ring r = open_ring(small_args(NETCHANNEL_FORMAT_PAYLOAD));
	size_t i, count = sizeof(lies) / sizeof(*lies);
	struct netchannel_stats s;
	uint32_t first = r.tx_producer;

	for (i = 0; i < count; i++)
		*ring_slot(&r, r.tx_producer++) = lies[i].d;
	ring_publish(&r);
	check(ring_kick(&r, 0, 0) == (int)count, "all descriptors are taken");
	for (i = 0; i < count; i++) {
		int got = ring_slot(&r, first + i)->result;

		check(got == lies[i].result, "descriptor of %s: %s", lies[i].what,
		      got ? strerrorname_np(-got) : "sent");
	}
	s = stats_of(r.fd);
	check(own_only(4, 200) >= 4 && s.tx_packets == 4, "what was good was sent");
	check(s.tx_bad_descriptors == 9, "%d were impossible", (int)s.tx_bad_descriptors);

	r.header->tx_producer = r.header->tx_consumer + 65;
	check_errno(ring_kick(&r, 0, 0), EINVAL, "one more than there are slots");
	r.header->tx_producer = r.header->tx_consumer - 1;
	check_errno(ring_kick(&r, 0, 0), EINVAL, "backwards");
	s = stats_of(r.fd);
	check(s.tx_bad_positions == 2, "both counted");
	ring_publish(&r);
	check(!ring_send(&r, "works", 5), "and it works as before");
	check(own_only(1, 200) == 1, "once");
	close_ring(&r);
}

/* A consumer that cannot be: packets are dropped until it is right again. */
static void lying_consumer(void)
{
	static const uint32_t lies[] = { 64, 8192, 1U << 31, -8256U };
	struct ring r = open_ring(small_args(NETCHANNEL_FORMAT_PAYLOAD));
	struct netchannel_stats s;
	size_t i;
	int n;

	for (n = 0; n < 128; n++)
		must(send(peer, "x", 1, 0), "send");
	s = stats_at(r.fd, 128);
	check(s.rx_packets == 128 && s.rx_queued_bytes == 8192, "the ring is full");
	for (i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		r.header->rx_consumer = r.header->rx_producer + lies[i];
		must(send(peer, "x", 1, 0), "send");
		s = stats_at(r.fd, 128 + i + 1);
	}
	check(s.rx_packets == 128 && s.rx_dropped_full == i && s.rx_bad_positions == i,
	      "%d impossible positions: %d dropped", (int)s.rx_bad_positions,
	      (int)s.rx_dropped_full);
	r.header->rx_consumer = r.header->rx_producer;
	r.rx_consumer = r.header->rx_producer;
	must(send(peer, "right", 5, 0), "send");
	ring_expect(&r, "right", 5, "and it receives again");
	close_ring(&r);
}

struct racer {
	struct ring *r;
	uint32_t len_max;
	bool stop;
	uint32_t state, writes;
	const uint8_t *places;	/* what is flipped of each header: they are 128 bytes apart */
	uint32_t nr_places;
};

/* On a CPU of its own: a race is none where one waits for the other's turn. */
static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	must(sched_setaffinity(0, sizeof(set), &set), "affinity");
}

static uint32_t next_random(struct racer *racer)
{
	racer->state ^= racer->state << 13;
	racer->state ^= racer->state >> 17;
	racer->state ^= racer->state << 5;
	return racer->state;
}

/* Anything, near what is right or not, anywhere that the kernel looks. */
static void *write_anything(void *arg)
{
	struct racer *racer = arg;
	struct ring *r = racer->r;
	uint32_t *header = (void *)r->header, value;
	/* what the kernel publishes, and never reads: we need it to come near */
	const uint32_t rx_producer = offsetof(struct netchannel_ring_header, rx_producer) / 4;
	const uint32_t tx_consumer = offsetof(struct netchannel_ring_header, tx_consumer) / 4;

	pin(1);
	while (!__atomic_load_n(&racer->stop, __ATOMIC_RELAXED)) {
		value = next_random(racer);
		switch (next_random(racer) % 8) {
		case 0:
			value %= 80;
			if (value != rx_producer && value != tx_consumer)
				((volatile uint32_t *)header)[value] = next_random(racer);
			break;
		case 1:
			r->header->rx_consumer = r->header->rx_producer - value % 128 * 64;
			break;
		case 2:
			r->header->rx_consumer = r->header->rx_producer + value % 8;
			break;
		case 3:
			r->header->tx_producer = r->header->tx_consumer + value % 96;
			break;
		case 4:
			((volatile uint32_t *)r->tx)[value % (64 * 16)] = next_random(racer);
			break;
		default:
			*(volatile struct netchannel_descriptor *)ring_slot(r, value) =
				(struct netchannel_descriptor){
					.offset = next_random(racer) % 66000,
					.len = next_random(racer) % racer->len_max,
					.data_len = value % 16 ? 0 : next_random(racer) % 66000,
				};
		}
		__atomic_fetch_add(&racer->writes, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Of all that the race is about, something has happened. */
static bool has_met(int kicked, int refused, const struct netchannel_stats *s)
{
	return kicked && refused && s->tx_bad_descriptors && s->tx_bad_positions &&
	       s->rx_bad_positions;
}

/* Another channel that fills the same ring, with packets that the capture does not see. */
static int open_member(const struct ring *r, int *sock)
{
	struct netchannel_create args = create_args(LOOPBACK, PORT_A, LOOPBACK, PORT_B);

	args.type = NETCHANNEL_TYPE_GROUP;
	args.group = r->fd;
	*sock = udp_socket(LOOPBACK, PORT_B, NULL, 0);
	return channel_of(args);
}

/* N30 */
static void racing_indices(uint32_t flags, uint32_t len_max)
{
	int rounds = count_of(75, 250000), i, j, sent = 0, kicked = 0, refused = 0;
	struct netchannel_create args = small_args(NETCHANNEL_FORMAT_PAYLOAD);
	struct racer racer = { .state = seed | 1, .len_max = len_max };
	struct netchannel_stats s, of_member;
	int near, member;
	pthread_t thread;
	struct ring r;

	args.flags = flags;
	r = open_ring(args);
	racer.r = &r;
	member = open_member(&r, &near);
	pthread_create(&thread, NULL, write_anything, &racer);
	for (i = 0; i < rounds; i++) {
		int n = ring_kick(&r, NETCHANNEL_DONTWAIT, 0);

		if (n < 0 && errno != EINVAL && errno != EAGAIN)
			check(false, "KICK: %s", strerror(errno));
		if (n < 0)
			refused++;
		else
			kicked += n;
		for (j = 0; j < 4; j++)
			must(send(peer, "flood", 5, 0), "send");
		must(send_to(near, "flood", 5, LOOPBACK, PORT_A), "send");
		if (i % 50 == 49)
			sent += own_only(0, 0);
		s = stats_of(r.fd);
		if (i == rounds - 1 && i < 250000 && !has_met(kicked, refused, &s))
			rounds++;	/* the other thread has had no turn */
	}
	racer.stop = true;
	pthread_join(thread, NULL);
	sent += own_only(0, 200);
	s = stats_at(r.fd, (uint64_t)rounds * 4);
	check(racer.writes && has_met(kicked, refused, &s),
	      "%u racing writes (seed %d): %d taken, %d on the wire, %d KICKs refused; %d "
	      "impossible producers, %d consumers, %d descriptors",
	      racer.writes, seed, kicked, sent, refused, (int)s.tx_bad_positions,
	      (int)s.rx_bad_positions, (int)s.tx_bad_descriptors);
	check(s.rx_packets + dropped(&s) == (uint64_t)rounds * 4, "all %d received are counted",
	      rounds * 4);
	of_member = stats_at(member, rounds);
	check(of_member.rx_packets + dropped(&of_member) == (uint64_t)rounds,
	      "and all %d of another channel in its group", rounds);
	close(member);
	close(near);
	close_ring(&r);
}

/* There and back. */
static void *flip_headers(void *arg)
{
	struct racer *racer = arg;
	uint32_t i = 0;

	pin(1);
	while (!__atomic_load_n(&racer->stop, __ATOMIC_RELAXED)) {
		volatile uint8_t *p = racer->r->arena + i % 64 * 128 +
				      racer->places[i / 64 % racer->nr_places];
		uint8_t old = *p;

		*p = old ^ (i % 255 + 1);
		*p = old;
		i++;
		__atomic_fetch_add(&racer->writes, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* A thread writes into the headers of 64 packets while they are sent. */
struct race {
	const char *what, *local, *remote;	/* remote NULL: what the headers say */
	int protocol;
	bool is_alone;		/* each has a KICK of its own, and goes another way */
	uint32_t flags;
	const uint8_t *places;
	uint32_t nr_places;
	void (*make)(uint8_t *p);
	void (*push)(struct ring *r, int i);
	/* how many came out by now, or after some time; ends the test if one is foreign */
	int (*own)(int wait_ms);
};

static struct netchannel_create args_of_race(const struct race *race)
{
	struct netchannel_create args = small_args(NETCHANNEL_FORMAT_PACKET);

	args.protocol = race->protocol;
	args.local = nc_addr(race->local, PORT_A);
	args.remote = nc_addr(race->remote, race->remote ? PORT_B : 0);
	args.flags = race->flags;
	args.ifindex = race->flags & NETCHANNEL_FAST ? if_nametoindex("v0") : 0;
	return args;
}

/* All 64. Returns how much was written meanwhile. */
static uint32_t kick_all(const struct race *race, struct ring *r, const struct racer *racer)
{
	int at_once = race->is_alone ? 1 : 64, i, j;
	uint32_t before, seen = 0;

	for (i = 0; i < 64; i += at_once) {
		for (j = 0; j < at_once; j++)
			race->push(r, i + j);
		ring_publish(r);
		before = __atomic_load_n(&racer->writes, __ATOMIC_RELAXED);
		must(ring_kick(r, 0, 0), "KICK");
		seen += __atomic_load_n(&racer->writes, __ATOMIC_RELAXED) - before;
	}
	return seen;
}

/* N32: what is checked is what is sent. */
static void race_headers(const struct race *race)
{
	int wanted = count_of(1000, 1000000), most = 20000 + wanted / 10;
	int i, sent = 0, kicks = 0;
	struct ring r = open_ring(args_of_race(race));
	struct racer racer = {
		.r = &r, .places = race->places, .nr_places = race->nr_places,
	};
	uint32_t seen = 0;
	pthread_t thread;

	for (i = 0; i < 64; i++)
		race->make(r.arena + i * 128);
	race->own(200);		/* of the test before */
	pthread_create(&thread, NULL, flip_headers, &racer);
	while ((seen < (uint32_t)wanted || sent < 500) && kicks < most) {
		seen += kick_all(race, &r, &racer);
		if (++kicks % 20 == 0)
			sent += race->own(0);
	}
	racer.stop = true;
	pthread_join(thread, NULL);
	sent += race->own(200);
	check(seen >= (uint32_t)wanted && sent,
	      "%s: %u flips while 64 were sent %d times: %d packets on the wire, none foreign",
	      race->what, seen, kicks, sent);
	close_ring(&r);
}

/* Addresses, ports, protocol and length of the headers, of TCP its own and options, too. */
static const uint8_t places[] = {
	0, 2, 3, 6, 9, 12, 13, 15, 16, 19, 20, 21, 22, 23, 24, 32, 33, 36, 40, 41, 42,
};

#define UDP_PLACES	15

static const uint8_t places6[] = {
	0, 1, 4, 5, 6, 7, 8, 9, 15, 23, 24, 25, 31, 39, 40, 41, 42, 43, 44, 45, 52, 53, 60,
};

#define UDP_PLACES6	20

static void make_datagram(uint8_t *p)
{
	make_packet(p, PORT_B, PORT_A, "whatever it says", 16);
}

/* One that says to whom. */
static void make_datagram_to(uint8_t *p)
{
	make_datagram(p);
	memcpy(p + 16, &(uint32_t){ inet_addr(ADDR_B) }, 4);
	p[22] = PORT_B >> 8;
	p[23] = PORT_B & 255;
}

static void make_datagram6(uint8_t *p)
{
	put_header6(p, IPPROTO_UDP, 8 + 16);
	memset(p + 40, 0, 8);
	memcpy(p + 48, "whatever it says", 16);
}

/* In one piece, or its text as data apart. */
static void push_datagram(struct ring *r, int i)
{
	struct netchannel_descriptor *d = ring_push(r, i * 128, i % 2 ? 28 : 44);

	if (i % 2) {
		d->data_offset = i * 128 + 28;
		d->data_len = 16;
	}
}

static void push_datagram6(struct ring *r, int i)
{
	ring_push(r, i * 128, 64);
}

static int own_datagrams(int wait_ms)
{
	char c;

	while (recv(peer, &c, 1, MSG_DONTWAIT) >= 0)
		;
	return own_only(0, wait_ms);
}

/* Where to is as the headers say it, as far as the link has it. From whom, nobody can say. */
static int own_datagrams_to(int wait_ms)
{
	struct captured c;
	int n = 0;

	while (next_captured(capture, &c, wait_ms)) {
		if (c.outgoing)
			continue;
		if (c.ip.protocol != IPPROTO_UDP || c.ip.saddr != inet_addr(ADDR_A) ||
		    ntohs(c.udp.source) != PORT_A || c.ip.ihl != 5 ||
		    ntohs(c.ip.tot_len) != 44 || ntohs(c.udp.len) != 24)
			check(false, "a foreign packet on the wire");
		n++;
	}
	return n;
}

/* The next one that A's channel may have sent over IPv6; NULL: none comes for a while. */
static const uint8_t *next_captured6(int wait_ms, int *len)
{
	struct pollfd p = { .fd = capture, .events = POLLIN };
	struct sockaddr_ll from;
	static uint8_t q[256];
	socklen_t size;

	while (poll(&p, 1, wait_ms) > 0) {
		size = sizeof(from);
		*len = recvfrom(capture, q, sizeof(q), 0, (struct sockaddr *)&from, &size);
		if (from.sll_protocol != htons(ETH_P_IPV6) ||
		    from.sll_pkttype == PACKET_OUTGOING)
			continue;
		/* the host's own: it asks for neighbours, and reports groups, with an option */
		if (q[6] != IPPROTO_ICMPV6 && (q[6] || q[40] != IPPROTO_ICMPV6))
			return q;
	}
	return NULL;
}

/* Both protocols have their ports at the same place. */
static bool is_flow6(const uint8_t *q, int protocol)
{
	struct netchannel_addr a = nc_addr(ADDR6_A, 0), b = nc_addr(ADDR6_B, 0);

	return q[6] == protocol && !memcmp(q + 8, a.addr, 16) && !memcmp(q + 24, b.addr, 16) &&
	       (q[40] << 8 | q[41]) == PORT_A && (q[42] << 8 | q[43]) == PORT_B;
}

static int own_datagrams6(int wait_ms)
{
	const uint8_t *q;
	int n = 0, len;

	while ((q = next_captured6(wait_ms, &len))) {
		if (len != 64 || !is_flow6(q, IPPROTO_UDP) || q[4] || q[5] != 24)
			check(false, "a foreign packet of %d bytes and protocol %d on the wire",
			      len, q[6]);
		n++;
	}
	return n;
}

#define TCP_WORDS	7	/* with 8 bytes of options */
#define SEGMENT_TEXT	16

/* A segment without what the kernel writes. */
static void make_segment(uint8_t *p)
{
	struct tcphdr *tcp = (struct tcphdr *)(p + 20);

	memset(p, 0, 20 + TCP_WORDS * 4);
	p[0] = 0x45;
	tcp->seq = htonl(1);
	tcp->doff = TCP_WORDS;
	tcp->ack = 1;
	memset(p + 40, 1, TCP_WORDS * 4 - 20);	/* no operation */
	memset(p + 20 + TCP_WORDS * 4, 'x', SEGMENT_TEXT);
}

/* One that says to whom. */
static void make_segment_to(uint8_t *p)
{
	make_segment(p);
	memcpy(p + 16, &(uint32_t){ inet_addr(ADDR_B) }, 4);
	p[22] = PORT_B >> 8;
	p[23] = PORT_B & 255;
}

static void make_segment6(uint8_t *p)
{
	uint8_t segment[20 + TCP_WORDS * 4 + SEGMENT_TEXT];

	make_segment(segment);
	put_header6(p, IPPROTO_TCP, sizeof(segment) - 20);
	memcpy(p + 40, segment + 20, sizeof(segment) - 20);
}

static void push_segment(struct ring *r, int i)
{
	ring_push(r, i * 128, 20 + TCP_WORDS * 4 + SEGMENT_TEXT);
}

static void push_segments6(struct ring *r, int i)
{
	ring_push(r, i * 128, 40 + TCP_WORDS * 4 + SEGMENT_TEXT)->segment_bytes = i % 2 ? 8 : 0;
}

static void push_segments(struct ring *r, int i)
{
	ring_push(r, i * 128, 20 + TCP_WORDS * 4 + SEGMENT_TEXT)->segment_bytes = i % 2 ? 4 : 0;
}

/* Of our flow, and with a header that is in it, whose length it says itself. */
static int own_segments(int wait_ms)
{
	struct captured c;
	int n = 0;

	while (next_captured(capture, &c, wait_ms)) {
		if (c.outgoing)		/* the peer's kernel knows of no connection */
			continue;
		if (!is_of_flow(&c, IPPROTO_TCP, PORT_A, PORT_B))
			check(false, "a foreign packet on the wire");
		if (c.tcp.doff < 5 || 20 + c.tcp.doff * 4 > ntohs(c.ip.tot_len))
			check(false, "a header of %d bytes in a packet of %d", c.tcp.doff * 4,
			      ntohs(c.ip.tot_len));
		n++;
	}
	return n;
}

/* Where to is as the headers say it, as of datagrams. */
static int own_segments_to(int wait_ms)
{
	struct captured c;
	int n = 0;

	while (next_captured(capture, &c, wait_ms)) {
		if (c.outgoing)
			continue;
		if (c.ip.protocol != IPPROTO_TCP || c.ip.saddr != inet_addr(ADDR_A) ||
		    ntohs(c.tcp.source) != PORT_A || c.ip.ihl != 5 ||
		    ntohs(c.ip.tot_len) != 20 + TCP_WORDS * 4 + SEGMENT_TEXT || c.tcp.doff < 5 ||
		    c.tcp.doff * 4 > TCP_WORDS * 4 + SEGMENT_TEXT)
			check(false, "a foreign packet on the wire");
		n++;
	}
	return n;
}

static int own_segments6(int wait_ms)
{
	struct tcphdr tcp;
	const uint8_t *q;
	int n = 0, len;

	while ((q = next_captured6(wait_ms, &len))) {
		memcpy(&tcp, q + 40, sizeof(tcp));
		if (!is_flow6(q, IPPROTO_TCP) || len < 60 || len != 40 + (q[4] << 8 | q[5]) ||
		    tcp.doff < 5 || 40 + tcp.doff * 4 > len)
			check(false, "a foreign segment of %d bytes on the wire", len);
		n++;
	}
	return n;
}

#define OF_UDP	.protocol = IPPROTO_UDP, .places = places, .nr_places = UDP_PLACES
#define OF_TCP	.protocol = IPPROTO_TCP, .places = places, .nr_places = sizeof(places)
#define OF_UDP6	.protocol = IPPROTO_UDP, .places = places6, .nr_places = UDP_PLACES6
#define OF_TCP6	.protocol = IPPROTO_TCP, .places = places6, .nr_places = sizeof(places6)

static const struct race races[] = {
	{ "UDP", ADDR_A, ADDR_B, OF_UDP, .make = make_datagram, .push = push_datagram,
	  .own = own_datagrams },
	{ "UDP, without a remote", ADDR_A, NULL, OF_UDP, .make = make_datagram_to,
	  .push = push_datagram, .own = own_datagrams_to },
	{ "UDP, FAST", ADDR_A, ADDR_B, OF_UDP, .flags = NETCHANNEL_FAST, .make = make_datagram,
	  .push = push_datagram, .own = own_datagrams },
	{ "UDP over IPv6", ADDR6_A, ADDR6_B, OF_UDP6, .make = make_datagram6,
	  .push = push_datagram6, .own = own_datagrams6 },
	{ "TCP", ADDR_A, ADDR_B, OF_TCP, .make = make_segment, .push = push_segments,
	  .own = own_segments },
	{ "TCP, alone and without a remote", ADDR_A, NULL, OF_TCP, .is_alone = true,
	  .make = make_segment_to, .push = push_segment, .own = own_segments_to },
	{ "TCP, FAST, too", ADDR_A, NULL, OF_TCP, .is_alone = true, .flags = NETCHANNEL_FAST,
	  .make = make_segment_to, .push = push_segment, .own = own_segments_to },
	{ "TCP over IPv6", ADDR6_A, ADDR6_B, OF_TCP6, .make = make_segment6,
	  .push = push_segments6, .own = own_segments6 },
};

/* No neighbour is asked for: what goes to one that is not there does not wait for it. */
static void race_all(void)
{
	size_t i;

	run("/usr/bin/ip link set v0 arp off");
	for (i = 0; i < sizeof(races) / sizeof(*races); i++)
		race_headers(&races[i]);
}

int main(void)
{
	bed = new_bed();
	seed = number_from("SEED", 1);
	pin(0);
	open_peer();
	lying_descriptors();
	lying_consumer();
	racing_indices(0, 100);
	racing_indices(NETCHANNEL_ZEROCOPY, 1400);	/* no fragments */
	race_all();
	return 0;
}
