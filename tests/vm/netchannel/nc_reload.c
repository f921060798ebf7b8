// SPDX-License-Identifier: GPL-2.0
/*
 * nc_reload COUNT: the module is loaded, claims a flow that never pauses, for a channel
 * of another type each time, and is unloaded as soon as that is closed.
 */
#include "ring.h"

#include <sys/mman.h>
#include <sys/prctl.h>

#define PORT 7000

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

/* To the port on lo, whoever has it. */
static pid_t start_traffic(void)
{
	int fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
	pid_t child = must(fork(), "fork");

	if (!child)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!child) {
		send_to(fd, "traffic", 7, LOOPBACK, PORT);
		usleep(100);
	}
	close(fd);
	return child;
}

static struct netchannel_create channel_args(int round)
{
	static const uint32_t types[] = {
		NETCHANNEL_TYPE_COPY, NETCHANNEL_TYPE_RING, NETCHANNEL_TYPE_DISCARD,
		NETCHANNEL_TYPE_LISTEN,
	};
	struct netchannel_create args = create_args(LOOPBACK, PORT, NULL, 0);

	args.type = types[round % 4];
	if (round / 4 % 2 && args.type != NETCHANNEL_TYPE_LISTEN) {
		args.flags = NETCHANNEL_FAST;
		args.ifindex = 1;	/* lo */
	}
	return args;
}

/* The traffic goes on while the channel is closed, and its module goes. */
static void use(int round)
{
	struct netchannel_create args = channel_args(round);
	struct ring ring = { };
	int ch = channel_of(args);

	if (args.type == NETCHANNEL_TYPE_RING)
		ring = map_ring(ch);
	if (stats_at(ch, 3).rx_packets < 3)
		check(false, "round %d, type %u: no traffic", round, args.type);
	if (unload() != -1 || errno != EAGAIN)
		check(false, "unloaded under an open descriptor: %s", strerror(errno));
	if (ring.memory)
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
