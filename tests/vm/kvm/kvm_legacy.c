// SPDX-License-Identifier: GPL-2.0
/*
 * The protocol of 2006: both sizes of kvm_run, slots, mappings, refusals, and
 * API 12 on the same descriptor.
 */
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "devkvm_2006.h"
#include "modes.h"

#define refused(call, err) do { \
	errno = 0; \
	if ((long)(call) != -1) \
		die("%s was done", #call); \
	equal(errno, err); \
} while (0)

static int region(int fd, unsigned int slot, unsigned int flags, uint64_t gpa, uint64_t size)
{
	struct kvm_2006_memory_region r = { slot, flags, gpa, size };

	return ioctl(fd, KVM_2006_SET_MEMORY_REGION, &r);
}

static void *map(int fd, uint64_t gpa, size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, gpa);
}

static void slots(int fd)
{
	refused(region(fd, 4, 0, 0, 4096), EINVAL);
	refused(region(fd, UINT_MAX, 0, 0, 4096), EINVAL);
	refused(region(fd, 1, 2, 0, 4096), EINVAL);
	refused(region(fd, 1, 0, 1, 4096), EINVAL);
	refused(region(fd, 1, 0, 0, 4095), EINVAL);
	refused(region(fd, 1, 0, -4096ull, 8192), EINVAL);
	refused(region(fd, 1, 0, KVM_2006_MEMORY_MAX, 4096), EINVAL);
	refused(region(fd, 1, 0, 0, 0), EINVAL);
	must(region(fd, 1, 0, 0x100000, 0x100000));
	must(region(fd, 1, 0, 0x100000, 0x100000));
	refused(region(fd, 1, 0, 0x100000, 0x101000), EINVAL);
	refused(region(fd, 1, 0, 0x200000, 0x100000), EINVAL);
	refused(region(fd, 2, 0, 0x1ff000, 0x1000), EEXIST);
	must(region(fd, 2, 0, 0x200000, 0x1000));
	must(region(fd, 2, 0, 0, 0));
	refused(ioctl(fd, KVM_2006_SET_MEMORY_REGION, NULL), EFAULT);
	puts("ok: slots");
}

/* The hole at 640 KiB: one mapping over both slots, as in 2006. */
static uint8_t *mappings(int fd)
{
	uint8_t *all;

	must(region(fd, 0, 0, 0, 0xa0000));
	if (map(fd, 0xa0000, 4096) != MAP_FAILED || errno != EINVAL)
		die("a mapping that begins in the hole");
	if (map(fd, 0x200000, 4096) != MAP_FAILED || errno != EINVAL)
		die("a mapping past the slots");
	if (map(fd, KVM_2006_MEMORY_MAX, 4096) != MAP_FAILED || errno != EINVAL)
		die("a mapping past all");
	all = map(fd, 0, 0x200000);
	if (all == MAP_FAILED)
		die("a mapping of all");
	equal(all[0x1234], 0);
	puts("ok: mappings");
	return all;
}

/* Slot memory that was deleted comes back as zeroes. */
static void zeroed(int fd, uint8_t *all)
{
	all[0x180000] = 0x77;
	must(region(fd, 1, 0, 0, 0));
	must(region(fd, 1, 0, 0x100000, 0x100000));
	equal(all[0x180000], 0);
	puts("ok: deleted memory is gone");
}

static void set_start(int fd, uint64_t rip)
{
	struct kvm_2006_sregs s = { .vcpu = 0 };
	struct kvm_2006_regs r = { .vcpu = 0, .regs = { .rip = rip, .rflags = 2 } };

	must(ioctl(fd, KVM_2006_GET_SREGS, &s));
	s.sregs.cs.base = s.sregs.cs.selector = 0;
	s.sregs.ds.base = s.sregs.ds.selector = 0;
	must(ioctl(fd, KVM_2006_SET_SREGS, &s));
	must(ioctl(fd, KVM_2006_SET_REGS, &r));
}

static void vcpus(int fd)
{
	struct kvm_2006_run run = { .vcpu = 0 };

	refused(ioctl(fd, KVM_2006_RUN, &run), EINVAL);
	must(ioctl(fd, KVM_2006_CREATE_VCPU, 0));
	refused(ioctl(fd, KVM_2006_CREATE_VCPU, 0), EEXIST);
	refused(ioctl(fd, KVM_2006_CREATE_VCPU, 64), EINVAL);
	refused(ioctl(fd, KVM_2006_CREATE_VCPU, -1l), EINVAL);
	run.vcpu = 0xffffffff;
	refused(ioctl(fd, KVM_2006_RUN, &run), EINVAL);
	run.vcpu = 1;
	refused(ioctl(fd, KVM_2006_RUN, &run), EINVAL);
	run.vcpu = 0;
	run.mmio_completed = 1;
	refused(ioctl(fd, KVM_2006_RUN, &run), EINVAL);
	run.mmio_completed = 0;
	run.emulated = 2;
	refused(ioctl(fd, KVM_2006_RUN, &run), EINVAL);
	refused(ioctl(fd, KVM_2006_RUN, NULL), EFAULT);
	refused(ioctl(fd, KVM_2620_RUN, NULL), EFAULT);
	refused(ioctl(fd, _IOWR(KVMIO, 2, char[64]), &run), EINVAL);
	puts("ok: vCPUs");
}

/* in $0x61; add $1; out $0x10; cpuid; rep outsb; hlt */
static const uint8_t code[] = {
	0xe4, 0x61,			/* in $0x61, %al */
	0x04, 0x01,			/* add $1, %al */
	0xe6, 0x10,			/* out %al, $0x10 */
	0x0f, 0xa2,			/* cpuid */
	0xb9, 0x05, 0x00,		/* mov $5, %cx */
	0xbe, 0x00, 0x30,		/* mov $0x3000, %si */
	0xba, 0xf8, 0x03,		/* mov $0x3f8, %dx */
	0xf3, 0x6e,			/* rep outsb */
	0xf4,				/* hlt */
};

static void finish_in(int fd)
{
	struct kvm_2006_regs r = { .vcpu = 0 };

	must(ioctl(fd, KVM_2006_GET_REGS, &r));
	equal(r.regs.rip, CODE_AT);
	r.regs.rax = 0x29;
	must(ioctl(fd, KVM_2006_SET_REGS, &r));
}

/* The first kvm_run, with what each exit must say. */
static void run_first(int fd)
{
	struct kvm_2006_run run = { .vcpu = 0 };

	set_start(fd, CODE_AT);
	must(ioctl(fd, KVM_2006_RUN, &run));
	equal(run.exit_type, KVM_2006_EXIT_TYPE_VM_EXIT);
	equal(run.exit_reason, KVM_EXIT_IO);
	equal(run.instruction_length, 2);
	equal(run.exit.io.direction, KVM_EXIT_IO_IN);
	equal(run.exit.io.port, 0x61);
	equal(run.exit.io.size, 1);
	finish_in(fd);
	run.emulated = 1;
	must(ioctl(fd, KVM_2006_RUN, &run));
	equal(run.emulated, 0);
	equal(run.exit.io.direction, KVM_EXIT_IO_OUT);
	equal(run.exit.io.value, 0x2a);
	run.emulated = 1;
	must(ioctl(fd, KVM_2006_RUN, &run));
	equal(run.exit_reason, KVM_2006_EXIT_CPUID);
	equal(run.instruction_length, 2);
	run.emulated = 1;
	must(ioctl(fd, KVM_2006_RUN, &run));
	equal(run.exit_reason, KVM_EXIT_IO);
	equal(run.exit.io.string, 1);
	equal(run.exit.io.rep, 1);
	equal(run.exit.io.count, 5);
	equal(run.exit.io.address, 0x3000);
	run.emulated = 1;
	must(ioctl(fd, KVM_2006_RUN, &run));
	equal(run.exit_reason, KVM_EXIT_HLT);
	puts("ok: kvm_run of 48 bytes");
}

static void run_2620(int fd)
{
	struct kvm_2620_run run = { .vcpu = 0, .cr8 = 3 };

	set_start(fd, CODE_AT);
	must(ioctl(fd, KVM_2620_RUN, &run));
	equal(run.exit_reason, KVM_EXIT_IO);
	equal(run.exit.io.port, 0x61);
	equal(run.if_flag, 0);
	equal(run.cr8, 3);
	equal(run.apic_base, 0xfee00900);
	run.cr8 = 16;
	refused(ioctl(fd, KVM_2620_RUN, &run), EINVAL);
	puts("ok: kvm_run of 72 bytes");
}

/* ---- events ---- */

/* One OUT, then the shadow of STI, then nothing but HLT. */
static const uint8_t window_code[] = {
	0xe6, 0x10,		/* out %al, $0x10 */
	0xfb,			/* sti */
	0x90,			/* nop */
	0xf4,			/* hlt */
};

static const uint8_t vector_code[] = {
	0xe6, 0x11,		/* out %al, $0x11 */
	0xcf,			/* iret */
};

#define VECTOR		0x20
#define VECTOR_AT	0x1800

static void run_emulated(int fd, struct kvm_2620_run *run, uint32_t reason)
{
	run->emulated = 1;
	must(ioctl(fd, KVM_2620_RUN, run));
	equal(run->exit_type, KVM_2006_EXIT_TYPE_VM_EXIT);
	equal(run->exit_reason, reason);
}

/* An interrupt goes in when the guest has said that it takes one. */
static void interrupts(int fd, uint8_t *all)
{
	struct kvm_2620_run run = { .vcpu = 0, .request_interrupt_window = 1 };
	struct kvm_2006_interrupt irq = { .vcpu = 0, .irq = VECTOR };
	const uint16_t gate[2] = { VECTOR_AT };

	memcpy(all + CODE_AT, window_code, sizeof(window_code));
	memcpy(all + VECTOR_AT, vector_code, sizeof(vector_code));
	memcpy(all + 4 * VECTOR, gate, sizeof(gate));
	set_start(fd, CODE_AT);
	must(ioctl(fd, KVM_2620_RUN, &run));
	equal(run.exit_reason, KVM_EXIT_IO);
	equal(run.ready_for_interrupt_injection, 0);
	equal(run.if_flag, 0);
	run_emulated(fd, &run, KVM_EXIT_IRQ_WINDOW_OPEN);
	equal(run.ready_for_interrupt_injection, 1);
	equal(run.if_flag, 1);
	must(ioctl(fd, KVM_2006_INTERRUPT, &irq));
	run.request_interrupt_window = 0;
	must(ioctl(fd, KVM_2620_RUN, &run));
	equal(run.exit_reason, KVM_EXIT_IO);
	equal(run.exit.io.port, 0x11);
	equal(run.if_flag, 0);
	run_emulated(fd, &run, KVM_EXIT_HLT);
	equal(run.if_flag, 1);
	run.request_interrupt_window = 2;
	refused(ioctl(fd, KVM_2620_RUN, &run), EINVAL);
	puts("ok: an interrupt and its window");
}

/* ---- stopped from outside ---- */

#define COUNT_AT	0x2000
#define END_AT		0x2002
#define STOPS		3

/* Counts in memory, without an exit, until it is told to end. */
static const uint8_t endless_code[] = {
	0xff, 0x06, 0x00, 0x20,		/* 1: incw 0x2000 */
	0x80, 0x3e, 0x02, 0x20, 0x00,	/* cmpb $0, 0x2002 */
	0x74, 0xf5,			/* je 1b */
	0xe6, 0x10,			/* out %al, $0x10 */
	0xf4,				/* hlt */
};

#define ENDLESS_BYTES	11

struct stopper {
	pthread_t runs;
	const volatile uint16_t *count;
};

static void on_stop(int signal)
{
	(void)signal;
}

/* When the count goes on, KVM_RUN is under way: the signal cannot come before it. */
static void *stop_guest(void *stopper)
{
	const struct stopper *s = stopper;
	const uint16_t before = *s->count;

	while (*s->count == before)
		usleep(100);
	pthread_kill(s->runs, SIGUSR1);
	return NULL;
}

/* One of the two kvm_run; the other is NULL. */
/* As exit_if_emulator_fault(): a run that came back by itself. */
static void expect_stopped(int fd, int ret)
{
	struct kvm_2006_regs r = { .vcpu = 0 };

	if (!ret && !ioctl(fd, KVM_2006_GET_REGS, &r) && r.regs.rip >> 63)
		exit(EMULATOR_FAULT);
	if (ret != -1)
		die("a run came back by itself");
	equal(errno, EINTR);
}

static void run_until_stopped(int fd, struct kvm_2006_run *first, struct kvm_2620_run *second,
			      const volatile uint16_t *count)
{
	struct stopper stopper = { pthread_self(), count };
	pthread_t thread;

	if (pthread_create(&thread, NULL, stop_guest, &stopper))
		die("a thread");
	if (first) {
		first->exit_type = KVM_2006_EXIT_TYPE_VM_EXIT;
		first->exit_reason = KVM_EXIT_IO;
		expect_stopped(fd, ioctl(fd, KVM_2006_RUN, first));
		equal(first->exit_type, 0);
		equal(first->exit_reason, KVM_EXIT_UNKNOWN);
	} else {
		second->exit_type = KVM_2006_EXIT_TYPE_VM_EXIT;
		second->exit_reason = KVM_EXIT_IO;
		expect_stopped(fd, ioctl(fd, KVM_2620_RUN, second));
		equal(second->exit_type, 0);
		equal(second->exit_reason, KVM_EXIT_UNKNOWN);
	}
	pthread_join(thread, NULL);
}

/* It stands in its loop, its registers and memory can be read, and it goes on. */
static void stopped(int fd, uint8_t *all)
{
	const struct sigaction action = { .sa_handler = on_stop };
	const volatile uint16_t *count = (uint16_t *)(all + COUNT_AT);
	struct kvm_2006_run first = { .vcpu = 0 };
	struct kvm_2620_run second = { .vcpu = 0 };
	struct kvm_2006_regs r = { .vcpu = 0 };

	must(sigaction(SIGUSR1, &action, NULL));
	memcpy(all + CODE_AT, endless_code, sizeof(endless_code));
	memset(all + COUNT_AT, 0, 4);
	set_start(fd, CODE_AT);
	for (int i = 0; i < 2 * STOPS; i++) {
		uint16_t shown;

		run_until_stopped(fd, i % 2 ? NULL : &first, &second, count);
		shown = *count;
		must(ioctl(fd, KVM_2006_GET_REGS, &r));
		if (r.regs.rip < CODE_AT || r.regs.rip >= CODE_AT + ENDLESS_BYTES)
			die("stopped at %#llx", (unsigned long long)r.regs.rip);
		must(ioctl(fd, KVM_2006_SET_REGS, &r));
		equal(*count, shown);
	}
	all[END_AT] = 1;
	must(ioctl(fd, KVM_2006_RUN, &first));
	equal(first.exit_reason, KVM_EXIT_IO);
	equal(first.exit.io.port, 0x10);
	first.emulated = 1;
	must(ioctl(fd, KVM_2006_RUN, &first));
	equal(first.exit_reason, KVM_EXIT_HLT);
	puts("ok: stopped from outside");
}

/* ---- ends ---- */

static bool on_vmx(int fd)
{
	struct devkvm_info info = { .size = sizeof(info) };

	must(ioctl(fd, DEVKVM_GET_INFO, &info));
	return !strcmp(info.backend, "vmx");
}

/* A triple fault: the first kvm_run has no name for it. */
static void shutdowns(int fd, uint8_t *all)
{
	const uint64_t hardware = on_vmx(fd) ? 2 : 0x7f;
	struct kvm_2006_sregs s = { .vcpu = 0 };

	all[CODE_AT] = 0xcc;		/* int3 */
	for (int first = 0; first < 2; first++) {
		struct kvm_2006_run run_48 = { .vcpu = 0 };
		struct kvm_2620_run run_72 = { .vcpu = 0 };

		set_start(fd, CODE_AT);
		must(ioctl(fd, KVM_2006_GET_SREGS, &s));
		s.sregs.idt.limit = 0;
		must(ioctl(fd, KVM_2006_SET_SREGS, &s));
		if (first) {
			must(ioctl(fd, KVM_2006_RUN, &run_48));
			equal(run_48.exit_type, KVM_2006_EXIT_TYPE_VM_EXIT);
			equal(run_48.exit_reason, KVM_EXIT_UNKNOWN);
			equal(run_48.exit.hw.hardware_exit_reason, hardware);
		} else {
			must(ioctl(fd, KVM_2620_RUN, &run_72));
			equal(run_72.exit_type, KVM_2006_EXIT_TYPE_VM_EXIT);
			equal(run_72.exit_reason, KVM_EXIT_SHUTDOWN);
		}
	}
	s.sregs.idt.limit = 0xffff;
	must(ioctl(fd, KVM_2006_SET_SREGS, &s));
	puts("ok: a shutdown");
}

/* A task register that no processor has: VMX refuses it, SVM does not look. */
static void failed_entry(int fd, uint8_t *all)
{
	struct kvm_2620_run run = { .vcpu = 0 };
	struct kvm_2006_sregs s = { .vcpu = 0 };
	struct kvm_segment good;

	all[CODE_AT] = 0xf4;		/* hlt */
	set_start(fd, CODE_AT);
	must(ioctl(fd, KVM_2006_GET_SREGS, &s));
	good = s.sregs.tr;
	s.sregs.tr.type = 8;
	must(ioctl(fd, KVM_2006_SET_SREGS, &s));
	must(ioctl(fd, KVM_2620_RUN, &run));
	if (on_vmx(fd)) {
		equal(run.exit_type, KVM_2006_EXIT_TYPE_FAIL_ENTRY);
		equal(run.exit_reason, 0x80000021);
	} else {
		equal(run.exit_type, KVM_2006_EXIT_TYPE_VM_EXIT);
		equal(run.exit_reason, KVM_EXIT_HLT);
	}
	s.sregs.tr = good;
	must(ioctl(fd, KVM_2006_SET_SREGS, &s));
	puts("ok: an entry that fails");
}

/* std; mov $0x3000, %si; mov $0x3f8, %dx; outsb; cld; hlt */
static const uint8_t down_code[] = { 0xfd, 0xbe, 0x00, 0x30, 0xba, 0xf8, 0x03, 0x6e, 0xfc, 0xf4 };

static void strings_down(int fd, uint8_t *all)
{
	struct kvm_2620_run run = { .vcpu = 0 };

	memcpy(all + CODE_AT, down_code, sizeof(down_code));
	set_start(fd, CODE_AT);
	must(ioctl(fd, KVM_2620_RUN, &run));
	equal(run.exit_reason, KVM_EXIT_IO);
	equal(run.exit.io.string, 1);
	equal(run.exit.io.string_down, 1);
	equal(run.exit.io.rep, 0);
	equal(run.exit.io.count, 1);
	equal(run.exit.io.address, 0x3000);
	run_emulated(fd, &run, KVM_EXIT_HLT);
	puts("ok: strings that go down");
}

/* ---- long mode ---- */

static void start_long(int fd, uint8_t *all)
{
	struct kvm_machine m = { .memory = all };
	struct kvm_2006_sregs s = { .vcpu = 0 };
	struct kvm_2006_regs r = { .vcpu = 0, .regs = { .rip = CODE_AT, .rflags = 2 } };

	make_tables(&m, LONG);
	must(ioctl(fd, KVM_2006_GET_SREGS, &s));
	s.sregs.cs = segment(CODE_SELECTOR, 11, true);
	s.sregs.ds = s.sregs.es = s.sregs.ss = segment(DATA_SELECTOR, 3, false);
	s.sregs.cr0 = 0x80000011;
	s.sregs.cr3 = PML4_AT;
	s.sregs.cr4 = 0x20;
	s.sregs.efer = 0x500;
	must(ioctl(fd, KVM_2006_SET_SREGS, &s));
	must(ioctl(fd, KVM_2006_SET_REGS, &r));
}

static void translations(int fd)
{
	static const struct {
		uint64_t linear, physical;
		uint8_t valid;
	} rows[] = {
		{ 0x1234, 0x1234, 1 },
		{ 0x1fffff, 0x1fffff, 1 },
		{ 0x200000, ~0ull, 0 },
		{ 0xffff800000001000, ~0ull, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kvm_2006_translation tr = {
			.linear_address = rows[i].linear, .usermode = 1,
		};

		must(ioctl(fd, KVM_2006_TRANSLATE, &tr));
		equal(tr.valid, rows[i].valid);
		equal(tr.physical_address, rows[i].physical);
		equal(tr.writeable, 1);
		equal(tr.usermode, 0);
	}
}

/* The task priority that the guest sets, up and down, is told with the next exit. */
static void long_mode(int fd, uint8_t *all)
{
	static const uint8_t cr8_code[] = {
		0xb8, 0x09, 0x00, 0x00, 0x00,	/* mov $9, %eax */
		0x44, 0x0f, 0x22, 0xc0,		/* mov %rax, %cr8 */
		0xb8, 0x02, 0x00, 0x00, 0x00,	/* mov $2, %eax */
		0x44, 0x0f, 0x22, 0xc0,		/* mov %rax, %cr8 */
		0xf4,				/* hlt */
	};
	struct kvm_2620_run run = { .vcpu = 0 };
	struct kvm_2006_sregs real = { .vcpu = 0 };

	must(ioctl(fd, KVM_2006_GET_SREGS, &real));
	memcpy(all + CODE_AT, cr8_code, sizeof(cr8_code));
	start_long(fd, all);
	translations(fd);
	must(ioctl(fd, KVM_2620_RUN, &run));
	equal(run.exit_reason, KVM_EXIT_HLT);
	equal(run.cr8, 2);
	must(ioctl(fd, KVM_2006_SET_SREGS, &real));
	puts("ok: long mode");
}

static void other_ioctls(int fd)
{
	struct kvm_2006_translation tr = { .linear_address = 0x1234, .vcpu = 0 };
	struct kvm_2006_interrupt irq = { .irq = 256 };
	struct kvm_2006_debug_guest debug = { .vcpu = 0 };
	struct {
		struct kvm_2006_msrs head;
		struct kvm_msr_entry entry;
	} msrs = { .head.nmsrs = 1, .entry.index = 0x174 };
	struct {
		struct kvm_msr_list head;
		uint32_t indices[64];
	} list = { .head.nmsrs = 0 };

	must(ioctl(fd, KVM_2006_TRANSLATE, &tr));
	equal(tr.valid, 1);
	equal(tr.physical_address, 0x1234);
	refused(ioctl(fd, KVM_2006_INTERRUPT, &irq), EINVAL);
	irq.vcpu = 5;
	refused(ioctl(fd, KVM_2006_INTERRUPT, &irq), EINVAL);
	debug.vcpu = 5;
	refused(ioctl(fd, KVM_2006_DEBUG_GUEST, &debug), EINVAL);
	refused(ioctl(fd, KVM_2006_DEBUG_GUEST, NULL), EFAULT);
	msrs.entry.data = 0x10;
	equal(ioctl(fd, KVM_2006_SET_MSRS, &msrs), 1);
	msrs.entry.data = 0;
	equal(ioctl(fd, KVM_2006_GET_MSRS, &msrs), 1);
	equal(msrs.entry.data, 0x10);
	msrs.head.vcpu = 5;
	refused(ioctl(fd, KVM_2006_SET_MSRS, &msrs), EINVAL);
	refused(ioctl(fd, KVM_2006_GET_MSR_INDEX_LIST, &list), E2BIG);
	equal(list.head.nmsrs > 9 && list.head.nmsrs < 64, 1);
	must(ioctl(fd, KVM_2006_GET_MSR_INDEX_LIST, &list));
	equal(list.indices[0], 0x10);
	puts("ok: the other ioctls");
}

/* mov $0xa000, %ax; mov %ax, %ds; addw %ax, 0x10; mov 0x10, %bx; hlt */
static const uint8_t device_code[] = {
	0xb8, 0x00, 0xa0,		/* mov $0xa000, %ax */
	0x8e, 0xd8,			/* mov %ax, %ds */
	0x01, 0x06, 0x10, 0x00,		/* add %ax, 0x10 */
	0x8b, 0x1e, 0x10, 0x00,		/* mov 0x10, %bx */
	0xf4,				/* hlt */
};

static void is_mmio(const struct kvm_2620_run *run, int write)
{
	equal(run->exit_type, KVM_2006_EXIT_TYPE_VM_EXIT);
	equal(run->exit_reason, KVM_EXIT_MMIO);
	equal(run->exit.mmio.phys_addr, 0xa0010);
	equal(run->exit.mmio.len, 2);
	equal(run->exit.mmio.is_write, write);
}

/* The hole at 640 KiB is a device's. */
static void mmio(int fd, uint8_t *all)
{
	struct kvm_2620_run run = { .vcpu = 0 };
	struct kvm_2006_regs r = { .vcpu = 0 };
	uint16_t value = 0x1234;

	memcpy(all + CODE_AT, device_code, sizeof(device_code));
	set_start(fd, CODE_AT);
	must(ioctl(fd, KVM_2620_RUN, &run));
	is_mmio(&run, 0);
	/* without an answer it is asked again */
	must(ioctl(fd, KVM_2620_RUN, &run));
	is_mmio(&run, 0);
	run.mmio_completed = 2;
	refused(ioctl(fd, KVM_2620_RUN, &run), EINVAL);
	run.mmio_completed = 1;
	memcpy(run.exit.mmio.data, &value, 2);
	must(ioctl(fd, KVM_2620_RUN, &run));
	equal(run.mmio_completed, 0);
	is_mmio(&run, 1);
	memcpy(&value, run.exit.mmio.data, 2);
	equal(value, 0xb234);
	run.mmio_completed = 1;
	refused(ioctl(fd, KVM_2620_RUN, &run), EINVAL);
	run.mmio_completed = 0;
	must(ioctl(fd, KVM_2620_RUN, &run));
	is_mmio(&run, 0);
	run.mmio_completed = 1;
	value = 0x5678;
	memcpy(run.exit.mmio.data, &value, 2);
	must(ioctl(fd, KVM_2620_RUN, &run));
	equal(run.exit_reason, KVM_EXIT_HLT);
	must(ioctl(fd, KVM_2006_GET_REGS, &r));
	equal(r.regs.rbx, 0x5678);
	puts("ok: MMIO");
}

/* mov %ax, 0x9ff0; movw $1, 0x4000; hlt */
static const uint8_t dirty_code[] = {
	0xa3, 0xf0, 0x9f,			/* mov %ax, 0x9ff0 */
	0xc7, 0x06, 0x00, 0x40, 0x01, 0x00,	/* movw $1, 0x4000 */
	0xf4,					/* hlt */
};

/* A bit for each of the 160 pages below the hole, in whole bytes. */
static void dirty_log(int fd, uint8_t *all)
{
	struct kvm_2620_run run = { .vcpu = 0 };
	uint8_t bits[21];
	struct kvm_2006_dirty_log log = { .slot = 0, .dirty_bitmap = (uintptr_t)bits };

	refused(ioctl(fd, KVM_2006_GET_DIRTY_LOG, NULL), EFAULT);
	refused(ioctl(fd, KVM_2006_GET_DIRTY_LOG, &log), ENOENT);
	log.slot = 3;
	refused(ioctl(fd, KVM_2006_GET_DIRTY_LOG, &log), ENOENT);
	log.slot = 4;
	refused(ioctl(fd, KVM_2006_GET_DIRTY_LOG, &log), EINVAL);
	log.slot = 0;
	memcpy(all + CODE_AT, dirty_code, sizeof(dirty_code));
	for (int round = 0; round < 2; round++) {
		must(region(fd, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, 0xa0000));
		set_start(fd, CODE_AT);
		must(ioctl(fd, KVM_2620_RUN, &run));
		equal(run.exit_reason, KVM_EXIT_HLT);
		memset(bits, 0xa5, sizeof(bits));
		must(ioctl(fd, KVM_2006_GET_DIRTY_LOG, &log));
		equal(bits[0], 1 << 4);
		equal(bits[1], 1 << 1);
		for (int i = 2; i < 20; i++)
			equal(bits[i], 0);
		equal(bits[20], 0xa5);
	}
	must(region(fd, 0, 0, 0, 0xa0000));
	refused(ioctl(fd, KVM_2006_GET_DIRTY_LOG, &log), ENOENT);
	puts("ok: the dirty log");
}

/* Single steps: into the exit of an OUT and past it. */
static void debugging(int fd, uint8_t *all)
{
	struct kvm_2006_debug_guest debug = { .vcpu = 0, .enabled = 1, .singlestep = 1 };
	struct kvm_2620_run run = { .vcpu = 0 };
	struct kvm_2006_regs r = { .vcpu = 0 };

	memcpy(all + CODE_AT, code + 2, 4);	/* add $1, %al; out %al, $0x10 */
	set_start(fd, CODE_AT);
	must(ioctl(fd, KVM_2006_DEBUG_GUEST, &debug));
	must(ioctl(fd, KVM_2620_RUN, &run));
	equal(run.exit_type, KVM_2006_EXIT_TYPE_VM_EXIT);
	equal(run.exit_reason, KVM_EXIT_DEBUG);
	must(ioctl(fd, KVM_2006_GET_REGS, &r));
	equal(r.regs.rip, CODE_AT + 2);
	must(ioctl(fd, KVM_2620_RUN, &run));
	equal(run.exit_reason, KVM_EXIT_IO);
	run.emulated = 1;
	must(ioctl(fd, KVM_2620_RUN, &run));
	equal(run.exit_reason, KVM_EXIT_DEBUG);
	must(ioctl(fd, KVM_2006_GET_REGS, &r));
	equal(r.regs.rip, CODE_AT + 4);
	debug.enabled = 0;
	must(ioctl(fd, KVM_2006_DEBUG_GUEST, &debug));
	puts("ok: single steps");
}

/* Four, met in turn; each that was met is left behind by RF. (TCG has none for a guest.) */
static void breakpoints(int fd, uint8_t *all)
{
	struct kvm_2006_debug_guest debug = { .vcpu = 0, .enabled = 1 };
	struct kvm_2620_run run = { .vcpu = 0 };
	struct kvm_2006_regs r = { .vcpu = 0 };

	memset(all + CODE_AT, 0x90, 8);		/* nop */
	all[CODE_AT + 8] = 0xf4;		/* hlt */
	for (int i = 0; i < 4; i++)
		debug.breakpoints[i] = (struct kvm_2006_breakpoint) {
			.enabled = 1, .address = CODE_AT + 2 * i,
		};
	must(ioctl(fd, KVM_2006_DEBUG_GUEST, &debug));
	set_start(fd, CODE_AT);
	for (int i = 0; i < 4; i++) {
		must(ioctl(fd, KVM_2620_RUN, &run));
		equal(run.exit_reason, KVM_EXIT_DEBUG);
		must(ioctl(fd, KVM_2006_GET_REGS, &r));
		equal(r.regs.rip, CODE_AT + 2 * i);
		r.regs.rflags |= 1 << 16;
		must(ioctl(fd, KVM_2006_SET_REGS, &r));
	}
	must(ioctl(fd, KVM_2620_RUN, &run));
	equal(run.exit_reason, KVM_EXIT_HLT);
	debug.enabled = 0;
	must(ioctl(fd, KVM_2006_DEBUG_GUEST, &debug));
	puts("ok: four breakpoints");
}

/* A machine of today from the same descriptor, and both go on. */
static void both(int fd)
{
	int vm = must(ioctl(fd, KVM_CREATE_VM, 0));
	int vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0));
	struct kvm_2006_regs r = { .vcpu = 0 };

	equal(must(ioctl(fd, KVM_GET_API_VERSION, 0)), 12);
	refused(ioctl(vm, KVM_2006_GET_REGS, &r), ENOTTY);
	refused(ioctl(vcpu, KVM_2006_GET_REGS, &r), EINVAL);
	must(ioctl(fd, KVM_2006_GET_REGS, &r));
	close(vcpu);
	close(vm);
	puts("ok: both protocols on one descriptor");
}

/* Another process may hold the descriptor, and do nothing with it. */
static void foreign(int fd)
{
	int status;
	pid_t pid = must(fork());

	if (!pid) {
		struct kvm_2006_regs r = { .vcpu = 0 };

		refused(ioctl(fd, KVM_2006_GET_REGS, &r), EIO);
		if (map(fd, 0, 4096) != MAP_FAILED)
			die("mapped");
		equal(errno, EIO);
		exit(0);
	}
	must(waitpid(pid, &status, 0));
	equal(status, 0);
	puts("ok: a child gets EIO");
}

/* kvm_legacy EMULATOR: guests of QEMU's TCG meet no breakpoint. */
int main(int argc, char **argv)
{
	bool on_tcg = argc == 2 && !strcmp(argv[1], "tcg");
	int fd = kvm_node();
	uint8_t *all;

	if (map(fd, 0, 4096) != MAP_FAILED || errno != ENODEV)
		die("a mapping without a machine");
	slots(fd);
	all = mappings(fd);
	zeroed(fd, all);
	vcpus(fd);
	memcpy(all + CODE_AT, code, sizeof(code));
	run_first(fd);
	run_2620(fd);
	mmio(fd, all);
	dirty_log(fd, all);
	debugging(fd, all);
	if (!on_tcg)
		breakpoints(fd, all);
	interrupts(fd, all);
	stopped(fd, all);
	strings_down(fd, all);
	shutdowns(fd, all);
	failed_entry(fd, all);
	long_mode(fd, all);
	other_ioctls(fd);
	both(fd);
	foreign(fd);
	close(fd);
	return 0;
}
