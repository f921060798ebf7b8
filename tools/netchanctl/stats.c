// SPDX-License-Identifier: GPL-2.0
/* The counters of another process's channels, by its descriptors. */
#define _GNU_SOURCE
#include "argument.h"
#include "device.h"
#include "netchanctl.h"

#include "../common/output.h"
#include "../common/tool.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct channel {
	unsigned int fd;	/* its number in that process */
	struct netchannel_info info;
	struct netchannel_stats stats;
};

static const char *type_name(uint32_t type)
{
	static const char *const names[] = {
		[NETCHANNEL_TYPE_COPY] = "copy", [NETCHANNEL_TYPE_RING] = "ring",
		[NETCHANNEL_TYPE_DISCARD] = "discard", [NETCHANNEL_TYPE_RAW] = "raw",
		[NETCHANNEL_TYPE_LISTEN] = "listen", [NETCHANNEL_TYPE_GROUP] = "group",
	};

	return type < sizeof(names) / sizeof(*names) && names[type] ? names[type] : "unknown";
}

static void show_received(const struct netchannel_stats *s)
{
	out_u64("rx_packets", "  received %llu packets", s->rx_packets);
	out_u64("rx_bytes", ", %llu bytes", s->rx_bytes);
	out_u64("rx_read", "; read %llu", s->rx_read);
	out_u64("rx_truncated", ", %llu of them truncated", s->rx_truncated);
	out_u32("rx_queued_bytes", "; %u bytes wait\n", s->rx_queued_bytes);
	out_u64("rx_dropped_full", "  dropped %llu without room", s->rx_dropped_full);
	out_u64("rx_dropped_malformed", ", %llu malformed", s->rx_dropped_malformed);
	out_u64("rx_dropped_checksum", ", %llu damaged", s->rx_dropped_checksum);
	out_u64("rx_dropped_policy", ", %llu forbidden\n", s->rx_dropped_policy);
}

static void show_sent(const struct netchannel_stats *s)
{
	out_u64("tx_packets", "  sent %llu packets", s->tx_packets);
	out_u64("tx_bytes", ", %llu bytes", s->tx_bytes);
	out_u64("tx_errors", "; %llu failed", s->tx_errors);
	out_u64("icmp_errors", "; %llu reports of ICMP\n", s->icmp_errors);
}

/* What the owner of a ring has written there that could not be. */
static void show_mistakes(const struct channel *c)
{
	if (c->info.type != NETCHANNEL_TYPE_RING)
		return;
	out_u64("rx_bad_positions", "  impossible: %llu times rx_consumer",
		c->stats.rx_bad_positions);
	out_u64("tx_bad_positions", ", %llu times tx_producer", c->stats.tx_bad_positions);
	out_u64("tx_bad_descriptors", ", %llu descriptors\n", c->stats.tx_bad_descriptors);
}

static void show(const struct channel *c)
{
	out_open_object(NULL);
	out_u32("fd", "fd %u: ", c->fd);
	out_u64("id", "channel %llu", c->info.id);
	out_string("type", ", %s", type_name(c->info.type));
	out_u32("protocol", ", protocol %u", c->info.protocol);
	/* one buffer serves both addresses */
	out_string("local", ", %s", device_address_text(&c->info.local));
	out_string("remote", " from %s\n", device_address_text(&c->info.remote));
	show_received(&c->stats);
	show_sent(&c->stats);
	show_mistakes(c);
	out_close_object();
}

/* False: it is no channel (yet). */
static bool read_channel(int fd, struct channel *c)
{
	c->info = (struct netchannel_info){ .size = sizeof(c->info) };
	c->stats = (struct netchannel_stats){ .size = sizeof(c->stats) };
	return !ioctl(fd, NETCHANNEL_INFO, &c->info) && !ioctl(fd, NETCHANNEL_STATS, &c->stats);
}

static bool is_device(int dir, const char *name)
{
	static const char device[] = "/dev/netchannel";
	char target[sizeof(device)];
	ssize_t len = readlinkat(dir, name, target, sizeof(target));

	return len == sizeof(device) - 1 && !memcmp(target, device, len);
}

/* It may be closed while we look: then it is not there. */
static int show_descriptor(int pidfd, unsigned int number)
{
	struct channel c = { .fd = number };
	int fd = syscall(SYS_pidfd_getfd, pidfd, number, 0);

	if (fd < 0)
		return errno == EBADF ? TOOL_DONE : tool_refused_errno("descriptor", errno);
	if (read_channel(fd, &c))
		show(&c);
	close(fd);
	return TOOL_DONE;
}

static int show_descriptors(int pidfd, DIR *dir)
{
	const struct dirent *entry;
	int ret = TOOL_DONE;

	out_open();
	out_open_array("channels");
	while (ret == TOOL_DONE && (entry = readdir(dir))) {
		if (is_device(dirfd(dir), entry->d_name))
			ret = show_descriptor(pidfd, strtoul(entry->d_name, NULL, 10));
	}
	out_close_array();
	out_close();
	return ret;
}

static int show_process(unsigned long pid)
{
	char path[64];
	int pidfd = syscall(SYS_pidfd_open, pid, 0), ret;
	DIR *dir;

	if (pidfd < 0)
		return tool_refused_errno("process", errno);
	snprintf(path, sizeof(path), "/proc/%lu/fd", pid);
	dir = opendir(path);
	if (dir) {
		ret = show_descriptors(pidfd, dir);
		closedir(dir);
	} else {
		ret = tool_refused_errno(path, errno);
	}
	close(pidfd);
	return ret;
}

int netchanctl_stats(int argc, char **argv)
{
	unsigned long pid;

	if (argc != 2)
		return tool_usage("stats", "one PID is needed");
	if (!argument_count(argv[1], &pid) || !pid)
		return tool_usage(argv[1], "not the number of a process");
	return show_process(pid);
}
