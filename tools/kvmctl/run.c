// SPDX-License-Identifier: GPL-2.0
#include "commands.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "devkvm.h"
#include "machine.h"

#define GUEST_START	0x1000
#define SERIAL_PORT	0x3f8
#define SERIAL_STATUS	0x3fd
#define SERIAL_READY	0x60	/* the transmitter is empty */
#define GUEST_TEXT_MAX	4096

struct run_options {
	const struct protocol *protocol;
	size_t memory_mib;
	uint64_t max_exits;
	bool trace;
};

struct outcome {
	uint64_t exits, outs, ins, cpuids, mmios;
	struct stop first_mmio;
	char text[GUEST_TEXT_MAX];	/* what went to the serial port */
	size_t text_bytes;
	struct stop last;
};

static int load_guest(struct machine *m, const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t got;

	m->what = path;
	if (!f)
		return -1;
	got = fread(m->memory + GUEST_START, 1, m->size_bytes - GUEST_START, f);
	if (ferror(f) || !feof(f) || !got) {
		int err = ferror(f) ? EIO : got ? EFBIG : ENODATA;

		fclose(f);
		errno = err;
		return -1;
	}
	fclose(f);
	return 0;
}

static void serial_out(struct outcome *o, uint8_t byte)
{
	if (o->text_bytes < sizeof(o->text) - 1)
		o->text[o->text_bytes++] = byte;
	if (!out_is_json())
		putchar(byte);
}

static const char *const stop_names[] = {
	[STOP_OUT] = "out", [STOP_IN] = "in", [STOP_HLT] = "hlt",
	[STOP_MMIO] = "mmio", [STOP_CPUID] = "cpuid", [STOP_SHUTDOWN] = "shutdown",
	[STOP_SIGNAL] = "signal", [STOP_OTHER] = "other",
};

/* 1: the guest may go on; 0: it is done; -1. */
static int serve(struct machine *m, struct outcome *o)
{
	struct stop *stop = &o->last;
	uint32_t i;

	switch (stop->kind) {
	case STOP_OUT:
		o->outs++;
		for (i = 0; stop->port == SERIAL_PORT && i < stop->count; i++)
			serial_out(o, stop->values[i * stop->size]);
		return 1;
	case STOP_IN:
		o->ins++;
		stop->value = stop->port == SERIAL_STATUS ? SERIAL_READY : ~0u;
		return m->protocol->answer(m, stop) < 0 ? -1 : 1;
	case STOP_MMIO:
		/* This machine has no devices: all ones, as on a bus. */
		if (!o->mmios++)
			o->first_mmio = *stop;
		return !stop->write && m->protocol->answer(m, stop) < 0 ? -1 : 1;
	case STOP_CPUID:
		/* Ours to answer in 2006: this machine has no leaves. */
		o->cpuids++;
		return 1;
	case STOP_SIGNAL:
		return 1;
	default:
		return 0;
	}
}

static void trace(const struct stop *stop)
{
	if (stop->kind == STOP_MMIO)
		fprintf(stderr, "mmio %s %u bytes at %#" PRIx64 "\n",
			stop->write ? "write" : "read", stop->size, stop->address);
	else
		fprintf(stderr, "%s port %#x size %u value %#x reason %u\n",
			stop_names[stop->kind], stop->port, stop->size, stop->value,
			stop->reason);
}

static int run_guest(struct machine *m, const struct run_options *options,
		     struct outcome *o)
{
	int ret;

	do {
		if (m->protocol->run(m, &o->last) < 0)
			return -1;
		if (o->last.kind != STOP_SIGNAL)
			o->exits++;
		if (options->trace)
			trace(&o->last);
		ret = serve(m, o);
	} while (ret > 0 && o->exits < options->max_exits);
	return ret;
}

/* What the guest takes for a device, and this machine has not. */
static void show_mmio(const struct outcome *o)
{
	const struct stop *first = &o->first_mmio;

	out_u64("mmio", "[%llu MMIO, ", o->mmios);
	out_string("first_mmio", "the first a %s ", first->write ? "write" : "read");
	out_u32("first_mmio_bytes", "of %u bytes ", first->size);
	out_u64("first_mmio_address", "at %#llx]\n", first->address);
}

static void show(const struct run_options *options, const struct outcome *o,
		 bool finished)
{
	out_open();
	out_string("abi", "[protocol %s: ", options->protocol->name);
	out_string("ended", finished ? "guest ended with %s, " : "stopped after %s, ",
		   stop_names[o->last.kind]);
	out_u64("exits", "%llu exits", o->exits);
	out_u64("out", ", %llu OUT", o->outs);
	out_u64("in", ", %llu IN]\n", o->ins);
	out_u64("cpuid", NULL, o->cpuids);
	out_string("serial", NULL, o->text);
	if (o->mmios)
		show_mmio(o);
	if (o->last.kind == STOP_OTHER) {
		out_u32("reason", "[exit reason %u, ", o->last.reason);
		out_u64("detail", "detail %#llx]\n", o->last.detail);
	}
	out_close();
}

static bool parse_number(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return !errno && end != text && !*end && *text != '-' && *value && *value <= max;
}

/* TOOL_DONE, or what to exit with. */
static int parse(int argc, char **argv, struct run_options *o)
{
	static const struct option options[] = {
		{ "abi", required_argument, NULL, 'a' },
		{ "mem", required_argument, NULL, 'm' },
		{ "max-exits", required_argument, NULL, 'n' },
		{ "trace", no_argument, NULL, 't' },
		{ }
	};
	uint64_t value;
	int opt;

	*o = (struct run_options) {
		.protocol = &protocol_12, .memory_mib = 2, .max_exits = UINT64_MAX,
	};
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'a':
			if (strcmp(optarg, "12") == 0)
				o->protocol = &protocol_12;
			else if (strcmp(optarg, "2006") == 0)
				o->protocol = &protocol_2006;
			else
				return tool_usage(optarg, "--abi is 2006 or 12");
			break;
		case 'm':
			if (!parse_number(optarg, 1 << 20, &value))
				return tool_usage(optarg, "--mem is 1 to 1048576 MiB");
			o->memory_mib = value;
			break;
		case 'n':
			if (!parse_number(optarg, UINT64_MAX, &o->max_exits))
				return tool_usage(optarg, "--max-exits is a number above 0");
			break;
		case 't':
			o->trace = true;
			break;
		default:
			return TOOL_USAGE;
		}
	}
	if (optind + 1 != argc)
		return tool_usage("run", "takes one guest file");
	return TOOL_DONE;
}

int cmd_run(int argc, char **argv)
{
	struct outcome outcome = { };
	struct run_options options;
	struct machine m;
	int ret;

	ret = parse(argc, argv, &options);
	if (ret != TOOL_DONE)
		return ret;
	if (machine_open(&m, options.protocol, options.memory_mib << 20) < 0 ||
	    load_guest(&m, argv[optind]) < 0 ||
	    machine_start_at(&m, GUEST_START) < 0)
		goto refused;
	ret = run_guest(&m, &options, &outcome);
	if (ret < 0)
		goto refused;
	show(&options, &outcome, ret == 0);
	machine_close(&m);
	if (ret == 0 && outcome.last.kind != STOP_HLT)
		return tool_refused(argv[optind], "the guest did not end by itself");
	return TOOL_DONE;

refused:
	ret = errno;
	machine_close(&m);
	return tool_refused_errno(m.what, ret);
}
