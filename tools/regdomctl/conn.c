// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>

#include "conn.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../common/tool.h"

#define DUMP_TRIES 20

struct conn {
	struct nl_sock *sock;
	int family;
};

/* What came of one request. */
struct outcome {
	struct answers *answers;
	bool finished;
	int error;			/* errno from the kernel */
	char why[256];			/* its words, or "" */
};

static void out_of_memory(void)
{
	fprintf(stderr, "regdomctl: out of memory\n");
	exit(TOOL_REFUSED);
}

static struct conn *open_family(const char *family, const char *missing)
{
	struct conn *conn = calloc(1, sizeof(*conn));
	int one = 1;

	if (!conn)
		out_of_memory();
	conn->sock = nl_socket_alloc();
	if (!conn->sock)
		out_of_memory();
	if (genl_connect(conn->sock)) {
		tool_refused("netlink", "cannot open a socket");
		goto free_conn;
	}
	setsockopt(nl_socket_get_fd(conn->sock), SOL_NETLINK, NETLINK_EXT_ACK,
		   &one, sizeof(one));
	conn->family = genl_ctrl_resolve(conn->sock, family);
	if (conn->family < 0) {
		tool_refused(family, missing);
		goto free_conn;
	}
	return conn;

free_conn:
	conn_close(conn);
	return NULL;
}

struct conn *conn_open(void)
{
	return open_family(REGDOM_GENL_NAME, "the module is not loaded");
}

struct conn *conn_open_nl80211(void)
{
	return open_family("nl80211", "there is no cfg80211");
}

void conn_close(struct conn *conn)
{
	nl_socket_free(conn->sock);
	free(conn);
}

struct nl_msg *conn_request(struct conn *conn, int command, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, conn->family,
				 0, flags, command, REGDOM_GENL_VERSION))
		out_of_memory();
	return msg;
}

static int keep_answer(struct nl_msg *msg, void *data)
{
	struct answers *answers = ((struct outcome *)data)->answers;

	if (!answers)
		return NL_OK;
	answers->msgs = realloc(answers->msgs,
				(answers->n + 1) * sizeof(*answers->msgs));
	if (!answers->msgs)
		out_of_memory();
	nlmsg_get(msg);
	answers->msgs[answers->n++] = msg;
	return NL_OK;
}

/* The text that may be among the attributes from there on, behind what else the message has. */
static void read_why(const struct nlmsghdr *header, size_t at, char *why, size_t size)
{
	const struct nlattr *attr = (const void *)((const char *)nlmsg_data(header) + at);
	int left = nlmsg_datalen(header) - (int)at;

	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	for (; nla_ok(attr, left); attr = nla_next(attr, &left))
		if (nla_type(attr) == NLMSGERR_ATTR_MSG)
			snprintf(why, size, "%.*s", nla_len(attr),
				 (const char *)nla_data(attr));
}

/* What an error message says, behind the request that it quotes. */
static void read_error(const struct nlmsgerr *err, char *why, size_t size)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)err - 1;
	size_t quoted = sizeof(*err);

	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		quoted += err->msg.nlmsg_len - NLMSG_HDRLEN;
	read_why(header, NLMSG_ALIGN(quoted), why, size);
}

/* The end of a dump; of one that was refused only once it had begun, with the error. */
static int finish(struct nl_msg *msg, void *data)
{
	const struct nlmsghdr *header = nlmsg_hdr(msg);
	struct outcome *outcome = data;
	int error = 0;

	outcome->finished = true;
	if (nlmsg_datalen(header) >= (int)sizeof(error))
		memcpy(&error, nlmsg_data(header), sizeof(error));
	if (error < 0) {
		outcome->error = -error;
		read_why(header, NLMSG_ALIGN(sizeof(error)), outcome->why,
			 sizeof(outcome->why));
	}
	return NL_OK;
}

/* There may be a warning with it. */
static int acknowledged(struct nl_msg *msg, void *data)
{
	struct outcome *outcome = data;
	char why[sizeof(outcome->why)] = "";

	outcome->finished = true;
	read_error(nlmsg_data(nlmsg_hdr(msg)), why, sizeof(why));
	if (why[0])
		fprintf(stderr, "regdomctl: %s\n", why);
	return NL_STOP;
}

static int refused(struct sockaddr_nl *from, struct nlmsgerr *err, void *data)
{
	struct outcome *outcome = data;

	outcome->finished = true;
	outcome->error = -err->error;
	read_error(err, outcome->why, sizeof(outcome->why));
	return NL_STOP;
}

/* Returns a libnl error; what the kernel said is in the outcome. */
static int receive(struct conn *conn, struct outcome *outcome)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	bool interrupted = false;
	int ret = 0;

	if (!cb)
		out_of_memory();
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, keep_answer, outcome);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, finish, outcome);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, acknowledged, outcome);
	nl_cb_err(cb, NL_CB_CUSTOM, refused, outcome);
	while (!outcome->finished && ret >= 0) {
		ret = nl_recvmsgs(conn->sock, cb);
		if (ret == -NLE_DUMP_INTR) {
			interrupted = true;
			ret = 0;
		}
	}
	nl_cb_put(cb);
	if (outcome->error)
		return 0;
	return interrupted ? -NLE_DUMP_INTR : ret;
}

static int report(const char *what, const struct outcome *outcome)
{
	char text[512];

	if (!outcome->why[0])
		return tool_refused_errno(what, outcome->error);
	snprintf(text, sizeof(text), "%s (%s)", outcome->why,
		 strerror(outcome->error));
	return tool_refused(what, text);
}

int conn_ask(struct conn *conn, struct nl_msg *request, const char *what,
	     struct answers *answers)
{
	struct outcome outcome;
	int ret, tries = DUMP_TRIES;

	do {
		memset(&outcome, 0, sizeof(outcome));
		outcome.answers = answers;
		if (answers)
			answers_free(answers);
		nlmsg_hdr(request)->nlmsg_seq = NL_AUTO_SEQ;
		ret = nl_send_auto(conn->sock, request);
		if (ret >= 0)
			ret = receive(conn, &outcome);
	} while (ret == -NLE_DUMP_INTR && --tries);
	nlmsg_free(request);
	if (ret < 0)
		return tool_refused(what, nl_geterror(ret));
	if (outcome.error)
		return report(what, &outcome);
	return TOOL_DONE;
}

void answers_free(struct answers *answers)
{
	unsigned int i;

	for (i = 0; i < answers->n; i++)
		nlmsg_free(answers->msgs[i]);
	free(answers->msgs);
	*answers = (struct answers){ 0 };
}

void conn_parse(struct nl_msg *msg, struct nlattr **attrs, int *command)
{
	struct genlmsghdr *header = genlmsg_hdr(nlmsg_hdr(msg));

	memset(attrs, 0, (REGDOM_ATTR_MAX + 1) * sizeof(*attrs));
	/* what a newer module may add is passed over */
	nla_parse(attrs, REGDOM_ATTR_MAX, genlmsg_attrdata(header, 0),
		  genlmsg_attrlen(header, 0), NULL);
	if (command)
		*command = header->cmd;
}

struct listener {
	bool (*event)(int command, struct nlattr **attrs, void *data);
	void *data;
	bool over;
};

static int hear(struct nl_msg *msg, void *data)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	struct listener *listener = data;
	int command;

	conn_parse(msg, attrs, &command);
	if (listener->event(command, attrs, listener->data))
		return NL_OK;
	listener->over = true;
	return NL_STOP;
}

int conn_join(struct conn *conn, const char *group)
{
	int ret = genl_ctrl_resolve_grp(conn->sock, REGDOM_GENL_NAME, group);

	if (ret < 0 || nl_socket_add_membership(conn->sock, ret))
		return tool_refused(group, "cannot join the group");
	return TOOL_DONE;
}

int conn_listen(struct conn *conn,
		bool (*event)(int command, struct nlattr **attrs, void *data),
		void *data)
{
	struct listener listener = { event, data, false };
	int ret = 0;

	nl_socket_disable_seq_check(conn->sock);
	nl_socket_modify_cb(conn->sock, NL_CB_VALID, NL_CB_CUSTOM, hear,
			    &listener);
	while (!listener.over) {
		ret = nl_recvmsgs_default(conn->sock);
		if (ret == -NLE_NOMEM)	/* ENOBUFS */
			listener.over = !event(REGDOM_CMD_UNSPEC, NULL, data);
		else if (ret < 0)
			return tool_refused("events", nl_geterror(ret));
	}
	return TOOL_DONE;
}
