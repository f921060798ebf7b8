// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP messages, of the peer's kernel and made by hand, about packets of
 * channels: what a caller is told, and what is counted.
 */
#include "nc.h"

#include <sys/epoll.h>

#define PORT_A 7000
#define PORT_B 7001

static struct bed bed;
static int raw;		/* in namespace B, as raw_send() wants it */

static uint64_t errors_of(int fd)
{
	return stats_of(fd).icmp_errors;
}

static bool is_pending(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	poll(&p, 1, 0);
	return p.revents & POLLERR;
}

/* A message from B about a packet from A's port to B's; see make_packet(). */
static size_t make_icmp(uint8_t *p, int type, int code, uint32_t rest,
			int port_a, int port_b)
{
	uint8_t quoted[64];
	struct iphdr *ip = (struct iphdr *)p;
	struct icmphdr *icmp = (struct icmphdr *)(p + 20);
	struct iphdr *inner = (struct iphdr *)quoted;
	size_t len;

	/* made from B to A, and then turned round: the checksums stay right */
	len = make_packet(quoted, port_a, port_b, "quoted", 6);
	inner->saddr = inet_addr(ADDR_A);
	inner->daddr = inet_addr(ADDR_B);

	memset(p, 0, 28);
	*ip = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_ICMP,
		.tot_len = htons(28 + len),
		.saddr = inet_addr(ADDR_B), .daddr = inet_addr(ADDR_A),
	};
	ip->check = htons(fold16(sum16(ip, 20, 0)));
	icmp->type = type;
	icmp->code = code;
	icmp->un.gateway = htonl(rest);
	memcpy(icmp + 1, quoted, len);
	icmp->checksum = htons(fold16(sum16(icmp, 8 + len, 0)));
	return 28 + len;
}

/* Makes both checksums right again after a change of the quoted packet. */
static void mend_icmp(uint8_t *p, size_t len)
{
	struct icmphdr *icmp = (struct icmphdr *)(p + 20);

	icmp->checksum = 0;
	icmp->checksum = htons(fold16(sum16(icmp, len - 20, 0)));
}

static void inject(int type, int code, uint32_t rest)
{
	uint8_t p[128];
	size_t len = make_icmp(p, type, code, rest, PORT_A, PORT_B);

	enter(bed.b);
	raw_send(raw, "v1", p, len);
	enter(bed.a);
}

/* The peer's kernel says that nobody listens; each call is told once. */
static void refused(void)
{
	int ch = channel(ADDR_A, PORT_A, ADDR_B, PORT_B);
	char c;

	must(nc_send(ch, "x", 1, 0), "SEND to a closed port");
	wait_errors(ch, 1);
	check(is_pending(ch), "closed port: poll() says POLLERR");
	check_errno(nc_send(ch, "x", 1, NETCHANNEL_PEEK), EINVAL, "a wrong SEND");
	check_errno(nc_send(ch, "x", 1, 0), ECONNREFUSED, "the next SEND");
	check(!is_pending(ch) && stats_of(ch).tx_packets == 1, "sent nothing, and took the error");
	must(nc_send(ch, "x", 1, 0), "SEND");
	wait_errors(ch, 2);
	check_errno(nc_recv(ch, &c, 1, NETCHANNEL_DONTWAIT, 0, NULL), ECONNREFUSED, "RECV");
	check_errno(nc_recv(ch, &c, 1, NETCHANNEL_DONTWAIT, 0, NULL), EAGAIN, "RECV, once more");
	must(write(ch, "x", 1), "write");
	wait_errors(ch, 3);
	check_errno(read(ch, &c, 1), ECONNREFUSED, "read()");
	must(nc_send(ch, "x", 1, 0), "SEND");
	wait_errors(ch, 4);
	check_errno(write(ch, "x", 1), ECONNREFUSED, "write()");
	check(!stats_of(ch).rx_packets && !stats_of(ch).tx_errors, "no other counter has moved");
	close(ch);
}

/* Those that wait are woken: a reader, and an epoll set. */
static void woken(void)
{
	int ch = channel(ADDR_A, PORT_A, ADDR_B, PORT_B), set = epoll_create1(0), status;
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	double start = now();
	pid_t child;
	char c;

	must(epoll_ctl(set, EPOLL_CTL_ADD, ch, &e), "epoll_ctl");
	child = fork();
	if (!child) {
		check_errno(nc_recv(ch, &c, 1, 0, 60 * SECOND, NULL), ECONNREFUSED,
			    "a RECV that waits");
		exit(0);
	}
	wait_in_call(child, SYS_ioctl);
	must(nc_send(ch, "x", 1, 0), "SEND");
	must(waitpid(child, &status, 0), "waitpid");
	check(!status && now() - start < 50, "was woken");
	must(nc_send(ch, "x", 1, 0), "SEND");
	check(epoll_wait(set, &e, 1, 30000) == 1 && e.events & EPOLLERR,
	      "epoll, edge-triggered, reports EPOLLERR");
	check_errno(nc_recv(ch, &c, 1, 0, 30 * SECOND, NULL), ECONNREFUSED, "and RECV says which");
	close(set);
	close(ch);
}

/* An error comes before packets, and loses none. */
static void before_packets(void)
{
	int ch = channel(ADDR_A, PORT_A, ADDR_B, PORT_B), peer;
	char c;

	enter(bed.b);
	peer = udp_socket(ADDR_B, PORT_B, ADDR_A, PORT_A);
	enter(bed.a);
	must(send(peer, "queued", 6, 0), "send");
	while (stats_of(ch).rx_packets < 1)
		usleep(1000);
	close(peer);
	must(nc_send(ch, "x", 1, 0), "SEND");
	wait_errors(ch, 1);
	check_errno(nc_recv(ch, &c, 1, NETCHANNEL_PEEK, 0, NULL), ECONNREFUSED,
		    "RECV with a packet queued");
	expect(ch, "queued", 6, "which comes next");
	close(ch);
}

struct told {
	int type, code;
	int plain, all;		/* errno without and with RECVERR */
};

static const struct told table[] = {
	{ ICMP_DEST_UNREACH, ICMP_NET_UNREACH, 0, ENETUNREACH },
	{ ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, EHOSTUNREACH },
	{ ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, ENOPROTOOPT, ENOPROTOOPT },
	{ ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, ECONNREFUSED, ECONNREFUSED },
	{ ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, EMSGSIZE, EMSGSIZE },
	{ ICMP_DEST_UNREACH, ICMP_SR_FAILED, 0, EOPNOTSUPP },
	{ ICMP_DEST_UNREACH, ICMP_NET_UNKNOWN, ENETUNREACH, ENETUNREACH },
	{ ICMP_DEST_UNREACH, ICMP_HOST_UNKNOWN, EHOSTDOWN, EHOSTDOWN },
	{ ICMP_DEST_UNREACH, ICMP_HOST_ISOLATED, ENONET, ENONET },
	{ ICMP_DEST_UNREACH, ICMP_NET_ANO, ENETUNREACH, ENETUNREACH },
	{ ICMP_DEST_UNREACH, ICMP_HOST_ANO, EHOSTUNREACH, EHOSTUNREACH },
	{ ICMP_DEST_UNREACH, ICMP_NET_UNR_TOS, 0, ENETUNREACH },
	{ ICMP_DEST_UNREACH, ICMP_HOST_UNR_TOS, 0, EHOSTUNREACH },
	{ ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, EHOSTUNREACH, EHOSTUNREACH },
	{ ICMP_DEST_UNREACH, ICMP_PREC_VIOLATION, EHOSTUNREACH, EHOSTUNREACH },
	{ ICMP_DEST_UNREACH, ICMP_PREC_CUTOFF, EHOSTUNREACH, EHOSTUNREACH },
	{ ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0, EHOSTUNREACH },
	{ ICMP_PARAMETERPROB, 0, EPROTO, EPROTO },
};
#define TOLD (sizeof(table) / sizeof(*table))

/* What a call is told now; a plain UDP socket is the judge of `plain`. */
static int error_of(int fd)
{
	char c;

	return nc_recv(fd, &c, 1, NETCHANNEL_DONTWAIT, 0, NULL) < 0 && errno != EAGAIN ?
		errno : 0;
}

/* Every type and code, to channels with and without the flag, and to a socket. */
static void every_code(void)
{
	int plain = channel(ADDR_A, PORT_A, ADDR_B, PORT_B), all, any, sock;
	struct netchannel_create args = create_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	size_t i, right = 0, as_socket = 0;

	args.flags = NETCHANNEL_RECVERR;
	for (i = 0; i < TOLD; i++) {
		inject(table[i].type, table[i].code, 1400);
		wait_errors(plain, i + 1);
		right += error_of(plain) == table[i].plain && !error_of(plain);
	}
	check(right == TOLD, "%zu types and codes: errors that stay are told", right);
	close(plain);

	all = channel_of(args);
	for (right = i = 0; i < TOLD; i++) {
		inject(table[i].type, table[i].code, 1400);
		wait_errors(all, i + 1);
		right += error_of(all) == table[i].all && !error_of(all);
	}
	check(right == TOLD, "%zu: with RECVERR all are", right);
	close(all);

	any = channel(ADDR_A, PORT_A, NULL, 0);
	for (right = i = 0; i < TOLD; i++) {
		inject(table[i].type, table[i].code, 1400);
		wait_errors(any, i + 1);
		right += !error_of(any);
	}
	check(right == TOLD, "%zu: without a remote none, but they are counted", right);
	close(any);
	args.remote = nc_addr(NULL, 0);
	any = channel_of(args);
	inject(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	wait_errors(any, 1);
	check(error_of(any) == ECONNREFUSED, "without a remote, with RECVERR: told");
	close(any);

	sock = udp_socket(ADDR_A, PORT_A, ADDR_B, PORT_B);
	for (i = 0; i < TOLD; i++) {
		inject(table[i].type, table[i].code, 1400);
		as_socket += socket_error(sock, table[i].plain) == table[i].plain;
	}
	check(as_socket == TOLD, "%zu: a connected socket is told the same", as_socket);
	close(sock);
}

/* Messages that are not about the channel's packets, or lie. */
static void not_believed(void)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	uint8_t p[128], q[128];
	size_t len, i, sent = 0;
	int ch;

	args.flags = NETCHANNEL_RECVERR;
	ch = channel_of(args);
	enter(bed.b);
	len = make_icmp(p, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0, PORT_A, PORT_B);
#define SEND_CHANGED(change) do {		\
	memcpy(q, p, len);			\
	change;					\
	raw_send(raw, "v1", q, len);		\
	sent++;					\
} while (0)
#define SEND_MENDED(change) SEND_CHANGED(change; mend_icmp(q, len))
	/* each bit of ICMP's header and the quoted packet, the checksum wrong */
	for (i = 20 * 8; i < len * 8; i++)
		SEND_CHANGED(q[i / 8] ^= 1 << i % 8);
	/* the quoted addresses and ports, bit by bit, the checksum right */
	for (i = 0; i < 12 * 8; i++)
		SEND_MENDED(q[40 + i / 8] ^= 1 << i % 8);
	SEND_MENDED(q[28] = 0x44);			/* quoted: header too short */
	SEND_MENDED(q[28] = 0x4f);			/* too long for what there is */
	SEND_MENDED(q[28] = 0x65);			/* version 6 */
	SEND_MENDED(q[28 + 9] = IPPROTO_TCP);
	SEND_MENDED(q[28 + 7] = 1);			/* a later fragment: no ports */
	SEND_MENDED(q[20] = ICMP_ECHO);
	SEND_MENDED(q[20] = ICMP_SOURCE_QUENCH);
	SEND_MENDED(q[20] = ICMP_REDIRECT);
	SEND_MENDED(q[20] = 200);
	SEND_MENDED(q[21] = NR_ICMP_UNREACH + 1);
	SEND_MENDED(q[21] = 255);
	SEND_MENDED((q[20] = ICMP_TIME_EXCEEDED, q[21] = ICMP_EXC_FRAGTIME));
	enter(bed.a);
	usleep(100000);
	check(errors_of(ch) == 0 && !is_pending(ch), "%zu messages that are wrong in one way: none believed",
	      sent);

	/* all truncations: no port is quoted before the 28th byte of the quote */
	enter(bed.b);
	for (i = 1; i <= len; i++) {
		struct iphdr *ip = (struct iphdr *)q;

		memcpy(q, p, len);
		ip->tot_len = htons(i);
		ip->check = 0;
		ip->check = htons(fold16(sum16(ip, 20, 0)));
		if (i > 28)
			mend_icmp(q, i);
		raw_send(raw, "v1", q, i);
	}
	enter(bed.a);
	wait_errors(ch, len - 56 + 1);
	usleep(50000);
	check(errors_of(ch) == len - 56 + 1, "of all truncations those with both headers (%d)",
	      (int)errors_of(ch));
	check(error_of(ch) == ECONNREFUSED && !error_of(ch), "told once");
	close(ch);
}

/* The owner of a firewall that drops them does not want them told. */
static void filtered(void)
{
	int ch = channel(ADDR_A, PORT_A, ADDR_B, PORT_B);

	run("nft 'table ip t { chain i { type filter hook input priority 0; "
	    "icmp type destination-unreachable drop; }; }'");
	inject(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	usleep(50000);
	check(!errors_of(ch) && !is_pending(ch), "INPUT drop: not told");
	run("nft flush ruleset");
	inject(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	wait_errors(ch, 1);
	check(error_of(ch) == ECONNREFUSED, "without the rule it is");
	close(ch);
}

/* Each channel of a port hears of its own packets. */
static void each_its_own(void)
{
	int one = channel(ADDR_A, PORT_A, ADDR_B, PORT_B);
	int two = channel(ADDR_A, PORT_A, ADDR_B, PORT_B + 1);

	must(nc_send(two, "x", 1, 0), "SEND");
	wait_errors(two, 1);
	check(!errors_of(one) && !is_pending(one), "another channel of the port is not told");
	must(nc_send(one, "x", 1, 0), "its own SEND");
	check_errno(nc_send(two, "x", 1, 0), ECONNREFUSED, "the one concerned is");
	close(one);
	close(two);
}

/* With the flag MESSAGES, the owner of many flows gets what says of which it is. */
static void as_messages(void)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, NULL, 0);
	uint8_t p[128], got[128];
	struct netchannel_recv r;
	size_t len;
	int ch;

	args.flags = NETCHANNEL_MESSAGES;
	check_errno(try_channel(&args), EINVAL, "MESSAGES, and format PAYLOAD");
	args.format = NETCHANNEL_FORMAT_PACKET;
	ch = channel_of(args);
	len = make_icmp(p, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0, PORT_A, PORT_B);
	inject(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	check(nc_recv(ch, got, sizeof(got), 0, 30 * SECOND, &r) == (int)len &&
	      !memcmp(got + 20, p + 20, len - 20), "the message is handed over");
	check(!r.remote.port && !r.local.port && *(in_addr_t *)r.remote.addr == inet_addr(ADDR_B),
	      "from whom it came, without a port");
	check(errors_of(ch) == 1 && !is_pending(ch) && !error_of(ch), "counted, and no errno");
	close(ch);
}

/* More than anybody reads: all counted, one told. */
static void flood(void)
{
	int ch = channel(ADDR_A, PORT_A, ADDR_B, PORT_B), i;

	for (i = 0; i < 1000; i++)
		inject(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	wait_errors(ch, 1000);
	check(error_of(ch) == ECONNREFUSED && !error_of(ch), "1000 counted, one told");
	close(ch);
}

/* N39, as far as UDP goes: a router's word on the MTU is kept. */
static void path_mtu(void)
{
	static char data[1300];
	int ch = channel(ADDR_A, PORT_A, ADDR_B, PORT_B);
	int any = channel(ADDR_A, PORT_A, NULL, 0), peer, cap, fragments = 0;
	struct captured c;

	run("/usr/bin/ip route flush cache");	/* of what came before */
	check(mtu_of(ch) == 1500 && mtu_of(any) == 0, "INFO tells the device's MTU");
	inject(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1000);
	wait_errors(ch, 1);
	check_errno(nc_send(ch, data, sizeof(data), 0), EMSGSIZE, "fragmentation needed: SEND");
	expect_mtu(ch, 1000, "INFO tells the path's MTU");
	enter(bed.b);
	peer = udp_socket(ADDR_B, PORT_B, ADDR_A, PORT_A);
	cap = start_capture("v1");
	enter(bed.a);
	must(nc_send(ch, data, sizeof(data), 0), "SEND");
	expect_socket(peer, data, sizeof(data), "from then on in fragments");
	while (next_captured(cap, &c, 100))
		fragments += !c.outgoing && ntohs(c.ip.tot_len) <= 1000;
	check(fragments == 2, "two of them, not longer than that");
	run("/usr/bin/ip route flush cache");
	check(mtu_of(ch) == 1500, "forgotten with the kernel's own memory of it");

	write_file("/proc/sys/net/ipv4/ip_no_pmtu_disc", "1");
	close(ch);
	close(any);
	ch = channel(ADDR_A, PORT_A, ADDR_B, PORT_B);
	inject(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1000);
	inject(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	while (!errors_of(ch))
		usleep(1000);
	check(errors_of(ch) == 1 && error_of(ch) == ECONNREFUSED, "ip_no_pmtu_disc: not told");
	write_file("/proc/sys/net/ipv4/ip_no_pmtu_disc", "0");
	close(peer);
	close(cap);
	close(ch);
}

int main(void)
{
	bed = new_bed();
	enter(bed.b);
	raw = raw_socket();
	enter(bed.a);
	refused();
	woken();
	before_packets();
	every_code();
	not_believed();
	filtered();
	each_its_own();
	as_messages();
	flood();
	path_mtu();
	return 0;
}
