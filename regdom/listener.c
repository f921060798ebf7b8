// SPDX-License-Identifier: GPL-2.0
#include "listener.h"

#include <linux/err.h>
#include <linux/genetlink.h>
#include <linux/net.h>
#include <linux/nl80211.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

/* Room for all that generic netlink says of the family nl80211. */
#define ANSWER_BYTES 16384

static struct socket *sock;
static void (*on_event)(void);

static void data_ready(struct sock *sk)
{
	on_event();
}

/* Generic netlink tells the numbers of groups to sockets only. */
struct family_request {
	struct nlmsghdr nl;
	struct genlmsghdr genl;
	struct nlattr attr;
	char name[NLA_ALIGN(sizeof(NL80211_GENL_NAME))];
};

static int ask_for_family(void)
{
	struct family_request request = {
		.nl = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = GENL_ID_CTRL,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		.attr = {
			.nla_len = NLA_HDRLEN + sizeof(NL80211_GENL_NAME),
			.nla_type = CTRL_ATTR_FAMILY_NAME,
		},
		.name = NL80211_GENL_NAME,
	};
	struct kvec part = { &request, sizeof(request) };
	struct msghdr message = { };
	int ret;

	ret = kernel_sendmsg(sock, &message, &part, 1, sizeof(request));
	return ret < 0 ? ret : 0;
}

/* Returns the number of the group in the answer, or -ENOENT. */
static int find_group(const struct nlmsghdr *answer)
{
	const struct nlattr *groups, *group, *name, *id;
	int left;

	groups = nlmsg_find_attr(answer, GENL_HDRLEN, CTRL_ATTR_MCAST_GROUPS);
	if (!groups)
		return -ENOENT;
	nla_for_each_nested(group, groups, left) {
		name = nla_find_nested(group, CTRL_ATTR_MCAST_GRP_NAME);
		id = nla_find_nested(group, CTRL_ATTR_MCAST_GRP_ID);
		if (name && id &&
		    nla_strcmp(name, NL80211_MULTICAST_GROUP_REG) == 0)
			return nla_get_u32(id);
	}
	return -ENOENT;
}

static int receive_group(void)
{
	struct msghdr message = { };
	struct kvec part;
	int ret;

	part.iov_base = kzalloc(ANSWER_BYTES, GFP_KERNEL);
	if (!part.iov_base)
		return -ENOMEM;
	part.iov_len = ANSWER_BYTES;
	ret = kernel_recvmsg(sock, &message, &part, 1, ANSWER_BYTES,
			     MSG_DONTWAIT);
	if (ret >= 0)
		ret = nlmsg_ok(part.iov_base, ret) ?
		      find_group(part.iov_base) : -ENOENT;
	kfree(part.iov_base);
	return ret;
}

static int join(void)
{
	int ret, group;

	ret = ask_for_family();
	if (ret)
		return ret;
	group = receive_group();
	if (group < 0)
		return group;
	return sock->ops->setsockopt(sock, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
				     KERNEL_SOCKPTR(&group), sizeof(group));
}

/* cfg80211 sends these events to every network namespace: one is enough. */
int regdom_listener_start(void (*heard)(void))
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int ret;

	ret = sock_create_kern(&init_net, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC,
			       &sock);
	if (ret)
		return ret;
	ret = kernel_bind(sock, (struct sockaddr *)&address, sizeof(address));
	if (ret == 0)
		ret = join();
	if (ret)
		goto release;
	on_event = heard;
	write_lock_bh(&sock->sk->sk_callback_lock);
	sock->sk->sk_data_ready = data_ready;
	write_unlock_bh(&sock->sk->sk_callback_lock);
	return 0;

release:
	sock_release(sock);
	return ret;
}

void regdom_listener_stop(void)
{
	/* takes it out of the table, which waits for those who multicast */
	sock_release(sock);
}

void regdom_listener_drain(void)
{
	struct msghdr message;
	struct kvec part;
	char byte;
	int ret;

	do {
		message = (struct msghdr){ };
		part = (struct kvec){ &byte, sizeof(byte) };
		ret = kernel_recvmsg(sock, &message, &part, 1, sizeof(byte),
				     MSG_DONTWAIT);
		/* what was lost was an event like the others */
	} while (ret >= 0 || ret == -ENOBUFS);
}
