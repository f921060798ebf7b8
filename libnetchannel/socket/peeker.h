/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who waits for what the socket's descriptor does not show: by one of his own, for as long as
 * that takes. Who peeks waits for more than what lies there, which already makes it readable;
 * where reports of MSG_ZEROCOPY are shown, nobody waits for these.
 */
#ifndef SOCKET_PEEKER_H
#define SOCKET_PEEKER_H

#include "socket.h"

/*
 * Without the lock, which it takes again: as socket_wait(), until a peek for so many bytes
 * has all that it can have (stream_peek_ends()).
 */
int peeker_wait(struct socket *s, u32 wanted_bytes, int flags, u64 deadline_us);

/* The same until it may be ready for these poll() events, whatever is to be reported. */
int peeker_wait_ready(struct socket *s, short events, u64 deadline_us);

/* The socket has changed; or it is closed, and nobody waits for it any more. */
void peekers_update(struct socket *s);
void peekers_end(struct socket *s);

#endif
