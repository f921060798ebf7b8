// SPDX-License-Identifier: LGPL-2.1-or-later
#include "checksum.h"

#include "../wire/checksum.h"
#include "../wire/ip.h"

u16 tcp_checksum_pseudo(const struct tcp_flow *flow, size_t size)
{
	return checksum_fold(checksum_add_pseudo(0, flow, IP_PROTOCOL_TCP, size));
}

u16 tcp_checksum(const struct tcp_flow *flow, const u8 *bytes, size_t size)
{
	return ~checksum_fold(checksum_add(checksum_add_pseudo(0, flow, IP_PROTOCOL_TCP, size),
					   bytes, size));
}
