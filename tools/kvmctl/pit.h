/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The timer of a PC: an Intel 8254. Channel 0 interrupts, channel 2 is read with the
 * gate of port 0x61. Plain logic; time comes in as an argument, in nanoseconds.
 */
#ifndef KVMCTL_PIT_H
#define KVMCTL_PIT_H

#include <stdbool.h>
#include <stdint.h>

#define PIT_CHANNELS	3
#define PIT_NEVER	UINT64_MAX

struct pit_channel {
	uint8_t mode;		/* 0 to 5 */
	uint8_t access;		/* 1: low byte, 2: high byte, 3: both */
	uint8_t low;		/* the first of two bytes that were written */
	bool low_written, low_read;
	bool latched, counting;
	uint16_t latch;
	uint32_t reload;	/* 1 to 65536 */
	uint64_t start_ns;	/* when it was loaded */
};

struct pit {
	struct pit_channel channels[PIT_CHANNELS];
	uint64_t told_ns;	/* up to then pit_interrupts() has counted */
};

bool pit_has(uint16_t port);
void pit_out(struct pit *pit, uint16_t port, uint8_t value, uint64_t now_ns);
uint8_t pit_in(struct pit *pit, uint16_t port, uint64_t now_ns);
/* The output pin of a channel. */
bool pit_output(const struct pit *pit, int channel, uint64_t now_ns);
/* Channel 2 counts from its beginning when its gate rises. */
void pit_gate(struct pit *pit, uint64_t now_ns);
/* When channel 0 interrupts next after what was told; PIT_NEVER. */
uint64_t pit_next_ns(const struct pit *pit);
/* Channel 0 has interrupted since the last call. (One that was missed is lost.) */
bool pit_interrupted(struct pit *pit, uint64_t now_ns);

#endif
