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

/* Where the port begins, behind its colon; NULL: there is none. */
static const char *find_port(const char *text)
{
	const char *colon = strrchr(text, ':');

	if (*text == '[')
		return colon && colon[-1] == ']' ? colon + 1 : NULL;
	/* with two colons, it is an address of IPv6 and nothing else */
	return colon && colon == strchr(text, ':') ? colon + 1 : NULL;
}

/* [ADDRESS] or ADDRESS, in size bytes. */
static bool parse_host(const char *text, size_t size, union address *address)
{
	bool brackets = *text == '[';
	char host[INET6_ADDRSTRLEN] = "";

	if (brackets && (size < 2 || text[size - 1] != ']'))
		return false;
	size -= 2 * brackets;
	if (size >= sizeof(host))
		return false;
	memcpy(host, text + brackets, size);
	if (!brackets && inet_pton(AF_INET, host, &address->in.sin_addr) == 1) {
		address->sa.sa_family = AF_INET;
		return true;
	}
	address->sa.sa_family = AF_INET6;
	return inet_pton(AF_INET6, host, &address->in6.sin6_addr) == 1;
}

bool argument_address(const char *text, union address *address)
{
	const char *port = find_port(text);

	memset(address, 0, sizeof(*address));
	return parse_host(text, port ? (size_t)(port - 1 - text) : strlen(text), address) &&
		(!port || parse_port(port, &address->in.sin_port));
}

bool argument_remote(const char *text, uint32_t protocol, union address *address)
{
	if (!argument_address(text, address))
		return false;
	if (!address->in.sin_port)
		address->in.sin_port = htons(protocol);
	return address->in.sin_port;
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
	static char text[INET6_ADDRSTRLEN + sizeof("[]:65535")];
	const union address *a = (const union address *)address;
	char host[INET6_ADDRSTRLEN] = "";

	if (a->sa.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &a->in6.sin6_addr, host, sizeof(host));
	else
		inet_ntop(AF_INET, &a->in.sin_addr, host, sizeof(host));
	snprintf(text, sizeof(text), a->sa.sa_family == AF_INET6 ? "[%s]:%u" : "%s:%u", host,
		 ntohs(a->in.sin_port));
	return text;
}
