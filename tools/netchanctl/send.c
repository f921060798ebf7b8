// SPDX-License-Identifier: GPL-2.0
#include "argument.h"
#include "netchanctl.h"
#include "packet.h"

#include "../common/output.h"
#include "../common/tool.h"

#include <errno.h>
#include <getopt.h>
#include <netchannel/netchannel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sending {
	struct nc_channel *channel;
	uint64_t reply_ns;	/* how long to wait for each; 0: not at all */
	unsigned long sent, replies;
	enum nc_type type;
	uint32_t protocol;	/* 0: UDP */
	uint32_t flags;		/* NC_BROADCAST */
	unsigned long ttl;	/* to groups; 0: 1 */
	uint32_t ifindex;	/* by which device, to groups; 0: the route's */
};

static int wait_for_reply(struct sending *s)
{
	static unsigned char data[PACKET_BYTES_MAX];
	struct nc_packet_info info;
	ssize_t n;

	n = nc_channel_recv(s->channel, data, sizeof(data), 0, s->reply_ns, &info);
	if (n == -ETIMEDOUT)
		return TOOL_DONE;
	if (n < 0)
		return tool_refused_errno("reply", n);
	s->replies++;
	packet_show(data, n, &info);
	return TOOL_DONE;
}

static int send_one(struct sending *s, const char *data, size_t len)
{
	ssize_t n = nc_channel_send(s->channel, data, len, 0, 0);

	if (n < 0)
		return tool_refused_errno("send", n);
	s->sent++;
	return s->reply_ns ? wait_for_reply(s) : TOOL_DONE;
}

static int send_lines(struct sending *s)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int ret = TOOL_DONE;

	while (ret == TOOL_DONE && (len = getline(&line, &room, stdin)) >= 0) {
		if (len && line[len - 1] == '\n')
			len--;
		ret = send_one(s, line, len);
	}
	if (ret == TOOL_DONE && ferror(stdin))
		ret = tool_refused("stdin", "cannot be read");
	free(line);
	return ret;
}

static int send_all(struct sending *s, char **texts)
{
	int ret = TOOL_DONE;

	out_open();
	out_open_array("replies");
	if (!*texts)
		ret = send_lines(s);
	for (; ret == TOOL_DONE && *texts; texts++)
		ret = send_one(s, *texts, strlen(*texts));
	out_close_array();
	out_u64("sent", NULL, s->sent);
	out_u64("replied", NULL, s->replies);
	out_close();
	if (ret == TOOL_DONE && s->reply_ns && s->replies < s->sent)
		ret = tool_refused("reply", "none came in time");
	return ret;
}

/* How it goes to groups, if there is something to say. */
static int set_multicast(struct sending *s)
{
	int ret = s->ttl || s->ifindex ?
		nc_channel_multicast(s->channel, 0, s->ttl, s->ifindex) : 0;

	return ret ? tool_refused_errno("multicast", ret) : TOOL_DONE;
}

static int send_between(struct sending *s, const union address *local,
			const union address *remote, char **texts)
{
	struct nc_channel_config config = NC_CHANNEL_CONFIG_INIT;
	int ret;

	config.local = (const struct sockaddr *)local;
	config.remote = (const struct sockaddr *)remote;
	config.type = s->protocol ? NC_TYPE_RAW : s->type;
	config.protocol = s->protocol;
	config.flags = s->flags;
	ret = nc_channel_create(&s->channel, &config);
	if (ret)
		return tool_refused_errno("channel", ret);
	ret = set_multicast(s);
	if (ret == TOOL_DONE)
		ret = send_all(s, texts);
	nc_channel_close(s->channel);
	return ret;
}

/* Returns an exit code; TOOL_DONE: all options are read. */
static int read_options(struct sending *s, int argc, char **argv)
{
	static const struct option options[] = {
		{ "reply", required_argument, NULL, 'r' },
		{ "ring", no_argument, NULL, 'R' },
		{ "protocol", required_argument, NULL, 'p' },
		{ "ttl", required_argument, NULL, 'T' },
		{ "device", required_argument, NULL, 'd' },
		{ "broadcast", no_argument, NULL, 'b' },
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "+r:p:T:d:b", options, NULL)) != -1) {
		switch (opt) {
		case 'r':
			if (!argument_seconds(optarg, &s->reply_ns))
				return tool_usage(optarg, "not a time in seconds");
			break;
		case 'R':
			s->type = NC_TYPE_RING;
			break;
		case 'p':
			if (!argument_protocol(optarg, &s->protocol))
				return tool_usage(optarg, "not the number of a protocol");
			break;
		case 'T':
			if (!argument_count(optarg, &s->ttl) || !s->ttl || s->ttl > UINT8_MAX)
				return tool_usage(optarg, "not a time to live");
			break;
		case 'd':
			if (!argument_device(optarg, &s->ifindex))
				return tool_usage(optarg, "no such device");
			break;
		case 'b':
			s->flags = NC_BROADCAST;
			break;
		default:
			return tool_usage("send", "no such option");
		}
	}
	return TOOL_DONE;
}

int netchanctl_send(int argc, char **argv)
{
	struct sending s = { .type = NC_TYPE_COPY };
	union address local, remote;
	int ret = read_options(&s, argc, argv);

	if (ret != TOOL_DONE)
		return ret;
	if (argc - optind < 2)
		return tool_usage("send", "LOCAL and REMOTE are needed");
	if (!argument_address(argv[optind], &local))
		return tool_usage(argv[optind], "not an ADDRESS[:PORT]; of IPv6, [ADDRESS]:PORT");
	if (!argument_remote(argv[optind + 1], s.protocol, &remote))
		return tool_usage(argv[optind + 1], "not an ADDRESS:PORT; of IPv6, [ADDRESS]:PORT");
	if (s.protocol && s.type == NC_TYPE_RING)
		return tool_usage("--ring", "is for UDP only");
	return send_between(&s, &local, &remote, argv + optind + 2);
}
