// SPDX-License-Identifier: GPL-2.0
/*
 * What the module asks for in softirqs, of which fail-nth knows nothing: each request fails
 * once. The fault injector lets so many bytes pass, then fails one request, and says how much was
 * left to pass. So a run in which nothing fails says how much a way asks for in all. With a byte
 * less, the last request fails, and what was left says how much comes before it; with a byte less
 * than that, the last but one; and so on up to the first. What was sent is counted each time, as
 * received or as dropped, and afterwards the way is as before.
 */
#include "nc.h"
#include "../failnth.h"

#include <limits.h>
#include <linux/virtio_net.h>
#include <stddef.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif

#define PORT_A 7700
#define PORT_B 7001
#define SEGMENTS 5
#define SEGMENT_BYTES 100
#define LONG_BYTES 1400
#define PLENTY 1000000000

static struct bed bed;

/* Of one way. */
struct way {
	int ch, sock;
	uint64_t arrived;		/* by STATS */
};

static const char *const kinds[] = { "failslab", "fail_page_alloc" };

static bool try_attr(const char *kind, const char *name, long value)
{
	char path[100], text[32];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", kind, name);
	snprintf(text, sizeof(text), "%ld", value);
	return failnth_set(path, text);
}

static void write_attr(const char *kind, const char *name, long value)
{
	if (!try_attr(kind, name, value))
		check(false, "%s/%s becomes %ld", kind, name, value);
}

static long read_attr(const char *kind, const char *name)
{
	char path[100];
	long value;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", kind, name);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%ld", &value) != 1)
		check(false, "reading %s", path);
	fclose(f);
	return value;
}

/* Only requests with the module's code on the stack fail. */
static void only_ours(void)
{
	unsigned long start = 0, bytes = 0;
	FILE *f = fopen("/sys/module/netchannel/sections/.text", "r");
	size_t i;

	if (!f || fscanf(f, "%lx", &start) != 1)
		check(false, "where the module is");
	fclose(f);
	f = fopen("/sys/module/netchannel/coresize", "r");
	if (!f || fscanf(f, "%lu", &bytes) != 1)
		check(false, "how large the module is");
	fclose(f);
	check(failnth_only_in(start, start + bytes), "only what the module asks for fails");
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		write_attr(kinds[i], "stacktrace-depth", 32);
}

/* However this ends, the tests that come after it begin as they would without. */
static void stop_failing(void)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		try_attr(kinds[i], "probability", 0);
		try_attr(kinds[i], "space", 0);
		try_attr(kinds[i], "times", 1);
	}
	failnth_only_in(0, ULONG_MAX);
}

static void peer_socket(struct way *w, const char *local, const char *remote)
{
	enter(bed.b);
	w->sock = udp_socket(local, PORT_B, remote, PORT_A);
	enter(bed.a);
}

static void open_default(struct way *w, struct netchannel_create args)
{
	args.rx_bytes = 1 << 20;
	w->ch = channel_of(args);
}

static void segments_of(struct way *w, const char *local, const char *remote)
{
	int size = SEGMENT_BYTES;

	open_default(w, create_args(local, PORT_A, remote, PORT_B));
	peer_socket(w, remote, local);
	must(setsockopt(w->sock, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)), "UDP_SEGMENT");
}

static void open_datagrams(struct way *w)
{
	segments_of(w, ADDR_A, ADDR_B);
}

static void open_datagrams6(struct way *w)
{
	segments_of(w, ADDR6_A, ADDR6_B);
}

static void send_datagrams(struct way *w)
{
	static char data[SEGMENTS * SEGMENT_BYTES];

	must(send(w->sock, data, sizeof(data), 0), "send of a super-frame");
}

/* Frames by hand from B's device, with what a device is told of them. */
static void open_frames(struct way *w)
{
	struct sockaddr_ll from = { .sll_family = AF_PACKET };
	int on = 1;

	enter(bed.b);
	w->sock = must(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), "AF_PACKET");
	must(setsockopt(w->sock, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)), "PACKET_VNET_HDR");
	from.sll_ifindex = if_nametoindex("v1");
	must(bind(w->sock, (struct sockaddr *)&from, sizeof(from)), "bind");
	enter(bed.a);
}

static void open_segments(struct way *w)
{
	open_default(w, tcp_args(ADDR_A, PORT_A, ADDR_B, PORT_B));
	open_frames(w);
}

static void open_segments6(struct way *w)
{
	open_default(w, tcp_args(ADDR6_A, PORT_A, ADDR6_B, PORT_B));
	open_frames(w);
}

struct frame {
	struct virtio_net_hdr virtio;
	struct ethhdr ethernet;
	uint8_t packet[40 + 20 + SEGMENTS * SEGMENT_BYTES];
} __attribute__((packed));

/* From B to A; returns how long it is. */
static size_t make_super_frame(struct frame *f, bool ipv6)
{
	uint32_t bytes = 20 + SEGMENTS * SEGMENT_BYTES, ip_bytes = ipv6 ? 40 : 20;
	uint32_t sum = IPPROTO_TCP + bytes;
	struct tcphdr tcp = {
		.source = htons(PORT_B), .dest = htons(PORT_A), .doff = 5, .ack = 1,
	};

	*f = (struct frame){
		.virtio = {
			.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
			.gso_type = ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4,
			.hdr_len = ETH_HLEN + ip_bytes + 20, .gso_size = SEGMENT_BYTES,
			.csum_start = ETH_HLEN + ip_bytes, .csum_offset = 16,
		},
		.ethernet = { .h_dest = { 2, 0, 0, 0, 0, 1 }, .h_source = { 2, 0, 0, 0, 0, 2 },
			      .h_proto = htons(ipv6 ? ETH_P_IPV6 : ETH_P_IP) },
	};
	if (ipv6) {
		put_header6(f->packet, IPPROTO_TCP, bytes);
		sum = sum16(f->packet + 8, 32, sum);
	} else {
		make_packet(f->packet, 0, 0, "", 0);
		f->packet[2] = (20 + bytes) >> 8;
		f->packet[3] = (20 + bytes) & 255;
		f->packet[9] = IPPROTO_TCP;
		memset(f->packet + 10, 0, 2);
		sum = sum16(f->packet + 12, 8, sum);
		memcpy(f->packet + 10, &(uint16_t){ htons(fold16(sum16(f->packet, 20, 0))) }, 2);
	}
	tcp.check = htons(~fold16(sum));
	memcpy(f->packet + ip_bytes, &tcp, sizeof(tcp));
	return offsetof(struct frame, packet) + ip_bytes + bytes;
}

static void send_super_frame(struct way *w, bool ipv6)
{
	struct frame f;
	size_t bytes = make_super_frame(&f, ipv6);

	must(send(w->sock, &f, bytes, 0), "send of a frame");
}

static void send_segments(struct way *w)
{
	send_super_frame(w, false);
}

static void send_segments6(struct way *w)
{
	send_super_frame(w, true);
}

static struct netchannel_create fast_args(void)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, ADDR_B, PORT_B);

	args.flags = NETCHANNEL_FAST;
	args.ifindex = if_nametoindex("v0");
	return args;
}

/* Its pages are still the sender's: what waits in a queue has a copy. */
static void open_lent(struct way *w)
{
	int on = 1;

	open_default(w, fast_args());
	peer_socket(w, ADDR_B, ADDR_A);
	must(setsockopt(w->sock, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)), "SO_ZEROCOPY");
}

static void send_lent(struct way *w)
{
	static char data[LONG_BYTES];

	must(send(w->sock, data, sizeof(data), MSG_ZEROCOPY), "send of pages");
}

/* Who asks for messages has a clone of each. */
static void open_told(struct way *w)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, ADDR_B, PORT_B);

	args.format = NETCHANNEL_FORMAT_PACKET;
	args.flags = NETCHANNEL_MESSAGES;
	open_default(w, args);
	enter(bed.b);
	w->sock = raw_socket();
	enter(bed.a);
}

/* From B: nobody has the port to which A has sent a datagram. */
static void send_message(struct way *w)
{
	uint8_t p[100], quoted[64];
	struct iphdr *ip = (struct iphdr *)p;
	struct icmphdr *icmp = (struct icmphdr *)(ip + 1);
	size_t bytes = sizeof(*icmp) + 28;

	make_packet(quoted, PORT_A, PORT_B, "", 0);	/* the other way round */
	memcpy(quoted + 12, &(uint32_t){ inet_addr(ADDR_A) }, 4);
	memcpy(quoted + 16, &(uint32_t){ inet_addr(ADDR_B) }, 4);
	make_packet(p, 0, 0, "", bytes - 8);
	ip->protocol = IPPROTO_ICMP;
	ip->check = 0;
	ip->check = htons(fold16(sum16(ip, 20, 0)));
	*icmp = (struct icmphdr){ .type = ICMP_DEST_UNREACH, .code = ICMP_PORT_UNREACH };
	memcpy(icmp + 1, quoted, 28);
	icmp->checksum = htons(fold16(sum16(icmp, bytes, 0)));
	enter(bed.b);
	raw_send(w->sock, "v1", p, 20 + bytes);
	enter(bed.a);
}

static const struct path {
	const char *name;
	void (*open)(struct way *w);
	void (*send)(struct way *w);
	int packets;		/* that arrive of each */
	int sites;		/* at least */
} paths[] = {
	{ "a super-frame of datagrams", open_datagrams, send_datagrams, SEGMENTS, 15 },
	{ "the same over IPv6", open_datagrams6, send_datagrams, SEGMENTS, 15 },
	{ "a super-frame of TCP", open_segments, send_segments, SEGMENTS, 15 },
	{ "the same over IPv6", open_segments6, send_segments6, SEGMENTS, 15 },
	{ "a message of ICMP", open_told, send_message, 1, 1 },
	{ "FAST of a sender's pages", open_lent, send_lent, 1, 1 },
};

/* One more time, of which all is received or counted as dropped; how many were. */
static uint64_t send_once(const struct path *path, struct way *w)
{
	struct netchannel_drain d = { .size = sizeof(d), .flags = NETCHANNEL_DRAIN_RX };
	struct netchannel_stats before = stats_of(w->ch), s;

	path->send(w);
	w->arrived += path->packets;
	s = stats_at(w->ch, w->arrived);
	if (s.rx_packets + dropped(&s) != w->arrived)
		check(false, "%s: %d packets have become %d and %d dropped", path->name,
		      (int)w->arrived, (int)s.rx_packets, (int)dropped(&s));
	must(ioctl(w->ch, NETCHANNEL_DRAIN, &d), "DRAIN");
	return dropped(&s) - dropped(&before);
}

/* *bytes: what may pass; then what has passed before a request failed, or in all. */
static bool fail_after(const struct path *path, struct way *w, const char *kind, long *bytes,
		       uint64_t *lost)
{
	bool failed;

	write_attr(kind, "space", *bytes);
	write_attr(kind, "times", 1);
	write_attr(kind, "probability", 100);
	*lost = send_once(path, w);
	write_attr(kind, "probability", 0);
	failed = !read_attr(kind, "times");
	*bytes -= read_attr(kind, "space");
	if (*lost && !failed)
		check(false, "%s: %d dropped, though nothing failed", path->name, (int)*lost);
	return failed;
}

/*
 * Memory comes from here and there: a way may ask for other things than the last time. A site may
 * be missed then, not met twice.
 */
static int fail_each(const struct path *path, struct way *w, const char *kind, int *mattered)
{
	long passed = PLENTY, room;
	int sites = 0;
	uint64_t lost;

	if (fail_after(path, w, kind, &passed, &lost))
		check(false, "%s: what is allowed fails", path->name);
	while (passed > 0) {
		room = --passed;
		if (fail_after(path, w, kind, &passed, &lost)) {
			sites++;
			*mattered += !!lost;
		}
		if (passed > room)
			check(false, "%s: more has passed than could", path->name);
	}
	return sites;
}

static void fail_all(const struct path *path)
{
	struct way w = { };
	int sites = 0, mattered = 0;
	size_t i;

	path->open(&w);
	if (send_once(path, &w))
		check(false, "%s: dropped at first", path->name);
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		sites += fail_each(path, &w, kinds[i], &mattered);
	check(sites >= path->sites && mattered, "%s: %d sites, of %d packets were dropped",
	      path->name, sites, mattered);
	check(!send_once(path, &w), "and none afterwards");
	close(w.ch);
	close(w.sock);
}

int main(void)
{
	size_t i;

	bed = new_bed();
	check(failnth_setup(), "the kernel injects failures");
	atexit(stop_failing);
	only_ours();
	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		fail_all(&paths[i]);
	return 0;
}
