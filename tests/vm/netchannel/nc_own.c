// SPDX-License-Identifier: GPL-2.0
/* Who may have a local port: channels, sockets, users, cgroups. */
#include "nc.h"

#define NOBODY 65534

/* Runs in a child, as nobody without capabilities when asked. */
static void as_user(uid_t uid, void (*test)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (uid) {
			must(setresgid(uid, uid, uid), "setresgid");
			must(setresuid(uid, uid, uid), "setresuid");
		}
		test();
		exit(0);
	}
	must(waitpid(pid, &status, 0), "waitpid");
	check(WIFEXITED(status) && !WEXITSTATUS(status), "child of uid %d", uid);
}

/* N3, N4 */
static void one_owner(void)
{
	int ch, sock, other;

	ch = channel(ADDR_A, 7000, ADDR_B, 7001);
	check_errno(try_simple(ADDR_A, 7000, ADDR_B, 7001), EADDRINUSE, "the same tuple again");
	check_errno(try_socket(ADDR_A, 7000), EADDRINUSE, "a socket on the channel's address");
	check_errno(try_socket("0.0.0.0", 7000), EADDRINUSE, "a socket on any address");
	other = must(try_socket(LOOPBACK, 7000), "bind");
	check(true, "a socket on another address of the host");
	close(other);
	close(ch);

	sock = udp_socket(ADDR_A, 7000, NULL, 0);
	check(sock >= 0, "a socket after the channel's close");
	check_errno(try_simple(ADDR_A, 7000, ADDR_B, 7001), EADDRINUSE, "a channel on the socket's address");
	close(sock);
	sock = udp_socket("0.0.0.0", 7000, NULL, 0);
	check_errno(try_simple(ADDR_A, 7000, ADDR_B, 7001), EADDRINUSE, "a channel beside a socket on any address");
	close(sock);
	ch = channel(ADDR_A, 7000, NULL, 0);
	check_errno(try_simple(ADDR_A, 7000, NULL, 0), EADDRINUSE, "a second channel without remote");
	other = channel(ADDR_A, 7000, ADDR_B, 7001);
	check(other >= 0, "a channel with remote beside it");
	close(ch);
	check_errno(try_socket(ADDR_A, 7000), EADDRINUSE, "the port stays owned by the last channel");
	close(other);
	close(must(try_socket(ADDR_A, 7000), "bind"));
	check(true, "and is free after it");
}

/* After each refusal, the descriptor can still become a channel. */
static void refused_is_unchanged(void)
{
	struct netchannel_create args = create_args(ADDR_A, 7000, ADDR_B, 7001);
	int sock = udp_socket(ADDR_A, 7000, NULL, 0);
	int fd = open_device();

	check_errno(ioctl(fd, NETCHANNEL_CREATE, &args), EADDRINUSE, "refused");
	check_errno(nc_send(fd, "x", 1, 0), ENOTCONN, "it is no channel");
	close(sock);
	must(ioctl(fd, NETCHANNEL_CREATE, &args), "CREATE");
	check_errno(ioctl(fd, NETCHANNEL_CREATE, &args), EISCONN, "a second CREATE");
	close(fd);
}

static void chosen_port(void)
{
	struct netchannel_create args = create_args(ADDR_A, 0, ADDR_B, 7001);
	struct netchannel_info info = { .size = sizeof(info) };
	int ch = channel_of(args), a, b;

	must(ioctl(ch, NETCHANNEL_INFO, &info), "INFO");
	check(info.local.port && info.id && info.protocol == IPPROTO_UDP &&
	      info.rx_bytes >= 4096, "the kernel chose port %d", ntohs(info.local.port));
	check_errno(try_socket(ADDR_A, ntohs(info.local.port)), EADDRINUSE, "and owns it");
	a = try_channel(&args);
	b = args.local.port;
	check(a >= 0 && b && b != info.local.port, "another one for the next");
	close(a);
	close(ch);
}

/* N6 */
static void foreign_addresses(void)
{
	static const char *const addrs[] = {
		ADDR_B, "10.0.0.255", "8.8.8.8", "224.0.0.1", "255.255.255.255",
	};
	size_t i;

	for (i = 0; i < sizeof(addrs) / sizeof(*addrs); i++)
		check_errno(try_simple(addrs[i], 7000, ADDR_B, 7001), EADDRNOTAVAIL, addrs[i]);
	write_file("/proc/sys/net/ipv4/ip_nonlocal_bind", "1");
	check_errno(try_simple("8.8.8.8", 7000, ADDR_B, 7001), EADDRNOTAVAIL,
		    "8.8.8.8 with ip_nonlocal_bind");
	write_file("/proc/sys/net/ipv4/ip_nonlocal_bind", "0");
}

static void without_privilege(void)
{
	int ch = channel(ADDR_A, 7010, ADDR_B, 7001);

	check(true, "nobody has a channel");
	check_errno(try_simple(ADDR_A, 53, ADDR_B, 53), EACCES, "port 53 without privilege");
	check_errno(try_simple(ADDR_A, 1023, NULL, 0), EACCES, "port 1023 without privilege");
	close(channel(ADDR_A, 1024, NULL, 0));
	check_errno(try_simple(ADDR_A, 7000, ADDR_B, 7002), EADDRINUSE,
		    "a port that another user's channel owns");
	close(ch);
}

static void other_user_joins(void)
{
	close(channel(ADDR_A, 7000, ADDR_B, 7009));
	check(true, "the same user joins the port");
}

static void fresh_port_53(void)
{
	check_errno(try_simple(ADDR_A, 53, ADDR_B, 54), EACCES,
		    "joining a privileged port without privilege");
}

static int shared_53;

/* N5 */
static void users(void)
{
	int ch = channel(ADDR_A, 7000, ADDR_B, 7001);

	as_user(NOBODY, without_privilege);
	as_user(0, other_user_joins);
	close(ch);
	shared_53 = channel(ADDR_A, 53, ADDR_B, 53);
	check(true, "root has port 53");
	as_user(NOBODY, fresh_port_53);
	close(shared_53);
	write_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", "2000");
	as_user(NOBODY, fresh_port_53);
	write_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", "1024");
}

static void closed_door(void)
{
	check_errno(try_simple(ADDR_A, 7000, ADDR_B, 7001), EPERM,
		    "parameter unprivileged=0: nobody");
}

static void parameter(void)
{
	write_file("/sys/module/netchannel/parameters/unprivileged", "0");
	as_user(NOBODY, closed_door);
	close(channel(ADDR_A, 7000, ADDR_B, 7001));
	check(true, "parameter unprivileged=0: root");
	write_file("/sys/module/netchannel/parameters/unprivileged", "1");
}

static void set_limit(const char *parameter, const char *value)
{
	char path[100];

	snprintf(path, sizeof(path), "/sys/module/netchannel/parameters/%s", parameter);
	write_file(path, value);
}

static int try_accept_for(int listener)
{
	struct netchannel_accept args = {
		.size = sizeof(args), .type = NETCHANNEL_TYPE_COPY, .listener = listener,
		.flags = NETCHANNEL_DONTWAIT,
	};

	return ioctl(open_device(), NETCHANNEL_ACCEPT, &args);
}

/* No more than three of a user's, of whatever process; an ACCEPT counts for the listener's. */
static void three_at_most(void)
{
	struct netchannel_create args = create_args(LOOPBACK, 0, NULL, 0);
	int fd[3], i, sock;
	pid_t pid;

	args.type = NETCHANNEL_TYPE_LISTEN;
	fd[0] = must(try_channel(&args), "CREATE");
	sock = udp_socket(LOOPBACK, 0, NULL, 0);
	must(send_to(sock, "x", 1, LOOPBACK, ntohs(args.local.port)), "send");
	for (i = 1; i < 3; i++)
		fd[i] = channel(LOOPBACK, 7020 + i, NULL, 0);
	check_errno(try_simple(LOOPBACK, 7020, NULL, 0), EMFILE, "a channel more than a user may have");
	pid = fork();
	if (!pid) {
		check_errno(try_simple(LOOPBACK, 7020, NULL, 0), EMFILE, "of another process");
		exit(0);
	}
	must(waitpid(pid, &i, 0), "waitpid");
	check(!i, "the other process");
	stats_at(fd[0], 1);
	check_errno(try_accept_for(fd[0]), EMFILE, "ACCEPT");
	close(fd[1]);
	check(!try_accept_for(fd[0]), "with one less, ACCEPT");
	check_errno(try_simple(LOOPBACK, 7020, NULL, 0), EMFILE, "and no other one");
}

static void one_in_namespace(void)
{
	check_errno(try_simple(LOOPBACK, 7020, NULL, 0), EMFILE,
		    "one more than the namespace may have");
}

static void limits(void)
{
	int ch;

	set_limit("channels_per_user", "3");
	as_user(NOBODY, three_at_most);
	as_user(NOBODY, three_at_most);	/* what was closed does not count */
	set_limit("channels_per_user", "0");
	ch = channel(LOOPBACK, 7019, NULL, 0);
	set_limit("channels_per_net", "1");
	as_user(NOBODY, one_in_namespace);
	close(channel(LOOPBACK, 7020, NULL, 0));
	check(true, "root has more, by CAP_SYS_RESOURCE");
	set_limit("channels_per_net", "0");
	close(ch);
}

/* As for SO_RCVBUFFORCE, the root of a namespace of one's own does not count. */
static void contained_root(void)
{
	struct netchannel_query q = { .size = sizeof(q) };
	int fd = open_device();

	must(ioctl(fd, NETCHANNEL_QUERY, &q), "QUERY");
	check(q.rx_bytes_max >= 64 << 20, "root: rx_bytes_max %u", q.rx_bytes_max);
	must(unshare(CLONE_NEWUSER | CLONE_NEWNET), "unshare");
	must(ioctl(fd, NETCHANNEL_QUERY, &q), "QUERY");
	check(q.rx_bytes_max < 64 << 20, "root of a user namespace: rx_bytes_max %u",
	      q.rx_bytes_max);
}

/* The shadow is charged to its creator's cgroup: not shared across. */
static void cgroups(void)
{
	int ch;

	if (access("/sys/fs/cgroup/cgroup.procs", F_OK))
		run("mount -t cgroup2 none /sys/fs/cgroup");
	ch = channel(ADDR_A, 7000, ADDR_B, 7001);
	run("mkdir /sys/fs/cgroup/nc");
	write_file("/sys/fs/cgroup/nc/cgroup.procs", "0");
	check_errno(try_simple(ADDR_A, 7000, ADDR_B, 7002), EADDRINUSE,
		    "a port that another cgroup's channel owns");
	write_file("/sys/fs/cgroup/cgroup.procs", "0");
	close(channel(ADDR_A, 7000, ADDR_B, 7002));
	check(true, "the same cgroup joins");
	close(ch);
	run("rmdir /sys/fs/cgroup/nc && umount /sys/fs/cgroup");
}

int main(void)
{
	struct bed bed = new_bed();

	one_owner();
	refused_is_unchanged();
	chosen_port();
	foreign_addresses();
	users();
	parameter();
	limits();
	as_user(0, contained_root);
	cgroups();
	(void)bed;
	return 0;
}
