#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Names, sizes and offsets that our header shares with <linux/kvm.h> are the same there.
# budget: 2
. /trivet/lib.sh

check "the two headers agree" kvm_abi
