#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Hangs every processor.
# budget: 0.5
# expect: the machine hangs
. /trivet/lib.sh
load trivet_fault
for cpu in 1 2; do
	echo hang >/sys/module/trivet_fault/parameters/do &
done
sleep 1
