#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Panics the machine.
# expect: the machine ended.*Kernel panic
. /trivet/lib.sh
load trivet_fault
echo panic >/sys/module/trivet_fault/parameters/do
