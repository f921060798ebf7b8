/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The recorder: record_ioctl() does an ioctl and writes it down, one line of
 * the transcript each:
 *
 *	CLIENT/STEP.N COMMAND ( what goes in ) ret=RESULT what comes out
 *
 * What goes in and out are words name=value, in hexadecimal; a word whose value
 * is zero is left out. N counts the lines of a step, so that a step that is
 * changed does not rename those of another.
 */
#ifndef TESTS_DIFF_RECORD_H
#define TESTS_DIFF_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devkvm.h"

/* To a file; clients that end may write at the same time. */
void record_to(int fd);
void record_client(const char *client);
/* Names the lines that follow; blanks become dashes. */
__attribute__((format(printf, 1, 2))) void record_step(const char *format, ...);
/* Pointers into it are written as what is added to its address. */
void record_memory(const void *base, size_t bytes);
/* Where KVM_RUN of this descriptor reports. */
void record_run_page(int vcpu, struct kvm_run *run);
void record_forget_run_pages(void);

/* As ioctl(): -1 and errno, or what came back. */
int record_ioctl(int fd, unsigned int command, unsigned long arg);
#define call(fd, command, arg) record_ioctl(fd, command, (unsigned long)(arg))

/*
 * KVM_RUN for a guest that does INS or OUTS: a line for each value, since how
 * many come with one exit is nobody's business. Returns as ioctl().
 */
int record_run_by_value(int vcpu);

/* A line of its own: the hash of some memory, or what is in it, by 8 bytes. */
void record_hash(const char *what, const void *bytes, size_t count);
/* The hash of each page that is not all zero. */
void record_pages(const char *what, const void *bytes, size_t count);
void record_values(const char *what, const void *values, size_t count);
/* Another, for what is not an ioctl's. */
void record_event(const char *what, uint64_t value);

/* ---- for commands.c, which knows what the arguments look like ---- */

void word(const char *name, uint64_t value);
void word_of(const char *group, const char *name, uint64_t value);
void word_at(const char *name, unsigned int index, uint64_t value);
void word_text(const char *name, const char *text);
/* Up to 16 bytes as they are, more as their hash. */
void word_bytes(const char *name, const void *bytes, size_t count);
/* An address of the client's, normalised. */
void word_pointer(const char *name, uint64_t address);

struct command {
	unsigned int number;
	const char *name;
	/* NULL: nothing there; the argument of by_value is no pointer */
	void (*in)(const void *arg);
	void (*out)(const void *arg, int ret);
	bool by_value;
};

const struct command *command_of(unsigned int number);
/* answered: the last exit is one that asked, and user space has */
void write_run_in(const struct kvm_run *run, bool answered);
void write_run_out(const struct kvm_run *run);
void write_run_interrupted(const struct kvm_run *run);

#endif
