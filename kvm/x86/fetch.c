// SPDX-License-Identifier: GPL-2.0
#include "x86/fetch.h"

#include <linux/mm.h>
#include <asm/msr-index.h>

#include "backend.h"
#include "mmu/guest.h"
#include "vcpu.h"

static int bits_of(struct kvm_vcpu *vcpu, const struct kvm_segment *cs)
{
	if (cs->l && (kvm_backend->get_efer(vcpu) & EFER_LMA))
		return 64;
	return cs->db ? 32 : 16;
}

int kvm_code_bits(struct kvm_vcpu *vcpu)
{
	struct kvm_segment cs;

	kvm_backend->get_segment(vcpu, SEG_CS, &cs);
	return bits_of(vcpu, &cs);
}

static u64 code_linear(struct kvm_vcpu *vcpu, const struct kvm_segment *cs, int bits)
{
	if (bits == 64)
		return vcpu->regs.rip;
	return (u32)(cs->base + vcpu->regs.rip);
}

bool kvm_code_unmapped(struct kvm_vcpu *vcpu, struct kvm_fault *fault)
{
	struct kvm_segment cs;
	u64 linear;

	kvm_backend->get_segment(vcpu, SEG_CS, &cs);
	linear = code_linear(vcpu, &cs, bits_of(vcpu, &cs));
	return kvm_guest_fetch_faults(vcpu, linear, fault) ||
	       (offset_in_page(linear) > PAGE_SIZE - KVM_INSN_MAX &&
		kvm_guest_fetch_faults(vcpu, PAGE_ALIGN(linear), fault));
}

int kvm_fetch_insn(struct kvm_vcpu *vcpu, struct kvm_insn *insn)
{
	u8 bytes[KVM_INSN_MAX];
	struct kvm_segment cs;
	int bits, count;

	kvm_backend->get_segment(vcpu, SEG_CS, &cs);
	bits = bits_of(vcpu, &cs);
	count = kvm_guest_fetch(vcpu, code_linear(vcpu, &cs, bits), bytes, sizeof(bytes));
	return kvm_insn_decode(insn, bytes, count, bits);
}

u64 kvm_insn_linear(struct kvm_vcpu *vcpu, const struct kvm_insn *insn)
{
	u64 address = kvm_insn_address(insn, vcpu->regs.gpr, vcpu->regs.rip);
	struct kvm_segment segment;

	if (insn->bits == 64 && insn->segment < SEG_FS)
		return address;
	kvm_backend->get_segment(vcpu, insn->segment, &segment);
	address += segment.base;
	return insn->bits == 64 ? address : (u32)address;
}
