// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's memory is the owner's: what the owner does to its mapping, the
 * guest sees at its next access, and nothing of it is pinned.
 */
#define _GNU_SOURCE
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kvm.h"

#define PAGE_AT		0x5000
#define OTHER_AT	0x6000

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

/* A slot costs nothing until it is touched. */
static void great_slot(struct kvm_machine *m)
{
	const uint64_t size = 1ull << 38;
	long before, after;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	before = resident_kib();
	must(kvm_slot(m, 5, 1ull << 32, size, memory));
	after = resident_kib();
	if (after - before > 256)
		die("%ld KiB for an untouched slot", after - before);
	must(kvm_slot(m, 5, 0, 0, NULL));
	munmap(memory, size);
	puts("ok: 256 GiB that cost nothing");
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

/* Of slot 0. */
struct log_reader {
	int vm;
	void *to;
};

static void *read_log(void *reader)
{
	const struct log_reader *r = reader;
	struct kvm_dirty_log log = { .dirty_bitmap = r->to };

	must(ioctl(r->vm, KVM_GET_DIRTY_LOG, &log));
	return NULL;
}

static void *run_to_io(void *vcpu)
{
	const struct kvm_vcpu *v = vcpu;

	kvm_run_once(v);
	equal(v->run->exit_reason, KVM_EXIT_IO);
	return NULL;
}

/*
 * Both meet a table that their walk may not write; who reads a log keeps both from doing
 * something about it, until each has.
 */
static void two_in_rom(void)
{
	struct kvm_machine m = machine_with_rom(0xe3, true);
	struct kvm_vcpu two[] = { m.vcpu, kvm_add_vcpu(&m, 1) };
	struct log_reader reader = { .vm = m.vm };
	struct uffdio_zeropage come = { .range.len = 4096 };
	struct uffd_msg msg;
	pthread_t log, threads[2];
	int held;

	reader.to = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (reader.to == MAP_FAILED)
		die("mmap");
	held = hold_back(reader.to);
	kvm_start_at(&two[1], CODE_AT);
	turn_paging_on(&two[1]);
	pthread_create(&log, NULL, read_log, &reader);
	equal(read(held, &msg, sizeof(msg)), sizeof(msg));
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, run_to_io, &two[i]);
	usleep(50000);
	come.range.start = (uintptr_t)reader.to;
	must(ioctl(held, UFFDIO_ZEROPAGE, &come));
	pthread_join(log, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	close(held);
	munmap(reader.to, 4096);
	munmap(two[1].run, 4096);
	close(two[1].fd);
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
	if (vmx)
		two_in_rom();
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
	return 0;
}
