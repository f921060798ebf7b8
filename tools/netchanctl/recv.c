// SPDX-License-Identifier: GPL-2.0
#include "argument.h"
#include "netchanctl.h"
#include "packet.h"

#include "../common/output.h"
#include "../common/tool.h"

#include <errno.h>
#include <getopt.h>
#include <netchannel/netchannel.h>
#include <signal.h>
#include <stdio.h>

struct receiving {
	struct nc_channel *channel;
	unsigned long count;		/* how many packets; 0: no limit */
	uint64_t timeout_ns;		/* for each; 0: no limit */
	bool echo;
	bool has_remote;
	enum nc_type type;
	uint32_t protocol;	/* 0: UDP */
	uint32_t flags;		/* NC_BROADCAST */
	union address group;	/* to join; all zero: none */
	uint32_t ifindex;	/* by which device; 0: the route's */
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = 1;
}

/* An interrupt ends the receiving, not the program: JSON is to be complete. */
static void catch_interrupts(void)
{
	struct sigaction action = { .sa_handler = stop };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int echo(struct receiving *r, const unsigned char *data, size_t len,
		const struct nc_packet_info *info)
{
	const struct sockaddr *to = (const struct sockaddr *)&info->remote;
	ssize_t n = nc_channel_sendto(r->channel, data, len, 0, 0,
				      r->has_remote ? NULL : to);

	return n < 0 ? tool_refused_errno("echo", n) : TOOL_DONE;
}

static int receive_one(struct receiving *r)
{
	static unsigned char data[PACKET_BYTES_MAX];
	struct nc_packet_info info;
	ssize_t n;

	n = nc_channel_recv(r->channel, data, sizeof(data), 0, r->timeout_ns, &info);
	if (n == -EINTR && stopped)
		return TOOL_DONE;
	if (n < 0)
		return tool_refused_errno("recv", n);
	packet_show(data, n, &info);
	fflush(stdout);
	return r->echo ? echo(r, data, n, &info) : TOOL_DONE;
}

static int receive_all(struct receiving *r)
{
	unsigned long done;
	int ret = TOOL_DONE;

	catch_interrupts();
	out_open();
	out_open_array("packets");
	for (done = 0; ret == TOOL_DONE && !stopped && (!r->count || done < r->count); done++)
		ret = receive_one(r);
	out_close_array();
	out_close();
	return ret;
}

static int join(struct receiving *r)
{
	const struct sockaddr *group = (const struct sockaddr *)&r->group;
	int ret = r->group.sa.sa_family ? nc_channel_join(r->channel, group, NULL, r->ifindex) : 0;

	return ret ? tool_refused_errno("join", ret) : TOOL_DONE;
}

static int receive_between(struct receiving *r, const union address *local,
			   const union address *remote)
{
	struct nc_channel_config config = NC_CHANNEL_CONFIG_INIT;
	int ret;

	config.local = (const struct sockaddr *)local;
	config.remote = (const struct sockaddr *)remote;
	config.type = r->protocol ? NC_TYPE_RAW : r->type;
	config.protocol = r->protocol;
	config.flags = r->flags;
	ret = nc_channel_create(&r->channel, &config);
	if (ret)
		return tool_refused_errno("channel", ret);
	ret = join(r);
	if (ret == TOOL_DONE)
		ret = receive_all(r);
	nc_channel_close(r->channel);
	return ret;
}

/* Returns an exit code; TOOL_DONE: all options are read. */
static int read_options(struct receiving *r, int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "timeout", required_argument, NULL, 't' },
		{ "echo", no_argument, NULL, 'e' },
		{ "ring", no_argument, NULL, 'R' },
		{ "protocol", required_argument, NULL, 'p' },
		{ "group", required_argument, NULL, 'g' },
		{ "device", required_argument, NULL, 'd' },
		{ "broadcast", no_argument, NULL, 'b' },
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "+n:t:ep:g:d:b", options, NULL)) != -1) {
		switch (opt) {
		case 'n':
			if (!argument_count(optarg, &r->count))
				return tool_usage(optarg, "not a number");
			break;
		case 't':
			if (!argument_seconds(optarg, &r->timeout_ns))
				return tool_usage(optarg, "not a time in seconds");
			break;
		case 'e':
			r->echo = true;
			break;
		case 'R':
			r->type = NC_TYPE_RING;
			break;
		case 'p':
			if (!argument_protocol(optarg, &r->protocol))
				return tool_usage(optarg, "not the number of a protocol");
			break;
		case 'g':
			if (!argument_address(optarg, &r->group) || r->group.in.sin_port)
				return tool_usage(optarg, "not an ADDRESS");
			break;
		case 'd':
			if (!argument_device(optarg, &r->ifindex))
				return tool_usage(optarg, "no such device");
			break;
		case 'b':
			r->flags = NC_BROADCAST;
			break;
		default:
			return tool_usage("recv", "no such option");
		}
	}
	return TOOL_DONE;
}

int netchanctl_recv(int argc, char **argv)
{
	struct receiving r = { .count = 1, .type = NC_TYPE_COPY };
	union address local, remote;
	int ret = read_options(&r, argc, argv);

	if (ret != TOOL_DONE)
		return ret;
	argv += optind;
	argc -= optind;
	if (argc != 1 && argc != 2)
		return tool_usage("recv", "LOCAL is needed, and at most REMOTE besides");
	if (!argument_address(argv[0], &local))
		return tool_usage(argv[0], "not an ADDRESS[:PORT]; of IPv6, [ADDRESS]:PORT");
	r.has_remote = argc == 2;
	if (r.has_remote && !argument_remote(argv[1], r.protocol, &remote))
		return tool_usage(argv[1], "not an ADDRESS:PORT; of IPv6, [ADDRESS]:PORT");
	if (r.protocol && r.type == NC_TYPE_RING)
		return tool_usage("--ring", "is for UDP only");
	return receive_between(&r, &local, r.has_remote ? &remote : NULL);
}
