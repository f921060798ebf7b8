// SPDX-License-Identifier: GPL-2.0
#include "emulate.h"

#include "alu.h"

/* Vectors */
#define FAULT_SS	12
#define FAULT_GP	13
#define FAULT_AC	17

/* kvm_segment.type */
#define TYPE_CODE	8
#define TYPE_DOWN	4	/* data: expand-down */
#define TYPE_WRITABLE	2	/* data */
#define TYPE_READABLE	2	/* code */

/* ---- registers ---- */

static u64 get_gpr(const struct kvm_emulator *e, u8 number, int bytes)
{
	/* AH, CH, DH, BH */
	if (bytes == 1 && !e->insn.rex && number >= 4)
		return e->next.gpr[number - 4] >> 8 & 0xff;
	return e->next.gpr[number] & kvm_mask(bytes);
}

/* 4 bytes clear the upper half; 1 and 2 keep the rest. */
static void set_gpr(struct kvm_emulator *e, u8 number, int bytes, u64 value)
{
	u64 mask = kvm_mask(bytes);
	u64 *reg;

	if (bytes == 1 && !e->insn.rex && number >= 4) {
		reg = &e->next.gpr[number - 4];
		*reg = (*reg & ~0xff00ull) | (value & 0xff) << 8;
		return;
	}
	reg = &e->next.gpr[number];
	if (bytes >= 4)
		*reg = value & mask;
	else
		*reg = (*reg & ~mask) | (value & mask);
}

/* One that an address or a count is in. */
static u64 get_address_gpr(const struct kvm_emulator *e, enum kvm_gpr number)
{
	return e->next.gpr[number] & kvm_mask(e->insn.address_bytes);
}

static void add_address_gpr(struct kvm_emulator *e, enum kvm_gpr number, u64 value)
{
	set_gpr(e, number, e->insn.address_bytes, e->next.gpr[number] + value);
}

static u64 sign_extend(u64 value, int bytes)
{
	int shift = 64 - 8 * bytes;

	return (u64)((s64)(value << shift) >> shift);
}

static u64 next_rip(const struct kvm_emulator *e)
{
	u64 rip = e->regs->rip + e->insn.len;

	return e->insn.bits == 64 ? rip : (u32)rip;
}

/* ---- ends of an instruction ---- */

static int fault(struct kvm_emulator *e, u8 vector)
{
	/* All of these have an error code of 0. */
	e->access.fault = (struct kvm_fault) { .vector = vector, .has_error = true };
	return -EILSEQ;
}

static void begin(struct kvm_emulator *e)
{
	kvm_access_again(&e->access);
	e->next = *e->regs;
}

static int commit(struct kvm_emulator *e)
{
	int ret = kvm_access_commit(&e->access);

	if (!ret)
		*e->regs = e->next;
	return ret;
}

static void step_over(struct kvm_emulator *e)
{
	e->next.rip = next_rip(e);
	e->next.rflags &= ~FLAG_RF;
}

/* ---- addresses: SDM volume 3, "Protection" ---- */

static bool canonical(const struct kvm_emulator *e, u64 linear)
{
	int shift = 64 - e->linear_bits;

	return (u64)((s64)(linear << shift) >> shift) == linear;
}

static bool type_allows(const struct kvm_segment *s, bool write)
{
	if (s->type & TYPE_CODE)
		return !write && s->type & TYPE_READABLE;
	return !write || s->type & TYPE_WRITABLE;
}

static bool limit_allows(const struct kvm_segment *s, u64 first, u64 last,
			 bool protected_mode)
{
	u64 top = s->db ? 0xffffffff : 0xffff;

	if (protected_mode && !(s->type & TYPE_CODE) && s->type & TYPE_DOWN)
		return first > s->limit && last <= top;
	return last <= s->limit;
}

static bool segment_allows(const struct kvm_emulator *e, const struct kvm_segment *s,
			   u64 offset, int size, bool write)
{
	if (e->protected_mode &&
	    (s->unusable || !s->present || !type_allows(s, write)))
		return false;
	return limit_allows(s, offset, offset + size - 1, e->protected_mode);
}

/* The linear address of an operand that may be accessed there. */
static int to_linear(struct kvm_emulator *e, enum kvm_seg seg, u64 offset, int size,
		     bool write, u64 *linear)
{
	struct kvm_segment s;
	bool allowed;

	e->ops->get_segment(e->context, seg, &s);
	if (e->insn.bits == 64) {
		*linear = offset + (seg >= SEG_FS ? s.base : 0);
		allowed = canonical(e, *linear) && canonical(e, *linear + size - 1);
	} else {
		*linear = (u32)(s.base + offset);
		allowed = segment_allows(e, &s, offset, size, write);
	}
	if (!allowed)
		return fault(e, seg == SEG_SS ? FAULT_SS : FAULT_GP);
	if (e->check_alignment && size <= 8 && *linear & (size - 1))
		return fault(e, FAULT_AC);
	return 0;
}

static u64 effective_address(const struct kvm_emulator *e)
{
	const struct kvm_insn *insn = &e->insn;
	u64 address = kvm_insn_address(insn, e->next.gpr, e->regs->rip);

	/* BT with a register reaches beyond the operand: a signed bit number. */
	if (insn->op >= OP_BT && insn->op <= OP_BTC && !(insn->flags & INSN_IMM)) {
		s64 bit = sign_extend(e->next.gpr[insn->reg], insn->operand_bytes);

		address += (bit >> 3) & -(s64)insn->operand_bytes;
	}
	return address & kvm_mask(insn->address_bytes);
}

/* ---- operands ---- */

static int find_rm(struct kvm_emulator *e, bool write)
{
	return to_linear(e, e->insn.segment, effective_address(e),
			 e->insn.memory_bytes, write, &e->rm_linear);
}

/* change: it will be written too. */
static int read_rm(struct kvm_emulator *e, u64 *value, bool change)
{
	int ret;

	*value = 0;
	if (!e->insn.memory) {
		int bytes = e->insn.memory_bytes;

		*value = get_gpr(e, e->insn.rm, bytes);
		return 0;
	}
	ret = find_rm(e, change);
	if (ret)
		return ret;
	return kvm_access_read(&e->access, e->rm_linear, value, e->insn.memory_bytes,
			       change);
}

/* After read_rm() of the same. */
static int write_rm_again(struct kvm_emulator *e, u64 value)
{
	if (!e->insn.memory) {
		set_gpr(e, e->insn.rm, e->insn.operand_bytes, value);
		return 0;
	}
	return kvm_access_store(&e->access, e->rm_linear, &value, e->insn.memory_bytes);
}

static int write_rm(struct kvm_emulator *e, u64 value)
{
	int ret = e->insn.memory ? find_rm(e, true) : 0;

	return ret ?: write_rm_again(e, value);
}

static u64 get_reg(const struct kvm_emulator *e)
{
	u8 number = e->insn.flags & INSN_MOFFS ? GPR_RAX : e->insn.reg;

	return get_gpr(e, number, e->insn.operand_bytes);
}

static void set_reg(struct kvm_emulator *e, u64 value)
{
	u8 number = e->insn.flags & INSN_MOFFS ? GPR_RAX : e->insn.reg;

	set_gpr(e, number, e->insn.operand_bytes, value);
}

/* What is not r/m: an immediate, CL or a register. */
static u64 source(const struct kvm_emulator *e)
{
	if (e->insn.flags & INSN_IMM)
		return e->insn.imm;
	if (e->insn.flags & INSN_CL)
		return e->next.gpr[GPR_RCX] & 0xff;
	return get_reg(e);
}

/* ---- arithmetic ---- */

static int arithmetic(struct kvm_emulator *e)
{
	const struct kvm_insn *insn = &e->insn;
	bool changes = insn->op != OP_CMP && insn->op != OP_TEST && insn->op != OP_BT;
	bool to_reg = insn->flags & INSN_TO_REG;
	u64 rm, result;
	int ret = read_rm(e, &rm, changes && !to_reg);

	if (ret)
		return ret;
	result = kvm_alu(insn->op, insn->operand_bytes, to_reg ? get_reg(e) : rm,
			 to_reg ? rm : source(e), &e->next.rflags);
	if (!changes)
		return 0;
	if (!to_reg)
		return write_rm_again(e, result);
	set_reg(e, result);
	return 0;
}

/* ---- moves ---- */

static u64 swap_bytes(u64 value, int bytes)
{
	u64 swapped = 0;

	while (bytes--) {
		swapped = swapped << 8 | (value & 0xff);
		value >>= 8;
	}
	return swapped;
}

static int move(struct kvm_emulator *e)
{
	const struct kvm_insn *insn = &e->insn;
	bool swap = insn->op == OP_MOVBE;
	u64 value;
	int ret;

	if (!(insn->flags & INSN_TO_REG)) {
		value = source(e);
		return write_rm(e, swap ? swap_bytes(value, insn->operand_bytes) : value);
	}
	ret = read_rm(e, &value, false);
	if (ret)
		return ret;
	if (insn->op == OP_MOVSX)
		value = sign_extend(value, insn->memory_bytes);
	set_reg(e, swap ? swap_bytes(value, insn->operand_bytes) : value);
	return 0;
}

static int move_segment(struct kvm_emulator *e)
{
	struct kvm_segment s;

	e->ops->get_segment(e->context, e->insn.reg & 7, &s);
	return write_rm(e, s.selector);
}

/* The operand is read, and a 32-bit register cleared above, in any case. */
static int move_if(struct kvm_emulator *e)
{
	u64 value;
	int ret = read_rm(e, &value, false);

	if (ret)
		return ret;
	set_reg(e, kvm_condition(e->insn.opcode & 15, e->next.rflags) ? value : get_reg(e));
	return 0;
}

static int set_if(struct kvm_emulator *e)
{
	return write_rm(e, kvm_condition(e->insn.opcode & 15, e->next.rflags));
}

/* ---- exchanges ---- */

static int exchange(struct kvm_emulator *e)
{
	u64 old, reg = get_reg(e), result = reg;
	int ret = read_rm(e, &old, true);

	if (ret)
		return ret;
	if (e->insn.op == OP_XADD)
		result = kvm_alu(OP_ADD, e->insn.operand_bytes, old, reg, &e->next.rflags);
	/* XADD of a register to itself ends with the sum. */
	set_reg(e, old);
	return write_rm_again(e, result);
}

/*
 * "The destination operand receives a write cycle" in any case (SDM); a
 * register is left as it is, also its upper half.
 */
static int compare_exchange(struct kvm_emulator *e)
{
	int bytes = e->insn.operand_bytes;
	u64 old, rax = e->next.gpr[GPR_RAX] & kvm_mask(bytes);
	int ret = read_rm(e, &old, true);

	if (ret)
		return ret;
	kvm_alu(OP_CMP, bytes, rax, old, &e->next.rflags);
	if (rax == old)
		return write_rm_again(e, get_reg(e));
	if (e->insn.memory)
		ret = write_rm_again(e, old);
	set_gpr(e, GPR_RAX, bytes, old);
	return ret;
}

/* CMPXCHG8B and, with REX.W, CMPXCHG16B */
static int compare_exchange_pair(struct kvm_emulator *e)
{
	int half = e->insn.operand_bytes, ret;
	u64 old[2] = { 0, 0 }, new[2] = { e->next.gpr[GPR_RBX], e->next.gpr[GPR_RCX] };
	u8 bytes[16];

	ret = find_rm(e, true);
	if (ret)
		return ret;
	if (half == 8 && e->rm_linear & 15)
		return fault(e, FAULT_GP);
	ret = kvm_access_read(&e->access, e->rm_linear, bytes, 2 * half, true);
	if (ret)
		return ret;
	memcpy(&old[0], bytes, half);
	memcpy(&old[1], bytes + half, half);
	if (old[0] == (e->next.gpr[GPR_RAX] & kvm_mask(half)) &&
	    old[1] == (e->next.gpr[GPR_RDX] & kvm_mask(half))) {
		e->next.rflags |= FLAG_ZF;
		memcpy(bytes, &new[0], half);
		memcpy(bytes + half, &new[1], half);
	} else {
		e->next.rflags &= ~FLAG_ZF;
		set_gpr(e, GPR_RAX, half, old[0]);
		set_gpr(e, GPR_RDX, half, old[1]);
	}
	return kvm_access_store(&e->access, e->rm_linear, bytes, 2 * half);
}

/* ---- the stack ---- */

/* Bytes of RSP that count. */
static int stack_bytes(const struct kvm_emulator *e)
{
	struct kvm_segment ss;

	if (e->insn.bits == 64)
		return 8;
	e->ops->get_segment(e->context, SEG_SS, &ss);
	return ss.db ? 4 : 2;
}

static int push(struct kvm_emulator *e, u64 value)
{
	int bytes = e->insn.operand_bytes, width = stack_bytes(e);
	u64 rsp = (e->next.gpr[GPR_RSP] - bytes) & kvm_mask(width), linear;
	int ret = to_linear(e, SEG_SS, rsp, bytes, true, &linear);

	if (ret)
		return ret;
	set_gpr(e, GPR_RSP, width, rsp);
	return kvm_access_store(&e->access, linear, &value, bytes);
}

static int push_operand(struct kvm_emulator *e)
{
	u64 value;
	int ret;

	if (e->insn.flags & INSN_IMM)
		return push(e, e->insn.imm);
	ret = read_rm(e, &value, false);
	return ret ?: push(e, value);
}

/* An address by RSP is that after the increment (SDM, "POP"). */
static int pop_rm(struct kvm_emulator *e)
{
	int bytes = e->insn.operand_bytes, width = stack_bytes(e);
	u64 rsp = e->next.gpr[GPR_RSP] & kvm_mask(width), linear, value = 0;
	int ret = to_linear(e, SEG_SS, rsp, bytes, false, &linear);

	if (!ret)
		ret = kvm_access_read(&e->access, linear, &value, bytes, false);
	if (ret)
		return ret;
	set_gpr(e, GPR_RSP, width, rsp + bytes);
	return write_rm(e, value);
}

/* CALL and JMP to where r/m says. */
static int branch(struct kvm_emulator *e)
{
	struct kvm_segment cs;
	u64 target;
	int ret = read_rm(e, &target, false);

	if (ret)
		return ret;
	e->ops->get_segment(e->context, SEG_CS, &cs);
	if (e->insn.bits == 64 ? !canonical(e, target) : target > cs.limit)
		return fault(e, FAULT_GP);
	if (e->insn.op == OP_CALL)
		ret = push(e, e->next.rip);
	e->next.rip = target;
	return ret;
}

/* ---- XMM registers ---- */

static int xmm_load(struct kvm_emulator *e)
{
	const struct kvm_insn *insn = &e->insn;
	u64 value[2] = { 0, 0 };
	int ret = 0;

	if (insn->memory)
		ret = kvm_access_read(&e->access, e->rm_linear, value,
				      insn->memory_bytes, false);
	else if (insn->flags & INSN_GPR_RM)
		value[0] = get_gpr(e, insn->rm, insn->memory_bytes);
	else
		return -EOPNOTSUPP;	/* between registers: never a device */
	if (!ret)
		e->ops->set_xmm(e->context, insn->reg, value);
	return ret;
}

static int xmm_store(struct kvm_emulator *e)
{
	const struct kvm_insn *insn = &e->insn;
	u64 value[2];

	e->ops->get_xmm(e->context, insn->reg, value);
	if (insn->memory)
		return kvm_access_store(&e->access, e->rm_linear, value,
					insn->memory_bytes);
	if (!(insn->flags & INSN_GPR_RM))
		return -EOPNOTSUPP;
	set_gpr(e, insn->rm, insn->memory_bytes, value[0]);
	return 0;
}

static int xmm_move(struct kvm_emulator *e)
{
	bool load = e->insn.flags & INSN_TO_REG;
	int ret;

	if (!e->xmm_usable)
		return -ESTALE;		/* the processor has #NM or #UD for it */
	if (e->insn.memory) {
		ret = find_rm(e, !load);
		if (ret)
			return ret;
		if (e->insn.flags & INSN_ALIGNED && e->rm_linear & 15)
			return fault(e, FAULT_GP);
	}
	return load ? xmm_load(e) : xmm_store(e);
}

/* ---- strings ---- */

/* How far SI and DI go. */
static u64 string_step(const struct kvm_emulator *e)
{
	u64 bytes = e->insn.operand_bytes;

	return e->next.rflags & FLAG_DF ? -bytes : bytes;
}

static int string_address(struct kvm_emulator *e, bool source, bool write, u64 *linear)
{
	return to_linear(e, source ? e->insn.segment : SEG_ES,
			 get_address_gpr(e, source ? GPR_RSI : GPR_RDI),
			 e->insn.operand_bytes, write, linear);
}

static int string_read(struct kvm_emulator *e, bool source, u64 *value)
{
	u64 linear;
	int ret = string_address(e, source, false, &linear);

	*value = 0;
	return ret ?: kvm_access_read(&e->access, linear, value,
				      e->insn.operand_bytes, false);
}

static int string_write(struct kvm_emulator *e, u64 value)
{
	u64 linear;
	int ret = string_address(e, false, true, &linear);

	return ret ?: kvm_access_store(&e->access, linear, &value,
				       e->insn.operand_bytes);
}

/* One element, SI and DI not yet moved. */
static int string_element(struct kvm_emulator *e)
{
	int bytes = e->insn.operand_bytes, ret = 0;
	u64 rax = e->next.gpr[GPR_RAX], from = rax, to;

	switch (e->insn.op) {
	case OP_STOS:
		return string_write(e, rax);
	case OP_MOVS:
		ret = string_read(e, true, &from);
		return ret ?: string_write(e, from);
	case OP_LODS:
		ret = string_read(e, true, &from);
		if (!ret)
			set_gpr(e, GPR_RAX, bytes, from);
		return ret;
	case OP_CMPS:
		ret = string_read(e, true, &from);
		break;
	}
	if (!ret)
		ret = string_read(e, false, &to);	/* CMPS, SCAS */
	if (!ret)
		kvm_alu(OP_CMP, bytes, from, to, &e->next.rflags);
	return ret;
}

static void move_pointers(struct kvm_emulator *e, int count)
{
	u8 op = e->insn.op;

	if (op == OP_MOVS || op == OP_CMPS || op == OP_LODS || op == OP_OUTS)
		add_address_gpr(e, GPR_RSI, count * string_step(e));
	if (op != OP_LODS && op != OP_OUTS)
		add_address_gpr(e, GPR_RDI, count * string_step(e));
}

/* After `count` elements; is there more to do? */
static bool repeats(struct kvm_emulator *e, int count)
{
	if (!e->insn.rep)
		return false;
	add_address_gpr(e, GPR_RCX, -(u64)count);
	if (!get_address_gpr(e, GPR_RCX))
		return false;
	if (e->insn.op == OP_CMPS || e->insn.op == OP_SCAS)
		return !!(e->next.rflags & FLAG_ZF) == (e->insn.rep == 0xf3);
	return true;
}

/* RIP after `count` elements: RF keeps a breakpoint from hitting again. */
static void end_elements(struct kvm_emulator *e, int count)
{
	if (repeats(e, count)) {
		e->next.rip = e->regs->rip;
		e->next.rflags |= FLAG_RF;
	}
}

static bool nothing_to_do(const struct kvm_emulator *e)
{
	return e->insn.rep && !get_address_gpr(e, GPR_RCX);
}

static int string(struct kvm_emulator *e)
{
	int ret;

	if (nothing_to_do(e))
		return 0;
	ret = string_element(e);
	if (ret)
		return ret;
	move_pointers(e, 1);
	end_elements(e, 1);
	return 0;
}

/* ---- the whole ---- */

static int execute(struct kvm_emulator *e)
{
	switch (e->insn.op) {
	case OP_ADD ... OP_DEC:
		return arithmetic(e);
	case OP_MOV:
	case OP_MOVZX:
	case OP_MOVSX:
	case OP_MOVBE:
		return move(e);
	case OP_MOV_SEG:
		return move_segment(e);
	case OP_CMOV:
		return move_if(e);
	case OP_SET:
		return set_if(e);
	case OP_XCHG:
	case OP_XADD:
		return exchange(e);
	case OP_CMPXCHG:
		return compare_exchange(e);
	case OP_CMPXCHG8B:
		return compare_exchange_pair(e);
	case OP_PUSH:
		return push_operand(e);
	case OP_POP:
		return pop_rm(e);
	case OP_CALL:
	case OP_JMP:
		return branch(e);
	case OP_MOVS ... OP_SCAS:
		return string(e);
	case OP_XMM:
		return xmm_move(e);
	default:
		return -EOPNOTSUPP;
	}
}

int kvm_emulate(struct kvm_emulator *e)
{
	int ret;

	begin(e);
	step_over(e);
	ret = execute(e);
	return ret ?: commit(e);
}

/* ---- INS and OUTS ---- */

/* How many elements a batch may have: it is done if none. */
static int batch_size(const struct kvm_emulator *e, int room, int max)
{
	u64 count = e->insn.rep ? get_address_gpr(e, GPR_RCX) : 1;

	if (count > (u64)(room / e->insn.operand_bytes))
		count = room / e->insn.operand_bytes;
	return count > (u64)max ? max : (int)count;
}

static int done(struct kvm_emulator *e)
{
	step_over(e);
	return commit(e);
}

/* After the first element: does this one lie in the same page? */
static bool leaves_page(u64 first, u64 linear, int bytes)
{
	return (first ^ linear) >> 12 || (first ^ (linear + bytes - 1)) >> 12;
}

static int finish_batch(struct kvm_emulator *e, int count)
{
	step_over(e);
	end_elements(e, count);
	return commit(e);
}

int kvm_emulate_outs(struct kvm_emulator *e, void *data, int room, int max)
{
	int bytes = e->insn.operand_bytes, count, i, ret = 0;
	u64 first = 0, linear;

	begin(e);
	count = batch_size(e, room, max);
	if (!count)
		return done(e);
	for (i = 0; i < count; i++) {
		ret = string_address(e, true, false, &linear);
		if (ret || (i && leaves_page(first, linear, bytes)))
			break;
		ret = kvm_access_read(&e->access, linear, (u8 *)data + i * bytes, bytes,
				      false);
		if (ret)
			break;
		if (!i)
			first = linear;
		move_pointers(e, 1);
		/* What crosses a page, or is a device's, goes alone. */
		if (e->access.replayed || leaves_page(first, linear, bytes)) {
			i++;
			break;
		}
	}
	if (!i)
		return ret;
	return finish_batch(e, i) ?: i;
}

int kvm_emulate_ins_begin(struct kvm_emulator *e, int room, int max)
{
	int bytes = e->insn.operand_bytes, count, i, ret = 0;
	u64 first = 0, linear;
	u64 gpa;

	begin(e);
	count = batch_size(e, room, max);
	if (!count)
		return done(e);
	for (i = 0; i < count; i++) {
		ret = string_address(e, false, true, &linear);
		if (ret || (i && leaves_page(first, linear, bytes)))
			break;
		if (!i) {
			first = linear;
			ret = e->access.ops->translate(e->access.context, linear, true,
						       &gpa, &e->access.fault);
			if (!ret && leaves_page(linear, linear, bytes))
				ret = e->access.ops->translate(e->access.context,
							       linear + bytes - 1, true,
							       &gpa, &e->access.fault);
			if (ret)
				return ret;
			if (leaves_page(linear, linear, bytes) ||
			    !e->access.ops->is_memory(e->access.context, gpa, true))
				return 1;
		}
		move_pointers(e, 1);
	}
	return i ?: ret;
}

int kvm_emulate_ins_end(struct kvm_emulator *e, const void *data, int count)
{
	int bytes = e->insn.operand_bytes, i, ret;
	u64 value = 0;

	for (i = 0; i < count; i++) {
		begin(e);
		memcpy(&value, (const u8 *)data + i * bytes, bytes);
		ret = string_write(e, value);
		if (ret)
			return ret;
		move_pointers(e, 1);
		ret = finish_batch(e, 1);
		if (ret)
			return ret;
	}
	return 0;
}
