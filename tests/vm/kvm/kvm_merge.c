// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_merge GUEST: the kernel merges a guest's equal pages (KSM) while the guest reads them,
 * and gives each its own again when the guest writes: it sees what it has written, and its
 * owner sees it too. GUEST is merge.S.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "../../count.h"
#include "kvm.h"

#define PAGE		4096u
#define POOL_AT		0x80000u
#define PAGES		32u		/* up to END_SEGMENT */
#define POOL_BYTES	(PAGES * PAGE)
#define VALUE_AT	0x10		/* in each page */
#define GO_AT		0x2000		/* what to write next */
#define DONE_AT		0x2001		/* what was written last */
#define LAST		0xff
#define PATTERN		0x6b		/* the rest of each page */
#define PATIENCE_S	120		/* of a host that has much else to do */
#define PAGEMAP_FRAME	((1ull << 55) - 1)

static struct kvm_machine machine;
static uint8_t *pool;

static unsigned long ksm(const char *name)
{
	unsigned long value;
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/mm/ksm/%s", name);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%lu", &value) != 1 || fclose(f))
		die("%s", path);
	return value;
}

static bool written(uint8_t value)
{
	return *(volatile uint8_t *)(machine.memory + DONE_AT) == value;
}

/* All are one and the same frame. (What the kernel counts as shared it may be no more.) */
static bool merged(uint8_t unused)
{
	uint64_t entries[PAGES];
	size_t at = (uintptr_t)pool / PAGE * sizeof(entries[0]);
	int fd = must(open("/proc/self/pagemap", O_RDONLY));

	(void)unused;
	equal(must(pread(fd, entries, sizeof(entries), at)), sizeof(entries));
	close(fd);
	for (unsigned int i = 0; i < PAGES; i++)
		if (!(entries[i] & PAGEMAP_FRAME) || (entries[i] ^ entries[0]) & PAGEMAP_FRAME)
			return false;
	return true;
}

static void wait_for(bool (*is)(uint8_t value), uint8_t value, const char *what)
{
	struct timespec now, end;

	must(clock_gettime(CLOCK_MONOTONIC, &end));
	end.tv_sec += PATIENCE_S;
	while (!is(value)) {
		must(clock_gettime(CLOCK_MONOTONIC, &now));
		if (now.tv_sec > end.tv_sec)
			die("%s: in vain (%lu pages shared, %lu sharing, %lu scans)", what,
			    ksm("pages_shared"), ksm("pages_sharing"), ksm("full_scans"));
		usleep(1000);
	}
}

static void expect_all(uint8_t value)
{
	for (unsigned int i = 0; i < PAGES; i++) {
		const uint8_t *page = pool + i * PAGE;

		for (unsigned int at = 0; at < PAGE; at++)
			if (page[at] != (at == VALUE_AT ? value : PATTERN))
				die("page %u has %#x at %#x", i, page[at], at);
	}
}

static void *run_guest(void *unused)
{
	(void)unused;
	kvm_run_once(&machine.vcpu);
	if (machine.vcpu.run->exit_reason == KVM_EXIT_HLT)
		die("the guest does not see what it has written");
	equal(machine.vcpu.run->exit_reason, KVM_EXIT_IO);
	return NULL;
}

static void tell(uint8_t value)
{
	*(volatile uint8_t *)(machine.memory + GO_AT) = value;
	wait_for(written, value, "the guest's writes");
}

static void start(const char *guest)
{
	uint8_t code[256];
	size_t size = kvm_read_guest(guest, code, sizeof(code));

	machine = kvm_machine(code, size);
	pool = mmap(NULL, POOL_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pool == MAP_FAILED)
		die("mmap");
	must(madvise(pool, POOL_BYTES, MADV_NOHUGEPAGE));
	memset(pool, PATTERN, POOL_BYTES);
	for (unsigned int i = 0; i < PAGES; i++)
		pool[i * PAGE + VALUE_AT] = 0;
	must(kvm_slot(&machine, 0, 0, 0, NULL));
	must(kvm_slot(&machine, 0, 0, POOL_AT, machine.memory));
	must(kvm_slot(&machine, 1, POOL_AT, POOL_BYTES, pool));
}

int main(int argc, char **argv)
{
	unsigned long rounds = count_of(3, 200), round;
	pthread_t thread;

	if (argc != 2)
		die("usage: kvm_merge GUEST");
	start(argv[1]);
	pthread_create(&thread, NULL, run_guest, NULL);
	tell(1);
	expect_all(1);
	must(madvise(pool, POOL_BYTES, MADV_MERGEABLE));
	for (round = 1; round <= rounds; round++) {
		wait_for(merged, 0, "equal pages");
		expect_all(1 + (round - 1) % 250);
		tell(1 + round % 250);
		/* Each is its own now, though some may have met again. */
		expect_all(1 + round % 250);
	}
	tell(LAST);
	expect_all(LAST);
	pthread_join(thread, NULL);
	kvm_close(&machine);
	printf("ok: %u pages, merged %lu times under the guest\n", PAGES, rounds);
	return 0;
}
