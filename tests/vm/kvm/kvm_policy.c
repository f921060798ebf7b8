// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_policy GUEST [tcg]: runs tests/guests/policy.S under rules, and compares
 * what it tells with what it tells without. tcg: no INT3 of a guest exits.
 */
#include "transcript.h"

#define PORT_END	0x12
#define PORT_IN		0x20
#define PORT_OUT	0x21
#define SHOW_TSC	0x2ff0
#define IN_VALUE	0x5a
#define PML4		0x14000
#define LINES_MAX	200
#define STEPS		16
#define HALTED		0x4a17
#define DENIED		0xd0d

#define CR0_MP		2u
#define CR0_TS		8u

static uint8_t code[0x4000];
static size_t code_bytes;
static bool on_tcg, show_tsc;

/* ---- what the guest told, and what we saw ---- */

struct told {
	int count;
	uint32_t lines[LINES_MAX];
};

struct seen {
	uint32_t event, number;
	bool write;
	uint64_t value;
	uint8_t cpl;
	uint32_t rule;
};

static struct seen seen[LINES_MAX];
static int seen_count;

/* What to do about an exit; the answer is DEVKVM_ANSWER_PASS before. */
typedef void answer_fn(const struct kvm_machine *m, struct kvm_run *run);

static void see(const struct kvm_machine *m, answer_fn *answer)
{
	struct kvm_run *run = m->vcpu.run;

	if (seen_count == LINES_MAX)
		die("too many exits");
	seen[seen_count++] = (struct seen) {
		.event = run->policy.event, .number = run->policy.number,
		.write = run->policy.write, .value = run->policy.value,
		.cpl = run->policy.cpl, .rule = run->policy.rule,
	};
	if (answer)
		answer(m, run);
}

static void tell(struct told *told, uint32_t line)
{
	if (told->count == LINES_MAX)
		die("too many lines");
	told->lines[told->count++] = line;
}

/* One exit; false: the guest is at its end. */
static bool handle(const struct kvm_machine *m, struct told *told, answer_fn *answer)
{
	struct kvm_run *run = m->vcpu.run;

	switch (run->exit_reason) {
	case KVM_EXIT_SET_TPR:
		return true;	/* here is no interrupt controller */
	case DEVKVM_EXIT_POLICY:
		see(m, answer);
		return true;
	case KVM_EXIT_HLT:
		tell(told, HALTED);
		return true;
	case KVM_EXIT_IO:
		break;
	default:
		die("exit %u", run->exit_reason);
	}
	if (run->io.port == PORT_IN)
		((uint8_t *)run)[run->io.data_offset] = IN_VALUE;
	else if (run->io.port == PORT_TRACE)
		tell(told, kvm_out_value(&m->vcpu));
	else if (run->io.port == PORT_OUT)
		tell(told, 0x10000000 | kvm_out_value(&m->vcpu));
	return run->io.port != PORT_END;
}

static int set_rules(const struct kvm_machine *m, const struct devkvm_rule *rules,
		     uint32_t count)
{
	const struct devkvm_policy policy = {
		.rules = (uintptr_t)rules, .count = count,
	};

	return ioctl(m->vcpu.fd, DEVKVM_SET_POLICY, &policy);
}

static struct kvm_machine new_machine(void)
{
	struct kvm_machine m = kvm_machine(code, code_bytes);

	kvm_give_cpuid(&m);
	m.memory[SHOW_TSC] = show_tsc;
	return m;
}

static struct told run_under(const struct devkvm_rule *rules, uint32_t count,
			     answer_fn *answer)
{
	struct kvm_machine m = new_machine();
	struct told told = { 0 };

	seen_count = 0;
	if (count)
		must(set_rules(&m, rules, count));
	do {
		kvm_run_once(&m.vcpu);
	} while (handle(&m, &told, answer));
	kvm_close(&m);
	return told;
}

/* The n-th line after a step began. */
static uint32_t line_of(const struct told *told, int step, int n)
{
	for (int i = 0; i < told->count; i++) {
		if (told->lines[i] == 0x1000u + step)
			return i + 1 + n < told->count ? told->lines[i + 1 + n] : ~0u;
	}
	die("step %d never began", step);
}

static void same(const struct told *got, const struct told *want)
{
	for (int i = 0; i < want->count || i < got->count; i++) {
		if (i >= want->count || i >= got->count || got->lines[i] != want->lines[i])
			die("line %d is %#x, not %#x", i, got->lines[i], want->lines[i]);
	}
}

static struct devkvm_policy_info policy_info(void)
{
	struct devkvm_policy_info info = { .size = sizeof(info) };
	int node = kvm_node();

	must(ioctl(node, DEVKVM_GET_POLICY_INFO, &info));
	close(node);
	return info;
}

/* ---- all of it, let pass ---- */

#define R	DEVKVM_RULE_READ
#define W	DEVKVM_RULE_WRITE

/* What the guest does from its first step on, in its order. */
static const struct {
	uint32_t event, number;
	bool write;
	uint64_t value;
	uint8_t cpl;
} deeds[] = {
	{ DEVKVM_EVENT_CR, 3, false, 0, 0 },
	{ DEVKVM_EVENT_CR, 3, true, PML4, 0 },
	{ DEVKVM_EVENT_CR, 0, true, 0xe0000019, 0 },
	{ DEVKVM_EVENT_CR, 0, true, 0xe0000011, 0 },
	{ DEVKVM_EVENT_CR, 0, true, 0xe0000013, 0 },
	{ DEVKVM_EVENT_CR, 0, true, 0xe0000011, 0 },
	{ DEVKVM_EVENT_CR, 4, false, 0, 0 },
	{ DEVKVM_EVENT_CR, 4, true, 0x120, 0 },
	{ DEVKVM_EVENT_CR, 4, false, 0, 0 },
	{ DEVKVM_EVENT_CR, 8, true, 5, 0 },
	{ DEVKVM_EVENT_CR, 8, false, 0, 0 },
	{ DEVKVM_EVENT_CR, 8, true, 0, 0 },
	{ DEVKVM_EVENT_DR, 0, true, 0x1234, 0 },
	{ DEVKVM_EVENT_DR, 0, false, 0, 0 },
	{ DEVKVM_EVENT_MSR, 0xc0000102, true, 0x5555, 0 },
	{ DEVKVM_EVENT_MSR, 0xc0000102, false, 0, 0 },
	{ DEVKVM_EVENT_PORT, PORT_IN, false, 0, 0 },
	{ DEVKVM_EVENT_PORT, PORT_OUT, true, 0xbeef, 0 },
	{ DEVKVM_EVENT_CPUID, 0x40000123, false, 3, 0 },
	{ DEVKVM_EVENT_RDTSC, 0, false, 0, 0 },
	{ DEVKVM_EVENT_INVLPG, 0, false, 0x3180, 0 },
	{ DEVKVM_EVENT_INVLPG, 0, false, 0, 0 },	/* somewhere in the code */
	{ DEVKVM_EVENT_HLT, 0, false, 0, 0 },
	{ DEVKVM_EVENT_EXCEPTION, 6, false, 0, 0 },
	{ DEVKVM_EVENT_EXCEPTION, 14, false, 0, 0 },
	{ DEVKVM_EVENT_MSR, 0x12345, true, 0, 0 },
	{ DEVKVM_EVENT_EXCEPTION, 13, false, 0, 0 },
	{ DEVKVM_EVENT_MSR, 0xc0000081, true, 0, 0 },
	{ DEVKVM_EVENT_MSR, 0xc0000082, true, 0, 0 },
	{ DEVKVM_EVENT_MSR, 0xc0000084, true, 0, 0 },
	{ DEVKVM_EVENT_CPUID, 0x40000123, false, 0, 3 },
	{ DEVKVM_EVENT_EXCEPTION, 3, false, 0, 0 },
};

/* Rules for all that this processor can tell. */
static uint32_t all_rules(struct devkvm_rule *rules, uint32_t action)
{
	const struct devkvm_policy_info info = policy_info();
	uint32_t n = 0;

	for (int i = 0; i < 16; i++) {
		uint32_t flags = (info.cr_read >> i & 1 ? R : 0) |
				 (info.cr_write >> i & 1 ? W : 0);

		if (flags)
			rules[n++] = (struct devkvm_rule) {
				.event = DEVKVM_EVENT_CR, .flags = flags,
				.first = i, .last = i, .action = action,
			};
	}
	rules[n++] = (struct devkvm_rule) {
		.event = DEVKVM_EVENT_DR, .flags = R | W, .last = 7, .action = action,
	};
	rules[n++] = (struct devkvm_rule) {
		.event = DEVKVM_EVENT_MSR, .flags = R | W, .last = ~0u, .action = action,
	};
	rules[n++] = (struct devkvm_rule) {
		.event = DEVKVM_EVENT_PORT, .flags = R | W, .first = PORT_IN,
		.last = PORT_OUT, .action = action,
	};
	rules[n++] = (struct devkvm_rule) {
		.event = DEVKVM_EVENT_CPUID, .last = ~0u, .action = action,
	};
	rules[n++] = (struct devkvm_rule) { .event = DEVKVM_EVENT_HLT, .action = action };
	rules[n++] = (struct devkvm_rule) { .event = DEVKVM_EVENT_RDTSC, .action = action };
	rules[n++] = (struct devkvm_rule) { .event = DEVKVM_EVENT_INVLPG, .action = action };
	/* #GP comes also of what is not watched: its own rule, where it is wanted. */
	rules[n++] = (struct devkvm_rule) {
		.event = DEVKVM_EVENT_EXCEPTION, .first = 6, .last = 6, .action = action,
	};
	return n;
}

static uint32_t with_exceptions(struct devkvm_rule *rules, uint32_t n)
{
	static const uint8_t vectors[] = { 3, 13, 14 };

	for (size_t i = 0; i < sizeof(vectors); i++)
		rules[n++] = (struct devkvm_rule) {
			.event = DEVKVM_EVENT_EXCEPTION,
			.first = vectors[i], .last = vectors[i],
		};
	return n;
}

static bool can_tell(const struct devkvm_policy_info *info, int deed)
{
	/* An MSR that is refused raises #GP here, not in the processor. */
	if (deeds[deed].event == DEVKVM_EVENT_EXCEPTION)
		return deeds[deed].number != 13 && !(on_tcg && deeds[deed].number == 3);
	if (deeds[deed].event != DEVKVM_EVENT_CR || deeds[deed].write)
		return true;
	return info->cr_read >> deeds[deed].number & 1;
}

/* The first deed is the first read or write of CR3 in 64-bit code. */
static int first_seen(void)
{
	for (int i = 0; i < seen_count; i++) {
		if (seen[i].event == DEVKVM_EVENT_CR && seen[i].number == 3 && !seen[i].write)
			return i;
	}
	die("CR3 was not seen to be read");
}

static void check_seen(void)
{
	const struct devkvm_policy_info info = policy_info();
	int at = first_seen();

	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		const struct seen *s = &seen[at];

		if (!can_tell(&info, i))
			continue;
		if (at++ == seen_count)
			die("deed %zu was not seen", i);
		if (s->event != deeds[i].event || s->number != deeds[i].number ||
		    s->write != deeds[i].write || s->cpl != deeds[i].cpl ||
		    (deeds[i].value && s->value != deeds[i].value))
			die("deed %zu is event %u of %#x, write %d, value %#llx, CPL %u", i,
			    s->event, s->number, s->write, (unsigned long long)s->value,
			    s->cpl);
	}
	equal(seen_count, at);
}

static void try_passing(const struct told *plain)
{
	struct devkvm_rule rules[DEVKVM_RULES_MAX];
	uint32_t n = with_exceptions(rules, all_rules(rules, DEVKVM_ACTION_EXIT));
	struct told told = run_under(rules, n, NULL);

	same(&told, plain);
	check_seen();
	printf("ok: %d operations seen and let pass\n", seen_count);
	/* Rules that only let pass hide those behind them. */
	n = all_rules(rules, DEVKVM_ACTION_PASS);
	n += all_rules(rules + n, DEVKVM_ACTION_EXIT);
	told = run_under(rules, n, NULL);
	same(&told, plain);
	equal(seen_count, 0);
	puts("ok: rules that let pass");
}

/* ---- answers ---- */

/* Values that no guest would find by itself; what is written is left out. */
static void answer_all(const struct kvm_machine *m, struct kvm_run *run)
{
	static const uint64_t cpuid[4] = { 0xa0, 0xb0, 0xc0, 0xd0 };
	struct kvm_sregs sregs;

	must(ioctl(m->vcpu.fd, KVM_GET_SREGS, &sregs));
	/* Before the first step it may go its way. */
	if (!(sregs.efer & 0x400) || sregs.idt.base != 0x17000)
		return;
	if (run->policy.event == DEVKVM_EVENT_EXCEPTION) {
		struct kvm_regs regs;

		/* Behind it: the exception goes, whatever the answer. */
		must(ioctl(m->vcpu.fd, KVM_GET_REGS, &regs));
		regs.rip += regs.r13;
		must(ioctl(m->vcpu.fd, KVM_SET_REGS, &regs));
		return;
	}
	/* SYSCALL's MSRs must be there for the way back from CPL 3. */
	if (run->policy.event == DEVKVM_EVENT_MSR && run->policy.number != 0xc0000102)
		return;
	run->policy.answer = DEVKVM_ANSWER_VALUE;
	run->policy.result[0] = 0x12345678 + run->policy.event;
	if (run->policy.event == DEVKVM_EVENT_CPUID)
		memcpy(run->policy.result, cpuid, sizeof(cpuid));
}

static void try_answering(const struct told *plain)
{
	struct devkvm_rule rules[DEVKVM_RULES_MAX];
	uint32_t n = all_rules(rules, DEVKVM_ACTION_EXIT);
	struct told told;

	rules[n++] = (struct devkvm_rule) {
		.event = DEVKVM_EVENT_EXCEPTION, .first = 14, .last = 14,
	};
	show_tsc = true;
	told = run_under(rules, n, answer_all);
	show_tsc = false;
	equal(line_of(&told, 0, 0), 0x12345678);
	for (int i = 0; i < 4; i++)	/* no write to CR0 has happened */
		equal(line_of(&told, 1, i), line_of(plain, 1, 1));
	for (int i = 0; i < 2; i++)	/* nor to CR4 */
		equal(line_of(&told, 2, i), policy_info().cr_read >> 4 & 1 ?
		      0x12345678 : line_of(plain, 2, 0));
	equal(line_of(&told, 3, 0), 0x12345678);
	equal(line_of(&told, 4, 0), 0x12345678 + DEVKVM_EVENT_DR);
	equal(line_of(&told, 5, 0), 0x12345678 + DEVKVM_EVENT_MSR);
	equal(line_of(&told, 6, 0), 0x11223300 + (0x78 + DEVKVM_EVENT_PORT));
	equal(line_of(&told, 6, 1), 0x1007);	/* no OUT */
	for (int i = 0; i < 4; i++)
		equal(line_of(&told, 7, i), 0xa0u + 0x10 * i);
	equal(line_of(&told, 8, 0), 0x12345678 + DEVKVM_EVENT_RDTSC);
	equal(line_of(&told, 8, 1), 0);
	equal(line_of(&told, 10, 0), 0x100b);	/* no HLT */
	equal(line_of(&told, 11, 0), 0x100c);	/* no #UD */
	equal(line_of(&told, 12, 0), 0x100d);	/* no #PF */
	equal(line_of(&told, 14, 0), 0xd0);
	puts("ok: answers");
}

/* ---- denied ---- */

/* Rules for all that the guest can do without until its last step. */
static uint32_t deniable(struct devkvm_rule *rules, uint32_t action)
{
	uint32_t count = all_rules(rules, action);

	for (struct devkvm_rule *rule = rules; rule < rules + count; rule++) {
		/* On the way to the first step it writes CR0, CR3, CR4 and EFER. */
		if (rule->event == DEVKVM_EVENT_MSR)
			rule->first = rule->last = 0xc0000102;
		if (rule->event == DEVKVM_EVENT_CPUID)
			rule->cpl = 1;
		if (rule->event == DEVKVM_EVENT_CR && rule->first < 8) {
			rule->flags |= DEVKVM_RULE_CR3;
			rule->flags &= ~R;
			rule->cr3 = PML4;
		}
		if (rule->event == DEVKVM_EVENT_CR && rule->first == 0) {
			rule->flags |= DEVKVM_RULE_VALUE;
			rule->mask = rule->value = CR0_TS;
		}
	}
	return count;
}

static void deny(const struct kvm_machine *m, struct kvm_run *run)
{
	(void)m;
	run->policy.answer = DEVKVM_ANSWER_DENY;
	run->policy.result[0] = 0x12345678;	/* nobody looks */
}

/* By the rule itself, or by the owner's answer. */
static void try_denying(uint32_t action, answer_fn *answer)
{
	static const int faults[] = { 1, 1, 1, 3, 2, 2, 2, 1, 1, 2, 1, 1 };
	const int steps = sizeof(faults) / sizeof(faults[0]);
	struct devkvm_rule rules[DEVKVM_RULES_MAX];
	struct told told = run_under(rules, deniable(rules, action), answer);
	int count, all = 0;

	for (int step = 0; step < steps; step++) {
		count = 0;
		for (int i = 0; line_of(&told, step, i) != 0x1001u + step; i++)
			count += line_of(&told, step, i) == DENIED;
		equal(count, faults[step]);
		all += count;
	}
	equal(seen_count, answer ? all : 0);
	printf("ok: denied by %s\n", answer ? "answers" : "rules");
}

/* ---- filters ---- */

static int count_under(const struct devkvm_rule *rule)
{
	run_under(rule, 1, NULL);
	return seen_count;
}

static void try_filters(void)
{
	struct devkvm_rule cpuid = { .event = DEVKVM_EVENT_CPUID, .last = ~0u };
	struct devkvm_rule out = {
		.event = DEVKVM_EVENT_PORT, .flags = W | DEVKVM_RULE_VALUE,
		.first = PORT_OUT, .last = PORT_OUT, .mask = 0xff, .value = 0xef,
	};
	struct devkvm_rule cr0 = {
		.event = DEVKVM_EVENT_CR, .flags = W | DEVKVM_RULE_VALUE,
		.mask = CR0_TS, .value = CR0_TS,
	};

	equal(count_under(&cpuid), 2);
	cpuid.cpl = 1 << 3;
	equal(count_under(&cpuid), 1);
	equal(seen[0].cpl, 3);
	cpuid.cpl = 1 << 1 | 1 << 2;
	equal(count_under(&cpuid), 0);
	cpuid.cpl = 0;
	cpuid.first = cpuid.last = 0x40000123;
	cpuid.flags = DEVKVM_RULE_VALUE;
	cpuid.mask = ~0ull;
	cpuid.value = 3;	/* the subleaf */
	equal(count_under(&cpuid), 1);
	cpuid.flags = DEVKVM_RULE_CR3;
	cpuid.cr3 = PML4;
	equal(count_under(&cpuid), 2);
	cpuid.cr3 = PML4 + 0x1000;
	equal(count_under(&cpuid), 0);
	cpuid.first = cpuid.last = 0x40000124;
	cpuid.flags = 0;
	equal(count_under(&cpuid), 0);
	equal(count_under(&out), 1);
	out.value = 0xee;
	equal(count_under(&out), 0);
	out.flags = R | W;
	equal(count_under(&out), 1);
	/* CR0.TS is set once; PE, PG and MP change without us. */
	equal(count_under(&cr0), 1);
	equal(seen[0].value & (CR0_TS | CR0_MP), CR0_TS);
	puts("ok: filters");
}

/* ---- two interrupts, the first cut short by an exception ---- */

#define FIRST		0x30u
#define SECOND		0x31u
#define PORT_HANDLER	0x20
#define IDT_POINTER	0x2f00

static const uint8_t spin[] = {
	0xfb,			/* sti */
	0xb0, 0x01,		/* mov $1, %al */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xeb, 0xfa,		/* jmp to the mov */
};

/* Says its number; that of #GP makes the IDT as large as it must be. */
static void make_handler(const struct kvm_machine *m, uint8_t vector)
{
	const uint8_t handler[] = {
		0x0f, 0x01, 0x1e, 0x00, 0x2f,	/* lidt IDT_POINTER */
		0xb0, vector,			/* mov $vector, %al */
		0xe6, PORT_HANDLER,		/* out %al, $PORT_HANDLER */
		0xcf,				/* iret */
	};
	uint16_t at = 0x1100 + vector * 16;

	memcpy(m->memory + at, handler, sizeof(handler));
	memcpy(m->memory + vector * 4, &(uint16_t [2]) { at }, 4);
}

static void interrupt(const struct kvm_machine *m, uint32_t vector)
{
	must(ioctl(m->vcpu.fd, KVM_INTERRUPT, &(struct kvm_interrupt) { .irq = vector }));
}

/* A machine whose IDT ends before FIRST, which waits; and its #GP exits. */
static struct kvm_machine machine_with_short_idt(void)
{
	const struct devkvm_rule rule = {
		.event = DEVKVM_EVENT_EXCEPTION, .first = 13, .last = 13,
	};
	struct kvm_machine m = kvm_machine(spin, sizeof(spin));
	struct kvm_sregs sregs;

	make_handler(&m, 13);
	make_handler(&m, FIRST);
	make_handler(&m, SECOND);
	*(uint16_t *)(m.memory + IDT_POINTER) = 0x3ff;
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.idt.limit = FIRST * 4 - 1;
	must(ioctl(m.vcpu.fd, KVM_SET_SREGS, &sregs));
	equal(kvm_next_out(&m.vcpu), 1);
	must(set_rules(&m, &rule, 1));
	interrupt(&m, FIRST);
	kvm_run_once(&m.vcpu);
	equal(m.vcpu.run->exit_reason, DEVKVM_EXIT_POLICY);
	equal(m.vcpu.run->policy.number, 13);
	return m;
}

/* What the next handler says; between two the guest itself may get a word in. */
static uint32_t next_handler(const struct kvm_machine *m)
{
	for (int i = 0; i < 10; i++) {
		uint32_t said = kvm_next_out(&m->vcpu);

		if (m->vcpu.run->io.port == PORT_HANDLER)
			return said;
	}
	return 0;
}

/* early: the second comes before the exception is dealt with, or after. */
static void two_interrupts(bool early)
{
	struct kvm_machine m = machine_with_short_idt();

	if (early)
		interrupt(&m, SECOND);
	equal(next_handler(&m), 13);
	if (!early)
		interrupt(&m, SECOND);
	equal(m.vcpu.run->ready_for_interrupt_injection, 0);
	equal(next_handler(&m), FIRST);
	equal(next_handler(&m), SECOND);
	equal(next_handler(&m), 0);
	kvm_close(&m);
}

static void try_interrupts(void)
{
	two_interrupts(true);
	two_interrupts(false);
	puts("ok: an interrupt cut short and one behind it");
}

/* ---- who asks for what is not ---- */

static void refused(int ret, int error, const char *what)
{
	if (ret != -1 || errno != error)
		die("%s: %d, not errno %d", what, ret, error);
}

static void try_refusals(const struct told *plain)
{
	const struct devkvm_policy_info info = policy_info();
	struct kvm_machine m = new_machine();
	struct devkvm_rule rules[DEVKVM_RULES_MAX + 1] = { { .event = DEVKVM_EVENT_HLT } };
	struct devkvm_rule cr = { .event = DEVKVM_EVENT_CR };
	struct devkvm_policy policy = { .rules = (uintptr_t)rules, .count = 1, .reserved = 1 };
	struct devkvm_policy_info wrong = { .size = DEVKVM_POLICY_INFO_SIZE_MIN - 1 };
	struct told told = { 0 };
	int ret;

	equal(info.rules_max, DEVKVM_RULES_MAX);
	refused(ioctl(m.node, DEVKVM_GET_POLICY_INFO, &wrong), EINVAL, "too small");
	refused(ioctl(m.node, DEVKVM_GET_POLICY_INFO, NULL), EFAULT, "no argument");
	refused(ioctl(m.vcpu.fd, DEVKVM_SET_POLICY, NULL), EFAULT, "no argument");
	refused(ioctl(m.vcpu.fd, DEVKVM_SET_POLICY, &policy), EINVAL, "reserved");
	refused(set_rules(&m, rules, DEVKVM_RULES_MAX + 1), EINVAL, "too many");
	refused(set_rules(&m, rules, ~0u), EINVAL, "far too many");
	refused(set_rules(&m, NULL, 1), EFAULT, "no rules");
	for (int i = 0; i < 16; i++) {
		for (uint32_t access = R; access <= W; access++) {
			uint32_t can = access == R ? info.cr_read : info.cr_write;

			cr.first = cr.last = i;
			cr.flags = access;
			ret = set_rules(&m, &cr, 1);
			if (can >> i & 1)
				must(ret);
			else
				refused(ret, EOPNOTSUPP, "a control register");
		}
	}
	must(set_rules(&m, rules, 1));
	rules[0].cpl = 1;
	rules[1] = (struct devkvm_rule) { .event = 99 };
	refused(set_rules(&m, rules, 2), EINVAL, "the second rule");
	/* The rule before still holds; an answer that is none is refused. */
	while (m.vcpu.run->exit_reason != DEVKVM_EXIT_POLICY) {
		kvm_run_once(&m.vcpu);
		handle(&m, &told, NULL);
	}
	for (uint32_t answer = 3; answer; answer <<= 1) {
		m.vcpu.run->policy.answer = answer;
		refused(ioctl(m.vcpu.fd, KVM_RUN, 0), EINVAL, "an answer");
	}
	/* The rules go, and the question with its answer stays. */
	must(set_rules(&m, NULL, 0));
	m.vcpu.run->policy.answer = DEVKVM_ANSWER_PASS;
	do {
		kvm_run_once(&m.vcpu);
	} while (handle(&m, &told, NULL));
	same(&told, plain);
	kvm_close(&m);
	puts("ok: refusals");
}

int main(int argc, char **argv)
{
	struct told plain;

	if (argc < 2)
		die("usage: kvm_policy GUEST [tcg]");
	on_tcg = argc > 2;
	code_bytes = kvm_read_guest(argv[1], code, sizeof(code));
	plain = run_under(NULL, 0, NULL);
	equal(line_of(&plain, 10, 0), HALTED);
	equal(line_of(&plain, 12, 0), 14);
	equal(line_of(&plain, 12, 2), 0x200123);
	equal(line_of(&plain, 13, 0), DENIED);
	try_passing(&plain);
	try_answering(&plain);
	try_denying(DEVKVM_ACTION_DENY, NULL);
	try_denying(DEVKVM_ACTION_EXIT, deny);
	try_filters();
	try_interrupts();
	try_refusals(&plain);
	return 0;
}
