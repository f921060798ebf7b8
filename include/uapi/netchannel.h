/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/netchannel: network channels. This header is the interface's manual, with
 * netchannel_ring.h, which it includes.
 *
 * A channel takes one flow of packets, UDP's or TCP's, away from the kernel's own
 * protocols and hands it to the owner of a file descriptor:
 *
 *	fd = open("/dev/netchannel", O_RDWR | O_CLOEXEC);
 *	ioctl(fd, NETCHANNEL_CREATE, &create);	binds local and remote address
 *	ioctl(fd, NETCHANNEL_SEND, &send);	or write()
 *	ioctl(fd, NETCHANNEL_RECV, &recv);	or read(); poll(), epoll, SIGIO (O_ASYNC)
 *	close(fd);				the kernel has the flow again
 *
 * While the channel exists, the kernel answers nothing to the flow's packets:
 * no ICMP port unreachable, no reset. The local port belongs to the channel as it would
 * belong to a bound socket: neither can take it while the other has it.
 *
 * A channel obeys what a socket obeys: nftables INPUT and OUTPUT, conntrack,
 * IPsec policy, routing, queueing disciplines, cgroup BPF programs, and rules
 * that look at the owner (meta skuid). It needs no privilege. It pins its
 * network namespace as a socket does, and stays in the namespace where it was
 * created, whoever holds the descriptor.
 *
 * Addresses are local and remote: from the point of view of the channel's
 * owner, for both directions.
 *
 * What every call has in common
 * -----------------------------
 * Each structure (but that of CONTROL) begins with its own size, set by the caller to sizeof() of
 * the structure that it was compiled with, so that structures can grow:
 *	EINVAL	size is smaller than the first version of the structure
 *	E2BIG	size is more than a page, or the kernel does not know the end
 *		of the structure and something in there is not zero
 * Fields named reserved must be zero, and flags must be known, else EINVAL.
 * Pointers ride in a __u64 and need no alignment. An address that cannot be
 * read or written gives EFAULT. An ioctl returns 0, or a count where its text
 * says so, or -1 with errno. 32-bit programs use the same structures.
 *	ENOTTY	unknown command
 *	ENOTCONN (all but QUERY, READINESS, ACCEPT and CREATE, of CONTROL too; also read and
 *		write) the descriptor has not been through
 *		CREATE. Such a descriptor polls as POLLERR;
 *		CREATE wakes those that wait for POLLOUT.
 */
#ifndef _UAPI_NETCHANNEL_H
#define _UAPI_NETCHANNEL_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define NETCHANNEL_ABI_VERSION	1

/*
 * An address and a port: family AF_INET, the address in the first four bytes
 * in network order, all other bytes zero; or AF_INET6. scope_id is zero. All
 * zero, the family too, means "none" or "any" where that is allowed.
 *	EAFNOSUPPORT	the family is another one, or not that of the channel
 *	EINVAL		scope_id or unused bytes of addr are not zero; or an
 *		IPv6 address maps an IPv4 one (::ffff:0:0/96), or is local to
 *		a link (fe80::/10), which is not supported yet: what comes from or for
 *		such an address, but to a group, is answered as if no channel had the port
 */
struct netchannel_addr {
	__u16 family;
	__be16 port;
	__u32 scope_id;
	__u8 addr[16];
};

/*
 * NETCHANNEL_QUERY: what this kernel offers; on any descriptor of the device.
 * The kernel writes all fields after size.
 */
struct netchannel_query {
	__u32 size;
	__u32 abi_version;	/* NETCHANNEL_ABI_VERSION of the module */
	__u32 types;		/* bit n: type n is supported */
	__u32 formats;		/* bit n: format n is supported */
	__u32 rx_bytes_min;	/* bounds of netchannel_create.rx_bytes ... */
	__u32 rx_bytes_max;	/* ... for this caller in its namespace ... */
	__u32 rx_bytes_default;	/* ... and what 0 stands for */
	__u32 payload_max;	/* bytes, of one UDP datagram over IPv4 ... */
	__u32 payload_max_ipv6;	/* ... and over IPv6 */
	__u32 features;		/* NETCHANNEL_FEATURE_* */
};

#define NETCHANNEL_FEATURE_TCP	(1U << 0)	/* CREATE knows IPPROTO_TCP */
#define NETCHANNEL_FEATURE_FAST	(1U << 1)	/* CREATE knows NETCHANNEL_FAST */
#define NETCHANNEL_FEATURE_MULTICAST	(1U << 2)	/* MEMBERSHIP, NETCHANNEL_BROADCAST */
#define NETCHANNEL_FEATURE_ZEROCOPY	(1U << 3)	/* CREATE knows NETCHANNEL_ZEROCOPY */
#define NETCHANNEL_FEATURE_REUSEPORT	(1U << 4)	/* CREATE knows NETCHANNEL_REUSEPORT */
#define NETCHANNEL_FEATURE_METADATA	(1U << 5)	/* CREATE knows NETCHANNEL_METADATA */
#define NETCHANNEL_FEATURE_MESSAGES	(1U << 6)	/* CREATE knows NETCHANNEL_MESSAGES */
#define NETCHANNEL_FEATURE_READINESS	(1U << 7)	/* READINESS, READY */
#define NETCHANNEL_FEATURE_GATHER	(1U << 8)	/* data_offset of descriptors */
#define NETCHANNEL_FEATURE_MARK	(1U << 9)	/* CREATE knows mark and priority */
#define NETCHANNEL_FEATURE_APART	(1U << 10)	/* CREATE knows NETCHANNEL_APART */
#define NETCHANNEL_FEATURE_LIKE	(1U << 11)	/* KICK knows NETCHANNEL_LIKE */

/*
 * Types of channels. COPY: each packet is copied to and from the caller's
 * memory, by a call. RING: packets lie in memory that the owner maps (see
 * netchannel_ring.h); RECV and read do not exist there (EOPNOTSUPP), SEND and write do.
 * DISCARD: packets are claimed, checked and counted as for the others (STATS), and
 * thrown away; RECV and read do not exist (EOPNOTSUPP), SEND and write do.
 *
 * RAW: as COPY, for the protocols that have no ports here: any but UDP, TCP, ICMP, the
 * extension headers of IPv6, and 255. The protocol's number stands for the port wherever
 * an address has one. Headers but IP's are the owner's to make and understand, checksums
 * too, in both formats; what ICMP reports is not told. It needs CAP_NET_RAW in the owner
 * of the network namespace, as a raw socket does; and CAP_NET_ADMIN, too, while the
 * kernel itself handles the protocol (a tunnel's, IPsec's, SCTP), as it gets none of the
 * packets any more. A filter may choose among the packets (see CREATE); those that it
 * does not want go on as if there were no such channel: to one of any remote or address,
 * or to the kernel. Packets for many
 * (multicast, broadcast) and those of IPv6 with extension headers are the kernel's, too.
 *
 * LISTEN: a channel without remote whose packets open channels: ACCEPT makes one for
 * each new sender, and gives it the packets of that sender. It polls as POLLIN when
 * there is one to accept. RECV and read do not exist (EOPNOTSUPP), SEND and write do.
 * A packet of source port 0, whose sender cannot be answered, is dropped as malformed. No
 * more than LISTEN_PACKETS_MAX packets wait, however many bytes rx_bytes allows: what comes
 * then is dropped as full.
 *
 * GROUP: a member of the group of a RING channel, whose ring has its packets, too (see
 * netchannel_ring.h): one ring for an event loop of many flows. RECV and read do not exist
 * (EOPNOTSUPP), SEND and write do; the member's own descriptor never polls as POLLIN, but
 * as POLLERR when the network has reported something.
 */
#define NETCHANNEL_TYPE_COPY	1
#define NETCHANNEL_TYPE_RING	2
#define NETCHANNEL_TYPE_DISCARD	3
#define NETCHANNEL_TYPE_RAW	4
#define NETCHANNEL_TYPE_LISTEN	5
#define NETCHANNEL_TYPE_GROUP	6

#define NETCHANNEL_LISTEN_PACKETS_MAX	4096

/*
 * Formats: what SEND, RECV, read and write carry.
 *
 * PAYLOAD is the datagram's data; the kernel writes and removes all headers.
 *
 * PACKET is a packet from its IP header on, as in 2006. On receive, it is the
 * packet as it arrived (reassembled if it came in fragments; IP options and
 * extension headers included; the checksums are verified, but as they stand in the headers only
 * when the sender's machine had computed them: a local peer leaves that to the
 * network device). On send, it begins with 20 bytes of IPv4 header, or 40 of
 * IPv6 header, and 8 of UDP header. Of these, type of service (traffic class),
 * time to live (hop limit; 0: the route's default) and IPv4's don't-fragment
 * bit are taken, and on a channel without a remote address also destination
 * address and port. The kernel writes all the rest: both addresses and ports of
 * the channel, protocol, lengths, identification, fragment fields, flow label
 * (as net.ipv6.auto_flowlabels says), checksums. So no channel can put a
 * foreign address on the wire, and a sender need not fill these fields in.
 *
 * TCP has the format PACKET only: a channel carries segments, and its owner is
 * the TCP that makes and understands them. On send, 20 bytes of TCP header
 * follow the IP header, then its options and data. Of the TCP header, the kernel
 * writes the source port, on a channel with a remote the destination port, and
 * the checksum. A segment is not split: one longer than the MTU is fragmented
 * over IPv4 without the don't-fragment bit, else EMSGSIZE. On receive, a frame
 * of many segments (GRO, or of a local sender) is handed over one by one. (Of a ring, both
 * are otherwise: see segment_bytes.)
 */
#define NETCHANNEL_FORMAT_PAYLOAD	1
#define NETCHANNEL_FORMAT_PACKET	2

/*
 * Errors that the network reports
 * -------------------------------
 * (Of UDP; of TCP see below.)
 * An ICMP message may say that a datagram of the channel did not arrive. As
 * with a connected socket, its errno is the result of one later call: SEND,
 * RECV, read or write, whichever comes first; nothing was sent or received by
 * that call. One that waits in RECV or read wakes up for it. poll() says
 * POLLERR meanwhile. A second error before that takes the place of the first.
 *	ECONNREFUSED	nobody has the port
 *	EMSGSIZE	larger than the MTU of a link on the way, and not to be
 *		fragmented. The kernel remembers that MTU: a longer datagram of
 *		format PAYLOAD is fragmented from then on, INFO tells the MTU.
 *		(Not if net.ipv4.ip_no_pmtu_disc is set.)
 *	ENOPROTOOPT, EPROTO, EHOSTDOWN, ENONET, EACCES, ENETUNREACH, EHOSTUNREACH
 *		as for a socket: see ip(7) and RFC 1122, 4.2.3.9
 *	EOPNOTSUPP	(flag RECVERR) a source route failed
 * Without the flag RECVERR, a channel with a remote is told only of errors that
 * will not go away by themselves (of ENETUNREACH and EHOSTUNREACH those that an
 * administrator caused), and a channel without remote of none, since any of its
 * peers could cause them. With the flag, both are told of all. STATS counts
 * all, told or not. A message is believed if its checksum is right, the
 * firewall and IPsec policy accept it, and it quotes the channel's own
 * addresses and ports.
 *
 * Only a TCP knows its sequence numbers, by which to tell a genuine report from
 * a forged one (RFC 5927). So no call on a channel of TCP fails by a report: with
 * the flag RECVERR, RECV and read give the ICMP message itself, in its turn among
 * the packets, from its IP header on, whose protocol is 1 (ICMP) or whose last
 * next header is 58 (ICMPv6); RECV tells its addresses with ports of 0. It counts
 * as a packet then, too. The kernel does not learn an MTU from it: that INFO
 * tells, and SEND enforces, is the route's.
 *
 * Nor does an errno say to which of many peers a datagram did not come. With the flag
 * MESSAGES, a channel of UDP and format PACKET, whose owner has sockets of his own to
 * tell, gets the messages as one of TCP does with RECVERR, and no call fails by them.
 * The kernel learns the MTU all the same.
 *
 * Of type LISTEN, both flags are for the channels that ACCEPT makes: the listener is told
 * of nothing.
 */
#define NETCHANNEL_RECVERR	(1U << 0)	/* flag of CREATE */
#define NETCHANNEL_MESSAGES	(1U << 6)	/* flag of CREATE, instead of RECVERR */

/*
 * The attach mode FAST, a flag of CREATE, for channels of one device (ifindex)
 * --------------------------------------------------------------------------
 * Packets are taken as they come in by the device, after captures (tcpdump) and
 * tc ingress, before the bridge, conntrack, the firewall, IPsec and cgroup BPF
 * programs; and are given to the device past all of these and its queueing
 * discipline, where captures still see them. So it needs CAP_NET_ADMIN in the
 * owner of the network namespace.
 *
 * What needs the kernel's care goes the usual way, by all the rules: received
 * fragments, packets with IP options or extension headers, with a source that no other
 * host has (a group, a broadcast, any, over a link the loopback or, for channels without
 * remote, an IPv4 address of this host) or that is local to a link, or with a VLAN tag
 * (which come again by the VLAN's device, where a channel of that device has
 * them); sent packets while the neighbour's hardware address is not
 * known, and those longer than the MTU or for a tunnel or IPsec. The rest of what
 * routing says of a source (net.ipv4.conf.*.rp_filter) is not asked.
 */
#define NETCHANNEL_FAST		(1U << 1)

/*
 * Datagrams for many: multicast and broadcast, of UDP
 * ---------------------------------------------------
 * Every channel of UDP may send to groups (224.0.0.0/4, ff00::/8): as a remote of CREATE,
 * or as the destination of a SEND. What it sends has a time to live of 1, and goes also
 * to those of its own host who have joined the group: see MULTICAST. Groups are joined by
 * MEMBERSHIP, by channels without remote whose local address is any, and such a channel
 * receives what is sent to its port and to groups that it has joined itself.
 * RECV tells the group as the local address.
 *
 * With the flag BROADCAST, as with SO_BROADCAST, a channel may send to 255.255.255.255 and
 * to the broadcast addresses of local networks; and, without remote and with any local
 * address, it receives what is sent to these and its port. Without it, sending there is
 * EACCES, and nothing of it is received.
 *
 * Packets for many are received the usual way, also by channels with the flag FAST.
 */
#define NETCHANNEL_BROADCAST	(1U << 2)	/* flag of CREATE */

/*
 * Sending without a copy
 * ----------------------
 * A RING channel with the flag ZEROCOPY sends data of more than 256 bytes (headers, and
 * options of TCP, apart) out of the arena's own pages, as a socket's MSG_ZEROCOPY does. So
 * the descriptor is done only when the last device or queue that has the pages lets go
 * of them: tx_consumer may pass it long after KICK has returned, and never before those
 * in front of it. Until then the owner leaves the bytes alone: what it writes there may
 * be sent in place of what was there, and a checksum may fit neither.
 *
 * Whoever receives on this host, but a FAST channel of type RING, gets a copy, and so does
 * a capture, a device that cannot gather, and IP before it cuts fragments: then the result
 * is NETCHANNEL_COPIED in place of 0, and the channel would be as well off without the
 * flag. It pays for large data (super-frames) that leave the host.
 *
 * Such a channel polls as POLLOUT when, besides, no more than half of its descriptors and
 * half of the arena's bytes are not done. DRAIN_TX waits until all are done. Closing does not
 * wait: what was sent goes on its way, and holds its pages, and the module, until it
 * has arrived.
 */
#define NETCHANNEL_ZEROCOPY	(1U << 3)	/* flag of CREATE and ACCEPT */

/*
 * Many channels without a remote at one port
 * ------------------------------------------
 * With the flag REUSEPORT, up to 64 channels of one user and cgroup, of any processes, have
 * the same local address and port, as sockets with SO_REUSEPORT. Each sender's packets go
 * to one of them, which a secret hash of the flow chooses: the same until one more comes
 * or one goes, when many flows change places. What waits in a channel of type LISTEN
 * that is closed moves to those that are left.
 */
#define NETCHANNEL_REUSEPORT	(1U << 4)	/* flag of CREATE, without a remote */

/*
 * When, where and of which flow
 * -----------------------------
 * With the flag METADATA, each received packet tells this, at some cost for each: RECV in
 * its last fields, a ring by a structure before the packet (RECORD_METADATA).
 *
 * timestamp_ns is of CLOCK_REALTIME: when the device's queue was read, if anybody on the
 * host asks for that (SO_TIMESTAMP, a capture), else when the channel took the packet. hash
 * is the same, as a rule, for all packets of a flow, and well spread over 32 bits: the
 * device's, or the sender's on this host, or computed. cpu is the one that received
 * the packet. Of a super-frame, all three are the first packet's.
 */
#define NETCHANNEL_METADATA	(1U << 5)	/* flag of CREATE */

/*
 * Many channels by one open()
 * ---------------------------
 * With the flag APART, CREATE makes a channel with a descriptor of its own, and returns that;
 * the one that it was called on stays as it was, and can be asked again: who makes many
 * channels opens the device once. The new descriptor has O_CLOEXEC, and O_NONBLOCK if the other
 * has. It is as if the device had been opened anew by whoever calls: its mode, rules of
 * cgroups on devices, and security modules are asked. Who has passed a channel to somebody
 * has not passed him this (EISCONN), who has passed a descriptor that is none has.
 */
#define NETCHANNEL_APART	(1U << 7)	/* flag of CREATE; not told by INFO */

/*
 * NETCHANNEL_CREATE: makes the descriptor a channel, once; or (APART) returns a new one.
 *
 * local.addr must be one of the host's own unicast addresses, or any: 0.0.0.0
 * or ::, with the family set. Then a channel with a remote gets the address that
 * the route to it prefers, as by connect(); one without receives what comes to
 * its port on any unicast address of the host, and sends from the address that
 * the route prefers. local.port 0 lets the kernel choose one, as bind() would.
 * Ports of IPv4 and IPv6 are apart: a channel of IPv6 is like a socket with
 * IPV6_V6ONLY.
 *
 * ifindex names the only device by which packets come and go, as SO_BINDTODEVICE
 * does: packets that come by another are not the channel's but the kernel's. The
 * name of the device may change. When it is down, SEND has no route. When it is
 * unregistered or moves to another namespace, the channel is over: it polls as
 * POLLERR, what is queued can be read, then every call gives ENETDOWN. All
 * channels of a local address and port are of the same device, mark and priority.
 *
 * remote is the peer; or all zero: packets from anyone to the local address
 * and port, unless another channel has the sender as its remote. A channel
 * without remote and channels with remotes can share a local port if the same
 * user in the same cgroup created them. Where the port is owned on an address and on
 * any (by channels of different devices, or of type RAW), the former has what came to
 * the address and is for it, the latter all the rest. A packet to a local port that some
 * channel owns, from a sender that is no channel's remote, is answered by
 * ICMP port unreachable or TCP's reset, as it is for a connected socket. So are
 * segments over IPv6 that have extension headers (of their peer), or come in fragments
 * (unless conntrack reassembles them): they are not for channels yet.
 *
 * Errors, beside those above, in this order:
 *	EISCONN	(APART; this and the next come before all others) it is a channel
 *	EMFILE, ENFILE, ENOMEM, EACCES, EPERM	(APART) as open() of the device says it
 *	EINVAL	type, format or flags unknown; FAST without ifindex, or one over INT_MAX;
 *		ZEROCOPY, tx_slots or tx_bytes for a channel that is not a RING, rx_bytes for
 *		DISCARD or GROUP; LISTEN with a remote or BROADCAST; METADATA for DISCARD
 *	EINVAL	group or cookie is not zero, and the type is not GROUP; filter or
 *		filter_len is zero while the other is not;
 *		filter_len over NETCHANNEL_FILTER_MAX; a filter, and the type is not RAW
 *	EPROTONOSUPPORT	protocol is neither IPPROTO_UDP (17) nor IPPROTO_TCP (6), or
 *		(RAW) none of those that it is for
 *	EINVAL	protocol is TCP, format is not PACKET; BROADCAST, and the protocol is not
 *		UDP; REUSEPORT with BROADCAST, RAW or a remote; MESSAGES with RECVERR, and
 *		it is for channels of UDP, format PACKET, and not of type DISCARD; RAW
 *		with FAST, or with a port
 *		that is not the protocol's number
 *	EAFNOSUPPORT, EINVAL	an address, as above; the remote's port or address is zero
 *		while the other is not
 *	EOPNOTSUPP	the remote address is multicast or limited broadcast, and the
 *		protocol is not UDP
 *	EACCES	the remote address is limited broadcast, without the flag BROADCAST
 *	EISCONN	the descriptor is a channel already
 *	EPERM	the module's parameter `unprivileged` is 0, or FAST, a mark or a
 *		priority over 6 is asked for,
 *		and the caller lacks CAP_NET_ADMIN in the owner of its network
 *		namespace; or RAW, and the caller lacks what it needs; or, at last,
 *		a cgroup's BPF program (sock_create; bind4, post_bind4, connect4
 *		or bind6, post_bind6, connect6) forbids the socket or its
 *		address, or chooses another address. A program may forbid with
 *		an errno of its own instead.
 *	EINVAL	rx_bytes is under rx_bytes_min or over rx_bytes_max of QUERY
 *	EMFILE	the user has as many channels as the module's parameter channels_per_user
 *		allows; or, at last, the network namespace as channels_per_net does (0, the
 *		default: any number; so with CAP_SYS_RESOURCE)
 *	EINVAL	(RING) a size is not what the field asks for
 *	EINVAL	the filter is not a classic BPF program that ends, as SO_ATTACH_FILTER
 *		says
 *	EBADF	(GROUP) group is no descriptor
 *	EINVAL	(GROUP) group is not a channel of type RING
 *	ENODEV	ifindex is no device of the namespace
 *	ENETUNREACH, EHOSTUNREACH, EACCES	local.addr is any, and the route
 *		to the remote says so
 *	EADDRNOTAVAIL	local.addr is not a unicast address of this host; or it is any, and
 *		the route to the remote prefers one that is local to a link
 *	EACCES	local.port is under net.ipv4.ip_unprivileged_port_start and the
 *		caller lacks CAP_NET_BIND_SERVICE in the owner of its network
 *		namespace; or a security module refuses a socket
 *	EADDRINUSE	a socket, or a channel of another user, cgroup, ifindex, mark or
 *		priority, owns the local port;
 *		or a channel with the same two addresses exists, but
 *		that this and up to 63 such have REUSEPORT;
 *		or BROADCAST, without remote and with any local address, while
 *		channels that a listener there has accepted are left;
 *		or (TCP) there is no memory for a port, as bind() says it
 *	ENOMEM, ENOBUFS, ENFILE	out of memory or files; or a ring's memory is more
 *		than RLIMIT_MEMLOCK leaves the user, all of whose rings count, with
 *		what they keep for packets to be sent: 512 KB each, as long as all
 *		together is no more than half of it (CAP_IPC_LOCK: no limit); or than
 *		the memory cgroup has free
 *	EFAULT	the structure cannot be written
 * After an error, the descriptor is as it was before; the fields that the
 * kernel writes may have been written.
 */
struct netchannel_create {
	__u32 size;
	__u32 type;		/* NETCHANNEL_TYPE_* */
	__u32 format;		/* NETCHANNEL_FORMAT_* */
	__u32 flags;		/* NETCHANNEL_RECVERR and others, see above */
	__u32 protocol;		/* IPPROTO_UDP, IPPROTO_TCP; RAW: others */
	/*
	 * How much memory received packets may hold until they are read, in
	 * bytes as the kernel counts them: a packet costs its buffer and some
	 * 600 bytes for its description. 0 is the default. A packet that does
	 * not fit is dropped and counted. The memory is that of a socket of the
	 * creator: net.ipv4.udp_mem or tcp_mem and its memory cgroup bound it, too.
	 * RING: the size of the receive ring, a power of two from a page to 256
	 * MiB; 0 is 256 KiB. DISCARD: 0.
	 */
	__u32 rx_bytes;
	struct netchannel_addr local;	/* written back as chosen */
	struct netchannel_addr remote;
	__u64 id;		/* written: unique until the module is unloaded */
	__u32 ifindex;		/* the only device to use; 0: any */
	/*
	 * RING: how many descriptors of packets to send, a power of two from 64
	 * to 32,768, 0 is 256; and bytes of memory for what they describe, whole
	 * pages up to 256 MiB, 0 is 256 KiB. Others: 0.
	 */
	__u32 tx_slots;
	__u32 tx_bytes;
	__u32 map_bytes;	/* written: how much to mmap(); others: 0 */
	/*
	 * RAW: the address of filter_len struct sock_filter, a classic BPF program
	 * that sees each packet from its IP header on. 0 from it: not wanted.
	 */
	__u64 filter;
	__u32 filter_len;
	/*
	 * GROUP: the descriptor of the RING channel whose ring has this one's packets,
	 * each with the cookie, any number by which the owner knows the channel. The
	 * RING channel lives until its last member has been closed, too.
	 */
	__s32 group;
	__u64 cookie;
	/*
	 * Of all that is sent, as SO_MARK and SO_PRIORITY say it: for ip rule, the firewall
	 * and queueing disciplines. The same for all channels of a local address and port.
	 */
	__u32 mark;
	__u32 priority;
};

#define NETCHANNEL_FILTER_MAX	4096

/*
 * NETCHANNEL_ACCEPT: makes a descriptor a channel, as CREATE does, for the sender of
 * the oldest packet that waits in a channel of type LISTEN, or waits for one. All packets
 * of that sender move to the new channel, and those that come later are its own: none is
 * lost or comes twice, and the one that opened the channel is the first. (COPY takes them
 * all even if they hold more than its rx_bytes: then later ones find no room.)
 *
 * The new channel has the listener's protocol, format, flags, ifindex and port, with the
 * address that the packet was sent to, and belongs to the listener's owner, whoever
 * accepts: rules look at that. It does not end with the listener. Several threads or
 * processes may accept from one listener; each gets other senders.
 *
 *	EINVAL	flags; timeout_ns is 2^63 or more; type is neither COPY, RING nor GROUP;
 *		ZEROCOPY, and it is not RING; the sizes, group and cookie are not what
 *		CREATE allows for the type; listener is not a channel of type LISTEN, or
 *		group of type RING
 *	EBADF	listener or group is no descriptor
 *	EISCONN	the descriptor is a channel already
 *	EAGAIN	no packet waits, and DONTWAIT, or O_NONBLOCK of the listener
 *	ETIMEDOUT	none came until timeout_ns was over
 *	EINTR	a signal came while waiting (restarted as for SEND)
 *	EFAULT	the structure cannot be written
 *	ENETDOWN	the listener's device is gone
 *	ENOBUFS	(RING, GROUP) what waits of the sender is more than the ring has room for.
 *		A ring of its own has it if it is as large as the listener's rx_bytes; a
 *		channel of type COPY always has.
 *	ENOMEM, EMFILE	as of CREATE; the user is the listener's
 * After an error, the descriptor is as it was before, and the packets wait.
 */
struct netchannel_accept {
	__u32 size;
	__u32 flags;		/* NETCHANNEL_DONTWAIT, NETCHANNEL_ZEROCOPY */
	__s32 listener;		/* a descriptor */
	__u32 type;		/* of the new channel: COPY, RING or GROUP */
	__u32 rx_bytes;		/* as of CREATE, these three */
	__u32 tx_slots;
	__u32 tx_bytes;
	__s32 group;		/* as of CREATE */
	__u64 timeout_ns;	/* how long to wait for a packet; 0: no limit */
	/* From here on the kernel writes; what was there is ignored. */
	__u64 id;
	struct netchannel_addr local;
	struct netchannel_addr remote;
	__u32 map_bytes;
	__u32 reserved_out;	/* 0 */
	__u64 cookie;		/* as of CREATE: the kernel leaves it as it is */
};

/* Flags of SEND and RECV. */
#define NETCHANNEL_DONTWAIT	(1U << 0)	/* EAGAIN instead of waiting */
#define NETCHANNEL_PEEK		(1U << 1)	/* RECV: leave the packet queued */

/*
 * NETCHANNEL_SEND: sends one packet. write() does the same without remote
 * and timeout; writev() gathers one packet.
 *
 * Waits while the packets of this local port that the network devices have not
 * yet sent hold more than net.core.wmem_default bytes (TCP: wmem_max); poll()
 * says POLLOUT when there is room. (With EPOLLET, at first, and then once for each time that there
 * is some again after a call, be it of poll(), that has found none.) A datagram longer than the
 * path's MTU is fragmented, but see EMSGSIZE.
 *
 *	EMSGSIZE	longer than payload_max or payload_max_ipv6 (PACKET: plus
 *		28 or 48; RAW: 65,515 or 65,535, PACKET: plus 20 or 40), or longer
 *		than the MTU with the don't-fragment bit of format PACKET, or TCP
 *		over IPv6
 *	EINVAL	format PACKET: shorter than its headers, not the channel's IP
 *		version, IPv4's header length not 20, IPv6's next header not the
 *		protocol (IP options and extension headers cannot be sent), TCP's
 *		data offset under 5 or beyond the packet's end; timeout_ns is
 *		2^63 or more; the destination's port or address is zero; remote
 *		is given in format PACKET; or the route is a blackhole (IPv6)
 *		In RAW, the destination's port is not the protocol's number.
 *	EDESTADDRREQ	the channel has no remote, and none is given
 *	EISCONN	the channel has a remote, and one is given
 *	EOPNOTSUPP	the destination is multicast or limited broadcast, and the protocol
 *		is not UDP
 *	EACCES	the destination is a broadcast address, and the channel lacks the flag
 *		BROADCAST
 *	EADDRNOTAVAIL	the local address is no longer this host's, or the route
 *		needs one of another scope
 *	ENETUNREACH, EHOSTUNREACH, EACCES	as the route says
 *	ENODEV	the device that MULTICAST names is gone (IPv4; of IPv6, ENETUNREACH)
 *	EPERM	dropped by a firewall rule or a cgroup's BPF program; or, on a
 *		channel without a remote, a program for sendmsg4 or sendmsg6
 *		forbids the destination (perhaps with another errno), or asks
 *		for another source. Another destination that it chooses is used.
 *		For TCP, each such SEND asks the programs for connect4 or
 *		connect6, which may not choose.
 *	ENOBUFS	no memory, or dropped by the queueing discipline
 *	EAGAIN	no room, and DONTWAIT or O_NONBLOCK
 *	ETIMEDOUT	no room until timeout_ns was over
 *	EINTR	a signal came while waiting (without a timeout, the call is
 *		restarted after handlers installed with SA_RESTART)
 *	and what the network reported of an earlier datagram, see CREATE
 */
struct netchannel_send {
	__u32 size;
	__u32 flags;		/* NETCHANNEL_DONTWAIT */
	__u64 buf;		/* the address of len bytes */
	__u32 len;		/* bytes; PAYLOAD: 0 is an empty datagram */
	__u32 reserved;
	__u64 timeout_ns;	/* how long to wait for room; 0: no limit */
	struct netchannel_addr remote;	/* channels without a remote: where to */
};

/* Set in netchannel_recv.result. */
#define NETCHANNEL_TRUNCATED	(1U << 0)	/* the buffer was too short */

/*
 * NETCHANNEL_RECV: takes the oldest packet, or waits for one. read() does the
 * same without the fields below; readv() scatters one packet. The end of a
 * packet that does not fit into the buffer is lost, unless PEEK is set.
 *
 *	EOPNOTSUPP	the channel is of type RING, DISCARD, LISTEN or GROUP
 *	EFAULT	the buffer or this structure cannot be written; the packet
 *		stays queued
 *	EINVAL	timeout_ns is 2^63 or more
 *	EAGAIN	nothing queued, and DONTWAIT or O_NONBLOCK
 *	ETIMEDOUT	nothing came until timeout_ns was over
 *	EINTR	a signal came while waiting (restarted as for SEND)
 *	and what the network reported of a datagram sent before, see CREATE;
 *		packets that are queued stay so
 */
struct netchannel_recv {
	__u32 size;
	__u32 flags;		/* NETCHANNEL_DONTWAIT, NETCHANNEL_PEEK */
	__u64 buf;		/* the address of buf_len bytes */
	__u32 buf_len;
	__u32 reserved;
	__u64 timeout_ns;	/* how long to wait for a packet; 0: no limit */
	/* From here on the kernel writes; what was there is ignored. */
	__u32 len;		/* of the packet, also when it was truncated */
	__u32 result;		/* NETCHANNEL_TRUNCATED */
	__u32 ifindex;		/* of the device it came in by */
	__u8 ttl;		/* of its IP header; IPv6: the hop limit */
	__u8 tos;
	__u16 reserved_out;	/* 0 */
	struct netchannel_addr remote;	/* who sent it */
	struct netchannel_addr local;	/* to whom */
	__u64 timestamp_ns;	/* these three: see METADATA; else 0 */
	__u32 hash;
	__u32 cpu;
};

/*
 * NETCHANNEL_SENDV, NETCHANNEL_RECVV: many packets by one call, as SEND and RECV one
 * after the other. The structures stand one behind the other, each as long as its own
 * size says; their flags and timeout_ns must be zero, as those of the vector hold for
 * all. Returns how many packets were sent or received, in order; where it ends before
 * the last, the next one's structure was not obeyed, nor written to, and tells in a
 * call of its own why. An error of the first is the call's.
 *
 * SENDV waits for room as long as flags and timeout_ns let it, all waits together.
 * RECVV waits for the first packet only, and takes what else is there.
 *
 *	EINVAL	count is 0 or over NETCHANNEL_VECTOR_MAX; timeout_ns is 2^63 or more;
 *		flags or timeout_ns of the first packet are not zero
 *	EOPNOTSUPP	RECVV, as RECV
 *	and those of SEND and RECV, of the first packet. What the network reports
 *		later is for the next call.
 */
struct netchannel_vector {
	__u32 size;
	__u32 flags;		/* NETCHANNEL_DONTWAIT */
	__u64 packets;		/* the address of struct netchannel_send or _recv */
	__u32 count;		/* of these */
	__u32 reserved;
	__u64 timeout_ns;	/* for all the waiting; 0: no limit */
};

#define NETCHANNEL_VECTOR_MAX	1024

#include "netchannel_ring.h"	/* rings, KICK */

/*
 * NETCHANNEL_DRAIN: both queues, or one of them, are empty afterwards. With
 * DRAIN_TX it waits until the network devices have sent, or dropped, all packets of
 * this local port, and (ZEROCOPY) all descriptors are done; then, with DRAIN_RX, it
 * throws away the packets that wait for the owner, which count as read, and returns how
 * many there were. What the network reported stays for the next call.
 *	EINVAL	neither DRAIN_RX nor DRAIN_TX; timeout_ns is 2^63 or more
 *	EOPNOTSUPP	DRAIN_RX of a RING, whose owner moves rx_consumer, of DISCARD,
 *		LISTEN or GROUP
 *	EAGAIN	(DRAIN_TX) some are on their way, and DONTWAIT or O_NONBLOCK
 *	ETIMEDOUT	(DRAIN_TX) not all were sent until timeout_ns was over
 *	EINTR	a signal came while waiting (restarted as for SEND)
 * After an error nothing was thrown away.
 */
struct netchannel_drain {
	__u32 size;
	__u32 flags;		/* NETCHANNEL_DRAIN_RX, _TX, NETCHANNEL_DONTWAIT */
	__u64 timeout_ns;	/* 0: no limit */
};

#define NETCHANNEL_DRAIN_RX	(1U << 3)
#define NETCHANNEL_DRAIN_TX	(1U << 4)

/*
 * NETCHANNEL_MEMBERSHIP: joins a multicast group, or leaves it; with a source, only what
 * comes from there (RFC 4607), and a group may be joined for several. (One that was joined
 * for all is for that source from then on.) The kernel reports
 * memberships by IGMP or MLD, and the last close leaves them all.
 *	EINVAL	flags or reserved; group is not a multicast address; it or source has a
 *		port
 *	EAFNOSUPPORT	group or source is not of the channel's family
 *	EOPNOTSUPP	the channel is not of UDP, is of type LISTEN, shares its port, has a
 *		remote or a local address of its own
 *	ENODEV	there is no such device, or no route to the group
 *	EBUSY	(join) channels that a listener of this address and port has accepted are
 *		left; or, for a moment, a CREATE tries for these, in vain
 *	EADDRINUSE	(join) a member already
 *	EADDRNOTAVAIL	(leave) no member; (join, with a source) one for this source
 *		already
 *	ENOBUFS	more than net.ipv4.igmp_max_memberships or igmp_max_msf; no memory
 *	EPERM, EACCES	a cgroup's BPF program (setsockopt) or a security module forbids
 *		it; both can be asked from Linux 6.7 on
 *	and others as setsockopt() has them for MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP,
 *		MCAST_JOIN_SOURCE_GROUP and MCAST_LEAVE_SOURCE_GROUP, see RFC 3678
 */
struct netchannel_membership {
	__u32 size;
	__u32 flags;		/* 0: join; NETCHANNEL_LEAVE */
	struct netchannel_addr group;	/* port 0 */
	struct netchannel_addr source;	/* port 0; all zero: any */
	__u32 ifindex;		/* by which device; 0: that of CREATE, or of the route */
	__u32 reserved;
};

#define NETCHANNEL_LEAVE	(1U << 0)

/*
 * NETCHANNEL_MULTICAST: how what the channel sends to groups goes from now on. NO_LOOP
 * holds for all channels of the same local address and port.
 *	EINVAL	flags; ttl over 255
 *	EOPNOTSUPP	the channel is not of UDP
 *	ENODEV	ifindex is no device of the namespace
 *	EPERM, EACCES	as of MEMBERSHIP
 */
struct netchannel_multicast {
	__u32 size;
	__u32 flags;		/* NETCHANNEL_NO_LOOP */
	__u32 ttl;		/* of PACKET, where the header says 0; 0: 1 */
	__u32 ifindex;		/* by which device, if CREATE names none; 0: the route's */
};

#define NETCHANNEL_NO_LOOP	(1U << 0)	/* members on this host get none of it */

/* NETCHANNEL_INFO: what the channel is. The kernel writes all after size. */
struct netchannel_info {
	__u32 size;
	__u32 type;
	__u32 format;
	__u32 flags;
	__u32 protocol;
	__u32 rx_bytes;		/* the limit in force */
	__u64 id;
	struct netchannel_addr local;
	struct netchannel_addr remote;
	__u32 uid;		/* the owner, as the caller's namespace names it */
	/* of the path to remote, in bytes of IP packets; 0: no remote, or no route to it */
	__u32 mtu;
	__u32 ifindex;		/* that of CREATE */
	__u32 map_bytes;	/* that of CREATE: who was given the descriptor */
	__u32 mark;		/* these two are those of CREATE, too */
	__u32 priority;
};

/*
 * NETCHANNEL_STATS: what happened since CREATE. Every packet that the channel
 * claimed is counted once: rx_packets + rx_dropped_* is all of them, and
 * rx_packets - rx_read is what is queued now. (DISCARD counts all as read.)
 * The kernel writes all after size.
 */
struct netchannel_stats {
	__u32 size;
	__u32 rx_queued_bytes;	/* memory held by queued packets; <= rx_bytes, but: ACCEPT */
	__u64 rx_packets;	/* queued for the owner */
	__u64 rx_bytes;		/* payload of these */
	__u64 rx_read;		/* of rx_packets: taken by the owner */
	__u64 rx_truncated;	/* of rx_read: did not fit the owner's buffer */
	/*
	 * no room in rx_bytes, udp_mem or the memory cgroup, (FAST) no memory, or (LISTEN) too
	 * many packets; what a closed LISTEN left, too
	 */
	__u64 rx_dropped_full;
	/*
	 * UDP length, TCP data offset or (FAST) where the checksum is to be is a lie, or no memory
	 * to segment; LISTEN: source port 0
	 */
	__u64 rx_dropped_malformed;
	__u64 rx_dropped_checksum;	/* the UDP or TCP checksum is wrong */
	__u64 rx_dropped_policy;	/* conntrack, IPsec policy, cgroup BPF or LSM */
	__u64 tx_packets;	/* given to IP output, which took them */
	__u64 tx_bytes;		/* payload of these */
	__u64 tx_errors;	/* SEND failed after the packet was built */
	__u64 icmp_errors;	/* reports of ICMP on packets sent; not in rx_* */
	/*
	 * RING: values of the owner's that were not possible. rx_read and
	 * rx_truncated are 0 there (in GROUP, too), as the kernel does not see what is read, and
	 * rx_queued_bytes is what rx_consumer leaves.
	 */
	__u64 rx_bad_positions;	/* packets dropped (as full) for rx_consumer */
	__u64 tx_bad_positions;	/* KICK refused for tx_producer */
	/* result EINVAL for where one points, or what must be zero; not for what its packet says */
	__u64 tx_bad_descriptors;
};

/*
 * NETCHANNEL_CONTROL: the one call that netchannels had in 2006, with its structure,
 * for programs that were written for it. It is an ioctl on the channel's descriptor
 * (CREATE: on one that is no channel yet) where it was a system call, so that fd is
 * ignored, and CREATE returns 0. What it makes is a channel of type COPY and format
 * PACKET over IPv4, and each other call works on it; SEND and RECV work on a channel
 * that NETCHANNEL_CREATE has made, in its format.
 *
 * Source and destination are those of packets that are received: the source is the
 * remote, the destination is local. A mask is zero for any value, or has all bits set.
 *
 * SEND, RECV: the packet stands behind the structure, in len bytes; returned is how
 * many bytes were sent, or received: fewer than the len that RECV writes when the
 * room was too short.
 *	EINVAL	cmd or flags unknown; (CREATE) type is not COPY, a mask neither of
 *		the two, saddr's mask unlike sport's, proto's not set; prio, flags or
 *		reserved not zero; memory_limit_order over 31
 *	EFAULT	the structure or the packet cannot be read or written
 *	and those of NETCHANNEL_CREATE, NETCHANNEL_SEND and NETCHANNEL_RECV
 */
struct netchannel_control_flow {
	__be32 saddr;
	__be32 daddr;		/* CREATE writes what was chosen, */
	__be16 sport;
	__be16 dport;		/* and here */
	__u8 proto;
	__u8 reserved[3];
};

struct netchannel_control {
	struct {
		struct netchannel_control_flow data;
		struct netchannel_control_flow mask;
		__u32 prio;		/* 0: channels do not overlap */
		__u32 type;		/* NETCHANNEL_TYPE_COPY */
		__u8 memory_limit_order;	/* rx_bytes is 2 to this; 0: default */
		__u8 reserved[3];
	} unc;
	__u32 cmd;		/* NETCHANNEL_CONTROL_* */
	__u16 len;		/* bytes behind the structure; RECV: written */
	__u16 header_len;	/* ignored: the packet says it */
	__u32 flags;		/* NETCHANNEL_DONTWAIT, NETCHANNEL_PEEK */
	__u32 timeout;		/* milliseconds; 0: no limit */
	__s32 fd;		/* ignored */
};

#define NETCHANNEL_CONTROL_CREATE	0
#define NETCHANNEL_CONTROL_SEND		1
#define NETCHANNEL_CONTROL_RECV		2

/*
 * NETCHANNEL_READINESS: a descriptor that is ready for what its holders say, by
 * NETCHANNEL_READY: what a library with sockets of its own shows to those who wait by
 * poll(), select() or epoll. On any descriptor of the device. Returns the new one, which
 * is of no channel and of no namespace, and cannot be read or written (EINVAL). When the
 * descriptor that made it is closed, for the last time, it hangs up for good (IN, OUT,
 * RDHUP, HUP): who waits there learns that nobody is left who would say anything.
 *	EINVAL	flags; events, one that is none of those below; reserved
 *	EMFILE, ENFILE, ENOMEM
 */
struct netchannel_readiness {
	__u32 size;
	__u32 flags;		/* O_CLOEXEC, O_NONBLOCK */
	__u32 events;		/* to begin with */
	__u32 reserved;
};

/*
 * NETCHANNEL_READY: on such a descriptor, and on no other (ENOTTY, as any other command
 * there): what it is ready for from now on. Who waits for an event that begins is woken,
 * one of those who are in epoll sets with EPOLLEXCLUSIVE; an event that was there already
 * wakes nobody, and is no edge for EPOLLET. HUP, RDHUP and ERR may end as others do.
 *	EINVAL	an event that is none of these
 *	EPIPE	it has been hung up, by the end of its maker
 */
struct netchannel_ready {
	__u32 size;
	__u32 events;		/* EPOLLIN, _PRI, _OUT, _ERR, _HUP, _RDHUP of epoll_ctl(2) */
};

/*
 * /proc/net/netchannel lists the channels of the reader's network namespace,
 * one per line after a line of column names, fields separated by blanks:
 *	id protocol local:port remote:port uid queued rx_packets rx_bytes
 *	rx_dropped tx_packets tx_bytes ifindex
 * protocol is udp, tcp or a number. An IPv6 address stands in brackets. The remote is
 * "*:*" when there is none; queued is in packets (RING: 0); rx_dropped is the sum of all
 * reasons. Later versions add columns at the end only.
 */

#define NETCHANNEL_IOC_MAGIC	0xBC
#define NETCHANNEL_QUERY	_IO(NETCHANNEL_IOC_MAGIC, 0)
#define NETCHANNEL_CREATE	_IO(NETCHANNEL_IOC_MAGIC, 1)
#define NETCHANNEL_SEND		_IO(NETCHANNEL_IOC_MAGIC, 2)
#define NETCHANNEL_RECV		_IO(NETCHANNEL_IOC_MAGIC, 3)
#define NETCHANNEL_INFO		_IO(NETCHANNEL_IOC_MAGIC, 4)
#define NETCHANNEL_STATS	_IO(NETCHANNEL_IOC_MAGIC, 5)
#define NETCHANNEL_KICK		_IO(NETCHANNEL_IOC_MAGIC, 6)
#define NETCHANNEL_SENDV	_IO(NETCHANNEL_IOC_MAGIC, 7)
#define NETCHANNEL_RECVV	_IO(NETCHANNEL_IOC_MAGIC, 8)
#define NETCHANNEL_DRAIN	_IO(NETCHANNEL_IOC_MAGIC, 9)
#define NETCHANNEL_CONTROL	_IO(NETCHANNEL_IOC_MAGIC, 10)
#define NETCHANNEL_ACCEPT	_IO(NETCHANNEL_IOC_MAGIC, 11)
#define NETCHANNEL_MEMBERSHIP	_IO(NETCHANNEL_IOC_MAGIC, 12)
#define NETCHANNEL_MULTICAST	_IO(NETCHANNEL_IOC_MAGIC, 13)
#define NETCHANNEL_READINESS	_IO(NETCHANNEL_IOC_MAGIC, 14)
#define NETCHANNEL_READY	_IO(NETCHANNEL_IOC_MAGIC, 15)

#endif
