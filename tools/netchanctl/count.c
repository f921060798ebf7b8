// SPDX-License-Identifier: GPL-2.0
/* Claims a flow and counts it: nobody answers its packets meanwhile. */
#include "flow.h"
#include "netchanctl.h"

#include "../common/output.h"
#include "../common/tool.h"

#include <getopt.h>
#include <netchannel/netchannel.h>
#include <signal.h>
#include <time.h>

#define NS_PER_SECOND 1000000000ULL

/* From here on, an interrupt ends the counting, not the program. */
static sigset_t hold_interrupts(void)
{
	sigset_t interrupts;

	sigemptyset(&interrupts);
	sigaddset(&interrupts, SIGINT);
	sigaddset(&interrupts, SIGTERM);
	sigprocmask(SIG_BLOCK, &interrupts, NULL);
	return interrupts;
}

/* For so long, or until interrupted. */
static void wait_for_end(const sigset_t *interrupts, uint64_t limit_ns)
{
	struct timespec limit = {
		.tv_sec = limit_ns / NS_PER_SECOND, .tv_nsec = limit_ns % NS_PER_SECOND,
	};

	sigtimedwait(interrupts, NULL, limit_ns ? &limit : NULL);
}

static void show(const struct nc_channel_stats *s)
{
	out_open();
	out_u64("packets", "%llu packets", s->rx_packets);
	out_u64("bytes", ", %llu bytes", s->rx_bytes);
	out_u64("dropped", ", %llu dropped\n", s->rx_dropped_malformed +
		s->rx_dropped_checksum + s->rx_dropped_policy);
	out_close();
}

static int count(const union address *local, const union address *remote,
		 uint64_t limit_ns)
{
	struct nc_channel_config config = NC_CHANNEL_CONFIG_INIT;
	struct nc_channel_stats stats;
	sigset_t interrupts = hold_interrupts();
	struct nc_channel *channel;
	int ret;

	config.local = (const struct sockaddr *)local;
	config.remote = (const struct sockaddr *)remote;
	config.type = NC_TYPE_DISCARD;
	ret = nc_channel_create(&channel, &config);
	if (ret)
		return tool_refused_errno("channel", ret);
	wait_for_end(&interrupts, limit_ns);
	ret = nc_channel_stats(channel, &stats);
	nc_channel_close(channel);
	if (ret)
		return tool_refused_errno("stats", ret);
	show(&stats);
	return TOOL_DONE;
}

int netchanctl_count(int argc, char **argv)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ }
	};
	union address local, remote;
	uint64_t limit_ns = 0;
	int opt, ret;

	while ((opt = getopt_long(argc, argv, "+t:", options, NULL)) != -1) {
		if (opt != 't')
			return tool_usage("count", "no such option");
		if (!argument_seconds(optarg, &limit_ns))
			return tool_usage(optarg, "not a time in seconds");
	}
	argv += optind;
	argc -= optind;
	ret = flow_read("count", argv, argc, false, &local, &remote);
	if (ret != TOOL_DONE)
		return ret;
	return count(&local, remote.sa.sa_family ? &remote : NULL, limit_ns);
}
