// SPDX-License-Identifier: GPL-2.0
/* unit: tests/fuzz/fuzz_fragments.c tests/fuzz/fuzz_stack.c tests/fuzz/fuzz_tcp_connection.c */
/* unit: tests/fuzz/fuzz_tcp_icmp.c tests/fuzz/fuzz_tcp_segment.c tests/fuzz/fuzz_wire.c */
/*
 * The fuzzers of libnetchannel, with random bytes for what libFuzzer would choose: that they
 * build and hold. SEED=, COUNT= inputs of each.
 */
#include <check.h>
#include <stdlib.h>

#include "random.h"
#include "tests/count.h"

#define MAX_INPUT_BYTES 600

typedef int fuzzer(const u8 *data, size_t size);
/* The same function of each fuzzer: see build.mk. */
fuzzer fuzz_fragments, fuzz_stack, fuzz_tcp_connection, fuzz_tcp_icmp, fuzz_tcp_segment, fuzz_wire;

static fuzzer *const fuzzers[] = {
	fuzz_fragments, fuzz_stack, fuzz_tcp_connection, fuzz_tcp_icmp, fuzz_tcp_segment, fuzz_wire,
};

/* In a block of just the size, so that ASan sees a read beyond it. */
START_TEST(noise)
{
	unsigned long count = count_of(300, 100000);

	random_start("fuzzers");
	for (unsigned long i = 0; i < count; i++) {
		size_t size = random_u64() % MAX_INPUT_BYTES;
		u8 *data = malloc(size ? size : 1);

		for (size_t at = 0; at < size; at++)
			data[at] = random_u64();
		ck_assert_int_eq(fuzzers[_i](data, size), 0);
		free(data);
	}
}
END_TEST

Suite *fuzzers_suite(void);
Suite *fuzzers_suite(void)
{
	Suite *suite = suite_create("fuzzers");
	TCase *c = tcase_create("fuzzers");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, noise, 0, sizeof(fuzzers) / sizeof(fuzzers[0]));
	suite_add_tcase(suite, c);
	return suite;
}
