// SPDX-License-Identifier: GPL-2.0
/*
 * What AppArmor lets this program do with sockets it may do with channels, and no more,
 * also when the profile changes while channels are open. (The programs that it starts are
 * not confined.)
 */
#include "nc.h"

#define PROFILE	"/tmp/profile"

/* The network rules of this program, from now on. */
static void obey(const char *rules)
{
	FILE *file = fopen(PROFILE, "we");

	if (!file)
		check(false, PROFILE);
	fprintf(file,
		"abi <kernel>,\n"
		"profile nc_apparmor /trivet/bin/nc_apparmor {\n"
		"	/** rwlkm,\n	/** Ux,\n	capability,\n	signal,\n%s}\n", rules);
	fclose(file);
	run("apparmor_parser -qrK " PROFILE);
}

static int try_flow(int protocol, const char *local, const char *remote, int port)
{
	struct netchannel_create args = protocol == IPPROTO_TCP ?
					tcp_args(local, 7000, remote, port) :
					create_args(local, 7000, remote, port);

	return try_channel(&args);
}

/* A profile holds from the next exec() on. */
static void confine(char **argv)
{
	if (getenv("CONFINED"))
		return;
	obey("");
	setenv("CONFINED", "1", 1);
	execv("/proc/self/exe", argv);
	check(false, "exec");
}

static void same_as_sockets(void)
{
	check_errno(socket(AF_INET, SOCK_DGRAM, 0), EACCES, "a socket");
	check_errno(try_flow(IPPROTO_UDP, LOOPBACK, LOOPBACK, 7001), EACCES, "a channel");
	obey("	network inet dgram,\n");
	check(socket(AF_INET, SOCK_DGRAM, 0) >= 0, "a socket for datagrams is allowed");
	check(try_flow(IPPROTO_UDP, LOOPBACK, LOOPBACK, 7001) >= 0, "so is a channel");
	check_errno(socket(AF_INET, SOCK_STREAM, 0), EACCES, "a socket of TCP");
	check_errno(try_flow(IPPROTO_TCP, LOOPBACK, LOOPBACK, 7001), EACCES, "a channel of TCP");
	check_errno(socket(AF_INET6, SOCK_DGRAM, 0), EACCES, "a socket of IPv6");
	check_errno(try_flow(IPPROTO_UDP, "::1", "::1", 7001), EACCES, "a channel of IPv6");
}

/*
 * The port is ours: one more channel on it joins, for which no socket is made where the same
 * credentials were asked about a moment ago. A new profile gives the program new ones.
 */
static void forbidden_later(void)
{
	obey("");
	check_errno(try_flow(IPPROTO_UDP, LOOPBACK, LOOPBACK, 7002), EACCES,
		    "one that joins what is open, once it is forbidden");
	obey("	network inet dgram,\n");
	check(try_flow(IPPROTO_UDP, LOOPBACK, LOOPBACK, 7002) >= 0, "allowed again");
}

int main(int argc, char **argv)
{
	(void)argc;
	confine(argv);
	run("/usr/bin/ip link set lo up");
	same_as_sockets();
	forbidden_later();
	return 0;
}
