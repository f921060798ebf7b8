// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams, super-frames and fragments, both ways, over the devices that channels meet:
 * a channel's end m0 at A, a socket's at B, the usual way and by FAST.
 */
#include "ring.h"

#include <linux/if_tun.h>
#include <sys/prctl.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

#define IP "/usr/bin/ip "
#define ADDR_M0 "10.9.0.1"
#define ADDR6_M0 "fd09::1"
#define ADDR_M1 "10.9.0.2"
#define ADDR6_M1 "fd09::2"

struct medium {
	const char *name;
	int tun;		/* of TUN and TAP, by a process of ours */
	/* of others: makes m0 in A, of v0 or as one end of a pair with $B; NULL: B has v1 */
	const char *make_a, *make_b;
	const char *unmake;	/* in each; NULL: m0 is deleted */
	bool is_whole;		/* a super-frame of the peer comes as one record */
	bool is_direct;		/* FAST gives it packets past its queue */
};

#define NESTED(device) \
	IP "link add link " device " name q0 type vlan protocol 802.1ad id 7 && " \
	IP "link set q0 up && " IP "link add link q0 name m0 type vlan id 5"

/* One of the machine's own, which is taken once, and put aside. */
#define TAKE(device, namespace) \
	"nsenter -t 1 -n " IP "link set " device " netns " namespace " && " \
	IP "link set " device " name m0"
#define PUT_ASIDE \
	IP "link set m0 down && " IP "link set m0 name aside && " IP "addr flush dev aside"

static const struct medium media[] = {
	{ .name = "veth of four queues", .is_whole = true, .is_direct = true,
	  .make_a = IP "link add m0 numtxqueues 4 numrxqueues 4 type veth "
		    "peer name m0 numtxqueues 4 numrxqueues 4 netns $B",
	  .make_b = "true" },
	{ .name = "virtio-net of two queues", .is_direct = true,
	  .make_a = TAKE("eth0", "$A"), .make_b = TAKE("eth1", "$B"), .unmake = PUT_ASIDE },
	{ .name = "bridge", .is_whole = true, .is_direct = true,
	  .make_a = IP "link add m0 type bridge forward_delay 0 && " IP "link set v0 master m0" },
	{ .name = "bond", .is_whole = true, .is_direct = true,
	  .make_a = IP "link set v0 down && " IP "link add m0 type bond mode active-backup && "
		    IP "link set v0 master m0" },
	{ .name = "macvlan", .is_whole = true, .is_direct = true,
	  .make_a = IP "link add link v0 name m0 type macvlan mode bridge" },
	{ .name = "VLAN", .is_whole = true,
	  .make_a = IP "link add link v0 name m0 type vlan id 5",
	  .make_b = IP "link add link v1 name m0 type vlan id 5" },
	{ .name = "VLAN in a VLAN", .make_a = NESTED("v0"), .make_b = NESTED("v1") },
	{ .name = "TUN", .tun = IFF_TUN, .is_direct = true },
	{ .name = "TAP", .tun = IFF_TAP, .is_direct = true },
};

static struct bed bed;

/* TUN and TAP: what one end sends is received by the other one, super-frames whole. */

static int tun_a, tun_b;
static pid_t forwarder;

static int open_tun(int kind)
{
	struct ifreq r = { .ifr_name = "m0", .ifr_flags = kind | IFF_NO_PI | IFF_VNET_HDR };
	unsigned int offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
	int fd = must(open("/dev/net/tun", O_RDWR | O_CLOEXEC), "/dev/net/tun");

	must(ioctl(fd, TUNSETIFF, &r), "TUNSETIFF");
	/* those of UDP came with Linux 6.2 */
	if (ioctl(fd, TUNSETOFFLOAD, offloads | TUN_F_USO4 | TUN_F_USO6))
		must(ioctl(fd, TUNSETOFFLOAD, offloads), "TUNSETOFFLOAD");
	return fd;
}

static void forward(void)
{
	struct pollfd p[] = {
		{ .fd = tun_a, .events = POLLIN }, { .fd = tun_b, .events = POLLIN },
	};
	static uint8_t frame[70000];
	int i, n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (poll(p, 2, -1) > 0) {
		for (i = 0; i < 2; i++) {
			n = p[i].revents & POLLIN ? read(p[i].fd, frame, sizeof(frame)) : 0;
			/* one that is not up yet takes none */
			if (n > 0 && write(p[!i].fd, frame, n) < 0 && errno != EIO)
				_exit(1);
		}
	}
}

static void join_tuns(int kind)
{
	tun_a = open_tun(kind);
	enter(bed.b);
	tun_b = open_tun(kind);
	enter(bed.a);
	forwarder = fork();
	if (!forwarder)
		forward();
}

static void part_tuns(void)
{
	kill(forwarder, SIGKILL);
	waitpid(forwarder, NULL, 0);
	close(tun_a);
	close(tun_b);
}

static void make(const struct medium *m)
{
	if (m->tun) {
		join_tuns(m->tun);
		return;
	}
	run("%s", m->make_a);
	enter(bed.b);
	if (m->make_b)
		run("%s", m->make_b);
	enter(bed.a);
}

static void unmake(const struct medium *m)
{
	const char *rest = m->unmake ?: IP "link del m0; " IP "link del q0; true";

	if (m->tun) {
		part_tuns();
		return;
	}
	run("(%s) 2>/dev/null", rest);
	run(IP "link set v0 up");
	enter(bed.b);
	run("(%s; " IP "addr flush dev v1) 2>/dev/null", rest);
	enter(bed.a);
}

static void wait_for_address(const struct medium *m, const char *device, const char *addr6)
{
	double limit = now() + 20;

	if (!m->tun) {
		wait_usable(device, addr6);
		return;
	}
	while (!is_local6(addr6) && now() < limit)
		usleep(1000);
}

static void set_up(const struct medium *m)
{
	const char *device_b = m->tun || m->make_b ? "m0" : "v1";

	run(IP "addr add " ADDR_M0 "/24 dev m0 && " IP "addr add " ADDR6_M0 "/64 dev m0 nodad && "
	    IP "link set m0 up");
	/* a neighbour that is known stays so, however slow the machine is */
	write_file("/proc/sys/net/ipv4/neigh/m0/base_reachable_time_ms", "600000");
	enter(bed.b);
	run(IP "addr add " ADDR_M1 "/24 dev %s && " IP "addr add " ADDR6_M1 "/64 dev %s nodad && "
	    IP "link set %s up", device_b, device_b, device_b);
	wait_for_address(m, device_b, ADDR6_M1);
	enter(bed.a);
	wait_for_address(m, "m0", ADDR6_M0);
}

/* What is exchanged. */

#define SUPER_BYTES	13077		/* the last segment is shorter */
#define SEGMENT_BYTES	1000
#define LARGE_BYTES	3000		/* in fragments */

static uint8_t message[SUPER_BYTES];

struct ends {
	const char *what;
	int copy, copy_peer;	/* a channel of type COPY and the socket that is its peer */
	struct ring ring;	/* and one of type RING */
	int ring_peer;
};

static struct ends open_ends(const char *what, const char *local, const char *remote,
			     uint32_t flags)
{
	struct netchannel_create args = create_args(local, 7000, remote, 7001);
	struct ends e = { .what = what };

	args.flags = flags;
	args.ifindex = flags ? if_nametoindex("m0") : 0;
	e.copy = channel_of(args);
	args = ring_args(local, 7010, remote, 7011);
	args.flags = flags;
	args.ifindex = flags ? if_nametoindex("m0") : 0;
	e.ring = open_ring(args);
	enter(bed.b);
	e.copy_peer = udp_socket(remote, 7001, local, 7000);
	e.ring_peer = udp_socket(remote, 7011, local, 7010);
	enter(bed.a);
	return e;
}

static void close_ends(struct ends *e)
{
	close(e->copy);
	close(e->copy_peer);
	close_ring(&e->ring);
	close(e->ring_peer);
}

static void expect_bytes(const struct ends *e, const char *where, const uint8_t *got, int bytes,
			 int at, int wanted)
{
	if (bytes != wanted || memcmp(got, message + at, bytes))
		check(false, "%s: %s, at %d: %d bytes of %d, or other ones", e->what, where, at,
		      bytes, wanted);
}

static void expect_at_socket(const struct ends *e, int sock, int at, int wanted)
{
	uint8_t got[SUPER_BYTES];

	expect_bytes(e, "at the socket", got, recv(sock, got, sizeof(got), 0), at, wanted);
}

static void expect_at_copy(const struct ends *e, int at, int wanted)
{
	uint8_t got[SUPER_BYTES];

	expect_bytes(e, "at the channel", got,
		     nc_recv(e->copy, got, sizeof(got), 0, 30 * SECOND, NULL), at, wanted);
}

static void exchange(const struct ends *e, int bytes)
{
	must(nc_send(e->copy, message, bytes, 0), e->what);
	expect_at_socket(e, e->copy_peer, 0, bytes);
	must(send(e->copy_peer, message, bytes, 0), "send");
	expect_at_copy(e, 0, bytes);
}

static int segment_at(int at)
{
	return SUPER_BYTES - at < SEGMENT_BYTES ? SUPER_BYTES - at : SEGMENT_BYTES;
}

static void send_segments(int sock)
{
	int on = SEGMENT_BYTES, off = 0;

	must(setsockopt(sock, IPPROTO_UDP, UDP_SEGMENT, &on, sizeof(on)), "UDP_SEGMENT");
	must(send(sock, message, SUPER_BYTES, 0), "send of a super-frame");
	must(setsockopt(sock, IPPROTO_UDP, UDP_SEGMENT, &off, sizeof(off)), "UDP_SEGMENT");
}

/* However many records it is: each segment is where it was. */
static int expect_at_ring(struct ends *e)
{
	struct netchannel_record *record;
	int at = 0, records = 0;
	bool cut;

	for (; at < SUPER_BYTES; at += record->len, records++) {
		must(ring_kick(&e->ring, NETCHANNEL_WAIT, 30 * SECOND), e->what);
		record = ring_peek(&e->ring);
		cut = record->segment_bytes ? record->segment_bytes == SEGMENT_BYTES :
					      (int)record->len == segment_at(at);
		if (!cut || (int)record->len > SUPER_BYTES - at ||
		    memcmp(record + 1, message + at, record->len))
			check(false, "%s: a record of %u bytes, %u each, at %d, or other ones",
			      e->what, record->len, record->segment_bytes, at);
		ring_next(&e->ring, record);
		ring_release(&e->ring);
	}
	return records;
}

static void exchange_segments(const struct medium *m, struct ends *e)
{
	int at, records;

	memcpy(e->ring.arena, message, SUPER_BYTES);
	ring_push(&e->ring, 0, SUPER_BYTES)->segment_bytes = SEGMENT_BYTES;
	ring_publish(&e->ring);
	if (ring_kick(&e->ring, 0, 0) != 1)
		check(false, "%s: KICK of a super-frame", e->what);
	for (at = 0; at < SUPER_BYTES; at += SEGMENT_BYTES)
		expect_at_socket(e, e->ring_peer, at, segment_at(at));
	send_segments(e->ring_peer);
	records = expect_at_ring(e);
	if (m->is_whole && records != 1)
		check(false, "%s: a super-frame is %d records", e->what, records);
	send_segments(e->copy_peer);
	for (at = 0; at < SUPER_BYTES; at += SEGMENT_BYTES)
		expect_at_copy(e, at, segment_at(at));
}

static void by_mode(const struct medium *m, const char *local, const char *remote, uint32_t flags)
{
	char what[64];
	struct ends e;

	snprintf(what, sizeof(what), "%s, %s%s", m->name,
		 family_of(local) == AF_INET ? "IPv4" : "IPv6", flags ? ", FAST" : "");
	e = open_ends(what, local, remote, flags);
	exchange(&e, 22);
	exchange(&e, LARGE_BYTES);
	exchange_segments(m, &e);
	check(true, "%s: datagrams, fragments, super-frames, both ways", what);
	close_ends(&e);
}

/* The device's queue takes nothing: what asks it does not pass, FAST does where it can. */
static void past_the_queue(const struct medium *m)
{
	struct ends usual = open_ends(m->name, ADDR_M0, ADDR_M1, 0), fast;

	run("/usr/bin/tc qdisc add dev m0 root pfifo limit 0");
	check_errno(nc_send(usual.copy, message, 10, 0), ENOBUFS, "the device's queue is full");
	close_ends(&usual);
	fast = open_ends(m->name, ADDR_M0, ADDR_M1, NETCHANNEL_FAST);
	if (m->is_direct) {
		must(nc_send(fast.copy, message, 10, 0), m->name);
		expect_at_socket(&fast, fast.copy_peer, 0, 10);
		check(true, "FAST passes by it");
	} else {
		check_errno(nc_send(fast.copy, message, 10, 0), ENOBUFS, "for FAST, too");
	}
	close_ends(&fast);
	run("/usr/bin/tc qdisc del dev m0 root");
}

/* How many packets m0's queues have sent, as the queueing discipline of each says. */
static void read_queues(long *sent)
{
	FILE *f = popen("/usr/bin/tc -s qdisc show dev m0", "r");
	unsigned int queue = 0;
	const char *parent;
	char line[256];
	long packets;

	sent[0] = sent[1] = 0;
	while (f && fgets(line, sizeof(line), f)) {
		parent = strstr(line, "parent :");
		if (!strncmp(line, "qdisc", 5))
			queue = parent ? strtoul(parent + strlen("parent :"), NULL, 16) : 0;
		if (sscanf(line, " Sent %*u bytes %ld pkt", &packets) == 1 && (queue == 1 || queue == 2))
			sent[queue - 1] = packets;
	}
	if (f)
		pclose(f);
}

#define QUEUE_PACKETS	20

/* Each processor sends by a queue of its own; a channel, as a socket, stays with its first. */
static void by_queues(void)
{
	long before[2], after[2];
	struct ends usual;
	cpu_set_t set;
	int cpu, i;

	read_queues(before);
	for (cpu = 0; cpu < 2; cpu++) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		must(sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
		usual = open_ends("by two queues", ADDR_M0, ADDR_M1, 0);
		for (i = 0; i < QUEUE_PACKETS; i++)
			exchange(&usual, 22);
		close_ends(&usual);
	}
	go_anywhere();
	read_queues(after);
	check(after[0] >= before[0] + QUEUE_PACKETS && after[1] >= before[1] + QUEUE_PACKETS,
	      "both queues have sent: %ld and %ld packets", after[0] - before[0],
	      after[1] - before[1]);
}

/* The addresses of a VRF are not among those that channels can have. */
static void vrf(void)
{
	run("%s", IP "link add q0 type vrf table 10 && " IP "link set q0 up && "
	    IP "link set v0 master q0");
	check_errno(try_simple(ADDR_A, 7200, ADDR_B, 7201), EADDRNOTAVAIL, "an address of a VRF");
}

/* nc_media QUEUES: of the machine's virtio-net; with one it has no offloads either. */
int main(int argc, char **argv)
{
	bool has_offloads = argc > 1 && atoi(argv[1]) > 1;
	char path[64];
	size_t i;

	for (i = 0; i < sizeof(message); i++)
		message[i] = i * 7 ^ i >> 8;
	bed = new_bed();
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), bed.a);
	setenv("A", path, 1);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), bed.b);
	setenv("B", path, 1);
	for (i = 0; i < sizeof(media) / sizeof(*media); i++) {
		const struct medium *m = &media[i];

		if (m->unmake && !has_offloads) {
			printf("NOT TRIED: %s: the host has no TAP devices\n", m->name);
			continue;
		}
		make(m);
		set_up(m);
		by_mode(m, ADDR_M0, ADDR_M1, 0);
		by_mode(m, ADDR_M0, ADDR_M1, NETCHANNEL_FAST);
		by_mode(m, ADDR6_M0, ADDR6_M1, 0);
		by_mode(m, ADDR6_M0, ADDR6_M1, NETCHANNEL_FAST);
		past_the_queue(m);
		if (m->unmake)
			by_queues();
		unmake(m);
	}
	vrf();
	return 0;
}
