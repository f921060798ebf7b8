/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libnetchannel: network channels from user space.
 *
 * This header is the lowest layer, the link: a channel of /dev/netchannel.
 * A channel carries the UDP datagrams of one flow between
 * a local address and a remote one (or any), instead of the kernel's own UDP.
 *
 * Functions that can fail return a negative errno, and never set errno:
 *
 *	struct nc_channel_config config = NC_CHANNEL_CONFIG_INIT;
 *	struct nc_channel *ch;
 *	int ret;
 *
 *	config.local = (struct sockaddr *)&local;
 *	config.remote = (struct sockaddr *)&remote;
 *	ret = nc_channel_create(&ch, &config);
 *	if (ret < 0)
 *		errx(1, "channel: %s", strerror(-ret));
 *	nc_channel_send(ch, "ping", 4, 0, 0);
 *	nc_channel_recv(ch, buf, sizeof(buf), 0, 0, NULL);
 *	nc_channel_close(ch);
 *
 * A channel may be used by several threads at a time, except that nothing may
 * be under way or begin when nc_channel_close() is called. After fork() it is
 * open in both processes, until each has closed it.
 */
#ifndef NETCHANNEL_NETCHANNEL_H
#define NETCHANNEL_NETCHANNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define NC_PUBLIC __attribute__((visibility("default")))
#else
#define NC_PUBLIC
#endif

/* The version of the library that runs, "0.1.0". */
NC_PUBLIC const char *nc_version(void);

struct nc_channel;

/*
 * How packets come and go: by a call for each, or in memory shared with the
 * kernel. A channel of the latter costs that memory (RLIMIT_MEMLOCK), receives what
 * is there without a call, and tells no local address in nc_packet_info but its own. Of
 * datagrams that came as one large frame, it makes new headers (NC_FORMAT_PACKET):
 * without options of IP, and the checksum of UDP is not right.
 *
 * Of NC_TYPE_DISCARD, packets are claimed and counted, and cannot be received. Of
 * NC_TYPE_RAW, they are of another protocol than UDP, whose number stands for the
 * ports of addresses; that needs CAP_NET_RAW.
 */
enum nc_type {
	NC_TYPE_COPY = 1,
	NC_TYPE_RING = 2,
	NC_TYPE_DISCARD = 3,
	NC_TYPE_RAW = 4,
};

/* What a channel carries; the device's own header says it exactly. */
enum nc_format {
	NC_FORMAT_PAYLOAD = 1,	/* the data of UDP datagrams */
	NC_FORMAT_PACKET = 2,	/* packets, from the IP header on */
};

/*
 * Begin with NC_CHANNEL_CONFIG_INIT, which is a channel of UDP payloads that
 * lacks a local address only. The structure may grow: size says how much of
 * it the caller knows.
 */
struct nc_channel_config {
	size_t size;			/* as the initializer sets it */
	/* struct sockaddr_in or sockaddr_in6; port 0 lets the kernel choose one */
	const struct sockaddr *local;
	/* of the same family, or NULL: packets from anyone, no default peer */
	const struct sockaddr *remote;
	enum nc_format format;
	/* memory that unread packets may hold, in bytes (of a ring, a power of
	 * two); 0: the default */
	uint32_t rx_bytes;
	enum nc_type type;
	uint32_t protocol;	/* NC_TYPE_RAW: its number; else 0, which is UDP */
	uint32_t flags;		/* NC_BROADCAST */
};

/* Broadcast addresses can be sent to; and, with any local address, are listened to. */
#define NC_BROADCAST	(1U << 2)

#ifdef __cplusplus
#define NC_CHANNEL_CONFIG_INIT \
	{ sizeof(struct nc_channel_config), NULL, NULL, NC_FORMAT_PAYLOAD, 0, NC_TYPE_COPY, 0, 0 }
#else
#define NC_CHANNEL_CONFIG_INIT					\
	{							\
		.size = sizeof(struct nc_channel_config),	\
		.format = NC_FORMAT_PAYLOAD,			\
		.type = NC_TYPE_COPY,				\
	}
#endif

/*
 * Makes a channel. Beside -ENOMEM (also: a ring is more than RLIMIT_MEMLOCK leaves), -ENOBUFS
 * and what open() says of /dev/netchannel (-ENOENT: the module is not loaded):
 *	-EINVAL		config->size, type, format, rx_bytes or flags; no local address;
 *			one of IPv6 that maps one of IPv4, or is local to a link; a remote
 *			without address or port
 *	-EAFNOSUPPORT	an address is of another family, or the two are not of one
 *	-ENETUNREACH, -EHOSTUNREACH	any local address, and no route to the remote
 *	-EADDRINUSE	a socket or another owner's channel has the local port
 *	-EADDRNOTAVAIL	the local address is not one of this host
 *	-EACCES		the port is privileged, and the caller is not; the remote is a
 *			broadcast address, without NC_BROADCAST; or as the route says
 *	-EPERM		the administrator has reserved channels to CAP_NET_ADMIN; a
 *			cgroup's program forbids it; or NC_TYPE_RAW, and the caller
 *			lacks CAP_NET_RAW (CAP_NET_ADMIN, too, where the kernel itself
 *			has a handler of the protocol)
 *	-EMFILE		the user, or the namespace, has as many as the administrator allows
 *	-EOPNOTSUPP	NC_TYPE_RAW, and the remote is a group or broadcast
 *	-EPROTONOSUPPORT	the type is not for the protocol
 */
NC_PUBLIC int nc_channel_create(struct nc_channel **channel,
				const struct nc_channel_config *config);

/* NULL is fine. Packets that were not received are lost. */
NC_PUBLIC void nc_channel_close(struct nc_channel *channel);

/*
 * The channel's descriptor, for poll() and epoll: POLLIN when a packet waits,
 * POLLOUT when there is room to send. It belongs to the channel: do not close
 * it.
 */
NC_PUBLIC int nc_channel_fd(const struct nc_channel *channel);

/* The local address, with the port that the kernel chose. */
NC_PUBLIC void nc_channel_local(const struct nc_channel *channel,
				struct sockaddr_storage *local);

/* Flags of sending and receiving. */
#define NC_DONTWAIT	(1U << 0)	/* -EAGAIN instead of waiting */
#define NC_PEEK		(1U << 1)	/* receive: leave the packet there */

/*
 * Sends one datagram to the channel's remote address, and returns len. Waits
 * for room, but not longer than timeout_ns nanoseconds (0: no limit).
 *	-EDESTADDRREQ	the channel has no remote address
 *	-EINVAL		flags; timeout_ns is 2^63 or more; of NC_FORMAT_PACKET: headers
 *			that are none of the channel's
 *	-EMSGSIZE	too long
 *	-EAGAIN		no room, and NC_DONTWAIT
 *	-ETIMEDOUT	no room in time
 *	-EINTR		a signal
 *	-ENETUNREACH, -EHOSTUNREACH, -EACCES, -EADDRNOTAVAIL, -ENOBUFS
 *			as for a socket
 *	-EPERM		a firewall rule or a cgroup program dropped it
 *	-ECONNREFUSED, and others as for a connected socket: what the network
 *			has reported of an earlier datagram; told once, here
 *			or by nc_channel_recv()
 */
NC_PUBLIC ssize_t nc_channel_send(struct nc_channel *channel, const void *buf,
				  size_t len, unsigned int flags,
				  uint64_t timeout_ns);

/*
 * The same to an address of the caller's choice, on a channel without a
 * remote address and of format NC_FORMAT_PAYLOAD.
 *	-EISCONN	the channel has a remote address
 *	-EINVAL		the channel is of NC_FORMAT_PACKET; remote has no address or port
 *	-EAFNOSUPPORT	remote is not of the channel's family
 */
NC_PUBLIC ssize_t nc_channel_sendto(struct nc_channel *channel, const void *buf,
				    size_t len, unsigned int flags,
				    uint64_t timeout_ns,
				    const struct sockaddr *remote);

/* What nc_channel_recv() can tell beside the data. */
struct nc_packet_info {
	struct sockaddr_storage remote;	/* who sent it */
	struct sockaddr_storage local;	/* to whom */
	size_t len;		/* of the packet; more than returned: truncated */
	uint32_t ifindex;	/* of the network device that it came by */
	uint8_t ttl;
	uint8_t tos;
	uint8_t reserved[34];
};

/*
 * Waits for a packet, but not longer than timeout_ns nanoseconds (0: no
 * limit), and returns how much of it is in buf; what did not fit is lost.
 * info may be NULL.
 *	-EAGAIN		none there, and NC_DONTWAIT
 *	-ETIMEDOUT	none came in time
 *	-EINTR		a signal
 *	-EINVAL		flags; timeout_ns is 2^63 or more
 *	-EOPNOTSUPP	NC_TYPE_DISCARD
 *	-ECONNREFUSED, and others: as nc_channel_send() says
 */
NC_PUBLIC ssize_t nc_channel_recv(struct nc_channel *channel, void *buf,
				  size_t len, unsigned int flags,
				  uint64_t timeout_ns,
				  struct nc_packet_info *info);

/*
 * A channel of UDP, without remote and with any local address, joins a
 * multicast group, or leaves it: of all senders, or (source is not NULL) of one. ifindex
 * is the device; 0: the one of the route.
 *	-EINVAL		group is no multicast address
 *	-EAFNOSUPPORT	not of the channel's family
 *	-EOPNOTSUPP	another kind of channel
 *	-EBUSY		channels of a listener that had the local port are left
 *	-EADDRINUSE	a member already
 *	-EADDRNOTAVAIL	no member
 *	-ENODEV		no such device, or no route to the group
 *	-ENOBUFS	too many groups
 */
NC_PUBLIC int nc_channel_join(struct nc_channel *channel, const struct sockaddr *group,
			      const struct sockaddr *source, uint32_t ifindex);
NC_PUBLIC int nc_channel_leave(struct nc_channel *channel, const struct sockaddr *group,
			       const struct sockaddr *source, uint32_t ifindex);

/*
 * How what the channel sends to groups goes: with this time to live (1 to 255; 0 is 1),
 * by this device (0: that of the route), and, with NC_NO_LOOP, not to this host.
 *	-EINVAL		flags or ttl
 *	-EOPNOTSUPP	the channel is not of UDP
 *	-ENODEV		no such device
 */
#define NC_NO_LOOP	(1U << 0)
NC_PUBLIC int nc_channel_multicast(struct nc_channel *channel, unsigned int flags,
				   unsigned int ttl, uint32_t ifindex);

/* Counters since the channel's creation; the kernel module documents them. */
struct nc_channel_stats {
	uint64_t rx_packets, rx_bytes, rx_read, rx_truncated;
	uint64_t rx_dropped_full, rx_dropped_malformed;
	uint64_t rx_dropped_checksum, rx_dropped_policy;
	uint64_t tx_packets, tx_bytes, tx_errors;
	uint64_t icmp_errors;
	uint64_t reserved[4];
};

NC_PUBLIC int nc_channel_stats(const struct nc_channel *channel,
			       struct nc_channel_stats *stats);

#ifdef __cplusplus
}
#endif

#endif
