// SPDX-License-Identifier: GPL-2.0
/* As many datagrams as will go. */
#include "flow.h"
#include "netchanctl.h"
#include "packet.h"

#include "../common/output.h"
#include "../common/tool.h"

#include <errno.h>
#include <getopt.h>
#include <netchannel/netchannel.h>
#include <time.h>

#define NS_PER_SECOND 1000000000ULL

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* What the network says of those sent before is no reason to stop: it says it once. */
static int send_for(struct nc_channel *channel, unsigned long bytes, double seconds)
{
	static const unsigned char data[PACKET_BYTES_MAX];
	double start = seconds_now(), passed;
	uint64_t sent = 0, errors = 0;
	ssize_t n;

	do {
		n = nc_channel_send(channel, data, bytes, 0, 0);
		if (n == -EMSGSIZE || n == -EINVAL)
			return tool_refused_errno("send", n);
		sent += n >= 0;
		errors += n < 0;
		passed = seconds_now() - start;
	} while (passed < seconds);
	out_open();
	out_u64("packets", "%llu packets", sent);
	out_u64("bytes", NULL, sent * bytes);
	out_double("seconds", " in %.2f s", passed);
	out_double("packets_per_second", ": %.0f packets", sent / passed);
	out_double("bits_per_second", " and %.0f bits a second", sent * bytes * 8 / passed);
	out_u64("errors", ", %llu errors\n", errors);
	out_close();
	return TOOL_DONE;
}

int netchanctl_bench(int argc, char **argv)
{
	static const struct option options[] = {
		{ "size", required_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 't' },
		{ "ring", no_argument, NULL, 'R' },
		{ }
	};
	struct nc_channel_config config = NC_CHANNEL_CONFIG_INIT;
	uint64_t limit_ns = NS_PER_SECOND;
	unsigned long bytes = 22;
	union address local, remote;
	struct nc_channel *channel;
	int opt, ret;

	while ((opt = getopt_long(argc, argv, "+s:t:", options, NULL)) != -1) {
		if (opt == 's' && (!argument_count(optarg, &bytes) || bytes > PACKET_BYTES_MAX))
			return tool_usage(optarg, "not a size, 0 to 65535");
		if (opt == 't' && !argument_seconds(optarg, &limit_ns))
			return tool_usage(optarg, "not a time in seconds");
		if (opt == 'R')
			config.type = NC_TYPE_RING;
		if (opt == '?')
			return tool_usage("bench", "no such option");
	}
	ret = flow_read("bench", argv + optind, argc - optind, true, &local, &remote);
	if (ret != TOOL_DONE)
		return ret;
	config.local = &local.sa;
	config.remote = &remote.sa;
	ret = nc_channel_create(&channel, &config);
	if (ret)
		return tool_refused_errno("channel", ret);
	ret = send_for(channel, bytes, limit_ns / 1e9);
	nc_channel_close(channel);
	return ret;
}
