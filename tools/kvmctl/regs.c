// SPDX-License-Identifier: GPL-2.0
/* kvmctl regs: what a guest that has run has in its registers. */
#include "commands.h"

#include <getopt.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "devkvm.h"
#include "guest.h"

static void show_general(const struct kvm_regs *r)
{
	const struct {
		const char *name;
		uint64_t value;
	} list[] = {
		{ "rax", r->rax }, { "rbx", r->rbx }, { "rcx", r->rcx }, { "rdx", r->rdx },
		{ "rsi", r->rsi }, { "rdi", r->rdi }, { "rsp", r->rsp }, { "rbp", r->rbp },
		{ "r8", r->r8 }, { "r9", r->r9 }, { "r10", r->r10 }, { "r11", r->r11 },
		{ "r12", r->r12 }, { "r13", r->r13 }, { "r14", r->r14 }, { "r15", r->r15 },
		{ "rip", r->rip }, { "rflags", r->rflags },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		out_text("%-6s ", list[i].name);
		out_u64(list[i].name, i % 3 == 2 ? "%016llx\n" : "%016llx  ", list[i].value);
	}
}

static void show_segment(const char *name, const struct kvm_segment *s)
{
	out_open_object(name);
	out_text("%-6s ", name);
	out_u32("selector", "%04x", s->selector);
	out_u64("base", " base %016llx", s->base);
	out_u32("limit", " limit %08x", s->limit);
	out_u32("type", " type %x", s->type);
	out_u32("dpl", " dpl %u", s->dpl);
	out_bool("present", " present", s->present && !s->unusable);
	out_bool("long", " 64-bit", s->l);
	out_bool("big", " 32-bit", s->db);
	out_text("\n");
	out_close_object();
}

static void show_table(const char *name, const struct kvm_dtable *t)
{
	out_open_object(name);
	out_text("%-6s      ", name);
	out_u64("base", "base %016llx", t->base);
	out_u32("limit", " limit %04x\n", t->limit);
	out_close_object();
}

static void show_special(const struct kvm_sregs *s)
{
	show_segment("cs", &s->cs);
	show_segment("ds", &s->ds);
	show_segment("es", &s->es);
	show_segment("fs", &s->fs);
	show_segment("gs", &s->gs);
	show_segment("ss", &s->ss);
	show_segment("tr", &s->tr);
	show_segment("ldt", &s->ldt);
	show_table("gdt", &s->gdt);
	show_table("idt", &s->idt);
	out_u64("cr0", "cr0    %016llx  ", s->cr0);
	out_u64("cr2", "cr2    %016llx  ", s->cr2);
	out_u64("cr3", "cr3    %016llx\n", s->cr3);
	out_u64("cr4", "cr4    %016llx  ", s->cr4);
	out_u64("cr8", "cr8    %016llx  ", s->cr8);
	out_u64("efer", "efer   %016llx\n", s->efer);
}

int cmd_regs(int argc, char **argv)
{
	struct guest_options options = guest_defaults;
	static struct guest guest;
	struct machine *m = &guest.vcpus[0].machine;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	int ret = guest_parse(argc, argv, &options, NULL, NULL, 0);

	if (ret == TOOL_DONE)
		ret = guest_run(&guest, &options, argv[optind]);
	if (ret != TOOL_DONE)
		return ret;
	m->what = "registers";
	if (m->protocol->get_regs(m, &regs) < 0 || m->protocol->get_sregs(m, &sregs) < 0)
		return guest_refused(&guest);
	out_open();
	show_general(&regs);
	show_special(&sregs);
	out_close();
	guest_close(&guest);
	return TOOL_DONE;
}
