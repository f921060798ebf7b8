// SPDX-License-Identifier: GPL-2.0
/* Each sender gets a channel of its own (NETCHANNEL_ACCEPT). */
#include "device.h"
#include "netchanctl.h"
#include "packet.h"

#include "../common/output.h"
#include "../common/tool.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SENDERS_MAX	1024
#define NS_PER_MS	1000000

struct listening {
	struct pollfd fds[1 + SENDERS_MAX];	/* the listener, and the channels of senders */
	char remote[1 + SENDERS_MAX][64];
	unsigned int nr;
	unsigned long count;	/* datagrams to receive; 0: no limit */
	uint64_t timeout_ns;	/* until one comes; 0: no limit */
	unsigned long seen;
	bool echo;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = 1;
}

static int accept_one(struct listening *l)
{
	struct netchannel_accept a = {
		.size = sizeof(a), .flags = NETCHANNEL_DONTWAIT, .type = NETCHANNEL_TYPE_COPY,
		.listener = l->fds[0].fd,
	};
	int fd = device_open();

	if (fd < 0)
		return tool_refused_errno("accept", fd);
	if (ioctl(fd, NETCHANNEL_ACCEPT, &a)) {
		close(fd);
		return errno == EAGAIN ? TOOL_DONE : tool_refused_errno("accept", errno);
	}
	snprintf(l->remote[l->nr], sizeof(l->remote[0]), "%s", device_address_text(&a.remote));
	l->fds[l->nr++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	/* no more than this: the others wait, or are dropped when there is no room */
	l->fds[0].events = l->nr == 1 + SENDERS_MAX ? 0 : POLLIN;
	return TOOL_DONE;
}

static void show(const char *remote, const unsigned char *data, ssize_t len)
{
	out_open_object(NULL);
	out_string("remote", "%s", remote);
	out_u64("len", "  %llu bytes", len);
	if (!out_is_json())
		out_string("data", "  %s\n", packet_printable(data, len));
	else
		out_string("hex", NULL, packet_hex(data, len));
	out_close_object();
	fflush(stdout);
}

/* What the network reports of one sender does not concern the others. */
static int receive_from(struct listening *l, unsigned int i)
{
	static unsigned char data[PACKET_BYTES_MAX];
	ssize_t n = read(l->fds[i].fd, data, sizeof(data));

	if (n < 0)
		return TOOL_DONE;
	show(l->remote[i], data, n);
	l->seen++;
	if (l->echo && write(l->fds[i].fd, data, n) < 0)
		return tool_refused_errno("echo", errno);
	return TOOL_DONE;
}

static int look_at_all(struct listening *l)
{
	int timeout_ms = l->timeout_ns ? (int)((l->timeout_ns + NS_PER_MS - 1) / NS_PER_MS) : -1;
	int ready = poll(l->fds, l->nr, timeout_ms), ret = TOOL_DONE;
	unsigned int i, nr = l->nr;

	if (ready < 0)
		return errno == EINTR ? TOOL_DONE : tool_refused_errno("poll", errno);
	if (!ready)
		return tool_refused_errno("listen", ETIMEDOUT);
	for (i = 1; i < nr && ret == TOOL_DONE && (!l->count || l->seen < l->count); i++)
		if (l->fds[i].revents)
			ret = receive_from(l, i);
	if (ret == TOOL_DONE && l->fds[0].revents)
		ret = accept_one(l);
	return ret;
}

static int listen_at(struct listening *l, const union address *local)
{
	struct sigaction action = { .sa_handler = stop };
	const union address nobody = { };
	int fd = device_channel(NETCHANNEL_TYPE_LISTEN, local, &nobody), ret = TOOL_DONE;
	unsigned int i;

	if (fd < 0)
		return tool_refused_errno("channel", fd);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	l->fds[l->nr++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	out_open();
	out_open_array("packets");
	while (ret == TOOL_DONE && !stopped && (!l->count || l->seen < l->count))
		ret = look_at_all(l);
	out_close_array();
	out_u32("senders", NULL, l->nr - 1);
	out_close();
	for (i = 0; i < l->nr; i++)
		close(l->fds[i].fd);
	return ret;
}

int netchanctl_listen(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "timeout", required_argument, NULL, 't' },
		{ "echo", no_argument, NULL, 'e' },
		{ }
	};
	static struct listening l;
	union address local;
	int opt;

	while ((opt = getopt_long(argc, argv, "+n:t:e", options, NULL)) != -1) {
		if (opt == 'n' && !argument_count(optarg, &l.count))
			return tool_usage(optarg, "not a number");
		if (opt == 't' && (!argument_seconds(optarg, &l.timeout_ns) ||
				   l.timeout_ns / NS_PER_MS > INT32_MAX))
			return tool_usage(optarg, "not a time in seconds");
		if (opt == 'e')
			l.echo = true;
		if (opt == '?')
			return tool_usage("listen", "no such option");
	}
	if (argc - optind != 1)
		return tool_usage("listen", "LOCAL is needed, and nothing else");
	if (!argument_address(argv[optind], &local))
		return tool_usage(argv[optind], "not an ADDRESS[:PORT]; of IPv6, [ADDRESS]:PORT");
	return listen_at(&l, &local);
}
