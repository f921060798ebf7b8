// SPDX-License-Identifier: GPL-2.0
/*
 * N44: on a path of 20 ms that loses 1 %, the library's CUBIC brings 0.95 of what the kernel's
 * does.
 *
 * tcp_goodput RUNS MEBIBYTES [6]: the medians of so many transfers of so many; over IPv6.
 */
#include "goodput.h"

#define OF_KERNEL	0.95

int main(int argc, char **argv)
{
	struct goodput g = { .seed = number_from("SEED", 1) };
	double ours, kernels;

	if (argc >= 3) {
		g.runs = atoi(argv[1]);
		g.mebibytes = atoi(argv[2]);
	}
	if (g.runs < 1 || g.runs > GOODPUT_RUNS_MAX || g.mebibytes < 1)
		check(false, "usage: tcp_goodput RUNS MEBIBYTES [6]");
	make_path();
	make_relay();
	use_ipv6(argc > 3);
	start_stack();
	ours = goodput_ms(true, &g);
	kernels = goodput_ms(false, &g);
	check(kernels >= OF_KERNEL * ours, "%.2f of the kernel's goodput, seeds from %llu on "
	      "(%.0f and %.0f ms a MiB)", kernels / ours, (unsigned long long)g.seed, ours, kernels);
	stop_stack();
	return 0;
}
