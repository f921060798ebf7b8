// SPDX-License-Identifier: GPL-2.0
/* The packets of a flow, as pcap(3PCAP) has them, from the IP header on. */
#include "flow.h"
#include "netchanctl.h"
#include "packet.h"

#include "../common/output.h"
#include "../common/tool.h"

#include <errno.h>
#include <getopt.h>
#include <netchannel/netchannel.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <sys/time.h>

struct dumping {
	struct nc_channel *channel;
	pcap_t *pcap;
	pcap_dumper_t *file;
	unsigned long count;	/* 0: no limit */
	uint64_t timeout_ns;	/* for each; 0: no limit */
	uint64_t written;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = 1;
}

/* Who reads along, by a pipe, has each packet at once. */
static int dump_one(struct dumping *d)
{
	static unsigned char data[PACKET_BYTES_MAX + 1];
	struct pcap_pkthdr header;
	struct nc_packet_info info;
	ssize_t n = nc_channel_recv(d->channel, data, sizeof(data), 0, d->timeout_ns, &info);

	if (n == -EINTR && stopped)
		return TOOL_DONE;
	if (n < 0)
		return tool_refused_errno("recv", n);
	header.caplen = n;
	header.len = info.len;
	gettimeofday(&header.ts, NULL);
	pcap_dump((u_char *)d->file, &header, data);
	if (pcap_dump_flush(d->file))
		return tool_refused("dump", "the file cannot be written");
	d->written++;
	return TOOL_DONE;
}

static int dump_all(struct dumping *d, bool to_pipe)
{
	struct sigaction action = { .sa_handler = stop };
	int ret = TOOL_DONE;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	while (ret == TOOL_DONE && !stopped && (!d->count || d->written < d->count))
		ret = dump_one(d);
	if (to_pipe)
		return ret;
	out_open();
	out_u64("packets", "%llu packets\n", d->written);
	out_close();
	return ret;
}

static int dump_to(struct dumping *d, const char *path)
{
	int ret;

	d->pcap = pcap_open_dead(DLT_RAW, PACKET_BYTES_MAX + 1);
	if (!d->pcap)
		return tool_refused_errno("dump", ENOMEM);
	d->file = pcap_dump_open(d->pcap, path);
	if (!d->file) {
		ret = tool_refused(path, pcap_geterr(d->pcap));
	} else {
		ret = dump_all(d, path[0] == '-' && !path[1]);
		pcap_dump_close(d->file);
	}
	pcap_close(d->pcap);
	return ret;
}

static int dump(struct dumping *d, const char *path, const union address *local,
		const union address *remote)
{
	struct nc_channel_config config = NC_CHANNEL_CONFIG_INIT;
	int ret;

	config.format = NC_FORMAT_PACKET;
	config.local = &local->sa;
	config.remote = remote->sa.sa_family ? &remote->sa : NULL;
	ret = nc_channel_create(&d->channel, &config);
	if (ret)
		return tool_refused_errno("channel", ret);
	ret = dump_to(d, path);
	nc_channel_close(d->channel);
	return ret;
}

int netchanctl_dump(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "timeout", required_argument, NULL, 't' },
		{ "write", required_argument, NULL, 'w' },
		{ }
	};
	const char *path = "-";
	struct dumping d = { };
	union address local, remote;
	int opt, ret;

	while ((opt = getopt_long(argc, argv, "+n:t:w:", options, NULL)) != -1) {
		if (opt == 'n' && !argument_count(optarg, &d.count))
			return tool_usage(optarg, "not a number");
		if (opt == 't' && !argument_seconds(optarg, &d.timeout_ns))
			return tool_usage(optarg, "not a time in seconds");
		if (opt == 'w')
			path = optarg;
		if (opt == '?')
			return tool_usage("dump", "no such option");
	}
	ret = flow_read("dump", argv + optind, argc - optind, false, &local, &remote);
	return ret == TOOL_DONE ? dump(&d, path, &local, &remote) : ret;
}
