// SPDX-License-Identifier: GPL-2.0
#include "rules.h"

#define BIT_OF(n)	(1u << (n))
#define ACCESSES	(DEVKVM_RULE_READ | DEVKVM_RULE_WRITE)
#define FLAGS		(ACCESSES | DEVKVM_RULE_VALUE | DEVKVM_RULE_CR3)
#define CPLS		0xfu
#define CR3_ADDRESS	0x000ffffffffff000ull

/* What a rule about an event can say. */
static const struct {
	u32 last;		/* numbers end here; 0: it has none */
	bool accesses;		/* it is a read or a write */
	bool value;
} events[] = {
	[DEVKVM_EVENT_CR] = { 15, true, true },
	[DEVKVM_EVENT_DR] = { 7, true, true },
	[DEVKVM_EVENT_MSR] = { ~0u, true, true },
	[DEVKVM_EVENT_PORT] = { 0xffff, true, true },
	[DEVKVM_EVENT_CPUID] = { ~0u, false, true },
	[DEVKVM_EVENT_HLT] = { 0, false, false },
	[DEVKVM_EVENT_RDTSC] = { 0, false, false },
	[DEVKVM_EVENT_INVLPG] = { 0, false, true },
	[DEVKVM_EVENT_EXCEPTION] = { 31, false, true },
};

#define EVENTS	(sizeof(events) / sizeof(events[0]))

/* ---- checking ---- */

static bool well_formed(const struct devkvm_rule *rule)
{
	u32 accesses = rule->flags & ACCESSES;
	bool value = rule->flags & DEVKVM_RULE_VALUE;

	if (rule->event >= EVENTS || rule->action > DEVKVM_ACTION_DENY)
		return false;
	if (rule->flags & ~FLAGS || rule->cpl & ~CPLS)
		return false;
	if (rule->first > rule->last || rule->last > events[rule->event].last)
		return false;
	if (!accesses == events[rule->event].accesses)
		return false;
	if (value && (!events[rule->event].value || accesses & DEVKVM_RULE_READ))
		return false;
	return true;
}

/* Bits first to last, of 32. */
static u32 range(const struct devkvm_rule *rule)
{
	return (~0u >> (31 - rule->last)) & (~0u << rule->first);
}

static bool possible_in(const struct devkvm_rule *rule,
			const struct kvm_extra_exits *possible)
{
	switch (rule->event) {
	case DEVKVM_EVENT_CR:
		return !(rule->flags & DEVKVM_RULE_READ && range(rule) & ~possible->cr_read) &&
		       !(rule->flags & DEVKVM_RULE_WRITE && range(rule) & ~possible->cr_write);
	case DEVKVM_EVENT_RDTSC:
		return possible->rdtsc;
	case DEVKVM_EVENT_INVLPG:
		return possible->invlpg;
	case DEVKVM_EVENT_EXCEPTION:
		return !(range(rule) & ~possible->exceptions);
	default:
		return true;
	}
}

int kvm_rule_check(const struct devkvm_rule *rule,
		   const struct kvm_extra_exits *possible)
{
	if (!well_formed(rule))
		return -EINVAL;
	return possible_in(rule, possible) ? 0 : -EOPNOTSUPP;
}

u32 kvm_rules_events(const struct kvm_extra_exits *possible)
{
	u32 all = BIT_OF(EVENTS) - 1;

	if (!possible->rdtsc)
		all &= ~BIT_OF(DEVKVM_EVENT_RDTSC);
	if (!possible->invlpg)
		all &= ~BIT_OF(DEVKVM_EVENT_INVLPG);
	return all;
}

/* ---- what they need ---- */

void kvm_rule_exits(const struct devkvm_rule *rule, struct kvm_extra_exits *exits)
{
	if (rule->action == DEVKVM_ACTION_PASS)
		return;
	switch (rule->event) {
	case DEVKVM_EVENT_CR:
		if (rule->flags & DEVKVM_RULE_READ)
			exits->cr_read |= range(rule);
		if (rule->flags & DEVKVM_RULE_WRITE)
			exits->cr_write |= range(rule);
		break;
	case DEVKVM_EVENT_MSR:
		exits->msrs = true;
		break;
	case DEVKVM_EVENT_RDTSC:
		exits->rdtsc = true;
		break;
	case DEVKVM_EVENT_INVLPG:
		exits->invlpg = true;
		break;
	case DEVKVM_EVENT_EXCEPTION:
		exits->exceptions |= range(rule);
		break;
	}
}

/* ---- matching ---- */

static bool matches(const struct devkvm_rule *rule, const struct kvm_operation *op)
{
	u32 access = op->write ? DEVKVM_RULE_WRITE : DEVKVM_RULE_READ;

	if (rule->event != op->event || op->number < rule->first || op->number > rule->last)
		return false;
	if (events[rule->event].accesses && !(rule->flags & access))
		return false;
	if (rule->cpl && !(rule->cpl & BIT_OF(op->cpl)))
		return false;
	/* INS and OUTS have no value yet. */
	if (rule->flags & DEVKVM_RULE_VALUE &&
	    (op->string || (op->value & rule->mask) != rule->value))
		return false;
	return !(rule->flags & DEVKVM_RULE_CR3) ||
	       !((op->cr3 ^ rule->cr3) & CR3_ADDRESS);
}

int kvm_rules_match(const struct devkvm_rule *rules, int count,
		    const struct kvm_operation *operation)
{
	int i;

	for (i = 0; i < count; i++) {
		if (matches(&rules[i], operation))
			return i;
	}
	return -1;
}
