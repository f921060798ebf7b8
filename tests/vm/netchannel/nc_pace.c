// SPDX-License-Identifier: GPL-2.0
/* When a packet is to leave (txtime_ns), as fq obeys it. */
#include "ring.h"

#define PORT_A 7000
#define PORT_B 7001
#define MS 1000000ull

static struct bed bed;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* One byte of the arena, to leave then. */
static struct netchannel_descriptor *push_at(struct ring *r, char c, uint64_t when)
{
	uint32_t offset = r->tx_producer % 64;
	struct netchannel_descriptor *d = ring_push(r, offset, 1);

	r->arena[offset] = c;
	d->txtime_ns = when;
	return d;
}

int main(void)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	uint64_t start, wanted[3];
	struct netchannel_descriptor *d;
	struct ring r;
	int peer, i;
	char c;

	bed = new_bed();
	enter(bed.b);
	peer = udp_socket(ADDR_B, PORT_B, ADDR_A, PORT_A);
	enter(bed.a);
	run("/usr/bin/tc qdisc add dev v0 root fq");
	r = open_ring(args);
	check(!ring_send(&r, "0", 1), "the neighbour is asked for first");
	expect_socket(peer, "0", 1, "and known");
	for (;;) {
		start = now_ns();
		wanted[0] = start;
		wanted[1] = start + 100 * MS;
		wanted[2] = start + 200 * MS;
		push_at(&r, 'c', wanted[2]);
		push_at(&r, 'b', wanted[1]);
		push_at(&r, 'a', start - 50 * MS);
		ring_publish(&r);
		check(ring_kick(&r, 0, 0) == 3, "three, the last first");
		if (now_ns() < wanted[1])
			break;
		for (i = 0; i < 3; i++)		/* so late that none had to wait: again */
			must(recv(peer, &c, 1, 0), "recv");
	}
	for (i = 0; i < 3; i++) {
		must(recv(peer, &c, 1, 0), "recv");
		check(c == 'a' + i && now_ns() >= wanted[i], "%c after %d ms", c,
		      (int)((now_ns() - start) / MS));
	}
	d = push_at(&r, 'd', 1ull << 63);
	ring_publish(&r);
	check(ring_kick(&r, 0, 0) == 1 && d->result == -EINVAL, "a time that is none");
	close_ring(&r);

	args.flags = NETCHANNEL_FAST;
	args.ifindex = if_nametoindex("v0");
	r = open_ring(args);
	d = push_at(&r, 'e', start);
	ring_publish(&r);
	check(ring_kick(&r, 0, 0) == 1 && d->result == -EOPNOTSUPP, "FAST passes by the queue");
	close_ring(&r);
	run("/usr/bin/tc qdisc del dev v0 root");	/* so that its module can go */
	return 0;
}
