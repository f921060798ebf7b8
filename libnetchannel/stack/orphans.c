// SPDX-License-Identifier: LGPL-2.1-or-later
#include "orphans.h"

#include "stack.h"
#include "stream.h"

static enum orphan_kind kind_of(const struct stream *s)
{
	enum tcp_state state = s->connection.state;

	return state == TCP_STATE_TIME_WAIT || state == TCP_STATE_FIN_WAIT_2 ? ORPHAN_QUIET :
		ORPHAN_BUSY;
}

void orphans_put(struct stream *s)
{
	enum orphan_kind kind = kind_of(s);
	struct orphan_list *list = &s->endpoint.stack->orphans[kind];

	if (s->orphan == kind)
		return;
	orphans_take(s);
	s->orphan = kind;
	s->next = NULL;
	s->previous = list->last;
	if (list->last)
		list->last->next = s;
	else
		list->first = s;
	list->last = s;
}

void orphans_take(struct stream *s)
{
	struct orphan_list *list = &s->endpoint.stack->orphans[s->orphan];

	if (s->orphan == ORPHAN_NONE)
		return;
	if (s->previous)
		s->previous->next = s->next;
	else
		list->first = s->next;
	if (s->next)
		s->next->previous = s->previous;
	else
		list->last = s->previous;
	s->orphan = ORPHAN_NONE;
}

struct stream *orphans_least(const struct stack *stack)
{
	for (int kind = ORPHAN_QUIET; kind < ORPHAN_KINDS; kind++) {
		if (stack->orphans[kind].first)
			return stack->orphans[kind].first;
	}
	return NULL;
}
