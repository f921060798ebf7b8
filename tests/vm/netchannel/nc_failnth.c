// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation and every access to user memory, within every call, fails
 * once: the errno says so, nothing has changed, and the object still works.
 */
#include "nc.h"
#include "../failnth.h"

static int sites;

struct target {
	int ch, peer, fresh, path_fd;
	const char *local, *remote;	/* addresses of the family under test */
	char buf[3000];
	struct netchannel_create create;
};

struct call {
	const char *name;
	long (*run)(struct target *t);
	/* puts things in order before each run; NULL: nothing to do */
	void (*before)(struct target *t);
	/* what must hold after a failure, and after success */
	void (*after)(struct target *t, bool done);
};

static long do_open(struct target *t)
{
	t->path_fd = open("/dev/netchannel", O_RDWR);
	return t->path_fd;
}

static void close_opened(struct target *t, bool done)
{
	if (done)
		close(t->path_fd);
}

static void open_fresh(struct target *t)
{
	t->fresh = open_device();
	t->create = create_args(t->local, 7500, t->remote, 7501);
}

static void open_fresh_tcp(struct target *t)
{
	t->fresh = open_device();
	t->create = tcp_args(t->local, 7500, t->remote, 7501);
}

static long do_create(struct target *t)
{
	return ioctl(t->fresh, NETCHANNEL_CREATE, &t->create);
}

/* Refused without a trace: the same CREATE succeeds, and the port is free after. */
static void create_again(struct target *t, bool done)
{
	int type = t->create.protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM, sock;

	failnth_arm(0);
	if (!done)
		must(ioctl(t->fresh, NETCHANNEL_CREATE, &t->create), "CREATE after a failure");
	close(t->fresh);
	sock = must(try_socket_of(type, t->local, 7500), "the port after close");
	close(sock);
}

static long do_send(struct target *t)
{
	return nc_send(t->ch, t->buf, 100, 0);
}

static long do_send_big(struct target *t)
{
	return nc_send(t->ch, t->buf, 3000, 0);
}

static long do_write(struct target *t)
{
	return write(t->ch, t->buf, 100);
}

static void drain_peer(struct target *t, bool done)
{
	while (recv(t->peer, t->buf, sizeof(t->buf), MSG_DONTWAIT) >= 0)
		;
	must(nc_send(t->ch, "works", 5, 0), "SEND after a failure");
	if (recv(t->peer, t->buf, sizeof(t->buf), 0) != 5)
		check(false, "the peer receives after a failure");
}

static void feed(struct target *t)
{
	must(send(t->peer, "packet", 6, 0), "send");
	usleep(1000);
}

static long do_recv(struct target *t)
{
	return nc_recv(t->ch, t->buf, sizeof(t->buf), 0, SECOND, NULL);
}

static long do_read(struct target *t)
{
	return read(t->ch, t->buf, sizeof(t->buf));
}

static void drain_channel(struct target *t, bool done)
{
	while (nc_recv(t->ch, t->buf, sizeof(t->buf), NETCHANNEL_DONTWAIT, 0, NULL) >= 0)
		;
}

static long do_info(struct target *t)
{
	struct netchannel_info info = { .size = sizeof(info) };

	return ioctl(t->ch, NETCHANNEL_INFO, &info);
}

static long do_stats(struct target *t)
{
	struct netchannel_stats s = { .size = sizeof(s) };

	return ioctl(t->ch, NETCHANNEL_STATS, &s);
}

static long do_query(struct target *t)
{
	struct netchannel_query q = { .size = sizeof(q) };

	return ioctl(t->ch, NETCHANNEL_QUERY, &q);
}

static long do_list(struct target *t)
{
	int fd = open("/proc/thread-self/net/netchannel", O_RDONLY);
	long n;

	if (fd < 0)
		return -1;
	n = read(fd, t->buf, sizeof(t->buf));
	if (n < 0) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	close(fd);
	return n;
}

static const struct call calls[] = {
	{ "open", do_open, NULL, close_opened },
	{ "CREATE of TCP", do_create, open_fresh_tcp, create_again },
	{ "CREATE", do_create, open_fresh, create_again },
	{ "SEND", do_send, NULL, drain_peer },
	{ "SEND in fragments", do_send_big, NULL, drain_peer },
	{ "write", do_write, NULL, drain_peer },
	{ "RECV", do_recv, feed, drain_channel },
	{ "read", do_read, feed, drain_channel },
	{ "INFO", do_info, NULL, NULL },
	{ "STATS", do_stats, NULL, NULL },
	{ "QUERY", do_query, NULL, NULL },
	{ "list", do_list, NULL, NULL },
};

/* Without memory for a port, TCP's bind() says that there is none. */
static bool is_shortage(const struct target *t, int err)
{
	if (err == EADDRINUSE)
		return t->create.protocol == IPPROTO_TCP;
	return err == ENOMEM || err == ENOBUFS || err == ENFILE || err == EFAULT;
}

/* A failure may be absorbed: what counts is that no site is left. */
static void fail_each(const struct call *call, struct target *t)
{
	int n, failures = 0, err;
	bool hit;
	long ret;

	for (n = 1; ; n++) {
		if (call->before)
			call->before(t);
		failnth_arm(n);
		ret = call->run(t);
		err = errno;
		hit = failnth_disarm();
		if (ret < 0) {
			failures++;
			if (!hit || !is_shortage(t, err))
				check(false, "%s, site %d: %s", call->name, n, strerror(err));
		}
		if (call->after)
			call->after(t, ret >= 0);
		if (!hit)
			break;
		if (n > 1000)
			check(false, "%s: no end of sites", call->name);
	}
	sites += n - 1;
	check(ret >= 0, "%s: %d sites, %d made it fail", call->name, n - 1, failures);
}

/* Calls are as many sites, over IPv4 and IPv6. */
static void fail_all(const struct bed *bed, const char *local, const char *remote)
{
	struct target t = { .local = local, .remote = remote };
	size_t i;

	t.ch = channel(local, 7000, remote, 7001);
	enter(bed->b);
	t.peer = udp_socket(remote, 7001, local, 7000);
	enter(bed->a);
	must(nc_send(t.ch, "x", 1, 0), "SEND");		/* neighbours are known now */
	expect_socket(t.peer, "x", 1, "before");
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		fail_each(&calls[i], &t);
	close(t.peer);
	close(t.ch);
}

int main(void)
{
	struct bed bed = new_bed();

	check(failnth_setup(), "the kernel injects failures");
	fail_all(&bed, ADDR_A, ADDR_B);
	fail_all(&bed, ADDR6_A, ADDR6_B);
	check(sites > 40, "%d sites in all", sites);
	return 0;
}
