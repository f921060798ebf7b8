// SPDX-License-Identifier: GPL-2.0
/*
 * The library over a channel, the kernel's TCP at the other end, and a network between them
 * that loses, delays and forges: what the engine's scripts show in virtual time, with a peer
 * and packets that are not ours. On the time bed, where ten minutes of waiting pass at once.
 *
 * tcp_adverse [SCENARIO...]: without names, all.
 */
#include "path.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#define PORT_B		7001		/* of a stack of ours there */
#define STRANGER	"10.0.0.3"	/* packets to it arrive in B, and nobody answers */
#define STRANGER6	"fd00::3"

/* --- silence --- */

static bool between(double seconds, double least, double most)
{
	return seconds >= least && seconds <= most;
}

static void expect_timeout(int fd, double began, double after_s, const char *what)
{
	char byte;
	ssize_t ret = nc_recv(fd, &byte, 1, 0);
	double seconds = now() - began;

	check(ret == -ETIMEDOUT && between(seconds, after_s - 1, after_s + 2), "%s: %s after %.1f s",
	      what, strerror(-ret), seconds);
}

/* N45: nothing comes back. RFC 9293, 3.8.3: five minutes, if the user does not say. */
static void silence(void)
{
	struct pair idle = connected(), bounded = connected(), usual = connected();
	double began = now();

	set_ours(idle.ours, IPPROTO_TCP, TCP_KEEPIDLE, 10);
	set_ours(idle.ours, IPPROTO_TCP, TCP_KEEPINTVL, 5);
	set_ours(idle.ours, IPPROTO_TCP, TCP_KEEPCNT, 3);
	set_ours(idle.ours, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_ours(bounded.ours, IPPROTO_TCP, TCP_USER_TIMEOUT, 60000);
	treat_both("loss 100%");
	our_send(bounded.ours, 1);
	our_send(usual.ours, 1);
	expect_timeout(idle.ours, began, 10 + 3 * 5, "keep-alive ends an idle connection");
	expect_timeout(bounded.ours, began, 60, "the user time-out");
	expect_timeout(usual.ours, began, 300, "without one");
	treat_both(NULL);
	close_pair(idle);
	close_pair(bounded);
	close_pair(usual);
}

struct reading {
	int fd;
	double ended;
};

static void *read_mebibyte(void *context)
{
	struct reading *r = context;

	their_take(r->fd, 0, MEBIBYTE, 0);
	r->ended = now();
	return NULL;
}

/* The program makes no call while the library's thread has losses to mend. */
static void no_calls(void)
{
	struct pair p = connected();
	struct reading r = { .fd = p.theirs };
	pthread_t thread;
	double began;

	treat_our_segments("delay 10ms loss 5%");
	treat_theirs("delay 10ms loss 5%");
	began = now();
	must(-pthread_create(&thread, NULL, read_mebibyte, &r), "thread");
	our_send(p.ours, MEBIBYTE);
	sleep(30);
	pthread_join(thread, NULL);
	check(r.ended < began + 30, "1 MB has arrived after %.1f s, without a call",
	      r.ended - began);
	treat_both(NULL);
	close_pair(p);
}

/* --- a slow way out of our own --- */

#define SLOW_BYTES	(24 * MEBIBYTE)

struct flow {
	ssize_t (*send)(int fd, const void *bytes, size_t size, int flags);
	int from, to;
	size_t sent, received;
};

static void *send_flow(void *context)
{
	struct flow *f = context;
	ssize_t n;

	for (; f->sent < SLOW_BYTES; f->sent += n) {
		n = f->send(f->from, pattern + f->sent % MEBIBYTE,
			    MEBIBYTE - f->sent % MEBIBYTE, 0);
		if (n <= 0)
			check(false, "send, at %zu: %zd, %s", f->sent, n, strerror(errno));
	}
	return NULL;
}

static void receive_flow(struct flow *f, size_t until)
{
	size_t at;

	for (; f->received < until; f->received += MEBIBYTE - at) {
		at = f->received % MEBIBYTE;
		their_take(f->to, at, MEBIBYTE, 0);
	}
}

static void set_rate(const char *verb, const char *rate)
{
	run("/usr/bin/tc qdisc %s dev v0 root tbf rate %s limit 40000000", verb, rate);
}

/*
 * A third is sent by a fast device, with the window that it makes, the rest by a slow one. It is
 * the same queue: to put another one there loses what comes meanwhile.
 */
static void narrow(struct flow *f)
{
	pthread_t thread;

	set_rate("add", "20gbit burst 100000");
	must(-pthread_create(&thread, NULL, send_flow, f), "thread");
	receive_flow(f, SLOW_BYTES / 3);
	set_rate("change", "100mbit burst 5000");
	receive_flow(f, SLOW_BYTES);
	pthread_join(thread, NULL);
	run("/usr/bin/tc qdisc del dev v0 root");
}

/*
 * Our device becomes slower than the window wants it, and loses nothing: the link has no room
 * then, and what waits for some is not lost, neither the library's nor the kernel's.
 */
static void slow_device(void)
{
	struct pair p = connected();
	struct flow ours = { .send = nc_send, .from = p.ours, .to = p.theirs };
	struct flow theirs = { .send = send };
	int listener = their_listener(++last_port);
	union sock_addr to = sock_addr(addr_b, last_port);
	struct tcp_info info, their_info;
	socklen_t size = sizeof(info), their_size = sizeof(info);

	narrow(&ours);
	nc_getsockopt(p.ours, IPPROTO_TCP, TCP_INFO, &info, &size);
	theirs.from = must(socket(family_of(addr_b), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	must(connect(theirs.from, &to.any, sizeof(to)), "connect");
	theirs.to = must(accept(listener, NULL, NULL), "accept");
	narrow(&theirs);
	must(getsockopt(theirs.from, IPPROTO_TCP, TCP_INFO, &their_info, &their_size), "info");
	/* of what lies in the device's queue, a tail probe cannot know that it is not lost */
	check(info.tcpi_total_retrans <= 2,
	      "%u segments have gone twice by a slow device of ours, of the kernel's %u",
	      info.tcpi_total_retrans, their_info.tcpi_total_retrans);
	close(theirs.from);
	close(theirs.to);
	close(listener);
	close_pair(p);
}

/* --- closed windows --- */

/* N46: ours is the sender; the segment that opens the window is lost. */
static void closed_by_peer(void)
{
	struct pair p = connected();
	double began;
	size_t at;

	our_send(p.ours, MEBIBYTE);
	sleep(600);
	treat_theirs("loss 100%");
	at = their_take(p.theirs, 0, MEBIBYTE, MSG_DONTWAIT);
	check(at < MEBIBYTE, "ten minutes of a closed window, after %zu bytes", at);
	sleep(1);
	treat_theirs(NULL);
	began = now();
	their_take(p.theirs, at, MEBIBYTE, 0);
	check(now() < began + 125, "a probe finds it open after %.1f s", now() - began);
	close_pair(p);
}

/* ... and theirs is. */
static void closed_by_us(void)
{
	struct pair p = connected();
	size_t sent = 0, at;
	double began;
	ssize_t n;

	while (sent < MEBIBYTE &&
	       (n = send(p.theirs, pattern + sent, MEBIBYTE - sent, MSG_DONTWAIT)) > 0)
		sent += n;
	sleep(600);
	treat_ours("loss 100%");
	at = our_take(p.ours, 0, sent, MSG_DONTWAIT);
	check(at < sent, "the peer waits with %zu bytes of %zu", sent - at, sent);
	sleep(1);
	treat_ours(NULL);
	began = now();
	our_take(p.ours, at, sent, 0);
	check(now() < began + 125, "its probe is answered after %.1f s", now() - began);
	close_pair(p);
}

/* --- forgeries --- */

struct forged {
	const char *from;
	uint16_t port;
	uint8_t flags;
	uint32_t seq, ack;
	const char *text;	/* NULL: none */
};

static int wire;		/* AF_PACKET, in namespace B */

static bool is_ipv6(void)
{
	return family_of(addr_a) == AF_INET6;
}

static const char *stranger(void)
{
	return is_ipv6() ? STRANGER6 : STRANGER;
}

/* The header of a packet to the library with so much of TCP behind it; returns its length. */
static size_t put_header(uint8_t *packet, const char *from, size_t bytes)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP,
		.tot_len = htons(sizeof(ip) + bytes),
		.saddr = inet_addr(from), .daddr = inet_addr(ADDR_A),
	};

	if (is_ipv6()) {
		put_header6(packet, IPPROTO_TCP, bytes);
		inet_pton(AF_INET6, from, packet + 8);
		return 40;
	}
	ip.check = htons(fold16(sum16(&ip, sizeof(ip), 0)));
	memcpy(packet, &ip, sizeof(ip));
	return sizeof(ip);
}

/* To the library, by the wire of B; the caller is in B. */
static void forge(const struct forged *f)
{
	size_t text_bytes = f->text ? strlen(f->text) : 0;
	size_t bytes = sizeof(struct tcphdr) + text_bytes;
	size_t addresses = is_ipv6() ? 8 : 12, header;
	struct tcphdr tcp = {
		.source = htons(f->port), .dest = htons(PORT_A), .doff = 5,
		.seq = htonl(f->seq), .ack_seq = htonl(f->ack), .window = htons(1000),
	};
	uint8_t packet[80];

	tcp.th_flags = f->flags;
	header = put_header(packet, f->from, bytes);
	if (text_bytes)
		memcpy(packet + header + sizeof(tcp), f->text, text_bytes);
	memcpy(packet + header, &tcp, sizeof(tcp));
	tcp.check = htons(fold16(sum16(packet + header, bytes,
				       sum16(packet + addresses, header - addresses,
					     IPPROTO_TCP + bytes))));
	memcpy(packet + header, &tcp, sizeof(tcp));
	raw_send(wire, "v1", packet, header + bytes);
}

static int capture_in_b(void)
{
	int fd;

	enter(bed.b);
	fd = start_capture("v1");
	enter(bed.a);
	return fd;
}

/* A segment that the wire of B has seen. */
struct seen {
	bool outgoing;		/* of B */
	bool is_strangers;	/* to it */
	struct tcphdr tcp;
	uint32_t text_bytes;
};

static struct seen read_seen(const uint8_t *packet, size_t header)
{
	size_t to = is_ipv6() ? 24 : 16, length = is_ipv6() ? 4 : 2;
	struct seen s = { 0 };
	uint8_t address[16];

	memcpy(&s.tcp, packet + header, sizeof(s.tcp));
	inet_pton(family_of(addr_a), stranger(), address);
	s.is_strangers = !memcmp(packet + to, address, is_ipv6() ? 16 : 4);
	/* IPv4's length is that of all, IPv6's is without its header */
	s.text_bytes = (packet[length] << 8 | packet[length + 1]) - 4 * s.tcp.doff -
		(is_ipv6() ? 0 : header);
	return s;
}

/* The next one of the family that is in use; false when none comes for a while. */
static bool next_seen(int fd, struct seen *s, int wait_ms)
{
	size_t header = is_ipv6() ? 40 : 20, protocol = is_ipv6() ? 6 : 9;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct sockaddr_ll from;
	uint8_t packet[256];
	socklen_t size;
	ssize_t n;

	while (poll(&p, 1, wait_ms) > 0) {
		size = sizeof(from);
		n = recvfrom(fd, packet, sizeof(packet), 0, (struct sockaddr *)&from, &size);
		if (n < (ssize_t)(header + sizeof(s->tcp)) ||
		    packet[0] >> 4 != (is_ipv6() ? 6 : 4) || packet[protocol] != IPPROTO_TCP)
			continue;
		*s = read_seen(packet, header);
		s->outgoing = from.sll_pkttype == PACKET_OUTGOING;
		return true;
	}
	return false;
}

static bool is_ours(const struct seen *s, uint16_t port)
{
	return !s->outgoing && s->tcp.dest == htons(port);
}

/* N47: a flood of SYNs from where nobody answers, and a client in the middle of it. */
static void flood(void)
{
	const unsigned int count = count_of(500, 20000);
	struct forged syn = { .from = stranger(), .flags = TH_SYN };
	struct forged answer = { .from = stranger(), .flags = TH_ACK };
	int listener = our_listener(8), capture = capture_in_b();
	unsigned int answered = 0;
	struct pair p = { -1, -1 };
	struct seen s;

	for (unsigned int i = 0; i < count; i++) {
		enter(bed.b);
		syn.port = 1024 + i % 60000;
		syn.seq = i * 7919;
		forge(&syn);
		enter(bed.a);
		if (i != count / 2)
			continue;
		p.theirs = their_connection(++last_port);
		p.ours = nc_accept4(listener, NULL, NULL, 0);
		check(p.ours >= 0, "a client is accepted in a flood of SYNs");
		exchange(p);
	}
	while (next_seen(capture, &s, 200))
		answered += s.tcp.syn && s.tcp.ack && !s.outgoing && s.is_strangers;
	check(answered >= count, "%u SYNs, each answered (%u)", count, answered);
	enter(bed.b);
	for (unsigned int i = 0; i < 100; i++) {
		answer.port = 1024 + i;
		answer.seq = i * 7919 + 1;
		answer.ack = i * 104729;	/* the cookie is another one */
		forge(&answer);
	}
	enter(bed.a);
	usleep(100000);
	fcntl(listener, F_SETFL, O_NONBLOCK);
	check(nc_accept4(listener, NULL, NULL, 0) == -EAGAIN, "100 forged cookies, none accepted");
	exchange(p);
	close(capture);
	close_pair(p);
	nc_close(listener);
}

struct numbers {
	uint32_t ours, theirs;	/* that the next byte of each has */
};

/* As the capture has them: all that was sent until now. */
static struct numbers numbers_in(int capture, uint16_t port)
{
	struct numbers n = { 0 };
	struct seen s;

	while (next_seen(capture, &s, 100)) {
		uint32_t end = ntohl(s.tcp.seq) + s.text_bytes + s.tcp.syn;

		if (is_ours(&s, port))
			n.ours = end;
		else if (s.outgoing && s.tcp.source == htons(port))
			n.theirs = end;
	}
	return n;
}

/* RFC 5961's three attacks, blind: each in the window, none at the right place. */
static void forge_blindly(struct numbers n, uint16_t port)
{
	const uint32_t far = 1u << 30;
	struct forged f = { .from = addr_b, .port = port };

	enter(bed.b);
	for (uint32_t i = 1; i <= 100; i++) {
		f.text = NULL;
		f.seq = n.theirs + i * 100;
		f.flags = TH_RST;
		forge(&f);
		f.flags = TH_SYN;
		forge(&f);
		f.text = "forged";
		f.flags = TH_ACK | TH_PUSH;
		f.seq = n.theirs;
		f.ack = i % 2 ? n.ours + i : n.ours - far - i;
		forge(&f);
		f.ack = n.ours;
		f.seq = n.theirs + (i % 2 ? far : -far) + i;
		forge(&f);
	}
	enter(bed.a);
}

/* N48. Without timestamps, which a blind forger has to guess as well. */
static void blind(void)
{
	int capture = capture_in_b(), answers = 0;
	double began = now();
	struct seen s;
	struct pair p;
	char byte;

	enter(bed.b);
	write_file("/proc/sys/net/ipv4/tcp_timestamps", "0");
	enter(bed.a);
	p = connected();
	exchange(p);
	forge_blindly(numbers_in(capture, last_port), last_port);
	usleep(100000);
	while (next_seen(capture, &s, 100))
		answers += is_ours(&s, last_port);
	/* RFC 5961, 7: ten in a second; those to data far off are not among them */
	check(answers <= 100 + 10 * (now() - began + 1), "400 forgeries, %d answers", answers);
	exchange(p);
	check(true, "the connection has not heard of them");
	enter(bed.b);
	forge(&(struct forged){ .from = addr_b, .port = last_port, .flags = TH_RST,
				.seq = numbers_in(capture, last_port).theirs });
	enter(bed.a);
	check(nc_recv(p.ours, &byte, 1, 0) == -ECONNRESET, "one at the right place is a reset");
	enter(bed.b);
	write_file("/proc/sys/net/ipv4/tcp_timestamps", "1");
	enter(bed.a);
	close(capture);
	close_pair(p);
}

/* --- numbers that wrap --- */

static void repair(int fd, int name, uint32_t value)
{
	must(setsockopt(fd, IPPROTO_TCP, name, &value, sizeof(value)), "TCP_REPAIR");
}

/* The peer's first number, as CRIU sets it. */
static void set_number(int fd, uint32_t number)
{
	repair(fd, TCP_REPAIR, 1);
	repair(fd, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE);
	repair(fd, TCP_QUEUE_SEQ, number);
	repair(fd, TCP_REPAIR, 0);
}

static uint32_t timestamp(int fd)
{
	uint32_t value;
	socklen_t size = sizeof(value);

	must(getsockopt(fd, IPPROTO_TCP, TCP_TIMESTAMP, &value, &size), "TCP_TIMESTAMP");
	return value;
}

static void set_timestamp(int fd, uint32_t value)
{
	repair(fd, TCP_REPAIR, 1);
	repair(fd, TCP_TIMESTAMP, value);
	repair(fd, TCP_REPAIR, -1);
}

/* N49: sequence numbers, and then timestamps, which go forward to that by leaps. */
static void wrap(void)
{
	const uint32_t leap = 1u << 30, end = -200;
	int listener = our_listener(1), capture = capture_in_b();
	struct pair p = { .theirs = their_socket(++last_port) };
	uint32_t value;

	set_number(p.theirs, -3000);
	must(their_connect(p.theirs), "their connect");
	p.ours = nc_accept4(listener, NULL, NULL, 0);
	check(numbers_in(capture, last_port).theirs == (uint32_t)-2999, "a peer's number is -3000");
	for (int i = 0; i < 5; i++)
		exchange(p);
	their_send(p.theirs, 100000);
	our_take(p.ours, 0, 100000, 0);
	check(numbers_in(capture, last_port).theirs == 5 * 1000 + 100000 - 2999, "its numbers have wrapped");
	for (value = timestamp(p.theirs); end - value > leap; value += leap) {
		set_timestamp(p.theirs, value + leap);
		exchange(p);
	}
	set_timestamp(p.theirs, end);
	exchange(p);
	usleep(300000);
	exchange(p);
	check(timestamp(p.theirs) < 10000, "its timestamps have wrapped");
	close(capture);
	close_pair(p);
	nc_close(listener);
}

/* --- beginnings and ends --- */

static int our_state(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	return nc_getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) ? -1 : info.tcpi_state;
}

/* N50: both ends do the same at once, since what they say is 50 ms under way. */
static void simultaneous(void)
{
	struct pair p = { .theirs = their_socket(++last_port) };
	struct pollfd connecting = { .fd = p.theirs, .events = POLLOUT };

	treat_both("delay 50ms");
	fcntl(p.theirs, F_SETFL, O_NONBLOCK);
	check_errno(their_connect(p.theirs), EINPROGRESS, "their connect begins");
	p.ours = our_connection(last_port);
	poll(&connecting, 1, 5000);
	check(!socket_error(p.theirs, false), "both ends have opened it at once");
	fcntl(p.theirs, F_SETFL, 0);
	exchange(p);
	nc_shutdown(p.ours, SHUT_WR);
	shutdown(p.theirs, SHUT_WR);
	usleep(75000);
	check(our_state(p.ours) == TCP_CLOSING, "both have closed it at once: CLOSING");
	usleep(75000);
	check(our_state(p.ours) == TCP_TIME_WAIT, "then TIME-WAIT");
	treat_both(NULL);
	close_pair(p);
}

static void half_closed(void)
{
	struct pair p = connected();
	char byte;

	nc_shutdown(p.ours, SHUT_WR);
	check(!recv(p.theirs, &byte, 1, 0), "our half is closed");
	their_send(p.theirs, 100000);
	shutdown(p.theirs, SHUT_WR);
	our_take(p.ours, 0, 100000, 0);
	check(!nc_recv(p.ours, &byte, 1, 0), "theirs came whole");
	close_pair(p);
}

/* RFC 6191: who closed first is in TIME-WAIT, and its peer comes back from the same port. */
static void reused(void)
{
	int listener = our_listener(1), their_port = ++last_port;
	struct pair p;
	double began;
	char byte;

	for (int i = 0; i < 3; i++) {
		began = now();
		p.theirs = their_connection(their_port);
		p.ours = nc_accept4(listener, NULL, NULL, 0);
		exchange(p);
		nc_close(p.ours);
		recv(p.theirs, &byte, 1, 0);
		close(p.theirs);
		usleep(10000);	/* until its last word is acknowledged */
		check(now() < began + 0.5, "our TIME-WAIT does not hold the port");
	}
	nc_close(listener);
	listener = their_listener(their_port + 1);
	last_port++;
	for (int i = 0; i < 3; i++) {
		began = now();
		p.ours = our_connection(their_port + 1);
		p.theirs = must(accept(listener, NULL, NULL), "accept");
		exchange(p);
		close(p.theirs);
		nc_recv(p.ours, &byte, 1, 0);
		nc_close(p.ours);
		usleep(10000);
		check(now() < began + 0.5, "nor does theirs");
	}
	for (int i = 0; i < 3; i++) {
		began = now();
		p.ours = our_connection(their_port + 1);
		p.theirs = must(accept(listener, NULL, NULL), "accept");
		exchange(p);
		nc_close(p.ours);
		recv(p.theirs, &byte, 1, 0);
		close(p.theirs);
		usleep(10000);
		check(now() < began + 0.5, "nor does ours, when we come back from it");
	}
	close(listener);
}

/* How long close() takes, which may be so long. */
static double close_lingering(int fd, int most_s)
{
	struct linger linger = { .l_onoff = 1, .l_linger = most_s };
	double began = now();

	nc_setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	check(!nc_close(fd), "close() with %d s to linger", most_s);
	return now() - began;
}

/* It waits for what was sent, so long as it may, and with no time at all resets. */
static void lingers(void)
{
	struct pair p = connected();
	double seconds;
	char byte;

	treat_ours("delay 200ms");
	our_send(p.ours, 1000);
	seconds = close_lingering(p.ours, 5);
	check(between(seconds, 0.19, 1), "close() has waited %.2f s", seconds);
	their_take(p.theirs, 0, 1000, 0);
	check(!recv(p.theirs, &byte, 1, 0), "... for the last byte and the end");
	close(p.theirs);

	treat_ours(NULL);
	p = connected();
	treat_both("loss 100%");
	our_send(p.ours, 1000);
	seconds = close_lingering(p.ours, 5);
	check(between(seconds, 4.9, 7), "a silent peer is given up after %.2f s", seconds);
	treat_both(NULL);
	their_take(p.theirs, 0, 1000, 0);
	check(!recv(p.theirs, &byte, 1, 0), "who still gets all of it");
	close(p.theirs);

	p = connected();
	close_lingering(p.ours, 0);
	check_errno(recv(p.theirs, &byte, 1, 0), ECONNRESET, "close() without time is a reset");
	close(p.theirs);
}

/* --- data beside the SYN --- */

/* The kernel's word for it, at either end. */
static bool had_syn_data(int theirs)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	must(getsockopt(theirs, IPPROTO_TCP, TCP_INFO, &info, &size), "TCP_INFO");
	return info.tcpi_options & TCPI_OPT_SYN_DATA;
}

static int fast_listener(void)
{
	int queue = 5, fd = their_listener(++last_port);

	must(setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)), "TCP_FASTOPEN");
	return fd;
}

/* RFC 7413, the library as the client: whether the kernel took its data beside the SYN. */
static bool we_open_fast(void)
{
	int listener = fast_listener();
	union sock_addr to = sock_addr(addr_b, last_port);
	struct pair p = { .ours = our_socket() };
	ssize_t n = nc_sendto(p.ours, pattern, 500, MSG_FASTOPEN, &to.any, sizeof(to));
	bool fast;

	check(n == 500, "our sendto() with MSG_FASTOPEN: %zd", n);
	p.theirs = must(accept(listener, NULL, NULL), "accept");
	their_take(p.theirs, 0, 500, 0);
	fast = had_syn_data(p.theirs);
	their_send(p.theirs, 1000);
	our_take(p.ours, 0, 1000, 0);
	close_pair(p);
	close(listener);
	return fast;
}

/* The kernel is; the library's cookie is the one that it keeps. */
static bool they_open_fast(int listener)
{
	union sock_addr to = sock_addr(addr_a, PORT_A);
	struct pair p = { .theirs = their_socket(++last_port) };
	ssize_t n = sendto(p.theirs, pattern, 500, MSG_FASTOPEN, &to.any, sizeof(to));
	bool fast;

	check(n == 500, "their sendto() with MSG_FASTOPEN: %s", strerror(errno));
	p.ours = nc_accept4(listener, NULL, NULL, 0);
	our_take(p.ours, 0, 500, 0);
	our_send(p.ours, 1000);
	their_take(p.theirs, 0, 1000, 0);
	fast = had_syn_data(p.theirs);
	close_pair(p);
	return fast;
}

static void let_kernel_open_fast(void)
{
	enter(bed.b);
	write_file("/proc/sys/net/ipv4/tcp_fastopen", "3");
	enter(bed.a);
}

static void fast_client(void)
{
	let_kernel_open_fast();
	check(!we_open_fast(), "the kernel gives the library a cookie");
	check(we_open_fast(), "and takes its data beside the SYN");
}

static void fast_server(void)
{
	int listener = our_listener(5);

	let_kernel_open_fast();
	set_ours(listener, IPPROTO_TCP, TCP_FASTOPEN, 5);
	check(!they_open_fast(listener), "the library gives the kernel a cookie");
	check(they_open_fast(listener), "and takes its data beside the SYN");
	nc_close(listener);
}

/* --- many --- */

static void echo_each(int epoll, const struct pair *pairs, unsigned int count)
{
	struct epoll_event events[64];
	unsigned int done = 0, number;

	while (done < count) {
		int ready = epoll_wait(epoll, events, 64, 5000);

		if (ready <= 0)
			check(false, "%u of %u have come", done, count);
		for (int i = 0; i < ready; i++, done++) {
			const struct pair *p = &pairs[events[i].data.u32];

			if (nc_recv(p->ours, &number, sizeof(number), 0) != sizeof(number) ||
			    nc_send(p->ours, &number, sizeof(number), 0) != sizeof(number))
				check(false, "echo of %u", events[i].data.u32);
		}
	}
}

/* N51: all at once in one process, with epoll on the sockets themselves. */
static void many(void)
{
	const unsigned int count = count_of(100, 10000);
	struct rlimit files = { 4 * count + 100, 4 * count + 100 };
	struct pair *pairs = calloc(count, sizeof(*pairs));
	int listener, epoll = epoll_create1(EPOLL_CLOEXEC);
	unsigned int number, right = 0;

	must(setrlimit(RLIMIT_NOFILE, &files), "RLIMIT_NOFILE");
	listener = our_listener(8);
	for (unsigned int i = 0; i < count; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };

		pairs[i].theirs = their_connection(0);
		pairs[i].ours = nc_accept4(listener, NULL, NULL, 0);
		must(epoll_ctl(epoll, EPOLL_CTL_ADD, pairs[i].ours, &event), "epoll");
	}
	for (unsigned int i = 0; i < count; i++)
		must(send(pairs[i].theirs, &i, sizeof(i), 0), "send");
	echo_each(epoll, pairs, count);
	for (unsigned int i = 0; i < count; i++) {
		right += recv(pairs[i].theirs, &number, sizeof(number), 0) == sizeof(number) &&
			number == i;
		close(pairs[i].theirs);
		nc_close(pairs[i].ours);
	}
	check(right == count, "%u connections at once, each with its own echo (%u)", count, right);
	close(epoll);
	nc_close(listener);
	free(pairs);
}

/* --- two stacks of one program --- */

/* How often its threads have slept, or made room for others; but not the one that asks. */
static long turns_of_others(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;
	long turns = 0;

	while ((task = readdir(tasks))) {
		char path[300], line[100];
		FILE *status;
		long number;

		snprintf(path, sizeof(path), "/proc/self/task/%s/status", task->d_name);
		status = task->d_name[0] != '.' && atoi(task->d_name) != gettid() ?
			fopen(path, "r") : NULL;
		while (status && fgets(line, sizeof(line), status)) {
			if (sscanf(line, "voluntary_ctxt_switches: %ld", &number) == 1)
				turns += number;
		}
		if (status)
			fclose(status);
	}
	closedir(tasks);
	return turns;
}

/* The accepting end closes first. The other's port is free when it has had the last word. */
static void connect_and_close(int listener)
{
	union sock_addr to = sock_addr(addr_b, PORT_B);
	int fd = nc_socket(stack, family_of(addr_a), SOCK_STREAM, 0), accepted, ret;
	char byte;

	while ((ret = nc_connect(fd, &to.any, sizeof(to))) == -EADDRNOTAVAIL)
		usleep(1000);
	accepted = nc_accept4(listener, NULL, NULL, 0);
	if (ret || accepted < 0 || nc_close(accepted) || nc_recv(fd, &byte, 1, 0) || nc_close(fd))
		check(false, "a connection to a neighbour: %d, %d", ret, accepted);
}

/* By one thread, who looks after one stack while he waits for the other. */
static void neighbours(void)
{
	union sock_addr own = sock_addr(addr_b, PORT_B);
	const int count = 200;
	struct nc_stack *other;
	int listener;
	long turns;

	enter(bed.b);
	other = stack_at(addr_b, PORT_B);
	enter(bed.a);
	listener = nc_socket(other, family_of(addr_b), SOCK_STREAM, 0);
	if (nc_bind(listener, &own.any, sizeof(own)) || nc_listen(listener, 8))
		check(false, "a neighbour's listener");
	connect_and_close(listener);
	turns = turns_of_others();
	for (int i = 0; i < count; i++)
		connect_and_close(listener);
	turns = turns_of_others() - turns;
	check(turns < count / 2, "%d connections of one thread, %ld turns of the stacks' own", count,
	      turns);
	nc_close(listener);
	end_stack(other);
}

/* --- a crowd --- */

#define CROWD_BACKLOG	64

/* Begins to connect, and waits for nothing; it has something to say when it can. */
static int begin_client(int epoll, unsigned int number)
{
	struct epoll_event event = { .events = EPOLLOUT | EPOLLONESHOT, .data.u32 = number };
	int fd = their_socket(0);

	must(fcntl(fd, F_SETFL, O_NONBLOCK), "O_NONBLOCK");
	if (their_connect(fd) && errno != EINPROGRESS)
		check(false, "client %u: %s", number, strerror(errno));
	must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll");
	return fd;
}

/* Who is told that he is connected speaks: what comes of it tells a listener of him again. */
static void let_speak(int epoll, const struct pair *pairs)
{
	struct epoll_event events[64];
	int ready = epoll_wait(epoll, events, 64, 0);

	for (int i = 0; i < ready; i++) {
		unsigned int number = events[i].data.u32;

		if (send(pairs[number].theirs, &number, sizeof(number), MSG_NOSIGNAL) !=
		    sizeof(number))
			check(false, "client %u: %s", number, strerror(errno));
	}
}

static void accept_crowd(int listener, int epoll, struct pair *pairs, unsigned int count)
{
	struct pollfd fds[] = {
		{ .fd = listener, .events = POLLIN }, { .fd = epoll, .events = POLLIN },
	};
	unsigned int accepted = 0;

	while (accepted < count) {
		if (must(poll(fds, 2, PATIENCE_S * 1000), "poll") == 0)
			check(false, "%u of %u are accepted", accepted, count);
		let_speak(epoll, pairs);
		while (accepted < count) {
			int fd = nc_accept4(listener, NULL, NULL, SOCK_NONBLOCK);

			if (fd == -EAGAIN)
				break;
			if (fd < 0)
				check(false, "accept: %s", strerror(-fd));
			pairs[accepted++].ours = fd;
		}
	}
	let_speak(epoll, pairs);
}

/* Each of ours has one client's number, none twice, and sends it back. */
static void answer_crowd(int epoll, struct pair *pairs, unsigned int count)
{
	uint8_t *seen = calloc(count, 1);
	unsigned int number;

	for (unsigned int i = 0; i < count; i++) {
		struct pollfd p = { .fd = pairs[i].ours, .events = POLLIN };

		while (poll(&p, 1, 0) == 0) {
			let_speak(epoll, pairs);
			must(poll(&p, 1, 100), "poll");
		}
		if (nc_recv(pairs[i].ours, &number, sizeof(number), 0) != sizeof(number) ||
		    number >= count || seen[number]++)
			check(false, "%u of ours: no number, or another's", i);
		if (nc_send(pairs[i].ours, &number, sizeof(number), 0) != sizeof(number))
			check(false, "echo of %u", number);
	}
	free(seen);
}

/*
 * Clients that begin all before the first is accepted, many more than there is room for in
 * the queues of handshakes and of connections: cookies go, and what finds no room comes again.
 */
static void crowd(void)
{
	const unsigned int count = count_of(1000, 10000);
	struct rlimit files = { 4 * count + 100, 4 * count + 100 };
	struct pair *pairs = calloc(count, sizeof(*pairs));
	int listener, epoll = epoll_create1(EPOLL_CLOEXEC);
	unsigned int number, right = 0;

	must(setrlimit(RLIMIT_NOFILE, &files), "RLIMIT_NOFILE");
	listener = our_listener(CROWD_BACKLOG);
	fcntl(listener, F_SETFL, O_NONBLOCK);
	for (unsigned int i = 0; i < count; i++)
		pairs[i].theirs = begin_client(epoll, i);
	accept_crowd(listener, epoll, pairs, count);
	answer_crowd(epoll, pairs, count);
	for (unsigned int i = 0; i < count; i++) {
		struct pollfd p = { .fd = pairs[i].theirs, .events = POLLIN };

		right += poll(&p, 1, 30000) == 1 && recv(p.fd, &number, sizeof(number), 0) ==
			sizeof(number) && number == i;
		close(pairs[i].theirs);
		nc_close(pairs[i].ours);
	}
	check(right == count, "%u clients at once, with a backlog of %d, each with its own echo (%u)",
	      count, CROWD_BACKLOG, right);
	close(epoll);
	nc_close(listener);
	free(pairs);
}

/* --- all --- */

enum families { BOTH, BOTH_IN_LONG_RUNS };

static const struct scenario {
	const char *name;
	void (*run)(void);
	enum families families;
} scenarios[] = {
	{ "silence", silence, BOTH },
	{ "no-calls", no_calls, BOTH_IN_LONG_RUNS },
	{ "slow-device", slow_device, BOTH_IN_LONG_RUNS },
	{ "closed-by-peer", closed_by_peer, BOTH_IN_LONG_RUNS },
	{ "closed-by-us", closed_by_us, BOTH_IN_LONG_RUNS },
	{ "flood", flood, BOTH_IN_LONG_RUNS },
	{ "blind", blind, BOTH_IN_LONG_RUNS },
	{ "wrap", wrap, BOTH_IN_LONG_RUNS },
	{ "simultaneous", simultaneous, BOTH },
	{ "half-closed", half_closed, BOTH },
	{ "reused", reused, BOTH },
	{ "lingers", lingers, BOTH },
	{ "fast-client", fast_client, BOTH },
	{ "fast-server", fast_server, BOTH },
	{ "many", many, BOTH_IN_LONG_RUNS },
	{ "neighbours", neighbours, BOTH },
	{ "crowd", crowd, BOTH_IN_LONG_RUNS },
};

static bool is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], name))
			return true;
	}
	return argc == 1;
}

static void run_scenario(const struct scenario *s, bool ipv6)
{
	printf("%s, IPv%d:\n", s->name, ipv6 ? 6 : 4);
	use_ipv6(ipv6);
	start_stack();
	s->run();
	stop_stack();
}

int main(int argc, char **argv)
{
	make_path();
	run("/usr/bin/ip neigh add " STRANGER " lladdr 02:00:00:00:00:02 dev v0 nud permanent &&"
	    "/usr/bin/ip neigh add " STRANGER6 " lladdr 02:00:00:00:00:02 dev v0 nud permanent");
	enter(bed.b);
	wire = raw_socket();
	enter(bed.a);
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		if (!is_wanted(scenarios[i].name, argc, argv))
			continue;
		run_scenario(&scenarios[i], false);
		if (scenarios[i].families == BOTH ||
		    (scenarios[i].families == BOTH_IN_LONG_RUNS && count_of(0, 1)))
			run_scenario(&scenarios[i], true);
	}
	return 0;
}
