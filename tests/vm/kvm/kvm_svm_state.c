// SPDX-License-Identifier: GPL-2.0
/* kvm_svm_state on|off: EFER.SVME and VM_HSAVE_PA on every CPU, by the msr driver. */
#include <stdio.h>

#include "kvm.h"

#define MSR_EFER	0xc0000080
#define EFER_SVME	(1ull << 12)
#define MSR_VM_HSAVE_PA	0xc0010117

static uint64_t read_msr(int fd, uint32_t index)
{
	uint64_t value;

	if (pread(fd, &value, sizeof(value), index) != sizeof(value))
		die("MSR %#x", index);
	return value;
}

int main(int argc, char **argv)
{
	bool want = argc == 2 && !strcmp(argv[1], "on");
	char path[32];
	int cpu, fd;

	for (cpu = 0; ; cpu++) {
		snprintf(path, sizeof(path), "/dev/cpu/%d/msr", cpu);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			break;
		equal(!!(read_msr(fd, MSR_EFER) & EFER_SVME), want);
		equal(!!read_msr(fd, MSR_VM_HSAVE_PA), want);
		close(fd);
	}
	if (!cpu)
		die("no /dev/cpu/0/msr");
	printf("%d CPUs: SVM %s\n", cpu, want ? "on" : "off");
	return 0;
}
