// SPDX-License-Identifier: GPL-2.0
/* Fetches a page: HTTP/1.0, whose answers end with the connection. */
#define _GNU_SOURCE
#include "argument.h"
#include "host.h"
#include "netchanctl.h"

#include "../common/tool.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX_BYTES	16384
#define HTTP_PORT		80

struct url {
	union address server;
	char host[64];		/* as the URL has it, port included */
	const char *path;
};

/* http://ADDRESS[:PORT][/PATH]; no control character, no blank. */
static bool parse_url(struct url *u, const char *text)
{
	static const char scheme[] = "http://";
	size_t len;

	if (strncmp(text, scheme, strlen(scheme)))
		return false;
	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	}
	text += strlen(scheme);
	len = strcspn(text, "/");
	if (len >= sizeof(u->host))
		return false;
	memcpy(u->host, text, len);
	u->host[len] = 0;
	u->path = text[len] ? text + len : "/";
	if (!argument_address(u->host, &u->server))
		return false;
	if (!u->server.in.sin_port)
		u->server.in.sin_port = htons(HTTP_PORT);
	return true;
}

static int send_request(int fd, const struct url *u)
{
	char *request;
	ssize_t n;
	int len = asprintf(&request, "GET %s HTTP/1.0\r\nHost: %s\r\nUser-Agent: netchanctl\r\n\r\n",
			   u->path, u->host);

	if (len < 0)
		return tool_refused("request", "no memory");
	n = nc_send(fd, request, len, 0);
	free(request);
	return n == len ? TOOL_DONE : tool_refused_errno("send", n);
}

/* Receives up to the blank line; what came behind it begins at *body. */
static int recv_header(int fd, char *header, size_t *used, size_t *body)
{
	char *end = NULL;
	ssize_t n;

	*used = 0;
	while (!end) {
		n = nc_recv(fd, header + *used, HEADER_MAX_BYTES - *used, 0);
		if (n < 0)
			return tool_refused_errno("receive", n);
		if (!n)
			return tool_refused("answer", "it ends, or is too long, before its text");
		*used += n;
		header[*used] = 0;
		end = strstr(header, "\r\n\r\n");
	}
	end[2] = 0;
	*body = end + 4 - header;
	return TOOL_DONE;
}

/* The text's length as the answer says; -1: it does not. */
static long long content_length(const char *header)
{
	const char *line = strcasestr(header, "\r\nContent-Length:");

	return line ? atoll(line + strlen("\r\nContent-Length:")) : -1;
}

static int recv_body(int fd, const char *first, size_t first_bytes, long long length)
{
	static char bytes[65536];
	long long received = first_bytes;
	ssize_t n;

	fwrite(first, 1, first_bytes, stdout);
	while ((n = nc_recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		fwrite(bytes, 1, n, stdout);
		received += n;
	}
	if (n < 0)
		return tool_refused_errno("receive", n);
	if (fflush(stdout) || ferror(stdout))
		return tool_refused("stdout", "cannot be written");
	return length >= 0 && received != length ?
		tool_refused("answer", "its text is not as long as it says") : TOOL_DONE;
}

static int recv_answer(int fd)
{
	static char header[HEADER_MAX_BYTES + 1];
	size_t used, body = 0;
	int ret = recv_header(fd, header, &used, &body), status = 0;

	if (ret != TOOL_DONE)
		return ret;
	if (sscanf(header, "HTTP/1.%*d %d", &status) != 1)
		return tool_refused("answer", "not one of HTTP");
	if (status != 200) {
		header[strcspn(header, "\r")] = 0;
		return tool_refused("server", header);
	}
	return recv_body(fd, header + body, used - body, content_length(header));
}

static int get(struct nc_stack *stack, const struct url *u)
{
	int fd = nc_socket(stack, u->server.sa.sa_family, SOCK_STREAM, 0), ret;

	if (fd < 0)
		return tool_refused_errno("socket", fd);
	ret = nc_connect(fd, &u->server.sa, sizeof(u->server));
	ret = ret ? tool_refused_errno("connect", ret) : send_request(fd, u);
	if (ret == TOOL_DONE)
		ret = recv_answer(fd);
	nc_close(fd);
	return ret;
}

int netchanctl_get(int argc, char **argv)
{
	static const struct option options[] = { HOST_LONG_OPTIONS, { } };
	struct host_options host = { };
	struct nc_stack *stack;
	struct url url;
	int opt, ret;

	while ((opt = getopt_long(argc, argv, "+" HOST_OPTIONS, options, NULL)) != -1) {
		ret = host_option(&host, opt, optarg);
		if (ret != TOOL_DONE)
			return ret;
	}
	if (argc - optind != 1)
		return tool_usage("get", "one URL is needed");
	if (!parse_url(&url, argv[optind]))
		return tool_usage(argv[optind], "not http://ADDRESS[:PORT]/PATH");
	ret = host_create(&stack, &host, 0);
	if (ret != TOOL_DONE)
		return ret;
	return host_destroy(stack, get(stack, &url));
}
