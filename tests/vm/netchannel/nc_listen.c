// SPDX-License-Identifier: GPL-2.0
/*
 * Channels of type LISTEN: every sender gets a channel of its own, with all its packets
 * from the first on, however many accept, and whatever arrives meanwhile.
 */
#include "ring.h"

#include <linux/userfaultfd.h>
#include <pthread.h>

#define PORT	7000

static int accept_args(struct netchannel_accept *args, int listener)
{
	int fd = open_device(), err;

	args->size = sizeof(*args);
	args->listener = listener;
	if (!ioctl(fd, NETCHANNEL_ACCEPT, args))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static int try_accept(int listener, uint32_t type, uint32_t flags, uint64_t timeout_ns)
{
	struct netchannel_accept args = {
		.type = type, .flags = flags, .timeout_ns = timeout_ns,
	};

	return accept_args(&args, listener);
}

static int listener_on(const char *addr, uint32_t protocol)
{
	struct netchannel_create args = create_args(addr, PORT, NULL, 0);

	args.type = NETCHANNEL_TYPE_LISTEN;
	args.protocol = protocol;
	if (protocol == IPPROTO_TCP)
		args.format = NETCHANNEL_FORMAT_PACKET;
	return must(try_channel(&args), "CREATE of a listener");
}

static int sender(const struct bed *bed, const char *from, int port, const char *to)
{
	int fd;

	enter(bed->b);
	fd = udp_socket(from, port, to, PORT);
	enter(bed->a);
	return fd;
}

static void say(int sock, const char *text)
{
	must(send(sock, text, strlen(text), 0), "send");
}

static void bad_requests(int listener)
{
	struct netchannel_accept args = { .type = NETCHANNEL_TYPE_COPY };
	int other = channel(ADDR_A, 7009, NULL, 0);
	char c;

	check_errno(try_accept(listener, NETCHANNEL_TYPE_LISTEN, 0, 0), EINVAL, "a child that listens");
	check_errno(try_accept(listener, NETCHANNEL_TYPE_DISCARD, 0, 0), EINVAL, "or discards");
	check_errno(try_accept(listener, NETCHANNEL_TYPE_COPY, NETCHANNEL_PEEK, 0), EINVAL, "flags");
	check_errno(try_accept(listener, NETCHANNEL_TYPE_COPY, 0, 1ULL << 63), EINVAL, "timeout");
	args.tx_slots = 64;
	check_errno(accept_args(&args, listener), EINVAL, "tx_slots of a COPY channel");
	args.tx_slots = 0;
	args.rx_bytes = 1;
	check_errno(accept_args(&args, listener), EINVAL, "rx_bytes");
	args.type = NETCHANNEL_TYPE_RING;
	args.rx_bytes = 4097;
	check_errno(accept_args(&args, listener), EINVAL, "rx_bytes of a ring");
	check_errno(try_accept(99, NETCHANNEL_TYPE_COPY, 0, 0), EBADF, "no listener");
	check_errno(try_accept(other, NETCHANNEL_TYPE_COPY, 0, 0), EINVAL, "one that does not listen");
	check_errno(try_accept(1, NETCHANNEL_TYPE_COPY, 0, 0), EINVAL, "one that is no channel");
	check_errno(try_accept(open_device(), NETCHANNEL_TYPE_COPY, 0, 0), EINVAL, "none yet");
	args = (struct netchannel_accept){ .size = sizeof(args), .listener = listener, .type = 1 };
	check_errno(ioctl(other, NETCHANNEL_ACCEPT, &args), EISCONN, "a channel already");
	check_errno(nc_recv(listener, &c, 1, NETCHANNEL_DONTWAIT, 0, NULL), EOPNOTSUPP, "RECV");
	check_errno(read(listener, &c, 1), EOPNOTSUPP, "read()");
	check_errno(try_accept(listener, NETCHANNEL_TYPE_COPY, NETCHANNEL_DONTWAIT, 0), EAGAIN,
		    "ACCEPT of nobody, DONTWAIT");
	check_errno(try_accept(listener, NETCHANNEL_TYPE_COPY, 0, SECOND / 20), ETIMEDOUT,
		    "with a limit");
	close(other);
}

/* Two senders, whose packets come mixed. */
static void two_flows(const struct bed *bed, const char *local, const char *remote)
{
	int listener = listener_on(local, IPPROTO_UDP), one, two;
	int a = sender(bed, remote, 7001, local), b = sender(bed, remote, 7002, local);
	struct pollfd p = { .fd = listener, .events = POLLIN };
	struct netchannel_accept args = { .type = NETCHANNEL_TYPE_COPY };
	struct netchannel_addr wanted = nc_addr(remote, 7001);

	check(poll(&p, 1, 0) == 0, "nobody yet");
	say(a, "a1");
	say(b, "b1");
	say(a, "a2");
	say(b, "b2");
	check(poll(&p, 1, 30000) == 1 && p.revents == POLLIN, "POLLIN: somebody");
	one = must(accept_args(&args, listener), "ACCEPT");
	check(!memcmp(&args.remote, &wanted, sizeof(wanted)) && args.local.port == htons(PORT),
	      "ACCEPT tells the sender of the oldest packet");
	check_errno(ioctl(one, NETCHANNEL_ACCEPT, &args), EISCONN, "once");
	expect(one, "a1", 2, "its first packet");
	expect(one, "a2", 2, "and the second");
	say(a, "a3");
	expect(one, "a3", 2, "and one that comes later");
	two = must(try_accept(listener, NETCHANNEL_TYPE_COPY, 0, 0), "ACCEPT");
	expect(two, "b1", 2, "the other sender has a channel of its own");
	check(nc_send(one, "to a", 4, 0) == 0 && nc_send(two, "to b", 4, 0) == 0, "SEND");
	expect_socket(a, "to a", 4, "each answers");
	expect_socket(b, "to b", 4, "its own");
	close(listener);
	say(b, "b3");
	expect(two, "b2", 2, "they outlive the listener:");
	expect(two, "b3", 2, "nothing was lost");
	close(one);
	close(two);
	close(a);
	close(b);
	close(must(try_socket(local, PORT), "the port is free at the end"));
}

/* A listener on any address; a child with a ring; a child that goes. */
static void any_and_rings(const struct bed *bed)
{
	int listener = listener_on("0.0.0.0", IPPROTO_UDP), a = sender(bed, ADDR_B, 7001, ADDR_A);
	struct netchannel_accept args = { .type = NETCHANNEL_TYPE_RING };
	struct netchannel_addr wanted = nc_addr(ADDR_A, PORT);
	struct ring ring;
	int fd;

	say(a, "first");
	say(a, "second");
	fd = must(accept_args(&args, listener), "ACCEPT of a ring");
	check(!memcmp(&args.local, &wanted, sizeof(wanted)) && args.map_bytes == map_bytes_of(fd),
	      "the address that the packet was sent to, and what to map");
	ring = map_ring(fd);
	ring_expect(&ring, "first", 5, "the ring has the first packet");
	ring_expect(&ring, "second", 6, "and the second");
	say(a, "third");
	ring_expect(&ring, "third", 5, "and what comes later");
	check(!ring_send(&ring, "reply", 5), "it sends");
	expect_socket(a, "reply", 5, "from there");
	close_ring(&ring);
	say(a, "again");
	fd = must(try_accept(listener, NETCHANNEL_TYPE_COPY, 0, 30 * SECOND), "ACCEPT again");
	expect(fd, "again", 5, "a sender whose channel has gone is new");
	close(fd);
	close(listener);
	close(a);
}

/* Nothing of what is refused is lost. */
static void refusals(const struct bed *bed)
{
	int listener = listener_on(ADDR_A, IPPROTO_UDP), a = sender(bed, ADDR_B, 7001, ADDR_A), fd;
	struct netchannel_accept *page;
	long size = sysconf(_SC_PAGESIZE);

	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*page = (struct netchannel_accept){
		.size = sizeof(*page), .type = NETCHANNEL_TYPE_COPY, .listener = listener,
	};
	mprotect(page, size, PROT_READ);
	say(a, "kept");
	fd = open_device();
	check_errno(ioctl(fd, NETCHANNEL_ACCEPT, page), EFAULT, "ACCEPT that cannot tell");
	mprotect(page, size, PROT_READ | PROT_WRITE);
	check(!ioctl(fd, NETCHANNEL_ACCEPT, page), "the same descriptor accepts then");
	expect(fd, "kept", 4, "the packet has waited");
	munmap(page, size);
	close(fd);
	close(listener);
	close(a);
}

/*
 * CREATE may take the flow of a packet that waits: its channel has the packet if it is
 * what a child would be, and nobody if it is of another format.
 */
static void taken_by_create(const struct bed *bed)
{
	int listener = listener_on(ADDR_A, IPPROTO_UDP), a = sender(bed, ADDR_B, 7001, ADDR_A);
	struct netchannel_create args = create_args(ADDR_A, PORT, ADDR_B, 7001);
	struct netchannel_stats s;
	int other;

	args.format = NETCHANNEL_FORMAT_PACKET;
	say(a, "payload");
	stats_at(listener, 1);
	other = channel_of(args);
	check_errno(try_accept(listener, NETCHANNEL_TYPE_COPY, NETCHANNEL_DONTWAIT, 0), EAGAIN,
		    "ACCEPT of a flow that CREATE has taken");
	check_errno(nc_recv(other, &args, 1, NETCHANNEL_DONTWAIT, 0, NULL), EAGAIN,
		    "a channel of another format has no packet of it");
	s = stats_of(listener);
	check(s.rx_dropped_policy == 1 && dropped(&s) == 1 && !s.rx_packets && !s.rx_bytes,
	      "it is counted once, as dropped");
	close(other);
	say(a, "kept");
	stats_at(listener, 2);
	other = channel(ADDR_A, PORT, ADDR_B, 7001);
	check_errno(try_accept(listener, NETCHANNEL_TYPE_COPY, NETCHANNEL_DONTWAIT, 0), EAGAIN,
		    "ACCEPT, once more");
	expect(other, "kept", 4, "one of the same format has it");
	close(other);
	close(listener);
	close(a);
}

static void say_much(int sock, char what)
{
	char data[1400];

	memset(data, what, sizeof(data));
	must(send(sock, data, sizeof(data), 0), "send");
}

static void expect_much(int fd, char what)
{
	char data[1400];

	memset(data, what, sizeof(data));
	expect(fd, data, sizeof(data), "all that waited");
}

static int try_small(int listener, uint32_t type, uint32_t rx_bytes, int group)
{
	struct netchannel_accept args = { .type = type, .rx_bytes = rx_bytes, .group = group };

	return accept_args(&args, listener);
}

/* A child that is too small for what waits: nothing is lost, once it is there. */
static void small_children(const struct bed *bed)
{
	int listener = listener_on(ADDR_A, IPPROTO_UDP), a = sender(bed, ADDR_B, 7001, ADDR_A);
	struct netchannel_create args = create_args(ADDR_A, 7009, NULL, 0);
	struct netchannel_stats s;
	int group, fd;
	char c;

	args.type = NETCHANNEL_TYPE_RING;
	args.rx_bytes = 4096;
	group = channel_of(args);
	for (c = 'a'; c < 'd'; c++)
		say_much(a, c);
	stats_at(listener, 3);
	check_errno(try_small(listener, NETCHANNEL_TYPE_RING, 4096, 0), ENOBUFS,
		    "ACCEPT into a ring too small for what waits");
	check_errno(try_small(listener, NETCHANNEL_TYPE_GROUP, 0, group), ENOBUFS,
		    "and into that of a group");
	fd = must(try_small(listener, NETCHANNEL_TYPE_COPY, 4096, 0), "ACCEPT as COPY");
	s = stats_of(fd);
	check(s.rx_packets == 3 && s.rx_queued_bytes > 4096 && !dropped(&s),
	      "has it, beyond its rx_bytes");
	say_much(a, 'd');
	check(stats_at(fd, 4).rx_dropped_full == 1, "what comes then finds no room");
	for (c = 'a'; c < 'd'; c++)
		expect_much(fd, c);
	say_much(a, 'e');
	expect_much(fd, 'e');
	s = stats_of(listener);
	check(s.rx_packets == 3 && s.rx_read == 3 && !s.rx_queued_bytes &&
	      !stats_of(fd).rx_queued_bytes, "no memory is accounted for any more");
	close(fd);
	for (c = 'a'; c < 'd'; c++)
		say_much(a, c);
	stats_at(listener, 6);
	fd = must(try_small(listener, NETCHANNEL_TYPE_RING, 8192, 0), "ACCEPT into a larger ring");
	s = stats_of(fd);
	check(s.rx_packets == 3 && !dropped(&s), "has it, too");
	close(fd);
	close(group);
	close(listener);
	close(a);
}

/* So much is read as one record is long, if there is one. */
static void make_room(struct ring *r)
{
	const struct netchannel_record *record = ring_peek(r);

	if (!record)
		return;
	ring_next(r, record);
	ring_release(r);
}

/* A child in the group, once the ring has room for what waits. */
static int accept_in_group(int listener, struct ring *r)
{
	struct netchannel_accept args = {
		.size = sizeof(args), .type = NETCHANNEL_TYPE_GROUP, .listener = listener,
		.group = r->fd,
	};
	double limit = now() + 30;
	int fd = open_device();

	do {
		make_room(r);
		if (!ioctl(fd, NETCHANNEL_ACCEPT, &args))
			return fd;
	} while (errno == ENOBUFS && now() < limit);
	return must(-1, "ACCEPT");
}

static pid_t flood_member(const struct bed *bed)
{
	int sock;
	pid_t pid;

	enter(bed->b);
	sock = udp_socket(ADDR_B, 7301, ADDR_A, 7300);
	enter(bed->a);
	pid = fork();
	if (!pid)
		for (;;)
			must(send(sock, "x", 1, 0), "send");
	close(sock);
	return pid;
}

/*
 * A ring that is full whenever another member can fill it: either there is room for what opened
 * the child, and it has it, or ACCEPT fails and it waits.
 */
static void full_group(const struct bed *bed)
{
	int listener = listener_on(ADDR_A, IPPROTO_UDP), a = sender(bed, ADDR_B, 7001, ADDR_A);
	struct netchannel_create args = ring_args(ADDR_A, 7009, NULL, 0);
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int i, rounds = count_of(200, 20000), member, child;
	struct netchannel_stats s;
	struct ring r;
	pid_t flood;

	args.rx_bytes = 4096;
	r = open_ring(args);
	args = create_args(ADDR_A, 7300, ADDR_B, 7301);
	args.type = NETCHANNEL_TYPE_GROUP;
	args.group = r.fd;
	member = channel_of(args);
	flood = flood_member(bed);
	for (i = 0; i < rounds; i++) {
		say(a, "open");
		if (poll(&p, 1, 30000) != 1)
			check(false, "round %d: nobody waits", i);
		child = accept_in_group(listener, &r);
		s = stats_of(child);
		if (s.rx_packets != 1 || dropped(&s))
			check(false, "round %d: %d packets, %d dropped", i, (int)s.rx_packets,
			      (int)dropped(&s));
		close(child);
	}
	kill(flood, SIGKILL);
	waitpid(flood, NULL, 0);
	check(stats_of(member).rx_dropped_full, "%d children of a group whose ring is full: each "
	      "has what opened it", rounds);
	make_room(&r);
	say(a, "last");
	close(accept_in_group(listener, &r));
	close(member);
	close_ring(&r);
	close(listener);
	close(a);
}

#define FLOOD	400

/* N27: more than ten times what the listener holds: all is counted, and the child has the rest. */
static void flooded(const struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, PORT, NULL, 0);
	int listener, fd, sock = sender(bed, ADDR_B, 7001, ADDR_A);
	struct netchannel_stats s;
	uint32_t i, got;

	args.type = NETCHANNEL_TYPE_LISTEN;
	args.rx_bytes = 16384;
	listener = channel_of(args);
	for (i = 0; i < FLOOD; i++)
		must(send(sock, &i, sizeof(i), 0), "send");
	s = stats_at(listener, FLOOD);
	check(s.rx_packets && s.rx_packets <= FLOOD / 10 &&
	      s.rx_packets + s.rx_dropped_full == FLOOD && dropped(&s) == s.rx_dropped_full,
	      "%d to a listener: %d wait, %d are dropped", FLOOD, (int)s.rx_packets,
	      (int)s.rx_dropped_full);
	fd = must(try_accept(listener, NETCHANNEL_TYPE_COPY, 0, 0), "ACCEPT");
	for (i = 0; i < s.rx_packets; i++)
		if (nc_recv(fd, &got, sizeof(got), 0, 30 * SECOND, NULL) != sizeof(got) || got != i)
			check(false, "packet %u of the flood", i);
	check_errno(nc_recv(fd, &got, sizeof(got), NETCHANNEL_DONTWAIT, 0, NULL), EAGAIN,
		    "and no more");
	say(sock, "later");
	expect(fd, "later", 5, "the child has what comes later");
	close(fd);
	close(listener);
	close(sock);
}

/* Each ACCEPT looks through what waits: so that is bounded in number, too. */
static void crowded(const struct bed *bed)
{
	const int max = NETCHANNEL_LISTEN_PACKETS_MAX, more = 100;
	struct netchannel_create args = create_args(ADDR_A, PORT, NULL, 0);
	int listener, fd, sock = sender(bed, ADDR_B, 7001, ADDR_A), i;
	struct netchannel_stats s;

	args.type = NETCHANNEL_TYPE_LISTEN;
	args.rx_bytes = 64 << 20;
	listener = channel_of(args);
	for (i = 0; i < max + more; i++)
		must(send(sock, "x", 1, 0), "send");
	s = stats_at(listener, max + more);
	check((int)s.rx_packets == max && (int)s.rx_dropped_full == more &&
	      (int)dropped(&s) == more, "of %d that have room in 64 MiB, %d wait", max + more,
	      (int)s.rx_packets);
	fd = must(try_small(listener, NETCHANNEL_TYPE_COPY, 64 << 20, 0), "ACCEPT");
	say(sock, "more");
	s = stats_at(fd, max + 1);
	check((int)s.rx_packets == max + 1 && !dropped(&s), "a child may have more");
	close(fd);
	close(listener);
	close(sock);
}

static void protect_page(int uffd, void *page, uint64_t mode)
{
	struct uffdio_writeprotect p = {
		.range = { (uintptr_t)page, sysconf(_SC_PAGESIZE) }, .mode = mode,
	};

	must(ioctl(uffd, UFFDIO_WRITEPROTECT, &p), "UFFDIO_WRITEPROTECT");
}

/* Who writes to the page waits from now on, and the descriptor tells of it. */
static int hold_page(void *page)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	struct uffdio_register r = {
		.range = { (uintptr_t)page, sysconf(_SC_PAGESIZE) },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	int uffd = must(syscall(SYS_userfaultfd, O_CLOEXEC), "userfaultfd");

	must(ioctl(uffd, UFFDIO_API, &api), "UFFDIO_API");
	must(ioctl(uffd, UFFDIO_REGISTER, &r), "UFFDIO_REGISTER");
	protect_page(uffd, page, UFFDIO_WRITEPROTECT_MODE_WP);
	return uffd;
}

static int slow_fd;

static void *accept_slowly(void *args)
{
	return (void *)(intptr_t)ioctl(slow_fd, NETCHANNEL_ACCEPT, args);
}

/*
 * An ACCEPT that has seen a packet, and is slow to tell: meanwhile another one gives its
 * sender a channel, which is used and closed. The slow one waits for the next sender.
 */
static void overtaken(const struct bed *bed)
{
	int listener = listener_on(ADDR_A, IPPROTO_UDP), fd, uffd;
	int a = sender(bed, ADDR_B, 7001, ADDR_A), b = sender(bed, ADDR_B, 7002, ADDR_A);
	struct netchannel_addr wanted = nc_addr(ADDR_B, 7002);
	struct netchannel_accept *args;
	struct uffd_msg message;
	pthread_t thread;
	void *ret;

	args = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*args = (struct netchannel_accept){
		.size = sizeof(*args), .type = NETCHANNEL_TYPE_COPY, .listener = listener,
		.timeout_ns = 30 * SECOND,
	};
	slow_fd = open_device();
	uffd = hold_page(args);
	say(a, "one");
	pthread_create(&thread, NULL, accept_slowly, args);
	must(read(uffd, &message, sizeof(message)), "the slow ACCEPT writes");
	fd = must(try_accept(listener, NETCHANNEL_TYPE_COPY, 0, 30 * SECOND), "a quick ACCEPT");
	expect(fd, "one", 3, "has the sender, and its packet");
	close(fd);
	protect_page(uffd, args, 0);
	say(b, "two");
	pthread_join(thread, &ret);
	check(!ret && !memcmp(&args->remote, &wanted, sizeof(wanted)),
	      "the slow one has the next sender");
	expect(slow_fd, "two", 3, "and its packet");
	close(uffd);
	munmap(args, sysconf(_SC_PAGESIZE));
	close(slow_fd);
	close(listener);
	close(a);
	close(b);
}

/* A connection of the kernel's TCP: its first segment opens the channel. */
static void tcp(const struct bed *bed)
{
	int listener = listener_on(ADDR_A, IPPROTO_TCP), client, fd, n;
	union sock_addr to = sock_addr(ADDR_A, PORT);
	struct netchannel_recv r;
	uint8_t segment[100];

	enter(bed->b);
	client = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
	check(connect(client, &to.any, sizeof(to.in)) < 0 && errno == EINPROGRESS, "connect");
	enter(bed->a);
	fd = must(try_accept(listener, NETCHANNEL_TYPE_COPY, 0, 30 * SECOND), "ACCEPT");
	n = nc_recv(fd, segment, sizeof(segment), 0, 30 * SECOND, &r);
	check(n >= 40 && segment[9] == IPPROTO_TCP && segment[33] == 0x02,
	      "the child's first packet is the SYN");
	close(fd);
	close(client);
	close(listener);
}

/*
 * Many senders in a hurry against many who accept: every packet comes to its sender's
 * one channel, the first one first.
 */
#define FLOWS		20
#define PACKETS		50
#define ACCEPTERS	4

static int crowd_listener;
static unsigned int crowd_children, crowd_packets, crowd_bad;

static void receive_all(int fd)
{
	unsigned int wanted, got;

	for (wanted = 0; wanted < PACKETS; wanted++) {
		if (nc_recv(fd, &got, sizeof(got), 0, 30 * SECOND, NULL) != sizeof(got) ||
		    (!wanted && got))
			break;
		__atomic_fetch_add(&crowd_packets, 1, __ATOMIC_RELAXED);
	}
	if (wanted < PACKETS)
		__atomic_fetch_add(&crowd_bad, 1, __ATOMIC_RELAXED);
}

static void *accept_all(void *unused)
{
	int fd;

	while (__atomic_fetch_add(&crowd_children, 1, __ATOMIC_RELAXED) < FLOWS) {
		fd = try_accept(crowd_listener, NETCHANNEL_TYPE_COPY, 0, 20 * SECOND);
		if (fd < 0) {
			__atomic_fetch_add(&crowd_bad, 1, __ATOMIC_RELAXED);
			break;
		}
		receive_all(fd);
		close(fd);
	}
	return NULL;
}

/* Each sender is done before it may come again: its channel takes all it sends. */
static void send_crowd(const struct bed *bed)
{
	int socks[FLOWS], i;
	unsigned int n;

	for (i = 0; i < FLOWS; i++)
		socks[i] = sender(bed, ADDR_B, 7100 + i, ADDR_A);
	for (n = 0; n < PACKETS; n++) {
		for (i = 0; i < FLOWS; i++)
			must(send(socks[i], &n, sizeof(n), 0), "send");
		if (n % 8 == 0)
			usleep(1000);
	}
	for (i = 0; i < FLOWS; i++)
		close(socks[i]);
}

static void crowd(const struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, PORT, NULL, 0);
	int round, rounds = count_of(2, 300), i;
	pthread_t threads[ACCEPTERS];

	args.type = NETCHANNEL_TYPE_LISTEN;
	args.rx_bytes = 4 << 20;
	for (round = 0; round < rounds; round++) {
		crowd_listener = must(try_channel(&args), "CREATE");
		crowd_children = crowd_packets = crowd_bad = 0;
		for (i = 0; i < ACCEPTERS; i++)
			pthread_create(&threads[i], NULL, accept_all, NULL);
		send_crowd(bed);
		for (i = 0; i < ACCEPTERS; i++)
			pthread_join(threads[i], NULL);
		close(crowd_listener);
		if (crowd_bad || crowd_packets != FLOWS * PACKETS)
			check(false, "round %d: %u of %d packets, %u children in trouble", round,
			      crowd_packets, FLOWS * PACKETS, crowd_bad);
	}
	check(true, "%d rounds of %d senders: all their packets have come", rounds, FLOWS);
}

/* From B's port 0; returns its length. */
static size_t make_from_0(uint8_t *p, const char *local, uint32_t protocol)
{
	struct iphdr *ip = (struct iphdr *)p;
	struct tcphdr *tcp = (struct tcphdr *)(ip + 1);

	if (family_of(local) == AF_INET6)
		return make_packet6(p, 0, PORT, "nobody", 6);
	if (protocol == IPPROTO_UDP)
		return make_packet(p, 0, PORT, "nobody", 6);
	make_packet(p, 0, PORT, "", 12);	/* a header of TCP is as long as this */
	ip->protocol = IPPROTO_TCP;
	ip->check = 0;
	ip->check = htons(fold16(sum16(ip, 20, 0)));
	*tcp = (struct tcphdr){ .dest = htons(PORT), .doff = 5, .syn = 1 };
	tcp->check = htons(fold16(sum16(tcp, 20, sum16(&ip->saddr, 8, IPPROTO_TCP + 20))));
	return 40;
}

/* A sender whom the kernel's socket makes: a datagram, or the SYN of a connection. */
static int open_good(const struct bed *bed, const char *local, uint32_t protocol)
{
	bool ipv6 = family_of(local) == AF_INET6;
	union sock_addr to = sock_addr(local, PORT);
	int sock;

	if (protocol == IPPROTO_UDP) {
		sock = sender(bed, ipv6 ? ADDR6_B : ADDR_B, 7001, local);
		say(sock, "good");
		return sock;
	}
	enter(bed->b);
	sock = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
	check(connect(sock, &to.any, sizeof(to.in)) < 0 && errno == EINPROGRESS, "connect");
	enter(bed->a);
	return sock;
}

/* Port 0 is nobody's: what comes from it must not keep those away that come after it. */
static void from_port_0(const struct bed *bed, const char *local, uint32_t protocol, uint32_t flags)
{
	struct netchannel_accept args = { .type = NETCHANNEL_TYPE_COPY, .timeout_ns = 30 * SECOND };
	struct netchannel_create create = create_args(local, PORT, NULL, 0);
	int listener, raw, good, fd;
	struct netchannel_stats s;
	uint8_t p[100];

	create.type = NETCHANNEL_TYPE_LISTEN;
	create.protocol = protocol;
	create.flags = flags;
	if (protocol == IPPROTO_TCP)
		create.format = NETCHANNEL_FORMAT_PACKET;
	listener = channel_of(create);
	enter(bed->b);
	raw = raw_socket();
	raw_send(raw, "v1", p, make_from_0(p, local, protocol));
	enter(bed->a);
	stats_at(listener, 1);
	good = open_good(bed, local, protocol);
	fd = accept_args(&args, listener);
	s = stats_of(listener);
	check(fd >= 0 && args.remote.port && s.rx_packets == 1 && s.rx_dropped_malformed == 1 &&
	      dropped(&s) == 1,
	      "from port 0 to %s, protocol %d, flags %d: it is dropped, ACCEPT has the next",
	      local, (int)protocol, (int)flags);
	close(fd);
	close(good);
	close(raw);
	close(listener);
}

/* What it asks for is for its children: one that sends to a closed port can accept. */
static void deaf_listener(const struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, PORT, NULL, 0);
	int listener, child, peer = sender(bed, ADDR_B, 7002, ADDR_A);

	args.type = NETCHANNEL_TYPE_LISTEN;
	args.flags = NETCHANNEL_RECVERR;
	listener = channel_of(args);
	must(nc_send_to(listener, "x", 1, ADDR_B, 7009), "SEND to a closed port");
	wait_errors(listener, 1);
	say(peer, "open");
	child = must(try_accept(listener, NETCHANNEL_TYPE_COPY, 0, 30 * SECOND),
		     "ACCEPT after what the network reported");
	expect(child, "open", 4, "what opened the child, no error before it");
	close(peer);
	close(child);
	close(listener);
}

int main(void)
{
	struct bed bed = new_bed();
	int listener = listener_on(ADDR_A, IPPROTO_UDP);

	stay_here();
	bad_requests(listener);
	close(listener);
	two_flows(&bed, ADDR_A, ADDR_B);
	two_flows(&bed, ADDR6_A, ADDR6_B);
	any_and_rings(&bed);
	refusals(&bed);
	taken_by_create(&bed);
	small_children(&bed);
	flooded(&bed);
	crowded(&bed);
	from_port_0(&bed, ADDR_A, IPPROTO_UDP, 0);
	from_port_0(&bed, ADDR_A, IPPROTO_UDP, NETCHANNEL_REUSEPORT);
	from_port_0(&bed, ADDR6_A, IPPROTO_UDP, 0);
	from_port_0(&bed, ADDR_A, IPPROTO_TCP, 0);
	go_anywhere();
	full_group(&bed);
	overtaken(&bed);
	deaf_listener(&bed);
	tcp(&bed);
	crowd(&bed);
	return 0;
}
