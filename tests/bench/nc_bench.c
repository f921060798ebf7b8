// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet costs one way, from a program to a program in another network
 * namespace over a veth pair: one thread sends a batch of 32, then receives
 * it. On the time bed a TSC tick is an instruction.
 *
 * Every way of sending carries the same payload: a running number, then a
 * fixed text; the receiver compares all of it, in the measured time. Neighbours
 * are entered by hand on both sides, so that no address resolution runs.
 *
 * Ping-pong: two processes, each asleep until the other's packet comes.
 *
 * nc_bench more: a batch as one super-frame of 32 datagrams (bulk), what it costs to
 * open and close a flow, the library's sockets, and AF_XDP beside FAST rings.
 *
 * nc_bench profile: for tests/profile, each row's ours and its socket's, one after the other.
 *
 * nc_bench WAY BYTES BATCHES repeats one way, for a profiler to look at: those of UDP
 * (0 to 6), in bulk (10 to 14), AF_XDP (20 to 22), the library's (30); FLOWS of sockets
 * (40), first on a port (41) and on an owned one (42), as BATCHES.
 */
#include "nc_way.h"
#include "xsk.h"
#include "nc_peers.h"

#include <netchannel/socket.h>

#include "ticks.h"

#define FLOOR "/sys/module/netchannel_floor/parameters/"

/* Channels: format PAYLOAD, read() and write(). */

static void open_channels(const struct bed *bed)
{
	enter(bed->b);
	rx = channel(ADDR_B, PORT_B, ADDR_A, PORT_A);
	enter(bed->a);
	tx = channel(ADDR_A, PORT_A, ADDR_B, PORT_B);
}

static void write_batch(void)
{
	int i;

	for (i = 0; i < BATCH; i++)
		if (write(tx, stamp(out[i]), payload_bytes) != (ssize_t)payload_bytes)
			check(false, "write: %s", strerror(errno));
}

static void read_batch(void)
{
	int i;

	for (i = 0; i < BATCH; i++)
		verify(in[i], read(rx, in[i], sizeof(in[i])));
}

/* Channels of type RING: a call sends a batch, none receives it. */

static struct ring tx_ring, rx_ring;

static void open_rings_with(const struct bed *bed, uint32_t flags)
{
	struct netchannel_create args = ring_args(ADDR_B, PORT_B, ADDR_A, PORT_A);
	bool is_fast = flags & NETCHANNEL_FAST;
	int i;

	enter(bed->b);
	args.flags = flags;
	args.ifindex = is_fast ? if_nametoindex("v1") : 0;
	rx_ring = open_ring(args);
	enter(bed->a);
	args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	args.flags = flags;
	args.ifindex = is_fast ? if_nametoindex("v0") : 0;
	tx_ring = open_ring(args);
	tx = tx_ring.fd;
	rx = rx_ring.fd;
	for (i = 0; i < BATCH; i++)
		memcpy(tx_ring.arena + i * 2048, wanted, sizeof(wanted));
}

static void open_rings(const struct bed *bed)
{
	open_rings_with(bed, 0);
}

static void open_fast_rings(const struct bed *bed)
{
	open_rings_with(bed, NETCHANNEL_FAST);
}

static void close_rings(void)
{
	munmap(tx_ring.memory, tx_ring.map_bytes);
	munmap(rx_ring.memory, rx_ring.map_bytes);
}

/* The payload stands in the arena, as that of the others where they send it from. */
static void kick_batch(void)
{
	int i;

	for (i = 0; i < BATCH; i++) {
		stamp(tx_ring.arena + i * 2048);
		ring_push(&tx_ring, i * 2048, payload_bytes);
	}
	ring_publish(&tx_ring);
	if (ring_kick(&tx_ring, 0, 0) != BATCH)
		check(false, "KICK: %s", strerror(errno));
}

static void consume_batch(void)
{
	struct netchannel_record *record;
	int i;

	for (i = 0; i < BATCH; i++) {
		record = ring_peek(&rx_ring);
		if (!record)
			check(false, "no record %d in the ring", i);
		verify((uint8_t *)(record + 1), record->len);
		ring_next(&rx_ring, record);
	}
	ring_release(&rx_ring);
}

/* Channels come last: their hook is not there yet when the peers are measured. */
static const struct way ways[] = {
	{ "udp-socket", NULL, open_sockets, send_batch, receive_batch, NULL },
	{ "udp-socket", NULL, open_sockets, sendmmsg_batch, recvmmsg_batch, NULL },
	{ "af-packet", NULL, open_packet_sockets, send_frames, receive_frames, NULL },
	{ "af-packet", NULL, open_packet_sockets, sendmmsg_frames, receive_frames, NULL },
	{ "ours", "copy", open_channels, write_batch, read_batch, NULL },
	{ "ours", "default", open_rings, kick_batch, consume_batch, close_rings },
	{ "ours", "fast", open_fast_rings, kick_batch, consume_batch, close_rings },
};
#define WAYS (sizeof(ways) / sizeof(*ways))
#define FIRST_OURS 4

static double measure(const struct way *way, const struct bed *bed)
{
	uint64_t start = 0;
	double cost;
	int i;

	for (i = 0; i < BATCH; i++)
		memcpy(out[i], wanted, sizeof(wanted));
	next_out = 0;
	next_in = 0;
	way->open(bed);
	for (i = 0; i < WARM_UP + batches; i++) {
		if (i == WARM_UP) {
			start = ticks();
			verified = 0;
		}
		way->send_batch();
		way->receive_batch();
	}
	cost = (double)(ticks() - start) / batches / BATCH;
	if (ring)	/* it keeps its socket, and each packet would be copied there */
		munmap(ring, FRAMES * FRAME_BYTES);
	ring = NULL;
	if (way->close)
		way->close();
	close(tx);
	close(rx);
	return cost;
}

/* New namespaces that know each other's hardware addresses. */
static struct bed bench_bed(void)
{
	struct bed bed = new_bed();

	run("/usr/bin/ip neigh add " ADDR_B " lladdr 02:00:00:00:00:02 dev v0 nud permanent");
	enter(bed.b);
	run("/usr/bin/ip neigh add " ADDR_A " lladdr 02:00:00:00:00:01 dev v1 nud permanent");
	enter(bed.a);
	usleep(1500000);	/* a link takes a second to be ready */
	return bed;
}

/* Of several ways of a peer, the best counts. */
static double best_of(const double *cost, const char *name)
{
	double best = 1e9;
	size_t i;

	for (i = 0; i < FIRST_OURS; i++)
		if (!strcmp(ways[i].name, name) && cost[i] < best)
			best = cost[i];
	return best;
}

/* As many, made, transmitted and dropped in the kernel (tests/modules/netchannel_floor.c). */
static double measure_floor(const struct bed *bed)
{
	unsigned long long ticks;
	int arrived;
	FILE *result;

	enter(bed->a);
	run("echo %zu >" FLOOR "payload_bytes", payload_bytes);
	result = fopen(FLOOR "run", "r");
	if (!result || fscanf(result, "%llu %d", &ticks, &arrived) != 2)
		check(false, "the floor: %s", strerror(errno));
	fclose(result);
	if (arrived != batches * BATCH)
		check(false, "%d have arrived at the floor", arrived);
	return (double)ticks / arrived;
}

static void measure_all(size_t size)
{
	static const char *const peers[] = { "udp-socket", "af-packet" };
	struct bed bed = bench_bed();
	double cost[WAYS], floor;
	size_t i, j;
	long bytes;

	payload_bytes = size;
	floor = measure_floor(&bed);
	for (i = 0; i < WAYS; i++) {
		cost[i] = measure(&ways[i], &bed);
		printf("udp-%zuB, %s %s, way %zu: %.1f\n", size, ways[i].name,
		       ways[i].metric ?: "", i, cost[i]);
	}
	bytes = verified * payload_bytes;
	for (i = FIRST_OURS; i < WAYS; i++) {
		printf("sample udp-%zuB-%s insn/packet ours %.1f %ld\n", size, ways[i].metric,
		       cost[i], bytes);
		for (j = 0; j < 2; j++)
			printf("sample udp-%zuB-%s insn/packet %s %.1f %ld\n", size,
			       ways[i].metric, peers[j], best_of(cost, peers[j]), bytes);
	}
	printf("sample udp-%zuB-fast insn/packet floor %.1f %d\n", size, floor,
	       batches * BATCH);
}

/* Ping-pong: each end answers what it gets. */

#define PING_PONGS 1500
#define PING_WARM_UP 200

static void answer_on_socket(void)
{
	uint8_t data[64];

	for (;;)
		if (send(rx, data, recv(rx, data, sizeof(data), 0), 0) < 0)
			_exit(1);
}

static void ask_on_socket(void)
{
	if (send(tx, stamp(out[0]), payload_bytes, 0) < 0)
		check(false, "send: %s", strerror(errno));
	verify(in[0], recv(tx, in[0], sizeof(in[0]), 0));
}

/* One call sends the answer and waits for the next question. */
static void answer_on_ring(void)
{
	struct netchannel_record *record;

	for (;;) {
		if (ring_kick(&rx_ring, NETCHANNEL_WAIT, 0) < 0)
			_exit(1);
		record = ring_peek(&rx_ring);
		memcpy(rx_ring.arena, record + 1, record->len);
		ring_push(&rx_ring, 0, record->len);
		ring_next(&rx_ring, record);
		ring_release(&rx_ring);
		ring_publish(&rx_ring);
	}
}

static void ask_on_ring(void)
{
	struct netchannel_record *record;

	memcpy(tx_ring.arena, stamp(out[0]), payload_bytes);
	ring_push(&tx_ring, 0, payload_bytes);
	ring_publish(&tx_ring);
	if (ring_kick(&tx_ring, NETCHANNEL_WAIT, 0) < 0)
		check(false, "KICK: %s", strerror(errno));
	record = ring_peek(&tx_ring);
	verify((uint8_t *)(record + 1), record->len);
	ring_next(&tx_ring, record);
	ring_release(&tx_ring);
}

static void ping_pong(const struct bed *bed, const char *name,
		      void (*open)(const struct bed *bed), void (*answer)(void),
		      void (*ask)(void), void (*close_more)(void))
{
	uint64_t start = 0;
	pid_t child;
	int i;

	next_out = next_in = 0;
	open(bed);
	child = fork();
	if (!child)
		answer();
	for (i = 0; i < PING_WARM_UP + PING_PONGS; i++) {
		if (i == PING_WARM_UP) {
			start = ticks();
			verified = 0;
		}
		ask();
	}
	start = ticks() - start;
	mark_sample();
	printf("sample pingpong insn/round-trip %s %.1f %ld\n", name,
	       (double)start / PING_PONGS, verified * (long)payload_bytes);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (close_more)
		close_more();
	close(tx);
	close(rx);
}

static void ping_pong_all(void)
{
	struct bed bed = bench_bed();

	payload_bytes = 22;
	ping_pong(&bed, "udp-socket", open_sockets, answer_on_socket, ask_on_socket, NULL);
	ping_pong(&bed, "ours", open_fast_rings, answer_on_ring, ask_on_ring, close_rings);
}

/* Bulk: a batch is one super-frame, which both sides see whole. */

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#define UDP_GRO		104
#endif

static uint8_t super_out[BATCH * 2048], super_in[65536];

/* The text stands there already. */
static uint8_t *stamp_super(uint8_t *super)
{
	size_t i;

	for (i = 0; i < BATCH; i++)
		stamp(super + i * payload_bytes);
	return super;
}

static void fill_super(uint8_t *super)
{
	size_t i;

	for (i = 0; i < BATCH; i++)
		memcpy(super + i * payload_bytes, wanted, payload_bytes);
}

/* Returns how many datagrams they were. */
static int verify_super(const uint8_t *data, size_t len, size_t segment_bytes)
{
	size_t at;

	if (len > payload_bytes && segment_bytes != payload_bytes)
		check(false, "segments of %zu bytes", segment_bytes);
	for (at = 0; at + payload_bytes <= len; at += payload_bytes)
		verify(data + at, payload_bytes);
	if (at != len)
		check(false, "a super-frame of %zu bytes", len);
	return len / payload_bytes;
}

static void open_super_sockets(const struct bed *bed)
{
	int bytes = payload_bytes, on = 1;

	open_sockets(bed);
	must(setsockopt(tx, IPPROTO_UDP, UDP_SEGMENT, &bytes, sizeof(bytes)), "UDP_SEGMENT");
	must(setsockopt(rx, IPPROTO_UDP, UDP_GRO, &on, sizeof(on)), "UDP_GRO");
	fill_super(super_out);
}

static void send_super(void)
{
	if (send(tx, stamp_super(super_out), BATCH * payload_bytes, 0) < 0)
		check(false, "send: %s", strerror(errno));
}

static void receive_super(void)
{
	union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control;
	struct iovec iov = { super_in, sizeof(super_in) };
	struct cmsghdr *c;
	int got = 0, n, segment_bytes;

	while (got < BATCH) {
		struct msghdr m = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = &control, .msg_controllen = sizeof(control),
		};

		n = recvmsg(rx, &m, 0);
		if (n < 0)
			check(false, "recvmsg after %d datagrams: %s", got, strerror(errno));
		segment_bytes = 0;
		c = CMSG_FIRSTHDR(&m);
		if (c && c->cmsg_type == UDP_GRO)
			memcpy(&segment_bytes, CMSG_DATA(c), sizeof(segment_bytes));
		got += verify_super(super_in, n, segment_bytes);
	}
}

static void open_super_rings(const struct bed *bed)
{
	open_rings(bed);
	fill_super(tx_ring.arena);
}

static void open_super_fast_rings(const struct bed *bed)
{
	open_fast_rings(bed);
	fill_super(tx_ring.arena);
}

static void open_super_zerocopy_rings(const struct bed *bed)
{
	open_rings_with(bed, NETCHANNEL_ZEROCOPY);
	fill_super(tx_ring.arena);
}

static void open_super_fast_zerocopy_rings(const struct bed *bed)
{
	open_rings_with(bed, NETCHANNEL_FAST | NETCHANNEL_ZEROCOPY);
	fill_super(tx_ring.arena);
}

/* On this bed, nobody has the pages any more when the receiver has the packet. */
static void kick_super(void)
{
	struct netchannel_descriptor *d = ring_push(&tx_ring, 0, BATCH * payload_bytes);

	d->segment_bytes = payload_bytes;
	stamp_super(tx_ring.arena);
	ring_publish(&tx_ring);
	if (ring_kick(&tx_ring, 0, 0) != 1)
		check(false, "KICK: %s", strerror(errno));
}

static void consume_super(void)
{
	struct netchannel_record *record;
	int got = 0;

	while (got < BATCH) {
		record = ring_peek(&rx_ring);
		if (!record)
			check(false, "no record after %d datagrams", got);
		got += verify_super((uint8_t *)(record + 1), record->len, record->segment_bytes);
		ring_next(&rx_ring, record);
	}
	ring_release(&rx_ring);
}

static const struct way bulk_ways[] = {
	{ "udp-socket", NULL, open_super_sockets, send_super, receive_super, NULL },
	{ "ours", "", open_super_rings, kick_super, consume_super, close_rings },
	{ "ours", "-fast", open_super_fast_rings, kick_super, consume_super, close_rings },
	{ "ours", "-zerocopy", open_super_zerocopy_rings, kick_super, consume_super, close_rings },
	{ "ours", "-fast-zerocopy", open_super_fast_zerocopy_rings, kick_super, consume_super,
	  close_rings },
};

static void bulk(size_t size)
{
	struct bed bed = bench_bed();
	double peer = 0, cost;
	size_t i;

	payload_bytes = size;
	for (i = 0; i < sizeof(bulk_ways) / sizeof(*bulk_ways); i++) {
		cost = measure(&bulk_ways[i], &bed);
		if (!i) {
			peer = cost;
			continue;
		}
		printf("sample bulk-%zuB%s insn/packet ours %.1f %ld\n", size,
		       bulk_ways[i].metric, cost, verified * (long)size);
		printf("sample bulk-%zuB%s insn/packet udp-socket %.1f %ld\n", size,
		       bulk_ways[i].metric, peer, verified * (long)size);
	}
}

/* AF_XDP, copying: frames made beforehand, sent and received by shared memory. */

static struct xsk xsk_tx, xsk_rx;
static int xsk_link;

static void open_xsk(const struct bed *bed, uint32_t flags)
{
	uint64_t i;

	enter(bed->b);
	xsk_rx = xsk_open("v1");
	xsk_link = xsk_attach(&xsk_rx, "v1", flags);
	for (i = 0; i < XSK_FRAMES / 2; i++)
		xsk_give(&xsk_rx, i * XSK_FRAME_BYTES);
	enter(bed->a);
	xsk_tx = xsk_open("v0");
	make_frames();
	for (i = 0; i < BATCH; i++)
		memcpy(xsk_tx.memory + i * XSK_FRAME_BYTES, out[i], HEADERS + payload_bytes);
	tx = xsk_tx.fd;
	rx = xsk_rx.fd;
}

static void open_generic_xsk(const struct bed *bed)
{
	open_xsk(bed, XDP_FLAGS_SKB_MODE);
}

static void open_native_xsk(const struct bed *bed)
{
	open_xsk(bed, XDP_FLAGS_DRV_MODE);
}

static void close_xsk(void)
{
	close(xsk_link);
	xsk_unmap(&xsk_tx);
	xsk_unmap(&xsk_rx);
}

static void send_xsk(void)
{
	struct xdp_desc *d = xsk_tx.tx.entries;
	uint32_t at = *xsk_tx.tx.producer, i;

	for (i = 0; i < BATCH; i++) {
		stamp(xsk_tx.memory + i * XSK_FRAME_BYTES + HEADERS);
		d[(at + i) % XSK_FRAMES] = (struct xdp_desc){
			.addr = i * XSK_FRAME_BYTES, .len = HEADERS + payload_bytes,
		};
	}
	__atomic_store_n(xsk_tx.tx.producer, at + BATCH, __ATOMIC_RELEASE);
	while (__atomic_load_n(xsk_tx.completion.producer, __ATOMIC_ACQUIRE) != at + BATCH)
		if (sendto(tx, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 && errno != EAGAIN)
			check(false, "sendto of AF_XDP: %s", strerror(errno));
	__atomic_store_n(xsk_tx.completion.consumer, at + BATCH, __ATOMIC_RELEASE);
}

static void receive_xsk(void)
{
	const struct xdp_desc *d = xsk_rx.rx.entries;
	uint32_t at = *xsk_rx.rx.consumer, i;

	if (__atomic_load_n(xsk_rx.rx.producer, __ATOMIC_ACQUIRE) - at < BATCH)
		check(false, "AF_XDP has received %u frames",
		      *xsk_rx.rx.producer - at);
	for (i = 0; i < BATCH; i++) {
		const struct xdp_desc *one = &d[(at + i) % XSK_FRAMES];

		verify(xsk_rx.memory + one->addr + HEADERS, one->len - HEADERS);
		xsk_give(&xsk_rx, one->addr / XSK_FRAME_BYTES * XSK_FRAME_BYTES);
	}
	__atomic_store_n(xsk_rx.rx.consumer, at + BATCH, __ATOMIC_RELEASE);
}

static const struct way xsk_ways[] = {
	{ "af-xdp", NULL, open_generic_xsk, send_xsk, receive_xsk, close_xsk },
	{ "af-xdp", NULL, open_native_xsk, send_xsk, receive_xsk, close_xsk },
	{ "ours", NULL, open_fast_rings, kick_batch, consume_batch, close_rings },
};

/* One way, as udp-22B-fast, beside the better of its two modes. */
static void beside_xsk(size_t size)
{
	struct bed bed = bench_bed();
	double cost[3];
	size_t i;

	payload_bytes = size;
	for (i = 0; i < 3; i++) {
		cost[i] = measure(&xsk_ways[i], &bed);
		printf("xdp-%zuB, %s, way %zu: %.1f\n", size, xsk_ways[i].name, i, cost[i]);
	}
	printf("sample xdp-%zuB insn/packet ours %.1f %ld\n", size, cost[2],
	       verified * (long)size);
	printf("sample xdp-%zuB insn/packet af-xdp %.1f %ld\n", size,
	       cost[0] < cost[1] ? cost[0] : cost[1], verified * (long)size);
}

/* The library's sockets of UDP, over channels of the mode FAST. */

static struct nc_stack *stacks[2];

static int lib_socket(int end, const char *local, int local_port, const char *remote,
		      int remote_port)
{
	union sock_addr own = sock_addr(local, local_port), host = sock_addr(local, 0);
	union sock_addr peer = sock_addr(remote, remote_port);
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	int fd, ret;

	ret = nc_link_channel_fast(&config.link, IPPROTO_UDP, &own.any, 1500, end ? "v1" : "v0");
	config.ipv4 = &host.any;
	if (!ret)
		ret = nc_stack_create(&stacks[end], &config);
	if (ret)
		check(false, "stack: %s", strerror(-ret));
	fd = nc_socket(stacks[end], AF_INET, SOCK_DGRAM, 0);
	ret = fd < 0 ? fd : nc_bind(fd, &own.any, sizeof(own.in));
	if (!ret)
		ret = nc_connect(fd, &peer.any, sizeof(peer.in));
	if (ret)
		check(false, "socket of the library: %s", strerror(-ret));
	return fd;
}

static int lib_tx, lib_rx;

static void open_lib(const struct bed *bed)
{
	enter(bed->b);
	lib_rx = lib_socket(1, ADDR_B, PORT_B, ADDR_A, PORT_A);
	enter(bed->a);
	lib_tx = lib_socket(0, ADDR_A, PORT_A, ADDR_B, PORT_B);
	tx = rx = -1;
}

static void close_lib(void)
{
	nc_close(lib_tx);
	nc_close(lib_rx);
	nc_stack_destroy(stacks[0]);
	nc_stack_destroy(stacks[1]);
}

static void send_by_lib(void)
{
	int i, ret;

	for (i = 0; i < BATCH; i++)
		stamp(out[i]);
	fill_messages(out, payload_bytes);
	ret = nc_sendmmsg(lib_tx, messages, BATCH, 0);
	if (ret != BATCH)
		check(false, "nc_sendmmsg: %d", ret);
}

/* It returns with what has come so far. */
static void receive_by_lib(void)
{
	int got, n, i;

	for (got = 0; got < BATCH; got += n) {
		fill_messages(in, sizeof(in[0]));
		n = nc_recvmmsg(lib_rx, messages, BATCH - got, MSG_WAITFORONE, NULL);
		if (n <= 0)
			check(false, "nc_recvmmsg: %d", n);
		for (i = 0; i < n; i++)
			verify(in[i], messages[i].msg_len);
	}
}

static const struct way lib = {
	"ours", NULL, open_lib, send_by_lib, receive_by_lib, close_lib,
};

static void by_lib(size_t size)
{
	struct bed bed = bench_bed();
	double peer;

	payload_bytes = size;
	peer = measure(&ways[0], &bed);
	printf("sample udp-%zuB-lib insn/packet ours %.1f %ld\n", size, measure(&lib, &bed),
	       verified * (long)size);
	printf("sample udp-%zuB-lib insn/packet udp-socket %.1f %ld\n", size, peer,
	       verified * (long)size);
}

/* A flow is opened and closed. */

#define FLOWS		1000
#define FLOWS_WARM_UP	100

/* What each needs, made beforehand: to read an address costs more than a call. */
static union sock_addr own_addr, peer_addr;
static struct netchannel_create flow_args;

static void prepare_flows(void)
{
	own_addr = sock_addr(ADDR_A, PORT_A);
	peer_addr = sock_addr(ADDR_B, PORT_B);
	flow_args = create_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
}

static void socket_flow(void)
{
	int fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");

	must(bind(fd, &own_addr.any, sizeof(own_addr.in)), "bind");
	must(connect(fd, &peer_addr.any, sizeof(peer_addr.in)), "connect");
	close(fd);
}

static int maker;	/* opened once, as who makes many does */

static void channel_flow(void)
{
	struct netchannel_create r = flow_args;

	r.flags = NETCHANNEL_APART;
	close(must(ioctl(maker, NETCHANNEL_CREATE, &r), "CREATE, APART"));
}

/* The device's file is looked up by its path for each. */
static void opened_flow(void)
{
	close(channel_of(flow_args));
}

static double flows(void (*open_and_close)(void), int count)
{
	uint64_t start = 0;
	int i;

	for (i = 0; i < FLOWS_WARM_UP + count; i++) {
		if (i == FLOWS_WARM_UP)
			start = ticks();
		open_and_close();
	}
	return (double)(ticks() - start) / count;
}

/* First on a port, which is made with it, and on one that another channel holds. */
static void create_close(void)
{
	struct bed bed = bench_bed();
	double peer = flows(socket_flow, FLOWS);
	int holder;

	enter(bed.a);
	maker = open_device();
	printf("sample create-close-first insn/flow ours %.1f %d\n", flows(channel_flow, FLOWS),
	       FLOWS);
	printf("sample create-close-first insn/flow udp-socket %.1f %d\n", peer, FLOWS);
	printf("sample create-close-open insn/flow ours %.1f %d\n", flows(opened_flow, FLOWS),
	       FLOWS);
	printf("sample create-close-open insn/flow udp-socket %.1f %d\n", peer, FLOWS);
	holder = channel(ADDR_A, PORT_A, NULL, 0);
	printf("sample create-close-owned insn/flow ours %.1f %d\n", flows(channel_flow, FLOWS),
	       FLOWS);
	printf("sample create-close-owned insn/flow udp-socket %.1f %d\n", peer, FLOWS);
	close(holder);
}

static int more(void)
{
	bulk(22);
	bulk(1372);
	create_close();
	by_lib(22);
	beside_xsk(22);
	beside_xsk(1372);
	return 0;
}

static const struct way *way_of(unsigned int number)
{
	if (number < WAYS)
		return &ways[number];
	if (number - 10 < sizeof(bulk_ways) / sizeof(*bulk_ways))
		return &bulk_ways[number - 10];
	if (number - 20 < sizeof(xsk_ways) / sizeof(*xsk_ways))
		return &xsk_ways[number - 20];
	return number == 30 ? &lib : NULL;
}

static void profile_sample(const char *metric, const char *unit, const char *who, double cost)
{
	mark_sample();
	printf("sample %s insn/%s %s %.1f 0\n", metric, unit, who, cost);
}

static void profile_flows(const char *metric)
{
	profile_sample(metric, "flow", "udp-socket", flows(socket_flow, FLOWS));
	profile_sample(metric, "flow", "ours", flows(channel_flow, FLOWS));
}

static int profile(void)
{
	static const struct {
		const char *metric;
		unsigned int way, bytes;
	} rows[] = {
		{ "udp-22B", 0, 22 }, { "udp-22B-default", 5, 22 }, { "udp-22B-fast", 6, 22 },
		{ "udp-1372B", 0, 1372 }, { "udp-1372B-fast", 6, 1372 },
		{ "bulk-22B", 10, 22 }, { "bulk-22B", 11, 22 },
		{ "bulk-1372B", 10, 1372 }, { "bulk-1372B", 11, 1372 },
		{ "udp-22B-lib", 30, 22 },
	};
	struct bed bed = bench_bed();
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		payload_bytes = rows[i].bytes;
		profile_sample(rows[i].metric, "packet", way_of(rows[i].way)->name,
			       measure(way_of(rows[i].way), &bed));
	}
	enter(bed.a);
	maker = open_device();
	profile_flows("create-close-first");
	channel(ADDR_A, PORT_A, NULL, 0);
	profile_sample("create-close-owned", "flow", "ours", flows(channel_flow, FLOWS));
	ping_pong_all();
	return 0;
}

/* As the comment at the top has it. */
static void repeat(unsigned int number, size_t bytes, int count)
{
	const struct way *way = way_of(number);
	struct bed bed = bench_bed();

	payload_bytes = bytes;
	batches = count;
	maker = open_device();
	if (number == 42) {
		enter(bed.a);
		channel(ADDR_A, PORT_A, NULL, 0);
	}
	printf("%.1f\n", way ? measure(way, &bed) :
	       flows(number == 40 ? socket_flow : channel_flow, count));
}

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof(wanted); i++)
		wanted[i] = i * 31 + 7;
	prepare_flows();
	if (argc == 2 && !strcmp(argv[1], "more"))
		return more();
	if (argc == 2 && !strcmp(argv[1], "profile"))
		return profile();
	if (argc == 4) {
		repeat(atoi(argv[1]), atoi(argv[2]), atoi(argv[3]));
		return 0;
	}
	measure_all(22);
	measure_all(1372);
	ping_pong_all();
	return 0;
}
