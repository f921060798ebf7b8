// SPDX-License-Identifier: LGPL-2.1-or-later
#include "memory.h"

#include <errno.h>
#include <stdlib.h>

#include "../tcp/rx_space.h"
#include "../tcp/tx_space.h"
#include "stream.h"

#define RECLAIM_US	(100 * US_PER_MS)
#define SENT_COUNT_MIN	64
#define SEGMENT_BYTES	512	/* smaller ones find no room in the list, and wait */

static struct memory_list *list_of(struct stream *s)
{
	return &s->endpoint.stack->memory;
}

static void append(struct memory_queue *q, struct stream *s)
{
	struct memory *m = &s->memory;

	m->previous = q->last;
	m->next = NULL;
	if (q->last)
		q->last->memory.next = s;
	else
		q->first = s;
	q->last = s;
}

static void take_out(struct memory_queue *q, struct stream *s)
{
	struct memory *m = &s->memory;

	if (m->previous)
		m->previous->memory.next = m->next;
	else
		q->first = m->next;
	if (m->next)
		m->next->memory.previous = m->previous;
	else
		q->last = m->previous;
}

static void look_later(struct memory_list *list, struct stream *s, u64 now_us)
{
	s->memory.look_us = now_us + MEMORY_IDLE_US;
	append(&list->has, s);
}

struct tcp_memory memory_none(struct stream *s)
{
	return (struct tcp_memory){
		.tx_bytes = s->tx_bytes, .rx_bytes = s->rx_bytes,
		.sent = s->memory.few, .sent_count = MEMORY_FEW,
	};
}

static void free_tx(struct stream *s)
{
	const struct stack_config *config = &s->endpoint.stack->config;

	if (s->memory.tx_is_lent)
		config->ops->take_back(config->context, s->memory.tx);
	else
		free(s->memory.tx);
	s->memory.tx_is_lent = false;
}

static void count(struct stream *s, u64 bytes)
{
	list_of(s)->used_bytes += bytes - s->memory.bytes;
	s->memory.bytes = bytes;
}

static void free_buffers(struct stream *s)
{
	struct memory *m = &s->memory;

	count(s, 0);
	free_tx(s);
	free(m->rx);
	free(m->reassembly);
	free(m->sent);
	m->tx = m->rx = NULL;
	m->reassembly = NULL;
	m->sent = NULL;
}

static int make_buffers(struct stream *s, u32 sent_count)
{
	struct memory *m = &s->memory;

	m->tx = malloc(s->connection.tx.size_bytes);
	m->rx = malloc(s->connection.rx.size_bytes);
	m->reassembly = malloc(sizeof(*m->reassembly));
	m->sent = reallocarray(NULL, sent_count, sizeof(*m->sent));
	if (m->tx && m->rx && m->reassembly && m->sent)
		return 0;
	free_buffers(s);
	return -ENOMEM;
}

static u32 sent_count_for(u32 tx_bytes)
{
	return max_u32(tx_bytes / SEGMENT_BYTES, SENT_COUNT_MIN);
}

/* --- how much of it there may be --- */

/* What a connection's buffers take. */
static u64 size_of(u32 tx_bytes, u32 rx_bytes)
{
	return (u64)tx_bytes + rx_bytes + sizeof(struct tcp_reassembly) +
		sent_count_for(tx_bytes) * sizeof(struct tcp_sent);
}

static u64 bytes_of(const struct stream *s)
{
	return size_of(s->connection.tx.size_bytes, s->connection.rx.size_bytes);
}

static void stop_waiting(struct stream *s)
{
	if (s->memory.waits)
		take_out(&list_of(s)->waits, s);
	s->memory.waits = false;
}

static bool fits(const struct memory_list *list, u64 bytes)
{
	return list->used_bytes + bytes <= list->max_bytes;
}

static int give(struct stream *s, u64 now_us)
{
	u32 sent_count = sent_count_for(s->connection.tx.size_bytes);
	struct memory *m = &s->memory;
	int ret = make_buffers(s, sent_count);

	if (ret)
		return ret;
	stop_waiting(s);
	count(s, bytes_of(s));
	tcp_connection_move(&s->connection, &(struct tcp_memory){
		.tx = m->tx, .rx = m->rx, .reassembly = m->reassembly,
		.sent = m->sent, .sent_count = sent_count,
	});
	look_later(list_of(s), s, now_us);
	return 0;
}

/* Nobody can send any more, or it wants more than there may be. */
static bool waits_in_vain(const struct memory_list *list, const struct stream *s)
{
	return s->role != STREAM_CONNECTION || s->ended || s->connection.fin_queued ||
		bytes_of(s) > list->max_bytes;
}

/*
 * In their order, to those that it is enough for: they have it from now on, so that nobody who
 * comes later takes it. For a while it is kept for those that do not use it at once. Who wants
 * more than there is does not keep the others waiting, but is asked first each time.
 */
static void give_to_waiting(struct memory_list *list, u64 now_us)
{
	struct stream *s, *next;

	for (s = list->waits.first; s; s = next) {
		next = s->memory.next;
		if (!waits_in_vain(list, s)) {
			if (!fits(list, bytes_of(s)))
				continue;
			/* without memory: its user is told so, when he asks again */
			s->memory.used_us = now_us;
			s->memory.is_kept = !give(s, now_us);
		}
		stop_waiting(s);
		stack_changed(&s->endpoint);
	}
}

static void give_back(struct stream *s)
{
	struct tcp_memory none = memory_none(s);

	take_out(&list_of(s)->has, s);
	tcp_connection_move(&s->connection, &none);
	tcp_tx_space_rest(&s->connection, s->tx_bytes);
	free_buffers(s);
}

static bool may_take(const struct stream *s, u64 now_us)
{
	return tcp_connection_rests(&s->connection) &&
		!(s->memory.is_kept && now_us - s->memory.used_us < RECLAIM_US);
}

/* Not for each packet of who has come too late: it goes through all that have some. */
static void give_back_idle(struct memory_list *list, u64 now_us)
{
	struct stream *s, *next;

	if (now_us - list->reclaimed_us < RECLAIM_US)
		return;
	list->reclaimed_us = now_us;
	for (s = list->has.first; s; s = next) {
		next = s->memory.next;
		if (may_take(s, now_us))
			give_back(s);
	}
}

static bool has_room(struct memory_list *list, u64 bytes, u64 now_us)
{
	if (!fits(list, bytes))
		give_back_idle(list, now_us);
	return fits(list, bytes);
}

/* Half of it is for those that have none yet: beyond that, nobody's grow. */
static bool may_grow(const struct memory_list *list, u64 bytes)
{
	return list->used_bytes + bytes <= list->max_bytes / 2;
}

int memory_want(struct stream *s, u64 now_us)
{
	struct memory_list *list = list_of(s);

	s->memory.used_us = now_us;
	if (s->memory.tx)
		return 0;
	if (!has_room(list, bytes_of(s), now_us))
		return bytes_of(s) > list->max_bytes ? -ENOMEM : -EAGAIN;
	return give(s, now_us);
}

int memory_want_to_send(struct stream *s, u64 now_us)
{
	struct memory_list *list = list_of(s);
	const struct stream *first = list->waits.first;
	bool is_behind = first && first != s && fits(list, bytes_of(first));
	int ret = is_behind && !s->memory.tx ? -EAGAIN : memory_want(s, now_us);

	s->memory.is_kept = false;
	if (ret == -EAGAIN && !s->memory.waits) {
		append(&list->waits, s);
		s->memory.waits = true;
	}
	return ret;
}

void memory_borrow(struct stream *s)
{
	const struct stack_config *config = &s->endpoint.stack->config;
	struct tcp_buffer *tx = &s->connection.tx;
	u8 *lent;

	if (s->memory.tx_is_lent || tx->used_bytes || !config->ops->lend)
		return;
	lent = config->ops->lend(config->context, tx->size_bytes);
	if (!lent)
		return;
	free(s->memory.tx);
	s->memory.tx = tx->bytes = lent;
	s->memory.tx_is_lent = true;
}

void memory_grow_rx(struct stream *s, u32 rx_bytes)
{
	u32 more_bytes = rx_bytes - s->connection.rx.size_bytes;
	u8 *rx;

	if (!s->memory.rx || !may_grow(list_of(s), more_bytes))
		return;
	rx = malloc(rx_bytes);
	if (!rx)
		return;
	if (tcp_rx_space_resize(&s->connection, rx, rx_bytes)) {
		free(rx);
		return;
	}
	free(s->memory.rx);
	s->memory.rx = rx;
	count(s, bytes_of(s));
}

void memory_grow_tx(struct stream *s, u32 tx_bytes)
{
	struct tcp_connection *c = &s->connection;
	u64 more_bytes = size_of(tx_bytes, c->rx.size_bytes) - bytes_of(s);
	u32 sent_count = sent_count_for(tx_bytes);
	struct tcp_sent *sent;
	u8 *tx;

	if (!s->memory.tx || !may_grow(list_of(s), more_bytes))
		return;
	tx = malloc(tx_bytes);
	sent = reallocarray(NULL, sent_count, sizeof(*sent));
	if (!tx || !sent || tcp_tx_space_resize(c, tx, tx_bytes, sent, sent_count)) {
		free(tx);
		free(sent);
		return;
	}
	free_tx(s);
	free(s->memory.sent);
	s->memory.tx = tx;
	s->memory.sent = sent;
	count(s, bytes_of(s));
}

void memory_free(struct stream *s)
{
	stop_waiting(s);
	if (!s->memory.tx)
		return;
	take_out(&list_of(s)->has, s);
	free_buffers(s);
}

u64 memory_deadline(const struct memory_list *list)
{
	const struct stream *waits = list->waits.first;
	u64 idle_us = waits ? list->reclaimed_us + RECLAIM_US : UINT64_MAX;

	if (waits && (waits_in_vain(list, waits) || fits(list, bytes_of(waits))))
		return 0;
	return list->has.first ? min_u64(list->has.first->memory.look_us, idle_us) : idle_us;
}

/* Each is looked at once in a while; who has been busy since then, a while later again. */
void memory_tick(struct memory_list *list, u64 now_us)
{
	struct stream *s;

	if (list->waits.first) {
		give_back_idle(list, now_us);
		give_to_waiting(list, now_us);
	}
	while ((s = list->has.first) && s->memory.look_us <= now_us) {
		if (s->memory.used_us + MEMORY_IDLE_US <= now_us &&
		    tcp_connection_rests(&s->connection)) {
			give_back(s);
			continue;
		}
		take_out(&list->has, s);
		look_later(list, s, now_us);
	}
}
