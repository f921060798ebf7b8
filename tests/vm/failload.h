/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory runs out while a module is loaded, at each allocation in turn or each step-th: it is not
 * loaded, or it is unloaded again. No other module that allocates may be in its way then, and
 * allocations of the kernel itself do not count: only those with a module on the stack.
 */
#ifndef TESTS_VM_FAILLOAD_H
#define TESTS_VM_FAILLOAD_H

#include <limits.h>
#include <sys/syscall.h>

#include "failnth.h"

/* The end of where modules are; the kernel is before them (arch/x86/x86_64/mm.rst). */
#define FAILLOAD_MODULES_END	0xffffffffff000000

static inline unsigned long failload_kernel_end(void)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	unsigned long address, end = 0;
	char line[1024], name[512], type;

	while (symbols && !end && fgets(line, sizeof(line), symbols))
		if (sscanf(line, "%lx %c %511s", &address, &type, name) == 3 &&
		    strcmp(name, "_end") == 0)
			end = address;
	if (symbols)
		fclose(symbols);
	return end;
}

/* ENFILE: a socket. */
static inline bool failload_is_for_memory(int error)
{
	return error == ENOMEM || error == ENOBUFS || error == ENFILE;
}

static inline void failload_end(void)
{
	failnth_only_in(0, ULONG_MAX);
}

/*
 * Ends the test if it goes wrong, or if nothing was there to fail. also: an errno of this module
 * that means no memory, too; 0: none.
 */
static inline void failload(const char *path, const char *module, const char *params, int also,
			    int first, int step)
{
	int file = open(path, O_RDONLY | O_CLOEXEC), nth, hit = 1, n = 0, loaded = 0, error;
	unsigned long end = failload_kernel_end();

	atexit(failload_end);
	if (file < 0 || !end || !failnth_setup() ||
	    !failnth_only_in(end, FAILLOAD_MODULES_END)) {
		perror("failing while a module is loaded");
		exit(1);
	}
	for (nth = first; hit; nth += step, n += hit) {
		failnth_arm(nth);
		error = syscall(SYS_finit_module, file, params, 0) ? errno : 0;
		hit = failnth_disarm();
		if (error && !(hit && (failload_is_for_memory(error) || error == also))) {
			printf("FAIL: allocation %d: %s\n", nth, strerror(error));
			exit(1);
		}
		if (!error && syscall(SYS_delete_module, module, 0)) {
			perror("the module cannot be unloaded");
			exit(1);
		}
		loaded += !error && hit;
	}
	failload_end();
	close(file);
	if (!n) {
		printf("FAIL: no allocation has failed\n");
		exit(1);
	}
	printf("module: %d failed allocations, %d of them did not matter\n", n, loaded);
}

#endif
