/* SPDX-License-Identifier: GPL-2.0 */
/* One side of TCP by hand, over a channel that gives and takes whole packets. */
#ifndef TESTS_NETCHANNEL_TCP_H
#define TESTS_NETCHANNEL_TCP_H

#include "ring.h"

/* One side of a connection, made by hand. */
struct tcp {
	int ch;
	struct ring *ring;	/* of a channel that has one */
	int family;
	uint32_t next;		/* the sequence number to send next */
	uint32_t wanted;	/* that to be received next */
	int remote_port;
	const char *remote;	/* told in the header, for channels without a remote */
};

struct segment {
	uint8_t packet[70000];
	int len;
	struct tcphdr tcp;
	const uint8_t *data;
	int data_len;
};

static UNUSED int ip_bytes(int family)
{
	return family == AF_INET ? 20 : 40;
}

/* The headers of a segment; returns their length. What the kernel writes is left out. */
static UNUSED int put_headers(const struct tcp *t, uint8_t *p, uint8_t flags)
{
	struct tcphdr *tcp = (struct tcphdr *)(p + ip_bytes(t->family));

	memset(p, 0, 60);
	p[0] = t->family == AF_INET ? 0x45 : 0x60;
	if (t->family == AF_INET6)
		p[6] = IPPROTO_TCP;
	if (t->remote)
		inet_pton(t->family, t->remote, p + (t->family == AF_INET ? 16 : 24));
	tcp->dest = htons(t->remote_port);
	tcp->seq = htonl(t->next);
	tcp->ack_seq = htonl(t->wanted);
	tcp->doff = 5;
	tcp->th_flags = flags;
	tcp->window = htons(65535);
	return ip_bytes(t->family) + 20;
}

/* A SYN says that segments may fill a frame (RFC 9293, 3.7.1). */
static UNUSED void put(struct tcp *t, uint8_t flags, const void *data, int len)
{
	static const uint8_t mss[] = { 2, 4, 1440 >> 8, 1440 & 0xff };
	uint8_t p[2000];
	int headers = put_headers(t, p, flags);

	if (flags & TH_SYN) {
		p[ip_bytes(t->family) + 12] = 0x60;
		memcpy(p + headers, mss, sizeof(mss));
		headers += sizeof(mss);
	}
	memcpy(p + headers, data, len);
	must(t->ring ? ring_send(t->ring, p, headers + len) : nc_send(t->ch, p, headers + len, 0),
	     "SEND of a segment");
	t->next += len + !!(flags & (TH_SYN | TH_FIN));
}

/* Of a ring: the oldest record; or -1 and errno. */
static UNUSED int get_record(struct ring *r, uint8_t *packet, uint64_t timeout_ns)
{
	struct netchannel_record *record;
	int len;

	if (ring_kick(r, NETCHANNEL_WAIT, timeout_ns) < 0)
		return -1;
	record = ring_peek(r);
	len = record->len;
	memcpy(packet, record + 1, len);
	ring_next(r, record);
	ring_release(r);
	return len;
}

static UNUSED bool get_in(struct tcp *t, struct segment *s, uint64_t timeout_ns)
{
	int headers;

	s->len = t->ring ? get_record(t->ring, s->packet, timeout_ns) :
		nc_recv(t->ch, s->packet, sizeof(s->packet), 0, timeout_ns, NULL);
	if (s->len < 0)
		return false;
	headers = ip_bytes(t->family);
	memcpy(&s->tcp, s->packet + headers, sizeof(s->tcp));
	s->data = s->packet + headers + s->tcp.doff * 4;
	s->data_len = s->len - headers - s->tcp.doff * 4;
	return true;
}

static UNUSED void get(struct tcp *t, struct segment *s)
{
	check(get_in(t, s, 30 * SECOND), "a segment comes");
}

static UNUSED int tcp_socket(const char *local, int port)
{
	return try_socket_of(SOCK_STREAM, local, port);
}

static UNUSED int listener(const char *local, int port)
{
	int fd = must(tcp_socket(local, port), "bind");

	must(listen(fd, 5), "listen");
	return fd;
}

/* A handshake with a listening socket. */
static UNUSED void open_active(struct tcp *t)
{
	struct segment s;

	t->next = 0xfffffffe;	/* it will wrap */
	put(t, TH_SYN, "", 0);
	get(t, &s);
	check(s.tcp.syn && s.tcp.ack && ntohl(s.tcp.ack_seq) == t->next,
	      "SYN is answered by SYN, ACK");
	t->wanted = ntohl(s.tcp.seq) + 1;
	put(t, TH_ACK, "", 0);
}

#endif
