// SPDX-License-Identifier: GPL-2.0
/*
 * Bad arguments: each is wrong in one way, all else is right, and the errno
 * is the one of the uapi header. Afterwards the channel works as before.
 */
#include "nc.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define KERNEL_ADDRESS ((void *)0xffff888000000000UL)

static const unsigned long commands[] = {
	NETCHANNEL_QUERY, NETCHANNEL_CREATE, NETCHANNEL_SEND, NETCHANNEL_RECV,
	NETCHANNEL_INFO, NETCHANNEL_STATS, NETCHANNEL_KICK, NETCHANNEL_SENDV,
	NETCHANNEL_RECVV, NETCHANNEL_DRAIN, NETCHANNEL_MEMBERSHIP, NETCHANNEL_MULTICAST,
	NETCHANNEL_ACCEPT, NETCHANNEL_READINESS, NETCHANNEL_READY, NETCHANNEL_CONTROL,
};
static const char *const names[] = {
	"QUERY", "CREATE", "SEND", "RECV", "INFO", "STATS", "KICK", "SENDV", "RECVV", "DRAIN",
	"MEMBERSHIP", "MULTICAST", "ACCEPT", "READINESS", "READY", "CONTROL",
};
static const uint32_t sizes[] = {
	sizeof(struct netchannel_query), sizeof(struct netchannel_create),
	sizeof(struct netchannel_send), sizeof(struct netchannel_recv),
	sizeof(struct netchannel_info), sizeof(struct netchannel_stats),
	sizeof(struct netchannel_kick), sizeof(struct netchannel_vector),
	sizeof(struct netchannel_vector), sizeof(struct netchannel_drain),
	sizeof(struct netchannel_membership), sizeof(struct netchannel_multicast),
	sizeof(struct netchannel_accept), sizeof(struct netchannel_readiness),
	sizeof(struct netchannel_ready), sizeof(struct netchannel_control),
};

/* Some have grown: their first versions ended before these. */
static uint32_t least_size(size_t c)
{
	switch (commands[c]) {
	case NETCHANNEL_CREATE:
		return offsetof(struct netchannel_create, filter);
	case NETCHANNEL_ACCEPT:
		return offsetof(struct netchannel_accept, cookie);
	case NETCHANNEL_INFO:
		return offsetof(struct netchannel_info, ifindex);
	case NETCHANNEL_STATS:
		return offsetof(struct netchannel_stats, rx_bad_positions);
	case NETCHANNEL_RECV:
		return offsetof(struct netchannel_recv, timestamp_ns);
	case NETCHANNEL_KICK:
		return offsetof(struct netchannel_kick, spin_ns);
	default:
		return sizes[c];
	}
}

#define COMMANDS (sizeof(commands) / sizeof(*commands))
#define COMMANDS_WITH_SIZE (COMMANDS - 1)	/* all but CONTROL */
#define FIRST_OF_CHANNEL 2			/* QUERY and CREATE come before */
#define LAST_OF_CHANNEL (COMMANDS - 5)		/* ACCEPT and others come after */

static void *page;	/* one page, with nothing mapped behind it */
static long page_size;

static int readiness(int fd)
{
	struct netchannel_readiness r = { .size = sizeof(r), .flags = O_CLOEXEC };

	return must(ioctl(fd, NETCHANNEL_READINESS, &r), "READINESS");
}

/* Every structure shares the rules of its size. */
static void size_rules(int fd, size_t c)
{
	uint8_t *args = page;
	char what[64];

	snprintf(what, sizeof(what), "%s: null", names[c]);
	check_errno(ioctl(fd, commands[c], NULL), EFAULT, what);
	snprintf(what, sizeof(what), "%s: unmapped", names[c]);
	check_errno(ioctl(fd, commands[c], args + page_size), EFAULT, what);
	snprintf(what, sizeof(what), "%s: a kernel address", names[c]);
	check_errno(ioctl(fd, commands[c], KERNEL_ADDRESS), EFAULT, what);

	memset(args, 0, page_size);
	snprintf(what, sizeof(what), "%s: size 0", names[c]);
	check_errno(ioctl(fd, commands[c], args), EINVAL, what);
	*(uint32_t *)args = least_size(c) - 1;
	snprintf(what, sizeof(what), "%s: size one too small", names[c]);
	check_errno(ioctl(fd, commands[c], args), EINVAL, what);
	*(uint32_t *)args = page_size + 1;
	snprintf(what, sizeof(what), "%s: size over a page", names[c]);
	check_errno(ioctl(fd, commands[c], args), E2BIG, what);
	*(uint32_t *)args = ~0U;
	snprintf(what, sizeof(what), "%s: size 2^32-1", names[c]);
	check_errno(ioctl(fd, commands[c], args), E2BIG, what);
	*(uint32_t *)args = page_size;
	args[sizes[c]] = 1;
	snprintf(what, sizeof(what), "%s: unknown field set", names[c]);
	check_errno(ioctl(fd, commands[c], args), E2BIG, what);
	*(uint32_t *)(args + page_size - sizes[c]) = sizes[c] + 8;
	snprintf(what, sizeof(what), "%s: end unmapped", names[c]);
	check_errno(ioctl(fd, commands[c], args + page_size - sizes[c]), EFAULT, what);
}

static void unknown_commands(int fd)
{
	static const unsigned long unknown[] = {
		0, ~0UL, NETCHANNEL_READY, _IO(NETCHANNEL_IOC_MAGIC, 16),
		_IO(NETCHANNEL_IOC_MAGIC, 255),
		_IOWR(NETCHANNEL_IOC_MAGIC, 1, struct netchannel_create), FIONREAD,
	};
	size_t i;

	for (i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		char what[64];

		snprintf(what, sizeof(what), "command %#lx", unknown[i]);
		check_errno(ioctl(fd, unknown[i], page), ENOTTY, what);
	}
}

#define BAD_CREATE(wanted, what, change) do {				\
	struct netchannel_create r = create_args(ADDR_A, 7100, ADDR_B, 7001); \
	change;								\
	check_errno(try_channel(&r), wanted, "CREATE: " what);		\
} while (0)

/* N2 */
static void bad_create(void)
{
	BAD_CREATE(EINVAL, "type 0", r.type = 0);
	BAD_CREATE(EINVAL, "type 7", r.type = 7);
	BAD_CREATE(EINVAL, "LISTEN with a remote", r.type = NETCHANNEL_TYPE_LISTEN);
	BAD_CREATE(EINVAL, "group", r.group = 1);
	BAD_CREATE(EINVAL, "cookie", r.cookie = 1);
	BAD_CREATE(EINVAL, "format 0", r.format = 0);
	BAD_CREATE(EINVAL, "format 3", r.format = 3);
	BAD_CREATE(EINVAL, "flags", r.flags = 8);
	BAD_CREATE(EINVAL, "FAST without ifindex", r.flags = NETCHANNEL_FAST);
	BAD_CREATE(EINVAL, "flags, last bit", r.flags = 1U << 31);
	BAD_CREATE(EINVAL, "tx_slots of a COPY channel", r.tx_slots = 64);
	BAD_CREATE(EINVAL, "tx_bytes of a COPY channel", r.tx_bytes = 1U << 31);
	BAD_CREATE(EINVAL, "ifindex 2^31", r.ifindex = 1U << 31);
	BAD_CREATE(ENODEV, "ifindex 2^31 - 1", r.ifindex = ~0U >> 1);
	BAD_CREATE(EINVAL, "protocol TCP, format PAYLOAD", r.protocol = IPPROTO_TCP);
	BAD_CREATE(EPROTONOSUPPORT, "protocol SCTP", r.protocol = IPPROTO_SCTP);
	BAD_CREATE(EPROTONOSUPPORT, "protocol 2^32-1", r.protocol = ~0U);
	BAD_CREATE(EINVAL, "rx_bytes too small", r.rx_bytes = 4095);
	BAD_CREATE(EINVAL, "rx_bytes too large", r.rx_bytes = ~0U);
	BAD_CREATE(EAFNOSUPPORT, "local family 0", r.local.family = 0);
	BAD_CREATE(EAFNOSUPPORT, "local AF_UNIX", r.local.family = AF_UNIX);
	BAD_CREATE(EAFNOSUPPORT, "local AF_INET6", (r.local = nc_addr("fd00::1", 7100)));
	BAD_CREATE(EAFNOSUPPORT, "remote AF_INET6", r.remote.family = AF_INET6);
	BAD_CREATE(EAFNOSUPPORT, "remote family 0", r.remote.family = 0);
	BAD_CREATE(EINVAL, "local scope", r.local.scope_id = 1);
	BAD_CREATE(EINVAL, "remote scope", r.remote.scope_id = 1);
	BAD_CREATE(EINVAL, "local address tail", r.local.addr[4] = 1);
	BAD_CREATE(EINVAL, "remote address tail", r.remote.addr[15] = 1);
	BAD_CREATE(EINVAL, "remote port 0", r.remote.port = 0);
	BAD_CREATE(EINVAL, "remote address 0", memset(r.remote.addr, 0, 16));
	BAD_CREATE(EACCES, "remote broadcast", r.remote = nc_addr("255.255.255.255", 9));
}

#define BAD(cmd, type, fd, wanted, what, init, change) do {	\
	type r = init;						\
	change;							\
	check_errno(ioctl(fd, cmd, &r), wanted, #cmd ": " what);\
} while (0)

static char data[70000];

#define SEND_INIT { .size = sizeof(r), .buf = (uintptr_t)data, .len = 10 }
#define BAD_SEND(fd, wanted, what, change) \
	BAD(NETCHANNEL_SEND, struct netchannel_send, fd, wanted, what, SEND_INIT, change)
#define RECV_INIT { .size = sizeof(r), .buf = (uintptr_t)data, .buf_len = sizeof(data), \
	.flags = NETCHANNEL_DONTWAIT }
#define BAD_RECV(fd, wanted, what, change) \
	BAD(NETCHANNEL_RECV, struct netchannel_recv, fd, wanted, what, RECV_INIT, change)

static void bad_transfers(int one, int any)
{
	BAD_SEND(one, EINVAL, "flags PEEK", r.flags = NETCHANNEL_PEEK);
	BAD_SEND(one, EINVAL, "flags, last bit", r.flags = 1U << 31);
	BAD_SEND(one, EINVAL, "reserved", r.reserved = 1);
	BAD_SEND(one, EINVAL, "timeout", r.timeout_ns = 1ULL << 63);
	BAD_SEND(one, EFAULT, "buffer null", r.buf = 0);
	BAD_SEND(one, EFAULT, "buffer in the kernel", r.buf = (uintptr_t)KERNEL_ADDRESS);
	BAD_SEND(one, EFAULT, "buffer ends unmapped", r.buf = (uintptr_t)page + page_size - 5);
	BAD_SEND(one, EFAULT, "big buffer ends unmapped",
		 (r.buf = (uintptr_t)page, r.len = page_size + 1));
	BAD_SEND(one, EMSGSIZE, "65508 bytes", r.len = 65508);
	BAD_SEND(one, EMSGSIZE, "2^32-1 bytes", r.len = ~0U);
	BAD_SEND(one, EISCONN, "remote given", r.remote = nc_addr(ADDR_B, 7001));
	BAD_SEND(any, EDESTADDRREQ, "no remote", );
	BAD_SEND(any, EAFNOSUPPORT, "remote AF_INET6",
		 (r.remote = nc_addr("fd00::2", 7001)));
	BAD_SEND(any, EINVAL, "remote port 0", r.remote = nc_addr(ADDR_B, 0));
	BAD_SEND(any, EINVAL, "remote address 0", r.remote = nc_addr("0.0.0.0", 7));
	BAD_SEND(any, EACCES, "remote broadcast", r.remote = nc_addr("10.0.0.255", 7));
	BAD_SEND(any, ENETUNREACH, "no route", r.remote = nc_addr("8.8.8.8", 7));
	check_errno(write(one, data, 65508), EMSGSIZE, "write() of 65508 bytes");

	BAD_RECV(one, EINVAL, "flags", r.flags |= 1 << 2);
	BAD_RECV(one, EINVAL, "reserved", r.reserved = 1);
	BAD_RECV(one, EINVAL, "timeout", r.timeout_ns = ~0ULL);
	BAD_RECV(one, EAGAIN, "nothing there", );
	BAD_RECV(one, EFAULT, "buffer in the kernel", r.buf = (uintptr_t)KERNEL_ADDRESS);
}

static void bad_packets(int fd)
{
	uint8_t p[64] = { 0x45 };

	check_errno(nc_send(fd, p, 27, 0), EINVAL, "format PACKET: 27 bytes");
	p[0] = 0x46;
	check_errno(nc_send(fd, p, 64, 0), EINVAL, "format PACKET: IP options");
	p[0] = 0x65;
	check_errno(nc_send(fd, p, 64, 0), EINVAL, "format PACKET: IP version 6");
	p[0] = 0x45;
	p[6] = 0x40;
	check_errno(nc_send(fd, memcpy(data, p, sizeof(p)), 1501, 0), EMSGSIZE,
		    "format PACKET: over the MTU, not to be fragmented");
	check_errno(nc_send(fd, data, 65536, 0), EMSGSIZE, "format PACKET: 65536 bytes");
	check_errno(nc_send_to(fd, p, 64, ADDR_B, 7001), EINVAL, "format PACKET: remote given");
}

/* Arguments need no alignment; a larger structure with zeros is fine. */
static void odd_but_right(int fd)
{
	struct netchannel_stats s = { .size = sizeof(s) };
	struct netchannel_query q = { .size = sizeof(q) };
	uint8_t *p = (uint8_t *)page + 1;

	memcpy(p, &s, sizeof(s));
	check(!ioctl(fd, NETCHANNEL_STATS, p), "STATS at an odd address");
	memset(page, 0, page_size);
	*(uint32_t *)page = page_size;
	check(!ioctl(fd, NETCHANNEL_INFO, page), "INFO in a larger structure");
	check(((struct netchannel_info *)page)->rx_bytes, "is filled in");
	check(!ioctl(fd, NETCHANNEL_QUERY, &q) && q.abi_version == NETCHANNEL_ABI_VERSION &&
	      q.types == (1 << NETCHANNEL_TYPE_COPY | 1 << NETCHANNEL_TYPE_RING |
			  1 << NETCHANNEL_TYPE_DISCARD | 1 << NETCHANNEL_TYPE_RAW |
			  1 << NETCHANNEL_TYPE_LISTEN | 1 << NETCHANNEL_TYPE_GROUP) &&
	      q.payload_max == 65507 && q.payload_max_ipv6 == 65527 &&
	      q.features == (NETCHANNEL_FEATURE_TCP | NETCHANNEL_FEATURE_FAST |
			     NETCHANNEL_FEATURE_MULTICAST | NETCHANNEL_FEATURE_ZEROCOPY |
			     NETCHANNEL_FEATURE_REUSEPORT | NETCHANNEL_FEATURE_METADATA |
			     NETCHANNEL_FEATURE_MESSAGES | NETCHANNEL_FEATURE_READINESS |
			     NETCHANNEL_FEATURE_GATHER | NETCHANNEL_FEATURE_MARK |
			     NETCHANNEL_FEATURE_APART | NETCHANNEL_FEATURE_LIKE) &&
	      q.rx_bytes_min == 4096 && q.rx_bytes_default >= 4096,
	      "QUERY tells version and limits");
	check_errno(lseek(fd, 0, SEEK_SET), ESPIPE, "lseek()");
	check_errno((long)mmap(NULL, page_size, PROT_READ, MAP_SHARED, fd, 0) == -1 ? -1 : 0,
		    ENODEV, "mmap()");
}

/* What a maker of another user may: CREATE on itself, as it has been opened, and no more. */
static void apart_by_others(int maker)
{
	struct netchannel_create r = create_args(ADDR_A, 7112, ADDR_B, 7001);
	struct rlimit limit = { 0 };

	must(setgid(1000) || setuid(1000) ? -1 : 0, "setuid");
	r.flags = NETCHANNEL_APART;
	check_errno(ioctl(maker, NETCHANNEL_CREATE, &r), EACCES, "APART: not by the device's mode");
	must(setrlimit(RLIMIT_NOFILE, &limit), "RLIMIT_NOFILE");
	check_errno(ioctl(maker, NETCHANNEL_CREATE, &r), EMFILE, "APART: no descriptor left");
	r.flags = 0;
	check(!ioctl(maker, NETCHANNEL_CREATE, &r), "without APART it becomes a channel");
}

/* Channels with descriptors of their own, by one that stays what it is. */
static void apart(int peer)
{
	struct netchannel_create r = create_args(ADDR_A, 7110, ADDR_B, 7001);
	struct netchannel_info info = { .size = sizeof(info) };
	int maker = open_device(), fd, next, status;
	pid_t pid;

	must(fcntl(maker, F_SETFL, O_NONBLOCK), "O_NONBLOCK");
	r.flags = NETCHANNEL_APART;
	fd = must(ioctl(maker, NETCHANNEL_CREATE, &r), "CREATE, APART");
	check(fcntl(fd, F_GETFD) & FD_CLOEXEC && fcntl(fd, F_GETFL) & O_NONBLOCK,
	      "APART: a descriptor of its own");
	check(r.flags == NETCHANNEL_APART && !ioctl(fd, NETCHANNEL_INFO, &info) && !info.flags &&
	      info.id == r.id, "APART: a channel as any");
	check_errno(ioctl(maker, NETCHANNEL_INFO, &info), ENOTCONN, "APART: its maker is none");
	next = must(dup(0), "dup");
	close(next);
	check_errno(ioctl(maker, NETCHANNEL_CREATE, &r), EADDRINUSE, "APART: the same again");
	r.type = 0;
	check_errno(ioctl(maker, NETCHANNEL_CREATE, &r), EINVAL, "APART: type 0");
	check_errno(ioctl(fd, NETCHANNEL_CREATE, &r), EISCONN, "APART: by a channel");
	check(dup(0) == next, "APART: what fails leaves no descriptor");
	close(next);
	must(send_to(peer, "apart", 5, ADDR_A, 7110), "send_to");
	expect(fd, "apart", 5, "APART: it receives");

	must(chmod("/dev/netchannel", 0600), "chmod");
	pid = fork();
	if (!pid) {
		apart_by_others(maker);
		exit(0);
	}
	waitpid(pid, &status, 0);
	must(chmod("/dev/netchannel", 0666), "chmod");
	check(!status, "APART: makers of other users");
	close(fd);
	close(maker);
}

/*
 * N33: calls that are right, and a little wrong, on a few descriptors that two threads
 * share, close and open again: nothing may warn, hang or crash.
 */
#define SLOTS	6

static int slots[SLOTS];	/* descriptors of the device, whatever each is by now */
static unsigned int made[NETCHANNEL_TYPE_GROUP + 1];	/* channels, of each type */
static int maker;			/* of READINESS, and never one of these */
static unsigned int nr_ready;		/* calls of READY that were obeyed */

struct fuzzer {
	pthread_t thread;
	unsigned int seed, calls, done;
	int ring;	/* where it made one last, which may be another's by now */
};

static unsigned int below(struct fuzzer *f, unsigned int limit)
{
	return rand_r(&f->seed) % limit;
}

static int any_slot(struct fuzzer *f)
{
	return slots[below(f, SLOTS)];
}

static const struct sock_filter wants_all = BPF_STMT(BPF_RET | BPF_K, ~0U);

static struct netchannel_create some_channel(struct fuzzer *f)
{
	/* more of those that are refused more often */
	static const uint8_t types[] = {
		NETCHANNEL_TYPE_COPY, NETCHANNEL_TYPE_DISCARD, NETCHANNEL_TYPE_RAW,
		NETCHANNEL_TYPE_LISTEN, NETCHANNEL_TYPE_LISTEN,
		NETCHANNEL_TYPE_RING, NETCHANNEL_TYPE_RING,
		NETCHANNEL_TYPE_GROUP, NETCHANNEL_TYPE_GROUP, NETCHANNEL_TYPE_GROUP,
	};
	struct netchannel_create r = create_args(ADDR_A, 7300 + below(f, 8), NULL, 0);

	r.type = types[below(f, sizeof(types))];
	if (below(f, 2) && r.type != NETCHANNEL_TYPE_LISTEN)
		r.remote = nc_addr(ADDR_B, 7001 + below(f, 2));
	if (!below(f, 4))
		r.flags = 1U << below(f, 8);
	r.ifindex = r.flags & NETCHANNEL_FAST ? if_nametoindex("v0") : 0;
	r.format += below(f, 2);
	if (r.format == NETCHANNEL_FORMAT_PACKET && !below(f, 4))
		r.protocol = IPPROTO_TCP;
	if (r.type == NETCHANNEL_TYPE_GROUP)
		r.group = below(f, 4) ? f->ring : any_slot(f);
	if (r.type == NETCHANNEL_TYPE_RING)
		r.rx_bytes = r.tx_bytes = 4096;
	if (r.type == NETCHANNEL_TYPE_RAW) {
		r.protocol = 253;
		r.local.port = 0;
		r.remote = nc_addr(NULL, 0);
		r.filter = (uintptr_t)&wants_all;
		r.filter_len = below(f, 2);
		r.filter = r.filter_len ? r.filter : 0;
	}
	return r;
}

/* What needs no more than its size is left so. */
static void fill_in(struct fuzzer *f, size_t c, uint8_t *args)
{
	static struct netchannel_recv packets[2] = {	/* SEND's begin as these do */
		{ .size = sizeof(*packets), .buf = (uintptr_t)data, .buf_len = 40 },
		{ .size = sizeof(*packets), .buf = (uintptr_t)data, .buf_len = 40 },
	};

	*(uint32_t *)args = sizes[c];
	switch (commands[c]) {
	case NETCHANNEL_CREATE:
		*(struct netchannel_create *)args = some_channel(f);
		break;
	case NETCHANNEL_SEND:
	case NETCHANNEL_RECV:
		*(uint64_t *)(args + 8) = (uintptr_t)data;
		*(uint32_t *)(args + 16) = 40 + below(f, 2000);
		break;
	case NETCHANNEL_SENDV:
	case NETCHANNEL_RECVV:
		*(uint64_t *)(args + 8) = (uintptr_t)packets;
		*(uint32_t *)(args + 16) = 1 + below(f, 2);
		break;
	case NETCHANNEL_KICK:
		*(uint32_t *)(args + 4) = below(f, 2) ? NETCHANNEL_WAIT : 0;
		break;
	case NETCHANNEL_DRAIN:
		*(uint32_t *)(args + 4) = NETCHANNEL_DRAIN_RX << below(f, 2);
		break;
	case NETCHANNEL_MEMBERSHIP:
		((struct netchannel_membership *)args)->group = nc_addr("239.1.2.3", 0);
		((struct netchannel_membership *)args)->flags = below(f, 2);
		break;
	case NETCHANNEL_ACCEPT:
		((struct netchannel_accept *)args)->listener = any_slot(f);
		((struct netchannel_accept *)args)->type = 1 + below(f, 2);
		break;
	}
}

static void mutate(struct fuzzer *f, uint8_t *args, uint32_t bytes)
{
	static const uint32_t values[] = { 0, 1, 2, 4096, 65535, 1U << 31, ~0U };
	uint32_t i;

	for (i = below(f, 6); i >= 4; i--) {	/* none, as a rule */
		uint32_t *field = (uint32_t *)args + below(f, bytes / 4);

		*field = below(f, 2) ? *field ^ 1U << below(f, 32) : values[below(f, 7)];
	}
}

/* The other thread may be in a call on it. */
static void open_again(int slot)
{
	int fd = must(open("/dev/netchannel", O_RDWR | O_CLOEXEC | O_NONBLOCK), "open");

	must(dup3(fd, slot, O_CLOEXEC), "dup3");
	close(fd);
}

/* In place of the device's; what has made it stays. */
static void open_readiness(int slot)
{
	int fd = readiness(maker);

	must(dup3(fd, slot, O_CLOEXEC), "dup3");
	close(fd);
}

static void note_made(struct fuzzer *f, const struct netchannel_create *r, int fd)
{
	__atomic_add_fetch(&made[r->type], 1, __ATOMIC_RELAXED);
	if (r->type == NETCHANNEL_TYPE_RING)
		f->ring = fd;
}

/* Any command, with an argument that is nowhere, ends too early, or is the kernel's. */
static void call_anything(struct fuzzer *f, int fd)
{
	void *args[] = {
		NULL, page, (uint8_t *)page + 1, (uint8_t *)page + page_size - 3, KERNEL_ADDRESS,
	};
	unsigned long command = below(f, 2) ? _IO(NETCHANNEL_IOC_MAGIC, below(f, 20)) :
		_IOC(below(f, 4), NETCHANNEL_IOC_MAGIC, below(f, 256), below(f, 300));
	int ret = ioctl(fd, command, args[below(f, 5)]);

	if (ret > 0 && (command == NETCHANNEL_CREATE || command == NETCHANNEL_READINESS))
		close(ret);
}

static void *call_at_random(void *fuzzer)
{
	struct fuzzer *f = fuzzer;
	uint8_t args[256] __attribute__((aligned(8)));
	unsigned int i;
	int ret, fd;

	for (i = 0; i < f->calls; i++) {
		size_t c = below(f, 3) ? below(f, COMMANDS) : 1;	/* often CREATE */

		fd = any_slot(f);
		if (!below(f, 8)) {
			call_anything(f, fd);
			continue;
		}
		if (commands[c] == NETCHANNEL_CREATE)
			open_again(fd);
		if (commands[c] == NETCHANNEL_READY && below(f, 2))
			open_readiness(fd);
		memset(args, 0, sizeof(args));
		fill_in(f, c, args);
		mutate(f, args, sizes[c]);
		ret = ioctl(fd, commands[c], args);
		f->done += ret >= 0;
		if (!ret && commands[c] == NETCHANNEL_READY)
			__atomic_add_fetch(&nr_ready, 1, __ATOMIC_RELAXED);
		if (ret > 0 && (commands[c] == NETCHANNEL_READINESS ||
				commands[c] == NETCHANNEL_CREATE))
			close(ret);
		if (!ret && commands[c] == NETCHANNEL_CREATE)
			note_made(f, (struct netchannel_create *)args, fd);
	}
	return NULL;
}

/* Of all that root may, not to lock memory without a limit. */
static void limit_memory(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct rlimit limit = { .rlim_cur = 4 << 20, .rlim_max = 4 << 20 };
	struct __user_cap_data_struct caps[2];

	must(setrlimit(RLIMIT_MEMLOCK, &limit), "RLIMIT_MEMLOCK");
	must(syscall(SYS_capget, &head, caps), "capget");
	caps[0].effective &= ~(1U << CAP_IPC_LOCK);
	must(syscall(SYS_capset, &head, caps), "capset");
}

static void fuzz(void)
{
	struct fuzzer f[2];
	int i, type;

	limit_memory();
	maker = open_device();
	for (i = 0; i < SLOTS; i++) {
		slots[i] = open_device();
		open_again(slots[i]);	/* none waits */
	}
	for (i = 0; i < 2; i++) {
		f[i] = (struct fuzzer){
			.seed = number_from("SEED", 1) + i, .calls = count_of(3000, 1000000),
			.ring = slots[0],
		};
		pthread_create(&f[i].thread, NULL, call_at_random, &f[i]);
	}
	for (i = 0; i < 2; i++)
		pthread_join(f[i].thread, NULL);
	for (i = 0; i < SLOTS; i++)
		close(slots[i]);
	check(true, "2 threads, %u calls each, %u of them succeeded", f[0].calls,
	      f[0].done + f[1].done);
	check(nr_ready, "READY was obeyed %u times", nr_ready);
	for (type = NETCHANNEL_TYPE_COPY; type <= NETCHANNEL_TYPE_GROUP; type++)
		check(made[type], "%u channels of type %d were made", made[type], type);
}

int main(void)
{
	struct bed bed = new_bed();
	struct netchannel_create packets = create_args(ADDR_A, 7003, ADDR_B, 7001);
	int fresh = open_device(), ready = readiness(fresh), one, any, pkt, sock;
	int status;
	size_t c;
	pid_t pid;

	page_size = sysconf(_SC_PAGESIZE);
	page = mmap(NULL, page_size * 2, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap((char *)page + page_size, page_size);

	one = channel(ADDR_A, 7000, ADDR_B, 7001);
	any = channel(ADDR_A, 7002, NULL, 0);
	packets.format = NETCHANNEL_FORMAT_PACKET;
	pkt = channel_of(packets);
	for (c = 0; c < COMMANDS_WITH_SIZE; c++) {
		if (commands[c] == NETCHANNEL_READY)
			size_rules(ready, c);
		else if (c < FIRST_OF_CHANNEL || c > LAST_OF_CHANNEL)
			size_rules(fresh, c);
		else
			size_rules(one, c);
	}
	unknown_commands(fresh);
	unknown_commands(one);
	for (c = FIRST_OF_CHANNEL; c <= LAST_OF_CHANNEL; c++)
		check_errno(ioctl(fresh, commands[c], page), ENOTCONN, names[c]);
	check_errno(read(fresh, data, 1), ENOTCONN, "read() without a channel");
	check_errno(write(fresh, data, 1), ENOTCONN, "write() without a channel");
	bad_create();
	bad_transfers(one, any);
	bad_packets(pkt);
	odd_but_right(one);
	check(!stats_of(one).tx_packets && !stats_of(any).tx_packets && !stats_of(pkt).tx_packets,
	      "nothing was sent by any of it");
	pid = fork();
	if (!pid) {
		fuzz();
		exit(0);
	}
	waitpid(pid, &status, 0);
	check(!status, "random calls");

	enter(bed.b);
	sock = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	enter(bed.a);
	must(send(sock, "fine", 4, 0), "send");
	expect(one, "fine", 4, "the channel works as before");
	close(sock);
	enter(bed.b);
	sock = udp_socket(ADDR_B, 7001, NULL, 0);
	enter(bed.a);
	apart(sock);
	return 0;
}
