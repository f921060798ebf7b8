/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The stacks of the program whose links share memory. A channel has one port, so programs have
 * several, and these talk to each other: who waits in a call of one looks after those that he
 * has called last, as to look is no system call. Their threads would cost two changes of
 * thread for each packet.
 */
#ifndef SOCKET_NEIGHBOURS_H
#define SOCKET_NEIGHBOURS_H

#include "../tcp/types.h"

struct nc_stack;

/* In a child of fork(): they are its parent's, with their threads and their links' memory. */
void neighbours_forget_all(void);

void neighbours_add(struct nc_stack *h);

/* Afterwards nobody looks after it any more. */
void neighbours_remove(struct nc_stack *h);

/* Are there others? */
bool neighbours_exist(void);

/*
 * Without a lock: takes what has come to the others that the calling thread was the last to
 * call, but for h, which is not looked at. Until then, in which he looks again, the threads of
 * those to which something has come leave their links alone; 0: he may not come back. sleeps:
 * if nothing comes to h either he sleeps, and those to which nothing has come, or of which he may
 * not come back, have their links again. Has anything come? It may have been answered.
 */
bool neighbours_serve(const struct nc_stack *h, u64 keeps_until_us, bool sleeps);

#endif
