// SPDX-License-Identifier: GPL-2.0
#include "genl.h"

#include <linux/genetlink.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/sock.h>

/* More than any answer to what is asked here. */
#define ANSWER_BYTES	16384
/* More than a request and its acknowledgement need. */
#define MAX_DATAGRAMS	16

struct sk_buff *regdom_genl_message(u16 type, u8 command, u16 flags)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	struct genlmsghdr *genl;
	struct nlmsghdr *nlh;

	if (!skb)
		return NULL;
	nlh = nlmsg_put(skb, 0, 0, type, GENL_HDRLEN, flags);
	genl = nlmsg_data(nlh);
	*genl = (struct genlmsghdr){ .cmd = command, .version = 1 };
	return skb;
}

struct sk_buff *regdom_genl_request(u16 type, u8 command, u16 flags)
{
	return regdom_genl_message(type, command, NLM_F_REQUEST | flags);
}

/* Says whom it is for: otherwise netlink looks into the socket's file. */
int regdom_genl_send(struct socket *sock, struct sk_buff *request)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr msg = {
		.msg_name = &kernel,
		.msg_namelen = sizeof(kernel),
	};
	struct kvec vec = { request->data, request->len };
	int ret;

	nlmsg_hdr(request)->nlmsg_len = request->len;
	ret = kernel_sendmsg(sock, &msg, &vec, 1, request->len);
	nlmsg_free(request);
	return ret < 0 ? ret : 0;
}

int regdom_genl_receive(struct socket *sock, void *buffer, size_t size_bytes)
{
	struct kvec vec = { buffer, size_bytes };
	struct sockaddr_nl from = { };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
	};
	int ret;

	ret = kernel_recvmsg(sock, &msg, &vec, 1, size_bytes, MSG_DONTWAIT);
	return ret > 0 && from.nl_pid ? 0 : ret;
}

struct conversation {
	struct socket *sock;
	void (*answer)(const struct nlmsghdr *message, void *data);
	void *data;
};

/* The messages of one datagram. 1: the acknowledgement is not among them. */
static int read_messages(const struct conversation *c, void *datagram, int bytes)
{
	struct nlmsghdr *nlh = datagram;

	for (; nlmsg_ok(nlh, bytes); nlh = nlmsg_next(nlh, &bytes)) {
		if (nlh->nlmsg_type != NLMSG_ERROR)
			c->answer(nlh, c->data);
		else if (nlmsg_len(nlh) < (int)sizeof(struct nlmsgerr))
			return -EBADMSG;
		else
			return ((struct nlmsgerr *)nlmsg_data(nlh))->error;
	}
	return 1;
}

/* The kernel answers while it is asked, so the answer is there. */
static int read_answer(const struct conversation *c)
{
	void *buffer = kvmalloc(ANSWER_BYTES, GFP_KERNEL);
	int i, ret = 1;

	if (!buffer)
		return -ENOMEM;
	for (i = 0; ret == 1 && i < MAX_DATAGRAMS; i++) {
		ret = regdom_genl_receive(c->sock, buffer, ANSWER_BYTES);
		if (ret >= 0)
			ret = read_messages(c, buffer, ret);
	}
	kvfree(buffer);
	return ret == 1 ? -EBADMSG : ret;
}

int regdom_genl_ask(struct net *net, struct sk_buff *request,
		    void (*answer)(const struct nlmsghdr *message, void *data),
		    void *data)
{
	struct conversation c = { .answer = answer, .data = data };
	int ret;

	ret = sock_create_kern(net, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC,
			       &c.sock);
	if (ret) {
		nlmsg_free(request);
		return ret;
	}
	ret = regdom_genl_send(c.sock, request) ?: read_answer(&c);
	sock_release(c.sock);
	return ret;
}
