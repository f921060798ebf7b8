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

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline bool failnth_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

/* False: this kernel injects no faults. */
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
		if (!failnth_write(settings[i].path, settings[i].value))
			return false;
	return true;
}

static inline void failnth_arm(int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	if (!failnth_write("/proc/thread-self/fail-nth", text)) {
		perror("fail-nth");
		exit(1);
	}
}

/* True: a request has failed since failnth_arm(). */
static inline bool failnth_disarm(void)
{
	char text[16] = "";
	int fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 ||
	    (atoi(text) && write(fd, "0", 1) != 1)) {
		perror("fail-nth");
		exit(1);
	}
	close(fd);
	return atoi(text) == 0;
}

#endif
