/* SPDX-License-Identifier: GPL-2.0 */
/* Raw generic netlink: messages that no library would build. */
#ifndef TESTS_REGDOM_GENL_H
#define TESTS_REGDOM_GENL_H

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "regdom.h"

struct message {
	struct nlmsghdr nl;
	struct genlmsghdr genl;
	char attrs[65536];
};

static inline void die(const char *what)
{
	perror(what);
	exit(1);
}

static inline int genl_socket(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	const int on = 1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("netlink socket");
	if (setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)))
		die("extended acknowledgements");
	return fd;
}

static inline void message_init(struct message *m, int family, int command,
				int flags)
{
	memset(m, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	m->nl.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	m->nl.nlmsg_type = family;
	m->nl.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	m->genl.cmd = command;
	m->genl.version = REGDOM_GENL_VERSION;
}

/* Appends an attribute; type may have flags. */
static inline void message_put(struct message *m, int type, const void *data,
			       unsigned int size)
{
	struct nlattr *attr = (void *)((char *)m + NLMSG_ALIGN(m->nl.nlmsg_len));

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + size;
	memset((char *)attr + NLA_HDRLEN, 0, NLA_ALIGN(size));
	if (size)
		memcpy((char *)attr + NLA_HDRLEN, data, size);
	m->nl.nlmsg_len = NLMSG_ALIGN(m->nl.nlmsg_len) + NLA_HDRLEN +
			  NLA_ALIGN(size);
}

/* Begins a nest; message_nest_end() takes what this returns. */
static inline unsigned int message_nest(struct message *m, int type)
{
	unsigned int at = NLMSG_ALIGN(m->nl.nlmsg_len);

	message_put(m, type | NLA_F_NESTED, NULL, 0);
	return at;
}

static inline void message_nest_end(struct message *m, unsigned int at)
{
	struct nlattr *attr = (void *)((char *)m + at);

	attr->nla_len = m->nl.nlmsg_len - at;
}

static inline void message_put_string(struct message *m, int type,
				      const char *text)
{
	message_put(m, type, text, strlen(text) + 1);
}

/* What the answers to a request said. */
struct answer {
	int error;		/* errno; 0: acknowledged */
	char why[128];		/* what is said beside an error */
	unsigned int count;	/* messages with data */
	struct message last;	/* of these */
};

/*
 * Attributes, of which one is the text: in the refusal of a request behind its header, where a
 * dump ends behind the error.
 */
static inline void take_why(struct answer *answer, const struct nlmsghdr *nl)
{
	const unsigned int start = NLMSG_LENGTH(nl->nlmsg_type == NLMSG_DONE ? sizeof(int) :
						sizeof(struct nlmsgerr));
	const struct nlattr *attr = (const void *)((const char *)nl + start);
	int left = nl->nlmsg_len - start;

	if (!(nl->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	for (; left >= NLA_HDRLEN; left -= NLA_ALIGN(attr->nla_len),
	       attr = (const void *)((const char *)attr + NLA_ALIGN(attr->nla_len)))
		if (attr->nla_type == NLMSGERR_ATTR_MSG)
			snprintf(answer->why, sizeof(answer->why), "%s",
				 (const char *)(attr + 1));
}

static inline void take(struct answer *answer, const struct nlmsghdr *nl,
			int *finished)
{
	int error;

	if (nl->nlmsg_type == NLMSG_ERROR || nl->nlmsg_type == NLMSG_DONE) {
		memcpy(&error, NLMSG_DATA(nl), sizeof(error));
		answer->error = -error;
		take_why(answer, nl);
		*finished = 1;
		return;
	}
	answer->count++;
	memcpy(&answer->last, nl, nl->nlmsg_len < sizeof(answer->last) ?
	       nl->nlmsg_len : sizeof(answer->last));
}

static inline void genl_ask(int fd, struct message *m, struct answer *answer)
{
	static char buffer[65536];
	int finished = 0, left;

	answer->error = answer->count = answer->why[0] = 0;
	if (send(fd, m, m->nl.nlmsg_len, 0) != (ssize_t)m->nl.nlmsg_len)
		die("send");
	while (!finished) {
		struct nlmsghdr *nl = (void *)buffer;

		left = recv(fd, buffer, sizeof(buffer), 0);
		if (left < 0)
			die("recv");
		for (; NLMSG_OK(nl, (unsigned int)left); nl = NLMSG_NEXT(nl, left))
			take(answer, nl, &finished);
	}
}

/* The attribute within another, or NULL. */
static inline const struct nlattr *nested_attr(const struct nlattr *nest, int type)
{
	const struct nlattr *attr = nest + 1;
	int left = nest->nla_len - NLA_HDRLEN;

	for (; left >= NLA_HDRLEN && attr->nla_len >= NLA_HDRLEN;
	     left -= NLA_ALIGN(attr->nla_len),
	     attr = (const void *)((const char *)attr + NLA_ALIGN(attr->nla_len)))
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
	return NULL;
}

/* The attribute of the last answer, or NULL. */
static inline const struct nlattr *answer_attr(const struct answer *answer,
					       int type)
{
	int left = answer->last.nl.nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN);
	const struct nlattr *attr = (const void *)answer->last.attrs;

	while (left >= NLA_HDRLEN && attr->nla_len >= NLA_HDRLEN) {
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
		left -= NLA_ALIGN(attr->nla_len);
		attr = (const void *)((const char *)attr + NLA_ALIGN(attr->nla_len));
	}
	return NULL;
}

static inline unsigned int answer_u32(const struct answer *answer, int type)
{
	const struct nlattr *attr = answer_attr(answer, type);
	unsigned int value;

	if (!attr || attr->nla_len != NLA_HDRLEN + 4) {
		fprintf(stderr, "attribute %d is absent\n", type);
		exit(1);
	}
	memcpy(&value, attr + 1, sizeof(value));
	return value;
}

static inline int genl_family(int fd, const char *name)
{
	static struct message m;
	static struct answer answer;
	const struct nlattr *attr;
	unsigned short id;

	message_init(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	message_put_string(&m, CTRL_ATTR_FAMILY_NAME, name);
	genl_ask(fd, &m, &answer);
	attr = answer.error ? NULL : answer_attr(&answer, CTRL_ATTR_FAMILY_ID);
	if (!attr) {
		fprintf(stderr, "no family %s\n", name);
		exit(1);
	}
	memcpy(&id, attr + 1, sizeof(id));
	return id;
}

#endif
