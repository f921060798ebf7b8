// SPDX-License-Identifier: GPL-2.0
/*
 * The same random calls to sockets of the kernel's and of the library's, all over
 * loopback; results, errors, data and readiness are the same. DIFF_SEED=, COUNT=
 * calls. Not SEED=: in some 300,000 calls one differs, where the kernel's read()
 * tells of a window, and a peer that has gone answers that by a reset.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../count.h"

#define SOCKETS		8
#define PORTS		3
#define PORT		7000
#define EPOCH_CALLS	200	/* then all are closed, and the ports are others */
#define DATA_MAX	600
#define PART_MAX	100	/* of a datagram, which must not become larger than the MTU */
#define PATIENCE_MS	5000	/* for what becomes the same: the machine may be busy */

static uint64_t random_state;
static struct nc_stack *stack;
static unsigned int epoch;

static unsigned int below(unsigned int bound)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1dull >> 33) % bound;
}

enum operation {
	OP_SOCKET, OP_BIND, OP_LISTEN, OP_CONNECT, OP_ACCEPT, OP_SEND, OP_RECV, OP_PEEK,
	OP_SHUTDOWN, OP_CLOSE, OP_ERROR, OP_PEER, OP_LINGER, OP_DISCARD, OP_ACCEPTING,
	OP_PART, OPERATIONS
};

static const char *const names[] = {
	"socket", "bind", "listen", "connect", "accept", "send", "recv", "peek",
	"shutdown", "close", "SO_ERROR", "getpeername", "SO_LINGER", "discard", "SO_ACCEPTCONN",
	"send a part",
};

/* What is called, the same for both: sockets by their places. */
struct call {
	enum operation operation;
	int type;		/* of a new socket */
	int slot, other;	/* other: where an accepted one goes */
	int port;
	int size;
	int how;
};

struct outcome {
	long result;		/* or a negative errno */
	unsigned char data[DATA_MAX];
};

/* A world: its sockets, by place; -1: none. */
struct world {
	bool ours;
	int fds[SOCKETS];
};

static struct sockaddr_in address_of(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static long kernel_result(long result)
{
	return result < 0 ? -errno : result;
}

static int new_socket(struct world *w, int type)
{
	int reuse = type == SOCK_STREAM, one = 1, fd;	/* who of two hears a datagram? */

	type |= SOCK_NONBLOCK;
	fd = w->ours ? nc_socket(stack, AF_INET, type, 0) : socket(AF_INET, type, 0);
	if (fd < 0)
		err(1, "socket");
	if (w->ours) {
		nc_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
		nc_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	} else {
		/* when data that waits for an acknowledgment goes is no matter of calls */
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	}
	return fd;
}

static void close_slot(struct world *w, int slot)
{
	if (w->fds[slot] < 0)
		return;
	if (w->ours)
		nc_close(w->fds[slot]);
	else
		close(w->fds[slot]);
	w->fds[slot] = -1;
}

static long get_int(const struct world *w, int fd, int name)
{
	int value = 0;
	socklen_t size = sizeof(value);
	long ret = w->ours ? nc_getsockopt(fd, SOL_SOCKET, name, &value, &size) :
		kernel_result(getsockopt(fd, SOL_SOCKET, name, &value, &size));

	return ret ? ret : value;
}

static long accept_into(struct world *w, int fd, int slot)
{
	long ret = w->ours ? nc_accept4(fd, NULL, NULL, SOCK_NONBLOCK) :
		kernel_result(accept4(fd, NULL, NULL, SOCK_NONBLOCK));

	if (ret < 0)
		return ret;
	close_slot(w, slot);
	w->fds[slot] = ret;
	return 0;
}

static long receive(const struct world *w, int fd, int size, int flags, struct outcome *o)
{
	return w->ours ? nc_recv(fd, o->data, size, flags) :
		kernel_result(recv(fd, o->data, size, flags));
}

static long transmit(const struct world *w, int fd, const void *data, int size, int flags)
{
	return w->ours ? nc_send(fd, data, size, flags) :
		kernel_result(send(fd, data, size, flags | MSG_NOSIGNAL));
}

static void carry_out(struct world *w, const struct call *c, struct outcome *o)
{
	struct sockaddr_in address = address_of(c->port), peer;
	struct linger linger = { .l_onoff = c->how & 1 };
	socklen_t size = sizeof(peer);
	int fd = w->fds[c->slot];
	unsigned char data[DATA_MAX];

	memset(o, 0, sizeof(*o));
	for (int i = 0; i < c->size; i++)
		data[i] = c->size + i;
	switch (c->operation) {
	case OP_SOCKET:
		close_slot(w, c->slot);
		w->fds[c->slot] = new_socket(w, c->type);
		break;
	case OP_BIND:
		o->result = w->ours ? nc_bind(fd, (void *)&address, sizeof(address)) :
			kernel_result(bind(fd, (void *)&address, sizeof(address)));
		break;
	case OP_LISTEN:
		o->result = w->ours ? nc_listen(fd, 4) : kernel_result(listen(fd, 4));
		break;
	case OP_CONNECT:
		o->result = w->ours ? nc_connect(fd, (void *)&address, sizeof(address)) :
			kernel_result(connect(fd, (void *)&address, sizeof(address)));
		break;
	case OP_ACCEPT:
		o->result = accept_into(w, fd, c->other);
		break;
	case OP_SEND:
		o->result = transmit(w, fd, data, c->size, 0);
		break;
	case OP_PART:
		o->result = transmit(w, fd, data, c->size % PART_MAX, MSG_MORE);
		break;
	case OP_RECV:
		o->result = receive(w, fd, c->size, 0, o);
		break;
	case OP_PEEK:
		o->result = receive(w, fd, c->size, MSG_PEEK, o);
		break;
	case OP_DISCARD:
		o->result = receive(w, fd, c->size, MSG_TRUNC, o);
		memset(o->data, 0, sizeof(o->data));	/* who is told what is discarded? */
		break;
	case OP_SHUTDOWN:
		o->result = w->ours ? nc_shutdown(fd, c->how) : kernel_result(shutdown(fd, c->how));
		break;
	case OP_CLOSE:
		close_slot(w, c->slot);
		break;
	case OP_ERROR:
		o->result = get_int(w, fd, SO_ERROR);
		break;
	case OP_ACCEPTING:
		o->result = get_int(w, fd, SO_ACCEPTCONN);
		break;
	case OP_PEER:
		o->result = w->ours ? nc_getpeername(fd, (void *)&peer, &size) :
			kernel_result(getpeername(fd, (void *)&peer, &size));
		break;
	case OP_LINGER:
		o->result = w->ours ?
			nc_setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) :
			kernel_result(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger,
						 sizeof(linger)));
		break;
	case OPERATIONS:
		break;
	}
}

static struct call random_call(void)
{
	/* what moves data is called more often */
	static const enum operation often[] = { OP_CONNECT, OP_ACCEPT, OP_SEND, OP_RECV };

	return (struct call){
		.operation = below(3) ? below(OPERATIONS) : often[below(4)],
		.type = below(4) ? SOCK_STREAM : SOCK_DGRAM,
		.slot = below(SOCKETS),
		.other = below(SOCKETS),
		.port = PORT + epoch % 8000 * PORTS + below(PORTS),
		.size = 1 + below(DATA_MAX - 1),
		.how = below(3),
	};
}

static short ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP };

	poll(&p, 1, 0);
	return p.revents;
}

/* Where docs/libnetchannel.md says that they differ: both are made the same. */
static short comparable(short kernel)
{
	if (kernel == (POLLOUT | POLLHUP))	/* a new stream */
		return POLLOUT;
	if (kernel & POLLERR && !(kernel & POLLHUP))
		return (kernel & ~POLLERR) | POLLIN | POLLOUT;
	return kernel;
}

/* Readiness as it becomes: the kernel's softirq and the library's thread may take a while. */
static bool same_readiness(const struct world *worlds, int slot, short revents[2])
{
	if (worlds[0].fds[slot] < 0)
		return true;
	for (int i = 0; i < PATIENCE_MS; i++) {
		revents[0] = comparable(ready(worlds[0].fds[slot]));
		revents[1] = ready(worlds[1].fds[slot]);
		if (revents[0] == revents[1])
			return true;
		usleep(1000);
	}
	return false;
}

static void show(unsigned int number, const struct call *c, const struct outcome *outcomes)
{
	printf("%u: %s(slot %d, port %d, size %d, how %d, other %d): kernel %ld, library %ld\n",
	       number, names[c->operation], c->slot, c->port, c->size, c->how, c->other,
	       outcomes[0].result, outcomes[1].result);
}

static struct call history[EPOCH_CALLS];
static struct outcome results[EPOCH_CALLS][2];

static int differ(unsigned int number)
{
	for (unsigned int i = 0; i <= number; i++)
		show(i, &history[i], results[i]);
	return 1;
}

/* Has the socket of this place a port of bind() or listen()? */
static bool bound[SOCKETS];

static void note_bound(const struct call *c, long result)
{
	if (c->operation == OP_SOCKET)
		bound[c->slot] = false;
	else if (c->operation == OP_ACCEPT && !result)
		bound[c->other] = false;
	else if ((c->operation == OP_BIND || c->operation == OP_LISTEN) && !result)
		bound[c->slot] = true;
}

static int type_of(int fd)
{
	socklen_t size = sizeof(int);
	int type;

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
	return type;
}

static bool is_connected(int fd)
{
	struct sockaddr_in peer;
	socklen_t size = sizeof(peer);

	return !getpeername(fd, (void *)&peer, &size);
}

static bool has_port(int fd)
{
	struct sockaddr_in own = { 0 };
	socklen_t size = sizeof(own);

	getsockname(fd, (void *)&own, &size);
	return own.sin_port;
}

/*
 * Of a new stream, Linux remembers a shutdown, and of one that is dead it gives the
 * port back (docs/libnetchannel.md); when a flow that was in TIME-WAIT may come
 * again is a matter of time, not of calls; so is when a stream sends what it holds back.
 */
static bool is_left_out(const struct call *c, int fd)
{
	if (type_of(fd) != SOCK_STREAM)
		return false;
	return c->operation == OP_PART || (c->operation == OP_SHUTDOWN && !is_connected(fd)) ||
		(c->operation == OP_CONNECT && bound[c->slot]) ||
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
	if (c->operation != OP_RECV && c->operation != OP_PEEK && c->operation != OP_DISCARD &&
	    c->operation != OP_ERROR)
		return;
	for (int i = 0; i < PATIENCE_MS && outcomes[0].result != outcomes[1].result; i++) {
		int early = is_early(outcomes[0].result) ? 0 : 1;

		if (!is_early(outcomes[early].result))
			return;
		usleep(1000);
		carry_out(&worlds[early], c, &outcomes[early]);
	}
}

/* How much can be read, as each tells it. */
static long queued(const struct world *w, int fd)
{
	int bytes = 0;
	long ret = w->ours ? nc_ioctl(fd, FIONREAD, &bytes) :
		kernel_result(ioctl(fd, FIONREAD, &bytes));

	return ret ? ret : bytes;
}

/* Readiness tells of the first bytes only: those behind them may be under way in one world. */
static void settle(const struct world *worlds, const struct call *c)
{
	if (c->operation != OP_RECV && c->operation != OP_PEEK && c->operation != OP_DISCARD)
		return;
	for (int i = 0; i < 500 && queued(&worlds[0], worlds[0].fds[c->slot]) !=
	     queued(&worlds[1], worlds[1].fds[c->slot]); i++)
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
		else if (is_left_out(c, worlds[0].fds[c->slot]))
			c->operation = OP_PEER;
		settle(worlds, c);
		for (int j = 0; j < 2; j++)
			carry_out(&worlds[j], c, &results[i][j]);
		ask_again(worlds, c, results[i]);
		if (memcmp(&results[i][0], &results[i][1], sizeof(results[i][0])))
			return differ(i);
		note_bound(c, results[i][0].result);
		for (int slot = 0; slot < SOCKETS; slot++) {
			if (same_readiness(worlds, slot, revents))
				continue;
			printf("slot %d: kernel %#x, library %#x\n", slot, revents[0], revents[1]);
			return differ(i);
		}
	}
	return 0;
}

static void start_stack(void)
{
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201) };
	struct nc_link *ends[2];

	if (nc_link_pipe(ends, 1500))
		errx(1, "link");
	config.link = ends[0];	/* nobody is at the other end: all is loopback */
	config.ipv4 = (struct sockaddr *)&own;
	if (nc_stack_create(&stack, &config))
		errx(1, "stack");
}

int main(void)
{
	unsigned long count = number_from("COUNT", 20000), done;
	uint64_t seed = number_from("DIFF_SEED", 1);
	struct world worlds[2] = { { .ours = false }, { .ours = true } };
	int ret = 0;

	memset(worlds[0].fds, -1, sizeof(worlds[0].fds));
	memset(worlds[1].fds, -1, sizeof(worlds[1].fds));
	random_state = seed * 2 + 1;
	signal(SIGPIPE, SIG_IGN);
	start_stack();
	for (done = 0; done < count && !ret; done += EPOCH_CALLS, epoch++) {
		ret = run_epoch(worlds, EPOCH_CALLS);
		for (int i = 0; i < SOCKETS; i++) {
			close_slot(&worlds[0], i);
			close_slot(&worlds[1], i);
		}
	}
	printf("seed %llu: %lu calls\n", (unsigned long long)seed, done);
	return ret;
}
