/* SPDX-License-Identifier: GPL-2.0 */
/* The connection to the module: requests, answers, events. */
#ifndef REGDOMCTL_CONN_H
#define REGDOMCTL_CONN_H

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "regdom.h"

struct conn;

/* Prints why and returns NULL when the module cannot be reached. */
struct conn *conn_open(void);
/* The same of cfg80211, whose attributes conn_parse() does not know. */
struct conn *conn_open_nl80211(void);
void conn_close(struct conn *conn);

/* A request to put attributes in; never NULL: out of memory ends the tool. */
struct nl_msg *conn_request(struct conn *conn, int command, int flags);

/* The answers to a request, each an array of attributes. */
struct answers {
	struct nl_msg **msgs;
	unsigned int n;
};

/*
 * Sends the request, which is consumed, and waits for the end of the answers.
 * Says on stderr what the kernel refuses, naming it `what`; returns an exit
 * code. A dump that a change interrupted is asked for again. Free the answers
 * in either case; answers may be NULL when none are expected.
 */
int conn_ask(struct conn *conn, struct nl_msg *request, const char *what,
	     struct answers *answers);
void answers_free(struct answers *answers);

/* attrs has room for REGDOM_ATTR_MAX + 1. */
void conn_parse(struct nl_msg *msg, struct nlattr **attrs, int *command);

/* Has the connection hear a group's events. Returns an exit code. */
int conn_join(struct conn *conn, const char *group);

/*
 * Calls back for each event, until the callback returns false; without attributes
 * where so many came at a time that some were lost. Returns an exit code.
 */
int conn_listen(struct conn *conn,
		bool (*event)(int command, struct nlattr **attrs, void *data),
		void *data);

#endif
