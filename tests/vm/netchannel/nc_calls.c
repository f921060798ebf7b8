// SPDX-License-Identifier: GPL-2.0
/* Many packets by one call, empty queues by another, and the call of 2006. */
#include "ring.h"

#define NR 10

static char data[NR][64], room[NR][64];

static struct netchannel_send sends[NR];
static struct netchannel_recv recvs[NR];

/* "packet 0", "packet 1" and so on. */
static void fill_sends(void)
{
	int i;

	for (i = 0; i < NR; i++) {
		snprintf(data[i], sizeof(data[i]), "packet %d", i);
		sends[i] = (struct netchannel_send){
			.size = sizeof(sends[i]), .buf = (uintptr_t)data[i],
			.len = strlen(data[i]),
		};
	}
}

static void fill_recvs(void)
{
	int i;

	memset(room, 0, sizeof(room));
	for (i = 0; i < NR; i++)
		recvs[i] = (struct netchannel_recv){
			.size = sizeof(recvs[i]), .buf = (uintptr_t)room[i],
			.buf_len = sizeof(room[i]),
		};
}

static struct netchannel_vector vector(const void *packets, uint32_t count)
{
	return (struct netchannel_vector){
		.size = sizeof(struct netchannel_vector),
		.packets = (uintptr_t)packets, .count = count,
	};
}

static int sendv(int ch, const void *packets, uint32_t count)
{
	struct netchannel_vector v = vector(packets, count);

	return ioctl(ch, NETCHANNEL_SENDV, &v);
}

static int recvv(int ch, const void *packets, uint32_t count, uint64_t timeout_ns)
{
	struct netchannel_vector v = vector(packets, count);

	v.timeout_ns = timeout_ns;
	return ioctl(ch, NETCHANNEL_RECVV, &v);
}

static void bad_vectors(int ch)
{
	struct netchannel_vector v = vector(sends, 0);

	check_errno(ioctl(ch, NETCHANNEL_SENDV, &v), EINVAL, "SENDV of none");
	check_errno(ioctl(ch, NETCHANNEL_RECVV, &v), EINVAL, "RECVV of none");
	v.count = NETCHANNEL_VECTOR_MAX + 1;
	check_errno(ioctl(ch, NETCHANNEL_SENDV, &v), EINVAL, "SENDV of too many");
	v.count = 1;
	v.flags = NETCHANNEL_PEEK;
	check_errno(ioctl(ch, NETCHANNEL_RECVV, &v), EINVAL, "RECVV, flags PEEK");
	v.flags = 0;
	v.packets = 8;
	check_errno(ioctl(ch, NETCHANNEL_SENDV, &v), EFAULT, "SENDV of what is not mapped");
	check_errno(ioctl(ch, NETCHANNEL_RECVV, &v), EFAULT, "RECVV to what is not mapped");
	v.packets = ~0ULL - 60;
	check_errno(ioctl(ch, NETCHANNEL_SENDV, &v), EFAULT, "SENDV of the last addresses");
}

static void expect_numbered(int sock, int from, int to)
{
	char buf[64];
	int i, n, good = 0;

	for (i = from; i < to; i++) {
		n = recv(sock, buf, sizeof(buf), 0);
		good += n == (int)strlen(data[i]) && !memcmp(buf, data[i], n);
	}
	check(good == to - from && recv(sock, buf, 1, MSG_DONTWAIT) < 0,
	      "the socket receives packets %d to %d, and no other", from, to - 1);
}

static void many_out(int ch, int sock)
{
	struct { struct netchannel_send send; uint64_t more; } longer[2];

	fill_sends();
	check(sendv(ch, sends, NR) == NR, "SENDV of %d", NR);
	expect_numbered(sock, 0, NR);
	check(stats_of(ch).tx_packets == NR, "and counted");

	sends[3].buf = 8;
	check(sendv(ch, sends, NR) == 3, "SENDV ends before a packet that cannot be read");
	expect_numbered(sock, 0, 3);
	check_errno(sendv(ch, sends + 3, NR - 3), EFAULT, "which is an error when it is the first");
	fill_sends();
	sends[2].flags = NETCHANNEL_DONTWAIT;
	check(sendv(ch, sends, NR) == 2, "and before one with flags of its own");
	expect_numbered(sock, 0, 2);
	check_errno(sendv(ch, sends + 2, 1), EINVAL, "the same");
	sends[2].flags = 0;
	sends[2].timeout_ns = 1;
	check_errno(sendv(ch, sends + 2, 1), EINVAL, "or with a limit of its own");

	fill_sends();
	memset(longer, 0, sizeof(longer));
	longer[0].send = sends[0];
	longer[1].send = sends[1];
	longer[0].send.size = sizeof(longer[0]);
	longer[1].send.size = sizeof(longer[0]);
	check(sendv(ch, longer, 2) == 2, "structures of a later version, longer by zeros");
	expect_numbered(sock, 0, 2);
	longer[1].more = 1;
	check(sendv(ch, longer, 2) == 1, "or by something: not obeyed");
	expect_numbered(sock, 0, 1);
	check_errno(sendv(ch, &longer[1], 1), E2BIG, "the same");
}

/* Each to where it says. */
static void many_ways(struct bed *bed)
{
	int any = channel(ADDR_A, 7020, NULL, 0), one, two;

	enter(bed->b);
	one = udp_socket(ADDR_B, 7021, NULL, 0);
	two = udp_socket(ADDR_B, 7022, NULL, 0);
	enter(bed->a);
	fill_sends();
	sends[0].remote = nc_addr(ADDR_B, 7021);
	sends[1].remote = nc_addr(ADDR_B, 7022);
	check(sendv(any, sends, 3) == 2, "SENDV to two, and one without a destination");
	expect_numbered(one, 0, 1);
	expect_numbered(two, 1, 2);
	check_errno(sendv(any, sends + 2, 1), EDESTADDRREQ, "the same");
	close(one);
	close(two);
	close(any);
}

/* An error that comes while many are sent waits for the next call. */
static void refused(void)
{
	int ch = channel(ADDR_A, 7030, ADDR_B, 7031);
	struct pollfd p = { .fd = ch };
	int n;

	fill_sends();
	n = sendv(ch, sends, NR);
	check(n > 0 && n <= NR, "SENDV to a port where nobody is: %d", n);
	check(poll(&p, 1, 30000) == 1 && p.revents == POLLERR, "the network reports it");
	check_errno(sendv(ch, sends, NR), ECONNREFUSED, "to the next SENDV");
	check((int)stats_of(ch).tx_packets == n, "which has sent nothing");
	close(ch);
}

static void send_numbered(int sock, int ch, int count)
{
	uint64_t wanted = stats_of(ch).rx_packets + count;
	int i;

	for (i = 0; i < count; i++)
		must(send(sock, data[i], strlen(data[i]), 0), "send");
	if (stats_at(ch, wanted).rx_packets != wanted)
		check(false, "%d packets do not come", count);
}

static bool is_numbered(int i, int number)
{
	size_t len = strlen(data[number]);

	return recvs[i].len == len && !memcmp(room[i], data[number], len) &&
	       recvs[i].remote.port == htons(7001) && recvs[i].ttl == 64;
}

static void many_in(int ch, int sock)
{
	double t;
	int i, good = 0;

	fill_recvs();
	send_numbered(sock, ch, 5);
	check(recvv(ch, recvs, NR, 0) == 5, "RECVV takes what is there");
	for (i = 0; i < 5; i++)
		good += is_numbered(i, i);
	check(good == 5 && !recvs[5].len, "each with its description, in order");
	t = now();
	check_errno(recvv(ch, recvs, NR, SECOND / 10), ETIMEDOUT, "RECVV with a limit");
	check(now() - t >= 0.1, "it took %.3f s", now() - t);
	fcntl(ch, F_SETFL, O_NONBLOCK);
	check_errno(recvv(ch, recvs, NR, 0), EAGAIN, "RECVV, O_NONBLOCK");
	fcntl(ch, F_SETFL, 0);
	if (!fork()) {
		usleep(100000);
		send(sock, "late", 4, 0);
		_exit(0);
	}
	check(recvv(ch, recvs, NR, 0) == 1 && recvs[0].len == 4, "RECVV waits for the first only");
	wait(NULL);

	fill_recvs();
	send_numbered(sock, ch, 5);
	recvs[2].buf = 8;
	check(recvv(ch, recvs, NR, 0) == 2, "RECVV ends where it cannot write");
	check_errno(recvv(ch, recvs + 2, 1, 0), EFAULT, "which is an error when it is the first");
	fill_recvs();
	check(recvv(ch, recvs, NR, 0) == 3 && is_numbered(0, 2) && is_numbered(2, 4),
	      "nothing was lost");
	recvs[0].flags = NETCHANNEL_PEEK;
	check_errno(recvv(ch, recvs, 1, 0), EINVAL, "RECVV with a packet's own flags");
}

static int drain(int ch, uint32_t flags, uint64_t timeout_ns)
{
	struct netchannel_drain args = {
		.size = sizeof(args), .flags = flags, .timeout_ns = timeout_ns,
	};

	return ioctl(ch, NETCHANNEL_DRAIN, &args);
}

static void empty_queue(int ch, int sock)
{
	struct ring ring = open_ring(ring_args(ADDR_A, 7040, ADDR_B, 7041));
	struct netchannel_stats s;

	check_errno(drain(ch, 0, 0), EINVAL, "DRAIN of nothing");
	check(drain(ch, NETCHANNEL_DRAIN_RX, 0) == 0, "DRAIN of an empty queue");
	send_numbered(sock, ch, 7);
	check(drain(ch, NETCHANNEL_DRAIN_RX, 0) == 7, "DRAIN throws 7 packets away");
	check_errno(nc_recv(ch, room, 64, NETCHANNEL_DONTWAIT, 0, NULL), EAGAIN, "RECV");
	s = stats_of(ch);
	check(s.rx_read == s.rx_packets && !s.rx_queued_bytes && !dropped(&s),
	      "they count as read, and hold no memory");
	send_numbered(sock, ch, 1);
	check(nc_recv(ch, room, 64, 0, 30 * SECOND, NULL) == 8, "later ones come");
	check_errno(drain(ring.fd, NETCHANNEL_DRAIN_RX, 0), EOPNOTSUPP, "DRAIN_RX of a ring");
	check(drain(ring.fd, NETCHANNEL_DRAIN_TX, SECOND) == 0, "DRAIN_TX of a ring");
	close_ring(&ring);
}

/* Packets wait for a neighbour who does not answer, until the kernel gives up. */
static void gone(int ch, int sock)
{
	int silent = channel(ADDR_A, 7050, "10.0.0.79", 7001);
	int flags = NETCHANNEL_DRAIN_TX | NETCHANNEL_DRAIN_RX;

	never_give_up();
	must(nc_send(silent, "x", 1, 0), "SEND");
	check_errno(drain(silent, flags | NETCHANNEL_DONTWAIT, 0), EAGAIN,
		    "DRAIN with a packet on its way");
	check_errno(drain(silent, flags, SECOND / 100), ETIMEDOUT, "the same with a limit");
	give_up_later("10.0.0.79", 100);
	check(drain(silent, flags, 20 * SECOND) == 0, "it waits until the packet is gone");
	wait(NULL);
	check(drain(silent, flags | NETCHANNEL_DONTWAIT, 0) == 0, "and then has nothing to do");
	close(silent);

	/* this port's packets have gone, but its owner's queue is full */
	send_numbered(sock, ch, 2);
	must(nc_send(ch, "x", 1, 0), "SEND");
	check(drain(ch, flags, 20 * SECOND) == 2, "DRAIN of both queues");
	check(recv(sock, room, 64, 0) == 1, "what was sent has arrived");
}

/* As a program of 2006 has it: structure and packet in one buffer. */
static struct {
	struct netchannel_control c;
	uint8_t packet[200];
} old;

static void fill_old(uint32_t cmd, uint16_t len)
{
	old.c = (struct netchannel_control){
		.unc.data = {
			.saddr = inet_addr(ADDR_B), .daddr = inet_addr(ADDR_A),
			.sport = htons(7061), .dport = htons(7060), .proto = IPPROTO_UDP,
		},
		.unc.mask = {
			.saddr = ~0U, .daddr = ~0U, .sport = 0xffff, .dport = 0xffff,
			.proto = 0xff,
		},
		.unc.type = NETCHANNEL_TYPE_COPY,
		.cmd = cmd, .len = len,
	};
}

static int call_old(int fd, uint32_t cmd, uint16_t len, uint32_t timeout_ms)
{
	fill_old(cmd, len);
	old.c.timeout = timeout_ms;
	return ioctl(fd, NETCHANNEL_CONTROL, &old);
}

static int create_old(struct netchannel_control *c)
{
	int fd = open_device();

	if (!ioctl(fd, NETCHANNEL_CONTROL, c))
		return fd;
	close(fd);
	return -1;
}

static void bad_old(int fresh)
{
	fill_old(NETCHANNEL_CONTROL_CREATE, 0);
	old.c.unc.prio = 1;
	check_errno(ioctl(fresh, NETCHANNEL_CONTROL, &old), EINVAL, "CONTROL CREATE, prio");
	fill_old(3, 0);
	check_errno(ioctl(fresh, NETCHANNEL_CONTROL, &old), EINVAL, "CONTROL, unknown command");
	check_errno(ioctl(fresh, NETCHANNEL_CONTROL, (void *)8), EFAULT, "CONTROL, not mapped");
	check_errno(call_old(fresh, NETCHANNEL_CONTROL_SEND, 28, 0), ENOTCONN, "CONTROL SEND");
	check_errno(call_old(fresh, NETCHANNEL_CONTROL_RECV, 28, 0), ENOTCONN, "CONTROL RECV");
}

static void call_of_2006(struct bed *bed)
{
	int ch = open_device(), sock, other;
	struct iphdr *ip = (struct iphdr *)old.packet;

	bad_old(ch);
	check(!call_old(ch, NETCHANNEL_CONTROL_CREATE, 0, 0), "CONTROL CREATE");
	check_errno(call_old(ch, NETCHANNEL_CONTROL_CREATE, 0, 0), EISCONN, "once");
	fill_old(NETCHANNEL_CONTROL_CREATE, 0);
	check(create_old(&old.c) < 0 && errno == EADDRINUSE, "its address is taken");
	old.c.unc.mask.dport = 0;
	other = must(create_old(&old.c), "CONTROL CREATE");
	check(old.c.unc.data.dport && old.c.unc.data.dport != htons(7060),
	      "the kernel tells the port that it chose: %u", ntohs(old.c.unc.data.dport));
	close(other);

	enter(bed->b);
	sock = udp_socket(ADDR_B, 7061, ADDR_A, 7060);
	enter(bed->a);
	memset(old.packet, 0, sizeof(old.packet));
	ip->version = 4;
	ip->ihl = 5;
	memcpy(old.packet + 28, "2006", 4);
	check(call_old(ch, NETCHANNEL_CONTROL_SEND, 32, 0) == 32, "CONTROL SEND");
	expect_socket(sock, "2006", 4, "the socket receives it");
	check_errno(call_old(ch, NETCHANNEL_CONTROL_SEND, 27, 0), EINVAL, "a packet too short");
	fill_old(NETCHANNEL_CONTROL_SEND, 32);
	old.c.flags = NETCHANNEL_PEEK;
	check_errno(ioctl(ch, NETCHANNEL_CONTROL, &old), EINVAL, "CONTROL SEND, flags");

	check_errno(call_old(ch, NETCHANNEL_CONTROL_RECV, 200, 50), ETIMEDOUT,
		    "CONTROL RECV, 50 ms");
	must(send(sock, "answer", 6, 0), "send");
	check(call_old(ch, NETCHANNEL_CONTROL_RECV, 200, 30000) == 34 && old.c.len == 34 &&
	      ip->saddr == inet_addr(ADDR_B) && !memcmp(old.packet + 28, "answer", 6),
	      "CONTROL RECV gives the packet from its IP header on");
	must(send(sock, "answer", 6, 0), "send");
	check(call_old(ch, NETCHANNEL_CONTROL_RECV, 30, 30000) == 30 && old.c.len == 34,
	      "in less room, a part of it");
	close(sock);
	close(ch);
}

int main(void)
{
	struct bed bed = new_bed();
	int ch = channel(ADDR_A, 7000, ADDR_B, 7001), sock;

	enter(bed.b);
	sock = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	enter(bed.a);
	stay_here();
	bad_vectors(ch);
	many_out(ch, sock);
	many_in(ch, sock);
	many_ways(&bed);
	refused();
	empty_queue(ch, sock);
	gone(ch, sock);
	call_of_2006(&bed);
	return 0;
}
