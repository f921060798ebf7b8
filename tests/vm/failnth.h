/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocation failures in tests: the debug kernel can make the n-th slab, page
 * or user-copy request of a task fail (/proc/self/fail-nth).
 *
 *	failnth_setup();
 *	for (n = 1; ; n++) {
 *		failnth_arm(n);
 *		ret = the_call(...);
 *		if (!failnth_disarm())
 *			break;		// fewer than n requests: it went through
 *		check ret, errno, and that nothing changed
 *	}
 *	printf("%d sites\n", n - 1);
 */
#ifndef TESTS_VM_FAILNTH_H
#define TESTS_VM_FAILNTH_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int failnth_control = -1;	/* stays open: to open it could fail */

static inline bool failnth_set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);

	if (fd >= 0)
		close(fd);
	return done;
}

/* For this thread. False: this kernel injects no faults. */
static inline bool failnth_setup(void)
{
	static const struct {
		const char *path, *value;
	} settings[] = {
		/* also requests that may wait, and quietly */
		{ "/sys/kernel/debug/failslab/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/failslab/verbose", "0" },
		{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/min-order", "0" },
		{ "/sys/kernel/debug/fail_page_alloc/verbose", "0" },
		{ "/sys/kernel/debug/fail_usercopy/verbose", "0" },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (!failnth_set(settings[i].path, settings[i].value))
			return false;
	failnth_control = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	return failnth_control >= 0;
}

/*
 * From now on only requests count that have a function on the stack between these
 * addresses; 0 and ULONG_MAX: all do. Holds for all tasks, until it is called again.
 */
static inline bool failnth_only_in(unsigned long start, unsigned long end)
{
	static const char *const attrs[] = { "failslab", "fail_page_alloc", "fail_usercopy" };
	char path[64], address[32];
	bool done = true;

	for (size_t i = 0; i < 2 * sizeof(attrs) / sizeof(attrs[0]); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/require-%s", attrs[i / 2],
			 i % 2 ? "end" : "start");
		snprintf(address, sizeof(address), "%#lx", i % 2 ? end : start);
		done &= failnth_set(path, address);
	}
	return done;
}

static inline void failnth_arm(int n)
{
	char text[16];
	int size = snprintf(text, sizeof(text), "%d", n);

	/* when it disarms, the copy that this write makes can be what fails */
	if (pwrite(failnth_control, text, size, 0) != size && (n || errno != EFAULT)) {
		perror("fail-nth");
		exit(1);
	}
}

/* Whether a request has failed since failnth_arm(); none will any more. */
static inline bool failnth_disarm(void)
{
	char text[16] = "";

	/* the copy that this read makes can be what fails, after the call */
	if (pread(failnth_control, text, sizeof(text) - 1, 0) < 0)
		return false;
	if (atoi(text) == 0)
		return true;
	failnth_arm(0);
	return false;
}

#endif
