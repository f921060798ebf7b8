#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Leaves a taint that is not ours (S: an out-of-specification system).
# expect: kernel taint: S
echo 4 >/proc/sys/kernel/tainted
