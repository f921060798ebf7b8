// SPDX-License-Identifier: LGPL-2.1-or-later
#define _GNU_SOURCE	/* struct in6_pktinfo */
#include "ancillary.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <string.h>

#include "sockaddr.h"

enum kind {
	TELLS_JOINED = 1 << 0,
	TELLS_ADDRESS = 1 << 1,
	TELLS_TTL = 1 << 2,
	TELLS_TOS = 1 << 3,
	TELLS_ADDRESS6 = 1 << 4,
	TELLS_TTL6 = 1 << 5,
	TELLS_TOS6 = 1 << 6,
	TELLS_ERRORS = 1 << 7,
	TELLS_ERRORS6 = 1 << 8,
};

static const struct {
	int level, name;
	enum kind kind;
} options[] = {
	{ SOL_UDP, UDP_GRO, TELLS_JOINED },
	{ IPPROTO_IP, IP_PKTINFO, TELLS_ADDRESS },
	{ IPPROTO_IP, IP_RECVTTL, TELLS_TTL },
	{ IPPROTO_IP, IP_RECVTOS, TELLS_TOS },
	{ IPPROTO_IPV6, IPV6_RECVPKTINFO, TELLS_ADDRESS6 },
	{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT, TELLS_TTL6 },
	{ IPPROTO_IPV6, IPV6_RECVTCLASS, TELLS_TOS6 },
	{ IPPROTO_IP, IP_RECVERR, TELLS_ERRORS },
	{ IPPROTO_IPV6, IPV6_RECVERR, TELLS_ERRORS6 },
};

u32 ancillary_option(int level, int name)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].level == level && options[i].name == name)
			return options[i].kind;
	}
	return 0;
}

/* --- sending --- */

/* One of them, where it stands in the caller's memory. */
struct control {
	int level, type;
	size_t size;
	const u8 *data;
};

static int read_exactly(const struct control *c, void *to, size_t size)
{
	if (c->size != size)
		return -EINVAL;
	memcpy(to, c->data, size);
	return 0;
}

/* An int from first to 255; -1, where it is allowed, changes nothing. */
static int read_byte(const struct control *c, int first, u8 *to)
{
	int value;

	if (read_exactly(c, &value, sizeof(value)) || value < first || value > 255)
		return -EINVAL;
	if (value >= 0)
		*to = value;
	return 0;
}

/* Of an address, the device does not matter: there is one. */
static int parse_ipv4(struct datagram_sending *how, const struct control *c)
{
	struct in_pktinfo info;

	switch (c->type) {
	case IP_PKTINFO:
		if (read_exactly(c, &info, sizeof(info)))
			return -EINVAL;
		if (info.ipi_spec_dst.s_addr)
			how->source = c->data + offsetof(struct in_pktinfo, ipi_spec_dst);
		return 0;
	case IP_TTL:
		return read_byte(c, 1, &how->ttl);
	case IP_TOS:	/* a byte will do, which is how it is received */
		return read_exactly(c, &how->tos, 1) ? read_byte(c, 0, &how->tos) : 0;
	default:
		return -EINVAL;
	}
}

static int parse_ipv6(struct datagram_sending *how, const struct control *c)
{
	struct in6_pktinfo info;
	int number;

	switch (c->type) {
	case IPV6_PKTINFO:
		if (c->size < sizeof(info))
			return -EINVAL;
		memcpy(&info, c->data, sizeof(info));
		if (!IN6_IS_ADDR_UNSPECIFIED(&info.ipi6_addr))
			how->source = c->data + offsetof(struct in6_pktinfo, ipi6_addr);
		return 0;
	case IPV6_HOPLIMIT:
		return read_byte(c, -1, &how->ttl);
	case IPV6_TCLASS:
		return read_byte(c, -1, &how->tos);
	case IPV6_DONTFRAG:
		if (read_exactly(c, &number, sizeof(number)) || number & ~1)
			return -EINVAL;
		how->dont_cut = number;
		return 0;
	default:
		return -EINVAL;
	}
}

static int parse_udp(struct datagram_sending *how, const struct control *c)
{
	u16 segment_bytes;

	if (c->type != UDP_SEGMENT || read_exactly(c, &segment_bytes, sizeof(segment_bytes)))
		return -EINVAL;
	how->segment_bytes = segment_bytes;
	return 0;
}

/* Descriptors and credentials go by local sockets only: Linux passes them over. */
static int parse_socket(const struct control *c)
{
	return c->type == SCM_RIGHTS || c->type == SCM_CREDENTIALS ? 0 : -EINVAL;
}

static int parse_one(struct datagram_sending *how, const struct control *c, u8 ip_version)
{
	if (c->level == SOL_SOCKET)
		return parse_socket(c);
	if (!how)
		return 0;
	switch (c->level) {
	case SOL_UDP:
		return parse_udp(how, c);
	case IPPROTO_IP:
		return ip_version == 4 ? parse_ipv4(how, c) : 0;
	case IPPROTO_IPV6:
		return ip_version == 6 ? parse_ipv6(how, c) : 0;
	default:	/* another protocol's */
		return 0;
	}
}

/* Not by CMSG_NXTHDR(): it believes the length of the one before. */
int ancillary_parse(struct datagram_sending *how, const struct msghdr *m, u8 ip_version)
{
	const u8 *at = m->msg_control;
	size_t left = m->msg_controllen, step;
	struct control control;
	struct cmsghdr c;
	int ret = at || !left ? 0 : -EFAULT;

	while (!ret && left >= sizeof(c)) {
		memcpy(&c, at, sizeof(c));	/* the caller's may stand at any address */
		if (c.cmsg_len < sizeof(c) || c.cmsg_len > left)
			return -EINVAL;
		control = (struct control){
			.level = c.cmsg_level, .type = c.cmsg_type,
			.size = c.cmsg_len - sizeof(c), .data = at + sizeof(c),
		};
		ret = parse_one(how, &control, ip_version);
		step = min_u64(CMSG_ALIGN(c.cmsg_len), left);
		at += step;
		left -= step;
	}
	return ret;
}

/* --- receiving --- */

/* Where the next one goes. */
struct writer {
	struct msghdr *m;
	u8 *at;
	size_t left;
};

/* As put_cmsg() of Linux: what has no room is cut. */
static void put(struct writer *w, int level, int type, const void *data, size_t size)
{
	struct cmsghdr c = {
		.cmsg_len = CMSG_LEN(size), .cmsg_level = level, .cmsg_type = type,
	};
	size_t space = CMSG_SPACE(size);

	if (!w->at || w->left < sizeof(c)) {
		w->m->msg_flags |= MSG_CTRUNC;
		return;
	}
	if (c.cmsg_len > w->left) {
		w->m->msg_flags |= MSG_CTRUNC;
		c.cmsg_len = w->left;
	}
	memcpy(w->at, &c, sizeof(c));
	memcpy(w->at + sizeof(c), data, c.cmsg_len - sizeof(c));
	space = min_u64(space, w->left);
	w->at += space;
	w->left -= space;
}

static void put_int(struct writer *w, int level, int type, int value)
{
	put(w, level, type, &value, sizeof(value));
}

static void emit_ipv4(struct writer *w, u32 receives, const struct datagram_message *message)
{
	struct in_pktinfo info = { 0 };

	if (receives & TELLS_ADDRESS) {
		memcpy(&info.ipi_addr, message->flow.local.address, 4);
		info.ipi_spec_dst = info.ipi_addr;
		put(w, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	}
	if (receives & TELLS_TTL)
		put_int(w, IPPROTO_IP, IP_TTL, message->ttl);
	if (receives & TELLS_TOS)
		put(w, IPPROTO_IP, IP_TOS, &message->tos, 1);
}

static void emit_ipv6(struct writer *w, u32 receives, const struct datagram_message *message)
{
	struct in6_pktinfo info = { 0 };

	if (receives & TELLS_ADDRESS6) {
		memcpy(&info.ipi6_addr, message->flow.local.address, 16);
		put(w, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	}
	if (receives & TELLS_TTL6)
		put_int(w, IPPROTO_IPV6, IPV6_HOPLIMIT, message->ttl);
	if (receives & TELLS_TOS6)
		put_int(w, IPPROTO_IPV6, IPV6_TCLASS, message->tos);
}

static void emit(struct writer *w, u32 receives, const struct datagram_message *message)
{
	if (receives & TELLS_JOINED && message->segment_bytes)
		put_int(w, SOL_UDP, UDP_GRO, message->segment_bytes);
	if (message->flow.ip_version == 4)
		emit_ipv4(w, receives, message);
	else
		emit_ipv6(w, receives, message);
}

bool ancillary_wants_reports(u32 receives, u8 ip_version)
{
	return receives & (ip_version == 4 ? TELLS_ERRORS : TELLS_ERRORS6);
}

static struct sock_extended_err extended_error(const struct datagram_report *r)
{
	return (struct sock_extended_err){
		.ee_errno = -r->error,
		.ee_origin = r->flow.ip_version == 4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6,
		.ee_type = r->type, .ee_code = r->code, .ee_info = r->info,
	};
}

/*
 * Behind the error stands who sent the message: SO_EE_OFFENDER(). NULL: nobody, and the room
 * for him is zeros.
 */
static void put_error(struct writer *w, u8 ip_version, struct sock_extended_err error,
		      const struct tcp_endpoint *sender)
{
	struct {
		struct sock_extended_err error;
		struct sockaddr_in from;
	} ipv4 = { .error = error };
	struct {
		struct sock_extended_err error;
		struct sockaddr_in6 from;
	} ipv6 = { .error = error };
	struct sockaddr *from = ip_version == 4 ? (struct sockaddr *)&ipv4.from :
						  (struct sockaddr *)&ipv6.from;
	socklen_t size = sizeof(ipv6.from);

	if (sender)
		sockaddr_emit(from, &size, ip_version, sender);
	if (ip_version == 4)
		put(w, IPPROTO_IP, IP_RECVERR, &ipv4, sizeof(ipv4));
	else
		put(w, IPPROTO_IPV6, IPV6_RECVERR, &ipv6, sizeof(ipv6));
}

void ancillary_emit_report(struct msghdr *m, u32 receives, const struct datagram_report *report)
{
	struct writer w = { .m = m, .at = m->msg_control, .left = m->msg_controllen };
	const struct datagram_message message = {
		.flow = report->flow, .tos = report->tos, .ttl = report->ttl,
	};

	emit(&w, receives, &message);
	put_error(&w, report->flow.ip_version, extended_error(report), &report->sender);
	m->msg_controllen -= w.left;
}

void ancillary_emit(struct msghdr *m, u32 receives, const struct datagram_message *message)
{
	struct writer w = { .m = m, .at = m->msg_control, .left = m->msg_controllen };

	emit(&w, receives, message);
	m->msg_controllen -= w.left;
}

void ancillary_emit_unread(struct msghdr *m, size_t room, int unread_bytes)
{
	struct writer w = { .m = m, .at = m->msg_control, .left = room };

	put_int(&w, IPPROTO_TCP, TCP_CM_INQ, unread_bytes);
	m->msg_controllen = room - w.left;
}

void ancillary_emit_zerocopy(struct msghdr *m, u8 ip_version, u32 first, u32 last)
{
	struct writer w = { .m = m, .at = m->msg_control, .left = m->msg_controllen };

	put_error(&w, ip_version, (struct sock_extended_err){
		.ee_origin = SO_EE_ORIGIN_ZEROCOPY, .ee_code = SO_EE_CODE_ZEROCOPY_COPIED,
		.ee_info = first, .ee_data = last,
	}, NULL);
	m->msg_controllen -= w.left;
}
