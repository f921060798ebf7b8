// SPDX-License-Identifier: GPL-2.0
/* Serves the files of a directory: HTTP/1.1, one request a connection. */
#include "argument.h"
#include "host.h"
#include "netchanctl.h"

#include "../common/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REQUEST_MAX_BYTES	8192
#define BACKLOG			64
#define PATIENCE_S		30	/* with a client that is silent */
#define HTTP_PORT		80

struct request {
	char text[REQUEST_MAX_BYTES + 1];
	bool head;		/* HEAD: no text is wanted */
	const char *path;	/* below the directory */
};

static void answer(int fd, const char *status, long long length)
{
	char header[256];
	int size = snprintf(header, sizeof(header), "HTTP/1.1 %s\r\nConnection: close\r\n"
			    "Content-Length: %lld\r\n\r\n", status, length);

	nc_send(fd, header, size, 0);	/* a client that has gone gets nothing */
}

static int recv_request(int fd, struct request *r)
{
	size_t used = 0;
	ssize_t n;

	do {
		n = nc_recv(fd, r->text + used, REQUEST_MAX_BYTES - used, 0);
		if (n <= 0)
			return -1;
		used += n;
		r->text[used] = 0;
	} while (!strstr(r->text, "\r\n\r\n"));
	return 0;
}

static int hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c | 0x20) : NULL;

	return p ? p - digits : -1;
}

/* %XX, in place. A zero would end the path before its end. */
static bool decode(char *path)
{
	char *to = path;

	for (; *path; path++, to++) {
		*to = *path;
		if (*path != '%')
			continue;
		if (hex(path[1]) < 0 || hex(path[2]) < 0)
			return false;
		*to = hex(path[1]) << 4 | hex(path[2]);
		if (!*to)
			return false;
		path += 2;
	}
	*to = 0;
	return true;
}

/* The request line; NULL, or the status that refuses it. */
static const char *parse_request(struct request *r)
{
	char *rest, *method, *path;

	r->text[strcspn(r->text, "\r\n")] = 0;
	method = strtok_r(r->text, " ", &rest);
	path = strtok_r(NULL, " ", &rest);
	if (!method || !path || strncmp(rest, "HTTP/1.", 7))
		return "400 Bad Request";
	r->head = !strcmp(method, "HEAD");
	if (!r->head && strcmp(method, "GET"))
		return "405 Method Not Allowed";
	path[strcspn(path, "?#")] = 0;
	if (*path != '/' || !decode(path))
		return "400 Bad Request";
	r->path = path + strspn(path, "/");
	return NULL;
}

/* A file below the directory, whatever the path says; a directory's is index.html. */
static int open_file(int directory, const char *path, struct stat *st)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd = syscall(SYS_openat2, directory, *path ? path : ".", &how, sizeof(how)), index;

	if (fd >= 0 && !fstat(fd, st) && S_ISDIR(st->st_mode)) {
		index = syscall(SYS_openat2, fd, "index.html", &how, sizeof(how));
		close(fd);
		fd = index;
	}
	if (fd >= 0 && (fstat(fd, st) || !S_ISREG(st->st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Of a file that has become shorter, the client misses the rest, and sees it. */
static void send_file(int fd, int file, long long left)
{
	char bytes[16384];
	ssize_t n;

	while (left > 0 && (n = read(file, bytes, sizeof(bytes))) > 0) {
		n = n < left ? n : left;
		if (nc_send(fd, bytes, n, 0) != n)
			return;
		left -= n;
	}
}

struct client {
	int fd;
	int directory;
};

static void serve_client(const struct client *c)
{
	struct request r;
	const char *refusal;
	struct stat st;
	int file;

	if (recv_request(c->fd, &r))
		return;
	refusal = parse_request(&r);
	file = refusal ? -1 : open_file(c->directory, r.path, &st);
	if (file < 0) {
		answer(c->fd, refusal ? refusal : "404 Not Found", 0);
		return;
	}
	answer(c->fd, "200 OK", st.st_size);
	if (!r.head)
		send_file(c->fd, file, st.st_size);
	close(file);
}

static void *client_thread(void *argument)
{
	struct client *c = argument;
	struct timeval patience = { .tv_sec = PATIENCE_S };

	nc_setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	nc_setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	serve_client(c);
	nc_close(c->fd);
	free(c);
	return NULL;
}

/* False: it is dropped, for want of memory or threads. */
static bool start_client(int fd, int directory)
{
	struct client *c = malloc(sizeof(*c));
	pthread_t thread;

	if (!c)
		return false;
	*c = (struct client){ fd, directory };
	if (pthread_create(&thread, NULL, client_thread, c)) {
		free(c);
		return false;
	}
	pthread_detach(thread);
	return true;
}

/* Until it is interrupted: the process ends, and the connections with it. */
static int serve(int listener, int directory)
{
	int fd;

	for (;;) {
		fd = nc_accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
			usleep(100000);		/* clients wait in the backlog */
		else if (fd < 0)
			return tool_refused_errno("accept", fd);
		else if (!start_client(fd, directory))
			nc_close(fd);
	}
}

static int listen_and_serve(struct nc_stack *stack, int family, in_port_t port, const char *path)
{
	union address local = { .in6.sin6_family = family };	/* all of it is 0 else */
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd, ret;

	if (directory < 0)
		return tool_refused_errno(path, errno);
	local.in.sin_port = port;
	fd = nc_socket(stack, family, SOCK_STREAM, 0);
	ret = fd < 0 ? fd : nc_bind(fd, &local.sa, sizeof(local));
	if (!ret)
		ret = nc_listen(fd, BACKLOG);
	return ret ? tool_refused_errno("listen", ret) : serve(fd, directory);
}

int netchanctl_serve(int argc, char **argv)
{
	static const struct option options[] = {
		HOST_LONG_OPTIONS, { "port", required_argument, NULL, 'p' }, { }
	};
	struct host_options host = { };
	unsigned long port = HTTP_PORT;
	struct nc_stack *stack;
	int opt, ret = TOOL_DONE;

	while ((opt = getopt_long(argc, argv, "+p:" HOST_OPTIONS, options, NULL)) != -1) {
		if (opt != 'p')
			ret = host_option(&host, opt, optarg);
		else if (!argument_count(optarg, &port) || !port || port > UINT16_MAX)
			ret = tool_usage(optarg, "not a port");
		if (ret != TOOL_DONE)
			return ret;
	}
	if (argc - optind != 1)
		return tool_usage("serve", "one directory is needed");
	ret = host_create(&stack, &host, htons(port));
	if (ret != TOOL_DONE)
		return ret;
	return listen_and_serve(stack, host.address.sa.sa_family, htons(port), argv[optind]);
}
