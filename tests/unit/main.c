// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the suites of all tests/unit/test_*.c, each in a process of its own:
 * LeakSanitizer, at the end of every test, goes through all that Check has ever
 * freed in the process that the test was forked from.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/count.h"

#define SUITE(name) Suite *name##_suite(void);
#include "suites.h"
#undef SUITE

struct counts {
	int run, failed;
};

static void run_suite(Suite *(*create)(void), struct counts *counts)
{
	SRunner *runner = srunner_create(create());

	srunner_run_all(runner, CK_NORMAL);
	counts->run += srunner_ntests_run(runner);
	counts->failed += srunner_ntests_failed(runner);
	srunner_free(runner);
}

static void run_apart(Suite *(*create)(void), struct counts *counts)
{
	int status = 1, failed = counts->failed;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		run_suite(create, counts);
		exit(EXIT_SUCCESS);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		status = 1;
	/* it died, or leaked; Check leaks where a test has failed */
	if (status && counts->failed == failed) {
		counts->run++;
		counts->failed++;
	}
}

int main(void)
{
	struct counts *counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (counts == MAP_FAILED)
		return EXIT_FAILURE;
	/* generous: the machine may be busy */
	setenv("CK_DEFAULT_TIMEOUT", number_from("LONG", 0) || number_from("COUNT", 0) ?
	       "3600" : "60", 0);
#define SUITE(name) run_apart(name##_suite, counts);
#include "suites.h"
#undef SUITE
	printf("%d passed, %d failed, 0 skipped\n", counts->run - counts->failed, counts->failed);
	return counts->failed || !counts->run;
}
