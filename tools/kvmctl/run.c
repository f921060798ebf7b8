// SPDX-License-Identifier: GPL-2.0
/* kvmctl run and boot: what a guest says and does. */
#include "commands.h"

#include <getopt.h>
#include <stdio.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "guest.h"

/* What the guest takes for a device, and this machine has not. */
static void show_mmio(const struct guest *g, uint64_t count)
{
	const struct stop *first = &g->first_mmio;

	out_u64("mmio", "[%llu MMIO, ", count);
	out_string("first_mmio", "the first a %s ", first->write ? "write" : "read");
	out_u32("first_mmio_bytes", "of %u bytes ", first->size);
	out_u64("first_mmio_address", "at %#llx]\n", first->address);
}

static const char *ending(const struct guest *g)
{
	if (g->pc_guest.pc.reset)
		return "reset";
	return g->left ? "exit port" : stop_names[g->last.kind];
}

static void show(const struct guest *g)
{
	struct guest_counts counts = guest_counts(g);

	out_open();
	out_string("abi", "[protocol %s: ", g->options.protocol->name);
	out_string("ended", guest_ended(g) ? "guest ended with %s, " : "stopped after %s, ", ending(g));
	if (g->left)
		out_u32("exit_code", "code %u, ", g->exit_code);
	out_u64("exits", "%llu exits", counts.exits);
	out_u64("out", ", %llu OUT", counts.outs);
	out_u64("in", ", %llu IN]\n", counts.ins);
	out_u64("cpuid", NULL, counts.cpuids);
	out_u32("vcpus", NULL, g->options.vcpus);
	out_string("serial", NULL, g->serial.text);
	if (counts.mmios)
		show_mmio(g, counts.mmios);
	if (g->last.kind == STOP_OTHER) {
		out_u32("reason", "[exit reason %u, ", g->last.reason);
		out_u64("detail", "detail %#llx]\n", g->last.detail);
	}
	out_close();
}

/* Runs it, and shows what it did. */
static int run(const struct guest_options *options, const char *path)
{
	static struct guest guest;
	int ret = guest_run(&guest, options, path);

	if (ret != TOOL_DONE)
		return ret;
	show(&guest);
	guest_close(&guest);
	if (guest.left && guest.exit_code)
		return tool_refused(path, "the guest reports a failure");
	if (guest_ended(&guest) && !guest.left && !guest.pc_guest.pc.reset &&
	    guest.last.kind != STOP_HLT)
		return tool_refused(path, "the guest did not end by itself");
	return TOOL_DONE;
}

int cmd_run(int argc, char **argv)
{
	struct guest_options options = guest_defaults;
	int ret = guest_parse(argc, argv, &options, NULL, NULL, 0);

	return ret == TOOL_DONE ? run(&options, argv[optind]) : ret;
}

/* ---- Linux ---- */

#define LINUX_MEMORY_MIB	128

static const char *initrd;

static int boot_option(int option)
{
	if (option != 'I')
		return TOOL_USAGE;
	initrd = optarg;
	return TOOL_DONE;
}

/*
 * What Linux must be told of this PC: its console, no APIC, the TSC's rate, which it
 * cannot measure where each look at a timer is an exit, and how to reset it.
 */
static const char *linux_command_line(const char *more)
{
	static char line[2048];
	int written = snprintf(line, sizeof(line),
			       "console=ttyS0 nolapic noapic tsc=reliable tsc_early_khz=%llu reboot=p %s",
			       (unsigned long long)pc_guest_tsc_khz(), more ?: "");

	return written < (int)sizeof(line) ? line : NULL;
}

int cmd_boot(int argc, char **argv)
{
	static const struct option more[] = {
		{ "initrd", required_argument, NULL, 'I' },
		{ }
	};
	struct guest_options options = guest_defaults;
	int ret;

	options.memory_mib = LINUX_MEMORY_MIB;
	ret = guest_parse(argc, argv, &options, more, boot_option, 0);
	if (ret != TOOL_DONE)
		return ret;
	if (options.vcpus != 1 || !options.protocol->interrupt)
		return tool_usage(argv[0], "takes one vCPU, of API 12");
	options.is_pc = true;
	options.initrd = initrd;
	options.command_line = linux_command_line(options.command_line);
	if (!options.command_line)
		return tool_usage("--cmdline", "is too long");
	return run(&options, argv[optind]);
}
