// SPDX-License-Identifier: LGPL-2.1-or-later
#define _GNU_SOURCE
#include "host.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "sockaddr.h"
#include "socket.h"

#define PORT_FIRST	32768	/* Linux's net.ipv4.ip_local_port_range */
#define PORT_LAST	60999
#define ENDPOINTS_MAX	65536
#define BATCH		64	/* packets until others may have the lock */

u64 host_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

/* --- what the stack asks for, under the lock --- */

static void transmit(void *context, const u8 *bytes, size_t size)
{
	struct nc_stack *h = context;

	/* a link without room loses packets, as any network does */
	link_send(h->link, bytes, size);
}

static void changed(void *context, struct endpoint *e)
{
	socket_update(e->owner);
}

static const struct stack_ops ops = { .transmit = transmit, .changed = changed };

static void settle(struct nc_stack *h)
{
	u64 now_us = host_now_us();

	while (stack_settle(&h->core, now_us))
		;
}

static void wake(struct nc_stack *h)
{
	h->sleeps_until_us = 0;		/* once will do */
	eventfd_write(h->wake_fd, 1);
}

void host_unlock(struct nc_stack *h)
{
	settle(h);
	if (stack_deadline(&h->core) < h->sleeps_until_us)
		wake(h);
	pthread_mutex_unlock(&h->lock);
}

/* --- the thread --- */

static void take_packets(struct nc_stack *h)
{
	ssize_t size = 0;

	for (int i = 0; i < BATCH && !h->link_ended; i++) {
		size = link_recv(h->link, h->packet, sizeof(h->packet));
		if (size == -EAGAIN)
			return;
		if (size < 0)
			h->link_ended = true;	/* connections time out */
		else
			stack_input(&h->core, h->packet, size, host_now_us());
	}
}

static void sleep_until(struct nc_stack *h, u64 deadline_us)
{
	struct pollfd fds[2] = {
		{ .fd = h->wake_fd, .events = POLLIN },
		{ .fd = h->link_ended ? -1 : h->link->fd, .events = POLLIN },
	};
	u64 now_us = host_now_us(), wait_us = deadline_us > now_us ? deadline_us - now_us : 0;
	struct timespec ts = { .tv_sec = wait_us / US_PER_S,
			       .tv_nsec = wait_us % US_PER_S * 1000 };
	eventfd_t count;

	ppoll(fds, 2, deadline_us == UINT64_MAX ? NULL : &ts, NULL);
	if (fds[0].revents)
		eventfd_read(h->wake_fd, &count);
}

static void *serve(void *context)
{
	struct nc_stack *h = context;
	u64 deadline_us;
	bool stopping;

	do {
		host_lock(h);
		h->sleeps_until_us = 0;		/* it is awake: nobody need wake it */
		take_packets(h);
		stack_tick(&h->core, host_now_us());
		settle(h);
		deadline_us = h->sleeps_until_us = stack_deadline(&h->core);
		stopping = h->stopping;
		pthread_mutex_unlock(&h->lock);
		if (!stopping)
			sleep_until(h, deadline_us);
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

static int fill_config(struct stack_config *to, const struct nc_stack_config *from,
		       struct nc_stack *h)
{
	struct tcp_endpoint e;
	int ret;

	*to = (struct stack_config){
		.interface.mtu_bytes = h->link->mtu_bytes,
		.port_first = h->link->port ? h->link->port : PORT_FIRST,
		.port_last = h->link->port ? h->link->port : PORT_LAST,
		.checksums_verified = h->link->verifies_checksums,
		.endpoints_max = ENDPOINTS_MAX, .ops = &ops, .context = h,
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
	return getrandom(&to->secret, sizeof(to->secret), 0) < 0 ? -errno : 0;
}

int nc_stack_create(struct nc_stack **stack, const struct nc_stack_config *config)
{
	struct stack_config core;
	struct nc_stack *h;
	int ret;

	if (config->size != sizeof(*config) || !config->link)
		return -EINVAL;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->link = config->link;
	ret = fill_config(&core, config, h);
	if (!ret)
		ret = stack_create(&h->core, &core);
	if (ret)
		goto free_host;
	pthread_mutex_init(&h->lock, NULL);
	h->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ret = h->wake_fd < 0 ? -errno : start_thread(h);
	if (ret)
		goto destroy_core;
	*stack = h;
	return 0;

destroy_core:
	if (h->wake_fd >= 0)
		close(h->wake_fd);
	pthread_mutex_destroy(&h->lock);
	stack_destroy(&h->core, 0);
free_host:
	free(h);
	return ret;
}

int nc_stack_destroy(struct nc_stack *h)
{
	bool busy;

	if (!h)
		return 0;
	host_lock(h);
	busy = h->sockets;
	h->stopping = !busy;
	if (!busy)
		wake(h);
	host_unlock(h);
	if (busy)
		return -EBUSY;
	pthread_join(h->thread, NULL);
	stack_destroy(&h->core, host_now_us());
	nc_link_close(h->link);
	close(h->wake_fd);
	pthread_mutex_destroy(&h->lock);
	free(h);
	return 0;
}

int nc_stack_counters(struct nc_stack *h, struct nc_stack_counters *counters)
{
	const struct stack_counters *c = &h->core.counters;

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
	};
	host_unlock(h);
	return 0;
}
