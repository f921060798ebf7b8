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

static const struct kind {
	uint32_t type;
	int protocol;
	const char *local;
	bool is_fast;
} kinds[] = {
	{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, LOOPBACK, false },
	{ NETCHANNEL_TYPE_RING, IPPROTO_UDP, LOOPBACK, true },
	{ NETCHANNEL_TYPE_DISCARD, IPPROTO_UDP, LOOPBACK, false },
	{ NETCHANNEL_TYPE_LISTEN, IPPROTO_UDP, LOOPBACK, false },
	{ NETCHANNEL_TYPE_GROUP, IPPROTO_UDP, LOOPBACK, false },
	{ NETCHANNEL_TYPE_RAW, PROTOCOL, LOOPBACK, false },
	{ NETCHANNEL_TYPE_RING, IPPROTO_TCP, LOOPBACK, false },
	{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, "::1", false },
	{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, LOOPBACK, true },
	{ NETCHANNEL_TYPE_COPY, IPPROTO_TCP, LOOPBACK, true },
};

static struct netchannel_create channel_args(const struct kind *kind)
{
	struct netchannel_create args = create_args(kind->local, PORT, NULL, 0);

	args.type = kind->type;
	args.protocol = kind->protocol;
	if (kind->protocol == IPPROTO_TCP)
		args.format = NETCHANNEL_FORMAT_PACKET;
	if (kind->protocol == PROTOCOL)
		args.local.port = 0;
	if (kind->is_fast) {
		args.flags = NETCHANNEL_FAST;
		args.ifindex = 1;	/* lo */
	}
	return args;
}

/* The traffic goes on while the channel is closed, and its module goes. */
static void use(int round)
{
	const struct kind *kind = &kinds[round % (sizeof(kinds) / sizeof(*kinds))];
	struct netchannel_create args = channel_args(kind);
	struct ring ring = { };
	int ch;

	if (args.type == NETCHANNEL_TYPE_GROUP) {
		ring = open_ring(ring_args(LOOPBACK, PORT + 1, NULL, 0));
		args.group = ring.fd;
	}
	ch = channel_of(args);
	if (args.type == NETCHANNEL_TYPE_RING)
		ring = map_ring(ch);
	if (stats_at(ch, 3).rx_packets < 3)
		check(false, "round %d, type %u: no traffic", round, args.type);
	if (unload() != -1 || errno != EAGAIN)
		check(false, "unloaded under an open descriptor: %s", strerror(errno));
	if (ring.memory && ring.fd != ch)
		close_ring(&ring);
	else if (ring.memory)
		munmap(ring.memory, ring.map_bytes);
	close(ch);
}

int main(int argc, char **argv)
{
	int count = argc == 2 ? atoi(argv[1]) : 0, i;
	pid_t traffic = start_traffic();

	for (i = 0; i < count; i++) {
		must(load(), "load");
		use(i);
		must(unload(), "unload");
	}
	kill(traffic, SIGKILL);
	must(waitpid(traffic, NULL, 0), "waitpid");
	check(count, "loaded, in the way of traffic, and unloaded %d times", count);
	return 0;
}
