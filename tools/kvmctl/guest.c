// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/tool.h"
#include "boot.h"

/* ---- devices: under the lock ---- */

/* All vCPUs are to stop, for what this one has met. */
static int stop_all(struct guest_vcpu *v)
{
	struct guest *g = v->guest;

	if (!g->stopping)
		g->last = v->last;
	g->stopping = true;
	return 0;
}

static void device_out(struct guest *g, uint16_t port, uint8_t value)
{
	if (g->options.is_pc && pc_has(port))
		pc_out(&g->pc_guest.pc, port, value, pc_guest_now_ns(&g->pc_guest));
	else if (serial_has(port))
		serial_out(&g->serial, port, value);
}

/* Nothing is there: all ones, as on a bus. */
static uint32_t device_in(struct guest *g, uint16_t port)
{
	if (g->options.is_pc && pc_has(port))
		return pc_in(&g->pc_guest.pc, port, pc_guest_now_ns(&g->pc_guest));
	return serial_has(port) ? serial_in(&g->serial, port) : ~0u;
}

/* 1: the guest may go on; 0: it is done. */
static int serve_out(struct guest_vcpu *v)
{
	const struct stop *stop = &v->last;
	struct guest *g = v->guest;

	v->counts.outs++;
	if (stop->port == g->options.exit_port) {
		g->left = true;
		g->exit_code = stop->value;
		return stop_all(v);
	}
	for (uint32_t i = 0; i < stop->count; i++)
		device_out(g, stop->port, stop->values[i * stop->size]);
	return g->pc_guest.pc.reset ? stop_all(v) : 1;
}

static int serve_in(struct guest_vcpu *v)
{
	struct stop *stop = &v->last;

	v->counts.ins++;
	stop->value = device_in(v->guest, stop->port);
	return v->machine.protocol->answer(&v->machine, stop) < 0 ? -1 : 1;
}

static int serve_mmio(struct guest_vcpu *v)
{
	struct stop *stop = &v->last;
	struct guest *g = v->guest;

	/* This machine has no such devices: all ones, as on a bus. */
	v->counts.mmios++;
	if (!g->has_mmio)
		g->first_mmio = *stop;
	g->has_mmio = true;
	return !stop->write && v->machine.protocol->answer(&v->machine, stop) < 0 ? -1 : 1;
}

static int serve(struct guest_vcpu *v)
{
	switch (v->last.kind) {
	case STOP_OUT:
		return serve_out(v);
	case STOP_IN:
		return serve_in(v);
	case STOP_MMIO:
		return serve_mmio(v);
	case STOP_CPUID:
		/* Ours to answer in 2006: this machine has no leaves. */
		v->counts.cpuids++;
		return 1;
	case STOP_SIGNAL:
	case STOP_WINDOW:
	case STOP_PRIORITY:
		/* Here is no interrupt controller that a lower one would concern. */
		return 1;
	case STOP_HLT:
		if (v->guest->options.is_pc && v->machine.protocol->takes_interrupt(&v->machine) &&
		    pc_guest_halt(&v->guest->pc_guest))
			return 1;
		/* No interrupt will come: it is through, others may not be. */
		v->halted = true;
		return 0;
	default:
		return stop_all(v);
	}
}

static void trace(const struct guest_vcpu *v)
{
	const struct stop *stop = &v->last;

	if (stop->kind == STOP_MMIO)
		fprintf(stderr, "mmio %s %u bytes at %#" PRIx64 "\n",
			stop->write ? "write" : "read", stop->size, stop->address);
	else
		fprintf(stderr, "%s port %#x size %u value %#x reason %u\n",
			stop_names[stop->kind], stop->port, stop->size, stop->value,
			stop->reason);
}

/* ---- vCPUs ---- */

/* Under the lock. 1: the vCPU may go on. */
static int handle_stop(struct guest_vcpu *v)
{
	struct guest *g = v->guest;
	int ret;

	if (v->last.kind != STOP_SIGNAL)
		v->counts.exits++;
	if (g->options.trace)
		trace(v);
	ret = serve(v);
	if (ret > 0 && !g->stopping && v->counts.exits >= g->options.max_exits) {
		g->out_of_exits = true;
		ret = stop_all(v);
	}
	return ret > 0 ? !g->stopping : ret;
}

static int run_vcpu(struct guest_vcpu *v)
{
	struct guest *g = v->guest;
	int ret;

	do {
		if (g->options.is_pc && pc_guest_prepare(&g->pc_guest) < 0)
			return -1;
		if (v->machine.protocol->run(&v->machine, &v->last) < 0)
			return -1;
		pthread_mutex_lock(&g->lock);
		ret = handle_stop(v);
		pthread_mutex_unlock(&g->lock);
	} while (ret > 0);
	return ret;
}

static void *vcpu_thread(void *vcpu)
{
	struct guest_vcpu *v = vcpu;

	if (run_vcpu(v) >= 0)
		return NULL;
	v->error = errno;
	pthread_mutex_lock(&v->guest->lock);
	stop_all(v);
	pthread_mutex_unlock(&v->guest->lock);
	return NULL;
}

static bool is_stopping(struct guest *g)
{
	bool stopping;

	pthread_mutex_lock(&g->lock);
	stopping = g->stopping;
	pthread_mutex_unlock(&g->lock);
	return stopping;
}

static void on_signal(int signal)
{
	(void)signal;
}

/* A signal that comes right before KVM_RUN is lost; so again until the thread ends. */
static void join(struct guest *g, struct guest_vcpu *v)
{
	while (pthread_tryjoin_np(v->thread, NULL)) {
		bool stopping = is_stopping(g);

		if (stopping)
			pthread_kill(v->thread, SIGUSR1);
		usleep(stopping ? 1000 : 10000);
	}
}

/* Those that were started end, whatever happens. */
static int run_threads(struct guest *g)
{
	const struct sigaction action = { .sa_handler = on_signal };
	uint32_t started = 0;
	int err = 0;

	sigaction(SIGUSR1, &action, NULL);
	while (started < g->options.vcpus && !err) {
		err = pthread_create(&g->vcpus[started].thread, NULL, vcpu_thread,
				     &g->vcpus[started]);
		started += !err;
	}
	if (err) {
		pthread_mutex_lock(&g->lock);
		g->stopping = true;
		pthread_mutex_unlock(&g->lock);
	}
	for (uint32_t i = 0; i < started; i++) {
		join(g, &g->vcpus[i]);
		if (g->vcpus[i].error && !err) {
			err = g->vcpus[i].error;
			g->vcpus[0].machine.what = g->vcpus[i].machine.what;
		}
	}
	errno = err;
	return err ? -1 : 0;
}

static int run(struct guest *g)
{
	int ret = g->options.vcpus == 1 ? run_vcpu(&g->vcpus[0]) : run_threads(g);

	if (!g->stopping)
		g->last = g->vcpus[0].last;
	return ret;
}

/* ---- the guest ---- */

void guest_close(struct guest *g)
{
	for (uint32_t i = 1; i < g->options.vcpus; i++) {
		if (g->vcpus[i].guest)
			machine_close_vcpu(&g->vcpus[i].machine);
	}
	if (g->pc_guest.machine)
		pc_guest_close(&g->pc_guest);
	machine_close(&g->vcpus[0].machine);
	pthread_mutex_destroy(&g->lock);
}

int guest_refused(struct guest *g)
{
	int err = errno;

	guest_close(g);
	return tool_refused_errno(g->vcpus[0].machine.what, err);
}

static int add_vcpus(struct guest *g)
{
	struct machine *first = &g->vcpus[0].machine;

	for (uint32_t i = 1; i < g->options.vcpus; i++) {
		g->vcpus[i].guest = g;
		if (machine_add_vcpu(first, i, &g->vcpus[i].machine) < 0)
			return -1;
	}
	return 0;
}

static int start_vcpus(struct guest *g, const struct boot *boot)
{
	for (uint32_t i = 0; i < g->options.vcpus; i++) {
		if (boot_start(&g->vcpus[i].machine, boot) < 0)
			return -1;
	}
	return 0;
}

int guest_run(struct guest *g, const struct guest_options *options, const char *path)
{
	struct machine *m = &g->vcpus[0].machine;
	struct boot boot = {
		.vcpus = options->vcpus,
		.command_line = options->command_line, .initrd = options->initrd,
	};
	const char *why;

	memset(g, 0, sizeof(*g));
	pthread_mutex_init(&g->lock, NULL);
	g->options = *options;
	g->serial.use_stdin = options->use_stdin;
	g->vcpus[0].guest = g;
	if (machine_open(m, options->protocol, options->memory_mib << 20) < 0)
		return guest_refused(g);
	if (boot_load(m, path, &boot, &why) < 0) {
		if (!why)
			return guest_refused(g);
		guest_close(g);
		return tool_refused(path, why);
	}
	if (options->is_pc && boot.kind != IMAGE_LINUX) {
		guest_close(g);
		return tool_refused(path, "it is no Linux kernel");
	}
	if (add_vcpus(g) < 0 || start_vcpus(g, &boot) < 0 ||
	    (options->is_pc && pc_guest_open(&g->pc_guest, m, &g->serial) < 0) || run(g) < 0)
		return guest_refused(g);
	return TOOL_DONE;
}

bool guest_ended(const struct guest *g)
{
	if (g->stopping)
		return !g->out_of_exits;
	for (uint32_t i = 0; i < g->options.vcpus; i++) {
		if (!g->vcpus[i].halted)
			return false;
	}
	return true;
}

struct guest_counts guest_counts(const struct guest *g)
{
	struct guest_counts sum = { 0 };

	for (uint32_t i = 0; i < g->options.vcpus; i++) {
		sum.exits += g->vcpus[i].counts.exits;
		sum.outs += g->vcpus[i].counts.outs;
		sum.ins += g->vcpus[i].counts.ins;
		sum.cpuids += g->vcpus[i].counts.cpuids;
		sum.mmios += g->vcpus[i].counts.mmios;
	}
	return sum;
}

/* ---- the command line ---- */

const struct guest_options guest_defaults = {
	.protocol = &protocol_12, .memory_mib = 2, .vcpus = 1, .max_exits = UINT64_MAX,
	.exit_port = EXIT_PORT_DEFAULT,
};

bool guest_number(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return !errno && end != text && !*end && *text != '-' && *value && *value <= max;
}

static int set_protocol(struct guest_options *o, const char *name)
{
	if (strcmp(name, "12") == 0)
		o->protocol = &protocol_12;
	else if (strcmp(name, "2006") == 0)
		o->protocol = &protocol_2006;
	else
		return tool_usage(name, "--abi is 2006 or 12");
	return TOOL_DONE;
}

static int set_option(struct guest_options *o, int option)
{
	uint64_t value;

	switch (option) {
	case 'a':
		return set_protocol(o, optarg);
	case 'm':
		if (!guest_number(optarg, 1 << 20, &value))
			return tool_usage(optarg, "--mem is 1 to 1048576 MiB");
		o->memory_mib = value;
		return TOOL_DONE;
	case 'v':
		if (!guest_number(optarg, GUEST_VCPUS_MAX, &value))
			return tool_usage(optarg, "--vcpus is 1 to 64");
		o->vcpus = value;
		return TOOL_DONE;
	case 'n':
		if (!guest_number(optarg, UINT64_MAX, &o->max_exits))
			return tool_usage(optarg, "--max-exits is a number above 0");
		return TOOL_DONE;
	case 'e':
		if (!guest_number(optarg, UINT16_MAX, &value))
			return tool_usage(optarg, "--exit-port is 1 to 65535");
		o->exit_port = value;
		return TOOL_DONE;
	case 'c':
		o->command_line = optarg;
		return TOOL_DONE;
	case 'i':
		o->use_stdin = true;
		return TOOL_DONE;
	case 't':
		o->trace = true;
		return TOOL_DONE;
	default:
		return TOOL_USAGE;
	}
}

static const struct option guest_option_list[] = {
	{ "abi", required_argument, NULL, 'a' },
	{ "mem", required_argument, NULL, 'm' },
	{ "vcpus", required_argument, NULL, 'v' },
	{ "max-exits", required_argument, NULL, 'n' },
	{ "exit-port", required_argument, NULL, 'e' },
	{ "cmdline", required_argument, NULL, 'c' },
	{ "input", no_argument, NULL, 'i' },
	{ "trace", no_argument, NULL, 't' },
};

#define GUEST_OPTIONS	(sizeof(guest_option_list) / sizeof(guest_option_list[0]))
#define MORE_OPTIONS_MAX 8

int guest_parse(int argc, char **argv, struct guest_options *o,
		const struct option *more, int (*more_option)(int option), int operands)
{
	struct option options[GUEST_OPTIONS + MORE_OPTIONS_MAX + 1] = { };
	int opt, ret = TOOL_DONE;

	memcpy(options, guest_option_list, sizeof(guest_option_list));
	for (int i = 0; more && more[i].name && i < MORE_OPTIONS_MAX; i++)
		options[GUEST_OPTIONS + i] = more[i];
	while (ret == TOOL_DONE && (opt = getopt_long(argc, argv, "", options, NULL)) != -1)
		ret = more_option && opt >= 'A' && opt <= 'Z' ? more_option(opt) :
							       set_option(o, opt);
	if (ret == TOOL_DONE && optind + 1 + operands != argc)
		return tool_usage(argv[0], operands ? "takes a guest file and two addresses" :
						      "takes one guest file");
	return ret;
}
