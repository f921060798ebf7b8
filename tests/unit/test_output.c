// SPDX-License-Identifier: GPL-2.0
/* unit: tools/common/output.c */
#include "tools/common/output.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

/* Runs print() with stdout in a file, and returns what came. */
static const char *printed(void (*print)(void))
{
	static char text[4096];
	FILE *f = tmpfile();
	int saved = dup(1);
	size_t n;

	fflush(stdout);
	dup2(fileno(f), 1);
	print();
	fflush(stdout);
	dup2(saved, 1);
	close(saved);
	rewind(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = 0;
	fclose(f);
	return text;
}

static void print_rule(void)
{
	out_open();
	out_string("country", "country %s\n", "DE");
	out_open_array("rules");
	out_open_object(NULL);
	out_u32("start_khz", "  %u kHz", 2400000);
	out_s64("gain_mbi", ", gain %lld", -3);
	out_bool("dfs", ", DFS", true);
	out_text("\n");
	out_close_object();
	out_close_array();
	out_close();
}

START_TEST(text_shows_formats)
{
	ck_assert_str_eq(printed(print_rule),
			 "country DE\n  2400000 kHz, gain -3, DFS\n");
}
END_TEST

START_TEST(json_shows_names)
{
	json_t *root, *rule;

	out_use_json();
	root = json_loads(printed(print_rule), 0, NULL);
	ck_assert_ptr_nonnull(root);
	ck_assert_str_eq(json_string_value(json_object_get(root, "country")), "DE");
	rule = json_array_get(json_object_get(root, "rules"), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(rule, "start_khz")), 2400000);
	ck_assert_int_eq(json_integer_value(json_object_get(rule, "gain_mbi")), -3);
	ck_assert(json_is_true(json_object_get(rule, "dfs")));
	json_decref(root);
}
END_TEST

Suite *output_suite(void);
Suite *output_suite(void)
{
	Suite *s = suite_create("output");
	TCase *t = tcase_create("output");

	/* each test is a process of its own: out_use_json() does not leak */
	tcase_add_test(t, text_shows_formats);
	tcase_add_test(t, json_shows_names);
	suite_add_tcase(s, t);
	return s;
}
