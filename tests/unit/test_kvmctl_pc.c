// SPDX-License-Identifier: GPL-2.0
/* unit: tools/kvmctl/pc.c tools/kvmctl/pic.c tools/kvmctl/pit.c tools/kvmctl/serial.c */
/* unit: tools/common/output.c */
#include "tools/kvmctl/pc.h"

#include <check.h>

#define MS		1000000ull
#define CLOCKS_NS(n)	((n) * 1000000000ull / 1193182 + 1)

static struct serial serial;
static struct pc pc;

/* As Linux begins: vectors 0x30 and 0x38, all but the cascade masked. */
static void init_pics(void)
{
	static const uint16_t data[] = { 0x21, 0xa1 };

	serial = (struct serial) { 0 };
	pc = (struct pc) { .serial = &serial };
	for (int i = 0; i < 2; i++) {
		pc_out(&pc, data[i] - 1, 0x11, 0);
		pc_out(&pc, data[i], 0x30 + 8 * i, 0);
		pc_out(&pc, data[i], i ? 2 : 4, 0);
		pc_out(&pc, data[i], 1, 0);
		pc_out(&pc, data[i], 0xff, 0);
	}
}

static void unmask(int line)
{
	pc_out(&pc, line < 8 ? 0x21 : 0xa1,
	       pc_in(&pc, line < 8 ? 0x21 : 0xa1, 0) & ~(1 << line % 8), 0);
}

static void pulse(int line)
{
	pic_set(&pc.pic, line, true);
	pic_set(&pc.pic, line, false);
}

/* ---- interrupt controllers ---- */

START_TEST(masked)
{
	init_pics();
	pic_set(&pc.pic, 4, true);
	ck_assert(!pic_waits(&pc.pic));
	unmask(4);
	ck_assert(pic_waits(&pc.pic));
	ck_assert_uint_eq(pic_take(&pc.pic), 0x34);
	/* The level is still there, but there was no new edge. */
	pc_out(&pc, 0x20, 0x20, 0);
	ck_assert(!pic_waits(&pc.pic));
	pic_set(&pc.pic, 4, false);
	pic_set(&pc.pic, 4, true);
	ck_assert(pic_waits(&pc.pic));
}
END_TEST

START_TEST(priorities)
{
	init_pics();
	for (int line = 0; line < 8; line++)
		unmask(line);
	pic_set(&pc.pic, 4, true);
	ck_assert_uint_eq(pic_take(&pc.pic), 0x34);
	pic_set(&pc.pic, 5, true);
	ck_assert(!pic_waits(&pc.pic));		/* behind the one in service */
	pic_set(&pc.pic, 1, true);
	ck_assert_uint_eq(pic_take(&pc.pic), 0x31);
	pc_out(&pc, 0x20, 0x0b, 0);
	ck_assert_uint_eq(pc_in(&pc, 0x20, 0), 1 << 4 | 1 << 1);
	pc_out(&pc, 0x20, 0x61, 0);		/* 1 is over, by name */
	pc_out(&pc, 0x20, 0x20, 0);		/* and the first that is left, 4 */
	ck_assert_uint_eq(pc_in(&pc, 0x20, 0), 0);
	ck_assert_uint_eq(pic_take(&pc.pic), 0x35);
}
END_TEST

START_TEST(cascade)
{
	init_pics();
	unmask(2);
	unmask(8);
	unmask(12);
	pic_set(&pc.pic, 12, true);
	ck_assert_uint_eq(pic_take(&pc.pic), 0x3c);
	pic_set(&pc.pic, 8, true);
	ck_assert(!pic_waits(&pc.pic));		/* not before the first chip is told */
	pc_out(&pc, 0x20, 0x62, 0);
	ck_assert_uint_eq(pic_take(&pc.pic), 0x38);
	pc_out(&pc, 0xa0, 0x60, 0);
	pc_out(&pc, 0x20, 0x62, 0);
	pc_out(&pc, 0xa0, 0x64, 0);
	ck_assert(!pic_waits(&pc.pic));
	pulse(8);
	ck_assert(!pic_waits(&pc.pic));		/* gone before it was taken */
}
END_TEST

/* ---- the timer ---- */

static void set_timer(int channel, int mode, uint16_t count, uint64_t now_ns)
{
	pc_out(&pc, 0x43, channel << 6 | 0x30 | mode << 1, now_ns);
	pc_out(&pc, 0x40 + channel, count, now_ns);
	pc_out(&pc, 0x40 + channel, count >> 8, now_ns);
}

static uint16_t read_timer(int channel, uint64_t now_ns)
{
	uint8_t low = pc_in(&pc, 0x40 + channel, now_ns);

	return low | pc_in(&pc, 0x40 + channel, now_ns) << 8;
}

START_TEST(periodic)
{
	uint64_t at = 5 * MS;

	init_pics();
	unmask(0);
	ck_assert(pit_next_ns(&pc.pit) == PIT_NEVER);
	set_timer(0, 2, 1193, at);		/* 1 ms and a bit less */
	for (int i = 0; i < 1000; i++) {
		uint64_t next = pit_next_ns(&pc.pit);

		ck_assert_uint_ge(next, at + CLOCKS_NS(1193) - 2);
		ck_assert_uint_le(next, at + CLOCKS_NS(1193) + 1);
		pc_update(&pc, next - 1);
		ck_assert(!pic_waits(&pc.pic));
		pc_update(&pc, next);
		ck_assert_uint_eq(pic_take(&pc.pic), 0x30);
		pc_out(&pc, 0x20, 0x60, next);
		at = next;
	}
	/* Those that nobody was there for are one. */
	pc_update(&pc, at + 100 * MS);
	ck_assert_uint_eq(pic_take(&pc.pic), 0x30);
	pc_out(&pc, 0x20, 0x60, 0);
	pc_update(&pc, at + 100 * MS);
	ck_assert(!pic_waits(&pc.pic));
}
END_TEST

START_TEST(one_shot)
{
	init_pics();
	unmask(0);
	set_timer(0, 4, 1000, 0);
	ck_assert_uint_eq(read_timer(0, CLOCKS_NS(400)), 600);
	ck_assert_uint_eq(pit_next_ns(&pc.pit), CLOCKS_NS(1000));
	pc_update(&pc, CLOCKS_NS(1000));
	ck_assert_uint_eq(pic_take(&pc.pic), 0x30);
	ck_assert(pit_next_ns(&pc.pit) == PIT_NEVER);
	/* Set anew, it counts from then; turned off, never. */
	pc_out(&pc, 0x40, 10, 9 * MS);
	pc_out(&pc, 0x40, 0, 9 * MS);
	ck_assert_uint_eq(pit_next_ns(&pc.pit), 9 * MS + CLOCKS_NS(10));
	pc_out(&pc, 0x43, 0x30, 9 * MS);
	ck_assert(pit_next_ns(&pc.pit) == PIT_NEVER);
}
END_TEST

START_TEST(latched)
{
	init_pics();
	set_timer(0, 2, 0, 0);			/* 65536 */
	pc_out(&pc, 0x43, 0x00, CLOCKS_NS(0x100));
	ck_assert_uint_eq(read_timer(0, CLOCKS_NS(0x900)), 0xff00);
	ck_assert_uint_eq(read_timer(0, CLOCKS_NS(0x900)), 0xf700);
}
END_TEST

/* How Linux measures the TSC: channel 2, its gate and output in port 0x61. */
START_TEST(calibration)
{
	init_pics();
	pc_out(&pc, 0x61, 1, 0);
	set_timer(2, 0, 11932, MS);
	ck_assert_uint_eq(pc_in(&pc, 0x61, MS + CLOCKS_NS(11931) - 2) & 0x20, 0);
	ck_assert_uint_eq(pc_in(&pc, 0x61, MS + CLOCKS_NS(11932)) & 0x20, 0x20);
	ck_assert_uint_eq(pc_in(&pc, 0x61, 0) & 3, 1);
}
END_TEST

/* A guest may read what it has not loaded. */
START_TEST(not_loaded)
{
	for (int mode = 0; mode < 8; mode++) {
		init_pics();
		pc_out(&pc, 0x43, 0x30 | mode << 1, MS);
		ck_assert_uint_eq(read_timer(0, 2 * MS), 0);
		ck_assert(pit_next_ns(&pc.pit) == PIT_NEVER);
	}
}
END_TEST

/* ---- the rest ---- */

static uint8_t clock_register(uint8_t index, uint64_t now_ns)
{
	pc_out(&pc, 0x70, 0x80 | index, now_ns);
	return pc_in(&pc, 0x71, now_ns);
}

START_TEST(clock_reads)
{
	init_pics();
	pc.boot_s = 1161259199;		/* 2006-10-19 11:59:59, a Thursday */
	ck_assert_uint_eq(clock_register(0, 0), 0x59);
	ck_assert_uint_eq(clock_register(0, 1000 * MS), 0);
	ck_assert_uint_eq(clock_register(2, 1000 * MS), 0);
	ck_assert_uint_eq(clock_register(4, 1000 * MS), 0x12);
	ck_assert_uint_eq(clock_register(6, 0), 5);
	ck_assert_uint_eq(clock_register(7, 0), 0x19);
	ck_assert_uint_eq(clock_register(8, 0), 0x10);
	ck_assert_uint_eq(clock_register(9, 0), 6);
	ck_assert_uint_eq(clock_register(0x32, 0), 0x20);
	ck_assert_uint_eq(clock_register(0xa, 0) & 0x80, 0);
}
END_TEST

START_TEST(serial_line)
{
	init_pics();
	unmask(4);
	pc_out(&pc, 0x3fc, 8, 0);
	pc_out(&pc, 0x3f9, 2, 0);
	pc_update(&pc, 0);
	ck_assert_uint_eq(pic_take(&pc.pic), 0x34);
	ck_assert_uint_eq(pc_in(&pc, 0x3fa, 0), 2);
	ck_assert_uint_eq(pc_in(&pc, 0x3fa, 0), 1);	/* told */
	pc_out(&pc, 0x20, 0x64, 0);
	pc_update(&pc, 0);
	ck_assert(!pic_waits(&pc.pic));
	/* Turned back upon itself it says nothing, but is empty again. */
	pc_out(&pc, 0x3fc, 0x1a, 0);
	ck_assert_uint_eq(pc_in(&pc, 0x3fe, 0), 0x90);
	pc_out(&pc, 0x3f8, 'x', 0);
	ck_assert_uint_eq(serial.text_bytes, 0);
	pc_update(&pc, 0);
	ck_assert_uint_eq(pic_take(&pc.pic), 0x34);
	/* Without OUT2 the line is cut. */
	pc_out(&pc, 0x3fc, 0, 0);
	ck_assert(!serial_interrupts(&serial));
}
END_TEST

START_TEST(resets)
{
	init_pics();
	pc_out(&pc, 0xcf9, 2, 0);
	pc_out(&pc, 0x64, 0xd1, 0);
	ck_assert(!pc.reset);
	pc_out(&pc, 0xcf9, 6, 0);
	ck_assert(pc.reset);
	init_pics();
	pc_out(&pc, 0x64, 0xfe, 0);
	ck_assert(pc.reset);
	ck_assert_uint_eq(pc_in(&pc, 0x64, 0), 0xff);
}
END_TEST

/* ---- whatever a guest does ---- */

static uint64_t seed;

static uint32_t any(uint32_t below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (seed >> 33) % below;
}

/* Without what goes out to the line, which a terminal would see. */
static void any_port(uint64_t now_ns)
{
	static const uint16_t ports[] = {
		0x20, 0x21, 0xa0, 0xa1, 0x40, 0x41, 0x42, 0x43, 0x43, 0x61, 0x70, 0x71, 0x64,
		0x3f9, 0x3fa, 0x3fb, 0x3fc, 0x3fd, 0x3fe, 0x3ff,
	};
	uint16_t port = ports[any(sizeof(ports) / sizeof(ports[0]))];

	if (any(2))
		pc_out(&pc, port, any(256), now_ns);
	else
		pc_in(&pc, port, now_ns);
}

START_TEST(any_guest)
{
	uint64_t now_ns = 0;

	init_pics();
	seed = 1;
	for (int i = 0; i < 200000; i++) {
		uint64_t next_ns;

		now_ns += any(8) ? any(5000) : any(200 * MS);
		any_port(now_ns);
		pc_update(&pc, now_ns);
		next_ns = pit_next_ns(&pc.pit);
		ck_assert_uint_gt(next_ns, now_ns);	/* a host that waits for it goes on */
		if (any(4) || next_ns == PIT_NEVER)
			continue;
		ck_assert(!pit_interrupted(&pc.pit, next_ns - 1));
		ck_assert(pit_interrupted(&pc.pit, next_ns));
		now_ns = next_ns;
		if (pic_waits(&pc.pic))
			pic_take(&pc.pic);
	}
}
END_TEST

Suite *kvmctl_pc_suite(void);
Suite *kvmctl_pc_suite(void)
{
	Suite *suite = suite_create("kvmctl pc");
	TCase *tcase = tcase_create("pc");

	tcase_add_test(tcase, masked);
	tcase_add_test(tcase, priorities);
	tcase_add_test(tcase, cascade);
	tcase_add_test(tcase, periodic);
	tcase_add_test(tcase, one_shot);
	tcase_add_test(tcase, latched);
	tcase_add_test(tcase, calibration);
	tcase_add_test(tcase, not_loaded);
	tcase_add_test(tcase, clock_reads);
	tcase_add_test(tcase, serial_line);
	tcase_add_test(tcase, resets);
	tcase_add_test(tcase, any_guest);
	suite_add_tcase(suite, tcase);
	return suite;
}
