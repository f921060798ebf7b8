/* SPDX-License-Identifier: GPL-2.0 */
/* The first serial port of a PC: an 8250, whose line takes a byte in no time. */
#ifndef KVMCTL_SERIAL_H
#define KVMCTL_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIAL_PORT		0x3f8
#define SERIAL_PORTS		8
#define SERIAL_TEXT_MAX		4096

struct serial {
	bool use_stdin;			/* what the guest reads; until its end */
	bool has_next;
	uint8_t next;
	bool emptied;			/* since the guest was last told so */
	uint8_t interrupts, format, modem, scratch, divisor[2];
	char text[SERIAL_TEXT_MAX];	/* the beginning of what it wrote */
	size_t text_bytes;
};

static inline bool serial_has(uint16_t port)
{
	return port >= SERIAL_PORT && port < SERIAL_PORT + SERIAL_PORTS;
}

/* What the guest writes to the line goes to standard output, save in JSON. */
void serial_out(struct serial *serial, uint16_t port, uint8_t value);
uint8_t serial_in(struct serial *serial, uint16_t port);
/* The level of its interrupt line. */
bool serial_interrupts(struct serial *serial);

#endif
