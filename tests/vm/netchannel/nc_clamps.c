// SPDX-License-Identifier: GPL-2.0
/*
 * Each thing that the kernel asks of what a ring's owner can write: another thread flips one
 * value between one that is right and one that is not, until both have been met so many times
 * while the kernel looked. How often is said of each.
 */
#include "ring.h"

#include <pthread.h>
#include <sched.h>
#include <stddef.h>

#define PORT_A 7000
#define PORT_B 7001
#define PORT_L 7002
#define SLOTS 64
#define ARENA 65536
#define HEADERS 28		/* of UDP over IPv4 */
#define SEGMENT 40
#define TEXT 16

static struct bed bed;
static int peer;
static unsigned long wanted;	/* of each */

/* What is flipped: a word, or the same one in each of the descriptors. */
struct flipper {
	volatile uint32_t *at;
	uint32_t nr, stride;	/* in words */
	const uint32_t *base;	/* beside which both stand, as it is then; NULL: 0 */
	volatile uint32_t right, wrong;
	volatile uint32_t turns;
	bool stop;
	pthread_t thread;
};

/* On a CPU of its own: a race is none where one waits for the other's turn. */
static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	must(sched_setaffinity(0, sizeof(set), &set), "affinity");
}

static void *flip(void *arg)
{
	struct flipper *f = arg;
	bool wrong = false;
	uint32_t i, base;

	pin(1);
	while (!__atomic_load_n(&f->stop, __ATOMIC_RELAXED)) {
		wrong = !wrong;
		for (i = 0; i < f->nr; i++) {
			base = f->base ? __atomic_load_n(f->base, __ATOMIC_RELAXED) : 0;
			f->at[i * f->stride] = base + (wrong ? f->wrong : f->right);
		}
		f->turns++;
	}
	return NULL;
}

static void start(struct flipper *f)
{
	f->stop = false;
	must(-pthread_create(&f->thread, NULL, flip, f), "thread");
}

/* Others from now on, and no longer the ones of before. */
static void change(struct flipper *f, uint32_t right, uint32_t wrong)
{
	uint32_t turn;

	f->right = right;
	f->wrong = wrong;
	turn = f->turns;
	while (f->turns - turn < 2)
		usleep(10);
}

static void stop(struct flipper *f)
{
	__atomic_store_n(&f->stop, true, __ATOMIC_RELAXED);
	pthread_join(f->thread, NULL);
}

/* Both ways are taken, or something is not asked any more. */
static void counted(const char *what, unsigned long refused, unsigned long taken)
{
	check(refused >= wanted && taken >= wanted, "%s: %lu refused, %lu taken", what, refused,
	      taken);
}

static bool goes_on(unsigned long refused, unsigned long taken, int rounds)
{
	return (refused < wanted || taken < wanted) && rounds < 400000;
}

/* Which of the kernel's ways to read a descriptor is the first to look. */
enum kind {
	PAYLOAD,	/* short datagrams to the channel's remote: read_plain() */
	ALIKE,		/* datagrams that say to whom, many at a time: read_alike() */
	ALONE,		/* one segment a KICK, to where the last one went: read_segment() */
	GATHER,		/* headers, and data apart */
	SEGMENTS,	/* of TCP, to the channel's remote */
	LENT,		/* PAYLOAD of ZEROCOPY */
};

static struct ring ring_of(enum kind kind)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);

	args.tx_slots = SLOTS;
	args.tx_bytes = ARENA;
	args.rx_bytes = 4096;
	if (kind == ALONE || kind == SEGMENTS)
		args.protocol = IPPROTO_TCP;
	if (kind == ALIKE || kind == ALONE)
		args.remote = nc_addr(NULL, 0);
	if (kind == LENT)
		args.flags = NETCHANNEL_ZEROCOPY;
	else if (kind != PAYLOAD)
		args.format = NETCHANNEL_FORMAT_PACKET;
	return open_ring(args);
}

/* What the kernel does not write itself, into an arena that is new. */
static void put_packet(uint8_t *p, enum kind kind)
{
	if (kind == PAYLOAD || kind == LENT)
		return;
	p[0] = 0x45;
	memcpy(p + 16, &(uint32_t){ inet_addr(ADDR_B) }, 4);
	p[22] = PORT_B >> 8;
	p[23] = PORT_B & 255;
	if (kind == ALONE || kind == SEGMENTS)
		p[32] = 5 << 4;
}

static uint32_t headers_of(enum kind kind)
{
	return kind == ALIKE || kind == GATHER ? HEADERS :
	       kind == ALONE || kind == SEGMENTS ? SEGMENT : 0;
}

#define WORD(field) (offsetof(struct netchannel_descriptor, field) / 4)

static const struct lie {
	const char *what;
	enum kind kind;
	uint32_t word;
	uint32_t offset, text;		/* what is right; of the text, behind headers */
	uint32_t wrong;			/* right is what the descriptor has there */
	int result;
	bool is_counted;		/* as an impossible descriptor */
} lies[] = {
	{ "a flag", PAYLOAD, WORD(flags), 0, TEXT, 1U << 31, -EINVAL, true },
	{ "reserved", PAYLOAD, WORD(reserved), 0, TEXT, 1, -EINVAL, true },
	{ "a time's sign", PAYLOAD, WORD(txtime_ns) + 1, 0, TEXT, 1U << 31, -EINVAL, true },
	{ "an offset", PAYLOAD, WORD(offset), 0, TEXT, ARENA + 1, -EINVAL, true },
	{ "a length", PAYLOAD, WORD(len), ARENA - TEXT, TEXT, TEXT + 1, -EINVAL, true },
	{ "an offset, ZEROCOPY", LENT, WORD(offset), 0, 1000, ARENA + 1, -EINVAL, true },
	{ "a length, ZEROCOPY", LENT, WORD(len), ARENA - 1000, 1000, 1001, -EINVAL, true },
	{ "an offset, of a row", ALIKE, WORD(offset), 0, TEXT, ARENA + 1, -EINVAL, true },
	{ "a length, of a row", ALIKE, WORD(len), ARENA - HEADERS - TEXT, TEXT,
	  HEADERS + TEXT + 1, -EINVAL, true },
	{ "less than headers, of a row", ALIKE, WORD(len), 0, TEXT, HEADERS - 1, -EINVAL, false },
	{ "an offset, of one segment", ALONE, WORD(offset), 0, TEXT, -8U, -EINVAL, true },
	{ "a length, of one segment", ALONE, WORD(len), ARENA - SEGMENT - TEXT, TEXT,
	  SEGMENT + TEXT + 1, -EINVAL, true },
	{ "less than headers, of one segment", ALONE, WORD(len), 0, TEXT, SEGMENT - 1, -EINVAL,
	  false },
	{ "an offset of data", GATHER, WORD(data_offset), 0, 0, ARENA + 1, -EINVAL, true },
	{ "a length of data", GATHER, WORD(data_len), 0, 0, ARENA + 1, -EINVAL, true },
	{ "data behind more than headers", GATHER, WORD(len), 0, 0, HEADERS + 1, -EINVAL, false },
	{ "a place without data", PAYLOAD, WORD(data_offset), 0, TEXT, 1, -EINVAL, true },
	{ "data apart, of PAYLOAD", PAYLOAD, WORD(data_len), 0, TEXT, 1, -EINVAL, false },
	{ "a remote beside the channel's", PAYLOAD, WORD(remote), 0, TEXT, AF_INET, -EISCONN,
	  false },
	{ "a remote beside the header's", ALIKE, WORD(remote), 0, TEXT, AF_INET, -EINVAL, false },
	{ "65 segments", PAYLOAD, WORD(segment_bytes), 0, 65, 1, -EINVAL, false },
	{ "segments too short for TCP", SEGMENTS, WORD(segment_bytes), 0, TEXT,
	  NETCHANNEL_TCP_SEGMENT_BYTES_MIN - 1, -EINVAL, false },
	{ "segments of one datagram", ALIKE, WORD(segment_bytes), 0, TEXT, 8, -EOPNOTSUPP,
	  false },
};

static void push(struct ring *r, const struct lie *lie)
{
	struct netchannel_descriptor *d = ring_push(r, lie->offset,
						    headers_of(lie->kind) + lie->text);

	if (lie->kind != GATHER)
		return;
	d->data_offset = 128;
	d->data_len = TEXT;
}

/* All slots, in one KICK or one in each. */
static void kick_all(struct ring *r, const struct lie *lie)
{
	int at_once = lie->kind == ALONE ? 1 : SLOTS, i, j;

	for (i = 0; i < SLOTS; i += at_once) {
		for (j = 0; j < at_once; j++)
			push(r, lie);
		ring_publish(r);
		if (ring_kick(r, 0, 0) != at_once)
			check(false, "%s: KICK of %d: %s", lie->what, at_once, strerror(errno));
	}
	/* of ZEROCOPY, until what flies has landed */
	for (i = 0; __atomic_load_n(&r->header->tx_consumer, __ATOMIC_ACQUIRE) != r->tx_producer;
	     i++) {
		if (i == 100000)
			check(false, "%s: not done in 10 s", lie->what);
		usleep(100);
	}
}

/* N30, N31: what is asked of a descriptor is asked of what is used then. */
static void flip_descriptors(const struct lie *lie)
{
	struct ring r = ring_of(lie->kind);
	struct flipper f = { .nr = SLOTS, .stride = sizeof(*r.tx) / 4, .wrong = lie->wrong };
	unsigned long refused = 0, taken = 0, counted_as_bad;
	int rounds, i, result;

	put_packet(r.arena + lie->offset, lie->kind);
	push(&r, lie);
	f.at = (uint32_t *)r.tx + lie->word;
	f.right = f.at[0];
	ring_publish(&r);
	must(ring_kick(&r, 0, 0), "KICK");	/* routes and neighbours are known now */
	start(&f);
	for (rounds = 0; goes_on(refused, taken, rounds); rounds++) {
		kick_all(&r, lie);
		for (i = 0; i < SLOTS; i++) {
			result = r.tx[i].result;
			if (result && result != lie->result && result != NETCHANNEL_COPIED)
				check(false, "%s: the result is %d", lie->what, result);
			*(result == lie->result ? &refused : &taken) += 1;
		}
	}
	stop(&f);
	counted(lie->what, refused, taken);
	counted_as_bad = stats_of(r.fd).tx_bad_descriptors;
	check(counted_as_bad == (lie->is_counted ? refused : 0), "%lu of them as impossible",
	      counted_as_bad);
	close_ring(&r);
}

/* Both ends of what can be: the producer is `right` or `wrong` beside what is done. */
static void flip_producer(const char *what, struct ring *r, uint32_t right, uint32_t wrong)
{
	struct flipper f = {
		.at = &r->header->tx_producer, .nr = 1, .right = right, .wrong = wrong,
		.base = &r->header->tx_consumer,
	};
	uint64_t before = stats_of(r->fd).tx_bad_positions;
	unsigned long refused = 0, taken = 0;
	int rounds;

	start(&f);
	for (rounds = 0; goes_on(refused, taken, rounds); rounds++) {
		if (!ring_kick(r, 0, 0))
			taken++;
		else if (errno == EINVAL)
			refused++;
		else
			check(false, "%s: KICK: %s", what, strerror(errno));
	}
	stop(&f);
	counted(what, refused, taken);
	before = stats_of(r->fd).tx_bad_positions - before;
	check(before == refused, "%lu of them as impossible", (unsigned long)before);
}

static void flip_producers(void)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, "10.0.0.77", PORT_B);
	struct ring r = ring_of(PAYLOAD);

	flip_producer("more than there are slots", &r, 0, SLOTS + 1);
	flip_producer("a producer before what is done", &r, 0, -1U);
	close_ring(&r);
	/* one is in flight, to a neighbour that does not answer: it is taken, and not done */
	never_give_up();
	args.flags = NETCHANNEL_ZEROCOPY;
	args.tx_slots = SLOTS;
	args.tx_bytes = ARENA;
	r = open_ring(args);
	ring_push(&r, 0, 1000);
	ring_publish(&r);
	check(ring_kick(&r, 0, 0) == 1 && !r.header->tx_consumer, "one descriptor flies");
	flip_producer("more than are done, not than are taken", &r, 1, 1 + SLOTS);
	close_ring(&r);
	run("/usr/bin/ip neigh del 10.0.0.77 dev v0");
}

/* Two of these fill the ring: each third one has the kernel look for room. */
static void flip_consumer(void)
{
	struct ring r = ring_of(PAYLOAD);
	struct flipper f = {
		.at = &r.header->rx_consumer, .nr = 1, .right = 0, .wrong = 64,
		.base = &r.header->rx_producer,
	};
	struct netchannel_stats s = { };
	static char text[1400];
	int rounds;

	start(&f);
	for (rounds = 0; goes_on(s.rx_bad_positions, s.rx_packets / 3, rounds); rounds++) {
		must(send(peer, text, sizeof(text), 0), "send");
		s = stats_at(r.fd, rounds + 1);
	}
	stop(&f);
	s = stats_of(r.fd);
	counted("a consumer before what was received", s.rx_bad_positions, s.rx_packets / 3);
	/* what was right when the thread read it may say a moment later that the ring is full */
	check(s.rx_dropped_full >= s.rx_bad_positions &&
	      s.rx_packets + s.rx_dropped_full == (uint64_t)rounds, "all %d are counted", rounds);
	close_ring(&r);
}

/* Where only its owner is told how full it is. */
static void flip_consumer_for_stats(void)
{
	struct ring r = ring_of(PAYLOAD);
	struct flipper f = {
		.at = &r.header->rx_consumer, .nr = 1, .right = 0, .wrong = 64,
		.base = &r.header->rx_producer,
	};
	unsigned long full = 0, empty = 0;
	uint64_t bytes;
	int rounds;

	start(&f);
	for (rounds = 0; goes_on(full, empty, rounds); rounds++) {
		bytes = stats_of(r.fd).rx_queued_bytes;
		if (bytes && bytes != r.rx_bytes)
			check(false, "the ring holds %lu bytes", (unsigned long)bytes);
		*(bytes ? &full : &empty) += 1;
	}
	stop(&f);
	counted("a consumer before what was received, in STATS", full, empty);
	close_ring(&r);
}

/* The first record since then that has not the text which is its turn; 0: all are there. */
static int first_missing(struct ring *r, int texts)
{
	const struct netchannel_record *record;
	int n = 1;

	while (n <= texts && (record = ring_peek(r))) {
		/* behind the cookie */
		if (((const char *)(record + 1))[8] != n)
			return n;
		ring_next(r, record);
		n++;
	}
	return n <= texts ? n : 0;
}

struct accepted {
	unsigned long refused, taken, beside;
};

/*
 * ACCEPT reserves room in a group's ring for three packets, then moves them. `f` says that all
 * of the ring is free, or all but for two records: not enough to reserve three, nor beside the
 * two that are left to move when the first one is.
 */
static void accept_three(struct ring *r, struct flipper *f, int listener, struct accepted *n)
{
	struct netchannel_accept accept = {
		.size = sizeof(accept), .type = NETCHANNEL_TYPE_GROUP, .group = r->fd,
		.listener = listener, .timeout_ns = 30 * SECOND,
	};
	int child = open_device(), missing, tries = 0, ret;
	struct netchannel_stats s;

	r->rx_consumer = r->header->rx_producer;
	change(f, r->rx_consumer, r->rx_consumer + 2 * 64 - r->rx_bytes);
	while ((ret = ioctl(child, NETCHANNEL_ACCEPT, &accept)) && errno == ENOBUFS &&
	       tries++ < 1000000)
		n->refused++;
	must(ret, "ACCEPT");
	s = stats_of(child);
	missing = first_missing(r, 3);
	if (s.rx_packets + s.rx_dropped_full != 3 || !missing != !s.rx_dropped_full)
		check(false, "%d received, %d dropped; number %d is missing", (int)s.rx_packets,
		      (int)s.rx_dropped_full, missing);
	/* the last one has all that is left reserved */
	n->beside += missing == 1 || missing == 2;
	n->taken += !missing;
	close(child);
}

static void send_three(int listener, int sock, uint64_t before)
{
	char n;

	for (n = 1; n <= 3; n++)
		must(send_to(sock, &n, 1, ADDR_A, PORT_L), "send");
	stats_at(listener, before + 3);
}

static void flip_consumer_of_group(void)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_L, NULL, 0);
	struct ring r = ring_of(PAYLOAD);
	struct flipper f = { .at = &r.header->rx_consumer, .nr = 1 };
	struct accepted n = { };
	int listener, sock, rounds;

	args.type = NETCHANNEL_TYPE_LISTEN;
	listener = channel_of(args);
	enter(bed.b);
	sock = udp_socket(ADDR_B, PORT_L, NULL, 0);
	enter(bed.a);
	start(&f);
	for (rounds = 0; goes_on(n.refused < n.beside ? n.refused : n.beside, n.taken, rounds);
	     rounds++) {
		send_three(listener, sock, 3ULL * rounds);
		accept_three(&r, &f, listener, &n);
	}
	stop(&f);
	counted("no room to reserve", n.refused, n.taken);
	counted("no room beside what is reserved", n.beside, n.taken);
	check(!stats_of(r.fd).rx_bad_positions, "none as impossible");
	close(listener);
	close(sock);
	close_ring(&r);
}

int main(void)
{
	size_t i;

	wanted = count_of(10, 10000);
	bed = new_bed();
	pin(0);
	enter(bed.b);
	peer = udp_socket(ADDR_B, PORT_B, ADDR_A, PORT_A);
	enter(bed.a);
	for (i = 0; i < sizeof(lies) / sizeof(*lies); i++)
		flip_descriptors(&lies[i]);
	/* of the others a round is one answer, and mostly the same */
	wanted = count_of(10, 200);
	flip_producers();
	flip_consumer();
	flip_consumer_for_stats();
	flip_consumer_of_group();
	return 0;
}
