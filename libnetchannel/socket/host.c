// SPDX-License-Identifier: LGPL-2.1-or-later
#define _GNU_SOURCE
#include "host.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "cancel.h"
#include "descriptors.h"
#include "neighbours.h"
#include "sockaddr.h"
#include "socket.h"
#include "trace.h"

#define PORT_FIRST	32768	/* Linux's net.ipv4.ip_local_port_range */
#define PORT_LAST	60999
/* What the first version of the structure had. */
#define CONFIG_MIN_BYTES	offsetof(struct nc_stack_config, memory_max_bytes)
#define ENDPOINTS_MAX	65536
#define BATCH		64	/* packets until others may have the lock */
#define SMALL_BYTES	1000	/* of a packet behind which no other is looked for */
#define CALLERS_US	1000	/* of other work, before the thread acts */
#define LOOKS_MAX	4	/* at neighbours, before a wait that a signal can end */
#define LOCKS_MAX	8	/* of a thread: a call, and handlers in handlers */
#define LOOK_US		20000	/* after a call, the thread looks again so soon */

static unsigned int process;	/* how many calls of fork() lie before it */
static int watch_error;		/* why they are not known */

static u64 clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

/* A link without shared memory, and a wait in virtual time, are many places: see cancel.h. */
static bool is_guarded(const struct nc_stack *h)
{
	return !h->link->shared || h->virtual;
}

static void begin(struct nc_stack *h)
{
	if (is_guarded(h))
		h->cancel_state = cancel_defer();
	h->locked_us = clock_us();
}

/*
 * Whose locks this thread has, or is about to: a signal's handler that interrupts it there may not
 * wait for them, nor one that interrupts a handler. A call has one at a time, its own or that of a
 * neighbour; host_check() leaves it room for two.
 */
static __thread struct {
	volatile unsigned int count;
	const struct nc_stack *volatile stacks[LOCKS_MAX];
} locked __attribute__((tls_model("initial-exec")));

/* The place first: a handler that comes in between takes the next one. */
static void note_lock(const struct nc_stack *h)
{
	unsigned int place = locked.count;

	locked.count = place + 1;
	locked.stacks[place] = h;
}

/* Cleared first: a handler that comes in between note_lock()'s two steps must not find it there. */
static void forget_lock(void)
{
	unsigned int place = locked.count - 1;

	locked.stacks[place] = NULL;
	locked.count = place;
}

static bool is_locked(const struct nc_stack *h)
{
	for (unsigned int i = 0; i < locked.count; i++) {
		if (locked.stacks[i] == h)
			return true;
	}
	return false;
}

void host_lock(struct nc_stack *h)
{
	note_lock(h);
	pthread_mutex_lock(&h->lock);
	begin(h);
}

int host_check(const struct nc_stack *h)
{
	if (h->process != process)
		return -EPERM;
	return locked.count && (is_locked(h) || locked.count > LOCKS_MAX - 2) ? -EDEADLK : 0;
}

/* --- what the stack asks for, under the lock --- */

static u8 *reserve(void *context)
{
	struct nc_stack *h = context;

	h->reserved = h->link->shared ? h->link->shared->reserve(h->link) : NULL;
	/* it ends where the way becomes IPsec's: see link/port.c */
	h->core.config.segments_max = h->link->segments_max;
	return h->reserved;
}

/* Streams wait then, until resume(). Of a link that has ended there is none to wait for. */
static bool is_full(void *context)
{
	const struct nc_stack *h = context;

	if (h->link_ended)
		return false;
	return h->link->shared ? !h->reserved : !link_queue_is_empty(&h->queue);
}

/* What does not wait for room is lost without any, as in any network. */
static void transmit(void *context, const struct stack_packet *p)
{
	struct nc_stack *h = context;

	if (!h->link->shared)
		link_queue_send(&h->queue, h->link, p->bytes, p->size);
	else if (p->bytes == h->reserved)
		h->link->shared->commit(h->link, p->size, p->segment_bytes, p->text, p->text_bytes);
}

static u8 *lend(void *context, size_t size)
{
	struct nc_stack *h = context;

	return h->link->shared ? h->link->shared->lend(h->link, size) : NULL;
}

static void take_back(void *context, u8 *memory)
{
	struct nc_stack *h = context;

	h->link->shared->take_back(h->link, memory);
}

static void changed(void *context, struct endpoint *e)
{
	socket_changed(e->owner);
}

static void moved(void *context, const struct endpoint *e, u64 now_us)
{
	struct nc_stack *h = context;
	int state = cancel_defer();

	trace_connection(h->trace, stream_of((struct endpoint *)e), now_us);
	cancel_restore(state);
}

static const struct stack_ops ops = {
	.reserve = reserve, .is_full = is_full, .transmit = transmit, .changed = changed,
	.lend = lend, .take_back = take_back,
};

static const struct stack_ops traced_ops = {
	.reserve = reserve, .is_full = is_full, .transmit = transmit, .changed = changed,
	.lend = lend, .take_back = take_back, .moved = moved,
};

void host_settle_own(struct nc_stack *h)
{
	while (stack_has_own(&h->core) && stack_settle(&h->core, host_now_us(h)))
		;
}

static void wake(struct nc_stack *h)
{
	h->sleeps_until_us = 0;		/* once will do */
	h->wakes = true;
}

/* The thread tells of it: who finds it may be amid a connection. */
static void end_link(struct nc_stack *h)
{
	h->link_ended = true;
	wake(h);
}

/* What lies in the link's memory, or before the link, goes. */
static void flush(struct nc_stack *h)
{
	if (!h->link->shared)
		link_queue_flush(&h->queue, h->link);
	else if (!h->link_ended && h->link->shared->flush(h->link))
		end_link(h);
}

/* Does something wait for room? */
static bool is_blocked(const struct nc_stack *h)
{
	return h->link->shared ? h->link->shared->is_blocked(h->link) :
		!link_queue_is_empty(&h->queue);
}

bool host_has_room(struct nc_stack *h, u32 packets, size_t bytes)
{
	if (h->link_ended)	/* nothing waits for it: it is lost */
		return true;
	if (h->link->shared)
		return h->link->shared->has_room(h->link, packets, bytes);
	link_queue_flush(&h->queue, h->link);
	return link_queue_is_empty(&h->queue);
}

bool host_has_room_for_any(struct nc_stack *h)
{
	return host_has_room(h, DATAGRAM_SEGMENTS_MAX,
			     UDP_HEADER_BYTES + UDP_PAYLOAD_MAX_BYTES +
			     DATAGRAM_SEGMENTS_MAX * IP_HEADER_MAX_BYTES);
}

/* The thread is woken without the lock: with it, it would only wait for that. */
static void give_up_lock(struct nc_stack *h)
{
	bool wakes = h->wakes;
	int state;

	h->wakes = false;
	pthread_mutex_unlock(&h->lock);
	forget_lock();
	if (!wakes)
		return;
	state = cancel_defer();
	eventfd_write(h->wake_fd, 1);
	cancel_restore(state);
}

/* All of host_unlock() but that packets go and the lock. */
static void finish(struct nc_stack *h)
{
	host_settle(h);
	socket_update_changed(h);
	if (h->virtual)
		pthread_cond_broadcast(&h->virtual->changed);
	else if (stack_deadline(&h->core) < h->sleeps_until_us)
		wake(h);
}

/* The streams that have waited go on, while all that goes finds room: after flush(). */
static void resume(struct nc_stack *h)
{
	while (stack_is_blocked(&h->core) && (h->link_ended || !is_blocked(h))) {
		stack_resume(&h->core, host_now_us(h));
		finish(h);
		flush(h);
	}
}

/* The link may have room again for those that look full. */
static void show_room(struct nc_stack *h)
{
	if (!host_has_room_for_any(h))
		return;
	socket_show_room(h);
	socket_update_changed(h);
	flush(h);
}

/*
 * What was made goes, and what had no room if there is some: streams first. To look for room may
 * have made it, for them too.
 */
static void send_out(struct nc_stack *h)
{
	flush(h);
	resume(h);
	if (!h->full)
		return;
	show_room(h);
	resume(h);
}

static void unlock(struct nc_stack *h)
{
	if (h->has_left)
		host_take(h, false);
	finish(h);
	send_out(h);
	/* the thread waits for room, and sends the rest */
	if (!h->virtual && !h->link_ended && is_blocked(h))
		wake(h);
	give_up_lock(h);
}

void host_unlock(struct nc_stack *h)
{
	bool guarded = is_guarded(h);
	int cancel_state = h->cancel_state;

	unlock(h);
	if (guarded)
		cancel_restore(cancel_state);
}

static int poll_until(struct pollfd *fds, nfds_t count, u64 deadline_us)
{
	u64 now_us = clock_us(), wait_us = deadline_us > now_us ? deadline_us - now_us : 0;
	struct timespec ts = { .tv_sec = wait_us / US_PER_S,
			       .tv_nsec = wait_us % US_PER_S * 1000 };
	int state = cancel_defer(), ret;

	ret = ppoll(fds, count, deadline_us == UINT64_MAX ? NULL : &ts, NULL);
	if (ret < 0)
		ret = -errno;
	cancel_restore(state);
	return ret;
}

/* The next packet, in the link's memory or in ours, until take_packet(). */
static ssize_t next_packet(struct nc_stack *h, const u8 **bytes, u32 *segment_bytes)
{
	*segment_bytes = 0;
	if (h->link->shared)
		return h->link->shared->peek(h->link, bytes, segment_bytes);
	*bytes = h->packet;
	return link_recv(h->link, h->packet, sizeof(h->packet));
}

static void take_packet(struct nc_stack *h, const u8 *bytes, size_t size, u32 segment_bytes)
{
	stack_input(&h->core, bytes, size, segment_bytes, host_now_us(h));
	if (h->link->shared)
		h->link->shared->consume(h->link);
}

/* Where to look for a packet is a call, a small one is seldom followed by others. */
static bool is_likely_the_last(const struct nc_stack *h, ssize_t size)
{
	return !h->link->shared && size < SMALL_BYTES;
}

static unsigned int take_packets(struct nc_stack *h, bool until_last)
{
	unsigned int taken;
	u32 segment_bytes;
	const u8 *bytes;
	ssize_t size = SMALL_BYTES;

	stack_batch_begin(&h->core);
	for (taken = 0; taken < BATCH && !h->link_ended; taken++) {
		if (until_last && is_likely_the_last(h, size))
			break;
		size = next_packet(h, &bytes, &segment_bytes);
		if (size == -EAGAIN)
			break;
		if (size < 0)
			end_link(h);
		else
			take_packet(h, bytes, size, segment_bytes);
	}
	stack_batch_end(&h->core, host_now_us(h));
	return taken;
}

static bool has_link(const struct nc_stack *h)
{
	return !h->virtual && !h->link_ended;
}

void host_keep_link(struct nc_stack *h)
{
	h->callers_until_us = host_now_us(h) + CALLERS_US;
}

unsigned int host_take(struct nc_stack *h, bool waits)
{
	h->has_left = false;
	if (!has_link(h))
		return 0;
	if (waits)
		host_keep_link(h);
	return take_packets(h, true);
}

size_t host_peek(const struct nc_stack *h, const u8 **bytes)
{
	u32 segment_bytes;
	ssize_t size;

	if (!has_link(h) || !h->link->shared)
		return 0;
	size = h->link->shared->peek(h->link, bytes, &segment_bytes);
	return size < 0 || segment_bytes ? 0 : size;
}

void host_consume(struct nc_stack *h, bool waits)
{
	if (waits)
		host_keep_link(h);
	h->has_left = true;
	h->link->shared->consume(h->link);
}

void host_give_link(struct nc_stack *h)
{
	h->callers_until_us = 0;
	if (!h->virtual && h->is_off_link)
		wake(h);
}

static bool has_packet(struct nc_stack *h)
{
	const u8 *bytes;
	u32 segment_bytes;

	return next_packet(h, &bytes, &segment_bytes) != -EAGAIN;
}

/* Another thread's is not touched: he may wait for the stack's own to take what comes. */
bool host_look_after(struct nc_stack *h, u64 keeps_until_us, bool sleeps)
{
	bool is_ours, any = false;

	if (is_locked(h))
		return false;
	note_lock(h);
	if (pthread_mutex_trylock(&h->lock)) {
		forget_lock();
		return false;
	}
	is_ours = h->called_us && pthread_equal(h->caller, pthread_self()) && has_link(h);
	if (is_ours && has_packet(h)) {
		h->callers_until_us = max_u64(h->callers_until_us, keeps_until_us);
		begin(h);
		take_packets(h, false);
		any = true;
	}
	/* nobody looks while he sleeps */
	if (is_ours && sleeps && (!any || !keeps_until_us))
		host_give_link(h);
	if (any)
		host_unlock(h);
	else
		give_up_lock(h);
	return any;
}

/*
 * What goes may be for one of them, and answered at once: then there is a packet. Where more
 * comes to them than that, it is left to their threads, as a signal ends a wait only.
 */
static bool serve_neighbours(struct nc_stack *h)
{
	u64 keeps_until_us = h->callers_until_us;
	bool any = neighbours_exist();

	if (!any)
		return false;
	flush(h);
	/* that was there before: the wait is over at once, and others have their turn */
	if (has_packet(h))
		return false;
	for (int round = 1; any && round <= LOOKS_MAX && !has_packet(h); round++) {
		give_up_lock(h);
		any = neighbours_serve(h, round < LOOKS_MAX ? keeps_until_us : 0, true);
		host_lock(h);
	}
	return has_packet(h);
}

/* Who has streams that wait for room goes to wait himself: the thread looks after them. */
static __attribute__((noinline)) void leave_blocked(struct nc_stack *h)
{
	flush(h);
	resume(h);
	if (is_blocked(h))
		wake(h);
}

/*
 * 1: a packet may have come; 0: the time is over. One call sends what there is, and waits, or
 * tells by like's flags that it does not.
 */
static int wait_by_link(struct nc_stack *h, int like, u64 until_us)
{
	u64 now_us;
	int ret;

	/* before what has changed is shown: it may be over at once */
	if (serve_neighbours(h))
		return 1;
	now_us = host_now_us(h);
	finish(h);
	if (stack_is_blocked(&h->core))
		leave_blocked(h);
	give_up_lock(h);
	/* 0 would be no limit */
	ret = h->link->shared->wait(h->link, now_us < until_us ? (until_us - now_us) * 1000 : 1,
				    like);
	host_lock(h);
	if (ret >= 0)
		return 1;
	return ret == -EINTR || (ret == -EAGAIN && like >= 0) ? ret : 0;
}

/* The same for a link that is waited for by its descriptor. */
static int wait_by_poll(struct nc_stack *h, const struct pollfd *fd, u64 until_us)
{
	struct pollfd both[2] = { *fd, { .fd = h->link->fd, .events = POLLIN } };
	int ret;

	unlock(h);
	ret = poll_until(both, 2, until_us);
	host_lock(h);
	return ret;
}

int host_wait_for_packets(struct nc_stack *h, const struct pollfd *fd, bool asks,
			  u64 deadline_us)
{
	u64 until_us = min_u64(deadline_us, h->callers_until_us);
	int cancel_state = h->cancel_state, ret;

	if (h->virtual || h->link_ended || until_us <= host_now_us(h))
		return 0;
	ret = h->link->shared ? wait_by_link(h, asks ? fd->fd : -1, until_us) :
				wait_by_poll(h, fd, until_us);
	h->cancel_state = cancel_state;
	if (ret > 0)
		host_take(h, true);
	return ret;
}

int host_wait(struct nc_stack *h, struct pollfd *fds, nfds_t count, u64 deadline_us)
{
	int cancel_state = h->cancel_state, ret;

	if (h->virtual) {
		host_settle(h);
		socket_update_changed(h);
		return virtual_wait(h, fds, count, deadline_us);
	}
	unlock(h);
	ret = poll_until(fds, count, deadline_us);
	host_lock(h);
	h->cancel_state = cancel_state;
	return ret;
}

int host_wait_for_room(struct nc_stack *h, int ended_fd, u64 deadline_us)
{
	struct pollfd fds[2] = {
		{ .fd = h->link->fd, .events = POLLOUT }, { .fd = ended_fd },
	};

	return host_wait(h, fds, 2, deadline_us);
}

/* --- the thread --- */

/* Of a ring, only a call tells whether the device has gone. */
static void check_link(struct nc_stack *h)
{
	host_lock(h);
	if (h->link->shared && h->link->shared->wait(h->link, 1, -1) == -ENETDOWN)
		end_link(h);
	pthread_mutex_unlock(&h->lock);
	forget_lock();
}

/* link_events: what of the link is waited for, 0: nothing. */
static void sleep_until(struct nc_stack *h, u64 deadline_us, short link_events)
{
	struct pollfd fds[2] = {
		{ .fd = h->wake_fd, .events = POLLIN },
		{ .fd = link_events ? h->link->fd : -1, .events = link_events },
	};
	eventfd_t count;

	poll_until(fds, 2, deadline_us);
	if (fds[0].revents)
		eventfd_read(h->wake_fd, &count);
	if (fds[1].revents & POLLERR)
		check_link(h);
}

static void tell_end(struct nc_stack *h)
{
	if (!h->link_ended || h->end_is_told)
		return;
	h->end_is_told = true;
	stack_end(&h->core, -ENETDOWN, host_now_us(h));
}

/* Room is nobody's but the thread's to wait for. */
static short events_to_wait_for(const struct nc_stack *h, bool callers)
{
	if (h->link_ended)
		return 0;
	return (callers ? 0 : POLLIN) | (is_blocked(h) ? POLLOUT : 0);
}

/*
 * A call that brings an earlier deadline wakes the thread, which costs two changes of
 * thread: while there are calls, it wakes by itself before most of them can bring one.
 */
static u64 sleep_deadline(struct nc_stack *h, bool callers)
{
	u64 deadline_us = stack_deadline(&h->core);

	if (h->link_ended != h->end_is_told)
		return 0;
	if (callers)
		deadline_us = min_u64(deadline_us, h->callers_until_us);
	if (host_now_us(h) < h->called_us + LOOK_US)
		deadline_us = min_u64(deadline_us, host_now_us(h) + LOOK_US);
	return deadline_us;
}

/*
 * Who runs goes on when a packet wakes the thread: most often he comes by a call soon, and
 * takes that packet and what follows it himself; a turn of the thread in between would cost
 * two changes of thread for each. Who waits leaves the processor to it at once.
 */
static void yield_to_callers(void)
{
	static const struct sched_param none;

	if (sched_getscheduler(0) == SCHED_OTHER)
		sched_setscheduler(0, SCHED_BATCH, &none);
}

static void *serve(void *context)
{
	struct nc_stack *h = context;
	bool stopping, callers;
	short link_events;
	u64 deadline_us;

	yield_to_callers();
	do {
		host_lock(h);
		h->sleeps_until_us = 0;		/* it is awake: nobody need wake it */
		callers = h->is_off_link = host_now_us(h) < h->callers_until_us;
		if (!callers)
			take_packets(h, false);
		stack_tick(&h->core, host_now_us(h));
		host_settle(h);
		tell_end(h);
		socket_update_changed(h);
		send_out(h);
		deadline_us = h->sleeps_until_us = sleep_deadline(h, callers);
		stopping = h->stopping;
		link_events = events_to_wait_for(h, callers);
		pthread_mutex_unlock(&h->lock);
		forget_lock();
		if (!stopping)
			sleep_until(h, deadline_us, link_events);
	} while (!stopping);
	return NULL;
}

/* Signals are for the program's own threads. */
static int start_thread(struct nc_stack *h)
{
	sigset_t all, old;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = -pthread_create(&h->thread, NULL, serve, h);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return ret;
}

/* --- the user's calls --- */

/*
 * Buffers are counted as they are allocated. Peers whose bytes nobody reads can fill less than a
 * third of that: half of what there is leaves them a sixth.
 */
u64 host_memory_bytes(u64 ram_bytes, u64 address_bytes)
{
	/* 0 would be no limit */
	return max_u64(min_u64(ram_bytes, address_bytes) / 2, 1);
}

static u64 limit_bytes(int resource)
{
	struct rlimit limit;

	return getrlimit(resource, &limit) || limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX :
		limit.rlim_cur;
}

static u64 default_memory_bytes(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);

	return host_memory_bytes(pages > 0 ? (u64)pages * page_bytes : UINT64_MAX,
				 min_u64(limit_bytes(RLIMIT_AS), limit_bytes(RLIMIT_DATA)));
}

static int fill_config(struct stack_config *to, const struct nc_stack_config *from,
		       struct nc_stack *h)
{
	struct tcp_endpoint e;
	int ret;

	*to = (struct stack_config){
		.interface.mtu_bytes = h->link->mtu_bytes,
		.port_first = h->link->port ? h->link->port : PORT_FIRST,
		.port_last = h->link->port ? h->link->port : PORT_LAST,
		.only_port = h->link->port, .only_protocol = h->link->protocol,
		.checksums_verified = h->link->verifies_checksums,
		.checksums_completed = h->link->completes_checksums,
		/* a link that only writes down what goes is to have it as it will be */
		.headers_completed = h->link->completes_checksums && h->link->shared,
		.datagrams_cut = h->link->cuts_datagrams,
		/* the kernel, for which a channel of UDP sends as a socket would */
		.packets_cut = h->link->protocol == IP_PROTOCOL_UDP,
		.segments_max = h->link->segments_max,
		.endpoints_max = ENDPOINTS_MAX,
		.memory_max_bytes = from->memory_max_bytes ? from->memory_max_bytes :
							     default_memory_bytes(),
		.ops = &ops, .context = h,
	};
	if (from->ipv4) {
		ret = sockaddr_parse(&e, 4, from->ipv4, sizeof(struct sockaddr_in));
		if (ret)
			return ret;
		to->interface.has_ipv4 = true;
		memcpy(to->interface.ipv4, e.address, 4);
	}
	if (from->ipv6) {
		ret = sockaddr_parse(&e, 6, from->ipv6, sizeof(struct sockaddr_in6));
		if (ret)
			return ret;
		to->interface.has_ipv6 = true;
		memcpy(to->interface.ipv6, e.address, 16);
	}
	return 0;
}

static int choose_secret(struct tcp_secret *to, const struct tcp_secret *from)
{
	if (!from)
		return getrandom(to, sizeof(*to), 0) < 0 ? -errno : 0;
	*to = *from;
	return 0;
}

static int start(struct nc_stack *h)
{
	if (h->virtual)
		return 0;
	h->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return h->wake_fd < 0 ? -errno : start_thread(h);
}

/* All but what stack_destroy() and nc_link_close() do. */
static void free_host(struct nc_stack *h)
{
	if (h->wake_fd >= 0)
		close(h->wake_fd);
	link_queue_free(&h->queue);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

/* What its parent had is not locked, nor freed: its other threads were anywhere in it. */
static void begin_child(void)
{
	process++;
	descriptors_forget_all();
	neighbours_forget_all();
}

static void watch_for_children(void)
{
	watch_error = -pthread_atfork(NULL, NULL, begin_child);
}

/* Where to look for packets is no call. */
static bool has_neighbours(const struct nc_stack *h)
{
	return !h->virtual && host_shares_memory(h);
}

int host_make(struct nc_stack **stack, const struct nc_stack_config *config,
		const struct tcp_secret *secret, struct virtual_time *virtual)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct nc_stack_config known = { .size = sizeof(known) };
	struct stack_config core;
	struct nc_stack *h;
	int ret;

	if (config->size < CONFIG_MIN_BYTES || config->size > sizeof(known) || !config->link)
		return -EINVAL;
	memcpy(&known, config, config->size);
	pthread_once(&once, watch_for_children);
	if (watch_error)
		return watch_error;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->process = process;
	h->link = config->link;
	link_queue_init(&h->queue);
	h->wake_fd = -1;
	h->virtual = virtual;
	pthread_mutex_init(&h->lock, NULL);
	ret = fill_config(&core, &known, h);
	if (!ret)
		ret = choose_secret(&core.secret, secret);
	if (!ret)
		ret = stack_create(&h->core, &core);
	if (ret)
		goto free_host;
	ret = start(h);
	if (ret)
		goto destroy_core;
	if (has_neighbours(h))
		neighbours_add(h);
	*stack = h;
	return 0;

destroy_core:
	stack_destroy(&h->core, 0);
free_host:
	free_host(h);
	return ret;
}

int nc_stack_create(struct nc_stack **stack, const struct nc_stack_config *config)
{
	int state = cancel_defer();
	int ret = host_make(stack, config, NULL, NULL);

	cancel_restore(state);
	return ret;
}

static int destroy(struct nc_stack *h)
{
	bool busy;

	host_lock(h);
	busy = h->sockets;
	h->stopping = !busy;
	if (!busy && !h->virtual)
		wake(h);
	host_unlock(h);
	if (busy)
		return -EBUSY;
	if (has_neighbours(h))
		neighbours_remove(h);
	/* a close wakes who waits for its socket: they leave by the stack's lock */
	descriptors_wait(h);
	if (!h->virtual)
		pthread_join(h->thread, NULL);
	stack_destroy(&h->core, host_now_us(h));
	flush(h);
	trace_close(h->trace);
	nc_link_close(h->link);
	free(h->virtual);
	free_host(h);
	return 0;
}

int nc_stack_destroy(struct nc_stack *h)
{
	int ret, state;

	if (!h)
		return 0;
	ret = host_check(h);
	if (ret)
		return ret;
	state = cancel_defer();
	ret = destroy(h);
	cancel_restore(state);
	return ret;
}

static int change_trace(struct nc_stack *h, const char *path)
{
	struct trace *old, *fresh = NULL;
	int ret;

	ret = path ? trace_open(&fresh, path, h->virtual ? host_now_us(h) : clock_us()) : 0;
	if (ret)
		return ret;
	host_lock(h);
	old = h->trace;
	h->trace = fresh;
	h->core.config.ops = fresh ? &traced_ops : &ops;
	host_unlock(h);
	trace_close(old);
	return 0;
}

int nc_stack_trace(struct nc_stack *h, const char *path)
{
	int ret = host_check(h), state;

	if (ret)
		return ret;
	state = cancel_defer();
	ret = change_trace(h, path);
	cancel_restore(state);
	return ret;
}

int nc_stack_counters(struct nc_stack *h, struct nc_stack_counters *counters)
{
	const struct stack_counters *c = &h->core.counters;
	int ret = host_check(h);

	if (ret)
		return ret;
	host_lock(h);
	*counters = (struct nc_stack_counters){
		.rx_packets = c->rx_packets,
		.rx_malformed = c->rx_malformed,
		.rx_not_for_us = c->rx_not_for_us,
		.rx_fragments = c->rx_fragments,
		.rx_no_protocol = c->rx_no_protocol,
		.rx_no_port = c->rx_no_port,
		.rx_full = c->rx_full,
		.tx_packets = c->tx_packets,
		.rx_fragments_lost = h->core.fragments.lost,
	};
	host_unlock(h);
	return 0;
}
