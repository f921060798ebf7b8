/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Streams that have something to say for which the link has no room. What is lost in the network
 * costs a time-out or the window; this is only late.
 */
#ifndef STACK_BLOCKED_H
#define STACK_BLOCKED_H

#include <stdbool.h>

struct stream;

/* The first that found no room is the first that tries again. */
struct blocked_list {
	struct stream *first, *last;
	bool resumes;		/* the first of them asks: it waits behind nobody */
	bool gives_up;		/* nobody can wait: what finds no room is lost */
};

/* Where it is one already, nothing happens; nor to blocked_take() where it is none. */
void blocked_put(struct stream *s);
void blocked_take(struct stream *s);

#endif
