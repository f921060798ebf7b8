// SPDX-License-Identifier: GPL-2.0
/*
 * READINESS and READY: what is refused, what waiters see, who is woken, and what is left
 * when its maker ends. The sizes of the structures: nc_args.
 */
#include "exclusive.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>

#include "../../ioctl_32.h"

#define HUNG_UP (POLLIN | POLLOUT | POLLRDHUP | POLLHUP)
#define ALL (POLLIN | POLLPRI | POLLOUT | POLLERR | POLLHUP | POLLRDHUP)

static int device;

static int make(uint32_t flags, uint32_t events)
{
	struct netchannel_readiness r = { .size = sizeof(r), .flags = flags, .events = events };

	return ioctl(device, NETCHANNEL_READINESS, &r);
}

static int set(int fd, uint32_t events)
{
	struct netchannel_ready r = { .size = sizeof(r), .events = events };

	return ioctl(fd, NETCHANNEL_READY, &r);
}

static short polled(int fd)
{
	struct pollfd p = { .fd = fd, .events = ALL };

	must(poll(&p, 1, 0), "poll");
	return p.revents;
}

static void refused(void)
{
	struct netchannel_readiness r = { .size = sizeof(r) };
	int fd = must(make(0, POLLOUT), "READINESS"), before;
	struct rlimit files, one_more;

	r.reserved = 1;
	check_errno(ioctl(device, NETCHANNEL_READINESS, &r), EINVAL, "reserved");
	check_errno(make(O_APPEND, 0), EINVAL, "a flag that is not known");
	check_errno(make(0, EPOLLET), EINVAL, "an event that is none, to begin with");
	check_errno(set(fd, POLLNVAL), EINVAL, "an event that is none");
	check_errno(set(fd, POLLRDNORM), EINVAL, "one that only goes with POLLIN");
	check(polled(fd) == POLLOUT, "nothing has changed by it");
	check_errno(set(device, POLLIN), ENOTTY, "READY on a descriptor of the device");
	check_errno(ioctl(fd, NETCHANNEL_READINESS, &r), ENOTTY, "READINESS on one of these");
	check_errno(ioctl(fd, NETCHANNEL_QUERY, &r), ENOTTY, "another command");
	check_errno(read(fd, &r, 1), EINVAL, "read");
	check_errno(write(fd, &r, 1), EINVAL, "write");
	check_errno(lseek(fd, 0, SEEK_SET), ESPIPE, "lseek");
	check(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == ENODEV,
	      "mmap: ENODEV");
	before = must(dup(fd), "dup");
	getrlimit(RLIMIT_NOFILE, &files);
	one_more = (struct rlimit){ before + 1, files.rlim_max };
	setrlimit(RLIMIT_NOFILE, &one_more);
	check_errno(make(0, 0), EMFILE, "no number is free");
	setrlimit(RLIMIT_NOFILE, &files);
	close(before);
	close(fd);
}

/* From each set of events to another: poll() tells the last. */
static void every_set(void)
{
	static const short bits[] = { POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLRDHUP };
	int fd = must(make(O_CLOEXEC | O_NONBLOCK, 0), "READINESS"), wrong = 0;

	check(fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(fd, F_GETFL) & O_NONBLOCK, "its flags");
	for (int i = 0; i < 64; i++) {
		for (int j = 0; j < 64; j++) {
			uint32_t events[2] = { 0 };

			for (int b = 0; b < 6; b++) {
				events[0] |= i >> b & 1 ? bits[b] : 0;
				events[1] |= j >> b & 1 ? bits[b] : 0;
			}
			must(set(fd, events[0]), "READY");
			must(set(fd, events[1]), "READY");
			wrong += polled(fd) != (short)events[1];
		}
	}
	check(!wrong, "from each of 64 sets to each other (%d)", wrong);
	close(fd);
}

struct waiter {
	int fd;
	short events, seen;
};

static void *wait_in_poll(void *context)
{
	struct waiter *w = context;
	struct pollfd p = { .fd = w->fd, .events = w->events };

	poll(&p, 1, 20000);
	w->seen = p.revents;
	return NULL;
}

/* Who sleeps is woken by what he waits for, and by errors. */
static void wakes(void)
{
	static const struct {
		short waits, set, seen;
	} rows[] = {
		{ POLLIN, POLLIN | POLLOUT, POLLIN },
		{ POLLPRI, POLLPRI | POLLIN, POLLPRI },
		{ POLLRDNORM, POLLIN, POLLRDNORM },
		{ POLLWRNORM, POLLOUT, POLLWRNORM },
		{ POLLRDHUP, POLLRDHUP, POLLRDHUP },
		{ POLLIN, POLLHUP, POLLHUP },
		{ 0, POLLERR, POLLERR },
	};
	int fd = must(make(0, 0), "READINESS"), other = must(dup(fd), "dup");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct waiter w = { .fd = fd, .events = rows[i].waits };
		pthread_t thread;

		must(set(fd, 0), "READY");
		must(-pthread_create(&thread, NULL, wait_in_poll, &w), "thread");
		usleep(10000);
		must(set(other, rows[i].set), "READY");
		pthread_join(thread, NULL);
		check(w.seen == rows[i].seen, "who waits for %#x sees %#x", rows[i].waits, w.seen);
	}
	close(other);
	close(fd);
}

static int events_of(int epoll)
{
	struct epoll_event e;

	return must(epoll_wait(epoll, &e, 1, 0), "epoll_wait") ? (int)e.events : 0;
}

static void epolls(void)
{
	int fd = must(make(0, POLLOUT), "READINESS"), levels = epoll_create1(EPOLL_CLOEXEC);
	int edges = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT };

	must(epoll_ctl(levels, EPOLL_CTL_ADD, fd, &e), "epoll");
	e.events |= EPOLLET;
	must(epoll_ctl(edges, EPOLL_CTL_ADD, fd, &e), "epoll");
	check(events_of(levels) == EPOLLOUT && events_of(levels) == EPOLLOUT, "a level stays");
	check(events_of(edges) == EPOLLOUT && !events_of(edges), "an edge is told once");
	must(set(fd, POLLOUT), "READY");
	check(!events_of(edges), "what was there is no edge");
	must(set(fd, POLLIN | POLLOUT), "READY");
	check(events_of(edges) == (EPOLLIN | EPOLLOUT), "what begins is one");
	must(set(fd, 0), "READY");
	check(!events_of(edges) && !events_of(levels), "what ends is seen no more");
	must(set(fd, POLLIN), "READY");
	check(events_of(edges) == EPOLLIN && events_of(levels) == EPOLLIN, "and begins again");
	must(set(fd, POLLHUP | POLLERR), "READY");
	check(events_of(levels) == (EPOLLHUP | EPOLLERR), "errors are told unasked");
	close(fd);
	check(!events_of(levels), "it leaves the sets when it is closed");
	close(edges);
	close(levels);
}

/* What is there already wakes nobody: it ends first. */
static void begin_again(int fd)
{
	must(set(fd, 0), "READY");
	must(set(fd, POLLIN), "READY");
}

static void exclusive(void)
{
	int fd = must(make(0, 0), "READINESS");

	expect_one_awake(fd, begin_again, "READY");
	close(fd);
}

static void selects(void)
{
	int fd = must(make(0, POLLPRI), "READINESS"), ready;
	struct timeval none = { 0 };
	fd_set in, out, urgent;

	FD_ZERO(&in);
	FD_SET(fd, &in);
	out = urgent = in;
	ready = select(fd + 1, &in, &out, &urgent, &none);
	check(ready == 1 && !FD_ISSET(fd, &in) && FD_ISSET(fd, &urgent), "select: exceptional");
	close(fd);
}

/* By a 32-bit program, and by a child that has nothing else. */
static void from_elsewhere(void)
{
	int fd = must(make(0, 0), "READINESS"), status;
	struct netchannel_ready *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	pid_t child;

	*low = (struct netchannel_ready){ .size = sizeof(*low), .events = POLLIN };
	must(ioctl_32(fd, NETCHANNEL_READY, low), "a 32-bit program");
	check(polled(fd) == POLLIN, "a 32-bit program sets it");
	child = must(fork(), "fork");
	if (!child) {
		close(device);
		_exit(set(fd, POLLOUT) != 0);
	}
	must(waitpid(child, &status, 0), "waitpid");
	check(!status && polled(fd) == POLLOUT, "so does a child, without the device's");
	munmap(low, 4096);
	close(fd);
}

static void *wait_for_nothing(void *context)
{
	struct waiter *w = context;

	w->events = 0;
	return wait_in_poll(w);
}

/* The last that has the maker is killed: who waits is woken, and nobody says more. */
static void maker_ends(void)
{
	struct waiter w = { .fd = must(make(0, POLLPRI), "READINESS") };
	int other = must(make(0, POLLOUT), "READINESS"), gone = must(make(0, 0), "READINESS");
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	pthread_t thread;
	pid_t child, two[2];
	int status;

	must(epoll_ctl(epoll, EPOLL_CTL_ADD, other, &e), "epoll");
	close(gone);
	child = must(fork(), "fork");
	if (!child)
		while (true)
			pause();
	close(device);
	must(-pthread_create(&thread, NULL, wait_for_nothing, &w), "thread");
	for (int i = 0; i < 2; i++)
		two[i] = start_exclusive(other);
	check(polled(w.fd) == POLLPRI, "its maker is there, with another process");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	for (int i = 0; i < 2; i++) {
		must(waitpid(two[i], &status, 0), "waitpid");
		check(!status, "and each with EPOLLEXCLUSIVE is woken");
	}
	pthread_join(thread, NULL);
	check(w.seen == POLLHUP, "the process is killed: who waits is woken");
	check(polled(w.fd) == HUNG_UP, "it is hung up (%#x)", polled(w.fd));
	check(events_of(epoll) == (EPOLLIN | EPOLLHUP) && !events_of(epoll),
	      "so is another, which tells epoll once");
	check_errno(set(w.fd, 0), EPIPE, "READY after it");
	check_errno(set(w.fd, POLLNVAL), EINVAL, "READY of what is no event");
	check(polled(w.fd) == HUNG_UP, "and it stays so");
	close(other);
	close(epoll);
	check_errno(syscall(SYS_delete_module, "netchannel", O_NONBLOCK), EAGAIN,
		    "the module stays for it");
	close(w.fd);
}

#define RACERS	8

static void *close_all(void *context)
{
	int *fds = context;

	for (int i = 0; i < RACERS; i++)
		close(fds[i]);
	return NULL;
}

/* What it made is closed while its maker is. */
static void closed_together(void)
{
	int rounds = count_of(100, 20000);

	for (int round = 0; round < rounds; round++) {
		int fds[RACERS];
		pthread_t thread;

		device = open_device();
		for (int i = 0; i < RACERS; i++)
			fds[i] = must(make(0, 0), "READINESS");
		must(-pthread_create(&thread, NULL, close_all, fds), "thread");
		close(device);
		pthread_join(thread, NULL);
	}
	check(true, "%d makers closed together with what they made", rounds);
}

int main(void)
{
	device = open_device();
	refused();
	every_set();
	wakes();
	epolls();
	exclusive();
	selects();
	from_elsewhere();
	maker_ends();
	closed_together();
	return 0;
}
