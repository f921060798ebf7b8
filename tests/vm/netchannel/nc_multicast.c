// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams to groups and broadcasts, from sockets of the peer's to channels and back:
 * who hears them, and how they go.
 */
#include "ring.h"

#include "../../ioctl_32.h"

#define PORT	7500

struct family {
	const char *any, *a, *b, *group, *other, *stranger;
	int header_bytes;
};

static const struct family families[] = {
	{ "0.0.0.0", ADDR_A, ADDR_B, "239.1.2.3", "239.1.2.4", "10.0.0.9", 28 },
	{ "::", ADDR6_A, ADDR6_B, "ff0e::123", "ff0e::124", "fd00::9", 48 },
};

static struct bed bed;

static struct netchannel_membership membership_args(const char *group, const char *source,
						    uint32_t flags, uint32_t ifindex)
{
	return (struct netchannel_membership){
		.size = sizeof(struct netchannel_membership), .flags = flags,
		.ifindex = ifindex, .group = nc_addr(group, 0), .source = nc_addr(source, 0),
	};
}

static int membership(int ch, const char *group, const char *source, uint32_t flags,
		      uint32_t ifindex)
{
	struct netchannel_membership args = membership_args(group, source, flags, ifindex);

	return ioctl(ch, NETCHANNEL_MEMBERSHIP, &args);
}

static int multicast(int ch, uint32_t flags, uint32_t ttl, uint32_t ifindex)
{
	struct netchannel_multicast args = {
		.size = sizeof(args), .flags = flags, .ttl = ttl, .ifindex = ifindex,
	};

	return ioctl(ch, NETCHANNEL_MULTICAST, &args);
}

/* In namespace B, which sends to groups by v1. */
static int peer_socket(const char *addr)
{
	int fd, index, on = 1;

	enter(bed.b);
	fd = udp_socket(addr, 7501, NULL, 0);
	index = if_nametoindex("v1");
	if (family_of(addr) == AF_INET6)
		must(setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof(index)), "IF");
	must(setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)), "SO_BROADCAST");
	enter(bed.a);
	return fd;
}

/* Of either side: it is where the caller is. */
static int member_socket(const struct family *f, const char *device)
{
	int fd = udp_socket(f->any, 7502, NULL, 0);
	struct group_req group = { .gr_interface = if_nametoindex(device) };
	union sock_addr addr = sock_addr(f->group, 0);

	memcpy(&group.gr_group, &addr, sizeof(addr));
	must(setsockopt(fd, family_of(f->any) == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
			MCAST_JOIN_GROUP, &group, sizeof(group)), "MCAST_JOIN_GROUP");
	return fd;
}

/* After what goes to the group, one that is sure to arrive: nothing came before it. */
static void expect_unheard(int ch, int peer, const struct family *f, const char *to,
			   const char *what)
{
	must(send_to(peer, "for many", 8, to, PORT), "sendto");
	must(send_to(peer, "for one", 7, f->a, PORT), "sendto");
	expect(ch, "for one", 7, what);
}

static void expect_heard(int ch, int peer, const char *to, const char *what)
{
	struct netchannel_addr wanted = nc_addr(to, PORT);
	struct netchannel_recv r;
	char buf[100];

	must(send_to(peer, "for many", 8, to, PORT), "sendto");
	check(nc_recv(ch, buf, sizeof(buf), 0, 30 * SECOND, &r) == 8 &&
	      !memcmp(&r.local, &wanted, sizeof(wanted)), "%s", what);
}

static void groups(const struct family *f)
{
	int ch = channel(f->any, PORT, NULL, 0), peer = peer_socket(f->b);
	int v0 = if_nametoindex("v0"), other = member_socket(f, "v0");

	expect_unheard(ch, peer, f, f->group, "a group that a socket has joined");
	must(membership(ch, f->group, NULL, 0, v0), "join");
	expect_heard(ch, peer, f->group, "the group that the channel has joined");
	expect_unheard(ch, peer, f, f->other, "not another one");
	must(membership(ch, f->other, NULL, 0, 0), "join by the route's device");
	expect_heard(ch, peer, f->other, "another one");
	must(membership(ch, f->group, NULL, NETCHANNEL_LEAVE, v0), "leave");
	expect_unheard(ch, peer, f, f->group, "a group that was left");
	check_errno(membership(ch, f->group, NULL, NETCHANNEL_LEAVE, v0), EADDRNOTAVAIL,
		    "leave once more");
	check_errno(membership(ch, f->group, NULL, 0, 9999), ENODEV, "no such device");
	check(stats_of(ch).rx_packets == 5, "all are counted");
	close(ch);
	ch = channel(f->any, PORT, NULL, 0);
	expect_unheard(ch, peer, f, f->other, "memberships end with the channel");
	close(ch);
	close(other);
	close(peer);
}

/* RFC 4607 */
static void sources(const struct family *f)
{
	int ch = channel(f->any, PORT, NULL, 0), peer = peer_socket(f->b);
	int v0 = if_nametoindex("v0");

	must(membership(ch, f->group, f->stranger, 0, v0), "join for a source");
	expect_unheard(ch, peer, f, f->group, "a group, of another source");
	must(membership(ch, f->group, f->b, 0, v0), "join for a second source");
	expect_heard(ch, peer, f->group, "one of the sources");
	must(membership(ch, f->group, f->b, NETCHANNEL_LEAVE, v0), "leave it");
	expect_unheard(ch, peer, f, f->group, "a source that was left");
	close(ch);
	close(peer);
}

/* The kernel has another layout of a group and a source for 32-bit programs. */
static void narrow(const struct family *f)
{
	int ch = channel(f->any, PORT, NULL, 0), peer = peer_socket(f->b);
	struct netchannel_membership *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
						 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int v0 = if_nametoindex("v0");

	check(low != MAP_FAILED, "memory below 4 GiB");
	*low = membership_args(f->group, NULL, 0, v0);
	must(ioctl_32(ch, NETCHANNEL_MEMBERSHIP, low), "a 32-bit program joins");
	expect_heard(ch, peer, f->group, "the group that it has joined");
	low->flags = NETCHANNEL_LEAVE;
	must(ioctl_32(ch, NETCHANNEL_MEMBERSHIP, low), "leaves");
	*low = membership_args(f->group, f->b, 0, v0);
	must(ioctl_32(ch, NETCHANNEL_MEMBERSHIP, low), "and joins for a source");
	expect_heard(ch, peer, f->group, "the group's source");
	low->flags = NETCHANNEL_LEAVE;
	must(ioctl_32(ch, NETCHANNEL_MEMBERSHIP, low), "and leaves");
	expect_unheard(ch, peer, f, f->group, "what was left");
	munmap(low, 4096);
	close(ch);
	close(peer);
}

static int listener(const struct family *f)
{
	struct netchannel_create args = create_args(f->any, PORT, NULL, 0);

	args.type = NETCHANNEL_TYPE_LISTEN;
	return must(try_channel(&args), "CREATE of a listener");
}

/* Children of a listener stay, and memberships would stay with them. */
static void after_listeners(const struct family *f)
{
	struct netchannel_accept accept = {
		.size = sizeof(accept), .type = NETCHANNEL_TYPE_COPY, .listener = listener(f),
		.timeout_ns = 30 * SECOND,
	};
	struct netchannel_create args = create_args(f->any, PORT, NULL, 0);
	int child = open_device(), peer = peer_socket(f->b), ch, v0 = if_nametoindex("v0");

	must(send_to(peer, "opens", 5, f->a, PORT), "sendto");
	must(ioctl(child, NETCHANNEL_ACCEPT, &accept), "ACCEPT");
	close(accept.listener);
	ch = channel(f->any, PORT, NULL, 0);
	check_errno(membership(ch, f->group, NULL, 0, v0), EBUSY, "join beside a child");
	check_errno(membership(ch, f->group, NULL, NETCHANNEL_LEAVE, v0), EADDRNOTAVAIL, "leave");
	close(ch);
	if (family_of(f->any) == AF_INET) {
		args.flags = NETCHANNEL_BROADCAST;
		check_errno(try_channel(&args), EADDRINUSE, "BROADCAST beside a child");
	}
	close(listener(f));
	check(true, "what was refused has left nothing");
	ch = channel(f->any, PORT, NULL, 0);
	close(child);
	must(membership(ch, f->group, NULL, 0, v0), "join without a child");
	expect_heard(ch, peer, f->group, "the group");
	close(ch);
	close(peer);
}

/* A remote of the link's scope needs a source of the link's, which is not supported. */
static void link_scope(void)
{
	struct netchannel_create args = create_args("::", PORT, "ff02::123", 7501);

	run("/usr/bin/ip addr add fe80::77/64 dev v0 nodad");
	wait_usable("v0", "fe80::77");
	args.ifindex = if_nametoindex("v0");
	check_errno(try_channel(&args), EADDRNOTAVAIL, "a group of the link's scope");
	check_errno(try_simple("::", PORT, "ff02::123", 7501), EADDRNOTAVAIL, "by any device");
	args.local = nc_addr(ADDR6_A, PORT);
	close(must(try_channel(&args), "from an address of its own"));
	run("/usr/bin/ip addr del fe80::77/64 dev v0");
}

static void refused(const struct family *f)
{
	int one = channel(f->a, PORT, f->b, 7501), own = channel(f->a, PORT + 1, NULL, 0);
	struct netchannel_create args = tcp_args(f->any, PORT, NULL, 0);
	int any = channel(f->any, PORT + 2, NULL, 0), tcp = channel_of(args), listening;
	struct netchannel_membership bad = { .size = sizeof(bad) - 1 };
	bool ipv6 = family_of(f->any) == AF_INET6;
	int v0 = if_nametoindex("v0");

	args = create_args(f->any, PORT + 3, NULL, 0);
	args.type = NETCHANNEL_TYPE_LISTEN;
	listening = channel_of(args);
	check_errno(membership(one, f->group, NULL, 0, v0), EOPNOTSUPP, "who has a remote");
	check_errno(membership(own, f->group, NULL, 0, v0), EOPNOTSUPP, "or an address");
	check_errno(membership(tcp, f->group, NULL, 0, v0), EOPNOTSUPP, "or is of TCP");
	check_errno(membership(listening, f->group, NULL, 0, v0), EOPNOTSUPP, "or listens");
	check_errno(membership(any, f->b, NULL, 0, v0), EINVAL, "no group");
	check_errno(membership(any, f->group, NULL, 2, v0), EINVAL, "flags");
	check_errno(membership(any, families[!ipv6].group, NULL, 0, v0), EAFNOSUPPORT, "family");
	check_errno(ioctl(any, NETCHANNEL_MEMBERSHIP, &bad), EINVAL, "size");
	check_errno(membership(open_device(), f->group, NULL, 0, v0), ENOTCONN, "before CREATE");
	must(membership(any, f->group, NULL, 0, v0), "join");
	check_errno(membership(any, f->group, NULL, 0, v0), EADDRINUSE, "join twice");
	must(membership(any, f->other, f->b, 0, v0), "join for a source");
	check_errno(membership(any, f->other, f->b, 0, v0), EADDRNOTAVAIL, "twice");
	check_errno(multicast(tcp, 0, 1, 0), EOPNOTSUPP, "MULTICAST of TCP");
	check_errno(multicast(any, 0, 256, 0), EINVAL, "ttl");
	check_errno(multicast(any, 2, 1, 0), EINVAL, "flags");
	check_errno(multicast(any, 0, 1, 9999), ENODEV, "no such device");
	check_errno(nc_send_to(tcp, "x", 1, f->group, 1), EINVAL, "PACKET has no remote");
	args = tcp_args(f->a, PORT, f->group, 1);
	check_errno(try_channel(&args), EOPNOTSUPP, "a connection of TCP with a group");
	close(one);
	close(own);
	close(any);
	close(tcp);
	close(listening);
}

/* The TTL of the next datagram to the group that a capture sees; 0: none comes. */
static int captured_ttl(int capture, const struct family *f)
{
	struct pollfd wait = { .fd = capture, .events = POLLIN };
	bool ipv6 = family_of(f->any) == AF_INET6;
	uint8_t p[200];
	int n;

	while (poll(&wait, 1, 5000) > 0) {
		n = recv(capture, p, sizeof(p), 0);
		if (n >= f->header_bytes && p[0] >> 4 == (ipv6 ? 6 : 4) &&
		    p[ipv6 ? 6 : 9] == IPPROTO_UDP)
			return p[ipv6 ? 7 : 8];
	}
	return 0;
}

static void send_each_way(const struct family *f, int ch, struct ring *ring, int capture,
			  int wanted, const char *what)
{
	struct netchannel_descriptor *d;

	must(nc_send_to(ch, "to many", 7, f->group, 7502), "SEND to a group");
	check(captured_ttl(capture, f) == wanted, "%s", what);
	d = ring_push(ring, 0, 7);
	d->remote = nc_addr(f->group, 7502);
	memcpy(ring->arena, "to many", 7);
	ring_publish(ring);
	must(ring_kick(ring, 0, 0), "KICK");
	check(!d->result && captured_ttl(capture, f) == wanted, "and of a ring");
}

static void sending(const struct family *f)
{
	int ch = channel(f->a, PORT, NULL, 0), peer, capture, own = member_socket(f, "v0"), to;
	struct ring ring = open_ring(ring_args(f->any, PORT + 1, NULL, 0));
	int v0 = if_nametoindex("v0");
	char c;

	enter(bed.b);
	peer = member_socket(f, "v1");
	capture = start_capture("v1");
	enter(bed.a);
	if (family_of(f->any) == AF_INET6)
		must(multicast(ch, 0, 0, v0) | multicast(ring.fd, 0, 0, v0), "MULTICAST");
	send_each_way(f, ch, &ring, capture, 1, "the time to live is 1");
	expect_socket(peer, "to many", 7, "the peer's member has it");
	expect_socket(peer, "to many", 7, "twice");
	expect_socket(own, "to many", 7, "and that of the same host");
	expect_socket(own, "to many", 7, "twice");
	must(multicast(ch, NETCHANNEL_NO_LOOP, 7, v0), "MULTICAST");
	must(multicast(ring.fd, NETCHANNEL_NO_LOOP, 7, v0), "MULTICAST");
	send_each_way(f, ch, &ring, capture, 7, "as MULTICAST says");
	expect_socket(peer, "to many", 7, "the peer's has it");
	check(recv(own, &c, 1, MSG_DONTWAIT) < 0, "its own host has not");
	close_ring(&ring);
	close(ch);
	/* a remote, as of a connected socket */
	to = channel(f->a, PORT, f->group, 7502);
	must(multicast(to, 0, 9, v0), "MULTICAST");
	must(nc_send(to, "to many", 7, 0), "SEND to a remote that is a group");
	check(captured_ttl(capture, f) == 9, "the same");
	close(to);
	close(own);
	close(peer);
	close(capture);
}

/* Which device: of two, the one that MULTICAST names. */
static void devices(const struct family *f)
{
	int ch, capture;

	run("/usr/bin/ip link add v2 type veth peer name v3 && /usr/bin/ip addr add 10.1.0.1/24 dev v2"
	    " && /usr/bin/ip addr add fd01::1/64 dev v2 nodad && /usr/bin/ip link set v3 up &&"
	    " /usr/bin/ip link set v2 up");
	wait_usable("v2", "fd01::1");
	capture = start_capture("v3");
	ch = channel(f->any, PORT, NULL, 0);
	must(multicast(ch, 0, 5, if_nametoindex("v2")), "MULTICAST");
	must(nc_send_to(ch, "x", 1, f->group, 7502), "SEND");
	check(captured_ttl(capture, f) == 5, "it goes by the device that MULTICAST names");
	run("/usr/bin/ip link del v2");
	check_errno(nc_send_to(ch, "x", 1, f->group, 7502),
		    family_of(f->any) == AF_INET ? ENODEV : ENETUNREACH, "when that has gone");
	close(ch);
	close(capture);
}

static void broadcasts(const char *to)
{
	const struct family *f = &families[0];
	struct netchannel_create args = create_args("0.0.0.0", PORT, NULL, 0);
	int ch = channel_of(args), peer = peer_socket(ADDR_B), receiver;
	int own = member_socket(f, "v0");	/* the host has joined the group */

	enter(bed.b);
	receiver = udp_socket("0.0.0.0", 7502, NULL, 0);
	enter(bed.a);
	check_errno(nc_send_to(ch, "x", 1, to, 7502), EACCES, "SEND without the flag");
	expect_unheard(ch, peer, f, to, "what is broadcast is not for it");
	close(ch);
	args.flags = NETCHANNEL_BROADCAST;
	ch = channel_of(args);
	must(nc_send_to(ch, "to all", 6, to, 7502), "SEND with the flag");
	expect_socket(receiver, "to all", 6, "a socket receives it");
	expect_heard(ch, peer, to, "and the channel what is broadcast");
	expect_unheard(ch, peer, f, "239.1.2.3", "but no groups that it has not joined");
	close(ch);
	close(own);
	close(peer);
	close(receiver);
}

/* IP's, in a frame to v0 alone, as links have it that know no broadcasts. */
static void send_framed_broadcast(void)
{
	struct { struct iphdr ip; struct udphdr udp; char data[8]; } p;
	int raw;

	make_packet((uint8_t *)&p, 7501, PORT, "for many", 8);
	p.ip.daddr = inet_addr("10.0.0.255");
	p.ip.check = 0;
	p.ip.check = htons(fold16(sum16(&p.ip, sizeof(p.ip), 0)));
	p.udp.check = 0;	/* none */
	enter(bed.b);
	raw = raw_socket();
	raw_send(raw, "v1", &p, sizeof(p));
	close(raw);
	enter(bed.a);
}

static void framed_broadcasts(void)
{
	struct netchannel_create args = create_args("0.0.0.0", PORT, NULL, 0);
	int ch = channel_of(args), peer = peer_socket(ADDR_B);

	must(membership(ch, "239.1.2.3", NULL, 0, 0), "join");
	send_framed_broadcast();
	must(send_to(peer, "for one", 7, ADDR_A, PORT), "sendto");
	expect(ch, "for one", 7, "a broadcast in a frame to one host is a broadcast");
	close(ch);
	args.flags = NETCHANNEL_BROADCAST;
	ch = channel_of(args);
	send_framed_broadcast();
	expect(ch, "for many", 8, "and heard as one");
	close(ch);
	close(peer);
}

/* The flag is also who sends only: a port of an address of its own hears none. */
static void own_address(void)
{
	struct netchannel_create args = create_args(ADDR_A, PORT, NULL, 0);
	int one, ch;

	args.flags = NETCHANNEL_BROADCAST;
	ch = channel_of(args);
	one = channel(ADDR_A, PORT, ADDR_B, 7501);
	close(ch);
	close(channel_of(args));
	close(channel(ADDR_A, PORT, NULL, 0));
	close(one);
	check(true, "channels without remote come and go beside one with");
}

/* A ring hears as others do. */
static void rings(void)
{
	struct ring ring = open_ring(ring_args("0.0.0.0", PORT, NULL, 0));
	int peer = peer_socket(ADDR_B);

	must(membership(ring.fd, "239.1.2.3", NULL, 0, 0), "join");
	must(send_to(peer, "for many", 8, "239.1.2.3", PORT), "sendto");
	ring_expect(&ring, "for many", 8, "a ring");
	must(send_to(peer, "", 0, "239.1.2.3", PORT), "sendto");
	ring_expect(&ring, "", 0, "hears also what is empty");
	close_ring(&ring);
	close(peer);
}

int main(void)
{
	size_t i;

	bed = new_bed();
	run("/usr/bin/ip route add 224.0.0.0/4 dev v0 && /usr/bin/ip route add 255.255.255.255 dev v0");
	enter(bed.b);
	run("/usr/bin/ip route add 224.0.0.0/4 dev v1 && /usr/bin/ip route add 255.255.255.255 dev v1");
	enter(bed.a);
	for (i = 0; i < 2; i++) {
		groups(&families[i]);
		sources(&families[i]);
		narrow(&families[i]);
		after_listeners(&families[i]);
		refused(&families[i]);
		sending(&families[i]);
		devices(&families[i]);
	}
	broadcasts("10.0.0.255");
	broadcasts("255.255.255.255");
	framed_broadcasts();
	own_address();
	link_scope();
	rings();
	return 0;
}
