// SPDX-License-Identifier: GPL-2.0
/* Any bytes as a text: refused with a place and a reason, or a sound database. */
#include "fuzz.h"

#include "tools/regdomctl/dbtext.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct draft *draft = calloc(1, sizeof(*draft));
	struct dbtext_fault fault = { 0 };
	struct regdom_db db;

	if (dbtext_parse((const char *)data, size, draft, &fault)) {
		must(fault.why[0] && fault.column >= 1 && fault.column <= size + 1);
	} else {
		draft_build(draft, &db);
		must_be_sound(&db);
		must_survive_encoding(&db);
		must(!dbtext_unsaid(&db));
		must_survive_printing(&db);
	}
	draft_free(draft);
	free(draft);
	return 0;
}
