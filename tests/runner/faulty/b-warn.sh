#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel WARNs while it runs.
# expect: kernel log: .*WARNING
. /trivet/lib.sh
load trivet_fault
echo warn >/sys/module/trivet_fault/parameters/do
unload trivet_fault
