// SPDX-License-Identifier: GPL-2.0
/*
 * Packets on which a program has the verdict (nfqueue): they come to the hook in that
 * program's process, not in a softirq, and reach every type of channel all the same.
 */
#include "ring.h"

#include <linux/filter.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>

#define PORT_A 7000
#define PORT_B 7001
#define PROTOCOL 253	/* RFC 3692: for experiments */
#define QUEUE 7

static struct bed bed;
static uint32_t *judged;	/* how many the judge has let pass */

/* --- the judge --- */

struct request {
	struct nlmsghdr nl;
	struct nfgenmsg nf;
	struct nlattr attr;
	uint8_t value[12];
} __attribute__((aligned(4)));

static void ask(int fd, int type, int flags, int attr, const void *value, size_t len)
{
	struct request r = {
		.nl = { .nlmsg_len = NLMSG_LENGTH(sizeof(r.nf)) + NLA_HDRLEN + NLA_ALIGN(len),
			.nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type,
			.nlmsg_flags = NLM_F_REQUEST | flags },
		.nf = { .version = NFNETLINK_V0, .res_id = htons(QUEUE) },
		.attr = { .nla_len = NLA_HDRLEN + len, .nla_type = attr },
	};

	memcpy(r.value, value, len);
	must(send(fd, &r, r.nl.nlmsg_len, 0), "to nfnetlink");
}

static void configure(int fd, int attr, const void *value, size_t len, const char *what)
{
	struct {
		struct nlmsghdr nl;
		struct nlmsgerr error;
		uint8_t rest[256];
	} answer = { };

	ask(fd, NFQNL_MSG_CONFIG, NLM_F_ACK, attr, value, len);
	must(recv(fd, &answer, sizeof(answer), 0), what);
	check(answer.nl.nlmsg_type == NLMSG_ERROR && !answer.error.error, "%s", what);
}

static int open_queue(void)
{
	const struct nfqnl_msg_config_cmd bind = { .command = NFQNL_CFG_CMD_BIND };
	const struct nfqnl_msg_config_params params = { .copy_mode = NFQNL_COPY_META };
	int fd = must(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER), "nfnetlink");

	configure(fd, NFQA_CFG_CMD, &bind, sizeof(bind), "a queue of the firewall");
	configure(fd, NFQA_CFG_PARAMS, &params, sizeof(params), "whose packets are named only");
	return fd;
}

/* All may pass. The packet's header is the first attribute. */
static void judge_one(int fd)
{
	uint8_t buf[4096] __attribute__((aligned(4)));
	const struct nlattr *attr = (void *)(buf + NLMSG_LENGTH(sizeof(struct nfgenmsg)));
	struct nfqnl_msg_verdict_hdr verdict = { .verdict = htonl(NF_ACCEPT) };
	const struct nfqnl_msg_packet_hdr *packet = (void *)((uint8_t *)attr + NLA_HDRLEN);

	must(recv(fd, buf, sizeof(buf), 0), "from the queue");
	if (attr->nla_type != NFQA_PACKET_HDR)
		check(false, "attribute %d is first", attr->nla_type);
	verdict.id = packet->packet_id;
	/* before: who has the packet looks at it */
	__atomic_add_fetch(judged, 1, __ATOMIC_RELEASE);
	ask(fd, NFQNL_MSG_VERDICT, 0, NFQA_VERDICT_HDR, &verdict, sizeof(verdict));
}

static pid_t start_judge(void)
{
	int fd = open_queue();
	pid_t judge;

	judged = mmap(NULL, sizeof(*judged), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	judge = must(fork(), "fork");
	while (!judge)
		judge_one(fd);
	close(fd);
	run("nft 'table inet t { chain i { type filter hook input priority 0; "
	    "meta l4proto { udp, tcp, 253 } queue num %d; "
	    "icmp type destination-unreachable queue num %d; }; }'", QUEUE, QUEUE);
	return judge;
}

static void check_judged(uint32_t count, const char *what)
{
	check(__atomic_exchange_n(judged, 0, __ATOMIC_ACQUIRE) == count,
	      "%s: the judge has seen all of it", what);
}

/* --- the channels --- */

static int sender(const char *from, const char *to)
{
	int fd;

	enter(bed.b);
	fd = udp_socket(from, PORT_B, to, PORT_A);
	enter(bed.a);
	return fd;
}

static void by_copy(const char *a, const char *b)
{
	int ch = channel(a, PORT_A, b, PORT_B), peer = sender(b, a);

	must(send(peer, "copy", 4, 0), "send");
	expect(ch, "copy", 4, a);
	check_judged(1, "COPY");
	close(peer);
	close(ch);
}

static void by_ring(void)
{
	struct ring r = open_ring(ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B));
	struct netchannel_create args = create_args(ADDR_A, PORT_A, NULL, 0);
	struct netchannel_record *record;
	int peer = sender(ADDR_B, ADDR_A), member;

	must(send(peer, "ring", 4, 0), "send");
	ring_expect(&r, "ring", 4, "in the ring");
	check_judged(1, "RING");
	close(peer);
	enter(bed.b);
	peer = udp_socket(ADDR_B, PORT_B + 1, ADDR_A, PORT_A);
	enter(bed.a);
	args.type = NETCHANNEL_TYPE_GROUP;
	args.group = r.fd;
	member = channel_of(args);
	must(send(peer, "group", 5, 0), "send");
	must(ring_kick(&r, NETCHANNEL_WAIT, 30 * SECOND), "KICK, waiting");
	record = ring_peek(&r);
	check(record && record->len == 8 + 5 && !memcmp((uint8_t *)(record + 1) + 8, "group", 5),
	      "a member's, in the ring");
	check_judged(1, "GROUP");
	close(member);
	close(peer);
	close_ring(&r);
}

/* A segment as TCP could send it, without connection; returns its length. */
static size_t make_segment(uint8_t *p)
{
	size_t len = make_packet(p, PORT_B, PORT_A, "twelve bytes", 12);
	struct iphdr *ip = (struct iphdr *)p;
	struct tcphdr *tcp = (struct tcphdr *)(ip + 1);

	ip->protocol = IPPROTO_TCP;
	ip->check = 0;
	ip->check = htons(fold16(sum16(ip, 20, 0)));
	tcp->seq = htonl(1);
	tcp->doff = 5;
	tcp->syn = 1;
	tcp->check = 0;
	tcp->check = htons(fold16(sum16(tcp, 20, sum16(&ip->saddr, 8, IPPROTO_TCP + 20))));
	return len;
}

static void by_listener(void)
{
	struct netchannel_create args = tcp_args(ADDR_A, PORT_A, NULL, 0);
	struct netchannel_accept accept = {
		.size = sizeof(accept), .type = NETCHANNEL_TYPE_COPY, .timeout_ns = 30 * SECOND,
	};
	int child = open_device(), raw;
	uint8_t p[100];
	size_t len = make_segment(p);

	args.type = NETCHANNEL_TYPE_LISTEN;
	accept.listener = channel_of(args);
	enter(bed.b);
	raw = raw_socket();
	raw_send(raw, "v1", p, len);
	must(ioctl(child, NETCHANNEL_ACCEPT, &accept), "ACCEPT");
	expect(child, p, len, "what opened it");
	raw_send(raw, "v1", p, len);
	expect(child, p, len, "and the next");
	enter(bed.a);
	check_judged(2, "LISTEN, and its child");
	close(raw);
	close(child);
	close(accept.listener);
}

static void by_filter(void)
{
	struct sock_filter all[] = { { BPF_RET | BPF_K, 0, 0, 0xffff } };
	struct netchannel_create args = create_args(ADDR_A, 0, NULL, 0);
	union sock_addr to = sock_addr(ADDR_A, 0);
	int ch, peer;

	args.type = NETCHANNEL_TYPE_RAW;
	args.protocol = PROTOCOL;
	args.filter = (uintptr_t)all;
	args.filter_len = 1;
	ch = channel_of(args);
	enter(bed.b);
	peer = must(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, PROTOCOL), "raw socket");
	enter(bed.a);
	must(sendto(peer, "filtered", 8, 0, &to.any, sizeof(to.in)), "sendto");
	expect(ch, "filtered", 8, "what the filter wants");
	check_judged(1, "RAW");
	close(peer);
	close(ch);
}

/* What the network reports, and how a port that no channel has answers. */
static void messages(void)
{
	int ch = channel(ADDR_A, PORT_A, ADDR_B, PORT_B), peer;
	char c;

	must(nc_send(ch, "x", 1, 0), "SEND to a closed port");
	wait_errors(ch, 1);
	check_errno(nc_recv(ch, &c, 1, NETCHANNEL_DONTWAIT, 0, NULL), ECONNREFUSED, "RECV");
	check_judged(1, "the report");
	enter(bed.b);
	peer = udp_socket(ADDR_B, PORT_B + 1, ADDR_A, PORT_A);
	enter(bed.a);
	must(send(peer, "x", 1, 0), "send");
	check_errno(recv(peer, &c, 1, 0), ECONNREFUSED, "who is nobody's remote is refused");
	check_judged(1, "that");
	close(peer);
	close(ch);
}

int main(void)
{
	pid_t judge;

	bed = new_bed();
	judge = start_judge();
	by_copy(ADDR_A, ADDR_B);
	by_copy(ADDR6_A, ADDR6_B);
	by_ring();
	by_listener();
	by_filter();
	messages();
	run("nft flush ruleset");
	kill(judge, SIGKILL);
	waitpid(judge, NULL, 0);
	return 0;
}
