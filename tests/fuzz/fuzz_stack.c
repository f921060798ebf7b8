// SPDX-License-Identifier: GPL-2.0
/*
 * Any packets to a stack with a listener, connections and datagram sockets; the
 * link brings back what a hostile peer makes of them. Checksums are right, so that
 * the fuzzer gets behind them.
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/stack/datagram.h"
#include "libnetchannel/stack/stack.h"
#include "libnetchannel/stack/stream.h"
#include "libnetchannel/tcp/checksum.h"
#include "libnetchannel/wire/bytes.h"
#include "libnetchannel/wire/checksum.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const u8 ours[16] = { 192, 0, 2, 1 }, peer[16] = { 192, 0, 2, 2 };
static int owner;

/* The last packet that went out: its numbers are what a peer would answer. */
static struct tcp_segment last;

static void transmit(void *context, const struct stack_packet *out)
{
	struct ip_packet packet;

	assert(!out->segment_bytes && !out->text && out->size <= 1500);
	assert(!ip_parse(&packet, out->bytes, out->size) && !packet.fragment);
	if (packet.protocol == IP_PROTOCOL_TCP)
		assert(!tcp_segment_parse(&last, packet.payload, packet.payload_bytes));
}

static void changed(void *context, struct endpoint *e)
{
	assert(e->owner == &owner);
}

static const struct stack_ops ops = { .transmit = transmit, .changed = changed };

/* An IPv4 packet of the peer's, its payload the fuzzer's, its checksum right. */
static void input(struct stack *s, u8 protocol, const u8 *data, size_t size, u64 now_us)
{
	struct ip_packet packet = {
		.version = 4, .protocol = protocol, .ttl = 64, .tos = size & 3,
		.payload_bytes = size,
	};
	struct tcp_flow flow = { .ip_version = 4 };
	u8 *bytes = malloc(IPV4_HEADER_BYTES + size), *payload = bytes + IPV4_HEADER_BYTES;

	memcpy(packet.source, peer, 16);
	memcpy(packet.destination, ours, 16);
	memcpy(flow.local.address, ours, 16);
	memcpy(flow.remote.address, peer, 16);
	ip_emit(bytes, &packet);
	memcpy(payload, data, size);
	if (protocol == IP_PROTOCOL_TCP && size >= 20) {
		if (data[0] & 1) {	/* a segment that fits the last of ours */
			put_be16(payload, last.destination_port);
			put_be16(payload + 2, last.source_port);
			put_be32(payload + 4, last.ack + (int8_t)payload[7]);
			put_be32(payload + 8, last.seq + (u32)(payload[11] & 3));
		}
		tcp_segment_seal(payload, size, &flow);
	}
	if (protocol == IP_PROTOCOL_UDP && size >= 8)
		put_be16(payload + 6, 0);
	if (protocol == IP_PROTOCOL_ICMP && size >= 4) {
		put_be16(payload + 2, 0);
		put_be16(payload + 2, ~checksum_fold(checksum_add(0, payload, size)));
	}
	stack_input(s, bytes, IPV4_HEADER_BYTES + size,
		    protocol == IP_PROTOCOL_UDP && size ? data[size - 1] & 15 : 0, now_us);
	free(bytes);
}

static struct stream *accept_one(struct stream *listener, struct stream *old, u64 now_us)
{
	struct stream *child = stream_accept(listener, &owner);
	u8 bytes[64];

	if (child && old)
		stream_close(old, false, now_us);
	old = child ? child : old;
	if (old && stream_recv(old, bytes, sizeof(bytes), false, now_us) > 0)
		stream_send(old, bytes, sizeof(bytes), false, now_us);
	return old;
}

/* And how the next ones are to come. */
static void take_one(struct datagram *d, u8 how)
{
	free(datagram_recv(d, false));
	free(datagram_recv_report(d));
	d->joins = how & 1;
	datagram_want_reports(d, how & 2);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct stack_config config = {
		.interface = { .mtu_bytes = 1500, .has_ipv4 = true }, .secret.key = { 1, 2 },
		.port_first = 40000, .port_last = 40003, .endpoints_max = 32, .ops = &ops,
	};
	struct tcp_endpoint local = { .port = 80 }, remote = { .port = 7 };
	struct stream *listener, *client, *child = NULL;
	struct datagram *d;
	struct stack s;
	u64 now_us = 1000 * US_PER_S;

	memcpy(config.interface.ipv4, ours, 16);
	memcpy(remote.address, peer, 16);
	assert(!stack_create(&s, &config));
	assert(!stream_create(&listener, &s, 4, &owner) && !stream_create(&client, &s, 4, &owner));
	assert(!datagram_create(&d, &s, 4, &owner));
	assert(!stack_bind(&listener->endpoint, &local) && !stream_listen(listener, 2));
	assert(!stack_bind(&d->endpoint, &local) && !datagram_connect(d, &remote));
	stream_connect(client, &remote, now_us);
	while (size >= 2) {
		static const u8 protocols[] = { IP_PROTOCOL_TCP, IP_PROTOCOL_TCP, IP_PROTOCOL_TCP,
						IP_PROTOCOL_UDP, IP_PROTOCOL_ICMP };
		u8 what = data[0], length = data[1];

		data += 2;
		size -= 2;
		length = length < size ? length : size;
		now_us += (u64)(what >> 3) * (what >> 3) * 10000;
		if (what % 8 < 5)
			input(&s, protocols[what % 8], data, length, now_us);
		else if (what % 8 == 5)
			stack_input(&s, data, length, 0, now_us);
		else if (what % 8 == 6)
			child = accept_one(listener, child, now_us);
		else
			take_one(d, length);
		stack_tick(&s, now_us);
		while (stack_settle(&s, now_us))
			;
		data += length;
		size -= length;
	}
	if (child)
		stream_close(child, false, now_us);
	stream_close(client, false, now_us);
	stream_close(listener, false, now_us);
	datagram_destroy(d);
	stack_destroy(&s, now_us);
	assert(!s.endpoint_count && !s.table.flow_count);
	return 0;
}
