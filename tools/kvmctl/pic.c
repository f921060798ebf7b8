// SPDX-License-Identifier: GPL-2.0
#include "pic.h"

/* Ports of each chip: its command, and behind it its data. */
#define FIRST_PORT	0x20
#define SECOND_PORT	0xa0
#define CASCADE_LINE	2
#define SPURIOUS_LINE	7	/* what is told when nothing waits any more */

/* Written to the command port: initialization, or one of two operations. */
#define INIT		0x10
#define INIT_4		0x01
#define OPERATION_3	0x08
#define READ_SELECT	0x02
#define READ_SERVICE	0x01
#define END		0x20
#define END_SPECIFIC	0x40
#define AUTO_END	0x02	/* in the fourth initialization word */

bool pic_has(uint16_t port)
{
	return (port & ~1) == FIRST_PORT || (port & ~1) == SECOND_PORT;
}

/* The line of the highest priority in a set, 0 first; -1: the set is empty. */
static int first(uint8_t set)
{
	return set ? __builtin_ctz(set) : -1;
}

/* The line that may interrupt now; -1: none. */
static int next_line(const struct pic_chip *chip)
{
	int line = first(chip->requested & ~chip->masked);
	int busy = first(chip->in_service);

	return line >= 0 && (busy < 0 || line < busy) ? line : -1;
}

static void set_line(struct pic_chip *chip, int line, bool level)
{
	uint8_t bit = 1u << line;

	if (level && !(chip->lines & bit))
		chip->requested |= bit;
	/* An edge that is gone before it was taken is no interrupt. */
	if (!level)
		chip->requested &= ~bit;
	chip->lines = level ? chip->lines | bit : chip->lines & ~bit;
}

/* The second chip asks through the first. */
static void cascade(struct pic *pic)
{
	set_line(&pic->chips[0], CASCADE_LINE, next_line(&pic->chips[1]) >= 0);
}

void pic_set(struct pic *pic, int line, bool level)
{
	set_line(&pic->chips[line / 8], line % 8, level);
	cascade(pic);
}

bool pic_waits(const struct pic *pic)
{
	return next_line(&pic->chips[0]) >= 0;
}

static uint8_t take(struct pic_chip *chip, int line)
{
	if (line < 0)
		return chip->vector + SPURIOUS_LINE;
	chip->requested &= ~(1u << line);
	if (!chip->auto_end)
		chip->in_service |= 1u << line;
	return chip->vector + line;
}

uint8_t pic_take(struct pic *pic)
{
	int line = next_line(&pic->chips[0]);
	uint8_t vector = take(&pic->chips[0], line);

	if (line != CASCADE_LINE)
		return vector;
	vector = take(&pic->chips[1], next_line(&pic->chips[1]));
	/* Lowered between two interrupts, so that the next is an edge. */
	set_line(&pic->chips[0], CASCADE_LINE, false);
	cascade(pic);
	return vector;
}

/* ---- ports ---- */

static void end_interrupt(struct pic_chip *chip, uint8_t command)
{
	int line = command & END_SPECIFIC ? command & 7 : first(chip->in_service);

	if (line >= 0)
		chip->in_service &= ~(1u << line);
}

static void command(struct pic_chip *chip, uint8_t value)
{
	if (value & INIT) {
		*chip = (struct pic_chip) {
			.lines = chip->lines, .init_step = 2, .init_4 = value & INIT_4,
		};
	} else if (value & OPERATION_3) {
		if (value & READ_SELECT)
			chip->read_in_service = value & READ_SERVICE;
	} else if (value & END) {
		end_interrupt(chip, value);
	}
}

/* The second to fourth words of an initialization, else the mask. */
static void data(struct pic_chip *chip, uint8_t value)
{
	switch (chip->init_step) {
	case 2:
		chip->vector = value & 0xf8;
		chip->init_step = 3;
		break;
	case 3:		/* where the chips meet, which is wired here */
		chip->init_step = chip->init_4 ? 4 : 0;
		break;
	case 4:
		chip->auto_end = value & AUTO_END;
		chip->init_step = 0;
		break;
	default:
		chip->masked = value;
	}
}

static struct pic_chip *chip_of(struct pic *pic, uint16_t port)
{
	return &pic->chips[(port & ~1) == SECOND_PORT];
}

void pic_out(struct pic *pic, uint16_t port, uint8_t value)
{
	if (port & 1)
		data(chip_of(pic, port), value);
	else
		command(chip_of(pic, port), value);
	cascade(pic);
}

uint8_t pic_in(struct pic *pic, uint16_t port)
{
	const struct pic_chip *chip = chip_of(pic, port);

	if (port & 1)
		return chip->masked;
	return chip->read_in_service ? chip->in_service : chip->requested;
}
