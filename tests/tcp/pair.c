// SPDX-License-Identifier: GPL-2.0
#include "tests/tcp/pair.h"

#undef NDEBUG		/* these checks are the test, and have effects */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/wire/bytes.h"
#include "tests/tcp/random.h"

struct pair_packet {
	struct pair_packet *next;
	u64 at_us;
	size_t size;
	u8 bytes[];
};

/* When it has left; UINT64_MAX: it was dropped. */
static u64 pass_bottleneck(struct pair_host *h, size_t size)
{
	u64 now_us = h->pair->now_us;

	if (!h->rate_bytes_per_s)
		return now_us;
	if (h->free_us > now_us + h->queue_us) {
		h->dropped++;
		return UINT64_MAX;
	}
	h->free_us = max_u64(h->free_us, now_us) + size * US_PER_S / h->rate_bytes_per_s;
	return h->free_us;
}

static void transmit(void *context, const struct stack_packet *out)
{
	struct pair_host *h = context;
	struct pair *p = h->pair;
	struct pair_packet *packet;
	size_t size = out->size;
	u64 sent_us;

	assert(!out->text && (h->takes_any || size <= h->stack.config.interface.mtu_bytes));
	h->dont_fragment = out->bytes[6] & 0x40;
	h->id = get_be16(out->bytes + 4);
	if (h->full) {
		h->overflows++;
		return;
	}
	if (h->lose) {
		h->lose--;
		return;
	}
	if (random_one_in_million(&p->random, h->loss_ppm))
		return;
	sent_us = pass_bottleneck(h, size);
	if (sent_us == UINT64_MAX)
		return;
	packet = malloc(sizeof(*packet) + size);
	packet->next = NULL;
	packet->at_us = sent_us + p->delay_us;
	packet->size = size;
	memcpy(packet->bytes, out->bytes, size);
	if (h->wrong_checksums)
		packet->bytes[IPV4_HEADER_BYTES + 16] ^= 0x55;
	*h->last = packet;
	h->last = &packet->next;
}

static bool is_full(void *context)
{
	return ((struct pair_host *)context)->full;
}

static void changed(void *context, struct endpoint *e)
{
	struct pair_host *h = context;

	assert(e->owner);
	if (e->protocol == IP_PROTOCOL_TCP)	/* the short way, and the long one */
		assert(stream_events_now(stream_of(e)) == stream_events(stream_of(e)));
	h->changes++;
}

static const struct stack_ops ops = {
	.is_full = is_full, .transmit = transmit, .changed = changed,
};

struct tcp_endpoint pair_endpoint(u8 ip_version, int host, u16 port)
{
	if (ip_version == 4)
		return (struct tcp_endpoint){ .address = { 192, 0, 2, 1 + host }, .port = port };
	return (struct tcp_endpoint){ .address = { 0xfd, [15] = 1 + host }, .port = port };
}

void pair_create(struct pair *p, u32 mtu_bytes)
{
	*p = (struct pair){ .now_us = 1000 * US_PER_S, .delay_us = PAIR_DELAY_US };
	for (int i = 0; i < 2; i++) {
		struct stack_config config = {
			.interface = { .mtu_bytes = mtu_bytes, .has_ipv4 = true, .has_ipv6 = true },
			.secret.key = { 1 + i, 7 },
			.port_first = 32768, .port_last = 60999,
			.endpoints_max = 1000,
			.ops = &ops,
			.context = &p->hosts[i],
		};

		memcpy(config.interface.ipv4, pair_endpoint(4, i, 0).address, 16);
		memcpy(config.interface.ipv6, pair_endpoint(6, i, 0).address, 16);
		p->hosts[i].pair = p;
		p->hosts[i].last = &p->hosts[i].first;
		assert(!stack_create(&p->hosts[i].stack, &config));
	}
}

static struct pair_packet *take(struct pair_host *from)
{
	struct pair_packet *packet = from->first;

	from->first = packet->next;
	if (!from->first)
		from->last = &from->first;
	return packet;
}

void pair_drop_last(struct pair *p, int host)
{
	struct pair_host *h = &p->hosts[host];
	struct pair_packet **link = &h->first;

	while ((*link)->next)
		link = &(*link)->next;
	free(*link);
	*link = NULL;
	h->last = link;
}

void pair_destroy(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		stack_destroy(&p->hosts[i].stack, p->now_us);
		assert(!p->hosts[i].stack.endpoint_count);
	}
	for (int i = 0; i < 2; i++) {
		while (p->hosts[i].first)
			free(take(&p->hosts[i]));
	}
}

/* Whose packet comes next; NULL: nobody's. */
static struct pair_host *next_sender(struct pair *p)
{
	struct pair_host *a = &p->hosts[0], *b = &p->hosts[1];

	if (!a->first || (b->first && b->first->at_us < a->first->at_us))
		return b->first ? b : NULL;
	return a;
}

bool pair_step(struct pair *p, u64 until_us)
{
	struct stack *a = &p->hosts[0].stack, *b = &p->hosts[1].stack;
	struct pair_host *from = next_sender(p);
	struct pair_packet *packet;
	u64 at_us;

	if (stack_settle(a, p->now_us) || stack_settle(b, p->now_us))
		return true;
	at_us = min_u64(stack_deadline(a), stack_deadline(b));
	if (from)
		at_us = min_u64(at_us, from->first->at_us);
	if (at_us > until_us) {
		p->now_us = until_us;
		return false;
	}
	p->now_us = max_u64(p->now_us, at_us);
	if (from && from->first->at_us <= p->now_us) {
		packet = take(from);
		stack_input(from == &p->hosts[0] ? b : a, packet->bytes, packet->size, 0,
			    p->now_us);
		free(packet);
		return true;
	}
	stack_tick(a, p->now_us);
	stack_tick(b, p->now_us);
	return true;
}

void pair_run(struct pair *p, u64 duration_us)
{
	u64 until_us = p->now_us + duration_us;

	while (pair_step(p, until_us))
		;
}

int pair_bind(struct endpoint *e, int host, u16 port)
{
	struct tcp_endpoint local = pair_endpoint(e->flow.ip_version, host, port);

	return stack_bind(e, &local);
}
