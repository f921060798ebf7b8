// SPDX-License-Identifier: GPL-2.0
#include "packet.h"
#include "argument.h"

#include "../common/output.h"

#include <stdio.h>

const char *packet_hex(const unsigned char *data, size_t len)
{
	static char text[2 * PACKET_BYTES_MAX + 1];
	size_t i;

	for (i = 0; i < len && i < PACKET_BYTES_MAX; i++)
		sprintf(text + 2 * i, "%02x", data[i]);
	text[2 * i] = 0;
	return text;
}

const char *packet_printable(const unsigned char *data, size_t len)
{
	static char text[4 * PACKET_BYTES_MAX + 1];
	char *p = text;
	size_t i;

	for (i = 0; i < len && i < PACKET_BYTES_MAX; i++) {
		if (data[i] >= 0x20 && data[i] < 0x7f && data[i] != '\\')
			*p++ = data[i];
		else
			p += sprintf(p, "\\x%02x", data[i]);
	}
	*p = 0;
	return text;
}

void packet_show(const unsigned char *data, size_t len,
		 const struct nc_packet_info *info)
{
	out_open_object(NULL);
	out_string("remote", "%s", address_text(&info->remote));
	out_string("local", NULL, address_text(&info->local));
	out_u64("len", "  %llu bytes", info->len);
	out_u32("ttl", NULL, info->ttl);
	out_u32("tos", NULL, info->tos);
	out_u32("ifindex", NULL, info->ifindex);
	if (out_is_json())
		out_string("hex", NULL, packet_hex(data, len));
	else
		out_string("data", "  %s\n", packet_printable(data, len));
	out_close_object();
}
