/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sockets of the process by descriptor. To find one, and to leave it, is no lock. */
#ifndef SOCKET_DESCRIPTORS_H
#define SOCKET_DESCRIPTORS_H

struct nc_stack;
struct socket;

/* In a child of fork(), whose other threads are gone: the sockets are its parent's. */
void descriptors_forget_all(void);

/* From now on the descriptor leads to s, which has one user. -ENOMEM. */
int descriptors_add(int fd, struct socket *s);

/* The same socket, with one user more; NULL: none. */
struct socket *descriptors_get(int fd);

/* Takes it out, with the user that descriptors_add() made: the caller's now. */
struct socket *descriptors_remove(int fd);

/* One user less. After the last, its memory is gone. */
void descriptors_put(struct socket *s);

/* Until no socket of the stack's is in use any more: all were closed, calls are leaving. */
void descriptors_wait(const struct nc_stack *h);

#endif
