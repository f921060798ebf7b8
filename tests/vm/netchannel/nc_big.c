// SPDX-License-Identifier: GPL-2.0
/*
 * Super-frames of TCP that are longer than their header can tell, as a host makes them that
 * has gro_max_size or gso_max_size above 64 KB. Here a TUN device is the host's other half.
 */
#include "ring.h"

#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <stddef.h>
#include <sys/utsname.h>

#define SEGMENTS	69
#define SEGMENT_BYTES	1000
#define TEXT_BYTES	(SEGMENTS * SEGMENT_BYTES)	/* as much as TUN takes on Linux 6.1 */
#define JUMBO_BYTES	8				/* the option's header, RFC 2675 */
#define TCP_BYTES	20

struct side {
	const char *name, *local, *remote;
	int ip_bytes, options_bytes;	/* what is before TCP's header in the super-frame */
};

static const struct side sides[] = {
	{ "IPv6", "fd09::1", "fd09::2", 40, JUMBO_BYTES },
	{ "IPv4", "10.0.9.1", "10.0.9.2", 20, 0 },
};

static uint8_t text_byte(int i)
{
	return i * 7 + i / 251;
}

/* Linux 6.3 brought it for IPv4. */
static bool is_known(const struct side *side)
{
	struct utsname name;
	int major, minor;

	must(uname(&name), "uname");
	sscanf(name.release, "%d.%d", &major, &minor);
	return side->options_bytes || major > 6 || minor >= 3;
}

static void put_ipv6(const struct side *side, uint8_t *p)
{
	uint32_t bytes = htonl(JUMBO_BYTES + TCP_BYTES + TEXT_BYTES);

	p[0] = 0x60;
	p[7] = 64;
	inet_pton(AF_INET6, side->remote, p + 8);
	inet_pton(AF_INET6, side->local, p + 24);
	p[40] = IPPROTO_TCP;
	p[42] = 0xc2;	/* jumbo payload, 4 bytes */
	p[43] = sizeof(bytes);
	memcpy(p + 44, &bytes, sizeof(bytes));
}

static void put_ipv4(const struct side *side, uint8_t *p)
{
	struct iphdr *ip = (struct iphdr *)p;

	*ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP };
	inet_pton(AF_INET, side->remote, &ip->saddr);
	inet_pton(AF_INET, side->local, &ip->daddr);
	ip->check = htons(fold16(sum16(ip, sizeof(*ip), 0)));
}

/* Of the pseudo-header: the addresses are the last of IP's header. */
static uint32_t pseudo_sum(const struct side *side, const uint8_t *p, uint32_t tcp_bytes)
{
	int bytes = side->ip_bytes == 40 ? 32 : 8;

	return sum16(p + side->ip_bytes - bytes, bytes,
		     IPPROTO_TCP + (tcp_bytes >> 16) + (tcp_bytes & 0xffff));
}

/* Its checksum is left to the device. */
static void write_frame(int tun, const struct side *side)
{
	static struct {
		struct virtio_net_hdr virtio;
		uint8_t packet[60 + JUMBO_BYTES + TEXT_BYTES];
	} __attribute__((packed)) frame;
	int headers = side->ip_bytes + side->options_bytes, i;
	struct tcphdr *tcp = (struct tcphdr *)(frame.packet + headers);
	size_t bytes = sizeof(frame.virtio) + headers + TCP_BYTES + TEXT_BYTES;

	memset(&frame, 0, sizeof(frame));
	frame.virtio = (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = side->ip_bytes == 40 ? VIRTIO_NET_HDR_GSO_TCPV6 :
						   VIRTIO_NET_HDR_GSO_TCPV4,
		.hdr_len = headers + TCP_BYTES, .gso_size = SEGMENT_BYTES,
		.csum_start = headers, .csum_offset = offsetof(struct tcphdr, check),
	};
	if (side->ip_bytes == 40)
		put_ipv6(side, frame.packet);
	else
		put_ipv4(side, frame.packet);
	*tcp = (struct tcphdr){
		.source = htons(7101), .dest = htons(7100), .seq = htonl(1), .doff = 5, .ack = 1,
	};
	tcp->check = htons(~fold16(pseudo_sum(side, frame.packet, TCP_BYTES + TEXT_BYTES)));
	for (i = 0; i < TEXT_BYTES; i++)
		frame.packet[headers + TCP_BYTES + i] = text_byte(i);
	check(write(tun, &frame, bytes) == (ssize_t)bytes, "a frame of %d bytes", (int)bytes);
}

static int packet_bytes(const struct side *side, const uint8_t *p)
{
	return side->ip_bytes == 40 ? 40 + (p[4] << 8 | p[5]) : p[2] << 8 | p[3];
}

/* A packet by itself, whose header says so, and whose checksum is right. */
static void expect_segment(const struct side *side, const uint8_t *p, int len, int nr)
{
	int tcp_bytes = len - side->ip_bytes, i;
	const uint8_t *text = p + side->ip_bytes + TCP_BYTES;

	if (len != side->ip_bytes + TCP_BYTES + SEGMENT_BYTES || packet_bytes(side, p) != len)
		check(false, "segment %d: %d bytes, its header says %d", nr, len,
		      packet_bytes(side, p));
	if (fold16(sum16(p + side->ip_bytes, tcp_bytes, pseudo_sum(side, p, tcp_bytes))))
		check(false, "segment %d: a wrong checksum", nr);
	for (i = 0; i < SEGMENT_BYTES; i++)
		if (text[i] != text_byte(nr * SEGMENT_BYTES + i))
			check(false, "segment %d: byte %d differs", nr, i);
}

static void expect_segments(const struct side *side, int ch, uint32_t type)
{
	struct netchannel_record *record;
	struct ring ring = { };
	uint8_t p[2000];
	int nr, len;

	if (type == NETCHANNEL_TYPE_RING)
		ring = map_ring(ch);
	for (nr = 0; nr < SEGMENTS; nr++) {
		if (type == NETCHANNEL_TYPE_COPY) {
			len = must(nc_recv(ch, p, sizeof(p), 0, 30 * SECOND, NULL), "RECV");
			expect_segment(side, p, len, nr);
			continue;
		}
		must(ring_kick(&ring, NETCHANNEL_WAIT, 30 * SECOND), "KICK, waiting");
		record = ring_peek(&ring);
		expect_segment(side, (uint8_t *)(record + 1), record->len, nr);
		ring_next(&ring, record);
		ring_release(&ring);
	}
	if (type == NETCHANNEL_TYPE_RING)
		munmap(ring.memory, ring.map_bytes);
}

static void receive(int tun, const struct side *side, uint32_t type, uint32_t flags)
{
	struct netchannel_create args = tcp_args(side->local, 7100, side->remote, 7101);
	struct netchannel_stats s;
	int ch;

	args.type = type;
	args.flags = flags;
	args.ifindex = flags ? if_nametoindex("t0") : 0;
	args.rx_bytes = 1 << 20;
	ch = channel_of(args);
	write_frame(tun, side);
	expect_segments(side, ch, type);
	s = stats_of(ch);
	check(s.rx_packets == SEGMENTS && s.rx_bytes == TEXT_BYTES && !dropped(&s),
	      "%s, type %u, flags %u: %d segments, with all their bytes", side->name, type, flags,
	      SEGMENTS);
	close(ch);
}

/* What is no super-frame has a header of options as its peer wrote it: it stays the kernel's. */
static void expect_refused(int tun)
{
	const struct side *side = &sides[0];
	int ch = channel_of(tcp_args(side->local, 7100, side->remote, 7101));
	uint8_t frame[sizeof(struct virtio_net_hdr) + 40 + 8 + TCP_BYTES] = { };
	uint8_t *p = frame + sizeof(struct virtio_net_hdr), answer[2000];
	struct tcphdr *tcp = (struct tcphdr *)(p + 48);
	struct pollfd ready = { .fd = tun, .events = POLLIN };

	put_ipv6(side, p);
	p[5] = 8 + TCP_BYTES;
	memset(p + 42, 0, 6);	/* padding, RFC 8200, 4.2 */
	p[42] = 1;
	p[43] = 4;
	*tcp = (struct tcphdr){ .source = htons(7101), .dest = htons(7100), .doff = 5, .syn = 1 };
	tcp->check = htons(fold16(sum16(tcp, TCP_BYTES, pseudo_sum(side, p, TCP_BYTES))));
	must(write(tun, frame, sizeof(frame)), "a segment behind a header of options");
	do {
		check(poll(&ready, 1, 30000) == 1, "the kernel sends something");
		must(read(tun, answer, sizeof(answer)), "read of TUN");
		p = answer + sizeof(struct virtio_net_hdr);
	} while (p[0] >> 4 != 6 || p[6] != IPPROTO_TCP);
	check(p[40 + 13] & TH_RST && !stats_of(ch).rx_packets, "and resets it");
	close(ch);
}

static int open_tun(void)
{
	struct ifreq r = { .ifr_name = "t0", .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR };
	int fd = must(open("/dev/net/tun", O_RDWR | O_CLOEXEC), "/dev/net/tun"), big = 1 << 20;
	double limit = now() + 30;

	must(ioctl(fd, TUNSETIFF, &r), "TUNSETIFF");
	must(ioctl(fd, TUNSETSNDBUF, &big), "TUNSETSNDBUF");
	run("/usr/bin/ip addr add 10.0.9.1/24 dev t0 && "
	    "/usr/bin/ip addr add fd09::1/64 dev t0 nodad && /usr/bin/ip link set t0 up");
	while (!is_local6("fd09::1") && now() < limit)
		usleep(1000);
	return fd;
}

int main(void)
{
	const uint32_t types[] = { NETCHANNEL_TYPE_COPY, NETCHANNEL_TYPE_RING };
	int tun, i, j;

	enter(new_ns());
	tun = open_tun();
	for (i = 0; i < 2; i++) {
		for (j = 0; j < 2 && is_known(&sides[i]); j++) {
			receive(tun, &sides[i], types[j], 0);
			receive(tun, &sides[i], types[j], NETCHANNEL_FAST);
		}
	}
	expect_refused(tun);
	close(tun);
	return 0;
}
