// SPDX-License-Identifier: GPL-2.0
/* What a channel is, and what has happened to it, for who has its descriptor. */
#include "device.h"
#include "netchanctl.h"

#include "../common/output.h"
#include "../common/tool.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <sys/ioctl.h>

static void show_info(const struct netchannel_info *info)
{
	out_u64("id", "channel %llu", info->id);
	out_u32("protocol", " of protocol %u", info->protocol);
	out_u32("type", ", type %u", info->type);
	out_u32("format", ", format %u\n", info->format);
	out_u32("flags", NULL, info->flags);
	out_string("local", "local    %s\n", device_address_text(&info->local));
	out_string("remote", "remote   %s\n", device_address_text(&info->remote));
	out_u32("mtu", "mtu      %u\n", info->mtu);
	out_u32("rx_limit_bytes", NULL, info->rx_bytes);
}

static void show_stats(const struct netchannel_stats *s)
{
	out_u64("rx_packets", "received %llu packets", s->rx_packets);
	out_u64("rx_bytes", ", %llu bytes", s->rx_bytes);
	out_u64("rx_read", ", %llu read", s->rx_read);
	out_u64("rx_truncated", ", %llu of these truncated\n", s->rx_truncated);
	out_u32("rx_queued_bytes", NULL, s->rx_queued_bytes);
	out_u64("rx_dropped_full", "dropped  %llu for want of room", s->rx_dropped_full);
	out_u64("rx_dropped_malformed", ", %llu malformed", s->rx_dropped_malformed);
	out_u64("rx_dropped_checksum", ", %llu damaged", s->rx_dropped_checksum);
	out_u64("rx_dropped_policy", ", %llu by policy\n", s->rx_dropped_policy);
	out_u64("tx_packets", "sent     %llu packets", s->tx_packets);
	out_u64("tx_bytes", ", %llu bytes", s->tx_bytes);
	out_u64("tx_errors", ", %llu errors", s->tx_errors);
	out_u64("icmp_errors", ", %llu told by ICMP\n", s->icmp_errors);
	out_u64("rx_bad_positions", NULL, s->rx_bad_positions);
	out_u64("tx_bad_positions", NULL, s->tx_bad_positions);
	out_u64("tx_bad_descriptors", NULL, s->tx_bad_descriptors);
}

int netchanctl_stats(int argc, char **argv)
{
	static const struct option options[] = {
		{ "fd", required_argument, NULL, 'f' },
		{ }
	};
	struct netchannel_stats stats = { .size = sizeof(stats) };
	struct netchannel_info info = { .size = sizeof(info) };
	unsigned long fd = 3;
	int opt;

	while ((opt = getopt_long(argc, argv, "+f:", options, NULL)) != -1) {
		if (opt != 'f')
			return tool_usage("stats", "no such option");
		if (!argument_count(optarg, &fd) || fd > INT_MAX)
			return tool_usage(optarg, "not a descriptor's number");
	}
	if (optind != argc)
		return tool_usage(argv[optind], "stats takes no arguments");
	if (ioctl(fd, NETCHANNEL_INFO, &info) || ioctl(fd, NETCHANNEL_STATS, &stats))
		return errno == ENOTTY || errno == EBADF ?
			tool_refused("stats", "the descriptor is no channel; see netchanctl create") :
			tool_refused_errno("stats", errno);
	out_open();
	show_info(&info);
	show_stats(&stats);
	out_close();
	return TOOL_DONE;
}
