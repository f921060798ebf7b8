// SPDX-License-Identifier: GPL-2.0
#include "port.h"
#include "channel.h"
#include "hook.h"
#include "netns.h"
#include "packet.h"
#include "share.h"
#include "sockaddr.h"

#include <linux/bpf-cgroup.h>
#include <linux/capability.h>
#include <linux/cgroup.h>
#include <linux/compat.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/in.h>
#include <linux/inetdevice.h>
#include <linux/jiffies.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/dst.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

/*
 * What sockets do when a packet of theirs has been sent: TCP's own is for
 * those that are connected.
 */
static void (*wake_senders)(struct sock *sk);

/* To make a socket in order to see who objects costs more than all the rest of CREATE. */
#define JUDGED_FOR	HZ

/* Any but 0, which would be no encapsulation: nobody else looks at it. */
#define UDP_ENCAP_ANY	0xff

/* As the routing tables say it, which are asked again when they have changed. */
static bool is_own_ipv4(struct netchannel_net *nn, __be32 addr)
{
	u64 judged = (u64)rt_genid_ipv4(nn->net) << 32 | (__force u32)addr;

	if (nn->judged_own == judged)
		return true;
	if (inet_addr_type(nn->net, addr) != RTN_LOCAL)
		return false;
	nn->judged_own = judged;
	return true;
}

static bool is_own_address(struct netchannel_net *nn, const struct in6_addr *addr)
{
	if (netchannel_is_ipv4(addr))
		return is_own_ipv4(nn, netchannel_ipv4(addr));
	return ipv6_chk_addr(nn->net, addr, NULL, 0);
}

/* As bind() would say it. */
static int may_use(struct netchannel_net *nn, const struct netchannel_flow *key)
{
	u16 port = ntohs(key->local_port);
	struct net *net = nn->net;

	if (!netchannel_is_any(&key->local_addr) &&
	    !is_own_address(nn, &key->local_addr))
		return -EADDRNOTAVAIL;
	if (port && netchannel_has_ports(key->protocol) &&
	    inet_port_requires_bind_service(net, port) &&
	    !ns_capable(net->user_ns, CAP_NET_BIND_SERVICE))
		return -EACCES;
	return 0;
}

static int choose_ipv4(struct net *net, struct netchannel_flow *flow,
		       const struct netchannel_way *way)
{
	struct flowi4 fl4 = {
		.flowi4_oif = way->ifindex,
		.flowi4_mark = way->mark,
		.flowi4_proto = flow->protocol,
		.flowi4_uid = current_fsuid(),
		.daddr = netchannel_ipv4(&flow->remote_addr),
		.fl4_sport = netchannel_has_ports(flow->protocol) ? flow->local_port : 0,
		.fl4_dport = netchannel_has_ports(flow->protocol) ? flow->remote_port : 0,
	};
	struct rtable *rt = ip_route_output_flow(net, &fl4, NULL);

	if (IS_ERR(rt))
		return PTR_ERR(rt);
	ip_rt_put(rt);
	flow->local_addr = netchannel_from_ipv4(fl4.saddr);
	return 0;
}

static int choose_ipv6(struct net *net, struct netchannel_flow *flow,
		       const struct netchannel_way *way)
{
	struct flowi6 fl6 = {
		.flowi6_oif = way->ifindex,
		.flowi6_mark = way->mark,
		.flowi6_proto = flow->protocol,
		.flowi6_uid = current_fsuid(),
		.daddr = flow->remote_addr,
		.fl6_sport = netchannel_has_ports(flow->protocol) ? flow->local_port : 0,
		.fl6_dport = netchannel_has_ports(flow->protocol) ? flow->remote_port : 0,
	};
	struct dst_entry *dst = ip6_dst_lookup_flow(net, NULL, &fl6, NULL);

	if (IS_ERR(dst))
		return PTR_ERR(dst);
	dst_release(dst);
	/* to a group of the link's scope: such an address is of no use without the link */
	if (netchannel_is_link_local(&fl6.saddr))
		return -EADDRNOTAVAIL;
	flow->local_addr = fl6.saddr;
	return 0;
}

int netchannel_port_choose_address(struct net *net, struct netchannel_flow *flow,
				   const struct netchannel_way *way)
{
	if (!netchannel_flow_has_remote(flow) ||
	    !netchannel_is_any(&flow->local_addr))
		return 0;
	return flow->family == AF_INET ? choose_ipv4(net, flow, way) :
					 choose_ipv6(net, flow, way);
}

static bool same_cgroup(const struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	bool same;

	rcu_read_lock();
	same = sock_cgroup_ptr((struct sock_cgroup_data *)&sk->sk_cgrp_data) ==
	       task_dfl_cgroup(current);
	rcu_read_unlock();
	return same;
#else
	return true;
#endif
}

/* A shadow speaks for its creator: it is shared with nobody else. */
static bool is_own(const struct netchannel_port *port)
{
	return uid_eq(port->sk->sk_uid, current_fsuid()) &&
	       same_cgroup(port->sk);
}

/*
 * Of IPv6, the hook is before extension headers are processed and fragments
 * reassembled, so that packets with these come to UDP first. What is for many does
 * so, too, since UDP knows who has joined. The channels of IPv4 have a port of their own.
 */
static void claim_late(struct sock *sk)
{
	WRITE_ONCE(udp_sk(sk)->encap_rcv, netchannel_hook_udp);
	WRITE_ONCE(udp_sk(sk)->encap_type, UDP_ENCAP_ANY);
	udp_tunnel_encap_enable(sk);
}

static int option_level(const struct netchannel_port *port)
{
	return port->key.family == AF_INET ? SOL_IP : SOL_IPV6;
}

int netchannel_port_set_option(struct netchannel_port *port, int name, void *value,
			       int bytes)
{
	return do_sock_setsockopt(sock_from_file(port->file), in_compat_syscall(),
				  option_level(port), name, KERNEL_SOCKPTR(value), bytes);
}

/*
 * As sockets that want only what they have joined themselves, not others of the host:
 * our own option, which is nobody's to refuse.
 */
void netchannel_port_hear_many(struct netchannel_port *port)
{
	struct socket *sock = sock_from_file(port->file);
	int none = 0;

	if (port->hears_many)
		return;
	sock->ops->setsockopt(sock, option_level(port), port->key.family == AF_INET ?
			      IP_MULTICAST_ALL : IPV6_MULTICAST_ALL, KERNEL_SOCKPTR(&none),
			      sizeof(none));
	lock_sock(port->sk);
	claim_late(port->sk);
	release_sock(port->sk);
	WRITE_ONCE(port->hears_many, true);
}

/*
 * The stack joins datagrams for sockets that want it. It looks for their socket only while
 * some socket may receive for a tunnel, or wants this. What is joined for UDP itself, which
 * hands over what is for many, that takes apart again: it has not been told (ACCEPT_L4).
 */
void netchannel_port_join_datagrams(struct netchannel_port *port)
{
	struct sock *sk = port->sk;

	udp_set_bit(GRO_ENABLED, sk);
	lock_sock(sk);
	udp_tunnel_encap_enable(sk);
	release_sock(sk);
}

/*
 * A socket of TCP is freed at once (as one of type RAW may be), has the small send
 * buffer of a connection's beginning, and does not wake who waits for packets that a
 * device has sent.
 */
static void behave_as_udp(struct sock *sk)
{
	lock_sock(sk);
	sock_set_flag(sk, SOCK_RCU_FREE);
	sock_reset_flag(sk, SOCK_USE_WRITE_QUEUE);
	sk->sk_write_space = wake_senders;
	sk->sk_userlocks |= SOCK_SNDBUF_LOCK;
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(sysctl_wmem_max));
	release_sock(sk);
}

static int socket_type(int protocol)
{
	if (protocol == IPPROTO_UDP)
		return SOCK_DGRAM;
	return protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_RAW;
}

static int create_socket(const struct netchannel_flow *key, struct socket **sock)
{
	return sock_create(netchannel_flow_family(key), socket_type(key->protocol),
			   key->protocol, sock);
}

/*
 * A raw socket takes a copy of each packet, so that the kernel answers none of those
 * that no channel wants. Ours takes nothing: it is not to be found.
 */
static void hide(struct sock *sk)
{
	sk->sk_prot->unhash(sk);
}

/*
 * A socket as the caller itself would get it, so that security modules are
 * asked; with a file, as that is where firewall rules look for the owner.
 * The caller's namespace is nn's.
 */
static struct file *open_shadow(const struct netchannel_flow *key)
{
	struct socket *sock;
	struct file *file;
	int ret;

	ret = create_socket(key, &sock);
	if (ret)
		return ERR_PTR(ret);
	if (netchannel_flow_family(key) == AF_INET6)
		ip6_sock_set_v6only(sock->sk);
	if (key->protocol != IPPROTO_UDP)
		behave_as_udp(sock->sk);
	else if (netchannel_flow_family(key) == AF_INET6)
		claim_late(sock->sk);
	if (!netchannel_has_ports(key->protocol))
		hide(sock->sk);
	file = sock_alloc_file(sock, O_CLOEXEC, NULL);	/* frees sock on error */
	if (IS_ERR(file))
		return file;
	/*
	 * What the hook does not take (packets between bind and publication)
	 * must not gather here: of a receive buffer of zero bytes, UDP uses
	 * one packet at the most. And a port that the kernel chooses stays, too,
	 * when the shadow disconnects. Nobody else knows the socket yet.
	 */
	sock->sk->sk_userlocks |= SOCK_RCVBUF_LOCK | SOCK_BINDPORT_LOCK;
	WRITE_ONCE(sock->sk->sk_rcvbuf, 0);
	return file;
}

/* It may outlive this module, in UDP's tables, until its file is really closed. */
static void close_shadow(struct file *file)
{
	struct sock *sk = sock_from_file(file)->sk;

	if (sk->sk_protocol == IPPROTO_UDP)
		WRITE_ONCE(udp_sk(sk)->encap_rcv, NULL);
	fput(file);
}

static struct in6_addr bound_address(const struct sock *sk)
{
	return sk->sk_family == AF_INET6 ? sk->sk_v6_rcv_saddr :
					   netchannel_from_ipv4(sk->sk_rcv_saddr);
}

/* -EPERM when a cgroup's program turns the address into another one. */
static int bind_shadow(struct socket *sock, const struct netchannel_flow *key)
{
	union netchannel_sockaddr local;
	struct in6_addr bound;
	int bytes, ret;

	bytes = netchannel_sockaddr_set(&local, &key->local_addr, key->local_port);
	ret = kernel_bind(sock, &local.any, bytes);
	if (ret)
		return ret;
	bound = bound_address(sock->sk);
	if (!ipv6_addr_equal(&bound, &key->local_addr) ||
	    (key->local_port && inet_sk(sock->sk)->inet_sport != key->local_port))
		return -EPERM;
	return 0;
}

/* Is there a program of any cgroup's? */
static bool asks_connect(const struct sock *sk)
{
	return sk->sk_family == AF_INET ? cgroup_bpf_enabled(CGROUP_INET4_CONNECT) :
					  cgroup_bpf_enabled(CGROUP_INET6_CONNECT);
}

int netchannel_port_may_connect(struct sock *sk, const struct in6_addr *addr,
				__be16 port)
{
	union netchannel_sockaddr remote;
	struct in6_addr chosen;
	int bytes, ret;

	if (!asks_connect(sk))
		return 0;
	bytes = netchannel_sockaddr_set(&remote, addr, port);
	if (sk->sk_family == AF_INET)
		ret = BPF_CGROUP_RUN_PROG_INET4_CONNECT_LOCK(sk, &remote.any, &bytes);
	else
		ret = BPF_CGROUP_RUN_PROG_INET6_CONNECT_LOCK(sk, &remote.any, &bytes);
	if (ret)
		return ret;
	chosen = netchannel_sockaddr_addr(&remote);
	if (!ipv6_addr_equal(&chosen, addr) ||
	    netchannel_sockaddr_port(&remote) != port)
		return -EPERM;
	return 0;
}

/* Not by connect(), whose programs have been asked. No route (yet): no harm. */
static void connect_shadow(struct sock *sk, const struct netchannel_flow *flow)
{
	union netchannel_sockaddr remote;
	int bytes = netchannel_sockaddr_set(&remote, &flow->remote_addr,
					    flow->remote_port);

	sk->sk_prot->connect(sk, &remote.any, bytes);
}

/* UDP keeps the peer's address of IPv6, and would find the socket for that one alone. */
static void forget_peer(struct sock *sk)
{
	if (sk->sk_family != AF_INET6)
		return;
	lock_sock(sk);
	sk->sk_v6_daddr = in6addr_any;
	release_sock(sk);
}

/* UDP lets go of the device, too. */
static void disconnect_shadow(struct socket *sock, int ifindex)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	kernel_connect(sock, &none, sizeof(none), 0);
	forget_peer(sock->sk);
	if (ifindex)
		sock_bindtoindex(sock->sk, ifindex, true);
}

/*
 * The shadow of a single channel is connected as the channel is: then early
 * demux finds it for the channel's packets, and spares them the routing
 * table. With a second channel it speaks for both, and is connected to none.
 */
static int adopt_remote(struct netchannel_port *port,
			const struct netchannel_flow *flow)
{
	struct socket *sock = sock_from_file(port->file);
	int ret;

	if (netchannel_flow_has_remote(flow)) {
		ret = netchannel_port_may_connect(sock->sk, &flow->remote_addr,
						  flow->remote_port);
		if (ret)
			return ret;
	}
	if (flow->protocol != IPPROTO_UDP)	/* of TCP, connecting would send a SYN */
		return 0;
	if (port->users == 1 && netchannel_flow_has_remote(flow)) {
		connect_shadow(sock->sk, flow);
		port->is_connected = true;
	} else if (port->is_connected) {
		disconnect_shadow(sock, port->way.ifindex);
		port->is_connected = false;
	}
	return 0;
}

static bool is_same_way(const struct netchannel_way *a, const struct netchannel_way *b)
{
	return a->ifindex == b->ifindex && a->mark == b->mark && a->priority == b->priority;
}

/* Of what is not asked for, a cgroup's program may have said something. */
static int set_way(struct sock *sk, const struct netchannel_way *way)
{
	if (way->mark)
		WRITE_ONCE(sk->sk_mark, way->mark);
	if (way->priority)
		WRITE_ONCE(sk->sk_priority, way->priority);
	return way->ifindex ? sock_bindtoindex(sk, way->ifindex, true) : 0;
}

static struct netchannel_port *
create_port(struct netchannel_net *nn, const struct netchannel_flow *key,
	    const struct netchannel_way *way)
{
	struct netchannel_port *port;
	struct socket *sock;
	int ret;

	port = kzalloc(sizeof(*port), GFP_KERNEL_ACCOUNT);
	if (!port)
		return ERR_PTR(-ENOMEM);
	port->file = open_shadow(key);
	if (IS_ERR(port->file)) {
		ret = PTR_ERR(port->file);
		goto free_port;
	}
	sock = sock_from_file(port->file);
	ret = set_way(sock->sk, way);
	if (ret)
		goto close_shadow;
	ret = bind_shadow(sock, key);
	if (ret)
		goto close_shadow;
	port->sk = sock->sk;
	port->key = *key;
	port->key.local_port = inet_sk(sock->sk)->inet_sport;
	port->way = *way;
	port->is_choosy = way->ifindex || netchannel_is_any(&key->local_addr) ||
			  !netchannel_has_ports(key->protocol);
	ret = netchannel_demux_add_port(&nn->demux, port);
	if (ret)
		goto close_shadow;
	port->judged = jiffies;
	port->users = 1;
	return port;

close_shadow:
	close_shadow(port->file);
free_port:
	kfree(port);
	return ERR_PTR(ret);
}

static struct netchannel_port *
find_port(struct netchannel_net *nn, const struct netchannel_flow *key)
{
	struct netchannel_port *port = nn->joined;

	/* who makes a flow of a port makes more of them */
	if (port && netchannel_same_flow(&port->key, key))
		return port;
	/* nn->lock keeps the port; RCU is for the table */
	rcu_read_lock();
	port = netchannel_demux_find_port(&nn->demux, key);
	rcu_read_unlock();
	return port;
}

/* May the caller have a socket like the shadow? Asked of all who judge one. */
static int may_have_socket(const struct netchannel_flow *key)
{
	struct socket *sock;
	int ret = create_socket(key, &sock);

	if (!ret)
		sock_release(sock);
	return ret;
}

/*
 * Another flow by the same credentials is judged as the one before, for as long as rules may
 * take to come into force. A cgroup's programs are asked each time.
 */
static int may_join(struct netchannel_port *port)
{
	bool is_creator = current_cred() == port->file->f_cred;
	int ret;

	if (is_creator && time_before(jiffies, port->judged + JUDGED_FOR) &&
	    !cgroup_bpf_enabled(CGROUP_INET_SOCK_CREATE))
		return 0;
	ret = may_have_socket(&port->key);
	if (!ret && is_creator)
		port->judged = jiffies;
	return ret;
}

/* Without regard to the remote. */
static struct netchannel_port *
find_or_create(struct netchannel_net *nn, const struct netchannel_flow *key,
	       const struct netchannel_way *way)
{
	struct netchannel_port *port;
	int ret;

	port = key->local_port ? find_port(nn, key) : NULL;
	if (!port)
		return create_port(nn, key, way);
	if (!is_own(port) || !is_same_way(&port->way, way))
		return ERR_PTR(-EADDRINUSE);
	ret = may_join(port);
	if (ret)
		return ERR_PTR(ret);
	port->users++;
	nn->joined = port;
	return port;
}

struct netchannel_port *
netchannel_port_get(struct netchannel_net *nn,
		    const struct netchannel_flow *flow, const struct netchannel_way *way)
{
	const struct netchannel_flow key = netchannel_flow_port(flow);
	struct netchannel_port *port;
	int ret;

	lockdep_assert_held(&nn->lock);
	ret = may_use(nn, &key);
	if (ret)
		return ERR_PTR(ret);
	port = find_or_create(nn, &key, way);
	if (IS_ERR(port))
		return port;
	ret = adopt_remote(port, flow);
	if (ret) {
		netchannel_port_put(nn, port);
		return ERR_PTR(ret);
	}
	return port;
}

void netchannel_port_put(struct netchannel_net *nn, struct netchannel_port *port)
{
	lockdep_assert_held(&nn->lock);
	if (--port->users)
		return;
	if (nn->joined == port)
		nn->joined = NULL;
	netchannel_demux_remove_port(&nn->demux, port);
	close_shadow(port->file);
	kfree_rcu(rcu_dereference_protected(port->shares, true), rcu);
	kfree_rcu(port, rcu);
}

static struct netchannel_shares *shares_of(const struct netchannel_port *port)
{
	return rcu_dereference_protected(port->shares, true);	/* nn->lock is held */
}

static int enter_share(struct netchannel_port *port, struct netchannel *ch)
{
	struct netchannel_shares *s = shares_of(port);

	if (!s) {
		s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
		if (!s)
			return -ENOMEM;
		rcu_assign_pointer(port->shares, s);
	}
	return netchannel_share_add(s, ch);
}

static int enter(struct netchannel_port *port, struct netchannel *ch)
{
	/* memberships are of the one before, who has just gone */
	if (rcu_access_pointer(port->any_remote) || port->hears_many)
		return -EADDRINUSE;
	if (ch->flags & NETCHANNEL_REUSEPORT)
		return enter_share(port, ch);
	if (shares_of(port) && shares_of(port)->nr)
		return -EADDRINUSE;
	rcu_assign_pointer(port->any_remote, ch);
	return 0;
}

int netchannel_port_enter(struct netchannel_port *port, struct netchannel *ch)
{
	int ret = enter(port, ch);

	netchannel_demux_changed(&ch->nn->demux);
	return ret;
}

void netchannel_port_leave(struct netchannel_port *port, struct netchannel *ch)
{
	if (ch->flags & NETCHANNEL_REUSEPORT)
		netchannel_share_remove(shares_of(port), ch);
	else
		RCU_INIT_POINTER(port->any_remote, NULL);
	netchannel_demux_changed(&ch->nn->demux);
}

/* A socket of UDP has what every socket begins with. */
int netchannel_port_init(void)
{
	struct socket *sock;
	int ret = sock_create_kern(&init_net, AF_INET, SOCK_DGRAM, IPPROTO_UDP, &sock);

	if (ret)
		return ret;
	wake_senders = sock->sk->sk_write_space;
	sock_release(sock);
	return 0;
}
