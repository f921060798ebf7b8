// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU's TCG: how often each instruction runs between two readings of the TSC
 * by a benchmark. OUT, its argument, is the file that says it: `sample N` for each
 * mark_sample() of tests/bench/ticks.h, then a line of address and count for each instruction.
 *
 * A benchmark is linked statically: its LFENCE, RDTSC (ticks(), in the same header) and
 * the mark are below PROGRAM_END, where no other program has them.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- of QEMU's plugin API, version 1 ---- */

#define EXPORT		__attribute__((visibility("default")))
#define API_VERSION	1
#define NO_REGISTERS	0	/* what a callback uses of them */
#define ADD_U64		0

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void tb_callback(plugin_id id, struct qemu_plugin_tb *tb);
typedef void insn_callback(unsigned int vcpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, tb_callback *cb);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, insn_callback *cb,
					    int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op,
						void *ptr, uint64_t value);

EXPORT int qemu_plugin_version = API_VERSION;
EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

/* ---- counts by address ---- */

#define PROGRAM_END	0x1000000u
#define SLOTS		(1u << 21)	/* a power of two, more than instructions are seen */

struct count {
	uint64_t address;	/* 0: free */
	uint64_t now;		/* added to by the emulator */
	uint64_t before;	/* as the measurement began */
	uint64_t measured;
};

static struct count *counts;
static FILE *out;
static bool measuring;
static unsigned int samples;

static struct count *count_of(uint64_t address)
{
	uint32_t i = (address * 0x9e3779b97f4a7c15ull) >> 40;

	for (unsigned int tried = 0; tried < SLOTS; tried++, i++) {
		struct count *c = &counts[i % SLOTS];

		if (!c->address)
			c->address = address;
		if (c->address == address)
			return c;
	}
	fputs("count: more instructions than there is room for\n", stderr);
	exit(1);
}

/* Readings of the TSC come in pairs. */
static void on_tsc(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	for (uint32_t i = 0; i < SLOTS; i++) {
		struct count *c = &counts[i];

		if (measuring)
			c->measured += c->now - c->before;
		c->before = c->now;
	}
	measuring = !measuring;
}

static void on_sample(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	measuring = false;	/* a reading that was not used has had no other */
	fprintf(out, "sample %u\n", samples++);
	for (uint32_t i = 0; i < SLOTS; i++) {
		if (!counts[i].measured)
			continue;
		fprintf(out, "%" PRIx64 " %" PRIu64 "\n", counts[i].address, counts[i].measured);
		counts[i].measured = 0;
	}
	fflush(out);
}

/* ---- which instruction is what ---- */

static bool is(const struct qemu_plugin_insn *insn, const void *bytes, size_t size)
{
	return qemu_plugin_insn_size(insn) == size &&
	       memcmp(qemu_plugin_insn_data(insn), bytes, size) == 0;
}

/*
 * Where ticks() reads the TSC. A block may begin there, without the LFENCE before it: where the
 * emulator counts instructions, it cuts blocks for its timers.
 */
static bool is_site(uint64_t address, bool is_fenced)
{
	static uint64_t sites[256];
	unsigned int i = 0;

	while (i < 255 && sites[i] && sites[i] != address)
		i++;
	if (is_fenced)
		sites[i] = address;
	return sites[i] == address;
}

/* `last` is the one before, or NULL. */
static void on_instruction(struct qemu_plugin_insn *insn, const struct qemu_plugin_insn *last)
{
	static const uint8_t lfence[] = { 0x0f, 0xae, 0xe8 };
	static const uint8_t rdtsc[] = { 0x0f, 0x31 };
	static const uint8_t mark[] = { 0x0f, 0x1f, 0x80, 0x54, 0x52, 0x56, 0x54 };
	uint64_t address = qemu_plugin_insn_vaddr(insn);

	qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &count_of(address)->now, 1);
	if (address >= PROGRAM_END)
		return;
	if (is(insn, rdtsc, sizeof(rdtsc)) &&
	    is_site(address, last && is(last, lfence, sizeof(lfence))))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_tsc, NO_REGISTERS, NULL);
	else if (is(insn, mark, sizeof(mark)))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_sample, NO_REGISTERS, NULL);
}

static void on_block(plugin_id id, struct qemu_plugin_tb *tb)
{
	struct qemu_plugin_insn *insn, *last = NULL;
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++, last = insn) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		on_instruction(insn, last);
	}
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4) != 0)
		return -1;
	out = fopen(argv[0] + 4, "w");
	counts = calloc(SLOTS, sizeof(*counts));
	if (!out || !counts)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
	return 0;
}
