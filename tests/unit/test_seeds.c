// SPDX-License-Identifier: GPL-2.0
/* unit: tests/fuzz/fuzz.c tests/fuzz/fuzz_db_v20.c tests/fuzz/fuzz_db_ext.c */
/* unit: tests/fuzz/fuzz_dbtext.c tests/fuzz/fuzz_intersect.c */
/* unit: regdom/coarse.c regdom/intersect.c regdom/power.c regdom/verdict.c */
/* unit: tools/regdomctl/dbtext.c tools/regdomctl/dbtext_print.c tools/regdomctl/dbtext_words.c */
/* unit: tools/regdomctl/draft.c tools/regdomctl/classes.c tools/regdomctl/arena.c */
/* unit: tools/regdomctl/buffer.c */
/* unit: tools/regdomctl/encode_v20.c tools/regdomctl/encode_ext.c */
/* unit: regdom/db_ext.c regdom/db_v20.c regdom/db.c regdom/domain.c */
/*
 * What the fuzzers of regdom have learned, each input once: tests/fuzz/corpus/NOUN.hex,
 * a line for each. What a fuzzer finds to be wrong stops the program; `make fuzz` then
 * says which input it was.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "regdom/pure.h"

#define MAX_INPUT_BYTES 4096

typedef int fuzzer(const u8 *data, size_t size);
/* The same function of each fuzzer: see build.mk. */
fuzzer fuzz_db_v20, fuzz_db_ext, fuzz_dbtext, fuzz_intersect;

static const struct {
	fuzzer *fuzz;
	const char *path;
} fuzzers[] = {
	{ fuzz_db_v20, "tests/fuzz/corpus/db_v20.hex" },
	{ fuzz_db_ext, "tests/fuzz/corpus/db_ext.hex" },
	{ fuzz_dbtext, "tests/fuzz/corpus/dbtext.hex" },
	{ fuzz_intersect, "tests/fuzz/corpus/intersect.hex" },
};

/* Two digits a byte, up to the end of the line. Returns how many bytes that are. */
static size_t read_hex(const char *line, u8 *bytes)
{
	size_t n = 0;

	for (; *line && *line != '\n'; line += 2) {
		ck_assert_uint_lt(n, MAX_INPUT_BYTES);
		ck_assert_int_eq(sscanf(line, "%2hhx", &bytes[n++]), 1);
	}
	return n;
}

/* In a block of just the size, so that ASan sees a read beyond it. */
static void try(fuzzer *fuzz, const u8 *bytes, size_t size)
{
	u8 *data = malloc(size ? size : 1);

	ck_assert_ptr_nonnull(data);
	memcpy(data, bytes, size);
	ck_assert_int_eq(fuzz(data, size), 0);
	free(data);
}

START_TEST(learned)
{
	static char line[2 * MAX_INPUT_BYTES + 2];
	static u8 bytes[MAX_INPUT_BYTES];
	FILE *file = fopen(fuzzers[_i].path, "r");
	unsigned int n = 0;

	ck_assert_ptr_nonnull(file);
	for (; fgets(line, sizeof(line), file); n++)
		try(fuzzers[_i].fuzz, bytes, read_hex(line, bytes));
	fclose(file);
	ck_assert_uint_gt(n, 10);
}
END_TEST

Suite *seeds_suite(void);
Suite *seeds_suite(void)
{
	Suite *suite = suite_create("seeds");
	TCase *learn = tcase_create("learned");

	tcase_add_loop_test(learn, learned, 0, sizeof(fuzzers) / sizeof(fuzzers[0]));
	suite_add_tcase(suite, learn);
	return suite;
}
