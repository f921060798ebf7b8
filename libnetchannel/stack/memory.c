// SPDX-License-Identifier: LGPL-2.1-or-later
#include "memory.h"

#include <errno.h>
#include <stdlib.h>

#include "../tcp/rx_space.h"
#include "stream.h"

#define SENT_COUNT_MIN	64
#define SEGMENT_BYTES	512	/* smaller ones find no room in the list, and wait */

static struct memory_list *list_of(struct stream *s)
{
	return &s->endpoint.stack->memory;
}

static void append(struct memory_list *list, struct stream *s, u64 look_us)
{
	struct memory *m = &s->memory;

	m->look_us = look_us;
	m->previous = list->last;
	m->next = NULL;
	if (list->last)
		list->last->memory.next = s;
	else
		list->first = s;
	list->last = s;
}

static void take_out(struct memory_list *list, struct stream *s)
{
	struct memory *m = &s->memory;

	if (m->previous)
		m->previous->memory.next = m->next;
	else
		list->first = m->next;
	if (m->next)
		m->next->memory.previous = m->previous;
	else
		list->last = m->previous;
}

struct tcp_memory memory_none(struct stream *s)
{
	return (struct tcp_memory){
		.tx_bytes = s->tx_bytes, .rx_bytes = s->rx_bytes,
		.sent = s->memory.few, .sent_count = MEMORY_FEW,
	};
}

static void free_buffers(struct memory *m)
{
	free(m->tx);
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
	free_buffers(m);
	return -ENOMEM;
}

int memory_want(struct stream *s, u64 now_us)
{
	u32 sent_count = max_u32(s->connection.tx.size_bytes / SEGMENT_BYTES, SENT_COUNT_MIN);
	struct memory *m = &s->memory;
	int ret;

	m->used_us = now_us;
	if (m->tx)
		return 0;
	ret = make_buffers(s, sent_count);
	if (ret)
		return ret;
	tcp_connection_move(&s->connection, &(struct tcp_memory){
		.tx = m->tx, .rx = m->rx, .reassembly = m->reassembly,
		.sent = m->sent, .sent_count = sent_count,
	});
	append(list_of(s), s, now_us + MEMORY_IDLE_US);
	return 0;
}

static void give_back(struct stream *s)
{
	struct tcp_memory none = memory_none(s);

	take_out(list_of(s), s);
	tcp_connection_move(&s->connection, &none);
	free_buffers(&s->memory);
}

void memory_grow_rx(struct stream *s, u32 rx_bytes)
{
	u8 *rx;

	if (!s->memory.rx)
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
}

void memory_free(struct stream *s)
{
	if (!s->memory.tx)
		return;
	take_out(list_of(s), s);
	free_buffers(&s->memory);
}

u64 memory_deadline(const struct memory_list *list)
{
	return list->first ? list->first->memory.look_us : UINT64_MAX;
}

/* Each is looked at once in a while; who has been busy since then, a while later again. */
void memory_tick(struct memory_list *list, u64 now_us)
{
	struct stream *s;

	while ((s = list->first) && s->memory.look_us <= now_us) {
		if (s->memory.used_us + MEMORY_IDLE_US <= now_us &&
		    tcp_connection_rests(&s->connection)) {
			give_back(s);
			continue;
		}
		take_out(list, s);
		append(list, s, now_us + MEMORY_IDLE_US);
	}
}
