// SPDX-License-Identifier: GPL-2.0
#include "argument.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool argument_count(const char *text, unsigned long *count)
{
	char *end;

	errno = 0;
	*count = strtoul(text, &end, 10);
	return !errno && end != text && !*end && *text != '-';
}

bool argument_protocol(const char *text, uint32_t *protocol)
{
	unsigned long value;

	if (!argument_count(text, &value) || !value || value > UINT8_MAX)
		return false;
	*protocol = value;
	return true;
}

bool argument_device(const char *text, uint32_t *ifindex)
{
	*ifindex = if_nametoindex(text);
	return *ifindex;
}

static bool parse_port(const char *text, in_port_t *port)
{
	unsigned long value;

	if (!argument_count(text, &value) || value > UINT16_MAX)
		return false;
	*port = htons(value);
	return true;
}

bool argument_address(const char *text, struct sockaddr_in *address)
{
	const char *colon = strchr(text, ':');
	char host[INET_ADDRSTRLEN] = "";
	size_t len = colon ? (size_t)(colon - text) : strlen(text);

	memset(address, 0, sizeof(*address));
	address->sin_family = AF_INET;
	if (len >= sizeof(host) || (colon && !parse_port(colon + 1, &address->sin_port)))
		return false;
	memcpy(host, text, len);
	return inet_pton(AF_INET, host, &address->sin_addr) == 1;
}

bool argument_remote(const char *text, uint32_t protocol, struct sockaddr_in *address)
{
	if (!argument_address(text, address))
		return false;
	if (!address->sin_port)
		address->sin_port = htons(protocol);
	return address->sin_port;
}

bool argument_seconds(const char *text, uint64_t *ns)
{
	char *end;
	double seconds = strtod(text, &end);

	/* what does not fit into 63 bits of nanoseconds is no time to wait */
	if (end == text || *end || !(seconds > 0) || seconds > 9e9)
		return false;
	*ns = (uint64_t)(seconds * 1e9);
	return *ns > 0;
}

const char *address_text(const struct sockaddr_storage *address)
{
	static char text[INET_ADDRSTRLEN + sizeof(":65535")];
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	char host[INET_ADDRSTRLEN] = "";

	inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
	snprintf(text, sizeof(text), "%s:%u", host, ntohs(in->sin_port));
	return text;
}
