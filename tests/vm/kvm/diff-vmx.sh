#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# As kvm/diff, on Intel's extension: in-tree kvm-intel beside ours.
# covers: K28 K30 K32 K37 K39 K43 K49 K50 K52
# on: bochs
# kernels: 6.1 6.12
# modules: kvm_intel
# budget: 5
. /trivet/lib.sh
. /trivet/lib-kvm.sh

agree 12000 ${SEED:-1} $(count 10 200)
rm /tmp/ours /tmp/theirs
