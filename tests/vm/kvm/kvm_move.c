// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_move GUEST EVERY [tcg]: runs a guest (as kvm_modes does) in one process, then in many:
 * after each EVERY-th exit its state is read, in the order in which QEMU does, and another
 * process makes a machine of its own, sets it and goes on. The guest tells the same.
 */
#include <sys/wait.h>

#include "transcript.h"

#define ON_TCG		0x2ff0
#define EXITS_MAX	1000
#define MSRS_MAX	128
#define MSRS_MIN	20
#define MOVED		0	/* exit status: there is more */
#define ENDED		77

struct one_msr {
	struct kvm_msrs head;
	struct kvm_msr_entry entry;
};

/* All that a machine with one vCPU is, beside its memory. */
struct state {
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	struct kvm_xsave xsave;
	struct kvm_xcrs xcrs;
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[MSRS_MAX];
	} msrs;
	struct kvm_vcpu_events events;
	struct kvm_mp_state mp_state;
	struct kvm_debugregs debugregs;
};

/* What the processes share. */
struct journey {
	uint8_t memory[GUEST_BYTES];
	struct state state;
	bool under_way;
	int waiting;		/* transcript.h's */
	int exits, lines;
	uint32_t told[EXITS_MAX];
	uint32_t end;		/* exit reason */
	struct kvm_sregs last;
};

static struct kvm_machine make_machine(struct journey *j)
{
	struct kvm_machine m = { .node = kvm_node(), .memory = j->memory };

	m.vm = must(ioctl(m.node, KVM_CREATE_VM, 0));
	must(kvm_slot(&m, 0, 0, GUEST_BYTES, m.memory));
	m.vcpu = kvm_add_vcpu(&m, 0);
	kvm_give_cpuid(&m);
	return m;
}

/* Those that the list names and the vCPU has: without banks there is no MCG_CTL. */
static void list_msrs(const struct kvm_machine *m, struct state *s)
{
	struct {
		struct kvm_msr_list head;
		uint32_t indices[MSRS_MAX];
	} list = { .head.nmsrs = MSRS_MAX };

	must(ioctl(m->node, KVM_GET_MSR_INDEX_LIST, &list));
	s->msrs.head.nmsrs = 0;
	for (uint32_t i = 0; i < list.head.nmsrs; i++) {
		struct one_msr msr = { { .nmsrs = 1 }, { .index = list.head.indices[i] } };

		if (ioctl(m->vcpu.fd, KVM_GET_MSRS, &msr) == 1)
			s->msrs.entries[s->msrs.head.nmsrs++].index = msr.entry.index;
	}
	if (s->msrs.head.nmsrs < MSRS_MIN)
		die("%u MSRs", s->msrs.head.nmsrs);
}

static void save(const struct kvm_machine *m, struct state *s)
{
	int fd = m->vcpu.fd;

	must(ioctl(fd, KVM_GET_MP_STATE, &s->mp_state));
	must(ioctl(fd, KVM_GET_REGS, &s->regs));
	must(ioctl(fd, KVM_GET_VCPU_EVENTS, &s->events));
	must(ioctl(fd, KVM_GET_XSAVE, &s->xsave));
	must(ioctl(fd, KVM_GET_XCRS, &s->xcrs));
	must(ioctl(fd, KVM_GET_SREGS, &s->sregs));
	list_msrs(m, s);
	equal(ioctl(fd, KVM_GET_MSRS, &s->msrs), s->msrs.head.nmsrs);
	must(ioctl(fd, KVM_GET_DEBUGREGS, &s->debugregs));
}

static void restore(const struct kvm_machine *m, struct state *s)
{
	int fd = m->vcpu.fd;

	must(ioctl(fd, KVM_SET_SREGS, &s->sregs));
	must(ioctl(fd, KVM_SET_REGS, &s->regs));
	must(ioctl(fd, KVM_SET_XSAVE, &s->xsave));
	must(ioctl(fd, KVM_SET_XCRS, &s->xcrs));
	equal(ioctl(fd, KVM_SET_MSRS, &s->msrs), s->msrs.head.nmsrs);
	must(ioctl(fd, KVM_SET_VCPU_EVENTS, &s->events));
	must(ioctl(fd, KVM_SET_MP_STATE, &s->mp_state));
	must(ioctl(fd, KVM_SET_DEBUGREGS, &s->debugregs));
}

/* An OUT is done when the guest runs again: now, without running. */
static void finish_exit(const struct kvm_vcpu *v)
{
	v->run->immediate_exit = 1;
	if (!ioctl(v->fd, KVM_RUN, 0) || errno != EINTR)
		die("KVM_RUN of the last exit");
	v->run->immediate_exit = 0;
}

/* One exit; false: it is the end. */
static bool run_once(struct journey *j, const struct kvm_vcpu *v)
{
	const struct kvm_run *run = v->run;

	if (j->exits++ == EXITS_MAX)
		die("no end");
	must(ioctl(v->fd, KVM_RUN, 0));
	exit_if_emulator_fault(v);
	if (run->exit_reason == KVM_EXIT_IO && run->io.port == PORT_IRQ)
		waiting = kvm_out_value(v);
	else if (run->exit_reason == KVM_EXIT_IO && run->io.port == PORT_TRACE)
		j->told[j->lines++] = kvm_out_value(v);
	else if (run->exit_reason != KVM_EXIT_IRQ_WINDOW_OPEN)
		return false;
	interrupt_when_ready(v);
	return true;
}

/* In a process of its own, which ends here. */
static void leg(struct journey *j, int every)
{
	struct kvm_machine m = make_machine(j);

	waiting = j->waiting;
	if (j->under_way)
		restore(&m, &j->state);
	else
		kvm_start_at(&m.vcpu, CODE_AT);
	m.vcpu.run->cr8 = j->under_way ? j->state.sregs.cr8 : 0;
	m.vcpu.run->request_interrupt_window = waiting >= 0;
	do {
		if (!run_once(j, &m.vcpu)) {
			j->end = m.vcpu.run->exit_reason;
			must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &j->last));
			exit(ENDED);
		}
	} while (j->exits % every);
	finish_exit(&m.vcpu);
	save(&m, &j->state);
	j->under_way = true;
	j->waiting = waiting;
	exit(MOVED);
}

static struct journey *travel(const uint8_t *code, size_t size, bool tcg, int every)
{
	struct journey *j = mmap(NULL, sizeof(*j), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	if (j == MAP_FAILED)
		die("memory");
	memcpy(j->memory + CODE_AT, code, size);
	j->memory[ON_TCG] = tcg;
	j->waiting = -1;
	do {
		pid_t pid = must(fork());

		if (!pid)
			leg(j, every);
		must(waitpid(pid, &status, 0));
	} while (status == MOVED << 8);
	if (status == EMULATOR_FAULT << 8)
		exit(EMULATOR_FAULT);
	equal(status, ENDED << 8);
	return j;
}

int main(int argc, char **argv)
{
	static uint8_t code[0x4000];
	struct journey *whole, *cut;
	size_t size;

	if (argc < 3)
		die("usage: kvm_move GUEST EVERY [tcg]");
	size = kvm_read_guest(argv[1], code, sizeof(code));
	whole = travel(code, size, argc > 3, EXITS_MAX);
	cut = travel(code, size, argc > 3, atoi(argv[2]));
	for (int i = 0; i < whole->lines && i < cut->lines; i++) {
		if (whole->told[i] != cut->told[i])
			die("line %d is %#x, not %#x", i, cut->told[i], whole->told[i]);
	}
	equal(cut->lines, whole->lines);
	equal(cut->end, whole->end);
	if (memcmp(&cut->last, &whole->last, sizeof(cut->last)))
		die("it ends with other registers");
	printf("ok: %d exits, %d lines, in another process every %s\n", cut->exits,
	       cut->lines, argv[2]);
	return 0;
}
