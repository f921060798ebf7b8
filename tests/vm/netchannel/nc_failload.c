// SPDX-License-Identifier: GPL-2.0
/* nc_failload FILE STEP: the module is loaded while memory runs out, from where SEED says. */
#include "../../count.h"
#include "../failload.h"

int main(int argc, char **argv)
{
	int step = argc == 3 ? atoi(argv[2]) : 0;

	if (step < 1)
		return 1;
	failload(argv[1], "netchannel", "", 0, 1 + (number_from("SEED", 1) - 1) % step, step);
	return 0;
}
