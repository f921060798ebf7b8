// SPDX-License-Identifier: GPL-2.0
/* What a connection tells of itself; see test_stack.c. */
#include <check.h>
#include <errno.h>
#include <linux/tcp.h>
#include <string.h>

#include "libnetchannel/socket/tcp_info.h"
#include "libnetchannel/stack/backlog.h"
#include "libnetchannel/tcp/recovery.h"
#include "tests/tcp/streams.h"

static struct tcp_info info_of(struct pair *p, const struct stream *s)
{
	struct tcp_info info;
	u8 bytes[TCP_INFO_BYTES];

	tcp_info_fill(bytes, s, p->now_us);
	memcpy(&info, bytes, sizeof(info));
	return info;
}

/* TCP_INFO: how fast the path is, what has held back, and when what was last. */
START_TEST(told)
{
	static u8 bytes[200000];
	struct stream *ends[2], *listener;
	struct tcp_info i;
	struct pair p;

	pair_create(&p, 1500);
	p.hosts[0].rate_bytes_per_s = 1000000;
	p.hosts[0].queue_us = US_PER_S;
	connected(&p, 4, ends);
	i = info_of(&p, ends[0]);
	ck_assert_uint_eq(i.tcpi_busy_time, 0);
	ck_assert_uint_eq(i.tcpi_delivery_rate, 0);
	/* the peer does not read: all that its buffer takes is soon on its way */
	ck_assert_int_eq(stream_send(ends[0], bytes, sizeof(bytes), 0, p.now_us), sizeof(bytes));
	pair_run(&p, 100 * US_PER_MS);
	i = info_of(&p, ends[0]);
	ck_assert_uint_ge(i.tcpi_delivery_rate, 900000);
	ck_assert_uint_le(i.tcpi_delivery_rate, 1000000);
	ck_assert(!i.tcpi_delivery_rate_app_limited);
	pair_run(&p, 900 * US_PER_MS);
	i = info_of(&p, ends[0]);
	ck_assert_uint_eq(i.tcpi_busy_time, US_PER_S);
	ck_assert_uint_ge(i.tcpi_rwnd_limited, 800 * US_PER_MS);
	ck_assert_uint_le(i.tcpi_rwnd_limited, 990 * US_PER_MS);
	ck_assert_uint_eq(i.tcpi_sndbuf_limited, 0);
	while (stream_recv(ends[1], bytes, sizeof(bytes), false, p.now_us) > 0)
		pair_run(&p, 200 * US_PER_MS);
	pair_run(&p, US_PER_S);
	i = info_of(&p, ends[0]);
	ck_assert_uint_le(i.tcpi_busy_time, 1400 * US_PER_MS);
	ck_assert_uint_ge(i.tcpi_last_data_sent, 1000);
	ck_assert_uint_le(i.tcpi_last_data_sent, 2000);
	ck_assert_uint_ge(i.tcpi_last_data_recv, i.tcpi_last_data_sent + 1000);
	ck_assert_uint_le(i.tcpi_last_ack_recv, i.tcpi_last_data_sent);
	/* nor is there room for more, where all was sent */
	ends[0]->config.no_delay = true;
	ends[0]->connection.tx.size_bytes = 2000;
	ck_assert_int_eq(stream_send(ends[0], bytes, 2000, 0, p.now_us), 2000);
	pair_run(&p, US_PER_S);
	ck_assert_uint_gt(info_of(&p, ends[0]).tcpi_sndbuf_limited, 0);
	/* what has ended is not busy, whatever was left */
	ck_assert_int_eq(stream_send(ends[0], bytes, 2000, 0, p.now_us), 2000);
	stream_close(ends[1], true, p.now_us);
	pair_run(&p, US_PER_S);
	ck_assert_int_eq(ends[0]->connection.state, TCP_STATE_CLOSED);
	i = info_of(&p, ends[0]);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(info_of(&p, ends[0]).tcpi_busy_time, i.tcpi_busy_time);
	listener = listener_on(&p, 1, 4, 81, 7);
	ck_assert_uint_eq(info_of(&p, listener).tcpi_sacked, 7);
	stream_close(listener, false, p.now_us);
	stream_close(ends[0], true, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* Who only receives: by timestamps, or by how soon a window that was promised is full. */
START_TEST(receiver_rtt)
{
	static u8 bytes[100000];
	struct stream *ends[2], *listener;
	struct pair p;
	s64 n;

	pair_create(&p, 1500);
	p.delay_us = 50 * US_PER_MS;
	for (int i = 0; i < 2; i++)
		p.hosts[i].stack.streams.config.timestamps = !_i;
	ends[0] = stream_on(&p, 0, 4);
	listener = listener_on(&p, 1, 4, 80, 1);
	ck_assert_int_eq(connect_to(&p, ends[0], 1, 80), -EINPROGRESS);
	pair_run(&p, 200 * US_PER_MS);
	ends[1] = child_of(listener, ends[0]);
	stream_close(listener, false, p.now_us);
	ck_assert_uint_eq(info_of(&p, ends[1]).tcpi_rcv_rtt, 0);
	for (int i = 0; i < 200; i++) {
		stream_send(ends[0], bytes, sizeof(bytes), 0, p.now_us);
		pair_run(&p, 10 * US_PER_MS);
		while ((n = stream_recv(ends[1], bytes, sizeof(bytes), false, p.now_us)) > 0)
			;
	}
	ck_assert_uint_ge(info_of(&p, ends[1]).tcpi_rcv_rtt, 100 * US_PER_MS);
	ck_assert_uint_le(info_of(&p, ends[1]).tcpi_rcv_rtt, 150 * US_PER_MS);
	ck_assert_uint_eq(info_of(&p, ends[0]).tcpi_rcv_rtt, 0);
	for (int i = 0; i < 2; i++)
		stream_close(ends[i], true, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* Linux's TCP_NOTSENT_LOWAT: no more is taken than may go soon; and TCP_MAXSEG. */
START_TEST(unsent)
{
	static const u8 bytes[100000];
	struct stream *ends[2], *listener, *small;
	struct pair p;
	s64 sent;

	pair_create(&p, 1500);
	connected(&p, 4, ends);
	ends[0]->unsent_low_bytes = 3000;
	/* three segments, to be whole; ten go at once, and the window holds back the next */
	for (sent = 0; stream_events(ends[0]) & ENDPOINT_OUT;)
		sent += stream_send(ends[0], bytes, sizeof(bytes), 0, p.now_us);
	ck_assert_int_eq(sent, 13 * 1448);
	ck_assert_int_eq(stream_send(ends[0], bytes, 1, 0, p.now_us), -EAGAIN);
	pair_run(&p, 5 * US_PER_MS);
	ck_assert_uint_ne(stream_events(ends[0]) & ENDPOINT_OUT, 0);
	/* what a call leaves to the next goes where that one takes no more */
	pair_run(&p, US_PER_S);
	for (int i = 0; i < 2; i++)
		sent = stream_send(ends[0], bytes, 3 * 1448, STREAM_MORE, p.now_us);
	ck_assert_int_eq(sent, -EAGAIN);
	ck_assert_uint_eq(ends[0]->connection.snd_nxt, tcp_connection_tx_end(&ends[0]->connection));
	/* Linux's own value for no limit */
	ends[0]->unsent_low_bytes = UINT32_MAX;
	ck_assert_uint_ne(stream_events(ends[0]) & ENDPOINT_OUT, 0);
	ck_assert_int_gt(stream_send(ends[0], bytes, sizeof(bytes), 0, p.now_us), 50000);
	listener = listener_on(&p, 1, 4, 81, 4);
	small = stream_on(&p, 0, 4);
	stream_set_mss(small, 500);
	ck_assert_int_eq(connect_to(&p, small, 1, 81), -EINPROGRESS);
	pair_run(&p, 5 * US_PER_MS);
	ck_assert_uint_eq(tcp_connection_mss(&small->connection), 488);
	ck_assert_uint_eq(listener->backlog->first->connection.snd_mss, 500);
	/* another algorithm goes on where the first was */
	tcp_recovery_change_congestion(&small->connection, &tcp_algorithm_reno);
	ck_assert_uint_eq(small->connection.congestion.cwnd_bytes, 4880);
	stream_close(small, true, p.now_us);
	stream_close(listener, false, p.now_us);
	for (int i = 0; i < 2; i++)
		stream_close(ends[i], true, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* Linux's IP_MTU and tcpi_pmtu: the path's, whatever the peer takes. */
START_TEST(path_mtu)
{
	static const u8 bytes[1000];
	u8 version = _i ? 6 : 4;
	struct icmp_error error = {
		.kind = ICMP_ERROR_TOO_BIG, .protocol = IP_PROTOCOL_TCP, .packet_bytes = 1500,
		.mtu_bytes = 1300,
	};
	struct stream *ends[2], *narrow, *s;
	struct pair p;

	pair_create(&p, 1500);
	narrow = stream_on(&p, 1, version);
	stream_set_mss(narrow, 500);
	ck_assert_int_eq(pair_bind(&narrow->endpoint, 1, 81), 0);
	ck_assert_int_eq(stream_listen(narrow, 4), 0);
	s = stream_on(&p, 0, version);
	ck_assert_int_eq(connect_to(&p, s, 1, 81), -EINPROGRESS);
	ck_assert_uint_eq(stream_path_mtu(s), 1500);
	pair_run(&p, 5 * US_PER_MS);
	ck_assert_uint_eq(s->connection.snd_mss, 500);
	ck_assert_uint_eq(stream_path_mtu(s), 1500);
	ck_assert_uint_eq(info_of(&p, s).tcpi_pmtu, 1500);
	/* a router has another one */
	connected(&p, version, ends);
	ck_assert_uint_eq(stream_path_mtu(ends[0]), 1500);
	stream_send(ends[0], bytes, sizeof(bytes), 0, p.now_us);
	error.flow = ends[0]->connection.flow;
	error.seq = ends[0]->connection.snd_una;
	stream_icmp(ends[0], &error, p.now_us);
	ck_assert_uint_eq(stream_path_mtu(ends[0]), 1300);
	ck_assert_uint_eq(info_of(&p, ends[0]).tcpi_pmtu, 1300);
	stream_close(s, true, p.now_us);
	stream_close(narrow, false, p.now_us);
	for (int i = 0; i < 2; i++)
		stream_close(ends[i], true, p.now_us);
	pair_destroy(&p);
}
END_TEST

Suite *stack_info_suite(void);
Suite *stack_info_suite(void)
{
	Suite *s = suite_create("stack_info");
	TCase *c = tcase_create("stack_info");

	tcase_set_timeout(c, 300);
	tcase_add_test(c, told);
	tcase_add_loop_test(c, receiver_rtt, 0, 2);
	tcase_add_test(c, unsent);
	tcase_add_loop_test(c, path_mtu, 0, 2);
	suite_add_tcase(s, c);
	return s;
}
