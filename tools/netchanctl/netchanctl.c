// SPDX-License-Identifier: GPL-2.0
#include "netchanctl.h"

#include "../common/tool.h"

#include <stddef.h>

static const struct command commands[] = {
	{ "send", netchanctl_send, "[-b] [-d DEVICE] [-r SECONDS] [-T TTL] [--ring | -p PROTOCOL] LOCAL REMOTE [TEXT...]",
	  "Send each TEXT, or each line of stdin, as a datagram; wait for replies" },
	{ "recv", netchanctl_recv, "[-b] [-d DEVICE] [-e] [-g GROUP] [-n COUNT] [-t SECONDS] [--ring | -p PROTOCOL] LOCAL [REMOTE]",
	  "Receive datagrams and show them; -e sends them back" },
	{ "count", netchanctl_count, "[-t SECONDS] LOCAL [REMOTE]",
	  "Claim datagrams, and count them until interrupted" },
	{ "listen", netchanctl_listen, "[-e] [-n COUNT] [-t SECONDS] LOCAL",
	  "Give each new sender a channel of its own, and show what comes" },
	{ "ping", netchanctl_ping, "[-i SECONDS] [-n COUNT] [-s BYTES] [-t SECONDS] [--ring] LOCAL REMOTE",
	  "Send datagrams to who echoes them (recv -e), and time the round trips" },
	{ "bench", netchanctl_bench, "[-s BYTES] [-t SECONDS] [--ring] LOCAL REMOTE",
	  "Send as many datagrams as will go, and tell how many that were" },
	{ "dump", netchanctl_dump, "[-n COUNT] [-t SECONDS] [-w FILE] LOCAL [REMOTE]",
	  "Claim a flow, and write its packets as pcap; FILE `-`: for a pipe" },
	{ "create", netchanctl_create, "[-f FD] LOCAL [REMOTE] -- COMMAND...",
	  "Make a channel, and run a command that has it as descriptor 3 (or FD)" },
	{ "list", netchanctl_list, "",
	  "Show the channels of this network namespace" },
	{ "stats", netchanctl_stats, "PID",
	  "Show all counters of a process's channels" },
	{ "get", netchanctl_get, "[-d DEVICE] -a ADDRESS URL",
	  "Fetch a page by the library's own TCP, over a channel or a TUN device" },
	{ "serve", netchanctl_serve, "[-p PORT] [-d DEVICE] -a ADDRESS DIRECTORY",
	  "Serve the files of a directory in the same way" },
	{ "trace", netchanctl_trace, "NAME get|serve ...",
	  "Do that, and record it: NAME.pcapng has the packets, NAME.trace the states" },
	{ "plot", netchanctl_plot, "[-c REMOTE] FILE.trace",
	  "Draw a trace as SVG: sequence numbers, windows, round trips" },
	{ NULL }
};

int main(int argc, char **argv)
{
	static const struct tool tool = {
		.name = "netchanctl",
		.summary = "Send and receive datagrams over network channels",
		.commands = commands,
	};

	return tool_main(&tool, argc, argv);
}
