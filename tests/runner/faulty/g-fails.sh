#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A check fails.
# expect: FAIL: water is dry: 'false' failed with 1
. /trivet/lib.sh
check "water is dry" false
