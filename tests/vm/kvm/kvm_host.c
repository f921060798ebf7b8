// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_host EMULATOR MOVES: a thread that uses what a processor has is as it was after each run
 * of its vCPU, while it moves between CPUs and clocks sample all of them: an LDT and its
 * selectors in DS to GS, bases of FS and GS of its own, a hardware breakpoint, protection
 * keys, wide registers, TSC_AUX, a port of its own. So is one that its tracer steps.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <cpuid.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <sys/io.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "../../count.h"
#include "canary.h"
#include "modes.h"

#define PORT		0x80	/* of POST codes: nobody listens */
#define STEP		4	/* runs between two moves */
#define SAVED		8	/* runs after which XSAVE is looked at; PKRU is 0 in four */
#define WATCHED_AT	0x20000	/* in this process, and in its guest */
#define AUX_AT		0x20010
#define MSR_TSC_AUX	0xc0000103
#define GUEST_AUX	0x12345678
#define ARMED_AT	0x30000	/* the guest's own breakpoint */
#define LIMIT		0xfffff
#define WORDS		(16 * 4)	/* YMM0 to YMM15 */
#define CR4_PKE		(1 << 22)
#define XSAVE_LEAF	0xd
#define XSAVE_PKRU	9	/* the component: its bit and its subleaf */
#define XSTATE_BV	(512 / 4)	/* of the words of an XSAVE image */
#define AVX_ON		(1u << 27 | 1u << 28)
#define MAX_CPUS	4
#define RING_BYTES	(16 * 4096)

#define LDT_SELECTOR(entry)	((entry) << 3 | 7)

/* Stores to WATCHED_AT; tells PKRU and adds 4 to it, or to a mere count; for ever. */
static const uint8_t pkru_code[] = {
	0xff, 0x04, 0x25, 0x00, 0x00, 0x02, 0x00,	/* 1: incl WATCHED_AT */
	0x0f, 0x01, 0xf9,				/* rdtscp */
	0x89, 0x0c, 0x25, 0x10, 0x00, 0x02, 0x00,	/* mov %ecx, AUX_AT */
	0x31, 0xc9,					/* xor %ecx, %ecx */
	0x0f, 0x01, 0xee,				/* rdpkru */
	0xe7, 0x10,					/* out %eax, $0x10 */
	0x83, 0xc0, 0x04,				/* add $4, %eax */
	0x0f, 0x01, 0xef,				/* wrpkru */
	0xeb, 0xe0,					/* jmp 1b */
};

static const uint8_t count_code[] = {
	0xff, 0x04, 0x25, 0x00, 0x00, 0x02, 0x00,	/* 1: incl WATCHED_AT */
	0x0f, 0x01, 0xf9,				/* rdtscp */
	0x89, 0x0c, 0x25, 0x10, 0x00, 0x02, 0x00,	/* mov %ecx, AUX_AT */
	0x89, 0xd8,					/* mov %ebx, %eax */
	0xe7, 0x10,					/* out %eax, $0x10 */
	0x83, 0xc3, 0x04,				/* add $4, %ebx */
	0xeb, 0xe6,					/* jmp 1b */
};

static bool has_pkru, has_avx, has_port, on_bochs;
static int cpus;

/* What the clocks have met. */
static struct perf_event_mmap_page *rings[MAX_CPUS];

struct sample {
	struct perf_event_header header;
	uint64_t rip;
	uint32_t pid, tid;
	uint64_t calls;		/* so many follow */
};

static void look_at_machine(void)
{
	unsigned int a, b, c, d;

	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	has_pkru = host_has_pkru();
	has_avx = __get_cpuid(1, &a, &b, &c, &d) && (c & AVX_ON) == AVX_ON;
}

/* RDTSCP is there if CPUID says so. */
static void give_tsc_aux(const struct kvm_machine *m)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msr = { { .nmsrs = 1 }, { .index = MSR_TSC_AUX, .data = GUEST_AUX } };

	kvm_give_cpuid(m);
	equal(ioctl(m->vcpu.fd, KVM_SET_MSRS, &msr), 1);
}

static struct kvm_machine make_guest(void)
{
	struct kvm_machine m = kvm_machine(pkru_code, sizeof(pkru_code));
	struct kvm_sregs sregs;

	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &sregs));
	start(&m, &sregs, LONG, IDT_BYTES - 1);
	give_tsc_aux(&m);
	if (!has_pkru) {
		memcpy(m.memory + CODE_AT, count_code, sizeof(count_code));
		return m;
	}
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.cr4 |= CR4_PKE;
	must(ioctl(m.vcpu.fd, KVM_SET_SREGS, &sregs));
	return m;
}

/* The guest's debug registers are in use, too. */
static void arm_guest(const struct kvm_machine *m)
{
	const struct kvm_debugregs regs = { .db = { ARMED_AT }, .dr6 = 0xffff0ff0, .dr7 = 0x10402 };

	must(ioctl(m->vcpu.fd, KVM_SET_DEBUGREGS, &regs));
}

static void move(int round)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(round % cpus, &set);
	must(sched_setaffinity(0, sizeof(set), &set));
}

/* ---- events ---- */

static int open_event(struct perf_event_attr attr, int pid, int cpu)
{
	attr.size = sizeof(attr);
	attr.exclude_hv = 1;
	return must(syscall(SYS_perf_event_open, &attr, pid, cpu, -1, 0));
}

/* As perf record -a does: each CPU is interrupted, and what it is at is looked at. */
static void sample_all_cpus(void)
{
	const struct perf_event_attr clock = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		/* in ns: Bochs' time is that of instructions, and short */
		.sample_period = on_bochs ? 200000 : 2000000,
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_CALLCHAIN,
	};

	equal(cpus <= MAX_CPUS, 1);
	for (int cpu = 0; cpu < cpus; cpu++) {
		rings[cpu] = mmap(NULL, 4096 + RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
				  open_event(clock, -1, cpu), 0);
		if (rings[cpu] == MAP_FAILED)
			die("no ring for the samples");
	}
}

/* Takes what the ring has: how often was this thread met in the kernel, and by which calls? */
static unsigned int samples_in(struct perf_event_mmap_page *ring)
{
	const uint8_t *data = (const uint8_t *)ring + 4096;
	const uint64_t head = __atomic_load_n(&ring->data_head, __ATOMIC_ACQUIRE);
	uint64_t at = ring->data_tail;
	unsigned int found = 0;
	struct sample sample;

	for (; at < head; at += sample.header.size) {
		for (size_t i = 0; i < sizeof(sample); i++)
			((uint8_t *)&sample)[i] = data[(at + i) % RING_BYTES];
		found += sample.header.type == PERF_RECORD_SAMPLE &&
			 (sample.header.misc & PERF_RECORD_MISC_CPUMODE_MASK) ==
				PERF_RECORD_MISC_KERNEL &&
			 sample.tid == (uint32_t)gettid() && sample.calls > 1;
	}
	equal(at, head);
	__atomic_store_n(&ring->data_tail, at, __ATOMIC_RELEASE);
	return found;
}

static unsigned int samples(void)
{
	unsigned int found = 0;

	for (int cpu = 0; cpu < cpus; cpu++)
		found += samples_in(rings[cpu]);
	return found;
}

static int watch(void)
{
	const struct perf_event_attr breakpoint = {
		.type = PERF_TYPE_BREAKPOINT,
		.bp_type = HW_BREAKPOINT_W,
		.bp_addr = WATCHED_AT,
		.bp_len = HW_BREAKPOINT_LEN_8,
		.exclude_kernel = 1,
	};

	return open_event(breakpoint, 0, -1);
}

static uint64_t hits(int event)
{
	uint64_t count;

	equal(read(event, &count, sizeof(count)), sizeof(count));
	return count;
}

/* ---- segments ---- */

static void make_ldt(void)
{
	for (unsigned int i = 0; i < 4; i++) {
		struct user_desc entry = {
			.entry_number = i, .limit = LIMIT, .seg_32bit = 1,
			.limit_in_pages = 1, .useable = 1,
		};

		must(syscall(SYS_modify_ldt, 1, &entry, sizeof(entry)));
	}
}

/* FS's base is the C library's: nothing comes between the selector and it. */
static void load_selectors(void)
{
	asm volatile("mov %0, %%ds\n"
		     "mov %1, %%es\n"
		     "rdfsbase %%rax\n"
		     "mov %2, %%fs\n"
		     "wrfsbase %%rax\n"
		     "mov %3, %%gs\n"
		     : : "r" (LDT_SELECTOR(0)), "r" (LDT_SELECTOR(1)), "r" (LDT_SELECTOR(2)),
			 "r" (LDT_SELECTOR(3)) : "rax");
}

static uint64_t fs_base(void)
{
	uint64_t value;

	asm volatile("rdfsbase %0" : "=r" (value));
	return value;
}

static uint64_t gs_base(void)
{
	uint64_t value;

	asm volatile("rdgsbase %0" : "=r" (value));
	return value;
}

static void check_segments(uint64_t fs, uint64_t gs)
{
	uint16_t selectors[4];
	unsigned int limit = 0;

	asm volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
		     : "=r" (selectors[0]), "=r" (selectors[1]), "=r" (selectors[2]),
		       "=r" (selectors[3]));
	for (int i = 0; i < 4; i++)
		equal(selectors[i], LDT_SELECTOR(i));
	equal(fs_base(), fs);
	equal(gs_base(), gs);
	asm volatile("lsl %1, %0" : "+r" (limit) : "r" (LDT_SELECTOR(3)) : "cc");
	equal(limit, (LIMIT + 1ull) * 4096 - 1);
}

/* ---- registers ---- */

#define ALL_YMM(insn) ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n" insn "\n.endr\n"

static void run_avx(const struct kvm_vcpu *v, const uint64_t canary[WORDS])
{
	uint64_t after[WORDS];
	long ret = SYS_ioctl;

	asm volatile(ALL_YMM("vmovdqu 32*\\n(%[in]), %%ymm\\n")
		     "syscall\n"
		     ALL_YMM("vmovdqu %%ymm\\n, 32*\\n(%[out])")
		     "vzeroupper\n"
		     : "+a" (ret)
		     : "D" ((long)v->fd), "S" ((long)KVM_RUN), "d" (0L),
		       [in] "r" (canary), [out] "r" (after)
		     : "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
		       "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
		       "xmm14", "xmm15");
	equal(ret, 0);
	if (memcmp(canary, after, sizeof(after)))
		die("wide registers have changed");
}

static void run(const struct kvm_vcpu *v, const uint64_t canary[WORDS])
{
	if (has_avx)
		run_avx(v, canary);
	else
		must(ioctl(v->fd, KVM_RUN, 0));
	exit_if_emulator_fault(v);
	equal(v->run->exit_reason, KVM_EXIT_IO);
}

/* What the kernel has put there for getcpu(): the CPU, as there is but one node. */
static unsigned int tsc_aux(void)
{
	unsigned int aux;

	asm volatile("rdtscp" : "=c" (aux) : : "eax", "edx");
	return aux;
}

/*
 * The guest's keys are in what is saved of it and come back from there, with a thread whose
 * own PKRU is 0, and thus not in use.
 */
static void save_and_restore(const struct kvm_vcpu *v, uint32_t pkru)
{
	struct kvm_xsave image;
	uint32_t size, offset, c, d;

	__cpuid_count(XSAVE_LEAF, XSAVE_PKRU, size, offset, c, d);
	must(ioctl(v->fd, KVM_GET_XSAVE, &image));
	if (pkru)
		equal(image.region[XSTATE_BV] >> XSAVE_PKRU & 1, 1);
	equal(image.region[offset / 4], pkru);
	must(ioctl(v->fd, KVM_SET_XSAVE, &image));
}

/* One run, and what there was before it. */
static void round_trip(const struct kvm_machine *m, uint32_t i, const uint64_t canary[WORDS])
{
	uint64_t fs = fs_base(), gs = 0x7000000000ull + i;
	uint32_t pkru = i << 2 & ~0xfu;		/* keys 0 and 1 stay open */

	asm volatile("wrgsbase %0" : : "r" (gs));
	if (has_pkru)
		write_pkru(pkru);
	run(&m->vcpu, canary);
	if (has_pkru)
		equal(read_pkru(), pkru);
	check_segments(fs, gs);
	equal(tsc_aux(), (unsigned int)sched_getcpu());
	if (has_port)
		outb(i, PORT);	/* by the bitmap in the TSS, whose limit VMX takes away */
	equal(*(uint32_t *)(m->memory + AUX_AT), GUEST_AUX);
	equal(kvm_out_value(&m->vcpu), 4 * i);
	if (has_pkru && i < SAVED)
		save_and_restore(&m->vcpu, 4 * i);
}

static void moving(int moves)
{
	volatile uint64_t *watched = mmap((void *)WATCHED_AT, 4096, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	struct kvm_machine m = make_guest();
	uint64_t canary[WORDS];
	unsigned int sampled = 0;
	int event;

	if (watched == MAP_FAILED)
		die("memory");
	for (int i = 0; i < WORDS; i++)
		canary[i] = 0x0123456789abcdefull * (i + 3);
	make_ldt();
	load_selectors();
	has_port = !ioperm(PORT, 1, 1);
	if (!has_port)
		equal(errno, ENOSYS);	/* the debug kernel has no such call */
	event = watch();
	samples();
	for (int i = 0; i < STEP * moves; i++) {
		if (i % STEP == 0) {
			move(i / STEP);
			sampled += samples();
		}
		if (i == STEP * moves / 2)
			arm_guest(&m);
		round_trip(&m, i, canary);
		*watched = i;
		equal(hits(event), i + 1);
	}
	equal(*(uint32_t *)(m.memory + WATCHED_AT), STEP * moves);
	kvm_close(&m);
	if (!sampled)
		die("no clock has met it");
	printf("ok: %d moves,%s%s breakpoint, LDT, %u samples\n", moves, has_pkru ? " PKRU," : "",
	       has_avx ? " AVX," : "", sampled);
}

/* ---- a tracer's steps ---- */

/* KVM_RUN in five instructions, the last of them RET. */
long stepped_run(int fd, long command, long zero);
extern const char stepped_return[];
asm(".text\n"
	"stepped_run: mov $16, %eax\n"
	"syscall\n"
	"nop\n"
	"nop\n"
	"stepped_return: ret\n");

#define STEPS	4
#define SYSCALL	0x050f	/* its bytes, 0f 05 */

static void stepped_child(uint32_t runs)
{
	struct kvm_machine m = make_guest();

	must(ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	for (uint32_t i = 0; i < runs; i++) {
		move(i);
		equal(stepped_run(m.vcpu.fd, KVM_RUN, 0), 0);
		exit_if_emulator_fault(&m.vcpu);
		equal(m.vcpu.run->exit_reason, KVM_EXIT_IO);
		equal(kvm_out_value(&m.vcpu), 4 * i);
	}
	_exit(0);
}

static uint64_t rip_of(pid_t child)
{
	struct user_regs_struct regs;

	must(ptrace(PTRACE_GETREGS, child, 0, &regs));
	return regs.rip;
}

/* On until it stops; false: it has ended, as it should. */
static bool resume(int request, pid_t child)
{
	int status;

	must(ptrace(request, child, 0, 0));
	must(waitpid(child, &status, 0));
	if (status == 0)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EMULATOR_FAULT)
		exit(EMULATOR_FAULT);
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
		die("the child's status is %#x", status);
	return true;
}

/*
 * Where it is after one instruction; 0: it has ended. (Bochs raises #DB behind a SYSCALL that
 * is stepped, in the kernel, which warns: there the step begins inside the call.)
 */
static uint64_t step(pid_t child)
{
	if (on_bochs && (uint16_t)ptrace(PTRACE_PEEKTEXT, child, rip_of(child), 0) == SYSCALL &&
	    !resume(PTRACE_SYSCALL, child))
		return 0;
	return resume(PTRACE_SINGLESTEP, child) ? rip_of(child) : 0;
}

static void stepping(uint32_t wanted)
{
	uint64_t begin = (uintptr_t)stepped_run, end = (uintptr_t)stepped_return, rip;
	uint32_t runs = 0;
	int status;
	pid_t child = must(fork());

	if (!child)
		stepped_child(wanted);
	must(waitpid(child, &status, 0));
	equal(WIFSTOPPED(status), 1);
	while ((rip = step(child))) {
		if (rip != begin)
			continue;
		runs++;
		for (int i = 1; i < STEPS; i++) {
			if (step(child) == end)
				die("%d steps", i);
		}
		equal(step(child), end);
	}
	equal(runs, wanted);
	printf("ok: %u runs in steps\n", runs);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		die("usage: kvm_host EMULATOR MOVES");
	setlinebuf(stdout);
	on_bochs = !strcmp(argv[1], "bochs");
	look_at_machine();
	sample_all_cpus();
	stepping(count_of(8, 1000));
	moving(atoi(argv[2]));
	return 0;
}
