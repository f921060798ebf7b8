// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 as strangers may write it: options, lies of the header, fragments by hand; and frames
 * longer than an Ethernet's. To channels of every kind, and what is refused is counted exactly.
 */
#include "ring.h"

#define FORMAT_PACKET	NETCHANNEL_FORMAT_PACKET
#define PEER_PORT	7001

/* Where packets come to. */
struct ear {
	const char *name;
	uint32_t type, format, flags;
	int port, ch;
	struct ring ring;
	struct netchannel_stats wanted;
};

static struct ear ears[] = {
	{ .name = "COPY", .type = NETCHANNEL_TYPE_COPY },
	{ .name = "COPY, whole packets", .type = NETCHANNEL_TYPE_COPY, .format = FORMAT_PACKET },
	{ .name = "RING", .type = NETCHANNEL_TYPE_RING },
	{ .name = "FAST", .type = NETCHANNEL_TYPE_COPY, .flags = NETCHANNEL_FAST },
	{ .name = "FAST RING", .type = NETCHANNEL_TYPE_RING, .flags = NETCHANNEL_FAST },
};

#define EARS	((int)(sizeof(ears) / sizeof(*ears)))

static int raw;		/* of B */

static void open_ear(struct ear *e, int port)
{
	struct netchannel_create args = create_args(ADDR_A, port, ADDR_B, PEER_PORT);

	args.type = e->type;
	args.format = e->format ?: NETCHANNEL_FORMAT_PAYLOAD;
	args.flags = e->flags;
	args.ifindex = e->flags ? if_nametoindex("v0") : 0;
	e->port = port;
	e->ch = channel_of(args);
	if (e->type == NETCHANNEL_TYPE_RING)
		e->ring = map_ring(e->ch);
}

/* A datagram with these options, whose length is a multiple of 4; returns its length. */
static int make(uint8_t *p, const struct ear *e, const uint8_t *options, int option_bytes,
		const char *text)
{
	int len = make_packet(p, PEER_PORT, e->port, text, strlen(text));

	memmove(p + 20 + option_bytes, p + 20, len - 20);
	memcpy(p + 20, options, option_bytes);
	p[0] = 0x45 + option_bytes / 4;
	p[3] = len + option_bytes;
	return len + option_bytes;
}

/* The header's checksum, whatever else is wrong of it. */
static void mend(uint8_t *p)
{
	struct iphdr *ip = (struct iphdr *)p;

	ip->check = 0;
	ip->check = htons(fold16(sum16(p, ip->ihl * 4, 0)));
}

/* As a frame of IPv4, whatever the packet says. */
static void inject(const uint8_t *p, int len)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_halen = 6, .sll_addr = { 2, 0, 0, 0, 0, 1 },
		.sll_protocol = htons(ETH_P_IP), .sll_ifindex = 0,
	};
	static int ifindex;

	ifindex = ifindex ?: (int)if_nametoindex("v1");
	to.sll_ifindex = ifindex;
	must(sendto(raw, p, len, 0, (struct sockaddr *)&to, sizeof(to)), "a frame");
}

static int next_of(struct ear *e, uint8_t *buf, size_t room)
{
	struct netchannel_record *record;
	int len;

	if (e->type != NETCHANNEL_TYPE_RING)
		return must(nc_recv(e->ch, buf, room, 0, 30 * SECOND, NULL), e->name);
	must(ring_kick(&e->ring, NETCHANNEL_WAIT, 30 * SECOND), e->name);
	record = ring_peek(&e->ring);
	len = record->len;
	memcpy(buf, record + 1, len);
	ring_next(&e->ring, record);
	ring_release(&e->ring);
	return len;
}

/* The next packet has this text behind a header of so many bytes, which say its length. */
static void expect_text(struct ear *e, const void *text, int len, int header_bytes,
			const char *what)
{
	static uint8_t got[70000];
	int n = next_of(e, got, sizeof(got)), skip = e->format ? header_bytes + 8 : 0;

	if (n != skip + len || memcmp(got + skip, text, len) ||
	    (skip && (got[2] << 8 | got[3]) != n))
		check(false, "%s: %s: %d bytes, or other ones", e->name, what, n);
	e->wanted.rx_packets++;
}

/* Nothing came of what was sent, but a good one behind it; and what the channel refused. */
static void expect_refused(struct ear *e, const char *what)
{
	struct netchannel_stats s;
	uint8_t p[100];

	inject(p, make(p, e, NULL, 0, "good"));
	expect_text(e, "good", 4, 20, what);
	s = stats_at(e->ch, e->wanted.rx_packets + e->wanted.rx_dropped_malformed);
	if (s.rx_packets != e->wanted.rx_packets ||
	    s.rx_dropped_malformed != e->wanted.rx_dropped_malformed ||
	    dropped(&s) != s.rx_dropped_malformed)
		check(false, "%s: %s: %d packets, %d malformed, %d dropped", e->name, what,
		      (int)s.rx_packets, (int)s.rx_dropped_malformed, (int)dropped(&s));
	check(true, "%s: %s: refused, and counted by who refused it", e->name, what);
}

/* The text comes whatever stands before it, and whole packets have the options, too. */
static void with_options(struct ear *e)
{
	uint8_t options[40], p[200];
	int bytes;

	for (bytes = 4; bytes <= 40; bytes += 4) {
		memset(options, IPOPT_NOP, sizeof(options));
		options[bytes - 1] = IPOPT_EOL;
		make(p, e, options, bytes, "options");
		mend(p);
		inject(p, 28 + bytes + 7);
		expect_text(e, "options", 7, 20 + bytes, "no operation");
	}
	memset(options, 0, sizeof(options));	/* a record of the route, with room for 3 */
	options[0] = IPOPT_RR;
	options[1] = 15;
	options[2] = 4;
	make(p, e, options, 16, "recorded");
	mend(p);
	inject(p, 28 + 16 + 8);
	expect_text(e, "recorded", 8, 36, "record route");
	check(true, "%s: behind options of every length", e->name);
}

static void bad_options(struct ear *e)
{
	static const uint8_t bad[][4] = {
		{ IPOPT_LSRR, 3, 4, 0 }, { IPOPT_SSRR, 3, 4, 0 },	/* source routes */
		{ IPOPT_RR, 0, 4, 0 }, { IPOPT_RR, 1, 4, 0 }, { IPOPT_RR, 2, 4, 0 },
		{ IPOPT_RR, 5, 4, 0 }, { IPOPT_RR, 255, 4, 0 },	/* longer than the header */
		{ IPOPT_RR, 3, 0, 0 }, { IPOPT_RR, 3, 3, 0 },	/* a pointer before the data */
		{ IPOPT_TS, 3, 5, 0 }, { IPOPT_TS, 4, 4, 0 },
		{ IPOPT_NOP, IPOPT_NOP, IPOPT_NOP, 200 },	/* no length at all */
	};
	uint8_t p[100];
	size_t i;
	int len;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		len = make(p, e, bad[i], 4, "bad");
		mend(p);
		inject(p, len);
	}
	expect_refused(e, "source routes, and options that lie");
}

/* Lengths of the header, of the packet, versions, the checksum. */
static void lies(struct ear *e)
{
	uint8_t p[100];
	int len, i;

	for (i = 0; i < 256; i++) {
		len = make(p, e, NULL, 0, "lies");
		p[0] = i;
		/* 6 and 7 words fit: UDP's header is taken for options then */
		if (i == 0x45 || i == 0x46 || i == 0x47)
			continue;
		mend(p);
		inject(p, len);
	}
	for (i = 0; i < 40; i++) {
		len = make(p, e, NULL, 0, "lies");
		if (i == len)
			continue;
		p[3] = i;
		mend(p);
		inject(p, len);
		/* before that IP refuses it, or UDP, whose header is not there */
		e->wanted.rx_dropped_malformed += i >= 28 && i < len;
	}
	len = make(p, e, NULL, 0, "lies");
	p[2] = 0xff;
	mend(p);
	inject(p, len);
	len = make(p, e, NULL, 0, "lies");
	p[10] ^= 1;
	inject(p, len);
	expect_refused(e, "versions, lengths and a checksum that lie");
}

/* A piece of the datagram at `whole`: bytes of what is behind its header. */
static void inject_piece(const uint8_t *whole, int id, int from, int bytes, bool more)
{
	uint8_t p[200];

	memcpy(p, whole, 20);
	p[3] = 20 + bytes;
	p[4] = id >> 8;
	p[5] = id;
	p[6] = (more ? 0x20 : 0) | from >> 11;
	p[7] = from >> 3;
	memcpy(p + 20, whole + 20 + from % 200, bytes);
	mend(p);
	inject(p, 20 + bytes);
}

#define TEXT	"in pieces of eight bytes each, the last of which is short"

/* 8 bytes of UDP and the text: 8 pieces, the last of 1 byte more than 56. */
static void fragments(struct ear *e, int id)
{
	int bytes = 8 + strlen(TEXT), from;
	uint8_t whole[200] = { };

	make(whole, e, NULL, 0, TEXT);
	inject_piece(whole, id, 0, 16, true);
	inject_piece(whole, id, 16, bytes - 16, false);
	expect_text(e, TEXT, strlen(TEXT), 20, "two fragments");
	id++;
	for (from = bytes / 8 * 8; from >= 0; from -= 8)
		inject_piece(whole, id, from, bytes - from < 8 ? bytes - from : 8,
			     bytes - from > 8);
	expect_text(e, TEXT, strlen(TEXT), 20, "the last first");
	id++;
	inject_piece(whole, id, 0, 24, true);
	inject_piece(whole, id, 0, 24, true);	/* twice is no harm */
	inject_piece(whole, id, 24, bytes - 24, false);
	expect_text(e, TEXT, strlen(TEXT), 20, "one of them twice");
	check(true, "%s: datagrams in fragments made by hand", e->name);
}

static void bad_fragments(struct ear *e, int id)
{
	int bytes = 8 + strlen(TEXT);
	uint8_t whole[200] = { };

	make(whole, e, NULL, 0, TEXT);
	inject_piece(whole, id, 0, 24, true);		/* overlapping */
	inject_piece(whole, id, 16, bytes - 16, false);
	id++;
	inject_piece(whole, id, 0, 32, true);		/* the second inside the first */
	inject_piece(whole, id, 8, 8, false);
	id++;
	inject_piece(whole, id, 16, bytes - 16, false);	/* no first */
	id++;
	inject_piece(whole, id, 0, 16, true);		/* no last */
	id++;
	inject_piece(whole, id, 65528, 16, false);	/* beyond the largest packet */
	inject_piece(whole, id, 0, 16, true);
	id++;
	inject_piece(whole, id, 0, 13, true);		/* not a multiple of 8 */
	inject_piece(whole, id, 16, bytes - 16, false);
	expect_refused(e, "fragments that overlap, lack, or never end");
}

static void set_mtu(const struct bed *bed, int mtu)
{
	run("/usr/bin/ip link set v0 mtu %d", mtu);
	enter(bed->b);
	run("/usr/bin/ip link set v1 mtu %d", mtu);
	enter(bed->a);
}

/* The next packet to the peer is in one frame. */
static void expect_frame(int cap, const struct ear *e, int len)
{
	struct captured c = { };

	do {
		if (!next_captured(cap, &c, 30000))
			check(false, "%s: no frame", e->name);
	} while (c.outgoing || c.ip.protocol != IPPROTO_UDP || c.udp.source != htons(e->port));
	if (c.ip.frag_off & htons(0x3fff) || ntohs(c.ip.tot_len) != len)
		check(false, "%s: a frame of %d bytes, or a fragment", e->name,
		      ntohs(c.ip.tot_len));
}

static void put(struct ear *e, const uint8_t *text, int len)
{
	static uint8_t p[70000] = { 0x45 };

	if (e->type == NETCHANNEL_TYPE_RING) {
		if (ring_send(&e->ring, text, len))
			check(false, "%s: KICK of %d bytes", e->name, len);
		return;
	}
	memcpy(p + 28, text, len);
	must(e->format ? nc_send(e->ch, p, 28 + len, 0) : nc_send(e->ch, text, len, 0), e->name);
}

/* Whole frames of devices that have longer ones than Ethernet, both ways. */
static void long_frames(const struct bed *bed, int mtu)
{
	static uint8_t text[65535], got[65535];
	int len = mtu - 28, peer, cap, i;

	set_mtu(bed, mtu);
	for (i = 0; i < len; i++)
		text[i] = i * 7 + i / 251;
	enter(bed->b);
	cap = start_capture("v1");
	peer = udp_socket(ADDR_B, PEER_PORT, NULL, 0);
	enter(bed->a);
	for (i = 0; i < EARS; i++) {
		put(&ears[i], text, len);
		if (recv(peer, got, sizeof(got), 0) != len || memcmp(got, text, len))
			check(false, "%s: other bytes at the socket", ears[i].name);
		expect_frame(cap, &ears[i], mtu);
		must(send_to(peer, text, len, ADDR_A, ears[i].port), "send");
		expect_text(&ears[i], text, len, 20, "a long frame");
		check(stats_of(ears[i].ch).rx_packets == ears[i].wanted.rx_packets,
		      "%s: frames of %d bytes, both ways", ears[i].name, mtu);
	}
	close(peer);
	close(cap);
	set_mtu(bed, 1500);
}

int main(void)
{
	struct bed bed = new_bed();
	int i;

	stay_here();
	enter(bed.b);
	raw = raw_socket();
	for (i = 0; i < EARS; i++) {
		enter(bed.a);
		open_ear(&ears[i], 7010 + i);
		enter(bed.b);
		with_options(&ears[i]);
		bad_options(&ears[i]);
		lies(&ears[i]);
		fragments(&ears[i], 100 * i);
		bad_fragments(&ears[i], 100 * i + 50);
	}
	enter(bed.a);
	long_frames(&bed, 9000);
	long_frames(&bed, 65535);
	for (i = 0; i < EARS; i++)
		close(ears[i].ch);
	return 0;
}
