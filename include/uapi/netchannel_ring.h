/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Rings of /dev/netchannel: the memory that a channel of type RING shares with its owner, and
 * the call that sends out of it. A part of netchannel.h, which includes it.
 */
#ifndef _UAPI_NETCHANNEL_RING_H
#define _UAPI_NETCHANNEL_RING_H

#include "netchannel.h"

/*
 * Rings
 * -----
 * mmap(NULL, map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) gives the
 * memory of a RING channel, all of it or nothing:
 *
 *	header		one page: struct netchannel_ring_header
 *	receive ring	rx_bytes, and then the same memory once more, so that
 *			what begins in the first can be read on without a break
 *	descriptors	tx_slots of struct netchannel_descriptor
 *	arena		arena_bytes for the packets that these describe
 *
 *	EINVAL	another offset or size; MAP_PRIVATE
 *	EPERM	PROT_EXEC
 *	ENODEV	the channel is none of type RING
 *	ENOTCONN	before CREATE
 * The mapping holds the channel as a descriptor does: who closes one has to
 * unmap the other. It cannot grow (mremap). One thread at a time may consume, and
 * one produce; processes that share the mapping (fork) settle that among them.
 *
 * Positions (producer, consumer) count up for ever, modulo 2^32; a position modulo
 * the ring's size, which is a power of two, is a place. Each is written by one
 * side. The kernel keeps its own copies of what it writes, and reads what
 * the owner writes once a use: a wrong value can make the owner's own packets
 * be dropped, and nothing else. STATS counts such values.
 *
 * To receive:	p = load-acquire rx_producer; the records from rx_consumer up to p
 *		are there. Store-release rx_consumer when they may be overwritten.
 * To send:	write bytes into the arena and a descriptor; store-release
 *		tx_producer; NETCHANNEL_KICK. c = load-acquire tx_consumer: the
 *		descriptors before c are done, have a result, and their bytes in
 *		the arena may be written again.
 * There is no flag to ask for wake-ups: the kernel knows who sleeps in KICK
 * and poll(), and wakes nobody else; and it sends when KICK says so.
 *
 * The memory is the channel's, not a process's. Who still has the descriptor when a process
 * ends (by fork, SCM_RIGHTS, or over exec) maps it, and carries on from the positions that
 * it finds there: those of the kernel are those of its own, and those of the owner say how
 * far that had come. The kernel reads of the arena what descriptors speak of and writes
 * nothing there, so any other part of it can hold whatever a user's stack has to know of its
 * connections; tx_bytes may be as much larger. A lock there can be a robust one, whose word
 * tells that its owner is dead, but processes cannot wait for each other there with futex()
 * (EFAULT). What nobody carries on is over with the last descriptor and
 * mapping: nothing of the user's is sent for it, and to the channel's peers the port is
 * then as of a closed socket. reserved_constant is for a part of the memory that is set
 * aside for that, should the kernel once have to know it.
 */
#define NETCHANNEL_RING_VERSION	1

struct netchannel_ring_header {
	/* Of the memory, in bytes from its beginning. Constant. */
	__u32 version;		/* NETCHANNEL_RING_VERSION */
	__u32 map_bytes;
	__u32 rx_offset;
	__u32 rx_bytes;
	__u32 tx_offset;
	__u32 tx_slots;
	__u32 arena_offset;
	__u32 arena_bytes;
	__u32 reserved_constant[8];
	/* Each in a cache line of its own. */
	__u32 rx_producer;	/* the kernel's, in bytes */
	__u32 reserved_rx_producer[15];
	__u32 rx_consumer;	/* the owner's, in bytes */
	__u32 reserved_rx_consumer[15];
	__u32 tx_producer;	/* the owner's, in descriptors */
	__u32 reserved_tx_producer[15];
	__u32 tx_consumer;	/* the kernel's, in descriptors */
	__u32 reserved_tx_consumer[15];
};

/*
 * A packet in the receive ring: this, then len bytes in the channel's format.
 * The next record begins after these, at a multiple of NETCHANNEL_RECORD_ALIGN:
 * see netchannel_record_bytes(). Many datagrams or segments that came as one frame
 * (GRO, or a local sender's) are one record: of PAYLOAD, segment_bytes of each
 * but the last, which may be shorter; of PACKET, one header stands for all.
 *
 * A packet of a member (RECORD_MEMBER) has the member's cookie, a __u64, before its data,
 * and len counts it. The rest, too, is the member's: the format, the family of remote_addr,
 * the namespace that knows ifindex.
 *
 * With RECORD_METADATA, a struct netchannel_metadata stands before the data, too (behind the
 * cookie), and len counts it.
 */
struct netchannel_record {
	__u32 len;
	__u32 ifindex;		/* of the device it came in by */
	__u16 flags;		/* NETCHANNEL_RECORD_* */
	__u16 segment_bytes;	/* 0: the packet is one */
	__u8 ttl;
	__u8 tos;
	__be16 remote_port;
	__u8 remote_addr[16];	/* of the channel's family */
};

#define NETCHANNEL_RECORD_ALIGN		64
#define NETCHANNEL_RECORD_MESSAGE	(1U << 0)	/* of ICMP: see RECVERR */
#define NETCHANNEL_RECORD_MEMBER	(1U << 1)	/* of a channel of type GROUP */
#define NETCHANNEL_RECORD_METADATA	(1U << 2)	/* of a channel with METADATA */

struct netchannel_metadata {
	__u64 timestamp_ns;
	__u32 hash;
	__u32 cpu;
	__u8 local_addr[16];	/* to whom; of the channel's family */
};

#define netchannel_record_bytes(len) \
	(((__u32)(len) + sizeof(struct netchannel_record) + NETCHANNEL_RECORD_ALIGN - 1) & \
	 ~(__u32)(NETCHANNEL_RECORD_ALIGN - 1))

/*
 * A packet to send, in the channel's format. The kernel reads the descriptor and
 * the bytes once, and decides about what it has read: changing them meanwhile
 * can only change the payload. Reserved must be zero. result is 0, or NETCHANNEL_COPIED
 * (see ZEROCOPY), or a negative errno of SEND (but EFAULT, EAGAIN, ETIMEDOUT, EINTR and
 * what the network reported of others), and
 *	EINVAL	the bytes are not within the arena; flags or reserved are set; txtime_ns is
 *		2^63 or more; data_offset without data_len; data_len of format PAYLOAD, or
 *		while there is more than headers at offset
 *	EMSGSIZE	len and data_len are too much (see SEND), or segment_bytes with
 *		the headers longer than the MTU
 *	EINVAL	more than 64 segments; segment_bytes of TCP under
 *		NETCHANNEL_TCP_SEGMENT_BYTES_MIN
 *	EOPNOTSUPP	segment_bytes on a channel of UDP and format PACKET; or the way is
 *		IPsec's, and there are several segments; txtime_ns of FAST, which
 *		passes by all queues
 */
struct netchannel_descriptor {
	__u32 offset;		/* in the arena */
	__u32 len;		/* bytes */
	__u32 flags;		/* 0 */
	__s32 result;		/* the kernel's */
	struct netchannel_addr remote;	/* as of SEND */
	/*
	 * Send many datagrams, or segments of TCP with so many bytes of data, the
	 * last may be shorter, at most 64: for the price of one where the device
	 * can split. Each segment gets the TCP header and its options, with the
	 * sequence number that is its own; only the last has FIN and PSH, only
	 * the first CWR. 0: the packet is one.
	 */
	__u32 segment_bytes;
	__u32 reserved;
	/*
	 * When it is to leave, by CLOCK_MONOTONIC, for a queueing discipline that obeys
	 * (fq), as of SO_TXTIME: others ignore it, and fq drops what is too far ahead
	 * (ENOBUFS). 0: now.
	 */
	__u64 txtime_ns;
	/*
	 * Format PACKET: the data_len bytes of data stand at data_offset in the arena, and at
	 * offset nothing but the headers, with all options of TCP: what waits for its
	 * acknowledgment is sent from where it lies. 0: they follow the headers.
	 */
	__u32 data_offset;
	__u32 data_len;
};

#define NETCHANNEL_COPIED	1	/* sent, but somebody on its way has copied it */

#define NETCHANNEL_TCP_SEGMENT_BYTES_MIN	8

/*
 * NETCHANNEL_KICK: sends what the descriptors describe, in order, and then, with
 * the flag WAIT, waits until the receive ring holds something. Returns how many
 * descriptors it took, done well or not: each has its result.
 *
 * Without room to send (see SEND) it waits for that first, or with DONTWAIT or
 * O_NONBLOCK ends, leaving the rest for the next KICK. In shared memory
 * tx_consumer tells what was taken, whatever KICK returns; of ZEROCOPY, what is done.
 *
 *	EOPNOTSUPP	the channel is none of type RING
 *	EINVAL	flags; timeout_ns is 2^63 or more; spin_ns without WAIT, or over
 *		NETCHANNEL_SPIN_NS_MAX; like without LIKE, or LIKE without it; reserved; or
 *		tx_producer is not within tx_slots after tx_consumer, or before what was
 *		sent, and nothing was sent
 *	EBADF	(LIKE) like is no open file, and nothing was sent
 *	EAGAIN	DONTWAIT or O_NONBLOCK, and there was no room for the first; or
 *		(WAIT) nothing to send, and nothing received
 *	ETIMEDOUT	(WAIT) nothing came until timeout_ns was over
 *	EINTR	a signal came while waiting (without a timeout, restarted as for SEND; with
 *		one, if a handler caught the signal)
 *	and what the network reported of a datagram sent before, see CREATE
 */
struct netchannel_kick {
	__u32 size;
	__u32 flags;		/* NETCHANNEL_DONTWAIT, NETCHANNEL_WAIT, NETCHANNEL_LIKE */
	/*
	 * For all the waiting; 0: no limit. After any signal that came meanwhile it is what was
	 * left then, whatever the call returns; and what it took before a signal that no handler
	 * caught, tx_consumer alone says.
	 */
	__u64 timeout_ns;
	/*
	 * WAIT: look again and again for so long before sleeping, unless another task
	 * wants the processor: for answers that are nearer than a change of process.
	 */
	__u64 spin_ns;
	/*
	 * LIKE: a descriptor of the caller's, whose O_NONBLOCK counts, and not that of the
	 * channel's: a library of sockets that have descriptors of their own (READINESS) waits
	 * as each of them does, and need not ask before.
	 */
	__s32 like;
	__u32 reserved;
};

#define NETCHANNEL_WAIT		(1U << 2)	/* flag of KICK */
#define NETCHANNEL_LIKE		(1U << 4)	/* flag of KICK */
#define NETCHANNEL_SPIN_NS_MAX	1000000

#endif
