// SPDX-License-Identifier: GPL-2.0
#include "alu.h"

static u64 sign_bit(int bytes)
{
	return 1ull << (8 * bytes - 1);
}

static void set_flag(u64 *rflags, u64 flag, bool on)
{
	*rflags = on ? *rflags | flag : *rflags & ~flag;
}

/* SF, ZF and PF: parity is of the low byte. */
static void set_result_flags(u64 *rflags, u64 result, int bytes)
{
	u8 parity = result;

	parity ^= parity >> 4;
	parity ^= parity >> 2;
	parity ^= parity >> 1;
	set_flag(rflags, FLAG_SF, result & sign_bit(bytes));
	set_flag(rflags, FLAG_ZF, !result);
	set_flag(rflags, FLAG_PF, !(parity & 1));
}

static u64 add(u64 dst, u64 src, bool carry, int bytes, u64 *rflags)
{
	u64 result = (dst + src + carry) & kvm_mask(bytes);
	u64 carries = (dst & src) | ((dst | src) & ~result);

	set_flag(rflags, FLAG_CF, carries & sign_bit(bytes));
	set_flag(rflags, FLAG_AF, carries & 8);
	set_flag(rflags, FLAG_OF, (dst ^ result) & (src ^ result) & sign_bit(bytes));
	set_result_flags(rflags, result, bytes);
	return result;
}

static u64 subtract(u64 dst, u64 src, bool borrow, int bytes, u64 *rflags)
{
	u64 result = (dst - src - borrow) & kvm_mask(bytes);
	u64 borrows = (~dst & src) | (~(dst ^ src) & result);

	set_flag(rflags, FLAG_CF, borrows & sign_bit(bytes));
	set_flag(rflags, FLAG_AF, borrows & 8);
	set_flag(rflags, FLAG_OF, (dst ^ src) & (dst ^ result) & sign_bit(bytes));
	set_result_flags(rflags, result, bytes);
	return result;
}

/* AND, OR, XOR, TEST. AF is undefined; processors clear it. */
static u64 logic(u64 result, int bytes, u64 *rflags)
{
	*rflags &= ~(FLAG_CF | FLAG_OF | FLAG_AF);
	set_result_flags(rflags, result, bytes);
	return result;
}

/* INC and DEC leave CF alone. */
static u64 step(u64 dst, bool down, int bytes, u64 *rflags)
{
	u64 carry = *rflags & FLAG_CF;
	u64 result = down ? subtract(dst, 1, false, bytes, rflags) :
			    add(dst, 1, false, bytes, rflags);

	set_flag(rflags, FLAG_CF, carry);
	return result;
}

/* By one bit; *carry is what goes in (RCL, RCR) and what comes out. */
static u64 shift_one(enum kvm_op op, u64 value, int bytes, bool *carry)
{
	u64 top = sign_bit(bytes);
	bool high = value & top, low = value & 1, in = *carry;

	switch (op) {
	case OP_ROL:
		*carry = high;
		return (value << 1 & kvm_mask(bytes)) | high;
	case OP_RCL:
		*carry = high;
		return (value << 1 & kvm_mask(bytes)) | in;
	case OP_ROR:
		*carry = low;
		return value >> 1 | (low ? top : 0);
	case OP_RCR:
		*carry = low;
		return value >> 1 | (in ? top : 0);
	case OP_SHR:
		*carry = low;
		return value >> 1;
	case OP_SAR:
		*carry = low;
		return value >> 1 | (high ? top : 0);
	default:
		*carry = high;
		return value << 1 & kvm_mask(bytes);
	}
}

static bool is_rotate(enum kvm_op op)
{
	return op >= OP_ROL && op <= OP_RCR;
}

/* OF after a shift by one; it is undefined after more. */
static bool shift_overflow(enum kvm_op op, u64 before, u64 after, bool carry, int bytes)
{
	u64 top = sign_bit(bytes);

	switch (op) {
	case OP_ROR:
	case OP_RCR:
		return (after ^ after << 1) & top;
	case OP_SHR:
		return before & top;
	case OP_SAR:
		return false;
	default:
		return !!(after & top) != carry;
	}
}

static u64 shift(enum kvm_op op, int bytes, u64 value, u64 count, u64 *rflags)
{
	bool carry = *rflags & FLAG_CF;
	u64 before = value;

	count &= bytes == 8 ? 63 : 31;
	if (!count)
		return value;
	while (count--) {
		before = value;
		value = shift_one(op, value, bytes, &carry);
	}
	set_flag(rflags, FLAG_CF, carry);
	set_flag(rflags, FLAG_OF, shift_overflow(op, before, value, carry, bytes));
	if (!is_rotate(op))
		set_result_flags(rflags, value, bytes);
	return value;
}

static u64 bit_op(enum kvm_op op, int bytes, u64 dst, u64 src, u64 *rflags)
{
	u64 bit = 1ull << (src & (8 * bytes - 1));

	set_flag(rflags, FLAG_CF, dst & bit);
	switch (op) {
	case OP_BTS:
		return dst | bit;
	case OP_BTR:
		return dst & ~bit;
	case OP_BTC:
		return dst ^ bit;
	default:
		return dst;
	}
}

u64 kvm_alu(enum kvm_op op, int bytes, u64 dst, u64 src, u64 *rflags)
{
	bool carry = *rflags & FLAG_CF;

	dst &= kvm_mask(bytes);
	if (op >= OP_ROL && op <= OP_SAR)
		return shift(op, bytes, dst, src, rflags);
	if (op >= OP_BT && op <= OP_BTC)
		return bit_op(op, bytes, dst, src, rflags);
	src &= kvm_mask(bytes);
	switch (op) {
	case OP_ADD:
		return add(dst, src, false, bytes, rflags);
	case OP_ADC:
		return add(dst, src, carry, bytes, rflags);
	case OP_SUB:
	case OP_CMP:
		return subtract(dst, src, false, bytes, rflags);
	case OP_SBB:
		return subtract(dst, src, carry, bytes, rflags);
	case OP_OR:
		return logic(dst | src, bytes, rflags);
	case OP_XOR:
		return logic(dst ^ src, bytes, rflags);
	case OP_AND:
	case OP_TEST:
		return logic(dst & src, bytes, rflags);
	case OP_NEG:
		return subtract(0, dst, false, bytes, rflags);
	case OP_INC:
	case OP_DEC:
		return step(dst, op == OP_DEC, bytes, rflags);
	default:	/* OP_NOT: no flags */
		return ~dst & kvm_mask(bytes);
	}
}

bool kvm_condition(u8 cc, u64 rflags)
{
	bool sign_differs = !(rflags & FLAG_SF) != !(rflags & FLAG_OF);
	bool met;

	switch (cc >> 1 & 7) {
	case 0:				/* O */
		met = rflags & FLAG_OF;
		break;
	case 1:				/* B */
		met = rflags & FLAG_CF;
		break;
	case 2:				/* Z */
		met = rflags & FLAG_ZF;
		break;
	case 3:				/* BE */
		met = rflags & (FLAG_CF | FLAG_ZF);
		break;
	case 4:				/* S */
		met = rflags & FLAG_SF;
		break;
	case 5:				/* P */
		met = rflags & FLAG_PF;
		break;
	case 6:				/* L */
		met = sign_differs;
		break;
	default:			/* LE */
		met = sign_differs || (rflags & FLAG_ZF);
		break;
	}
	return met != (cc & 1);
}
