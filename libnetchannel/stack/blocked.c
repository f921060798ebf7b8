// SPDX-License-Identifier: LGPL-2.1-or-later
#include "blocked.h"

#include "stack.h"
#include "stream.h"

void blocked_put(struct stream *s)
{
	struct blocked_list *list = &s->endpoint.stack->blocked;

	if (s->blocked)
		return;
	s->blocked = true;
	s->next_blocked = NULL;
	s->previous_blocked = list->last;
	if (list->last)
		list->last->next_blocked = s;
	else
		list->first = s;
	list->last = s;
}

void blocked_take(struct stream *s)
{
	struct blocked_list *list = &s->endpoint.stack->blocked;

	if (!s->blocked)
		return;
	s->blocked = false;
	if (s->previous_blocked)
		s->previous_blocked->next_blocked = s->next_blocked;
	else
		list->first = s->next_blocked;
	if (s->next_blocked)
		s->next_blocked->previous_blocked = s->previous_blocked;
	else
		list->last = s->previous_blocked;
}
