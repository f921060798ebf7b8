#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Leaves a module and a process behind.
# expect: left behind: process sleep 1000, module trivet_fault
. /trivet/lib.sh
load trivet_fault
sleep 1000 &
until grep -q sleep /proc/$!/cmdline; do :; done
