// SPDX-License-Identifier: GPL-2.0
/*
 * Channels that discard, and those of protocols other than UDP and TCP, with and
 * without a filter. The peers are raw sockets, and the wire is captured.
 */
#include "nc.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define PROTOCOL 253	/* RFC 3692: for experiments; the kernel has nothing for it */
#define FAR_FUTURE (30 * SECOND)

/* DISCARD */

static void no_reading(int ch)
{
	struct netchannel_info info = { .size = sizeof(info) };
	struct netchannel_drain drain = { .size = sizeof(drain), .flags = NETCHANNEL_DRAIN_RX };
	struct pollfd p = { .fd = ch, .events = POLLIN | POLLOUT };
	char c;

	check_errno(nc_recv(ch, &c, 1, NETCHANNEL_DONTWAIT, 0, NULL), EOPNOTSUPP, "RECV");
	check_errno(read(ch, &c, 1), EOPNOTSUPP, "read()");
	check_errno(ioctl(ch, NETCHANNEL_DRAIN, &drain), EOPNOTSUPP, "DRAIN_RX");
	check(poll(&p, 1, 0) == 1 && p.revents == POLLOUT, "never readable");
	must(ioctl(ch, NETCHANNEL_INFO, &info), "INFO");
	check(info.type == NETCHANNEL_TYPE_DISCARD && !info.rx_bytes && !info.map_bytes,
	      "INFO tells the type");
}

static void send_bad_checksum(const struct bed *bed)
{
	uint8_t p[64];
	size_t len = make_packet(p, 7101, 7100, "bad", 3);
	int raw;

	p[26] ^= 0x55;
	enter(bed->b);
	raw = raw_socket();
	raw_send(raw, "v1", p, len);
	close(raw);
	enter(bed->a);
}

static void discard(const struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, 7100, ADDR_B, 7101);
	struct netchannel_stats s;
	int ch, peer, i, size = 100;
	char data[1000] = "";

	args.type = NETCHANNEL_TYPE_DISCARD;
	args.rx_bytes = 4096;
	check_errno(try_channel(&args), EINVAL, "DISCARD with rx_bytes");
	args.rx_bytes = 0;
	ch = channel_of(args);
	enter(bed->b);
	peer = udp_socket(ADDR_B, 7101, ADDR_A, 7100);
	enter(bed->a);
	for (i = 0; i < 5; i++)
		must(send(peer, data, 10, 0), "send: no port unreachable has come");
	must(setsockopt(peer, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)), "UDP_SEGMENT");
	must(send(peer, data, sizeof(data), 0), "send of 10 datagrams as one");
	send_bad_checksum(bed);
	s = stats_at(ch, 16);
	check(s.rx_packets == 15 && s.rx_bytes == 1050 && s.rx_read == 15 && !s.rx_queued_bytes,
	      "15 datagrams are counted, %lu bytes", (unsigned long)s.rx_bytes);
	check(s.rx_dropped_checksum == 1 && dropped(&s) == 1, "and a damaged one apart");
	no_reading(ch);
	must(nc_send(ch, "out", 3, 0), "SEND");
	expect_socket(peer, "out", 3, "it sends as others do");
	close(peer);
	close(ch);
}

/* A segment of so much data from 10.0.9.2 to 10.0.9.1, for a device without Ethernet. */
static size_t make_segment(uint8_t *p, size_t data_bytes)
{
	struct iphdr *ip = (struct iphdr *)p;
	struct tcphdr *tcp = (struct tcphdr *)(ip + 1);

	memset(p, 0, 40 + data_bytes);
	*ip = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP,
		.tot_len = htons(40 + data_bytes),
		.saddr = inet_addr("10.0.9.2"), .daddr = inet_addr("10.0.9.1"),
	};
	ip->check = htons(fold16(sum16(ip, 20, 0)));
	*tcp = (struct tcphdr){
		.source = htons(7101), .dest = htons(7100), .doff = 5, .ack = 1,
	};
	return 40 + data_bytes;
}

/* As a virtual machine does it: the checksum and the segmentation are left to the host. */
static void write_super_frame(int tun, size_t data_bytes, uint16_t segment_bytes)
{
	struct {
		struct virtio_net_hdr virtio;
		uint8_t packet[20000];
	} __attribute__((packed)) frame = {
		.virtio = {
			.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
			.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
			.hdr_len = 40, .gso_size = segment_bytes,
			.csum_start = 20, .csum_offset = 16,
		},
	};
	size_t bytes = sizeof(frame.virtio) + make_segment(frame.packet, data_bytes);

	check(write(tun, &frame, bytes) == (ssize_t)bytes, "a super-frame of tun");
}

static int open_tun(void)
{
	struct ifreq r = { .ifr_name = "t0", .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR };
	int fd = must(open("/dev/net/tun", O_RDWR | O_CLOEXEC), "/dev/net/tun");

	must(ioctl(fd, TUNSETIFF, &r), "TUNSETIFF");
	run("/usr/bin/ip addr add 10.0.9.1/24 dev t0 && /usr/bin/ip link set t0 up");
	return fd;
}

/* Nobody but we have counted the packets of such a frame; taken or dropped, they count. */
static void not_counted_before(void)
{
	struct netchannel_create args = tcp_args("10.0.9.1", 7100, "10.0.9.2", 7101);
	int tun = open_tun(), ch;
	struct netchannel_stats s;

	args.type = NETCHANNEL_TYPE_DISCARD;
	ch = channel_of(args);
	write_super_frame(tun, 10500, 1000);
	s = stats_at(ch, 11);
	check(s.rx_packets == 11 && s.rx_bytes == 10500 && !dropped(&s), "is 11 packets (%d)",
	      (int)s.rx_packets);
	close(ch);
	args.type = NETCHANNEL_TYPE_RING;
	args.rx_bytes = 4096;
	ch = channel_of(args);
	write_super_frame(tun, 10500, 1000);
	s = stats_at(ch, 11);
	check(s.rx_dropped_full == 11 && !s.rx_packets, "too much for a ring: 11 are dropped");
	close(ch);
	close(tun);
}

/* RAW */

static struct netchannel_create raw_args(const char *local, const char *remote, int protocol)
{
	struct netchannel_create args = create_args(local, 0, remote, protocol);

	args.type = NETCHANNEL_TYPE_RAW;
	args.protocol = protocol;
	return args;
}

/* Of this process, from now on. */
static void keep_capabilities(uint64_t wanted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { };

	data[0].effective = data[0].permitted = wanted;
	data[1].effective = data[1].permitted = wanted >> 32;
	must(syscall(SYS_capset, &header, data), "capset");
}

static int finish(pid_t child)
{
	int status;

	waitpid(child, &status, 0);
	return status;
}

/* N8 */
static void privileges(void)
{
	struct netchannel_create args = raw_args(ADDR_A, ADDR_B, PROTOCOL);
	struct netchannel_create lite = raw_args(ADDR_A, ADDR_B, IPPROTO_UDPLITE);
	pid_t child = fork();

	if (!child) {
		must(setgid(1000) || setuid(1000) ? -1 : 0, "setuid");
		check_errno(try_channel(&args), EPERM, "RAW without CAP_NET_RAW");
		must(unshare(CLONE_NEWUSER), "a user namespace");
		check_errno(try_channel(&args), EPERM, "root of another user namespace");
		must(unshare(CLONE_NEWNET), "a network namespace");
		args = raw_args("0.0.0.0", NULL, PROTOCOL);
		close(must(try_channel(&args), "root of its own network namespace"));
		_exit(0);
	}
	check(!finish(child), "users without privilege");
	child = fork();
	if (!child) {
		keep_capabilities(1ULL << CAP_NET_RAW);
		close(must(try_channel(&args), "RAW with CAP_NET_RAW only"));
		check_errno(try_channel(&lite), EPERM, "the same, a protocol of the kernel's");
		_exit(0);
	}
	check(!finish(child), "a user with CAP_NET_RAW");
	child = fork();
	if (!child) {
		keep_capabilities(1ULL << CAP_NET_ADMIN);
		check_errno(try_channel(&args), EPERM, "RAW with CAP_NET_ADMIN only");
		_exit(0);
	}
	check(!finish(child), "a user with CAP_NET_ADMIN");
	close(must(try_channel(&lite), "root takes a protocol of the kernel's"));
}

static int raw_peer(const struct bed *bed, const char *addr)
{
	struct timeval limit = { .tv_sec = 30 };
	int fd;

	enter(bed->b);
	fd = must(socket(family_of(addr), SOCK_RAW | SOCK_CLOEXEC, PROTOCOL), "raw socket");
	enter(bed->a);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

static void raw_to(int fd, const char *addr, const void *data, size_t len)
{
	union sock_addr to = sock_addr(addr, 0);

	must(sendto(fd, data, len, 0, &to.any,
		    to.any.sa_family == AF_INET ? sizeof(to.in) : sizeof(to.in6)), "raw send");
}

/* What a raw socket receives: over IPv4, with the IP header. */
static void expect_raw(int fd, const void *wanted, size_t len, bool ipv6, const char *what)
{
	size_t skip = ipv6 ? 0 : 20;
	char buf[4000];
	int got = recv(fd, buf, sizeof(buf), 0);

	check(got == (int)(len + skip) && !memcmp(buf + skip, wanted, len), "%s (%d bytes)", what,
	      got);
}

static void both_ways(const struct bed *bed, const char *local, const char *remote)
{
	struct netchannel_create args = raw_args(local, remote, PROTOCOL);
	bool ipv6 = family_of(local) == AF_INET6;
	int ch = must(try_channel(&args), "CREATE"), peer = raw_peer(bed, remote);
	struct netchannel_recv r;
	static const char huge[65536];
	char big[3000], buf[4000];
	size_t i;

	check(args.local.port == htons(PROTOCOL), "CREATE tells the protocol for a port");
	check_errno(try_channel(&args), EADDRINUSE, "the flow is taken");
	raw_to(peer, local, "some bytes", 10);
	check(nc_recv(ch, buf, sizeof(buf), 0, FAR_FUTURE, &r) == 10 &&
	      !memcmp(buf, "some bytes", 10), "RECV of what is behind the IP header");
	check(r.remote.port == htons(PROTOCOL) && r.local.port == htons(PROTOCOL) &&
	      !memcmp(&r.remote, &args.remote, sizeof(r.remote)), "from the remote");
	raw_to(peer, local, "", 0);
	check(nc_recv(ch, buf, sizeof(buf), 0, FAR_FUTURE, &r) == 0, "nothing behind it");
	for (i = 0; i < sizeof(big); i++)
		big[i] = i * 7;
	raw_to(peer, local, big, sizeof(big));
	if (!ipv6)	/* fragments of IPv6 are not for RAW */
		expect(ch, big, sizeof(big), "a packet in fragments");
	must(nc_send(ch, "reply", 5, 0), "SEND");
	expect_raw(peer, "reply", 5, ipv6, "the raw socket receives");
	must(nc_send(ch, big, sizeof(big), 0), "SEND of 3000 bytes");
	expect_raw(peer, big, sizeof(big), ipv6, "in fragments, too");
	check_errno(nc_send(ch, huge, sizeof(huge), 0), EMSGSIZE, "SEND of 65536 bytes");
	close(peer);
	close(ch);
}

/* A forged header does no more than that of a datagram. */
static void packets(const struct bed *bed)
{
	struct netchannel_create args = raw_args(ADDR_A, ADDR_B, PROTOCOL);
	uint8_t p[64] = { 0x45, 0x10 }, buf[100];
	struct iphdr *ip = (struct iphdr *)p;
	struct captured c;
	int ch, peer = raw_peer(bed, ADDR_B), capture;
	bool good;

	args.format = NETCHANNEL_FORMAT_PACKET;
	ch = channel_of(args);
	raw_to(peer, ADDR_A, "whole", 5);
	check(nc_recv(ch, buf, sizeof(buf), 0, FAR_FUTURE, NULL) == 25 && buf[0] == 0x45 &&
	      buf[9] == PROTOCOL && !memcmp(buf + 20, "whole", 5),
	      "format PACKET: from the IP header on");
	enter(bed->b);
	capture = start_capture("v1");
	enter(bed->a);
	ip->ttl = 9;
	ip->protocol = IPPROTO_ICMP;
	ip->saddr = inet_addr("1.2.3.4");
	ip->daddr = inet_addr("10.0.0.77");
	memcpy(p + 20, "forged", 6);
	must(nc_send(ch, p, 26, 0), "SEND");
	good = next_captured(capture, &c, 30000);
	check(good && c.ip.saddr == inet_addr(ADDR_A) && c.ip.daddr == inet_addr(ADDR_B) &&
	      c.ip.protocol == PROTOCOL && c.ip.ttl == 9 && c.ip.tos == 0x10,
	      "the wire has the channel's addresses and protocol");
	check_errno(nc_send(ch, p, 19, 0), EINVAL, "SEND of 19 bytes");
	close(capture);
	close(peer);
	close(ch);
}

/* Wants packets whose first byte behind the IP header is 'y'. */
static struct sock_filter wants_y[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 20),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 0, 1),
	BPF_STMT(BPF_RET | BPF_K, ~0U),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

static struct netchannel_create filter_args(void *filter, uint32_t len)
{
	struct netchannel_create args = raw_args(ADDR_A, ADDR_B, PROTOCOL);

	args.filter = (uintptr_t)filter;
	args.filter_len = len;
	return args;
}

static void without_remote(const struct bed *bed)
{
	struct netchannel_create args = raw_args("0.0.0.0", NULL, PROTOCOL);
	struct netchannel_create one = raw_args(ADDR_A, "10.0.0.9", PROTOCOL);
	int any = channel_of(args), other, peer = raw_peer(bed, ADDR_B);

	raw_to(peer, ADDR_A, "hello", 5);
	expect(any, "hello", 5, "RAW without a remote, on any address");
	must(nc_send_to(any, "answer", 6, ADDR_B, PROTOCOL), "SEND to an address");
	expect_raw(peer, "answer", 6, false, "the raw socket receives");
	check_errno(nc_send_to(any, "x", 1, ADDR_B, PROTOCOL + 1), EINVAL, "SEND to another port");
	check_errno(nc_send(any, "x", 1, 0), EDESTADDRREQ, "SEND to nobody");
	/* a nearer one takes nothing from it but what is its own */
	other = channel_of(one);
	raw_to(peer, ADDR_A, "again", 5);
	expect(any, "again", 5, "beside a channel of its address and another remote");
	check(!stats_of(other).rx_packets, "which has nothing of it");
	close(other);
	one = filter_args(wants_y, 4);
	one.remote = nc_addr(NULL, 0);
	other = channel_of(one);
	raw_to(peer, ADDR_A, "no", 2);
	expect(any, "no", 2, "beside one whose filter does not want it");
	raw_to(peer, ADDR_A, "yes", 3);
	expect(other, "yes", 3, "that has what it wants");
	close(other);
	close(any);
	close(peer);
}

/* Does ICMP protocol unreachable come, within a while? */
static bool is_refused(int capture, int wait_ms)
{
	struct captured c;

	while (next_captured(capture, &c, wait_ms)) {
		if (c.ip.protocol == IPPROTO_ICMP && c.icmp.type == ICMP_DEST_UNREACH &&
		    c.icmp.code == ICMP_PROT_UNREACH)
			return true;
	}
	return false;
}

static void silence(const struct bed *bed)
{
	int ch = channel_of(raw_args(ADDR_A, ADDR_B, PROTOCOL)), peer = raw_peer(bed, ADDR_B);
	int capture;

	enter(bed->b);
	capture = start_capture("v1");
	enter(bed->a);
	raw_to(peer, ADDR_A, "x", 1);
	expect(ch, "x", 1, "a claimed packet");
	check(!is_refused(capture, 200), "the kernel does not answer it");
	close(ch);
	raw_to(peer, ADDR_A, "x", 1);
	check(is_refused(capture, 30000), "it answers again after close");
	close(capture);
	close(peer);
}

/* More than rx_bytes: each packet is received or counted. */
static void bounded(const struct bed *bed)
{
	struct netchannel_create args = raw_args(ADDR_A, ADDR_B, PROTOCOL);
	int peer = raw_peer(bed, ADDR_B), ch, i, got = 0;
	struct netchannel_stats s;
	char data[500] = "";

	args.rx_bytes = 16384;
	ch = channel_of(args);
	for (i = 0; i < 100; i++)
		raw_to(peer, ADDR_A, data, sizeof(data));
	stats_at(ch, 100);
	while (nc_recv(ch, data, sizeof(data), NETCHANNEL_DONTWAIT, 0, NULL) >= 0)
		got++;
	s = stats_of(ch);
	check(got > 5 && got < 50 && s.rx_dropped_full == (uint64_t)(100 - got),
	      "of 100 packets, %d found room", got);
	close(ch);
	close(peer);
}

static void bad_filter(void *filter, uint32_t len, int wanted, const char *what)
{
	struct netchannel_create args = filter_args(filter, len);

	check_errno(try_channel(&args), wanted, what);
}

static void bad_filters(void)
{
	static struct sock_filter endless[NETCHANNEL_FILTER_MAX + 1];
	struct sock_filter outside[] = {
		BPF_JUMP(BPF_JMP | BPF_JA, 100, 0, 0), BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct netchannel_create args = create_args(ADDR_A, 7100, ADDR_B, 7101);

	bad_filter((void *)8, 4, EFAULT, "a filter that is not mapped");
	bad_filter(wants_y, 0, EINVAL, "a filter of no instructions");
	bad_filter(NULL, 4, EINVAL, "a length without a filter");
	bad_filter(endless, NETCHANNEL_FILTER_MAX + 1, EINVAL, "a filter too long");
	bad_filter(endless, NETCHANNEL_FILTER_MAX, EINVAL, "one without an end");
	bad_filter(outside, 2, EINVAL, "one that jumps out of itself");
	args.filter = (uintptr_t)wants_y;
	args.filter_len = 4;
	check_errno(try_channel(&args), EINVAL, "a filter for UDP");
}

static void filtered(const struct bed *bed)
{
	int ch = channel_of(filter_args(wants_y, 4)), peer = raw_peer(bed, ADDR_B);
	int other = must(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, PROTOCOL), "raw socket");

	raw_to(peer, ADDR_A, "no", 2);
	raw_to(peer, ADDR_A, "yes", 3);
	raw_to(peer, ADDR_A, "", 0);
	expect(ch, "yes", 3, "the channel has what its filter wants");
	expect_nothing(ch, "and nothing else");
	expect_raw(other, "no", 2, false, "a raw socket has the rest");
	expect_raw(other, "", 0, false, "also what the filter could not read");
	check(recv(other, wants_y, 1, MSG_DONTWAIT | MSG_PEEK) < 0, "but not the first");
	close(other);
	close(peer);
	close(ch);
}

/* What the filter does not want is answered as if there were no channel. */
static void unwanted(const struct bed *bed)
{
	int ch = channel_of(filter_args(wants_y, 4)), peer = raw_peer(bed, ADDR_B);
	int other, capture;

	enter(bed->b);
	capture = start_capture("v1");
	enter(bed->a);
	raw_to(peer, ADDR_A, "no", 2);
	check(is_refused(capture, 30000), "what nobody wants is refused");
	other = must(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, PROTOCOL), "raw socket");
	raw_to(peer, ADDR_A, "no", 2);
	expect_raw(other, "no", 2, false, "what a raw socket takes");
	check(!is_refused(capture, 100), "is not");
	close(other);
	close(capture);
	close(peer);
	close(ch);
}

/* ICMP is of no RAW channel's own, and so still heard by the others. */
static void icmp_beside(const struct bed *bed)
{
	int raw = channel_of(raw_args(ADDR_A, ADDR_B, PROTOCOL));
	int ch = channel(ADDR_A, 7100, ADDR_B, 7101);
	int any = channel_of(raw_args("0.0.0.0", NULL, PROTOCOL + 1));
	char c;

	must(nc_send(ch, "x", 1, 0), "SEND to a port that nobody has");
	wait_errors(ch, 1);
	check_errno(nc_recv(ch, &c, 1, NETCHANNEL_DONTWAIT, 0, NULL), ECONNREFUSED,
		    "beside channels of type RAW, RECV");
	close(any);
	close(raw);
	close(ch);
}

/* Filters go while packets are being filtered. */
static void filters_in_traffic(const struct bed *bed)
{
	int i, count = count_of(50, 5000), peer = raw_peer(bed, ADDR_B);
	pid_t flood = fork();

	if (!flood) {
		for (;;)
			raw_to(peer, ADDR_A, "yes", 3);
	}
	for (i = 0; i < count; i++)
		close(channel_of(filter_args(wants_y, 4)));
	kill(flood, SIGKILL);
	waitpid(flood, NULL, 0);
	close(peer);
	check(true, "%d filters came and went under traffic", count);
}

int main(void)
{
	struct bed bed = new_bed();

	discard(&bed);
	not_counted_before();
	privileges();
	both_ways(&bed, ADDR_A, ADDR_B);
	both_ways(&bed, ADDR6_A, ADDR6_B);
	packets(&bed);
	without_remote(&bed);
	silence(&bed);
	bounded(&bed);
	bad_filters();
	filtered(&bed);
	unwanted(&bed);
	icmp_beside(&bed);
	filters_in_traffic(&bed);
	return 0;
}
