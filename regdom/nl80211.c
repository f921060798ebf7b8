// SPDX-License-Identifier: GPL-2.0
#include "nl80211.h"

#include <linux/genetlink.h>
#include <linux/net.h>
#include <linux/nl80211.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "domain.h"

/* More than any answer to what is asked here. */
#define ANSWER_BYTES	4096
/* More than a request and its acknowledgement need. */
#define MAX_DATAGRAMS	16

static u16 family_id;

/* A request without attributes; finish it with transact(). */
static struct sk_buff *request_new(u16 type, u8 command)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	struct genlmsghdr *genl;
	struct nlmsghdr *nlh;

	if (!skb)
		return NULL;
	nlh = nlmsg_put(skb, 0, 0, type, GENL_HDRLEN, NLM_F_REQUEST | NLM_F_ACK);
	genl = nlmsg_data(nlh);
	*genl = (struct genlmsghdr){ .cmd = command, .version = 1 };
	return skb;
}

/* Says whom it is for: otherwise netlink looks into the socket's file. */
static int send_request(struct socket *sock, struct sk_buff *skb)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr msg = {
		.msg_name = &kernel,
		.msg_namelen = sizeof(kernel),
	};
	struct kvec vec = { .iov_base = skb->data, .iov_len = skb->len };
	int ret;

	nlmsg_hdr(skb)->nlmsg_len = skb->len;
	ret = kernel_sendmsg(sock, &msg, &vec, 1, skb->len);
	return ret < 0 ? ret : 0;
}

/* A value of 16 or 32 bits that is wanted of the answer. */
struct wanted {
	int attr;
	u32 value;
	bool found;
};

static void look_for(struct wanted *wanted, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	if (!wanted || nlmsg_len(nlh) < GENL_HDRLEN)
		return;
	attr = nla_find(nlmsg_attrdata(nlh, GENL_HDRLEN),
			nlmsg_attrlen(nlh, GENL_HDRLEN), wanted->attr);
	if (!attr || (nla_len(attr) != 2 && nla_len(attr) != 4))
		return;
	wanted->value = nla_len(attr) == 2 ? nla_get_u16(attr) : nla_get_u32(attr);
	wanted->found = true;
}

/* The messages of one datagram. 1: the acknowledgement is not among them. */
static int read_messages(void *data, int bytes, struct wanted *wanted)
{
	struct nlmsghdr *nlh = data;

	for (; nlmsg_ok(nlh, bytes); nlh = nlmsg_next(nlh, &bytes)) {
		if (nlh->nlmsg_type != NLMSG_ERROR)
			look_for(wanted, nlh);
		else if (nlmsg_len(nlh) < (int)sizeof(struct nlmsgerr))
			return -EBADMSG;
		else
			return ((struct nlmsgerr *)nlmsg_data(nlh))->error;
	}
	return 1;
}

/* As read_messages(). The namespace's administrator may send us messages too. */
static int read_datagram(struct socket *sock, void *buffer, struct wanted *wanted)
{
	struct kvec vec = { .iov_base = buffer, .iov_len = ANSWER_BYTES };
	struct sockaddr_nl from = { };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
	};
	int ret;

	ret = kernel_recvmsg(sock, &msg, &vec, 1, ANSWER_BYTES, MSG_DONTWAIT);
	if (ret < 0)
		return ret;
	return from.nl_pid ? 1 : read_messages(buffer, ret, wanted);
}

/* The kernel answers while it is asked, so the answer is there. */
static int read_answer(struct socket *sock, struct wanted *wanted)
{
	void *buffer = kmalloc(ANSWER_BYTES, GFP_KERNEL);
	int i, ret = 1;

	if (!buffer)
		return -ENOMEM;
	for (i = 0; ret == 1 && i < MAX_DATAGRAMS; i++)
		ret = read_datagram(sock, buffer, wanted);
	kfree(buffer);
	return ret == 1 ? -EBADMSG : ret;
}

/* Consumes the request. The caller keeps the namespace from dying. */
static int transact(struct net *net, struct sk_buff *skb, struct wanted *wanted)
{
	struct socket *sock;
	int ret;

	ret = sock_create_kern(net, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC, &sock);
	if (ret)
		goto free_request;
	ret = send_request(sock, skb) ?: read_answer(sock, wanted);
	sock_release(sock);
free_request:
	nlmsg_free(skb);
	return ret;
}

int regdom_nl80211_get_power(struct net *net, int ifindex, s32 *mbm)
{
	struct wanted level = { .attr = NL80211_ATTR_WIPHY_TX_POWER_LEVEL };
	struct sk_buff *skb = request_new(family_id, NL80211_CMD_GET_INTERFACE);
	int ret;

	if (!skb)
		return -ENOMEM;
	ret = nla_put_u32(skb, NL80211_ATTR_IFINDEX, ifindex);
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	ret = transact(net, skb, &level);
	if (ret)
		return ret;
	*mbm = level.value;
	return level.found ? 0 : -ENODATA;
}

int regdom_nl80211_limit_power(struct net *net, int ifindex, s32 mbm)
{
	struct sk_buff *skb = request_new(family_id, NL80211_CMD_SET_WIPHY);
	bool limited = mbm != REGDOM_UNLIMITED;
	int ret;

	if (!skb)
		return -ENOMEM;
	ret = nla_put_u32(skb, NL80211_ATTR_IFINDEX, ifindex) ?:
	      nla_put_u32(skb, NL80211_ATTR_WIPHY_TX_POWER_SETTING,
			  limited ? NL80211_TX_POWER_LIMITED :
				    NL80211_TX_POWER_AUTOMATIC) ?:
	      (limited ? nla_put_u32(skb, NL80211_ATTR_WIPHY_TX_POWER_LEVEL,
				     mbm) : 0);
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	return transact(net, skb, NULL);
}

int regdom_nl80211_init(void)
{
	struct wanted id = { .attr = CTRL_ATTR_FAMILY_ID };
	struct sk_buff *skb = request_new(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	int ret;

	if (!skb)
		return -ENOMEM;
	ret = nla_put_string(skb, CTRL_ATTR_FAMILY_NAME, NL80211_GENL_NAME);
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	ret = transact(&init_net, skb, &id);
	if (ret == 0 && !id.found)
		ret = -ENOENT;
	family_id = id.value;
	return ret;
}
