// SPDX-License-Identifier: GPL-2.0
/* unit: tests/tcp/script.c tests/tcp/wanted.c */
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tcp/script.h"

#define SCRIPTS_MIN	30	/* there are more: none may get lost on the way */
#define SECTIONS_MIN	40	/* likewise of the table */

/* Each script runs where nothing wraps, where all numbers do, and over IPv6. */
static const struct script_bases bases[] = {
	{ .our_isn = 1000000, .peer_isn = 5000000, .peer_ts = 1000 },
	{ .our_isn = 0xfffffe00, .peer_isn = 0xffffff00, .peer_ts = 0xfffffffe },
	{ .our_isn = 1000000, .peer_isn = 5000000, .peer_ts = 1000, .ip_version = 6 },
};

#define WAYS	(sizeof(bases) / sizeof(bases[0]))

static glob_t scripts;

/* It is about ICMP's numbers, IPv4's DF, or the MSS of who says none. */
static bool is_of_ipv4(const char *path)
{
	static const char *const parts[] = { "/icmp-", "/pmtu-", "-pmtu", "/mss" };
	bool found = false;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		found |= strstr(path, parts[i]) != NULL;
	return found;
}

static const char *const ways[] = { "", " (wrapping)", " (IPv6)" };

START_TEST(script)
{
	const char *path = scripts.gl_pathv[_i / WAYS];
	char *failure;

	if (bases[_i % WAYS].ip_version == 6 && is_of_ipv4(path))
		return;
	failure = script_run(path, &bases[_i % WAYS]);
	ck_assert_msg(!failure, "%s%s: %s", path, ways[_i % WAYS], failure);
}
END_TEST

START_TEST(all_there)
{
	ck_assert_uint_ge(scripts.gl_pathc, SCRIPTS_MIN);
}
END_TEST

/* Is the name in a cell of the table, by itself? */
static bool names(const char *text, const char *name, size_t length)
{
	static const char between[] = " ,|\n";

	for (const char *at = text; (at = strstr(at, name)); at++) {
		if (strchr(between, at[-1]) && strchr(between, at[length]))
			return true;
	}
	return false;
}

/* docs/tcp.md, for the caller to free. */
static char *document(void)
{
	FILE *file = fopen("docs/tcp.md", "r");
	char *text = NULL;
	size_t room = 0;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(getdelim(&text, &room, 0, file), 0);
	fclose(file);
	return text;
}

/* The table of docs/tcp.md knows each of them. */
START_TEST(in_table)
{
	char *text = document(), name[100];

	for (size_t i = 0; i < scripts.gl_pathc; i++) {
		const char *path = strrchr(scripts.gl_pathv[i], '/') + 1;

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(path, "."), path);
		ck_assert_msg(names(text, name, strlen(name)), "%s is not in docs/tcp.md", name);
	}
	free(text);
}
END_TEST

static void check_row(char *row)
{
	char *cell = strchr(row + 1, '|'), *name, path[200];
	u32 count = 0;

	ck_assert_ptr_nonnull(cell);
	for (name = strtok(cell, " ,|"); name; name = strtok(NULL, " ,|"), count++) {
		snprintf(path, sizeof(path), "tests/tcp/scripts/%s.tcp", name);
		ck_assert_msg(!access(path, R_OK), "docs/tcp.md has %s, which is no script", name);
	}
	ck_assert_msg(count, "docs/tcp.md has a section without a script: %s", row);
}

/* And each row of the table names scripts that are there. */
START_TEST(in_scripts)
{
	static const char head[] = "\n| section | scripts |\n|---|---|\n";
	char *text = document(), *row = strstr(text, head), *end;
	u32 rows = 0;

	ck_assert_ptr_nonnull(row);
	for (row += strlen(head); *row == '|'; row = end + 1, rows++) {
		end = strchr(row, '\n');
		ck_assert_ptr_nonnull(end);
		*end = 0;
		check_row(row);
	}
	ck_assert_uint_ge(rows, SECTIONS_MIN);
	free(text);
}
END_TEST

/* A script that is wrong fails: the interpreter sees what it looks at. */
static glob_t faulty_scripts;

START_TEST(faulty)
{
	char *failure = script_run(faulty_scripts.gl_pathv[_i], &bases[0]);

	ck_assert_msg(failure, "%s passes", faulty_scripts.gl_pathv[_i]);
	free(failure);
}
END_TEST

Suite *tcp_scripts_suite(void);
Suite *tcp_scripts_suite(void)
{
	Suite *s = suite_create("tcp scripts");
	TCase *c = tcase_create("scripts");

	tcase_set_timeout(c, 60);	/* the machine may be busy */
	glob("tests/tcp/scripts/*.tcp", 0, NULL, &scripts);
	tcase_add_test(c, all_there);
	tcase_add_test(c, in_table);
	tcase_add_test(c, in_scripts);
	tcase_add_loop_test(c, script, 0, WAYS * (int)scripts.gl_pathc);
	glob("tests/tcp/scripts/faulty/*.tcp", 0, NULL, &faulty_scripts);
	tcase_add_loop_test(c, faulty, 0, faulty_scripts.gl_pathc);
	suite_add_tcase(s, c);
	return s;
}
