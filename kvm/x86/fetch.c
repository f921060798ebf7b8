// SPDX-License-Identifier: GPL-2.0
#include "x86/fetch.h"

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

int kvm_fetch_insn(struct kvm_vcpu *vcpu, struct kvm_insn *insn)
{
	u8 bytes[KVM_INSN_MAX];
	struct kvm_segment cs;
	u64 linear;
	int bits, count;

	kvm_backend->get_segment(vcpu, SEG_CS, &cs);
	bits = bits_of(vcpu, &cs);
	linear = bits == 64 ? vcpu->regs.rip : (u32)(cs.base + vcpu->regs.rip);
	count = kvm_guest_fetch(vcpu, linear, bytes, sizeof(bytes));
	return kvm_insn_decode(insn, bytes, count, bits);
}
