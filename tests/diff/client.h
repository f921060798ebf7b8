/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client: one behaviour of /dev/kvm, used by ioctls that are all recorded.
 * Each begins with a new machine in a process of its own; its registers and
 * memory are recorded when it returns. What a client does must depend on
 * nothing but what KVM answers.
 */
#ifndef TESTS_DIFF_CLIENT_H
#define TESTS_DIFF_CLIENT_H

#include <string.h>

#include "machine.h"

struct client {
	const char *name;
	void (*run)(struct machine *m);
};

/* A table for each area; the entry without a name is the last. */
extern const struct client node_clients[], memory_clients[], register_clients[],
	state_clients[], msr_clients[], exit_clients[], cpu_clients[], event_clients[],
	debug_clients[], control_clients[], control_real_clients[], segment_clients[],
	task_clients[], lacking_clients[], machine_clients[];

/* One random sequence of operations; the seed makes it. */
void random_client(struct machine *m, uint64_t seed, unsigned int operations);

#define COUNT_OF(array)	(sizeof(array) / sizeof((array)[0]))

#endif
