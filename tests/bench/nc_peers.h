/* SPDX-License-Identifier: GPL-2.0 */
/* The peers of channels, for nc_bench.c: connected UDP sockets, AF_PACKET. */
#ifndef TESTS_BENCH_NC_PEERS_H
#define TESTS_BENCH_NC_PEERS_H

#include "nc_way.h"

/* Connected UDP sockets, one call a packet: less than sendmmsg(), recvmmsg(). */

static void open_sockets(const struct bed *bed)
{
	enter(bed->b);
	rx = udp_socket(ADDR_B, PORT_B, ADDR_A, PORT_A);
	enter(bed->a);
	tx = udp_socket(ADDR_A, PORT_A, ADDR_B, PORT_B);
}

static void send_batch(void)
{
	int i;

	for (i = 0; i < BATCH; i++)
		if (send(tx, stamp(out[i]), payload_bytes, 0) != (ssize_t)payload_bytes)
			check(false, "send: %s", strerror(errno));
}

static void receive_batch(void)
{
	int i;

	for (i = 0; i < BATCH; i++)
		verify(in[i], recv(rx, in[i], sizeof(in[i]), 0));
}

static struct mmsghdr messages[BATCH];
static struct iovec vectors[BATCH];

static void fill_messages(uint8_t (*buffers)[2048], size_t len)
{
	int i;

	for (i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){ buffers[i], len };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1 };
	}
}

static void sendmmsg_batch(void)
{
	int i;

	for (i = 0; i < BATCH; i++)
		stamp(out[i]);
	fill_messages(out, payload_bytes);
	if (sendmmsg(tx, messages, BATCH, 0) != BATCH)
		check(false, "sendmmsg: %s", strerror(errno));
}

static void recvmmsg_batch(void)
{
	int i;

	fill_messages(in, sizeof(in[0]));
	if (recvmmsg(rx, messages, BATCH, MSG_DONTWAIT, NULL) != BATCH)
		check(false, "recvmmsg: %s", strerror(errno));
	for (i = 0; i < BATCH; i++)
		verify(in[i], messages[i].msg_len);
}

/*
 * AF_PACKET at its best for this: frames made beforehand, sent past the
 * queueing discipline; a receive ring in shared memory, read without a call.
 * The frames carry a foreign hardware address, so that the receiving stack
 * drops them at once, after the ring has its copy.
 */

#define FRAME_BYTES 2048
#define FRAMES 256
#define HEADERS (14 + 20 + 8)

static uint8_t *ring;
static unsigned int ring_at;

static int packet_socket(const char *device, int protocol)
{
	struct sockaddr_ll a = {
		.sll_family = AF_PACKET, .sll_protocol = htons(protocol),
		.sll_ifindex = if_nametoindex(device),
	};
	int fd = must(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), "AF_PACKET");

	must(bind(fd, (struct sockaddr *)&a, sizeof(a)), "bind");
	return fd;
}

static void make_frames(void)
{
	static const uint8_t ethernet[14] = {
		2, 0, 0, 0, 0, 0x99, 2, 0, 0, 0, 0, 1, 8, 0,
	};
	int i;

	for (i = 0; i < BATCH; i++) {
		memmove(out[i] + HEADERS, out[i], payload_bytes);
		memcpy(out[i], ethernet, sizeof(ethernet));
		make_packet(out[i] + 14, PORT_B, PORT_A, out[i] + HEADERS, payload_bytes);
	}
}

static void open_packet_sockets(const struct bed *bed)
{
	struct tpacket_req req = {
		.tp_block_size = 65536, .tp_frame_size = FRAME_BYTES,
		.tp_block_nr = FRAMES * FRAME_BYTES / 65536, .tp_frame_nr = FRAMES,
	};
	int version = TPACKET_V2, on = 1;

	enter(bed->b);
	rx = must(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), "AF_PACKET");
	must(setsockopt(rx, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)), "version");
	must(setsockopt(rx, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)), "ring");
	ring = mmap(NULL, FRAMES * FRAME_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, rx, 0);
	check(ring != MAP_FAILED, "ring of AF_PACKET");
	must(bind(rx, (struct sockaddr *)&(struct sockaddr_ll){
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = if_nametoindex("v1") }, sizeof(struct sockaddr_ll)), "bind");
	enter(bed->a);
	tx = packet_socket("v0", 0);
	must(setsockopt(tx, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)), "bypass");
	ring_at = 0;
	make_frames();
}

static void send_frames(void)
{
	int i;

	for (i = 0; i < BATCH; i++) {
		stamp(out[i] + HEADERS);
		if (send(tx, out[i], HEADERS + payload_bytes, 0) < 0)
			check(false, "send: %s", strerror(errno));
	}
}

static void sendmmsg_frames(void)
{
	int i;

	for (i = 0; i < BATCH; i++)
		stamp(out[i] + HEADERS);
	fill_messages(out, HEADERS + payload_bytes);
	if (sendmmsg(tx, messages, BATCH, 0) != BATCH)
		check(false, "sendmmsg: %s", strerror(errno));
}

static void receive_frames(void)
{
	int i;

	for (i = 0; i < BATCH; i++) {
		struct tpacket2_hdr *h = (void *)(ring + ring_at * FRAME_BYTES);

		if (!(__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
			check(false, "no frame %d in the ring", i);
		verify((uint8_t *)h + h->tp_mac + HEADERS, h->tp_len - HEADERS);
		__atomic_store_n(&h->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		ring_at = (ring_at + 1) % FRAMES;
	}
}

#endif
