#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Takes two locks in both orders.
# kernels: debug
# expect: kernel log: .*possible circular locking
. /trivet/lib.sh
load trivet_fault
echo lockdep >/sys/module/trivet_fault/parameters/do
unload trivet_fault
