#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every name, size and offset that our header shares with <linux/kvm.h> is the
# same there.
. /trivet/lib.sh

check "the two headers agree" kvm_abi
