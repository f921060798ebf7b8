/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The devices of a PC that a kernel needs to come up: two interrupt controllers, a
 * timer, a clock, one serial port, a way to reset. No PCI, no APIC, no ACPI. Plain
 * logic, save for the serial port's line; time comes in as an argument.
 */
#ifndef KVMCTL_PC_H
#define KVMCTL_PC_H

#include <stdbool.h>
#include <stdint.h>

#include "pic.h"
#include "pit.h"
#include "serial.h"

struct pc {
	struct pic pic;
	struct pit pit;
	struct serial *serial;	/* the guest's */
	uint64_t boot_s;	/* since 1970, at now_ns = 0 */
	uint8_t clock_index;	/* of the clock's registers */
	uint8_t speaker;	/* port 0x61 */
	bool reset;		/* the guest has asked for one */
};

bool pc_has(uint16_t port);
void pc_out(struct pc *pc, uint16_t port, uint8_t value, uint64_t now_ns);
uint8_t pc_in(struct pc *pc, uint16_t port, uint64_t now_ns);
/* What has happened until now: interrupts that wait are in pc->pic. */
void pc_update(struct pc *pc, uint64_t now_ns);

#endif
