// SPDX-License-Identifier: GPL-2.0
#include "pit.h"

#define FIRST_PORT	0x40
#define COMMAND_PORT	0x43
#define HZ		1193182ull
#define SECOND_NS	1000000000ull

#define READ_BACK	3	/* in place of a channel's number */
#define LATCH		0	/* in place of an access */

#define MODE_RATE	2
#define MODE_SQUARE	3

bool pit_has(uint16_t port)
{
	return port >= FIRST_PORT && port <= COMMAND_PORT;
}

static bool is_periodic(const struct pit_channel *c)
{
	return c->mode == MODE_RATE || c->mode == MODE_SQUARE;
}

/* Split, since a guest may run for days. */
static uint64_t clocks_since(uint64_t start_ns, uint64_t now_ns)
{
	uint64_t ns = now_ns - start_ns;

	return ns / SECOND_NS * HZ + ns % SECOND_NS * HZ / SECOND_NS;
}

/* Rounded up: at that time so many have passed. */
static uint64_t clocks_to_ns(uint64_t clocks)
{
	return clocks / HZ * SECOND_NS + (clocks % HZ * SECOND_NS + HZ - 1) / HZ;
}

static uint16_t count_of(const struct pit_channel *c, uint64_t now_ns)
{
	uint64_t passed;

	if (!c->counting)	/* nor has it been loaded, perhaps */
		return c->reload;
	passed = clocks_since(c->start_ns, now_ns);
	if (is_periodic(c))
		passed %= c->reload;
	return c->reload - passed;
}

bool pit_output(const struct pit *pit, int channel, uint64_t now_ns)
{
	const struct pit_channel *c = &pit->channels[channel];
	uint64_t passed;

	if (!c->counting)
		return c->mode != 0;
	passed = clocks_since(c->start_ns, now_ns);
	if (c->mode == MODE_SQUARE)
		return passed % c->reload < (c->reload + 1) / 2;
	return c->mode != 0 || passed >= c->reload;
}

static void load(struct pit_channel *c, uint16_t value, uint64_t now_ns)
{
	c->reload = value ? value : 65536;
	c->start_ns = now_ns;
	c->counting = true;
}

void pit_gate(struct pit *pit, uint64_t now_ns)
{
	struct pit_channel *c = &pit->channels[2];

	if (c->reload)
		load(c, c->reload, now_ns);
}

/* ---- interrupts of channel 0 ---- */

/* The first at or after `from`, which is not before the start. */
static uint64_t next_after(const struct pit_channel *c, uint64_t from_ns)
{
	uint64_t periods = 1, at;

	if (!c->counting)
		return PIT_NEVER;
	if (is_periodic(c) && from_ns > c->start_ns)
		periods = clocks_since(c->start_ns, from_ns) / c->reload + 1;
	at = c->start_ns + clocks_to_ns(periods * c->reload);
	return at > from_ns ? at : PIT_NEVER;
}

uint64_t pit_next_ns(const struct pit *pit)
{
	return next_after(&pit->channels[0], pit->told_ns);
}

bool pit_interrupted(struct pit *pit, uint64_t now_ns)
{
	bool interrupted = pit_next_ns(pit) <= now_ns;

	pit->told_ns = now_ns;
	return interrupted;
}

/* ---- ports ---- */

static void latch(struct pit_channel *c, uint64_t now_ns)
{
	if (!c->latched)
		c->latch = count_of(c, now_ns);
	c->latched = true;
}

/* Of the read-back command only the counts: nobody asks for the status here. */
static void read_back(struct pit *pit, uint8_t value, uint64_t now_ns)
{
	for (int i = 0; i < PIT_CHANNELS; i++) {
		if (!(value & 0x20) && value & 2u << i)
			latch(&pit->channels[i], now_ns);
	}
}

static void command(struct pit *pit, uint8_t value, uint64_t now_ns)
{
	int number = value >> 6, mode = value >> 1 & 7;

	if (number == READ_BACK) {
		read_back(pit, value, now_ns);
	} else if ((value >> 4 & 3) == LATCH) {
		latch(&pit->channels[number], now_ns);
	} else {
		pit->channels[number] = (struct pit_channel) {
			.mode = mode > 5 ? mode - 4 : mode, .access = value >> 4 & 3,
		};
	}
}

static void write_count(struct pit *pit, struct pit_channel *c, uint8_t value, uint64_t now_ns)
{
	if (c->access == 3 && !c->low_written) {
		c->low = value;
		c->low_written = true;
		return;
	}
	c->low_written = false;
	load(c, c->access == 1 ? value : c->access == 2 ? value << 8 : value << 8 | c->low,
	     now_ns);
	if (c == &pit->channels[0])
		pit->told_ns = now_ns;
}

void pit_out(struct pit *pit, uint16_t port, uint8_t value, uint64_t now_ns)
{
	if (port == COMMAND_PORT)
		command(pit, value, now_ns);
	else
		write_count(pit, &pit->channels[port - FIRST_PORT], value, now_ns);
}

uint8_t pit_in(struct pit *pit, uint16_t port, uint64_t now_ns)
{
	struct pit_channel *c;
	bool high;
	uint16_t count;

	if (port == COMMAND_PORT)
		return 0xff;
	c = &pit->channels[port - FIRST_PORT];
	count = c->latched ? c->latch : count_of(c, now_ns);
	high = c->access == 2 || (c->access == 3 && c->low_read);
	c->low_read = c->access == 3 && !c->low_read;
	if (!c->low_read)
		c->latched = false;
	return high ? count >> 8 : count;
}
