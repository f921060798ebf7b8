// SPDX-License-Identifier: GPL-2.0
/* How much memory a stack's buffers may have: what is asked for, or a share of what there is. */
#include <check.h>
#include <netchannel/socket.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "libnetchannel/socket/host.h"
#include "tests/tcp/hosts.h"

#define GIB	(1ull << 30)

START_TEST(shares_of_memory)
{
	ck_assert_uint_eq(host_memory_bytes(4 * GIB, UINT64_MAX), 2 * GIB);
	ck_assert_uint_eq(host_memory_bytes(4 * GIB, GIB), GIB / 2);
	ck_assert_uint_eq(host_memory_bytes(GIB, 4 * GIB), GIB / 2);
	/* nobody knows: it is more than there can be */
	ck_assert_uint_gt(host_memory_bytes(UINT64_MAX, UINT64_MAX), 1ull << 60);
}
END_TEST

/* What the buffers of a stack may have that asks for so much. */
static uint64_t given(uint64_t asked_bytes, size_t config_size)
{
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct sockaddr_storage v4 = address_of(AF_INET, 0, 0);
	struct nc_stack *stack;
	struct nc_link *ends[2];
	uint64_t bytes;

	ck_assert_int_eq(nc_link_pipe(ends, 1500), 0);
	config.size = config_size;
	config.link = ends[0];
	config.ipv4 = (struct sockaddr *)&v4;
	config.memory_max_bytes = asked_bytes;
	ck_assert_int_eq(nc_stack_create(&stack, &config), 0);
	bytes = stack->core.memory.max_bytes;
	ck_assert_int_eq(nc_stack_destroy(stack), 0);
	nc_link_close(ends[1]);
	return bytes;
}

START_TEST(limits)
{
	const size_t size = sizeof(struct nc_stack_config);
	uint64_t ram_bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);

	ck_assert_uint_gt(given(0, size), 0);
	ck_assert_uint_le(given(0, size), ram_bytes / 2);
	/* who was compiled before there was such a limit */
	ck_assert_uint_eq(given(0, offsetof(struct nc_stack_config, memory_max_bytes)),
			  given(0, size));
	ck_assert_uint_eq(given(8 << 20, size), 8 << 20);
	ck_assert_uint_eq(given(100 * ram_bytes, size), 100 * ram_bytes);
	ck_assert_uint_eq(given(UINT64_MAX, size), UINT64_MAX);
}
END_TEST

Suite *socket_memory_suite(void);
Suite *socket_memory_suite(void)
{
	Suite *s = suite_create("socket_memory");
	TCase *c = tcase_create("socket_memory");

	tcase_add_test(c, shares_of_memory);
	tcase_add_test(c, limits);
	suite_add_tcase(s, c);
	return s;
}
