/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two hosts and a link between them, in virtual time: what a run does depends
 * on its seed alone, and 100 s of waiting cost what happens in them.
 */
#ifndef TESTS_TCP_NETWORK_H
#define TESTS_TCP_NETWORK_H

#include "libnetchannel/tcp/connection.h"
#include "libnetchannel/tcp/input.h"
#include "libnetchannel/tcp/listener.h"
#include "libnetchannel/tcp/output.h"

#define NETWORK_PACKETS_MAX	4096	/* under way at once */
#define NETWORK_REQUESTS	8
#define NETWORK_PORT		80

/* One direction of the link. */
struct link {
	u64 delay_us;
	u64 jitter_us;		/* added at random: reorders */
	u64 rate_bytes_per_s;	/* 0: infinite */
	u32 queue_bytes;	/* 0: infinite; counts only with a rate */
	u32 loss_ppm;
	u32 duplicate_ppm;
	u32 corrupt_ppm;
	u32 mark_bytes;		/* ECT is marked where the queue is longer; 0: never */
	u32 mtu_bytes;		/* larger packets with DF are dropped; 0: none are */
	bool silent;		/* about it: no ICMP */
	bool down;
	u64 busy_until_us;
};

struct host {
	struct tcp_config config;
	struct tcp_flow flow;
	struct tcp_memory memory;
	struct tcp_connection connection;
	struct tcp_listener listener;
	struct tcp_request requests[NETWORK_REQUESTS];
	bool listening;
	bool connected;		/* the connection is in use */
	struct link link;	/* towards the other host */
	/* A stream of known bytes in each direction. */
	u64 pattern;		/* of what this host sends */
	u64 written_bytes;
	u64 read_bytes;
	bool saw_end;
	u32 waits;			/* of reads that found nothing */
	u8 waiting[4096];		/* where who waits gets his bytes */
	u32 segments_max;	/* that its link cuts of one packet */
	bool urges;		/* all that it writes is urgent */
	u64 segments_sent;
	u64 text_sent_bytes;
	u64 marked;		/* segments that came with CE */
	u64 digest;		/* of all that was sent, byte by byte */
};

struct packet {
	u64 at_us;
	u64 order;
	u32 size_bytes;
	u8 to;
	u8 ecn;			/* of the IP header */
	bool icmp;		/* and no segment */
	u8 *bytes;
};

struct network {
	u64 now_us;
	u64 random;
	u64 order;
	struct host hosts[2];
	struct packet *packets[NETWORK_PACKETS_MAX];	/* a heap by time */
	u32 packet_count;
	/* Sees each segment that is sent; may be NULL. */
	void (*watch)(struct network *n, struct host *from, const struct tcp_segment *s);
	/* Changes what arrives, as a peer that lies would have sent it; may be NULL. */
	void (*lie)(struct network *n, struct host *to, struct tcp_segment *s);
};

struct network *network_create(u64 seed, u32 tx_bytes, u32 rx_bytes, u32 sent_count);
void network_destroy(struct network *n);

/* Host 1 listens, host 0 connects. Change hosts[].config before. */
void network_connect(struct network *n);

/* Both hosts connect to each other. */
void network_connect_both(struct network *n);

/* Sends what is due, then goes to the next event, not past until_us. False: none. */
bool network_step(struct network *n, u64 until_us);

/* Sends what is due, after a call of the user. */
void network_flush(struct network *n);

/* Steps until that time. */
void network_run(struct network *n, u64 until_us);

/* Writes up to size bytes of the host's pattern; returns how many were taken. */
u32 network_write(struct host *h, u32 size);

/*
 * Reads up to size bytes, and checks that they are the other host's pattern,
 * in order. Returns how many; sets saw_end.
 */
u32 network_read(struct network *n, struct host *h, u32 size);

/* Steps until both have everything of these many bytes or until_us. */
bool network_transfer(struct network *n, u64 bytes0, u64 bytes1, u64 until_us);

static inline struct host *network_other(struct network *n, const struct host *h)
{
	return &n->hosts[h == &n->hosts[0]];
}

#endif
