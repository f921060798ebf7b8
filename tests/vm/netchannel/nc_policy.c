// SPDX-License-Identifier: GPL-2.0
/*
 * Firewall rules stop channels as they stop sockets. `nc_policy early`: the
 * rules, and conntrack with them, are there before the first channel hooks
 * the namespace up; `late`: after it.
 */
#include "tcp.h"

#include <linux/bpf.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#define UID_X 4242

static int peer;	/* in namespace B */

static void nft(const char *rules)
{
	FILE *f = popen("nft -f -", "w");

	fprintf(f, "%s\n", rules);
	check(!pclose(f), "nft: %s", rules);
}

static void flush(void)
{
	nft("flush ruleset");
}

/* What the rule that contains this text has counted. */
static long nft_packets(const char *rule)
{
	char line[256];
	long packets = -1;
	FILE *f = popen("nft list ruleset", "r");
	char *p;

	while (fgets(line, sizeof(line), f)) {
		p = strstr(line, "counter packets ");
		if (p && strstr(line, rule))
			packets = atol(p + strlen("counter packets "));
	}
	pclose(f);
	return packets;
}

static void input_and_output(int ch)
{
	char buf[16];

	nft("table ip t { chain i { type filter hook input priority 0; udp dport 7000 drop; }; }");
	must(send(peer, "x", 1, 0), "send");
	expect_nothing(ch, "INPUT drop: the channel receives nothing");
	flush();
	must(send(peer, "x", 1, 0), "send");
	expect(ch, "x", 1, "without the rule it does");

	nft("table ip t { chain o { type filter hook output priority 0; udp sport 7000 drop; }; }");
	check_errno(nc_send(ch, "x", 1, 0), EPERM, "OUTPUT drop: SEND");
	check_errno(recv(peer, buf, 1, MSG_DONTWAIT), EAGAIN, "and nothing arrives");
	check(stats_of(ch).tx_errors == 1, "counted as an error");
	flush();
	must(nc_send(ch, "x", 1, 0), "SEND");
	expect_socket(peer, "x", 1, "without the rule it does");
}

/* As another user: its channel and its socket meet the same rules. */
static void owner_rules(void)
{
	int status, mine, other;
	pid_t pid;

	nft("table ip t { chain o { type filter hook output priority 0; meta skuid 4242 drop; }; }");
	run("/usr/bin/ip rule add uidrange 4242-4242 to 8.8.8.8 prohibit");
	pid = fork();
	if (!pid) {
		must(setresuid(UID_X, UID_X, UID_X), "setresuid");
		check_errno(try_simple("0.0.0.0", 7302, "8.8.8.8", 7001), EACCES,
			    "ip rule uidrange: the user's channel");
		mine = channel(ADDR_A, 7302, NULL, 0);
		check_errno(nc_send_to(mine, "x", 1, "8.8.8.8", 7001), EACCES, "and its SEND");
		close(mine);
		mine = channel(ADDR_A, 7300, ADDR_B, 7001);
		other = udp_socket(ADDR_A, 7301, ADDR_B, 7001);
		check_errno(send(other, "x", 1, 0), EPERM, "meta skuid: the user's socket");
		check_errno(nc_send(mine, "x", 1, 0), EPERM, "meta skuid: the user's channel");
		exit(0);
	}
	must(waitpid(pid, &status, 0), "waitpid");
	check(!status, "user");
	run("/usr/bin/ip rule del uidrange 4242-4242 to 8.8.8.8 prohibit");
	other = channel(ADDR_A, 7300, ADDR_B, 7001);
	must(nc_send(other, "root", 4, 0), "SEND");
	check(true, "root's channel may");
	close(other);
	flush();
}

#define BAD_MARK(wanted, what, change) do {				\
	struct netchannel_create r = create_args(ADDR_A, 7501, ADDR_B, 7001); \
	change;								\
	check_errno(try_channel(&r), wanted, what);			\
} while (0)

/* Like SO_MARK and SO_PRIORITY. */
static void needs_privilege(void)
{
	struct netchannel_create args = create_args(ADDR_A, 7501, ADDR_B, 7001);
	int status;
	pid_t pid = fork();

	if (!pid) {
		must(setresuid(UID_X, UID_X, UID_X), "setresuid");
		BAD_MARK(EPERM, "a user's mark", r.mark = 1);
		BAD_MARK(EPERM, "a user's priority 7", r.priority = 7);
		args.priority = 6;
		close(channel_of(args));
		exit(0);
	}
	must(waitpid(pid, &status, 0), "waitpid");
	check(!status, "but 6 is for everybody");
}

/* Rules of routing and of the firewall know a channel's packets by these. */
static void marks(void)
{
	struct netchannel_create args = create_args(ADDR_A, 7500, ADDR_B, 7001);
	struct netchannel_info info = { .size = sizeof(info) };
	int ch;

	run("/usr/bin/ip rule add fwmark 7 prohibit");
	nft("table ip t { chain o { type filter hook output priority 0; "
	    "udp sport 7500 meta mark 8 meta priority 0:5 counter; }; }");
	args.mark = 7;
	ch = channel_of(args);
	check_errno(nc_send(ch, "x", 1, 0), EACCES, "ip rule fwmark: SEND");
	close(ch);
	BAD_MARK(EACCES, "the route of CREATE", (r.mark = 7, r.local = nc_addr("0.0.0.0", 0)));
	args.mark = 8;
	args.priority = 5;
	ch = channel_of(args);
	must(nc_send(ch, "x", 1, 0), "SEND with another mark");
	check(nft_packets("udp sport 7500") == 1, "and nft sees mark and priority");
	must(ioctl(ch, NETCHANNEL_INFO, &info), "INFO");
	check(info.mark == 8 && info.priority == 5, "INFO tells them");
	BAD_MARK(EADDRINUSE, "a channel of the port with another mark",
		 (r.local.port = htons(7500), r.mark = 9, r.priority = 5));
	BAD_MARK(EADDRINUSE, "with another priority",
		 (r.local.port = htons(7500), r.mark = 8, r.priority = 4));
	args.remote = nc_addr(NULL, 0);
	close(channel_of(args));
	check(true, "with the same, there is one");
	close(ch);
	needs_privilege();
	run("/usr/bin/ip rule del fwmark 7 prohibit");
	flush();
}

static void cgroup_rules(void)
{
	int status, mine;
	pid_t pid;

	if (access("/sys/fs/cgroup/cgroup.procs", F_OK))
		run("mount -t cgroup2 none /sys/fs/cgroup");
	run("mkdir -p /sys/fs/cgroup/jail");
	nft("table ip t { chain o { type filter hook output priority 0; "
	    "socket cgroupv2 level 1 \"jail\" drop; }; }");
	pid = fork();
	if (!pid) {
		write_file("/sys/fs/cgroup/jail/cgroup.procs", "0");
		mine = channel(ADDR_A, 7300, ADDR_B, 7001);
		write_file("/sys/fs/cgroup/cgroup.procs", "0");
		check_errno(nc_send(mine, "x", 1, 0), EPERM,
			    "socket cgroupv2: a channel of the creator's cgroup");
		exit(0);
	}
	must(waitpid(pid, &status, 0), "waitpid");
	check(!status, "jailed");
	flush();
	run("rmdir /sys/fs/cgroup/jail && umount /sys/fs/cgroup");
}

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* A program that lets nothing pass: r0 = 0, exit. */
static int deny_program(int attach_type)
{
	static const struct bpf_insn deny[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SKB,
		.insns = (uintptr_t)deny,
		.insn_cnt = 2,
		.license = (uintptr_t)"GPL",
		.expected_attach_type = attach_type,
	};

	return must(bpf(BPF_PROG_LOAD, &attr), "BPF_PROG_LOAD");
}

static void attach(int command, int cgroup, int program, int type)
{
	union bpf_attr attr = {
		.target_fd = cgroup, .attach_bpf_fd = program, .attach_type = type,
	};

	must(bpf(command, &attr), "BPF_PROG_ATTACH, DETACH");
}

/* Programs of the creator's cgroup, for both directions. */
static void cgroup_programs(int ch)
{
	struct netchannel_stats before = stats_of(ch), after;
	int cgroup, egress, ingress;

	if (access("/sys/fs/cgroup/cgroup.procs", F_OK))
		run("mount -t cgroup2 none /sys/fs/cgroup");
	cgroup = must(open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY), "cgroup");
	egress = deny_program(BPF_CGROUP_INET_EGRESS);
	ingress = deny_program(BPF_CGROUP_INET_INGRESS);
	attach(BPF_PROG_ATTACH, cgroup, egress, BPF_CGROUP_INET_EGRESS);
	check_errno(nc_send(ch, "x", 1, 0), EPERM, "cgroup egress program denies: SEND");
	attach(BPF_PROG_DETACH, cgroup, egress, BPF_CGROUP_INET_EGRESS);
	attach(BPF_PROG_ATTACH, cgroup, ingress, BPF_CGROUP_INET_INGRESS);
	must(send(peer, "x", 1, 0), "send");
	expect_nothing(ch, "cgroup ingress program denies: the channel receives nothing");
	after = stats_at(ch, before.rx_packets + dropped(&before) + 1);
	attach(BPF_PROG_DETACH, cgroup, ingress, BPF_CGROUP_INET_INGRESS);
	check(after.rx_dropped_policy == before.rx_dropped_policy + 1, "and counts it");
	must(nc_send(ch, "x", 1, 0), "SEND");
	expect_socket(peer, "x", 1, "without the programs, both pass");
	must(send(peer, "x", 1, 0), "send");
	expect(ch, "x", 1, "without the programs, both pass");
	close(egress);
	close(ingress);
	close(cgroup);
	run("umount /sys/fs/cgroup");
}

static int load_address_program(int attach_type, const struct bpf_insn *insns, int count)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
		.insns = (uintptr_t)insns,
		.insn_cnt = count,
		.license = (uintptr_t)"GPL",
		.expected_attach_type = attach_type,
	};

	return must(bpf(BPF_PROG_LOAD, &attr), "BPF_PROG_LOAD");
}

/* A program of addresses: puts value at ctx + offset, if not 0, returns verdict. */
static int address_program(int attach_type, int offset, int value, int verdict)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = value },
		{ .code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_1,
		  .src_reg = BPF_REG_2, .off = offset },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = verdict },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int skip = value ? 0 : 2;

	return load_address_program(attach_type, insns + skip, 4 - skip);
}

#define USER_IP4 offsetof(struct bpf_sock_addr, user_ip4)
#define USER_PORT offsetof(struct bpf_sock_addr, user_port)
#define SOURCE_IP4 offsetof(struct bpf_sock_addr, msg_src_ip4)
#define SOURCE_IP6 offsetof(struct bpf_sock_addr, msg_src_ip6)	/* its first word */

/* What goes to a port goes to the next one. */
static int next_port_program(int attach_type)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_2,
		  .src_reg = BPF_REG_1, .off = USER_PORT },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = htons(1) },
		{ .code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_1,
		  .src_reg = BPF_REG_2, .off = USER_PORT },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return load_address_program(attach_type, insns, sizeof(insns) / sizeof(*insns));
}

/* Attaches the program, and detaches the one before it, if any. */
static void replace(int cgroup, int type, int program)
{
	static int last = -1, last_type;

	if (last >= 0) {
		attach(BPF_PROG_DETACH, cgroup, last, last_type);
		close(last);
	}
	last = program;
	last_type = type;
	if (program >= 0)
		attach(BPF_PROG_ATTACH, cgroup, program, type);
}

/* Who may create no socket joins no port either. */
static void creation_program(void)
{
	static const struct bpf_insn deny[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SOCK,
		.insns = (uintptr_t)deny,
		.insn_cnt = 2,
		.license = (uintptr_t)"GPL",
		.expected_attach_type = BPF_CGROUP_INET_SOCK_CREATE,
	};
	int program, cgroup, first;

	if (access("/sys/fs/cgroup/cgroup.procs", F_OK))
		run("mount -t cgroup2 none /sys/fs/cgroup");
	cgroup = must(open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY), "cgroup");
	program = must(bpf(BPF_PROG_LOAD, &attr), "BPF_PROG_LOAD");
	/* just before: for a second, nobody but such programs is asked about who joins it */
	first = channel(ADDR_A, 7600, ADDR_B, 7601);
	attach(BPF_PROG_ATTACH, cgroup, program, BPF_CGROUP_INET_SOCK_CREATE);
	check_errno(try_simple(ADDR_A, 7602, ADDR_B, 7601), EPERM, "no sockets: no port");
	check_errno(try_simple(ADDR_A, 7600, ADDR_B, 7602), EPERM, "nor one to join");
	attach(BPF_PROG_DETACH, cgroup, program, BPF_CGROUP_INET_SOCK_CREATE);
	close(channel(ADDR_A, 7600, ADDR_B, 7602));
	check(true, "without the program, the port is joined");
	close(program);
	close(cgroup);
	close(first);
	run("umount /sys/fs/cgroup");
}

/* From 6.7 on, a module can ask who may set an option of a socket. */
static bool asks_for_options(void)
{
	struct utsname name;
	int major, minor;

	must(uname(&name), "uname");
	if (sscanf(name.release, "%d.%d", &major, &minor) != 2)
		check(false, "a kernel of version %s", name.release);
	return major > 6 || (major == 6 && minor >= 7);
}

/* Where no socket may join a group, no channel may. */
static void option_program(void)
{
	static const struct bpf_insn deny[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SOCKOPT,
		.insns = (uintptr_t)deny,
		.insn_cnt = 2,
		.license = (uintptr_t)"GPL",
		.expected_attach_type = BPF_CGROUP_SETSOCKOPT,
	};
	struct netchannel_membership join = {
		.size = sizeof(join), .group = nc_addr("239.1.2.3", 0),
		.ifindex = if_nametoindex("v0"),
	};
	struct netchannel_multicast how = { .size = sizeof(how) };
	int program, cgroup, any = channel("0.0.0.0", 7600, NULL, 0);

	if (access("/sys/fs/cgroup/cgroup.procs", F_OK))
		run("mount -t cgroup2 none /sys/fs/cgroup");
	cgroup = must(open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY), "cgroup");
	program = must(bpf(BPF_PROG_LOAD, &attr), "BPF_PROG_LOAD");
	attach(BPF_PROG_ATTACH, cgroup, program, BPF_CGROUP_SETSOCKOPT);
	if (asks_for_options()) {
		check_errno(ioctl(any, NETCHANNEL_MEMBERSHIP, &join), EPERM,
			    "setsockopt denies: MEMBERSHIP");
		check_errno(ioctl(any, NETCHANNEL_MULTICAST, &how), EPERM, "MULTICAST");
	}
	attach(BPF_PROG_DETACH, cgroup, program, BPF_CGROUP_SETSOCKOPT);
	must(ioctl(any, NETCHANNEL_MEMBERSHIP, &join), "MEMBERSHIP");
	check(true, "without the program, the group is joined");
	close(program);
	close(cgroup);
	close(any);
	run("umount /sys/fs/cgroup");
}

/*
 * A channel of TCP without remote asks those for connect() whom it may talk to,
 * each time. One that rewrites addresses is attached.
 */
static void tcp_programs(int cgroup)
{
	struct netchannel_create args = tcp_args(ADDR_A, 7500, NULL, 0);
	uint8_t p[40] = { 0x45, [16] = 10, 0, 0, 2, [23] = 80, [32] = 0x50 };
	int type = BPF_CGROUP_INET4_CONNECT, ch = channel_of(args);

	check_errno(nc_send(ch, p, sizeof(p), 0), EPERM, "connect4 rewrites: SEND of TCP");
	replace(cgroup, type, address_program(type, 0, 0, 0));
	check_errno(nc_send(ch, p, sizeof(p), 0), EPERM, "connect4 denies: SEND of TCP");
	args = tcp_args(ADDR_A, 7500, ADDR_B, 80);
	check_errno(try_channel(&args), EPERM, "connect4 denies: CREATE of TCP");
	replace(cgroup, type, address_program(type, 0, 0, 1));
	must(nc_send(ch, p, sizeof(p), 0), "SEND");
	check(true, "connect4 permits: SEND of TCP");
	close(ch);
}

/* Whom a ring has just sent to, it may not any more when a program comes that forbids it. */
static void tcp_programs_of_ring(int cgroup)
{
	struct netchannel_create args = tcp_args(ADDR_A, 7510, NULL, 0);
	uint8_t p[40] = { 0x45, [16] = 10, 0, 0, 2, [23] = 80, [32] = 0x50 };
	int type = BPF_CGROUP_INET4_CONNECT;
	struct ring r;

	args.type = NETCHANNEL_TYPE_RING;
	r = open_ring(args);
	replace(cgroup, type, -1);
	check(!ring_send(&r, p, sizeof(p)) && !ring_send(&r, p, sizeof(p)),
	      "without programs, a ring sends to the same again");
	replace(cgroup, type, address_program(type, 0, 0, 0));
	check(ring_send(&r, p, sizeof(p)) == -EPERM, "connect4 denies: KICK of TCP");
	replace(cgroup, type, address_program(type, 0, 0, 1));
	check(!ring_send(&r, p, sizeof(p)), "connect4 permits: KICK of TCP");
	close_ring(&r);
}

/*
 * Of packets that stand in a row in a ring, each is asked about, also one that names where
 * the one before it was sent. `any` has port 7400.
 */
static void programs_in_a_row(int cgroup, int any)
{
	struct ring r = open_ring(ring_args(ADDR_A, 7450, NULL, 0));
	int beside = udp_socket(ADDR_A, 7401, NULL, 0), type = BPF_CGROUP_UDP4_SENDMSG;

	replace(cgroup, type, next_port_program(type));
	memcpy(r.arena, "12", 2);
	ring_push(&r, 0, 1)->remote = nc_addr(ADDR_A, 7399);
	ring_push(&r, 1, 1)->remote = nc_addr(ADDR_A, 7400);
	ring_publish(&r);
	check(ring_kick(&r, 0, 0) == 2, "sendmsg4 rewrites ports: two in a row");
	expect(any, "1", 1, "the first goes a port further");
	expect_socket(beside, "2", 1, "and so does one to that port");
	close(beside);
	close_ring(&r);
}

/* Programs that judge or rewrite addresses, of bind, connect and sendmsg. */
static void address_programs(int any)
{
	int loopback = inet_addr(LOOPBACK), cgroup, type, ch, beside;

	if (access("/sys/fs/cgroup/cgroup.procs", F_OK))
		run("mount -t cgroup2 none /sys/fs/cgroup");
	cgroup = must(open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY), "cgroup");

	type = BPF_CGROUP_INET4_BIND;
	replace(cgroup, type, address_program(type, 0, 0, 0));
	check_errno(try_simple(ADDR_A, 7500, NULL, 0), EPERM, "bind4 denies: CREATE");
	replace(cgroup, type, address_program(type, USER_IP4, loopback, 1));
	check_errno(try_simple(ADDR_A, 7500, NULL, 0), EPERM, "bind4 rewrites the address: CREATE");
	replace(cgroup, type, address_program(type, USER_PORT, htons(7501), 1));
	check_errno(try_simple(ADDR_A, 7500, NULL, 0), EPERM, "bind4 rewrites the port: CREATE");
	replace(cgroup, type, -1);

	type = BPF_CGROUP_INET4_CONNECT;
	beside = channel(ADDR_A, 7500, ADDR_B, 7502);
	replace(cgroup, type, address_program(type, 0, 0, 0));
	check_errno(try_simple(ADDR_A, 7501, ADDR_B, 7001), EPERM, "connect4 denies: CREATE");
	check_errno(try_simple(ADDR_A, 7500, ADDR_B, 7001), EPERM, "connect4 denies: a second channel");
	replace(cgroup, type, address_program(type, USER_IP4, loopback, 1));
	check_errno(try_simple(ADDR_A, 7501, ADDR_B, 7001), EPERM, "connect4 rewrites: CREATE");
	tcp_programs(cgroup);
	tcp_programs_of_ring(cgroup);
	replace(cgroup, type, -1);
	close(beside);
	ch = channel(ADDR_A, 7500, ADDR_B, 7001);
	must(nc_send(ch, "free", 4, 0), "SEND");
	check(true, "without the programs, CREATE and SEND");
	close(ch);

	type = BPF_CGROUP_UDP4_SENDMSG;
	replace(cgroup, type, address_program(type, 0, 0, 0));
	check_errno(nc_send_to(any, "x", 1, ADDR_B, 7001), EPERM, "sendmsg4 denies: SEND");
	replace(cgroup, type, address_program(type, SOURCE_IP4, loopback, 1));
	check_errno(nc_send_to(any, "x", 1, ADDR_B, 7001), EPERM, "sendmsg4 rewrites the source: SEND");
	replace(cgroup, type, address_program(type, USER_PORT, htons(7400), 1));
	must(nc_send_to(any, "y", 1, ADDR_A, 7001), "SEND");
	expect(any, "y", 1, "sendmsg4 rewrites the destination: it goes there");
	programs_in_a_row(cgroup, any);
	replace(cgroup, type, -1);
	close(cgroup);
	run("umount /sys/fs/cgroup");
}

/* The same of IPv6, where each attach point is another one. */
static void address_programs_ipv6(void)
{
	int any = channel(ADDR6_A, 7600, NULL, 0), cgroup, type;

	if (access("/sys/fs/cgroup/cgroup.procs", F_OK))
		run("mount -t cgroup2 none /sys/fs/cgroup");
	cgroup = must(open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY), "cgroup");
	type = BPF_CGROUP_INET6_BIND;
	replace(cgroup, type, address_program(type, 0, 0, 0));
	check_errno(try_simple(ADDR6_A, 7601, NULL, 0), EPERM, "bind6 denies: CREATE");
	replace(cgroup, type, address_program(type, USER_PORT, htons(7602), 1));
	check_errno(try_simple(ADDR6_A, 7601, NULL, 0), EPERM, "bind6 rewrites the port: CREATE");
	replace(cgroup, type, -1);
	type = BPF_CGROUP_INET6_CONNECT;
	replace(cgroup, type, address_program(type, 0, 0, 0));
	check_errno(try_simple(ADDR6_A, 7601, ADDR6_B, 7001), EPERM, "connect6 denies: CREATE");
	replace(cgroup, type, address_program(type, USER_PORT, htons(7602), 1));
	check_errno(try_simple(ADDR6_A, 7601, ADDR6_B, 7001), EPERM, "connect6 rewrites: CREATE");
	replace(cgroup, type, -1);
	close(channel(ADDR6_A, 7601, ADDR6_B, 7001));
	check(true, "without the programs, CREATE");
	type = BPF_CGROUP_UDP6_SENDMSG;
	replace(cgroup, type, address_program(type, 0, 0, 0));
	check_errno(nc_send_to(any, "x", 1, ADDR6_B, 7001), EPERM, "sendmsg6 denies: SEND");
	replace(cgroup, type, address_program(type, SOURCE_IP6, htonl(0xfd000001), 1));
	check_errno(nc_send_to(any, "x", 1, ADDR6_B, 7001), EPERM, "sendmsg6 rewrites the source: SEND");
	replace(cgroup, type, address_program(type, USER_PORT, htons(7600), 1));
	must(nc_send_to(any, "y", 1, ADDR6_A, 7001), "SEND");
	expect(any, "y", 1, "sendmsg6 rewrites the destination: it goes there");
	replace(cgroup, type, -1);
	close(cgroup);
	close(any);
	run("umount /sys/fs/cgroup");
}

/* A policy that wants ESP: clear text is not for the channel, nor a socket. */
static void ipsec_policy(int ch, int sock, const char *policy)
{
	struct netchannel_stats before = stats_of(ch), after;

	run("/usr/bin/ip xfrm policy add %s tmpl proto esp mode transport", policy);
	must(send(sock, "x", 1, 0), "send");
	after = stats_at(ch, before.rx_packets + dropped(&before) + 1);
	expect_nothing(ch, "IPsec policy wants ESP: clear text does not arrive");
	check(after.rx_dropped_policy == before.rx_dropped_policy + 1, "and is counted");
	run("/usr/bin/ip xfrm policy del %s", policy);
	must(send(sock, "x", 1, 0), "send");
	expect(ch, "x", 1, "without the policy it does");
}

static void ipsec_policy_of_ipv6(const struct bed *bed)
{
	int ch = channel(ADDR6_A, 7010, ADDR6_B, 7011), sock;

	enter(bed->b);
	sock = udp_socket(ADDR6_B, 7011, ADDR6_A, 7010);
	enter(bed->a);
	ipsec_policy(ch, sock, "src " ADDR6_B " dst " ADDR6_A " proto 17 dir in");
	close(sock);
	close(ch);
}

/* What B receives next from A is of IPsec. (The kernel itself may send IGMP.) */
static void expect_esp(int capture, const char *what)
{
	struct captured c;
	bool good;

	do
		good = next_captured(capture, &c, 30000);
	while (good && (c.outgoing ||
			(c.ip.protocol != IPPROTO_ESP && c.ip.protocol != IPPROTO_UDP)));
	check(good && c.ip.protocol == IPPROTO_ESP && c.ip.saddr == inet_addr(ADDR_A),
	      "IPsec policy for what goes out: %s is ESP on the wire", what);
}

/* A policy that wants ESP of what is sent: a channel sends no clear text, by FAST neither. */
static void ipsec_policy_out(const struct bed *bed, int ch)
{
	static const char to_peer[] = "src " ADDR_A " dst " ADDR_B;
	struct netchannel_create args = ring_args(ADDR_A, 7700, ADDR_B, 7001);
	struct ring ring = open_ring(args);
	int fast, sock = udp_socket(ADDR_A, 7702, ADDR_B, 7001), capture;

	args = create_args(ADDR_A, 7701, ADDR_B, 7001);
	args.flags = NETCHANNEL_FAST;
	args.ifindex = if_nametoindex("v0");
	fast = channel_of(args);
	must(nc_send(ch, "w", 1, 0), "SEND");
	expect_socket(peer, "w", 1, "before there is a policy, the neighbour known");
	run("/usr/bin/ip xfrm state add %s proto esp spi 0x100 mode transport "
	    "auth digest_null '' enc cipher_null ''", to_peer);
	run("/usr/bin/ip xfrm policy add %s proto 17 dir out tmpl proto esp mode transport",
	    to_peer);
	enter(bed->b);
	capture = start_capture("v1");
	enter(bed->a);
	must(send(sock, "x", 1, 0), "send");
	expect_esp(capture, "what a socket sends");
	must(nc_send(ch, "x", 1, 0), "SEND");
	expect_esp(capture, "what a channel sends");
	must(nc_send(fast, "x", 1, 0), "SEND");
	expect_esp(capture, "what FAST sends");
	check(!ring_send(&ring, "x", 1), "KICK");
	expect_esp(capture, "what a ring sends");
	ring_push(&ring, 0, 100)->segment_bytes = 50;
	ring_publish(&ring);
	check(ring_kick(&ring, 0, 0) == 1 &&
	      ring_slot(&ring, ring.tx_producer - 1)->result == -EOPNOTSUPP,
	      "several segments in one are refused");
	run("/usr/bin/ip xfrm policy del %s proto 17 dir out && "
	    "/usr/bin/ip xfrm policy add %s proto 17 dir out action block", to_peer, to_peer);
	check_errno(send(sock, "x", 1, 0), EPERM, "a policy that blocks: send() of a socket");
	check_errno(nc_send(ch, "x", 1, 0), EPERM, "SEND");
	run("/usr/bin/ip xfrm policy del %s proto 17 dir out && /usr/bin/ip xfrm state flush",
	    to_peer);
	close(capture);
	close(sock);
	close(fast);
	close_ring(&ring);
	must(nc_send(ch, "y", 1, 0), "SEND");
	expect_socket(peer, "y", 1, "without the policies, what is sent arrives");
}

static void exchange(int ch)
{
	must(nc_send(ch, "q", 1, 0), "SEND");
	expect_socket(peer, "q", 1, "request");
	must(send(peer, "a", 1, 0), "send");
	expect(ch, "a", 1, "reply");
}

/* N38: who answers is established, for conntrack and its matches. */
static void tracked(int ch)
{
	double limit = now() + 60;
	int i;

	nft("table ip t { "
	    "chain i { type filter hook input priority 0; "
	    "udp dport 7000 ct state established counter; "
	    "udp dport 7000 ct status assured counter; "
	    "ct state invalid counter; }; "
	    "chain o { type filter hook output priority 0; ct state new; }; }");
	for (i = 0; i < 5; i++)
		exchange(ch);
	check(nft_packets("established") == 5 && nft_packets("invalid") == 0,
	      "ct state established matches each reply");
	/* that is for what still goes both ways after two seconds */
	while (!nft_packets("assured") && now() < limit) {
		usleep(200000);
		exchange(ch);
	}
	check(nft_packets("assured") > 0 && nft_packets("invalid") == 0,
	      "ct status assured matches, after a while");
	close(peer);
	flush();
}

/* N38: and a connection of TCP is ASSURED as soon as its handshake is over. */
static void tracked_tcp(const struct bed *bed)
{
	struct netchannel_create args = tcp_args(ADDR_A, 7005, ADDR_B, 7006);
	struct tcp t = { .family = AF_INET, .remote_port = 7006 };
	struct segment s;
	struct ring ring;
	int wait_fd, sock, i;

	nft("table ip t { "
	    "chain i { type filter hook input priority 0; "
	    "tcp dport 7005 tcp flags & syn == 0 ct status assured counter; "
	    "ct state invalid counter; }; }");
	args.type = NETCHANNEL_TYPE_RING;
	ring = open_ring(args);
	t.ring = &ring;
	enter(bed->b);
	wait_fd = listener(ADDR_B, 7006);
	enter(bed->a);
	open_active(&t);
	sock = must(accept(wait_fd, NULL, NULL), "accept");
	check(nft_packets("assured") == 0, "the handshake's packets are not of an assured flow");
	for (i = 0; i < 3; i++) {
		must(send(sock, "data", 4, 0), "send");
		get(&t, &s);
		t.wanted = ntohl(s.tcp.seq) + s.data_len;
		put(&t, TH_ACK, "", 0);
	}
	/* what was answered late may have come twice */
	check(nft_packets("assured") >= 3 && nft_packets("invalid") == 0,
	      "ct status assured matches what follows");
	close(sock);
	close(wait_fd);
	close_ring(&ring);
	flush();
}

/* A connection begun outside is found again only if it was confirmed. */
static void tracked_from_outside(struct bed *bed, int any)
{
	int i, outside;

	nft("table ip t { "
	    "chain i { type filter hook input priority 0; "
	    "udp sport 7055 ct state new counter; "
	    "udp sport 7055 ct state established counter; }; }");
	enter(bed->b);
	outside = udp_socket(ADDR_B, 7055, ADDR_A, 7400);
	enter(bed->a);
	for (i = 0; i < 3; i++) {
		must(send(outside, "in", 2, 0), "send");
		expect(any, "in", 2, "from outside");
		must(nc_send_to(any, "out", 3, ADDR_B, 7055), "SEND");
		expect_socket(outside, "out", 3, "answer");
	}
	check(nft_packets("state new") == 1 && nft_packets("established") == 2,
	      "begun outside: one packet was new, the others established (%ld, %ld)",
	      nft_packets("state new"), nft_packets("established"));
	close(outside);
	flush();
}

int main(int argc, char **argv)
{
	bool early = argc > 1 && !strcmp(argv[1], "early");
	struct bed bed = new_bed();
	int ch, any;

	if (early)
		nft("table ip t { chain i { type filter hook input priority 0; ct state new; }; }");
	ch = channel(ADDR_A, 7000, ADDR_B, 7001);
	any = channel(ADDR_A, 7400, NULL, 0);
	if (early)
		flush();
	enter(bed.b);
	peer = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	enter(bed.a);
	if (!early) {	/* where the order does not matter, once is enough */
		input_and_output(ch);
		owner_rules();
		marks();
		cgroup_rules();
		cgroup_programs(ch);
		creation_program();
		option_program();
		address_programs(any);
		address_programs_ipv6();
		ipsec_policy(ch, peer, "src " ADDR_B " dst " ADDR_A " proto 17 dir in");
		ipsec_policy_of_ipv6(&bed);
		ipsec_policy_out(&bed, ch);
	}
	tracked(ch);
	tracked_tcp(&bed);
	tracked_from_outside(&bed, any);
	return 0;
}
