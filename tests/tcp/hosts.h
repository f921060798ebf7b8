/* SPDX-License-Identifier: GPL-2.0 */
/* Two stacks in the system's time, a pipe between them, and questions to their sockets. */
#ifndef TESTS_TCP_HOSTS_H
#define TESTS_TCP_HOSTS_H

#include <netchannel/socket.h>
#include <stdbool.h>

/* 192.0.2.1 and fd00::1, 192.0.2.2 and fd00::2 */
extern struct nc_stack *hosts[2];
extern bool shares;	/* links in memory that the stack shares with its device */
extern bool channels;	/* of tests/tcp/device.h and IPv4, in place of a pipe */

/* The only ports that hosts on channels have. */
#define CLIENT_PORT	4000	/* of host 0 */
#define SERVER_PORT	80	/* of host 1 */

struct sockaddr_storage address_of(int family, int host, int port);

#define SIZE	sizeof(struct sockaddr_storage)

/* NULL: nothing goes wrong. */
void start_hosts(const struct nc_faults *faults);
void stop_hosts(void);

/* A stream that listens, at that port of the host's. */
int host_listener(int host, int family, int port);

/* ends[0] of host 0, ends[1] of host 1 */
void connect_pair(int family, int ends[2]);

/* What poll() says at once; wait_ready(): until it says just that. */
short ready(int fd);
void wait_ready(int fd, short events);

/* The value of an option that is an int, or a negative errno. */
int option(int fd, int level, int name);

#endif
