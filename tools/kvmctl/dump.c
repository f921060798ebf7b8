// SPDX-License-Identifier: GPL-2.0
/* kvmctl dump: what a guest that has run has in its memory. */
#include "commands.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "guest.h"

#define ROW_BYTES	16

static struct {
	uint64_t at, size;
	bool linear;
} dump;

static int dump_option(int option)
{
	char *end;

	switch (option) {
	case 'A':
		dump.at = strtoull(optarg, &end, 0);
		return *end || end == optarg ? tool_usage(optarg, "--at is an address") : TOOL_DONE;
	case 'S':
		return guest_number(optarg, 1 << 20, &dump.size) ? TOOL_DONE :
		       tool_usage(optarg, "--size is 1 to 1048576 bytes");
	default:
		dump.linear = true;
		return TOOL_DONE;
	}
}

static void show_row(uint64_t at, const uint8_t *bytes, size_t count)
{
	char hex[2 * ROW_BYTES + 1] = "";

	out_open_object(NULL);
	for (size_t i = 0; i < count; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	out_u64("address", "%016llx  ", at);
	out_string("bytes", "%-32s  ", hex);
	for (size_t i = 0; i < count; i++)
		out_text("%c", bytes[i] >= ' ' && bytes[i] < 0x7f ? bytes[i] : '.');
	out_text("\n");
	out_close_object();
}

/* A row does not cross a page, so one translation is enough for it. */
static bool read_row(struct machine *m, uint64_t at, const uint8_t **bytes, size_t *count)
{
	uint64_t gpa = at;

	*count = ROW_BYTES - at % ROW_BYTES;
	if (dump.linear && m->protocol->translate(m, at, &gpa) <= 0)
		return false;
	if (gpa >= m->size_bytes || *count > m->size_bytes - gpa)
		return false;
	*bytes = m->memory + gpa;
	return true;
}

int cmd_dump(int argc, char **argv)
{
	static const struct option more[] = {
		{ "at", required_argument, NULL, 'A' },
		{ "size", required_argument, NULL, 'S' },
		{ "linear", no_argument, NULL, 'L' },
		{ }
	};
	struct guest_options options = guest_defaults;
	static struct guest guest;
	const uint8_t *bytes;
	size_t count;
	int ret;

	dump.at = 0x1000;
	dump.size = 256;
	dump.linear = false;
	ret = guest_parse(argc, argv, &options, more, dump_option, 0);
	if (ret == TOOL_DONE)
		ret = guest_run(&guest, &options, argv[optind]);
	if (ret != TOOL_DONE)
		return ret;
	out_open();
	out_open_array("rows");
	for (uint64_t done = 0; done < dump.size && ret == TOOL_DONE; done += count) {
		if (!read_row(&guest.vcpus[0].machine, dump.at + done, &bytes, &count)) {
			ret = TOOL_REFUSED;
			break;
		}
		if (count > dump.size - done)
			count = dump.size - done;
		show_row(dump.at + done, bytes, count);
	}
	out_close_array();
	out_close();
	guest_close(&guest);
	return ret == TOOL_DONE ? ret : tool_refused("dump", "the guest has no memory there");
}
