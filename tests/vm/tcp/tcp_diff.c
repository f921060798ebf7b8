// SPDX-License-Identifier: GPL-2.0
/*
 * The same random calls to sockets of the kernel's and of the library's; results, errors,
 * data, addresses and readiness are the same. By itself, all are over loopback, of IPv4 and
 * IPv6 by turns; with the argument `channel`, one half is the library's over a channel or the
 * kernel's, and the other half the kernel's in another namespace. DIFF_SEED=, COUNT= calls.
 * Not SEED=: in some 300,000 calls one differs, where the kernel's read() tells of a window,
 * and a peer that has gone answers that by a reset.
 */
#define _GNU_SOURCE
#include "diff_world.h"

#include <err.h>
#include <linux/sockios.h>

#define PORT		7000
#define EPOCH_CALLS	200	/* then all are closed, and the ports are others */
#define USUAL_MAX	600	/* of a call's bytes, but for one of eight */
#define PART_MAX	100	/* of a datagram, which must not become larger than the MTU */
#define PATIENCE_MS	5000	/* for what becomes the same: the machine may be busy */
#define QUIET_MS	100	/* for what is on its way */

static uint64_t random_state;
static unsigned int epoch;

static unsigned int below(unsigned int bound)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1dull >> 33) % bound;
}

static int random_type(bool always_nonblocking)
{
	int type = over_channel || below(4) ? SOCK_STREAM : SOCK_DGRAM;

	/* over a channel, how long connect() takes is no matter of calls */
	return type | (always_nonblocking || below(4) ? SOCK_NONBLOCK : 0);
}

static struct call random_call(void)
{
	/* what moves data is called more often */
	static const enum operation often[] = { OP_CONNECT, OP_ACCEPT, OP_SEND, OP_RECV };
	static const int flags[] = {
		0, 0, MSG_DONTWAIT, MSG_WAITALL, MSG_PEEK, MSG_PEEK | MSG_WAITALL,
		MSG_DONTWAIT | MSG_WAITALL,
	};
	static const int values[] = { -1, 0, 1, 2, 3, 5, 64, 100, 300, 1000, 40000 };
	struct call c = {
		.operation = below(3) ? below(OPERATIONS) : often[below(4)],
		.family = over_channel || epoch % 2 == 0 ? AF_INET : AF_INET6,
		.slot = below(SOCKETS),
		.other = below(SOCKETS),
		.port = below(PORTS),
		.size = 1 + below(below(8) ? USUAL_MAX - 1 : DATA_MAX - 2),
		.how = below(3),
		.flags = flags[below(7)],
		.option = below(OPTIONS),
		.value = values[below(11)],
	};

	c.type = random_type(over_channel && c.operation != OP_ACCEPT);
	/* whom the library accepts is the library's */
	if (over_channel && (c.other < NEAR) != (c.slot < NEAR))
		c.other = SOCKETS - 1 - c.other;
	if (c.operation == OP_PART)
		c.size %= PART_MAX;
	return c;
}

static short ready(int fd)
{
	/* that urgent data is there is shown over channels alone */
	struct pollfd p = {
		.fd = fd,
		.events = POLLIN | POLLOUT | POLLRDHUP | (over_channel ? POLLPRI : 0),
	};

	poll(&p, 1, 0);
	return p.revents;
}

/* Where docs/libnetchannel.md says that they differ: both are made the same. */
static short comparable(short kernel)
{
	if (kernel == (POLLOUT | POLLHUP))	/* a new stream */
		return POLLOUT;
	if (!over_channel && kernel & POLLERR && !(kernel & POLLHUP))
		return (kernel & ~POLLERR) | POLLIN | POLLOUT;
	return kernel;
}

/* Readiness as it becomes: the kernel's softirq and the library's thread may take a while. */
static bool same_readiness(const struct world *worlds, int slot, short revents[2])
{
	if (worlds[0].fds[slot] < 0)
		return true;
	for (int i = 0; i < PATIENCE_MS; i++) {
		revents[0] = ready(worlds[0].fds[slot]);
		revents[1] = ready(worlds[1].fds[slot]);
		if (is_ours(&worlds[1], slot))
			revents[0] = comparable(revents[0]);
		if (revents[0] == revents[1])
			return true;
		usleep(1000);
	}
	return false;
}

static void show(unsigned int number, const struct call *c, const struct outcome *outcomes)
{
	printf("%u: %s(slot %d, type %#x, port %d, size %d, how %d, other %d, flags %#x",
	       number, names[c->operation], c->slot, c->type, c->port, c->size, c->how, c->other,
	       c->flags);
	if (c->operation == OP_OPTION)
		printf(", option %d/%d, value %d", options[c->option].level,
		       options[c->option].name, c->value);
	printf("): kernel %ld, library %ld\n", outcomes[0].result, outcomes[1].result);
}

static struct call history[EPOCH_CALLS];
static struct outcome results[EPOCH_CALLS][2];

static void show_bytes(const struct outcome outcomes[2])
{
	for (int i = 0; i < DATA_MAX; i++) {
		if (outcomes[0].data[i] != outcomes[1].data[i])
			printf("byte %d: kernel %d, library %d\n", i, outcomes[0].data[i],
			       outcomes[1].data[i]);
	}
}

static int differ(unsigned int number)
{
	for (unsigned int i = 0; i <= number; i++)
		show(i, &history[i], results[i]);
	show_bytes(results[number]);
	return 1;
}

/* Has the socket of this place a port of bind() or listen()? */
static bool bound[SOCKETS];
/* Over channels, the near half has one port, and connects from it to each other one once. */
static bool connected_to[PORTS];

static void note(const struct call *c, long result)
{
	if (c->operation == OP_SOCKET)
		bound[c->slot] = false;
	else if (c->operation == OP_ACCEPT && !result)
		bound[c->other] = false;
	else if ((c->operation == OP_BIND || c->operation == OP_LISTEN) && !result)
		bound[c->slot] = true;
	else if (c->operation == OP_CONNECT && c->slot < NEAR)
		connected_to[c->port] = true;
}

static bool is_stream(int fd)
{
	socklen_t size = sizeof(int);
	int type;

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
	return type == SOCK_STREAM;
}

static bool is_connected(int fd)
{
	union sock_addr peer;
	socklen_t size = sizeof(peer);

	return !getpeername(fd, &peer.any, &size);
}

static bool has_port(int fd)
{
	union sock_addr own = { 0 };
	socklen_t size = sizeof(own);

	getsockname(fd, &own.any, &size);
	return own.in.sin_port;
}

/* When a flow that was in TIME-WAIT may come again is a matter of time, not of calls. */
static bool may_connect(const struct call *c)
{
	if (over_channel && c->slot < NEAR)
		return !connected_to[c->port];
	return !bound[c->slot];
}

/* Over a channel there is one port, which connect() and listen() could not choose. */
static bool wants_bind(const struct call *c)
{
	return over_channel && c->slot < NEAR && !bound[c->slot] &&
		(c->operation == OP_CONNECT || c->operation == OP_LISTEN);
}

/*
 * Of a new stream, Linux remembers a shutdown, of one that is dead it gives the port back,
 * and goes on telling it (docs/libnetchannel.md); when a stream sends what it holds back is a
 * matter of time. Datagrams have fewer options here, no urgent data, and an error may come
 * between two of them.
 */
static bool is_left_out(const struct call *c, int fd)
{
	if (!is_stream(fd))
		return c->operation == OP_OPTION || c->operation == OP_SEND_OOB ||
			c->operation == OP_SENDMMSG ||
			c->operation == OP_RECV_OOB || c->operation == OP_AT_MARK ||
			c->size > 1400;
	return c->operation == OP_PART || (c->operation == OP_SHUTDOWN && !is_connected(fd)) ||
		(c->operation == OP_CONNECT && !may_connect(c)) ||
		(c->operation == OP_NAME && !is_connected(fd) && !bound[c->slot]) ||
		(c->operation == OP_BIND && has_port(fd) && !bound[c->slot]);
}

/* May there be more to tell in a moment? 0 is also the end, or no error. */
static bool is_early(long result)
{
	return !result || result == -EAGAIN;
}

/*
 * What is under way may reach one world sooner: data behind a shutdown for reading,
 * which readiness does not show, or an ICMP error. Whoever has nothing to tell, while
 * the other has, is asked again.
 */
static void ask_again(struct world *worlds, const struct call *c, struct outcome outcomes[2])
{
	if (!is_receiving(c->operation) && c->operation != OP_ERROR)
		return;
	for (int i = 0; i < PATIENCE_MS && outcomes[0].result != outcomes[1].result; i++) {
		int early = is_early(outcomes[0].result) ? 0 : 1;

		if (!is_early(outcomes[early].result))
			return;
		usleep(1000);
		carry_out(&worlds[early], c, &outcomes[early]);
	}
}

/* Is there anything that the peer's end has not heard of, and will? */
static bool is_under_way(const struct world *w)
{
	for (int slot = 0; slot < SOCKETS; slot++) {
		if (w->fds[slot] >= 0 && do_ioctl(w, slot, SIOCOUTQ) > 0 &&
		    !(ready(w->fds[slot]) & POLLHUP))
			return true;
	}
	return false;
}

/* Readiness tells of the first bytes only: those behind them may be under way in one world. */
static void settle(const struct world *worlds, const struct call *c)
{
	for (int i = 0; i < QUIET_MS && (is_under_way(&worlds[0]) || is_under_way(&worlds[1])); i++)
		usleep(1000);
	if (!is_receiving(c->operation) && c->operation != OP_UNREAD)
		return;
	for (int i = 0; i < 500 && do_ioctl(&worlds[0], c->slot, FIONREAD) !=
	     do_ioctl(&worlds[1], c->slot, FIONREAD); i++)
		usleep(1000);
}

static int run_epoch(struct world *worlds, unsigned int calls)
{
	short revents[2];

	for (unsigned int i = 0; i < calls; i++) {
		struct call *c = &history[i];

		*c = random_call();
		if (worlds[0].fds[c->slot] < 0)
			c->operation = OP_SOCKET;
		else if (wants_bind(c))
			c->operation = OP_BIND;
		else if (is_left_out(c, worlds[0].fds[c->slot]))
			c->operation = OP_PEER;
		settle(worlds, c);
		for (int j = 0; j < 2; j++)
			carry_out(&worlds[j], c, &results[i][j]);
		ask_again(worlds, c, results[i]);
		if (memcmp(&results[i][0], &results[i][1], sizeof(results[i][0])))
			return differ(i);
		note(c, results[i][0].result);
		for (int slot = 0; slot < SOCKETS; slot++) {
			if (same_readiness(worlds, slot, revents))
				continue;
			printf("slot %d: kernel %#x, library %#x\n", slot, revents[0], revents[1]);
			return differ(i);
		}
	}
	return 0;
}

/* Nobody is at the other end of the link: all is loopback. */
static void start_loopback(void)
{
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	union sock_addr v4 = sock_addr("192.0.2.1", 0), v6 = sock_addr("fd00::1", 0);
	struct nc_link *ends[2];

	if (nc_link_pipe(ends, 1500))
		errx(1, "link");
	config.link = ends[0];
	config.ipv4 = &v4.any;
	config.ipv6 = &v6.any;
	if (nc_stack_create(&stack, &config))
		errx(1, "stack");
}

static void begin_epoch(struct world *worlds)
{
	int step = epoch % 4000 * 2 * PORTS;

	worlds[0].port = (over_channel ? PORT_FAR : PORT) + step;
	worlds[1].port = worlds[0].port + (over_channel ? PORTS : 0);
	memset(connected_to, false, sizeof(connected_to));
}

int main(int argc, char **argv)
{
	unsigned long count = number_from("COUNT", 20000), done;
	uint64_t seed = number_from("DIFF_SEED", 1);
	struct world worlds[2] = { { .ours = false }, { .ours = true } };
	int ret = 0;

	over_channel = argc > 1 && !strcmp(argv[1], "channel");
	memset(worlds[0].fds, -1, sizeof(worlds[0].fds));
	memset(worlds[1].fds, -1, sizeof(worlds[1].fds));
	random_state = seed * 2 + 1;
	signal(SIGPIPE, SIG_IGN);
	if (over_channel) {
		make_path();
		start_stack();
	} else {
		start_loopback();
	}
	for (done = 0; done < count && !ret; done += EPOCH_CALLS, epoch++) {
		begin_epoch(worlds);
		ret = run_epoch(worlds, EPOCH_CALLS);
		for (int i = 0; i < SOCKETS; i++) {
			close_slot(&worlds[0], i);
			close_slot(&worlds[1], i);
		}
	}
	printf("seed %llu%s: %lu calls\n", (unsigned long long)seed,
	       over_channel ? " over a channel" : "", done);
	return ret;
}
