// SPDX-License-Identifier: GPL-2.0
/*
 * Two flows of the library and two of the kernel, both with CUBIC, through one bottleneck:
 * what each brings, and Jain's index of fairness of the four.
 *
 * tcp_fair SECONDS [6]: they are counted for so long, after three to find their place; over IPv6.
 */
#include "path.h"

#define FLOWS		4
#define OURS		2		/* of these, the library's */
#define RATE		"5mbit"
#define SETTLE_S	3

static struct pair flows[FLOWS];
static uint64_t received[FLOWS];

/*
 * A queue of a round trip's bytes, and 50 ms there and back. Behind the wire, where the
 * kernel cannot count what its own sockets have in it; in frames of one segment each.
 */
static void make_bottleneck(void)
{
	treat_theirs("delay 50ms");
	enter(bed.b);
	run("/usr/bin/ip link add slow type ifb && /usr/bin/ip link set slow up &&"
	    "/usr/bin/tc qdisc add dev slow root tbf rate " RATE " burst 3000 limit 32000 &&"
	    "/usr/bin/tc qdisc add dev v1 ingress &&"
	    "/usr/bin/tc filter add dev v1 parent ffff: matchall "
	    "action mirred egress redirect dev slow");
	enter(bed.a);
}

static void unmake_bottleneck(void)
{
	treat_theirs(NULL);
	enter(bed.b);
	run("/usr/bin/tc qdisc del dev v1 ingress && /usr/bin/ip link del slow");
	enter(bed.a);
}

static void open_flows(void)
{
	for (int i = 0; i < FLOWS; i++) {
		int listener = their_listener(++last_port);

		if (i < OURS) {
			flows[i].ours = our_connection(last_port);
			fcntl(flows[i].ours, F_SETFL, O_NONBLOCK);
		} else {
			union sock_addr to = sock_addr(addr_b, last_port);

			flows[i].ours = must(socket(family_of(addr_b), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
			must(connect(flows[i].ours, &to.any, sizeof(to)), "connect");
			must(setsockopt(flows[i].ours, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5),
			     "cubic");
			fcntl(flows[i].ours, F_SETFL, O_NONBLOCK);
		}
		flows[i].theirs = must(accept(listener, NULL, NULL), "accept");
		close(listener);
	}
}

static void feed(int i)
{
	if (i < OURS)
		nc_send(flows[i].ours, pattern, 65536, 0);
	else
		send(flows[i].ours, pattern, 65536, MSG_NOSIGNAL);
}

static void run_until(double end)
{
	static uint8_t bytes[MEBIBYTE];
	struct pollfd fds[2 * FLOWS];

	for (int i = 0; i < FLOWS; i++) {
		fds[i] = (struct pollfd){ .fd = flows[i].ours, .events = POLLOUT };
		fds[FLOWS + i] = (struct pollfd){ .fd = flows[i].theirs, .events = POLLIN };
	}
	while (now() < end) {
		must(poll(fds, 2 * FLOWS, 100), "poll");
		for (int i = 0; i < FLOWS; i++) {
			if (fds[i].revents & POLLOUT)
				feed(i);
			if (fds[FLOWS + i].revents & POLLIN)
				received[i] += must(recv(flows[i].theirs, bytes, sizeof(bytes), 0),
						    "recv");
		}
	}
}

static double fairness(void)
{
	double sum = 0, squares = 0;

	for (int i = 0; i < FLOWS; i++) {
		sum += received[i];
		squares += (double)received[i] * received[i];
	}
	return sum * sum / (FLOWS * squares);
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 10;

	make_path();
	use_ipv6(argc > 2);
	start_stack();
	make_bottleneck();
	open_flows();
	run_until(now() + SETTLE_S);
	memset(received, 0, sizeof(received));
	run_until(now() + seconds);
	printf("jain %.3f ours %llu %llu kernel %llu %llu\n", fairness(),
	       (unsigned long long)received[0], (unsigned long long)received[1],
	       (unsigned long long)received[2], (unsigned long long)received[3]);
	for (int i = 0; i < FLOWS; i++) {
		if (i < OURS)
			nc_close(flows[i].ours);
		else
			close(flows[i].ours);
		close(flows[i].theirs);
	}
	stop_stack();
	unmake_bottleneck();
	return 0;
}
