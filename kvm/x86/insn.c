// SPDX-License-Identifier: GPL-2.0
#include "insn.h"

#define NO_SEGMENT	0xff
#define REX_B		0x01

/* Takes one legacy prefix; false: it is none. */
static bool legacy_prefix(struct kvm_insn *insn, u8 byte)
{
	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
		insn->segment = byte >> 3 & 3;	/* ES, CS, SS, DS */
		return true;
	case 0x64:
	case 0x65:
		insn->segment = byte - 0x60;	/* FS, GS */
		return true;
	case 0x66:
	case 0xf0:
		return true;
	case 0x67:
		insn->address_size = true;
		return true;
	case 0xf2:
	case 0xf3:
		insn->rep = true;
		return true;
	default:
		return false;
	}
}

static bool has_modrm(u16 opcode)
{
	return opcode == OPCODE_GROUP7 ||
	       (opcode >= OPCODE_MOV_FROM_CR && opcode <= OPCODE_MOV_TO_DR);
}

static bool known(u16 opcode)
{
	switch (opcode) {
	case OPCODE_INS_BYTE:
	case OPCODE_INS:
	case OPCODE_OUTS_BYTE:
	case OPCODE_OUTS:
	case OPCODE_HLT:
	case OPCODE_GROUP7:
	case OPCODE_CLTS:
	case OPCODE_INVD:
	case OPCODE_WBINVD:
	case OPCODE_MOV_FROM_CR:
	case OPCODE_MOV_FROM_DR:
	case OPCODE_MOV_TO_CR:
	case OPCODE_MOV_TO_DR:
	case OPCODE_WRMSR:
	case OPCODE_RDMSR:
	case OPCODE_RDPMC:
	case OPCODE_CPUID:
		return true;
	default:
		return false;
	}
}

int kvm_insn_decode(struct kvm_insn *insn, const u8 *bytes, int count, int bits)
{
	u8 rex = 0;
	int at = 0;

	memset(insn, 0, sizeof(*insn));
	insn->segment = NO_SEGMENT;
	if (count > KVM_INSN_MAX)
		count = KVM_INSN_MAX;
	for (; at < count; at++) {
		u8 byte = bytes[at];

		if (bits == 64 && (byte & 0xf0) == 0x40)
			rex = byte;	/* counts only right before the opcode */
		else if (legacy_prefix(insn, byte))
			rex = 0;
		else
			break;
	}
	if (at < count)
		insn->opcode = bytes[at++];
	if (insn->opcode == 0x0f && at < count)
		insn->opcode = 0x0f00 | bytes[at++];
	if (!known(insn->opcode))
		return -EINVAL;
	if (has_modrm(insn->opcode)) {
		if (at == count)
			return -EINVAL;
		insn->modrm = bytes[at++];
		insn->gpr = (insn->modrm & 7) | (rex & REX_B ? 8 : 0);
		/* MOV CR and DR take every modrm as of a register; what is in
		 * memory in group 7 is none of ours.
		 */
		if (insn->opcode == OPCODE_GROUP7 && insn->modrm < 0xc0)
			return -EINVAL;
	}
	insn->len = at;
	return 0;
}
