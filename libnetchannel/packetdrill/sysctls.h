/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* net.ipv4.* for the stack under test, from a file that the sysctl shim writes. */
#ifndef PACKETDRILL_SYSCTLS_H
#define PACKETDRILL_SYSCTLS_H

#include <time.h>

#include "../stack/stack.h"

struct sysctls {
	const char *path;	/* NULL: there are none */
	struct timespec changed;	/* the file, when it was read last */
	long size;
};

/*
 * Reads the file if it has changed, and sets what sockets begin with. A name that
 * means nothing to us is passed over: -1 means that the file cannot be read.
 */
int sysctls_apply(struct sysctls *s, struct stream_defaults *defaults);

/* One line's worth; false: a name that means nothing to us, or a value that cannot be. */
bool sysctls_set(struct stream_defaults *d, const char *name, const char *value);

#endif
