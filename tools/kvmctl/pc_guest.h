/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest with the devices of a PC (pc.h), in real time: its interrupts, and the
 * signal that ends a run when its timer is due. One in a process, with one vCPU.
 */
#ifndef KVMCTL_PC_GUEST_H
#define KVMCTL_PC_GUEST_H

#include <time.h>

#include "pc.h"

struct machine;

struct pc_guest {
	struct pc pc;
	struct machine *machine;
	uint64_t start_ns;	/* of the clock; times are from there */
	uint64_t armed_ns;	/* the signal comes then; PIT_NEVER */
	timer_t timer;
};

/* 0, or -1 with errno set and the machine's `what` naming the step. */
int pc_guest_open(struct pc_guest *g, struct machine *m, struct serial *serial);
void pc_guest_close(struct pc_guest *g);
uint64_t pc_guest_now_ns(const struct pc_guest *g);
/* Before each run: an interrupt that waits goes in, or as soon as it can. 0 or -1. */
int pc_guest_prepare(struct pc_guest *g);
/* The guest halts: until there is an interrupt. False: there never will be. */
bool pc_guest_halt(struct pc_guest *g);
/* The time stamp counter's rate, measured. */
uint64_t pc_guest_tsc_khz(void);

#endif
