// SPDX-License-Identifier: GPL-2.0
/* General, segment, control and debug registers, and what is refused of them. */
#include <stddef.h>

#include "client.h"

static void get_all(struct machine *m)
{
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;
	struct kvm_debugregs debugregs;
	struct kvm_vcpu_events events;
	struct kvm_mp_state mp_state;
	static struct kvm_xsave xsave;
	struct kvm_xcrs xcrs;

	call(m->vcpu, KVM_GET_REGS, &regs);
	call(m->vcpu, KVM_GET_SREGS, &sregs);
	call(m->vcpu, KVM_GET_FPU, &fpu);
	call(m->vcpu, KVM_GET_XSAVE, &xsave);
	call(m->vcpu, KVM_GET_XCRS, &xcrs);
	call(m->vcpu, KVM_GET_DEBUGREGS, &debugregs);
	call(m->vcpu, KVM_GET_VCPU_EVENTS, &events);
	call(m->vcpu, KVM_GET_MP_STATE, &mp_state);
}

/* As RESET leaves them; of the second vCPU too. */
static void after_reset(struct machine *m)
{
	struct kvm_run *run;
	struct machine second = *m;

	get_all(m);
	record_step("second");
	second.vcpu = machine_add_vcpu(m, 1, &run);
	get_all(&second);
}

static void values(struct machine *m)
{
	static const uint64_t rflags[] = {
		0, 2, 0x202, ~0ull, 1ull << 63, 0x20000, 0x8028, 0x3f7fd5,
	};
	struct kvm_regs regs;

	record_step("all");
	for (size_t i = 0; i < sizeof(regs) / 8; i++)
		((uint64_t *)&regs)[i] = 0x1111111111111111ull * (i % 15 + 1) ^ i;
	regs.rflags = 2;
	call(m->vcpu, KVM_SET_REGS, &regs);
	call(m->vcpu, KVM_GET_REGS, &regs);
	for (size_t i = 0; i < COUNT_OF(rflags); i++) {
		record_step("rflags %zx", rflags[i]);
		regs.rflags = rflags[i];
		call(m->vcpu, KVM_SET_REGS, &regs);
		call(m->vcpu, KVM_GET_REGS, &regs);
	}
}

/* An instruction that has exited is not done again when registers are set. */
static void set_at_exit(struct machine *m)
{
	struct kvm_regs regs;

	machine_load(m, out);
	machine_start_real(m);
	machine_run(m);
	record_step("the same");
	call(m->vcpu, KVM_GET_REGS, &regs);
	call(m->vcpu, KVM_SET_REGS, &regs);
	machine_run(m);
	record_step("another value");
	call(m->vcpu, KVM_GET_REGS, &regs);
	regs.rax = 0x77;
	call(m->vcpu, KVM_SET_REGS, &regs);
	machine_run(m);
	record_step("from the start");
	machine_restart(m, 0);
	machine_run_to_end(m);
}

/* ---- special registers ---- */

/* A field and its value: 8 bytes, or a byte. */
struct change {
	uint16_t at;
	uint8_t bytes;
	uint64_t value;
};

#define REG(field, value) { offsetof(struct kvm_sregs, field), \
			    sizeof(((struct kvm_sregs *)0)->field), value }
#define CHANGES_MAX	4

struct setting {
	const char *what;
	struct change changes[CHANGES_MAX];
};

static void apply(struct kvm_sregs *sregs, const struct setting *setting)
{
	for (int i = 0; i < CHANGES_MAX && setting->changes[i].bytes; i++) {
		const struct change *c = &setting->changes[i];

		memcpy((char *)sregs + c->at, &c->value, c->bytes);
	}
}

/* Each from the same start; what came of it. */
static void try_settings(struct machine *m, const struct kvm_sregs *from,
			 const struct setting *settings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct kvm_sregs sregs = *from;

		record_step("%s", settings[i].what);
		apply(&sregs, &settings[i]);
		call(m->vcpu, KVM_SET_SREGS, &sregs);
		call(m->vcpu, KVM_GET_SREGS, &sregs);
		sregs = *from;
		call(m->vcpu, KVM_SET_SREGS, &sregs);
	}
}

static const struct setting from_real[] = {
	{ "cr0 pg", { REG(cr0, CR0_PG | CR0_ET) } },
	{ "cr0 nw", { REG(cr0, CR0_NW | CR0_ET) } },
	{ "cr0 cd nw", { REG(cr0, CR0_NW | CR0_CD | CR0_ET) } },
	{ "cr0 pe", { REG(cr0, CR0_PE | CR0_ET) } },
	{ "cr0 pe pg", { REG(cr0, CR0_PE | CR0_PG | CR0_ET) } },
	{ "cr0 without et", { REG(cr0, 0) } },
	{ "cr0 reserved bit", { REG(cr0, CR0_ET | 0x40) } },
	{ "cr0 above 31", { REG(cr0, CR0_ET | 1ull << 32) } },
	{ "cr0 all", { REG(cr0, ~0ull) } },
	{ "cr3 high", { REG(cr3, 1ull << 52) } },
	{ "cr3 above 51", { REG(cr3, 1ull << 60) } },
	{ "cr3 low bits", { REG(cr3, 0xfff) } },
	{ "cr4 vme", { REG(cr4, 1) } },
	{ "cr4 pae", { REG(cr4, CR4_PAE) } },
	{ "cr4 osxsave", { REG(cr4, CR4_OSXSAVE) } },
	{ "cr4 osfxsr", { REG(cr4, CR4_OSFXSR) } },
	{ "cr4 vmxe", { REG(cr4, 1 << 13) } },
	{ "cr4 smxe", { REG(cr4, 1 << 14) } },
	{ "cr4 bit 15", { REG(cr4, 1 << 15) } },
	{ "cr4 pcide", { REG(cr4, 1 << 17) } },
	{ "cr4 bit 19", { REG(cr4, 1 << 19) } },
	{ "cr4 bit 31", { REG(cr4, 1ull << 31) } },
	{ "cr4 bit 32", { REG(cr4, 1ull << 32) } },
	{ "cr4 bit 63", { REG(cr4, 1ull << 63) } },
	{ "efer sce", { REG(efer, EFER_SCE) } },
	{ "efer nx", { REG(efer, EFER_NX) } },
	{ "efer lme", { REG(efer, EFER_LME) } },
	{ "efer lma", { REG(efer, EFER_LMA) } },
	{ "efer lme lma", { REG(efer, EFER_LME | EFER_LMA) } },
	{ "efer svme", { REG(efer, 1 << 12) } },
	{ "efer bit 1", { REG(efer, 2) } },
	{ "efer bit 63", { REG(efer, 1ull << 63) } },
	{ "long", { REG(cr0, CR0_PE | CR0_PG | CR0_ET), REG(cr4, CR4_PAE),
		    REG(efer, EFER_LME | EFER_LMA) } },
	{ "long without pae", { REG(cr0, CR0_PE | CR0_PG | CR0_ET),
				REG(efer, EFER_LME | EFER_LMA) } },
	{ "long without lma", { REG(cr0, CR0_PE | CR0_PG | CR0_ET), REG(cr4, CR4_PAE),
				REG(efer, EFER_LME) } },
	{ "long, cs l and db", { REG(cr0, CR0_PE | CR0_PG | CR0_ET), REG(cr4, CR4_PAE),
				 REG(efer, EFER_LME | EFER_LMA), REG(cs.l, 1) } },
	{ "cs l", { REG(cs.l, 1) } },
	{ "cr8 7", { REG(cr8, 7) } },
	{ "cr8 15", { REG(cr8, 15) } },
	{ "cr8 16", { REG(cr8, 16) } },
	{ "cr8 high", { REG(cr8, 1ull << 32) } },
	{ "apic disabled", { REG(apic_base, 0xfee00000) } },
	{ "apic elsewhere", { REG(apic_base, 0xfec00900) } },
	{ "apic x2", { REG(apic_base, 0xfee00d00) } },
	{ "apic x2 only", { REG(apic_base, 0xfee00400) } },
	{ "apic bit 9", { REG(apic_base, 0xfee00b00) } },
	{ "apic bit 0", { REG(apic_base, 0xfee00901) } },
	{ "apic high", { REG(apic_base, 1ull << 60 | 0xfee00900) } },
	{ "gdt high", { REG(gdt.base, 1ull << 62), REG(gdt.limit, 0xffff) } },
	{ "idt", { REG(idt.base, 0x12345), REG(idt.limit, 0x3ff) } },
	{ "cs base", { REG(cs.base, 0xffff0000), REG(cs.selector, 0xf000) } },
	{ "ds big", { REG(ds.limit, 0xffffffff), REG(ds.g, 1), REG(ds.db, 1) } },
	{ "es unusable", { REG(es.unusable, 1) } },
	{ "es absent", { REG(es.present, 0) } },
	{ "fs base high", { REG(fs.base, 0xffff800000000000) } },
	{ "ldt", { REG(ldt.base, 0x6000), REG(ldt.limit, 0x7f), REG(ldt.selector, 0x48) } },
	{ "tr", { REG(tr.base, 0x6000), REG(tr.limit, 0x67), REG(tr.selector, 0x40) } },
	{ "ss dpl 3", { REG(ss.dpl, 3) } },
	{ "cs dpl 3", { REG(cs.dpl, 3) } },
};

static void sregs_real(struct machine *m)
{
	struct kvm_sregs sregs;

	machine_set_cpuid(m);
	call(m->vcpu, KVM_GET_SREGS, &sregs);
	try_settings(m, &sregs, from_real, COUNT_OF(from_real));
}

static const struct setting interrupts[] = {
	{ "0", { REG(interrupt_bitmap[0], 1) } },
	{ "255", { REG(interrupt_bitmap[3], 1ull << 63) } },
	{ "two", { REG(interrupt_bitmap[0], 3) } },
	{ "in two words", { REG(interrupt_bitmap[0], 1), REG(interrupt_bitmap[2], 1) } },
};

static void sregs_interrupts(struct machine *m)
{
	struct kvm_sregs sregs;

	call(m->vcpu, KVM_GET_SREGS, &sregs);
	try_settings(m, &sregs, interrupts, COUNT_OF(interrupts));
}

static const struct setting from_long[] = {
	{ "without pe", { REG(cr0, CR0_PG | CR0_ET) } },
	{ "without pg", { REG(cr0, CR0_PE | CR0_ET) } },
	{ "without pae", { REG(cr4, 0) } },
	{ "without lme", { REG(efer, EFER_LMA) } },
	{ "without lma", { REG(efer, EFER_LME) } },
	{ "compatibility", { REG(cs.l, 0), REG(cs.db, 1) } },
	{ "cs l and db", { REG(cs.db, 1) } },
	{ "cr3 bit 63", { REG(cr3, 1ull << 63 | PML4_AT) } },
	{ "cr3 bit 62", { REG(cr3, 1ull << 62 | PML4_AT) } },
	{ "cr3 bit 52", { REG(cr3, 1ull << 52 | PML4_AT) } },
	{ "cr3 bit 39", { REG(cr3, 1ull << 39 | PML4_AT) } },
	{ "cr3 low", { REG(cr3, 0xfff | PML4_AT) } },
	{ "pge", { REG(cr4, CR4_PAE | 0x80) } },
	{ "la57", { REG(cr4, CR4_PAE | 1 << 12) } },
	{ "osxsave", { REG(cr4, CR4_PAE | CR4_OSXSAVE | CR4_OSFXSR) } },
	{ "fsgsbase", { REG(cr4, CR4_PAE | 1 << 16) } },
	{ "smep smap", { REG(cr4, CR4_PAE | 3 << 20) } },
	{ "umip", { REG(cr4, CR4_PAE | 1 << 11) } },
	{ "nx", { REG(efer, EFER_LME | EFER_LMA | EFER_NX | EFER_SCE) } },
	{ "fs and gs", { REG(fs.base, 0x7fff12345678), REG(gs.base, 0xffff888000000000) } },
	{ "user", { REG(cs.dpl, 3), REG(ss.dpl, 3), REG(cs.selector, 0x2b),
		    REG(ss.selector, 0x23) } },
	{ "tr unusable", { REG(tr.unusable, 1) } },
	{ "tr absent", { REG(tr.present, 0) } },
	{ "tr 16 bit", { REG(tr.type, 3) } },
};

static void sregs_long(struct machine *m)
{
	struct kvm_sregs sregs;

	machine_set_cpuid(m);
	machine_start_long(m);
	call(m->vcpu, KVM_GET_SREGS, &sregs);
	try_settings(m, &sregs, from_long, COUNT_OF(from_long));
}

/*
 * States that SET_SREGS takes and a processor may not run. (Not CR3 in a device:
 * in-tree KVM runs that for ever.)
 */
static void entry(struct machine *m)
{
	static const struct setting settings[] = {
		{ "as it is", { } },
		{ "tr unusable", { REG(tr.unusable, 1) } },
		{ "cs not code", { REG(cs.type, 3) } },
		{ "cs absent", { REG(cs.present, 0) } },
		{ "cr3 elsewhere", { REG(cr3, 0x7000) } },
		{ "cs expands down", { REG(cs.type, 7) } },
	};
	struct kvm_sregs start, sregs;

	machine_set_cpuid(m);
	machine_load(m, out);
	machine_start_long(m);
	start = machine_long_sregs(m);
	for (size_t i = 0; i < COUNT_OF(settings); i++) {
		record_step("%s", settings[i].what);
		sregs = start;
		apply(&sregs, &settings[i]);
		call(m->vcpu, KVM_SET_SREGS, &sregs);
		machine_restart(m, 0);
		machine_run_to_end(m);
		call(m->vcpu, KVM_SET_SREGS, &start);
	}
}

/* Not canonical: KVM_SET_REGS takes it, and no processor fetches there. */
static void entry_rip(struct machine *m)
{
	static const uint64_t addresses[] = {
		1ull << 47, 1ull << 63, 0xffff7fffffffffff, ~0ull,
	};
	struct kvm_sregs start;
	struct kvm_regs regs = { .rflags = 2 };

	machine_set_cpuid(m);
	machine_load(m, out);
	machine_start_long(m);
	start = machine_long_sregs(m);
	for (size_t i = 0; i < COUNT_OF(addresses); i++) {
		record_step("%llx", (unsigned long long)addresses[i]);
		regs.rip = addresses[i];
		call(m->vcpu, KVM_SET_SREGS, &start);
		call(m->vcpu, KVM_SET_REGS, &regs);
		machine_run_to_end(m);
	}
}

/* ---- translation ---- */

static void translate(struct machine *m)
{
	static const uint64_t addresses[] = {
		0, 0x1234, 0x1ff000, 0x200000, 0x40000000, 1ull << 39, 1ull << 46,
		1ull << 47, 1ull << 63, ~0ull, 0xffff800000001000,
	};
	struct kvm_translation tr;

	for (int i = 0; i < 2; i++) {
		record_step(i ? "long" : "real");
		if (i)
			machine_start_long(m);
		for (size_t j = 0; j < COUNT_OF(addresses); j++) {
			tr = (struct kvm_translation) { .linear_address = addresses[j] };
			call(m->vcpu, KVM_TRANSLATE, &tr);
		}
	}
	record_step("tables in a device");
	machine_poke(m, PML4_AT, (uint64_t) { DEVICE_AT | 7 });
	call(m->vcpu, KVM_TRANSLATE, &tr);
}

/* ---- debug registers ---- */

static void debug_registers(struct machine *m)
{
	static const struct {
		const char *what;
		struct kvm_debugregs regs;
	} cases[] = {
		{ "values", { .db = { 1, 2, 3, 0xffff800000000004 }, .dr6 = 0xffff0ff1, .dr7 = 0x400 } },
		{ "zeros", { .dr6 = 0 } },
		{ "all of dr6", { .dr6 = 0xffffffff, .dr7 = 0x400 } },
		{ "all of dr7", { .dr6 = 0xffff0ff0, .dr7 = 0xffffffff } },
		{ "dr6 high", { .dr6 = 1ull << 32, .dr7 = 0x400 } },
		{ "dr7 high", { .dr6 = 0xffff0ff0, .dr7 = 1ull << 32 } },
		{ "flags", { .dr6 = 0xffff0ff0, .dr7 = 0x400, .flags = 1 } },
		{ "reserved", { .dr6 = 0xffff0ff0, .dr7 = 0x400, .reserved = { 1 } } },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kvm_debugregs regs = cases[i].regs;

		record_step("%s", cases[i].what);
		call(m->vcpu, KVM_SET_DEBUGREGS, &regs);
		call(m->vcpu, KVM_GET_DEBUGREGS, &regs);
	}
}

static void mp_states(struct machine *m)
{
	static const uint32_t states[] = { 0, 1, 2, 3, 4, 5, 9, ~0u };

	for (size_t i = 0; i < COUNT_OF(states); i++) {
		struct kvm_mp_state state = { states[i] };

		call(m->vcpu, KVM_SET_MP_STATE, &state);
		call(m->vcpu, KVM_GET_MP_STATE, &state);
	}
}

/* All of one vCPU, put into another, which goes on from there. */
static void carried_over(struct machine *m)
{
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_vcpu_events events;
	static struct kvm_xsave xsave;
	struct kvm_run *run;
	struct machine second = *m;

	machine_set_cpuid(m);
	machine_load(m, sum);
	machine_start_long(m);
	machine_run(m);
	call(m->vcpu, KVM_GET_REGS, &regs);
	call(m->vcpu, KVM_GET_SREGS, &sregs);
	call(m->vcpu, KVM_GET_XSAVE, &xsave);
	call(m->vcpu, KVM_GET_VCPU_EVENTS, &events);
	record_step("second");
	second.vcpu = machine_add_vcpu(m, 1, &run);
	second.run = run;
	machine_set_cpuid(&second);
	call(second.vcpu, KVM_SET_REGS, &regs);
	sregs.apic_base &= ~0x100ull;
	call(second.vcpu, KVM_SET_SREGS, &sregs);
	call(second.vcpu, KVM_SET_XSAVE, &xsave);
	call(second.vcpu, KVM_SET_VCPU_EVENTS, &events);
	machine_run_to_end(&second);
	call(second.vcpu, KVM_GET_REGS, &regs);
	record_step("first");
	machine_run_to_end(m);
}

const struct client register_clients[] = {
	{ "regs-reset", after_reset },
	{ "regs-values", values },
	{ "regs-at-exit", set_at_exit },
	{ "sregs-real", sregs_real },
	{ "sregs-interrupts", sregs_interrupts },
	{ "sregs-long", sregs_long },
	{ "sregs-entry", entry },
	{ "regs-entry", entry_rip },
	{ "translate", translate },
	{ "debug-registers", debug_registers },
	{ "mp-state", mp_states },
	{ "regs-carried-over", carried_over },
	{ }
};
