// SPDX-License-Identifier: GPL-2.0
#include "netchanctl.h"

#include "../common/output.h"
#include "../common/tool.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>

#define LIST_PATH "/proc/self/net/netchannel"

struct row {
	uint64_t id;
	char protocol[16], local[64], remote[64];
	uint32_t uid;
	uint64_t queued, rx_packets, rx_bytes, rx_dropped, tx_packets, tx_bytes;
};

static bool parse(const char *line, struct row *r)
{
	return sscanf(line, "%" SCNu64 " %15s %63s %63s %" SCNu32 " %" SCNu64
		      " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
		      &r->id, r->protocol, r->local, r->remote, &r->uid, &r->queued,
		      &r->rx_packets, &r->rx_bytes, &r->rx_dropped,
		      &r->tx_packets, &r->tx_bytes) == 11;
}

static const char *user_name(uint32_t uid)
{
	static char number[16];
	const struct passwd *user = getpwuid(uid);

	snprintf(number, sizeof(number), "%" PRIu32, uid);
	return user ? user->pw_name : number;
}

static void show(const struct row *r)
{
	out_open_object(NULL);
	out_u64("id", "%-5llu", r->id);
	out_string("protocol", " %-5s", r->protocol);
	out_string("local", " %-21s", r->local);
	out_string("remote", " %-21s", r->remote);
	out_string("user", " %-9s", user_name(r->uid));
	out_u32("uid", NULL, r->uid);
	out_u64("queued", " %6llu", r->queued);
	out_u64("rx_packets", " %10llu", r->rx_packets);
	out_u64("rx_bytes", NULL, r->rx_bytes);
	out_u64("rx_dropped", " %8llu", r->rx_dropped);
	out_u64("tx_packets", " %10llu\n", r->tx_packets);
	out_u64("tx_bytes", NULL, r->tx_bytes);
	out_close_object();
}

static int show_all(FILE *f)
{
	char line[512];
	struct row r;
	bool good = fgets(line, sizeof(line), f);	/* the names of the columns */

	out_open();
	out_text("%-5s %-5s %-21s %-21s %-9s %6s %10s %8s %10s\n", "ID", "PROTO", "LOCAL",
		 "REMOTE", "USER", "QUEUED", "RECEIVED", "DROPPED", "SENT");
	out_open_array("channels");
	while (good && fgets(line, sizeof(line), f)) {
		good = parse(line, &r);
		if (good)
			show(&r);
	}
	out_close_array();
	out_close();
	return good ? TOOL_DONE : tool_refused(LIST_PATH, "not understood");
}

int netchanctl_list(int argc, char **argv)
{
	FILE *f;
	int ret;

	if (argc > 1)
		return tool_usage(argv[1], "list takes no arguments");
	f = fopen(LIST_PATH, "re");
	if (!f)
		return errno == ENOENT ?
			tool_refused(LIST_PATH, "not there; is the module netchannel loaded?") :
			tool_refused_errno(LIST_PATH, errno);
	ret = show_all(f);
	fclose(f);
	return ret;
}
