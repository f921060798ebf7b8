/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that this process runs until it ends: the devices that it finds, what
 * it did, and the options that all commands have which run one.
 */
#ifndef KVMCTL_GUEST_H
#define KVMCTL_GUEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine.h"
#include "pc_guest.h"
#include "serial.h"

struct option;

/* As in QEMU's isa-debug-exit: what is written there ends the guest. */
#define EXIT_PORT_DEFAULT	0xf4

#define GUEST_VCPUS_MAX		64

struct guest_options {
	const struct protocol *protocol;
	size_t memory_mib;
	uint32_t vcpus;
	uint64_t max_exits;	/* of any vCPU */
	uint16_t exit_port;
	const char *command_line;
	const char *initrd;	/* for Linux; NULL: none */
	bool trace, use_stdin;
	bool is_pc;		/* with the devices of one, and interrupts */
};

extern const struct guest_options guest_defaults;

struct guest_counts {
	uint64_t exits, outs, ins, cpuids, mmios;
};

/* A vCPU: its thread's own, save where it says otherwise. */
struct guest_vcpu {
	struct guest *guest;
	struct machine machine;
	pthread_t thread;
	struct guest_counts counts;
	struct stop last;
	bool halted;		/* it was not asked to stop */
	int error;		/* errno of what machine.what names; 0: none */
};

struct guest {
	struct guest_options options;
	/* Guards what follows up to vcpus[]; taken inside nothing. */
	pthread_mutex_t lock;
	struct serial serial;
	struct pc_guest pc_guest;	/* if options.is_pc */
	struct stop first_mmio;
	bool has_mmio;
	bool left;		/* through the exit port, with: */
	uint32_t exit_code;
	bool stopping;		/* no vCPU shall go on */
	bool out_of_exits;	/* for one has had those that it may */
	struct stop last;	/* of the vCPU that made all stop */

	struct guest_vcpu vcpus[GUEST_VCPUS_MAX];
};

/*
 * Options of the command line, into what has the defaults; `more` are the command's own, given to
 * more_option(), which returns TOOL_DONE or an exit code. Ends with the
 * guest's file at argv[optind] and `operands` more behind it.
 */
int guest_parse(int argc, char **argv, struct guest_options *options,
		const struct option *more, int (*more_option)(int option), int operands);
/* A number above 0 and up to max. */
bool guest_number(const char *text, uint64_t max, uint64_t *value);

/*
 * Makes the machine, loads the file, and runs it until it ends or has had its
 * exits: until all vCPUs have halted, or one leaves, cannot go on, or has had them. TOOL_DONE;
 * else an exit code: it was said why, and nothing is left.
 */
int guest_run(struct guest *g, const struct guest_options *options, const char *path);
void guest_close(struct guest *g);
/* What went wrong with vCPU 0's machine.what, by errno; closes all. */
int guest_refused(struct guest *g);
/* It ended by itself: all have halted, or one has left or saw no way on. */
bool guest_ended(const struct guest *g);
struct guest_counts guest_counts(const struct guest *g);

#endif
