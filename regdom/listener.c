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
static u16 family_id;			/* of nl80211 */
static void (*on_event)(void);

static void data_ready(struct sock *sk)
{
	on_event();
}

/* A request with no more than a text in it. */
struct request {
	struct nlmsghdr nl;
	struct genlmsghdr genl;
	struct nlattr attr;
	char text[NLA_ALIGN(sizeof(NL80211_GENL_NAME))];
};

static int send_request(struct request *request, size_t size_bytes)
{
	struct kvec part = { request, size_bytes };
	struct msghdr message = { };
	int ret;

	request->nl.nlmsg_len = size_bytes;
	request->nl.nlmsg_flags = NLM_F_REQUEST;
	ret = kernel_sendmsg(sock, &message, &part, 1, size_bytes);
	return ret < 0 ? ret : 0;
}

/*
 * Returns how many bytes there are, perhaps of a longer message, or an errno. A
 * message from user space, which an administrator could multicast, has none.
 */
static int receive(void *buffer, size_t size_bytes)
{
	struct kvec part = { buffer, size_bytes };
	struct sockaddr_nl from = { };
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
	};
	int ret;

	ret = kernel_recvmsg(sock, &message, &part, 1, size_bytes,
			     MSG_DONTWAIT);
	return ret > 0 && from.nl_pid ? 0 : ret;
}

/* Generic netlink tells the numbers of groups to sockets only. */
static int ask_for_family(void)
{
	struct request request = {
		.nl = { .nlmsg_type = GENL_ID_CTRL },
		.genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		.attr = {
			.nla_len = NLA_HDRLEN + sizeof(NL80211_GENL_NAME),
			.nla_type = CTRL_ATTR_FAMILY_NAME,
		},
		.text = NL80211_GENL_NAME,
	};

	return send_request(&request, sizeof(request));
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

/* Takes note of the family's number. Returns that of the group, or an errno. */
static int read_family(const struct nlmsghdr *answer)
{
	const struct nlattr *id;

	id = nlmsg_find_attr(answer, GENL_HDRLEN, CTRL_ATTR_FAMILY_ID);
	if (!id)
		return -ENOENT;
	family_id = nla_get_u16(id);
	return find_group(answer);
}

static int receive_family(void)
{
	void *answer = kzalloc(ANSWER_BYTES, GFP_KERNEL);
	int ret;

	if (!answer)
		return -ENOMEM;
	ret = receive(answer, ANSWER_BYTES);
	if (ret >= 0)
		ret = nlmsg_ok(answer, ret) ? read_family(answer) : -ENOENT;
	kfree(answer);
	return ret;
}

static int join(void)
{
	int ret, group;

	ret = ask_for_family();
	if (ret)
		return ret;
	group = receive_family();
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
	if (bytes <= 0 || b->nl.nlmsg_type != family_id)
		return NULL;
	attr = nla_find((const struct nlattr *)b->attrs, bytes, type);
	return attr && nla_len(attr) >= len ? attr : NULL;
}

static bool is_users_change(const struct beginning *b, int bytes)
{
	const struct nlattr *initiator;

	initiator = find_attr(b, bytes, NL80211_ATTR_REG_INITIATOR, 1);
	return initiator && b->genl.cmd == NL80211_CMD_REG_CHANGE &&
	       nla_get_u8(initiator) == NL80211_REGDOM_SET_BY_USER;
}

bool regdom_listener_drain(void)
{
	struct beginning b;
	bool changed = false;
	int bytes;

	do {
		bytes = receive(&b, sizeof(b));
		changed |= is_users_change(&b, bytes);
	/* of those that were lost we know nothing */
	} while (bytes >= 0 || bytes == -ENOBUFS);
	return changed;
}

int regdom_listener_ask_global(char *alpha2)
{
	struct request request = {
		.nl = { .nlmsg_type = family_id },
		.genl = { .cmd = NL80211_CMD_GET_REG },
	};
	const struct nlattr *country = NULL;
	struct beginning b;
	int bytes;

	bytes = send_request(&request, offsetof(struct request, attr));
	while (bytes >= 0 && !country) {
		bytes = receive(&b, sizeof(b));
		if (is_users_change(&b, bytes))
			return -ECANCELED;
		if (bytes > 0 && b.genl.cmd == NL80211_CMD_GET_REG)
			country = find_attr(&b, bytes, NL80211_ATTR_REG_ALPHA2, 2);
	}
	if (!country)
		return bytes;
	memcpy(alpha2, nla_data(country), 2);
	alpha2[2] = 0;
	return 0;
}
