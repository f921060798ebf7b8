// SPDX-License-Identifier: GPL-2.0
/* Any bytes as an ICMP or ICMPv6 message; what a router writes is understood. */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "libnetchannel/tcp/icmp.h"
#include "tests/tcp/message.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct icmp_error icmp, again;
	u8 bytes[MESSAGE_MAX_BYTES];
	struct message m;
	u8 ip_version;

	if (!size)
		return 0;
	ip_version = *data % 2 ? 4 : 6;
	if (tcp_icmp_parse(&icmp, ip_version, data + 1, size - 1))
		return 0;
	assert(icmp.flow.ip_version == ip_version && icmp.error < 0);
	m = (struct message){ data[1], data[2], icmp.mtu_bytes, icmp.seq, icmp.packet_bytes };
	size = message_build(bytes, &icmp.flow, &m);
	assert(size <= sizeof(bytes) && !tcp_icmp_parse(&again, ip_version, bytes, size));
	assert(again.kind == icmp.kind && again.error == icmp.error && again.seq == icmp.seq);
	assert(again.mtu_bytes == icmp.mtu_bytes && again.packet_bytes == icmp.packet_bytes);
	assert(!memcmp(&again.flow, &icmp.flow, sizeof(icmp.flow)));
	return 0;
}
