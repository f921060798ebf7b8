// SPDX-License-Identifier: GPL-2.0
/* What is different over IPv6, and that the rest is not. */
#include "nc.h"

#include <netinet/icmp6.h>
#include <netinet/ip6.h>

#define PORT_A 7000
#define PORT_B 7001

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static struct bed bed;
static int raw;		/* in namespace B, as raw_send() wants it */
static const char *sender = ADDR6_B;	/* of packets by hand */

static int channel6(void)
{
	return channel(ADDR6_A, PORT_A, ADDR6_B, PORT_B);
}

static int peer6(void)
{
	int fd;

	enter(bed.b);
	fd = udp_socket(ADDR6_B, PORT_B, ADDR6_A, PORT_A);
	enter(bed.a);
	return fd;
}

static int capture6(void)
{
	int fd;

	enter(bed.b);
	fd = start_capture("v1");
	enter(bed.a);
	return fd;
}

/* The next IPv6 packet that came in to B, neighbour discovery left out; 0: none for a while. */
static int next_packet(int fd, uint8_t *p, size_t size, int wait_ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	struct sockaddr_ll from;
	socklen_t len;
	ssize_t n;

	while (poll(&wait, 1, wait_ms) > 0) {
		len = sizeof(from);
		n = recvfrom(fd, p, size, 0, (struct sockaddr *)&from, &len);
		if (n < 48 || from.sll_protocol != htons(ETH_P_IPV6) ||
		    from.sll_pkttype == PACKET_OUTGOING)
			continue;
		if (p[6] == IPPROTO_ICMPV6 && p[40] >= 128)
			continue;
		if (!p[6])	/* multicast listener reports */
			continue;
		return n;
	}
	return 0;
}

/* Packets by hand, from B to A. */

static void set_lengths(uint8_t *p, size_t len)
{
	struct ip6_hdr *ip = (struct ip6_hdr *)p;

	ip->ip6_plen = htons(len - 40);
}

static uint16_t checksum(const uint8_t *p, const void *transport, size_t len, int protocol)
{
	uint32_t sum = sum16(p + 8, 32, protocol + len);

	return htons(fold16(sum16(transport, len, sum)));
}

/* `before` extension headers between IP and UDP, whose first is of type `first`. */
static size_t make6(uint8_t *p, int first, const void *before, size_t before_len,
		    const void *payload, size_t payload_len)
{
	struct ip6_hdr *ip = (struct ip6_hdr *)p;
	struct udphdr *udp = (struct udphdr *)(p + 40 + before_len);
	size_t len = 48 + before_len + payload_len;

	memset(p, 0, 48 + before_len);
	ip->ip6_flow = htonl(6U << 28);
	ip->ip6_nxt = first;
	ip->ip6_hlim = 64;
	inet_pton(AF_INET6, sender, &ip->ip6_src);
	inet_pton(AF_INET6, ADDR6_A, &ip->ip6_dst);
	set_lengths(p, len);
	if (before_len)
		memcpy(p + 40, before, before_len);
	udp->source = htons(PORT_B);
	udp->dest = htons(PORT_A);
	udp->len = htons(8 + payload_len);
	memcpy(udp + 1, payload, payload_len);
	udp->check = checksum(p, udp, 8 + payload_len, IPPROTO_UDP) ?: 0xffff;
	return len;
}

static void inject(const void *p, size_t len)
{
	enter(bed.b);
	raw_send(raw, "v1", p, len);
	enter(bed.a);
}

static void both_ways(void)
{
	int ch = channel6(), peer = peer6(), i;
	struct netchannel_recv r;
	char big[1452], buf[100];

	for (i = 0; i < (int)sizeof(big); i++)
		big[i] = i;
	must(send(peer, "hello", 5, 0), "send");
	check(nc_recv(ch, buf, sizeof(buf), 0, 30 * SECOND, &r) == 5 && !memcmp(buf, "hello", 5) &&
	      r.remote.family == AF_INET6 && r.remote.port == htons(PORT_B) &&
	      !memcmp(r.remote.addr, nc_addr(ADDR6_B, 0).addr, 16) &&
	      !memcmp(r.local.addr, nc_addr(ADDR6_A, 0).addr, 16) &&
	      r.ttl == 64 && r.ifindex == if_nametoindex("v0"),
	      "a datagram arrives; who sent it, to whom, hop limit, device");
	must(send(peer, big, sizeof(big), 0), "send");
	expect(ch, big, sizeof(big), "a full frame");
	must(nc_send(ch, "answer", 6, 0), "SEND");
	must(write(ch, big, sizeof(big)), "write");
	must(nc_send(ch, NULL, 0, 0), "SEND");
	expect_socket(peer, "answer", 6, "the socket has the answer");
	expect_socket(peer, big, sizeof(big), "and a full frame");
	expect_socket(peer, "", 0, "and an empty datagram");
	check(stats_of(ch).tx_packets == 3 && stats_of(ch).rx_read == 2, "counted");
	close(peer);
	close(ch);

	peer = udp_socket("::1", 7101, "::1", 7100);
	ch = channel("::1", 7100, "::1", 7101);
	must(nc_send(ch, "over lo", 7, 0), "SEND");
	expect_socket(peer, "over lo", 7, "lo: out");
	must(send(peer, "back", 4, 0), "send");
	expect(ch, "back", 4, "lo: in");
	close(peer);
	close(ch);
}

static void without_remote(void)
{
	int any = channel(ADDR6_A, PORT_A, NULL, 0), one = channel6(), p1 = peer6(), p2;

	enter(bed.b);
	p2 = udp_socket(ADDR6_B, 7002, ADDR6_A, PORT_A);
	enter(bed.a);
	must(send(p1, "one", 3, 0), "send");
	must(send(p2, "any", 3, 0), "send");
	expect(one, "one", 3, "the channel with the remote has its packet");
	expect(any, "any", 3, "the one without has the other's");
	must(nc_send_to(any, "to you", 6, ADDR6_B, 7002), "SEND");
	expect_socket(p2, "to you", 6, "it answers whom it likes");
	check_errno(nc_send_to(any, "x", 1, ADDR_B, 7002), EAFNOSUPPORT, "SEND to IPv4");
	check_errno(nc_send_to(any, "x", 1, "::", 7002), EINVAL, "SEND to ::");
	check_errno(nc_send_to(any, "x", 1, "::ffff:10.0.0.2", 7002), EINVAL, "SEND to a mapped address");
	check_errno(nc_send_to(any, "x", 1, "fe80::1", 7002), EINVAL, "SEND to a link-local address");
	check_errno(nc_send_to(any, "x", 1, "2001:db8::1", 7002), ENETUNREACH, "SEND without a route");
	check_errno(nc_send(any, "x", 1, 0), EDESTADDRREQ, "SEND without a destination");
	close(one);
	close(any);
	close(p1);
	close(p2);
}

/* Sockets of IPv6, of both families, and of IPv4: who keeps out whom. */
static void ports(void)
{
	int off = 0, ch, sock, other;
	union sock_addr any = sock_addr("::", PORT_A);

	ch = channel6();
	check_errno(try_simple(ADDR6_A, PORT_A, ADDR6_B, PORT_B), EADDRINUSE, "the same tuple");
	check_errno(try_socket(ADDR6_A, PORT_A), EADDRINUSE, "a socket on the address");
	check_errno(try_socket("::", PORT_A), EADDRINUSE, "a socket on ::");
	close(must(try_socket("0.0.0.0", PORT_A), "bind"));
	other = channel(ADDR_A, PORT_A, ADDR_B, PORT_B);
	check(true, "IPv4 has ports of its own, for sockets and channels");
	close(ch);
	sock = must(socket(AF_INET6, SOCK_DGRAM, 0), "socket");
	must(setsockopt(sock, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)), "V6ONLY off");
	check_errno(bind(sock, &any.any, sizeof(any.in6)), EADDRINUSE,
		    "a socket of both families beside a channel of IPv4");
	close(other);
	must(bind(sock, &any.any, sizeof(any.in6)), "bind");
	check_errno(try_simple(ADDR6_A, PORT_A, ADDR6_B, PORT_B), EADDRINUSE,
		    "a channel of IPv6 beside a socket of both");
	check_errno(try_simple(ADDR_A, PORT_A, ADDR_B, PORT_B), EADDRINUSE, "one of IPv4");
	close(sock);

	check_errno(try_simple("fd00::9", PORT_A, NULL, 0), EADDRNOTAVAIL, "not the host's address");
	check_errno(try_simple("ff02::1", PORT_A, NULL, 0), EADDRNOTAVAIL, "a multicast address");
	check_errno(try_simple("::ffff:10.0.0.1", PORT_A, NULL, 0), EINVAL, "a mapped address");
	check_errno(try_simple("fe80::1", PORT_A, NULL, 0), EINVAL, "a link-local address");
	check_errno(try_simple(ADDR6_A, PORT_A, ADDR_B, PORT_B), EAFNOSUPPORT, "a remote of IPv4");
	check_errno(try_simple(ADDR_A, PORT_A, ADDR6_B, PORT_B), EAFNOSUPPORT, "a remote of IPv6");
	check_errno(try_simple(ADDR6_A, PORT_A, "::", PORT_B), EINVAL, "the remote ::");
	ch = channel(ADDR6_A, 0, NULL, 0);
	check(ch >= 0, "the kernel chooses a port");
	close(ch);
}

/* How many came, where one may be wanted. */
static int nr_unreachable(int cap, int wanted)
{
	uint8_t p[256];
	int n = 0;

	while (next_packet(cap, p, sizeof(p), n < wanted ? 30000 : 200))
		n += p[6] == IPPROTO_ICMPV6 && p[40] == ICMP6_DST_UNREACH &&
		     p[41] == ICMP6_DST_UNREACH_NOPORT;
	return n;
}

/* N14 */
static void kernel_is_silent(void)
{
	int ch = channel6(), cap = capture6(), peer = peer6(), second, i;
	char buf[16];

	for (i = 0; i < 50; i++)
		must(send(peer, "ping", 4, 0), "send");
	for (i = 0; i < 50; i++)
		nc_recv(ch, buf, sizeof(buf), 0, 30 * SECOND, NULL);
	check(stats_of(ch).rx_read == 50 && !nr_unreachable(cap, 0), "claimed: no ICMPv6 unreachable");
	second = channel(ADDR6_A, PORT_A, ADDR6_B, 7009);
	close(ch);
	must(send(peer, "ping", 4, 0), "send");
	check(nr_unreachable(cap, 1) == 1, "owned port, another's remote: one");
	close(second);
	close(peer);
	peer = peer6();
	must(send(peer, "ping", 4, 0), "send");
	check(nr_unreachable(cap, 1) == 1, "closed: the kernel answers again");
	close(peer);
	close(cap);
}

/* N9: random headers; the wire shows the channel's own, and a flow label. */
static void forged(void)
{
	struct netchannel_create args = create_args(ADDR6_A, PORT_A, ADDR6_B, PORT_B);
	int count = count_of(1000, 1000000), good = 0, seen = 0, i, n;
	uint8_t p[100], q[256];
	int ch, cap, peer = peer6();
	uint32_t label = 0;
	size_t j;

	args.format = NETCHANNEL_FORMAT_PACKET;
	ch = channel_of(args);
	cap = capture6();
	srandom(number_from("SEED", 1));
	for (i = 0; i < count; i++) {
		for (j = 0; j < sizeof(p); j++)
			p[j] = random();
		p[0] = 0x60 | (p[0] & 15);
		p[6] = IPPROTO_UDP;
		must(nc_send(ch, p, 60, 0), "SEND");
		n = next_packet(cap, q, sizeof(q), 30000);
		seen += n > 0;
		label = (q[1] & 15) << 16 | q[2] << 8 | q[3];
		good += n == 60 && q[6] == IPPROTO_UDP && q[4] == 0 && q[5] == 20 &&
			(q[0] & 15) == (p[0] & 15) && q[1] >> 4 == p[1] >> 4 &&
			q[7] == (p[7] ?: 64) && label &&
			!memcmp(q + 8, nc_addr(ADDR6_A, 0).addr, 16) &&
			!memcmp(q + 24, nc_addr(ADDR6_B, 0).addr, 16) &&
			(q[40] << 8 | q[41]) == PORT_A && (q[42] << 8 | q[43]) == PORT_B &&
			(q[44] << 8 | q[45]) == 20 && !memcmp(q + 48, p + 48, 12);
	}
	check(good == count && seen == count,
	      "%d packets with random headers: class, hop limit and data are the sender's, all else is not (%d)",
	      count, good);
	p[0] = 0x45;
	check_errno(nc_send(ch, p, 60, 0), EINVAL, "format PACKET: IP version 4");
	p[0] = 0x60;
	check_errno(nc_send(ch, p, 47, 0), EINVAL, "47 bytes");
	p[6] = IPPROTO_ROUTING;
	check_errno(nc_send(ch, p, 60, 0), EINVAL, "an extension header");
	must(send(peer, "reply", 5, 0), "send");
	n = nc_recv(ch, q, sizeof(q), 0, 30 * SECOND, NULL);
	check(n == 53 && q[0] >> 4 == 6 && q[6] == IPPROTO_UDP && !memcmp(q + 48, "reply", 5),
	      "the whole packet is received (%d bytes)", n);
	close(peer);
	close(cap);
	close(ch);
}

/* Both ways: fragments of what is longer than the MTU, and super-frames. */
static void large(void)
{
	static const int sizes[] = { 1453, 8000, 65527 };
	static char data[65527];
	int ch = channel6(), peer = peer6(), size = 400, i;

	for (i = 0; i < (int)sizeof(data); i++)
		data[i] = i * 7 + i / 251;
	for (i = 0; i < 3; i++) {
		must(nc_send(ch, data, sizes[i], 0), "SEND");
		expect_socket(peer, data, sizes[i], "sent in fragments, whole at the socket");
		must(send(peer, data, sizes[i], 0), "send");
		expect(ch, data, sizes[i], "in fragments, received whole");
	}
	check_errno(nc_send(ch, data, 65528, 0), EMSGSIZE, "one byte more");
	must(setsockopt(peer, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)), "UDP_SEGMENT");
	must(send(peer, data, 20 * 400, 0), "send");
	for (i = 0; i < 20; i++) {
		char buf[500];
		int n = nc_recv(ch, buf, sizeof(buf), 0, 30 * SECOND, NULL);

		if (n != 400 || memcmp(buf, data + 400 * i, 400))
			check(false, "segment %d: %d bytes", i, n);
	}
	check(stats_of(ch).rx_packets == 23 && !stats_of(ch).rx_dropped_full,
	      "a super-frame's 20 segments arrive one by one");
	close(peer);
	close(ch);
}

static void malformed(void)
{
	struct netchannel_stats s;
	int ch = channel6();
	uint8_t p[200], q[200];
	size_t len, i;

	len = make6(p, IPPROTO_UDP, NULL, 0, "twenty bytes of text", 20);
#define INJECT(change) do {		\
	memcpy(q, p, len);		\
	change;				\
	inject(q, len);			\
} while (0)
	INJECT(q[46] ^= 1);
	INJECT(q[60] ^= 1);
	INJECT(q[46] = q[47] = 0);	/* RFC 8200: not optional */
	INJECT(q[45] = 29);
	INJECT(q[45] = 7);
	INJECT(q[45] = 0);
	INJECT(q[44] = q[45] = 0xff);
	for (i = 1; i < len; i++)
		inject(p, i);
	inject(p, len);
	expect(ch, "twenty bytes of text", 20, "of wrong checksums, lengths and truncations, the good one");
	s = stats_at(ch, 8);
	check(s.rx_packets == 1 && s.rx_dropped_checksum == 3 && s.rx_dropped_malformed == 4 &&
	      dropped(&s) == 7, "3 checksums and 4 lengths counted");
	close(ch);
}

/* Destination options that say nothing: PadN over the whole header. */
static void options(uint8_t *to, int next)
{
	static const uint8_t padding[8] = { 0, 0, 1, 4 };

	memcpy(to, padding, 8);
	to[0] = next;
}

/* Extension headers are the kernel's to judge; what it lets pass arrives. */
static void extension_headers(void)
{
	int ch = channel6(), cap = capture6(), chain, n, fragments;
	struct netchannel_create args;
	uint8_t before[1000], p[1300];
	size_t len;

	options(before, IPPROTO_UDP);
	len = make6(p, IPPROTO_DSTOPTS, before, 8, "behind options", 14);
	inject(p, len);
	expect(ch, "behind options", 14, "behind destination options");
	len = make6(p, IPPROTO_HOPOPTS, before, 8, "hop by hop", 10);
	inject(p, len);
	expect(ch, "hop by hop", 10, "behind hop-by-hop options");
	for (chain = 2; chain <= 100; chain++) {
		options(before + 8 * (chain - 1), IPPROTO_UDP);
		options(before + 8 * (chain - 2), IPPROTO_DSTOPTS);
		len = make6(p, IPPROTO_DSTOPTS, before, 8 * chain, "chain", 5);
		inject(p, len);
		n = nc_recv(ch, p, sizeof(p), 0, 30 * SECOND, NULL);
		if (n != 5)
			check(false, "chain of %d: %d", chain, n);
	}
	check(true, "behind chains of 2 to 100 of them");

	options(before, IPPROTO_UDP);
	before[2] = 0xc5;	/* unknown: discard, and tell the sender */
	len = make6(p, IPPROTO_DSTOPTS, before, 8, "x", 1);
	inject(p, len);
	options(before, IPPROTO_UDP);
	before[1] = 200;	/* longer than the packet */
	len = make6(p, IPPROTO_DSTOPTS, before, 8, "x", 1);
	inject(p, len);
	options(before, IPPROTO_NONE);
	len = make6(p, IPPROTO_DSTOPTS, before, 8, "x", 1);
	inject(p, len);
	memset(before, 0, 24);
	before[0] = IPPROTO_UDP;
	before[1] = 2;
	before[2] = 0;		/* routing header type 0: refused by all (RFC 5095) */
	before[3] = 1;
	len = make6(p, IPPROTO_ROUTING, before, 24, "x", 1);
	inject(p, len);
	expect_nothing(ch, "unknown option, lying length, no next header, source route");

	/* fragments by hand: whole, overlapping (RFC 5722), one that never ends */
	for (fragments = 0; fragments < 3; fragments++) {
		uint8_t whole[200], f[200];

		len = make6(whole, IPPROTO_UDP, NULL, 0, "0123456789abcdef01234567", 24);
		memcpy(f, whole, 40);
		f[6] = IPPROTO_FRAGMENT;
		memset(f + 40, 0, 8);
		f[40] = IPPROTO_UDP;
		f[43] = 1;			/* offset 0, more */
		f[47] = fragments + 1;		/* identification */
		memcpy(f + 48, whole + 40, 16);
		set_lengths(f, 64);
		inject(f, 64);
		if (fragments == 2)
			break;
		f[43] = fragments ? 8 : 16;	/* the rest, or a part again */
		memcpy(f + 48, whole + (fragments ? 48 : 56), fragments ? 24 : 16);
		set_lengths(f, fragments ? 72 : 64);
		inject(f, fragments ? 72 : 64);
		if (!fragments)
			expect(ch, "0123456789abcdef01234567", 24, "two fragments made by hand");
	}
	expect_nothing(ch, "overlapping fragments, and one alone");
	while (next_packet(cap, p, sizeof(p), 200) > 0)
		if (p[6] == IPPROTO_ICMPV6 && p[40] == ICMP6_DST_UNREACH)
			check(false, "unreachable, code %d", p[41]);
	check(true, "no ICMPv6 unreachable for any");
	check(stats_of(ch).rx_packets == 102 && !stats_of(ch).rx_dropped_malformed, "102 counted");
	close(ch);

	args = create_args(ADDR6_A, PORT_A, NULL, 0);
	args.format = NETCHANNEL_FORMAT_PACKET;
	ch = channel_of(args);
	options(before, IPPROTO_UDP);
	len = make6(p, IPPROTO_DSTOPTS, before, 8, "all of it", 9);
	inject(p, len);
	n = nc_recv(ch, before, sizeof(before), 0, 30 * SECOND, NULL);
	check(n == (int)len && !memcmp(before, p, n), "format PACKET: extension headers included (%d)", n);
	close(ch);
	close(cap);
}

/*
 * The port's first channel has another peer, by whose address UDP could find the socket:
 * what comes in fragments or behind extension headers must be found for this one, too.
 */
static void as_second_peer(int ch, const char *whose)
{
	static char big[4000];
	uint8_t before[8], p[200];
	int peer;

	options(before, IPPROTO_UDP);
	inject(p, make6(p, IPPROTO_DSTOPTS, before, 8, "behind options", 14));
	expect(ch, "behind options", 14, whose);
	memset(big, 7, sizeof(big));
	enter(bed.b);
	peer = udp_socket(sender, PORT_B, ADDR6_A, PORT_A);
	enter(bed.a);
	must(send(peer, big, sizeof(big), 0), "send");
	expect(ch, big, sizeof(big), "in fragments");
	close(peer);
}

static void several_peers(void)
{
	int one = channel6(), other;

	enter(bed.b);
	run("/usr/bin/ip addr add fd00::3/64 dev v1 nodad");
	wait_usable("v1", "fd00::3");
	enter(bed.a);
	other = channel(ADDR6_A, PORT_A, "fd00::3", PORT_B);
	sender = "fd00::3";
	as_second_peer(other, "a second channel's peer, behind options");
	close(other);
	other = channel(ADDR6_A, PORT_A, NULL, 0);
	as_second_peer(other, "anybody, behind options");
	sender = ADDR6_B;
	as_second_peer(one, "the first channel's peer");
	close(other);
	close(one);
}

#define LINK_LOCAL_B "fe80::2"

/* A socket of B's, with an address that is of use on its link only. */
static int link_local_peer(int type)
{
	union sock_addr from = sock_addr(LINK_LOCAL_B, PORT_B);
	struct timeval limit = { .tv_sec = 30 };
	int fd, on = 1;

	enter(bed.b);
	from.in6.sin6_scope_id = if_nametoindex("v1");
	fd = must(socket(AF_INET6, type | SOCK_CLOEXEC, 0), "socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	/* of connect(), too */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	must(bind(fd, &from.any, sizeof(from.in6)), "bind");
	enter(bed.a);
	return fd;
}

/* It has no answer to hope for: it is told so at once, and nothing is queued. */
static void refused_peer(struct netchannel_create args, const char *what)
{
	union sock_addr to = sock_addr(ADDR6_A, PORT_A);
	bool is_tcp = args.protocol == IPPROTO_TCP;
	int ch = channel_of(args), fd = link_local_peer(is_tcp ? SOCK_STREAM : SOCK_DGRAM);
	uint8_t before[8], p[200];
	char c;

	to.in6.sin6_scope_id = if_nametoindex("v1");
	if (is_tcp) {
		check_errno(connect(fd, &to.any, sizeof(to.in6)), ECONNREFUSED, what);
	} else {
		must(connect(fd, &to.any, sizeof(to.in6)), "connect");
		must(send(fd, "x", 1, 0), "send");
		check_errno(recv(fd, &c, 1, 0), ECONNREFUSED, what);
		sender = LINK_LOCAL_B;
		options(before, IPPROTO_UDP);
		inject(p, make6(p, IPPROTO_DSTOPTS, before, 8, "x", 1));
		sender = ADDR6_B;
		check_errno(recv(fd, &c, 1, 0), ECONNREFUSED, "behind options");
	}
	check(!stats_of(ch).rx_packets, "nothing is received");
	close(fd);
	close(ch);
}

static void link_local_peers(void)
{
	struct netchannel_create args = create_args(ADDR6_A, PORT_A, NULL, 0);

	enter(bed.b);
	run("/usr/bin/ip addr add " LINK_LOCAL_B "/64 dev v1 nodad");
	wait_usable("v1", LINK_LOCAL_B);
	enter(bed.a);
	refused_peer(args, "a datagram from a link-local address");
	args.type = NETCHANNEL_TYPE_LISTEN;
	args.local = nc_addr("::", PORT_A);
	refused_peer(args, "to who listens on ::");
	args = tcp_args(ADDR6_A, PORT_A, NULL, 0);
	args.type = NETCHANNEL_TYPE_LISTEN;
	refused_peer(args, "a connection from a link-local address");
	args = create_args(ADDR6_A, PORT_A, NULL, 0);
	args.flags = NETCHANNEL_FAST;
	args.ifindex = if_nametoindex("v0");
	refused_peer(args, "FAST: a datagram from one");
}

/* A message from B that quotes a packet from A's port to B's. */
static size_t make_icmp6(uint8_t *p, int type, int code, uint32_t rest, bool fragment)
{
	uint8_t quoted[100];
	struct icmp6_hdr *icmp = (struct icmp6_hdr *)(p + 40);
	uint8_t header[8] = { IPPROTO_UDP, 0, 0, 1 };
	size_t len = make6(quoted, fragment ? IPPROTO_FRAGMENT : IPPROTO_UDP, header,
			   fragment ? 8 : 0, "quoted", 6);
	uint16_t *ports = (uint16_t *)(quoted + (fragment ? 48 : 40));

	inet_pton(AF_INET6, ADDR6_A, quoted + 8);
	inet_pton(AF_INET6, ADDR6_B, quoted + 24);
	ports[0] = htons(PORT_A);
	ports[1] = htons(PORT_B);
	make6(p, IPPROTO_ICMPV6, NULL, 0, "", 0);
	*icmp = (struct icmp6_hdr){ .icmp6_type = type, .icmp6_code = code };
	icmp->icmp6_mtu = htonl(rest);
	memcpy(icmp + 1, quoted, len);
	len += 48;
	set_lengths(p, len);
	icmp->icmp6_cksum = checksum(p, icmp, len - 40, IPPROTO_ICMPV6);
	return len;
}

static int error_of(int fd)
{
	char c;

	return nc_recv(fd, &c, 1, NETCHANNEL_DONTWAIT, 0, NULL) < 0 && errno != EAGAIN ?
		errno : 0;
}

static void icmp(void)
{
	static const struct { int type, code, plain, all; } table[] = {
		{ ICMP6_DST_UNREACH, 0, 0, ENETUNREACH },
		{ ICMP6_DST_UNREACH, 1, EACCES, EACCES },
		{ ICMP6_DST_UNREACH, 2, 0, EHOSTUNREACH },
		{ ICMP6_DST_UNREACH, 3, 0, EHOSTUNREACH },
		{ ICMP6_DST_UNREACH, 4, ECONNREFUSED, ECONNREFUSED },
		{ ICMP6_DST_UNREACH, 5, EACCES, EACCES },
		{ ICMP6_DST_UNREACH, 6, EACCES, EACCES },
		{ ICMP6_DST_UNREACH, 7, EPROTO, EPROTO },
		{ ICMP6_PACKET_TOO_BIG, 0, EMSGSIZE, EMSGSIZE },
		{ ICMP6_TIME_EXCEEDED, 0, 0, EHOSTUNREACH },
		{ ICMP6_PARAM_PROB, 1, EPROTO, EPROTO },
	};
	const size_t nr = sizeof(table) / sizeof(*table);
	struct netchannel_create args = create_args(ADDR6_A, PORT_A, ADDR6_B, PORT_B);
	size_t i, len, right = 0, right_all = 0, as_socket = 0, wrong = 0;
	int plain = channel6(), all, sock, peer;
	static char data[1400];
	uint8_t p[200], q[200];

	must(nc_send(plain, "x", 1, 0), "SEND");
	wait_errors(plain, 1);
	check_errno(nc_send(plain, "x", 1, 0), ECONNREFUSED, "closed port: the next SEND");
	for (i = 0; i < nr; i++) {
		inject(p, make_icmp6(p, table[i].type, table[i].code, 1400, i & 1));
		wait_errors(plain, i + 2);
		right += error_of(plain) == table[i].plain && !error_of(plain);
	}
	check(right == nr, "%zu of %zu types and codes told as they should be", right, nr);
	close(plain);

	args.flags = NETCHANNEL_RECVERR;
	all = channel_of(args);
	for (i = 0; i < nr; i++) {
		inject(p, make_icmp6(p, table[i].type, table[i].code, 1400, i & 1));
		wait_errors(all, i + 1);
		right_all += error_of(all) == table[i].all && !error_of(all);
	}
	check(right_all == nr, "%zu with RECVERR", right_all);
	/* bit by bit: the checksum, and the quoted addresses with a right one */
	len = make_icmp6(p, ICMP6_DST_UNREACH, 4, 0, false);
	for (i = 40 * 8; i < len * 8; i++) {
		memcpy(q, p, len);
		q[i / 8] ^= 1 << i % 8;
		inject(q, len);
		wrong++;
	}
	for (i = 48 + 8; i < 48 + 44; i++) {
		memcpy(q, p, len);
		q[i] ^= 0x10;
		q[42] = q[43] = 0;
		*(uint16_t *)(q + 42) = checksum(q, q + 40, len - 40, IPPROTO_ICMPV6);
		inject(q, len);
		wrong++;
	}
	usleep(100000);
	check(stats_of(all).icmp_errors == nr, "%zu wrong messages: none believed", wrong);
	close(all);

	sock = udp_socket(ADDR6_A, PORT_A, ADDR6_B, PORT_B);
	for (i = 0; i < nr; i++) {
		inject(p, make_icmp6(p, table[i].type, table[i].code, 1400, i & 1));
		as_socket += socket_error(sock, table[i].plain) == table[i].plain;
	}
	check(as_socket == nr, "%zu: a connected socket is told the same", as_socket);
	close(sock);

	run("/usr/bin/ip -6 route flush cache");
	plain = channel6();
	peer = peer6();
	check(mtu_of(plain) == 1500, "INFO: the device's MTU (%u)", mtu_of(plain));
	must(nc_send(plain, data, 1400, 0), "SEND");
	expect_socket(peer, data, 1400, "in one packet");
	inject(p, make_icmp6(p, ICMP6_PACKET_TOO_BIG, 0, 1300, false));
	wait_errors(plain, 1);
	check_errno(nc_send(plain, data, 1400, 0), EMSGSIZE, "packet too big: SEND");
	expect_mtu(plain, 1300, "INFO: the path's MTU");
	sock = capture6();
	must(nc_send(plain, data, 1400, 0), "SEND");
	expect_socket(peer, data, 1400, "and then in fragments");
	check(next_packet(sock, p, sizeof(p), 30000) && p[6] == IPPROTO_FRAGMENT, "as the capture shows");
	close(sock);
	close(peer);
	close(plain);
}

static void policy(void)
{
	int ch = channel6(), peer = peer6();

	run("nft 'table ip6 t { chain i { type filter hook input priority 0; udp dport 7000 drop; }; "
	    "chain o { type filter hook output priority 0; udp sport 7000 drop; }; }'");
	must(send(peer, "x", 1, 0), "send");
	expect_nothing(ch, "INPUT drop: nothing arrives");
	check_errno(nc_send(ch, "x", 1, 0), EPERM, "OUTPUT drop: SEND");
	run("nft flush ruleset");
	must(send(peer, "in", 2, 0), "send");
	expect(ch, "in", 2, "without the rules: in");
	must(nc_send(ch, "out", 3, 0), "SEND");
	expect_socket(peer, "out", 3, "and out");

	/* the address goes: nothing more is sent in its name */
	run("/usr/bin/ip addr del " ADDR6_A "/64 dev v0");
	check_errno(nc_send(ch, "x", 1, 0), EADDRNOTAVAIL, "the address is gone: SEND");
	run("/usr/bin/ip addr add " ADDR6_A "/64 dev v0 nodad");
	must(nc_send(ch, "again", 5, 0), "SEND");
	expect_socket(peer, "again", 5, "it is back");
	close(peer);
	close(ch);
}

int main(void)
{
	bed = new_bed();
	enter(bed.b);
	raw = raw_socket();
	enter(bed.a);
	stay_here();
	both_ways();
	without_remote();
	ports();
	kernel_is_silent();
	forged();
	large();
	malformed();
	extension_headers();
	several_peers();
	link_local_peers();
	icmp();
	policy();
	return 0;
}
