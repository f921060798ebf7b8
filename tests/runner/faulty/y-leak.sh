#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Loses an allocation: found at the end, and known by when it was made.
# kernels: debug
# expect: leak: unreferenced object
. /trivet/lib.sh
load trivet_fault
echo leak >/sys/module/trivet_fault/parameters/do
unload trivet_fault
