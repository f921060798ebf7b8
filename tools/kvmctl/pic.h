/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pair of interrupt controllers of a PC: Intel 8259A, the second at line 2 of
 * the first; edge-triggered, fully nested. Plain logic.
 */
#ifndef KVMCTL_PIC_H
#define KVMCTL_PIC_H

#include <stdbool.h>
#include <stdint.h>

#define PIC_LINES	16

struct pic_chip {
	uint8_t lines;		/* levels, as they are */
	uint8_t requested;	/* IRR */
	uint8_t in_service;	/* ISR */
	uint8_t masked;		/* IMR */
	uint8_t vector;		/* of its line 0 */
	uint8_t init_step;	/* the initialization word that comes next; 0: none */
	bool init_4;		/* a fourth one comes */
	bool auto_end;		/* an interrupt is over when it was taken */
	bool read_in_service;	/* what the command port reads */
};

struct pic {
	struct pic_chip chips[2];
};

bool pic_has(uint16_t port);
void pic_out(struct pic *pic, uint16_t port, uint8_t value);
uint8_t pic_in(struct pic *pic, uint16_t port);
/* A line rises or falls. */
void pic_set(struct pic *pic, int line, bool level);
/* An interrupt waits that is neither masked nor behind one in service. */
bool pic_waits(const struct pic *pic);
/* The processor takes it: its vector. */
uint8_t pic_take(struct pic *pic);

#endif
