// SPDX-License-Identifier: GPL-2.0
/*
 * The attach mode FAST: who may, what is taken at a device's ingress, what is
 * left to the kernel, and that both directions are seen by a capture.
 */
#include "tcp.h"

#include <linux/if_ether.h>
#include <linux/virtio_net.h>
#include <netinet/ip6.h>
#include <sys/mount.h>

#define PORT_A 7000
#define PORT_B 7001

static struct bed bed;

static struct netchannel_create fast_args(uint32_t type, int port_a, int port_b)
{
	struct netchannel_create args = create_args(ADDR_A, port_a, ADDR_B, port_b);

	args.type = type;
	args.flags = NETCHANNEL_FAST;
	args.ifindex = if_nametoindex("v0");
	return args;
}

static int peer_socket(int port_b, int port_a)
{
	int fd;

	enter(bed.b);
	fd = udp_socket(ADDR_B, port_b, ADDR_A, port_a);
	enter(bed.a);
	return fd;
}

/* N7: CAP_NET_ADMIN in the owner of the namespace, and nothing less. */
static void privilege(void)
{
	struct netchannel_create args = fast_args(NETCHANNEL_TYPE_COPY, PORT_A, PORT_B);
	pid_t child = fork();
	int status;

	if (!child) {
		must(setgid(1000) || setuid(1000) ? -1 : 0, "setuid");
		check_errno(try_channel(&args), EPERM, "FAST without CAP_NET_ADMIN");
		args.flags = 0;
		close(must(try_channel(&args), "the default mode"));
		args.flags = NETCHANNEL_FAST;
		must(unshare(CLONE_NEWUSER), "a user namespace");
		check_errno(try_channel(&args), EPERM, "root of another user namespace");
		must(unshare(CLONE_NEWNET), "a network namespace");
		args = create_args(LOOPBACK, PORT_A, LOOPBACK, PORT_B);
		args.flags = NETCHANNEL_FAST;
		args.ifindex = 1;
		/* lo is down, but the address is asked for first: any will do */
		args.local = nc_addr("0.0.0.0", PORT_A);
		args.remote = nc_addr(NULL, 0);
		close(must(try_channel(&args), "root of its own network namespace"));
		_exit(0);
	}
	waitpid(child, &status, 0);
	check(!status, "privileges");
}

/* Packets that reach the firewall's INPUT and OUTPUT, by what it counts. */
static void forbid(const char *hook)
{
	run("nft 'add table ip t; add chain ip t c { type filter hook %s priority 0; }; "
	    "add rule ip t c udp dport { 7000, 7001 } drop'", hook);
}

static void allow(void)
{
	run("nft delete table ip t");
}

/* The neighbour is known when one packet has gone the usual way. */
static void exchange(int ch, int peer, const char *what)
{
	must(nc_send(ch, "out", 3, 0), "SEND");
	expect_socket(peer, "out", 3, what);
	must(send(peer, "in", 2, 0), "send");
	expect(ch, "in", 2, what);
}

static void past_the_firewall(void)
{
	int ch = channel_of(fast_args(NETCHANNEL_TYPE_COPY, PORT_A, PORT_B));
	int peer = peer_socket(PORT_B, PORT_A), cap, i;
	struct tally t;

	exchange(ch, peer, "before there are rules");
	forbid("input");
	must(send(peer, "in", 2, 0), "send");
	expect(ch, "in", 2, "what INPUT drops");
	allow();
	forbid("output");
	must(nc_send(ch, "out", 3, 0), "SEND");
	expect_socket(peer, "out", 3, "what OUTPUT drops");
	allow();
	cap = start_capture("v0");
	for (i = 0; i < 5; i++)
		exchange(ch, peer, "captured");
	t = tally(cap, PORT_A, PORT_B, 10);
	check(t.udp_in == 5 && t.udp_out == 5 && !t.foreign && !t.unreachable,
	      "a capture sees both directions (%d, %d), and the kernel is silent", t.udp_in,
	      t.udp_out);
	close(cap);
	close(ch);
	check(send(peer, "x", 1, 0) == 1 && recv(peer, &t, 1, 0) < 0 && errno == ECONNREFUSED,
	      "after close the kernel answers again");
	close(peer);
}

/* As rings, and with batches. */
static void on_rings(void)
{
	struct ring r = open_ring(fast_args(NETCHANNEL_TYPE_RING, PORT_A, PORT_B));
	int peer = peer_socket(PORT_B, PORT_A), i;
	char c;

	check(!ring_send(&r, "first", 5), "a ring");
	expect_socket(peer, "first", 5, "arrives");
	forbid("output");
	for (i = 0; i < 64; i++) {
		r.arena[i] = i;
		ring_push(&r, i, 1);
	}
	ring_publish(&r);
	check(ring_kick(&r, 0, 0) == 64, "64 in one call");
	for (i = 0; i < 64; i++)
		if (recv(peer, &c, 1, 0) != 1 || c != i)
			check(false, "packet %d", i);
	check(true, "arrive in order, past OUTPUT");
	allow();
	must(send(peer, "ring", 4, 0), "send");
	ring_expect(&r, "ring", 4, "and back");
	close_ring(&r);
	close(peer);
}

/* How many resets A has sent: `wanted` are waited for, more for a moment. */
static int count_resets(int capture, int wanted)
{
	struct captured c;
	int resets = 0;

	while (next_captured(capture, &c, resets < wanted ? 30000 : 200))
		resets += c.outgoing && c.ip.protocol == IPPROTO_TCP && c.tcp.rst;
	return resets;
}

/* N14: the kernel's TCP does not know the connection, and says nothing, until it is closed. */
static void tcp_is_silent(void)
{
	struct netchannel_create args = tcp_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	struct tcp t = { .family = AF_INET, .remote_port = PORT_B };
	struct segment s;
	struct ring ring;
	int wait_fd, sock, cap = start_capture("v0");

	args.type = NETCHANNEL_TYPE_RING;
	args.flags = NETCHANNEL_FAST;
	args.ifindex = if_nametoindex("v0");
	ring = open_ring(args);
	t.ring = &ring;
	enter(bed.b);
	wait_fd = listener(ADDR_B, PORT_B);
	enter(bed.a);
	open_active(&t);
	sock = must(accept(wait_fd, NULL, NULL), "accept");
	must(send(sock, "hello", 5, 0), "send");
	get(&t, &s);
	check(s.data_len == 5 && !memcmp(s.data, "hello", 5), "a connection of TCP by FAST");
	t.wanted += 5;
	put(&t, TH_ACK, "", 0);
	check(!count_resets(cap, 0), "the kernel sends no reset");
	close_ring(&ring);
	must(send(sock, "x", 1, 0), "send");
	check(count_resets(cap, 1) == 1, "but it does after close");
	close(cap);
	close(sock);
	close(wait_fd);
}

static void over_ipv6(void)
{
	struct netchannel_create args = create_args(ADDR6_A, PORT_A, ADDR6_B, PORT_B);
	int ch, peer;

	args.flags = NETCHANNEL_FAST;
	args.ifindex = if_nametoindex("v0");
	ch = channel_of(args);
	enter(bed.b);
	peer = udp_socket(ADDR6_B, PORT_B, ADDR6_A, PORT_A);
	enter(bed.a);
	exchange(ch, peer, "IPv6, the neighbour asked for");
	exchange(ch, peer, "IPv6");
	close(ch);
	close(peer);
}

static void send_frame(int raw, const uint8_t *p, size_t len)
{
	enter(bed.b);
	raw_send(raw, "v1", p, len);
	enter(bed.a);
}

/* What the hook must not take, and the kernel's IP drops or hands on. */
static void left_to_the_kernel(void)
{
	int ch = channel_of(fast_args(NETCHANNEL_TYPE_COPY, PORT_A, PORT_B));
	static char big[8000];
	struct netchannel_stats before = stats_of(ch), after;
	int peer = peer_socket(PORT_B, PORT_A), raw;
	struct iphdr *ip;
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_halen = 6,
		.sll_addr = { 2, 0, 0, 0, 0, 0x99 },
	};
	uint8_t p[200];
	size_t len, i;

	enter(bed.b);
	raw = raw_socket();
	to.sll_ifindex = if_nametoindex("v1");
	enter(bed.a);
	ip = (struct iphdr *)p;

	len = make_packet(p, PORT_B, PORT_A, "good", 4);
	send_frame(raw, p, len);
	expect(ch, "good", 4, "a frame made by hand");
	memset(p + len, 0xee, 20);
	send_frame(raw, p, len + 20);
	expect(ch, "good", 4, "with padding behind it");
	ip->check ^= 1;
	send_frame(raw, p, len);
	ip->check ^= 1;
	ip->version = 5;
	send_frame(raw, p, len);
	ip->version = 4;
	ip->ihl = 4;
	send_frame(raw, p, len);
	make_packet(p, PORT_B, PORT_A, "good", 4);
	for (i = 1; i < len; i++)
		send_frame(raw, p, i);
	must(sendto(raw, p, len, 0, (struct sockaddr *)&to, sizeof(to)), "to another host");
	expect_nothing(ch, "damaged, cut, or for another host");
	after = stats_of(ch);
	check(after.rx_packets == before.rx_packets + 2 && !dropped(&after), "IP has dropped them");

	((struct udphdr *)(p + 20))->check ^= 1;
	send_frame(raw, p, len);
	((struct udphdr *)(p + 20))->check ^= 1;
	((struct udphdr *)(p + 20))->len = htons(200);
	send_frame(raw, p, len);
	after = stats_at(ch, 4);
	expect_nothing(ch, "lies of UDP's header");
	check(after.rx_dropped_checksum == 1 && after.rx_dropped_malformed == 1, "counted");

	for (i = 0; i < sizeof(big); i++)
		big[i] = i * 5 + i / 256;
	must(send(peer, big, sizeof(big), 0), "send");
	expect(ch, big, sizeof(big), "fragments, which IP has reassembled");
	must(nc_send(ch, big, sizeof(big), 0), "SEND");
	expect_socket(peer, big, sizeof(big), "and sent in fragments");
	close(raw);
	close(peer);
	close(ch);
}

/*
 * A frame whose checksum the device was to write behind the packet's end, as a guest could
 * send it: that is a lie, and no lack of room.
 */
static void checksum_in_padding(void)
{
	int ch = channel_of(fast_args(NETCHANNEL_TYPE_COPY, PORT_A, PORT_B)), raw, on = 1;
	struct {
		struct virtio_net_hdr virtio;
		struct ethhdr ethernet;
		uint8_t packet[46];
	} __attribute__((packed)) frame = {
		.virtio = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = ETH_HLEN + 24,
			    .csum_offset = 6 },
		.ethernet = { .h_dest = { 2, 0, 0, 0, 0, 1 }, .h_source = { 2, 0, 0, 0, 0, 2 },
			      .h_proto = htons(ETH_P_IP) },
	};
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = ETH_ALEN };
	struct netchannel_stats s;

	make_packet(frame.packet, PORT_B, PORT_A, "", 0);
	enter(bed.b);
	raw = must(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), "AF_PACKET");
	must(setsockopt(raw, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)), "PACKET_VNET_HDR");
	to.sll_ifindex = if_nametoindex("v1");
	must(sendto(raw, &frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
	enter(bed.a);
	s = stats_at(ch, 1);
	check(s.rx_dropped_malformed == 1 && dropped(&s) == 1 && !s.rx_packets,
	      "a checksum to be written into the padding: malformed");
	close(raw);
	close(ch);
}

/*
 * A channel without remote answers whom it hears: nobody that no host can be. IP drops
 * what these seem to have sent.
 */
static void martians(void)
{
	static const char *const sources[] = {
		"224.0.0.5", "239.1.2.3", "255.255.255.255", "0.0.0.0", "127.0.0.1",
		ADDR_A,
	};
	struct netchannel_create args = fast_args(NETCHANNEL_TYPE_COPY, PORT_A, PORT_B);
	struct { struct iphdr ip; struct udphdr udp; char data[4]; } p;
	int ch, raw;
	size_t i;

	args.remote = nc_addr(NULL, 0);
	ch = channel_of(args);
	enter(bed.b);
	raw = raw_socket();
	enter(bed.a);
	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		make_packet((uint8_t *)&p, PORT_B, PORT_A, "evil", 4);
		p.ip.saddr = inet_addr(sources[i]);
		p.ip.check = 0;
		p.ip.check = htons(fold16(sum16(&p.ip, sizeof(p.ip), 0)));
		p.udp.check = 0;	/* none */
		send_frame(raw, (uint8_t *)&p, sizeof(p));
	}
	send_frame(raw, (uint8_t *)&p, make_packet((uint8_t *)&p, PORT_B, PORT_A, "good", 4));
	expect(ch, "good", 4, "after sources that no host can have");
	check(stats_of(ch).rx_packets == 1, "of these, nothing is heard");
	close(raw);
	close(ch);
}

static void martians_of_ipv6(void)
{
	static const char *const sources[] = { "ff02::1", "ff0e::1", "::1" };
	struct netchannel_create args = create_args(ADDR6_A, PORT_A, NULL, 0);
	struct { struct ip6_hdr ip; struct udphdr udp; char data[4]; } p;
	int ch, raw;
	size_t i;

	args.flags = NETCHANNEL_FAST;
	args.ifindex = if_nametoindex("v0");
	ch = channel_of(args);
	enter(bed.b);
	raw = raw_socket();
	enter(bed.a);
	for (i = 0; i <= sizeof(sources) / sizeof(sources[0]); i++) {
		bool is_good = i == sizeof(sources) / sizeof(sources[0]);

		memset(&p, 0, sizeof(p));
		p.ip.ip6_flow = htonl(6U << 28);
		p.ip.ip6_plen = htons(12);
		p.ip.ip6_nxt = IPPROTO_UDP;
		p.ip.ip6_hlim = 64;
		inet_pton(AF_INET6, is_good ? ADDR6_B : sources[i], &p.ip.ip6_src);
		inet_pton(AF_INET6, ADDR6_A, &p.ip.ip6_dst);
		p.udp.source = htons(PORT_B);
		p.udp.dest = htons(PORT_A);
		p.udp.len = htons(12);
		memcpy(p.data, is_good ? "good" : "evil", 4);
		p.udp.check = htons(fold16(sum16(&p.udp, 12,
						 sum16(&p.ip.ip6_src, 32, IPPROTO_UDP + 12))));
		send_frame(raw, (uint8_t *)&p, sizeof(p));
	}
	expect(ch, "good", 4, "IPv6: after sources that no host can have");
	check(stats_of(ch).rx_packets == 1, "of these, nothing is heard");
	close(raw);
	close(ch);
}

/* A tagged packet is the VLAN device's, whose channel has it. */
static void vlan(void)
{
	struct netchannel_create args;
	int parent, tagged, peer;
	char c;

	run("/usr/bin/ip link add link v0 name v0.5 type vlan id 5 && "
	    "/usr/bin/ip addr add 10.0.5.1/24 dev v0.5 && /usr/bin/ip link set v0.5 up");
	enter(bed.b);
	run("/usr/bin/ip link add link v1 name v1.5 type vlan id 5 && "
	    "/usr/bin/ip addr add 10.0.5.2/24 dev v1.5 && /usr/bin/ip link set v1.5 up");
	peer = udp_socket("10.0.5.2", PORT_B, "10.0.5.1", PORT_A);
	enter(bed.a);
	args = create_args("10.0.5.1", PORT_A, "10.0.5.2", PORT_B);
	args.flags = NETCHANNEL_FAST;
	args.ifindex = if_nametoindex("v0");
	parent = channel_of(args);
	/* refused by the socket's device rule: the port is one device's */
	must(send(peer, "tagged", 6, 0), "send");
	check_errno(recv(peer, &c, 1, 0), ECONNREFUSED, "a tagged packet");
	expect_nothing(parent, "at the parent device");
	close(parent);
	args.ifindex = if_nametoindex("v0.5");
	tagged = channel_of(args);
	exchange(tagged, peer, "at the VLAN's device");
	exchange(tagged, peer, "and past everything");
	close(tagged);
	close(peer);
	run("/usr/bin/ip link del v0.5");
}

/* lo: what is sent is received by the same device. */
static void loopback(void)
{
	struct netchannel_create args = create_args(LOOPBACK, PORT_A, LOOPBACK, PORT_B);
	int ch, peer;

	args.flags = NETCHANNEL_FAST;
	args.ifindex = 1;
	ch = channel_of(args);
	peer = udp_socket(LOOPBACK, PORT_B, LOOPBACK, PORT_A);
	exchange(ch, peer, "lo");
	exchange(ch, peer, "lo, again");
	close(ch);
	close(peer);
}

/* The hook is the device's: shared, and gone with it. */
static void device_goes(void)
{
	int ch[3], peer = peer_socket(PORT_B, PORT_A), i;
	struct pollfd p;
	char c;

	for (i = 0; i < 3; i++)
		ch[i] = channel_of(fast_args(NETCHANNEL_TYPE_COPY, PORT_A + i, PORT_B));
	close(ch[1]);
	exchange(ch[0], peer, "others of the device stay");
	run("/usr/bin/ip link del v0");
	p = (struct pollfd){ .fd = ch[0], .events = POLLIN };
	check(poll(&p, 1, 30000) == 1 && p.revents & POLLERR, "POLLERR when the device goes");
	check_errno(nc_recv(ch[0], &c, 1, 0, 0, NULL), ENETDOWN, "RECV");
	close(ch[0]);
	close(ch[2]);
	close(peer);
}

int main(void)
{
	bed = new_bed();
	privilege();
	past_the_firewall();
	on_rings();
	tcp_is_silent();
	over_ipv6();
	left_to_the_kernel();
	checksum_in_padding();
	martians();
	martians_of_ipv6();
	vlan();
	loopback();
	device_goes();
	return 0;
}
