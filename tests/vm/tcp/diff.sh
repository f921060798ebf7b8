#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The same random calls to the kernel's sockets and to the library's: every result,
# error, byte and readiness is the same.
# Not on the debug kernel: nothing of ours is in it here.
# kernels: 6.1 6.12
# budget: 8
. /trivet/lib.sh

for seed in 1 2 3; do
	DIFF_SEED=$seed COUNT=$(count 4000 20000) tcp_diff || fail "seed $seed"
done
