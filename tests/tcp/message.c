// SPDX-License-Identifier: GPL-2.0
#include "tests/tcp/message.h"

#include <string.h>

static u8 *put_be16(u8 *p, u32 value)
{
	p[0] = value >> 8 & 0xff;
	p[1] = value & 0xff;
	return p + 2;
}

static u8 *put_be32(u8 *p, u32 value)
{
	return put_be16(put_be16(p, value >> 16), value & 0xffff);
}

static u8 *put_address(u8 *p, const struct tcp_flow *flow, const struct tcp_endpoint *e)
{
	memcpy(p, e->address, tcp_flow_address_bytes(flow));
	return p + tcp_flow_address_bytes(flow);
}

size_t message_build(u8 *bytes, const struct tcp_flow *flow, const struct message *m)
{
	u8 *p = bytes;

	memset(bytes, 0, MESSAGE_MAX_BYTES);
	*p++ = m->type;
	*p++ = m->code;
	put_be32(bytes + 4, m->mtu_bytes);	/* in ICMP, its upper half is unused */
	p = bytes + 8;
	if (flow->ip_version == 4) {
		p[0] = 0x45;
		put_be16(p + 2, m->packet_bytes);
		p[9] = 6;
		p += 12;
	} else {
		p[0] = 0x60;
		put_be16(p + 4, m->packet_bytes - 40);
		p[6] = 6;
		p += 8;
	}
	p = put_address(p, flow, &flow->local);
	p = put_address(p, flow, &flow->remote);
	p = put_be16(p, flow->local.port);
	p = put_be16(p, flow->remote.port);
	return put_be32(p, m->seq) - bytes;
}
