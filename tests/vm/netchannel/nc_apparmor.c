// SPDX-License-Identifier: GPL-2.0
/*
 * What AppArmor lets this program do with sockets it may do with channels, and no more,
 * also when the profile changes while channels are open. (The programs that it starts are
 * not confined.) And what Landlock keeps it from, and what not.
 */
#include "nc.h"

#include <sys/prctl.h>

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

/* As of linux/landlock.h, whose version of this machine may not know the second one. */
struct ruleset {
	uint64_t handled_access_fs, handled_access_net;
};
#define READ_AND_WRITE_FILES	(1 << 1 | 1 << 2)
#define BIND_AND_CONNECT_TCP	(1 << 0 | 1 << 1)
#define HAS_NET_ABI		4
#define CREATE_RULESET_VERSION	(1U << 0)

static int landlock_abi(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
}

/* This process may not do any more what the set handles. */
static void sandbox(const struct ruleset *set, size_t size)
{
	int fd = must(syscall(SYS_landlock_create_ruleset, set, size, 0), "a ruleset of Landlock");

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges");
	must(syscall(SYS_landlock_restrict_self, fd, 0), "landlock_restrict_self");
	close(fd);
}

static void in_child(void (*test)(void))
{
	int status;

	if (!fork()) {
		test();
		exit(0);
	}
	check(wait(&status) > 0 && !status, "the sandboxed process");
}

/* A sandbox keeps a program from channels by the device's file. */
static void without_files(void)
{
	const struct ruleset set = { .handled_access_fs = READ_AND_WRITE_FILES };

	sandbox(&set, sizeof(set.handled_access_fs));
	check_errno(open("/dev/netchannel", O_RDWR), EACCES, "Landlock forbids the file");
}

/* Its rules for bind() and connect() do not: the kernel exports nothing to ask them by. */
static void without_tcp(void)
{
	const struct ruleset set = { .handled_access_net = BIND_AND_CONNECT_TCP };
	union sock_addr to = sock_addr(LOOPBACK, 7001);
	int sock = must(socket(AF_INET, SOCK_STREAM, 0), "socket");

	sandbox(&set, sizeof(set));
	check_errno(bind(sock, &to.any, sizeof(to.in)), EACCES, "Landlock forbids bind()");
	check_errno(connect(sock, &to.any, sizeof(to.in)), EACCES, "and connect()");
	check(try_flow(IPPROTO_TCP, LOOPBACK, LOOPBACK, 7001) >= 0,
	      "of channels it knows only the device's file, as the documentation says");
}

static void sandboxes(void)
{
	obey("	network,\n");
	in_child(without_files);
	if (landlock_abi() >= HAS_NET_ABI)
		in_child(without_tcp);
}

int main(int argc, char **argv)
{
	(void)argc;
	confine(argv);
	run("/usr/bin/ip link set lo up");
	same_as_sockets();
	forbidden_later();
	sandboxes();
	return 0;
}
