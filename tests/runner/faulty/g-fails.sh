#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A check fails, after which there is no file of the test before.
# expect: FAIL: water is dry: 'false' failed with 1
. /trivet/lib.sh
test ! -e /tmp/mine || fail "a file of the test before"
check "water is dry" false
