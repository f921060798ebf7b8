// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* asprintf */
#include "tests/tcp/script.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/tcp/checksum.h"
#include "libnetchannel/tcp/connection.h"
#include "libnetchannel/tcp/fast_open.h"
#include "libnetchannel/tcp/icmp.h"
#include "libnetchannel/tcp/input.h"
#include "libnetchannel/tcp/listener.h"
#include "libnetchannel/tcp/output.h"
#include "libnetchannel/tcp/rx_space.h"
#include "libnetchannel/tcp/urgent.h"
#include "tests/tcp/message.h"
#include "tests/tcp/twin.h"
#include "tests/tcp/wanted.h"

#define TX_BYTES	(1u << 20)
#define SENT_COUNT	512
#define REQUESTS	8
#define SEGMENT_MAX	(TCP_HEADER_MAX_BYTES + 65535)
#define QUEUE_MAX	1024
#define TOLERANCE_US	1000

struct sent_segment {
	u64 at_us;
	bool dont_fragment;
	u32 gso_bytes;
	struct tcp_segment segment;	/* its payload is not kept */
};

struct script {
	const struct script_bases *bases;
	int line;
	char *failure;
	u64 now_us;
	struct tcp_config config;
	u32 rx_bytes;
	u32 segments_max;
	u32 room_bytes;			/* for a packet of the engine; 0: for the largest */
	struct tcp_flow flow;
	struct tcp_memory memory;
	struct tcp_connection connection;
	struct tcp_listener listener;
	struct tcp_request requests[REQUESTS];
	bool connected;
	bool listening;
	u32 iss;			/* of the engine's last SYN */
	u32 iss_before;			/* of the one before it, ... */
	u64 syn_us, syn_before_us;	/* ... and when they went first */
	u32 ts_base;			/* its TSval */
	struct sent_segment queue[QUEUE_MAX];
	u32 queue_first, queue_end;
};

static void fail(struct script *s, const char *format, ...)
{
	va_list args;
	char text[512];

	if (s->failure)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (asprintf(&s->failure, "line %d: %s", s->line, text) < 0)
		abort();
}

/* --- the engine --- */

static void note_syn(struct script *s, const struct tcp_segment *syn)
{
	if (syn->seq != s->iss) {
		s->iss_before = s->iss;
		s->syn_before_us = s->syn_us;
		s->syn_us = s->now_us;
	}
	s->iss = syn->seq;
	s->ts_base = syn->options.ts_value;
}

static void note_sent(struct script *s, const struct tcp_packet *packet, size_t size)
{
	struct sent_segment *out = &s->queue[s->queue_end % QUEUE_MAX];

	if (s->queue_end - s->queue_first == QUEUE_MAX) {
		fail(s, "the engine sends without end");
		return;
	}
	if (tcp_checksum(&s->flow, packet->bytes, size) ||
	    tcp_segment_parse(&out->segment, packet->bytes, size)) {
		fail(s, "the engine sent a segment that is not one");
		return;
	}
	out->segment.ecn = packet->ecn;
	out->dont_fragment = packet->dont_fragment;
	out->gso_bytes = packet->gso_bytes;
	out->at_us = s->now_us;
	s->queue_end++;
	if (out->segment.flags & TCP_SYN)
		note_syn(s, &out->segment);
}

static void note_segment(struct script *s, const struct tcp_segment *segment)
{
	u8 bytes[TCP_HEADER_MAX_BYTES];
	struct tcp_packet packet = {
		.bytes = bytes, .ecn = segment->ecn, .dont_fragment = true,
	};
	size_t size = tcp_segment_emit(bytes, segment);

	tcp_segment_seal(bytes, size, &s->flow);
	note_sent(s, &packet, size);
}

static void flush(struct script *s)
{
	static u8 bytes[SEGMENT_MAX];
	struct tcp_packet packet = {
		.bytes = bytes, .room = s->room_bytes ? s->room_bytes : sizeof(bytes),
		.segments_max = s->segments_max,
	};
	struct tcp_segment segment;
	struct tcp_flow flow;
	size_t size;

	while (s->connected && !s->failure &&
	       (size = twin_output(&s->connection, &packet, s->now_us)))
		note_sent(s, &packet, size);
	while (s->listening && tcp_listener_output(&s->listener, &flow, &segment, s->now_us)) {
		if (flow.remote.port == s->flow.remote.port)	/* not the flood's */
			note_segment(s, &segment);
	}
}

static u64 deadline_us(const struct script *s)
{
	u64 at_us = s->connected ? tcp_connection_deadline(&s->connection) : TCP_NEVER;

	return s->listening ? min_u64(at_us, tcp_listener_deadline(&s->listener)) : at_us;
}

/* One timer, if one is due by then. */
static bool run_timer(struct script *s, u64 until_us)
{
	if (s->failure || deadline_us(s) > until_us)
		return false;
	s->now_us = max_u64(s->now_us, deadline_us(s));
	if (s->connected)
		tcp_connection_tick(&s->connection, s->now_us);
	flush(s);
	return true;
}

static void run_until(struct script *s, u64 until_us)
{
	while (run_timer(s, until_us))
		;
	s->now_us = max_u64(s->now_us, until_us);
}

static void listener_input(struct script *s, const struct tcp_segment *in)
{
	struct tcp_segment answer;
	struct tcp_request request;

	switch (tcp_listener_input(&s->listener, &s->flow, in, true, &answer, &request,
				   s->now_us)) {
	case TCP_LISTENER_DROP:
		break;
	case TCP_LISTENER_ANSWER:
		note_segment(s, &answer);
		break;
	case TCP_LISTENER_ACCEPT:
		if (tcp_connection_accept(&s->connection, &s->config, &s->memory, &request,
					  s->now_us))
			fail(s, "accept refused");
		s->connected = true;
		twin_input(&s->connection, in, s->now_us);
		break;
	}
}

static void engine_input(struct script *s, const struct tcp_segment *in)
{
	enum tcp_verdict verdict = TCP_VERDICT_REFUSE;
	struct tcp_segment reset;

	if (s->connected)
		verdict = twin_input(&s->connection, in, s->now_us);
	if (verdict != TCP_VERDICT_TAKEN && s->listening)
		listener_input(s, in);
	else if (verdict == TCP_VERDICT_REFUSE && tcp_segment_refuse(&reset, in))
		note_segment(s, &reset);
	flush(s);
}

/* --- lines --- */

/* The segment takes the whole way, through its bytes. */
static void inject_bytes(struct script *s, const struct tcp_segment *in)
{
	static u8 bytes[SEGMENT_MAX];
	size_t header_bytes = tcp_segment_emit(bytes, in);
	struct tcp_segment parsed;

	memset(bytes + header_bytes, 0, in->payload_bytes);
	if (tcp_segment_parse(&parsed, bytes, header_bytes + in->payload_bytes))
		fail(s, "does not parse");
	parsed.ecn = in->ecn;
	if (!s->failure)
		engine_input(s, &parsed);
}

static void inject(struct script *s, char *text)
{
	struct tcp_segment in;
	struct wanted w;

	if (!wanted_parse(&w, text) || w.length > 65535) {
		fail(s, "not a segment");
		return;
	}
	in = (struct tcp_segment){
		.source_port = s->flow.remote.port,
		.destination_port = s->flow.local.port,
		.seq = s->bases->peer_isn + w.seq,
		.ack = w.has_ack ? s->iss + w.ack : 0,
		.flags = w.flags,
		.ecn = w.ecn,
		.window = w.window,
		.urgent = w.urgent,
		.options = w.options,
		.payload_bytes = w.length,
	};
	if (w.own_cookie)
		in.options.fast_open = tcp_fast_open_make(&s->config.secret, &s->flow);
	in.options.ts_value += s->bases->peer_ts;
	in.options.ts_echo += s->ts_base;
	for (u8 i = 0; i < in.options.sack_count; i++) {
		in.options.sack[i].start += s->iss;
		in.options.sack[i].end += s->iss;
	}
	inject_bytes(s, &in);
}

static bool same_cookie(const struct script *s, const struct wanted *w,
			const struct tcp_options *o)
{
	struct tcp_fast_open_cookie want = w->options.fast_open;

	if (w->own_cookie)
		want = tcp_fast_open_make(&s->config.secret, &s->flow);
	return o->has_fast_open == w->options.has_fast_open && o->fast_open.size == want.size &&
		!memcmp(o->fast_open.bytes, want.bytes, want.size);
}

static bool same_options(const struct script *s, const struct wanted *w,
			 const struct tcp_options *o)
{
	const struct tcp_options *want = &w->options;

	if (!same_cookie(s, w, o) ||
	    o->has_mss != want->has_mss || o->mss_bytes != want->mss_bytes ||
	    o->has_window_scale != want->has_window_scale ||
	    o->window_scale != want->window_scale ||
	    o->sack_permitted != want->sack_permitted ||
	    o->has_user_timeout != want->has_user_timeout ||
	    o->user_timeout_s != want->user_timeout_s ||
	    o->has_timestamps != want->has_timestamps || o->sack_count != want->sack_count)
		return false;
	for (u8 i = 0; i < o->sack_count; i++) {
		if (o->sack[i].start - s->bases->peer_isn != want->sack[i].start ||
		    o->sack[i].end - s->bases->peer_isn != want->sack[i].end)
			return false;
	}
	return !o->has_timestamps || w->any_timestamps ||
		(o->ts_value - s->ts_base + 1 - want->ts_value <= 2 &&
		 o->ts_echo - s->bases->peer_ts == want->ts_echo);
}

static void describe(const struct script *s, const struct sent_segment *out, char *text,
		     size_t size)
{
	const struct tcp_segment *g = &out->segment;
	const struct tcp_options *o = &g->options;
	u32 seq = g->seq - s->iss;
	int n = snprintf(text, size, "%s%s %s %u:%u(%u) ack %u win %u urg %u gso %u at %.6f s <",
			 out->dont_fragment ? "" : "[nodf]", wanted_codepoints[g->ecn],
			 wanted_flags_text(g->flags),
			 seq, seq + g->payload_bytes,
			 g->payload_bytes, g->flags & TCP_ACK ? g->ack - s->bases->peer_isn : 0,
			 g->window, g->urgent, out->gso_bytes, out->at_us / 1e6);

	if (o->has_mss)
		n += snprintf(text + n, size - n, "mss %u,", o->mss_bytes);
	if (o->sack_permitted)
		n += snprintf(text + n, size - n, "sackOK,");
	if (o->has_window_scale)
		n += snprintf(text + n, size - n, "wscale %u,", o->window_scale);
	if (o->has_timestamps)
		n += snprintf(text + n, size - n, "TS val %u ecr %u,", o->ts_value - s->ts_base,
			      o->ts_echo - s->bases->peer_ts);
	if (o->has_fast_open)
		n += snprintf(text + n, size - n, "FO of %u,", o->fast_open.size);
	for (u8 i = 0; i < o->sack_count; i++)
		n += snprintf(text + n, size - n, "sack %u:%u ",
			      o->sack[i].start - s->bases->peer_isn,
			      o->sack[i].end - s->bases->peer_isn);
	snprintf(text + n, size - n, ">");
}

/* The lines that follow count from when the segment came: *at_us. */
static void expect(struct script *s, char *text, u64 *at_us, u64 tolerance_us)
{
	const struct sent_segment *out;
	const struct tcp_segment *g;
	struct wanted w;
	char got[300];
	u8 mask;

	if (!wanted_parse(&w, text)) {
		fail(s, "not a segment");
		return;
	}
	while (s->queue_first == s->queue_end && run_timer(s, *at_us + tolerance_us))
		;
	if (s->queue_first == s->queue_end) {
		fail(s, "nothing was sent");
		return;
	}
	out = &s->queue[s->queue_first++ % QUEUE_MAX];
	g = &out->segment;
	/* where a burst is cut does not matter but where a line says P */
	mask = (w.flags & TCP_PSH) ? 0xff : 0xff & ~TCP_PSH;
	describe(s, out, got, sizeof(got));
	if ((g->flags & mask) != w.flags || g->seq - s->iss != w.seq ||
	    g->payload_bytes != w.length || g->urgent != w.urgent || g->ecn != w.ecn ||
	    out->dont_fragment == w.fragment || out->gso_bytes != w.gso_bytes ||
	    (w.has_ack && g->ack - s->bases->peer_isn != w.ack) ||
	    (w.has_window && g->window != w.window) ||
	    (w.has_options && !same_options(s, &w, &g->options)))
		fail(s, "got %s", got);
	else if (out->at_us + tolerance_us < *at_us || out->at_us > *at_us + tolerance_us)
		fail(s, "at %.6f s, not %.6f s: %s", out->at_us / 1e6, *at_us / 1e6, got);
	*at_us = out->at_us;
}

struct setter {
	const char *name;
	size_t offset;
	size_t size;
	u64 unit;
};

#define SETTER(name, member, unit) \
	{ name, offsetof(struct tcp_config, member), \
	  sizeof(((struct tcp_config *)0)->member), unit }

static const struct setter setters[] = {
	SETTER("mss", mss_bytes, 1),
	SETTER("wscale", window_scaling, 1),
	SETTER("sack", sack, 1),
	SETTER("timestamps", timestamps, 1),
	SETTER("ecn", ecn, 1),
	SETTER("hystart", hystart, 1),
	SETTER("cwv", window_validation, 1),
	SETTER("fast_open", fast_open, 1),
	SETTER("no_cookie", fast_open_no_cookie, 1),
	SETTER("rx_max", rx_max_bytes, 1),
	SETTER("pacing", pacing, 1),
	SETTER("rate_max", rate_max, 1),
	SETTER("pmtu", path_mtu_discovery, 1),
	SETTER("soft_end", soft_errors_end_handshake, 1),
	SETTER("delayed_fin_ack", delayed_fin_ack, 1),
	SETTER("rto_min_beside_rtt", rto_min_beside_rtt, 1),
	SETTER("nodelay", no_delay, 1),
	SETTER("cork", cork, 1),
	SETTER("quick_ack", quick_ack, 1),
	SETTER("syn_retries", syn_retries, 1),
	SETTER("defer_accept", defer_accept_retries, 1),
	SETTER("window_max", window_max_bytes, 1),
	SETTER("user_timeout_rules", user_timeout_rules, 1),
	SETTER("keepalive", keepalive, 1),
	SETTER("keepalive_probes", keepalive_probes, 1),
	SETTER("keepalive_idle_s", keepalive_idle_us, US_PER_S),
	SETTER("keepalive_interval_s", keepalive_interval_us, US_PER_S),
	SETTER("delayed_ack_ms", delayed_ack_us, US_PER_MS),
	SETTER("user_timeout_s", user_timeout_us, US_PER_S),
	SETTER("syn_timeout_s", syn_timeout_us, US_PER_S),
	SETTER("uto_s", user_timeout_advertised_s, 1),
	SETTER("fin_wait_2_s", fin_wait_2_us, US_PER_S),
	SETTER("msl_s", msl_us, US_PER_S),
};

static void set(struct script *s, const char *args)
{
	unsigned long long value;
	char name[32];

	if (!strcmp(args, "congestion reno")) {
		s->config.congestion = &tcp_algorithm_reno;
		return;
	}
	if (sscanf(args, "%31s %llu", name, &value) != 2) {
		fail(s, "set what?");
		return;
	}
	if (!strcmp(name, "ip")) {
		s->flow.ip_version = value;
		return;
	}
	if (!strcmp(name, "room")) {
		s->room_bytes = value;
		return;
	}
	if (!strcmp(name, "gso")) {
		s->segments_max = value;
		return;
	}
	if (!strcmp(name, "rx")) {
		s->rx_bytes = value;
		return;
	}
	for (size_t i = 0; i < sizeof(setters) / sizeof(setters[0]); i++) {
		if (strcmp(setters[i].name, name))
			continue;
		value *= setters[i].unit;
		memcpy((u8 *)&s->config + setters[i].offset, &value, setters[i].size);
		return;
	}
	fail(s, "no such setting");
}

static void allocate(struct script *s)
{
	s->memory = (struct tcp_memory){
		.tx = calloc(1, TX_BYTES), .tx_bytes = TX_BYTES,
		.rx = calloc(1, s->rx_bytes), .rx_bytes = s->rx_bytes,
		.reassembly = malloc(sizeof(struct tcp_reassembly)),
		.sent = calloc(SENT_COUNT, sizeof(struct tcp_sent)), .sent_count = SENT_COUNT,
	};
}

/* RFC 6528's clock is where our_isn comes of: 4 us a number. */
static void choose_time(struct script *s)
{
	u32 at_zero = tcp_isn(&s->config.secret, &s->flow, 0);

	s->now_us = (u64)(s->bases->our_isn - at_zero) * 4 + (1ull << 34) * 1000;
}

/* RFC 7413: `fast` asks for a cookie, `fast N COOKIE MSS` sends N bytes with one. */
static void open_fast(struct script *s, const char *args)
{
	static const u8 bytes[TX_BYTES];
	struct tcp_fast_open_cookie cookie;
	unsigned int size, mss_bytes = 0;
	char text[40];
	bool with_data = sscanf(args, "fast %u %39s %u", &size, text, &mss_bytes) == 3;

	if (with_data) {
		wanted_parse_cookie(&cookie, text);
		tcp_connection_send(&s->connection, bytes, size);
	}
	if (tcp_fast_open_use(&s->connection, with_data ? &cookie : NULL, mss_bytes))
		fail(s, "fast open refused");
}

static void connect_peer(struct script *s, const char *args)
{
	allocate(s);
	if (tcp_connection_open(&s->connection, &s->config, &s->memory, &s->flow, s->now_us))
		fail(s, "open refused");
	s->connected = true;
	if (!strncmp(args, "fast", 4))
		open_fast(s, args);
	flush(s);
}

/* The cookie that the server gave. */
static void check_learned(struct script *s, const char *args)
{
	struct tcp_fast_open_cookie cookie;

	wanted_parse_cookie(&cookie, args);
	if (s->connection.fast_open.learned.size != cookie.size ||
	    memcmp(s->connection.fast_open.learned.bytes, cookie.bytes, cookie.size))
		fail(s, "learned %u bytes", s->connection.fast_open.learned.size);
}

static void listen_peer(struct script *s, const char *args)
{
	(void)args;
	allocate(s);
	if (tcp_listener_open(&s->listener, &s->config, s->rx_bytes, s->requests, REQUESTS))
		fail(s, "listen refused");
	s->listening = true;
}

static void flood(struct script *s, const char *args)
{
	struct tcp_segment syn = { .flags = TCP_SYN, .window = 1000 }, answer;
	struct tcp_flow flow = s->flow;
	struct tcp_request request;

	(void)args;
	for (u32 i = 0; i < 200; i++) {
		flow.remote.port = 30000 + i;
		syn.seq = i * 12345;
		tcp_listener_input(&s->listener, &flow, &syn, true, &answer, &request, s->now_us);
	}
	flush(s);
}

static const char *const states[] = {
	"CLOSED", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
	"CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT",
};

static void check_state(struct script *s, const char *args)
{
	const char *got = s->connected ? states[s->connection.state] : "LISTEN";

	if (strcmp(got, args))
		fail(s, "the state is %s", got);
}

static const struct {
	const char *name;
	int value;
} errors[] = {
	{ "none", 0 }, { "EAGAIN", EAGAIN }, { "EPIPE", EPIPE }, { "ECONNRESET", ECONNRESET },
	{ "ECONNREFUSED", ECONNREFUSED }, { "ETIMEDOUT", ETIMEDOUT },
	{ "ECONNABORTED", ECONNABORTED }, { "ENOTCONN", ENOTCONN },
	{ "EHOSTUNREACH", EHOSTUNREACH }, { "ENETUNREACH", ENETUNREACH }, { "EACCES", EACCES },
	{ "EPROTO", EPROTO }, { "ENOPROTOOPT", ENOPROTOOPT },
};

static const char *error_name(s64 value)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (errors[i].value == -value)
			return errors[i].name;
	}
	return "another";
}

static void check_result(struct script *s, s64 got, const char *args)
{
	const char *wanted = strstr(args, "= ");
	unsigned int count = 0;

	if (wanted && strcmp(error_name(got), wanted + 2))
		fail(s, "returned %lld (%s)", (long long)got, error_name(got));
	else if (!wanted && strcmp(args, "eof") && sscanf(args, "%u", &count) != 1)
		fail(s, "how many?");
	else if (!wanted && got != count)
		fail(s, "returned %lld (%s)", (long long)got, error_name(got));
}

static void send_bytes(struct script *s, const char *args, bool more)
{
	static const u8 bytes[TX_BYTES];
	unsigned int size = 1;

	sscanf(args, "%u", &size);
	tcp_connection_expect_more(&s->connection, more);
	check_result(s, tcp_connection_send(&s->connection, bytes, size), args);
}

static void user_send(struct script *s, const char *args)
{
	send_bytes(s, args, false);
}

static void user_more(struct script *s, const char *args)
{
	send_bytes(s, args, true);
}

/* The receive buffer grows to what the engine wants, which must be so much. */
static void grow(struct script *s, const char *args)
{
	u32 wanted = tcp_rx_space_wanted(&s->connection);
	u8 *rx = calloc(1, wanted);

	if (wanted != (u32)atoi(args))
		fail(s, "it wants %u", wanted);
	if (tcp_rx_space_resize(&s->connection, rx, wanted))
		fail(s, "refused");
	free(s->memory.rx);
	s->memory.rx = rx;
}

static void user_urge(struct script *s, const char *args)
{
	static const u8 bytes[TX_BYTES];
	unsigned int size = 1;

	sscanf(args, "%u", &size);
	check_result(s, tcp_urgent_send(&s->connection, bytes, size), args);
}

static void check_ahead(struct script *s, const char *args)
{
	if (tcp_urgent_ahead(&s->connection) != (u32)atoi(args))
		fail(s, "it is %u", tcp_urgent_ahead(&s->connection));
}

static void user_recv(struct script *s, const char *args)
{
	static u8 bytes[1 << 20];
	unsigned int size = 1;

	sscanf(args, "%u", &size);
	check_result(s, tcp_connection_recv(&s->connection, bytes, size), args);
}

static void user_shutdown(struct script *s, const char *args)
{
	(void)args;
	if (tcp_connection_shutdown(&s->connection, s->now_us))
		fail(s, "refused");
}

static void user_close(struct script *s, const char *args)
{
	(void)args;
	tcp_connection_close(&s->connection, s->now_us);
}

static void user_abort(struct script *s, const char *args)
{
	(void)args;
	tcp_connection_abort(&s->connection);
}

static void check_error(struct script *s, const char *args)
{
	if (strcmp(error_name(s->connection.error), args))
		fail(s, "the error is %s", error_name(s->connection.error));
}

static void check_soft_error(struct script *s, const char *args)
{
	if (strcmp(error_name(s->connection.soft_error), args))
		fail(s, "the soft error is %s", error_name(s->connection.soft_error));
}

/* A router's message about a segment, through its bytes. */
static void icmp(struct script *s, const char *args)
{
	u8 bytes[MESSAGE_MAX_BYTES];
	struct message m = { .type = 0 };
	struct icmp_error parsed;
	u32 end;

	if (sscanf(args, "%hhu/%hhu %u:%u mtu %u", &m.type, &m.code, &m.seq, &end,
		   &m.mtu_bytes) < 4) {
		fail(s, "not a message");
		return;
	}
	m.packet_bytes = end - m.seq + (s->flow.ip_version == 4 ? 40 : 60);
	m.seq += s->iss;
	if (tcp_icmp_parse(&parsed, s->flow.ip_version, bytes,
			   message_build(bytes, &s->flow, &m)))
		return;
	if (s->connected)
		tcp_icmp_input(&s->connection, &parsed, s->now_us);
	else
		tcp_listener_icmp(&s->listener, &parsed);
}

/* The peer's, of what begins from here on. */
static void set_port(struct script *s, const char *args)
{
	s->flow.remote.port = atoi(args);
}

/*
 * RFC 6528: how far the last SYN's number is from that of the SYN before it; `unrelated`: more
 * than a second from where the clock alone would have it.
 */
static void check_isn(struct script *s, const char *args)
{
	u32 between = s->iss - s->iss_before;
	u32 clock = (s->syn_us - s->syn_before_us) / 4;
	s32 off = between - clock;

	if (strcmp(args, "unrelated") ? between != (u32)atoi(args) : abs(off) < 250000)
		fail(s, "it is %u further, and by the clock %u", between, clock);
}

static void check_mss(struct script *s, const char *args)
{
	if (s->connection.snd_mss != atoi(args))
		fail(s, "the MSS is %u", s->connection.snd_mss);
}

static void check_segments(struct script *s, u32 bytes, const char *args)
{
	double wanted = atof(args), got = (double)bytes / s->connection.congestion.mss_bytes;

	if (got < wanted - 0.01 || got > wanted + 0.01)
		fail(s, "it is %.2f segments", got);
}

static void check_cwnd(struct script *s, const char *args)
{
	check_segments(s, s->connection.congestion.cwnd_bytes, args);
}

static void check_ssthresh(struct script *s, const char *args)
{
	check_segments(s, s->connection.congestion.ssthresh_bytes, args);
}

static const struct {
	const char *name;
	void (*run)(struct script *s, const char *args);
} verbs[] = {
	{ "set", set }, { "connect", connect_peer }, { "listen", listen_peer },
	{ "flood", flood }, { "send", user_send }, { "recv", user_recv },
	{ "shutdown", user_shutdown }, { "close", user_close }, { "abort", user_abort },
	{ "state", check_state }, { "error", check_error }, { "cwnd", check_cwnd },
	{ "ssthresh", check_ssthresh }, { "icmp", icmp }, { "soft", check_soft_error },
	{ "mss", check_mss }, { "urge", user_urge }, { "more", user_more }, { "ahead", check_ahead },
	{ "grow", grow }, { "learned", check_learned }, { "port", set_port }, { "isn", check_isn },
};

static void run_verb(struct script *s, const char *line)
{
	size_t length = strcspn(line, " ");

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strlen(verbs[i].name) != length || strncmp(verbs[i].name, line, length))
			continue;
		verbs[i].run(s, line + length + strspn(line + length, " "));
		flush(s);
		return;
	}
	fail(s, "no such verb");
}

static bool parse_time(char **text, u64 *us)
{
	static const struct {
		const char *name;
		double us;
	} units[] = { { "us", 1 }, { "ms", 1e3 }, { "s", 1e6 }, { "min", 6e7 }, { "h", 3.6e9 } };
	double value = strtod(*text, text);
	size_t length = strcspn(*text, " \t~");

	if (!length) {
		*us = value;
		return value == 0;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].name) == length && !strncmp(units[i].name, *text, length)) {
			*us = value * units[i].us + 0.5;
			*text += length;
			return true;
		}
	}
	return false;
}

static void run_line(struct script *s, char *line, u64 *at_us)
{
	u64 wait_us = 0, tolerance_us = TOLERANCE_US;
	char got[300];

	if (*line != '+' || (line++, !parse_time(&line, &wait_us)) ||
	    (*line == '~' && (line++, !parse_time(&line, &tolerance_us)))) {
		fail(s, "no time");
		return;
	}
	line += strspn(line, " \t");
	*at_us += wait_us;
	if (*line == '>') {
		expect(s, line + 1, at_us, tolerance_us);
		return;
	}
	run_until(s, *at_us);
	if (s->queue_first != s->queue_end) {
		describe(s, &s->queue[s->queue_first % QUEUE_MAX], got, sizeof(got));
		fail(s, "before this, nobody expected %s", got);
		return;
	}
	if (*line == '<')
		inject(s, line + 1);
	else
		run_verb(s, line);
}

static void start(struct script *s, const struct script_bases *bases)
{
	*s = (struct script){
		.bases = bases,
		.config = tcp_config_default(),
		.rx_bytes = 65535,
		.flow = {
			.ip_version = bases->ip_version ? bases->ip_version : 4,
			.local = { .address = { 192, 0, 2, 1 }, .port = 40000 },
			.remote = { .address = { 192, 0, 2, 2 }, .port = 80 },
		},
	};
	s->config.secret.key[0] = 0x1234567890abcdefull;
	choose_time(s);
}

static char *finish(struct script *s)
{
	char got[300], *failure;

	if (s->queue_first != s->queue_end) {
		describe(s, &s->queue[s->queue_first % QUEUE_MAX], got, sizeof(got));
		fail(s, "at the end, nobody expected %s", got);
	}
	failure = s->failure;
	free(s->memory.tx);
	free(s->memory.rx);
	free(s->memory.reassembly);
	free(s->memory.sent);
	free(s);
	return failure;
}

char *script_run(const char *path, const struct script_bases *bases)
{
	struct script *s = malloc(sizeof(*s));
	FILE *file = fopen(path, "r");
	char line[512];
	u64 at_us;

	start(s, bases);
	at_us = s->now_us;
	if (!file)
		fail(s, "%s: %s", path, strerror(errno));
	while (!s->failure && fgets(line, sizeof(line), file)) {
		s->line++;
		line[strcspn(line, "#\n")] = '\0';
		for (size_t n = strlen(line); n && strchr(" \t", line[n - 1]); n--)
			line[n - 1] = '\0';
		if (*line)
			run_line(s, line, &at_us);
	}
	if (file)
		fclose(file);
	return finish(s);
}
