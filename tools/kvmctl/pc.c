// SPDX-License-Identifier: GPL-2.0
#include "pc.h"

#include <time.h>

#define TIMER_LINE	0
#define SERIAL_LINE	4

#define SPEAKER_PORT	0x61
#define SPEAKER_GATE	0x01
#define SPEAKER_WRITTEN	0x03
#define SPEAKER_REFRESH	0x10	/* turns with each refresh of memory: 15 us */
#define SPEAKER_OUTPUT	0x20
#define REFRESH_NS	15085

#define CLOCK_INDEX_PORT 0x70
#define CLOCK_DATA_PORT	0x71

#define KEYBOARD_PORT	0x64
#define KEYBOARD_RESET	0xfe
#define RESET_PORT	0xcf9
#define RESET_NOW	0x04

bool pc_has(uint16_t port)
{
	return pic_has(port) || pit_has(port) || serial_has(port) || port == SPEAKER_PORT ||
	       port == CLOCK_INDEX_PORT || port == CLOCK_DATA_PORT ||
	       port == KEYBOARD_PORT || port == RESET_PORT;
}

/* ---- the clock: MC146818, which nobody can set ---- */

static uint8_t to_bcd(int value)
{
	return value / 10 % 10 << 4 | value % 10;
}

static uint8_t clock_in(const struct pc *pc, uint64_t now_ns)
{
	time_t now = pc->boot_s + now_ns / 1000000000;
	struct tm tm = { 0 };

	gmtime_r(&now, &tm);
	switch (pc->clock_index) {
	case 0x00: return to_bcd(tm.tm_sec);
	case 0x02: return to_bcd(tm.tm_min);
	case 0x04: return to_bcd(tm.tm_hour);
	case 0x06: return to_bcd(tm.tm_wday + 1);
	case 0x07: return to_bcd(tm.tm_mday);
	case 0x08: return to_bcd(tm.tm_mon + 1);
	case 0x09: return to_bcd(tm.tm_year);
	case 0x0a: return 0x26;		/* 32,768 Hz; no update is going on */
	case 0x0b: return 0x02;		/* 24 hours, BCD */
	case 0x0d: return 0x80;		/* its battery is good */
	case 0x32: return to_bcd(19 + tm.tm_year / 100);
	default: return 0;
	}
}

/* ---- port 0x61 ---- */

static void speaker_out(struct pc *pc, uint8_t value, uint64_t now_ns)
{
	if (value & ~pc->speaker & SPEAKER_GATE)
		pit_gate(&pc->pit, now_ns);
	pc->speaker = value & SPEAKER_WRITTEN;
}

static uint8_t speaker_in(const struct pc *pc, uint64_t now_ns)
{
	return pc->speaker | (now_ns / REFRESH_NS & 1 ? SPEAKER_REFRESH : 0) |
	       (pit_output(&pc->pit, 2, now_ns) ? SPEAKER_OUTPUT : 0);
}

/* ---- all ---- */

void pc_out(struct pc *pc, uint16_t port, uint8_t value, uint64_t now_ns)
{
	if (pic_has(port))
		pic_out(&pc->pic, port, value);
	else if (pit_has(port))
		pit_out(&pc->pit, port, value, now_ns);
	else if (serial_has(port))
		serial_out(pc->serial, port, value);
	else if (port == SPEAKER_PORT)
		speaker_out(pc, value, now_ns);
	else if (port == CLOCK_INDEX_PORT)
		pc->clock_index = value & 0x7f;
	else if (port == KEYBOARD_PORT)
		pc->reset |= value == KEYBOARD_RESET;
	else if (port == RESET_PORT)
		pc->reset |= value & RESET_NOW;
}

uint8_t pc_in(struct pc *pc, uint16_t port, uint64_t now_ns)
{
	if (pic_has(port))
		return pic_in(&pc->pic, port);
	if (pit_has(port))
		return pit_in(&pc->pit, port, now_ns);
	if (serial_has(port))
		return serial_in(pc->serial, port);
	if (port == SPEAKER_PORT)
		return speaker_in(pc, now_ns);
	if (port == CLOCK_DATA_PORT)
		return clock_in(pc, now_ns);
	return 0xff;	/* no keyboard */
}

void pc_update(struct pc *pc, uint64_t now_ns)
{
	if (pit_interrupted(&pc->pit, now_ns)) {
		pic_set(&pc->pic, TIMER_LINE, false);
		pic_set(&pc->pic, TIMER_LINE, true);
	}
	pic_set(&pc->pic, SERIAL_LINE, serial_interrupts(pc->serial));
}
