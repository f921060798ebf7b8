// SPDX-License-Identifier: LGPL-2.1-or-later
#include "listener.h"

#include <errno.h>
#include <string.h>

#include "connection.h"
#include "cookie.h"
#include "fast_open.h"

#define TRANSMISSIONS_MAX	6	/* 1 + 2 + ... + 32 s after the first */
#define CHALLENGES_MAX		10	/* of one handshake: RFC 5961, 7 */
#define COOKIES_VALID_US	(128 * US_PER_S)

int tcp_listener_open(struct tcp_listener *l, const struct tcp_config *config, u32 rx_bytes,
		      struct tcp_request *requests, u32 capacity)
{
	if (!capacity || capacity % TCP_LISTENER_WAYS)
		return -EINVAL;
	memset(requests, 0, capacity * sizeof(*requests));
	*l = (struct tcp_listener){
		.config = config,
		.rx_bytes = rx_bytes,
		.requests = requests,
		.capacity = capacity,
		.deadline_us = TCP_NEVER,
	};
	return 0;
}

static bool same_flow(const struct tcp_flow *a, const struct tcp_flow *b)
{
	size_t n = tcp_flow_address_bytes(a);

	return a->ip_version == b->ip_version && a->local.port == b->local.port &&
		a->remote.port == b->remote.port &&
		!memcmp(a->local.address, b->local.address, n) &&
		!memcmp(a->remote.address, b->remote.address, n);
}

/* The slots of a flow. Their number bounds the work that a peer can ask for. */
static struct tcp_request *slots_of(const struct tcp_listener *l, const struct tcp_flow *flow)
{
	u64 hash = tcp_flow_hash(&l->config->secret, TCP_HASH_QUEUE, flow, 0, 0);

	return l->requests + hash % (l->capacity / TCP_LISTENER_WAYS) * TCP_LISTENER_WAYS;
}

static struct tcp_request *find(struct tcp_request *slots, const struct tcp_flow *flow)
{
	for (int i = 0; i < TCP_LISTENER_WAYS; i++) {
		if (slots[i].transmissions && same_flow(&slots[i].flow, flow))
			return &slots[i];
	}
	return NULL;
}

static struct tcp_request *find_free(struct tcp_request *slots)
{
	for (int i = 0; i < TCP_LISTENER_WAYS; i++) {
		if (!slots[i].transmissions)
			return &slots[i];
	}
	return NULL;
}

/* --- whose time is next --- */

static struct tcp_request *at(const struct tcp_listener *l, u32 number)
{
	return number ? &l->requests[number - 1] : NULL;
}

static void enqueue(struct tcp_listener *l, struct tcp_request *r, u8 queue)
{
	struct tcp_request_queue *q = &l->queues[queue];
	u32 number = r - l->requests + 1;

	r->queue = queue;
	r->next = 0;
	r->previous = q->last;
	if (q->last)
		at(l, q->last)->next = number;
	else
		q->first = number;
	q->last = number;
}

/* It waits for its time, which comes in its rto_us. */
static void wait_for_time(struct tcp_listener *l, struct tcp_request *r)
{
	u8 queue = 0;

	while (queue < TCP_LISTENER_DUE - 1 && r->rto_us > TCP_RTO_INITIAL_US << queue)
		queue++;
	enqueue(l, r, queue);
}

static void dequeue(struct tcp_listener *l, struct tcp_request *r)
{
	struct tcp_request_queue *q = &l->queues[r->queue];

	if (r->previous)
		at(l, r->previous)->next = r->next;
	else
		q->first = r->next;
	if (r->next)
		at(l, r->next)->previous = r->previous;
	else
		q->last = r->previous;
}

static void release(struct tcp_listener *l, struct tcp_request *r)
{
	dequeue(l, r);
	r->transmissions = 0;
}

/* The next one whose time has come, taken out; NULL: none, and the deadline is the next. */
static struct tcp_request *take_due(struct tcp_listener *l, u64 now_us)
{
	struct tcp_request *r = at(l, l->queues[TCP_LISTENER_DUE].first);
	u64 first_us = TCP_NEVER;

	for (u8 i = 0; !r && i < TCP_LISTENER_DUE; i++) {
		struct tcp_request *first = at(l, l->queues[i].first);

		if (first && first->deadline_us <= now_us)
			r = first;
		else if (first)
			first_us = min_u64(first_us, first->deadline_us);
	}
	if (r)
		dequeue(l, r);
	else
		l->deadline_us = first_us;
	return r;
}

/* --- segments --- */

static u32 timestamp(const struct tcp_request *r, u64 now_us)
{
	return now_us / US_PER_MS + r->ts_offset;
}

static void fill(const struct tcp_listener *l, struct tcp_request *r,
		 const struct tcp_flow *flow, const struct tcp_segment *syn, u64 now_us)
{
	struct tcp_origin origin = tcp_origin(&l->config->secret, flow, now_us);

	*r = (struct tcp_request){
		.flow = *flow,
		.syn = *syn,
		.iss = origin.isn,
		.ts_offset = origin.ts_offset,
		.rx_bytes = l->rx_bytes,
		.rx_scale = tcp_config_window_scale(l->config, l->rx_bytes),
		.sent_us = now_us,
		.deadline_us = now_us,
		.rto_us = TCP_RTO_INITIAL_US,
		.transmissions = 1,
		.send_due = true,
	};
	/* data beside a SYN waits for the handshake: RFC 9293, 3.10.7.2 */
	r->syn.payload = NULL;
	r->syn.payload_bytes = 0;
}

/* RFC 9293, 3.4, table 6, for the window that the SYN-ACK promises. */
static bool is_acceptable(const struct tcp_listener *l, const struct tcp_request *r,
			  const struct tcp_segment *s)
{
	u32 window = tcp_config_syn_window(l->config, r->rx_bytes);
	u32 offset = s->seq - (r->syn.seq + 1), length = tcp_segment_length(s);

	return offset < window || (length && offset + length - 1 < window);
}

/* In SYN-RECEIVED. The handshake goes on, unless the peer resets it: RFC 5961, 3.2. */
static enum tcp_listener_verdict challenge(const struct tcp_listener *l, struct tcp_request *r,
					   struct tcp_segment *answer, u64 now_us)
{
	if (r->challenges == CHALLENGES_MAX)
		return TCP_LISTENER_DROP;
	r->challenges++;
	tcp_request_challenge(r, l->config, timestamp(r, now_us), answer);
	return TCP_LISTENER_ANSWER;
}

/* The SYN queue has no room: nothing is kept of the peer. */
static enum tcp_listener_verdict answer_by_cookie(struct tcp_listener *l,
						  const struct tcp_flow *flow,
						  const struct tcp_segment *syn,
						  struct tcp_segment *answer, u64 now_us)
{
	struct tcp_request r;

	fill(l, &r, flow, syn, now_us);
	r.syn.options.has_fast_open = false;
	r.iss = tcp_cookie_make(&l->config->secret, flow, syn, now_us);
	/* what timestamps cannot carry back is not offered */
	if (!syn->options.has_timestamps || !l->config->timestamps) {
		r.syn.options.has_window_scale = false;
		r.syn.options.sack_permitted = false;
		r.syn.flags = TCP_SYN;
	}
	tcp_request_answer(&r, l->config,
			   tcp_cookie_timestamp(&r.syn, timestamp(&r, now_us)), answer);
	l->cookies_until_us = now_us + COOKIES_VALID_US;
	return TCP_LISTENER_ANSWER;
}

/* The same; of a clock that is slower than the connection of before was, not its numbers. */
static void fill_behind(const struct tcp_listener *l, struct tcp_request *r,
			const struct tcp_flow *flow, const struct tcp_segment *syn, u64 now_us)
{
	fill(l, r, flow, syn, now_us);
	if (l->reopens)
		r->iss = tcp_isn_behind(r->iss, l->reopens_after);
}

static enum tcp_listener_verdict input_syn(struct tcp_listener *l, const struct tcp_flow *flow,
					   const struct tcp_segment *syn, bool room,
					   struct tcp_segment *answer,
					   struct tcp_request *request, u64 now_us)
{
	struct tcp_request *slots = slots_of(l, flow), *r = find(slots, flow);

	if (r && r->syn.seq == syn->seq) {	/* our answer was lost */
		r->syn.flags = syn->flags;	/* RFC 3168, 6.1.1: of the last SYN */
		r->send_due = true;
		r->transmissions = max_u32(r->transmissions, 2);
		dequeue(l, r);
		enqueue(l, r, TCP_LISTENER_DUE);
		l->deadline_us = now_us;
		return TCP_LISTENER_DROP;
	}
	/* 3.10.7.4, first: whoever sent that may not be the peer */
	if (r && !is_acceptable(l, r, syn))
		return challenge(l, r, answer, now_us);
	if (!r && room && !l->fast_open_full && tcp_fast_open_valid(l->config, flow, syn)) {
		fill_behind(l, request, flow, syn, now_us);
		request->fast_open = true;
		return TCP_LISTENER_ACCEPT;
	}
	if (r)		/* fourth: back to LISTEN */
		release(l, r);
	r = find_free(slots);
	if (!r)
		return answer_by_cookie(l, flow, syn, answer, now_us);
	fill_behind(l, r, flow, syn, now_us);
	enqueue(l, r, TCP_LISTENER_DUE);
	l->deadline_us = now_us;
	return TCP_LISTENER_DROP;
}

/* Linux's TCP_DEFER_ACCEPT: there will be text, or there have been so many SYN-ACKs. */
static bool is_deferred(const struct tcp_listener *l, const struct tcp_request *r,
			const struct tcp_segment *s)
{
	return r->transmissions <= l->config->defer_accept_retries &&
		!tcp_segment_length(s) && s->seq == r->syn.seq + 1;
}

/* Does it end a handshake of which nothing was kept? Then *request is that. */
static bool is_cookie(const struct tcp_listener *l, const struct tcp_flow *flow,
		      const struct tcp_segment *s, struct tcp_request *request, u64 now_us)
{
	struct tcp_segment syn;

	if (now_us >= l->cookies_until_us || s->flags & TCP_SYN ||
	    !tcp_cookie_check(&l->config->secret, flow, s, &syn, now_us))
		return false;
	fill(l, request, flow, &syn, now_us);
	request->iss = s->ack - 1;
	/* when the SYN-ACK was sent is not known: no sample of it */
	request->transmissions = 2;
	return true;
}

static enum tcp_listener_verdict end_by_cookie(struct tcp_listener *l, struct tcp_request *r,
					       bool room)
{
	if (!room)
		return TCP_LISTENER_DROP;
	release(l, r);
	return TCP_LISTENER_ACCEPT;
}

/* The third segment of a handshake that is in the queue. */
static enum tcp_listener_verdict input_queued(struct tcp_listener *l, struct tcp_request *r,
					      const struct tcp_segment *s, bool room,
					      struct tcp_segment *answer,
					      struct tcp_request *request, u64 now_us)
{
	bool reset = s->flags & TCP_RST;

	if (!is_acceptable(l, r, s))
		return reset ? TCP_LISTENER_DROP : challenge(l, r, answer, now_us);
	if (reset && s->seq != r->syn.seq + 1)
		return challenge(l, r, answer, now_us);
	if (reset) {
		release(l, r);
		return TCP_LISTENER_DROP;
	}
	if (s->ack != r->iss + 1) {
		/* its first SYN had a cookie for an answer, when there was no room for it here */
		if (is_cookie(l, &r->flow, s, request, now_us))
			return end_by_cookie(l, r, room);
		return tcp_segment_refuse(answer, s) ? TCP_LISTENER_ANSWER : TCP_LISTENER_DROP;
	}
	if (!room)
		return TCP_LISTENER_DROP;
	if (is_deferred(l, r, s)) {
		r->acked = true;
		return TCP_LISTENER_DROP;
	}
	*request = *r;
	release(l, r);
	return TCP_LISTENER_ACCEPT;
}

/* An ACK of nothing that is known: a cookie, or a stranger. */
static enum tcp_listener_verdict input_stray(struct tcp_listener *l, const struct tcp_flow *flow,
					     const struct tcp_segment *s, bool room,
					     struct tcp_segment *answer,
					     struct tcp_request *request, u64 now_us)
{
	if (s->flags & TCP_RST)
		return TCP_LISTENER_DROP;
	if (!is_cookie(l, flow, s, request, now_us))
		return tcp_segment_refuse(answer, s) ? TCP_LISTENER_ANSWER : TCP_LISTENER_DROP;
	return room ? TCP_LISTENER_ACCEPT : TCP_LISTENER_DROP;
}

enum tcp_listener_verdict tcp_listener_input(struct tcp_listener *l, const struct tcp_flow *flow,
					     const struct tcp_segment *s, bool room,
					     struct tcp_segment *answer,
					     struct tcp_request *request, u64 now_us)
{
	enum tcp_listener_verdict verdict = TCP_LISTENER_DROP;
	struct tcp_request *r;

	if ((s->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN) {
		if (!(s->flags & TCP_FIN))
			verdict = input_syn(l, flow, s, room, answer, request, now_us);
		/* whatever became of it: a stranger's SYN gets no numbers that somebody knows */
		l->reopens = false;
		return verdict;
	}
	r = find(slots_of(l, flow), flow);
	if (r && !(s->flags & TCP_SYN) && s->flags & (TCP_ACK | TCP_RST))
		return input_queued(l, r, s, room, answer, request, now_us);
	if (s->flags & TCP_ACK)
		return input_stray(l, flow, s, room, answer, request, now_us);
	return TCP_LISTENER_DROP;
}

void tcp_listener_reopen(struct tcp_listener *l, u32 snd_nxt)
{
	l->reopens = true;
	l->reopens_after = snd_nxt;
}

void tcp_listener_put_back(struct tcp_listener *l, const struct tcp_request *request, u64 now_us)
{
	struct tcp_request *r = find_free(slots_of(l, &request->flow));

	/* a SYN that brought its cookie comes again by itself, and cookies may have no slot */
	if (request->fast_open || !r)
		return;
	*r = *request;
	r->send_due = false;
	r->deadline_us = now_us + r->rto_us;
	wait_for_time(l, r);
	l->deadline_us = min_u64(l->deadline_us, r->deadline_us);
}

/*
 * A SYN-ACK goes again, or the handshake is given up. False: no more is sent now: as where
 * there was an ACK, and only the last SYN-ACK is to ask for one that counts.
 */
static bool again(const struct tcp_listener *l, struct tcp_request *r, u64 now_us)
{
	u8 most = r->acked ? max_u32(TRANSMISSIONS_MAX, l->config->defer_accept_retries + 1) :
		TRANSMISSIONS_MAX;
	bool silent = false;

	if (r->send_due) {
		r->send_due = false;
	} else if (r->transmissions >= most) {
		r->transmissions = 0;
		return false;
	} else {
		r->rto_us = min_u64(2 * r->rto_us, TCP_RTO_MAX_US);
		r->transmissions++;
		silent = r->acked && r->transmissions <= l->config->defer_accept_retries;
	}
	r->deadline_us = now_us + r->rto_us;
	if (silent)
		return false;
	r->sent_us = now_us;
	return true;
}

bool tcp_listener_output(struct tcp_listener *l, struct tcp_flow *flow,
			 struct tcp_segment *segment, u64 now_us)
{
	struct tcp_request *r;
	bool sends = false;

	if (now_us < l->deadline_us)
		return false;
	while (!sends && (r = take_due(l, now_us))) {
		sends = again(l, r, now_us);
		if (r->transmissions)
			wait_for_time(l, r);
	}
	if (!sends)
		return false;
	*flow = r->flow;
	tcp_request_answer(r, l->config, timestamp(r, now_us), segment);
	return true;
}

void tcp_listener_icmp(struct tcp_listener *l, const struct icmp_error *icmp)
{
	struct tcp_request *r = find(slots_of(l, &icmp->flow), &icmp->flow);

	if (r && icmp->kind == ICMP_ERROR_HARD && icmp->seq == r->iss)
		release(l, r);
}
