/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Links: where the packets of a stack (netchannel/socket.h) go, and come from.
 * A packet is IPv4 or IPv6, from its IP header on.
 *
 * Some links stand on another one, which is theirs from then on, and closed with
 * them; if such a function fails, it is still the caller's. Functions return 0 or
 * a negative errno. A link may be used by one thread at a time.
 */
#ifndef NETCHANNEL_LINK_H
#define NETCHANNEL_LINK_H

#include <netchannel/netchannel.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nc_link;

/* NULL is fine. A link that was given to nc_stack_create() is the stack's to close. */
NC_PUBLIC void nc_link_close(struct nc_link *link);

/* Two ends in memory: what one sends, the other receives. */
NC_PUBLIC int nc_link_pipe(struct nc_link *ends[2], uint32_t mtu);

/*
 * A TUN device of that name, which is made if it is not there; the kernel at its
 * other end is the peer or the router. Its addresses, its MTU and its being up are
 * the administrator's (ip-address(8), ip-link(8)). Beside what open() says of
 * /dev/net/tun:
 *	-EINVAL		a name that no device can have
 *	-EPERM		the device is not the caller's, and he is no administrator
 *	-EBUSY		somebody has it
 */
NC_PUBLIC int nc_link_tun(struct nc_link **link, const char *name);

/*
 * A channel of /dev/netchannel for one port of TCP or UDP (protocol: IPPROTO_TCP,
 * IPPROTO_UDP): the kernel's own address, IPv4 or IPv6, and port, without privilege, and
 * the kernel is silent about them. The stack must have that address; its sockets are of
 * that protocol, and have no port but that one; with port 0 the kernel
 * chooses it. A peer is another host or, at an address that is neither loopback nor (UDP) the
 * stack's own, a socket of this one. mtu: that of the way, at most.
 * Packets lie in memory that is shared with the kernel, 1.3 MiB of RLIMIT_MEMLOCK, of TCP
 * 2.3 MiB where there is so much (send buffers lie in it, too), and go (TCP) in super-frames
 * of 64 KiB; where there is no such memory, by a call for each.
 * Of UDP, the stack does not report that none of its sockets has the port.
 * Beside what nc_channel_create() says:
 *	-EPROTONOSUPPORT	another protocol, or the module has no TCP
 */
NC_PUBLIC int nc_link_channel(struct nc_link **link, int protocol,
			      const struct sockaddr *local, uint32_t mtu);

/*
 * The same past the kernel's firewall, conntrack, IPsec and queueing disciplines, for
 * packets that come and go by one device. It takes CAP_NET_ADMIN.
 *	-ENODEV		no such device
 *	-EPERM
 * When the device goes, so do its stack's connections: calls are -ENETDOWN, and a new channel
 * is needed. (A channel of any device goes on by another.)
 */
NC_PUBLIC int nc_link_channel_fast(struct nc_link **link, int protocol,
				   const struct sockaddr *local, uint32_t mtu,
				   const char *device);

/*
 * A network device by a packet socket; it takes CAP_NET_RAW. All packets go to
 * next_hop (six bytes; NULL: a device without such addresses). The kernel gets
 * each packet as well: the stack's address must be none of this host, or the
 * kernel refuses its connections; and neighbours must be told of it. Packets are taken as
 * they are: senders of this host must leave neither checksums nor segmentation to a device
 * (`ethtool -K DEVICE tx off gso off`), nor may this one join packets (`gro off`).
 *	-ENODEV		no such device
 *	-EPERM
 */
NC_PUBLIC int nc_link_packet(struct nc_link **link, const char *device,
			     const uint8_t *next_hop);

/* What goes wrong on purpose, in so many of a million packets. */
struct nc_faults {
	uint64_t seed;		/* the same seed, the same faults */
	uint32_t tx_loss, tx_duplicate;
	uint32_t tx_corrupt;	/* one bit */
	uint32_t tx_reorder;	/* behind the packet that comes next */
	uint32_t rx_loss;
};

NC_PUBLIC int nc_link_fault(struct nc_link **link, struct nc_link *below,
			    const struct nc_faults *faults);

/*
 * All packets also go to a file that tcpdump and Wireshark read.
 *	-EIO		it cannot be written
 */
NC_PUBLIC int nc_link_pcap(struct nc_link **link, struct nc_link *below, const char *path);

/* The same as pcapng, which also says of each packet whether it came or went. */
NC_PUBLIC int nc_link_pcapng(struct nc_link **link, struct nc_link *below, const char *path);

/*
 * Has the file of such a link all packets so far? Those that it could not take are lost to it
 * alone, the others go on. Before nc_link_close() or nc_stack_destroy(), when the stack is still:
 *	-ENOSPC, -EFBIG, -EIO, ...	it has not, as write() said
 *	-EINVAL		a link without a file
 */
NC_PUBLIC int nc_link_recorded(struct nc_link *link);

#ifdef __cplusplus
}
#endif

#endif
