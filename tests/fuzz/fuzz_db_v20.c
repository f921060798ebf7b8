// SPDX-License-Identifier: GPL-2.0
#include "fuzz.h"

#include "regdom/db_v20.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	must_be_refused_or_sound(&regdom_v20, data, size);
	return 0;
}
