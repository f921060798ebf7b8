// SPDX-License-Identifier: GPL-2.0
/* Packets of every shape, from and to a channel, counted exactly. */
#include "ring.h"

#define PORT_A 7000
#define PORT_B 7001

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

/* N9: whatever a sender writes into its headers, the wire shows the channel's. */
static void forged(struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	int count = count_of(2000, 1000000), seed = number_from("SEED", 1), ch, peer, i, j;
	struct watch w = { };
	uint8_t p[64];

	args.format = NETCHANNEL_FORMAT_PACKET;
	ch = channel_of(args);
	enter(bed->b);
	w.capture = start_capture("v1");
	peer = udp_socket(ADDR_B, PORT_B, NULL, 0);
	enter(bed->a);
	srandom(seed);
	for (i = 0; i < count; i++) {
		for (j = 0; j < 64; j++)
			p[j] = random();
		p[0] = 0x45;
		must(nc_send(ch, p, 28 + random() % 36, 0), "SEND");
		watch_sent(&w, IPPROTO_UDP, PORT_A, PORT_B, i + 1, count);
	}
	check(w.seen == count && !w.foreign,
	      "%d packets with random headers (seed %d): %d on the wire, %d foreign",
	      count, seed, w.seen, w.foreign);
	close(peer);
	close(w.capture);
	close(ch);
}

#define BATCH	64	/* packets of one KICK */

/* Of v1's capture, all that is there, and what comes until so many are: as they may be. */
static int none_foreign(int capture, int seen, int wanted)
{
	struct captured c;

	while (next_captured(capture, &c, seen < wanted ? 30000 : 0)) {
		if (c.outgoing)		/* what B answers */
			continue;
		if (c.ip.saddr != inet_addr(ADDR_A) ||
		    !(is_of_flow(&c, IPPROTO_UDP, PORT_A, PORT_B) ||
		      is_of_flow(&c, IPPROTO_UDP, PORT_A, PORT_B + 1)))
			check(false, "a foreign packet on the wire");
		seen++;
	}
	return seen;
}

/* N9: so it is of a ring that sends many at once, to whom the headers say. */
static void forged_in_batches(struct bed *bed)
{
	int batches = count_of(512, 1000000) / BATCH ?: 1, seen = 0, capture, i, j, k, two[2];
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, NULL, 0);
	uint32_t to = inet_addr(ADDR_B);
	struct ring r;
	uint8_t *p;

	args.format = NETCHANNEL_FORMAT_PACKET;
	r = open_ring(args);
	enter(bed->b);
	capture = start_capture("v1");
	two[0] = udp_socket(ADDR_B, PORT_B, NULL, 0);
	two[1] = udp_socket(ADDR_B, PORT_B + 1, NULL, 0);
	enter(bed->a);
	for (i = 0; i < batches; i++) {
		for (j = 0; j < BATCH; j++) {
			p = r.arena + j * 64;
			for (k = 0; k < 64; k++)
				p[k] = random();
			p[0] = 0x45;
			memcpy(p + 16, &to, sizeof(to));
			p[22] = PORT_B >> 8;
			p[23] = (PORT_B & 255) + random() % 2;
			ring_push(&r, j * 64, 28 + random() % 36);
		}
		ring_publish(&r);
		for (j = 0; j < BATCH; j += k)
			k = must(ring_kick(&r, 0, 0), "KICK");
		seen = none_foreign(capture, seen, (i + 1) * BATCH);
	}
	check(seen == batches * BATCH && stats_of(r.fd).tx_packets == (uint64_t)seen,
	      "%d more of a ring, %d by a KICK: none foreign", seen, BATCH);
	close(two[0]);
	close(two[1]);
	close(capture);
	close_ring(&r);
}

static void own_headers(struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	uint8_t p[40] = { 0x45, 0xb8, [6] = 0x40, [8] = 77 }, buf[100];
	struct captured c;
	int ch, cap, peer, n;

	args.format = NETCHANNEL_FORMAT_PACKET;
	ch = channel_of(args);
	enter(bed->b);
	cap = start_capture("v1");
	peer = udp_socket(ADDR_B, PORT_B, ADDR_A, PORT_A);
	enter(bed->a);
	memcpy(p + 28, "payload here", 12);
	must(nc_send(ch, p, sizeof(p), 0), "SEND");
	check(next_captured(cap, &c, 30000) && c.ip.tos == 0xb8 && c.ip.ttl == 77 &&
	      c.ip.frag_off == htons(IP_DF) && ntohs(c.ip.tot_len) == 40 &&
	      ntohs(c.udp.len) == 20,
	      "tos, ttl and don't-fragment are the sender's, lengths the kernel's");
	expect_socket(peer, "payload here", 12, "the socket has the payload");
	must(send(peer, "reply", 5, 0), "send");
	n = nc_recv(ch, buf, sizeof(buf), 0, 30 * SECOND, NULL);
	check(n == 33 && buf[0] == 0x45 && buf[9] == IPPROTO_UDP &&
	      !memcmp(buf + 12, "\12\0\0\2\12\0\0\1", 8) && !memcmp(buf + 28, "reply", 5),
	      "the channel has the whole packet (%d bytes)", n);
	close(peer);
	close(cap);
	close(ch);
}

/* Larger than the MTU, to the largest there is; both ways. */
static void fragmented(int ch, int peer)
{
	static const int sizes[] = { 1473, 8000, 65507 };
	static char data[65507];
	size_t i, j;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 7 + i / 251;
	for (j = 0; j < sizeof(sizes) / sizeof(*sizes); j++) {
		must(send(peer, data, sizes[j], 0), "send");
		expect(ch, data, sizes[j], "in fragments, received whole");
		must(nc_send(ch, data, sizes[j], 0), "SEND");
		expect_socket(peer, data, sizes[j], "sent in fragments, whole at the socket");
	}
}

/* One super-frame of the sender is many datagrams, as a socket would see it. */
static void segmented(int ch, int peer)
{
	static char data[30 * 400];
	int size = 400, i;

	for (i = 0; i < (int)sizeof(data); i++)
		data[i] = i / 400;
	must(setsockopt(peer, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)), "UDP_SEGMENT");
	must(send(peer, data, sizeof(data), 0), "send");
	size = 0;
	must(setsockopt(peer, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)), "UDP_SEGMENT");
	for (i = 0; i < 30; i++) {
		char buf[500];
		int n = nc_recv(ch, buf, sizeof(buf), 0, 30 * SECOND, NULL);

		if (n != 400 || memcmp(buf, data + 400 * i, 400))
			check(false, "segment %d: %d bytes", i, n);
	}
	check(true, "30 segments of a super-frame arrive one by one");
}

/* Lies of the UDP header: the IP header is right. */
static void malformed(struct bed *bed, int ch)
{
	struct netchannel_stats before = stats_of(ch), after;
	struct udphdr *udp;
	uint8_t p[200];
	size_t len;
	int raw;

	enter(bed->b);
	raw = raw_socket();
	udp = (struct udphdr *)(p + 20);

	len = make_packet(p, PORT_B, PORT_A, "good", 4);
	raw_send(raw, "v1", p, len);
	expect(ch, "good", 4, "a frame made by hand");
	len = make_packet(p, PORT_B, PORT_A, "no sum", 6);
	udp->check = 0;
	raw_send(raw, "v1", p, len);
	expect(ch, "no sum", 6, "without a checksum");
	len = make_packet(p, PORT_B, PORT_A, "", 0);
	raw_send(raw, "v1", p, len);
	expect(ch, "", 0, "empty");

	len = make_packet(p, PORT_B, PORT_A, "bad sum", 7);
	udp->check ^= htons(1);
	raw_send(raw, "v1", p, len);
	len = make_packet(p, PORT_B, PORT_A, "bad byte", 8);
	p[30] ^= 0x10;
	raw_send(raw, "v1", p, len);
	after = stats_at(ch, before.rx_packets + dropped(&before) + 5);
	expect_nothing(ch, "wrong checksums");
	check(after.rx_dropped_checksum == before.rx_dropped_checksum + 2, "both counted");

	len = make_packet(p, PORT_B, PORT_A, "too long", 8);
	udp->len = htons(17);
	raw_send(raw, "v1", p, len);
	len = make_packet(p, PORT_B, PORT_A, "too short", 9);
	udp->len = htons(7);
	raw_send(raw, "v1", p, len);
	udp->len = 0;
	raw_send(raw, "v1", p, len);
	udp->len = 0xffff;
	raw_send(raw, "v1", p, len);
	after = stats_at(ch, before.rx_packets + dropped(&before) + 9);
	expect_nothing(ch, "wrong lengths");
	check(after.rx_dropped_malformed == before.rx_dropped_malformed + 4, "all counted");

	len = make_packet(p, PORT_B, PORT_A, "padded", 6);
	udp->len = htons(8 + 3);
	udp->check = 0;
	raw_send(raw, "v1", p, len);
	expect(ch, "pad", 3, "what follows the UDP length is padding");
	after = stats_of(ch);
	check(after.rx_packets == before.rx_packets + 4 &&
	      dropped(&after) == dropped(&before) + 6, "10 packets, each counted once");
	close(raw);
	enter(bed->a);
}

/* Every truncation of a good packet: nothing is delivered but the whole. */
static void truncated(struct bed *bed, int ch)
{
	struct netchannel_stats before = stats_of(ch), after;
	uint8_t p[200];
	size_t len, i;
	int raw;

	enter(bed->b);
	raw = raw_socket();
	len = make_packet(p, PORT_B, PORT_A, "twenty bytes of text", 20);
	for (i = 1; i < len; i++)
		raw_send(raw, "v1", p, i);
	raw_send(raw, "v1", p, len);
	expect(ch, "twenty bytes of text", 20, "of all truncations, the whole packet only");
	after = stats_of(ch);
	check(after.rx_packets == before.rx_packets + 1 && dropped(&after) == dropped(&before),
	      "IP had refused the others");
	close(raw);
	enter(bed->a);
}

/* What a socket's packets hold in memory, as the kernel tells of its sockets. */
static unsigned int socket_memory(int port)
{
	unsigned int local_port, memory, found = ~0U;
	FILE *f = fopen("/proc/thread-self/net/udp", "r");
	char line[256];

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " %*d: %*x:%x %*x:%*x %*x %*x:%x", &local_port, &memory) == 2 &&
		    (int)local_port == port)
			found = memory;
	fclose(f);
	return found;
}

/* A flood over the limit: what was sent = received + dropped. */
static void flood(struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, 7100, ADDR_B, 7101);
	struct netchannel_stats s;
	int ch, peer, i, got = 0, count = count_of(1000, 1000000);
	char buf[200] = "";

	args.rx_bytes = 65536;
	ch = channel_of(args);
	enter(bed->b);
	peer = udp_socket(ADDR_B, 7101, ADDR_A, 7100);
	enter(bed->a);
	for (i = 0; i < count; i++)
		must(send(peer, buf, 100, 0), "send");
	s = stats_at(ch, count);
	check((int)(s.rx_packets + s.rx_dropped_full) == count && s.rx_dropped_full &&
	      s.rx_queued_bytes <= 65536,
	      "flood of %d: %d queued in %u bytes, %d dropped", count,
	      (int)s.rx_packets, s.rx_queued_bytes, (int)s.rx_dropped_full);
	check(socket_memory(7100) == s.rx_queued_bytes, "the shadow is charged with %u bytes",
	      socket_memory(7100));
	while (nc_recv(ch, buf, sizeof(buf), NETCHANNEL_DONTWAIT, 0, NULL) == 100)
		got++;
	s = stats_of(ch);
	check(got == (int)s.rx_packets && s.rx_read == s.rx_packets && !s.rx_queued_bytes,
	      "all that was queued is read");
	must(send(peer, "again", 5, 0), "send");
	expect(ch, "again", 5, "and there is room again");
	check(!socket_memory(7100), "and nothing is charged");
	must(send(peer, "left", 4, 0), "send");
	close(ch);
	close(peer);
}

#define PRESSED	50
#define PRESSED_BYTES	60000

/*
 * net.ipv4.udp_mem, of the initial namespace, bounds all of UDP's memory, and channels': but for
 * what each processor may hold unseen, at most 1 MiB. What is refused is counted; the rest
 * is read, and then there is room again. Each datagram is waited for: IP gives up one whose
 * fragments are overtaken by more than 64 of others, as happens when their sender moves to
 * another processor.
 */
static void under_pressure(struct bed *bed, int start)
{
	struct netchannel_create args = create_args(ADDR_A, 7500, ADDR_B, 7501);
	static char data[PRESSED_BYTES];
	int ch, peer, i, got = 0;
	struct netchannel_stats s;
	char usual[100] = "";
	FILE *f;

	args.rx_bytes = 64 << 20;
	ch = channel_of(args);
	enter(bed->b);
	peer = udp_socket(ADDR_B, 7501, ADDR_A, 7500);
	enter(start);
	f = fopen("/proc/sys/net/ipv4/udp_mem", "r");
	check(f && fgets(usual, sizeof(usual), f), "udp_mem is %s", usual);
	fclose(f);
	write_file("/proc/sys/net/ipv4/udp_mem", "1 1 1");
	for (i = 0; i < PRESSED; i++) {
		must(send(peer, data, sizeof(data), 0), "send");
		s = stats_at(ch, i + 1);
		if (s.rx_packets + dropped(&s) <= (uint64_t)i)
			break;		/* the check below tells of it */
	}
	write_file("/proc/sys/net/ipv4/udp_mem", usual);
	enter(bed->a);
	check(s.rx_dropped_full && s.rx_packets + s.rx_dropped_full == PRESSED,
	      "%d of %d are refused for udp_mem", (int)s.rx_dropped_full, PRESSED);
	while (nc_recv(ch, data, sizeof(data), NETCHANNEL_DONTWAIT, 0, NULL) == PRESSED_BYTES)
		got++;
	check(got == (int)s.rx_packets, "the rest can be read");
	must(send(peer, "again", 5, 0), "send");
	expect(ch, "again", 5, "and there is room again");
	close(ch);
	close(peer);
}

/* N36 */
static void visible(int ch, int peer)
{
	int cap = start_capture("v0");
	struct tally t;
	int i;

	for (i = 0; i < 5; i++) {
		must(nc_send(ch, "out", 3, 0), "SEND");
		expect_socket(peer, "out", 3, "out");
		must(send(peer, "in", 2, 0), "send");
		expect(ch, "in", 2, "in");
	}
	t = tally(cap, PORT_A, PORT_B, 10);
	check(t.udp_in == 5 && t.udp_out == 5 && !t.foreign,
	      "a capture on the channel's own device sees both directions (%d, %d)",
	      t.udp_in, t.udp_out);
	close(cap);
}

int main(void)
{
	int start = own_ns(), ch, peer;
	struct bed bed = new_bed();

	forged(&bed);
	forged_in_batches(&bed);
	own_headers(&bed);
	ch = channel(ADDR_A, PORT_A, ADDR_B, PORT_B);
	enter(bed.b);
	peer = udp_socket(ADDR_B, PORT_B, ADDR_A, PORT_A);
	enter(bed.a);
	fragmented(ch, peer);
	segmented(ch, peer);
	malformed(&bed, ch);
	truncated(&bed, ch);
	visible(ch, peer);
	flood(&bed);
	under_pressure(&bed, start);
	return 0;
}
