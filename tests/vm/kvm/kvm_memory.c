// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's memory is the owner's: what the owner does to its mapping, the
 * guest sees at its next access, and nothing of it is pinned.
 */
#define _GNU_SOURCE
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "kvm.h"
#include "stats.h"

#define PAGE_AT		0x5000
#define OTHER_AT	0x6000
#define PATIENCE_S	60		/* for what is done at once, or never */

/* For ever: tells the byte at 0x5000, then writes it plus one to 0x6000. */
static const uint8_t code[] = {
	0xa0, 0x00, 0x50,	/* 0: mov 0x5000, %al */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xfe, 0xc0,		/* inc %al */
	0xa2, 0x00, 0x60,	/* mov %al, 0x6000 */
	0xeb, 0xf4,		/* jmp 0b */
};

static void owner_changes(struct kvm_machine *m)
{
	uint8_t *page = m->memory + PAGE_AT;
	pid_t pid;
	int status;

	*page = 1;
	equal(kvm_next_out(&m->vcpu), 1);
	*page = 2;
	equal(kvm_next_out(&m->vcpu), 2);
	must(madvise(page, 4096, MADV_DONTNEED));
	equal(kvm_next_out(&m->vcpu), 0);

	/* copy on write: the guest goes with its owner, not with the child */
	*page = 3;
	equal(kvm_next_out(&m->vcpu), 3);
	pid = must(fork());
	if (!pid) {
		*page = 99;
		_exit(0);
	}
	must(waitpid(pid, &status, 0));
	equal(kvm_next_out(&m->vcpu), 3);
	pid = must(fork());
	if (!pid) {
		pause();
		_exit(0);
	}
	*page = 4;
	equal(kvm_next_out(&m->vcpu), 4);
	equal(m->memory[OTHER_AT], 4);
	must(kill(pid, SIGKILL));
	must(waitpid(pid, &status, 0));

	/* another page in its place */
	if (mmap(page, 4096, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != page)
		die("mmap");
	*page = 5;
	equal(kvm_next_out(&m->vcpu), 5);
	puts("ok: the guest sees the owner's changes");
}

static void no_memory(struct kvm_machine *m)
{
	uint8_t *page = m->memory + PAGE_AT, *other = m->memory + OTHER_AT;

	must(mprotect(other, 4096, PROT_READ));
	if (ioctl(m->vcpu.fd, KVM_RUN, 0) == 0)
		die("wrote to what may only be read");
	equal(errno, EFAULT);
	must(mprotect(other, 4096, PROT_READ | PROT_WRITE));
	equal(kvm_next_out(&m->vcpu), *page);
	must(munmap(page, 4096));
	if (ioctl(m->vcpu.fd, KVM_RUN, 0) == 0)
		die("read what is not there");
	equal(errno, EFAULT);
	if (mmap(page, 4096, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != page)
		die("mmap");
	*page = 7;
	equal(kvm_next_out(&m->vcpu), 7);
	puts("ok: EFAULT where the owner has no memory, and on again");
}

/* Code outside all slots cannot be run. */
static void no_slot(struct kvm_machine *m)
{
	must(kvm_slot(m, 0, 0, 0, NULL));
	kvm_run_once(&m->vcpu);
	equal(m->vcpu.run->exit_reason, KVM_EXIT_INTERNAL_ERROR);
	equal(m->vcpu.run->internal.suberror, KVM_INTERNAL_ERROR_EMULATION);
	must(kvm_slot(m, 0, 0, GUEST_BYTES, m->memory));
	equal(kvm_next_out(&m->vcpu), 7);
	puts("ok: a deleted slot is gone from the guest");
}

static long resident_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "VmRSS: %ld", &kib);
	if (f)
		fclose(f);
	return kib;
}

/* As many bits as the machine's physical addresses have, but no more than `most`. */
static unsigned int address_bits(unsigned int most)
{
	unsigned int bits = 0;
	char line[256];
	FILE *f = fopen("/proc/cpuinfo", "r");

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "address sizes : %u bits", &bits);
	if (!f || fclose(f) || !bits)
		die("/proc/cpuinfo");
	return bits < most ? bits : most;
}

static void pre_fault(const struct kvm_machine *m, uint64_t gpa)
{
	struct kvm_pre_fault_memory range = { .gpa = gpa, .size = 4096 };

	must(ioctl(m->vcpu.fd, KVM_PRE_FAULT_MEMORY, &range));
}

#define TOUCHED		3

/*
 * A slot of 1 TiB, or of all that the machine can address, costs nothing until it is
 * touched; then a page for each page, and what tables lead there.
 */
static void great_slot(struct kvm_machine *m)
{
	const unsigned int bits = address_bits(40);
	const uint64_t size = 1ull << bits;
	int stats = must(ioctl(m->vm, KVM_GET_STATS_FD, 0));
	uint8_t *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t tables;
	long before, after;

	if (memory == MAP_FAILED)
		die("mmap");
	must(madvise(memory, size, MADV_NOHUGEPAGE));
	must(kvm_slot(m, 0, 0, 0, NULL));
	tables = stats_value(stats, "mmu_tables");
	before = resident_kib();
	must(kvm_slot(m, 5, 0, size, memory));
	after = resident_kib();
	if (after - before > 256)
		die("%ld KiB for an untouched slot", after - before);
	equal(stats_value(stats, "mmu_tables"), tables);
	before = resident_kib();
	for (unsigned int i = 0; i < TOUCHED; i++) {
		memory[size / TOUCHED * i] = 1;
		pre_fault(m, (size / TOUCHED * i) & ~4095ull);
	}
	after = resident_kib();
	if (after - before > 256)
		die("%ld KiB for %d pages", after - before, TOUCHED);
	if (stats_value(stats, "mmu_tables") - tables > TOUCHED * 4)
		die("%llu tables for %d pages", stats_value(stats, "mmu_tables") - tables + 0ull,
		    TOUCHED);
	must(kvm_slot(m, 5, 0, 0, NULL));
	must(kvm_slot(m, 0, 0, GUEST_BYTES, m->memory));
	munmap(memory, size);
	close(stats);
	printf("ok: %llu GiB that cost nothing\n", 1ull << (bits - 30));
}

static volatile int stop;

static void *disturb(void *page)
{
	while (!stop) {
		madvise(page, 4096, MADV_DONTNEED);
		*(volatile uint8_t *)page = 0x55;
		if (mprotect(page, 4096, PROT_READ) == 0)
			mprotect(page, 4096, PROT_READ | PROT_WRITE);
	}
	return NULL;
}

/* A page that comes and goes while the guest reads it: zero or the pattern. */
static void under_fire(struct kvm_machine *m)
{
	pthread_t thread;

	m->memory[PAGE_AT] = 0x55;
	pthread_create(&thread, NULL, disturb, m->memory + PAGE_AT);
	for (int i = 0; i < 1000; i++) {
		uint32_t value = kvm_next_out(&m->vcpu);

		if (value != 0 && value != 0x55)
			die("the guest read %#x", value);
	}
	stop = 1;
	pthread_join(thread, NULL);
	puts("ok: 1000 reads of a page that comes and goes");
}

/* ---- memory of all kinds ---- */

#define BACKING_BYTES	(2u << 20)

static int a_file(void)
{
	char path[] = "/tmp/memoryXXXXXX";
	int fd = must(mkstemp(path));

	must(unlink(path));
	return fd;
}

static int a_memfd(void)
{
	return must(memfd_create("guest", 0));
}

static int huge_pages(void)
{
	return must(memfd_create("guest", MFD_HUGETLB));
}

static int dev_zero(void)
{
	return must(open("/dev/zero", O_RDWR));
}

static const struct backing {
	const char *name;
	int (*open)(void);
	bool sized;		/* it is as long as we say, and can be cut */
} backings[] = {
	{ "a file", a_file, true },
	{ "a memfd", a_memfd, true },
	{ "huge pages", huge_pages, true },
	{ "/dev/zero", dev_zero, false },
};

/* The guest uses it, and its owner sees; cut short it is memory no more. */
static void try_backing(const struct backing *backing)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	int fd = backing->open();
	uint8_t *memory;

	if (backing->sized)
		must(ftruncate(fd, BACKING_BYTES));
	memory = mmap(NULL, BACKING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		die("mmap of %s", backing->name);
	must(kvm_slot(&m, 0, 0, 0, NULL));
	must(kvm_slot(&m, 0, 0, PAGE_AT, m.memory));
	must(kvm_slot(&m, 1, PAGE_AT, 0x2000, memory));
	memory[0] = 0x30;
	equal(kvm_next_out(&m.vcpu), 0x30);
	memory[0] = 0x40;
	equal(kvm_next_out(&m.vcpu), 0x40);
	equal(memory[OTHER_AT - PAGE_AT], 0x31);
	if (backing->sized) {
		must(ftruncate(fd, 0));
		if (ioctl(m.vcpu.fd, KVM_RUN, 0) == 0)
			die("used %s beyond its end", backing->name);
		equal(errno, EFAULT);
		must(ftruncate(fd, BACKING_BYTES));
		memory[0] = 0x50;
		equal(kvm_next_out(&m.vcpu), 0x50);
	}
	munmap(memory, BACKING_BYTES);
	close(fd);
	kvm_close(&m);
	printf("ok: %s\n", backing->name);
}

/* ---- pages without a life of their own ---- */

/* Of the kernel's clock, which every process has mapped as a device's memory is: PFNMAP. */
static void *clock_page(void)
{
	unsigned long start = 0;
	char line[256];
	FILE *f = fopen("/proc/self/maps", "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (strstr(line, "[vvar]"))
			start = strtoul(line, NULL, 16);
	}
	if (!f || fclose(f) || !start)
		die("/proc/self/maps");
	return (void *)start;
}

/* EFAULT each time, until memory is in its place: nothing says when such a page goes. */
static void device_memory(void)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	struct kvm_pre_fault_memory range = { .gpa = PAGE_AT, .size = 4096 };
	const volatile uint8_t *page = clock_page();

	(void)page[0];
	must(kvm_slot(&m, 0, 0, 0, NULL));
	must(kvm_slot(&m, 0, 0, PAGE_AT, m.memory));
	must(kvm_slot(&m, 1, PAGE_AT, 4096, (void *)page));
	for (int i = 0; i < 2; i++) {
		if (ioctl(m.vcpu.fd, KVM_RUN, 0) == 0)
			die("used a page of the kernel's");
		equal(errno, EFAULT);
		if (ioctl(m.vcpu.fd, KVM_PRE_FAULT_MEMORY, &range) == 0)
			die("took a page of the kernel's");
		equal(errno, EFAULT);
	}
	must(kvm_slot(&m, 1, 0, 0, NULL));
	must(kvm_slot(&m, 1, PAGE_AT, 4096, m.memory + PAGE_AT));
	m.memory[PAGE_AT] = 0x30;
	equal(kvm_next_out(&m.vcpu), 0x30);
	kvm_close(&m);
	puts("ok: pages without a life of their own");
}

/* ---- what may only be read ---- */

static const uint8_t rom_user[] = {
	0xa0, 0x00, 0x60,	/* mov 0x6000, %al */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xa2, 0x01, 0x60,	/* mov %al, 0x6001 */
	0xfe, 0x06, 0x00, 0x60,	/* incb 0x6000 */
	0xeb, 0xf2,		/* jmp CODE_AT */
};

/* The next exit is a store of one byte, which memory does not see. */
static void next_store(const struct kvm_machine *m, uint64_t gpa, uint8_t value)
{
	const struct kvm_run *run = m->vcpu.run;

	kvm_run_once(&m->vcpu);
	equal(run->exit_reason, KVM_EXIT_MMIO);
	equal(run->mmio.is_write, 1);
	equal(run->mmio.phys_addr, gpa);
	equal(run->mmio.len, 1);
	equal(run->mmio.data[0], value);
}

static void read_only(void)
{
	struct kvm_machine m = kvm_machine(rom_user, sizeof(rom_user));
	struct kvm_userspace_memory_region region = {
		.slot = 1, .flags = KVM_MEM_READONLY, .guest_phys_addr = OTHER_AT,
		.memory_size = 4096,
	};
	uint8_t *rom = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (rom == MAP_FAILED)
		die("mmap");
	equal(ioctl(m.node, KVM_CHECK_EXTENSION, KVM_CAP_READONLY_MEM), 1);
	region.userspace_addr = (uintptr_t)rom;
	must(kvm_slot(&m, 0, 0, 0, NULL));
	must(kvm_slot(&m, 0, 0, OTHER_AT, m.memory));
	must(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &region));
	rom[0] = 0x41;
	rom[1] = 0x99;
	for (int i = 0; i < 3; i++) {
		equal(kvm_next_out(&m.vcpu), rom[0]);
		next_store(&m, OTHER_AT + 1, rom[0]);
		next_store(&m, OTHER_AT, rom[0] + 1);
		equal(rom[1], 0x99);
		/* The owner may write, and may have no right to. */
		if (i == 0)
			rom[0] = 0x51;
		else
			must(mprotect(rom, 4096, PROT_READ));
	}
	/* The same memory, writable: another slot. */
	must(mprotect(rom, 4096, PROT_READ | PROT_WRITE));
	must(kvm_slot(&m, 1, 0, 0, NULL));
	must(kvm_slot(&m, 1, OTHER_AT, 4096, rom));
	equal(kvm_next_out(&m.vcpu), 0x51);
	equal(kvm_next_out(&m.vcpu), 0x52);
	equal(rom[1], 0x51);
	kvm_close(&m);
	puts("ok: memory that may only be read");
}

/* ---- page tables that may only be read ---- */

/* 32-bit paging, by the table in the ROM. */
static void turn_paging_on(const struct kvm_vcpu *v)
{
	struct kvm_sregs sregs;

	must(ioctl(v->fd, KVM_GET_SREGS, &sregs));
	sregs.cr3 = OTHER_AT;
	sregs.cr4 |= 1 << 4;		/* PSE */
	sregs.cr0 |= 0x80000001;	/* PG, PE */
	must(ioctl(v->fd, KVM_SET_SREGS, &sregs));
}

/* One entry, 4 MiB. */
static struct kvm_machine machine_with_rom(uint32_t entry, bool log)
{
	static const uint8_t insb[] = { 0x6c, 0xf4 };	/* insb; hlt */
	struct kvm_machine m = kvm_machine(insb, sizeof(insb));
	struct kvm_userspace_memory_region region = {
		.slot = 1, .flags = KVM_MEM_READONLY, .guest_phys_addr = OTHER_AT,
		.memory_size = 4096, .userspace_addr = (uintptr_t)m.memory + OTHER_AT,
	};
	struct kvm_userspace_memory_region below = {
		.flags = log ? KVM_MEM_LOG_DIRTY_PAGES : 0, .memory_size = OTHER_AT,
		.userspace_addr = (uintptr_t)m.memory,
	};

	*(uint32_t *)(m.memory + OTHER_AT) = entry;
	must(kvm_slot(&m, 0, 0, 0, NULL));
	must(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &below));
	must(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &region));
	turn_paging_on(&m.vcpu);
	return m;
}

static void with_tables_in_rom(uint32_t entry, bool log, bool works)
{
	struct kvm_machine m = machine_with_rom(entry, log);
	struct kvm_run *run = m.vcpu.run;

	kvm_run_once(&m.vcpu);
	if (works) {
		equal(run->exit_reason, KVM_EXIT_IO);
	} else {
		equal(run->exit_reason, KVM_EXIT_INTERNAL_ERROR);
		equal(run->internal.suberror, KVM_INTERNAL_ERROR_EMULATION);
		equal(run->internal.ndata, 2);
		equal(run->internal.data[0] & ~4095ull, OTHER_AT);
		equal(run->internal.data[1], 1);	/* a write */
	}
	equal(*(uint32_t *)(m.memory + OTHER_AT), entry);
	kvm_close(&m);
}

/* A page that does not come before the descriptor is told to send it. */
static int hold_back(void *page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range = { (uintptr_t)page, 4096 }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = must(syscall(SYS_userfaultfd, O_CLOEXEC));

	must(ioctl(fd, UFFDIO_API, &api));
	must(ioctl(fd, UFFDIO_REGISTER, &area));
	return fd;
}

/* Of slot 0; it waits for the page that the log goes to. */
struct log_reader {
	int vm, held;
	void *to;
	pthread_t thread;
};

static void *read_log(void *reader)
{
	const struct log_reader *r = reader;
	struct kvm_dirty_log log = { .dirty_bitmap = r->to };

	must(ioctl(r->vm, KVM_GET_DIRTY_LOG, &log));
	return NULL;
}

static void begin_reading(struct log_reader *r, int vm)
{
	struct uffd_msg msg;

	r->vm = vm;
	r->to = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r->to == MAP_FAILED)
		die("mmap");
	r->held = hold_back(r->to);
	pthread_create(&r->thread, NULL, read_log, r);
	equal(read(r->held, &msg, sizeof(msg)), sizeof(msg));
}

static void end_reading(struct log_reader *r)
{
	struct uffdio_zeropage come = { .range = { (uintptr_t)r->to, 4096 } };

	must(ioctl(r->held, UFFDIO_ZEROPAGE, &come));
	pthread_join(r->thread, NULL);
	close(r->held);
	munmap(r->to, 4096);
}

/* One KVM_RUN, from a thread of its own. */
struct runner {
	struct kvm_vcpu vcpu;
	pthread_t thread;
	volatile pid_t tid;
	int error;			/* of KVM_RUN; 0: none */
};

static void *run_once(void *runner)
{
	struct runner *r = runner;

	r->tid = gettid();
	r->error = ioctl(r->vcpu.fd, KVM_RUN, 0) ? errno : 0;
	return NULL;
}

/* Until it is asleep in KVM_RUN. */
static void wait_until_blocked(const struct runner *r)
{
	char path[64], line[64], want[64];
	ssize_t got;
	int fd;

	while (!r->tid)
		sched_yield();
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", r->tid);
	snprintf(want, sizeof(want), "%d 0x%x 0x%x ", SYS_ioctl, r->vcpu.fd, (int)KVM_RUN);
	do {
		sched_yield();
		fd = must(open(path, O_RDONLY));
		got = must(read(fd, line, sizeof(line) - 1));
		close(fd);
		line[got] = 0;
	} while (strncmp(line, want, strlen(want)));
}

/*
 * Both meet a table that their walk may not write; who reads a log keeps both from doing
 * something about it, until each has.
 */
static void two_in_rom(void)
{
	struct kvm_machine m = machine_with_rom(0xe3, true);
	struct runner two[] = { { .vcpu = m.vcpu }, { .vcpu = kvm_add_vcpu(&m, 1) } };
	struct log_reader reader;

	kvm_start_at(&two[1].vcpu, CODE_AT);
	turn_paging_on(&two[1].vcpu);
	begin_reading(&reader, m.vm);
	for (int i = 0; i < 2; i++) {
		pthread_create(&two[i].thread, NULL, run_once, &two[i]);
		wait_until_blocked(&two[i]);
	}
	end_reading(&reader);
	for (int i = 0; i < 2; i++) {
		pthread_join(two[i].thread, NULL);
		equal(two[i].error, 0);
		equal(two[i].vcpu.run->exit_reason, KVM_EXIT_IO);
	}
	munmap(two[1].vcpu.run, 4096);
	close(two[1].vcpu.fd);
	kvm_close(&m);
}

static void on_signal(int signal)
{
	(void)signal;
}

/* One that waits for the log's reader hears of a signal; afterwards it goes on. */
static void signal_in_rom(void)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct kvm_machine m = machine_with_rom(0xe3, true);
	struct runner runner = { .vcpu = m.vcpu };
	struct log_reader reader;
	struct timespec end;

	must(sigaction(SIGUSR1, &action, NULL));
	begin_reading(&reader, m.vm);
	pthread_create(&runner.thread, NULL, run_once, &runner);
	wait_until_blocked(&runner);
	pthread_kill(runner.thread, SIGUSR1);
	must(clock_gettime(CLOCK_REALTIME, &end));
	end.tv_sec += PATIENCE_S;
	if (pthread_timedjoin_np(runner.thread, NULL, &end))
		die("a vCPU that waits for a log's reader hears no signal");
	equal(runner.error, EINTR);
	equal(m.vcpu.run->exit_reason, KVM_EXIT_INTR);
	end_reading(&reader);
	kvm_run_once(&m.vcpu);
	equal(m.vcpu.run->exit_reason, KVM_EXIT_IO);
	kvm_close(&m);
}

/* ---- page tables that come and go ---- */

/* Writes 0x5000, for ever. */
static const uint8_t writer[] = {
	0xfe, 0x06, 0x00, 0x50,	/* 0: incb 0x5000 */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xeb, 0xf8,		/* jmp 0b */
};

/* Nested faults that a write costs after the log has been read. */
static uint64_t faults_after_log(const struct kvm_machine *m, int stats)
{
	static uint64_t bits[GUEST_BYTES / 4096 / 64];
	struct kvm_dirty_log log = { .dirty_bitmap = bits };
	uint64_t before;

	kvm_next_out(&m->vcpu);
	must(ioctl(m->vm, KVM_GET_DIRTY_LOG, &log));
	before = stats_value(stats, "pf_fixed");
	kvm_next_out(&m->vcpu);
	return stats_value(stats, "pf_fixed") - before;
}

/* A table that its owner takes away for a while is no reason to see writes by faults. */
static void tables_that_go(void)
{
	struct kvm_machine m = kvm_machine(writer, sizeof(writer));
	struct kvm_userspace_memory_region logged = {
		.flags = KVM_MEM_LOG_DIRTY_PAGES, .memory_size = GUEST_BYTES,
		.userspace_addr = (uintptr_t)m.memory,
	};
	uint8_t *table = m.memory + OTHER_AT;
	int stats = must(ioctl(m.vcpu.fd, KVM_GET_STATS_FD, 0));

	/* No fault but by the log: nobody makes a large page of it meanwhile. */
	must(madvise(m.memory, GUEST_BYTES, MADV_NOHUGEPAGE));
	*(uint32_t *)table = 0xe3;
	must(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &logged));
	turn_paging_on(&m.vcpu);
	faults_after_log(&m, stats);
	equal(faults_after_log(&m, stats), 0);
	must(mprotect(table, 4096, PROT_NONE));
	if (ioctl(m.vcpu.fd, KVM_RUN, 0) == 0 || errno != EFAULT)
		die("went by tables that are not there");
	must(mprotect(table, 4096, PROT_READ | PROT_WRITE));
	faults_after_log(&m, stats);
	equal(faults_after_log(&m, stats), 0);
	/* By one that may only be read it goes on, and writes are faults from then on. */
	must(mprotect(table, 4096, PROT_READ));
	faults_after_log(&m, stats);
	if (!faults_after_log(&m, stats))
		die("the processor still logs");
	close(stats);
	kvm_close(&m);
	puts("ok: page tables that come and go");
}

/* Its owner has it back later. */
static void rom_that_goes(void)
{
	struct kvm_machine m = machine_with_rom(0xe3, true);
	uint8_t *table = m.memory + OTHER_AT;

	must(mprotect(table, 4096, PROT_NONE));
	if (ioctl(m.vcpu.fd, KVM_RUN, 0) == 0 || errno != EFAULT)
		die("went by a read-only table that is not there");
	must(mprotect(table, 4096, PROT_READ | PROT_WRITE));
	kvm_run_once(&m.vcpu);
	equal(m.vcpu.run->exit_reason, KVM_EXIT_IO);
	kvm_close(&m);
}

/*
 * VMX reads tables whose bits are set already, also while a slot has a dirty log. SVM's
 * walks are always writes (AMD64 APM volume 2, 15.25.5): an error that names the table, not
 * a guest that crawls.
 */
static void read_only_tables(bool vmx)
{
	with_tables_in_rom(0xe3, false, vmx);	/* accessed and dirty */
	with_tables_in_rom(0xe3, true, vmx);
	if (vmx) {
		two_in_rom();
		signal_in_rom();
		tables_that_go();
		rom_that_goes();
	}
	/* (Bochs sets an accessed bit without asking EPT.) */
	if (!vmx)
		with_tables_in_rom(0x83, false, false);
	puts("ok: page tables that may only be read");
}

int main(int argc, char **argv)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	owner_changes(&m);
	no_memory(&m);
	no_slot(&m);
	great_slot(&m);
	under_fire(&m);
	kvm_close(&m);
	read_only();
	read_only_tables(argc > 1 && !strcmp(argv[1], "vmx"));
	for (size_t i = 0; i < sizeof(backings) / sizeof(backings[0]); i++)
		try_backing(&backings[i]);
	device_memory();
	return 0;
}
