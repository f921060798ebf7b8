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
static struct socket *radar_sock;
static void (*on_event)(void);
/* What was read on the way to an answer: whoever asks drains, too. */
static unsigned int early_events;
static bool early_lost;

static void data_ready(struct sock *sk)
{
	on_event();
}

static bool is_radar(const struct sk_buff *skb)
{
	const struct nlmsghdr *nl = (const struct nlmsghdr *)skb->data;
	const struct genlmsghdr *genl = (const struct genlmsghdr *)(nl + 1);

	return skb_headlen(skb) >= sizeof(*nl) + sizeof(*genl) &&
	       nl->nlmsg_type == regdom_nl80211_family() && genl->cmd == NL80211_CMD_RADAR_DETECT;
}

/* Nobody else reads that socket: most of what comes there is of no interest. */
static void radar_ready(struct sock *sk)
{
	struct sk_buff *skb;
	bool any = false;

	while ((skb = skb_dequeue(&sk->sk_receive_queue))) {
		any |= is_radar(skb);
		kfree_skb(skb);
	}
	if (any)
		on_event();
}

static int set(struct socket *sock, int option, int value)
{
	return sock->ops->setsockopt(sock, SOL_NETLINK, option, KERNEL_SOCKPTR(&value),
				     sizeof(value));
}

/* A socket in the group, or an ERR_PTR. */
static struct socket *listen_to(int group, void (*ready)(struct sock *sk))
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	struct socket *sock;
	int ret;

	ret = sock_create_kern(&init_net, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC,
			       &sock);
	if (ret)
		return ERR_PTR(ret);
	write_lock_bh(&sock->sk->sk_callback_lock);
	sock->sk->sk_data_ready = ready;
	write_unlock_bh(&sock->sk->sk_callback_lock);
	ret = kernel_bind(sock, (struct sockaddr *)&address, sizeof(address));
	/* the kernel's own address: no process can send to this socket then */
	if (ret == 0)
		ret = kernel_connect(sock, (struct sockaddr *)&address,
				     sizeof(address), 0);
	if (ret == 0)
		ret = set(sock, NETLINK_ADD_MEMBERSHIP, group);
	if (ret == 0)
		return sock;
	sock_release(sock);
	return ERR_PTR(ret);
}

/* cfg80211 sends changes to every network namespace: one is enough. */
int regdom_listener_start(void (*heard)(void))
{
	on_event = heard;
	sock = listen_to(regdom_nl80211_reg_group(), data_ready);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	radar_sock = listen_to(regdom_nl80211_mlme_group(), radar_ready);
	if (!IS_ERR(radar_sock)) {
		/* who misses an event gets no other until he has read of that, and nobody reads */
		set(radar_sock, NETLINK_NO_ENOBUFS, 1);
		return 0;
	}
	sock_release(sock);
	return PTR_ERR(radar_sock);
}

void regdom_listener_stop(void)
{
	/*
	 * They are taken out of the table, which waits for those who multicast;
	 * and the kernel sends to one alone only what we ask for.
	 */
	sock_release(radar_sock);
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

/* Or an answer that nobody waits for any more. */
static bool is_event(const struct beginning *b, int bytes)
{
	return bytes > 0 && b->nl.nlmsg_type == regdom_nl80211_family() &&
	       b->genl.cmd != NL80211_CMD_GET_REG;
}

void regdom_listener_drain(struct regdom_heard *heard)
{
	struct beginning b;
	int bytes;

	*heard = (struct regdom_heard){ .events = early_events, .lost = early_lost };
	early_events = 0;
	early_lost = false;
	do {
		bytes = regdom_genl_receive(sock, &b, sizeof(b));
		heard->events += is_event(&b, bytes);
		heard->users_change |= is_users_change(&b, bytes);
		heard->global_change |= is_global_change(&b, bytes);
		heard->lost |= bytes == -ENOBUFS;
	} while (bytes >= 0 || bytes == -ENOBUFS);
	/* of those that were lost we know nothing */
	heard->global_change |= heard->lost;
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
		early_events += is_event(&b, bytes);
		early_lost |= bytes == -ENOBUFS;
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
