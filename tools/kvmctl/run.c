// SPDX-License-Identifier: GPL-2.0
/* kvmctl run: what a guest says and does. */
#include "commands.h"

#include <getopt.h>

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

int cmd_run(int argc, char **argv)
{
	struct guest_options options;
	static struct guest guest;
	int ret = guest_parse(argc, argv, &options, NULL, NULL, 0);

	if (ret == TOOL_DONE)
		ret = guest_run(&guest, &options, argv[optind]);
	if (ret != TOOL_DONE)
		return ret;
	show(&guest);
	guest_close(&guest);
	if (guest.left && guest.exit_code)
		return tool_refused(argv[optind], "the guest reports a failure");
	if (guest_ended(&guest) && !guest.left && guest.last.kind != STOP_HLT)
		return tool_refused(argv[optind], "the guest did not end by itself");
	return TOOL_DONE;
}
