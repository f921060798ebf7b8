// SPDX-License-Identifier: GPL-2.0
#include "double_fault.h"

#define VECTOR_DF	8
#define VECTOR_PF	14

enum class {
	BENIGN, CONTRIBUTORY, PAGE_FAULT, DOUBLE_FAULT
};

static enum class class_of(u8 vector)
{
	switch (vector) {
	case 0:		/* #DE */
	case 10:	/* #TS */
	case 11:	/* #NP */
	case 12:	/* #SS */
	case 13:	/* #GP */
	case 21:	/* #CP */
		return CONTRIBUTORY;
	case VECTOR_PF:
		return PAGE_FAULT;
	case VECTOR_DF:
		return DOUBLE_FAULT;
	default:
		return BENIGN;
	}
}

enum kvm_second kvm_second_exception(u8 first, u8 second)
{
	enum class was = class_of(first), is = class_of(second);

	if (was == BENIGN || is == BENIGN)
		return SECOND_SERIAL;
	if (was == DOUBLE_FAULT)
		return SECOND_SHUTDOWN;
	/* The handler of a contributory one may itself not be in memory. */
	if (was == CONTRIBUTORY && is == PAGE_FAULT)
		return SECOND_SERIAL;
	return SECOND_DOUBLE_FAULT;
}
