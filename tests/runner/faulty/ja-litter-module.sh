#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Fails, and leaves a module of its own behind, of which the next test could fail too.
# expect: FAIL: no more: 'false' failed with 1; left behind: module trivet_young
. /trivet/lib.sh
load trivet_young
check "no more" false
