// SPDX-License-Identifier: GPL-2.0
/* Round trips of datagrams, one at a time. */
#include "flow.h"
#include "netchanctl.h"
#include "packet.h"

#include "../common/output.h"
#include "../common/tool.h"

#include <errno.h>
#include <getopt.h>
#include <netchannel/netchannel.h>
#include <string.h>
#include <time.h>

#define NS_PER_SECOND 1000000000ULL

struct pinging {
	struct nc_channel *channel;
	unsigned long count, bytes;
	uint64_t interval_ns;	/* from one to the next; 0: at once */
	uint64_t timeout_ns;	/* for each */
	enum nc_type type;
	unsigned long sent, lost;
	uint64_t least_ns, most_ns, sum_ns;	/* of those that came back */
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_SECOND + t.tv_nsec;
}

static void count_trip(struct pinging *p, unsigned long number, uint64_t ns)
{
	p->least_ns = p->sent - p->lost == 1 || ns < p->least_ns ? ns : p->least_ns;
	p->most_ns = ns > p->most_ns ? ns : p->most_ns;
	p->sum_ns += ns;
	out_open_object(NULL);
	out_u64("number", "%llu: ", number);
	out_double("us", "%.1f us\n", ns / 1e3);
	out_close_object();
}

/* Answers to earlier ones, which came too late, are passed over. */
static int wait_for_echo(struct pinging *p, unsigned long number, uint64_t sent_ns)
{
	static unsigned char data[PACKET_BYTES_MAX];
	uint64_t passed_ns;
	ssize_t n;

	do {
		passed_ns = now_ns() - sent_ns;
		n = passed_ns < p->timeout_ns ?
			nc_channel_recv(p->channel, data, sizeof(data), 0,
					p->timeout_ns - passed_ns, NULL) : -ETIMEDOUT;
	} while (n >= 0 && (n != (ssize_t)p->bytes || memcmp(data, &number, sizeof(number))));
	if (n == -ETIMEDOUT) {
		p->lost++;
		return TOOL_DONE;
	}
	if (n < 0)
		return tool_refused_errno("recv", n);
	count_trip(p, number, now_ns() - sent_ns);
	return TOOL_DONE;
}

static void sleep_until(uint64_t ns)
{
	struct timespec t = { .tv_sec = ns / NS_PER_SECOND, .tv_nsec = ns % NS_PER_SECOND };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* Each carries its number, by which its echo is known. */
static int ping_all(struct pinging *p)
{
	static unsigned char data[PACKET_BYTES_MAX];
	uint64_t start_ns = now_ns(), sent_ns;
	unsigned long number;
	int ret = TOOL_DONE;
	ssize_t n;

	for (number = 0; ret == TOOL_DONE && number < p->count; number++) {
		sleep_until(start_ns + number * p->interval_ns);
		memcpy(data, &number, sizeof(number));
		sent_ns = now_ns();
		n = nc_channel_send(p->channel, data, p->bytes, 0, p->timeout_ns);
		if (n < 0)
			return tool_refused_errno("send", n);
		p->sent++;
		ret = wait_for_echo(p, number, sent_ns);
	}
	return ret;
}

static void show_sums(const struct pinging *p)
{
	unsigned long came = p->sent - p->lost;

	out_u64("sent", "%llu sent", p->sent);
	out_u64("lost", ", %llu lost", p->lost);
	if (came) {
		out_double("least_us", "; %.1f us", p->least_ns / 1e3);
		out_double("mean_us", ", mean %.1f", p->sum_ns / 1e3 / came);
		out_double("most_us", ", most %.1f", p->most_ns / 1e3);
	}
	out_text("\n");
}

static int ping(struct pinging *p, const union address *local, const union address *remote)
{
	struct nc_channel_config config = NC_CHANNEL_CONFIG_INIT;
	int ret;

	config.local = &local->sa;
	config.remote = &remote->sa;
	config.type = p->type;
	ret = nc_channel_create(&p->channel, &config);
	if (ret)
		return tool_refused_errno("channel", ret);
	out_open();
	out_open_array("trips");
	ret = ping_all(p);
	out_close_array();
	show_sums(p);
	out_close();
	nc_channel_close(p->channel);
	if (ret == TOOL_DONE && p->lost == p->sent)
		ret = tool_refused("ping", "no echo came; does `netchanctl recv -e -n 0` run there?");
	return ret;
}

static int read_options(struct pinging *p, int argc, char **argv)
{
	static const struct option options[] = {
		{ "interval", required_argument, NULL, 'i' },
		{ "count", required_argument, NULL, 'n' },
		{ "size", required_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 't' },
		{ "ring", no_argument, NULL, 'R' },
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "+i:n:s:t:", options, NULL)) != -1) {
		switch (opt) {
		case 'i':
			if (!argument_seconds(optarg, &p->interval_ns))
				return tool_usage(optarg, "not a time in seconds");
			break;
		case 'n':
			if (!argument_count(optarg, &p->count) || !p->count)
				return tool_usage(optarg, "not a number of datagrams");
			break;
		case 's':
			if (!argument_count(optarg, &p->bytes) || p->bytes < sizeof(p->count) ||
			    p->bytes > PACKET_BYTES_MAX)
				return tool_usage(optarg, "not a size, 8 to 65535");
			break;
		case 't':
			if (!argument_seconds(optarg, &p->timeout_ns))
				return tool_usage(optarg, "not a time in seconds");
			break;
		case 'R':
			p->type = NC_TYPE_RING;
			break;
		default:
			return tool_usage("ping", "no such option");
		}
	}
	return TOOL_DONE;
}

int netchanctl_ping(int argc, char **argv)
{
	struct pinging p = {
		.count = 10, .bytes = 64, .type = NC_TYPE_COPY, .timeout_ns = NS_PER_SECOND,
	};
	union address local, remote;
	int ret = read_options(&p, argc, argv);

	if (ret == TOOL_DONE)
		ret = flow_read("ping", argv + optind, argc - optind, true, &local, &remote);
	return ret == TOOL_DONE ? ping(&p, &local, &remote) : ret;
}
