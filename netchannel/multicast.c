// SPDX-License-Identifier: GPL-2.0
#include "multicast.h"
#include "netdevice.h"
#include "netns.h"
#include "port.h"
#include "sockaddr.h"

#include <linux/build_bug.h>
#include <linux/compat.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/stddef.h>
#include <net/compat.h>

/* Only who has no remote and no address of its own is sent what is for a group. */
static bool may_join(const struct netchannel *ch)
{
	return ch->flow.protocol == IPPROTO_UDP && ch->type != NETCHANNEL_TYPE_LISTEN &&
	       !(ch->flags & NETCHANNEL_REUSEPORT) && !netchannel_has_remote(ch) &&
	       netchannel_is_any(&ch->flow.local_addr);
}

static void set_address(struct __kernel_sockaddr_storage *to, const struct netchannel_addr *from)
{
	const struct in6_addr addr = netchannel_addr_get(from);
	union netchannel_sockaddr address;
	int bytes = netchannel_sockaddr_set(&address, &addr, 0);

	memset(to, 0, sizeof(*to));
	memcpy(to, &address, bytes);
}

/* For the calls of RFC 3678, which are the same for both families. */
static void fill_in(struct group_source_req *to, const struct netchannel_membership *r,
		    u32 ifindex)
{
	memset(to, 0, sizeof(*to));	/* its padding, too */
	to->gsr_interface = ifindex;
	set_address(&to->gsr_group, &r->group);
	set_address(&to->gsr_source, &r->source);
}

/*
 * Without a source, the argument ends before that. In a 32-bit program's system call, the
 * kernel expects the layout of such programs, also of what a module has filled in.
 */
static int set_option(struct netchannel_port *port, int name, struct group_source_req *group,
		      bool has_source)
{
	struct compat_group_source_req narrow = {
		.gsr_interface = group->gsr_interface,
		.gsr_group = group->gsr_group,
		.gsr_source = group->gsr_source,
	};

	static_assert(sizeof(struct group_req) == offsetof(struct group_source_req, gsr_source));
	static_assert(sizeof(struct compat_group_req) ==
		      offsetof(struct compat_group_source_req, gsr_source));
	if (in_compat_syscall())
		return netchannel_port_set_option(port, name, &narrow, has_source ?
						  sizeof(narrow) :
						  sizeof(struct compat_group_req));
	return netchannel_port_set_option(port, name, group, has_source ?
					  sizeof(*group) : sizeof(struct group_req));
}

static int change(struct netchannel *ch, const struct netchannel_membership *r)
{
	bool has_source = !netchannel_addr_is_zero(&r->source);
	struct group_source_req group;
	int name;

	fill_in(&group, r, r->ifindex ?: ch->ifindex);
	if (r->flags & NETCHANNEL_LEAVE)
		name = has_source ? MCAST_LEAVE_SOURCE_GROUP : MCAST_LEAVE_GROUP;
	else
		name = has_source ? MCAST_JOIN_SOURCE_GROUP : MCAST_JOIN_GROUP;
	return set_option(ch->port, name, &group, has_source);
}

/*
 * The kernel takes rtnl_lock to join, inside which is our namespace's lock. No child of a
 * listener can come in between, as the channel is where the listener would be.
 */
static int join(struct netchannel *ch, const struct netchannel_membership *r)
{
	bool may;
	int ret;

	mutex_lock(&ch->nn->lock);
	may = netchannel_port_may_hear_many(ch->port);
	mutex_unlock(&ch->nn->lock);
	if (!may)
		return -EBUSY;
	ret = change(ch, r);
	if (ret)
		return ret;
	mutex_lock(&ch->nn->lock);
	netchannel_port_hear_many(ch->port);
	mutex_unlock(&ch->nn->lock);
	return 0;
}

int netchannel_multicast_membership(struct netchannel *ch,
				    const struct netchannel_membership *r)
{
	if (!may_join(ch))
		return -EOPNOTSUPP;
	return r->flags & NETCHANNEL_LEAVE ? change(ch, r) : join(ch, r);
}

int netchannel_multicast_set(struct netchannel *ch, const struct netchannel_multicast *r)
{
	int loop = !(r->flags & NETCHANNEL_NO_LOOP), ret;

	if (ch->flow.protocol != IPPROTO_UDP)
		return -EOPNOTSUPP;
	if (r->ifindex && !netchannel_netdevice_exists(ch->nn->net, r->ifindex))
		return -ENODEV;
	ret = netchannel_port_set_option(ch->port,
					 netchannel_channel_family(ch) == AF_INET ?
					 IP_MULTICAST_LOOP : IPV6_MULTICAST_LOOP,
					 &loop, sizeof(loop));
	if (ret)
		return ret;
	WRITE_ONCE(ch->multicast_ttl, r->ttl);
	WRITE_ONCE(ch->multicast_ifindex, r->ifindex);
	return 0;
}
