// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../tcp/recovery.h"

static const char head[] =
	"# netchannel trace 1\n"
	"# us local remote state phase una nxt window cwnd ssthresh flight rcv_nxt rcv_window"
	" srtt_us rto_us retransmitted\n";

static const char *const states[] = {
	[TCP_STATE_CLOSED] = "CLOSED",
	[TCP_STATE_SYN_SENT] = "SYN-SENT",
	[TCP_STATE_SYN_RECEIVED] = "SYN-RECEIVED",
	[TCP_STATE_ESTABLISHED] = "ESTABLISHED",
	[TCP_STATE_FIN_WAIT_1] = "FIN-WAIT-1",
	[TCP_STATE_FIN_WAIT_2] = "FIN-WAIT-2",
	[TCP_STATE_CLOSE_WAIT] = "CLOSE-WAIT",
	[TCP_STATE_CLOSING] = "CLOSING",
	[TCP_STATE_LAST_ACK] = "LAST-ACK",
	[TCP_STATE_TIME_WAIT] = "TIME-WAIT",
};

static const char *const phases[] = {
	[TCP_RECOVERY_OPEN] = "open",
	[TCP_RECOVERY_FAST] = "fast",
	[TCP_RECOVERY_LOSS] = "loss",
};

int trace_open(struct trace **trace, const char *path, u64 now_us)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->start_us = now_us;
	t->file = fopen(path, "we");
	if (t->file && fputs(head, t->file) >= 0 && !fflush(t->file)) {
		*trace = t;
		return 0;
	}
	if (t->file)
		fclose(t->file);
	free(t);
	return -EIO;
}

void trace_close(struct trace *t)
{
	if (!t)
		return;
	fclose(t->file);
	free(t);
}

/* Numbers count from each side's SYN. */
static struct trace_line line_of(const struct stream *s)
{
	const struct tcp_connection *c = &s->connection;

	return (struct trace_line){
		.stream = s,
		.state = c->state,
		.phase = c->recovery.phase,
		.una = c->snd_una - c->iss,
		.nxt = c->snd_nxt - c->iss,
		.window = c->snd_wnd,
		.cwnd_bytes = c->congestion.cwnd_bytes,
		.ssthresh_bytes = c->congestion.ssthresh_bytes,
		.in_flight_bytes = tcp_recovery_in_flight(c),
		.rcv_nxt = c->rcv_nxt - c->irs,
		.rcv_window = tcp_connection_rcv_wnd(c),
		.srtt_us = c->rtt.smoothed_us,
		.rto_us = c->rtt.rto_us,
		.retransmitted = c->counters.retransmitted,
	};
}

static bool same(const struct trace_line *a, const struct trace_line *b)
{
	return a->stream == b->stream && a->state == b->state && a->phase == b->phase &&
		a->una == b->una && a->nxt == b->nxt && a->window == b->window &&
		a->cwnd_bytes == b->cwnd_bytes && a->ssthresh_bytes == b->ssthresh_bytes &&
		a->in_flight_bytes == b->in_flight_bytes && a->rcv_nxt == b->rcv_nxt &&
		a->rcv_window == b->rcv_window && a->srtt_us == b->srtt_us &&
		a->rto_us == b->rto_us && a->retransmitted == b->retransmitted;
}

static void write_endpoint(FILE *file, u8 ip_version, const struct tcp_endpoint *e)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(ip_version == 4 ? AF_INET : AF_INET6, e->address, text, sizeof(text));
	fprintf(file, ip_version == 4 ? " %s:%u" : " [%s]:%u", text, e->port);
}

void trace_connection(struct trace *t, const struct stream *s, u64 now_us)
{
	struct trace_line l = line_of(s);
	const struct tcp_flow *flow = &s->connection.flow;

	if (same(&l, &t->last))
		return;
	t->last = l;
	fprintf(t->file, "%llu", (unsigned long long)(now_us - t->start_us));
	write_endpoint(t->file, flow->ip_version, &flow->local);
	write_endpoint(t->file, flow->ip_version, &flow->remote);
	fprintf(t->file, " %s %s %u %u %u %u %u %u %u %u %llu %llu %u\n", states[l.state],
		phases[l.phase], l.una, l.nxt, l.window, l.cwnd_bytes, l.ssthresh_bytes,
		l.in_flight_bytes, l.rcv_nxt, l.rcv_window, (unsigned long long)l.srtt_us,
		(unsigned long long)l.rto_us, l.retransmitted);
}
