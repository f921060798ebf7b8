// SPDX-License-Identifier: GPL-2.0
/*
 * What TCP costs, both ends of it: the library's sockets over channels, and the kernel's,
 * by the same calls over the same veth pair. On the time bed a TSC tick is an instruction;
 * the library's own threads and what the kernel does for both are counted as well.
 *
 *	tcp-bulk	64 KB written and read by one thread, a KB
 *	tcp-rx-from-kernel	the same, but that a socket of the kernel's sends to either
 *	tcp-msg-128B	128 bytes sent and received by one thread, a message
 *	tcp-rr-128B	128 bytes there and back between two blocking processes
 *	tcp-connect	connect, accept, close both, one thread
 *
 * X-fast is X over channels of the mode FAST, past the firewall.
 *
 * tcp_bench ROW WAY COUNT repeats one of them, for a profiler to look at. tcp_bench gate is
 * for `make check`: the library's rows, with smaller counts, and no peer.
 */
/* that file has its own, of the bare interface */
#define nc_send device_send
#define nc_recv device_recv
#include "../vm/netchannel/nc.h"
#undef nc_send
#undef nc_recv

#include <netchannel/socket.h>

#include "ticks.h"

#define PORT_A		7000	/* the library's: at the kernel's, connections linger */
#define PORT_B		7001
#define KERNEL_PORT	7002
#define BLOCK_BYTES	65536
#define MESSAGE_BYTES	128
#define WARM_UP		50

/* One kind of sockets. Functions return as the system's do, or a negative errno. */
struct api {
	const char *name;
	int port;		/* of the end that listens */
	void (*open)(const struct bed *bed, bool a, bool b);
	void (*close_all)(void);
	int (*socket)(int end);
	int (*bind)(int fd, const struct sockaddr *address, socklen_t size);
	int (*listen)(int fd, int backlog);
	int (*accept)(int fd);
	int (*connect)(int fd, const struct sockaddr *address, socklen_t size);
	ssize_t (*send)(int fd, const void *bytes, size_t size, int flags);
	ssize_t (*recv)(int fd, void *bytes, size_t size, int flags);
	int (*set)(int fd, int level, int name, const void *value, socklen_t size);
	int (*close)(int fd);
};

static uint8_t out[BLOCK_BYTES], in[BLOCK_BYTES];
static long verified;

static struct sockaddr_in address_of(int end, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, end ? ADDR_B : ADDR_A, &a.sin_addr);
	return a;
}

/* --- the library --- */

static struct nc_stack *stacks[2];
static bool fast;

static void open_stack(int end, int ns)
{
	struct sockaddr_in own = address_of(end, end ? PORT_B : PORT_A), address = own;
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	int ret;

	enter(ns);
	ret = fast ? nc_link_channel_fast(&config.link, IPPROTO_TCP, (struct sockaddr *)&own,
					  1500, end ? "v1" : "v0") :
		     nc_link_channel(&config.link, IPPROTO_TCP, (struct sockaddr *)&own, 1500);
	if (ret)
		check(false, "channel: %s", strerror(-ret));
	address.sin_port = 0;
	config.ipv4 = (struct sockaddr *)&address;
	ret = nc_stack_create(&stacks[end], &config);
	if (ret)
		check(false, "stack: %s", strerror(-ret));
}

static void open_stacks(const struct bed *bed, bool a, bool b)
{
	fast = false;
	if (b)
		open_stack(1, bed->b);
	if (a)
		open_stack(0, bed->a);
}

static void open_fast_stacks(const struct bed *bed, bool a, bool b)
{
	fast = true;
	if (b)
		open_stack(1, bed->b);
	if (a)
		open_stack(0, bed->a);
}

static void close_stacks(void)
{
	for (int i = 0; i < 2; i++) {
		if (nc_stack_destroy(stacks[i]))
			check(false, "a socket is open");
		stacks[i] = NULL;
	}
}

static int stack_socket(int end)
{
	return nc_socket(stacks[end], AF_INET, SOCK_STREAM, 0);
}

static int stack_accept(int fd)
{
	return nc_accept4(fd, NULL, NULL, 0);
}

/* A channel has one port: it waits until the last connection has come to its end. */
static int stack_connect(int fd, const struct sockaddr *address, socklen_t size)
{
	int ret;

	while ((ret = nc_connect(fd, address, size)) == -EADDRNOTAVAIL)
		sched_yield();
	return ret;
}

static const struct api library = {
	"ours", PORT_B, open_stacks, close_stacks, stack_socket, nc_bind, nc_listen, stack_accept,
	stack_connect, nc_send, nc_recv, nc_setsockopt, nc_close,
};

static const struct api library_fast = {
	"ours", PORT_B, open_fast_stacks, close_stacks, stack_socket, nc_bind, nc_listen,
	stack_accept, stack_connect, nc_send, nc_recv, nc_setsockopt, nc_close,
};

/* --- the kernel --- */

static int namespaces[2];

static void open_kernel(const struct bed *bed, bool a, bool b)
{
	namespaces[0] = bed->a;
	namespaces[1] = bed->b;
}

static void close_kernel(void)
{
}

static int kernel_socket(int end)
{
	int fd;

	enter(namespaces[end]);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

static int kernel_accept(int fd)
{
	return accept(fd, NULL, NULL);
}

static const struct api kernel = {
	"kernel-tcp", KERNEL_PORT, open_kernel, close_kernel, kernel_socket, bind, listen, kernel_accept,
	connect, send, recv, setsockopt, close,
};

/* --- what both do --- */

static int listener_of(const struct api *api)
{
	struct sockaddr_in own = address_of(1, api->port);
	int fd = api->socket(1), on = 1;

	if (fd < 0 || api->set(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    api->bind(fd, (struct sockaddr *)&own, sizeof(own)) || api->listen(fd, 8))
		check(false, "%s: listen", api->name);
	return fd;
}

static int connection_to(const struct api *api, int port)
{
	struct sockaddr_in to = address_of(1, port);
	int fd = api->socket(0), on = 1, ret;

	ret = fd < 0 ? fd : api->connect(fd, (struct sockaddr *)&to, sizeof(to));
	if (ret)
		check(false, "%s: connect: %d", api->name, ret);
	api->set(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static int connection_of(const struct api *api)
{
	return connection_to(api, api->port);
}

/* In each KB, and at the end: what is left in `in` from before is other bytes. */
static void stamp(uint32_t number, size_t size)
{
	for (size_t at = 0; at < size; at += 1024)
		memcpy(out + at, &number, sizeof(number));
	memcpy(out + size - sizeof(number), &number, sizeof(number));
}

static void receive(const struct api *api, int fd, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = api->recv(fd, in + done, size - done, 0);

		if (n <= 0)
			check(false, "%s: receive: %zd", api->name, n);
		done += n;
	}
	if (memcmp(in, out, size))
		check(false, "%s: %zu bytes differ", api->name, size);
	verified += size;
}

static void send_all(const struct api *api, int fd, size_t size)
{
	ssize_t n = api->send(fd, out, size, MSG_NOSIGNAL);

	if (n != (ssize_t)size)
		check(false, "%s: send: %zd", api->name, n);
}

/* There by one thread, so many times. */
static double one_way(const struct api *api, const struct bed *bed, size_t size, int count)
{
	uint64_t start = 0;
	int listener, ends[2];

	api->open(bed, true, true);
	listener = listener_of(api);
	ends[0] = connection_of(api);
	ends[1] = api->accept(listener);
	for (int i = 0; i < WARM_UP + count; i++) {
		if (i == WARM_UP)
			start = ticks();
		stamp(i, size);
		send_all(api, ends[0], size);
		receive(api, ends[1], size);
	}
	start = ticks() - start;
	api->close(ends[1]);
	api->close(ends[0]);
	api->close(listener);
	api->close_all();
	return (double)start / count;
}

static double bulk(const struct api *api, const struct bed *bed, int count)
{
	return one_way(api, bed, BLOCK_BYTES, count) / (BLOCK_BYTES / 1024);
}

/* From a socket of the kernel's. */
static double from_kernel(const struct api *api, const struct bed *bed, int count)
{
	uint64_t start = 0;
	int listener, from, to;

	kernel.open(bed, true, true);
	api->open(bed, true, false);
	listener = listener_of(&kernel);
	to = connection_to(api, KERNEL_PORT);
	from = kernel.accept(listener);
	for (int i = 0; i < WARM_UP + count; i++) {
		if (i == WARM_UP)
			start = ticks();
		stamp(i, BLOCK_BYTES);
		send_all(&kernel, from, BLOCK_BYTES);
		receive(api, to, BLOCK_BYTES);
	}
	start = ticks() - start;
	kernel.close(from);
	api->close(to);
	kernel.close(listener);
	api->close_all();
	return (double)start / count / (BLOCK_BYTES / 1024);
}

static double message(const struct api *api, const struct bed *bed, int count)
{
	return one_way(api, bed, MESSAGE_BYTES, count);
}

/* The other process: sends back what it gets, until the end. */
static void echo(const struct api *api, const struct bed *bed, int ready)
{
	int listener, fd;
	ssize_t n;

	api->open(bed, false, true);
	listener = listener_of(api);
	must(write(ready, "", 1), "ready");
	fd = api->accept(listener);
	while ((n = api->recv(fd, in, sizeof(in), 0)) > 0)
		api->send(fd, in, n, MSG_NOSIGNAL);
	api->close(fd);
	api->close(listener);
	api->close_all();
	_exit(0);
}

static double round_trip(const struct api *api, const struct bed *bed, int count)
{
	uint64_t start = 0;
	int ready[2], fd;
	pid_t child;
	char byte;

	must(pipe(ready), "pipe");
	child = must(fork(), "fork");
	if (!child)
		echo(api, bed, ready[1]);
	must(read(ready[0], &byte, 1), "ready");
	api->open(bed, true, false);
	fd = connection_of(api);
	for (int i = 0; i < WARM_UP + count; i++) {
		if (i == WARM_UP)
			start = ticks();
		stamp(i, MESSAGE_BYTES);
		send_all(api, fd, MESSAGE_BYTES);
		receive(api, fd, MESSAGE_BYTES);
	}
	start = ticks() - start;
	api->close(fd);
	waitpid(child, NULL, 0);
	api->close_all();
	close(ready[0]);
	close(ready[1]);
	return (double)start / count;
}

/* The accepting end closes first, so that the other's port is free again at once. */
static double connects(const struct api *api, const struct bed *bed, int count)
{
	uint64_t start = 0;
	int listener;

	api->open(bed, true, true);
	listener = listener_of(api);
	for (int i = 0; i < WARM_UP + count; i++) {
		int ends[2];

		if (i == WARM_UP)
			start = ticks();
		ends[0] = connection_of(api);
		ends[1] = api->accept(listener);
		if (ends[1] < 0)
			check(false, "%s: accept: %d", api->name, ends[1]);
		api->close(ends[1]);
		if (api->recv(ends[0], in, 1, 0))
			check(false, "%s: no end", api->name);
		api->close(ends[0]);
		verified++;
	}
	start = ticks() - start;
	api->close(listener);
	api->close_all();
	return (double)start / count;
}

static const struct row {
	const char *name, *unit;
	double (*measure)(const struct api *api, const struct bed *bed, int count);
	int count;
	int gate_count;
} rows[] = {
	{ "tcp-bulk", "insn/KB", bulk, 100, 50 },
	{ "tcp-rx-from-kernel", "insn/KB", from_kernel, 100, 0 },
	{ "tcp-msg-128B", "insn/message", message, 1000, 300 },
	{ "tcp-rr-128B", "insn/round-trip", round_trip, 1000, 300 },
	{ "tcp-connect", "insn/connection", connects, 200, 100 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* The library comes last: its hook is not there yet when the kernel is measured. */
static const struct api *const ways[] = { &kernel, &library, &library_fast };

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void sample(const struct row *row, const struct api *way, const char *suffix, double cost)
{
	mark_sample();
	printf("sample %s%s %s %s %.1f %ld\n", row->name, suffix, row->unit, way->name, cost,
	       verified);
	fflush(stdout);
}

static void gate(const struct bed *bed)
{
	for (size_t r = 0; r < ROWS; r++) {
		if (!rows[r].gate_count)
			continue;
		verified = 0;
		sample(&rows[r], &library, "",
		       rows[r].measure(&library, bed, rows[r].gate_count));
	}
}

static struct bed bench_bed(void)
{
	struct bed bed = new_bed();

	run("/usr/bin/ip neigh add " ADDR_B " lladdr 02:00:00:00:00:02 dev v0 nud permanent");
	enter(bed.b);
	run("/usr/bin/ip neigh add " ADDR_A " lladdr 02:00:00:00:00:01 dev v1 nud permanent");
	enter(bed.a);
	return bed;
}

int main(int argc, char **argv)
{
	struct bed bed = bench_bed();

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 31 + 7;
	if (argc == 4) {
		printf("%.1f\n", rows[atoi(argv[1])].measure(ways[atoi(argv[2])], &bed,
							     atoi(argv[3])));
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "gate")) {
		gate(&bed);
		return 0;
	}
	for (size_t w = 0; w < WAYS; w++) {
		for (size_t r = 0; r < ROWS; r++) {
			double cost;

			verified = 0;
			cost = rows[r].measure(ways[w], &bed, rows[r].count);
			if (ways[w] != &library_fast)
				sample(&rows[r], ways[w], "", cost);
			if (ways[w] != &library)
				sample(&rows[r], ways[w], "-fast", cost);
		}
	}
	return 0;
}
