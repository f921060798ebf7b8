// SPDX-License-Identifier: GPL-2.0
#include "serial.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "../common/output.h"

/* Registers, from SERIAL_PORT on */
enum {
	DATA, INTERRUPTS, INTERRUPT_ID, FORMAT, MODEM, LINE_STATUS, MODEM_STATUS, SCRATCH,
};

#define FORMAT_DIVISOR		0x80	/* DLAB: the first two are the divisor */
#define INTERRUPT_DATA		0x01	/* in INTERRUPTS */
#define INTERRUPT_EMPTY		0x02
#define NO_INTERRUPT		0x01	/* in INTERRUPT_ID */
#define DATA_INTERRUPT		0x04
#define EMPTY_INTERRUPT		0x02
#define MODEM_LOOP		0x10
#define MODEM_INTERRUPTS	0x08	/* OUT2 lets them through */
#define LINE_DATA		0x01
#define LINE_EMPTY		0x60	/* the transmitter, and its buffer */
#define MODEM_READY		0xb0	/* CD, DSR, CTS */

static void write_line(struct serial *serial, uint8_t byte)
{
	serial->emptied = true;
	if (serial->modem & MODEM_LOOP)
		return;
	if (serial->text_bytes < sizeof(serial->text) - 1)
		serial->text[serial->text_bytes++] = byte;
	if (!out_is_json())
		putchar(byte);
}

void serial_out(struct serial *serial, uint16_t port, uint8_t value)
{
	int reg = port - SERIAL_PORT;

	if (reg <= INTERRUPTS && (serial->format & FORMAT_DIVISOR)) {
		serial->divisor[reg] = value;
		return;
	}
	switch (reg) {
	case DATA:
		write_line(serial, value);
		break;
	case INTERRUPTS:
		/* Who asks for it anew is told that the transmitter is empty. */
		if (value & ~serial->interrupts & INTERRUPT_EMPTY)
			serial->emptied = true;
		serial->interrupts = value & 0xf;
		break;
	case FORMAT:
		serial->format = value;
		break;
	case MODEM:
		serial->modem = value & 0x1f;
		break;
	case SCRATCH:
		serial->scratch = value;
		break;
	}
}

/* One byte is read ahead: only so the end is known before. */
static bool has_input(struct serial *serial)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	if (serial->has_next || !serial->use_stdin || poll(&in, 1, 0) != 1)
		return serial->has_next;
	serial->has_next = read(STDIN_FILENO, &serial->next, 1) == 1;
	serial->use_stdin = serial->has_next;
	return serial->has_next;
}

static uint8_t read_line(struct serial *serial)
{
	if (!has_input(serial))
		return 0;
	serial->has_next = false;
	return serial->next;
}

static uint8_t interrupt_id(struct serial *serial)
{
	if (serial->interrupts & INTERRUPT_DATA && has_input(serial))
		return DATA_INTERRUPT;
	return serial->interrupts & INTERRUPT_EMPTY && serial->emptied ? EMPTY_INTERRUPT :
									NO_INTERRUPT;
}

bool serial_interrupts(struct serial *serial)
{
	return serial->modem & MODEM_INTERRUPTS && interrupt_id(serial) != NO_INTERRUPT;
}

/* Reading that it is empty is what ends that interrupt. */
static uint8_t read_interrupt_id(struct serial *serial)
{
	uint8_t id = interrupt_id(serial);

	if (id == EMPTY_INTERRUPT)
		serial->emptied = false;
	return id;
}

/* In a loop what goes out comes back: RTS, DTR, OUT1, OUT2 as CTS, DSR, RI, CD. */
static uint8_t modem_status(const struct serial *serial)
{
	uint8_t out = serial->modem;

	if (!(out & MODEM_LOOP))
		return MODEM_READY;
	return (out & 2) << 3 | (out & 1) << 5 | (out & 4) << 4 | (out & 8) << 4;
}

uint8_t serial_in(struct serial *serial, uint16_t port)
{
	int reg = port - SERIAL_PORT;

	if (reg <= INTERRUPTS && (serial->format & FORMAT_DIVISOR))
		return serial->divisor[reg];
	switch (reg) {
	case DATA:
		return read_line(serial);
	case INTERRUPTS:
		return serial->interrupts;
	case INTERRUPT_ID:
		return read_interrupt_id(serial);
	case FORMAT:
		return serial->format;
	case MODEM:
		return serial->modem;
	case LINE_STATUS:
		return LINE_EMPTY | (has_input(serial) ? LINE_DATA : 0);
	case MODEM_STATUS:
		return modem_status(serial);
	default:
		return serial->scratch;
	}
}
