// SPDX-License-Identifier: GPL-2.0
/* Sockets by their numbers: found and left without a lock, gone after the last has left. */
/* unit: libnetchannel/socket/descriptors.c */
#include <check.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "libnetchannel/socket/descriptors.h"
#include "libnetchannel/socket/socket.h"

#define TURNS	20000
#define USERS	3

static struct nc_stack stack;	/* only its handles count here */
static _Atomic bool stop;
static _Atomic unsigned int found;

static struct socket *add(int fd)
{
	struct socket *s = calloc(1, sizeof(*s));

	ck_assert_ptr_nonnull(s);
	s->host = &stack;
	ck_assert_int_eq(descriptors_add(fd, s), 0);
	return s;
}

START_TEST(numbers)
{
	static const int fds[] = { 0, 1, 63, 64, 191, 192, 447, 448, 100000, 1 << 20 };
	const int count = sizeof(fds) / sizeof(*fds);
	struct socket *sockets[sizeof(fds) / sizeof(*fds)];

	ck_assert_ptr_null(descriptors_get(-1));
	ck_assert_ptr_null(descriptors_get(INT_MIN));
	ck_assert_ptr_null(descriptors_get(INT_MAX));
	ck_assert_ptr_null(descriptors_get(0));
	ck_assert_ptr_null(descriptors_remove(0));
	for (int i = 0; i < count; i++)
		sockets[i] = add(fds[i]);
	for (int i = 0; i < count; i++) {
		ck_assert_ptr_eq(descriptors_get(fds[i]), sockets[i]);
		descriptors_put(sockets[i]);
	}
	ck_assert_ptr_null(descriptors_get(2));
	ck_assert_uint_eq(stack.handles, count);
	for (int i = 0; i < count; i++) {
		ck_assert_ptr_eq(descriptors_remove(fds[i]), sockets[i]);
		ck_assert_ptr_null(descriptors_get(fds[i]));
		descriptors_put(sockets[i]);
	}
	ck_assert_uint_eq(stack.handles, 0);
}
END_TEST

/* Users who came before it was taken out, and leave afterwards, in any number; and a new one. */
START_TEST(left_after_end)
{
	struct socket *s = add(5), *next;

	for (int i = 0; i < 3; i++)
		ck_assert_ptr_eq(descriptors_get(5), s);
	descriptors_put(s);
	ck_assert_ptr_eq(descriptors_remove(5), s);
	ck_assert_uint_eq(s->users, 3);		/* two, and who has taken it out */
	next = add(5);
	ck_assert_ptr_eq(descriptors_get(5), next);
	descriptors_put(s);
	descriptors_put(s);
	ck_assert_uint_eq(stack.handles, 2);
	descriptors_put(s);
	ck_assert_uint_eq(stack.handles, 1);
	descriptors_put(next);
	ck_assert_ptr_eq(descriptors_remove(5), next);
	descriptors_put(next);
	ck_assert_uint_eq(stack.handles, 0);
}
END_TEST

static void *use(void *context)
{
	struct socket *s;

	while (!stop) {
		s = descriptors_get(7);
		if (!s)
			continue;
		if (s->host != &stack)
			return context;
		found++;
		descriptors_put(s);
	}
	return NULL;
}

/* The sanitizer sees who uses one that has gone, and who has been forgotten. */
START_TEST(used_beside)
{
	pthread_t threads[USERS];
	struct socket *s;
	void *failed;

	for (int i = 0; i < USERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, use, &found), 0);
	for (int i = 0; i < TURNS || !found; i++) {
		s = add(7);
		if (descriptors_remove(7) != s)
			ck_abort();
		descriptors_put(s);
	}
	stop = true;
	for (int i = 0; i < USERS; i++) {
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
	ck_assert_uint_eq(stack.handles, 0);
}
END_TEST

Suite *descriptors_suite(void);
Suite *descriptors_suite(void)
{
	Suite *s = suite_create("descriptors");
	TCase *c = tcase_create("descriptors");

	tcase_add_test(c, numbers);
	tcase_add_test(c, left_after_end);
	tcase_add_test(c, used_beside);
	suite_add_tcase(s, c);
	return s;
}
