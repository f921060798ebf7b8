// SPDX-License-Identifier: GPL-2.0
#include "listener.h"

#include <linux/err.h>
#include <linux/genetlink.h>
#include <linux/net.h>
#include <linux/nl80211.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "genl.h"
#include "nl80211.h"

static struct socket *sock;
static void (*on_event)(void);

static void data_ready(struct sock *sk)
{
	on_event();
}

static int join(void)
{
	int group = regdom_nl80211_reg_group();

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
	/* the kernel's own address: no process can send to this socket then */
	if (ret == 0)
		ret = kernel_connect(sock, (struct sockaddr *)&address,
				     sizeof(address), 0);
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
	/*
	 * It is taken out of the table, which waits for those who multicast;
	 * and the kernel sends to it alone only what we ask for.
	 */
	sock_release(sock);
}

/* The beginning of a message of nl80211: what we look for comes first. */
struct beginning {
	struct nlmsghdr nl;
	struct genlmsghdr genl;
	u8 attrs[64];
};

static const struct nlattr *find_attr(const struct beginning *b, int bytes,
				      int type, int len)
{
	const struct nlattr *attr;

	bytes -= offsetof(struct beginning, attrs);
	if (bytes <= 0 || b->nl.nlmsg_type != regdom_nl80211_family())
		return NULL;
	attr = nla_find((const struct nlattr *)b->attrs, bytes, type);
	return attr && nla_len(attr) >= len ? attr : NULL;
}

static bool is_global_change(const struct beginning *b, int bytes)
{
	const struct nlattr *initiator;

	initiator = find_attr(b, bytes, NL80211_ATTR_REG_INITIATOR, 1);
	return initiator && b->genl.cmd == NL80211_CMD_REG_CHANGE;
}

static bool is_users_change(const struct beginning *b, int bytes)
{
	const struct nlattr *initiator;

	initiator = find_attr(b, bytes, NL80211_ATTR_REG_INITIATOR, 1);
	return initiator && b->genl.cmd == NL80211_CMD_REG_CHANGE &&
	       nla_get_u8(initiator) == NL80211_REGDOM_SET_BY_USER;
}

void regdom_listener_drain(struct regdom_heard *heard)
{
	struct beginning b;
	int bytes;

	*heard = (struct regdom_heard){ };
	do {
		bytes = regdom_genl_receive(sock, &b, sizeof(b));
		heard->users_change |= is_users_change(&b, bytes);
		heard->global_change |= is_global_change(&b, bytes);
		/* of those that were lost we know nothing */
		heard->global_change |= bytes == -ENOBUFS;
	} while (bytes >= 0 || bytes == -ENOBUFS);
}

int regdom_listener_ask_global(char *alpha2, enum nl80211_dfs_regions *dfs_region)
{
	const struct nlattr *country = NULL, *region;
	struct sk_buff *request;
	struct beginning b;
	int bytes;

	request = regdom_genl_request(regdom_nl80211_family(),
				      NL80211_CMD_GET_REG, 0);
	if (!request)
		return -ENOMEM;
	bytes = regdom_genl_send(sock, request);
	while (bytes >= 0 && !country) {
		bytes = regdom_genl_receive(sock, &b, sizeof(b));
		if (is_users_change(&b, bytes))
			return -ECANCELED;
		if (bytes > 0 && b.genl.cmd == NL80211_CMD_GET_REG)
			country = find_attr(&b, bytes, NL80211_ATTR_REG_ALPHA2, 2);
	}
	if (!country)
		return bytes;
	memcpy(alpha2, nla_data(country), 2);
	alpha2[2] = 0;
	/* a domain without one has no such attribute */
	region = find_attr(&b, bytes, NL80211_ATTR_DFS_REGION, 1);
	*dfs_region = region ? nla_get_u8(region) : NL80211_DFS_UNSET;
	return 0;
}
