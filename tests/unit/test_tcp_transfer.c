// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/tcp/acknowledgment.c libnetchannel/tcp/buffer.c */
/* unit: libnetchannel/tcp/checksum.c libnetchannel/tcp/config.c */
/* unit: libnetchannel/tcp/congestion.c libnetchannel/tcp/connection.c */
/* unit: libnetchannel/tcp/cookie.c libnetchannel/tcp/cubic.c */
/* unit: libnetchannel/tcp/ecn.c libnetchannel/tcp/fast_open.c */
/* unit: libnetchannel/tcp/hystart.c */
/* unit: libnetchannel/tcp/handshake.c libnetchannel/tcp/input.c */
/* unit: libnetchannel/tcp/icmp.c */
/* unit: libnetchannel/tcp/isn.c libnetchannel/tcp/listener.c */
/* unit: libnetchannel/tcp/output.c libnetchannel/tcp/pacing.c */
/* unit: libnetchannel/tcp/bbr.c */
/* unit: libnetchannel/tcp/pmtu.c libnetchannel/tcp/rack.c */
/* unit: libnetchannel/tcp/rate.c */
/* unit: libnetchannel/tcp/reassembly.c libnetchannel/tcp/recovery.c */
/* unit: libnetchannel/tcp/reno.c libnetchannel/tcp/request.c */
/* unit: libnetchannel/tcp/rtt.c libnetchannel/tcp/scoreboard.c */
/* unit: libnetchannel/tcp/reader.c libnetchannel/tcp/rx_space.c libnetchannel/tcp/tx_space.c */
/* unit: libnetchannel/tcp/segment.c libnetchannel/tcp/siphash.c */
/* unit: libnetchannel/tcp/urgent.c libnetchannel/tcp/user_timeout.c */
/* unit: libnetchannel/tcp/validation.c */
/* unit: tests/tcp/network.c tests/tcp/message.c */
#include <check.h>
#include <errno.h>

#include "libnetchannel/tcp/fast_open.h"
#include "libnetchannel/tcp/rack.h"
#include "tests/tcp/network.h"

#define KIB	1024u
#define BUFFER	(256 * KIB)

static struct network *network_of(u64 seed)
{
	return network_create(seed, BUFFER, BUFFER, 512);
}

static void close_both(struct network *n)
{
	u64 end_us = n->now_us + 300 * US_PER_S;

	tcp_connection_shutdown(&n->hosts[0].connection, n->now_us);
	tcp_connection_shutdown(&n->hosts[1].connection, n->now_us);
	network_run(n, end_us);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(n->hosts[i].connection.state, TCP_STATE_CLOSED);
		ck_assert_int_eq(n->hosts[i].connection.error, 0);
	}
}

/* A perfect link: nothing is sent twice. */
START_TEST(clean)
{
	struct network *n = network_of(1);
	u64 bytes = 1024 * KIB;

	network_connect(n);
	ck_assert(network_transfer(n, bytes, bytes, n->now_us + 60 * US_PER_S));
	ck_assert_uint_eq(n->hosts[0].text_sent_bytes, bytes);
	ck_assert_uint_eq(n->hosts[1].text_sent_bytes, bytes);
	close_both(n);
	network_destroy(n);
}
END_TEST

/*
 * The last recovery lies 2 GiB back. Without SACK, three duplicates still say
 * that something is lost: nobody waits for the timer.
 */
START_TEST(recovery_long_ago)
{
	struct network *n = network_of(3);
	struct tcp_connection *c = &n->hosts[0].connection;

	n->hosts[0].config.sack = false;
	network_connect(n);
	ck_assert(network_transfer(n, 1, 0, n->now_us + US_PER_S));
	c->recovery.recover = c->snd_una - 0x7fff0000u;
	ck_assert(network_transfer(n, 100 * KIB, 0, n->now_us + US_PER_S));
	n->hosts[0].link.loss_ppm = 10000;
	while (c->recovery.phase == TCP_RECOVERY_OPEN)
		network_transfer(n, 1024 * KIB, 0, n->now_us + US_PER_MS);
	ck_assert_int_eq(c->recovery.phase, TCP_RECOVERY_FAST);
	network_destroy(n);
}
END_TEST

static void no_syn(struct network *n, struct host *from, const struct tcp_segment *s)
{
	(void)n;
	(void)from;
	ck_assert_uint_eq(s->flags & TCP_SYN, 0);
}

/*
 * 4 GiB were sent, and the next segment begins with the number that the SYN had: it
 * is data, or a FIN.
 */
START_TEST(number_of_syn_again)
{
	struct network *n = network_of(18);
	struct tcp_connection *c = &n->hosts[0].connection;
	u64 bytes = 1000;

	network_connect(n);
	ck_assert(network_transfer(n, bytes, 0, n->now_us + US_PER_S));
	network_run(n, n->now_us + US_PER_S);
	c->iss = c->snd_nxt;
	n->watch = no_syn;
	if (!_i)
		ck_assert(network_transfer(n, bytes + 100 * KIB, 0, n->now_us + US_PER_S));
	close_both(n);
	network_destroy(n);
}
END_TEST

/* RFC 8985, 6.2, step 4: sixteen recoveries without a DSACK, and RACK's window is small again. */
START_TEST(rack_persistence)
{
	struct tcp_connection c = { .rack = { .reo_wnd_mult = 3, .reo_wnd_persist = 16 } };

	for (int i = 0; i < 15; i++)
		tcp_rack_recovered(&c);
	ck_assert_uint_eq(c.rack.reo_wnd_mult, 3);
	tcp_rack_recovered(&c);
	ck_assert_uint_eq(c.rack.reo_wnd_mult, 1);
}
END_TEST

/* Packets that the link cuts, in any number: a bulk of few, of the same bytes. */
START_TEST(cut_by_link)
{
	static const u32 segments_max[] = { 2, 7, 44 };
	struct network *n = network_of(13);
	u64 bytes = 1024 * KIB;

	n->hosts[0].segments_max = segments_max[_i % 3];
	n->hosts[0].config.sack = _i < 6;
	n->hosts[0].link.loss_ppm = _i < 3 ? 0 : 20000;
	network_connect(n);
	ck_assert(network_transfer(n, bytes, 0, n->now_us + 60 * US_PER_S));
	if (_i < 3)
		ck_assert_uint_eq(n->hosts[0].text_sent_bytes, bytes);
	else	/* what is lost goes again, and not the packet that it was in */
		ck_assert_uint_lt(n->hosts[0].text_sent_bytes, bytes + bytes / 20);
	close_both(n);
	network_destroy(n);
}
END_TEST

/*
 * A path of 10 MB/s and 50 ms: a window of 16 KiB would need 26 s for 8 MiB. Where
 * the buffer may grow, it does, and not much further than what the path holds.
 */
START_TEST(rx_space)
{
	struct network *n = network_create(14, 1024 * KIB, 16 * KIB, 1024);
	struct host *receiver = &n->hosts[1];
	u64 bytes = 8192 * KIB, start_us = n->now_us;

	receiver->config.rx_max_bytes = 8192 * KIB;
	for (int i = 0; i < 2; i++)
		n->hosts[i].link.delay_us = 25 * US_PER_MS;
	n->hosts[0].link.rate_bytes_per_s = 10000000;
	network_connect(n);
	ck_assert(network_transfer(n, bytes, 0, start_us + 60 * US_PER_S));
	ck_assert_uint_lt(n->now_us - start_us, 2 * US_PER_S);
	ck_assert_uint_gt(receiver->memory.rx_bytes, 500000);
	ck_assert_uint_lt(receiver->memory.rx_bytes, 4 * 500000);
	network_destroy(n);
}
END_TEST

/* Who reads slowly gets no larger buffer. */
START_TEST(rx_space_slow_reader)
{
	struct network *n = network_create(15, 1024 * KIB, 16 * KIB, 1024);
	struct host *receiver = &n->hosts[1];

	receiver->config.rx_max_bytes = 8192 * KIB;
	network_connect(n);
	while (receiver->read_bytes < 100 * KIB) {
		while (network_write(&n->hosts[0], 4096))
			;
		network_run(n, n->now_us + 20 * US_PER_MS);
		network_read(n, receiver, 1000);
	}
	ck_assert_uint_le(receiver->memory.rx_bytes, 2 * 2000 + 16 * 1460);
	network_destroy(n);
}
END_TEST

/* RFC 7413: the second time, the answer is there after one round trip. */
START_TEST(fast_open)
{
	struct network *n = network_of(16);
	struct host *client = &n->hosts[0], *server = &n->hosts[1];
	struct tcp_fast_open_cookie cookie;

	server->config.fast_open = true;
	network_connect(n);
	ck_assert_int_eq(tcp_fast_open_use(&client->connection, NULL, 0), 0);
	ck_assert(network_transfer(n, 100, 1000, n->now_us + US_PER_S));
	cookie = client->connection.fast_open.learned;
	ck_assert_uint_ne(cookie.size, 0);
	network_destroy(n);

	n = network_of(16);
	client = &n->hosts[0];
	server = &n->hosts[1];
	server->config.fast_open = true;
	network_connect(n);
	ck_assert_int_eq(tcp_fast_open_use(&client->connection, &cookie, 1460), 0);
	ck_assert_uint_eq(network_write(client, 100), 100);
	network_run(n, n->now_us + 10 * US_PER_MS);
	ck_assert_uint_eq(network_read(n, server, 1000), 100);
	ck_assert_uint_eq(network_write(server, 1000), 1000);
	network_run(n, n->now_us + 10 * US_PER_MS);
	ck_assert_uint_eq(network_read(n, client, 1000), 1000);
	close_both(n);
	network_destroy(n);
}
END_TEST

struct cell {
	u32 loss_ppm, duplicate_ppm, corrupt_ppm;
	u64 delay_us, jitter_us;
	u32 bytes;
	bool sack, timestamps, reno;
};

static const struct cell cells[] = {
	{ 10000, 0, 0, 10000, 0, 1024 * KIB, true, true, false },
	{ 10000, 0, 0, 10000, 0, 1024 * KIB, false, false, true },
	{ 50000, 0, 0, 10000, 0, 256 * KIB, true, true, false },
	{ 50000, 0, 0, 10000, 0, 256 * KIB, false, true, false },
	{ 200000, 0, 0, 10000, 0, 32 * KIB, true, true, false },
	{ 200000, 0, 0, 10000, 0, 32 * KIB, false, false, false },
	{ 0, 0, 0, 10000, 5000, 1024 * KIB, true, true, false },
	{ 0, 0, 0, 10000, 5000, 256 * KIB, false, false, false },
	{ 0, 100000, 0, 10000, 5000, 256 * KIB, true, false, false },
	{ 10000, 50000, 50000, 10000, 3000, 256 * KIB, true, true, false },
	{ 10000, 50000, 50000, 100, 0, 256 * KIB, true, true, true },
};

START_TEST(hostile_link)
{
	const struct cell *cell = &cells[_i];
	struct network *n = network_of(100 + _i);

	for (int i = 0; i < 2; i++) {
		struct host *h = &n->hosts[i];

		h->link.loss_ppm = cell->loss_ppm;
		h->link.duplicate_ppm = cell->duplicate_ppm;
		h->link.corrupt_ppm = cell->corrupt_ppm;
		h->link.delay_us = cell->delay_us;
		h->link.jitter_us = cell->jitter_us;
		h->config.sack = cell->sack;
		h->config.timestamps = cell->timestamps;
		if (cell->reno)
			h->config.congestion = &tcp_algorithm_reno;
	}
	network_connect(n);
	ck_assert(network_transfer(n, cell->bytes, cell->bytes, n->now_us + 600 * US_PER_S));
	close_both(n);
	network_destroy(n);
}
END_TEST

/* A bottleneck of 10 Mbit/s with a queue is kept busy, at nine tenths or more. */
START_TEST(bottleneck)
{
	struct network *n = network_of(7);
	u64 start_us = n->now_us, bytes = 4096 * KIB;

	n->hosts[0].link.rate_bytes_per_s = 1250000;
	n->hosts[0].link.queue_bytes = 64 * KIB;
	network_connect(n);
	ck_assert(network_transfer(n, bytes, 0, start_us + 60 * US_PER_S));
	ck_assert_uint_lt(n->now_us - start_us, bytes * US_PER_S / 1250000 * 10 / 9);
	network_destroy(n);
}
END_TEST

/*
 * RFC 9438, 5.8: CUBIC's curve stands still while nothing is sent, and no longer: what the
 * user holds back meanwhile, and asks about, does not count again.
 */
START_TEST(idle_curve)
{
	struct network *n = network_of(19);
	struct tcp_connection *c = &n->hosts[0].connection;
	const struct tcp_cubic *cubic = &c->congestion.cubic;
	u64 start_us, idle_us;

	network_connect(n);
	ck_assert(network_transfer(n, 1000, 0, n->now_us + US_PER_S));
	c->congestion.ssthresh_bytes = c->congestion.cwnd_bytes;
	ck_assert(network_transfer(n, 100 * KIB, 0, n->now_us + US_PER_S));
	network_run(n, n->now_us + 60 * US_PER_S);
	start_us = cubic->epoch_start_us;
	ck_assert_uint_ne(start_us, 0);
	for (int i = 0; i < 3; i++) {
		tcp_connection_expect_more(c, true);
		network_write(&n->hosts[0], 10);
		network_flush(n);
	}
	ck_assert_uint_eq(cubic->epoch_start_us, start_us);
	network_run(n, n->now_us + 100 * US_PER_MS);
	idle_us = n->now_us - c->idle_since_us;
	tcp_connection_expect_more(c, false);
	network_write(&n->hosts[0], 10);
	network_flush(n);
	ck_assert_uint_ne(c->snd_una, c->snd_nxt);
	ck_assert_uint_eq(cubic->epoch_start_us, start_us + idle_us);
	network_destroy(n);
}
END_TEST

/* RFC 9438, 5.8: nor while a user has less to send than the window would take. */
START_TEST(unused_curve)
{
	struct network *n = network_of(19);
	struct tcp_connection *c = &n->hosts[0].connection;
	const struct tcp_cubic *cubic = &c->congestion.cubic;
	u64 start_us, began_us;
	u32 cwnd_bytes;

	n->hosts[0].link.delay_us = n->hosts[1].link.delay_us = 10 * US_PER_MS;
	network_connect(n);
	ck_assert(network_transfer(n, 1000, 0, n->now_us + US_PER_S));
	c->congestion.ssthresh_bytes = c->congestion.cwnd_bytes;
	ck_assert(network_transfer(n, 100 * KIB, 0, n->now_us + US_PER_S));
	start_us = cubic->epoch_start_us;
	ck_assert_uint_ne(start_us, 0);
	cwnd_bytes = c->congestion.cwnd_bytes;
	began_us = n->now_us;
	while (n->now_us < began_us + 60 * US_PER_S) {
		network_write(&n->hosts[0], 10);
		network_flush(n);
		ck_assert_uint_ne(c->snd_una, c->snd_nxt);
		network_run(n, n->now_us + US_PER_MS);
		while (network_read(n, &n->hosts[1], 4096))
			;
	}
	ck_assert_uint_eq(c->congestion.cwnd_bytes, cwnd_bytes);
	ck_assert(network_transfer(n, n->hosts[0].written_bytes + 100 * KIB, 0,
				   n->now_us + US_PER_S));
	ck_assert_uint_gt(cubic->epoch_start_us, start_us + 59 * US_PER_S);
	ck_assert_uint_le(cubic->epoch_start_us, n->now_us);
	/* as in the first rounds of an epoch, not by half of itself in each */
	ck_assert_uint_lt(c->congestion.cwnd_bytes, cwnd_bytes + 6 * c->congestion.mss_bytes);
	network_destroy(n);
}
END_TEST

/* RFC 3168: a bottleneck that marks is kept as busy, and drops nothing. */
START_TEST(marking_bottleneck)
{
	struct network *n = network_of(8);
	u64 start_us = n->now_us, bytes = 4096 * KIB;

	n->hosts[0].config.ecn = TCP_ECN_ACTIVE;
	n->hosts[0].link.rate_bytes_per_s = 1250000;
	n->hosts[0].link.queue_bytes = 128 * KIB;
	n->hosts[0].link.mark_bytes = 20 * KIB;
	network_connect(n);
	ck_assert(network_transfer(n, bytes, 0, start_us + 60 * US_PER_S));
	ck_assert_uint_lt(n->now_us - start_us, bytes * US_PER_S / 1250000 * 10 / 9);
	ck_assert_uint_eq(n->hosts[0].text_sent_bytes, bytes);
	ck_assert_uint_gt(n->hosts[1].marked, 0);
	network_destroy(n);
}
END_TEST

/* With a rate of its own, a transfer takes the time that it says, and no burst. */
START_TEST(rate_max)
{
	struct network *n = network_of(11);
	u64 start_us = n->now_us, bytes = 1024 * KIB, sent = 0;

	n->hosts[0].config.rate_max = 1000000;
	network_connect(n);
	while (!network_transfer(n, bytes, 0, n->now_us + 10 * US_PER_MS)) {
		/* 10 ms of it, and the initial window or a quantum */
		ck_assert_uint_le(n->hosts[0].text_sent_bytes - sent, 10000 + 14600);
		sent = n->hosts[0].text_sent_bytes;
	}
	ck_assert_uint_gt(n->now_us - start_us, bytes - 50000);
	ck_assert_uint_lt(n->now_us - start_us, bytes + 100000);
	network_destroy(n);
}
END_TEST

/*
 * A queue of 20 KiB on a path of 125 KB: bursts overrun it, and the window stays
 * small; what is paced gets through.
 */
static u64 time_needed(bool pacing)
{
	struct network *n = network_of(12);
	u64 bytes = 2048 * KIB, start_us = n->now_us, needed_us;

	n->hosts[0].config.pacing = pacing;
	n->hosts[0].link.delay_us = n->hosts[1].link.delay_us = 50 * US_PER_MS;
	n->hosts[0].link.rate_bytes_per_s = 1250000;
	n->hosts[0].link.queue_bytes = 20 * KIB;
	network_connect(n);
	ck_assert(network_transfer(n, bytes, 0, n->now_us + 60 * US_PER_S));
	needed_us = n->now_us - start_us;
	network_destroy(n);
	return needed_us;
}

START_TEST(paced_bottleneck)
{
	ck_assert_uint_lt(time_needed(true), time_needed(false));
}
END_TEST

/* RFC 9406: a queue of twice the path is seen in time; slow start fills it. */
static u64 sent_twice(bool hystart)
{
	struct network *n = network_create(17, 1024 * KIB, 1024 * KIB, 2048);
	u64 bytes = 2048 * KIB, twice;

	n->hosts[0].config.hystart = hystart;
	n->hosts[0].link.delay_us = n->hosts[1].link.delay_us = 25 * US_PER_MS;
	n->hosts[0].link.rate_bytes_per_s = 1250000;
	n->hosts[0].link.queue_bytes = 120 * KIB;
	network_connect(n);
	ck_assert(network_transfer(n, bytes, 0, n->now_us + 2500 * US_PER_MS));
	twice = n->hosts[0].text_sent_bytes - bytes;
	network_destroy(n);
	return twice;
}

START_TEST(hystart)
{
	ck_assert_uint_lt(2 * sent_twice(true), sent_twice(false));
}
END_TEST

/*
 * The path narrows in the middle of a transfer, and a router says so, or does
 * not (RFC 4821); it widens again, which only probes can find out.
 */
START_TEST(path_mtu)
{
	struct network *n = network_of(9);
	struct tcp_connection *c = &n->hosts[0].connection;

	network_connect(n);
	ck_assert(network_transfer(n, 64 * KIB, 0, n->now_us + 60 * US_PER_S));
	n->hosts[0].link.mtu_bytes = 1200;
	n->hosts[0].link.silent = _i;
	ck_assert(network_transfer(n, 1024 * KIB, 0, n->now_us + 60 * US_PER_S));
	ck_assert_uint_le(c->snd_mss, 1200 - 40);
	ck_assert_uint_gt(c->snd_mss, 1200 - 40 - 16);
	n->hosts[0].link.mtu_bytes = 0;
	network_run(n, n->now_us + 601 * US_PER_S);
	ck_assert(network_transfer(n, 2048 * KIB, 0, n->now_us + 60 * US_PER_S));
	ck_assert_uint_eq(c->snd_mss, 1460);
	close_both(n);
	network_destroy(n);
}
END_TEST

/* A probe that is lost is no congestion. */
START_TEST(path_mtu_probe_lost)
{
	struct network *n = network_of(10);
	struct tcp_connection *c = &n->hosts[0].connection;
	u32 ssthresh_bytes;

	network_connect(n);
	ck_assert(network_transfer(n, 64 * KIB, 0, n->now_us + 60 * US_PER_S));
	n->hosts[0].link.mtu_bytes = 1000;
	ck_assert(network_transfer(n, 128 * KIB, 0, n->now_us + 60 * US_PER_S));
	ck_assert_uint_eq(c->snd_mss, 960);
	network_run(n, n->now_us + 601 * US_PER_S);
	n->hosts[0].link.silent = true;
	n->hosts[0].link.mtu_bytes = 1300;
	ssthresh_bytes = c->congestion.ssthresh_bytes;
	ck_assert(network_transfer(n, 1024 * KIB, 0, n->now_us + 60 * US_PER_S));
	ck_assert_uint_gt(c->snd_mss, 1300 - 40 - 16);
	ck_assert_uint_le(c->snd_mss, 1300 - 40);
	ck_assert_uint_eq(c->congestion.ssthresh_bytes, ssthresh_bytes);
	network_destroy(n);
}
END_TEST

/* A stranger's kilobyte, where the peer's next is expected. */
static void forge(struct network *n, struct host *h)
{
	static const u8 text[KIB];
	struct tcp_connection *c = &h->connection;
	struct tcp_segment s = {
		.source_port = h->flow.remote.port, .destination_port = h->flow.local.port,
		.seq = c->rcv_nxt, .ack = c->snd_una, .flags = TCP_ACK | TCP_PSH, .window = 1000,
		.payload = text, .payload_bytes = sizeof(text),
	};

	ck_assert_int_eq(tcp_input(c, &s, n->now_us), TCP_VERDICT_TAKEN);
}

/*
 * An ACK storm: both ends have got what the other has not sent. Each ACK is of bytes that were
 * never there, and is answered by one (RFC 5961, 5): ten a second and end, and not as many as
 * the link takes, which are a thousand here.
 */
START_TEST(ack_storm)
{
	struct network *n = network_of(21);
	u64 sent;

	for (int i = 0; i < 2; i++) {
		n->hosts[i].config.timestamps = false;
		n->hosts[i].link.delay_us = US_PER_MS;
	}
	network_connect(n);
	ck_assert(network_transfer(n, KIB, KIB, n->now_us + 60 * US_PER_S));
	network_run(n, n->now_us + US_PER_S);
	sent = n->hosts[0].segments_sent + n->hosts[1].segments_sent;
	forge(n, &n->hosts[0]);
	forge(n, &n->hosts[1]);
	network_flush(n);
	network_run(n, n->now_us + 10 * US_PER_S);
	sent = n->hosts[0].segments_sent + n->hosts[1].segments_sent - sent;
	ck_assert_uint_ge(sent, 20);	/* it is one */
	ck_assert_uint_le(sent, 11 * 20);
	network_destroy(n);
}
END_TEST

/* The same seed gives the same bytes on the wire; another one does not. */
static u64 digest_of(u64 seed)
{
	struct network *n = network_of(seed);
	u64 digest;

	n->hosts[0].link.loss_ppm = n->hosts[1].link.loss_ppm = 20000;
	network_connect(n);
	ck_assert(network_transfer(n, 100 * KIB, 100 * KIB, n->now_us + 600 * US_PER_S));
	digest = n->hosts[0].digest ^ n->hosts[1].digest << 1;
	network_destroy(n);
	return digest;
}

START_TEST(deterministic)
{
	ck_assert_uint_eq(digest_of(5), digest_of(5));
	ck_assert_uint_ne(digest_of(5), digest_of(6));
}
END_TEST

Suite *tcp_transfer_suite(void);
Suite *tcp_transfer_suite(void)
{
	Suite *s = suite_create("tcp transfer");
	TCase *c = tcase_create("transfer");

	tcase_set_timeout(c, 60);	/* the machine may be busy */
	tcase_add_test(c, clean);
	tcase_add_test(c, recovery_long_ago);
	tcase_add_loop_test(c, number_of_syn_again, 0, 2);
	tcase_add_test(c, rack_persistence);
	tcase_add_loop_test(c, hostile_link, 0, sizeof(cells) / sizeof(cells[0]));
	tcase_add_test(c, fast_open);
	tcase_add_test(c, rx_space);
	tcase_add_test(c, rx_space_slow_reader);
	tcase_add_loop_test(c, cut_by_link, 0, 9);
	tcase_add_test(c, bottleneck);
	tcase_add_test(c, idle_curve);
	tcase_add_test(c, unused_curve);
	tcase_add_test(c, marking_bottleneck);
	tcase_add_test(c, rate_max);
	tcase_add_test(c, paced_bottleneck);
	tcase_add_test(c, hystart);
	tcase_add_loop_test(c, path_mtu, 0, 2);
	tcase_add_test(c, path_mtu_probe_lost);
	tcase_add_test(c, ack_storm);
	tcase_add_test(c, deterministic);
	suite_add_tcase(s, c);
	return s;
}
