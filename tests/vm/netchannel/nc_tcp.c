// SPDX-License-Identifier: GPL-2.0
/*
 * Segments of TCP: the kernel's TCP on the peer's side talks with a few lines
 * of TCP here, over a channel that gives and takes whole packets.
 */
#include "tcp.h"

#define PORT_A 7000
#define PORT_B 7001

static int try_tcp_channel(const char *local, int local_port, const char *remote,
			   int remote_port)
{
	struct netchannel_create args = tcp_args(local, local_port, remote, remote_port);

	return try_channel(&args);
}

static int tcp_channel(const char *local, int local_port, const char *remote,
		       int remote_port)
{
	return must(try_tcp_channel(local, local_port, remote, remote_port), "CREATE of TCP");
}

#define BULK 200000

static uint8_t bulk_byte(int i)
{
	return i * 7 + i / 251;
}

/* A child writes, as the window is small. */
static void write_bulk(int sock)
{
	static uint8_t data[BULK];
	int i;

	for (i = 0; i < BULK; i++)
		data[i] = bulk_byte(i);
	if (!fork()) {
		must(write(sock, data, BULK), "write");
		_exit(0);
	}
	close(sock);
}

/* Everything until FIN; the longest segment is no longer than the MTU. */
static void read_bulk(struct tcp *t)
{
	int got = 0, longest = 0, i;
	struct segment s;

	for (;;) {
		if (!get_in(t, &s, 30 * SECOND))
			check(false, "after %d bytes: %s", got, strerror(errno));
		if (s.len > longest)
			longest = s.len;
		if (s.tcp.rst)
			check(false, "reset after %d bytes", got);
		if (ntohl(s.tcp.seq) != t->wanted) {	/* sent again */
			put(t, TH_ACK, "", 0);
			continue;
		}
		for (i = 0; i < s.data_len; i++)
			if (s.data[i] != bulk_byte(got + i))
				check(false, "byte %d differs", got + i);
		got += s.data_len;
		t->wanted += s.data_len + s.tcp.fin;
		put(t, TH_ACK, "", 0);
		if (s.tcp.fin)
			break;
	}
	check(got == BULK && longest > 1000 && longest <= 1500,
	      "%d bytes in segments of at most %d with their headers", got, longest);
}

/* The channel's side opens. */
static void converse(struct bed *bed, const char *a, const char *b)
{
	struct tcp t = { .family = family_of(a), .remote_port = PORT_B };
	struct netchannel_stats stats;
	int wait_fd, sock;
	char buf[16];

	enter(bed->b);
	wait_fd = listener(b, PORT_B);
	enter(bed->a);
	t.ch = tcp_channel(a, PORT_A, b, PORT_B);
	open_active(&t);
	put(&t, TH_ACK | TH_PUSH, "hello", 5);
	sock = must(accept(wait_fd, NULL, NULL), "accept");
	check(recv(sock, buf, sizeof(buf), 0) == 5 && !memcmp(buf, "hello", 5),
	      "the kernel's socket has the bytes");
	write_bulk(sock);
	read_bulk(&t);
	stats = stats_of(t.ch);
	check(stats.rx_bytes >= BULK && stats.tx_bytes == 5 && !dropped(&stats),
	      "STATS count payload (%d, %d)", (int)stats.rx_bytes, (int)stats.tx_bytes);
	put(&t, TH_ACK | TH_RST, "", 0);	/* no TIME-WAIT for the next test */
	wait(NULL);
	close(t.ch);
	close(wait_fd);
}

/* The checksum of what follows the IP header, which tells its length. */
static void mend_segment(uint8_t *p, int family, int bytes)
{
	int ip = ip_bytes(family), from = family == AF_INET ? 12 : 8;
	struct tcphdr *tcp = (struct tcphdr *)(p + ip);

	tcp->check = 0;
	tcp->check = htons(fold16(sum16(tcp, bytes, sum16(p + from, ip - from,
							  IPPROTO_TCP + bytes))));
}

/* IPv4's header has a checksum of its own. */
static void set_length(uint8_t *p, int family, int bytes)
{
	struct iphdr *ip = (struct iphdr *)p;

	if (family == AF_INET6) {
		p[4] = bytes >> 8;
		p[5] = bytes & 0xff;
		return;
	}
	ip->tot_len = htons(20 + bytes);
	ip->check = 0;
	ip->check = htons(fold16(sum16(ip, 20, 0)));
}

/* A segment from B to A with right checksums; returns its length. */
static int make_segment(uint8_t *p, int family, int words, const void *data, int len)
{
	int ip = ip_bytes(family), bytes = 20 + len;
	struct tcphdr *tcp = (struct tcphdr *)(p + ip);

	memset(p, 0, ip + 20);
	if (family == AF_INET) {
		*(struct iphdr *)p = (struct iphdr){
			.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP,
			.saddr = inet_addr(ADDR_B), .daddr = inet_addr(ADDR_A),
		};
	} else {
		put_header6(p, IPPROTO_TCP, bytes);
	}
	set_length(p, family, bytes);
	tcp->source = htons(PORT_B);
	tcp->dest = htons(PORT_A);
	tcp->doff = words;
	tcp->ack = 1;
	memcpy(tcp + 1, data, len);
	mend_segment(p, family, bytes);
	return ip + bytes;
}

/* To which port a socket is bound. */
static int port_of(int sock)
{
	union sock_addr a;
	socklen_t size = sizeof(a);

	must(getsockname(sock, &a.any, &size), "getsockname");
	return ntohs(a.any.sa_family == AF_INET ? a.in.sin_port : a.in6.sin6_port);
}

/*
 * Whoever sends to the port is heard by a channel without a remote: also a connection that was
 * reset, whose last segment (an acknowledgment that was put off, one that was sent again) may
 * have waited for its processor until now.
 */
static void get_from(struct tcp *t, struct segment *s, int port)
{
	do
		get(t, s);
	while (ntohs(s->tcp.source) != port);
}

/* The kernel's side opens, to a channel without a remote. */
static void answer(struct bed *bed, const char *a, const char *b, const char *local)
{
	struct tcp t = { .family = family_of(a), .next = 1000, .remote = b };
	union sock_addr to = sock_addr(a, PORT_A);
	struct segment s;
	char buf[16];
	int sock, raw;

	t.ch = tcp_channel(local, PORT_A, NULL, 0);
	enter(bed->b);
	sock = must(tcp_socket(b, 0), "bind");
	raw = raw_socket();
	raw_send(raw, "v1", s.packet, make_segment(s.packet, t.family, 5, "late", 4));
	close(raw);
	enter(bed->a);
	fcntl(sock, F_SETFL, O_NONBLOCK);
	check_errno(connect(sock, &to.any, sizeof(to)), EINPROGRESS, "connect()");
	t.remote_port = port_of(sock);
	get_from(&t, &s, t.remote_port);
	check(s.tcp.syn && !s.tcp.ack, "its SYN comes");
	t.wanted = ntohl(s.tcp.seq) + 1;
	put(&t, TH_SYN | TH_ACK, "", 0);
	do
		get_from(&t, &s, t.remote_port);
	while (s.tcp.syn);	/* sent again, meanwhile */
	check(s.tcp.ack && ntohl(s.tcp.ack_seq) == t.next, "our SYN, ACK is acknowledged");
	put(&t, TH_ACK, "welcome", 7);
	fcntl(sock, F_SETFL, 0);
	check(recv(sock, buf, sizeof(buf), 0) == 7 && !memcmp(buf, "welcome", 7),
	      "and the data read");
	put(&t, TH_ACK | TH_RST, "", 0);
	close(sock);
	close(t.ch);
}

/* Resets from A, on B's side, where one may be wanted. */
static int resets(int cap, int wanted)
{
	struct captured c;
	int n = 0;

	while (next_captured(cap, &c, n < wanted ? 30000 : 200))
		n += c.ip.protocol == IPPROTO_TCP && !c.outgoing && c.tcp.rst;
	return n;
}

/* N14 */
static void kernel_is_silent(struct bed *bed)
{
	struct tcp t = { .family = AF_INET, .remote_port = PORT_B };
	union sock_addr to = sock_addr(ADDR_A, PORT_A);
	int cap, wait_fd, sock, other, i;
	struct segment s;

	enter(bed->b);
	cap = start_capture("v1");
	wait_fd = listener(ADDR_B, PORT_B);
	enter(bed->a);
	t.ch = tcp_channel(ADDR_A, PORT_A, ADDR_B, PORT_B);
	open_active(&t);
	sock = must(accept(wait_fd, NULL, NULL), "accept");
	for (i = 0; i < 20; i++) {
		must(send(sock, "data", 4, 0), "send");
		get(&t, &s);
		t.wanted = ntohl(s.tcp.seq) + s.data_len;
		put(&t, TH_ACK, "", 0);
	}
	check(!resets(cap, 0), "claimed: no reset on the peer's side");

	enter(bed->b);
	other = must(tcp_socket(ADDR_B, 7999), "bind");
	enter(bed->a);
	check_errno(connect(other, &to.any, sizeof(to)), ECONNREFUSED,
		    "another peer that connects to the port");
	check(resets(cap, 1) >= 1, "is reset");	/* each SYN that it sends */
	close(other);

	close(t.ch);
	must(send(sock, "data", 4, 0), "send");
	check(resets(cap, 1) >= 1, "closed: the kernel resets again");
	check_errno(recv(sock, &s, 1, 0), ECONNRESET, "the peer's socket is told");
	close(sock);
	close(wait_fd);
	close(cap);
}

static void as_nobody(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		must(setresuid(65534, 65534, 65534), "setresuid");
		check_errno(try_tcp_channel(ADDR_A, 80, NULL, 0), EACCES, "port 80, nobody");
		close(tcp_channel(ADDR_A, 8080, NULL, 0));
		check(true, "port 8080, nobody");
		check_errno(try_tcp_channel(ADDR_A, PORT_A, ADDR_B, 9), EADDRINUSE,
			    "a port that another user's channel owns");
		exit(0);
	}
	must(waitpid(pid, &status, 0), "waitpid");
	check(!status, "nobody");
}

/* N3, N4 */
static void one_owner(struct bed *bed)
{
	int ch = tcp_channel(ADDR_A, PORT_A, ADDR_B, PORT_B), udp, sock, second;
	union sock_addr to = sock_addr(ADDR_B, PORT_B);
	int wait_fd, tries;

	check_errno(try_tcp_channel(ADDR_A, PORT_A, ADDR_B, PORT_B), EADDRINUSE,
		    "the same tuple again");
	check_errno(tcp_socket(ADDR_A, PORT_A), EADDRINUSE, "a socket on the channel's address");
	check_errno(tcp_socket("0.0.0.0", PORT_A), EADDRINUSE, "a socket on any address");
	check_errno(tcp_socket("::", PORT_A), EADDRINUSE, "a socket of IPv6 on any address");
	udp = udp_socket(ADDR_A, PORT_A, NULL, 0);
	check(true, "UDP's port of that number is another");
	close(udp);
	second = tcp_channel(ADDR_A, PORT_A, NULL, 0);
	check(true, "a channel without remote joins the port");
	as_nobody();
	close(second);

	/* the only port there is for connect() */
	write_file("/proc/sys/net/ipv4/ip_local_port_range", "7000 7000");
	enter(bed->b);
	wait_fd = listener(ADDR_B, PORT_B);
	enter(bed->a);
	sock = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	check_errno(connect(sock, &to.any, sizeof(to)), EADDRNOTAVAIL,
		    "connect() does not choose the channel's port");
	close(ch);
	must(connect(sock, &to.any, sizeof(to)), "connect() after close");
	write_file("/proc/sys/net/ipv4/ip_local_port_range", "32768 60999");
	check_errno(try_tcp_channel(ADDR_A, PORT_A, ADDR_B, 7002), EADDRINUSE,
		    "the port of a connected socket");
	close(sock);
	close(wait_fd);
	/* the peer's reset ends the socket's FIN-WAIT-2, and gives the port back */
	for (ch = -1, tries = 0; ch < 0 && tries < 5000; tries++) {
		usleep(1000);
		ch = try_tcp_channel(ADDR_A, PORT_A, ADDR_B, 7002);
	}
	close(must(ch, "the port of a socket that is reset"));
	sock = listener(ADDR_A, 7010);
	check_errno(try_tcp_channel(ADDR_A, 7010, ADDR_B, PORT_B), EADDRINUSE,
		    "the port of a listening socket");
	close(sock);
	close(tcp_channel(ADDR_A, 7010, ADDR_B, PORT_B));
	check(true, "it is free when that is closed");
}

/* N9: what a sender writes into its headers, the wire does not show. */
static void forged(struct bed *bed)
{
	int count = count_of(2000, 1000000), seed = number_from("SEED", 1), i, j;
	int ch = tcp_channel(ADDR_A, PORT_A, ADDR_B, PORT_B);
	struct watch w = { };
	uint8_t p[64];

	enter(bed->b);
	w.capture = start_capture("v1");
	enter(bed->a);
	srandom(seed);
	for (i = 0; i < count; i++) {
		for (j = 0; j < 64; j++)
			p[j] = random();
		p[0] = 0x45;
		p[32] = 0x50 | p[32] % 16;
		must(nc_send(ch, p, 40 + random() % 24, 0), "SEND");
		watch_sent(&w, IPPROTO_TCP, PORT_A, PORT_B, i + 1, count);
	}
	check(w.seen == count && !w.foreign,
	      "%d segments with random headers (seed %d): %d on the wire, %d foreign",
	      count, seed, w.seen, w.foreign);
	close(w.capture);
	close(ch);
}

/* What came to B, without what the kernel counts. */
static int captured_segment(int capture, uint8_t *p, int room)
{
	struct pollfd ready = { .fd = capture, .events = POLLIN };
	struct sockaddr_ll from;
	socklen_t size;
	int len;

	do {
		size = sizeof(from);
		must(poll(&ready, 1, 30000) ? 0 : -1, "a segment on the wire");
		len = must(recvfrom(capture, p, room, 0, (struct sockaddr *)&from, &size), "recv");
	} while (from.sll_pkttype == PACKET_OUTGOING || p[0] != 0x45 || p[9] != IPPROTO_TCP);
	memset(p + 4, 0, 2);	/* ID */
	memset(p + 10, 0, 2);	/* IP's checksum */
	return len;
}

static void random_segment(uint8_t *p, int len)
{
	int option_words = len < 80 ? (len - 40) / 4 : 10;

	for (int i = 0; i < len; i++)
		p[i] = random();
	p[0] = 0x45;
	memcpy(p + 16, &(in_addr_t){ inet_addr(ADDR_B) }, 4);
	memcpy(p + 22, &(uint16_t){ htons(PORT_B) }, 2);
	p[32] = (5 + random() % (option_words + 1)) * 16 + p[32] % 16;
}

/* Where the last one went: what is refused, or goes another way, as ever. */
static void not_alone(struct ring *r)
{
	uint8_t p[1600];

	random_segment(p, 60);
	p[6] |= 0x40;
	check(!ring_send(r, p, 60), "a segment that does not fill a frame");
	p[32] = 0x40;
	check(ring_send(r, p, 60) == -EINVAL, "a header of less than 20 bytes");
	p[32] = 0xb0;
	check(ring_send(r, p, 60) == -EINVAL, "one of more than there are");
	check(ring_send(r, p, 39) == -EINVAL, "less than headers");
	p[32] = 0x50;
	p[0] = 0x46;
	check(ring_send(r, p, 60) == -EINVAL, "options of IP");
	p[0] = 0x45;
	memset(p + 22, 0, 2);
	check(ring_send(r, p, 60) == -EINVAL, "to no port");
	memcpy(p + 22, &(uint16_t){ htons(PORT_B) }, 2);
	check(ring_send(r, p, sizeof(p)) == -EMSGSIZE, "more than a frame, not to be cut");
}

/* A segment by itself, to where the last one went, has a short way: it leaves as in a row. */
static void alone_and_in_a_row(struct bed *bed, bool is_fast)
{
	int count = count_of(100, 10000), seed = number_from("SEED", 1), capture, different = 0;
	struct netchannel_create args = tcp_args(ADDR_A, PORT_A, NULL, 0);
	uint8_t p[100], row[200], alone[200];
	struct ring r;

	args.type = NETCHANNEL_TYPE_RING;
	args.flags |= is_fast ? NETCHANNEL_FAST : 0;
	args.ifindex = is_fast ? (int)if_nametoindex("v0") : 0;
	r = open_ring(args);
	enter(bed->b);
	capture = start_capture("v1");
	enter(bed->a);
	srandom(seed);
	for (int i = 0; i < count; i++) {
		int len = 40 + random() % 60, row_len;

		random_segment(p, len);
		memcpy(r.arena, p, len);
		ring_push(&r, 0, len);
		ring_push(&r, 0, len);
		ring_publish(&r);
		if (ring_kick(&r, 0, 0) != 2 || ring_send(&r, p, len))
			check(false, "segment %d is sent", i);
		row_len = captured_segment(capture, row, sizeof(row));
		for (int j = 0; j < 2; j++)
			different += captured_segment(capture, alone, sizeof(alone)) != row_len ||
				     memcmp(alone, row, row_len);
		different += memcmp(row + 12, &(in_addr_t){ inet_addr(ADDR_A) }, 4) ||
			     memcmp(row + 20, &(uint16_t){ htons(PORT_A) }, 2);
	}
	check(!different, "%d segments alone and in a row, %s (seed %d): %d differ", count,
	      is_fast ? "FAST" : "by IP", seed, different);
	not_alone(&r);
	close(capture);
	close_ring(&r);
}

static void bad_segments(const char *a, const char *b)
{
	struct tcp t = { .family = family_of(a), .remote_port = PORT_B };
	int headers, ip = ip_bytes(t.family), words;
	struct netchannel_create args;
	uint8_t p[2000] = { };

	args = tcp_args(a, PORT_A, b, PORT_B);
	args.format = NETCHANNEL_FORMAT_PAYLOAD;
	check_errno(try_channel(&args), EINVAL, "CREATE: TCP in format PAYLOAD");
	args = tcp_args(a, PORT_A, b, PORT_B);
	args.protocol = IPPROTO_SCTP;
	check_errno(try_channel(&args), EPROTONOSUPPORT, "CREATE: protocol SCTP");

	t.ch = tcp_channel(a, PORT_A, b, PORT_B);
	headers = put_headers(&t, p, TH_SYN);
	check_errno(nc_send(t.ch, p, headers - 1, 0), EINVAL, "SEND: one byte too short");
	for (words = 0; words < 5; words++) {
		p[ip + 12] = words << 4;
		check_errno(nc_send(t.ch, p, headers, 0), EINVAL, "SEND: a data offset under 5");
	}
	p[ip + 12] = 0x60;
	check_errno(nc_send(t.ch, p, headers + 3, 0), EINVAL, "SEND: options beyond the end");
	must(nc_send(t.ch, p, headers + 4, 0), "SEND with options");
	p[ip + 12] = 0x50;
	p[6] |= t.family == AF_INET ? 0x40 : 0;
	check_errno(nc_send(t.ch, p, 1501, 0), EMSGSIZE, "SEND: over the MTU, not to be fragmented");
	must(nc_send(t.ch, p, 1500, 0), "SEND of a full frame");
	check(stats_of(t.ch).tx_packets == 2, "two of these were sent");
	close(t.ch);
}

/* N34: what the kernel refuses before us is not counted; what we do is, exactly. */
struct liar {
	int ch, raw, family;
	bool is_fast;
	uint8_t p[200];
	struct netchannel_stats wanted;
};

/* As a frame of the family, whatever the packet says of its version. */
static void tell(struct liar *l, int len)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_halen = 6, .sll_addr = { 2, 0, 0, 0, 0, 1 },
		.sll_protocol = htons(l->family == AF_INET ? ETH_P_IP : ETH_P_IPV6),
		.sll_ifindex = if_nametoindex("v1"),
	};

	must(sendto(l->raw, l->p, len, 0, (struct sockaddr *)&to, sizeof(to)), "raw send");
}

static void expect_told(struct liar *l, int len, const char *what)
{
	char buf[200];

	tell(l, len);
	check(nc_recv(l->ch, buf, sizeof(buf), 0, 30 * SECOND, NULL) == len &&
	      !memcmp(buf, l->p, len), "%s arrives as it was", what);
	l->wanted.rx_packets++;
}

static void expect_refused(struct liar *l, const char *what)
{
	struct netchannel_stats s;

	printf("%s:\n", what);
	expect_told(l, make_segment(l->p, l->family, 5, "good", 4), "the next good one");
	s = stats_at(l->ch, l->wanted.rx_packets + dropped(&l->wanted));
	check(s.rx_packets == l->wanted.rx_packets &&
	      s.rx_dropped_malformed == l->wanted.rx_dropped_malformed &&
	      s.rx_dropped_checksum == l->wanted.rx_dropped_checksum && dropped(&s) ==
	      dropped(&l->wanted), "counted: %d malformed, %d with wrong checksums",
	      (int)s.rx_dropped_malformed, (int)s.rx_dropped_checksum);
}

static void lie_about_offset(struct liar *l)
{
	int words;

	for (words = 0; words < 16; words++) {
		if (words == 5 || words == 6)
			continue;
		tell(l, make_segment(l->p, l->family, words, "lies", 4));
		l->wanted.rx_dropped_malformed++;
	}
	expect_refused(l, "data offsets that lie");
}

static void change_bits(struct liar *l)
{
	int ip = ip_bytes(l->family), len, i;

	for (i = 4; i < 24; i++) {	/* before that are the ports */
		if (i == 12)		/* the data offset: seen above */
			continue;
		len = make_segment(l->p, l->family, 5, "good", 4);
		l->p[ip + i] ^= 0x80;
		tell(l, len);
		l->wanted.rx_dropped_checksum++;
	}
	expect_refused(l, "a bit changed in each byte");
}

/*
 * Frames that end before the packet does are IP's to refuse. So is by TCP, where we come
 * after IP, a packet that ends before its header of TCP; FAST takes it by its ports.
 */
static void truncate_it(struct liar *l)
{
	int ip = ip_bytes(l->family), len = make_segment(l->p, l->family, 5, "good", 4), i;

	for (i = 1; i < len; i++)
		tell(l, i);
	for (i = 0; i < 20; i++) {
		make_segment(l->p, l->family, 5, "", 0);
		set_length(l->p, l->family, i);
		mend_segment(l->p, l->family, i);
		tell(l, ip + i);
		l->wanted.rx_dropped_malformed += l->is_fast && i >= 8;
	}
	expect_refused(l, "all truncations");
}

/* Of the IP header: versions, lengths that are not its own, more than there is. */
static void lie_about_ip(struct liar *l)
{
	int len, i;

	for (i = 0; i < 256; i++) {
		len = make_segment(l->p, l->family, 5, "good", 4);
		if (l->family == AF_INET6 ? i >> 4 == 6 : i == 0x45)
			continue;
		l->p[0] = i;
		if (l->family == AF_INET)
			set_length(l->p, l->family, 24);
		tell(l, len);
	}
	for (i = 1; i < 100; i++) {
		len = make_segment(l->p, l->family, 5, "good", 4);
		set_length(l->p, l->family, 24 + i * i);
		tell(l, len);
	}
	expect_refused(l, "versions and lengths that lie");
}

static void lies(struct bed *bed, const char *a, const char *b, bool is_fast)
{
	struct liar l = { .family = family_of(a), .is_fast = is_fast };
	struct netchannel_create args = tcp_args(a, PORT_A, b, PORT_B);

	if (is_fast) {
		args.flags = NETCHANNEL_FAST;
		args.ifindex = if_nametoindex("v0");
	}
	l.ch = channel_of(args);
	enter(bed->b);
	l.raw = raw_socket();
	expect_told(&l, make_segment(l.p, l.family, 5, "good", 4), "a segment made by hand");
	expect_told(&l, make_segment(l.p, l.family, 6, "opts", 4), "one with options");
	lie_about_offset(&l);
	change_bits(&l);
	truncate_it(&l);
	lie_about_ip(&l);
	close(l.raw);
	close(l.ch);
	enter(bed->a);
}

/*
 * An ICMP message that a segment is too big for a link of 1300 bytes, from B;
 * the quoted segment is A's from `port`. Returns its length.
 */
static int make_too_big(uint8_t *p, int family, int port)
{
	int ip = ip_bytes(family), bytes = 8 + ip + 8, from = family == AF_INET ? 12 : 8;
	uint8_t *icmp = p + ip, *quote = icmp + 8, *tcp = quote + ip;
	int size = family == AF_INET ? 4 : 16;
	uint32_t sum = 0;

	memset(p, 0, ip + bytes);
	p[0] = quote[0] = family == AF_INET ? 0x45 : 0x60;
	if (family == AF_INET) {
		p[3] = ip + bytes;
		p[8] = 64;
		p[9] = IPPROTO_ICMP;
		quote[9] = IPPROTO_TCP;
		icmp[0] = ICMP_DEST_UNREACH;
		icmp[1] = ICMP_FRAG_NEEDED;
	} else {
		p[5] = bytes;
		p[6] = IPPROTO_ICMPV6;
		p[7] = 64;
		quote[6] = IPPROTO_TCP;
		icmp[0] = 2;	/* RFC 4443, 3.2 */
	}
	inet_pton(family, family == AF_INET ? ADDR_B : ADDR6_B, p + from);
	inet_pton(family, family == AF_INET ? ADDR_A : ADDR6_A, p + from + size);
	memcpy(quote + from, p + from + size, size);
	memcpy(quote + from + size, p + from, size);
	icmp[6] = 1300 >> 8;
	icmp[7] = 1300 & 0xff;
	*(uint16_t *)tcp = htons(port);
	*(uint16_t *)(tcp + 2) = htons(PORT_B);
	if (family == AF_INET)
		*(uint16_t *)(p + 10) = htons(fold16(sum16(p, 20, 0)));
	else
		sum = sum16(p + from, 32, IPPROTO_ICMPV6 + bytes);
	*(uint16_t *)(icmp + 2) = htons(fold16(sum16(icmp, bytes, sum)));
	return ip + bytes;
}

/* What the network reports goes to the owner, who alone can judge it. */
static void messages(struct bed *bed, const char *a, const char *b)
{
	struct netchannel_create args = tcp_args(a, PORT_A, b, PORT_B);
	int family = family_of(a), deaf = tcp_channel(a, 7005, b, PORT_B), ch, raw, len;
	struct netchannel_info before = { .size = sizeof(before) }, info = before;
	struct netchannel_recv r;
	struct netchannel_stats s;
	uint8_t p[200], buf[200];

	args.flags = NETCHANNEL_RECVERR;
	ch = channel_of(args);
	must(ioctl(ch, NETCHANNEL_INFO, &before), "INFO");
	enter(bed->b);
	raw = raw_socket();
	len = make_too_big(p, family, PORT_A);
	raw_send(raw, "v1", p, len);
	enter(bed->a);
	check(nc_recv(ch, buf, sizeof(buf), 0, 30 * SECOND, &r) == len && !memcmp(buf, p, len),
	      "an ICMP message about a segment is handed over");
	check(!r.remote.port && !r.local.port && r.remote.family == family &&
	      !memcmp(r.remote.addr, args.remote.addr, 16), "from whom it came, without a port");
	must(ioctl(ch, NETCHANNEL_INFO, &info), "INFO");
	check(info.mtu == before.mtu, "the kernel does not believe it");
	enter(bed->b);
	len = make_too_big(p, family, 7005);
	raw_send(raw, "v1", p, len);
	len = make_too_big(p, family, 7006);	/* nobody's */
	raw_send(raw, "v1", p, len);
	len = make_too_big(p, family, PORT_A);
	p[len - 1] ^= 1;			/* checksum */
	raw_send(raw, "v1", p, len);
	enter(bed->a);
	expect_nothing(ch, "others' messages, and bad ones");
	expect_nothing(deaf, "who does not ask is not told");
	wait_errors(deaf, 1);
	s = stats_of(deaf);
	check(s.icmp_errors == 1 && !s.rx_packets, "but it is counted");
	s = stats_of(ch);
	check(s.icmp_errors == 1 && s.rx_packets == 1 && s.rx_read == 1, "counted");
	close(raw);
	close(deaf);
	close(ch);
}

/* The listener asks for its children: each is told of its own segments. */
static void messages_of_child(struct bed *bed, const char *a, const char *b)
{
	struct netchannel_create args = tcp_args(a, PORT_A, NULL, 0);
	struct netchannel_accept accept = {
		.size = sizeof(accept), .type = NETCHANNEL_TYPE_COPY, .timeout_ns = 30 * SECOND,
	};
	int family = family_of(a), child = open_device(), raw, len;
	uint8_t p[200], buf[200];

	args.type = NETCHANNEL_TYPE_LISTEN;
	args.flags = NETCHANNEL_RECVERR;
	accept.listener = channel_of(args);
	enter(bed->b);
	raw = raw_socket();
	raw_send(raw, "v1", p, make_too_big(p, family, PORT_A));
	wait_errors(accept.listener, 1);
	len = make_segment(p, family, 5, "open", 4);
	raw_send(raw, "v1", p, len);
	must(ioctl(child, NETCHANNEL_ACCEPT, &accept), "ACCEPT, when a message came before");
	expect(child, p, len, "what opened it, nothing else");
	len = make_too_big(p, family, PORT_A);
	raw_send(raw, "v1", p, len);
	check(nc_recv(child, buf, sizeof(buf), 0, 30 * SECOND, NULL) == len &&
	      !memcmp(buf, p, len), "an accepted channel is told of a link that is smaller");
	check(stats_of(accept.listener).icmp_errors == 1, "and its listener is not");
	enter(bed->a);
	close(raw);
	close(child);
	close(accept.listener);
}

/* To a member's owner in the ring of its group, with the member's cookie. */
static void message_in_group(struct bed *bed)
{
	struct ring r = open_ring(ring_args(ADDR_A, PORT_A, NULL, 0));
	struct netchannel_create args = tcp_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	struct netchannel_record *record;
	uint8_t p[200], got[200];
	uint64_t cookie = 0;
	int ch, raw, len;

	args.type = NETCHANNEL_TYPE_GROUP;
	args.flags = NETCHANNEL_RECVERR;
	args.group = r.fd;
	args.cookie = 0x123456789;
	ch = channel_of(args);
	enter(bed->b);
	raw = raw_socket();
	len = make_too_big(p, AF_INET, PORT_A);
	raw_send(raw, "v1", p, len);
	enter(bed->a);
	must(ring_kick(&r, NETCHANNEL_WAIT, 30 * SECOND), "KICK, waiting");
	record = ring_peek(&r);
	check(record && record->len == len + sizeof(cookie), "a message in the group's ring");
	memcpy(&cookie, record + 1, sizeof(cookie));
	memcpy(got, (uint8_t *)(record + 1) + sizeof(cookie), len);
	check(record->flags == (NETCHANNEL_RECORD_MESSAGE | NETCHANNEL_RECORD_MEMBER) &&
	      !record->remote_port && cookie == args.cookie && !memcmp(got, p, len),
	      "it is the member's");
	close(raw);
	close(ch);
	close_ring(&r);
}

/* Senders wait for packets that a neighbour does not take, and are woken. */
static void room_to_send(void)
{
	struct tcp t = { .family = AF_INET, .remote_port = PORT_B };
	struct pollfd p;
	uint8_t packet[1400] = { };
	int n = 0, headers;

	never_give_up();
	t.ch = tcp_channel(ADDR_A, PORT_A, "10.0.0.77", PORT_B);
	p = (struct pollfd){ .fd = t.ch, .events = POLLOUT };
	headers = put_headers(&t, packet, TH_ACK);
	check(poll(&p, 1, 0) == 1, "POLLOUT at first");
	while (!nc_send(t.ch, packet, sizeof(packet), NETCHANNEL_DONTWAIT))
		n++;
	check_errno(-1, EAGAIN, "SEND DONTWAIT without room");
	check(n > 10 && n < 1000 && poll(&p, 1, 0) == 0, "no POLLOUT after %d segments", n);
	give_up_later("10.0.0.77", 100);
	check(poll(&p, 1, 10000) == 1, "POLLOUT when there is room");
	wait(NULL);
	while (!nc_send(t.ch, packet, sizeof(packet), NETCHANNEL_DONTWAIT))
		;
	give_up_later("10.0.0.77", 100);
	must(nc_send(t.ch, packet, headers, 0), "SEND");
	wait(NULL);
	check(true, "SEND waits until there is room");
	while (!nc_send(t.ch, packet, sizeof(packet), NETCHANNEL_DONTWAIT))
		;
	close(t.ch);	/* with packets in flight: N20 */
}

/* N27: what does not fit is counted, and what was charged is given back. */
static void flood(struct bed *bed)
{
	struct netchannel_create args = tcp_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	struct netchannel_stats s;
	int ch, raw, i, len, got = 0, count = count_of(1000, 1000000);
	uint8_t p[1000];
	char data[900] = "", buf[1000];

	args.rx_bytes = 65536;
	ch = channel_of(args);
	enter(bed->b);
	raw = raw_socket();
	len = make_segment(p, AF_INET, 5, data, sizeof(data));
	for (i = 0; i < count; i++)
		raw_send(raw, "v1", p, len);
	enter(bed->a);
	s = stats_at(ch, count);
	check((int)(s.rx_packets + s.rx_dropped_full) == count && s.rx_dropped_full &&
	      s.rx_queued_bytes <= 65536, "flood of %d: %d queued, %d dropped", count,
	      (int)s.rx_packets, (int)s.rx_dropped_full);
	for (i = 0; i < (int)s.rx_packets / 2; i++)
		got += nc_recv(ch, buf, sizeof(buf), NETCHANNEL_DONTWAIT, 0, NULL) == len;
	check(got == (int)s.rx_packets / 2, "half of them are read, the rest freed by close()");
	close(raw);
	close(ch);
}

#define PRESSED	3000	/* some 7 MB of memory */

/*
 * net.ipv4.tcp_mem, of the initial namespace, bounds the memory of channels of TCP, too: but
 * for what each processor may hold unseen, at most 1 MiB. What is refused is counted.
 */
static void under_pressure(struct bed *bed, int start)
{
	struct netchannel_create args = tcp_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	int ch, raw, i, len, got = 0;
	struct netchannel_stats s = { };
	char data[1400] = "", usual[100] = "";
	uint8_t p[1500];
	FILE *f;

	args.rx_bytes = 64 << 20;
	ch = channel_of(args);
	enter(start);
	f = fopen("/proc/sys/net/ipv4/tcp_mem", "r");
	check(f && fgets(usual, sizeof(usual), f), "tcp_mem is %s", usual);
	fclose(f);
	write_file("/proc/sys/net/ipv4/tcp_mem", "1 1 1");
	enter(bed->b);
	raw = raw_socket();
	len = make_segment(p, AF_INET, 5, data, sizeof(data));
	for (i = 1; i <= PRESSED; i++) {
		raw_send(raw, "v1", p, len);
		if (i % 200 == 0)	/* a processor that is late keeps no more than 1,000 */
			s = stats_at(ch, i);
	}
	enter(start);
	write_file("/proc/sys/net/ipv4/tcp_mem", usual);
	check(s.rx_dropped_full && s.rx_packets + s.rx_dropped_full == PRESSED &&
	      dropped(&s) == s.rx_dropped_full, "%d of %d are refused for tcp_mem",
	      (int)s.rx_dropped_full, PRESSED);
	while (nc_recv(ch, p, sizeof(p), NETCHANNEL_DONTWAIT, 0, NULL) == len)
		got++;
	check(got == (int)s.rx_packets, "the rest can be read");
	enter(bed->b);
	len = make_segment(p, AF_INET, 5, "again", 5);
	raw_send(raw, "v1", p, len);
	enter(bed->a);
	expect(ch, p, len, "and there is room again");
	close(raw);
	close(ch);
}

int main(void)
{
	int start = own_ns();
	struct bed bed = new_bed();

	converse(&bed, ADDR_A, ADDR_B);
	converse(&bed, ADDR6_A, ADDR6_B);
	answer(&bed, ADDR_A, ADDR_B, ADDR_A);
	answer(&bed, ADDR_A, ADDR_B, "0.0.0.0");
	answer(&bed, ADDR6_A, ADDR6_B, ADDR6_A);
	kernel_is_silent(&bed);
	one_owner(&bed);
	forged(&bed);
	alone_and_in_a_row(&bed, false);
	alone_and_in_a_row(&bed, true);
	bad_segments(ADDR_A, ADDR_B);
	bad_segments(ADDR6_A, ADDR6_B);
	lies(&bed, ADDR_A, ADDR_B, false);
	lies(&bed, ADDR_A, ADDR_B, true);
	lies(&bed, ADDR6_A, ADDR6_B, false);
	lies(&bed, ADDR6_A, ADDR6_B, true);
	messages(&bed, ADDR_A, ADDR_B);
	messages(&bed, ADDR6_A, ADDR6_B);
	messages_of_child(&bed, ADDR_A, ADDR_B);
	messages_of_child(&bed, ADDR6_A, ADDR6_B);
	message_in_group(&bed);
	flood(&bed);
	under_pressure(&bed, start);
	room_to_send();
	return 0;
}
