// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sockaddr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define IN6_LEAST_BYTES	24	/* RFC 2133's had no scope yet; as Linux */

int sockaddr_parse(struct tcp_endpoint *to, u8 ip_version, const struct sockaddr *from,
		   socklen_t size)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (!from)
		return -EFAULT;
	memset(to, 0, sizeof(*to));
	if (size < (ip_version == 4 ? sizeof(in) : IN6_LEAST_BYTES))
		return -EINVAL;
	if (from->sa_family != (ip_version == 4 ? AF_INET : AF_INET6))
		return -EAFNOSUPPORT;
	/* copied, since the caller's may stand at any address */
	if (ip_version == 4) {
		memcpy(&in, from, sizeof(in));
		memcpy(to->address, &in.sin_addr, 4);
		to->port = ntohs(in.sin_port);
	} else {
		memcpy(&in6, from, IN6_LEAST_BYTES);
		memcpy(to->address, &in6.sin6_addr, 16);
		to->port = ntohs(in6.sin6_port);
	}
	return 0;
}

int sockaddr_parse_own(struct tcp_endpoint *to, u8 ip_version, const struct sockaddr *from,
		       socklen_t size)
{
	static const u8 any[4];
	struct sockaddr_in in;

	if (ip_version != 4 || !from || size < sizeof(in) || from->sa_family != AF_UNSPEC)
		return sockaddr_parse(to, ip_version, from, size);
	memcpy(&in, from, sizeof(in));
	in.sin_family = AF_INET;
	sockaddr_parse(to, 4, (struct sockaddr *)&in, sizeof(in));
	return memcmp(to->address, any, 4) ? -EAFNOSUPPORT : 0;
}

void sockaddr_emit(struct sockaddr *to, socklen_t *size, u8 ip_version,
		   const struct tcp_endpoint *from)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(from->port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(from->port) };
	const void *bytes = ip_version == 4 ? (void *)&in : (void *)&in6;
	socklen_t needed = ip_version == 4 ? sizeof(in) : sizeof(in6);

	if (!to || !size)
		return;
	memcpy(&in.sin_addr, from->address, 4);
	memcpy(&in6.sin6_addr, from->address, 16);
	memcpy(to, bytes, *size < needed ? *size : needed);
	*size = needed;
}
