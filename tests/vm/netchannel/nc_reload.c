// SPDX-License-Identifier: GPL-2.0
/*
 * nc_reload COUNT: the module is loaded, claims a flow that never pauses, for a channel
 * of another kind each time, and is unloaded as soon as that is closed.
 */
#include "ring.h"

#include <sys/mman.h>
#include <sys/prctl.h>

#define PORT 7000
#define PROTOCOL 253

static int load(void)
{
	int fd = must(open("/trivet/modules/netchannel.ko", O_RDONLY | O_CLOEXEC), "the module");
	int ret = syscall(SYS_finit_module, fd, "", 0);

	close(fd);
	return ret;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "netchannel", O_NONBLOCK);
}

/* A SYN to the port, from one that nobody has. */
static void make_syn(struct tcphdr *tcp)
{
	uint32_t lo = inet_addr(LOOPBACK);
	uint32_t sum = 2 * sum16(&lo, sizeof(lo), 0) + IPPROTO_TCP + sizeof(*tcp);

	*tcp = (struct tcphdr){
		.source = htons(PORT - 1), .dest = htons(PORT), .doff = 5, .syn = 1,
	};
	tcp->check = htons(fold16(sum16(tcp, sizeof(*tcp), sum)));
}

/* To the port on lo, whoever has it: of UDP, over IPv6, too, of TCP, and of another protocol. */
static void send_for_ever(void)
{
	int udp = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
	int udp6 = must(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
	int tcp = must(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP), "socket");
	int raw = must(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, PROTOCOL), "socket");
	struct tcphdr syn;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	make_syn(&syn);
	for (;;) {
		send_to(udp, "traffic", 7, LOOPBACK, PORT);
		send_to(udp6, "traffic", 7, "::1", PORT);
		send_to(tcp, &syn, sizeof(syn), LOOPBACK, 0);
		send_to(raw, "traffic", 7, LOOPBACK, 0);
		usleep(100);
	}
}

static pid_t start_traffic(void)
{
	pid_t child = must(fork(), "fork");

	if (!child)
		send_for_ever();
	return child;
}

/* A descriptor of the module's that is no channel. */
static int hold_readiness(int ch)
{
	struct netchannel_readiness r = { .size = sizeof(r) };

	return must(ioctl(ch, NETCHANNEL_READINESS, &r), "READINESS");
}

static void close_readiness(int fd)
{
	close(fd);
}

/* A packet out of a ring's pages, whose end is the module's to note: it waits for a neighbour. */
static int hold_flight(int ch)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT + 2, "10.0.0.77", PORT);
	struct ring r;

	args.flags = NETCHANNEL_ZEROCOPY;
	r = open_ring(args);
	ring_push(&r, 0, 1000);
	ring_publish(&r);
	if (ring_kick(&r, 0, 0) != 1)
		check(false, "KICK: %s", strerror(errno));
	close_ring(&r);
	return ch;
}

static void land(int unused)
{
	(void)unused;
	run("/usr/bin/ip neigh del 10.0.0.77 dev v0");
}

/* That is over with the channel. */
static int join(int ch)
{
	struct netchannel_membership m = {
		.size = sizeof(m), .ifindex = 1, .group = nc_addr("224.0.0.200", 0),
	};

	return must(ioctl(ch, NETCHANNEL_MEMBERSHIP, &m), "MEMBERSHIP");
}

static const struct kind {
	uint32_t type;
	int protocol;
	const char *local;
	uint32_t flags;
	/* what more it has; and how that lets the module go, which it holds when all is closed */
	int (*hold)(int ch);
	void (*let_go)(int held);
} kinds[] = {
	{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, .local = LOOPBACK },
	{ NETCHANNEL_TYPE_RING, IPPROTO_UDP, LOOPBACK, .flags = NETCHANNEL_FAST },
	{ NETCHANNEL_TYPE_DISCARD, IPPROTO_UDP, .local = LOOPBACK },
	{ NETCHANNEL_TYPE_LISTEN, IPPROTO_UDP, .local = LOOPBACK },
	{ NETCHANNEL_TYPE_GROUP, IPPROTO_UDP, .local = LOOPBACK },
	{ NETCHANNEL_TYPE_RAW, PROTOCOL, .local = LOOPBACK },
	{ NETCHANNEL_TYPE_RING, IPPROTO_TCP, .local = LOOPBACK },
	{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, .local = "::1" },
	{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, LOOPBACK, .flags = NETCHANNEL_FAST },
	{ NETCHANNEL_TYPE_COPY, IPPROTO_TCP, LOOPBACK, .flags = NETCHANNEL_FAST },
	{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, "::1", .flags = NETCHANNEL_FAST },
	{ NETCHANNEL_TYPE_RING, IPPROTO_UDP, LOOPBACK, .flags = NETCHANNEL_METADATA },
	{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, LOOPBACK, .hold = hold_readiness,
	  .let_go = close_readiness },
	{ NETCHANNEL_TYPE_RING, IPPROTO_UDP, LOOPBACK, .hold = hold_flight, .let_go = land },
	{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, "0.0.0.0", .hold = join },
};

#define KINDS ((int)(sizeof(kinds) / sizeof(*kinds)))

static struct netchannel_create channel_args(const struct kind *kind)
{
	struct netchannel_create args = create_args(kind->local, PORT, NULL, 0);

	args.type = kind->type;
	args.protocol = kind->protocol;
	if (kind->protocol == IPPROTO_TCP)
		args.format = NETCHANNEL_FORMAT_PACKET;
	if (kind->protocol == PROTOCOL)
		args.local.port = 0;
	args.flags = kind->flags;
	if (kind->flags & NETCHANNEL_FAST)
		args.ifindex = 1;	/* lo */
	return args;
}

/* The traffic goes on while the channel is closed, and its module goes. */
static void use(int round)
{
	const struct kind *kind = &kinds[round % KINDS];
	struct netchannel_create args = channel_args(kind);
	struct ring ring = { };
	int ch, held = -1;

	if (args.type == NETCHANNEL_TYPE_GROUP) {
		ring = open_ring(ring_args(LOOPBACK, PORT + 1, NULL, 0));
		args.group = ring.fd;
	}
	ch = channel_of(args);
	if (args.type == NETCHANNEL_TYPE_RING)
		ring = map_ring(ch);
	if (stats_at(ch, 3).rx_packets < 3)
		check(false, "round %d, type %u: no traffic", round, args.type);
	if (kind->hold)
		held = kind->hold(ch);
	if (unload() != -1 || errno != EAGAIN)
		check(false, "unloaded under an open descriptor: %s", strerror(errno));
	if (ring.memory && ring.fd != ch)
		close_ring(&ring);
	else if (ring.memory)
		munmap(ring.memory, ring.map_bytes);
	close(ch);
	if (!kind->let_go)
		return;
	if (unload() != -1 || errno != EAGAIN)
		check(false, "unloaded under what kind %d has left: %s", round % KINDS,
		      strerror(errno));
	kind->let_go(held);
}

/* At once; but what flies may land a little later. */
static void unload_after(const struct kind *kind)
{
	double limit = now() + (kind->let_go ? 30 : 0);

	while (unload()) {
		if (errno != EAGAIN || now() >= limit)
			check(false, "unload: %s", strerror(errno));
		usleep(100);
	}
}

static void open_link(void)
{
	run("/usr/bin/ip link add v0 type veth peer name v1");
	run("/usr/bin/ip addr add " ADDR_A "/24 dev v0 && "
	    "/usr/bin/ip link set v1 up && /usr/bin/ip link set v0 up");
	never_give_up();
	while (!has_carrier("v0"))
		usleep(1000);
}

int main(int argc, char **argv)
{
	int count = argc == 2 ? atoi(argv[1]) : 0, i;
	pid_t traffic = start_traffic();

	open_link();
	for (i = 0; i < count; i++) {
		must(load(), "load");
		use(i);
		unload_after(&kinds[i % KINDS]);
	}
	run("/usr/bin/ip link del v0");
	kill(traffic, SIGKILL);
	must(waitpid(traffic, NULL, 0), "waitpid");
	check(count, "loaded, in the way of traffic, and unloaded %d times", count);
	return 0;
}
