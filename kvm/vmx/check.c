// SPDX-License-Identifier: GPL-2.0
#include "check.h"

#include "../mmu/walk.h"
#include "../x86/pat.h"

/* Encodings of fields: SDM volume 3D, appendix B. Those of segments are one after the other. */
#define FIELD_SELECTOR(seg)	(0x0800 + 2 * (seg))
#define FIELD_LIMIT(seg)	(0x4800 + 2 * (seg))
#define FIELD_RIGHTS(seg)	(0x4814 + 2 * (seg))
#define FIELD_BASE(seg)		(0x6806 + 2 * (seg))
#define FIELD_LINK_POINTER	0x2800
#define FIELD_PAT		0x2804
#define FIELD_EFER		0x2806
#define FIELD_PDPTE(i)		(0x280a + 2 * (i))
#define FIELD_GDT_LIMIT		0x4810
#define FIELD_IDT_LIMIT		0x4812
#define FIELD_INTERRUPTIBILITY	0x4824
#define FIELD_ACTIVITY		0x4826
#define FIELD_CR0		0x6800
#define FIELD_CR3		0x6802
#define FIELD_CR4		0x6804
#define FIELD_GDT_BASE		0x6816
#define FIELD_IDT_BASE		0x6818
#define FIELD_DR7		0x681a
#define FIELD_RIP		0x681e
#define FIELD_RFLAGS		0x6820
#define FIELD_PENDING_DEBUG	0x6822
#define FIELD_SYSENTER_ESP	0x6824
#define FIELD_SYSENTER_EIP	0x6826

#define CR0_PE		(1ull << 0)
#define CR0_PG		(1ull << 31)
#define CR4_PAE		(1ull << 5)
#define CR4_PCIDE	(1ull << 17)
#define EFER_DEFINED	0xd01ull	/* SCE, LME, LMA, NXE */
#define EFER_LME	(1ull << 8)
#define EFER_LMA	(1ull << 10)

#define FLAGS_RESERVED	(~0x3fffffull | 1 << 15 | 1 << 5 | 1 << 3)
#define FLAGS_ONE	(1ull << 1)
#define FLAG_TF		(1ull << 8)
#define FLAG_IF		(1ull << 9)
#define FLAG_VM		(1ull << 17)

#define BLOCKED_STI	(1u << 0)
#define BLOCKED_MOV_SS	(1u << 1)
#define BLOCKED_NMI	(1u << 3)
#define PENDING_BS	(1ull << 14)

#define EVENT_VALID	(1u << 31)
#define EVENT_TYPE(event) ((event) >> 8 & 7)
#define TYPE_EXTERNAL	0
#define TYPE_NMI	2

/* Access rights: those of a descriptor, and "unusable". */
#define RIGHTS_TYPE	15u
#define RIGHTS_S	(1u << 4)
#define RIGHTS_DPL(r)	((r) >> 5 & 3)
#define RIGHTS_P	(1u << 7)
#define RIGHTS_L	(1u << 13)
#define RIGHTS_DB	(1u << 14)
#define RIGHTS_G	(1u << 15)
#define RIGHTS_UNUSABLE	(1u << 16)
#define RIGHTS_RESERVED	(0xfu << 8 | 0x7fffu << 17)
#define TYPE_ACCESSED	1u
#define TYPE_WRITABLE	2u	/* of data; of code: may be read */
#define TYPE_CODE	8u
#define RIGHTS_8086	0xf3u

#define SELECTOR_LDT	4u	/* TI */

static bool canonical(const struct vmx_check_state *s, u64 address)
{
	int shift = 64 - s->linear_bits;

	return (u64)((s64)(address << shift) >> shift) == address;
}

static bool virtual_8086(const struct vmx_check_state *s)
{
	return s->rflags & FLAG_VM;
}

/* ---- control registers and MSRs ---- */

static u32 check_control(const struct vmx_check_state *s)
{
	bool paging = s->cr0 & CR0_PG;

	if (s->cr0 >> 32 || (s->cr0 & s->cr0_fixed_on) != s->cr0_fixed_on ||
	    (paging && !(s->cr0 & CR0_PE)) || (s->long_mode && !paging))
		return FIELD_CR0;
	if (s->cr4 & ~s->cr4_allowed || (s->cr4 & s->cr4_fixed_on) != s->cr4_fixed_on ||
	    (s->long_mode ? !(s->cr4 & CR4_PAE) : s->cr4 & CR4_PCIDE))
		return FIELD_CR4;
	if (s->cr3 >> s->phys_bits)
		return FIELD_CR3;
	if (s->dr7 >> 32)
		return FIELD_DR7;
	return 0;
}

/* PAE's top table is a part of the state. */
static u32 check_pdptes(const struct vmx_check_state *s)
{
	int i;

	if (!(s->cr0 & CR0_PG) || !(s->cr4 & CR4_PAE) || s->long_mode)
		return 0;
	for (i = 0; i < PDPTE_COUNT; i++) {
		if (!kvm_pdpte_valid(s->pdptes[i], s->phys_bits))
			return FIELD_PDPTE(i);
	}
	return 0;
}

static u32 check_msrs(const struct vmx_check_state *s)
{
	bool active = s->efer & EFER_LMA;

	if (!canonical(s, s->sysenter_esp))
		return FIELD_SYSENTER_ESP;
	if (!canonical(s, s->sysenter_eip))
		return FIELD_SYSENTER_EIP;
	if (!kvm_pat_valid(s->pat))
		return FIELD_PAT;
	if (s->efer & ~EFER_DEFINED || active != s->long_mode ||
	    (s->cr0 & CR0_PG && active != !!(s->efer & EFER_LME)))
		return FIELD_EFER;
	return 0;
}

/* ---- segments ---- */

static bool usable(const struct vmx_check_segment *seg)
{
	return !(seg->rights & RIGHTS_UNUSABLE);
}

static bool granularity_valid(const struct vmx_check_segment *seg)
{
	bool pages = seg->rights & RIGHTS_G;

	return pages ? (seg->limit & 0xfff) == 0xfff : !(seg->limit >> 20);
}

/* In virtual-8086 mode all of ES to GS are as the selector says. */
static u32 check_8086(const struct vmx_check_state *s, int i)
{
	const struct vmx_check_segment *seg = &s->segments[i];

	if (seg->base != (u64)seg->selector << 4)
		return FIELD_BASE(i);
	if (seg->limit != 0xffff)
		return FIELD_LIMIT(i);
	return seg->rights == RIGHTS_8086 ? 0 : FIELD_RIGHTS(i);
}

static bool code_rights_valid(const struct vmx_check_state *s, u32 rights)
{
	u32 dpl = RIGHTS_DPL(rights), ss_dpl = RIGHTS_DPL(s->segments[SEG_SS].rights);

	if (rights & RIGHTS_UNUSABLE)
		return false;
	if (s->long_mode && rights & RIGHTS_L && rights & RIGHTS_DB)
		return false;
	switch (rights & RIGHTS_TYPE) {
	case TYPE_ACCESSED | TYPE_WRITABLE:	/* data, of an unrestricted guest */
		return dpl == 0;
	case 9:
	case 11:
		return dpl == ss_dpl;
	case 13:
	case 15:				/* conforming */
		return dpl <= ss_dpl;
	default:
		return false;
	}
}

static bool stack_rights_valid(const struct vmx_check_state *s, u32 rights)
{
	u32 type = rights & RIGHTS_TYPE;
	bool level_0 = !(s->cr0 & CR0_PE) ||
		       (s->segments[SEG_CS].rights & RIGHTS_TYPE) == 3;

	/* Also where it is unusable: it holds the CPL. */
	if (level_0 && RIGHTS_DPL(rights))
		return false;
	return rights & RIGHTS_UNUSABLE || type == 3 || type == 7;
}

static bool data_rights_valid(u32 rights)
{
	if (rights & RIGHTS_UNUSABLE)
		return true;
	return rights & TYPE_ACCESSED && (!(rights & TYPE_CODE) || rights & TYPE_WRITABLE);
}

static bool type_valid(const struct vmx_check_state *s, int i)
{
	u32 rights = s->segments[i].rights;

	if (i == SEG_CS)
		return code_rights_valid(s, rights);
	return i == SEG_SS ? stack_rights_valid(s, rights) : data_rights_valid(rights);
}

static u32 check_segment(const struct vmx_check_state *s, int i)
{
	const struct vmx_check_segment *seg = &s->segments[i];

	if (i == SEG_FS || i == SEG_GS ? !canonical(s, seg->base) :
					 (usable(seg) && seg->base >> 32))
		return FIELD_BASE(i);
	if (!type_valid(s, i))
		return FIELD_RIGHTS(i);
	if (!usable(seg))
		return 0;
	if (!(seg->rights & RIGHTS_S) || !(seg->rights & RIGHTS_P) ||
	    seg->rights & RIGHTS_RESERVED)
		return FIELD_RIGHTS(i);
	return granularity_valid(seg) ? 0 : FIELD_LIMIT(i);
}

/* LDTR and TR. */
static u32 check_system_segment(const struct vmx_check_state *s, int i, bool type_ok)
{
	const struct vmx_check_segment *seg = &s->segments[i];

	if (seg->selector & SELECTOR_LDT)
		return FIELD_SELECTOR(i);
	if (!canonical(s, seg->base))
		return FIELD_BASE(i);
	if (!type_ok || seg->rights & RIGHTS_S || !(seg->rights & RIGHTS_P) ||
	    seg->rights & RIGHTS_RESERVED)
		return FIELD_RIGHTS(i);
	return granularity_valid(seg) ? 0 : FIELD_LIMIT(i);
}

static u32 check_segments(const struct vmx_check_state *s)
{
	u32 tr = s->segments[SEG_TR].rights, ldtr = s->segments[SEG_LDTR].rights;
	u32 tr_type = tr & RIGHTS_TYPE, field = 0;
	int i;

	for (i = SEG_ES; i <= SEG_GS && !field; i++)
		field = virtual_8086(s) ? check_8086(s, i) : check_segment(s, i);
	/* A busy TSS, of 16 bits too outside of long mode. */
	if (!field)
		field = check_system_segment(s, SEG_TR, !(tr & RIGHTS_UNUSABLE) &&
					     (tr_type == 11 || (tr_type == 3 && !s->long_mode)));
	if (!field && !(ldtr & RIGHTS_UNUSABLE))
		field = check_system_segment(s, SEG_LDTR, (ldtr & RIGHTS_TYPE) == 2);
	return field;
}

static u32 check_tables(const struct vmx_check_state *s)
{
	if (!canonical(s, s->gdt_base))
		return FIELD_GDT_BASE;
	if (!canonical(s, s->idt_base))
		return FIELD_IDT_BASE;
	if (s->gdt_limit >> 16)
		return FIELD_GDT_LIMIT;
	return s->idt_limit >> 16 ? FIELD_IDT_LIMIT : 0;
}

/* ---- RIP, RFLAGS and what is no register ---- */

static bool event_is(const struct vmx_check_state *s, u32 type)
{
	return s->event & EVENT_VALID && EVENT_TYPE(s->event) == type;
}

/* In 64-bit code the bits behind a linear address's are the same, no more. */
static bool rip_valid(const struct vmx_check_state *s)
{
	s64 high = (s64)s->rip >> s->linear_bits;

	if (s->long_mode && s->segments[SEG_CS].rights & RIGHTS_L)
		return high == 0 || high == -1;
	return !(s->rip >> 32);
}

static u32 check_flow(const struct vmx_check_state *s)
{
	if (!rip_valid(s))
		return FIELD_RIP;
	if (s->rflags & FLAGS_RESERVED || !(s->rflags & FLAGS_ONE) ||
	    (virtual_8086(s) && (s->long_mode || !(s->cr0 & CR0_PE))))
		return FIELD_RFLAGS;
	/* An external interrupt needs an open door. */
	if (event_is(s, TYPE_EXTERNAL) && !(s->rflags & FLAG_IF))
		return FIELD_RFLAGS;
	return 0;
}

static bool interruptibility_valid(const struct vmx_check_state *s)
{
	u32 blocked = s->interruptibility;
	u32 shadows = blocked & (BLOCKED_STI | BLOCKED_MOV_SS);

	if (shadows == (BLOCKED_STI | BLOCKED_MOV_SS))
		return false;
	if (blocked & BLOCKED_STI && !(s->rflags & FLAG_IF))
		return false;
	if (shadows && event_is(s, TYPE_EXTERNAL))
		return false;
	return !(blocked & (BLOCKED_MOV_SS | BLOCKED_NMI) && event_is(s, TYPE_NMI));
}

static u32 check_other(const struct vmx_check_state *s)
{
	bool shadow = s->interruptibility & (BLOCKED_STI | BLOCKED_MOV_SS);

	if (s->activity)
		return FIELD_ACTIVITY;
	if (!interruptibility_valid(s))
		return FIELD_INTERRUPTIBILITY;
	/* BTF is always 0 here. */
	if (shadow && !(s->pending_debug & PENDING_BS) != !(s->rflags & FLAG_TF))
		return FIELD_PENDING_DEBUG;
	return s->link_pointer == ~0ull ? 0 : FIELD_LINK_POINTER;
}

u32 vmx_check(const struct vmx_check_state *s)
{
	u32 (*const checks[])(const struct vmx_check_state *s) = {
		check_control, check_msrs, check_segments, check_tables, check_flow, check_other,
		check_pdptes,
	};
	u32 field = 0;
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]) && !field; i++)
		field = checks[i](s);
	return field;
}
