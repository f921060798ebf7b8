// SPDX-License-Identifier: GPL-2.0
/* kvmctl map: an entry in the page tables of a guest that has run. */
#include "commands.h"

#include <getopt.h>
#include <stdlib.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "boot.h"
#include "devkvm.h"
#include "guest.h"

static uint32_t map_flags;
static uint64_t map_bytes;

static int map_option(int option)
{
	switch (option) {
	case 'S':
		return guest_number(optarg, 1ull << 30, &map_bytes) ? TOOL_DONE :
		       tool_usage(optarg, "--size is the bytes of a page");
	case 'W':
		map_flags |= DEVKVM_MAP_WRITE;
		return TOOL_DONE;
	case 'U':
		map_flags |= DEVKVM_MAP_USER;
		return TOOL_DONE;
	case 'X':
		map_flags |= DEVKVM_MAP_NO_EXECUTE;
		return TOOL_DONE;
	default:
		map_flags |= DEVKVM_MAP_REPLACE;
		return TOOL_DONE;
	}
}

/* Pages for tables: those right below what boot.c has put into memory. */
static void find_tables(const struct machine *m, uint64_t tables[4])
{
	for (int i = 0; i < 4; i++)
		tables[i] = boot_tables_at(m) - (i + 1) * 4096;
}

static int make_entry(struct machine *m, uint64_t linear, uint64_t physical)
{
	uint64_t tables[4];
	struct devkvm_map_gpt map = {
		.linear_address = linear, .physical_address = physical,
		.page_size = map_bytes, .flags = map_flags,
		.tables = (uintptr_t)tables, .table_count = 4,
	};

	find_tables(m, tables);
	m->what = "DEVKVM_MAP_GPT";
	return m->protocol->map(m, &map);
}

static void show_translation(uint64_t linear, bool valid, uint64_t physical)
{
	out_u64("linear", "%#llx is ", linear);
	if (valid)
		out_u64("physical", "%#llx\n", physical);
	else
		out_text("not mapped\n");
}

int cmd_map(int argc, char **argv)
{
	static const struct option more[] = {
		{ "size", required_argument, NULL, 'S' },
		{ "write", no_argument, NULL, 'W' },
		{ "user", no_argument, NULL, 'U' },
		{ "no-execute", no_argument, NULL, 'X' },
		{ "replace", no_argument, NULL, 'R' },
		{ }
	};
	struct guest_options options = guest_defaults;
	static struct guest guest;
	struct machine *m = &guest.vcpus[0].machine;
	uint64_t linear, physical, gpa;
	int ret, tables;
	char *end[2];

	map_flags = 0;
	map_bytes = 4096;
	ret = guest_parse(argc, argv, &options, more, map_option, 2);
	if (ret != TOOL_DONE)
		return ret;
	linear = strtoull(argv[optind + 1], &end[0], 0);
	physical = strtoull(argv[optind + 2], &end[1], 0);
	if (*end[0] || *end[1])
		return tool_usage(argv[optind + !!*end[1] + 1], "is no address");
	ret = guest_run(&guest, &options, argv[optind]);
	if (ret != TOOL_DONE)
		return ret;
	tables = make_entry(m, linear, physical);
	if (tables < 0)
		return guest_refused(&guest);
	m->what = "KVM_TRANSLATE";
	ret = m->protocol->translate(m, linear, &gpa);
	if (ret < 0)
		return guest_refused(&guest);
	out_open();
	out_u32("tables", "%u tables made, ", tables);
	show_translation(linear, ret, gpa);
	out_close();
	guest_close(&guest);
	return TOOL_DONE;
}
